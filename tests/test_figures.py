import math

import pytest

from laichau_analysis import figures, metrics
from laichau_analysis.errors import UnknownNameError, UsageError
from tests.towns import figure, indicator, part

REVENUE = [indicator("revenue")]
PER_VISIT = [
    indicator("revenue", accumulation="total"),
    indicator("visits", unit="visit", accumulation="total"),
    indicator("each", unit="thousand_dong/visit", direction="", nature="rate", formula="revenue / visits"),
]


def only(frame):
    assert len(frame) == 1
    return frame.iloc[0]


def test_the_rest_of_a_cumulative_figure_is_its_difference(town):
    data = town(REVENUE, [figure("revenue", "2021/2024", "622,3"), figure("revenue", "2024", "182,6", status="E")])
    frame = figures.series(data, "revenue")
    assert frame["period"].tolist() == ["2021/2023", "2024"]
    assert frame["pace"].tolist() == pytest.approx([439.7 / 3, 182.6])
    assert frame["derived"].tolist() == [True, False]
    assert frame["status"].tolist() == ["E", "E"]
    assert frame["evidence"].tolist() == [(0, 1), (1,)]


def test_years_with_a_gap_leave_no_rest(town):
    data = town(REVENUE, [figure("revenue", "2021/2024", "600"), figure("revenue", "2022", "100")])
    assert figures.series(data, "revenue")["period"].tolist() == ["2022"]


def test_parts_are_shares_of_the_printed_total(town):
    data = town(
        REVENUE,
        [figure("revenue", "2024", "200"), part("revenue", "2024", "150", "b"), part("revenue", "2024", "40", "a")],
    )
    frame = figures.parts(data, "revenue", "kind")
    assert frame["category"].tolist() == ["a", "b"]
    assert frame["share"].tolist() == [20, 75]
    assert set(frame["total_kind"]) == {"printed"}


def test_what_an_open_cumulative_figure_leaves_has_no_length(town):
    data = town(REVENUE, [figure("revenue", "../2024", "600"), figure("revenue", "2024", "200", qualifier="over")])
    frame = figures.series(data, "revenue")
    assert frame[["period", "value"]].values.tolist() == [["../2023", 400], ["2024", 200]]
    assert frame["years"].isna().tolist() == [True, False]
    assert frame["pace"].isna().tolist() == [True, False]
    assert frame["qualifier"].tolist() == ["about", "over"]


@pytest.mark.parametrize("years", [["2023"], ["2022", "2024"]])
def test_years_inside_an_open_cumulative_figure_leave_no_rest(town, years):
    rows = [figure("revenue", "../2024", "600"), *(figure("revenue", year, "100") for year in years)]
    assert figures.series(town(REVENUE, rows), "revenue")["period"].tolist() == years


def test_a_cumulative_figure_alone_is_all_there_is(town):
    frame = figures.series(town(REVENUE, [figure("revenue", "2021/2024", "600")]), "revenue")
    assert frame[["period", "value", "pace", "years", "derived"]].values.tolist() == [["2021/2024", 600, 150, 4, False]]


def test_a_difference_below_what_is_possible_is_none(town):
    data = town(REVENUE, [figure("revenue", "2021/2024", "100"), figure("revenue", "2024", "200")])
    assert figures.series(data, "revenue")["period"].tolist() == ["2024"]


@pytest.mark.parametrize(("printed", "missing"), [("S1", "S2"), ("S2", "S1")])
def test_the_other_half_is_what_the_year_leaves(town, printed, missing):
    rows = [figure("revenue", "2024", "384,8", status="E"), figure("revenue", f"2024-{printed}", "172,4")]
    frame = figures.series(town(REVENUE, rows), "revenue", by="half").set_index("period")
    assert frame.loc[f"2024-{missing}", "value"] == pytest.approx(212.4)
    assert frame["pace"].equals(frame["value"])
    assert frame.loc[f"2024-{missing}", ["derived", "status"]].tolist() == [True, "E"]
    assert not frame.loc[f"2024-{printed}", "derived"]
    assert list(frame.index) == ["2024-S1", "2024-S2"]


