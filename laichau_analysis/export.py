"""The whole data set as one file for other tools: CSV, a workbook, Parquet.

All three hold the table of ``dataset.long_table``, one row a figure. CSV is text throughout; the other
two hold numbers as numbers. Nothing in a workbook is a formula or a link, whatever a text begins with.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd

from .dataset import Dataset, long_table
from .errors import UsageError
from .schema import OBSERVATIONS

__all__ = ["SUFFIXES", "csv_for_readers", "exported", "taken_away"]

NUMBERS: Final = ("value", "value_max")
CODED: Final = ("measure", "status", "flag", "qualifier")


def exported(data: Dataset, name: str) -> bytes:
    """A data set as the bytes of a file.

    Parameters
    ----------
    data : Dataset
    name : str
        The file's name; its ending says in which form: ``.csv``, ``.xlsx`` or
        ``.parquet`` (needs the extra ``parquet``).

    Returns
    -------
    bytes

    Raises
    ------
    UsageError
        If the ending is another one, or the extra is not installed.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> exported(load(), "all.csv").decode("utf-8").splitlines()[0][:29]
    'indicator,area,period,breakdo'
    """
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        listed = ", ".join(SUFFIXES)
        found = suffix or "no ending"
        raise UsageError(f"cannot export to {name}: expected a name that ends in one of {listed}, found {found}.")
    extra, write = SUFFIXES[suffix]
    try:
        return write(data)
    except ImportError as error:
        raise UsageError(
            f"cannot export to {name}: the library {error.name} is not installed. "
            f"Install it with: pip install 'laichau-analysis[{extra}]'"
        ) from None


def _csv(data: Dataset) -> bytes:
    text: str = long_table(data).to_csv(index=False, lineterminator="\n")
    return text.encode("utf-8")


def _parquet(data: Dataset) -> bytes:
    import pyarrow  # noqa: F401 - its own name in the error, if it is missing

    buffer = io.BytesIO()
    _typed(data).to_parquet(buffer, index=False)
    return buffer.getvalue()


def _typed(data: Dataset) -> pd.DataFrame:
    """The long table with numbers as numbers."""
    table = long_table(data)
    return table.assign(**{column: pd.to_numeric(table[column].replace("", None)) for column in NUMBERS})


def _xlsx(data: Dataset) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    workbook = xlsxwriter.Workbook(buffer, plain)
    workbook.set_properties({"title": data.titles["en"], "created": datetime(2000, 1, 1)})
    bold = workbook.add_format({"bold": True, "bottom": 1})
    wrapped = workbook.add_format({"text_wrap": True, "valign": "top"})
    cover = workbook.add_worksheet("about")
    cover.set_column(0, 0, 28, wrapped)
    cover.set_column(1, 1, 100, wrapped)
    for i, (term, meaning) in enumerate(_about(data)):
        cover.write_string(i, 0, term, bold if not meaning else wrapped)
        cover.write_string(i, 1, meaning)
    sheet = workbook.add_worksheet("figures")
    formats: dict[int, Any] = {}
    table, decimals = _typed(data), list(data.observations["decimals"])
    for column, name in enumerate(table.columns):
        sheet.write_string(0, column, name, bold)
        width = max(len(name), int(table[name].map(lambda cell: len(str(cell))).quantile(0.9)))
        sheet.set_column(column, column, min(width + 2, 48))
        for row, value in enumerate(table[name], start=1):
            if name not in NUMBERS:
                sheet.write_string(row, column, value)
            elif value == value:
                digits = int(decimals[row - 1])
                if digits not in formats:
                    pattern = "#,##0" + ("." + "0" * digits if digits else "")
                    formats[digits] = workbook.add_format({"num_format": pattern})
                sheet.write_number(row, column, value, formats[digits])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(table), len(table.columns) - 1)
    workbook.close()
    return buffer.getvalue()


def _about(data: Dataset) -> Iterator[tuple[str, str]]:
    """The cover sheet: what the workbook holds, and what its codes mean."""
    yield data.titles["vi"], ""
    yield data.titles["en"], ""
    yield "data set", f"{data.name}, term {data.term.code}, {len(data.observations)} figures"
    yield "content", f"SHA-256 {data.content_hash}"
    for row in data.tables["sources"].to_dict("records"):
        yield "source " + row["source"], f"{row['title_vi']} / {row['title_en']}. {row['publisher_en']}, {row['date']}"
    yield "columns", ""
    for field in OBSERVATIONS.fields:
        yield field.name, field.description
    yield "sector, name_vi, name_en", "Of the indicator."
    yield "codes", ""
    for column in CODED:
        used = [code for code in data.observations[column].unique() if code]
        yield column, ", ".join(used) or "(none)"


SUFFIXES: Final[Mapping[str, tuple[str, Callable[[Dataset], bytes]]]] = {
    ".csv": ("", _csv),
    ".xlsx": ("", _xlsx),
    ".parquet": ("parquet", _parquet),
}
"""The forms: by ending, the extra that it needs, and what writes it."""


# --- tables of a report ----------------------------------------------------------------------------

_WHOSE: Final = ("indicator", "name", "area_name", "category", "category_name")
_ASSESSED: Final = (
    *("assessment", "attainment", "target", "target_max", "target_qualifier", "unit"),
    *("actual", "actual_qualifier", "actual_period", "status", "flag"),
)
_PRINTED: Final = ("printed", "printed_unit", "value", "value_max", "qualifier", "status", "flag")
_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "silent": (
        *("area", "area_name", "indicator", "name", "period", "unit", "value", "qualifier", "status", "flag"),
        *("rank_first", "rank_last", "reached", "standing", "wrong", "silent"),
    ),
    "areas": (*("indicator", "name", "areas", "exceeded", "met", "on_track", "behind", "missed", "not_assessed"),),
    "stated_by": ("area", "area_name", "stated_by", "wrong", "rounding", "open"),
    "checked": ("sector", "sector_name", "checked", "wrong", "open", "rounding", "agrees"),
    "moved": ("sector", "sector_name", "before", "after", "same", "moved", "revised", "other", "dropped", "added"),
    "assessment_before": (
        *("change", *_WHOSE, "target_period"),
        *(f"{name}{edition}" for edition in ("_before", "") for name in _ASSESSED),
        "difference",
    ),
    "value_before": (
        *("change", "reason", *_WHOSE, "measure", "period", "unit"),
        *(f"{name}{edition}" for edition in ("_before", "") for name in _PRINTED),
        *("difference", "growth", "way"),
    ),
    "verdict_before": (
        *("change", "check", *_WHOSE, "measure", "period", "verdict_before", "verdict"),
        *("stated_before", "stated", "recomputed_before", "recomputed", "message"),
    ),
    "assessment": (
        *_WHOSE,
        *("unit", "target", "target_max", "target_qualifier", "target_period"),
        *("actual", "actual_qualifier", "actual_period", "status", "flag"),
        *("attainment", "stated_attainment", "gap", "required", "required_growth", "run_rate", "aim", "outlook"),
        *("assessment", "basis", "reason"),
    ),
    "verdict": (
        *("check", *_WHOSE, "measure", "period", "stated_text", "recomputed_text"),
        *("stated", "recomputed", "low", "high", "difference", "verdict", "reason", "message"),
    ),
    "role": ("role", *_WHOSE, "period", "unit", "value", "qualifier", "status", "flag"),
    "whole": (
        *_WHOSE,
        "period",
        "unit",
        "value",
        "qualifier",
        "total",
        "whole",
        "whole_name",
        "share",
        "status",
        "flag",
    ),
    "share": (*_WHOSE, "period", "unit", "value", "qualifier", "share", "status", "flag"),
    "earlier": (
        *_WHOSE,
        *("unit", "earlier_period", "earlier", "period", "value", "change", "growth", "status", "flag"),
    ),
    "target_count": (
        *(*_WHOSE, "period", "unit", "value", "rate", "rate_unit", "target_period", "target"),
        *("target_qualifier", "target_count", "outlook", "status", "flag"),
    ),
    "pace": (*(*_WHOSE, "period", "unit", "value", "qualifier", "pace", "derived", "computed", "status", "flag"),),
    "edition": (
        *("edition", *_WHOSE, "measure", "period", "printed", "value", "value_max", "unit", "status", "flag"),
        *("source", "locator"),
    ),
    "printed": (
        *_WHOSE,
        "measure",
        "period",
        "printed",
        "value",
        "value_max",
        "unit",
        "status",
        "flag",
        "source",
        "locator",
    ),
    "value": (*_WHOSE, "period", "unit", "value", "qualifier", "working", "status", "flag"),
}
"""What a file holds of each kind of frame, told by a column that only this kind has."""
_WITH_UNIT: Final = {
    "attainment": "attainment_percent",
    "reached": "attainment_percent",
    "standing": "assessment",
    "stated_by": "checked",
    "attainment_before": "attainment_percent_before",
    "stated_attainment": "stated_attainment_percent",
    "share": "share_percent",
    "required": "required_per_year",
    "required_growth": "required_growth_percent_per_year",
    "growth": "growth_percent",
    "pace": "value_per_year_or_half",
}
_RATIOS: Final = ("required_growth", "growth")


def taken_away(frame: pd.DataFrame, locators: Sequence[Sequence[str]]) -> pd.DataFrame:
    """A table of a report as others can compute with it: codes, names, plain numbers, units, places.

    Parameters
    ----------
    frame : DataFrame
        From ``wording.labelled``.
    locators : sequence of sequence of str
        For each row, where its figures stand.

    Returns
    -------
    DataFrame
        Values are in the unit of the column ``unit``, or in the one that ends the column's name. The
        columns depend on the kind of frame only, never on its rows or its language.
    """
    columns = next(columns for key, columns in _COLUMNS.items() if key in frame)
    plain = frame.reindex(columns=list(columns))
    plain = plain.assign(**{name: 100 * plain[name] for name in _RATIOS if name in plain})
    places = ["; ".join(dict.fromkeys(row)) for row in locators] or [""] * len(plain)
    return plain.rename(columns=_WITH_UNIT).assign(locators=places)


def csv_for_readers(table: pd.DataFrame) -> str:
    r"""A table as CSV that a spreadsheet opens as it is: marked as UTF-8, and no text is a formula.

    Examples
    --------
    >>> csv_for_readers(pd.DataFrame({"name": ["=1+1", "Ngân sách"], "value": [-0.5, 2.0]}))
    "\ufeffname,value\r\n'=1+1,-0.5\r\nNgân sách,2\r\n"
    """
    texts = {name: table[name].map(_harmless) for name in table if not pd.api.types.is_numeric_dtype(table[name])}
    text: str = table.assign(**texts).to_csv(index=False, lineterminator="\r\n", float_format="%.12g")
    return "\ufeff" + text


def _harmless(text: Any) -> Any:
    """A text that spreadsheets would take for a formula, with the apostrophe that keeps it a text."""
    return f"'{text}" if isinstance(text, str) and text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
