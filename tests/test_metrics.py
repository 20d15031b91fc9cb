import math

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laichau_analysis import figures, load, metrics
from laichau_analysis.errors import MissingDataError, UnknownNameError, UsageError
from tests.towns import figure, indicator, write_town


def goal(code="revenue", printed="300", **more):
    return figure(code, "2025", printed, "target", **more)


def only(frame):
    assert len(frame) == 1
    return frame.iloc[0]


# The town of the contract: 182.6 of 300 with one year left.
REVENUE = [indicator("revenue")]
SO_FAR = [figure("revenue", "2024", "182,6", status="E"), goal()]


def test_attainment_gap_and_required_pace(town):
    row = only(metrics.progress(town(REVENUE, SO_FAR)))
    assert row["attainment"] == pytest.approx(100 * 182.6 / 300)
    assert row["gap"] == pytest.approx(117.4)
    assert row["required"] == pytest.approx(117.4)
    assert row["required_growth"] == pytest.approx(117.4 / 182.6)
    assert row["years_left"] == 1
    assert (row["status"], row["relative_step"]) == ("E", pytest.approx(0.1 / 182.6))
    assert row["evidence"] == (1, 0)


def test_two_years_left_halve_the_required_change(town):
    row = only(metrics.progress(town(REVENUE, [figure("revenue", "2023", "150"), goal()])))
    assert (row["years_left"], row["required"], row["required_growth"]) == (2, 75, 0.5)


def test_half_years_left_count_from_a_date(town):
    stock = [indicator("poor", unit="household", direction="lower", nature="stock")]
    row = only(metrics.progress(town(stock, [figure("poor", "2024-06", "195"), goal("poor", "150")])))
    assert row["years_left"] == 1.5
    assert (row["gap"], row["required"]) == (45, -30)
    assert row["attainment"] == pytest.approx(100 * 150 / 195)


@pytest.mark.parametrize(
    ("direction", "printed", "target", "qualifier", "assessment"),
    [
        ("higher", "301", "300", "", "exceeded"),
        ("higher", "300", "300", "", "met"),
        ("higher", "300", "300", "over", "missed"),
        ("higher", "300", "300", "at_least", "met"),
        ("higher", "299,9", "300", "", "missed"),
        ("lower", "9,2", "10,5", "", "exceeded"),
        ("lower", "1", "1", "under", "missed"),
        ("lower", "0,99", "1", "under", "exceeded"),
        ("lower", "10,6", "10,5", "", "missed"),
        ("higher", "9,7", "9,5-10", "", "met"),
        ("lower", "10,04", "9,5-10", "", "missed"),
        ("lower", "9,4", "9,5-10", "", "missed"),
    ],
)
def test_reaching_a_target_is_decided_by_comparing(town, direction, printed, target, qualifier, assessment):
    data = town(
        [indicator("x", unit="percent", direction=direction, nature="rate")],
        [figure("x", "2025", printed), goal("x", target, qualifier=qualifier)],
    )
    row = only(metrics.progress(data))
    assert (row["assessment"], row["basis"]) == (assessment, "compared")


def test_an_actual_that_is_a_bound_can_pass_a_strict_target(town):
    data = town(
        [indicator("x", unit="percent", nature="rate")],
        [figure("x", "2024", "96%", qualifier="over"), goal("x", "96%", qualifier="over")],
    )
    assert only(metrics.progress(data))["assessment"] == "met"


@pytest.mark.parametrize(
    ("printed", "attainment", "gap"),
    [("9,7", 100, 0), ("10,04", 100 * 10 / 10.04, 0.04), ("9,4", 100 * 9.4 / 9.5, 0.1)],
)
def test_a_range_is_measured_against_the_end_that_is_missed(town, printed, attainment, gap):
    data = town(
        [indicator("growth", unit="per_mille", direction="lower", nature="rate")],
        [figure("growth", "2024", printed), goal("growth", "9,5-10")],
    )
    row = only(metrics.progress(data))
    assert row["attainment"] == pytest.approx(attainment)
    assert row["gap"] == pytest.approx(gap)


VISITS = [indicator("visits", unit="visit", accumulation="total")]
TERM = figure("visits", "2021/2025", "900", "target")


def test_a_total_is_measured_by_its_cumulative_figure_and_the_latest_year(town):
    row = only(
        metrics.progress(
            town(
                VISITS,
                [
                    TERM,
                    figure("visits", "2021/2024", "600"),
                    figure("visits", "2024", "200"),
                    figure("visits", "2023", "250"),
                ],
            )
        )
    )
    assert (row["actual"], row["actual_kind"], row["latest"], row["latest_period"]) == (600, "printed", 200, "2024")
    assert (row["gap"], row["required"], row["required_growth"]) == (300, 300, 0.5)
    assert (row["run_rate"], row["assessment"], row["basis"]) == (800, "behind", "run_rate")


