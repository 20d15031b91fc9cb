"""The command as a process: exit statuses, streams, messages."""

import json
import os
import re
import subprocess
import sys

import pandas as pd
import pytest

from laichau_analysis.audit import audit
from laichau_analysis.editions import FRAMES
from laichau_analysis.schema import OBSERVATIONS
from tests.runner.books import write
from tests.towns import figure, indicator, write_town

COMMAND = [sys.executable, "-m", "laichau_analysis"]


def laichau(*arguments, cwd, **environment):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=120,
        check=False,
    )


@pytest.fixture
def place(tmp_path):
    """An empty folder with a town and notebooks of its own."""
    write_town(tmp_path / "town", [indicator("revenue")], [figure("revenue", "2024", "5")])
    write(tmp_path / "books", "money", "print(year)")
    return tmp_path


OWN = ("--data", "./town", "--notebooks", "books")


def test_help_and_version(tmp_path):
    helped = laichau("--help", cwd=tmp_path)
    assert helped.returncode == 0
    assert all(name in helped.stdout for name in ("run", "check", "list", "export"))
    version = laichau("--version", cwd=tmp_path)
    assert version.stdout.startswith("laichau-analysis 0.1.0")


def test_list_names_parameters_with_types_and_defaults(tmp_path):
    done = laichau("list", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[:3] == [
        "overview: All targets at a glance",
        "    dataset: str = 'lai-chau'",
        "    year: int = 0",
    ]


def test_a_run_prints_results_and_progress_apart(place):
    done = laichau("run", *OWN, "--language", "vi", "-p", "year", "2024", cwd=place)
    assert done.returncode == 0
    assert done.stdout == "reports/index.html\n"
    assert done.stderr.startswith("[1/1] money (vi): ")
    record = json.loads((place / "reports" / "run.json").read_text(encoding="utf-8"))
    (entry,) = record["reports"]
    assert (entry["parameters"], entry["html"]) == ({"year": 2024}, "vi/money.year-2024.html")
    published = [path for path in (place / "reports").rglob("*.*") if path.is_file()]
    assert not [path for path in published if str(place).encode() in path.read_bytes()]


def test_a_dry_run_touches_nothing(place):
    done = laichau("run", *OWN, "--dry-run", cwd=place)
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        ["money (vi): would run, it was never made", "money (en): would run, it was never made"],
    )
    assert not (place / "reports").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["run", "mony", *OWN], 2, "laichau: unknown report 'mony': did you mean 'money'? There are: money.\n"),
        (
            ["run", *OWN, "-p", "yaer", "2024", "-p", "year", "soon"],
            2,
            "laichau: unknown parameter 'yaer' in report money: did you mean 'year'? There are: year.\n"
            "parameter 'year' of report money: expected a whole number, found 'soon'.\n",
        ),
        (["run", *OWN, "-p", "year", "1999"], 2, "laichau: report money: no figures up to the year 1999 in data set town; there are: 2024.\n"),
        (["run", "--data", "twon"], 2, "laichau: unknown data set 'twon': there are: lai-chau.\n"),
        (["run", "--data", "town"], 2, "A folder is given as ./town.\n"),
        (["run", *OWN, "--timeout", "0"], 2, "Invalid value for '--timeout'"),
        (["walk"], 2, "No such command 'walk'"),
        (["check", "--source", "report"], 2, "laichau: --source report: expected NAME=FILE, such as lai-chau-2024=report.txt.\n"),
        (["check", "--source", "report=none.txt"], 2, "laichau: --source report=none.txt: cannot read the document:"),
        (["check", "--data", "./town", "--source", "reprot=town/areas.csv"], 2, "laichau: unknown source 'reprot' in data set town: did you mean 'report'?"),
        (["diff", "./town"], 2, "Missing argument 'NEW'"),
        (["diff", "./town", "./twon"], 2, "laichau: no data set at ./twon: expected a folder with a datapackage.json.\n"),
        (["diff", "./town", "./town", "--year", "1999"], 2, "laichau: no figures up to the year 1999 in data set town; there are: 2024.\n"),
        (["diff", "./town", "./town", "--year", "soon"], 2, "'soon' is not a valid integer"),
        (["export", "all.doc"], 2, "laichau: cannot export to all.doc: expected a name that ends in one of .csv, .xlsx, .parquet, found .doc.\n"),
    ],
)  # fmt: skip
def test_a_wrong_command_gets_one_clear_message(place, arguments, status, message):
    done = laichau(*arguments, cwd=place)
    assert (done.returncode, done.stdout) == (status, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not (place / "reports").exists()


def test_a_form_that_this_machine_cannot_make_is_refused_before_anything_runs(place):
    forms = ("--format", "pdf", "--format", "html", "-p", "year", "1999")
    done = laichau("run", *OWN, *forms, cwd=place, LAICHAU_CHROMIUM="/nowhere/chromium")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "laichau: --format pdf: LAICHAU_CHROMIUM names '/nowhere/chromium', which cannot be executed; "
        "name a Chromium, or unset it\n"
        "report money: no figures up to the year 1999 in data set town; there are: 2024.\n"
    )
    assert not (place / "reports").exists()


