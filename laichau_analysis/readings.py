"""What the figures of a data set stand for, as columns of exact numbers.

The same that ``Dataset.interval`` says of one figure, for many at once: an exact number, the numbers that
round to what is printed, or all from a bound on; in the indicator's unit.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from decimal import Decimal
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .dataset import Dataset
from .exact import Intervals, Numbers, Ratios, Truth, chosen, powers_of_ten, split, within_limit
from .keys import Columns
from .precision import parse_printed
from .schema import STATED
from .units import unit

__all__ = ["READ", "Readings"]

At = npt.NDArray[np.intp]
"""Positions in the table."""
EVERY: Final = slice(None)

HUNDRED: Final = Decimal(100)
READ: Final = [
    *("indicator", "measure", "unit", "qualifier", "printed", "language"),
    *("value", "value_max", "decimals", "factor"),
]
"""Columns of the observations that say what a figure stands for."""
AS_PRINTED: Final = ("target", "plan", "aim")
"""Measures that are meant exactly."""
OVER, AT_LEAST, UNDER, VAGUE = range(1, 5)
BOUNDS: Final = {"over": OVER, "at_least": AT_LEAST, "under": UNDER, "nearly": VAGUE, "about": VAGUE}
SAFE: Final = 2.0**50
"""Digits below this are the nearest whole number to the figure's float64 times a power of ten."""


