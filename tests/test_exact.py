"""Columns of exact numbers against ``precision``, which does the same for one number at a time."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from laichau_analysis.exact import Intervals, Ratios, both, choose, chosen, either
from laichau_analysis.precision import INFINITY, Interval, round_half_up, truncate

often = settings(max_examples=300, deadline=None, derandomize=True, database=None)
NUMBERS = some.one_of(
    some.decimals(-1000, 1000, places=2),
    some.decimals(-(10**15), 10**15, places=0),
    some.sampled_from([Decimal(0), Decimal("0.00000001"), Decimal("123456789012.345")]),
)
KINDS = some.sampled_from([float, object])


@some.composite
def intervals(draw):
    """Intervals with a finite end at least; one of a single number holds it."""
    low, high = sorted([draw(NUMBERS), draw(NUMBERS)])
    if low == high:
        return Interval(low, high, True, True)
    one_sided = draw(some.sampled_from(["", "", "", "low", "high"]))
    return Interval(
        -INFINITY if one_sided == "low" else low,
        INFINITY if one_sided == "high" else high,
        one_sided != "low" and draw(some.booleans()),
        one_sided != "high" and draw(some.booleans()),
    )


def ratios(*numbers, kind=object):
    return Ratios.from_decimals(numbers, kind)


def column(*items, kind=object):
    return Intervals(
        ratios(*(item.low for item in items), kind=kind),
        ratios(*(item.high for item in items), kind=kind),
        np.array([item.low_closed for item in items]),
        np.array([item.high_closed for item in items]),
    )


def end(number, at=0):
    """One end as a fraction, or infinity."""
    num, den = number.num[at], number.den[at]
    return float(num) if math.isinf(num) else Fraction(int(num), int(den))


def wanted(number):
    return float(number) if number.is_infinite() else Fraction(number)


@often
@given(one=NUMBERS, other=NUMBERS, kind=KINDS)
def test_arithmetic_is_that_of_fractions_or_not_known(one, other, kind):
    a, b = ratios(one, kind=kind), ratios(other, kind=kind)
    results = {"+": a + b, "-": a - b, "*": a * b, "/": a / b}
    x, y = Fraction(one), Fraction(other)
    expected = {"+": x + y, "-": x - y, "*": x * y, "/": x / y if y else None}
    for sign, result in results.items():
        if result.known[0]:
            assert end(result) == expected[sign]
        else:
            assert expected[sign] is None or kind is float
    order = a.compared(b)[0]
    assert order == (x > y) - (x < y) or (kind is float and math.isnan(order))


def test_without_limit_everything_is_known_but_a_quotient_by_zero():
    large = ratios(Decimal(10**15), Decimal("1e-15"))
    assert (large * large * large).known.all()
    assert (large / ratios(Decimal(0), Decimal(0))).known.tolist() == [False, False]


def test_what_float64_does_not_hold_is_not_known():
    large = ratios(Decimal(2**52), Decimal(3), kind=float)
    assert (large + large).known.tolist() == [False, True]
    assert (large + large + large).known.tolist() == [False, True]
    assert np.isnan((large * large).less(large)[0])


@often
@given(number=NUMBERS, decimals=some.integers(-3, 6), kind=KINDS)
def test_numbers_are_rounded_and_cut_as_single_ones(number, decimals, kind):
    own, places = ratios(number, kind=kind), np.array([decimals])
    for result, function in ((own.rounded(places), round_half_up), (own.cut(places), truncate)):
        if result.known[0]:
            assert end(result) == Fraction(function(number, decimals))
        else:
            assert kind is float


@often
@given(one=intervals(), other=intervals(), factor=some.integers(1, 1000), kind=KINDS)
def test_intervals_follow_the_single_ones(one, other, factor, kind):
    a, b = column(one, kind=kind), column(other, kind=kind)
    finite = one.is_bounded and other.is_bounded
    cases = [
        (a + b, lambda: one + other),
        (a - b, lambda: one - other),
        (a.scaled(ratios(Decimal(factor), kind=kind)), lambda: one.scaled(Decimal(factor))),
    ]
    if finite:
        cases.append((a * b, lambda: one * other))
    for result, function in cases:
        if result.known[0]:
            expected = function()
            exactly = all(abs(number.adjusted()) < 12 for number in (expected.low, expected.high) if number.is_finite())
            if exactly:
                assert (end(result.low), end(result.high)) == (wanted(expected.low), wanted(expected.high))
            assert (result.low_closed[0], result.high_closed[0]) == (expected.low_closed, expected.high_closed)
        else:
            assert kind is float
    overlap = a.overlap(b)[0]
    assert overlap == one.overlaps(other) or (kind is float and math.isnan(overlap))


@pytest.mark.parametrize(
    ("dividend", "divisor", "expected"),
    [
        (Interval(Decimal(1), Decimal(2)), Interval(Decimal(4), Decimal(8)), ("1/8", "1/2", False, False)),
        (Interval(Decimal(1), Decimal(2)), Interval(Decimal(-8), Decimal(-4)), ("-1/2", "-1/8", False, True)),
        (Interval(Decimal(1), Decimal(2)), Interval(Decimal(0), Decimal(4), False), ("1/4", "inf", False, False)),
        (Interval(Decimal(1), Decimal(2)), Interval(Decimal(4), INFINITY), ("0", "1/2", False, False)),
        (Interval(Decimal(1), Decimal(2)), Interval(Decimal(-1), Decimal(1)), None),
        (Interval(Decimal(1), Decimal(2)), Interval(Decimal(0), Decimal(1)), None),
    ],
)
@pytest.mark.parametrize("kind", [float, object])
def test_quotients_of_intervals(dividend, divisor, expected, kind):
    with np.errstate(invalid="ignore"):
        result = column(dividend, kind=kind) / column(divisor, kind=kind)
    assert result.known[0] == (expected is not None)
    if expected is not None:
        low, high, *closed = expected
        assert (end(result.low), str(end(result.high))) == (Fraction(low), high)
        assert [result.low_closed[0], result.high_closed[0]] == closed


@often
@given(own=intervals(), limits=some.tuples(NUMBERS, NUMBERS).map(sorted), kind=KINDS)
def test_what_is_not_possible_is_left_out_as_of_single_ones(own, limits, kind):
    minimum, maximum = limits
    result = column(own, kind=kind).clipped(ratios(minimum, kind=kind), ratios(maximum, kind=kind))
    if result.known[0]:
        expected = own.clipped(minimum, maximum)
        assert (end(result.low), end(result.high)) == (wanted(expected.low), wanted(expected.high))
        assert (result.low_closed[0], result.high_closed[0]) == (expected.low_closed, expected.high_closed)
    else:
        assert kind is float


@pytest.mark.parametrize("kind", [float, object])
@pytest.mark.parametrize("last", ["0.25", "0.3"])
def test_neighbours_are_added_over_any_denominators(kind, last):
    own = ratios(Decimal("1.5"), Decimal(2), Decimal(last), kind=kind)
    third = Ratios(own.num, own.den * np.array([1, 1, 3], dtype=own.den.dtype))
    totals = third.totals(np.array([0, 1]))
    assert end(totals) == Fraction(3, 2)
    if totals.known[1]:
        assert end(totals, 1) == 2 + Fraction(last) / 3
    else:
        assert kind is float  # no denominator is a multiple of the others: computed once more without limit
    assert len(own[:0].totals(np.zeros(0, dtype=np.intp))) == 0


def test_the_edge_of_an_interval_stays_the_edge():
    # 0.1 + 0.2 is 0.3: in floating point numbers it is more.
    tenths = ratios(Decimal("0.1"), kind=float) + ratios(Decimal("0.2"), kind=float)
    assert tenths.compared(ratios(Decimal("0.3"), kind=float))[0] == 0
    assert tenths.reduced().den[0] == 10


def test_what_is_not_known_of_one_is_not_known_of_both_or_either():
    yes, no, unknown = np.array([1.0]), np.array([0.0]), np.array([np.nan])
    assert (both(yes, yes)[0], both(yes, no)[0], either(no, no)[0], either(no, yes)[0]) == (1, 0, 0, 1)
    assert np.isnan([both(yes, unknown)[0], either(unknown, yes)[0]]).all()


def test_a_choice_takes_one_the_other_or_none():
    truth = np.array([1.0, 0.0, np.nan])
    ones, twos = (ratios(*[Decimal(number)] * 3, kind=float) for number in (1, 2))
    assert choose(truth, ones, twos).floats()[:2].tolist() == [1, 2]
    assert choose(truth, ones, twos).known.tolist() == [True, True, False]
    picked = chosen(truth, Intervals.exact(ones), Intervals.exact(twos))
    assert picked.known.tolist() == [True, True, False]
    assert picked.bounded[:2].all()


def test_the_nearest_floating_point_number_is_given():
    third = Ratios(np.array([1], dtype=object), np.array([3], dtype=object))
    assert third.floats()[0] == 1 / 3
    huge = Ratios(np.array([10**400, -(10**400)], dtype=object), np.array([1, 1], dtype=object))
    assert huge.floats().tolist() == [math.inf, -math.inf]
