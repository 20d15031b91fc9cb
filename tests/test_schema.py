import json

import pytest
from frictionless import Package

from laichau_analysis import schema
from laichau_analysis.shipped import shipped
from tests.towns import figure, indicator, write_town


def test_the_shipped_description_is_the_schema():
    folder = shipped("data") / "lai-chau"
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert package["resources"] == schema.resources(folder)


def test_writing_the_description_lists_a_new_sector(tmp_path):
    folder = write_town(tmp_path / "town", [indicator("revenue")], [figure("revenue", "2024", "5")])
    path = folder / "datapackage.json"
    (folder / "observations" / "land.csv").write_text(",".join(schema.OBSERVATIONS.columns) + "\n", encoding="utf-8")
    schema.main([str(folder)])
    names = [resource["name"] for resource in json.loads(path.read_text(encoding="utf-8"))["resources"]]
    assert names[-2:] == ["observations-land", "observations-money"]


@pytest.mark.parametrize("column", ["period", "measure", "indicator", "value"])
def test_the_frictionless_tool_finds_what_our_checks_find(tmp_path, column):
    good = figure("revenue", "2024", "5")
    folder = write_town(tmp_path / "town", [indicator("revenue")], [good])
    assert Package(str(folder / "datapackage.json")).validate().valid
    bad = good | {column: "Wrong!"}
    write_town(folder, [indicator("revenue")], [bad])
    report = Package(str(folder / "datapackage.json")).validate()
    found = {(task.name, error.type) for task in report.tasks for error in task.errors}
    assert found
    assert {name for name, _ in found} == {"observations-money"}


def test_the_shipped_data_set_is_a_valid_package():
    report = Package(str(shipped("data") / "lai-chau" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "rowNumber", "fieldName", "message"])
