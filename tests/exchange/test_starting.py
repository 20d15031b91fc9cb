import csv
import json
import re
import shlex
import subprocess
import sys

import frictionless
import pytest

from laichau_analysis import load
from laichau_analysis.audit import audit
from laichau_analysis.errors import UsageError
from laichau_analysis.exchange.starting import start
from laichau_analysis.periods import period
from laichau_analysis.runner.jobs import Request
from laichau_analysis.runner.pipeline import run
from laichau_analysis.runner.planning import plan
from laichau_analysis.schema import MEASURES, OBSERVATIONS

CODES = {field.name: set(field.enum) for field in OBSERVATIONS.fields}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("new") / "my-town"
    start(place, name_vi="Thị trấn Tam Đường", name_en="Tam Đường Town", term="2026/2030")
    return place


@pytest.fixture(scope="module")
def town(folder):
    return load(str(folder))


def test_a_new_town_is_valid_for_us_and_for_frictionless(folder, town):
    assert (town.name, town.term.code) == ("my-town", "2026/2030")
    assert town.titles == {"vi": "Thị trấn Tam Đường", "en": "Tam Đường Town"}
    report = frictionless.validate(str(folder / "datapackage.json"))
    assert report.valid, report.flatten(["title", "type", "message"])


def test_it_has_all_lists_of_the_data_set_that_ships(town, lai_chau):
    for table in ("sectors", "breakdowns", "categories"):
        assert town.tables[table].equals(lai_chau.tables[table])
    shown = lai_chau.indicators.columns.drop("note")
    assert town.indicators[shown].equals(lai_chau.indicators[shown])
    assert set(town.indicators["note"]) == {""}


def test_it_has_nothing_else_of_it(town, lai_chau):
    assert town.tables["areas"].to_dict("records") == [
        {
            "area": "town",
            "parent": "",
            "level": "town",
            "name_vi": "Thị trấn Tam Đường",
            "name_en": "Tam Đường Town",
        }
    ]
    assert set(town.tables["sources"]["source"]) == {"example"}
    assert len(town.tables["left_out"]) == len(town.tables["reviews"]) == 0
    key = ["indicator", "period", "category", "measure", "printed"]
    assert set(map(tuple, town.observations[key].to_numpy())).isdisjoint(
        set(map(tuple, lai_chau.observations[key].to_numpy()))
    )


def test_there_is_an_example_of_each_kind(town):
    rows = town.observations
    for column in ("measure", "status", "flag", "qualifier"):
        assert set(rows[column]) >= CODES[column] - {""}, column
    assert set(rows["measure"]) == set(MEASURES)
    assert {period(code).kind for code in rows["period"]} == {"year", "half", "date", "span", "open"}
    assert [code for code in rows["period"] if re.fullmatch(r"\d{4}/\d{4}-\d{2}", code)]
    assert (rows["value_max"] > 0).any()
    assert (rows["category"] != "").any()
    assert (rows["unit"] != "").any()


def test_every_example_says_so_where_it_stands_and_where_a_reader_sees_it(town):
    notes = town.observations["note"]
    assert notes.str.startswith("VÍ DỤ, cần thay. ").all()
    assert notes.str.contains("EXAMPLE, to be replaced. ", regex=False).all()
    source, place = town.tables["sources"].iloc[0], town.tables["locators"].iloc[0]
    for text in (source["title_vi"], place["title_vi"]):
        assert "VÍ DỤ" in text
    for text in (source["title_en"], place["title_en"], place["locator"]):
        assert "EXAMPLE" in text


def test_the_examples_fit_each_other(town):
    verdicts = audit(town)["verdict"].value_counts().to_dict()
    assert verdicts == {"agrees": 5, "implausible": 1}


@pytest.mark.parametrize("term", ["2024/2025", "2021/2030"])
def test_any_term_of_two_years_or_more_will_do(tmp_path, term):
    start(tmp_path / "town", term=term)
    assert load(str(tmp_path / "town")).term.code == term


@pytest.mark.parametrize("term", ["2025", "2025/2025", "2021/2024-06", "2025/2021", "../2025", "five years"])
def test_another_term_is_refused_before_anything_is_written(tmp_path, term):
    with pytest.raises(UsageError, match=r"expected the first and the last year of a plan, such as 2021/2025"):
        start(tmp_path / "town", term=term)
    assert not (tmp_path / "town").exists()


@pytest.mark.parametrize(
    ("names", "vi", "en"),
    [
        ({}, "Than Uyên", "Than Uyên"),
        ({"name_vi": "Thị trấn"}, "Thị trấn", "Thị trấn"),
        ({"name_en": "Town"}, "Town", "Town"),
    ],
)
def test_names_stand_in_for_each_other(tmp_path, names, vi, en):
    start(tmp_path / "Than Uyên", **names)
    assert load(str(tmp_path / "Than Uyên")).titles == {"vi": vi, "en": en}


def test_every_report_is_planned_or_skipped_with_a_reason(folder):
    todo = plan(Request(data=str(folder)))
    assert {job.report for job in todo.jobs} >= {"overview", "budget", "audit"}
    assert {outcome.reason for outcome in todo.skipped} == {
        "data set my-town holds no figures for: public_order, defence"
    }


@pytest.mark.slow
def test_reports_over_it_run(folder, tmp_path):
    request = Request(reports=("health", "audit"), data=str(folder), output=tmp_path, languages=("vi",), jobs=2)
    assert run(request) == "done"
    assert "VÍ DỤ: số liệu tự đặt, cần thay" in (tmp_path / "vi" / "health.html").read_text(encoding="utf-8")


def test_the_readme_is_in_both_languages_and_its_commands_work(tmp_path):
    command = [sys.executable, "-m", "laichau_analysis"]
    subprocess.run([*command, "new", "our town"], cwd=tmp_path, check=True, capture_output=True)
    text = (tmp_path / "our town" / "README.md").read_text(encoding="utf-8")
    assert "$" not in text
    vi, en = text.split("## English")
    commands = re.findall(r"^ +laichau (.*)$", vi, re.MULTILINE)
    assert [line.split()[0] for line in commands] == ["template", "import", "check", "run"]
    assert [line.replace("so-lieu", "figures") for line in commands] == re.findall(r"^ +laichau (.*)$", en, re.M)
    for line in commands[2:]:
        dry = ["--dry-run"] if line.startswith("run") else []
        subprocess.run([*command, *shlex.split(line), *dry], cwd=tmp_path, check=True, capture_output=True)


def test_the_command_makes_it_once(tmp_path):
    command = [sys.executable, "-m", "laichau_analysis", "new", "town", "--name-en", "Town", "--term", "2026/2030"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "town\n", "")
    package = json.loads((tmp_path / "town" / "datapackage.json").read_text(encoding="utf-8"))
    assert (package["title_en"], package["term"]) == ("Town", "2026/2030")
    again = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "folder town holds a data set already" in again.stderr


def test_every_sector_has_its_file(folder, town):
    with (folder / "observations" / "defence.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file)) == [OBSERVATIONS.columns]
    files = {path.stem for path in (folder / "observations").glob("*.csv")}
    assert files == set(town.tables["sectors"]["sector"])
