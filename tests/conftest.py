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

MAY_BE_SKIPPED = ("LibreOffice is not there", "the index is no report")
"""The only reasons for which the machine that checks leaves a test out."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """A user's machine may lack what a test needs; the machine that checks, which sets CI, may not."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(call.excinfo.value)
        if not reason.endswith(MAY_BE_SKIPPED):
            report.outcome, report.longrepr = "failed", f"may not be skipped here: {reason}"
    return report


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
    """Path of the browser."""
    return browser() or pytest.skip(unavailable())
