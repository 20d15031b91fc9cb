"""Exact arithmetic over columns: ratios of whole numbers, and intervals between them.

``precision`` says what one printed number stands for; here the same arithmetic is done for many of them
at once. A number is a whole number over a whole number above zero, so that nothing is rounded and the
edge of an interval stays the edge. The whole numbers stand in columns of float64, which holds them
exactly below 2**53. What would grow larger becomes NaN, which is to say not known, and so does all that
follows from it; it is computed once more with Python's whole numbers, which have no limit, in columns
of ``object``. There, NaN is what cannot be known at all. Whoever computes here silences what numpy says of NaN.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, reduce
from typing import Any, Final

import numpy as np
import numpy.typing as npt

__all__ = ["Intervals", "Ratios", "Truth", "both", "choose", "chosen", "either"]

Numbers = npt.NDArray[Any]
"""Whole numbers, infinities and NaN, as float64 or as object."""
Bools = npt.NDArray[np.bool_]
Truth = npt.NDArray[np.float64]
"""1 where something holds, 0 where it does not, NaN where that is not known."""
Whole = npt.NDArray[np.int64]

TOO_LARGE: Final = 2**53


def both(one: Truth, other: Truth) -> Truth:
    """Whether both hold; not known where either is not."""
    return np.minimum(one, other)


def either(one: Truth, other: Truth) -> Truth:
    """Whether either holds; not known where one is not."""
    return np.maximum(one, other)


def _held(numbers: Numbers) -> Numbers:
    """The whole numbers that were computed exactly, NaN for the others."""
    if numbers.dtype == object:
        return numbers
    return np.where((np.abs(numbers) < TOO_LARGE) | np.isinf(numbers), numbers, np.nan)


def within_limit(numbers: Iterable[float]) -> npt.NDArray[np.float64]:
    """Python's whole numbers as float64, NaN for those that are too large."""
    return np.array([float(n) if abs(n) < TOO_LARGE or math.isinf(n) else math.nan for n in numbers])


@cache
def _table_of_powers(most: int, dtype: type) -> Numbers:
    powers = [10**i for i in range(most + 1)]
    if dtype is object:
        return np.array(powers, dtype=object)
    return np.array([float(power) if power < TOO_LARGE else math.nan for power in powers])


def powers_of_ten(exponents: Whole, dtype: type) -> Numbers:
    """10 to the power of each exponent, 1 for those below 0."""
    upwards = np.maximum(exponents, 0)
    table = _table_of_powers(int(upwards.max(initial=0)), dtype)
    powers: Numbers = table[upwards]
    return powers


def kind_of(numbers: Numbers) -> type:
    """How the whole numbers are held: ``float`` or ``object``."""
    return object if numbers.dtype == object else float


