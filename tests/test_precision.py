from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from laichau_analysis.precision import (
    Interval,
    exact,
    parse_printed,
    round_half_up,
    rounded_to,
    stands_for,
    truncate,
)

NUMBERS = st.decimals(-1000, 1000, places=2)
INTERVALS = st.tuples(NUMBERS, NUMBERS).map(lambda ends: Interval(min(ends), max(ends), True, True))


@pytest.mark.parametrize(
    ("token", "language", "value", "upper", "decimals", "sign"),
    [
        ("182,6", "vi", "182.6", None, 1, ""),
        ("2.084", "vi", "2084", None, 0, ""),
        ("5.327.827.000", "vi", "5327827000", None, 0, ""),
        ("1.437,88", "vi", "1437.88", None, 2, ""),
        ("07", "vi", "7", None, 0, ""),
        ("1,50%", "vi", "1.50", None, 2, "%"),
        ("96 %", "vi", "96", None, 0, "%"),
        ("-1,5", "vi", "-1.5", None, 1, ""),
        ("9,5‰-10‰", "vi", "9.5", "10", 1, "‰"),
        ("95-100%", "vi", "95", "100", 0, "%"),
        ("1,234.5", "en", "1234.5", None, 1, ""),
    ],
)
def test_tokens_are_read_as_their_language_prints_them(token, language, value, upper, decimals, sign):
    read = parse_printed(token, language)
    assert (read.value, read.decimals, read.sign) == (Decimal(value), decimals, sign)
    assert read.upper == (None if upper is None else Decimal(upper))


@pytest.mark.parametrize("token", ["", "abc", "1.23", "12.34,5", "0.001", "1,2,3", "10-5", "9%-10‰", "182.6"])
def test_what_is_no_number_is_refused(token):
    with pytest.raises(ValueError, match=r"not a number as vi prints it|must end above|same sign"):
        parse_printed(token)


@pytest.mark.parametrize(
    ("token", "more", "expected"),
    [
        ("182,6", {}, "[182.55, 182.65)"),
        ("62", {}, "[61.5, 62.5)"),
        ("28", {"whole_is_exact": True}, "[28, 28]"),
        ("28,5", {"whole_is_exact": True}, "[28.45, 28.55)"),
        ("96%", {"qualifier": "over", "maximum": Decimal(100)}, "(96, 100]"),
        ("66", {"qualifier": "at_least"}, "[66, Infinity)"),
        ("1", {"qualifier": "under", "minimum": Decimal(0)}, "[0, 1)"),
        ("100%", {"maximum": Decimal(100)}, "[99.5, 100]"),
        ("0,2", {"minimum": Decimal(0)}, "[0.15, 0.25)"),
        ("120", {"factor": Decimal(1000)}, "[119500, 120500)"),
        ("9,5‰-10‰", {}, "[9.45, 10.05)"),
    ],
)
def test_what_a_printed_number_stands_for(token, more, expected):
    assert str(stands_for(parse_printed(token), **more)) == expected


@pytest.mark.parametrize("qualifier", ["nearly", "about"])
def test_a_vague_figure_stands_for_nothing(qualifier):
    assert stands_for(parse_printed("17"), qualifier=qualifier) is None


@pytest.mark.parametrize(
    ("value", "decimals", "rounded", "cut"),
    [("60.85", 1, "60.9", "60.8"), ("60.867", 1, "60.9", "60.8"), ("-0.5", 0, "-1", "0"), ("2.5", 0, "3", "2")],
)
def test_halves_are_rounded_up_and_cutting_never_rounds(value, decimals, rounded, cut):
    assert round_half_up(Decimal(value), decimals) == Decimal(rounded)
    assert truncate(Decimal(value), decimals) == Decimal(cut)


def test_an_end_knows_whether_it_belongs():
    stated = rounded_to(Decimal("60.8"), 1)
    assert Decimal("60.75") in stated
    assert Decimal("60.85") not in stated
    assert not stated.overlaps(Interval(Decimal("60.85"), Decimal("60.9")))
    assert stated.overlaps(Interval(Decimal("60.5"), Decimal("60.75"), True, True))
    assert not stated.overlaps(Interval(Decimal("60.5"), Decimal("60.75")))


def test_a_divisor_that_holds_zero_is_refused():
    with pytest.raises(ZeroDivisionError, match="holds zero"):
        exact(Decimal(1)) / Interval(Decimal(-1), Decimal(1))
    assert str(exact(Decimal(1)) / Interval(Decimal(0), Decimal(4), False, True)) == "[0.25, Infinity)"


@given(NUMBERS, st.integers(0, 3))
def test_every_number_lies_in_the_interval_of_its_rounding(number, decimals):
    assert number in rounded_to(round_half_up(number, decimals), decimals)


@given(INTERVALS, INTERVALS, st.floats(0, 1), st.floats(0, 1))
def test_arithmetic_holds_every_pair_of_members(one, other, a, b):
    x = one.low + (one.high - one.low) * Decimal(a)
    y = other.low + (other.high - other.low) * Decimal(b)
    wide = Interval(Decimal("-1e-9"), Decimal("1e-9"), True, True)
    assert x + y in one + other + wide
    assert x - y in one - other + wide
    assert x * y in one * other + wide
    assume(not other.low <= 0 <= other.high)
    quotient = one / other
    assert quotient.low - Decimal("1e-9") <= x / y <= quotient.high + Decimal("1e-9")