def test_a_total_without_a_single_year_uses_the_mean_year(town):
    row = only(metrics.progress(town(VISITS, [TERM, figure("visits", "2021/2023", "600")])))
    assert (row["latest"], row["latest_period"], row["required"], row["run_rate"]) == (200, "2021/2023", 150, 1000)
    assert row["assessment"] == "on_track"


def test_a_total_without_a_cumulative_figure_sums_the_years_that_follow_each_other(town):
    years = [
        figure("visits", "2021", "100"),
        figure("visits", "2022", "150", status="E"),
        figure("visits", "2024", "999"),
    ]
    row = only(metrics.progress(town(VISITS, [TERM, *years])))
    assert (row["actual"], row["actual_period"], row["actual_kind"], row["status"]) == (250, "2021/2022", "sum", "E")


@pytest.mark.parametrize(
    ("period", "counts"),
    [("../2024", True), ("2020/2024", False), ("2024-S1", False), ("2021/2024-06", True)],
)
def test_only_cumulative_figures_that_start_with_the_target_count(town, period, counts):
    row = only(metrics.progress(town(VISITS, [TERM, figure("visits", period, "600")])))
    assert math.isnan(row["actual"]) is not counts


def test_what_was_counted_too_early_is_no_year(town):
    data = town(
        REVENUE,
        [
            goal(),
            figure("revenue", "2024", "100", status="P"),
            figure("revenue", "2023", "150"),
            figure("revenue", "2024-S1", "90"),
        ],
    )
    assert only(metrics.progress(data))["actual_period"] == "2023"


@pytest.mark.parametrize(
    ("more", "assessment", "basis", "contrary"),
    [
        ([], "behind", "slowest_start", ""),
        ([figure("revenue", "2025", "300", "aim")], "behind", "slowest_start", ""),
        ([figure("revenue", "2025", "185", "aim")], "behind", "aim", ""),
        ([figure("revenue", "2025", "300", "outlook", status="F")], "on_track", "outlook", "slowest_start"),
        ([figure("revenue", "2025", "310", "outlook", status="F"), figure("revenue", "2025", "185", "aim")], "on_track", "outlook", "aim"),
        ([figure("revenue", "2020", "180", "baseline"), figure("revenue", "2025", "310", "outlook", status="F")], "behind", "baseline", "outlook"),
    ],
)  # fmt: skip
def test_evidence_of_pace_counts_in_its_order(town, more, assessment, basis, contrary):
    row = only(metrics.progress(town(REVENUE, [*SO_FAR, *more])))
    assert (row["assessment"], row["basis"], row["contrary"]) == (assessment, basis, contrary)


def test_the_path_from_a_baseline(town):
    # 60 at the end of 2020, 100 in 2025: after three of five years 84 is on the line.
    def index(printed):
        data = town(
            REVENUE,
            [figure("revenue", "2020", "60", "baseline"), figure("revenue", "2023", printed), goal("revenue", "100")],
        )
        return only(metrics.progress(data))

    assert index("84")["linear_path_index"] == pytest.approx(1)
    assert index("84")["assessment"] == "on_track"
    assert index("72")["linear_path_index"] == pytest.approx(0.5)
    assert index("72")["assessment"] == "behind"


def test_without_evidence_nothing_is_guessed(town):
    row = only(metrics.progress(town(REVENUE, [figure("revenue", "2024", "290"), goal()])))
    assert (row["assessment"], row["reason"], row["basis"]) == ("not_assessed", "no_evidence_of_pace", "")


@pytest.mark.parametrize(
    ("catalogue", "figures", "reason"),
    [
        (REVENUE, [figure("revenue", "2023-S1", "5"), goal()], "no_actual"),
        ([indicator("revenue", direction="")], SO_FAR, "no_direction"),
        (
            REVENUE,
            [figure("revenue", "2024", "182,6"), figure("revenue", "2024", "61%", "stated_attainment")],
            "no_target",
        ),
    ],
)
def test_what_cannot_be_assessed_says_why(town, catalogue, figures, reason):
    row = only(metrics.progress(town(catalogue, figures)))
    assert (row["assessment"], row["reason"]) == ("not_assessed", reason)


