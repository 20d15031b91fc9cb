"""The bytes of a CSV file -> its cells as texts.

pandas reads strictly and decides what is a table at all. Where pyarrow is installed, it reads what
both understand alike, several times as fast; whatever it does not read is left to pandas, so that files
are accepted, refused and understood the same with it and without it.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from typing import Final

import pandas as pd

__all__ = ["read_texts"]

DIFFERENT: Final = (b"\0", b"\r")
"""Bytes that the two readers understand differently."""


def read_texts(data: bytes, columns: Sequence[str]) -> pd.DataFrame:
    """Read a table whose header should be these columns.

    Parameters
    ----------
    data : bytes
        UTF-8, with or without a byte order mark.
    columns : sequence of str

    Returns
    -------
    DataFrame
        All cells as they stand, with the header that the file has.

    Raises
    ------
    UnicodeDecodeError
        If it is not UTF-8.
    pandas.errors.ParserWarning
        If a row is longer than the header; its end would be lost.
    ValueError
        If it is no table.
    """
    frame = _with_arrow(data, columns)
    return _with_pandas(data) if frame is None else frame


def _with_pandas(data: bytes) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        frame: pd.DataFrame = pd.read_csv(
            io.BytesIO(data),
            **{"dtype": str, "keep_default_na": False, "na_filter": False},
            encoding="utf-8-sig",
            index_col=False,
        )
    return frame


def _with_arrow(data: bytes, columns: Sequence[str]) -> pd.DataFrame | None:
    """The same, or None where pyarrow is not there, refuses the file, or finds another header."""
    try:
        import pyarrow as pa
        from pyarrow import csv
    except ImportError:
        return None
    if not data.endswith(b"\n") or any(byte in data for byte in DIFFERENT):
        return None
    try:
        table = csv.read_csv(
            pa.BufferReader(data),
            parse_options=csv.ParseOptions(newlines_in_values=True),
            convert_options=csv.ConvertOptions(column_types=dict.fromkeys(columns, pa.large_string())),
        )
    except pa.ArrowException:
        return None
    if table.column_names != list(columns):
        return None
    frame: pd.DataFrame = table.to_pandas()
    # A quotation that never ends would be taken for a cell.
    unended = len(frame) > 0 and frame.iat[-1, -1].endswith("\n")
    return None if unended else frame
