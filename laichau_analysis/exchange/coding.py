"""What a person typed -> what the tables of a data set hold: codes, numbers, a source and a place.

Names stand for codes, empty cells for what the sheet says of them, and the number as printed for its value.
Whatever cannot be told for certain is noted against its row, with the nearest that there is.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from ..dataset import LANGUAGES
from ..errors import Unread, WorkbookError
from ..precision import parse_printed
from ..schema import NUMBER, OBSERVATIONS, TABLES
from ..units import ATOMS
from ..words import N_, Words
from .layout import ENTRIES, LABELS, SHEETS, Sheet, code_in, depends_on, label, offer_of
from .reading import Contents, Entry, Row
from .workbook import Book

__all__ = ["Choices", "Origin", "code", "package"]

_FORMATS: Final = {"vi": "182,6 or 1.250 or 95% or 9,5-10", "en": "182.6 or 1,250 or 95% or 9.5-10"}
_LONGEST: Final = 80
"""Letters of a text that are compared with names."""


class Choices:
    """Codes and what people call them.

    Parameters
    ----------
    names : mapping of str to iterable of str
        Names by code, the first of them the one to show.

    Examples
    --------
    >>> choices = Choices({"actual": ["thực hiện", "reached"], "aim": ["phấn đấu"]})
    >>> choices.find("Actual"), choices.find("thực  hiện"), choices.find("actual — bất kỳ"), choices.find("x")
    (['actual'], ['actual'], ['actual'], [])
    >>> choices.suggestion("thực hiên")
    "did you mean 'actual — thực hiện'? There are: actual, aim"
    """

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        self._named = {code: [name for name in given if name] for code, given in names.items()}
        self._known: dict[str, dict[str, None]] = {}
        for code, given in self._named.items():
            for text in (code, *given):
                self._known.setdefault(_folded(text), {})[code] = None
        self._suggested: dict[str, str] = {}

    def find(self, text: str) -> list[str]:
        """The codes that a text may mean: one, or several where names are not unique, or none."""
        if text in self._named:
            return [text]
        return [*(self._known.get(_folded(text)) or self._known.get(_folded(code_in(text))) or ())]

    def suggestion(self, text: str) -> str:
        """What comes nearest to a text, and all there is where it is not much."""
        key = _folded(text)[:_LONGEST]
        if key not in self._suggested:
            near = difflib.get_close_matches(key, self._known, n=1, cutoff=0.5)
            said = f"did you mean '{self._shown(next(iter(self._known[near[0]])))}'?" if near else ""
            if not self._named:
                said = "there are none"
            elif len(self._named) <= 12:
                said += f"{' T' if said else 't'}here are: {', '.join(self._named)}"
            self._suggested[key] = said
        return self._suggested[key]

    def _shown(self, code: str) -> str:
        return label(code, next(iter(self._named[code]), ""))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class Origin:
    """A workbook as the source of the figures that name no other.

    Attributes
    ----------
    key : str
        Its key in ``sources.csv``.
    row : mapping of str to str
        Its row there.
    """

    key: str
    row: Mapping[str, str]


def code(book: Book, contents: Contents) -> Origin:
    """Turn what is typed into what the tables hold, in place, and note what stands against each row.

    Parameters
    ----------
    book : Book
    contents : Contents
        Its rows are changed.

    Returns
    -------
    Origin
        The workbook as a source.

    Raises
    ------
    WorkbookError
        If the sheet on the town leaves out what nothing can be read without.
    """
    offences: list[Unread] = []
    origin = _origin(book, contents.entries, offences)
    town = _town(contents, offences)
    if any("source" not in row.values for row in contents.rows[OBSERVATIONS.name]):
        offences += _missing(contents.entries, "date")
    if offences:
        raise WorkbookError(book.name, offences)
    for row in contents.rows[OBSERVATIONS.name]:
        row.values.setdefault("area", town)
        row.values.setdefault("status", "A")
    offers = _offers(contents.rows)
    # What is chosen from another choice comes after it: a category belongs to a breakdown, a place to a source.
    for sheet in sorted(SHEETS, key=lambda sheet: sheet.table.name not in _PAIRED):
        rows = contents.rows[sheet.table.name]
        for row in rows:
            _check_needed(sheet, row)
            _check_form(sheet, row)
            _choose(sheet, row, offers)
        if sheet.table.name in _PAIRED:
            on, key = sheet.table.key
            groups: dict[str, list[Row]] = {}
            for row in rows:
                groups.setdefault(row.values.get(on, ""), []).append(row)
            offers[sheet.table.name] = {group: _choices(key, members) for group, members in groups.items()}
    languages = {origin.key: origin.row["language"]}
    for row in contents.rows["sources"]:
        languages.setdefault(row.values.get("source", ""), row.values.get("language", ""))
    for row in contents.rows[OBSERVATIONS.name]:
        _place(row, origin)
        _read_number(row, languages.get(row.values.get("source", ""), ""))
    for sheet in SHEETS:
        _check_repeated(sheet, contents.rows[sheet.table.name], origin)
    return origin


def package(entries: Mapping[str, Entry]) -> dict[str, Any]:
    """What ``datapackage.json`` says of the town."""
    text = {name: entry.value for name, entry in entries.items()}
    about = {key: text[key] for key in (f"about_{language}" for language in LANGUAGES) if text[key]}
    outline = [part.strip() for part in text["outline"].split(",") if part.strip()]
    return {"title": text["title_vi"], "title_en": text["title_en"], "term": text["term"], **about, "outline": outline}


# --- the town and the workbook ------------------------------------------------------------------------


def _missing(entries: Mapping[str, Entry], *names: str) -> list[Unread]:
    """Entries that can't be empty, and are."""
    heads = {entry.name: entry for entry in ENTRIES}
    return [
        Unread("town", entries[name].cell, "nothing", heads[name].head.lower(), f"fill it in. {heads[name].help}")
        for name in names
        if not entries[name].value
    ]


