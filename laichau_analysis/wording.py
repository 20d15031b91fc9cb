"""Names and sentences in both languages.

A sentence is a pattern over one row of a metric frame: the figures choose the pattern, and names and
numbers fill it. Names always begin a sentence, since they are written with a capital.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from .dataset import Dataset
from .figures import strongest
from .periods import period
from .precision import supported_decimals
from .schema import STATED
from .units import unit
from .words import N_, Words, half_up

__all__ = [
    "as_printed",
    "explained",
    "labelled",
    "nothing",
    "opening",
    "sentences",
    "standings",
    "statements",
]

ASSESSMENT: Final = {
    "exceeded": N_("exceeded"),
    "met": N_("met"),
    "on_track": N_("on track"),
    "behind": N_("behind"),
    "missed": N_("missed"),
    "not_assessed": N_("not assessed"),
}
BASIS: Final = {
    "": "",
    "compared": N_("figure against target"),
    "run_rate": N_("pace of the latest year"),
    "baseline": N_("path from the baseline"),
    "outlook": N_("the report's own outlook"),
    "aim": N_("the report's own aim"),
    "slowest_start": N_("even from the lowest possible start"),
}
REASON: Final = {
    "": "",
    "no_target": N_("no target is printed"),
    "no_actual": N_("no figure is printed"),
    "no_direction": N_("neither way counts as good"),
    "no_final_figure": N_("no figure for the target's year"),
    "no_evidence_of_pace": N_("no evidence of pace"),
    "no_value": N_("the figure itself is not printed"),
    "no_plan": N_("the plan that it is measured against is not printed"),
    "no_whole": N_("the whole is not printed"),
    "parts_missing": N_("not all of its parts are printed"),
    "vague": N_("one of the figures is vague"),
    "one_sided": N_("one of the figures is only a bound"),
    "implausible_value": N_("the figure cannot be right as printed"),
}
VERDICT: Final = {
    "agrees": N_("agrees"),
    "rounding": N_("rounding"),
    "disagrees": N_("disagrees"),
    "open": N_("open"),
    "implausible": N_("cannot be right"),
}
STATUS: Final = {"E": N_("estimated"), "F": N_("forecast"), "P": N_("counted before the period ended")}
MEASURE: Final = {
    "target": N_("target"),
    "plan": N_("plan"),
    "aim": N_("aim"),
    "outlook": N_("outlook"),
    "baseline": N_("baseline"),
    "stated_attainment": N_("stated attainment of the target"),
    "stated_plan_attainment": N_("stated attainment of the plan"),
    "stated_share": N_("stated share"),
    "stated_change": N_("stated change"),
}
MARKS: Final = {"E": "e", "F": "f", "P": "p", "implausible": "u", "mislabelled": "m", "contradicted": "d"}
CASE: Final = {"printed": N_("as printed"), "assumed": N_("assumed")}


# --- names ---------------------------------------------------------------------------------------


def labelled(frame: pd.DataFrame, data: Dataset, language: str) -> pd.DataFrame:
    """Add what readers see to a frame of codes.

    Parameters
    ----------
    frame : DataFrame
        From ``metrics`` or ``audit``.
    data : Dataset
        Where the names stand.
    language : {'vi', 'en'}

    Returns
    -------
    DataFrame
        With ``name``, ``category_name``, ``breakdown_name`` and ``area_name`` (empty for the town), and the
        language in ``attrs["language"]``; charts, tables and sentences need nothing else.
    """
    names, categories = data.names("indicators", language), data.names("categories", language)
    pairs = zip(frame["breakdown"], frame["category"], strict=True)
    areas, breakdowns = data.names("areas", language), data.names("breakdowns", language)
    words = Words(language)
    result = frame.assign(
        name=frame["indicator"].map(names).astype("str"),
        area_name=frame["area"].map(lambda area: "" if area == data.town else areas[area]).astype("str"),
        category_name=pd.Series([categories.get(pair, "") for pair in pairs], index=frame.index, dtype="str"),
        breakdown_name=frame["breakdown"].map(lambda code: breakdowns.get(code, "")).astype("str"),
    )
    if "case" in frame:
        result = result.assign(case_name=frame["case"].map(lambda case: words.text(CASE[case])).astype("str"))
    if "whole" in frame:
        units = data.indicators["unit"]
        result = result.assign(
            whole_name=frame["whole"].map(names).astype("str"), whole_unit=frame["whole"].map(units).astype("str")
        )
    if "inputs" in frame:
        texts = [_working(row, data, words) for row in frame.to_dict("records")]
        result = result.assign(working=pd.Series(texts, index=frame.index, dtype="str"))
    result.attrs["language"] = language
    return result


def _working(row: Mapping[str, Any], data: Dataset, words: Words) -> str:
    """A formula with the figures that went into it: 73,770 kg ÷ 4,918 people."""
    amounts = {}
    for code, category, value, qualifier in row["inputs"]:
        own = {"value": value, "unit": data.indicator(code)["unit"], "qualifier": qualifier, "decimals": 6}
        amounts[(code, category)] = qualified(own, "value", words)
    return formula_text(row["formula"], lambda code, category: amounts[(code, category)])


def formula_text(formula: str, write: Callable[[str, str], str]) -> str:
    """A formula with signs as people write them, and its inputs, code and category, written by a function.

    Examples
    --------
    >>> formula_text("people[urban] / people", lambda code, category: f"{category} {code}".strip())
    'urban people ÷ people'
    """
    signs = formula.replace("*", "×").replace("/", "÷").replace("-", "−")
    return re.sub(r"([a-z][a-z0-9_]*)(?:\[([a-z0-9_]+)\])?", lambda match: write(match[1], match[2] or ""), signs)


def language_of(frame: pd.DataFrame) -> Words:
    """The words of a labelled frame's language."""
    return Words(str(frame.attrs.get("language", "en")))