def test_only_the_halves_of_the_latest_year_are_compared(town):
    rows = [figure("revenue", "2023-S2", "1"), figure("revenue", "2024-S1", "2")]
    assert figures.series(town(REVENUE, rows), "revenue", by="half")["period"].tolist() == ["2024-S1"]


def test_a_ratio_is_computed_for_derived_periods_too(town):
    rows = [
        *(figure("revenue", "../2024", "9"), figure("revenue", "2024", "5"), figure("revenue", "2024-S1", "2")),
        *(figure("visits", "../2024", "6.000"), figure("visits", "2024", "2.000"), figure("visits", "2024-S1", "500")),
    ]
    data = town(PER_VISIT, rows)
    years, halves = figures.series(data, "each"), figures.series(data, "each", by="half")
    assert years[["period", "value", "pace"]].values.tolist() == [["../2023", 1000, 1000], ["2024", 2500, 2500]]
    assert halves[["period", "value"]].values.tolist() == [["2024-S1", 4000], ["2024-S2", 2000]]
    assert years[["derived", "computed"]].values.tolist() == [[True, True], [False, True]]
    assert years["evidence"].tolist() == [(0, 1, 3, 4), (1, 4)]


def test_a_year_that_was_counted_too_early_is_shown_and_not_compared(town):
    data = town(REVENUE, [figure("revenue", "2023", "90"), figure("revenue", "2024", "20", status="P")])
    frame = figures.series(data, "revenue")
    assert frame["value"].tolist() == [90, 20]
    assert frame["pace"].isna().tolist() == [False, True]


def test_rates_are_no_parts_of_one_another(town):
    rate = [indicator("rate", unit="percent", nature="rate")]
    frame = figures.parts(
        town(rate, [part("rate", "2024", "100%", "a"), part("rate", "2024", "70,8%", "b")]), "rate", "kind"
    )
    assert frame[["total", "share"]].isna().all(axis=None)


def test_of_two_periods_that_end_together_the_longer_one_has_the_parts(town):
    rows = [
        part("revenue", code, value, name) for code in ("2024", "2021/2024") for name, value in (("a", "1"), ("b", "3"))
    ]
    assert set(figures.parts(town(REVENUE, rows), "revenue", "kind")["period"]) == {"2021/2024"}


def test_the_people_of_mid_year_are_those_of_the_year(town):
    catalogue = [
        indicator("pork", unit="tonne"),
        indicator("people", unit="person", nature="stock"),
        indicator("each", unit="kilogram/person", nature="rate", formula="pork / people"),
    ]
    rows = [
        figure("pork", "2024", "10"),
        *(figure("people", code, n) for code, n in (("2024-03", "50"), ("2024-06", "100"))),
    ]
    assert only(figures.computed(town(catalogue, rows), "each"))[["period", "value"]].tolist() == ["2024", 100]
    around = [*rows, figure("people", "2024", "200")]
    found = figures.computed(town(catalogue, around), "each").set_index("period")
    assert found.loc["2024", "value"] == 50


def test_a_printed_ratio_stands_before_a_computed_one(town):
    data = town(
        PER_VISIT, [figure("revenue", "2024", "5"), figure("visits", "2024", "2.000"), figure("each", "2024", "2.499")]
    )
    row = only(figures.series(data, "each"))
    assert (row["value"], row["computed"], row["evidence"]) == (2499, False, (2,))


def test_a_series_goes_by_year_or_half(town):
    with pytest.raises(UsageError, match="a series goes by year or half, not by 'month'"):
        figures.series(town(REVENUE, [figure("revenue", "2024", "1")]), "revenue", by="month")


def test_a_part_that_cannot_be_right_is_shown_without_a_value(town):
    rows = [
        part("revenue", "2024", "15", "a"),
        part("revenue", "2024", "2.000", "b", unit="dong", flag="implausible", qualifier="over", note="Too little."),
    ]
    frame = figures.parts(town(REVENUE, rows), "revenue", "kind").set_index("category")
    assert math.isnan(frame.loc["b", "value"])
    assert math.isnan(frame.loc["a", "share"])
    assert frame.loc["b", ["printed_value", "printed_unit", "flag", "qualifier"]].tolist() == [
        *(2000, "dong", "implausible", "over")
    ]


