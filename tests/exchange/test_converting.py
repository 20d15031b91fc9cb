"""CSV to Parquet and back."""

import filecmp
import json
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from benchmarks.country import write
from laichau_analysis import dataset, load
from laichau_analysis.audit import audit
from laichau_analysis.batches import checked
from laichau_analysis.cli import main
from laichau_analysis.dataset import load_parts
from laichau_analysis.errors import DataError, UnknownNameError, UsageError
from laichau_analysis.exchange.converting import convert
from laichau_analysis.partitions import Partitions
from laichau_analysis.shipped import find_dataset
from tests.towns import figure, indicator, write_town

pytestmark = pytest.mark.xdist_group("converting")  # the country is written once


@pytest.fixture(scope="module")
def country(tmp_path_factory):
    """An invented country of nine towns in both forms."""
    folder = tmp_path_factory.mktemp("country")
    write(folder / "tables", 4000, seed=1)
    convert(str(folder / "tables"), folder / "parquet")
    return folder


@pytest.mark.parametrize("name", ["shipped", "country"])
def test_there_and_back_again(name, country, tmp_path):
    source = find_dataset("lai-chau") if name == "shipped" else country / "tables"
    assert convert(str(source), tmp_path / "parquet") == "parquet"
    assert convert(str(tmp_path / "parquet"), tmp_path / "tables") == "csv"
    files = sorted(path.relative_to(source) for kind in ("*.csv", "*.json") for path in source.rglob(kind))
    assert sorted(path.relative_to(tmp_path / "tables") for path in (tmp_path / "tables").rglob("*.*")) == files
    same, different, strange = filecmp.cmpfiles(source, tmp_path / "tables", files, shallow=False)
    assert (len(same), different, strange) == (len(files), [], [])


def test_the_whole_is_the_same_data_set(country):
    tables, parquet = (load(str(country / form)) for form in ("tables", "parquet"))
    pd.testing.assert_frame_equal(parquet.observations, tables.observations)
    pd.testing.assert_frame_equal(parquet.indicators, tables.indicators)
    for name, table in tables.tables.items():
        pd.testing.assert_frame_equal(parquet.tables[name], table)
    assert (parquet.titles, parquet.term, parquet.town) == (tables.titles, tables.term, tables.town)


@pytest.mark.parametrize(("area", "below"), [("", False), ("p001", False), ("p001_t03", False), ("p001", True)])
def test_what_is_read_of_an_area_is_what_the_whole_says_of_it(country, area, below):
    read, cut = (load(str(country / form), area, below=below) for form in ("parquet", "tables"))
    # Places are counted in what was read.
    frames = [data.observations.drop(columns="order").reset_index(drop=True) for data in (read, cut)]
    pd.testing.assert_frame_equal(*frames)
    for name, table in cut.tables.items():
        by = list(table.columns[:2])
        pd.testing.assert_frame_equal(*(one.sort_values(by, ignore_index=True) for one in (read.tables[name], table)))
    assert (read.titles, read.town) == (cut.titles, cut.town)


def test_of_a_town_only_its_regions_files_are_opened(country, tmp_path):
    for form in ("parquet",):
        place = tmp_path / form
        shutil.copytree(country / form, place)
    for path in (place / "observations" / "region=country").rglob("*.parquet"):
        path.write_bytes(b"no Parquet")
    assert load(str(place), "p001_t03").town == "p001_t03"
    with pytest.raises(DataError, match="no readable Parquet"):
        load(str(place), "p001")


def test_findings_of_all_batches_are_those_of_the_whole(country, monkeypatch):
    monkeypatch.setattr("laichau_analysis.batches.HOMES", 4)
    whole = audit(load(str(country / "tables")))
    batches = list(checked(country / "parquet", jobs=1, languages=()))
    parts = pd.concat([batch.findings for batch in batches])
    assert len(batches) > 1
    assert sum(batch.figures for batch in batches) == len(load(str(country / "tables")).observations)
    columns = ["finding", "verdict", "stated", "recomputed", "low", "high"]
    ours, theirs = (frame[columns].sort_values("finding", ignore_index=True) for frame in (parts, whole))
    pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.parametrize("style", ["text", "json"])
def test_the_check_tells_the_same_of_both_forms(country, style, capsys, monkeypatch):
    told = []
    for form in ("tables", "parquet"):
        monkeypatch.setattr("sys.argv", ["laichau", "check", "--data", str(country / form), "--format", style])
        main()
        told.append(capsys.readouterr().out)
    if style == "json":
        found = [json.loads(text) for text in told]
        findings = [sorted(map(json.dumps, one["findings"])) for one in found]
        assert findings[0] == findings[1]
        assert found[0]["valid"] is found[1]["valid"] is True
    else:
        lines = [sorted(line for line in text.splitlines() if not line.startswith("data set")) for text in told]
        assert lines[0] == lines[1]
        assert len(lines[0]) > 100


