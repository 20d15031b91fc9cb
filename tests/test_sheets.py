import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from laichau_analysis import sheets
from laichau_analysis.schema import TABLES
from laichau_analysis.sheets import Sheet, read_texts
from tests.towns import figure, indicator, write_town

SECTORS = TABLES["sectors"]
HEAD = b"sector,name_vi,name_en\n"


@pytest.fixture
def arrow(monkeypatch):
    """Let pyarrow read files of any size."""
    pytest.importorskip("pyarrow")
    monkeypatch.setattr(sheets, "WORTH_IT", 0)


def both_readers(data, monkeypatch):
    """What pyarrow makes of a file, or None where it leaves it to pandas, and what pandas makes of it."""
    monkeypatch.setattr(sheets, "WORTH_IT", 0)
    fast = sheets._with_arrow(data, SECTORS.columns, 100)
    try:
        return fast, sheets._with_pandas(data, 100)
    except (ValueError, pd.errors.ParserWarning) as error:
        return fast, error


CELLS = some.text("ab\"',\n \t#;\\Đ\u0301", max_size=6)


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(
    rows=some.lists(some.lists(CELLS, min_size=3, max_size=3), max_size=6),
    quoted=some.booleans(),
    mark=some.sampled_from(["", "\ufeff"]),
)
def test_both_readers_understand_the_same_or_pandas_reads(rows, quoted, mark):
    pytest.importorskip("pyarrow")
    lines = [",".join('"' + cell.replace('"', '""') + '"' if quoted else cell for cell in row) for row in rows]
    data = (mark + HEAD.decode() + "".join(line + "\n" for line in lines)).encode()
    with pytest.MonkeyPatch.context() as patch:
        fast, slow = both_readers(data, patch)
    if fast is not None:
        assert isinstance(slow, pd.DataFrame), slow
        assert fast.to_numpy().tolist() == slow.to_numpy().tolist()
    if quoted and isinstance(slow, pd.DataFrame):
        # A cell that spans lines is one cell.
        assert len(slow) == len(rows)


@pytest.mark.parametrize(
    ("rows", "fast"),
    [
        (b"a,b,c\n", True),
        (b'a,"b, b",c\n', True),
        (b'a,"two\nlines",c\n', True),
        (b"a,b,c", False),
        (b"a,b,c\r\n", False),
        (b"a,b\n", False),
        (b"a,b,c,d\n", False),
        (b'a,b,"c\n', False),
        (b"a,b,\xff\n", False),
        (b"a,\0,c\n", False),
    ],
)
def test_what_pyarrow_reads_and_what_it_leaves_to_pandas(arrow, rows, fast):
    assert (sheets._with_arrow(HEAD + rows, SECTORS.columns, 100) is not None) == fast


def test_pyarrow_reads_no_more_rows_than_there_may_be(arrow):
    assert sheets._with_arrow(HEAD + b"a,b,c\n" * 100, SECTORS.columns, 100) is not None
    assert sheets._with_arrow(HEAD + b"a,b,c\n" * 100, SECTORS.columns, 98) is None
    assert len(read_texts(HEAD + b"a,b,c\n" * 100, SECTORS, 7)[1]) == 7


TELL = """import sys
if sys.argv[2] == "without":
    sys.modules["pyarrow"] = None
from laichau_analysis import audit, load, sheets
sheets.WORTH_IT = 0
data = load(sys.argv[1])
print(data.observations.astype({"factor": "str"}).to_json())
print(audit.audit(data).to_json())"""


def test_without_pyarrow_the_same_is_loaded_and_found(tmp_path):
    pytest.importorskip("pyarrow")
    rows = [
        figure("x", "2024", "182,6", note='a "word", and\ntwo lines'),
        figure("x", "2025", "300", "target"),
        figure("x", "2024", "60,8", "stated_attainment"),
    ]
    folder = write_town(tmp_path / "town", [indicator("x")], rows)
    told = [
        subprocess.run([sys.executable, "-c", TELL, folder, how], capture_output=True, text=True, check=True).stdout
        for how in ("with", "without")
    ]
    assert told[0] == told[1]
    assert '"a \\"word\\", and\\ntwo lines"' in told[0]
    assert '"rounding"' in told[0]


def test_the_header_is_read_first_and_no_rows_under_another_one():
    header, frame = read_texts(b"sector,name\na,b\n", SECTORS, 100)
    assert header == ["sector", "name"]
    assert frame.empty
    header, frame = read_texts(b"", SECTORS, 100)
    assert header == []
    with pytest.raises(UnicodeDecodeError):
        read_texts(b"sector,name\n\xff", SECTORS, 100)


def test_rows_that_hold_too_little_are_read_as_far_as_they_can_be_complete():
    # Two commas make one row that may be whole: of a million rows without any, none is read.
    assert len(read_texts(HEAD + b"x\n" * 1_000_000, SECTORS, 10**7)[1]) <= 1


def sheet(*texts):
    parts = {"one.csv": pd.DataFrame({"name": list(texts[:1])}), "two.csv": pd.DataFrame({"name": list(texts[1:])})}
    return Sheet.of(parts)


def test_rows_know_their_file_and_line():
    own = sheet("a", "b", "c")
    found = list(own.offences(own.columns["name"].rows({"a", "c"}.__contains__), "name", "b", "mend it"))
    assert [(offence.file, offence.row, offence.found) for offence in found] == [
        ("one.csv", 2, "a"),
        ("two.csv", 3, "c"),
    ]
    assert own[[2]].offence(0, "name", "c", "b", "mend it") == found[1]
    assert len(own) == 3


def test_texts_are_composed_and_may_become_the_same():
    own = sheet("Đấu", "Đấu", "b").composed()
    assert own.frame["name"].tolist() == ["Đấu", "Đấu", "b"]
    assert len(own.columns["name"].values) == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 10_001, "10,000 letters at most"),
        ("\x1b[2J", "no control characters"),
        ("a\uffff", "no control characters"),
    ],
)
def test_what_no_cell_may_hold(text, expected):
    (offence,) = sheet("fine", "x" * 10_000, text).unfit()
    assert (offence.file, offence.row, offence.expected) == ("two.csv", 3, expected)
