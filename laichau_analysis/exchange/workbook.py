"""A workbook from anyone -> its cells, within bounds of memory and time.

A workbook is a ZIP archive of XML parts. A survey goes through every part first, as a stream, with defusedxml:
it refuses document types (and with them entities), counts what there is, and notes what openpyxl would
drop without a word: formulas, merged cells, cells far outside. Only then openpyxl reads the cells. No link is
followed, and no macro is looked at.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import unicodedata
import warnings
import xml.sax
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import defusedxml.sax
from defusedxml.common import DefusedXmlException
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils.escape import unescape

from ..errors import WorkbookError

__all__ = ["LIMITS", "Book", "Cell", "Limits", "Page", "read"]


@dataclass(frozen=True)
class Limits:
    """How large a workbook may be.

    Attributes
    ----------
    file, unpacked : int
        Bytes on the disk, and of all its parts together.
    parts, elements : int
        Parts of the archive, and XML elements in all of them.
    rows, columns : int
        The last row and column of a sheet in which something may stand.
    """

    file: int = 16 * 2**20
    unpacked: int = 64 * 2**20
    parts: int = 500
    elements: int = 1_000_000
    rows: int = 20_000
    columns: int = 100


LIMITS: Final = Limits()


@dataclass(frozen=True)
class Cell:
    """What a cell holds.

    Attributes
    ----------
    text : str
        As text: a number as a plain decimal, a formula with its equals sign.
    kind : {'text', 'number', 'percentage', 'date', 'formula', 'logical', 'error'}
        ``percentage`` and ``date`` are numbers that the spreadsheet shows as such.
    """

    text: str
    kind: str


@dataclass(frozen=True)
class Page:
    """The cells of a sheet that hold something.

    Attributes
    ----------
    rows : mapping of int to mapping of int to Cell
        By row and column, both counted from 1.
    merged : tuple of str
        Ranges of merged cells, such as ``A3:A5``.
    """

    rows: Mapping[int, Mapping[int, Cell]]
    merged: tuple[str, ...] = ()


@dataclass(frozen=True)
class Book:
    """A workbook: its sheets by name, and the SHA-256 of the file."""

    name: str
    pages: Mapping[str, Page]
    sha256: str


def read(path: Path, limits: Limits = LIMITS) -> Book:
    """Read the cells of an ``.xlsx`` workbook.

    Parameters
    ----------
    path : Path
    limits : Limits

    Returns
    -------
    Book

    Raises
    ------
    WorkbookError
        If the file is no such workbook, is protected by a password, holds macros, or is larger than the limits.
    """
    try:
        content = _bytes_of(path, limits)
        surveys = _survey(content, limits)
        pages = dict(_pages(content, surveys))
    except _RefusedError as error:
        raise WorkbookError(path.name, [str(error)]) from None
    return Book(path.name, pages, hashlib.sha256(content).hexdigest())


class _RefusedError(Exception):
    """Why a file is not read; becomes a ``WorkbookError`` with the file's name."""


_DAMAGED: Final = "open it in a spreadsheet program, save it as .xlsx, and try again"


def _unreadable(error: object) -> _RefusedError:
    reason = " ".join(str(error).split())[:200]
    return _RefusedError(f"it cannot be read as an .xlsx workbook ({reason}); {_DAMAGED}.")


# --- the file ----------------------------------------------------------------------------------------

_OLE: Final = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")


def _bytes_of(path: Path, limits: Limits) -> bytes:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise _RefusedError("it is no regular file; name an .xlsx workbook.")
        if status.st_size > limits.file:
            raise _RefusedError(
                f"it has {status.st_size:,} bytes, and {limits.file:,} are allowed; delete pictures and empty "
                "formatted rows, or split it by sector."
            )
        content = path.read_bytes()
    except OSError as error:
        raise _RefusedError(f"it cannot be opened ({error.strerror}); check its name and its permissions.") from None
    if content.startswith(_OLE):
        if _ENCRYPTED in content:
            raise _RefusedError("it is protected by a password; save it without one.")
        raise _RefusedError("it is an old workbook (.xls); save it as .xlsx.")
    if not content.startswith(b"PK"):
        raise _RefusedError("it is no .xlsx workbook; save it as one.")
    return content


