"""What makes a report run again, and what a run does that has nothing to do.

One run makes the reports of a town; each test has a copy of what it published.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace

import pytest

from laichau_analysis.errors import BusyError
from laichau_analysis.runner import fingerprints
from laichau_analysis.runner.history import recall
from laichau_analysis.runner.jobs import Request
from laichau_analysis.runner.pipeline import run
from laichau_analysis.runner.planning import plan
from laichau_analysis.runner.publishing import OutputFolder
from laichau_analysis.runner.unchanged import confirm
from tests.runner.books import write
from tests.towns import TABLE_ROWS, figure, indicator, write_rows, write_town

SECTORS = [
    *TABLE_ROWS["sectors"],
    {"sector": "land", "name_vi": "Đất", "name_en": "Land"},
    {"sector": "people", "name_vi": "Dân số", "name_en": "People"},
    {"sector": "empty", "name_vi": "Trống", "name_en": "Empty"},
]
CATALOGUE = [
    indicator("revenue"),
    indicator("area", unit="ha", sector="land"),
    indicator("residents", unit="person", sector="people"),
    indicator("revenue_per_person", unit="million_dong/person", formula="revenue / residents"),
]
FIGURES = [figure("revenue", "2024", "5"), figure("area", "2024", "7"), figure("residents", "2024", "900")]
SHOW = 'from IPython.display import HTML, display\ndisplay(HTML("<p>shown</p>"))'


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A town with two reports in one language, a third one that is skipped, and what a run published."""
    place = tmp_path_factory.mktemp("unchanged")
    write_town(place / "town", CATALOGUE, FIGURES, sectors=SECTORS)
    for i, name in enumerate(("money", "land", "empty")):
        write(place / "books", name, SHOW, sectors=[name], order=i)
    assert run(asked(place)) == "done"
    return place


@pytest.fixture
def place(published, tmp_path):
    shutil.copytree(published, tmp_path / "copy")
    return tmp_path / "copy"


def asked(place, **more):
    return replace(
        Request(data=str(place / "town"), notebooks=place / "books", output=place / "out", languages=("vi",)), **more
    )


def again(request):
    """The reports that would run, each with the reason."""
    todo, folder = plan(request), OutputFolder.seen(request.output)
    made_from = todo.outline.made_from()
    reasons = {job.report: folder.why_again(job, made_from[job]) for job in todo.jobs}
    return {report: reason for report, reason in reasons.items() if reason}


def add(place, sector, *figures):
    """Write the observations of a sector with further figures."""
    rows = [row for row in (*FIGURES, *figures) if home(row) == sector]
    columns = (place / "town" / "observations" / f"{sector}.csv").read_text("utf-8").splitlines()[0].split(",")
    write_rows(place / "town" / "observations" / f"{sector}.csv", columns, rows)


def home(row):
    return next(entry["sector"] for entry in CATALOGUE if entry["indicator"] == row["indicator"])


def rewrite(path, old, new):
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")


def of_money(place):
    add(place, "money", figure("revenue", "2023", "4"))


def of_land(place):
    add(place, "land", figure("area", "2023", "6"))


def of_what_money_is_computed_from(place):
    add(place, "people", figure("residents", "2023", "800"))


def of_a_list(place):
    rewrite(place / "town" / "areas.csv", "Thị trấn", "Thị xã")


def of_a_notebook(place):
    write(place / "books", "money", SHOW + "\n", sectors=["money"], order=0)


def of_a_page(place):
    rewrite(place / "out" / "vi" / "land.html", "shown", "forged")


def of_a_page_that_is_gone(place):
    (place / "out" / "vi" / "land.html").unlink()


def of_an_executed_notebook(place):
    (place / "out" / "vi" / "land.ipynb").unlink()


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        (of_money, {"money": "observations/money.csv changed"}),
        (of_land, {"land": "observations/land.csv changed"}),
        (of_what_money_is_computed_from, {"money": "observations/people.csv changed"}),
        (of_a_list, dict.fromkeys(["money", "land"], "areas.csv changed")),
        (of_a_notebook, {"money": "the notebook changed"}),
        (of_a_page, {"land": "vi/land.html is gone or was changed"}),
        (of_a_page_that_is_gone, {"land": "it was never made"}),
        (of_an_executed_notebook, {"land": "vi/land.ipynb is gone or was changed"}),
    ],
)
def test_exactly_the_reports_run_again_whose_ingredients_changed(place, change, reasons):
    assert again(asked(place)) == {}
    change(place)
    assert again(asked(place)) == reasons
    assert confirm(asked(place)) == 0


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"parameters": (("year", "2024"),)}, "it was never made"),
        ({"languages": ("en",)}, "it was never made"),
        ({"formats": ("docx",)}, "the formats changed"),
    ],
)
def test_other_requests_are_other_reports(place, more, reason):
    assert again(asked(place, **more)) == dict.fromkeys(["money", "land"], reason)
    assert confirm(asked(place, **more)) == 0


@pytest.mark.parametrize(
    ("part", "reason"), [("_package", "the package changed"), ("_libraries", "the versions of libraries changed")]
)
def test_another_package_or_other_libraries_make_all_reports_again(place, monkeypatch, part, reason):
    monkeypatch.setattr(fingerprints, part, lambda: "another")
    assert again(asked(place)) == dict.fromkeys(["money", "land"], reason)
    assert confirm(asked(place)) == 0


