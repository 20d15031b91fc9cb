"""What rows say, as whole numbers: the distinct texts of a column, and keys of the figures that rows speak of.

A table of a million rows holds few different texts. Each of them is read once, and rows are looked up,
grouped and paired by the numbers that stand for what they say.
"""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .periods import Period, period

__all__ = [
    "Columns",
    "Distinct",
    "Keys",
    "Lists",
    "Lookup",
    "Spans",
    "best_of",
    "combined",
    "distinct",
    "threads_for",
    "together",
    "without_search_for_garbage",
]

Codes = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

MOST_KEYS: Final = 2**62
MANY: Final = 100_000
"""Rows from which on two threads are faster than one."""


@dataclass(frozen=True, eq=False)
class Distinct:
    """A column as its distinct values, and which of them each row has.

    Attributes
    ----------
    codes : array of int
        For each row, which value it has.
    values : list
    """

    codes: Codes
    values: list[Any]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, at: Any) -> Distinct:
        return Distinct(self.codes[at], self.values)

    def of_row(self, row: int) -> Any:
        """The value of a row."""
        return self.values[self.codes[row]]

    def map(self, function: Callable[[Any], Any], dtype: Any = object) -> npt.NDArray[Any]:
        """What a function gives for the value of each row; it is called once for each distinct value."""
        found = np.empty(len(self.values), dtype=dtype)
        found[:] = [function(value) for value in self.values]
        results: npt.NDArray[Any] = found[self.codes]
        return results

    def each(self, function: Callable[[Any], Any]) -> Distinct:
        """The column of what a function gives, one value for each of these."""
        return Distinct(self.codes, list(map(function, self.values)))

    def merged(self, function: Callable[[Any], Any]) -> Distinct:
        """The column of what a function gives, where that is the same for several values."""
        places: dict[Any, int] = {}
        codes = [places.setdefault(function(value), len(places)) for value in self.values]
        return Distinct(np.array(codes, dtype=np.intp)[self.codes], list(places))

    def rows(self, test: Callable[[Any], Any]) -> Codes:
        """The rows whose value passes a test."""
        return self._rows([bool(passed) for passed in map(test, self.values)])

    def rows_unlike(self, test: Callable[[Any], Any]) -> Codes:
        """The rows whose value does not pass a test."""
        return self._rows([not passed for passed in map(test, self.values)])

    def _rows(self, chosen: list[bool]) -> Codes:
        if not any(chosen):
            return np.zeros(0, dtype=np.intp)
        return np.flatnonzero(np.array(chosen, dtype=bool)[self.codes])

    def where(self, test: Callable[[Any], Any]) -> Bools:
        """Whether the value of each row passes a test."""
        return self.map(test, bool)

    def texts(self, function: Callable[[Any], str] = str) -> pd.Series:
        """The column as pandas holds texts, or what a function gives for its values."""
        return pd.Series(pd.array([function(value) for value in self.values], dtype="str").take(self.codes))


def distinct(column: pd.Series) -> Distinct:
    """The distinct values of a column.

    Examples
    --------
    >>> units = distinct(pd.Series(["", "hour", ""]))
    >>> units.codes.tolist(), units.values
    ([0, 1, 0], ['', 'hour'])
    """
    codes, values = pd.factorize(column)
    return Distinct(codes, values.tolist())


class Columns:
    """Columns of texts of a table, each of which is taken apart once, when it is asked for.

    Parameters
    ----------
    frame : DataFrame
    known : mapping of str to Distinct, optional
        Columns that are taken apart already.

    Examples
    --------
    >>> columns = Columns(pd.DataFrame({"unit": ["", "hour", ""]}))
    >>> columns["unit"].values
    ['', 'hour']
    """

    def __init__(self, frame: pd.DataFrame, known: Mapping[str, Distinct] = MappingProxyType({})) -> None:
        self._frame, self._known = frame, dict(known)

    def __getitem__(self, name: str) -> Distinct:
        if name not in self._known:
            self._known[name] = distinct(self._frame[name])
        return self._known[name]