# --- the survey -----------------------------------------------------------------------------------------


@dataclass
class _Sheet:
    """What a survey notes of a sheet."""

    rows: int = 0
    columns: int = 0
    formulas: dict[tuple[int, int], str] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)


def _survey(content: bytes, limits: Limits) -> dict[str, _Sheet]:
    """Go through all parts of the archive; what stands in each sheet, by the name of its part."""
    surveys = {}
    left = limits.elements
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_parts(parts, limits)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    handler = _Surveyor(limits, left)
                    with archive.open(part) as stream:
                        defusedxml.sax.parse(stream, handler, forbid_dtd=True)
                    surveys[part.filename] = handler.sheet
                    left = handler.left
    except DefusedXmlException:
        raise _RefusedError(f"its XML declares a document type, as no spreadsheet does; {_DAMAGED}.") from None
    except (
        *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError),
        *(xml.sax.SAXException, ValueError, LookupError),
    ) as error:
        raise _unreadable(error) from None
    return surveys


def _check_parts(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise _RefusedError("it is protected by a password; save it without one.")
    if any(name.casefold().endswith("vbaproject.bin") for name in names):
        raise _RefusedError("it holds macros; save it as .xlsx, without them.")
    if "xl/workbook.bin" in names:
        raise _RefusedError("it is a binary workbook (.xlsb); save it as .xlsx.")
    if "[Content_Types].xml" not in names:
        found = "an OpenDocument file" if "mimetype" in names else "another archive"
        raise _RefusedError(f"it is {found} and no .xlsx workbook; save it as one.")
    if len(names) < len(parts) or len(parts) > limits.parts:
        raise _RefusedError(f"it has {len(parts):,} parts, some twice or more than {limits.parts:,}; {_DAMAGED}.")
    size = sum(part.file_size for part in parts)
    if size > limits.unpacked:
        raise _RefusedError(
            f"it unpacks to {size:,} bytes, and {limits.unpacked:,} are allowed; delete pictures and empty formatted "
            "rows, or split it by sector."
        )


_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


class _Surveyor(xml.sax.ContentHandler):
    """Counts elements, and notes where cells, formulas and merged ranges are."""

    def __init__(self, limits: Limits, left: int) -> None:
        super().__init__()
        self.sheet = _Sheet()
        self.left = left
        self._limits = limits
        self._is_sheet: bool | None = None
        self._row = self._column = 0
        self._formula: list[str] | None = None

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802 - the name that the parser calls
        self.left -= 1
        if self.left < 0:
            raise _RefusedError(
                f"it holds more than {self._limits.elements:,} elements; delete empty formatted rows, or split it."
            )
        local = name.rpartition(":")[2]
        if self._is_sheet is None:
            self._is_sheet = local == "worksheet"
            if self._is_sheet and _MAIN not in attrs.values():
                raise _RefusedError("it is saved in the strict form of .xlsx; save it as an ordinary .xlsx workbook.")
        if not self._is_sheet:
            return
        match local:
            case "row":
                self._begin_row(attrs.get("r"))
            case "c" if self._row:
                self._begin_cell(attrs.get("r"))
            case "v" | "is" | "f" as content if self._column:
                self._note(is_formula=content == "f")
            case "mergeCell":
                self.sheet.merged.append(attrs.get("ref", ""))

    def characters(self, content: str) -> None:
        if self._formula is not None:
            self._formula.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        if name.rpartition(":")[2] == "f" and self._formula is not None:
            self.sheet.formulas[self._row, self._column] = "=" + "".join(self._formula)[:200]
            self._formula = None

    def _begin_row(self, number: str | None) -> None:
        row = int(float(number)) if number else self._row + 1
        if row <= self._row:
            raise _RefusedError(f"its rows are out of order (row {row} after {self._row}); {_DAMAGED}.")
        self._row, self._column = row, 0

    def _begin_cell(self, reference: str | None) -> None:
        column = self._column + 1
        if reference:
            match = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7})", reference)
            if match is None or int(match[2]) != self._row or column_index_from_string(match[1]) < column:
                raise _RefusedError(f"its cells are out of order ({reference[:20]} in row {self._row}); {_DAMAGED}.")
            column = column_index_from_string(match[1])
        self._column = column

    def _note(self, *, is_formula: bool) -> None:
        if self._row > self._limits.rows or self._column > self._limits.columns:
            cell = f"{get_column_letter(self._column)}{self._row}"
            last = f"{get_column_letter(self._limits.columns)}{self._limits.rows}"
            raise _RefusedError(
                f"something stands in cell {cell}, beyond {last}; delete what is there, or split the workbook."
            )
        self.sheet.rows = max(self.sheet.rows, self._row)
        self.sheet.columns = max(self.sheet.columns, self._column)
        if is_formula:
            self._formula = []


