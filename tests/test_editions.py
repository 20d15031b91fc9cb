"""What lies between two editions: tables of cases of tiny towns, and a drawn edition whose answers are known."""

import json
import math
from functools import partial

import pytest

from laichau_analysis import load
from laichau_analysis.editions import FRAMES, compare, record
from laichau_analysis.errors import MissingDataError
from tests.editions import compared, figure_of, later_edition, side_by_side
from tests.towns import TABLE_ROWS, describe, figure, indicator, part, write_town

X = indicator("x")
RATE = indicator("x", unit="percent", nature="rate", maximum="100")
PEOPLE = indicator("x", unit="person", nature="stock")


@pytest.fixture
def editions(tmp_path):
    return partial(compared, tmp_path)


def of_case(frame, i):
    return frame[frame["indicator"] == f"x{i}"].to_dict("records")


def each(cases):
    """One test a case, by its number."""
    return pytest.mark.parametrize("i", range(len(cases)))


def rows(frame, *columns):
    return [tuple(row) for row in frame[list(columns)].itertuples(index=False)]


# --- figures -------------------------------------------------------------------------------------


def said(printed, **more):
    return figure("x", "2024", printed, **more)


PRINTS = [
        (said("182,6"), said("182,7"), "revised", ()),
        (said("182,6"), said("182,63"), "refined", ()),
        (said("182,6"), said("182,60"), "refined", ()),
        (said("182,63"), said("182,6"), "coarsened", ()),
        (said("182,6"), said("183"), "coarsened", ()),
        (said("182,6"), said("182"), "coarsened", ()),  # cut off instead of rounded
        (said("182,6"), said("181"), "revised", ()),
        (said("182,6"), said("182.600", unit="million_dong"), "refined", ("unit",)),
        (said("182,6"), said("182.700", unit="million_dong"), "revised", ("unit",)),
        (said("0,2"), said("200", unit="million_dong"), "refined", ("unit",)),
        (said("180", qualifier="over"), said("182,6"), "incomparable", ("qualifier",)),
        (said("200", qualifier="over"), said("182,6"), "revised", ("qualifier",)),
        (said("180", qualifier="over"), said("190", qualifier="over"), "incomparable", ()),
        (said("180", qualifier="over"), said("180,0", qualifier="over"), "refined", ()),
        (said("182,6", qualifier="over"), said("182,6"), "restated", ("qualifier",)),
        (said("200", qualifier="about"), said("182,6"), "incomparable", ("qualifier",)),
        (said("200", qualifier="about"), said("200"), "restated", ("qualifier",)),
        (said("182,6", status="E"), said("182,6"), "restated", ("status",)),
        (said("182,6", status="E"), said("190,2"), "revised", ("status",)),
        (said("182,6"), said("182,6", flag="implausible", note="Too much."), "restated", ("flag", "note")),
        (said("182,6"), said("182,6", locator="II"), "moved", ("place",)),
        (said("182,6", status="E"), said("182,6", locator="II"), "restated", ("status", "place")),
        (said("182,6-183"), said("182,6-184"), "revised", ()),
        (said("07"), said("7"), None, ()),
]  # fmt: skip


@pytest.fixture(scope="module")
def prints(tmp_path_factory):
    return side_by_side(tmp_path_factory.mktemp("prints"), [((X, [old]), (X, [new])) for old, new, *_ in PRINTS])


@each(PRINTS)
def test_two_prints_of_a_figure_are_held_against_each_other(prints, i):
    *_, change, differs = PRINTS[i]
    found = [(row["change"], row["differs"]) for row in of_case(prints.figures, i)]
    assert found == ([(change, differs)] if change else [])


SIZES = [
    (X, "100", "125", 25, 0.25),
    (X, "100", "80", -20, -0.2),
    (X, "0", "5", 5, math.nan),
    (X, "-5", "5", 10, math.nan),
    (RATE, "10%", "12,5%", 2.5, math.nan),
    (PEOPLE, "1.239", "1.240", 1, 1 / 1239),
]


@pytest.fixture(scope="module")
def sizes(tmp_path_factory):
    cases = [((entry, [said(old)]), (entry, [said(new)])) for entry, old, new, *_ in SIZES]
    return side_by_side(tmp_path_factory.mktemp("sizes"), cases)


