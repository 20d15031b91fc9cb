"""Parameters of many reports, one row each."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import UsageError

__all__ = ["Round", "read_matrix"]


@dataclass(frozen=True)
class Round:
    """Parameters of one run of each report, as typed.

    Attributes
    ----------
    parameters : tuple of (str, str)
    said : str
        Where they stand, to begin a message with; empty for those of the command.
    """

    parameters: tuple[tuple[str, str], ...]
    said: str = ""


def read_matrix(path: Path, common: Sequence[tuple[str, str]] = ()) -> list[Round]:
    """Read a CSV file whose header names parameters; an empty cell leaves the default.

    Parameters
    ----------
    path : Path
        In UTF-8, with commas.
    common : sequence of (str, str)
        Parameters of all rows.

    Returns
    -------
    list of Round

    Raises
    ------
    UsageError
        If it cannot be read, or has no rows, a column twice, a row of another length, or the same row twice; with
        everything that is wrong.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            lines = [(reader.line_num, row) for row in reader if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"cannot read {path.name} as CSV in UTF-8: {reason}.") from None
    if not lines:
        raise UsageError(f"{path.name}: expected a header with names of parameters, and a row for each report.")
    problems = [f"{path.name}: column '{name}' stands there twice." for name in _repeated(header)]
    problems += [
        f"{path.name}: '{name}' is a column and is given by -p as well; leave one of them out."
        for name, _ in common
        if name in header
    ]
    rounds: dict[tuple[tuple[str, str], ...], Round] = {}
    for number, row in lines:
        said = f"{path.name}, row {number}: "
        if len(row) != len(header):
            problems.append(f"{said}expected {len(header)} cells, found {len(row)}.")
            continue
        own = tuple((name, text) for name, text in zip(header, row, strict=True) if text)
        if own in rounds:
            problems.append(f"{said}the same as{rounds[own].said.split(',')[-1].rstrip(': ')}; take one of them out.")
            continue
        rounds[own] = Round((*common, *own), said)
    if problems:
        raise UsageError("\n".join(problems))
    return list(rounds.values())


def _repeated(names: Sequence[str]) -> list[str]:
    return [name for i, name in enumerate(names) if name in names[:i]]