def test_a_stated_attainment_without_a_target_implies_an_interval(town):
    data = town(REVENUE, [figure("revenue", "2024", "182,6"), figure("revenue", "2024", "61%", "stated_attainment")])
    row = only(metrics.progress(data))
    assert math.isnan(row["target"])
    assert row["implied_low"] == pytest.approx(100 * 182.55 / 61.5)
    assert row["implied_high"] == pytest.approx(100 * 182.65 / 60.5)


def test_a_town_whose_every_figure_is_implausible_has_no_metric(town):
    data = town(REVENUE, [figure("revenue", "2024", "5", flag="implausible", note="Cannot be.")])
    assert len(metrics.progress(data)) == 0


def test_nothing_later_than_the_year_is_used(town):
    figures = [figure("revenue", "2022", "120"), *SO_FAR, figure("revenue", "2025", "185", "aim")]
    row = only(metrics.progress(town(REVENUE, figures), 2023))
    assert (row["actual"], row["actual_period"], row["years_left"]) == (120, "2022", 3)
    assert math.isnan(row["aim"])  # written in 2024
    with pytest.raises(MissingDataError, match="no figures up to the year 2021"):
        metrics.progress(town(REVENUE, figures), 2021)


def test_percentages_get_points_and_no_growth(town):
    row = only(
        metrics.progress(
            town(
                [indicator("rate", unit="percent", nature="rate")], [figure("rate", "2024", "60%"), goal("rate", "95%")]
            )
        )
    )
    assert (row["required"], math.isnan(row["required_growth"])) == (35, True)


def test_a_mark_of_the_target_stays_with_the_metric(town):
    target = goal(unit="person", flag="mislabelled", note="Per person.")
    assert only(metrics.progress(town(REVENUE, [SO_FAR[0], target])))["flag"] == "mislabelled"


def test_rows_come_in_the_order_asked_for(town):
    data = town(
        [indicator("a"), indicator("b")],
        [figure("a", "2024", "1"), figure("b", "2024", "1"), goal("a", "2"), goal("b", "2")],
    )
    assert metrics.progress(data)["indicator"].tolist() == ["a", "b"]
    assert metrics.progress(data, 0, ["b", "a"])["indicator"].tolist() == ["b", "a"]
    with pytest.raises(UnknownNameError, match="unknown indicator 'c'"):
        metrics.progress(data, 0, ["c"])


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(actual=st.integers(1, 999), target=st.integers(1, 999), seed=st.randoms())
def test_scaling_units_and_order_of_rows_change_nothing(tmp_path, actual, target, seed):
    def row(unit, zeros):
        rows = [
            figure("x", "2024", f"{actual}{zeros}"),
            goal("x", f"{target}{zeros}"),
            figure("x", "2023", f"5{zeros}"),
        ]
        seed.shuffle(rows)
        folder = write_town(tmp_path / "town", [indicator("x", unit=unit)], rows)
        return only(metrics.progress(load(str(folder))))

    one, other = row("billion_dong", ""), row("million_dong", "000")
    for column in ("attainment", "required_growth"):
        assert one[column] == pytest.approx(other[column], nan_ok=True)
    assert one["required"] * 1000 == pytest.approx(other["required"])
    assert one["assessment"] == other["assessment"]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.integers(1, 900), min_size=2, max_size=2, unique=True), st.sampled_from(["higher", "lower"]))
def test_more_of_the_good_never_means_less_attained(tmp_path, values, direction):
    catalogue = [indicator("a", direction=direction), indicator("b", direction=direction)]
    worse, better = sorted(values, reverse=direction == "lower")
    rows = [figure("a", "2024", str(worse)), figure("b", "2024", str(better)), goal("a"), goal("b")]
    frame = metrics.progress(load(str(write_town(tmp_path / "town", catalogue, rows))))
    assert frame["attainment"].is_monotonic_increasing
    assert frame["gap"].is_monotonic_decreasing


# --- change, path ---------------------------------------------------------------------------------


def test_where_no_figure_can_be_right_there_is_no_progress(town):
    data = town([indicator("x")], [figure("x", "2024", "5", flag="implausible", note="Too little.")])
    assert metrics.progress(data).empty


def test_a_change_compares_the_last_two_periods(town):
    data = town(REVENUE, [figure("revenue", "2021/2023", "300"), figure("revenue", "2024", "125")])
    row = only(metrics.change(figures.series(data, "revenue")))
    assert (row["earlier"], row["value"], row["change"], row["growth"]) == (100, 125, 25, 0.25)
    assert (row["earlier_period"], row["period"]) == ("2021/2023", "2024")
    assert metrics.change(figures.series(data, "revenue", 2023)).empty