def test_any_file_of_the_package_is_part_of_it(tmp_path):
    """Seen in a copy of the package, which is then changed."""
    package = tmp_path / "laichau_analysis"
    shutil.copytree(fingerprints.__file__.rsplit("/", 2)[0], package, ignore=shutil.ignore_patterns("__pycache__"))

    def own():
        code = "from laichau_analysis.runner.fingerprints import _package; print(_package())"
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout

    first = own()
    assert own() == first  # bytecode, which the first call wrote, is no part of it
    rewrite(package / "runner" / "template" / "style.css", "margin", "padding")
    second = own()
    (package / "wording.py").write_text("", encoding="utf-8")
    assert len({first, second, own()}) == 3


def test_figures_that_no_report_rests_on_change_the_index_only(place):
    add(place, "people", figure("residents", "2023", "800"))
    request = asked(place, reports=("land",))
    assert again(request) == {}
    assert confirm(request) == 0  # the index tells of all figures
    told = []
    assert run(request, tell=lambda outcome: told.append((outcome.job.report, outcome.status))) == "done"
    assert told == [("land", "unchanged")]
    assert confirm(request) == 1


@pytest.mark.parametrize("name", ["index.html", "data.xlsx"])
def test_index_and_workbook_are_mended(place, name):
    was = (place / "out" / name).read_bytes()
    (place / "out" / name).write_bytes(b"?")
    assert confirm(asked(place)) == 0
    assert run(asked(place)) == "done"
    if name != "index.html":  # it tells when it was made
        assert (place / "out" / name).read_bytes() == was
    assert confirm(asked(place)) == 3


def test_a_run_with_nothing_to_do_is_told_of_by_record_and_history_only(place):
    files = {path: path.stat().st_mtime_ns for path in (place / "out").rglob("*") if path.is_file()}
    assert confirm(asked(place)) == 3
    touched = {path.name for path, moment in files.items() if path.stat().st_mtime_ns != moment}
    assert touched <= {"run.json", "history.jsonl", ".laichau.lock"}
    record = json.loads((place / "out" / "run.json").read_text("utf-8"))
    assert [(entry["report"], entry["status"]) for entry in record["reports"]] == [
        ("money", "unchanged"),
        ("land", "unchanged"),
        ("empty", "skipped"),
    ]
    assert record["status"] == recall(place / "out")[-1]["status"] == "done"
    assert recall(place / "out")[-1]["reports"] == {"unchanged": 2, "skipped": 1}
    assert confirm(asked(place)) == 3  # and so on


def test_what_a_killed_run_left_is_tidied_all_the_same(place, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left = tmp_path / "laichau-run-killed"
    left.mkdir()
    (left / "lock").touch()
    assert confirm(asked(place)) == 3
    assert not left.exists()


@pytest.mark.parametrize(
    "how", ["force", "no record", "an older record", "broken before", "wrong parameter", "left over"]
)
def test_some_runs_are_never_cut_short(place, how):
    request, record = asked(place), place / "out" / "run.json"
    content = json.loads(record.read_text("utf-8"))
    match how:
        case "force":
            request = replace(request, force=True)
        case "no record":
            record.unlink()
        case "an older record":
            for entry in content["reports"]:
                entry.pop("made_from"), entry.pop("files")
            record.write_text(json.dumps(content), encoding="utf-8")
        case "broken before":
            areas = (place / "town" / "areas.csv").read_bytes()
            (place / "town" / "areas.csv").write_text("?", encoding="utf-8")
            with pytest.raises(Exception, match=r"areas\.csv"):
                run(request)
            (place / "town" / "areas.csv").write_bytes(areas)
        case "wrong parameter":
            request = replace(request, parameters=(("yaer", "2024"),))
        case "left over":
            record.write_text(json.dumps(content | {"outdated": ["vi/old.html"]}), encoding="utf-8")
    assert confirm(request) == 0


def test_another_run_is_told_of(place):
    with OutputFolder.held(place / "out"), pytest.raises(BusyError):
        confirm(asked(place))


def test_what_failed_is_made_again_until_it_is_well(place):
    write(place / "books", "money", "raise ValueError", sectors=["money"], order=0)
    assert run(asked(place)) == "failed"
    assert again(asked(place)) == {"money": "it failed last time"}
    write(place / "books", "money", SHOW, sectors=["money"], order=0)
    assert again(asked(place)) == {"money": "it failed last time"}  # though what is published is made from the same


def test_pruning_is_something_to_do(place):
    assert run(asked(place, reports=("land",), parameters=(("year", "2024"),))) == "done"
    assert run(asked(place)) == "done"
    assert confirm(asked(place)) == 3
    assert confirm(asked(place, prune=True)) == 0


def test_the_command_ends_before_anything_large_is_loaded(place):
    code = (
        "import sys\n"
        "from laichau_analysis.cli import main\n"
        "main()\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'pandas', 'numpy', 'papermill', 'nbconvert',"
        " 'nbformat', 'matplotlib', 'jinja2', 'babel', 'jupyter_client'}))"
    )
    arguments = ["run", "--data", str(place / "town"), "--notebooks", "books", "--output", "out", "--language", "vi"]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=place, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "nothing changed: 3 reports\n")
    assert done.stdout.splitlines() == ["out/index.html", "[]"]


def test_a_dry_run_says_why(place):
    of_money(place)
    arguments = ["run", "--data", str(place / "town"), "--notebooks", "books", "--output", "out", "--language", "vi"]
    done = subprocess.run(
        [sys.executable, "-m", "laichau_analysis", *arguments, "--dry-run"],
        **{"cwd": place, "capture_output": True, "text": True, "check": True},
    )
    assert done.stdout.splitlines() == [
        "money (vi): would run, observations/money.csv changed",
        "land (vi): is unchanged",
        "empty (vi): would be skipped, data set town holds no figures for: empty",
    ]
