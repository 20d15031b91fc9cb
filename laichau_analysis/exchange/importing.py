"""A workbook that someone filled in -> a data set that is valid, and a list of what was not read.

Every row that is typed ends in a table or in ``unread.csv``. The rules of a data set are those of ``dataset.load``:
what it has against a row is told with the cell, and the row is left out, with all that rests on it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

import pandas as pd
from openpyxl.utils import column_index_from_string

from ..dataset import LANGUAGES, load
from ..errors import DataError, Offence, Unread, UsageError, WorkbookError
from ..export import csv_for_readers
from ..files import write_atomically
from ..schema import OBSERVATIONS, TABLES
from ..words import N_, Words
from .coding import Origin, code, package
from .folders import PACKAGE, as_csv, name_of, placed, write_tables
from .layout import ENTRIES, SHEETS, TOWN
from .reading import Contents, Row, contents
from .workbook import Book, read

__all__ = ["CELLS", "UNREAD", "Imported", "import_workbook"]

UNREAD: Final = "unread.csv"
CELLS: Final = "cells.csv"
"""Files beside the tables: what was not read, and in which cell each figure was typed."""
LONGEST_CODE: Final = 100
ROUNDS: Final = 10
"""How often rows may be left out that rest on rows left out before, by rules that only a loader knows."""
TABLES_AND_FIGURES: Final = {**TABLES, OBSERVATIONS.name: OBSERVATIONS}
Kept = Mapping[str, list[Row]]
Key = tuple[str, ...]


@dataclass(frozen=True)
class Imported:
    """What came of a workbook.

    Attributes
    ----------
    name : str
        Of the data set.
    figures, indicators : int
        How many there are in it.
    unread : tuple of Unread
        What was not read and why, in the order of the sheets.
    left_out : int
        Rows that are left out for it.
    """

    name: str
    figures: int
    indicators: int
    unread: tuple[Unread, ...]
    left_out: int


def import_workbook(path: Path, folder: Path, *, replace: bool = False) -> Imported:
    """Read a workbook into the folder of a data set.

    Parameters
    ----------
    path : Path
        The workbook.
    folder : Path
        No folder yet, an empty one, or, with ``replace``, a data set.
    replace : bool
        Whether the tables of a data set that is there may go.

    Returns
    -------
    Imported

    Raises
    ------
    WorkbookError
        If it is no workbook of ours, or cannot become a data set at all; nothing is written then.
    UsageError
        If the folder is not empty.
    """
    instead = "add --replace to replace it, or name another folder"
    with placed(folder, replace=replace, obsolete=(UNREAD, CELLS), instead=instead) as aside:
        book = read(path)
        typed = contents(book)
        origin = code(book, typed)
        described = _described(folder, typed, book)
        kept = _settled(aside, described, typed, origin, book)
        gone = [row for sheet in SHEETS for row in typed.rows[sheet.table.name] if row.unread]
        unread = [*typed.stray, *(one for row in gone for one in sorted(row.unread, key=_in_row))]
        write_atomically(aside / CELLS, as_csv([*OBSERVATIONS.key, "workbook", "sha256", "cell"], _cells(kept, book)))
        if unread:
            write_atomically(aside / UNREAD, _unread_csv([*typed.stray, *(one for row in gone for one in _every(row))]))
    figures, indicators = len(kept[OBSERVATIONS.name]), len(kept["indicators"])
    return Imported(described["name"], figures, indicators, tuple(unread), len(gone))


# --- what the package says ---------------------------------------------------------------------------


def _described(folder: Path, typed: Contents, book: Book) -> dict[str, Any]:
    """What is typed of the town, and what a data set that is there says beside it, such as its licences."""
    before = _before(folder, book) if (folder / PACKAGE).is_file() else {}
    said = package(typed.entries)
    known = {row.values.get("indicator") for row in typed.rows["indicators"]}
    unknown = [code for code in said["outline"] if code not in known]
    if unknown:
        expected = "codes of the sheet indicators, with commas between them"
        cell = typed.entries["outline"].cell
        raise WorkbookError(book.name, [Unread(TOWN, cell, ", ".join(unknown), expected, "mend the codes")])
    titles = [row.values["title_vi"] for row in typed.rows["sources"] if "title_vi" in row.values]
    kept = {key: value for key, value in before.items() if key not in {entry.name for entry in ENTRIES}}
    return {"name": name_of(folder), **kept, **said, "sources": [{"title": title} for title in titles or [book.name]]}


def _before(folder: Path, book: Book) -> dict[str, Any]:
    """The package of a data set whose tables are to go, and no table that the workbook has no sheet for."""
    try:
        before = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))
        missing = [sheet.table.name for sheet in SHEETS if sheet.name not in book.pages]
        lost = [name for name in missing if len((folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()) > 1]
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"data set {folder} cannot be read ({error}); import into another folder.") from None
    if lost:
        listed = " and ".join(f"{name}.csv" for name in lost)
        raise UsageError(
            f"data set {folder} has rows in {listed}, and the workbook has no sheet for them; write one that has with: "
            f"laichau template FILE.xlsx --data {folder} --filled"
        )
    return before if isinstance(before, dict) else {}


# --- rows that are left out --------------------------------------------------------------------------------


def _settled(aside: Path, described: dict[str, Any], typed: Contents, origin: Origin, book: Book) -> Kept:
    """Write what is valid; rows that a loader has something against are left out, and what rests on them."""
    for row in typed.rows["sectors"]:
        if len(sector := row.values.get("sector", "")) > LONGEST_CODE:
            row.refuse("sector", sector, f"{LONGEST_CODE} letters at most, as a file is named so", "shorten it")
    for _ in range(ROUNDS):
        _leave_out_with(typed.rows)
        kept = {name: [row for row in rows if not row.unread] for name, rows in typed.rows.items()}
        _check_town(typed, kept, book)
        known = {row.values["indicator"] for row in kept["indicators"]}
        outline = [code for code in described["outline"] if code in known]
        figures = _by_sector(kept)
        write_tables(aside, described | {"outline": outline}, _tables(kept, origin), _values(figures))
        try:
            load(aside.resolve())
        except DataError as error:
            offences = error.offences
        else:
            return kept
        lists = {f"{name}.csv": rows for name, rows in kept.items()}
        lists |= {f"observations/{sector}.csv": rows for sector, rows in figures.items()}
        placeless = [offence for offence in offences if not _noted(offence, lists.get(offence.file, []))]
        if placeless:
            raise WorkbookError(book.name, [_of_town(offence, typed) for offence in placeless])
    raise WorkbookError(book.name, [str(offence) for offence in offences])


def _leave_out_with(rows: Mapping[str, list[Row]]) -> None:
    """Note against every row what it refers to that is left out."""
    living: Counter[Key] = Counter()
    left_out: dict[Key, Row] = {}
    resting: dict[Key, list[tuple[Row, str, Key]]] = {}
    for name, table in TABLES_AND_FIGURES.items():
        for row in rows[name]:
            own = _key(name, row, table.key)
            if row.unread:
                left_out[own] = row
                continue
            living[own] += 1
            for columns, other, _ in table.references:
                if all(column in row.values for column in columns):
                    resting.setdefault(_key(other, row, columns), []).append((row, columns[-1], own))
    waiting = [key for key in left_out if not living[key]]
    while waiting:
        key = waiting.pop()
        cause = left_out[key]
        for row, column, own in resting.get(key, ()):
            if row.unread:
                continue
            expected = f"something that can be read; row {cause.number} of the sheet {cause.sheet} cannot"
            row.refuse(column, row.values[column], expected, "mend that row")
            left_out.setdefault(own, row)
            living[own] -= 1
            if not living[own]:
                waiting.append(own)


def _key(table: str, row: Row, columns: Iterable[str]) -> Key:
    return (table, *(row.values.get(column, "") for column in columns))


def _check_town(typed: Contents, kept: Kept, book: Book) -> None:
    """Nothing can be written without the town itself."""
    if not any("parent" not in row.values for row in kept["areas"]):
        raise WorkbookError(book.name, [one for row in typed.rows["areas"] for one in row.unread])


def _noted(offence: Offence, rows: list[Row]) -> bool:
    """Note against a row what a loader says of its line; false where no row was typed."""
    if not 2 <= offence.row < 2 + len(rows):
        return False
    row = rows[offence.row - 2]
    column = next((name for name in offence.column.split(", ") if name in row.columns), "")
    row.refuse(column, offence.found, offence.expected, offence.remedy)
    return True


def _of_town(offence: Offence, typed: Contents) -> str | Unread:
    """What a loader says of the package, with the cell of the entry that it comes from."""
    entry = typed.entries.get({"title": "title_vi"}.get(offence.column, offence.column))
    if offence.file != PACKAGE or entry is None:
        return str(offence)
    return Unread(TOWN, entry.cell, offence.found, offence.expected, offence.remedy)


# --- what is written ---------------------------------------------------------------------------------------


def _by_sector(kept: Kept) -> dict[str, list[Row]]:
    sectors = {row.values["indicator"]: row.values["sector"] for row in kept["indicators"]}
    figures: dict[str, list[Row]] = {row.values["sector"]: [] for row in kept["sectors"]}
    for row in kept[OBSERVATIONS.name]:
        figures[sectors[row.values["indicator"]]].append(row)
    return figures


def _values(rows: Kept) -> dict[str, list[dict[str, str]]]:
    return {name: [row.values for row in group] for name, group in rows.items()}


def _tables(kept: Kept, origin: Origin) -> dict[str, list[dict[str, str]]]:
    """The rows of all tables but the figures; the workbook and its cells among the sources, where they are."""
    tables = _values({name: kept[name] for name in TABLES})
    own = [row.values["locator"] for row in kept[OBSERVATIONS.name] if row.values["source"] == origin.key]
    if own:
        tables["sources"] = [*tables["sources"], dict(origin.row)]
        tables["locators"] = [*tables["locators"], *(_locator(origin.key, place) for place in own)]
    return tables


def _locator(source: str, place: str) -> dict[str, str]:
    sheet, _, cell = place.partition("!")
    titles = {
        f"title_{language}": Words(language).text(N_("Sheet {sheet}, cell {cell}"), sheet=sheet, cell=cell)
        for language in LANGUAGES
    }
    return {"source": source, "locator": place, "part": "body", "mark": cell, **titles}


def _cells(kept: Kept, book: Book) -> Iterator[dict[str, str]]:
    """In which cell each figure was typed; the place in a document says it only of figures without one."""
    for row in kept[OBSERVATIONS.name]:
        key = {name: row.values.get(name, "") for name in OBSERVATIONS.key}
        yield {**key, "workbook": book.name, "sha256": book.sha256, "cell": f"{row.sheet}!{row.place('printed')}"}


def _every(row: Row) -> Iterator[Unread]:
    """Every cell of a row that is left out: those that are to blame, and those that go with them."""
    causes = sorted(row.unread, key=_in_row)
    yield from causes
    cause = causes[0].cell
    blamed = {one.cell for one in causes}
    for column, text in row.typed.items():
        if row.place(column) not in blamed:
            remedy = f"mend {cause}, and the row is read with this cell"
            yield Unread(row.sheet, row.place(column), text, "a row in which every cell can be read", remedy)


def _in_row(one: Unread) -> int:
    """The column of a cell, or of the first cell of a range."""
    column: int = column_index_from_string("".join(takewhile(str.isalpha, one.cell)))
    return column


def _unread_csv(unread: Iterable[Unread]) -> str:
    columns = [field.name for field in fields(Unread)]
    return csv_for_readers(pd.DataFrame([astuple(one) for one in unread], columns=columns))
