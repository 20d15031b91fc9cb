"""The workbook to type figures into: its sheets, columns, heads and help, written once.

``template`` writes it, ``reading`` reads it. The first row of a sheet holds heads in both languages, the
second the codes by which columns are known, and what is typed begins in the third.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..schema import OBSERVATIONS, TABLES, Table
from ..words import N_

__all__ = [
    "CODES",
    "ENTRIES",
    "FIRST",
    "LABELS",
    "LAST",
    "OURS",
    "SHEETS",
    "TOWN",
    "Column",
    "Sheet",
    "code_in",
    "depends_on",
    "label",
    "offer_of",
]

CODES: Final = 2
"""Row of the codes."""
FIRST: Final = 3
LAST: Final = 20_000
"""First and last row of what is typed."""
TOWN: Final = "town"
BETWEEN: Final = " — "
OURS: Final = ("guide", "lists")
"""Sheets that hold nothing to read: the explanation, and what the drop-down lists offer."""


@dataclass(frozen=True)
class Column:
    """A column of a sheet, or an entry of the sheet on the town.

    Attributes
    ----------
    name : str
        Its code.
    head, help : str
        What it is and how it is filled in, in English; ``Words.text`` gives the Vietnamese.
    required : bool
        Whether a row can't do without it.
    """

    name: str
    head: str
    help: str
    required: bool


@dataclass(frozen=True)
class Sheet:
    """A sheet that holds one table of a data set.

    Attributes
    ----------
    table : Table
        Of the schema; its name is the sheet's, but the observations stand in ``figures``.
    title : str
        What the sheet is for.
    columns : tuple of Column
        All columns of the table in an order that is good for typing.
    needed : bool
        Whether a workbook without the sheet is no workbook of ours.
    """

    name: str
    table: Table
    title: str
    columns: tuple[Column, ...]
    needed: bool = True


def label(code: str, name: str) -> str:
    """A code and what it means, as lists offer it.

    Examples
    --------
    >>> label("actual", "thực hiện"), label("one", "")
    ('actual — thực hiện', 'one')
    """
    return code + BETWEEN + name if name else code


def code_in(text: str) -> str:
    """The code of a label; a text that is no label is left as it is.

    Examples
    --------
    >>> code_in("actual — thực hiện"), code_in("actual")
    ('actual', 'actual')
    """
    return text.partition(BETWEEN)[0]


def offer_of(sheet: Sheet, column: str) -> str:
    """What the cells of a column are chosen from.

    Returns
    -------
    str
        A key of ``LABELS``, ``"unit"``, or the name of a table; empty where any text may stand.

    Examples
    --------
    >>> [offer_of(SHEETS[0], column) for column in ("measure", "unit", "category", "note")]
    ['measure', 'unit', 'categories', '']
    """
    if column in LABELS or column == "unit":
        return column
    return next((table for columns, table, _ in sheet.table.references if columns[-1] == column), "")


def depends_on(sheet: Sheet, column: str) -> str:
    """The column that decides what a column is chosen from; empty where none does.

    Examples
    --------
    >>> depends_on(SHEETS[0], "category"), depends_on(SHEETS[0], "indicator")
    ('breakdown', '')
    """
    pairs = (columns for columns, _, _ in sheet.table.references if len(columns) > 1)
    return next((columns[0] for columns in pairs if columns[-1] == column), "")


LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "measure": {
        "actual": N_("reached"),
        "target": N_("target"),
        "plan": N_("plan"),
        "aim": N_("aim"),
        "outlook": N_("outlook"),
        "baseline": N_("baseline"),
        "stated_attainment": N_("as stated: per cent of the target"),
        "stated_plan_attainment": N_("as stated: per cent of the plan"),
        "stated_share": N_("as stated: share of the total"),
        "stated_change": N_("as stated: growth or decline"),
    },
    "status": {
        "A": N_("normal"),
        "E": N_("estimated"),
        "F": N_("forecast"),
        "P": N_("counted before the period ended"),
    },
    "flag": {"mislabelled": N_("wrong unit or base"), "implausible": N_("cannot be right")},
    "qualifier": {
        "over": N_("over so much"),
        "at_least": N_("so much or more"),
        "under": N_("below so much"),
        "nearly": N_("nearly so much"),
        "about": N_("about so much"),
    },
    "direction": {"higher": N_("the higher, the better"), "lower": N_("the lower, the better")},
    "nature": {"flow": N_("over a period"), "stock": N_("at a date"), "rate": N_("a ratio")},
    "accumulation": {"end": N_("value of the last year"), "total": N_("sum over the term")},
    "parts": {
        "all": N_("complete, they add up to the total"),
        "some": N_("not all of them"),
        "overlapping": N_("they overlap"),
    },
    "language": {"vi": N_("Vietnamese, 1.234,5"), "en": N_("English, 1,234.5")},
    "part": {"body": N_("body text"), "footnote": N_("footnote")},
    "verdict": {"confirmed": N_("confirmed"), "explained": N_("explained"), "rejected": N_("rejected")},
}
"""What the codes of a column mean."""

_HEADS: Final = {
    "indicator": N_("Indicator"),
    "period": N_("Period"),
    "measure": N_("Kind of figure"),
    "printed": N_("Number as printed"),
    "status": N_("Status"),
    "qualifier": N_("Bound or vague"),
    "area": N_("Area"),
    "breakdown": N_("Breakdown"),
    "category": N_("Category"),
    "value": N_("Value"),
    "value_max": N_("Upper end of a range"),
    "unit": N_("Unit"),
    "flag": N_("Judgement"),
    "source": N_("Source"),
    "locator": N_("Place in the source"),
    "note": N_("Note"),
    "sector": N_("Sector"),
    "name_vi": N_("Name in Vietnamese"),
    "name_en": N_("Name in English"),
    "direction": N_("Good direction"),
    "nature": N_("Nature"),
    "accumulation": N_("What the target is set for"),
    "decimals": N_("Decimals shown"),
    "minimum": N_("Smallest possible"),
    "maximum": N_("Largest possible"),
    "share_of": N_("A part of"),
    "related": N_("Nearly the same as"),
    "formula": N_("Formula"),
    "parent": N_("Belongs to"),
    "level": N_("Level"),
    "parts": N_("How the parts add up"),
    "title_vi": N_("Title in Vietnamese"),
    "title_en": N_("Title in English"),
    "publisher_vi": N_("Publisher in Vietnamese"),
    "publisher_en": N_("Publisher in English"),
    "date": N_("Month"),
    "language": N_("Number format"),
    "sha256": N_("Checksum"),
    "part": N_("Body or footnote"),
    "mark": N_("How the line begins"),
    "reason_vi": N_("Reason in Vietnamese"),
    "reason_en": N_("Reason in English"),
    "finding": N_("Finding"),
    "verdict": N_("Verdict"),
    "reason": N_("Reason"),
}
_CODE: Final = N_("A code of small letters, digits and _ only.")
_CHOOSE: Final = N_("Choose from the list, or type a code or a name.")
_HELP: Final = {
    "figures.indicator": N_(
        "What is measured. Choose from the list, or type a code or a name of the sheet indicators."
    ),
    "figures.period": N_(
        "2024; 2024-S1 (first half); 2024-06 (end of June); 2021/2024 (cumulative); ../2024 (start not printed)."
    ),
    "figures.measure": N_("What kind of figure it is. Those as stated are what the document says of its own figures."),
    "figures.printed": N_("Exactly as the document prints it, without the unit: 182,6 or 1.250 or 95% or 9,5-10."),
    "figures.status": N_("What the document says of it. Empty: normal."),
    "figures.qualifier": N_("A word that makes the figure a bound or vague. Empty: none."),
    "figures.area": N_("Empty: the town itself. Otherwise a code or a name of the sheet areas."),
    "figures.breakdown": N_("Only for a part of a total: by what the total is broken down."),
    "figures.category": N_("Only for a part of a total: which part. Choose the breakdown first."),
    "figures.value": N_("May stay empty: it is read from the number as printed. If filled in, the two must agree."),
    "figures.value_max": N_("May stay empty as well: it is read from a range as printed, such as 9,5-10."),
    "figures.unit": N_("Only where the document prints another unit than the indicator's."),
    "figures.flag": N_("Only for a figure that cannot stand as it is printed; the note says why."),
    "figures.source": N_("Empty: this workbook is the source. Otherwise a code of the sheet sources."),
    "figures.locator": N_("The place in that document, a code of the sheet locators. Empty if the source is."),
    "figures.note": N_("What a reader must know of the figure."),
    "areas.area": _CODE,
    "areas.parent": N_("The area that it is a part of; empty for the town itself."),
    "areas.level": N_("Kind of area: town, commune, ward."),
    "areas.name_vi": N_("As a reader sees it. Empty for the town itself: the title of the sheet town."),
    "areas.name_en": N_("As a reader sees it. Empty for the town itself: the title of the sheet town."),
    "breakdowns.breakdown": _CODE,
    "breakdowns.parts": N_("Whether the parts together make up the whole."),
    "categories.category": _CODE,
    "indicators.indicator": _CODE,
    "indicators.note": N_("What a reader must know of the indicator."),
    "indicators.unit": N_("In which its figures are meant; units are joined by / for per."),
    "indicators.direction": N_("Which way is good; empty where neither is."),
    "indicators.nature": N_("Whether it is counted over a period, at a date, or is a ratio."),
    "indicators.accumulation": N_("Empty where it has no target."),
    "indicators.decimals": N_("Digits after the decimal sign that a computed value is shown with: 0, 1, 2."),
    "indicators.minimum": N_("What is possible at all, in the unit; empty for no limit."),
    "indicators.maximum": N_("What is possible at all, in the unit; empty for no limit."),
    "indicators.share_of": N_("The indicator that is its whole; empty for none."),
    "indicators.related": N_("An indicator that it is shown beside; empty for none."),
    "indicators.formula": N_("How it follows from others: codes, numbers and + - * /. Empty: it does not."),
    "sources.source": N_("A code of small letters, digits and hyphens."),
    "sources.date": N_("In which it was written, such as 2024-07."),
    "sources.language": N_("How the document writes numbers."),
    "sources.sha256": N_("SHA-256 of the document's text; may stay empty."),
    "locators.locator": N_("A code of letters, digits and . : ! - such as II.1.a or fn3."),
    "locators.mark": N_("The first words or the number that the place begins with in the document."),
    "sectors.sector": _CODE,
    "left_out.printed": N_("A number of the document that is no figure, as printed."),
    "reviews.finding": N_("Identifier of a finding of the audit."),
    "reviews.date": N_("Day of the review, such as 2024-08-01."),
}
_PLAIN_HELP: Final = {
    "name_vi": N_("As a reader sees it."),
    "name_en": N_("As a reader sees it."),
    "title_vi": N_("As a reader sees it."),
    "title_en": N_("As a reader sees it."),
    "publisher_vi": N_("Who issued it."),
    "publisher_en": N_("Who issued it."),
    "part": N_("Where in the document it stands."),
}
_FIGURES: Final = (
    *("indicator", "period", "measure", "printed", "status", "qualifier", "area", "breakdown", "category"),
    *("value", "value_max", "unit", "flag", "source", "locator", "note"),
)
_MAY_BE_EMPTY: Final = {
    *("figures.area", "figures.value", "figures.status", "figures.source", "figures.locator"),
    *("areas.name_vi", "areas.name_en"),
}
"""Columns that the contract requires, and for which a workbook knows what an empty cell means."""


def _sheet(name: str, table: Table, title: str, *, needed: bool = True) -> Sheet:
    fields = {field.name: field for field in table.fields}
    columns = []
    for column in _FIGURES if name == "figures" else table.columns:
        key = f"{name}.{column}"
        help_text = _HELP.get(key) or _PLAIN_HELP.get(column, _CHOOSE)
        columns.append(Column(column, _HEADS[column], help_text, fields[column].required and key not in _MAY_BE_EMPTY))
    return Sheet(name, table, title, tuple(columns), needed)


SHEETS: Final = (
    _sheet("figures", OBSERVATIONS, N_("The figures, one row each.")),
    _sheet("areas", TABLES["areas"], N_("The town itself, first, and its communes and wards.")),
    _sheet("indicators", TABLES["indicators"], N_("What is measured. Add rows for what the list lacks.")),
    _sheet("sources", TABLES["sources"], N_("The documents that the figures come from, if there are any.")),
    _sheet("locators", TABLES["locators"], N_("The places in these documents, in the order of the documents.")),
    _sheet("breakdowns", TABLES["breakdowns"], N_("By what totals are broken down. Add rows for what the list lacks.")),
    _sheet("categories", TABLES["categories"], N_("The parts of each breakdown, in reading order.")),
    _sheet("sectors", TABLES["sectors"], N_("The sectors in reading order.")),
    _sheet("left_out", TABLES["left_out"], N_("Numbers of the documents that are no figures, and why."), needed=False),
    _sheet("reviews", TABLES["reviews"], N_("What reviewers said of findings of the audit."), needed=False),
)

ENTRIES: Final = (
    Column("title_vi", N_("Name of the town in Vietnamese"), N_("Such as: Thành phố Lai Châu"), True),
    Column("title_en", N_("Name of the town in English"), N_("Such as: Lai Châu City"), True),
    Column("term", N_("Years of the plan"), N_("Such as: 2021/2025"), True),
    Column("date", N_("Month in which the figures were written down"), N_("Such as: 2024-07"), True),
    Column("language", N_("Number format"), N_("vi writes 1.234,5 and en 1,234.5. Empty: vi"), False),
    Column("publisher_vi", N_("Who wrote them down, in Vietnamese"), N_("Empty: the name of the town"), False),
    Column("publisher_en", N_("Who wrote them down, in English"), N_("Empty: the name of the town"), False),
    Column("about_vi", N_("A sentence on the town in Vietnamese"), N_("May stay empty"), False),
    Column("about_en", N_("A sentence on the town in English"), N_("May stay empty"), False),
    Column(
        "outline", N_("Indicators that describe the town"), N_("Codes with commas between them; may be empty"), False
    ),
)
"""What the sheet on the town asks for. The month, and who wrote the figures down, are of this workbook as a source."""
