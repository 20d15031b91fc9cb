"""Reports on one area of a data set that holds many, as CSV and as Parquet."""

import csv
import json
import shutil

import pytest

from laichau_analysis.errors import UsageError
from laichau_analysis.exchange.converting import convert
from laichau_analysis.runner.jobs import Job, Request
from laichau_analysis.runner.parcels import Packing
from laichau_analysis.runner.pipeline import run
from laichau_analysis.runner.planning import plan
from laichau_analysis.schema import OBSERVATIONS
from tests.runner.books import PARAMETERS, write
from tests.towns import TABLE_ROWS, figure, indicator, write_town

TREE = {"country": "", "p": "country", "q": "country", "t": "p", "c": "t", "u": "p", "v": "q"}
WITH_AREA = PARAMETERS + '\narea: str = ""'
SHOW = (
    "import laichau_analysis as la\n"
    "report = la.open_report(dataset, year, language, area=area)\n"
    "report.headline(report.latest('revenue'))\n"
    "report.show(report.latest('revenue'))"
)
MORE = {"sector": "land", "name_vi": "Đất", "name_en": "Land"}


pytestmark = pytest.mark.xdist_group("areas")  # the country is written once


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    """A country in both forms; one town has no figures of land, and another none before 2024."""
    folder = tmp_path_factory.mktemp("country")
    told = [area for area in TREE if area != "c"]
    rows = [
        figure("revenue", "2024", str(number + 5), area=area, source=f"on-{area}")
        for number, area in enumerate([*told, "c"])
        if area != "c"
    ]
    rows.append(figure("revenue", "2024", "1", area="c", source="on-t", locator="II"))
    rows += [
        figure("revenue", "2022", "3", area=area, source=f"on-{area}", locator="III") for area in told if area != "v"
    ]
    rows += [figure("plots", "2024", "7", area=area, source=f"on-{area}") for area in told if area != "u"]
    write_town(
        folder / "tables" / "land",
        [indicator("revenue"), indicator("plots", sector="land")],
        rows,
        sectors=[*TABLE_ROWS["sectors"], MORE],
        areas=[
            {"area": code, "parent": parent, "level": "town", "name_vi": f"Nơi {code}", "name_en": f"Place {code}"}
            for code, parent in TREE.items()
        ],
        sources=[TABLE_ROWS["sources"][0] | {"source": f"on-{area}"} for area in told],
        locators=[place | {"source": f"on-{area}"} for area in told for place in TABLE_ROWS["locators"]],
    )
    convert(str(folder / "tables" / "land"), folder / "parquet" / "land")
    return folder


@pytest.fixture
def place(country, tmp_path):
    shutil.copytree(country, tmp_path / "data")
    write(tmp_path / "books", "money", SHOW, parameters=WITH_AREA, names={"area": "area"})
    return tmp_path


def asked(place, form, *areas, **more):
    if areas:
        (place / "towns.csv").write_text("area\n" + "".join(f"{area}\n" for area in areas), encoding="utf-8")
        more["matrix"] = place / "towns.csv"
    given = {"data": str(place / "data" / form / "land"), "notebooks": place / "books", "output": place / "out"}
    return Request(**{**given, "languages": ("en",), **more})


def entries(place):
    record = json.loads((place / "out" / "run.json").read_text(encoding="utf-8"))
    return {entry["parameters"].get("area", ""): entry for entry in record["reports"]}


def test_pages_on_areas_are_the_same_from_both_forms(place):
    for form in ("tables", "parquet"):
        assert run(asked(place, form, "t", "p", output=place / form)) == "done"
    pages = sorted(path.relative_to(place / "tables") for path in (place / "tables" / "en").glob("**/*.*"))
    assert {path.name for path in pages} >= {"money.area-t.html", "money.area-p.html"}
    for path in pages:
        assert (place / "tables" / path).read_bytes() == (place / "parquet" / path).read_bytes(), path
    page = (place / "tables" / "en" / "money.area-t.html").read_text(encoding="utf-8")
    assert "Place t" in page
    assert "8.0 billion dong" in page or "8 billion dong" in page