@dataclass(frozen=True, eq=False)
class Ratios:
    """A column of numbers.

    Attributes
    ----------
    num, den : array
        Whole numbers, those of ``den`` above 0; an infinite ``num`` is infinity, NaN is not known.

    Examples
    --------
    >>> tenths = Ratios.of(np.array([1.0, 2.0]), np.array([1, 1]))
    >>> (tenths + tenths[::-1]).floats().tolist()
    [0.3, 0.3]
    """

    num: Numbers
    den: Numbers

    @classmethod
    def of(cls, digits: Numbers, places: Whole) -> Ratios:
        """Numbers from their digits and how many of these stand after the decimal sign."""
        kind = kind_of(digits)
        return cls(_held(digits * powers_of_ten(-places, kind)), powers_of_ten(places, kind))

    @classmethod
    def from_decimals(cls, numbers: Iterable[Decimal], kind: type) -> Ratios:
        """Numbers from decimals, which may be infinite."""
        pairs = [split(number) for number in numbers]
        digits = np.array([digits for digits, _ in pairs], dtype=object)
        if kind is not object:
            digits = within_limit(digits)
        return cls.of(digits, np.array([places for _, places in pairs], dtype=np.int64))

    def __len__(self) -> int:
        return len(self.num)

    def __getitem__(self, at: Any) -> Ratios:
        return Ratios(self.num[at], self.den[at])

    @property
    def known(self) -> Bools:
        """Which of them are known."""
        result: Bools = (self.num == self.num) & (self.den == self.den)
        return result

    @property
    def finite(self) -> Bools:
        """Which of them are no infinity."""
        return np.asarray(np.abs(self.num) != math.inf)

    def floats(self) -> npt.NDArray[np.float64]:
        """The nearest float64 of each."""
        if kind_of(self.num) is float:
            return self.num / self.den  # both are exact, so that this rounds once
        return np.array([_quotient(num, den) for num, den in zip(self.num, self.den, strict=True)], dtype=float)

    def unless(self, unknown: Bools) -> Ratios:
        """The same numbers, but not known where a condition holds."""
        return Ratios(np.where(unknown, math.nan, self.num), np.where(unknown, 1, self.den))

    def __neg__(self) -> Ratios:
        return Ratios(-self.num, self.den)

    def __add__(self, other: Ratios) -> Ratios:
        one, another, den = _alike(self, other)
        return Ratios(_held(one + another), den)

    def __sub__(self, other: Ratios) -> Ratios:
        return self + -other

    def __mul__(self, other: Ratios) -> Ratios:
        nothing = (self.num == 0) | (other.num == 0)  # not even of an infinity
        return Ratios(_held(np.where(nothing, 0, self.num * other.num)), _held(self.den * other.den))

    def __truediv__(self, other: Ratios) -> Ratios:
        """The quotients; not known where the divisor is 0, and 0 where it is infinite."""
        zero, endless = other.num == 0, ~other.finite
        divisor = np.where(zero | endless, 1, other.num)
        sign = np.where(divisor < 0, -1, 1)
        num = np.where(endless, 0, _held(self.num * other.den) * sign)
        return Ratios(num, _held(np.where(endless, 1, self.den * divisor * sign))).unless(zero)

    def compared(self, other: Ratios) -> Truth:
        """-1 where a number is less than the other, 0 where equal, 1 where more, NaN where it is not known."""
        if kind_of(self.num) is object or kind_of(other.num) is object:
            return _order(self, other)
        # Only those that are nearly the same are worth the exact comparison.
        one, another = np.broadcast_arrays(self.floats(), other.floats())
        order = np.sign(one - another)
        close = ~(np.abs(one - another) > np.maximum(np.abs(one), np.abs(another)) * 1e-15)
        if close.any():
            order[close] = _order(*(item if len(item) == 1 else item[close] for item in (self, other)))
        result: Truth = order
        return result

    def less(self, other: Ratios) -> Truth:
        """Whether each is less than the other."""
        order = self.compared(other)
        return np.where(np.isnan(order), order, order < 0)

    def at_most(self, other: Ratios) -> Truth:
        """Whether each is no more than the other."""
        order = self.compared(other)
        return np.where(np.isnan(order), order, order <= 0)

    def equal(self, other: Ratios) -> Truth:
        """Whether each is the same as the other."""
        order = self.compared(other)
        return np.where(np.isnan(order), order, order == 0)

    def rounded(self, decimals: Whole) -> Ratios:
        """Round to so many decimals, halves away from zero."""
        num, den = self._in_steps(decimals)
        return self._of_steps(_held(2 * np.abs(num) + den) // _held(2 * den), decimals)

    def cut(self, decimals: Whole) -> Ratios:
        """Cut off after so many decimals."""
        num, den = self._in_steps(decimals)
        return self._of_steps(np.abs(num) // den, decimals)

    def _in_steps(self, decimals: Whole) -> tuple[Numbers, Numbers]:
        kind = kind_of(self.num)
        num = np.where(self.finite, self.num, math.nan)
        return _held(num * powers_of_ten(decimals, kind)), _held(self.den * powers_of_ten(-decimals, kind))

    def _of_steps(self, steps: Numbers, decimals: Whole) -> Ratios:
        return Ratios.of(np.where(self.num < 0, -steps, steps), decimals)

    def reduced(self) -> Ratios:
        """The same numbers in lowest terms."""
        usable = self.known & self.finite
        whole = [np.where(usable, part, 1) for part in (self.num, self.den)]
        if kind_of(self.num) is float:
            whole = [part.astype(np.int64) for part in whole]
        common = np.where(usable, np.gcd(*whole), 1)
        return Ratios(_times(self.num, common), _times(self.den, common))

    def totals(self, starts: npt.NDArray[np.intp]) -> Ratios:
        """Sums of neighbours, from each start to the next."""
        if not len(starts):
            return self
        common = np.maximum.reduceat(self.den, starts)
        sizes = np.diff(starts, append=len(self))
        if not _divides(self.den, np.repeat(common, sizes)).all():  # rare: most are powers of ten, or twice that
            common = np.lcm.reduceat(self.den, starts) if kind_of(self.den) is object else common * math.nan
        times = _times(np.repeat(common, sizes), self.den)
        return Ratios(_held(np.add.reduceat(_held(self.num * times), starts)), common)


def _alike(one: Ratios, other: Ratios) -> tuple[Numbers, Numbers, Numbers]:
    """Both numerators over one denominator: the larger one where it is a multiple of the other, else their product."""
    if np.array_equal(one.den, other.den):
        return one.num, other.num, one.den
    larger = np.maximum(one.den, other.den)
    fits = _divides(one.den, larger) & _divides(other.den, larger)
    den = _held(np.where(fits, larger, one.den * other.den))
    return _held(one.num * _times(den, one.den)), _held(other.num * _times(den, other.den)), den


def _times(multiples: Numbers, numbers: Numbers) -> Numbers:
    """How many times numbers are in multiples of theirs."""
    return multiples // numbers if kind_of(multiples) is object else multiples / numbers


def _divides(numbers: Numbers, others: Numbers) -> Bools:
    """Which numbers, above 0, divide others; the remainder of floats takes several times as long."""
    if kind_of(numbers) is object or kind_of(others) is object:
        return np.asarray(others % numbers == 0)
    return np.asarray(np.rint(others / numbers) * numbers == others)


def _order(one: Ratios, other: Ratios) -> Truth:
    """-1 where the one is less, 0 where they are equal, 1 where it is more, NaN where it is not known."""
    left, right, _ = _alike(one, other)
    order = np.where(left == right, 0.0, np.where(left < right, -1.0, 1.0))
    return np.where((left != left) | (right != right), math.nan, order)


def split(number: Decimal) -> tuple[float, int]:
    """A number's digits, and how many of them stand after the decimal sign."""
    sign, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return float(number), 0
    whole = int("".join(map(str, digits)))
    return -whole if sign else whole, -exponent


def _quotient(num: Any, den: Any) -> float:
    try:
        return float(num / den)
    except OverflowError:
        return num if isinstance(num, float) else math.inf if num > 0 else -math.inf


def choose(truth: Truth, one: Ratios, other: Ratios) -> Ratios:
    """One number where something holds, the other where it does not, none where that is not known."""
    yes = truth == 1
    chosen = Ratios(np.where(yes, one.num, other.num), np.where(yes, one.den, other.den))
    return chosen.unless(np.isnan(truth))


@dataclass(frozen=True, eq=False)
class Intervals:
    """A column of intervals; ``precision.Interval`` is one of them.

    Attributes
    ----------
    low, high : Ratios
    low_closed, high_closed : array of bool
        Whether the end itself belongs to the interval.
    """

    low: Ratios
    high: Ratios
    low_closed: Bools
    high_closed: Bools

    @classmethod
    def exact(cls, numbers: Ratios) -> Intervals:
        """Intervals that hold one number each."""
        closed = np.ones(len(numbers), dtype=bool)
        return cls(numbers, numbers, closed, closed)

    def __len__(self) -> int:
        return len(self.low)

    def __getitem__(self, at: Any) -> Intervals:
        return Intervals(self.low[at], self.high[at], self.low_closed[at], self.high_closed[at])

    @property
    def known(self) -> Bools:
        """Which of them are known."""
        return self.low.known & self.high.known

    @property
    def bounded(self) -> Bools:
        """Which of them have two finite ends."""
        return self.low.finite & self.high.finite

    def unless(self, unknown: Bools) -> Intervals:
        """The same intervals, but not known where a condition holds."""
        return Intervals(self.low.unless(unknown), self.high.unless(unknown), self.low_closed, self.high_closed)

    def overlap(self, other: Intervals) -> Truth:
        """Whether any number lies in both intervals."""
        return both(self._starts_before_end_of(other), other._starts_before_end_of(self))

    def _starts_before_end_of(self, other: Intervals) -> Truth:
        order = self.low.compared(other.high)
        touching = (order == 0) & self.low_closed & other.high_closed
        return np.where(np.isnan(order), order, (order < 0) | touching)

    def above(self, other: Intervals) -> Truth:
        """Whether all numbers of the one are larger than all of the other."""
        return 1 - self._starts_before_end_of(other)

    def clipped(self, minimum: Ratios, maximum: Ratios) -> Intervals:
        """Leave out what is not possible at all; where there is no limit, it is infinite."""
        below = both(self.low.less(minimum), minimum.at_most(self.high))
        low = choose(below, minimum, self.low)
        above = both(low.at_most(maximum), maximum.less(self.high))
        return Intervals(
            low,
            choose(above, maximum, self.high),
            self.low_closed | (below == 1),
            self.high_closed | (above == 1),
        )

    def scaled(self, factors: Ratios) -> Intervals:
        """Multiply by numbers above 0."""
        return Intervals(self.low * factors, self.high * factors, self.low_closed, self.high_closed)

    def totals(self, starts: npt.NDArray[np.intp]) -> Intervals:
        """Sums of neighbours, from each start to the next; see ``Ratios.totals``."""
        closed = (np.logical_and.reduceat(ends, starts) for ends in (self.low_closed, self.high_closed))
        return Intervals(self.low.totals(starts), self.high.totals(starts), *closed)

    def __neg__(self) -> Intervals:
        return Intervals(-self.high, -self.low, self.high_closed, self.low_closed)

    def __add__(self, other: Intervals) -> Intervals:
        return Intervals(
            self.low + other.low,
            self.high + other.high,
            self.low_closed & other.low_closed,
            self.high_closed & other.high_closed,
        )

    def __sub__(self, other: Intervals) -> Intervals:
        return self + -other

    def __mul__(self, other: Intervals) -> Intervals:
        return self._combined(other, Ratios.__mul__)

    def __truediv__(self, other: Intervals) -> Intervals:
        """The quotients; not known where the divisor may be 0."""
        from_below = (other.low.num < 0) | ((other.low.num == 0) & other.low_closed)
        to_above = (other.high.num > 0) | ((other.high.num == 0) & other.high_closed)
        negative = (other.high.num <= 0).astype(float)
        dividend, divisor = (chosen(negative, -item, item) for item in (self, other))
        return dividend._combined(divisor, _over).unless(from_below & to_above)

    def _combined(self, other: Intervals, operation: Callable[[Ratios, Ratios], Ratios]) -> Intervals:
        """From the smallest to the largest of what the ends give with one another."""
        ends = [[(item.low, item.low_closed), (item.high, item.high_closed)] for item in (self, other)]
        corners = [
            (operation(one, another), one_closed & another_closed)
            for (one, one_closed), (another, another_closed) in itertools.product(*ends)
        ]
        numbers = [number for number, _ in corners]
        low = reduce(lambda a, b: choose(a.less(b), a, b), numbers)
        high = reduce(lambda a, b: choose(a.less(b), b, a), numbers)
        low_is, high_is = ([number.equal(end) for number in numbers] for end in (low, high))
        closed = [
            np.logical_or.reduce([(same == 1) & closed for same, (_, closed) in zip(is_end, corners, strict=True)])
            for is_end in (low_is, high_is)
        ]
        unclear = np.isnan(np.sum([*low_is, *high_is], axis=0))
        return Intervals(low, high, *closed).unless(unclear)


def chosen(truth: Truth, one: Intervals, other: Intervals) -> Intervals:
    """One interval where something holds, the other where it does not, none where that is not known."""
    return Intervals(
        choose(truth, one.low, other.low),
        choose(truth, one.high, other.high),
        np.where(truth == 1, one.low_closed, other.low_closed),
        np.where(truth == 1, one.high_closed, other.high_closed),
    )


def _over(one: Ratios, other: Ratios) -> Ratios:
    """A quotient of ends: by 0, which is an end that does not belong to it, it is infinite."""
    endless = np.where(one.num > 0, math.inf, np.where(one.num < 0, -math.inf, one.num))
    quotient, by_zero = one / other, other.num == 0
    return Ratios(np.where(by_zero, endless, quotient.num), np.where(by_zero, 1, quotient.den))