def test_a_path_leads_to_aim_and_target(town):
    frame = metrics.path(town(REVENUE, [*SO_FAR, figure("revenue", "2025", "185", "aim")]), "revenue")
    assert list(zip(frame["role"], frame["value"], strict=True)) == [("actual", 182.6), ("aim", 185), ("target", 300)]
    assert frame["evidence"].tolist() == [(0,), (2,), (1,)]


def test_the_path_of_a_total_is_its_running_sum(town):
    frame = metrics.path(
        town(VISITS, [TERM, figure("visits", "2021/2024", "600"), figure("visits", "2024", "200")]), "visits"
    )
    assert list(zip(frame["role"], frame["period"], frame["value"], strict=True)) == [
        ("cumulative", "2021/2023", 400),
        ("cumulative", "2021/2024", 600),
        ("run_rate", "2021/2025", 800),
        ("target", "2021/2025", 900),
    ]


def test_metrics_change_nothing_in_place(lai_chau):
    before = lai_chau.observations.copy()
    metrics.progress(lai_chau)
    figures.series(lai_chau, "revenue_in_area")
    pd.testing.assert_frame_equal(lai_chau.observations, before)


def test_a_change_between_ratios_is_not_one_of_means(town):
    catalogue = [
        indicator("revenue", accumulation="total"),
        indicator("visits", unit="visit", accumulation="total"),
        indicator("each", unit="thousand_dong/visit", direction="", nature="rate", formula="revenue / visits"),
    ]
    rows = [
        *(figure("revenue", "2021/2024", "9"), figure("revenue", "2024", "5")),
        *(figure("visits", "2021/2024", "6.000"), figure("visits", "2024", "2.000")),
    ]
    data = town(catalogue, rows)
    row = only(metrics.change(figures.series(data, "each")))
    assert (row["earlier"], row["value"], row["growth"], row["mean"]) == (1000, 2500, 1.5, False)
    assert only(metrics.change(figures.series(data, "revenue")))["mean"]


def test_a_flow_without_a_known_length_cannot_be_compared_with_a_year(town):
    data = town(REVENUE, [figure("revenue", "../2024", "600"), figure("revenue", "2024", "200")])
    assert metrics.change(figures.series(data, "revenue")).empty


def test_the_path_of_an_open_total(town):
    data = town(VISITS, [TERM, figure("visits", "../2024", "600"), figure("visits", "2024", "200")])
    frame = metrics.path(data, "visits")
    assert frame[["role", "period", "value"]].values.tolist() == [
        ["cumulative", "../2023", 400],
        ["cumulative", "../2024", 600],
        ["run_rate", "2021/2025", 800],
        ["target", "2021/2025", 900],
    ]


POOR = [
    indicator("rate", unit="percent", direction="lower", nature="rate", decimals="2", maximum="100"),
    indicator("poor", unit="household", direction="lower", nature="stock", decimals="0"),
]


def test_the_target_of_a_rate_is_a_number_of_the_same_whole(town):
    rows = [
        *(figure("rate", "2024", "1,50%"), figure("poor", "2024", "195")),
        figure("rate", "2025", "01%", "target", qualifier="under"),
        *(figure("rate", "2025", "1,38%", "outlook"), figure("poor", "2025", "182", "outlook")),
    ]
    data = town(POOR, rows)
    row = only(metrics.as_count(data, "rate", "poor"))
    assert (row["base"], row["target_count"], row["needed"]) == (13000, 130, -65)
    assert (row["outlook"], row["expected"], row["outlook_rate"]) == (182, -13, 1.38)
    assert (row["target_qualifier"], row["reached"], row["rate"]) == ("under", False, 1.5)
    assert set(row["evidence"]) == {0, 1, 2, 3, 4}


def test_a_target_without_its_figures_is_no_number(town):
    target = figure("rate", "2025", "1%", "target")
    assert metrics.as_count(town(POOR, [figure("rate", "2024", "1,5%"), target]), "rate", "poor").empty
    assert metrics.as_count(
        town(POOR, [figure("rate", "2024", "1,5%"), figure("poor", "2024", "9")]), "rate", "poor"
    ).empty
    reached = town(POOR, [figure("rate", "2024", "0,5%"), target, figure("poor", "2024", "65")])
    assert only(metrics.as_count(reached, "rate", "poor"))[["reached", "target_count"]].tolist() == [True, 130]
    with pytest.raises(UsageError, match="'poor' is not a percentage"):
        metrics.as_count(reached, "poor", "rate")