@each(SIZES)
def test_a_revision_is_told_with_its_size(sizes, i):
    *_, difference, growth = SIZES[i]
    (row,) = of_case(sizes.figures, i)
    assert row["difference"] == pytest.approx(difference)
    assert row["growth"] == pytest.approx(growth, nan_ok=True)


def test_what_cannot_be_subtracted_has_no_size(tmp_path):
    pairs = [
        (said("100"), said("80", flag="implausible", note="Too little.")),
        (said("100", qualifier="over"), said("80")),
        (said("100-110"), said("120")),
    ]
    found = side_by_side(tmp_path, [((X, [old]), (X, [new])) for old, new in pairs]).figures
    assert list(found["change"]) == ["revised"] * 3
    assert found[["difference", "growth"]].isna().all(axis=None)


def test_figures_come_and_go_with_their_places(editions):
    old = [said("5"), part("x", "2024", "3", "a"), figure("x", "2023", "4", locator="II")]
    new = [said("5"), part("x", "2024", "2", "b"), figure("x", "2024", "90%", "stated_attainment", locator="III")]
    found = editions(([X], old), ([X], new))
    assert rows(found.figures, "change", "period", "category", "measure", "printed_before", "printed") == [
        ("dropped", "2023", "", "actual", "4", ""),
        ("added", "2024", "", "stated_attainment", "", "90%"),
        ("dropped", "2024", "a", "actual", "3", ""),
        ("added", "2024", "b", "actual", "", "2"),
    ]
    assert rows(found.figures, "source_before", "locator_before", "source", "locator")[:2] == [
        ("report", "II", "", ""),
        ("", "", "report", "III"),
    ]
    assert rows(found.figures, "unit")[:2] == [("billion_dong",), ("percent",)]


TWICE = [said("182,6"), said("182,63", locator="II")]


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (TWICE, TWICE, None),
        (TWICE, TWICE[::-1], None),
        (TWICE, TWICE[1:], "moved"),
        (TWICE, TWICE[:1], "coarsened"),
        (TWICE[:1], TWICE, "refined"),
        (TWICE, [*TWICE, said("190", locator="III")], "moved"),
    ],
)
def test_a_figure_that_is_printed_twice_is_one_figure(editions, old, new, change):
    found = editions(([X], old), ([X], new)).figures
    assert list(found["change"]) == ([change] if change else [])


def test_evidence_leads_to_every_print_of_both_editions(editions):
    found = editions(([X], TWICE), ([X], [said("190"), said("5", measure="plan")]))
    (label, finer, coarser) = found.figures["evidence"].iloc[0]
    assert found.new.records[label]["printed"] == "190"
    assert [found.old.records[one]["printed"] for one in (finer, coarser)] == ["182,63", "182,6"]
    assert not set(found.new.observations.index) & set(found.old.observations.index)


@pytest.mark.parametrize(
    ("unit", "row", "change"),
    [
        ("million_dong", said("182,6", unit="billion_dong"), None),
        ("million_dong", said("182.600"), "refined"),
        ("million_dong", said("182,6"), "revised"),
        ("person", said("182"), "incomparable"),
    ],
)
def test_an_indicator_in_another_unit_is_converted_before_it_is_compared(editions, unit, row, change):
    found = editions(([X], [said("182,6")]), ([indicator("x", unit=unit)], [row]))
    assert rows(found.figures, "change") == ([(change,)] if change else [])
    assert rows(found.catalogue, "field", "before", "after") == [("unit", "billion_dong", unit)]
    if change == "revised":
        assert rows(found.figures, "value_before", "value", "unit") == [(182600, 182.6, "million_dong")]
    if change == "incomparable":
        (row,) = found.figures.to_dict("records")
        assert (row["reason"], row["printed_unit_before"], row["value"]) == ("other_unit", "billion_dong", 182)
        assert row["value_before"] != row["value_before"]


# --- targets -------------------------------------------------------------------------------------


def goal(printed, **more):
    return figure("x", "2025", printed, "target", **more)