def _origin(book: Book, entries: Mapping[str, Entry], offences: list[Unread]) -> Origin:
    offences += _missing(entries, "title_vi", "title_en", "term")
    text = {name: entry.value for name, entry in entries.items()}
    date = next(field for field in TABLES["sources"].fields if field.name == "date")
    if text["date"] and not re.fullmatch(date.pattern, text["date"]):
        offences.append(
            Unread("town", entries["date"].cell, text["date"], "a month such as 2024-07", "write it in that form")
        )
    languages = Choices({key: (Words("vi").text(name), name) for key, name in LABELS["language"].items()})
    language = languages.find(text["language"]) if text["language"] else ["vi"]
    if len(language) != 1:
        expected = f"a number format: {languages.suggestion(text['language'])}"
        offences.append(Unread("town", entries["language"].cell, text["language"], expected, "choose from the list"))
        language = ["vi"]
    key = f"workbook-{book.sha256[:8]}"
    titles = {f"title_{tongue}": Words(tongue).text(N_("Workbook {name}"), name=book.name) for tongue in LANGUAGES}
    publishers = {f"publisher_{tongue}": text[f"publisher_{tongue}"] or text[f"title_{tongue}"] for tongue in LANGUAGES}
    about = {"date": text["date"], "language": language[0], "sha256": book.sha256}
    return Origin(key, {"source": key, **titles, **publishers, **about})


def _town(contents: Contents, offences: list[Unread]) -> str:
    """Code of the area that is a part of no other; what it is called, the sheet on the town says, too."""
    whole = next((row for row in contents.rows["areas"] if "parent" not in row.typed), None)
    if whole is None or "area" not in whole.values:
        expected = "the town itself: a row with a code, and without the area that it is a part of"
        offences.append(Unread("areas", "", "no such row", expected, "type its code, such as town, and its level"))
        return ""
    for language in LANGUAGES:
        if f"name_{language}" not in whole.typed:
            whole.values[f"name_{language}"] = contents.entries[f"title_{language}"].value
    return whole.values["area"]


# --- rows ------------------------------------------------------------------------------------------------


def _check_needed(sheet: Sheet, row: Row) -> None:
    for column in sheet.columns:
        if column.required and column.name not in row.typed:
            row.refuse(column.name, "nothing", f"a value ({column.head.lower()})", "fill it in")


def _check_form(sheet: Sheet, row: Row) -> None:
    """What the schema asks of texts that are no choices, but for values, which the number as printed decides."""
    for field in sheet.table.fields:
        pattern, described = field.form
        text = row.values.get(field.name, "")
        if not text or not pattern or offer_of(sheet, field.name) or field.name in ("value", "value_max"):
            continue
        if not re.fullmatch(pattern, text):
            row.refuse(field.name, text, described, "write it in that form")


_PAIRED: Final = ("categories", "locators")
"""Tables whose codes are told apart by another code."""


def _offers(rows: Mapping[str, Collection[Row]]) -> dict[str, dict[str, Choices]]:
    """What columns are chosen from, by what that depends on; the paired tables are still missing."""
    vi = Words("vi")
    offers = {
        column: {"": Choices({key: (vi.text(text), text) for key, text in codes.items()})}
        for column, codes in LABELS.items()
    }
    offers["unit"] = {"": Choices({key: (atom.name_vi, atom.name_en) for key, atom in ATOMS.items()})}
    for name in ("sectors", "areas", "breakdowns", "indicators", "sources"):
        offers[name] = {"": _choices(TABLES[name].key[0], rows[name])}
    return offers


