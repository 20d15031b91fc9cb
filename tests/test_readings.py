"""Figures as columns of exact numbers against what ``Dataset`` says of one figure."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from laichau_analysis.readings import Readings
from tests.towns import figure, indicator


def assert_same(data, without_limit):
    readings = Readings(data, data.observations)
    readings = readings.without_limit() if without_limit else readings
    at = np.arange(len(data.observations))
    numbers, decimals = readings.number(at), readings.decimals(at)
    with np.errstate(invalid="ignore"):
        intervals = readings.interval(at)
    if without_limit:
        held = [numbers.num, numbers.den, intervals.low.num, intervals.low.den, intervals.high.num, intervals.high.den]
        assert {type(number) for column in held for number in column} <= {int, float}
    for place, label in enumerate(data.observations.index):
        row, printed = data.records[label], data.printed(label)
        assert fraction(numbers, place) == Fraction(printed.value * row["factor"])
        assert decimals[place] == printed.decimals - row["factor"].adjusted()
        expected = data.interval(label)
        assert intervals.known[place] == (expected is not None)
        if expected is not None:
            assert fraction(intervals.low, place) == whole(expected.low)
            assert fraction(intervals.high, place) == whole(expected.high)
            closed = (intervals.low_closed[place], intervals.high_closed[place])
            assert closed == (expected.low_closed, expected.high_closed)


def fraction(ratios, place):
    num, den = ratios.num[place], ratios.den[place]
    return float(num) if math.isinf(num) else Fraction(int(num), int(den))


def whole(number):
    return float(number) if number.is_infinite() else Fraction(number)


@pytest.mark.parametrize("without_limit", [False, True])
def test_the_shipped_figures_are_read_as_one_by_one(lai_chau, without_limit):
    assert_same(lai_chau, without_limit)


QUALIFIERS = ["", "over", "at_least", "under", "nearly", "about"]


@pytest.mark.parametrize("without_limit", [False, True])
@pytest.mark.parametrize("unit", ["billion_dong", "person", "percent"])
def test_every_kind_of_figure_is_read_as_one_by_one(town, unit, without_limit):
    others = {"billion_dong": "million_dong", "person": "", "percent": "per_mille"}
    measures = ["actual", "target", "plan", "outlook", "stated_attainment", "stated_share"]
    printed = ["95", "95,50", "0", "-1,5", "100", "9,5-10"]
    rows = [
        figure(
            "x",
            str(2000 + number),
            token,
            measure,
            qualifier=qualifier,
            unit=others[unit] if number % 2 and not measure.startswith("stated") else "",
        )
        for measure in measures
        for number, token in enumerate(printed)
        for qualifier in QUALIFIERS
        if measure != "target" or not qualifier
    ]
    rows = [row | {"locator": code} for row, code in zip(rows, ["I", "II", "III"] * len(rows), strict=False)]
    unique = {(row["period"], row["measure"], row["locator"]): row for row in rows}
    data = town([indicator("x", unit=unit, minimum="0", maximum="100")], list(unique.values()))
    assert_same(data, without_limit)


def test_more_digits_than_float64_holds_are_known_only_without_limit(town):
    row = figure("x", "2024", "999.999.999.999,999", unit="hour")
    data = town([indicator("x", unit="minute", minimum="")], [row])
    readings, at = Readings(data, data.observations), np.arange(1)
    with np.errstate(invalid="ignore"):
        assert not readings.interval(at).known[0]
    assert fraction(readings.without_limit().number(at), 0) == Fraction("59999999999999.94")
    low, high = readings.in_floats(lambda own, places: own.interval(places), 1)
    assert (low[0], high[0]) == (59999999999999.91, 59999999999999.97)


@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_a_stated_attainment_implies_a_target(town, direction):
    rows = [figure("x", "2024", "182,6"), figure("x", "2024", "61", "stated_attainment")]
    data = town([indicator("x", direction=direction)], rows)
    readings = Readings(data, data.observations)
    value, stated = np.array([0]), np.array([1])
    lower = np.array([float(direction == "lower")])
    ends = readings.in_floats(lambda own, at: own.implied(stated[at], value[at], lower[at]), 1)
    values, attained = data.interval(0), data.interval(1)
    hundred = Decimal(100)
    goal = values.scaled(hundred) / attained if direction == "higher" else values.scaled(1 / hundred) * attained
    assert [end[0] for end in ends] == pytest.approx([float(goal.low), float(goal.high)], rel=1e-15)
