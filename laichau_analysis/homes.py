"""Which report tells of which area: a data set may hold a town with its communes, or a country of towns.

No table says what a document is about; its figures do. A document *reports on* the smallest area that holds all
areas that it speaks of. The *home* of an area is the area itself if some document reports on it, else the nearest one
above: a commune without a report of its own is told of in its town's. The *region* of a home is the home above it.
What is said of an area is all that has it as its home, whichever document says it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from .errors import UnknownNameError, UsageError
from .keys import Distinct, combined

__all__ = ["Homes", "homes", "told_elsewhere"]

At = npt.NDArray[np.intp]
MOST_LEVELS = 100
"""Levels of areas; what is no nearer to the root than that goes round in a circle."""


@dataclass(frozen=True, eq=False)
class Homes:
    """Where each area and each document belongs.

    Attributes
    ----------
    areas : Index
        Codes, in the order of ``areas.csv``.
    root : int
        Position of the area that all others are a part of.
    home : array of int
        For each area the position of its home.
    region : array of int
        For each area the position of the home above its home.
    of_source : mapping of str to int
        For each document with figures the position of the area that it reports on.
    """

    areas: pd.Index
    root: int
    home: At
    region: At
    of_source: dict[str, int]

    @cached_property
    def all(self) -> list[str]:
        """All homes, in the order of ``areas.csv``."""
        return list(self.areas[np.unique(self.home)])

    def of(self, area: str) -> str:
        """The home of an area that has a report of its own: itself.

        Parameters
        ----------
        area : str
            Empty for the root.

        Raises
        ------
        UnknownNameError
            If there is no such area.
        UsageError
            If it has no report of its own.
        """
        if not area:
            return str(self.areas[self.root])
        if area not in self.areas:
            raise UnknownNameError("area", area, self.areas)
        home = str(self.areas[self.home[self.areas.get_loc(area)]])
        if home != area:
            raise told_elsewhere(area, home)
        return home

    def below(self, home: str) -> list[str]:
        """The homes of a region, which itself is the first of them."""
        at = self.areas.get_loc(home)
        own = np.unique(self.home)
        inside = own[(self.region[own] == at) & (own != at)]
        return [home, *self.areas[inside].tolist()]

    def are_in(self, areas: Distinct, chosen: Collection[str]) -> npt.NDArray[np.bool_]:
        """Which rows speak of areas whose home is one of some."""
        result: npt.NDArray[np.bool_] = np.isin(self.home_of(areas), self.areas.get_indexer(list(chosen)))
        return result

    def home_of(self, areas: Distinct) -> At:
        """The position of the home of each row's area; what nobody knows belongs to the root."""
        known = self.areas.get_indexer(areas.values)
        known[known < 0] = self.root
        result: At = self.home[known][areas.codes]
        return result


def told_elsewhere(area: str, home: str) -> UsageError:
    """That an area has no report of its own, and which one tells of it."""
    return UsageError(f"area '{area}' has no report of its own: it is told of in the report on '{home}'.")


def homes(areas: pd.DataFrame, sources: Distinct, told: Distinct) -> Homes:
    """Work out where areas and documents belong.

    Parameters
    ----------
    areas : DataFrame
        ``area`` and ``parent``.
    sources, told : Distinct
        The document of each figure, and the area that it speaks of.

    Returns
    -------
    Homes

    Examples
    --------
    A town whose report also speaks of its communes, and one of these with a report of its own:

    >>> from .keys import distinct
    >>> areas = pd.DataFrame({"area": ["town", "east", "west"], "parent": ["", "town", "town"]})
    >>> sources, told = pd.Series(["a", "a", "b"]), pd.Series(["town", "east", "west"])
    >>> found = homes(areas, distinct(sources), distinct(told))
    >>> found.all, found.of_source
    (['town', 'west'], {'a': 0, 'b': 2})
    """
    index = pd.Index(areas["area"])
    root, parent = _tree(index, areas["parent"])
    depth = _depth(parent, root)
    places = index.get_indexer(told.values)
    places[places < 0] = root  # an area that nobody knows is an offence of its own
    _, first = np.unique(combined(sources, told), return_index=True)
    reported = _reported(parent, depth, sources.codes[first], places[told.codes[first]])
    is_home = np.zeros(len(index), dtype=bool)
    is_home[[root, *reported.values()]] = True
    home = np.arange(len(index))
    while (homeless := ~is_home[home]).any():
        home[homeless] = parent[home[homeless]]
    return Homes(index, root, home, home[parent[home]], {sources.values[key]: at for key, at in reported.items()})


def _tree(index: pd.Index, parents: pd.Series) -> tuple[int, At]:
    """The root, which is the first area without a parent, and for each area the one above it."""
    alone = (parents == "").to_numpy()
    root = int(alone.argmax())
    parent = index.get_indexer(parents)
    parent[parent < 0] = root
    above = parent.copy()
    for _ in range(MOST_LEVELS):
        above = parent[above]
    parent[above != root] = root
    return root, parent


def _depth(parent: At, root: int) -> At:
    depth, above = np.zeros(len(parent), dtype=np.intp), np.arange(len(parent))
    while (under := above != root).any():
        depth += under
        above = parent[above]
    return depth


def _reported(parent: At, depth: At, source: At, area: At) -> dict[int, int]:
    """For each document the smallest area that holds all that it speaks of."""
    while True:
        several = np.bincount(source)[source] > 1
        if not several.any():
            return dict(zip(source.tolist(), area.tolist(), strict=True))
        deepest = np.zeros(source.max() + 1, dtype=np.intp)
        np.maximum.at(deepest, source, depth[area])
        lift = several & (depth[area] == deepest[source])
        keys = np.unique(source * len(parent) + np.where(lift, parent[area], area))
        source, area = np.divmod(keys, len(parent))