def combined(*columns: Distinct) -> npt.NDArray[np.int64]:
    """One whole number for each combination of values.

    Examples
    --------
    >>> a, b = distinct(pd.Series(["x", "x", "y"])), distinct(pd.Series(["1", "2", "1"]))
    >>> combined(a, b).tolist()
    [0, 1, 2]
    """
    first, *others = columns
    keys, size = first.codes.astype(np.int64), len(first.values)
    for column in others:
        if size * len(column.values) > MOST_KEYS:
            keys, known = pd.factorize(keys)
            size = len(known)
        keys, size = keys * len(column.values) + column.codes, size * len(column.values)
    return keys


def numbered(keys: npt.NDArray[np.int64]) -> tuple[Codes, Codes]:
    """Number keys from 0 on without gaps.

    Returns
    -------
    array, array
        The number of each key, and for each number a row that has it.
    """
    most = int(keys.max(initial=-1)) + 1
    if most > 2 * len(keys):
        codes, known = pd.factorize(keys)
        count = len(known)
    else:
        present = np.zeros(most, dtype=bool)
        present[keys] = True
        codes, count = (np.cumsum(present) - 1)[keys], int(present.sum())
    rows = np.empty(count, dtype=np.intp)
    rows[codes] = np.arange(len(keys))
    return codes, rows


def together(*columns: Distinct) -> Distinct:
    """Several columns as one, whose values are tuples.

    Examples
    --------
    >>> a, b = distinct(pd.Series(["x", "x", "y"])), distinct(pd.Series(["1", "1", "1"]))
    >>> together(a, b).values
    [('x', '1'), ('y', '1')]
    """
    codes, rows = numbered(combined(*columns))
    values = ([column.values[code] for code in column.codes[rows].tolist()] for column in columns)
    return Distinct(codes, list(zip(*values, strict=True)))


@dataclass(frozen=True, eq=False)
class Spans:
    """Periods as columns; see ``periods.Period`` for one of them.

    Attributes
    ----------
    kind : array of str
    start, end : array of float
        In months; ``start`` is NaN for a date and where none is printed.
    """

    kind: npt.NDArray[Any]
    start: npt.NDArray[np.float64]
    end: npt.NDArray[np.float64]

    @classmethod
    def of(cls, codes: Sequence[str]) -> Spans:
        """The periods of some codes."""
        read: list[Period] = [period(code) for code in codes]
        start = [math.nan if span.start is None else span.start for span in read]
        return cls(
            np.array([span.kind for span in read], dtype=object),
            np.array(start, dtype=float),
            np.array([span.end for span in read], dtype=float),
        )

    def __getitem__(self, at: Any) -> Spans:
        return Spans(self.kind[at], self.start[at], self.end[at])

    @property
    def years(self) -> npt.NDArray[np.float64]:
        """Lengths in years; 0 for a date and where no start is printed."""
        return np.nan_to_num((self.end - self.start) / 12)

    @property
    def whole_years(self) -> Bools:
        """Which of them begin and end with a calendar year."""
        result: Bools = (self.start % 12 == 0) & (self.end % 12 == 0)
        return result

    def contains(self, other: Spans) -> Bools:
        """Whether the other period lies within each of these; one that is the same is not asked for."""
        within = np.isnan(other.start) | (other.start >= self.start)
        inside = np.where(np.isnan(self.start), True, (other.end > self.start) & within)
        result: Bools = (other.end <= self.end) & (self.kind != "date") & inside
        return result


