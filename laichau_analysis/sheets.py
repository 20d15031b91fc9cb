"""A table as it stands in its files: texts, each distinct one of them once, and the place of every row."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .errors import Offence
from .keys import Distinct, distinct

__all__ = ["Sheet"]

LONGEST_TEXT: Final = 10_000
"""Letters of a cell."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """A table as texts.

    Attributes
    ----------
    frame : DataFrame
        The cells.
    columns : mapping of str to Distinct
        The same, by column.
    file : Distinct
        The file of each row.
    line : array of int
        Its line there, the header being line 1.
    """

    frame: pd.DataFrame
    columns: Mapping[str, Distinct]
    file: Distinct
    line: npt.NDArray[np.int64]

    @classmethod
    def of(cls, parts: Mapping[str, pd.DataFrame]) -> Sheet:
        """The frames of several files, one after another."""
        sizes = [len(part) for part in parts.values()]
        frame = pd.concat(parts.values(), ignore_index=True).astype("str")
        return cls(
            frame,
            {column: distinct(frame[column]) for column in frame.columns},
            Distinct(np.repeat(np.arange(len(sizes)), sizes), list(parts)),
            np.concatenate([np.arange(2, size + 2) for size in sizes]),
        )

    def __len__(self) -> int:
        return len(self.line)

    def __getitem__(self, at: Any) -> Sheet:
        frame = self.frame.iloc[at].reset_index(drop=True)
        return Sheet(frame, {name: distinct(frame[name]) for name in frame.columns}, self.file[at], self.line[at])

    def offences(
        self,
        rows: npt.NDArray[np.intp],
        column: str,
        expected: str | Callable[[int], str],
        remedy: str,
        found: Callable[[str], str] = str,
    ) -> Iterator[Offence]:
        """One offence for each of some rows, by their positions."""
        own = self.columns[column]
        for row in rows.tolist():
            text = own.of_row(row)
            wanted = expected if isinstance(expected, str) else expected(row)
            yield self.offence(row, column, found(text) if text else "nothing", wanted, remedy)

    def offence(self, row: int, column: str, found: str, expected: str, remedy: str) -> Offence:
        """An offence that stands in a row."""
        return Offence(self.file.of_row(row), int(self.line[row]), column, found, expected, remedy)

    def composed(self) -> tuple[Sheet, list[Offence]]:
        """The same with all texts composed (NFC), and without those that are too long, which are offences."""
        sheet, offences = self, []
        for name, column in self.columns.items():
            if _are_well(column.values):
                continue
            texts = column.merged(lambda text: unicodedata.normalize("NFC", text))
            for row in texts.rows(_is_too_long).tolist():
                found = f"{len(texts.of_row(row)):,} letters"
                offences.append(self.offence(row, name, found, f"{LONGEST_TEXT:,} at most", "shorten it"))
            short = texts.merged(lambda text: "" if _is_too_long(text) else text)
            frame = sheet.frame.assign(**{name: short.texts()})
            sheet = replace(sheet, frame=frame, columns={**sheet.columns, name: short})
        return sheet, offences


def _is_too_long(text: str) -> bool:
    return len(text) > LONGEST_TEXT


def _are_well(texts: list[str]) -> bool:
    """Whether none is too long, and all are composed, as plain letters always are."""
    joined = "".join(texts)
    plain = joined.isascii() or all(unicodedata.is_normalized("NFC", text) for text in texts)
    return plain and max(map(len, texts), default=0) <= LONGEST_TEXT