@pytest.mark.browser
def test_further_forms_are_published_beside_the_page(place, chromium):
    done = laichau("run", *OWN, "--language", "vi", "--format", "docx", "--format", "pdf", cwd=place)
    assert done.returncode == 0
    (entry,) = json.loads((place / "reports" / "run.json").read_text(encoding="utf-8"))["reports"]
    assert entry["beside"] == {"docx": "vi/money.docx", "pdf": "vi/money.pdf"}
    for name, begin in (("money.pdf", b"%PDF-"), ("money.docx", b"PK")):
        assert (place / "reports" / "vi" / name).read_bytes().startswith(begin)


def test_a_machine_reads_a_line_of_json_for_each_report(place):
    write(place / "books", "bad", "import sys; print('careful', file=sys.stderr)", "1/0", order=2)
    write(place / "books", "land", "print('careful', file=__import__('sys').stderr)", order=3)
    done = laichau("run", *OWN, "--language", "en", "-p", "year", "2024", "--log-format", "json", cwd=place)
    lines = {line["report"] + "/" + line["level"]: line for line in map(json.loads, done.stderr.splitlines())}
    assert set(lines) == {"money/info", "bad/error", "land/warning", "land/info"}
    assert lines["bad/error"]["status"] == "failed"
    assert lines["bad/error"]["message"].startswith(
        "failed bad (en), cell 5: ZeroDivisionError: division by zero; details: "
    )
    assert (lines["money/info"]["language"], lines["money/info"]["parameters"]) == ("en", {"year": 2024})
    assert lines["land/warning"]["message"] == "warning from land (en): careful"
    assert all(line["time"].endswith("+00:00") for line in lines.values())


def test_a_failed_report_is_told_with_its_cell(place):
    write(place / "books", "bad", "print(1)", "1/0", order=0)
    done = laichau("run", *OWN, "--language", "en", cwd=place)
    assert done.returncode == 1
    assert "failed bad (en), cell 5: ZeroDivisionError: division by zero" in done.stderr
    assert (place / "reports" / "en" / "money.html").exists()


def test_a_broken_data_set_is_refused_with_every_offence(place):
    write_town(place / "town", [indicator("revenue")], [figure("revenue", "2024", "5") | {"status": "Z", "value": "6"}])
    for arguments in (["run", *OWN], ["export", "all.csv", "--data", "./town"]):
        done = laichau(*arguments, cwd=place)
        assert done.returncode == 1
        assert done.stderr.startswith("laichau: data set town is invalid, 2 offences:\n")
    done = laichau("check", "--data", "./town", cwd=place)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 2


def test_an_output_folder_that_cannot_be_written_is_refused(place):
    (place / "reports").write_text("in the way", encoding="utf-8")
    done = laichau("run", *OWN, cwd=place)
    assert done.returncode == 1
    assert done.stderr.startswith("laichau: cannot write to reports: ")
    assert (place / "reports").read_text(encoding="utf-8") == "in the way"


def test_check_reports_findings_as_text_and_as_json(place, lai_chau):
    text = laichau("check", cwd=place)
    assert text.returncode == 0
    assert "findings: 7 disagrees, 2 implausible, 25 open, 2 rounding," in text.stdout
    assert (
        "disagrees: State budget revenue collected in the area: the report aims for 185 billion dong in 2025"
        in text.stdout
    )
    found = json.loads(laichau("check", "--format", "json", cwd=place).stdout)
    assert (found["valid"], found["errors"]) == (True, [])
    assert len(found["findings"]) == len(audit(lai_chau))
    assert set(found["findings"][0]) == {
        *(
            "check",
            "indicator",
            "measure",
            "area",
            "period",
            "breakdown",
            "category",
            "locators",
            "stated",
            "recomputed",
        ),
        *("low", "high", "difference", "verdict", "message", "message_vi"),
    }
    broken = write_town(place / "town", [indicator("revenue")], [figure("revenue", "2024", "5") | {"value": "6"}])
    done = laichau("check", "--data", broken, "--format", "json", cwd=place)
    found = json.loads(done.stdout)
    assert (done.returncode, found["valid"], found["findings"]) == (1, False, [])
    assert set(found["errors"][0]) == {"file", "row", "column", "found", "expected", "remedy"}