def full_name(row: Mapping[str, Any]) -> str:
    """Name of a row's figure, with its area and category, and whether it is printed or assumed."""
    return " – ".join(filter(None, (row["name"], part_name(row), row.get("case_name"))))


def role(measure: str, words: Words) -> str:
    """What kind of figure a measure is."""
    return words.text(MEASURE.get(measure, N_("actual figure")))


def part_name(row: Mapping[str, Any]) -> str:
    """Name of the area and the category of a row's figure; empty for the whole town."""
    return " – ".join(filter(None, (row.get("area_name"), row.get("category_name"))))


# --- sentences -----------------------------------------------------------------------------------


def sentences(frame: pd.DataFrame) -> list[str]:
    """Say in words what a labelled frame shows.

    Parameters
    ----------
    frame : DataFrame
        From ``labelled``. Its columns tell what it holds: progress, a change, parts of a whole,
        findings or values.

    Returns
    -------
    list of str
        Sentences in the frame's language; where the frame is empty, that there is no figure.
    """
    if frame.empty:
        return [nothing(frame, language_of(frame))]
    return [sentence for said, _ in statements(frame) for sentence in said]


def statements(frame: pd.DataFrame) -> list[tuple[list[str], tuple[int, ...]]]:
    """What a labelled frame shows, subject by subject, with the figures that each statement rests on.

    Parameters
    ----------
    frame : DataFrame
        From ``labelled``.

    Returns
    -------
    list of (list of str, tuple of int)
        Sentences, and index labels of observations.
    """
    words, rows = language_of(frame), frame.to_dict("records")
    if "told" in frame.attrs:  # a frame of many areas brings its sentences
        return [(list(frame.attrs["told"]), ())]
    for column, function in _OVER_ROWS.items():
        if column in frame:
            resting = tuple(dict.fromkeys(label for row in rows for label in row["evidence"]))
            return [(list(function(rows, words)), resting)] if rows else []
    if "message" in frame:
        return [([row["message"]], row["evidence"]) for row in rows]
    pattern = next(function for column, function in _PATTERNS.items() if column in frame)
    return [(list(pattern(row, words)), row["evidence"]) for row in rows]


def standings(frame: pd.DataFrame) -> list[str]:
    """Which of several targets are reached, on the way or behind: one sentence for each assessment.

    Parameters
    ----------
    frame : DataFrame
        From ``labelled``.

    Returns
    -------
    list of str
        Empty unless the frame holds the progress of several figures, one of them assessed; what lies between
        two editions is told row by row.
    """
    if "assessment" not in frame or "message" in frame or len(frame) < 2:
        return []
    words = language_of(frame)
    assessed = frame[frame["assessment"] != "not_assessed"]
    groups = {code: assessed[assessed["assessment"] == code].to_dict("records") for code in ASSESSMENT}
    groups = {code: rows for code, rows in groups.items() if rows}
    if len(assessed) > MANY:
        counts = frame["assessment"].value_counts()
        listed = ", ".join(f"{counts[code]} {words.text(name)}" for code, name in ASSESSMENT.items() if code in counts)
        return [words.text("Of {count} targets: {listed}.", count=words.number(len(frame)), listed=listed)]
    said = []
    for code, rows in groups.items():
        names = [
            words.text(
                N_("{name} ({actual}; target: {target})"),
                name=full_name(row),
                actual=qualified(row, "actual", words),
                target=target_text(row, words),
            )
            for row in rows
        ]
        state = words.text(ASSESSMENT[code])
        said.append(f"{state[0].upper()}{state[1:]}: {'; '.join(names)}.")
    return said


def opening(frame: pd.DataFrame) -> list[str]:
    """What a headline says of a labelled frame: how several targets stand, or what is there to say of each row.

    Parts of one whole are listed with its name, as nothing before a headline has named it.

    Parameters
    ----------
    frame : DataFrame
        From ``labelled``.

    Returns
    -------
    list of str
        Empty for an empty frame.
    """
    if "told" in frame.attrs:
        return list(frame.attrs["told"])
    if frame.empty:
        return []
    if "share" in frame and "whole" not in frame and frame["indicator"].nunique() == 1:
        return [_listed_parts(frame.to_dict("records"), language_of(frame))]
    return standings(frame) or sentences(frame)


def _listed_parts(rows: list[dict[str, Any]], words: Words) -> str:
    """The parts of one whole in a sentence: all of a few, the first of many."""
    listed = "; ".join(
        words.text(N_("{part}, {value}"), part=part_name(row), value=_part_value(row, words)) for row in rows[:MANY]
    )
    values = {"name": rows[0]["name"], "within": words.within(rows[0]["period"]), "listed": listed}
    if len(rows) <= MANY:
        return words.text("{name}, {within}: {listed}.", **values)
    return words.text("{name}, {within}: {listed}; and {count} more.", **values, count=words.number(len(rows) - MANY))


