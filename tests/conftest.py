import os

import pytest

from laichau_analysis import load
from tests.towns import write_town

# Kernels and commands of the tests compute with one thread: two cores have enough to do.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


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