TARGETS = [
        ("higher", goal("300"), goal("320"), "revised", "harder"),
        ("higher", goal("300"), goal("280"), "revised", "easier"),
        ("lower", goal("300"), goal("280"), "revised", "harder"),
        ("lower", goal("300"), goal("320"), "revised", "easier"),
        ("", goal("300"), goal("320"), "revised", ""),
        ("higher", goal("300"), goal("300,4"), "revised", "harder"),  # a target is exact
        ("higher", goal("300"), goal("300,0"), None, ""),
        ("lower", goal("1", qualifier="under"), goal("1"), "revised", ""),
        ("lower", goal("9,5-10"), goal("9-10"), "revised", ""),
        ("higher", goal("300"), goal("300", locator="II"), "moved", ""),
        ("higher", goal("300"), goal("300", note="Of the Congress."), "restated", ""),
]  # fmt: skip


@pytest.fixture(scope="module")
def aimed_at(tmp_path_factory):
    cases = [[(indicator("x", direction=way), [row]) for row in pair] for way, *pair, _, _ in TARGETS]
    return side_by_side(tmp_path_factory.mktemp("targets"), cases)


@each(TARGETS)
def test_a_target_is_meant_exactly(aimed_at, i):
    *_, change, way = TARGETS[i]
    found = [(row["change"], row["way"]) for row in of_case(aimed_at.targets, i)]
    assert found == ([(change, way)] if change else [])
    assert aimed_at.figures.empty


def test_a_target_for_another_year_is_another_target(editions):
    found = editions(([X], [goal("300")]), ([X], [figure("x", "2030", "500", "target")]))
    assert rows(found.targets, "change", "period") == [("dropped", "2025"), ("added", "2030")]


# --- indicators ----------------------------------------------------------------------------------

TWO = (("2023", "4"), ("2024", "5"))


def own(code, places=TWO, **more):
    return [figure(code, period, printed, **more) for period, printed in places]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # the same code with another name
        (
            ([indicator("x")], own("x")),
            ([indicator("x", name_en="Income")], own("x")),
            [("renamed", ("code", "figures"), "x", "x")],
        ),
        # the same names under another code, though a figure was revised
        (
            ([indicator("x")], own("x")),
            ([indicator("y", name_en="Indicator x", name_vi="Chỉ số x")], own("y", (("2023", "4"), ("2024", "6")))),
            [("renamed", ("name",), "x", "y")],
        ),
        # all the figures under another code and name
        (([indicator("x")], own("x")), ([indicator("y")], own("y")), [("renamed", ("figures",), "x", "y")]),
        # one figure alone, printed at the same place of the same document, or elsewhere
        (
            ([indicator("x")], own("x", TWO[1:])),
            ([indicator("y")], own("y", TWO[1:])),
            [("renamed", ("figures",), "x", "y")],
        ),
        (
            ([indicator("x")], own("x", TWO[1:])),
            ([indicator("y")], own("y", TWO[1:], locator="II")),
            [("added", (), "", "y"), ("dropped", (), "x", "x")],
        ),
        # not all of the figures
        (
            ([indicator("x")], own("x")),
            ([indicator("y")], own("y", TWO[1:])),
            [("added", (), "", "y"), ("dropped", (), "x", "x")],
        ),
        # the same numbers of something else
        (
            ([indicator("x")], own("x")),
            ([indicator("y", unit="person")], own("y")),
            [("added", (), "", "y"), ("dropped", (), "x", "x")],
        ),
        (
            ([indicator("x")], own("x")),
            ([indicator("y", direction="lower")], own("y")),
            [("added", (), "", "y"), ("dropped", (), "x", "x")],
        ),
        # two that could be meant
        (
            ([indicator("x")], own("x")),
            ([indicator("y"), indicator("z")], [*own("y"), *own("z")]),
            [("added", (), "", "y"), ("added", (), "", "z"), ("dropped", (), "x", "x")],
        ),
        # the name leads to one, the figures to another
        (
            ([indicator("x")], own("x")),
            (
                [indicator("y", name_en="Indicator x", name_vi="Chỉ số x"), indicator("z")],
                [*own("y", (("2024", "9"),)), *own("z")],
            ),
            [("added", (), "", "y"), ("added", (), "", "z"), ("dropped", (), "x", "x")],
        ),
    ],
)
def test_an_indicator_is_renamed_where_the_data_say_so(editions, old, new, expected):
    found = editions(old, new)
    assert rows(found.indicators, "change", "by", "indicator_before", "indicator") == expected


