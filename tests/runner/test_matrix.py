import itertools
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from laichau_analysis.errors import UsageError
from laichau_analysis.runner.jobs import Job, Outcome, Request
from laichau_analysis.runner.matrix import read_matrix
from laichau_analysis.runner.pipeline import AHEAD, completed, run
from laichau_analysis.runner.planning import plan
from tests.runner.books import PARAMETERS, write
from tests.towns import figure, indicator, write_town


@pytest.fixture
def file(tmp_path):
    def make(text):
        path = tmp_path / "rows.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return make


def test_each_row_is_one_round(file):
    path = file("\ufeffindicator,year\nrevenue,2024\n\nvisits,\n")
    rounds = read_matrix(path, [("place", "town")])
    assert [(one.parameters, one.said) for one in rounds] == [
        ((("place", "town"), ("indicator", "revenue"), ("year", "2024")), "rows.csv, row 2: "),
        ((("place", "town"), ("indicator", "visits")), "rows.csv, row 4: "),
    ]


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["rows.csv: expected a header with names of parameters, and a row for each report."]),
        ("year\n", ["rows.csv: expected a header with names of parameters, and a row for each report."]),
        ("year,year\n1,2\n", ["rows.csv: column 'year' stands there twice."]),
        (
            "year,a\n1\n2,3,4\n",
            ["rows.csv, row 2: expected 2 cells, found 1.", "rows.csv, row 3: expected 2 cells, found 3."],
        ),
        ("year\n1\n2\n1\n", ["rows.csv, row 4: the same as row 2; take one of them out."]),
        ("place\n1\n", ["rows.csv: 'place' is a column and is given by -p as well; leave one of them out."]),
        ('year\n"1\n', ["rows.csv as CSV in UTF-8: unexpected end of data."]),
    ],
)
def test_a_wrong_file_is_refused_with_all_that_is_wrong(file, text, problems):
    with pytest.raises(UsageError) as refused:
        read_matrix(file(text), [("place", "town")])
    assert [line.removeprefix("cannot read ") for line in str(refused.value).splitlines()] == problems


def test_a_file_that_is_no_text_is_refused(tmp_path):
    (tmp_path / "rows.csv").write_bytes(b"year\n\xff\n")
    with pytest.raises(UsageError, match=r"cannot read rows\.csv as CSV in UTF-8"):
        read_matrix(tmp_path / "rows.csv")


@pytest.fixture
def asked(tmp_path, file):
    """A request for a report on each row of a file."""
    write_town(tmp_path / "town", [indicator("revenue")], [figure("revenue", "2024", "5")])
    code = "if place == 'bad': raise ValueError('bad place')\nfrom IPython.display import HTML, display\ndisplay(HTML(f'<p>{place} {year}</p>'))"
    write(tmp_path / "books", "money", code, parameters=PARAMETERS + '\nplace: str = "nowhere"')

    def make(text, **more):
        here = {"data": str(tmp_path / "town"), "notebooks": tmp_path / "books", "output": tmp_path / "out"}
        return Request(**here, languages=("vi",), matrix=file(text), **more)

    return make


def test_all_rows_are_checked_before_a_kernel_starts(asked, tmp_path):
    request = asked("year,plaze\n2024,a\nsoon,b\n")
    with pytest.raises(UsageError) as refused:
        plan(request)
    assert str(refused.value).splitlines() == [
        "rows.csv, row 2: unknown parameter 'plaze' in report money: did you mean 'place'? There are: place, year.",
        "rows.csv, row 3: parameter 'year' of report money: expected a whole number, found 'soon'.",
        "rows.csv, row 3: unknown parameter 'plaze' in report money: did you mean 'place'? There are: place, year.",
    ]
    with pytest.raises(UsageError, match=r"^rows\.csv, row 2: report money: no figures up to the year 1999"):
        plan(asked("year\n1999\n2024\n"))
    assert not (tmp_path / "out").exists()


def test_what_is_wrong_with_many_rows_is_not_told_without_end(asked):
    years = "\n".join(str(year) for year in range(1000, 1200))
    with pytest.raises(UsageError) as refused:
        plan(asked(f"year\n{years}\n"))
    assert len(str(refused.value).splitlines()) == 51
    assert str(refused.value).endswith("\nand 150 more.")


def test_a_row_that_fails_does_not_stop_the_rest(asked, tmp_path):
    told = {}
    request = asked("place\na\nbad\nc\n", parameters=(("year", "2024"),))
    assert run(request, tell=lambda o: told.update({dict(o.job.parameters)["place"]: o.status})) == "failed"
    assert told == {"a": "done", "bad": "failed", "c": "done"}
    pages = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / "out" / "vi").glob("*.html")}
    assert set(pages) == {"money.place-a.year-2024.html", "money.place-c.year-2024.html"}
    assert all(f"{re.search('place-(.)', name)[1]} 2024" in page for name, page in pages.items())
    told.clear()
    assert run(request, tell=lambda o: told.update({dict(o.job.parameters)["place"]: o.status})) == "failed"
    assert told == {"a": "unchanged", "bad": "failed", "c": "unchanged"}


def test_few_jobs_are_under_way_at_a_time():
    drawn = 0

    def jobs():
        nonlocal drawn
        for i in range(1000):
            drawn += 1
            yield Job(str(i), "", "", "", "vi")

    with ThreadPoolExecutor(2) as executor:
        made = completed(executor, lambda job: Outcome(job, "done"), jobs())
        for count in range(1, 1001):
            next(made)
            assert drawn <= count + AHEAD
        assert list(made) == []
    assert drawn == 1000


def test_what_is_left_at_the_deadline_is_told_of():
    jobs = (Job(str(i), "", "", "", "vi") for i in itertools.islice(itertools.count(), 2 * AHEAD))
    with ThreadPoolExecutor(1) as executor:
        outcomes = list(completed(executor, lambda job: Outcome(job, "done"), jobs, ends=0.0))
    assert len(outcomes) == 2 * AHEAD
    assert {outcome.failure.reason for outcome in outcomes if outcome.failure} == {"deadline"}
