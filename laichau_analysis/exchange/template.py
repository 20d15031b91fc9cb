"""A data set's lists, and its figures on request -> a workbook to type figures into.

All cells are text, so that a spreadsheet changes nothing of what is typed, but for numbers that say the
same as their neighbour. Nothing is a formula or a link, whatever a text begins with.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from ..dataset import LANGUAGES, Dataset
from ..schema import OBSERVATIONS, TABLES
from ..units import ATOMS, unit
from ..words import N_, Words
from .layout import CODES, ENTRIES, FIRST, LABELS, LAST, SHEETS, TOWN, Column, Sheet, label, offer_of
from .starting import TOWN as TOWN_CODE
from .starting import catalogue, lists, shipped_dataset

__all__ = ["template"]

Rows = list[dict[str, Any]]

_TITLE: Final = N_("How to fill in this workbook")
_STEPS: Final = (
    N_("1. In the sheet town, type the town's names, the years of its plan and the month."),
    N_(
        "2. In the sheet figures, type one row a figure. Four cells are always needed: the indicator, the period, the "
        "kind of figure, and the number as printed. Heads with a star say what is needed."
    ),
    N_(
        "3. Type a number exactly as the document prints it, with % or ‰ but without its unit: 182,6 or 1.250 or 95% "
        "or 9,5-10. How many digits are printed says how precise it is. The cells are text, so that the spreadsheet "
        "changes nothing; keep them so."
    ),
    N_("4. Most cells have a list to choose from. A code, a name, or both as the list writes them will do."),
    N_(
        "5. Periods: 2024 is a year; 2024-S1 its first half; 2024-06 the state at the end of June; 2021/2024 from the "
        "beginning of the one year to the end of the other; 2021/2024-06 to the end of June; ../2024 up to 2024, "
        "where the document does not say from when."
    ),
    N_(
        "6. If a document is the source, list it in the sheet sources and its places in the sheet locators, and name "
        "both in the row. Leave both empty if this workbook itself is the source: then the cell is the place."
    ),
    N_(
        "7. Communes and wards are added in the sheet areas; an indicator, breakdown or category that the lists lack "
        "at the end of its sheet."
    ),
    N_(
        "8. Formulas, merged cells, dates and percentages that the spreadsheet made of what was typed are not read, "
        "since what they stand for would be a guess. Each such cell is listed, with what to do."
    ),
    N_(
        "9. Rows may be left empty, sorted or hidden, and columns moved. Do not rename sheets or change the second row "
        "of a sheet: it tells which column is which."
    ),
    N_("10. Bring the figures into a data set and make the reports:"),
)
_COMMANDS: Final = (
    "laichau import FILE.xlsx FOLDER",
    "laichau check --data ./FOLDER",
    "laichau run --data ./FOLDER",
)
_NOT_LISTED: Final = N_("This is not in the list. Keep it all the same?")
_GUIDE_WIDTH: Final = 80
_TOWN_WIDTH: Final = 48
_BREAKDOWN_OF: Final = "breakdown_of"
_LIVE: Final = 500
"""Rows of a sheet that a list offers what is typed there from."""
_WIDTHS: Final = {
    **dict.fromkeys(("indicator", "share_of", "related"), 56),
    **dict.fromkeys(("name_vi", "name_en", "title_vi", "title_en", "note", "formula", "reason_vi", "reason_en"), 44),
    **dict.fromkeys(("breakdown", "category", "publisher_vi", "publisher_en", "sector", "parts", "mark"), 32),
    **dict.fromkeys(("measure", "unit", "direction", "nature", "accumulation", "flag", "reason", "finding"), 34),
    **dict.fromkeys(("source", "locator", "qualifier", "status", "printed", "value_max"), 24),
}


def template(data: Dataset | None = None, *, filled: bool = False) -> bytes:
    """Write a workbook to type figures into.

    Parameters
    ----------
    data : Dataset, optional
        Whose lists, areas and names it offers. Without one, the lists of the data set that ships, for a
        town of one's own.
    filled : bool
        Whether the figures, sources, places and reviews of the data set stand in it, too.

    Returns
    -------
    bytes
        The same for the same data.

    Examples
    --------
    >>> template()[:2]
    b'PK'
    """
    buffer = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    workbook = xlsxwriter.Workbook(buffer, plain)
    workbook.set_properties({"title": "laichau-analysis", "created": datetime(2000, 1, 1)})
    tables = _tables(data, filled=filled)
    sheets = [sheet for sheet in SHEETS if sheet.needed or filled]
    writer = _Writer(workbook, _offers(tables))
    writer.guide(sheets)
    writer.town(_entries(data))
    for sheet in sheets:
        writer.table(sheet, tables[sheet.table.name])
    writer.lists()
    workbook.close()
    return buffer.getvalue()


# --- what stands in it -----------------------------------------------------------------------------


def _tables(data: Dataset | None, *, filled: bool) -> dict[str, Rows]:
    """Rows by table; numbers where a cell is to be one."""
    tables: dict[str, Rows] = {name: [] for name in (*TABLES, OBSERVATIONS.name)}
    if data is None:
        return tables | lists(shipped_dataset()) | {"areas": [{"area": TOWN_CODE, "level": TOWN_CODE}]}
    lent = tuple(data.tables) if filled else ("sectors", "areas", "breakdowns", "categories")
    tables |= {name: data.tables[name].to_dict("records") for name in lent}
    tables["indicators"] = [*catalogue(data)]
    if filled:
        tables[OBSERVATIONS.name] = data.observations.to_dict("records")
    return tables


def _entries(data: Dataset | None) -> dict[str, str]:
    """What is known of the town."""
    if data is None:
        return {"outline": ", ".join(shipped_dataset().outline)}
    texts = {f"title_{language}": text for language, text in data.titles.items()}
    texts |= {f"about_{language}": text for language, text in data.about.items()}
    return texts | {"term": data.term.code, "outline": ", ".join(data.outline)}


def _offers(tables: Mapping[str, Rows]) -> dict[str, dict[str, str]]:
    """What the lists offer: code and text by the name of a coded column, of ``unit``, or of a table."""
    words = Words("vi")
    offers = {
        column: {code: label(code, words.text(text)) for code, text in codes.items()}
        for column, codes in LABELS.items()
    }
    units = dict.fromkeys([*(row["unit"] for row in tables["indicators"]), *ATOMS])
    offers["unit"] = {code: label(code, unit(code).name_vi) for code in units}
    for name, key in (("sectors", "sector"), ("breakdowns", "breakdown")):
        offers[name] = {row[key]: label(row[key], row["name_vi"]) for row in tables[name]}
    offers["indicators"] = {}
    for row in tables["indicators"]:
        measured = unit(row["unit"]).name_vi
        offers["indicators"][row["indicator"]] = label(
            row["indicator"], row["name_vi"] + (f" ({measured})" if measured else "")
        )
    # One under the other, so that a list can be cut out for each breakdown.
    offers["categories"] = {
        f"{row['breakdown']}/{row['category']}": label(row["category"], row["name_vi"])
        for breakdown in offers["breakdowns"]
        for row in tables["categories"]
        if row["breakdown"] == breakdown
    }
    return offers


# --- how it looks ------------------------------------------------------------------------------------


class _Writer:
    """The sheets of one workbook, in both languages."""

    def __init__(self, workbook: Any, offers: Mapping[str, Mapping[str, str]]) -> None:
        self._workbook = workbook
        self._offers = offers
        self._columns = {name: i for i, name in enumerate((*offers, _BREAKDOWN_OF))}
        style = workbook.add_format
        wrapped = {"text_wrap": True, "valign": "top"}
        self._title = style({"bold": True, "font_size": 14})
        self._wrapped = style(wrapped)
        self._mono = style({"font_name": "Courier New"})
        self._text = style({"num_format": "@", "valign": "top"})
        self._field = style({"num_format": "@", "border": 1, **wrapped})
        self._head = style({**wrapped, "bold": True, "bg_color": "#E3ECF5", "border": 1})
        self._needed = style({**wrapped, "bold": True, "bg_color": "#FBE3C8", "border": 1})
        self._code = style({"italic": True, "font_color": "#666666", "valign": "top"})
        self._numbers: dict[int, Any] = {}

    def guide(self, sheets: Sequence[Sheet]) -> None:
        """What to do, Vietnamese on the left and English on the right."""
        sheet = self._workbook.add_worksheet("guide")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 1, _GUIDE_WIDTH, self._wrapped)
        self._across(sheet, 0, _TITLE, self._title)
        row = 2
        for step in _STEPS:
            self._across(sheet, row, step, self._wrapped)
            row += 1
        for command in _COMMANDS:
            self._across(sheet, row, command, self._mono)
            row += 1
        row += 1
        for described in sheets:
            self._across(sheet, row, described.title, self._wrapped, before=f"{described.name}: ")
            row += 1
        _for_paper(sheet)

    def _across(self, sheet: Any, row: int, text: str, style: Any, before: str = "") -> None:
        texts = [before + Words(language).text(text) for language in LANGUAGES]
        for column, written in enumerate(texts):
            sheet.write_string(row, column, written, style)
        sheet.set_row(row, _height(*texts, width=_GUIDE_WIDTH))

    def town(self, entries: Mapping[str, str]) -> None:
        """What is asked of the town: an entry a row."""
        sheet = self._workbook.add_worksheet(TOWN)
        heads = {"label": N_("Entry"), "value": N_("Fill in here"), "hint": N_("Hint"), "entry": N_("Code")}
        for column, (code, head) in enumerate(heads.items()):
            sheet.write_string(0, column, _both(head, "\n"), self._head)
            sheet.write_string(CODES - 1, column, code, self._code)
        for row, entry in enumerate(ENTRIES, start=FIRST - 1):
            sheet.write_string(row, 0, _head(entry), self._needed if entry.required else self._head)
            value = entries.get(entry.name, "")
            sheet.write_string(row, 1, value, self._field)
            sheet.set_row(row, _height(value, "\n", width=_TOWN_WIDTH))
            sheet.write_string(row, 2, _both(entry.help, "\n"), self._wrapped)
            sheet.write_string(row, 3, entry.name, self._code)
            if entry.name in self._offers:
                self._choose(sheet, (row, 1, row, 1), entry, f"={self._range(entry.name)}")
        sheet.set_row(0, 32)
        sheet.set_column(0, 2, _TOWN_WIDTH)
        sheet.set_column(3, 3, 14)
        sheet.freeze_panes(CODES, 0)
        _for_paper(sheet)

    def table(self, sheet: Sheet, rows: Rows) -> None:
        """One table: heads, help, lists, and the rows there are."""
        page = self._workbook.add_worksheet(sheet.name)
        page.set_tab_color("#D9822B" if not rows or sheet.name == "figures" else "#5B7FA6")
        for i, column in enumerate(sheet.columns):
            page.set_column(i, i, _WIDTHS.get(column.name, 15), self._text)
            page.write_string(0, i, _head(column), self._needed if column.required else self._head)
            page.write_string(CODES - 1, i, column.name, self._code)
            page.write_comment(0, i, _both(column.help, "\n\n"), {"author": "laichau", "x_scale": 2, "y_scale": 1.4})
            self._choose(page, (FIRST - 1, i, LAST - 1, i), column, self._source(sheet, column.name))
        for i, row in enumerate(rows, start=FIRST - 1):
            for j, column in enumerate(sheet.columns):
                self._cell(page, i, j, self._shown(sheet, column.name, row), row)
        page.set_row(0, 48)
        page.freeze_panes(CODES, 1)
        page.autofilter(CODES - 1, 0, max(len(rows) + FIRST - 2, FIRST), len(sheet.columns) - 1)
        page.ignore_errors({"number_stored_as_text": f"A{FIRST}:XFD{LAST}"})
        page.repeat_rows(0, CODES - 1)
        _for_paper(page)

    def lists(self) -> None:
        """The hidden sheet that the drop-down lists take their entries from."""
        page = self._workbook.add_worksheet("lists")
        for name, offered in self._offers.items():
            for row, text in enumerate(offered.values()):
                page.write_string(row, self._columns[name], text)
        for row, code in enumerate(self._offers["categories"]):
            breakdown = self._offers["breakdowns"][code.partition("/")[0]]
            page.write_string(row, self._columns[_BREAKDOWN_OF], breakdown)
        page.hide()

    def _shown(self, sheet: Sheet, column: str, row: Mapping[str, Any]) -> Any:
        """What a cell shows: a code with its name where a list offers it so."""
        value, offer = row.get(column, ""), offer_of(sheet, column)
        key = f"{row['breakdown']}/{value}" if offer == "categories" else value
        return self._offers[offer].get(key, value) if offer in self._offers else value

    def _cell(self, page: Any, i: int, j: int, value: Any, row: Mapping[str, Any]) -> None:
        if isinstance(value, str):
            if value:
                page.write_string(i, j, value, self._text)
        elif not math.isnan(value):
            page.write_number(i, j, value, self._number(int(row["decimals"])))

    def _number(self, decimals: int) -> Any:
        if decimals not in self._numbers:
            pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
            self._numbers[decimals] = self._workbook.add_format({"num_format": pattern, "valign": "top"})
        return self._numbers[decimals]

    def _source(self, sheet: Sheet, column: str) -> str:
        """Where a drop-down list takes its entries from; empty for no list."""
        offer = offer_of(sheet, column)
        if offer == "categories":
            # The list's part that belongs to the breakdown chosen in the same row.
            letter = xl_col_to_name([one.name for one in sheet.columns].index("breakdown"))
            all_of_them, first = self._range(_BREAKDOWN_OF), self._range(offer).partition(":")[0]
            chosen = f"{all_of_them},${letter}{FIRST}"
            return f"=OFFSET({first},MATCH(${letter}{FIRST},{all_of_them},0)-1,0,COUNTIF({chosen}),1)"
        if offer in self._offers:
            return f"={self._range(offer)}"
        listed = next((other for other in SHEETS if other.table.name == offer), None)
        if listed is None:
            return ""
        letter = xl_col_to_name([one.name for one in listed.columns].index(listed.table.key[-1]))
        return f"={listed.name}!${letter}${FIRST}:${letter}${_LIVE}"

    def _range(self, offer: str) -> str:
        letter, last = xl_col_to_name(self._columns[offer]), len(self._offers.get(offer, self._offers["categories"]))
        return f"lists!${letter}$1:${letter}${last or 1}"

    def _choose(self, page: Any, cells: tuple[int, int, int, int], column: Column, source: str) -> None:
        """Help beside the cells of a column, and a list to choose from if there is one."""
        options = {"input_title": Words("vi").text(column.head)[:32], "input_message": _both(column.help, "\n")}
        if source:
            options |= {"validate": "list", "source": source, "error_type": "warning"}
            options |= {"error_title": "laichau", "error_message": _both(_NOT_LISTED, "\n")}
        else:
            options["validate"] = "any"
        page.data_validation(*cells, options)


def _both(text: str, between: str) -> str:
    return between.join(Words(language).text(text) for language in LANGUAGES)


def _head(column: Column) -> str:
    return ("* " if column.required else "") + _both(column.head, "\n")


def _height(*texts: str, width: int) -> float:
    """Height of a row that holds texts in columns of so many digits; not every program finds it by itself."""
    lines = max(sum(math.ceil(max(len(line), 1) / width) for line in text.split("\n")) for text in texts)
    return 15.5 * lines


def _for_paper(page: Any) -> None:
    """A4, as wide as the sheet."""
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