def test_a_share_is_taken_of_the_printed_whole(town):
    catalogue = [
        indicator("schools", unit="school", nature="stock"),
        indicator("good", unit="school", nature="stock", share_of="schools"),
        indicator("best", unit="school", nature="stock", share_of="good"),
    ]
    rows = [
        *(figure("schools", "2023", "30"), figure("good", "2023", "30")),
        *(figure("schools", "2024", "28", status="E"), figure("good", "2024", "21")),
        figure("best", "2024", "7", qualifier="over"),
    ]
    data = town(catalogue, rows)
    frame = figures.shares(data, ["best", "good"])
    columns = ["indicator", "period", "value", "whole", "total", "status", "evidence"]
    assert frame[columns].values.tolist() == [
        ["best", "2024", 7, "good", 21, "A", (4, 3)],
        ["good", "2024", 21, "schools", 28, "E", (3, 2)],
    ]
    assert frame["share"].tolist() == [pytest.approx(100 / 3), 75]
    assert figures.shares(data, ["good"], 2023)["share"].tolist() == [100]
    with pytest.raises(UsageError, match="'schools' is a part of no other one: its share_of is empty"):
        figures.shares(data, ["schools"])


@pytest.mark.parametrize(
    ("first", "second", "qualifier"),
    [
        ("", "", ""),
        ("over", "", "over"),
        ("nearly", "", "nearly"),
        ("", "over", "under"),
        ("", "under", "over"),
        ("", "nearly", "over"),
        ("", "at_least", "about"),
        ("over", "under", "about"),
    ],
)
def test_a_bound_goes_through_a_formula(town, first, second, qualifier):
    data = town(
        PER_VISIT, [figure("revenue", "2024", "13", qualifier=first), figure("visits", "2024", "592", qualifier=second)]
    )
    assert only(figures.computed(data, "each"))["qualifier"] == qualifier


@pytest.mark.parametrize(
    ("revenue", "visits", "decimals"),
    # 13 stands for 12.5 to 13.5: a quotient near 22,000 bears no decimal; 182.600 of 4 bears one.
    [("13", "592", 0), ("182,600", "4.000.000", 1)],
)
def test_a_quotient_has_the_decimals_that_its_inputs_bear(town, revenue, visits, decimals):
    data = town(PER_VISIT, [figure("revenue", "2024", revenue), figure("visits", "2024", visits)])
    row = only(figures.computed(data, "each"))
    assert row["decimals"] == decimals
    assert row["inputs"] == (
        *(("revenue", "", float(revenue.replace(",", ".")), ""), ("visits", "", float(visits.replace(".", "")), "")),
    )


def test_amounts_are_converted_and_ratios_are_not(town):
    catalogue = [indicator("revenue", unit="million_dong", decimals="0")]
    rows = [part("revenue", "2024", "15.500", "a"), part("revenue", "2024", "500", "b")]
    frame = figures.convert(figures.parts(town(catalogue, rows), "revenue", "kind"), "billion_dong")
    assert frame["value"].tolist() == [15.5, 0.5]
    assert frame["share"].tolist() == [96.875, 3.125]
    assert set(frame["decimals"]) == {3}
    assert set(frame["unit"]) == {"billion_dong"}


def test_a_unit_that_measures_something_else_is_refused(town):
    frame = figures.latest(town(REVENUE, [figure("revenue", "2024", "1")]), ["revenue"])
    with pytest.raises(UsageError, match="cannot convert billion_dong to visit"):
        figures.convert(frame, "visit")
    with pytest.raises(UnknownNameError, match="million_dong"):
        figures.convert(frame, "milion_dong")


@pytest.mark.parametrize(
    ("breakdown", "categories", "share"),
    [("kind", ["a", "b"], 25), ("kind", ["a"], math.nan), ("place", ["north", "south"], math.nan)],
)
def test_without_a_total_shares_need_all_of_the_parts(town, breakdown, categories, share):
    data = town(
        REVENUE,
        [
            part("revenue", "2024", printed, name, breakdown)
            for name, printed in zip(categories, ["5", "15"], strict=False)
        ],
    )
    assert figures.parts(data, "revenue", breakdown)["share"].iloc[0] == pytest.approx(share, nan_ok=True)