def test_the_figures_of_a_renamed_indicator_are_compared(editions):
    old = ([indicator("x"), indicator("part", share_of="x")], [*own("x"), *own("part", TWO[1:])])
    renamed = indicator("y", name_en="Indicator x", name_vi="Chỉ số x")
    new = (
        [renamed, indicator("part", share_of="y")],
        [*own("y", (("2023", "4"), ("2024", "6"))), *own("part", TWO[1:])],
    )
    found = editions(old, new)
    assert rows(found.figures, "change", "indicator_before", "indicator", "printed") == [("revised", "x", "y", "6")]
    assert found.catalogue.empty  # part is a share of the same indicator as before
    assert rows(found.indicators, "figures_before", "figures", "figures_same") == [(2, 2, 1)]
    assert rows(found.findings, "change") == []


FIELDS = [
    ("unit", "billion_dong", "million_dong"),
    ("direction", "higher", ""),
    ("nature", "flow", "stock"),
    ("accumulation", "end", "total"),
    ("formula", "", "x0 * 2"),
    ("share_of", "", "x0"),
    ("maximum", "", "100"),
    ("note", "", "Of the town alone."),
]


@pytest.fixture(scope="module")
def defined(tmp_path_factory):
    cases = [[(indicator("x", **{field: text}), []) for text in texts] for field, *texts in FIELDS]
    return side_by_side(tmp_path_factory.mktemp("catalogue"), [[(X, [])] * 2, *cases])


@each(FIELDS)
def test_what_is_defined_otherwise_is_told_field_by_field(defined, i):
    found = [(row["field"], row["before"], row["after"]) for row in of_case(defined.catalogue, i + 1)]
    assert found == [FIELDS[i]]
    assert [row["change"] for row in of_case(defined.indicators, i + 1)] == ["redefined"]


def test_what_is_defined_otherwise_is_no_other_indicator(defined):
    counts = defined.summary.set_index("subject").loc["indicators"]
    assert counts[["same", "revised", "other"]].tolist() == [1, 0, len(FIELDS)]


# --- assessments ---------------------------------------------------------------------------------


ASSESSED = [
        ([goal("300"), said("182,6")], [goal("300"), said("310")], "assessed", ("behind", "exceeded")),
        ([goal("300"), said("182,6")], [goal("180"), said("182,6")], "assessed", ("behind", "exceeded")),
        ([goal("300"), said("182,6")], [goal("300"), said("190,2")], "attainment", ("behind", "behind")),
        ([goal("300"), said("182,6")], [goal("300"), said("182,63")], None, ()),
        ([goal("300"), said("182,6")], [said("182,6")], "dropped", ("behind", "")),
        ([said("182,6")], [goal("300"), said("182,6")], "added", ("", "behind")),
]  # fmt: skip


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    return side_by_side(tmp_path_factory.mktemp("assessed"), [((X, old), (X, new)) for old, new, *_ in ASSESSED])


@each(ASSESSED)
def test_a_target_is_assessed_in_both_editions(assessed, i):
    *_, change, assessments = ASSESSED[i]
    found = [(row["change"], row["assessment_before"], row["assessment"]) for row in of_case(assessed.assessments, i)]
    assert found == ([(change, *assessments)] if change else [])


def test_targets_are_assessed_at_the_year_that_both_editions_have(editions):
    old = [goal("300"), figure("x", "2023", "5")]
    found = editions(([X], old), ([X], [*old, said("182,6")]))
    assert (found.year, found.years) == (2023, (2023, 2024))
    assert found.assessments.empty
    assert list(found.latest["change"]) == ["attainment"]


def test_each_edition_is_also_assessed_at_its_own_latest_year(editions):
    old = [goal("300"), said("182,6")]
    found = editions(([X], old), ([X], [*old, figure("x", "2025", "310")]))
    assert (found.year, found.years) == (2024, (2024, 2025))
    assert found.assessments.empty
    (row,) = found.latest.to_dict("records")
    assert (row["change"], row["assessment_before"], row["assessment"]) == ("assessed", "behind", "exceeded")
    assert (row["actual_period_before"], row["actual_period"]) == ("2024", "2025")
    assert row["difference"] == pytest.approx(100 * (310 - 182.6) / 300)


@pytest.mark.parametrize(
    ("old", "new", "year", "years"),
    [
        ([said("5")], [figure("x", "2026", "5")], 0, (2024, 2026)),
        ([said("5")], [goal("9")], 0, (2024, 0)),
        ([goal("9")], [goal("9")], 0, (0, 0)),
    ],
)
def test_editions_without_a_year_in_common_are_compared_all_the_same(editions, old, new, year, years):
    found = editions(([X], old), ([X], new))
    assert (found.year, found.years) == (year, years)
    assert found.assessments.empty
    assert record(found)["year"] is None


