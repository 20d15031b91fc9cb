import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laichau_analysis import metrics
from laichau_analysis.assumptions import what_if
from laichau_analysis.errors import UnknownNameError, UsageError
from tests.towns import figure, indicator, part, write_town


def goal(code, printed, period="2025", **more):
    return figure(code, period, printed, "target", **more)


CATALOGUE = [
    indicator("revenue"),
    indicator("visits", unit="visit", accumulation="total", decimals="0"),
    indicator("poor", unit="percent", direction="lower", nature="rate", decimals="2", maximum="100"),
    indicator("growth", unit="per_mille", direction="lower", nature="rate"),
    indicator("fields", unit="ha", nature="stock"),
    indicator("jobs", unit="person", decimals="0"),
    indicator("trees", accumulation="total"),
]
FIGURES = [
    figure("revenue", "2024", "182,6", status="E"),
    figure("revenue", "2024", "60,8%", "stated_attainment"),
    figure("revenue", "2025", "185", "aim"),
    goal("revenue", "300"),
    part("revenue", "2024", "100", "a"),
    figure("visits", "2021/2023", "600"),
    figure("visits", "2023", "200"),
    goal("visits", "900", "2021/2025"),
    figure("poor", "2024", "1,50%"),
    goal("poor", "1%", qualifier="under"),
    figure("growth", "2024", "10,4‰"),
    goal("growth", "9,5‰-10‰"),
    figure("fields", "2024", "40"),
    figure("jobs", "2022", "333"),
    goal("jobs", "700", "2023"),
    goal("jobs", "1.000"),
    goal("trees", "50", "2021/2025"),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    from laichau_analysis import load

    return load(str(write_town(tmp_path_factory.mktemp("town") / "town", CATALOGUE, FIGURES)))


def assumed(frame):
    (row,) = frame[frame["case"] == "assumed"].to_dict("records")
    return row


@pytest.mark.parametrize(
    ("code", "given", "actual", "period", "assessment"),
    [
        ("revenue", {"final": 350}, 350, "2025", "exceeded"),
        ("revenue", {"final": 300}, 300, "2025", "met"),
        ("revenue", {"final": 299.9}, 299.9, "2025", "missed"),
        ("revenue", {"growth": 0.2}, 219.1, "2025", "missed"),
        ("revenue", {"growth": 0, "target": 180}, 182.6, "2025", "exceeded"),
        ("revenue", {"target": 170}, 182.6, "2024", "exceeded"),
        ("revenue", {"actual": 305}, 305, "2024", "exceeded"),
        ("revenue", {"actual": 200, "growth": 0.5}, 300, "2025", "met"),
        ("visits", {"growth": 0}, 1000, "2021/2025", "exceeded"),
        ("visits", {"growth": -0.25}, 900, "2021/2025", "met"),
        ("visits", {"actual": 450}, 450, "2021/2023", "behind"),
        ("visits", {"target": 1001}, 600, "2021/2023", "behind"),
        ("poor", {"growth": -0.5}, 1, "2025", "missed"),
        ("poor", {"growth": -0.51}, 0.99, "2025", "exceeded"),
        ("poor", {"final": 1, "target": 1.5}, 1, "2025", "exceeded"),
        ("growth", {"final": 9.7}, 9.7, "2025", "met"),
        ("growth", {"target": 11}, 10.4, "2024", "exceeded"),
        ("jobs", {"growth": 0.5}, 833, "2025", "missed"),
        ("trees", {"actual": 45}, 45, "2021/2024", "on_track"),
        ("trees", {"final": 50}, 50, "2021/2025", "met"),
    ],
)
def test_an_assumption_is_measured_as_a_printed_figure_is(data, code, given, actual, period, assessment):
    row = assumed(what_if(data, code, **given))
    assert (row["actual"], row["actual_period"], row["assessment"]) == (actual, period, assessment)
    assert row["assumed_target"] is ("target" in given)
    assert row["assumed_actual"] is bool({"actual", "final", "growth"} & set(given))
    assert row["growth"] == given["growth"] if "growth" in given else row["growth"] != row["growth"]


def test_the_printed_figures_stand_beside_it_and_stay_as_they_are(data):
    before = data.observations.copy()
    printed, supposed = what_if(data, "revenue", final=350, target=320).to_dict("records")
    own = metrics.progress(data, 0, ["revenue"]).iloc[0].to_dict()
    assert printed["case"] == "printed"
    assert not printed["assumed_actual"]
    measured = ["actual", "target", "attainment", "gap", "required", "assessment", "basis", "evidence"]
    assert [printed[name] for name in measured] == [own[name] for name in measured]
    assert (supposed["target"], supposed["attainment"], supposed["gap"]) == (320, 109.375, -30)
    assert data.observations.equals(before)


def test_only_printed_figures_are_evidence(data):
    labels = {
        name: data.observations.query("indicator == 'revenue' and measure == @name").index[0]
        for name in ("target", "aim")
    }
    actual = data.observations.query("indicator == 'revenue' and breakdown == '' and measure == 'actual'").index[0]
    assert assumed(what_if(data, "revenue", final=350))["evidence"] == (labels["target"],)
    assert set(assumed(what_if(data, "revenue", growth=0.2))["evidence"]) >= {labels["target"], actual}
    assert set(assumed(what_if(data, "revenue", target=400))["evidence"]) == {labels["aim"], actual}


def test_what_the_report_says_of_its_own_figures_is_not_said_of_others(data):
    row = assumed(what_if(data, "revenue", actual=290))
    assert row["aim"] != row["aim"]
    assert row["stated_attainment"] != row["stated_attainment"]
    assert row["assessment"] == "not_assessed"
    # Another target leaves standing what is aimed for.
    assert assumed(what_if(data, "revenue", target=290))["basis"] == "aim"


def test_the_bound_of_a_target_stays_and_a_range_becomes_one_number(data):
    assert assumed(what_if(data, "poor", target=2))["target_qualifier"] == "under"
    row = assumed(what_if(data, "growth", target=11))
    assert row["target_max"] != row["target_max"]


def test_without_a_printed_target_one_can_be_assumed(data):
    frame = what_if(data, "fields", target=50)
    assert frame[["case", "target_period", "attainment"]].values.tolist() == [["assumed", "2025", 80]]
    assert assumed(what_if(data, "fields", target=50, final=50))["assessment"] == "met"


def test_of_several_targets_the_last_one_is_meant(data):
    assert what_if(data, "jobs", final=1000)["target"].tolist() == [1000, 1000]


def test_nothing_later_than_the_year_is_used(data):
    with pytest.raises(UsageError, match="growth of 'revenue' has nothing to start from; give final=NUMBER"):
        what_if(data, "revenue", growth=0.1, year=2022)
    assert assumed(what_if(data, "revenue", actual=100, year=2022))["actual_period"] == "2022"


@pytest.mark.parametrize(
    ("code", "given", "message"),
    [
        ("revenue", {}, "nothing is assumed; give one of actual=NUMBER, final=NUMBER, growth=NUMBER, target=NUMBER."),
        ("revenue", {"final": 1, "growth": 1}, "final and growth exclude each other: each leads to the figure of the target's"),
        ("revenue", {"final": 1, "actual": 1}, "final and actual exclude each other"),
        ("revenue", {"final": float("nan")}, "final must be a number, found nan."),
        ("revenue", {"target": -1}, "target: -1 is not possible for 'revenue', which is at least 0."),
        ("poor", {"actual": 101}, "actual: 101 is not possible for 'poor', which is at most 100."),
        ("poor", {"growth": -2}, "final: -0.5 is not possible for 'poor', which is at least 0."),
        ("fields", {"final": 50}, "no target of 'fields' is printed; assume one with target=NUMBER."),
        ("trees", {"growth": 1}, "growth of 'trees' has nothing to start from; give final=NUMBER."),
        ("visit", {"final": 50}, "unknown indicator 'visit' in data set town: did you mean 'visits'?"),
    ],
)  # fmt: skip
def test_what_cannot_be_assumed_is_refused(data, code, given, message):
    with pytest.raises(UsageError) as raised:
        what_if(data, code, **given)
    assert message in str(raised.value)
    assert isinstance(raised.value, UnknownNameError) is message.startswith("unknown")


def test_growth_needs_a_year_to_grow_in(town):
    data = town([indicator("x")], [figure("x", "2025", "4"), goal("x", "5")])
    with pytest.raises(UsageError, match="growth leads nowhere: no year is left until the target of 'x'"):
        what_if(data, "x", growth=0.5)
    assert assumed(what_if(data, "x", final=5))["assessment"] == "met"


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(year=st.integers(2021, 2024), value=st.integers(1, 9_000), target=st.integers(1, 9_000), total=st.booleans())
def test_the_growth_that_is_required_just_meets_the_target(tmp_path_factory, year, value, target, total):
    from laichau_analysis import load

    periods = (f"2021/{year}" if year > 2021 else "2021", "2021/2025") if total else (str(year), "2025")
    rows = [figure("x", periods[0], str(value)), figure("x", periods[1], str(target), "target")]
    own = indicator("x", accumulation="total" if total else "end")
    data = load(str(write_town(tmp_path_factory.mktemp("town") / "town", [own], rows)))
    required = metrics.progress(data)["required_growth"].item()
    assert assumed(what_if(data, "x", growth=required))["assessment"] == "met"