class Readings:
    """Figures as exact numbers, by their position in a table.

    Parameters
    ----------
    data : Dataset
    rows : DataFrame
        Rows of ``data.observations``, with the columns ``READ`` at least.
    columns : Columns, optional
        Of these rows.
    """

    def __init__(self, data: Dataset, rows: pd.DataFrame, columns: Columns | None = None) -> None:
        columns = columns or Columns(rows)
        self._kind: type = float
        self._rows = rows
        catalogue_units = data.indicators["unit"]
        self._catalogue = {
            "scale": [unit(code).scale for code in catalogue_units],
            "minimum": [Decimal(str(limit)) for limit in data.indicators["minimum"].fillna(-math.inf)],
            "maximum": [Decimal(str(limit)) for limit in data.indicators["maximum"].fillna(math.inf)],
        }
        self._read: dict[tuple[str, type], Ratios] = {}
        own = columns["indicator"]
        self._indicator = data.indicators.index.get_indexer(own.values)[own.codes]
        self._decimals = rows["decimals"].to_numpy(np.int64)
        measures, units = columns["measure"], columns["unit"]
        self._as_printed = measures.where(AS_PRINTED.__contains__)
        self._limited = measures.where(lambda measure: measure not in (*AS_PRINTED, *STATED))
        bounds = columns["qualifier"].map(lambda word: BOUNDS.get(word, 0), np.int8)
        self._bound = np.where(self._as_printed, 0, bounds)
        own_unit = units.where(bool)
        countable = np.array([unit(code).countable for code in catalogue_units], dtype=bool)[self._indicator]
        counted = np.where(own_unit, units.where(lambda code: bool(code) and unit(code).countable), countable)
        whole = counted & (self._decimals == 0) & ~measures.where(STATED.__contains__)
        self._exact = (self._as_printed | whole) & (self._bound == 0)
        # What a row was multiplied by, as digits and places; 1 for those in the indicator's unit.
        self._factor = np.ones(len(rows))
        self._factor_places, self._factor_size = np.zeros((2, len(rows)), dtype=np.int64)
        (at,) = np.nonzero(own_unit)
        codes, factors = pd.factorize(rows["factor"].to_numpy(object)[at])
        if len(at):
            digits, places = zip(*(split(factor) for factor in factors), strict=True)
            self._factor[at] = within_limit(digits)[codes]
            self._factor_places[at] = np.array(places)[codes]
            self._factor_size[at] = np.array([factor.adjusted() for factor in factors])[codes]

    def without_limit(self) -> Readings:
        """The same readings, held as Python's whole numbers."""
        other = copy.copy(self)
        other._kind = object
        return other

    def constant(self, number: Decimal) -> Ratios:
        """A number that is the same for all."""
        return Ratios.from_decimals([number], self._kind)

    def number(self, at: At) -> Ratios:
        """Figures as printed; of a range, the lower end."""
        return self._numbers[at] if self._kind is float else self._in_unit(self._digits(at)[0], at)

    @cached_property
    def _numbers(self) -> Ratios:
        """Those of all rows: most are asked for more than once."""
        return self._in_unit(self._digits(EVERY)[0], EVERY)

    def decimals(self, at: At) -> npt.NDArray[np.int64]:
        """Digits that figures are printed with; those of another unit, as digits in the indicator's."""
        result: npt.NDArray[np.int64] = self._decimals[at] - self._factor_size[at]
        return result

    def interval(self, at: At) -> Intervals:
        """What figures stand for; not known where they are vague."""
        return self._intervals[at] if self._kind is float else self._interval(at)

    @cached_property
    def _intervals(self) -> Intervals:
        return self._interval(EVERY)

    def _interval(self, at: At | slice) -> Intervals:
        low, high = self._digits(at)
        exact, bound = self._exact[at], self._bound[at]
        half = np.where(exact, 0, 1)
        cases = [bound == VAGUE, bound == UNDER, (bound == OVER) | (bound == AT_LEAST)]
        starts = np.select(cases, [math.nan, -math.inf, 2 * low], 2 * low - half)
        ends = np.select(cases, [math.nan, 2 * high, math.inf], 2 * high + half)
        first, last = self._in_unit(starts, at), self._in_unit(ends, at)
        stands_for = Intervals(
            Ratios(first.num, 2 * first.den),
            Ratios(last.num, 2 * last.den),
            np.where(bound > 0, bound == AT_LEAST, exact | (low >= 0)),
            np.where(bound > 0, False, exact | (high < 0)),
        )
        unlimited = ~self._limited[at]
        minimum, maximum = (
            Ratios(np.where(unlimited, none, limit.num), limit.den)
            for none, limit in zip((-math.inf, math.inf), self.limits_of(self._indicator[at]), strict=True)
        )
        return stands_for.clipped(minimum, maximum)

    def possible(self, at: At, intervals: Intervals) -> Intervals:
        """Intervals without what the indicators of rows cannot be."""
        return intervals.clipped(*self.limits_of(self._indicator[at]))

    def implied(self, stated: At, values: At, lower: Truth) -> Intervals:
        """The targets or plans that stated attainments of values imply, where more or, by condition, less is better."""
        attained, reached = self.interval(stated), self.interval(values)
        hundred = Intervals.exact(self.constant(HUNDRED))
        goals = chosen(lower, reached * attained / hundred, reached * hundred / attained)
        usable = (attained.low.num > 0) & (reached.low.num > 0)
        return self.possible(stated, goals).unless(~usable)

    def in_floats(
        self, intervals: Callable[[Readings, At], Intervals], count: int
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """The ends of so many intervals, NaN where they cannot be known.

        Parameters
        ----------
        intervals : callable
            Gives those at some places of all, from these readings or such without limit.
        count : int
        """
        with np.errstate(all="ignore"):
            found = intervals(self, np.arange(count))
            low, high = found.low.floats(), found.high.floats()
            (unknown,) = np.nonzero(~found.known)
            if len(unknown):
                found = intervals(self.without_limit(), unknown)
                low[unknown], high[unknown] = found.low.floats(), found.high.floats()
        return low, high

    def limits_of(self, indicator: At) -> tuple[Ratios, Ratios]:
        """The smallest and the largest values that are possible at all; infinite where there is no limit."""
        return self._catalogue_ratios("minimum")[indicator], self._catalogue_ratios("maximum")[indicator]

    def scale(self, at: At) -> Ratios:
        """How many base units one of the indicators' units is."""
        return self.scale_of(self._indicator[at])

    def scale_of(self, indicator: At) -> Ratios:
        """How many base units one of the units of indicators is, by their numbers."""
        return self._catalogue_ratios("scale")[indicator]

    def _catalogue_ratios(self, column: str) -> Ratios:
        key = (column, self._kind)
        if key not in self._read:
            self._read[key] = Ratios.from_decimals(self._catalogue[column], self._kind)
        return self._read[key]

    def _digits(self, at: At | slice) -> tuple[Numbers, Numbers]:
        """Digits of the lower and the upper end as printed."""
        if self._kind is object:
            rows = self._rows.iloc[at]
            read = [parse_printed(*pair) for pair in zip(rows["printed"], rows["language"], strict=True)]
            ends = [[p.value for p in read], [p.value if p.upper is None else p.upper for p in read]]
            decimals = self._decimals[at].tolist()  # numpy's own whole numbers have a limit
            low, high = (np.array([_digits(end, d) for end, d in zip(e, decimals, strict=True)], object) for e in ends)
            return low, high
        power = powers_of_ten(self._decimals[at], float)
        low, high = (self._rows[column].to_numpy(float)[at] for column in ("value", "value_max"))
        found = (np.rint(end * power) for end in (low, np.where(np.isnan(high), low, high)))
        low, high = (np.where(np.abs(end) < SAFE, end, math.nan) for end in found)
        return low, high

    def _in_unit(self, digits: Numbers, at: At | slice) -> Ratios:
        """Digits as they are printed to numbers in the indicator's unit."""
        factors = self._factor[at]
        if self._kind is object:
            factors = np.array([split(factor)[0] for factor in self._rows["factor"].to_numpy(object)[at]], object)
        places = self._decimals[at] + self._factor_places[at]
        return Ratios.of(digits * factors, places)


def _digits(number: Decimal, decimals: int) -> int:
    digits, places = split(number)
    result: int = int(digits) * 10 ** (decimals - places)
    return result