def test_up_to_a_year_nothing_later_is_told(editions):
    old = [figure("x", "2023", "5"), said("6"), goal("9"), figure("x", "2025", "8", "aim")]
    new = [figure("x", "2023", "5"), said("7"), goal("10"), figure("x", "2025", "7", "aim")]
    found = editions(([X], old), ([X], new), 2023)
    assert found.figures.empty  # the report with the aim was written in 2024
    assert rows(found.targets, "printed") == [("10",)]
    assert (found.year, found.years) == (2023, (2023, 2023))
    with pytest.raises(MissingDataError, match="no figures up to the year 2022 in data set old"):
        editions(([X], old), ([X], new), 2022)


# --- findings and the rest -----------------------------------------------------------------------

AGREES, WRONG = said("60%", measure="stated_attainment"), said("70%", measure="stated_attainment")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([AGREES], [WRONG], [("revised", "agrees", "disagrees")]),
        ([WRONG], [AGREES], [("revised", "disagrees", "agrees")]),
        ([WRONG], [], [("dropped", "disagrees", "")]),
        ([], [WRONG], [("added", "", "disagrees")]),
        ([WRONG], [WRONG], []),
        ([WRONG], [WRONG | {"locator": "II"}], []),  # the same statement at another place
        (
            [WRONG, WRONG | {"locator": "II"}],
            [WRONG | {"locator": "III"}],
            [("added", "", "disagrees"), *[("dropped", "disagrees", "")] * 2],
        ),
    ],
)
def test_findings_come_and_go_and_change_their_verdict(editions, old, new, expected):
    base = [goal("100"), said("60")]
    found = editions(([X], [*base, *old]), ([X], [*base, *new])).findings
    own = found[found["check"] == "attainment"]
    assert rows(own, "change", "verdict_before", "verdict") == expected


def test_the_same_finding_of_a_renamed_indicator_is_the_same(editions):
    old = ([X], [goal("100"), said("60"), WRONG])
    renamed = indicator("y", name_en="Indicator x", name_vi="Chỉ số x")
    new = ([renamed], [row | {"indicator": "y"} for row in old[1]])
    found = editions(old, new)
    assert found.findings.empty
    assert found.summary.set_index("subject").loc["findings", "same"] == 1


def test_tables_beside_the_figures_are_counted(editions):
    named = [TABLE_ROWS["sectors"][0] | {"name_en": "Finance"}]
    later = [*TABLE_ROWS["sources"], TABLE_ROWS["sources"][0] | {"source": "second"}]
    rows_now = {"sectors": named, "sources": later, "locators": TABLE_ROWS["locators"][:2]}
    found = editions(([X], [said("5")]), ([X], [said("5")], rows_now))
    assert rows(found.tables, "table", "added", "dropped", "changed") == [
        ("sectors", 0, 0, 1),
        ("sources", 1, 0, 0),
        ("locators", 0, 1, 0),
    ]
    assert not found.is_empty


def test_another_term_is_told(tmp_path):
    for name in ("old", "new"):
        write_town(tmp_path / name, [X], [said("5")])
    describe(tmp_path / "new", term="2026/2030")
    found = compare(load(str(tmp_path / "old")), load(str(tmp_path / "new")))
    assert rows(found.tables, "table", "changed") == [("datapackage", 1)]
    assert record(found)["new"]["term"] == "2026/2030"


def test_the_record_is_json_with_the_fields_that_are_promised(editions):
    old = [goal("300"), said("182,6", status="E"), WRONG]
    found = editions(([X], old), ([X, indicator("y")], [goal("310"), said("190,2"), figure("y", "2024", "5")]))
    told = json.loads(json.dumps(record(found), allow_nan=False))
    assert {name: list(told[name][0]) for name in FRAMES if told[name]} == {
        name: list(columns) for name, columns in FRAMES.items() if told[name]
    }
    (revised, *_) = told["figures"]
    assert revised["differs"] == ["status"]
    assert revised["value_max"] is None
    assert told["summary"][0]["subject"] == "figures"


# --- a drawn edition -----------------------------------------------------------------------------

SEEDS = (8, 21)


