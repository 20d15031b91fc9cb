"""The sheets of a workbook -> rows of texts by column, and what could not be read of them.

A cell is read or it is told. What a spreadsheet made of a text that was typed, such as a date of ``2024-06``, is
never turned back: that would be a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from openpyxl.utils import column_index_from_string, get_column_letter

from ..errors import Unread, WorkbookError, nearest
from .layout import CODES, ENTRIES, FIRST, OURS, SHEETS, TOWN, Column
from .workbook import Book, Cell, Page

__all__ = ["Contents", "Entry", "Row", "contents"]

_PROSE: Final = frozenset(
    {
        *("name_vi", "name_en", "title_vi", "title_en", "publisher_vi", "publisher_en", "about_vi", "about_en"),
        *("note", "mark", "reason", "reason_vi", "reason_en"),
    }
)
"""Columns in which an apostrophe in front may be meant; elsewhere it only kept a spreadsheet from changing a text."""
_KINDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "date": (
        "the date {text}, which the spreadsheet made of what was typed",
        "text",
        "format the cell as text and type it again, such as 2024-06",
    ),
    "percentage": (
        "the number {text}, shown as a percentage",
        "text",
        "format the cell as text and type it again, such as 60,8%",
    ),
    "formula": ("the formula {text}", "what it comes to", "type that in its place"),
    "logical": ("the truth value {text}", "text", "format the cell as text and type it again"),
    "error": ("the error {text}", "text", "type what is meant"),
}
"""Kinds of cells that are not read: what is found, what is expected, and what to do."""


@dataclass
class Row:
    """A row of a sheet.

    Attributes
    ----------
    sheet : str
    number : int
        As the spreadsheet counts it.
    values : dict of str to str
        What is typed, by column; columns without anything are left out.
    columns : mapping of str to str
        The letters of all columns of the sheet.
    unread : list of Unread
        Why the row cannot stand in a table; empty while nothing is known against it.
    """

    sheet: str
    number: int
    values: dict[str, str]
    columns: Mapping[str, str]
    unread: list[Unread] = field(default_factory=list)
    typed: dict[str, str] = field(default_factory=dict)

    def place(self, column: str = "") -> str:
        """The cell of a column, or the first that is filled in, such as ``D12``."""
        letter = self.columns.get(column) or next(self.columns[name] for name in self.columns if name in self.typed)
        return f"{letter}{self.number}"

    def refuse(self, column: str, found: str, expected: str, remedy: str) -> None:
        """Note what stands against the row."""
        self.unread.append(Unread(self.sheet, self.place(column), found, expected, remedy))


@dataclass(frozen=True)
class Entry:
    """What is typed for an entry of the sheet on the town, and in which cell."""

    value: str
    cell: str


@dataclass(frozen=True)
class Contents:
    """What a workbook holds.

    Attributes
    ----------
    rows : mapping of str to list of Row
        By table of the schema.
    entries : mapping of str to Entry
        Of the sheet on the town, by code.
    stray : list of Unread
        What stands where no table has a place for it.
    """

    rows: Mapping[str, list[Row]]
    entries: Mapping[str, Entry]
    stray: list[Unread]


def contents(book: Book) -> Contents:
    """Read all sheets.

    Parameters
    ----------
    book : Book

    Returns
    -------
    Contents

    Raises
    ------
    WorkbookError
        If sheets, heads or entries are missing that nothing can be read without; with all of them.
    """
    offences: list[Unread] = []
    stray = list(_unknown_sheets(book))
    rows: dict[str, list[Row]] = {sheet.table.name: [] for sheet in SHEETS}
    entries: dict[str, Entry] = {}
    for name, needed in ((TOWN, True), *((sheet.name, sheet.needed) for sheet in SHEETS)):
        if name not in book.pages and needed:
            known = nearest(name, (other for other in book.pages if other not in OURS))
            remedy = "name the sheet as the template does, or write a new template"
            offences.append(Unread(name, "", "no sheet of this name", f"a sheet {name}; {known.rstrip('.')}", remedy))
    if TOWN in book.pages:
        columns = _columns(book.pages[TOWN], TOWN, _TOWN_COLUMNS, offences)
        entries = _entries(book.pages[TOWN], columns, offences)
        stray += _beside(book.pages[TOWN], TOWN, columns)
    for sheet in SHEETS:
        if sheet.name in book.pages:
            page = book.pages[sheet.name]
            columns = _columns(page, sheet.name, sheet.columns, offences)
            rows[sheet.table.name] = list(_rows(page, sheet.name, columns))
            stray += _beside(page, sheet.name, columns)
    if offences:
        raise WorkbookError(book.name, offences)
    return Contents(rows, entries, stray)


def _unknown_sheets(book: Book) -> Iterator[Unread]:
    known = {TOWN, *OURS, *(sheet.name for sheet in SHEETS)}
    for name, page in book.pages.items():
        if name in known or not page.rows:
            continue
        columns = [column for row in page.rows.values() for column in row]
        first, last = (
            f"{get_column_letter(min(columns))}{min(page.rows)}",
            f"{get_column_letter(max(columns))}{max(page.rows)}",
        )
        count = len(columns)
        found = f"{count} filled cell{'s' if count != 1 else ''} on a sheet that the template does not have"
        remedy = "move what is to be read, or delete the sheet"
        yield Unread(name, first if first == last else f"{first}:{last}", found, "the sheets of the template", remedy)


def _columns(page: Page, name: str, known: Sequence[Column], offences: list[Unread]) -> dict[str, int]:
    """Where each column stands, by the codes in the second row."""
    columns: dict[str, int] = {}
    codes = {column.name for column in known}
    for place, cell in page.rows.get(CODES, {}).items():
        code = cell.text.casefold()
        if code in columns:
            found = f"the code {code} twice"
            remedy = "delete one of the two columns"
            offences.append(Unread(name, f"{get_column_letter(place)}{CODES}", found, "each code once", remedy))
        elif code in codes:
            columns[code] = place
    missing = [column.name for column in known if column.required and column.name not in columns]
    if missing:
        found = "no code " + ", ".join(missing)
        expected = f"the codes of the columns in row {CODES}"
        remedy = "put the first two rows of the template back in their place"
        offences.append(Unread(name, "", found, expected, remedy))
    return columns


def _rows(page: Page, name: str, columns: Mapping[str, int]) -> Iterator[Row]:
    """The rows in which something stands in a column of the table."""
    places = {column: get_column_letter(place) for column, place in columns.items()}
    merged = dict(_merged_rows(page, columns.values()))
    for number, cells in page.rows.items():
        filled = {column: cells[place] for column, place in columns.items() if place in cells}
        if number < FIRST or not filled:
            continue
        row = Row(name, number, {}, places, typed={column: cell.text for column, cell in filled.items()})
        for column, cell in filled.items():
            if cell.kind == "text" or (cell.kind == "number" and column != "printed"):
                row.values[column] = _plain(cell.text, column)
            else:
                row.refuse(column, *_told(cell))
        if number in merged:
            row.unread.append(
                Unread(name, merged[number], "merged cells", "one cell a row", "unmerge them and fill in each")
            )
        yield row


def _plain(text: str, column: str) -> str:
    """A text without the apostrophe that only kept a spreadsheet from changing it."""
    if column in _PROSE:
        return text
    return text.removeprefix("'").lstrip() or text


def _told(cell: Cell) -> tuple[str, str, str]:
    """What is found, expected and to be done of a cell that is not read."""
    if cell.kind == "number":
        found = f"the number {cell.text}, of which it is not known how it is printed"
        return found, "text", "format the cell as text and type the number as it is printed"
    found, expected, remedy = _KINDS[cell.kind]
    return found.format(text=cell.text), expected, remedy


def _merged_rows(page: Page, columns: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Rows that merged cells reach into, each with one such range; all rows in one sweep."""
    known = set(columns)
    ranges = []
    for merged in page.merged:
        match = re.fullmatch(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})", merged)
        if match and any(
            column_index_from_string(match[1]) <= column <= column_index_from_string(match[3]) for column in known
        ):
            ranges.append((int(match[2]), int(match[4]), merged))
    ranges.sort()
    reaching, i = (0, ""), 0
    for number in page.rows:
        while i < len(ranges) and ranges[i][0] <= number:
            reaching, i = max(reaching, ranges[i][1:]), i + 1
        if reaching[0] >= number:
            yield number, reaching[1]


