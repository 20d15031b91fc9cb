"""Metric frames -> tables for readers.

A table holds text only, in the reader's language: numbers with their marks in brackets, units in
the head.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from .changes import FATE, WAY, before, fate_of_all, size_of
from .units import unit
from .wording import (
    ASSESSMENT,
    BASIS,
    MARKS,
    MEASURE,
    REASON,
    STATUS,
    VERDICT,
    count_target,
    digits,
    full_name,
    implied_target,
    known,
    language_of,
    observed,
    part_name,
    plain_amount,
    printed_amount,
    qualified,
    rate_target,
    rate_text,
    ratio,
    role,
    target_text,
)
from .words import N_, Words

__all__ = ["IN_A_WORD", "SYMBOLS", "Cell", "Table", "marks_of", "table"]

SYMBOLS: Final = {
    "e": N_("estimated by the report"),
    "f": N_("forecast by the report"),
    "p": N_("counted before the period ended"),
    "u": N_("cannot be right as printed; used nowhere"),
    "d": N_("printed otherwise in another place"),
    "m": N_("printed with a unit or base that does not fit; used as the indicator's"),
    "a": N_("an assumption, not a figure of the report"),
}
"""What the marks in brackets mean, in the order in which they are explained."""
IN_A_WORD: Final = {MARKS[code]: text for code, text in STATUS.items()} | {
    "u": N_("cannot be right"),
    "d": N_("printed otherwise in another place"),
    "m": N_("mislabelled"),
    "a": N_("assumed"),
}
"""The same where there is room for a word only."""


ASSUMED: Final = ("a",)


@dataclass(frozen=True)
class Cell:
    """A text with the marks that follow it, such as ``e`` for an estimate, and a note in a line below.

    Attributes
    ----------
    text : str
    marks : tuple of str
    numeric : bool
    note : str
        Such as the unit of a row, or the period of a figure.
    """

    text: str
    marks: tuple[str, ...] = ()
    numeric: bool = False
    note: str = ""


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
    """The marks that a figure's status and flag ask for; of an assumed one, that it is assumed."""
    if row.get("assumed_actual"):
        return ASSUMED
    return tuple(MARKS[code] for code in (row.get("status"), row.get("flag")) if code in MARKS)


def _numeric(text: str, row: Mapping[str, Any] | None = None, note: str = "") -> Cell:
    """A figure with its marks; a dash stands for what there is not."""
    return Cell(text or NOTHING, marks_of(row) if row is not None and text else (), numeric=True, note=note)


NOTHING: Final = "–"


def _one_unit(frame: pd.DataFrame) -> str:
    """The unit that all rows share, if they do."""
    units = set(frame["unit"])
    return units.pop() if len(units) == 1 else ""


def _named(row: Mapping[str, Any], shared: str, words: Words) -> Cell:
    """The name of a row's figure, and its unit unless the head or each figure holds it."""
    own = "" if shared or unit(row["unit"]).symbol else words.unit_name(row["unit"])
    return Cell(full_name(row), note=own)


def _headed(words: Words, message: str, unit_code: str) -> str:
    """A heading with the unit of its column."""
    heading = words.text(message)
    name = words.unit_name(unit_code) if unit_code and not unit(unit_code).symbol else ""
    return f"{heading} ({name})" if name else heading


def _figure(row: Mapping[str, Any], column: str, words: Words) -> str:
    """A number; of its unit only a sign such as %, the rest stands in the head or with the name."""
    if not known(row[column]):
        return ""
    write = qualified if column in ("actual", "value") else plain_amount
    return write(row, column, words, bare=not unit(row["unit"]).symbol)


