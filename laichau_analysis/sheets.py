"""A table as it stands in its files: texts, each distinct one of them once, and the place of every row."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .errors import Offence
from .keys import Distinct, distinct, threads_for
from .schema import Table

__all__ = ["CONTROL", "Sheet", "read_texts"]

LONGEST_TEXT: Final = 10_000
"""Letters of a cell, and of a header."""
CONTROL: Final = re.compile("[\0-\b\v\f\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""Letters that no text of a table means: terminals obey some of them, and XML knows none."""
DIFFERENT: Final = (b"\0", b"\r")
"""Bytes that pandas and pyarrow understand differently."""
WORTH_IT: Final = 2**16
"""Bytes of a file from which on pyarrow is faster."""


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
        with ThreadPoolExecutor(threads_for(len(frame))) as pool:
            columns = dict(zip(frame.columns, pool.map(lambda name: distinct(frame[name]), frame.columns), strict=True))
        return cls(
            frame,
            columns,
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

    def composed(self) -> Sheet:
        """The same with all texts composed (NFC)."""
        sheet = self
        for name, column in self.columns.items():
            if not _are_composed(column.values):
                texts = column.merged(lambda text: unicodedata.normalize("NFC", text))
                frame = sheet.frame.assign(**{name: texts.texts()})
                sheet = replace(sheet, frame=frame, columns={**sheet.columns, name: texts})
        return sheet

    def unfit(self) -> Iterator[Offence]:
        """What no cell may hold."""
        for name, column in self.columns.items():
            if max(map(len, column.values), default=0) > LONGEST_TEXT:
                long = column.rows(lambda text: len(text) > LONGEST_TEXT)
                yield from self.offences(long, name, f"{LONGEST_TEXT:,} letters at most", "shorten it")
            if CONTROL.search("".join(column.values)):
                yield from self.offences(column.rows(CONTROL.search), name, "no control characters", "take them out")


def _are_composed(texts: list[str]) -> bool:
    """Whether all are composed, as plain letters always are."""
    return "".join(texts).isascii() or all(unicodedata.is_normalized("NFC", text) for text in texts)


def read_texts(data: bytes, table: Table, most: int) -> tuple[list[str], pd.DataFrame]:
    r"""Read the bytes of a CSV file of a table.

    pandas reads strictly and decides what is a table at all. Where pyarrow is installed, it reads what both
    understand alike, several times as fast; whatever it does not read is left to pandas, so that files are
    accepted, refused and understood the same with it and without it.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark.
    table : Table
        The header should be its columns.
    most : int
        Rows that are read; fewer where so many cannot be complete.

    Returns
    -------
    list of str, DataFrame
        The header that the file has, and all cells as they stand; no rows under another header.

    Raises
    ------
    UnicodeDecodeError
        If it is not UTF-8.
    pandas.errors.ParserWarning
        If a row is longer than the header; its end would be lost.
    ValueError
        If it is no table.

    Examples
    --------
    >>> from laichau_analysis.schema import TABLES
    >>> header, frame = read_texts(b"sector,name_vi,name_en\na,\xc4\x90,D\n", TABLES["sectors"], most=10)
    >>> header, frame.values.tolist()
    (['sector', 'name_vi', 'name_en'], [['a', 'Đ', 'D']])
    """
    # A header of a million names would be a million columns.
    head = data[: 4 * LONGEST_TEXT].decode("utf-8-sig", errors="ignore")
    try:
        header = next(csv.reader(io.StringIO(head[:LONGEST_TEXT], newline="")), [])
    except csv.Error as error:
        raise ValueError(str(error)) from None
    if header != table.columns:
        data.decode("utf-8-sig")
        return header, pd.DataFrame(columns=table.columns, dtype="str")
    frame = _with_arrow(data, table.columns, most)
    return header, _with_pandas(data, min(most, _complete_rows(data, table))) if frame is None else frame


def _complete_rows(data: bytes, table: Table) -> int:
    """As many rows as can be complete by the commas there are; if there are more, one of the first lacks a value.

    Millions of rows that hold nothing are refused for the first of them, and the rest needs no memory.
    """
    last = max(number for number, field in enumerate(table.fields) if field.required)
    return data.count(b",") // last


def _with_pandas(data: bytes, most: int) -> pd.DataFrame:
    data.decode("utf-8-sig")  # what comes after the last row that is read, too
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame: pd.DataFrame = pd.read_csv(
            io.BytesIO(data),
            **{"dtype": str, "keep_default_na": False, "na_filter": False},
            encoding="utf-8-sig",
            index_col=False,
            nrows=most,
        )
    return frame


def _with_arrow(data: bytes, columns: Sequence[str], most: int) -> pd.DataFrame | None:
    """The same, or None where pyarrow is not there, refuses the file, or may understand it differently."""
    try:
        import pyarrow as pa
        from pyarrow import csv as arrow
    except ImportError:
        return None
    if len(data) < WORTH_IT or not data.endswith(b"\n") or any(byte in data for byte in DIFFERENT):
        return None
    # A row takes a byte for each column at least, and a line.
    if len(data) // len(columns) > most and data.count(b"\n") > most + 1:
        return None
    try:
        table = arrow.read_csv(
            pa.BufferReader(data),
            parse_options=arrow.ParseOptions(newlines_in_values=b'"' in data),
            convert_options=arrow.ConvertOptions(column_types=dict.fromkeys(columns, pa.large_string())),
        )
    except pa.ArrowException:
        return None
    frame: pd.DataFrame = table.to_pandas()
    # A quotation that never ends would be taken for a cell.
    unended = len(frame) > 0 and frame.iat[-1, -1].endswith("\n")
    return None if unended else frame