def _part_value(row: Mapping[str, Any], words: Words) -> str:
    if known(row["value"]):
        return estimated(qualified(row, "value", words), row["status"], words)
    impossible = words.text(N_("cannot be right as printed"))
    return words.text("{amount} ({status})", amount=printed_amount(row, words), status=impossible)


MANY: Final = 4
"""Up to so many are told one by one, or together: targets in a headline, sectors in a list of findings."""


def nothing(frame: pd.DataFrame, words: Words, names: Sequence[str] = (), year: int = 0) -> str:
    """Why an empty frame shows nothing.

    Parameters
    ----------
    frame : DataFrame
    words : Words
    names : sequence of str
        The indicators that it was made for.
    year : int
        Up to which figures were looked for.
    """
    if not names:
        return words.text("No figures are printed for this.")
    listed = "; ".join(names)
    for column, message in _NOTHING.items():
        if column in frame:
            return words.text(message, name=listed)
    return words.text("{name}: no figures are printed up to {year}.", name=listed, year=str(year))


_NOTHING: Final = {
    "earlier": N_("{name}: no two periods are printed that can be compared."),
    "target_count": N_("{name}: what the target means in numbers does not follow from what is printed."),
    "whole": N_("{name}: part and whole are not printed for one period."),
    "formula": N_("{name}: it cannot be computed from what is printed."),
}


def known(value: Any) -> bool:
    """Whether a cell of a metric frame holds something."""
    return value is not None and value == value and value != ""


def estimated(amount: str, status: str, words: Words) -> str:
    """An amount with the word that says how firm it is."""
    if status not in STATUS:
        return amount
    return words.text("{amount} ({status})", amount=amount, status=words.text(STATUS[status]))


def ratio(row: Mapping[str, Any], value: float, words: Words, *, signed: bool = False) -> str:
    """Per cent with as many decimals as the actual figure of a row supports, but 100 only where it is 100."""
    decimals = supported_decimals(max(abs(value), 100), row["relative_step"])
    while decimals < 2 and value != 100 and half_up(value, decimals) == 100:
        decimals += 1
    return words.percent(value, decimals, signed=signed)


def target_text(row: Mapping[str, Any], words: Words, *, bare: bool = False) -> str:
    """A target with its bound: 300 billion dong, below 1%, 9.5‰ to 10‰; ``bare`` leaves the unit out."""
    amount = plain_amount(row, "target", words, bare=bare)
    if known(row["target_max"]):
        upper = plain_amount(row, "target_max", words, bare=bare)
        return words.text("{low} to {high}", low=amount, high=upper)
    return words.text(_BOUNDS[row["target_qualifier"]], amount=amount) if row["target_qualifier"] in _BOUNDS else amount


_BOUNDS: Final = {"under": N_("below {amount}"), "over": N_("above {amount}"), "at_least": N_("{amount} or more")}


def qualified(row: Mapping[str, Any], column: str, words: Words, *, bare: bool = False) -> str:
    """An amount with the word that makes it a bound or vague: more than 400 customers."""
    qualifier = row.get("actual_qualifier" if column == "actual" else "qualifier", "")
    if row.get("role") == "target":
        return words.text(_BOUNDS.get(qualifier, "{amount}"), amount=plain_amount(row, column, words, bare=bare))
    safe = {**row, column: _kept_true(row[column], int(row["decimals"]), qualifier)}
    amount = plain_amount(safe, column, words, bare=bare)
    return words.text(_QUALIFIERS[qualifier], amount=amount) if qualifier in _QUALIFIERS else amount


def _kept_true(value: float, decimals: int, qualifier: str) -> float:
    """A bound cut to its digits so that what is said of it stays true: more than 21.96 is more than 21.9."""
    scale = 10.0**decimals
    if qualifier in ("over", "at_least"):
        return math.floor(round(value * scale, 6)) / scale
    if qualifier in ("under", "nearly"):
        return math.ceil(round(value * scale, 6)) / scale
    return value


_QUALIFIERS: Final = {
    "over": N_("more than {amount}"),
    "at_least": N_("{amount} or more"),
    "under": N_("less than {amount}"),
    "nearly": N_("nearly {amount}"),
    "about": N_("about {amount}"),
}


def digits(value: float, most: int) -> int:
    """Decimals that a number needs, up to so many: 300, but 96.7."""
    return next((d for d in range(int(most)) if math.isclose(value, round(value, d), abs_tol=1e-9)), int(most))


def plain_amount(row: Mapping[str, Any], column: str, words: Words, *, bare: bool = False) -> str:
    """An amount of a row, whole where it is whole, with its zeros where they are printed; ``bare`` without its unit."""
    printed = row.get(f"{column}_decimals", 0)
    decimals = max(digits(row[column], row["decimals"]), int(printed) if known(printed) else 0)
    return words.number(row[column], decimals) if bare else words.amount(row[column], row["unit"], decimals)