def _progress(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    head = [
        words.text(N_("Indicator")),
        words.text(N_("Target")),
        words.text(N_("Actual")),
        words.text(N_("Attainment")),
        words.text(N_("Still to go")),
        words.text(N_("Needed growth a year")),
        words.text(N_("Assessment")),
    ]
    rows = []
    for row in frame.to_dict("records"):
        because = [words.text(BASIS[row["basis"]] or REASON[row["reason"]])]
        if row["contrary"]:
            because.append(words.text(N_("otherwise by: {basis}"), basis=words.text(BASIS[row["contrary"]])))
        if row["actual_kind"] == "open":
            because.append(words.text(N_("the start of the cumulative figure is not printed")))
        growth = row["required_growth"]
        to_go = row["assessment"] not in ("exceeded", "met")
        rows.append(
            [
                _named(row, "", words),
                _target(row, words),
                _dated(_figure(row, "actual", words), row["actual_period"], row, words),
                _attainment(row, words),
                _numeric(_figure(row, "gap", words) if to_go else ""),
                _numeric(ratio(row, 100 * growth, words, signed=True) if to_go and known(growth) else ""),
                Cell(words.text(ASSESSMENT[row["assessment"]]), note="; ".join(filter(None, because))),
            ]
        )
    return head, rows


def _target(row: Mapping[str, Any], words: Words) -> Cell:
    bare = not unit(row["unit"]).symbol
    if known(row["target"]):
        marks = ASSUMED if row.get("assumed_target") else ()
        return Cell(target_text(row, words, bare=bare), marks, numeric=True, note=words.period(row["target_period"]))
    implied = ""
    if known(row["implied_low"]):
        implied = words.text(N_("implied: {target}"), target=implied_target(row, words, bare=bare))
    return _numeric(words.text(N_("not printed")), note=implied)


def _attainment(row: Mapping[str, Any], words: Words) -> Cell:
    if known(row["target"]) or not known(row["stated_attainment"]):
        return _numeric(ratio(row, row["attainment"], words) if known(row["attainment"]) else "")
    stated = words.percent(row["stated_attainment"], digits(row["stated_attainment"], 2))
    return _numeric(stated, note=words.text(N_("as stated")))


def _dated(text: str, code: Any, row: Mapping[str, Any] | None, words: Words) -> Cell:
    """A figure with its period."""
    return _numeric(text, row, words.period(code)) if text else _numeric(words.text(N_("not printed")))


def _findings(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    head = [
        words.text(N_("Figure")),
        words.text(N_("Printed")),
        words.text(N_("Recomputed")),
        words.text(N_("Verdict")),
    ]
    rows = [
        [
            Cell(full_name(row), note=words.heading(row["period"])),
            _numeric(row["stated_text"]),
            _numeric(row["recomputed_text"]),
            Cell(words.text(VERDICT[row["verdict"]]), note=words.text(REASON.get(row["reason"], ""))),
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
            _numeric(_figure(row, "value", words), row),
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
            _named(row, shared, words) if several else Cell(part_name(row)),
            Cell(words.heading(row["period"])),
            # What cannot be right stands there as it is printed.
            _numeric(_figure(row, "value", words) or printed_amount(row, words), row),
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
            _named(row, shared, words),
            _dated(_figure(row, "earlier", words), row["earlier_period"], None, words),
            _dated(_figure(row, "value", words), row["period"], row, words),
            _numeric(
                words.percent(100 * row["growth"], signed=True)
                if known(row["growth"])
                else words.difference(row["change"], row["unit"], row["decimals"], signed=True)
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
    if several:
        head.insert(0, words.text(N_("Indicator")))
    rows = []
    for row in frame.to_dict("records"):
        cells = [
            Cell(words.heading(row["period"])),
            _numeric(_figure(row, "value", words), row),
            Cell(words.text(KNOWN_BY[(bool(row["computed"]), bool(row["derived"]))])),
        ]
        if means.any():
            cells.insert(2, _numeric(_figure(row, "pace", words)))
        rows.append([_named(row, shared, words), *cells] if several else cells)
    return head, rows


KNOWN_BY: Final = {
    (False, False): N_("printed"),
    (False, True): N_("difference of printed figures"),
    (True, False): N_("computed"),
    (True, True): N_("computed from differences"),
}
"""Whether a figure of a series is computed, and whether it rests on a difference."""


def _shares(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    shared = _one_unit(frame)
    head = [
        words.text(N_("Indicator")),
        words.text(N_("Period")),
        _headed(words, N_("Value"), shared),
        words.text(N_("Of")),
        words.text(N_("Share of the whole")),
    ]
    rows = [
        [
            _named(row, shared, words),
            Cell(words.heading(row["period"])),
            _numeric(_figure(row, "value", words), row),
            _numeric(words.number(row["total"], digits(row["total"], 2)), note=row["whole_name"]),
            _numeric(words.percent(row["share"]) if known(row["share"]) else ""),
        ]
        for row in frame.to_dict("records")
    ]
    return head, rows


def _printed(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    head = [words.text(text) for text in (N_("What"), N_("Period"), N_("As printed"), N_("Unit"))]
    rows = []
    for row in frame.to_dict("records"):
        what = role(row["measure"], words)
        rows.append(
            [
                Cell(what[0].upper() + what[1:], note=part_name(row)),
                Cell(words.heading(row["period"])),
                _numeric(observed(row, words, bare=True), row),
                Cell("" if unit(row["unit"]).symbol else words.unit_name(row["unit"])),
            ]
        )
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
            [Cell(words.text(what), note=words.heading(code)), cell, _numeric(rate)] for what, code, cell, rate in lines
        ]
    return head, rows


def _values(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    shared = _one_unit(frame)
    head = [words.text(N_("Indicator")), words.text(N_("Period")), _headed(words, N_("Value"), shared)]
    if "working" in frame:
        head.append(words.text(N_("Computed from")))
    if "relation" in frame:
        head.append(words.text(N_("Relation")))
    rows = [
        [
            _named(row, shared, words),
            Cell(words.heading(row["period"])),
            _numeric(_figure(row, "value", words), row),
            Cell(row.get("working", "") or words.text(RELATION[row.get("relation", "")])),
        ][: len(head)]
        for row in frame.to_dict("records")
    ]
    return head, rows


RELATION: Final = {
    "": "",
    "whole": N_("the whole that it is a part of"),
    "input": N_("a figure that it is computed from"),
    "part": N_("a part of it"),
    "related": N_("means nearly the same"),
    "result": N_("is computed with it"),
}
"""What another indicator is to the one that is asked for."""


def _compared(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    """A figure in both editions, by how much it was revised, and what became of it; columns that say something."""
    head = [
        words.text(N_("Figure")),
        words.text(N_("Earlier edition")),
        words.text(N_("This edition")),
        words.text(N_("Change")),
        words.text(N_("What became of it")),
    ]
    rows = []
    for row in frame.to_dict("records"):
        measure = words.text(MEASURE[row["measure"]]) if row["measure"] in MEASURE else ""
        difference, growth = size_of(row, words, cell=True)
        own = words.unit_name(row["shared_unit"]) if row["shared_unit"] else ""
        own = "" if own and unit(row["shared_unit"]).symbol else own
        fate = words.text(WAY[row["way"]] if row.get("way") else FATE[row["change"]])
        rows.append(
            [
                Cell(full_name(row), note=", ".join(filter(None, (words.heading(row["period"]), measure, own)))),
                _numeric(row["cell_before"], before(row)),
                _numeric(row["cell"], row),
                _numeric(growth or difference, note=difference if growth else ""),
                Cell(fate, note=row["notes"]),
            ]
        )
    silent = {i for i in range(1, len(head)) if all(row[i].text == NOTHING for row in rows)}
    if fate_of_all(frame) and not frame["notes"].any():  # the caption says it
        silent.add(len(head) - 1)
    shown = [i for i in range(len(head)) if i not in silent]
    return [head[i] for i in shown], [[row[i] for i in shown] for row in rows]


def _assessments(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    """The attainment and the assessment of a target in both editions."""
    head = [
        words.text(N_("Indicator")),
        words.text(N_("Attainment, earlier edition")),
        words.text(N_("Attainment, this edition")),
        words.text(N_("Difference (points)")),
        words.text(N_("Assessment")),
    ]
    rows = []
    for row in frame.to_dict("records"):
        sides = (before(row), row)
        points = words.number(row["difference"], 1, signed=True) if known(row["difference"]) else ""
        earlier, now = (words.text(ASSESSMENT[side["assessment"]]) if side["assessment"] else NOTHING for side in sides)
        state = Cell(now, note=words.text(N_("before: {assessment}"), assessment=earlier) if earlier != now else "")
        rows.append([Cell(full_name(row)), *(_attained(side, words) for side in sides), _numeric(points), state])
    return head, rows


def _attained(row: Mapping[str, Any], words: Words) -> Cell:
    """An attainment with the figures that it is made of."""
    if not known(row["attainment"]):
        return _numeric("")
    values = {"share": qualified(row, "actual", words, bare=True), "target": target_text(row, words)}
    made_of = words.text(N_("{share} of {target}"), **values)
    return _numeric(ratio(row, row["attainment"], words), row, f"{made_of}, {words.period(row['actual_period'])}")


def _fates(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    """What became of how many figures, by sector."""
    columns = {
        "before": N_("Earlier edition"),
        "same": N_("Unchanged"),
        "revised": N_("Revised"),
        "other": N_("Printed or marked otherwise"),
        "dropped": N_("Gone"),
        "added": N_("New"),
    }
    head = [words.text(N_("Sector")), *(words.text(text) for text in columns.values())]
    rows = [
        [Cell(row["sector_name"]), *(_numeric(words.number(row[column])) for column in columns)]
        for row in frame.to_dict("records")
    ]
    return head, rows


def _towns(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    """Areas side by side; columns that say something."""
    ranked, aimed = frame["rank_first"].notna().any(), (frame["standing"] != "").any()
    head = [words.text(N_("Area")), _headed(words, N_("Value"), _one_unit(frame))]
    head += [words.text(N_("Rank"))] if ranked else []
    head += [words.text(N_("Attainment")), words.text(N_("Assessment"))] if aimed else []
    head.append(words.text(N_("Wrong figures in its report")))
    rows = []
    for row in frame.to_dict("records"):
        cells = [Cell(row["area_name"])]
        figure = _figure(row, "value", words)
        cells.append(_numeric(figure, row) if figure else Cell(words.text(SILENT[row["silent"]])))
        if ranked:
            cells.append(_numeric(_places(row, words)))
        if aimed:
            reached = words.percent(row["reached"]) if known(row["reached"]) else ""
            cells += [_numeric(reached), Cell(words.text(ASSESSMENT.get(row["standing"], "")) or NOTHING)]
        wrong = words.number(int(row["wrong"])) if known(row["wrong"]) else ""
        rows.append([*cells, _numeric(wrong)])
    return head, rows


def _places(row: Mapping[str, Any], words: Words) -> str:
    """The places that an area may have."""
    if not known(row["rank_first"]):
        return ""
    first, last = words.number(int(row["rank_first"])), words.number(int(row["rank_last"]))
    return first if first == last else f"{first}–{last}"


SILENT: Final = {"": "", "report": N_("no report"), "figure": N_("no figure")}


def _targets_of_towns(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    """Targets, and how many areas stand how; columns that say something."""
    shown = [code for code in ASSESSMENT if frame[code].any()]
    states = [words.text(ASSESSMENT[code]) for code in shown]
    head = [words.text(N_("Target")), words.text(N_("Areas")), *(f"{state[0].upper()}{state[1:]}" for state in states)]
    rows = [
        [Cell(row["name"]), *(_numeric(words.number(int(row[column]))) for column in ("areas", *shown))]
        for row in frame.to_dict("records")
    ]
    return head, rows


def _accounts(frame: pd.DataFrame, words: Words) -> tuple[list[str], list[list[Cell]]]:
    """Areas whose reports hold something wrong."""
    head = [words.text(text) for text in (N_("Area"), N_("Checked"), N_("Wrong"), N_("Rounding"), N_("Open"))]
    rows = [
        [
            Cell(row["area_name"]),
            *(_numeric(words.number(int(row[name]))) for name in ("stated_by", "wrong", "rounding", "open")),
        ]
        for row in frame.to_dict("records")
    ]
    return head, rows


_LAYOUTS: Final[Mapping[str, Callable[[pd.DataFrame, Words], tuple[list[str], list[list[Cell]]]]]] = {
    "silent": _towns,
    "areas": _targets_of_towns,
    "checked": _ledger,
    "stated_by": _accounts,
    "moved": _fates,
    "assessment_before": _assessments,
    "value_before": _compared,
    "assessment": _progress,
    "verdict": _findings,
    "role": _path,
    "whole": _shares,
    "share": _parts,
    "earlier": _change,
    "target_count": _count,
    "measure": _printed,
    "pace": _series,
    "value": _values,
}