@pytest.fixture(scope="module", params=SEEDS)
def drawn(request, tmp_path_factory, lai_chau):
    """A later edition of the shipped data set, compared both ways, and what was done to it."""
    folder = tmp_path_factory.mktemp("drawn") / "lai-chau-2025"
    key = later_edition(folder, request.param)
    later = load(str(folder))
    return key, compare(lai_chau, later), compare(later, lai_chau)


def fates(frame):
    return {figure_of(row): row["change"] for row in frame.to_dict("records")}


def test_every_drawn_change_of_a_figure_is_found_and_no_other(drawn):
    key, found, _ = drawn
    assert fates(found.figures) == key.figures
    values = {figure_of(row): row for row in found.figures.to_dict("records")}
    for figure_, (before, after) in key.values.items():
        assert (values[figure_]["value_before"], values[figure_]["value"]) == (before, after)
        assert values[figure_]["difference"] == pytest.approx(after - before)


def test_every_drawn_change_of_a_target_is_found_and_no_other(drawn):
    key, found, _ = drawn
    assert fates(found.targets) == key.targets
    ways = {figure_of(row): row["way"] for row in found.targets.to_dict("records") if row["way"]}
    assert ways == key.ways


def test_every_drawn_change_of_the_catalogue_is_found_and_no_other(drawn):
    key, found, _ = drawn
    listed = {
        row["indicator"]: (row["change"], row["by"], row["indicator_before"])
        for row in found.indicators.to_dict("records")
    }
    assert listed == key.indicators
    assert {(row["indicator"], row["field"]) for row in found.catalogue.to_dict("records")} == key.catalogue


def test_what_became_of_the_targets_in_their_year_is_found(drawn):
    key, found, _ = drawn
    assert (found.year, found.years) == (2024, (2024, 2025))
    otherwise = found.latest[found.latest["change"] != "dropped"]
    assert dict(zip(otherwise["indicator"], otherwise["assessment"], strict=True)) == key.latest
    assert set(found.latest.loc[found.latest["change"] == "dropped", "indicator"]) == {
        figure_[0] for figure_, change in key.targets.items() if change == "dropped"
    }


def test_findings_of_what_is_no_longer_stated_are_gone(drawn):
    key, found, _ = drawn
    gone = found.findings[found.findings["change"] == "dropped"]
    assert set(key.findings) <= {figure_of(row) for row in gone.to_dict("records")}


def test_the_other_way_round_what_came_went(drawn):
    _, found, back = drawn
    mirror = {"added": "dropped", "dropped": "added", "refined": "coarsened", "coarsened": "refined"}
    for name in ("figures", "targets"):
        recoded = {
            row["indicator"]: row["indicator_before"] for row in found.indicators.to_dict("records") if row["by"]
        }
        turned = {
            (recoded.get(figure_[0], figure_[0]), *figure_[1:]): mirror.get(change, change)
            for figure_, change in fates(getattr(found, name)).items()
        }
        assert fates(getattr(back, name)) == turned
    assert sorted(back.targets["way"]) == sorted(found.targets["way"].replace({"harder": "easier", "easier": "harder"}))
    sizes = [sorted(frame["difference"].dropna().abs().round(9)) for frame in (found.figures, back.figures)]
    assert sizes[0] == sizes[1]


def test_the_counts_add_up(drawn):
    for found in drawn[1:]:
        for frame in (found.summary, found.sectors):
            assert (frame["before"] == frame[["same", "revised", "other", "dropped"]].sum(axis=1)).all()
            assert (frame["after"] == frame[["same", "revised", "other", "added"]].sum(axis=1)).all()
        counts = found.summary.set_index("subject")
        changes = found.figures["change"]
        assert counts.loc["figures", "moved"] == (changes == "moved").sum()
        assert counts.loc["figures", "revised"] == (changes == "revised").sum()
        differing = found.sectors[["revised", "other", "added", "dropped"]].to_numpy().sum()
        assert differing == len(found.figures) - counts.loc["figures", "moved"]
        assert repr(found).splitlines()[0].startswith("Comparison of lai-chau")


def test_a_data_set_has_no_changes_against_itself(lai_chau):
    found = compare(lai_chau, lai_chau)
    assert found.is_empty
    assert found.summary[["revised", "other", "added", "dropped"]].to_numpy().sum() == 0
    assert record(found)["differs"] is False