def test_batches_side_by_side_give_the_same_in_the_same_order(country, monkeypatch):
    monkeypatch.setattr("laichau_analysis.batches.HOMES", 6)
    alone, together = (list(checked(country / "parquet", jobs=jobs)) for jobs in (1, 2))
    for one, other in zip(alone, together, strict=True):
        pd.testing.assert_frame_equal(one.findings, other.findings)


def test_what_is_wrong_in_the_tables_is_told_with_file_and_line_and_nothing_is_written(tmp_path, capsys, monkeypatch):
    rows = [figure("a", "2024", "5"), figure("a", "2023", "6", measure="wish"), figure("b", "2023", "6")]
    write_town(tmp_path / "town", [indicator("a")], rows)
    monkeypatch.setattr("sys.argv", ["laichau", "convert", str(tmp_path / "town"), str(tmp_path / "parquet")])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr().err
    assert left.value.code == 1
    assert "observations/money.csv, row 3, column measure: found wish" in said
    assert "observations/money.csv, row 4, column indicator: found b" in said
    assert not (tmp_path / "parquet").exists()


@pytest.mark.parametrize("problem", ["parent", "header", "bytes"])
def test_tables_that_cannot_be_split_are_refused(tmp_path, problem):
    place = write_town(tmp_path / "town", [indicator("a")], [figure("a", "2024", "5")])
    areas = place / "areas.csv"
    text = areas.read_text(encoding="utf-8")
    change = {
        "parent": text.replace("town,,", "town,elsewhere,").encode(),
        "header": text.replace("parent", "above").encode(),
        "bytes": text.encode() + b"\xff\n",
    }
    areas.write_bytes(change[problem])
    with pytest.raises(DataError, match=r"areas\.csv"):
        convert(str(place), tmp_path / "parquet")
    assert not (tmp_path / "parquet").exists()


def test_the_same_form_and_a_full_folder_are_refused(country, tmp_path):
    with pytest.raises(UsageError, match="is CSV already"):
        convert(str(country / "tables"), tmp_path / "x", "csv")
    with pytest.raises(UsageError, match="into its own folder"):
        convert(str(country / "tables"), country / "tables", replace=True)
    with pytest.raises(UsageError, match="holds a data set already; name another folder, or use --replace"):
        convert(str(country / "tables"), country / "parquet")


def test_a_data_set_that_is_replaced_leaves_nothing(country, tmp_path):
    convert(str(country / "tables"), tmp_path / "place")
    convert("lai-chau", tmp_path / "place", replace=True)
    assert load(str(tmp_path / "place")).name == "lai-chau"
    assert len(load(str(tmp_path / "place")).observations) == len(load("lai-chau").observations)


def test_an_area_without_a_report_and_one_that_is_not_there(country):
    place = str(country / "parquet")
    with pytest.raises(UnknownNameError, match="unknown area 'p001_t33': did you mean 'p001_t0"):
        load(place, "p001_t33")
    with pytest.raises(UsageError, match="area 'p001_t03_c1' has no report of its own: it is told of in the report on"):
        load(place, "p001_t03_c1")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "home,region\n",
        "home,region,lists,sectors\n",
        "home,region,lists,sectors\na,b,,\n",
        "home,region,lists,sectors\na,a,,\na,a,,\n",
        "\xff",
    ],
)
def test_a_broken_list_of_homes_is_one_clear_error(tmp_path, country, content):
    shutil.copytree(country / "parquet", tmp_path / "place")
    (tmp_path / "place" / "homes.csv").write_text(content, encoding="latin-1")
    with pytest.raises(DataError, match=r"homes\.csv: found .*; make the folder anew with: laichau convert"):
        load(str(tmp_path / "place"))


@pytest.fixture
def spoiled(country, tmp_path):
    """Rewrite a file of the Parquet form with another table, and give back the error that loading it ends with."""

    def spoil(file, change):
        place = tmp_path / "spoiled"
        shutil.copytree(country / "parquet", place, dirs_exist_ok=True)
        change(place / file)
        with pytest.raises(DataError) as raised:
            load(str(place), "p001")
        return str(raised.value)

    return spoil


def rewritten(change):
    return lambda path: pq.write_table(change(pq.read_table(path, partitioning=None)), path)


AREAS = "areas.parquet"
FIGURES = "observations/region=country/sector=budget/part-0.parquet"