def _progress(row: Mapping[str, Any], words: Words) -> Iterator[str]:
    name = full_name(row)
    if not known(row["actual"]) and known(row["target"]):
        yield words.text("{name}: no figure is printed yet to compare with the target.", name=name)
        return
    if not known(row["actual"]):
        yield words.text(
            "{name}: the report states {stated} of the target {within}, but prints neither the figure nor the target.",
            name=name,
            within=words.within(row["actual_period"]),
            stated=_stated_attainment(row, words),
        )
        return
    actual = estimated(qualified(row, "actual", words), row["status"], words)
    within = words.within(row["actual_period"])
    if not known(row["target"]):
        yield from _as_stated(row, name, actual, within, words)
        return
    values = {"name": name, "actual": actual, "within": within, "target": target_text(row, words)}
    values["goal"] = words.meant_for(row["target_period"])
    yield words.text(_ATTAINED[_case(row)], **values, attainment=_attainment_text(row, words))
    if row["assessment"] in ("exceeded", "met"):
        return
    if row["assessment"] == "missed":
        gap = words.difference(row["gap"], row["unit"], digits(row["gap"], row["decimals"]))
        yield words.text("The target year is over; {gap} was missing.", gap=gap)
        return
    yield from _remaining(row, words, str(period(row["target_period"]).year))


_ATTAINED: Final = {
    "exceeded": N_("{name} came to {actual} {within}, better than the target of {target} {goal}."),
    "met": N_("{name} came to {actual} {within}, just the target of {target} {goal}."),
    "inside": N_("{name} came to {actual} {within}, inside the target of {target} {goal}."),
    "higher": N_("{name} came to {actual} {within}, {attainment} of the target of {target} {goal}."),
    "other": N_("{name} came to {actual} {within}; the target {goal} is {target}."),
}


def _case(row: Mapping[str, Any]) -> str:
    if row["assessment"] == "met" and known(row["target_max"]):
        return "inside"
    if row["assessment"] in ("exceeded", "met"):
        return str(row["assessment"])
    return "higher" if row["direction"] == "higher" and known(row["attainment"]) else "other"


def _attainment_text(row: Mapping[str, Any], words: Words) -> str:
    return ratio(row, row["attainment"], words) if known(row["attainment"]) else ""


def _remaining(row: Mapping[str, Any], words: Words, year: str) -> Iterator[str]:
    """What is still to go, the pace that it takes, and what the report itself says of it."""
    if known(row["required"]) and known(row["gap"]) and row["gap"] > 0:
        gap = _to_go(row, words)
        total = row["accumulation"] == "total"
        growth = ratio(row, 100 * row["required_growth"], words, signed=total) if known(row["required_growth"]) else ""
        values = {
            "gap": gap,
            "growth": growth,
            "year": year,
            "years": words.number(row["years_left"], digits(row["years_left"], 1)),
        }
        values["required"] = words.difference(row["required"], row["unit"], row["decimals"])
        values["period"] = words.period(row["actual_period"])
        if total:
            values["latest"] = plain_amount(row, "latest", words) if known(row["latest"]) else ""
            values["period"] = words.period(row["latest_period"]) if known(row["latest_period"]) else ""
            pattern = _pace_of_total(row)
            if growth and pattern in _ONE_YEAR_LEFT:
                values["growth"] = ratio(row, 100 * abs(row["required_growth"]), words)
        elif row["required"] < 0:
            pattern = N_("It still has to fall by {gap} by {year}.")
        elif not growth:
            pattern = N_("It still has to rise by {gap} by {year}.")
        elif row["years_left"] == 1:
            pattern = N_("{gap} is still missing: {year} would have to come to {growth} more than {period}.")
        else:
            pattern = N_(
                "{gap} is still missing in {years} years: each year would have to bring {required} more than the one before."
            )
        yield words.text(pattern, **values)
    if known(row["run_rate"]):
        reaches = row["run_rate"] >= row["target"] if row["direction"] != "lower" else row["run_rate"] <= row["target"]
        pattern = (
            N_("At the pace of the latest year the term ends at {amount}, which reaches the target.")
            if reaches
            else N_("At the pace of the latest year the term ends at {amount}, which misses the target by {short}.")
        )
        short = words.difference(row["run_rate"] - row["target"], row["unit"], row["decimals"])
        yield words.text(pattern, amount=plain_amount(row, "run_rate", words), short=short)
    for measure, short, enough in (
        ("aim", N_("The report itself aims for {amount} only, short of the target."), ""),
        (
            "outlook",
            N_("The report itself expects {amount}, short of the target."),
            N_("The report itself expects {amount}, which reaches the target."),
        ),
    ):
        if known(row[measure]):
            worse = row[measure] < row["target"] if row["direction"] != "lower" else row[measure] > row["target"]
            even = row[measure] == row["target"] and row["target_qualifier"] in ("under", "over")
            pattern = short if worse or even else enough
            if pattern:
                yield words.text(pattern, amount=plain_amount(row, measure, words))


def _to_go(row: Mapping[str, Any], words: Words) -> str:
    """What is still to go to a target; to one that must be passed, more than that."""
    gap = words.difference(row["gap"], row["unit"], digits(row["gap"], row["decimals"]))
    return words.text("more than {amount}", amount=gap) if row["target_qualifier"] in ("under", "over") else gap


