"""Every error that a user can meet, under one base class.

A message says what is wrong, where, what was expected, what was found and what to do.
The command line prints it as it stands and leaves with ``exit_status``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

__all__ = [
    "BusyError",
    "DataError",
    "LaichauError",
    "MissingDataError",
    "Offence",
    "PublishError",
    "UnknownNameError",
    "Unread",
    "UsageError",
    "WorkbookError",
    "nearest",
    "shown",
]

LONGEST_SHOWN: Final = 200
MOST_COMPARED: Final = 1000
"""Names among which the nearest is looked for; comparing takes time."""


class LaichauError(Exception):
    """Base of every error of this package."""

    exit_status = 1


class UsageError(LaichauError):
    """The command, a parameter or a notebook was not as it must be."""

    exit_status = 2


class UnknownNameError(UsageError, LookupError):
    """A name that does not exist where it was looked up.

    Parameters
    ----------
    kind : str
        What was looked for, such as ``"indicator"``.
    name : str
        The name as given.
    known : iterable of str
        The names there are; the nearest is suggested.
    where : str, optional
        Where it was looked for.

    Examples
    --------
    >>> str(UnknownNameError("report", "budgt", ["budget", "tourism"]))
    "unknown report 'budgt': did you mean 'budget'? There are: budget, tourism."
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        self.kind, self.name, self.known = kind, name, sorted(known)
        place = f" in {where}" if where else ""
        super().__init__(f"unknown {kind} '{shown(name)}'{place}: {nearest(name, self.known)}")


class MissingDataError(UsageError):
    """A data set, sector or year holds no figure for what was asked."""


class BusyError(LaichauError):
    """Another run holds the output folder."""

    exit_status = 75


class PublishError(LaichauError):
    """The output folder cannot be written."""


@dataclass(frozen=True, order=True)
class Offence:
    """One thing that is wrong in a data set.

    Attributes
    ----------
    file : str
        Path inside the data set's folder.
    row : int
        Line of the file, the header being line 1; 0 where it concerns the whole file.
    column, found, expected, remedy : str
        Where in the row, what stands there, what should, and what to do.
    """

    file: str
    row: int
    column: str
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        place = self.file + (f", row {self.row}" if self.row else "")
        place += f", column {self.column}" if self.column else ""
        return f"{place}: found {shown(self.found)}; expected {self.expected}; {self.remedy}"


class DataError(LaichauError):
    """A data set is broken; it is refused whole, with every offence listed.

    Attributes
    ----------
    offences : tuple of Offence
        In the order of files, rows and columns; of a table with very many, the first.
    """

    def __init__(self, folder: str, offences: Sequence[Offence]) -> None:
        self.folder = folder
        self.offences = tuple(sorted(offences))
        count = len(self.offences)
        head = f"data set {shown(folder)} is invalid, {count} offence{'s' if count != 1 else ''}:"
        super().__init__("\n".join([head, *(f"  {offence}" for offence in self.offences)]))


@dataclass(frozen=True)
class Unread:
    """A cell of a workbook that was not read.

    Attributes
    ----------
    sheet, cell : str
        Where, such as ``figures`` and ``D12``; no cell where it concerns the whole sheet.
    found, expected, remedy : str
        What stands there, what should, and what to do.
    """

    sheet: str
    cell: str
    found: str
    expected: str
    remedy: str

    def __str__(self) -> str:
        found = self.found if len(self.found) <= 80 else self.found[:79] + "…"
        place = "!".join(filter(None, (self.sheet, self.cell)))
        return f"{place}: found {found}; expected {self.expected}; {self.remedy}"


class WorkbookError(UsageError):
    """A workbook cannot be imported at all; nothing was written.

    Attributes
    ----------
    offences : tuple of str or Unread
        Everything that stands against it.
    """

    def __init__(self, name: str, offences: Sequence[str | Unread]) -> None:
        self.offences = tuple(offences)
        if len(self.offences) == 1:
            super().__init__(f"workbook {name}: {self.offences[0]}")
        else:
            head = f"workbook {name} cannot be imported, {len(self.offences)} offences:"
            super().__init__("\n".join([head, *(f"  {offence}" for offence in self.offences)]))


def nearest(name: str, known: Iterable[str]) -> str:
    """Say which known name is nearest to a wrong one.

    Examples
    --------
    >>> nearest("yaer", ["year", "language"])
    "did you mean 'year'? There are: language, year."
    >>> nearest("x", [])
    'there are none.'
    """
    names = sorted(known)
    if not names:
        return "there are none."
    listed = ", ".join(map(shown, names[:20])) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
    likely = [one for one in names[:MOST_COMPARED] if len(one) <= LONGEST_SHOWN]
    match = difflib.get_close_matches(name[:LONGEST_SHOWN], likely, n=1, cutoff=0.5)
    if match:
        return f"did you mean '{match[0]}'? There are: {listed}."
    return f"there are: {listed}."


def shown(text: str) -> str:
    r"""A text of someone else as a message can hold it: on one line, harmless to a terminal, not too long.

    Examples
    --------
    >>> print(shown("a\nb\x1b[2J"), shown("x" * 1000)[-18:])
    a\nb\x1b[2J x… (1,000 letters)
    """
    cut = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}… ({len(text):,} letters)"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)
