"""Metric frames -> tables for readers.

A table holds text only, in the reader's language: numbers with their marks in brackets, units in
the head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from .units import unit
from .wording import (
    ASSESSMENT,
    BASIS,
    MARKS,
    N_,
    REASON,
    VERDICT,
    Words,
    count_target,
    digits,
    full_name,
    implied_target,
    known,
    language_of,
    plain_amount,
    printed_amount,
    qualified,
    rate_target,
    rate_text,
    ratio,
    target_text,
)

__all__ = ["Cell", "Table", "marks_of", "table"]


@dataclass(frozen=True)
class Cell:
    """A text with the marks that follow it, such as ``e`` for an estimate."""

    text: str
    marks: tuple[str, ...] = ()
    numeric: bool = False


@dataclass(frozen=True)
class Table:
    """A table for readers.

    Attributes
    ----------
    head : tuple of str
        Headings; the first column names the rows.
    rows : tuple of tuple of Cell
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(frame: pd.DataFrame) -> Table:
    """Lay out a labelled frame; its columns tell what it holds.

    Parameters
    ----------
    frame : DataFrame
        From ``wording.labelled``.

    Returns
    -------
    Table
    """
    layout = next(function for column, function in _LAYOUTS.items() if column in frame)
    words = language_of(frame)
    head, rows = layout(frame, words)
    return Table(tuple(head), tuple(map(tuple, rows)))


def marks_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The marks that a figure's status and flag ask for."""
    return tuple(MARKS[code] for code in (row.get("status"), row.get("flag")) if code in MARKS)


def _numeric(text: str, row: Mapping[str, Any] | None = None) -> Cell:
    return Cell(text, marks_of(row) if row is not None and text else (), numeric=True)


def _one_unit(frame: pd.DataFrame) -> str:
    """The unit that all rows share, if they do."""
    units = set(frame["unit"])
    return units.pop() if len(units) == 1 else ""


def _headed(words: Words, message: str, unit_code: str) -> str:
    """A heading with the unit of its column."""
    heading = words.text(message)
    name = words.unit_name(unit_code) if unit_code else ""
    return f"{heading} ({name})" if name else heading


def _figure(row: Mapping[str, Any], column: str, shared: str, words: Words) -> str:
    """A number, with its unit unless the head holds it."""
    if not known(row[column]):
        return ""
    write = qualified if column in ("actual", "value") else plain_amount
    return write(row, column, words, bare=bool(shared))