@pytest.mark.parametrize("file", [AREAS, FIGURES])
@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda path: path.write_bytes(b"PAR1" + b"\0" * 100 + b"PAR1"), "no readable Parquet"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "no readable Parquet"),
        (lambda path: (path.unlink(), os.mkfifo(path)), "no regular file"),
        (lambda path: (path.unlink(), path.symlink_to("/dev/zero")), "a link that leads out of the data set"),
        (rewritten(lambda table: table.drop_columns(["area"])), "no readable Parquet"),
        (
            rewritten(lambda table: table.set_column(0, table.column_names[0], pa.nulls(len(table), pa.string()))),
            "lacks a value",
        ),
        (
            rewritten(lambda table: table.set_column(0, table.column_names[0], pa.array(range(len(table))))),
            "no readable Parquet",
        ),
        (
            rewritten(
                lambda table: table.set_column(
                    table.schema.get_field_index("line"), "line", pa.array(["x"] * len(table))
                )
            ),
            "no readable Parquet",
        ),
        (
            rewritten(
                lambda table: table.set_column(
                    0, table.column_names[0], pa.array([b"\xff"] * len(table)).cast(pa.string(), safe=False)
                )
            ),
            "no readable Parquet",
        ),
    ],
    ids=["no tables", "torn", "pipe", "device", "column missing", "nothing", "no texts", "no lines", "no UTF-8"],
)
def test_a_broken_file_is_one_clear_error(spoiled, file, change, found):
    message = spoiled(file, change)
    assert found in message
    assert "make the folder anew with: laichau convert" in message


def test_what_is_read_has_bounds(country, monkeypatch):
    for limit, value, message in [
        ("MOST_ROWS", 200, "more than [0-9]{2} rows; read one area, or split the data set"),
        ("LARGEST_TABLES", 60_000, "[0-9,]+ bytes of texts, and [0-9,]+ are allowed; read one area, or split"),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(dataset, limit, value)
            with pytest.raises(DataError, match=message):
                load(str(country / "parquet"))


def test_a_text_that_stands_in_a_million_rows_is_not_written_out_before_it_is_measured(spoiled, monkeypatch):
    """A file of some kilobytes whose texts would be a hundred gigabytes."""

    def grown(table):
        long = pa.array(["x" * 100_000]).dictionary_encode()
        note = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1_000_000, np.int32)), long.dictionary)
        own = table.filter(pa.compute.equal(table["home"], "p001"))
        rows = own.slice(0, 1).take(pa.array(np.zeros(1_000_000, np.int32)))
        return rows.set_column(rows.schema.get_field_index("note"), "note", note)

    message = spoiled(FIGURES, rewritten(grown))
    assert re.search("[0-9,]{12,} bytes of texts, and [0-9,]+ are allowed", message)


def test_rows_are_sorted_so_that_a_towns_are_found_without_reading_all(country):
    (file,) = Partitions(country / "parquet").files("locators", "p001")
    homes = pq.read_table(file)["home"].to_pylist()
    assert homes == sorted(homes, key=list(Partitions(country / "parquet").regions_of).index)


def test_what_is_said_of_a_home_has_a_digest_that_changes_with_it_alone(country, tmp_path):
    place = tmp_path / "tables"
    shutil.copytree(country / "tables", place)
    budget = place / "observations" / "budget.csv"
    lines = budget.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if ",p001_t03," in line and ",,,actual," in line)
    del lines[at]
    budget.write_text("".join(lines), encoding="utf-8")
    convert(str(place), tmp_path / "parquet")
    before, after = (
        {line.split(",")[0]: line for line in (folder / "homes.csv").read_text(encoding="utf-8").splitlines()}
        for folder in (country / "parquet", tmp_path / "parquet")
    )
    assert [home for home in before if before[home] != after[home]] == ["p001_t03"]
    own = [dict(entry.split(":", 1) for entry in text["p001_t03"].split(",")[3].split()) for text in (before, after)]
    assert [sector for sector in own[0] if own[0][sector] != own[1][sector]] == ["budget"]


def test_the_first_of_some_homes_is_the_town(country):
    data = load_parts(Partitions(country / "parquet"), ["p001_t02", "p001_t01"])
    assert data.town == "p001_t02"


def test_the_description_keeps_what_it_said(country):
    described = [json.loads(Path(country / form / "datapackage.json").read_text()) for form in ("tables", "parquet")]
    tables, parquet = described
    assert {key: parquet[key] for key in tables if key != "resources"} == {
        key: value for key, value in tables.items() if key != "resources"
    }
