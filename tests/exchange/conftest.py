import pytest

from tests.exchange.books import Book, town


@pytest.fixture(scope="session")
def data(tmp_path_factory):
    """An invented town with a figure of each kind that a workbook shows differently."""
    return town(tmp_path_factory.mktemp("towns") / "town")


@pytest.fixture
def book(data):
    """A workbook for that town, with nothing typed yet but what is asked of the town."""
    return Book(data)
