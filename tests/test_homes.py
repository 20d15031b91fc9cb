"""Which report tells of which area, and what is then read of a data set of many towns."""

import pandas as pd
import pytest

from laichau_analysis.audit import audit
from laichau_analysis.errors import UnknownNameError, UsageError
from laichau_analysis.homes import homes
from laichau_analysis.keys import distinct
from tests.towns import TABLE_ROWS, figure, indicator, part

TREE = {"country": "", "p1": "country", "p2": "country", "t1": "p1", "t2": "p1", "c1": "t1", "c2": "t1", "c3": "t2"}


def found(told, tree=TREE):
    areas = pd.DataFrame({"area": list(tree), "parent": list(tree.values())})
    pairs = [(source, area) for source, own in told.items() for area in own.split()]
    sources, spoken = (pd.Series(column) for column in zip(*pairs, strict=True))
    return homes(areas, distinct(sources), distinct(spoken))


@pytest.mark.parametrize(
    ("said", "about"),
    [
        ("t1", "t1"),
        ("c1 c2", "t1"),
        ("t1 c2", "t1"),
        ("c1", "c1"),
        ("c1 c3", "p1"),
        ("t2 t1 c1 c2 c3", "p1"),
        ("c1 p2", "country"),
        ("country c1", "country"),
    ],
)
def test_a_document_reports_on_the_smallest_area_that_holds_all_that_it_speaks_of(said, about):
    result = found({"a": said})
    assert result.areas[result.of_source["a"]] == about


def test_an_area_without_a_report_is_told_of_in_the_nearest_one_above():
    result = found({"a": "country", "b": "t1 c1"})
    assert dict(zip(result.areas, result.areas[result.home], strict=True)) == {
        **dict.fromkeys(["country", "p1", "p2", "t2", "c3"], "country"),
        **dict.fromkeys(["t1", "c1", "c2"], "t1"),
    }
    assert result.all == ["country", "t1"]


def test_the_homes_right_below_one_are_its_region():
    result = found({"a": "country", "b": "p1 t1 t2", "c": "t1 c1", "d": "t2", "e": "p2"})
    assert result.below("country") == ["country", "p1", "p2"]
    assert result.below("p1") == ["p1", "t1", "t2"]
    assert result.below("t1") == ["t1"]
    assert found({"a": "country", "c": "t1 c1"}).below("country") == ["country", "t1"]


def test_areas_that_go_round_in_a_circle_are_parts_of_the_root():
    result = found({"a": "country", "b": "x"}, {"country": "", "x": "y", "y": "x"})
    assert result.areas[result.of_source["b"]] == "x"
    assert result.all == ["country", "x"]


# --- of a data set -------------------------------------------------------------------------------------------


def area(code, parent):
    return {"area": code, "parent": parent, "level": "town", "name_vi": f"Xã {code}", "name_en": f"The {code}"}


def source(key):
    return TABLE_ROWS["sources"][0] | {"source": key}


@pytest.fixture
def country(town):
    """A country, a province and two towns, of which one has a commune; each but the commune has a report."""
    tree = {"country": "", "p": "country", "t": "p", "c": "t", "u": "p"}
    told = {"on-country": "country", "on-p": "p", "on-t": "t", "on-u": "u"}
    places = [place | {"source": key} for key in told for place in TABLE_ROWS["locators"]]
    figures = [
        row | {"area": at, "source": key}
        for key, at in told.items()
        for row in (
            figure("a", "2024", "5"),
            figure("a", "2024", "6", locator="II"),
            part("a", "2024", "7", "b", locator="III"),
        )
    ]
    figures.append(figure("a", "2024", "2", area="c", source="on-t"))
    return town(
        [indicator("a")],
        figures,
        areas=[area(code, parent) for code, parent in tree.items()],
        sources=[source(key) for key in told],
        locators=places,
    )


def test_of_one_area_everything_is_read_that_is_said_of_it_and_of_its_parts(country):
    own = country.of("t")
    assert list(own.tables["areas"]["area"]) == ["t", "c"]
    assert own.town == "t"
    assert set(own.observations["area"]) == {"t", "c"}
    assert list(own.tables["sources"]["source"]) == ["on-t"]
    assert set(own.tables["locators"]["source"]) == {"on-t"}
    assert own.titles == {"vi": "Xã t", "en": "The t"}
    assert len(own.observations) == 4


def test_without_a_name_it_is_the_area_that_holds_all_others(country):
    own = country.of()
    assert (own.town, set(own.observations["area"]), own.titles) == ("country", {"country"}, country.titles)


def test_with_those_right_below(country):
    own = country.of("p", below=True)
    assert (own.town, set(own.observations["area"])) == ("p", {"p", "t", "c", "u"})
    assert dict(own.tables["areas"][["area", "parent"]].to_numpy()) == {"p": "", "t": "p", "c": "t", "u": "p"}


def test_what_a_report_above_says_of_a_town_is_said_of_the_town(country, town):
    rows = country.observations.to_dict("records")
    assert {row["area"] for row in rows} == {"country", "p", "t", "c", "u"}
    everything = pd.concat([audit(country.of(at)) for at in country.homes.all])
    whole = audit(country)
    assert sorted(everything["finding"]) == sorted(whole["finding"])
    assert (whole["verdict"] == "disagrees").any()


def test_an_area_that_is_not_there_or_has_no_report_is_an_error(country):
    with pytest.raises(UnknownNameError, match="unknown area 'tt': did you mean 't'"):
        country.of("tt")
    with pytest.raises(UsageError, match="area 'c' has no report of its own: it is told of in the report on 't'"):
        country.of("c")


def test_a_data_set_of_one_town_is_that_towns(lai_chau):
    assert lai_chau.of() is lai_chau
    assert lai_chau.of("lai_chau", below=True) is lai_chau