def _beside(page: Page, name: str, columns: Mapping[str, int]) -> Iterator[Unread]:
    """Cells in columns that the table does not have."""
    known = {*columns.values()}
    for number, cells in page.rows.items():
        for place, cell in cells.items():
            if place not in known and number >= CODES:
                expected = f"a column of the table, by its code in row {CODES}"
                remedy = "move it to such a column, or delete it"
                yield Unread(name, f"{get_column_letter(place)}{number}", cell.text, expected, remedy)


# --- the sheet on the town -------------------------------------------------------------------------------

_TOWN_COLUMNS: Final = (
    *(Column(name, "", "", True) for name in ("entry", "value")),
    *(Column(name, "", "", False) for name in ("label", "hint")),
)


def _entries(page: Page, columns: Mapping[str, int], offences: list[Unread]) -> dict[str, Entry]:
    """What is typed for each entry; whatever is wrong with one stands against the whole workbook."""
    asked = {name: columns[name] for name in ("entry", "value") if name in columns}
    if len(asked) < 2:
        return {}
    known = [entry.name for entry in ENTRIES]
    entries: dict[str, Entry] = {}
    for row in _rows(page, TOWN, asked):
        offences += row.unread
        code = row.values.get("entry", "")
        if code not in known or code in entries:
            expected = f"each entry once: {nearest(code, known)}".rstrip(".")
            offences.append(Unread(TOWN, row.place("entry"), code or "nothing", expected, "mend the code"))
        else:
            entries[code] = Entry(row.values.get("value", ""), row.place("value"))
    for name in known:
        if name not in entries:
            remedy = "put it back as it stands in the template"
            offences.append(Unread(TOWN, "", f"no entry {name}", f"an entry {name}", remedy))
    return entries
