"""What must hold in the tables of a data set: few checks, on columns, with every offence.

Type, required, enumeration, pattern, uniqueness and foreign keys as ``schema`` tells them, and the rules that
tie an indicator to its formula and a row to its indicator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, partial
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .errors import LaichauError, Offence, UnknownNameError
from .formulas import parse_formula
from .keys import Distinct, combined
from .precision import MOST_DIGITS
from .schema import NUMBER, TABLES, Table
from .sheets import Sheet
from .units import unit

__all__ = ["check_indicators", "check_references", "check_table", "check_town", "found_in", "without_repeats"]

FORMS: Final = {
    "number": (NUMBER, "a plain decimal such as 182.6"),
    "integer": (r"\d|1[0-5]", "a whole number up to 15"),
}
"""Patterns of types, and how they are told."""


def check_table(table: Table, sheet: Sheet) -> Iterator[Offence]:
    """What can be said of the rows of a table alone."""
    for field in table.fields:
        name, column = field.name, sheet.columns[field.name]
        if field.required:
            yield from sheet.offences(column.rows_unlike(bool), name, "a value", "fill it in")
        if field.enum:
            allowed = " or ".join(field.enum) + ("" if field.required else ", or nothing")
            stray = column.rows_unlike({"", *field.enum}.__contains__)
            yield from sheet.offences(stray, name, allowed, "use one of these")
        pattern, described = FORMS.get(field.type, (field.pattern, field.hint or f"the form {field.pattern}"))
        if pattern:
            form = re.compile(f"(?:{pattern})?", re.ASCII)  # what is empty is another offence, or none
            yield from sheet.offences(column.rows_unlike(form.fullmatch), name, described, "write it in that form")
            if name == "date":
                unknown = column.rows(partial(_is_no_date, form))
                yield from sheet.offences(unknown, name, "a date that there is", "mend the date")
        if field.type == "number":
            long = column.rows(lambda text: len(text) > MOST_DIGITS and sum(map(str.isdigit, text)) > MOST_DIGITS)
            yield from sheet.offences(long, name, f"{MOST_DIGITS} digits at most", "round it")
    yield from _check_key(table, sheet)


def _is_no_date(form: re.Pattern[str], text: str) -> bool:
    """Whether a text has the form of a date, and there is no such day."""
    return bool(text and form.fullmatch(text)) and pd.isna(pd.to_datetime(text, format="ISO8601", errors="coerce"))


def _repeats(table: Table, sheet: Sheet) -> npt.NDArray[np.bool_]:
    """Which rows have a key that stands further up already."""
    repeats: npt.NDArray[np.bool_] = pd.Index(combined(*(sheet.columns[name] for name in table.key))).duplicated()
    return repeats


def _check_key(table: Table, sheet: Sheet) -> Iterator[Offence]:
    (repeats,) = np.nonzero(_repeats(table, sheet))
    if not len(repeats):
        return
    keys = tuple(sheet.columns[name] for name in table.key)
    firsts = found_in(tuple(key[repeats] for key in keys), keys)
    for row, first in zip(repeats.tolist(), firsts.tolist(), strict=True):
        yield sheet.offence(
            row,
            ", ".join(table.key),
            "the key " + ", ".join(key.of_row(row) or "-" for key in keys),
            "a key that occurs once",
            f"it stands in {sheet.file.of_row(first)}, row {sheet.line[first]}, already; leave one out",
        )


def without_repeats(table: Table, sheet: Sheet) -> Sheet:
    """The rows of a table with the first of those that have the same key."""
    repeats = _repeats(table, sheet)
    return sheet[np.flatnonzero(~repeats)] if repeats.any() else sheet


def found_in(columns: Sequence[Distinct], known: Sequence[Distinct]) -> npt.NDArray[np.intp]:
    """For each row of some columns the first row of others that holds the same, -1 where none does."""
    translated = []
    for own, other in zip(columns, known, strict=True):
        places = {value: code for code, value in enumerate(other.values)}
        codes = own.map(partial(_place_of, places), np.intp)
        translated.append(Distinct(codes, [*other.values, None]))
    pairs = zip(translated, known, strict=True)
    keys = combined(*(Distinct(np.append(other.codes, own.codes), own.values) for own, other in pairs))
    index = pd.Index(keys[: len(known[0])])
    firsts = np.flatnonzero(~index.duplicated())
    result: npt.NDArray[np.intp] = np.append(firsts, -1)[index[firsts].get_indexer(keys[len(known[0]) :])]
    return result


def _place_of(places: Mapping[Any, int], value: Any) -> int:
    return places.get(value, len(places))


def check_references(table: Table, sheet: Sheet, sheets: Mapping[str, Sheet]) -> Iterator[Offence]:
    """Whether the codes of a table stand in the tables that they must stand in; an empty cell refers to nothing."""
    for names, other, _ in table.references:
        *first, last = (sheet.columns[name] for name in names)
        *known_first, known = (sheets[other].columns[key] for key in TABLES[other].key)
        if first:
            missing = (found_in((*first, last), (*known_first, known)) < 0) & last.where(bool)
            # A wrong first part, or a half of a pair, is reported by a check of its own.
            missing &= first[0].where(set(known_first[0].values).__contains__)
            rows = np.flatnonzero(missing)
        else:
            rows = last.rows_unlike({"", *known.values}.__contains__)
        expected = partial(_expected, cache(partial(_nearest, sheets[other], other)), (*first, last))
        yield from sheet.offences(rows, names[-1], expected, f"use one of these, or add it to {other}.csv")


def _expected(nearest: Callable[..., str], columns: Sequence[Distinct], row: int) -> str:
    return nearest(*(column.of_row(row) for column in columns))


def _nearest(sheet: Sheet, table: str, *values: str) -> str:
    """The codes that there are, the nearest one first; of a pair, those with the same first part."""
    *first, last = TABLES[table].key
    rows = np.arange(len(sheet))
    for name, value in zip(first, values, strict=False):
        rows = rows[(sheet.frame[name].iloc[rows] == value).to_numpy()]
    names = list(sheet.frame[last].iloc[rows])
    return f"a code of {table}.csv: {UnknownNameError('code', values[-1], names).args[0].partition(': ')[2]}"


def check_indicators(sheet: Sheet) -> Iterator[Offence]:
    """Units and formulas of the catalogue."""
    codes, units, texts = (sheet.frame[column] for column in ("indicator", "unit", "formula"))
    known, formulas = dict.fromkeys(codes), {}
    for row, (code, own_unit, text) in enumerate(zip(codes, units, texts, strict=True)):
        problem = _problem_of_unit(own_unit)
        if problem:
            yield sheet.offence(row, "unit", repr(own_unit), problem, "use one of these, joined by / for per")
        elif text:
            try:
                inputs = [item.code for item in parse_formula(text).inputs]
            except ValueError as error:
                remedy = "use + - * / with codes, numbers and code[category]"
                yield sheet.offence(row, "formula", repr(text), str(error), remedy)
                continue
            unknown = [name for name in inputs if name not in known]
            if unknown:
                expected = str(UnknownNameError("indicator", unknown[0], known).args[0])
                yield sheet.offence(row, "formula", repr(text), expected, "use a known code")
            else:
                formulas[code] = inputs
    try:
        TopologicalSorter(formulas).prepare()
    except CycleError as error:
        for row in np.flatnonzero(codes.isin(error.args[1])).tolist():
            found = repr(texts.iloc[row])
            yield sheet.offence(row, "formula", found, "no circle of formulas", "break the circle")


def check_town(sheet: Sheet) -> Iterator[Offence]:
    """One of the areas is the town itself."""
    if len(sheet) and "" not in sheet.columns["parent"].values:
        yield Offence("areas.csv", 0, "parent", "a parent in each row", "none for the town itself", "empty it")


def _problem_of_unit(code: str) -> str:
    try:
        unit(code)
    except LaichauError as error:
        return str(error)
    return ""