def _choices(key: str, rows: Iterable[Row]) -> Choices:
    """The codes of rows, with their names or titles."""
    named: dict[str, list[str]] = {}
    for row in rows:
        if key in row.values:
            names = [row.values.get(f"{kind}_{tongue}", "") for kind in ("name", "title") for tongue in LANGUAGES]
            named.setdefault(row.values[key], []).extend(names)
    return Choices(named)


def _choose(sheet: Sheet, row: Row, offers: Mapping[str, Mapping[str, Choices]]) -> None:
    """Turn names and labels into codes."""
    refused: set[str] = set()
    for column in sheet.table.columns:
        text, offer, on = row.values.get(column, ""), offer_of(sheet, column), depends_on(sheet, column)
        if not text or not offer or (on and (on in refused or on not in row.values)):
            continue  # nothing to look up, or nowhere to look it up, which is told already
        choices = offers[offer].get(row.values[on] if on else "", Choices({}))
        found = _unit(text, choices) if offer == "unit" else choices.find(text)
        if len(found) == 1:
            row.values[column] = found[0]
        else:
            refused.add(column)
            row.refuse(column, text, *_expected(offer, found, choices.suggestion(text)))


def _unit(text: str, atoms: Choices) -> list[str]:
    """The units that a text may mean; each part of million_dong/person, or of its name, is looked up by itself."""
    parts = [atoms.find(part) for part in code_in(text).split("/")]
    if all(len(part) == 1 for part in parts):
        return ["/".join(part[0] for part in parts)]
    return []


def _expected(offer: str, found: Collection[str], suggestion: str) -> tuple[str, str]:
    """What is expected instead of a text that is no code or name, or one of several; and what to do."""
    if found:
        return f"one of {', '.join(found)}, which are all called so", "type the code"
    sheet = next((sheet.name for sheet in SHEETS if sheet.table.name == offer), "")
    expected = f"a code or a name of the sheet {sheet}" if sheet else "a code or a name of the list"
    remedy = f"choose from the list, or add it to the sheet {sheet}" if sheet else "choose from the list"
    return f"{expected}: {suggestion}" if suggestion else expected, remedy


def _place(row: Row, origin: Origin) -> None:
    """Where a figure stands: in a document, or in its own cell."""
    if "source" in row.typed:
        if "locator" not in row.typed:
            remedy = "fill it in, or leave the source empty as well"
            row.refuse("locator", "nothing", "the place in that document", remedy)
        return
    if "locator" in row.typed:
        remedy = "fill it in, or leave the place empty as well"
        row.refuse("source", "nothing", "the document of the place", remedy)
    row.values["source"] = origin.key
    row.values["locator"] = f"{row.sheet}!{row.place('printed')}"


def _read_number(row: Row, language: str) -> None:
    """The value of a figure from its number as printed; what is typed as its value must be the same."""
    token = row.values.get("printed", "")
    if not token or language not in _FORMATS:
        return
    try:
        read = parse_printed(token, language)
    except ValueError:
        expected = f"a number as {language} writes it, such as {_FORMATS[language]}"
        row.refuse("printed", token, expected, "type it exactly as it is printed, without the unit")
        return
    for column, number in (("value", read.value), ("value_max", read.upper)):
        typed = row.values.pop(column, "")
        if number is not None:
            row.values[column] = f"{number:f}"
        if typed and number not in _numbers(typed, language):
            expected = "nothing" if number is None else f"{number:f}"
            row.refuse(column, typed, f"{expected}, since {token} is printed", "empty it, or mend what is wrong")


def _numbers(text: str, language: str) -> set[Decimal]:
    """What a text may mean as a value: a plain decimal, or a number as the language writes it."""
    meant = {Decimal(text)} if re.fullmatch(NUMBER, text) else set()
    try:
        return meant | {parse_printed(text, language).value}
    except ValueError:
        return meant


def _check_repeated(sheet: Sheet, rows: Iterable[Row], origin: Origin) -> None:
    """Note rows that say the same as an earlier one; the cell is no difference if the workbook is the source."""
    seen: dict[tuple[str, ...], Row] = {}
    for row in rows:
        if row.unread:
            continue
        own = row.values.get("source") == origin.key
        key = tuple(row.values.get(name, "") for name in sheet.table.key if not (own and name == "locator"))
        first = seen.setdefault(key, row)
        if first is not row:
            what = ", ".join(part for part in key if part)
            remedy = "delete one of the two rows, or mend what they are to differ in"
            row.refuse("", what, f"a row that is not row {first.number} once more", remedy)
