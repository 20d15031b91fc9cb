"""What must hold in the tables of a data set: few checks, on columns, with every offence.

Type, required, enumeration, pattern, uniqueness and foreign keys as ``schema`` tells them, and the rules that
tie an indicator to its formula and a row to its indicator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .errors import LaichauError, Offence, UnknownNameError
from .formulas import parse_formula
from .keys import Distinct, combined
from .schema import NUMBER, TABLES, Table
from .sheets import Sheet
from .units import unit

__all__ = ["check_indicators", "check_references", "check_table", "found_in", "without_repeats"]

FORMS: Final = {"number": (NUMBER, "a plain decimal such as 182.6"), "integer": (r"\d+", "a whole number")}
"""What a type looks like, and how that is said."""


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
    yield from _check_key(table, sheet)


def _repeats(table: Table, sheet: Sheet) -> npt.NDArray[np.bool_]:
    """Which rows have a key that stands further up already."""
    repeats: npt.NDArray[np.bool_] = pd.Index(combined(*(sheet.columns[name] for name in table.key))).duplicated()
    return repeats


def _check_key(table: Table, sheet: Sheet) -> Iterator[Offence]:
    (repeats,) = np.nonzero(_repeats(table, sheet))
    if not len(repeats):
        return
    keys = tuple(sheet.columns[name] for name in table.key)
    for row, first in zip(repeats, found_in(tuple(key[repeats] for key in keys), keys), strict=True):
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
        codes = own.map(lambda value, places=places: places.get(value, len(places)), np.intp)
        translated.append(Distinct(codes, [*other.values, None]))
    joint = (Distinct(np.append(other.codes, own.codes), own.values) for own, other in zip(translated, known, strict=True))
    keys = combined(*joint)
    index = pd.Index(keys[: len(known[0])])
    firsts = np.flatnonzero(~index.duplicated())
    return np.append(firsts, -1)[index[firsts].get_indexer(keys[len(known[0]) :])]


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
        nearest = cache(partial(_nearest, sheets[other], other))
        yield from sheet.offences(
            rows,
            names[-1],
            lambda row, columns=(*first, last), nearest=nearest: nearest(*(column.of_row(row) for column in columns)),
            f"use one of these, or add it to {other}.csv",
        )


def _nearest(sheet: Sheet, table: str, *values: str) -> str:
    """The codes that there are, the nearest one first; of a pair, those with the same first part."""
    *first, last = TABLES[table].key
    rows = np.arange(len(sheet))
    for name, value in zip(first, values, strict=False):
        rows = rows[sheet.columns[name][rows].where(lambda text, value=value: text == value)]
    names = list(sheet.frame[last].iloc[rows])
    return f"a code of {table}.csv: {UnknownNameError('code', values[-1], names).args[0].partition(': ')[2]}"


def check_indicators(sheet: Sheet) -> Iterator[Offence]:
    """Units and formulas of the catalogue."""
    codes, units, texts = (sheet.frame[column] for column in ("indicator", "unit", "formula"))
    known, formulas = set(codes), {}
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
    for row, (code, text) in enumerate(zip(codes, texts, strict=True)):
        if code in _inputs_of(code, formulas):
            yield sheet.offence(row, "formula", repr(text), "no circle of formulas", "break the circle")


def _problem_of_unit(code: str) -> str:
    try:
        unit(code)
    except LaichauError as error:
        return str(error)
    return ""


def _inputs_of(code: str, formulas: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(formulas.get(code, []))
    while waiting:
        item = waiting.pop()
        if item not in found:
            found.add(item)
            waiting += formulas.get(item, [])
    return found