# --- the cells -------------------------------------------------------------------------------------------


def _pages(content: bytes, surveys: Mapping[str, _Sheet]) -> Iterator[tuple[str, Page]]:
    """The sheets that hold something to read, by name."""
    try:
        with warnings.catch_warnings():
            # It warns of what it does not know of a workbook's looks, which are not read.
            warnings.simplefilter("ignore")
            reader = ExcelReader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            reader.read()
            for sheet, relation in reader.parser.find_sheets():
                if relation.target not in surveys:
                    raise _RefusedError(f"its sheet {sheet.name} is not where it should be; {_DAMAGED}.")
                known = surveys[relation.target]
                rows = _rows(reader.wb[sheet.name], known) if known.rows else {}
                yield sheet.name, Page(rows, tuple(known.merged))
    except _RefusedError:
        raise
    except Exception as error:  # a library may stumble over a hostile file in any way
        raise _unreadable(f"{type(error).__name__}: {error}") from None


def _rows(sheet: Any, known: _Sheet) -> dict[int, dict[int, Cell]]:
    rows = {}
    bounds = {"min_row": 1, "min_col": 1, "max_row": known.rows, "max_col": known.columns}
    for number, cells in enumerate(sheet.iter_rows(**bounds), start=1):
        held = {column: read for column, cell in enumerate(cells, start=1) if (read := _cell(cell))}
        rows[number] = held
    for (row, column), text in known.formulas.items():
        rows.setdefault(row, {})[column] = Cell(text, "formula")
    return {number: held for number, held in sorted(rows.items()) if held}


def _cell(cell: Any) -> Cell | None:
    """A cell as text, and what kind of thing it is; None where nothing stands in it."""
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "e":
        return Cell(str(value), "error")
    if isinstance(value, bool):
        return Cell(str(value).upper(), "logical")
    if isinstance(value, int | float):
        shown_as = re.sub(r'"[^"]*"|\\.', "", cell.number_format)
        return Cell(_plain(value), "percentage" if "%" in shown_as else "number")
    if isinstance(value, str):
        text = _text(value)
        return Cell(text, "text") if text else None
    return Cell(str(value).removesuffix(" 00:00:00"), "date")


def _plain(value: float) -> str:
    """A number with the fifteen digits that a spreadsheet keeps, without an exponent."""
    digits = f"{value:.15g}"
    return f"{Decimal(digits):f}" if re.fullmatch(r"[-+\d.e]+", digits) else digits


_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_INVISIBLE: Final = re.compile("[\u200b\u2060\ufeff]")


def _text(value: str) -> str:
    r"""Text as it is meant: escapes of the format undone, NFC, nothing invisible, one space between words.

    Examples
    --------
    >>> _text("  Da\u0302n   số\u200b_x000D_\n")
    'Dân số'
    """
    # Halves of a pair of UTF-16, as the format may escape them, are put together, and none is left alone.
    whole = unescape(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    visible = _CONTROL.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", whole)))
    return " ".join(visible.split())
