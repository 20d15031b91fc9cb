import pytest

from laichau_analysis.errors import UnknownNameError, UsageError
from laichau_analysis.runner.notebooks import convert_parameters, find_notebooks, read_notebook
from tests.runner.books import PARAMETERS, write

TYPED = PARAMETERS + "\nrate: float = 0.5\nopen: bool = False\ncodes: list[str] = []\nyears: list[int] = [2024]"


def test_a_notebook_tells_what_it_is(tmp_path):
    book = read_notebook(write(tmp_path, "money", sectors=["money", "land"], requires=["revenue"], order=7))
    assert (book.name, book.sectors, book.requires, book.order) == ("money", ("money", "land"), ("revenue",), 7)
    assert book.titles == {"vi": "Tiêu đề", "en": "Title"}
    assert {name: (p.type, p.default) for name, p in book.parameters.items()} == {
        "dataset": ("str", "town"),
        "year": ("int", 0),
        "language": ("str", "vi"),
    }


def test_notebooks_come_in_the_order_of_the_index(tmp_path):
    for name, order in (("b", 2), ("a", 2), ("z", 1)):
        write(tmp_path, name, order=order)
    assert [book.name for book in find_notebooks(tmp_path)] == ["z", "a", "b"]
    assert [book.name for book in find_notebooks(tmp_path, ["b", "b"])] == ["b"]
    with pytest.raises(UnknownNameError, match="unknown report 'c': there are: a, b, z"):
        find_notebooks(tmp_path, ["c"])
    with pytest.raises(UsageError, match="no notebooks in"):
        find_notebooks(tmp_path / "none")


@pytest.mark.parametrize("names", [{"place": "indicator"}, {"year": "indicator"}, {"language": "colour"}, ["language"]])
def test_what_a_parameter_names_is_something_known(tmp_path, names):
    with pytest.raises(
        UsageError, match="expected parameters that are texts, each with indicator or dataset or area or region, found"
    ):
        read_notebook(write(tmp_path, "money", names=names))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("year = 0", r"line 1: expected NAME: TYPE = VALUE with a literal value, found 'year = 0'"),
        ("year: int = 2020 + 4", "expected NAME: TYPE = VALUE with a literal value"),
        (
            "year: int | None = None",
            r"line 1: expected one of str, int, float, bool or a list of it, found 'int | None'",
        ),
        ("import os", "expected NAME: TYPE = VALUE"),
        ("year: int =", "invalid syntax in line 1"),
    ],
)
def test_parameters_are_annotated_literals(tmp_path, source, message):
    with pytest.raises(UsageError) as raised:
        read_notebook(write(tmp_path, "book", parameters=source))
    assert str(raised.value).startswith("book.ipynb, parameters cell: ")
    assert message in str(raised.value)


def test_what_is_no_notebook_is_refused(tmp_path):
    path = tmp_path / "broken.ipynb"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"broken\.ipynb is no readable notebook"):
        read_notebook(path)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("year", "2023", 2023),
        ("rate", "0.25", 0.25),
        ("rate", "1", 1.0),
        ("open", "yes", True),
        ("codes", "a, b", ["a", "b"]),
        ("codes", "007", ["007"]),
        ("years", "2023,2024", [2023, 2024]),
    ],
)
def test_values_get_the_type_that_is_declared(tmp_path, name, text, value):
    book = read_notebook(write(tmp_path, "book", parameters=TYPED))
    converted = convert_parameters([book], [(name, text)])[name]
    assert converted == value
    assert type(converted) is type(value)


def test_everything_that_is_wrong_is_said_at_once(tmp_path):
    book = read_notebook(write(tmp_path, "book", parameters=TYPED))
    given = [("yaer", "2024"), ("year", "last"), ("rate", "nan"), ("open", "perhaps"), ("language", "en")]
    with pytest.raises(UsageError) as raised:
        convert_parameters([book], given)
    assert str(raised.value).splitlines() == [
        "unknown parameter 'yaer' in report book: did you mean 'year'? There are: codes, open, rate, year, years.",
        "parameter 'year' of report book: expected a whole number, found 'last'.",
        "parameter 'rate' of report book: expected a finite number, found 'nan'.",
        "parameter 'open' of report book: expected true or false, found 'perhaps'.",
        "parameter 'language' is set with --language.",
    ]
