"""Recomputes what the report states about itself.

Each rule turns the data set into claims: what is stated, and the interval that follows from the
other printed figures. One function judges all of them; ``wording`` puts them into words.

Verdicts: ``agrees`` (the recomputed value rounds to what is stated), ``rounding`` (the intervals
overlap, or the recomputed value was cut off instead of rounded), ``disagrees``, ``open`` (it cannot
be decided from what is printed; ``reason`` says why) and ``implausible``. Only ``disagrees`` and
``implausible`` count as wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from typing import Final

import pandas as pd

from .dataset import KEY, Dataset
from .figures import formula_inputs
from .formulas import Input
from .periods import period
from .precision import Interval, exact, round_half_up, truncate
from .units import unit

__all__ = ["RULES", "VERDICTS", "WRONG", "Claim", "audit", "contradicted", "judge"]

VERDICTS: Final = ("disagrees", "implausible", "open", "rounding", "agrees")
WRONG: Final = ("disagrees", "implausible")
HUNDRED: Final = exact(Decimal(100))


@dataclass(frozen=True)
class Claim:
    """Something that the report states and that follows from its other figures, or does not.

    Attributes
    ----------
    check : str
        Name of the rule: ``attainment``, ``share``, ``formula``, ``sum``, ``bound``, ``repeat``,
        ``rival`` or ``limit``.
    stated_row : int
        Index label of the observation that makes the statement.
    evidence : tuple of int
        Labels of the observations that it is held against.
    point : Decimal or None
        What follows from the numbers as printed.
    follows : Interval or None
        What follows from the intervals that they stand for; None where it cannot be told.
    implied : Interval or None
        The target or plan that a stated attainment implies.
    verdict : str
        Given where a rule does not compare intervals; empty otherwise.
    reason : str
        Why a claim is open, or which way a rival goes.
    """

    check: str
    stated_row: int
    evidence: tuple[int, ...] = ()
    point: Decimal | None = None
    follows: Interval | None = None
    implied: Interval | None = None
    verdict: str = ""
    reason: str = ""


def audit(data: Dataset) -> pd.DataFrame:
    """Check everything that a data set states about its own figures.

    Parameters
    ----------
    data : Dataset

    Returns
    -------
    DataFrame
        One row a finding, in the order of rules and rows: ``finding`` (its identifier), ``check``,
        ``indicator``, ``measure``, ``area``, ``period``, ``breakdown``, ``category``, ``locators``
        (list), ``stated``, ``recomputed``, ``low``, ``high``, ``difference`` (stated less
        recomputed), ``verdict``, ``reason``, ``implied_low``, ``implied_high``, and ``evidence``,
        the index labels of all figures involved, the stated one first. Numbers are in the
        indicator's unit, attainments and shares in per cent.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> found = audit(load())
    >>> cut = found[(found["indicator"] == "revenue_in_area") & (found["stated"] == 60.8)].iloc[0]
    >>> cut["verdict"], round(float(cut["recomputed"]), 2)
    ('rounding', 60.87)
    """
    claims = [claim for rule in RULES for claim in rule(data)]
    return pd.DataFrame([_finding(data, claim) for claim in claims], columns=_COLUMNS)


def contradicted(findings: pd.DataFrame) -> set[int]:
    """Labels of figures that are printed otherwise in another place.

    Parameters
    ----------
    findings : DataFrame
        From ``audit``.

    Returns
    -------
    set of int
        Metrics that rest on one of them carry a mark.
    """
    wrong = findings[(findings["check"] == "repeat") & (findings["verdict"] == "disagrees")]
    return {int(label) for labels in wrong["evidence"] for label in labels}


def judge(
    stated: Interval | None, value: Decimal, decimals: int, follows: Interval | None, point: Decimal | None
) -> tuple[str, str]:
    """Compare a stated figure with what follows from the others.

    Parameters
    ----------
    stated : Interval or None
        What the stated figure stands for; None where it is vague.
    value, decimals : Decimal, int
        The stated figure as printed.
    follows, point : Interval or None, Decimal or None
        What follows, as an interval and as one number.

    Returns
    -------
    verdict, reason : str

    Examples
    --------
    Of 182.6 against 300, the report says 60.8% where 60.87% follows:

    >>> from .precision import rounded_to
    >>> follows = Interval(Decimal("60.85"), Decimal("60.8834"))
    >>> for said, decimals in (("61", 0), ("60.8", 1), ("60.7", 1), ("62", 0)):
    ...     number = Decimal(said)
    ...     print(said, judge(rounded_to(number, decimals), number, decimals, follows, Decimal("60.8667"))[0])
    61 agrees
    60.8 rounding
    60.7 disagrees
    62 disagrees
    """
    if follows is None or point is None or stated is None:
        return "open", "vague"
    one_sided = not follows.is_bounded or not stated.is_bounded
    if one_sided:
        return ("open", "one_sided") if stated.overlaps(follows) else ("disagrees", "")
    if round_half_up(point, decimals) == value:
        return "agrees", ""
    if stated.overlaps(follows) or truncate(point, decimals) == value:
        return "rounding", ""
    return "disagrees", ""


_COLUMNS: Final = [
    "finding",
    "check",
    "indicator",
    "measure",
    "area",
    "period",
    "breakdown",
    "category",
    "locators",
    "stated",
    "recomputed",
    "low",
    "high",
    "difference",
    "verdict",
    "reason",
    "implied_low",
    "implied_high",
    "evidence",
]


def _finding(data: Dataset, claim: Claim) -> dict[str, object]:
    row = data.observations.loc[claim.stated_row]
    printed = data.printed(claim.stated_row)
    value = printed.value * row["factor"]
    verdict, reason = claim.verdict, claim.reason
    if not verdict:
        # A figure in another unit than the indicator's is judged in its own digits.
        decimals = printed.decimals - row["factor"].adjusted()
        verdict, reason = judge(data.interval(claim.stated_row), value, decimals, claim.follows, claim.point)
        measured = data.observations.loc[claim.evidence[-1], "measure"] if claim.evidence else ""
        if verdict == "disagrees" and row["measure"] == "stated_plan_attainment" and measured == "target":
            verdict, reason = "open", "no_plan"
    labels = (claim.stated_row, *claim.evidence)
    locators = list(dict.fromkeys(data.observations.loc[list(labels), "locator"]))
    key = [row[column] for column in ("indicator", "measure", "area", "period", "category", "locator")]
    others = [str(data.observations.loc[claim.evidence[-1], "locator"])] if claim.check in ("repeat", "rival") else []
    recomputed = None if claim.point is None else float(claim.point)
    return {
        "finding": "|".join([claim.check, *key, *others]),
        "check": claim.check,
        **{column: row[column] for column in ("indicator", "measure", "area", "period", "breakdown", "category")},
        "locators": locators,
        "stated": float(value),
        "recomputed": recomputed,
        "low": _end(claim.follows, "low"),
        "high": _end(claim.follows, "high"),
        "difference": None if recomputed is None else float(value - (claim.point or 0)),
        "verdict": verdict,
        "reason": reason,
        "implied_low": _end(claim.implied, "low"),
        "implied_high": _end(claim.implied, "high"),
        "evidence": labels,
    }


def _end(interval: Interval | None, end: str) -> float | None:
    if interval is None:
        return None
    value: Decimal = getattr(interval, end)
    return float(value) if value.is_finite() else None


# --- the rules ---------------------------------------------------------------------------------------


def attainments(data: Dataset) -> Iterator[Claim]:
    """Stated attainments against value and target, or plan.

    100 x/T where higher is better or neither way is; 100 T/x where lower is better; for a target
    that is a range 100 inside it, else against the end that is missed.
    """
    rows = data.observations
    for label, row in rows[rows["measure"].isin(("stated_attainment", "stated_plan_attainment"))].iterrows():
        measures = ["target"] if row["measure"] == "stated_attainment" else ["plan", "target"]
        value = _one(_same_figure(rows, row, "actual"), row["locator"])
        goal = next(
            (found for measure in measures if (found := _goal(rows, row, measure)) is not None),
            None,
        )
        if value is None:
            yield Claim("attainment", int(label), verdict="open", reason="no_value")
            continue
        if rows.loc[value, "flag"] == "implausible":
            yield Claim("attainment", int(label), (value,), verdict="open", reason="implausible_value")
            continue
        lower = data.indicators.loc[row["indicator"], "direction"] == "lower"
        stated, values = data.interval(int(label)), data.interval(value)
        implied = None
        if stated is not None and values is not None and stated.low > 0 and values.low > 0:
            implied = (values * stated / HUNDRED) if lower else (values * HUNDRED / stated)
        if goal is None:
            reason = "no_target" if row["measure"] == "stated_attainment" else "no_plan"
            yield Claim("attainment", int(label), (value,), implied=implied, verdict="open", reason=reason)
            continue
        number = data.printed(value).value * rows.loc[value, "factor"]
        follows, point = _attainment(number, values, data.interval(goal), lower)
        yield Claim("attainment", int(label), (value, goal), point, follows, implied)


def _attainment(
    number: Decimal, values: Interval | None, goal: Interval | None, lower: bool
) -> tuple[Interval | None, Decimal | None]:
    if goal is None or values is None or number <= 0 or goal.low <= 0 or values.low <= 0:
        return None, None
    bound = goal.low
    if goal.low < goal.high:
        if goal.low <= number <= goal.high:
            return HUNDRED, HUNDRED.low
        lower = number > goal.high
        bound = goal.high if lower else goal.low
    if lower:
        return HUNDRED * exact(bound) / values, 100 * bound / number
    return HUNDRED * values / exact(bound), 100 * number / bound


def shares(data: Dataset) -> Iterator[Claim]:
    """Stated shares against the whole, and parts that are larger than their whole."""
    rows = data.observations
    for label, row in rows[rows["measure"] == "stated_share"].iterrows():
        part = _one(_same_figure(rows, row, "actual"), row["locator"])
        if row["category"]:
            wholes = _at(rows, row["indicator"], row, total=True)
        else:
            wholes = _at(rows, data.indicators.loc[row["indicator"], "share_of"], row)
        whole = _one(wholes, row["locator"])
        if part is None or whole is None:
            evidence = tuple(item for item in (part, whole) if item is not None)
            yield Claim(
                "share", int(label), evidence, verdict="open", reason="no_whole" if part is not None else "no_value"
            )
            continue
        one, other = data.interval(part), data.interval(whole)
        sizes = [_in_base_units(data, item) for item in (part, whole)]
        if one is None or other is None or other.low <= 0:
            yield Claim("share", int(label), (part, whole))
            continue
        scale = _scale(data, part) / _scale(data, whole)
        yield Claim("share", int(label), (part, whole), 100 * sizes[0] / sizes[1], HUNDRED * one.scaled(scale) / other)
    actual = rows[(rows["measure"] == "actual") & rows["preferred"]]
    wholes_of = data.indicators["share_of"]
    for label, row in actual[actual["indicator"].map(wholes_of) != ""].iterrows():
        whole = _one(_at(actual, wholes_of[row["indicator"]], row), row["locator"])
        if whole is not None:
            yield _bound(data, int(label), (int(label),), whole)


def formulas(data: Dataset) -> Iterator[Claim]:
    """Printed figures of an indicator with a formula against its inputs."""
    rows = data.observations
    place = ["area", "period", "breakdown", "category"]
    for code in data.indicators.index[data.indicators["formula"] != ""]:
        printed = rows[(rows["indicator"] == code) & (rows["measure"] == "actual")]
        if printed.empty:
            continue
        formula = data.formula(code)
        assert formula is not None
        pairs = printed.reset_index(names="label").merge(formula_inputs(data, code), on=place)
        for pair in pairs.to_dict("records"):
            labels = {item: int(pair[item]) for item in formula.inputs}
            claim = Claim("formula", int(pair["label"]), tuple(labels.values()))
            yield _recomputed(data, claim, labels, unit(data.indicators.loc[code, "unit"]).scale)


def _recomputed(data: Dataset, claim: Claim, labels: dict[Input, int], scale: Decimal) -> Claim:
    formula = data.formula(str(data.observations.loc[claim.stated_row, "indicator"]))
    assert formula is not None
    intervals = {item: data.interval(label) for item, label in labels.items()}
    try:
        point = formula.evaluate(lambda item: _in_base_units(data, labels[item]), Decimal) / scale
        if any(interval is None for interval in intervals.values()):
            return claim

        def interval_of(item: Input) -> Interval:
            interval = intervals[item]
            assert interval is not None
            return interval.scaled(_scale(data, labels[item]))

        follows = formula.evaluate(interval_of, exact).scaled(1 / scale)
    except ArithmeticError:  # a divisor that may be zero
        return claim
    return Claim(claim.check, claim.stated_row, claim.evidence, point, follows)


def sums(data: Dataset) -> Iterator[Claim]:
    """Totals against their parts, over categories and over years.

    Where the parts are not all there, or need not add up, they are only held to be no larger than
    the total.
    """
    rows = data.observations
    actual = rows[(rows["measure"] == "actual") & rows["preferred"]]
    additive = actual[actual["indicator"].map(data.indicators["nature"]) != "rate"]
    yield from _category_sums(data, additive)
    yield from _year_sums(data, additive[additive["indicator"].map(data.indicators["nature"]) == "flow"])


def _category_sums(data: Dataset, actual: pd.DataFrame) -> Iterator[Claim]:
    kinds = data.tables["breakdowns"].set_index("breakdown")["parts"]
    members = data.tables["categories"].groupby("breakdown")["category"].agg(set)
    parts = actual[actual["breakdown"] != ""]
    for _, group in parts.groupby(["indicator", "area", "period", "breakdown"], sort=False):
        first = group.iloc[0]
        total = _one(_at(actual, first["indicator"], first, total=True), first["locator"])
        if total is None:
            continue
        labels = tuple(map(int, group.index))
        kind = kinds[first["breakdown"]]
        if kind == "all" and set(group["category"]) >= members[first["breakdown"]]:
            yield _sum(data, total, labels)
        elif kind == "overlapping":
            yield from (_bound(data, label, (label,), total) for label in labels)
        else:
            yield _bound(data, labels[0], labels, total)


def _year_sums(data: Dataset, actual: pd.DataFrame) -> Iterator[Claim]:
    spans = {code: period(code) for code in actual["period"].unique()}
    whole = actual[actual["period"].map(lambda code: spans[code].kind == "span")]
    for label, row in whole.iterrows():
        total = spans[row["period"]]
        years = _figures(actual, row["indicator"], row["area"], row["breakdown"], row["category"])
        inside = years[
            years["period"].map(lambda code, total=total: spans[code].kind == "year" and total.contains(spans[code]))
        ]
        labels = tuple(map(int, inside.index))
        if not labels:
            continue
        if total.whole_years and len(labels) == total.years:
            yield _sum(data, int(label), labels)
        else:
            yield _bound(data, labels[0], labels, int(label))


def _sum(data: Dataset, total: int, parts: tuple[int, ...]) -> Claim:
    intervals = [data.interval(label) for label in parts]
    point = sum((data.printed(label).value * data.observations.loc[label, "factor"] for label in parts), Decimal(0))
    known = [interval for interval in intervals if interval is not None]
    follows = reduce(lambda a, b: a + b, known) if len(known) == len(parts) else None
    return Claim("sum", total, parts, point, follows)


def _bound(data: Dataset, stated: int, parts: tuple[int, ...], whole: int) -> Claim:
    """Parts together are no larger than their whole; it is wrong only where they must be."""
    intervals = [data.interval(label) for label in parts]
    total = data.interval(whole)
    if total is None or any(interval is None for interval in intervals):
        return Claim("bound", stated, (*parts[1:], whole), verdict="open", reason="vague")
    together = reduce(
        lambda a, b: a + b, [i.scaled(_scale(data, p)) for i, p in zip(intervals, parts, strict=True) if i]
    )
    limit = total.scaled(_scale(data, whole))
    larger = together.low > limit.high or (
        together.low == limit.high and not (together.low_closed and limit.high_closed)
    )
    point = sum((_in_base_units(data, label) for label in parts), Decimal(0)) / _scale(data, parts[0])
    verdict = "disagrees" if larger else "agrees"
    return Claim(
        "bound", stated, (*parts[1:], whole), point, together.scaled(1 / _scale(data, parts[0])), None, verdict
    )


def repeats(data: Dataset) -> Iterator[Claim]:
    """One figure that is printed in several places: the coarser one against the finer."""
    rows = data.observations[data.observations["flag"] != "implausible"]
    several = rows[rows.duplicated([*KEY, "measure"], keep=False)]
    for _, group in several.groupby([*KEY, "measure"], sort=False):
        finest = int(group[group["preferred"]].index[0])
        for label in group.index[group.index != finest]:
            point = data.printed(finest).value * rows.loc[finest, "factor"]
            # The same number with and without a word such as "over" is the same figure.
            same = data.printed(int(label)).value * rows.loc[label, "factor"] == point
            follows = data.interval(finest)
            yield Claim("repeat", int(label), (finest,), point, follows, verdict="agrees" if same else "")


def rival_targets(data: Dataset) -> Iterator[Claim]:
    """Aims and outlooks beside the target, and aims beside what is already reached."""
    rows = data.observations[data.observations["preferred"]]
    for label, row in rows[rows["measure"].isin(("aim", "outlook"))].iterrows():
        direction = data.indicators.loc[row["indicator"], "direction"]
        if not direction:
            continue
        sign = -1 if direction == "lower" else 1
        target = _one(_same_figure(rows, row, "target"), row["locator"])
        if target is not None and sign * (row["number"] - rows.loc[target, "number"]) < 0:
            point = data.printed(target).value * rows.loc[target, "factor"]
            verdict = "disagrees" if row["measure"] == "aim" else "open"
            yield Claim("rival", int(label), (target,), point, None, None, verdict, f"{row['measure']}_short_of_target")
        reached = _figures(rows, row["indicator"], row["area"], row["breakdown"], row["category"])
        end = period(row["period"]).end
        reached = reached[(reached["measure"] == "actual") & reached["period"].map(lambda c, e=end: period(c).end < e)]
        same_kind = reached[reached["period"].map(lambda c, k=row["period"]: period(c).kind == period(k).kind)]
        if row["measure"] == "aim" and len(same_kind):
            latest = int(same_kind.index[same_kind["period"].map(lambda code: period(code).end).argmax()])
            if sign * (row["number"] - rows.loc[latest, "number"]) < 0:
                point = data.printed(latest).value * rows.loc[latest, "factor"]
                yield Claim("rival", int(label), (latest,), point, None, None, "disagrees", "aim_below_reached")


def limits(data: Dataset) -> Iterator[Claim]:
    """Figures that are flagged as implausible, or outside what is possible at all."""
    rows = data.observations[~data.observations["measure"].str.startswith("stated_")]
    lowest, highest = (rows["indicator"].map(data.indicators[end]) for end in ("minimum", "maximum"))
    outside = (rows["number"] < lowest) | (
        rows["number"].where(rows["number_max"].isna(), rows["number_max"]) > highest
    )
    for label in rows.index[outside]:
        yield Claim("limit", int(label), verdict="implausible", reason="outside_limits")
    for label in rows.index[(rows["flag"] == "implausible") & ~outside]:
        yield Claim("limit", int(label), verdict="implausible", reason="flagged")


RULES: Final[Sequence[Callable[[Dataset], Iterator[Claim]]]] = (
    attainments,
    shares,
    formulas,
    sums,
    repeats,
    rival_targets,
    limits,
)


# --- finding figures -----------------------------------------------------------------------------------


def _figures(rows: pd.DataFrame, indicator: str, area: str, breakdown: str, category: str) -> pd.DataFrame:
    return rows[
        (rows["indicator"] == indicator)
        & (rows["area"] == area)
        & (rows["breakdown"] == breakdown)
        & (rows["category"] == category)
    ]


def _same_figure(rows: pd.DataFrame, row: pd.Series, measure: str) -> pd.DataFrame:
    found = _figures(rows, row["indicator"], row["area"], row["breakdown"], row["category"])
    return found[(found["measure"] == measure) & (found["period"] == row["period"])]


def _at(rows: pd.DataFrame, indicator: str, row: pd.Series, *, total: bool = False) -> pd.DataFrame:
    """Actual figures of an indicator where a row stands; with ``total``, of the whole."""
    breakdown, category = ("", "") if total else (row["breakdown"], row["category"])
    found = _figures(rows, indicator, row["area"], breakdown, category)
    return found[(found["measure"] == "actual") & (found["period"] == row["period"])]


def _goal(rows: pd.DataFrame, row: pd.Series, measure: str) -> int | None:
    """The target or plan that a stated attainment speaks of: the nearest period that ends no earlier."""
    found = _figures(rows, row["indicator"], row["area"], row["breakdown"], row["category"])
    found = found[found["measure"] == measure]
    ends = found["period"].map(lambda code: period(code).end)
    later = found[ends >= period(row["period"]).end]
    if later.empty:
        return None
    return _one(later[ends[later.index] == ends[later.index].min()], row["locator"])


def _one(found: pd.DataFrame, locator: str) -> int | None:
    """Of several printed values, the one at the same locator, else the one that metrics use."""
    if found.empty:
        return None
    here = found[found["locator"] == locator]
    chosen = here if len(here) else found
    best = chosen[chosen["preferred"]]
    return int((best if len(best) else chosen).index[0])


def _scale(data: Dataset, label: int) -> Decimal:
    return unit(data.indicators.loc[data.observations.loc[label, "indicator"], "unit"]).scale


def _in_base_units(data: Dataset, label: int) -> Decimal:
    value: Decimal = data.printed(label).value * data.observations.loc[label, "factor"] * _scale(data, label)
    return value