def _pace_of_total(row: Mapping[str, Any]) -> str:
    """The pattern for what the years that are left must bring, beside the latest one."""
    if not known(row["required_growth"]):
        return N_("{gap} is still to come; each remaining year needs {required}.")
    if row["years_left"] == 1 and period(row["latest_period"]).kind == "year":
        return _ONE_YEAR_LEFT[int(row["required_growth"] < 0)]
    return N_(
        "{gap} is still to come; each remaining year needs {required}, against {latest} a year in {period} ({growth})."
    )


_ONE_YEAR_LEFT: Final = (
    N_("That leaves {gap} for {year}, {growth} more than {period} brought ({latest})."),
    N_("That leaves {gap} for {year}, {growth} less than {period} brought ({latest})."),
)


def _as_stated(row: Mapping[str, Any], name: str, actual: str, within: str, words: Words) -> Iterator[str]:
    yield words.text(
        "{name} came to {actual} {within}, {stated} of the target as stated; the target itself is not printed.",
        name=name,
        actual=actual,
        within=within,
        stated=_stated_attainment(row, words),
    )


def _stated_attainment(row: Mapping[str, Any], words: Words) -> str:
    return words.percent(row["stated_attainment"], digits(row["stated_attainment"], 2))


def _change(row: Mapping[str, Any], words: Words) -> Iterator[str]:
    value = estimated(words.amount(row["value"], row["unit"], row["decimals"]), row["status"], words)
    earlier = words.amount(row["earlier"], row["unit"], row["decimals"])
    size = (
        words.percent(100 * abs(row["growth"]))
        if known(row["growth"])
        else words.difference(row["change"], row["unit"], row["decimals"])
    )
    pattern = _CHANGES[bool(row["mean"])][0 if row["change"] > 0 else 1 if row["change"] < 0 else 2]
    yield words.text(
        pattern,
        name=full_name(row),
        value=value,
        within=words.within(row["period"]),
        earlier=earlier,
        before=words.within(row["earlier_period"]),
        size=size,
    )


_CHANGES: Final = {
    True: (
        N_("{name} came to {value} {within}, {size} more than the {earlier} a year {before}."),
        N_("{name} came to {value} {within}, {size} less than the {earlier} a year {before}."),
        N_("{name} came to {value} {within}, as much as a year {before}."),
    ),
    False: (
        N_("{name} came to {value} {within}, {size} more than the {earlier} {before}."),
        N_("{name} came to {value} {within}, {size} less than the {earlier} {before}."),
        N_("{name} came to {value} {within}, and to the same {before}."),
    ),
}
"""More, less or as much; beside the mean of several years, or beside one period."""


def _shares(rows: list[dict[str, Any]], words: Words) -> Iterator[str]:
    """What is reached in full in one sentence, and each of the others by itself."""
    full = [row for row in rows if row["value"] == row["total"]]
    for whole in dict.fromkeys(_whole(row, words) for row in full):
        own = [row for row in full if _whole(row, words) == whole]
        of_all = words.text("{value} of {total}", value=words.number(own[0]["total"]), total=whole)
        names = "; ".join(full_name(row) for row in own)
        status = strongest(row["status"] for row in own)
        yield words.text("In full, {of_all}: {names}.", of_all=estimated(of_all, status, words), names=names)
    for row in rows:
        if row["value"] != row["total"]:
            number = words.number(row["value"], digits(row["value"], row["decimals"]))
            of_all = words.text("{value} of {total}", value=number, total=_whole(row, words))
            yield words.text(
                "{name}: {of_all}, {share}.",
                name=full_name(row),
                of_all=estimated(of_all, row["status"], words),
                share=words.percent(row["share"]),
            )


def _whole(row: Mapping[str, Any], words: Words) -> str:
    return words.amount(row["total"], row["whole_unit"], digits(row["total"], 2))


def _count(row: Mapping[str, Any], words: Words) -> Iterator[str]:
    """What the target of a rate means in numbers, and what the report expects."""
    goal = count_target(row, words)
    values = {
        "name": full_name(row),
        "value": words.text(
            "{count} ({rate})", count=qualified(row, "value", words), rate=rate_text(row, "rate", words)
        ),
        "within": words.within(row["period"]),
        "target": rate_target(row, words),
        "goal": words.meant_for(row["target_period"]),
        "count": goal,
        "change": _rounded_amount(row, abs(row["needed"]), words),
    }
    if row["reached"]:
        yield words.text(
            "{name}: {value} {within}; the target of {target} {goal} means {count} and is reached.", **values
        )
    else:
        pattern = (
            N_("{name}: {value} {within}, so the target of {target} {goal} means {count}, a fall of {change}.")
            if row["needed"] < 0
            else N_("{name}: {value} {within}, so the target of {target} {goal} means {count}, a rise of {change}.")
        )
        if row["target_qualifier"] in ("under", "over"):
            values["change"] = words.text("more than {amount}", amount=values["change"])
        yield words.text(pattern, **values)
    if known(row["outlook"]):
        pattern = (
            N_("The report expects {amount}, a fall of {change}.")
            if row["expected"] < 0
            else N_("The report expects {amount}, a rise of {change}.")
            if row["expected"] > 0
            else N_("The report expects {amount}, no change.")
        )
        change = words.difference(row["expected"], row["unit"], row["decimals"])
        yield words.text(pattern, amount=plain_amount(row, "outlook", words), change=change)


def _as_rate(row: Mapping[str, Any]) -> dict[str, Any]:
    """The rate's target of a row that counts."""
    return {**row, "unit": row["rate_unit"], "decimals": row["rate_digits"], "target_max": None}