def test_parts_side_by_side_need_one_unit(town):
    data = town([indicator("a"), indicator("b", unit="person")], [figure("a", "2024", "1")])
    with pytest.raises(UsageError, match="parts side by side need one unit; a, b have several"):
        figures.parts(data, ["a", "b"], "kind")
    with pytest.raises(UsageError, match="unknown breakdown 'knid'; there are: group, kind, place"):
        figures.parts(data, "a", "knid")


def test_a_quotient_is_scaled_to_its_unit(town):
    catalogue = [
        indicator("revenue"),
        indicator("visits", unit="visit"),
        indicator("each", unit="thousand_dong/visit", nature="rate", formula="revenue / visits"),
    ]
    data = town(catalogue, [figure("revenue", "2024", "2"), figure("visits", "2024", "4.000")])
    assert only(figures.computed(data, "each"))["value"] == pytest.approx(500)


def test_inputs_come_from_the_same_period_but_for_flows_also_from_a_longer_one(town):
    catalogue = [
        indicator("flow"),
        indicator("pupils", unit="person", nature="stock"),
        indicator("schools", unit="school", nature="stock"),
        indicator("each", unit="person/school", nature="rate", formula="pupils / schools"),
        indicator("share", unit="percent", nature="rate", formula="flow / flow * pupils / pupils"),
    ]
    data = town(
        catalogue,
        [figure("pupils", "2024-06", "100"), figure("schools", "2024", "4"), figure("flow", "2021/2024", "9")],
    )
    assert figures.computed(data, "each")[["period", "value"]].values.tolist() == [["2024-06", 25], ["2024", 25]]
    assert figures.computed(data, "share")["period"].tolist() == ["2021/2024"]


def test_a_category_is_named_in_brackets(town):
    catalogue = [
        indicator("people", unit="person", nature="stock"),
        indicator("share", unit="percent", nature="rate", formula="people[a] / people"),
    ]
    data = town(catalogue, [figure("people", "2024", "200"), part("people", "2024", "50", "a")])
    assert only(figures.computed(data, "share"))["value"] == pytest.approx(25)


def test_the_latest_figure_of_each_indicator(town):
    data = town(
        [indicator("a"), indicator("b")],
        [
            figure("a", "2023", "1"),
            figure("a", "2024", "2"),
            figure("a", "2021/2024", "5"),
            part("a", "2024", "9", "a"),
        ],
    )
    assert figures.latest(data, ["b", "a"])[["indicator", "period", "value"]].values.tolist() == [
        ["a", "2021/2024", 5.0]
    ]


def test_a_formula_whose_periods_all_come_later_gives_nothing(town):
    catalogue = [indicator("a"), indicator("b", formula="a * 2")]
    data = town(catalogue, [figure("a", "2021/2024", "5"), figure("a", "2022-S1", "1", status="P")])
    assert figures.computed(data, "b", 2021 + 1)["period"].tolist() == ["2022-S1"]
    assert figures.computed(data.only(["money"]), "b", 2024)["period"].tolist() == ["2022-S1", "2021/2024"]
    later = town(catalogue, [figure("a", "2021/2024", "5"), figure("a", "2022", "1", "plan"), figure("b", "2022", "3")])
    assert figures.computed(later, "b", 2022).empty


def test_only_the_digits_of_what_is_converted_are_forgotten(town):
    catalogue = [
        indicator("rate", unit="percent", direction="lower", nature="rate", decimals="2"),
        indicator("poor", unit="household", nature="stock", decimals="0"),
    ]
    rows = [figure("rate", "2024", "1,50%"), figure("poor", "2024", "195"), figure("rate", "2025", "1%", "target")]
    frame = metrics.as_count(town(catalogue, rows), "rate", "poor")
    assert only(figures.convert(frame, "household"))[["rate_decimals", "value"]].tolist() == [2, 195]
