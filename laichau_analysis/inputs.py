"""Which printed figures a formula takes, for each area, period and category.

An input is taken at the same area and period. For what is no flow, else at the shortest period
that contains it, or the last date within it: the people of mid-2024 for the pork of 2024. A flow of
four years is never that of one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from .formulas import Formula, Input
from .keys import Keys, Lookup, best_of

__all__ = ["Inputs", "Taken"]

Codes = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Taken:
    """Where all inputs of a formula are printed, and which rows they are.

    Attributes
    ----------
    places : array of int
        Keys of places and periods, as ``Keys.place`` gives them.
    rows : list of array of int
        For each input of the formula the rows that it is taken from.
    """

    places: npt.NDArray[np.int64]
    rows: list[Codes]


class Inputs:
    """Looks up what formulas take.

    Parameters
    ----------
    catalogue : DataFrame
        The indicators of a data set.
    keys : Keys
        What the rows of a table say.
    labels : array of int
        The table's index: of two rows that fit alike, the smaller one is taken.
    at : array of int
        Rows that may be taken; of two for the same figure, the later one is.
    """

    def __init__(self, catalogue: pd.DataFrame, keys: Keys, labels: npt.NDArray[np.int64], at: Codes) -> None:
        self._catalogue, self._keys, self._labels = catalogue, keys, labels
        self._rows = at[np.argsort(keys.indicator[at], kind="stable")]
        self._ends = np.searchsorted(keys.indicator[self._rows], np.arange(len(catalogue) + 1))

    def of(self, formula: Formula) -> Taken:
        """What a formula takes, in the order in which its inputs' figures occur."""
        periods = max(len(self._keys.periods), 1)
        figures = [self._figures(item) for item in formula.inputs]
        wanted = pd.unique(np.concatenate([_in_order(keys, keys // periods) for keys, _ in figures]))
        rows = [self._taken(item, wanted, *own) for item, own in zip(formula.inputs, figures, strict=True)]
        complete = np.logical_and.reduce([taken >= 0 for taken in rows])
        return Taken(wanted[complete], [taken[complete] for taken in rows])

    def _figures(self, item: Input) -> tuple[npt.NDArray[np.int64], Codes]:
        """Keys of place and period of an input's rows, and these; of a named category, as those of the whole."""
        keys = self._keys
        code = self._catalogue.index.get_loc(item.code)
        rows = self._rows[self._ends[code] : self._ends[code + 1]]
        if not item.category:
            return keys.place(rows), rows
        named = np.array([category == item.category for _, category in keys.members], dtype=bool)
        rows = rows[named[keys.member[rows]]]
        return keys.place(rows, total=True), rows

    def _taken(self, item: Input, wanted: npt.NDArray[np.int64], keys: npt.NDArray[np.int64], rows: Codes) -> Codes:
        """For each place and period the row that is taken there, -1 where there is none."""
        keys, from_end = np.unique(keys[::-1], return_index=True)
        rows = rows[::-1][from_end]
        taken = np.full(len(wanted), -1)
        query, found = Lookup(keys, rows).pairs(wanted)
        taken[query] = found
        if self._catalogue["nature"].iloc[self._catalogue.index.get_loc(item.code)] != "flow":
            self._take_near(taken, wanted, keys, rows)
        return taken

    def _take_near(self, taken: Codes, wanted: npt.NDArray[np.int64], keys: npt.NDArray[np.int64], rows: Codes) -> None:
        """Fill in the figure at the shortest period around, or else at the last date within."""
        spans, periods = self._keys.spans, len(self._keys.periods)
        (missing,) = np.nonzero(taken < 0)
        query, found = Lookup(keys // periods, rows).pairs(wanted[missing] // periods)
        own, other = spans[wanted[missing][query] % periods], spans[self._keys.period[found]]
        labels = self._labels[found]
        within = own.contains(other) & (other.kind == "date")
        for fits, cost in ((within, (-other.end, -labels)), (other.contains(own), (other.years, labels))):
            best = best_of(query[fits], *(numbers[fits] for numbers in cost))
            taken[missing[query[fits][best]]] = found[fits][best]


def _in_order(keys: npt.NDArray[np.int64], places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Distinct keys in the order in which their places occur, and then they themselves."""
    places_of, first = np.unique(places, return_index=True)
    distinct, at = np.unique(keys, return_index=True)
    rank = first[np.searchsorted(places_of, places[at])]
    in_order: npt.NDArray[np.int64] = distinct[np.lexsort((at, rank))]
    return in_order