def rate_text(row: Mapping[str, Any], column: str, words: Words) -> str:
    """The rate, or one said of it, of a row that counts."""
    return plain_amount(_as_rate(row), column, words)


def rate_target(row: Mapping[str, Any], words: Words) -> str:
    """The rate's target of a row that counts."""
    return target_text(_as_rate(row), words)


def count_target(row: Mapping[str, Any], words: Words, *, bare: bool = False) -> str:
    """A rate's target as a number: fewer than about 130 households."""
    about = words.text("about {amount}", amount=_rounded_amount(row, row["target_count"], words, bare=bare))
    bounds = {"under": N_("fewer than {amount}"), "over": N_("more than {amount}")}
    return words.text(bounds[row["target_qualifier"]], amount=about) if row["target_qualifier"] in bounds else about


def _rounded_amount(row: Mapping[str, Any], value: float, words: Words, *, bare: bool = False) -> str:
    """An amount with no more digits than the rate that it follows from bears."""
    step = abs(row["target_count"]) * row["relative_step"]
    places = max(0, math.ceil(math.log10(step))) if step > 0 else 0
    return plain_amount({**row, "rounded": half_up(value, -places)}, "rounded", words, bare=bare)


def _parts(rows: list[dict[str, Any]], words: Words) -> Iterator[str]:
    """The largest part of each whole."""
    for indicator in dict.fromkeys(row["indicator"] for row in rows):
        own = [row for row in rows if row["indicator"] == indicator and known(row["value"])]
        if not own:
            continue
        largest = max(own, key=lambda row: float(row["value"]))
        values = {
            "category": part_name(largest),
            "name": largest["name"],
            "value": estimated(qualified(largest, "value", words), largest["status"], words),
            "share": words.percent(largest["share"]) if known(largest["share"]) else "",
        }
        if len({row["indicator"] for row in rows}) > 1:
            pattern = N_("{name}, largest figure: {category}, {value}.")
        elif values["share"]:
            pattern = N_("Largest part: {category}, {value}, {share} of the whole.")
        else:
            pattern = N_("Largest figure: {category}, {value}.")
        yield words.text(pattern, **values)


def _printed(row: Mapping[str, Any], words: Words) -> Iterator[str]:
    """A figure as it is printed, and in what role."""
    values = {"name": full_name(row), "within": words.within(row["period"])}
    if row["flag"] == "implausible":
        yield words.text(_VERDICTS["implausible"], **values, stated=observed(row, words))
        return
    value = estimated(observed(row, words), row["status"], words)
    yield words.text(
        "{name}, {within}: {value} ({measure}).", **values, value=value, measure=role(row["measure"], words)
    )


def _what_if(rows: list[dict[str, Any]], words: Words) -> Iterator[str]:
    """What is assumed, what would follow, and how things stand as printed."""
    (row,) = [row for row in rows if row["case"] == "assumed"]
    values = {"target": target_text(row, words), "goal": words.meant_for(row["target_period"])}
    assumed = [words.text(N_("a target of {target} {goal}"), **values)] if row["assumed_target"] else []
    if row["assumed_actual"]:
        pattern, growth = N_("{actual} {within}"), ""
        if known(row["growth"]):
            pattern = _GROWN[row["accumulation"] == "total"]
            growth = signed_growth(row["growth"], row["unit"], words)
        actual, within = plain_amount(row, "actual", words), words.within(row["actual_period"])
        assumed.insert(0, words.text(pattern, actual=actual, within=within, growth=growth))
    yield words.text(
        "{name}, an assumption and no figure of the report: {assumed}.", name=row["name"], assumed="; ".join(assumed)
    )
    assessment = words.text(ASSESSMENT[row["assessment"]])
    because = words.text(REASON[row["reason"]] or BASIS[row["basis"]])
    pattern = _WOULD.get(row["assessment"], _WOULD["" if known(row["gap"]) else "unknown"])
    values |= {"assessment": assessment, "because": because}
    if known(row["gap"]):
        values["gap"] = _to_go(row, words)
    if known(row["required"]):
        values["required"] = words.difference(row["required"], row["unit"], row["decimals"])
    yield words.text(pattern, **values)
    printed = [row for row in rows if row["case"] == "printed"]
    if printed:
        yield words.text(
            "As printed, the assessment is: {assessment}.", assessment=words.text(ASSESSMENT[printed[0]["assessment"]])
        )
    else:
        yield words.text("No target is printed.")


_GROWN: Final = {
    False: N_("{growth} a year on the latest figure, which makes {actual} {within}"),
    True: N_("{growth} in each remaining year on the latest one, which makes {actual} {within}"),
}
"""By growth to the figure of the last year, or to the sum of all years."""
_WOULD: Final = {
    "exceeded": N_("The target of {target} {goal} would then be exceeded."),
    "met": N_("The target of {target} {goal} would then be met."),
    "missed": N_("The target of {target} {goal} would then be missed by {gap}."),
    "": N_(
        "Then {gap} would still be to go to the target of {target} {goal}, {required} a year; assessment: {assessment} ({because})."
    ),
    "unknown": N_("Then the assessment would be: {assessment} ({because})."),
}


