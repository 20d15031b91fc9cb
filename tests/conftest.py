import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from laichau_analysis import load
from laichau_analysis.runner import warm
from laichau_analysis.runner.printing import browser, unavailable
from tests.towns import write_town

# Kernels and commands of the tests compute with one thread: two cores have enough to do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Details of failures go to the user's folder for logs; those of the tests do not.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="laichau-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)


@pytest.fixture(scope="session")
def lai_chau():
    """The data set that ships."""
    return load("lai-chau")


@pytest.fixture
def town(tmp_path):
    """Make and load an invented town from indicators and figures."""

    def make(indicators, figures, **tables):
        return load(str(write_town(tmp_path / "town", indicators, figures, **tables)))

    return make


@pytest.fixture(scope="session")
def warm_kernels():
    """Address of a process that forks kernels; empty where there is none."""
    if warm.unavailable():
        yield ""
        return
    with tempfile.TemporaryDirectory(prefix="lw-") as folder:
        process = warm.start("laichau_analysis.runner.warm_kernels", Path(folder))
        yield process.address
        process.stop()


@pytest.fixture(scope="session")
def chromium():
    """Path of the browser; a user's machine may lack it, the machine that checks may not."""
    path = browser()
    if not path and not os.environ.get("CI"):
        pytest.skip("there is no Chromium")
    assert path, unavailable()
    return path