class Keys:
    """The figures that the rows of a data set speak of, as whole numbers.

    Parameters
    ----------
    columns : Columns
        Of the rows.
    indicators : Index
        Codes of the catalogue.

    Attributes
    ----------
    indicator : array of int
        Place of the row's indicator in the catalogue.
    area, member, period : array of int
        ``member`` stands for a category of a breakdown, ``total`` for none.
    areas, periods : list of str
        Codes by their numbers.
    members : list of (breakdown, category)
        By their number.
    spans : Spans
        The periods by their number.
    """

    def __init__(self, columns: Columns, indicators: pd.Index) -> None:
        own = columns["indicator"]
        self.indicator = indicators.get_indexer(own.values)[own.codes]
        areas, periods = columns["area"], columns["period"]
        breakdowns, categories = columns["breakdown"], columns["category"]
        self.area, self.period = areas.codes, periods.codes
        self.areas, self.periods = areas.values, periods.values
        self.member, pairs = pd.factorize(combined(breakdowns, categories))
        of_breakdown, of_category = np.divmod(pairs, max(len(categories.values), 1))
        self.members = [
            (breakdowns.values[b], categories.values[c]) for b, c in zip(of_breakdown, of_category, strict=True)
        ]
        self.total = self.members.index(("", "")) if ("", "") in self.members else len(self.members)
        self.spans = Spans.of(periods.values)

    def figure(self, at: Any, *, indicator: Codes | None = None, total: bool = False) -> npt.NDArray[np.int64]:
        """Keys of figures: indicator, area, breakdown and category; -1 where there can be none.

        Parameters
        ----------
        at : array of int or slice
            Rows.
        indicator : array of int, optional
            The same place of another indicator, or of none where it is below 0.
        total : bool
            The whole instead of the category.
        """
        own = self.indicator[at] if indicator is None else indicator
        member = self.total if total else self.member[at]
        keys = (own.astype(np.int64) * max(len(self.areas), 1) + self.area[at]) * (len(self.members) + 1) + member
        return np.where(own < 0, -1, keys)

    def at_period(self, figures: npt.NDArray[np.int64], at: Any) -> npt.NDArray[np.int64]:
        """Keys of figures at the periods of rows; -1 stays -1."""
        return np.where(figures < 0, -1, figures * max(len(self.periods), 1) + self.period[at])

    def place(self, at: Any, *, total: bool = False) -> npt.NDArray[np.int64]:
        """Keys of area, breakdown, category (or the whole instead of it) and period, whatever the indicator."""
        member = self.total if total else self.member[at]
        places = self.area[at].astype(np.int64) * (len(self.members) + 1) + member
        result: npt.NDArray[np.int64] = places * max(len(self.periods), 1) + self.period[at]
        return result

    def texts(self, places: npt.NDArray[np.int64]) -> pd.DataFrame:
        """Area, period, breakdown and category of places."""
        rest, period = np.divmod(places, max(len(self.periods), 1))
        area, member = np.divmod(rest, len(self.members) + 1)
        breakdowns, categories = zip(*[*self.members, ("", "")], strict=True)
        values = {"area": self.areas, "period": self.periods, "breakdown": breakdowns, "category": categories}
        codes = {"area": area, "period": period, "breakdown": member, "category": member}
        return pd.DataFrame({name: pd.array(list(values[name]), dtype="str").take(codes[name]) for name in values})


class Lookup:
    """Rows by their keys.

    Parameters
    ----------
    keys : array
        A key for each of the rows; one below 0 is never found.
    rows : array of int
        Positions.

    Examples
    --------
    >>> lookup = Lookup(np.array([5, 7, 7]), np.array([0, 1, 2]))
    >>> [places.tolist() for places in lookup.pairs(np.array([7, -1, 5]))]
    [[0, 0, 2], [1, 2, 0]]
    """

    def __init__(self, keys: npt.NDArray[np.int64], rows: Codes) -> None:
        order = np.argsort(keys, kind="stable")
        self._keys, self._rows = keys[order], rows[order]

    def pairs(self, wanted: npt.NDArray[np.int64]) -> tuple[Codes, Codes]:
        """All rows that have one of the keys.

        Returns
        -------
        array, array
            Places in ``wanted``, and rows; in the order of both.
        """
        starts = np.searchsorted(self._keys, wanted, "left")
        ends = np.searchsorted(self._keys, wanted, "right")
        sizes = np.where(wanted < 0, 0, ends - starts)
        return np.repeat(np.arange(len(wanted)), sizes), self._rows[runs(starts, sizes)]


def runs(starts: Codes, sizes: Codes) -> Codes:
    """The numbers from each start on, so many each, one run after another.

    Examples
    --------
    >>> runs(np.array([5, 9]), np.array([3, 1])).tolist()
    [5, 6, 7, 9]
    """
    ends = np.cumsum(sizes)
    total = int(ends[-1]) if len(ends) else 0
    result: Codes = np.arange(total) + np.repeat(starts - (ends - sizes), sizes)
    return result


def best_of(groups: Codes, *costs: npt.NDArray[Any]) -> Codes:
    """Of each group the place of the element that costs least, by the first cost, then the next, then its place.

    Examples
    --------
    >>> best_of(np.array([0, 0, 4]), np.array([2, 1, 9])).tolist()
    [1, 2]
    """
    order = np.lexsort((*reversed(costs), groups))
    ordered = groups[order]
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    chosen: Codes = order[first]
    return chosen