def test_the_index_names_the_areas(place):
    assert run(asked(place, "parquet", "t", "u")) == "done"
    index = (place / "out" / "index.html").read_text(encoding="utf-8")
    assert "Title (Place t)" in index
    assert "Title (Place u)" in index
    assert {area: entry["town"] for area, entry in entries(place).items()} == {"t": "Place t", "u": "Place u"}


@pytest.mark.parametrize("form", ["tables", "parquet"])
def test_what_cannot_be_is_refused_with_its_row(place, form):
    with pytest.raises(UsageError) as refused:
        plan(asked(place, form, "t", "tt", "c"))
    unknown, elsewhere = str(refused.value).splitlines()
    assert unknown.startswith("towns.csv, row 3: report money: unknown area 'tt': did you mean 't'?")
    assert (
        elsewhere
        == "towns.csv, row 4: report money: area 'c' has no report of its own: it is told of in the report on 't'."
    )
    with pytest.raises(UsageError, match=r"report money: no figures .*up to the year 2023"):
        plan(asked(place, form, parameters=(("area", "v"), ("year", "2023"))))
    assert len(plan(asked(place, form, parameters=(("area", "u"), ("year", "2023")))).jobs) == 1


@pytest.mark.parametrize("form", ["tables", "parquet"])
def test_a_sector_of_which_an_area_has_no_figures_is_skipped(place, form):
    write(place / "books", "plots", SHOW, parameters=WITH_AREA, names={"area": "area"}, sectors=("land",))
    todo = plan(asked(place, form, "t", "u", reports=("plots",)))
    assert [dict(job.parameters)["area"] for job in todo.jobs] == ["t"]
    assert [outcome.reason for outcome in todo.skipped] == ["data set land holds of u no figures for: land"]


def change(place, area, printed):
    """Print another number in an area's report."""
    file = place / "data" / "tables" / "land" / "observations" / "money.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    for row in rows:
        if row["area"] == area and row["period"] == "2024":
            row.update(printed=printed, value=printed)
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, OBSERVATIONS.columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    convert(str(place / "data" / "tables" / "land"), place / "data" / "parquet" / "land", replace=True)


def test_only_the_report_on_the_area_that_changed_is_made_again(place):
    request = asked(place, "parquet", "t", "u", "p")
    assert run(request) == "done"
    for changed, again in (("u", {"u"}), ("c", {"t"}), ("q", set())):
        change(place, changed, "77")
        assert run(request) == "done"
        assert {area for area, entry in entries(place).items() if entry["status"] == "done"} == again, changed


def test_a_report_that_compares_is_made_again_for_each_area_below(place):
    write(place / "books", "money", "1", parameters=WITH_AREA, names={"area": "region"})
    request = asked(place, "parquet", "p", "q")
    assert run(request) == "done"
    change(place, "u", "78")
    assert run(request) == "done"
    assert {area for area, entry in entries(place).items() if entry["status"] == "done"} == {"p"}


def test_of_a_partitioned_data_set_a_worker_is_sent_the_lists_and_a_region(place):
    path = place / "books" / "money.ipynb"
    folder = str(place / "data" / "parquet")
    of_towns, of_another, of_the_root = (
        Packing().of(Job("money", str(path), "land", folder, "en", (("area", area),)))[0] for area in ("t", "v", "")
    )
    names = [
        {name for parcel in parcels[1:] for name, _ in parcel.files} for parcels in (of_towns, of_another, of_the_root)
    ]
    assert "land/observations/region=p/sector=money/part-0.parquet" in names[0]
    assert not any("observations/region=q" in name or "observations/region=country" in name for name in names[0])
    assert "land/locators/region=country/part-0.parquet" in names[0], "a document on an area above may speak of it"
    assert {name for name in names[1] if "observations" in name} == {
        "land/observations/region=q/sector=money/part-0.parquet",
        "land/observations/region=q/sector=land/part-0.parquet",
    }
    assert of_towns[1].label == of_another[1].label, "the lists are sent once"