@pytest.fixture
def editions(place):
    """An earlier and a later edition of the town."""
    write_town(
        place / "later", [indicator("revenue")], [figure("revenue", "2024", "7"), figure("revenue", "2023", "4")]
    )
    return place


def test_diff_tells_what_lies_between_two_editions(editions):
    done = laichau("diff", "./town", "./later", cwd=editions)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[:5] == [
        "earlier edition: town, Invented town; rows of figures: 1",
        "this edition: later, Invented town; rows of figures: 2",
        "Of the earlier edition's 1 figure: 1 revised. New: 1.",
        "  revised: Indicator revenue, in 2024: 7 billion dong, 2 billion dong (40%) more than the 5 billion dong of the earlier edition. [revenue; I; before: I]",
        "  added: Indicator revenue, in 2023: 4 billion dong, not in the earlier edition. [revenue; I]",
    ]


def test_diff_gives_a_machine_all_fields(editions):
    done = laichau("diff", "./town", "./later", "--format", "json", cwd=editions)
    found = json.loads(done.stdout)
    assert (done.returncode, found["differs"], found["old"]["name"], found["new"]["name"]) == (0, True, "town", "later")
    assert {name: list(found[name][0]) for name in FRAMES if found[name]}["figures"] == list(FRAMES["figures"])
    assert [row["change"] for row in found["figures"]] == ["added", "revised"]


@pytest.mark.parametrize(
    ("options", "status"), [((), 0), (("--exit-code",), 3), (("--exit-code", "--format", "json"), 3)]
)
def test_diff_tells_a_script_whether_editions_differ(editions, options, status):
    assert laichau("diff", "./town", "./later", *options, cwd=editions).returncode == status
    same = laichau("diff", "./town", "./town", *options, cwd=editions)
    assert same.returncode == 0


def test_diff_tells_of_broken_data_sets_at_once(editions):
    for name in ("town", "later"):
        write_town(editions / name, [indicator("revenue")], [figure("revenue", "2024", "5") | {"value": "6"}])
    done = laichau("diff", "./town", "./later", cwd=editions)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.findall(r"data set (\w+) is invalid, 1 offence", done.stderr) == ["town", "later"]
    assert "Traceback" not in done.stderr


def test_check_shows_reviews_and_names_those_without_a_finding(place):
    rows = [figure("revenue", "2024", "50"), figure("revenue", "2025", "100", "target")]
    rows.append(figure("revenue", "2024", "60%", "stated_attainment"))
    finding = "attainment|revenue|stated_attainment|town|2024||I"
    review = {"verdict": "confirmed", "date": "2024-08-01", "reason": "A misprint."}
    reviews = [{"finding": finding} | review, {"finding": "attainment|gone"} | review]
    write_town(place / "town", [indicator("revenue")], rows, reviews=reviews)
    done = laichau("check", "--data", "./town", cwd=place)
    assert done.returncode == 0
    assert "Reviewed on 1 August 2024: confirmed. A misprint. [I]" in done.stdout
    assert done.stderr == (
        "laichau: reviews.csv: no finding attainment|gone any more; compare it with the findings, or take it out.\n"
    )


def test_check_proves_figures_in_the_document(place):
    (place / "report.txt").write_text("I. Revenue was 5 billion dong.\nII. Nothing.\nIII. Nothing.\n", encoding="utf-8")
    proved = laichau("check", "--data", "./town", "--source", "report=report.txt", cwd=place)
    assert proved.returncode == 0
    assert proved.stdout.startswith("data set town: 1 figure, 1 indicator\n")
    assert "source report: 1 printed figure looked up, all found" in proved.stdout
    (place / "report.txt").write_text("I. Revenue was 50 billion dong.\nII. 5\nIII. 5\n", encoding="utf-8")
    refuted = laichau("check", "--data", "./town", "--source", "report=report.txt", cwd=place)
    assert refuted.returncode == 1
    assert "source report: 1 printed figure looked up, 1 offence\n" in refuted.stdout
    assert "observations/money.csv, row 2, column printed: found no 5 in report at I;" in refuted.stderr


def test_export_writes_one_long_table(place):
    done = laichau("export", "all.csv", cwd=place)
    assert (done.returncode, done.stdout) == (0, "all.csv\n")
    table = pd.read_csv(place / "all.csv", dtype=str, keep_default_na=False)
    assert list(table.columns) == [*OBSERVATIONS.columns, "sector", "name_vi", "name_en"]
    row = table[(table["indicator"] == "revenue_in_area") & (table["measure"] == "target")].iloc[0]
    assert row[["value", "unit", "sector"]].tolist() == ["300", "billion_dong", "budget"]
