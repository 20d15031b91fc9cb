"""An invented country with planted errors: the key says where they are, and the audit finds them."""

import csv

import pytest

from benchmarks.country import write
from benchmarks.planted import PLACE, called_wrong, scored
from benchmarks.planting import KINDS, STEP
from laichau_analysis import load

pytestmark = pytest.mark.xdist_group("planted")  # the countries are written once

TOWNS = 12


@pytest.fixture(scope="module")
def countries(tmp_path_factory):
    """The same country without an error and with one in each report; and the key."""
    folder = tmp_path_factory.mktemp("countries")
    write(folder / "sound", 0, seed=3, towns=TOWNS)
    key = write(folder / "wrong", 0, seed=3, towns=TOWNS, errors=1.0)
    return folder, key


def printed(folder):
    found = {}
    for file in folder.glob("observations/*.csv"):
        with file.open(encoding="utf-8", newline="") as opened:
            found |= {tuple(row[name] for name in PLACE): row for row in csv.DictReader(opened)}
    return found


def test_the_key_names_every_figure_that_is_another_one_and_no_other(countries):
    folder, key = countries
    sound, wrong = printed(folder / "sound"), printed(folder / "wrong")
    differing = {
        place: (sound[place]["printed"], wrong[place]["printed"]) for place in sound if sound[place] != wrong[place]
    }
    told = {tuple(getattr(one, name) for name in PLACE): (one.before, one.after) for one in key}
    assert differing == told
    assert len(key) == TOWNS + 2, "one for each town, its province and the country"
    assert {one.kind for one in key} == set(KINDS)
    assert all(one.beyond_rounding for one in key if one.kind != STEP)


def test_the_audit_finds_every_error_beyond_rounding_and_nothing_else(countries):
    folder, key = countries
    result = scored(folder / "wrong.key.csv", called_wrong(load(str(folder / "wrong"))))
    assert (result["beyond"] + result["within"], result["missed"]) == (len(key), [])
    assert result["found"] == result["beyond"] >= TOWNS - 1
    assert result["false_alarms"] == []
    assert called_wrong(load(str(folder / "sound"))) == []


def test_what_is_found_beside_the_key_is_a_false_alarm_and_what_is_not_found_is_missed(countries):
    folder, _ = countries
    elsewhere = {("nowhere",) * len(PLACE)}
    result = scored(folder / "wrong.key.csv", [elsewhere])
    assert (result["found"], len(result["missed"])) == (0, result["beyond"])
    assert result["false_alarms"] == [sorted(elsewhere)]


def test_the_same_seed_writes_the_same_files(countries, tmp_path):
    folder, key = countries
    assert write(tmp_path / "wrong", 0, seed=3, towns=TOWNS, errors=1.0) == key
    for path in (folder / "wrong").rglob("*.csv"):
        assert path.read_bytes() == (tmp_path / "wrong" / path.relative_to(folder / "wrong")).read_bytes()


def test_towns_without_a_report_are_listed_and_have_no_figures(tmp_path):
    write(tmp_path / "country", 0, seed=5, towns=40, missing=0.5)
    data = load(str(tmp_path / "country"))
    areas = data.tables["areas"]
    towns = set(areas.loc[areas["level"] == "town", "area"])
    told = towns & set(data.observations["area"])
    assert len(towns) == 40
    assert 5 < len(told) < 35
    assert towns & {*data.homes.all} == told