def signed_growth(growth: float, unit_code: str, words: Words) -> str:
    """An assumed growth a year with its sign: per cent, or points of a percentage."""
    if unit(unit_code).is_percentage:
        return words.difference(growth, unit_code, max(digits(growth, 2), 1), signed=True)
    return words.percent(100 * growth, signed=True)


def _value(row: Mapping[str, Any], words: Words) -> Iterator[str]:
    if not known(row["value"]):
        yield words.text("{name}: it cannot be computed from what is printed.", name=full_name(row))
        return
    yield words.text(
        "{name}, {within}: {value}.",
        name=full_name(row),
        value=estimated(qualified(row, "value", words), row["status"], words),
        within=words.within(row["period"]),
    )


def _finding(row: Mapping[str, Any], words: Words) -> Iterator[str]:
    """What a reader may conclude from a finding, and what not."""
    values = {
        "name": full_name(row),
        "within": words.within(row["period"]),
        "stated": row["stated_text"],
        "recomputed": row["recomputed_text"],
        "reason": words.text(REASON.get(row["reason"], "")),
        "other": row["other_name"],
    }
    check, reason = row["check"], row["reason"]
    pattern = _FINDINGS.get((check, reason), _FINDINGS.get((check, row["verdict"]), _VERDICTS[row["verdict"]]))
    yield words.text(pattern, **values)
    if check == "attainment" and row["verdict"] in ("open", "disagrees") and known(row["implied_low"]):
        yield words.text(_IMPLIED[reason == "no_plan"], stated=row["stated_text"], target=implied_target(row, words))


def implied_target(row: Mapping[str, Any], words: Words, *, bare: bool = False) -> str:
    """The target that a stated attainment implies: its two ends, with as many digits as tell them apart."""
    low, high = row["implied_low"], row["implied_high"]
    if not known(high):
        end = {**row, "decimals": 0, "implied_low": math.ceil(low)}
        return words.text("{amount} or more", amount=plain_amount(end, "implied_low", words, bare=bare))
    width = high - low
    decimals = max(0, min(4, math.ceil(-math.log10(width)))) if width > 0 else 4
    scale = 10.0**decimals
    ends = (math.ceil(round(low * scale, 6)) / scale, math.floor(round(high * scale, 6)) / scale)
    first, last = (words.number(end, decimals) if bare else words.amount(end, row["unit"], decimals) for end in ends)
    return first if ends[0] >= ends[1] else words.text("{low} to {high}", low=first, high=last)


_IMPLIED: Final = {
    False: N_("{stated} would fit a target of {target}."),
    True: N_("{stated} would fit a plan of {target}."),
}
_VERDICTS: Final = {
    "agrees": N_("{name}, {within}: {stated} is printed and agrees with the other figures."),
    "rounding": N_("{name}, {within}: {stated} is printed, {recomputed} follows; the difference is one of rounding."),
    "disagrees": N_(
        "{name}, {within}: {stated} is printed, but {recomputed} follows from the other figures; one of them is wrong."
    ),
    "open": N_("{name}, {within}: {stated} cannot be checked: {reason}."),
    "implausible": N_("{name}, {within}: {stated} is printed, which cannot be right; it is used nowhere."),
}
_FINDINGS: Final = {
    ("rival", "aim_short_of_target"): N_(
        "{name}: the report aims for {stated} {within}, short of the target of {recomputed} that stands."
    ),
    ("rival", "outlook_short_of_target"): N_(
        "{name}: the report expects {stated} {within}, short of the target of {recomputed}."
    ),
    ("rival", "aim_below_reached"): N_(
        "{name}: the report aims for {stated} {within}, less than the {recomputed} that is reached already."
    ),
    ("related", "another_scope"): N_(
        "{name}, {within}: {stated} is printed, and {recomputed} for nearly the same: {other}. The scopes differ, so neither is called wrong."
    ),
    ("limit", "outside_limits"): N_("{name}, {within}: {stated} is printed, which is outside what is possible."),
    ("limit", "computed"): N_(
        "{name}, {within}: {stated} is printed, from which {recomputed} follows for: {other}. That cannot be right, so one of the figures is wrong."
    ),
    ("bound", "agrees"): N_("{name}, {within}: {stated} is printed and no larger than the whole."),
    ("bound", "disagrees"): N_("{name}, {within}: {recomputed} is larger than the whole that it is a part of."),
    ("repeat", "disagrees"): N_("{name}, {within}: {stated} is printed in one place and {recomputed} in another."),
    ("repeat", "agrees"): N_("{name}, {within}: {stated} is printed in several places that agree."),
}


def _ledger(rows: list[dict[str, Any]], words: Words) -> Iterator[str]:
    """How many statements were checked, and with what verdict."""
    count = {key: sum(row[key] for row in rows) for key in ("checked", "agrees", "wrong", "rounding", "open")}
    yield words.plural(
        "{count} statement of the report about its own figures was checked.",
        "{count} statements of the report about its own figures were checked.",
        count["checked"],
    )
    yield words.plural("{count} of them agrees.", "{count} of them agree.", count["agrees"])
    if count["wrong"]:
        yield words.plural(
            "{count} is wrong or contradicts another.", "{count} are wrong or contradict another.", count["wrong"]
        )
    else:
        yield words.text("None is wrong.")
    if count["rounding"]:
        yield words.plural("{count} differs by rounding.", "{count} differ by rounding.", count["rounding"])
    if count["open"]:
        yield words.plural("{count} cannot be decided.", "{count} cannot be decided.", count["open"])