@dataclass(frozen=True, eq=False)
class Lists:
    """Lists of positions, one after another.

    Attributes
    ----------
    flat : array of int
        All positions.
    sizes : array of int
        How long each list is.
    """

    flat: Codes
    sizes: Codes

    @classmethod
    def of(cls, *columns: Codes) -> Lists:
        """Lists of one length, from a column for each place in them."""
        return cls(np.stack(columns, axis=-1).ravel(), np.full(len(columns[0]), len(columns)))

    @classmethod
    def empty(cls, count: int) -> Lists:
        """So many empty lists."""
        return cls(np.zeros(0, dtype=np.intp), np.zeros(count, dtype=np.intp))

    @classmethod
    def joined(cls, parts: Sequence[Lists]) -> Lists:
        """The lists of several parts, one part after another."""
        return cls(np.concatenate([part.flat for part in parts]), np.concatenate([part.sizes for part in parts]))

    @property
    def starts(self) -> Codes:
        """Where each list begins."""
        starts: Codes = np.cumsum(self.sizes) - self.sizes
        return starts

    def __len__(self) -> int:
        return len(self.sizes)

    def __getitem__(self, at: Any) -> Lists:
        sizes = self.sizes[at]
        return Lists(self.flat[runs(self.starts[at], sizes)], sizes)

    def column(self, place: int) -> Codes:
        """What stands at a place of each list, counted from the end where it is below 0."""
        found: Codes = self.flat[self.starts + (place if place >= 0 else self.sizes + place)]
        return found

    def known(self) -> Lists:
        """The lists without the positions below 0."""
        known = self.flat >= 0
        return Lists(self.flat[known], np.add.reduceat(known, self.starts) if len(self) else self.sizes)

    def with_first(self, positions: Codes) -> Lists:
        """The lists with one more position before the others."""
        return Lists(np.insert(self.flat, self.starts, positions), self.sizes + 1)

    def with_last(self, positions: Codes) -> Lists:
        """The lists with one more position after the others."""
        return Lists(np.insert(self.flat, self.starts + self.sizes, positions), self.sizes + 1)

    def without_first(self) -> Lists:
        """The lists without their first positions."""
        return Lists(np.delete(self.flat, self.starts), self.sizes - 1)

    def without_last(self) -> Lists:
        """The lists without their last positions."""
        return Lists(np.delete(self.flat, self.starts + self.sizes - 1), self.sizes - 1)

    def gathered(self, values: npt.NDArray[Any], kind: type = tuple) -> npt.NDArray[np.object_]:
        """The lists, or tuples, of the values that stand at their positions."""
        found = np.empty(len(self), dtype=object)
        starts = self.starts
        for size in np.unique(self.sizes):
            (rows,) = np.nonzero(self.sizes == size)
            block = values[self.flat[starts[rows][:, np.newaxis] + np.arange(size)]]
            found[rows] = np.fromiter(map(kind, block.tolist()), dtype=object, count=len(rows))
        return found

    def once(self, values: npt.NDArray[Any]) -> Lists:
        """The lists without positions whose value stands further up in the same list."""
        owner = np.repeat(np.arange(len(self)), self.sizes)
        codes, known = pd.factorize(values[self.flat])
        again = pd.Index(owner * len(known) + codes).duplicated()
        return Lists(self.flat[~again], np.bincount(owner[~again], minlength=len(self)))


def threads_for(rows: int) -> int:
    """How many threads are worth it for so many rows: numpy and Arrow work on whole columns without Python's lock.

    Examples
    --------
    >>> threads_for(500), threads_for(1_000_000)
    (1, 2)
    """
    return 2 if rows > MANY else 1


@contextmanager
def without_search_for_garbage() -> Iterator[None]:
    """Make many objects, all of which stay, without Python looking again and again which of them do not.

    The search starts anew after so many objects were made. Of a million observations it takes a quarter
    of the time that loading and auditing them takes, and finds nothing.

    Examples
    --------
    >>> with without_search_for_garbage():
    ...     gc.isenabled()
    False
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