def _progress(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    shared = _one_unit(frame)
    head = [
        words.text(N_("Indicator")),
        _headed(words, N_("Target"), shared),
        _headed(words, N_("Actual"), shared),
        words.text(N_("Attainment")),
        _headed(words, N_("Still to go"), shared),
        words.text(N_("Needed growth")),
        words.text(N_("Assessment")),
    ]
    rows = []
    for row in frame.to_dict("records"):
        assessment = words.text(ASSESSMENT[row["assessment"]])
        because = words.text(BASIS[row["basis"]] or REASON[row["reason"]])
        if row["contrary"]:
            because += words.text(N_("; otherwise by: {basis}"), basis=words.text(BASIS[row["contrary"]]))
        if row["actual_kind"] == "open":
            because += words.text(N_("; the start of the cumulative figure is not printed"))
        attainment = ratio(row, row["attainment"], words) if known(row["attainment"]) else ""
        if not known(row["target"]) and known(row["stated_attainment"]):
            stated = words.percent(row["stated_attainment"], digits(row["stated_attainment"], 2))
            attainment = words.text(N_("{share} (as stated)"), share=stated)
        if known(row["target"]):
            target = f"{target_text(row, words, bare=bool(shared))} ({words.period(row['target_period'])})"
        elif known(row["implied_low"]):
            implied = implied_target(row, words, bare=bool(shared))
            target = words.text(N_("not printed; implied: {target}"), target=implied)
        else:
            target = words.text(N_("not printed"))
        growth = row["required_growth"]
        rows.append(
            [
                Cell(full_name(row)),
                _numeric(target),
                _numeric(_with_period(_figure(row, "actual", shared, words), row["actual_period"], words), row),
                _numeric(attainment),
                _numeric(_figure(row, "gap", shared, words)),
                _numeric(ratio(row, 100 * growth, words, signed=True) if known(growth) else ""),
                Cell(f"{assessment} ({because})" if because else assessment),
            ]
        )
    return head, rows


def _with_period(text: str, code: Any, words: Words) -> str:
    return f"{text} ({words.period(code)})" if text else words.text(N_("not printed"))


def _findings(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    head = [
        words.text(N_("Figure")),
        words.text(N_("Printed")),
        words.text(N_("Recomputed")),
        words.text(N_("Verdict")),
    ]
    rows = [
        [
            Cell(f"{full_name(row)}, {words.within(row['period'])}"),
            _numeric(row["stated_text"]),
            _numeric(row["recomputed_text"]),
            Cell(words.text(VERDICT[row["verdict"]])),
        ]
        for row in frame.to_dict("records")
    ]
    return head, rows


def _ledger(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    columns = {
        "checked": N_("Checked"),
        "wrong": N_("Wrong"),
        "open": N_("Open"),
        "rounding": N_("Rounding"),
        "agrees": N_("Agrees"),
    }
    head = [words.text(N_("Sector")), *(words.text(text) for text in columns.values())]
    rows = [
        [Cell(row["sector_name"]), *(_numeric(words.number(row[column])) for column in columns)]
        for row in frame.to_dict("records")
    ]
    return head, rows


def _path(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    shared = _one_unit(frame)
    head = [words.text(N_("What")), words.text(N_("Period")), _headed(words, N_("Value"), shared)]
    rows = [
        [
            Cell(words.text(ROLES[row["role"]])),
            Cell(words.heading(row["period"])),
            _numeric(_figure(row, "value", shared, words), row),
        ]
        for row in frame.to_dict("records")
    ]
    return head, rows


ROLES: Final = {
    "mean": N_("Actual, a year"),
    "derived": N_("Actual, a year, as a difference"),
    "actual": N_("Actual"),
    "cumulative": N_("Actual, cumulative"),
    "aim": N_("Aim of the report"),
    "outlook": N_("Outlook of the report"),
    "run_rate": N_("At the pace of the latest year"),
    "target": N_("Target"),
}
"""What a point of a path is."""


def _parts(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    shared = _one_unit(frame)
    several = frame["indicator"].nunique() > 1
    head = [words.text(N_("Part")), words.text(N_("Period")), _headed(words, N_("Value"), shared)]
    # With several wholes side by side a share would leave open of which.
    if not several and frame["share"].notna().any():
        head.append(words.text(N_("Share of the whole")))
    rows = [
        [
            Cell(full_name(row) if several else row["category_name"]),
            Cell(words.heading(row["period"])),
            # What cannot be right stands there as it is printed.
            _numeric(_figure(row, "value", shared, words) or printed_amount(row, words), row),
            _numeric(words.percent(row["share"]) if known(row["share"]) else ""),
        ][: len(head)]
        for row in frame.to_dict("records")
    ]
    return head, rows


def _change(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    shared = _one_unit(frame)
    mean = bool(frame["mean"].all())
    head = [
        words.text(N_("Indicator")),
        _headed(words, N_("Earlier, a year") if mean else N_("Earlier"), shared),
        _headed(words, N_("Later, a year") if mean else N_("Later"), shared),
        words.text(N_("Change")),
    ]
    rows = [
        [
            Cell(full_name(row)),
            _numeric(_with_period(_figure(row, "earlier", shared, words), row["earlier_period"], words)),
            _numeric(_with_period(_figure(row, "value", shared, words), row["period"], words), row),
            _numeric(
                words.percent(100 * row["growth"], signed=True)
                if known(row["growth"])
                else words.difference(row["change"], row["unit"], row["decimals"])
            ),
        ]
        for row in frame.to_dict("records")
    ]
    return head, rows


def _series(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    shared = _one_unit(frame)
    several = frame["indicator"].nunique() > 1
    head = [words.text(N_("Period")), _headed(words, N_("Value"), shared), words.text(N_("How it is known"))]
    means = (frame["pace"] != frame["value"]) & frame["pace"].notna()
    if means.any():
        head.insert(2, _headed(words, N_("Mean of a year"), shared))
    rows = []
    for row in frame.to_dict("records"):
        label = words.heading(row["period"])
        cells = [
            Cell(f"{full_name(row)}, {words.period(row['period'])}" if several else label),
            _numeric(_figure(row, "value", shared, words), row),
            Cell(words.text(KNOWN_BY[(bool(row["computed"]), bool(row["derived"]))])),
        ]
        if means.any():
            cells.insert(2, _numeric(_figure(row, "pace", shared, words)))
        rows.append(cells)
    return head, rows


KNOWN_BY: Final = {
    (False, False): N_("printed"),
    (False, True): N_("difference of printed figures"),
    (True, False): N_("computed"),
    (True, True): N_("computed from differences"),
}
"""Whether a figure of a series is computed, and whether it rests on a difference."""


def _shares(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    head = [words.text(N_("Indicator")), words.text(N_("Period")), words.text(N_("Value")), words.text(N_("Of"))]
    head.append(words.text(N_("Share of the whole")))
    rows = [
        [
            Cell(full_name(row)),
            Cell(words.heading(row["period"])),
            _numeric(qualified(row, "value", words), row),
            Cell(f"{words.number(row['total'])} ({row['whole_name']})"),
            _numeric(words.percent(row["share"]) if known(row["share"]) else ""),
        ]
        for row in frame.to_dict("records")
    ]
    return head, rows


def _count(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    head = [words.text(N_("What")), _headed(words, N_("Number"), _one_unit(frame)), words.text(N_("Rate"))]
    rows = []
    for row in frame.to_dict("records"):
        number = qualified(row, "value", words, bare=True)
        lines = [(N_("Actual"), row["period"], _numeric(number, row), rate_text(row, "rate", words))]
        if known(row["outlook"]):
            rate = rate_text(row, "outlook_rate", words) if known(row["outlook_rate"]) else ""
            number = plain_amount(row, "outlook", words, bare=True)
            cell = _numeric(number, {"status": "F"})
            lines.append((N_("Outlook of the report"), row["target_period"], cell, rate))
        number = count_target(row, words, bare=True)
        lines.append((N_("Target"), row["target_period"], _numeric(number), rate_target(row, words)))
        rows += [
            [Cell(f"{words.text(what)} ({words.period(code)})"), cell, _numeric(rate)]
            for what, code, cell, rate in lines
        ]
    return head, rows


def _values(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    shared = _one_unit(frame)
    if shared and unit(shared).is_percentage:
        shared = ""
    head = [words.text(N_("Indicator")), words.text(N_("Period")), _headed(words, N_("Value"), shared)]
    if "working" in frame:
        head.append(words.text(N_("Computed from")))
    rows = [
        [
            Cell(full_name(row)),
            Cell(words.heading(row["period"])),
            _numeric(_figure(row, "value", shared, words), row),
            Cell(row.get("working", "")),
        ][: len(head)]
        for row in frame.to_dict("records")
    ]
    return head, rows


_LAYOUTS: Final[Mapping[str, Callable[[pd.DataFrame, Words], tuple[list[str], list[list[Cell]]]]]] = {
    "checked": _ledger,
    "assessment": _progress,
    "verdict": _findings,
    "role": _path,
    "whole": _shares,
    "share": _parts,
    "earlier": _change,
    "target_count": _count,
    "pace": _series,
    "value": _values,
}