_OVER_ROWS: Final[Mapping[str, Callable[[list[dict[str, Any]], Words], Iterator[str]]]] = {
    "case": _what_if,
    "checked": _ledger,
    "whole": _shares,
    "share": _parts,
}
_PATTERNS: Final[Mapping[str, Callable[[Mapping[str, Any], Words], Iterator[str]]]] = {
    "assessment": _progress,
    "earlier": _change,
    "target_count": _count,
    "measure": _printed,
    "value": _value,
}


def as_printed(data: Dataset, label: int, words: Words, *, bare: bool = False) -> str:
    """A figure with the digits, the unit and the bound that are printed; ``bare`` leaves out a unit that is a word.

    Parameters
    ----------
    data : Dataset
    label : int
        Index label in ``data.observations``.
    words : Words

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> data = load()
    >>> rate = data.observations.query("indicator == 'poor_household_rate'")
    >>> [as_printed(data, label, Words("en")) for label in rate.index]
    ['1.50%', '1.38%', 'below 1%']
    """
    row = data.records[label]
    own = "percent" if row["measure"] in STATED else data.indicators.loc[row["indicator"], "unit"]
    return observed({**row, "unit": row["unit"] or own}, words, bare=bare)


def observed(row: Mapping[str, Any], words: Words, *, bare: bool = False) -> str:
    """The figure of a row that is an observation, as it is printed; its unit is the printed one."""
    stands = {"printed_value": row["value"], "printed_unit": row["unit"], "printed_decimals": row["decimals"]}
    return printed_amount({**row, **stands}, words, bare=bare)


def full_name_of(data: Dataset, label: int, words: Words) -> str:
    """Name of the figure of an observation, with its category."""
    row = data.records[label]
    categories = data.names("categories", words.language)
    name = data.names("indicators", words.language)[row["indicator"]]
    return full_name({"name": name, "category_name": categories.get((row["breakdown"], row["category"]), "")})


def printed_amount(row: Mapping[str, Any], words: Words, *, bare: bool = False) -> str:
    """A figure of a row in its printed unit, with its printed digits and bound."""
    decimals = int(row["printed_decimals"])
    own = "one" if bare and not unit(row["printed_unit"]).symbol else row["printed_unit"]
    amount = words.amount(row["printed_value"], own, decimals)
    if known(row.get("value_max")):
        upper = words.amount(row["value_max"], own, decimals)
        return words.text("{low} to {high}", low=amount, high=upper)
    bounds = _BOUNDS if row.get("measure") in ("target", "plan", "aim") else _QUALIFIERS
    return words.text(bounds[row["qualifier"]], amount=amount) if row["qualifier"] in bounds else amount


def explained(findings: pd.DataFrame, data: Dataset, language: str) -> pd.DataFrame:
    """Put findings into words.

    Parameters
    ----------
    findings : DataFrame
        From ``audit.audit``.
    data : Dataset
    language : {'vi', 'en'}

    Returns
    -------
    DataFrame
        The findings with ``name``, ``category_name``, ``stated_text``, ``recomputed_text``,
        ``message``, what a reader may conclude, and ``review_text``, what a reviewer said of it.
    """
    words = Words(language)
    own_units = findings["indicator"].map(data.indicators["unit"])
    units = own_units.where(~findings["measure"].isin(STATED), "percent")
    units = units.where(findings["of"] == "", findings["of"].map(data.indicators["unit"]))
    own = [as_printed(data, row[0], words) for row in findings["evidence"]]
    follows, others = [], []
    names = data.names("indicators", language)
    for row, unit_code in zip(findings.to_dict("records"), units, strict=True):
        beside = row["evidence"][-1]
        if row["check"] in ("repeat", "rival", "related"):
            follows.append(as_printed(data, beside, words))
        elif known(row["recomputed"]):
            # One more digit than stated shows on which side of it the recomputed value lies.
            stated = data.printed(row["evidence"][0]).decimals
            most = max(stated, digits(round(row["recomputed"], stated + 1), stated + 1))
            follows.append(words.amount(row["recomputed"], unit_code, most))
        else:
            follows.append("")
        others.append(full_name_of(data, beside, words) if row["check"] == "related" else names.get(row["of"], ""))
    frame = labelled(
        findings.assign(unit=own_units, stated_text=own, recomputed_text=follows, other_name=others), data, language
    )
    rows = frame.to_dict("records")
    return frame.assign(
        message=pd.Series([" ".join(_finding(row, words)) for row in rows], frame.index, dtype="str"),
        review_text=pd.Series([_review(row, words) for row in rows], frame.index, dtype="str"),
    )


def _review(row: Mapping[str, Any], words: Words) -> str:
    """What a reviewer said of a finding; empty where nobody did."""
    if not row["review"]:
        return ""
    return words.text(
        "Reviewed on {date}: {review}. {reason}",
        date=words.date(row["date"]),
        review=words.text(REVIEW[row["review"]]),
        reason=row["review_reason"],
    )


REVIEW: Final = {
    "confirmed": N_("confirmed"),
    "explained": N_("explained"),
    "rejected": N_("rejected"),
}
