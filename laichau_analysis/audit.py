"""Recomputes what the report states about itself.

Each rule turns the data set into claims: what is stated, and the interval that follows from the
other printed figures. One function judges all of them; ``wording`` puts them into words.

Verdicts: ``agrees`` (the recomputed value rounds to what is stated), ``rounding`` (the intervals
overlap, or the recomputed value was cut off instead of rounded), ``disagrees``, ``open`` (it cannot
be decided from what is printed; ``reason`` says why) and ``implausible``. Only ``disagrees`` and
``implausible`` count as wrong.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from typing import Any, Final

import pandas as pd

from .dataset import Dataset
from .figures import formula_inputs
from .formulas import Formula, Input
from .periods import period
from .precision import Interval, exact, round_half_up, truncate
from .schema import STATED
from .units import unit

__all__ = ["RULES", "VERDICTS", "WRONG", "Claim", "audit", "contradicted", "doubted", "judge"]

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
        ``related``, ``rival`` or ``limit``.
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
    of : str
        The indicator that ``point`` is a value of, where it is another one than the stated row's.
    """

    check: str
    stated_row: int
    evidence: tuple[int, ...] = ()
    point: Decimal | None = None
    follows: Interval | None = None
    implied: Interval | None = None
    verdict: str = ""
    reason: str = ""
    of: str = ""


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
        recomputed), ``verdict``, ``reason``, ``of`` (the indicator that the recomputed value is of,
        where it is another one), ``implied_low``, ``implied_high``, and ``evidence``, the index labels
        of all figures involved, the stated one first; ``review``, ``date`` and
        ``review_reason`` of ``reviews.csv``, empty where there is none: they hide nothing. Numbers are in the
        indicator's unit, attainments and shares in per cent.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> found = audit(load())
    >>> cut = found[(found["indicator"] == "revenue_in_area") & (found["stated"] == 60.8)].iloc[0]
    >>> cut["verdict"], round(float(cut["recomputed"]), 2)
    ('rounding', 60.87)
    """
    figures = Figures(data)
    claims = [claim for rule in RULES for claim in rule(figures)]
    found = pd.DataFrame([_finding(figures, claim) for claim in claims], columns=_COLUMNS)
    reviews = data.tables["reviews"].rename(columns={"verdict": "review", "reason": "review_reason"})
    return found.merge(reviews[["finding", "review", "date", "review_reason"]], on="finding", how="left").fillna(
        {"review": "", "date": "", "review_reason": ""}
    )


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


def doubted(frame: pd.DataFrame, findings: pd.DataFrame, column: str = "flag") -> pd.DataFrame:
    """Flag the rows that rest on a figure which is printed otherwise in another place.

    Parameters
    ----------
    frame : DataFrame
        With ``evidence``.
    findings : DataFrame
        From ``audit``.
    column : str
        The column of flags; one that is there already stays.

    Returns
    -------
    DataFrame
        With ``contradicted`` as a further flag.
    """
    doubtful = contradicted(findings)
    rests = pd.Series([bool(doubtful & set(labels)) for labels in frame["evidence"]], index=frame.index, dtype=bool)
    return frame.assign(**{column: frame[column].mask(rests & (frame[column].fillna("") == ""), "contradicted")})


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
    "of",
    "implied_low",
    "implied_high",
    "evidence",
]


def _finding(figures: Figures, claim: Claim) -> dict[str, object]:
    row = figures.rows[claim.stated_row]
    value = figures.number(claim.stated_row)
    verdict, reason = claim.verdict, claim.reason
    if not verdict:
        # A figure in another unit than the indicator's is judged in its own digits.
        decimals = figures.data.printed(claim.stated_row).decimals - row["factor"].adjusted()
        stated = figures.interval(claim.stated_row)
        verdict, reason = judge(stated, value, decimals, claim.follows, claim.point)
        measured = figures.rows[claim.evidence[-1]]["measure"] if claim.evidence else ""
        if verdict == "disagrees" and row["measure"] == "stated_plan_attainment" and measured == "target":
            verdict, reason = "open", "no_plan"
    labels = (claim.stated_row, *claim.evidence)
    key = [row[column] for column in ("indicator", "measure", "area", "period", "category", "locator")]
    # Several claims of one row are told apart by what it is held against.
    others = [figures.rows[claim.evidence[-1]]["locator"]] if claim.check in ("repeat", "rival", "related") else []
    if claim.check in ("sum", "bound"):
        last = figures.rows[claim.evidence[-1]]
        others = [last["indicator"], last["period"], last["breakdown"]]
    others += [claim.of] if claim.of else []
    recomputed = None if claim.point is None else float(claim.point)
    implied = figures.possible(claim.stated_row, claim.implied)
    return {
        "finding": "|".join([claim.check, *key, *others]),
        "check": claim.check,
        **{column: row[column] for column in ("indicator", "measure", "area", "period", "breakdown", "category")},
        "locators": list(dict.fromkeys(figures.rows[label]["locator"] for label in labels)),
        "stated": float(value),
        "recomputed": recomputed,
        "low": _end(claim.follows, "low"),
        "high": _end(claim.follows, "high"),
        "difference": None if recomputed is None else float(value - (claim.point or 0)),
        "verdict": verdict,
        "reason": reason,
        "of": claim.of,
        "implied_low": _end(implied, "low"),
        "implied_high": _end(implied, "high"),
        "evidence": labels,
    }


def _end(interval: Interval | None, end: str) -> float | None:
    if interval is None:
        return None
    value: Decimal = getattr(interval, end)
    return float(value) if value.is_finite() else None


# --- the rules ---------------------------------------------------------------------------------------


def attainments(figures: Figures) -> Iterator[Claim]:
    """Stated attainments against value and target, or plan.

    100 x/T where higher is better or neither way is; 100 T/x where lower is better; for a target
    that is a range 100 inside it, else against the end that is missed.
    """
    for label, row in figures.of("stated_attainment", "stated_plan_attainment"):
        measures = ["target"] if row["measure"] == "stated_attainment" else ["plan", "target"]
        value = figures.one(figures.at(row, "actual"), row["locator"])
        goal = next((found for measure in measures if (found := figures.goal(row, measure)) is not None), None)
        if value is None:
            yield Claim("attainment", label, verdict="open", reason="no_value")
            continue
        if figures.rows[value]["flag"] == "implausible":
            yield Claim("attainment", label, (value,), verdict="open", reason="implausible_value")
            continue
        lower = figures.catalogue[row["indicator"]]["direction"] == "lower"
        stated, values = figures.interval(label), figures.interval(value)
        implied = None
        if stated is not None and values is not None and stated.low > 0 and values.low > 0:
            implied = (values * stated / HUNDRED) if lower else (values * HUNDRED / stated)
        if goal is None:
            reason = "no_target" if row["measure"] == "stated_attainment" else "no_plan"
            yield Claim("attainment", label, (value,), implied=implied, verdict="open", reason=reason)
            continue
        follows, point = _attainment(figures.number(value), values, figures.interval(goal), lower)
        yield Claim("attainment", label, (value, goal), point, follows, implied)


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


def shares(figures: Figures) -> Iterator[Claim]:
    """Stated shares against the whole, and parts that are larger than their whole."""
    for label, row in figures.of("stated_share"):
        part = figures.one(figures.at(row, "actual"), row["locator"])
        if row["category"]:
            wholes = figures.at(row, "actual", total=True)
        else:
            whole_of = figures.catalogue[row["indicator"]]["share_of"]
            wholes = figures.at(row, "actual", indicator=whole_of) if whole_of else []
        whole = figures.one(wholes, row["locator"])
        if part is None or whole is None:
            evidence = tuple(item for item in (part, whole) if item is not None)
            reason = "no_whole" if part is not None else "no_value"
            yield Claim("share", label, evidence, verdict="open", reason=reason)
            continue
        one, other = figures.interval(part), figures.interval(whole)
        if one is None or other is None or other.low <= 0:
            yield Claim("share", label, (part, whole))
            continue
        point = 100 * figures.in_base_units(part) / figures.in_base_units(whole)
        follows = HUNDRED * one.scaled(figures.scale(part) / figures.scale(whole)) / other
        yield Claim("share", label, (part, whole), point, follows)
    for label, row in figures.of("actual"):
        whole_of = figures.catalogue[row["indicator"]]["share_of"]
        if not whole_of or not row["preferred"]:
            continue
        whole = figures.one(figures.used(figures.at(row, "actual", indicator=whole_of)), row["locator"])
        if whole is not None:
            yield _bound(figures, label, (label,), whole)


def formulas(figures: Figures) -> Iterator[Claim]:
    """Printed figures of an indicator with a formula against its inputs."""
    place = ["area", "period", "breakdown", "category"]
    data = figures.data
    actual = data.observations[data.observations["measure"] == "actual"]
    for code in data.indicators.index[data.indicators["formula"] != ""]:
        printed = actual[actual["indicator"] == code]
        if printed.empty:
            continue
        formula = data.formula(code)
        assert formula is not None
        pairs = printed.reset_index(names="label").merge(figures.inputs_of(code), on=place)
        for pair in pairs.to_dict("records"):
            labels = {item: int(pair[item]) for item in formula.inputs}
            claim = Claim("formula", int(pair["label"]), tuple(labels.values()))
            yield _recomputed(figures, claim, formula, labels)


def _recomputed(figures: Figures, claim: Claim, formula: Formula, labels: Mapping[Input, int]) -> Claim:
    scale = figures.scale(claim.stated_row)
    intervals = {item: figures.interval(label) for item, label in labels.items()}
    try:
        point = formula.evaluate(lambda item: figures.in_base_units(labels[item]), Decimal) / scale
        if any(interval is None for interval in intervals.values()):
            return claim

        def interval_of(item: Input) -> Interval:
            interval = intervals[item]
            assert interval is not None
            return interval.scaled(figures.scale(labels[item]))

        follows = formula.evaluate(interval_of, exact).scaled(1 / scale)
    except ArithmeticError:  # a divisor that may be zero
        return claim
    return Claim(claim.check, claim.stated_row, claim.evidence, point, follows)


def sums(figures: Figures) -> Iterator[Claim]:
    """Totals against their parts, over categories and over years.

    Where the parts are not all there, or need not add up, they are only held to be no larger than
    the total.
    """
    additive = [
        (label, row)
        for label, row in figures.of("actual")
        if row["preferred"] and figures.catalogue[row["indicator"]]["nature"] != "rate"
    ]
    yield from _category_sums(figures, additive)
    yield from _year_sums(figures, additive)


def _category_sums(figures: Figures, additive: Sequence[tuple[int, Row]]) -> Iterator[Claim]:
    kinds = figures.data.tables["breakdowns"].set_index("breakdown")["parts"]
    members = figures.data.tables["categories"].groupby("breakdown")["category"].agg(set)
    groups = defaultdict(list)
    for label, row in additive:
        if row["breakdown"]:
            groups[(row["indicator"], row["area"], row["period"], row["breakdown"])].append(label)
    for (_, _, _, breakdown), labels in groups.items():
        first = figures.rows[labels[0]]
        total = figures.one(figures.used(figures.at(first, "actual", total=True)), first["locator"])
        if total is None:
            continue
        if kinds[breakdown] == "all":
            complete = {figures.rows[label]["category"] for label in labels} >= members[breakdown]
            yield _sum(figures, total, tuple(labels)) if complete else _incomplete(figures, total, tuple(labels))
        elif kinds[breakdown] == "overlapping":
            yield from (_bound(figures, label, (label,), total) for label in labels)
        else:
            yield _bound(figures, labels[0], tuple(labels), total)


def _incomplete(figures: Figures, total: int, parts: tuple[int, ...]) -> Claim:
    """Parts that should be complete and are not: wrong where they are larger than the total, else open.

    Where those that are printed make up the total already, nothing is missing.
    """
    claim = _sum(figures, total, parts)
    if claim.point == figures.number(total):
        return claim
    bound = _bound(figures, total, parts, total)
    if bound.verdict == "disagrees":
        return replace(bound, stated_row=parts[0], evidence=(*parts[1:], total))
    return Claim("sum", total, parts, verdict="open", reason="parts_missing")


def _year_sums(figures: Figures, additive: Sequence[tuple[int, Row]]) -> Iterator[Claim]:
    for label, row in additive:
        total = period(row["period"])
        if total.kind != "span" or figures.catalogue[row["indicator"]]["nature"] != "flow":
            continue
        years = [
            year
            for year in figures.used(figures.same(row, "actual"))
            if (span := period(figures.rows[year]["period"])).kind == "year" and total.contains(span)
        ]
        if total.whole_years and years and len(years) == total.years:
            yield _sum(figures, label, tuple(years))
        elif years:
            yield _bound(figures, years[0], tuple(years), label)


def _sum(figures: Figures, total: int, parts: tuple[int, ...]) -> Claim:
    intervals = [figures.interval(label) for label in parts]
    point = sum((figures.number(label) for label in parts), Decimal(0))
    known = [interval for interval in intervals if interval is not None]
    follows = reduce(lambda a, b: a + b, known) if len(known) == len(parts) else None
    return Claim("sum", total, parts, point, follows)


def _bound(figures: Figures, stated: int, parts: tuple[int, ...], whole: int) -> Claim:
    """Parts together are no larger than their whole; it is wrong only where they must be."""
    intervals = [figures.interval(label) for label in parts]
    total = figures.interval(whole)
    if total is None or any(interval is None for interval in intervals):
        return Claim("bound", stated, (*parts[1:], whole), verdict="open", reason="vague")
    together = reduce(
        lambda a, b: a + b, [i.scaled(figures.scale(p)) for i, p in zip(intervals, parts, strict=True) if i]
    )
    limit = total.scaled(figures.scale(whole))
    larger = together.low > limit.high or (
        together.low == limit.high and not (together.low_closed and limit.high_closed)
    )
    scale = figures.scale(parts[0])
    point = sum((figures.in_base_units(label) for label in parts), Decimal(0)) / scale
    verdict = "disagrees" if larger else "agrees"
    return Claim("bound", stated, (*parts[1:], whole), point, together.scaled(1 / scale), None, verdict)


def repeats(figures: Figures) -> Iterator[Claim]:
    """One figure that is printed in several places: the coarser one against the finer."""
    for labels in figures.by_period.values():
        sound = [label for label in labels if figures.rows[label]["flag"] != "implausible"]
        finest = next((label for label in sound if figures.rows[label]["preferred"]), None)
        for label in sound:
            if finest is not None and label != finest:
                point = figures.number(finest)
                # The same number with and without a word such as "over" is the same figure.
                same = figures.number(label) == point
                yield Claim(
                    "repeat", label, (finest,), point, figures.interval(finest), verdict="agrees" if same else ""
                )


def other_scopes(figures: Figures) -> Iterator[Claim]:
    """A figure beside nearly the same one under another scope: shown, never accused."""
    told = set()
    for label, row in figures.of("actual"):
        code, other = row["indicator"], figures.catalogue[row["indicator"]]["related"]
        if not other or not row["preferred"]:
            continue
        beside = figures.one(figures.used(figures.at(row, "actual", indicator=other)), row["locator"])
        place = (frozenset((code, other)), row["area"], row["period"], row["breakdown"], row["category"])
        if beside is None or place in told:
            continue
        told.add(place)
        scale = figures.scale(beside) / figures.scale(label)
        follows = figures.interval(beside)
        yield Claim(
            "related",
            label,
            (beside,),
            figures.number(beside) * scale,
            None if follows is None else follows.scaled(scale),
            verdict="open",
            reason="another_scope",
        )


def rival_targets(figures: Figures) -> Iterator[Claim]:
    """Aims and outlooks beside the target, and aims beside what is already reached."""
    for label, row in figures.of("aim", "outlook"):
        direction = figures.catalogue[row["indicator"]]["direction"]
        if not direction or not row["preferred"]:
            continue
        sign = -1 if direction == "lower" else 1
        target = figures.one(figures.used(figures.at(row, "target")), row["locator"])
        if target is not None and sign * (row["number"] - figures.rows[target]["number"]) < 0:
            verdict = "disagrees" if row["measure"] == "aim" else "open"
            reason = f"{row['measure']}_short_of_target"
            yield Claim("rival", label, (target,), figures.number(target), verdict=verdict, reason=reason)
        own = period(row["period"])
        reached = [
            item
            for item in figures.used(figures.same(row, "actual"))
            if (span := period(figures.rows[item]["period"])).end < own.end and span.kind == own.kind
        ]
        if row["measure"] == "aim" and reached:
            latest = max(reached, key=lambda item: period(figures.rows[item]["period"]).end)
            if sign * (row["number"] - figures.rows[latest]["number"]) < 0:
                point = figures.number(latest)
                yield Claim("rival", label, (latest,), point, verdict="disagrees", reason="aim_below_reached")


def limits(figures: Figures) -> Iterator[Claim]:
    """Figures that are flagged as implausible, or outside what is possible at all."""
    for label, row in figures.rows.items():
        if row["measure"] in STATED:
            continue
        lowest, highest = (figures.catalogue[row["indicator"]][end] for end in ("minimum", "maximum"))
        upper = row["number"] if math.isnan(row["number_max"]) else row["number_max"]
        if row["number"] < lowest or upper > highest:
            yield Claim("limit", label, verdict="implausible", reason="outside_limits")
        elif row["flag"] == "implausible":
            yield Claim("limit", label, verdict="implausible", reason="flagged")
    yield from _computed_limits(figures)


def _computed_limits(figures: Figures) -> Iterator[Claim]:
    """What formulas give, such as tonnes of pork per head, outside what is possible at all."""
    data = figures.data
    for code in data.indicators.index[data.indicators["formula"] != ""]:
        lowest, highest = figures.limits_of(code)
        formula = data.formula(code)
        assert formula is not None
        if lowest is None and highest is None:
            continue
        for labels in figures.inputs_of(code)[list(formula.inputs)].itertuples(index=False):
            first, *others = map(int, labels)
            sizes = dict(zip(formula.inputs, map(figures.in_base_units, (first, *others)), strict=True))
            try:
                point = formula.evaluate(sizes.__getitem__, Decimal) / unit(figures.catalogue[code]["unit"]).scale
            except ArithmeticError:
                continue
            if (lowest is not None and point < lowest) or (highest is not None and point > highest):
                yield Claim("limit", first, tuple(others), point, verdict="implausible", reason="computed", of=code)


RULES: Final[Sequence[Callable[[Figures], Iterator[Claim]]]] = (
    attainments,
    shares,
    formulas,
    sums,
    repeats,
    other_scopes,
    rival_targets,
    limits,
)


# --- finding figures -----------------------------------------------------------------------------------

Row = Mapping[str, Any]


class Figures:
    """A data set's rows, looked up by what they say.

    Attributes
    ----------
    data : Dataset
    rows : mapping of int to mapping
        The observations by their index label.
    catalogue : mapping of str to mapping
        The indicators by their code.
    by_period : mapping of tuple to list of int
        Labels of the rows that say the same of the same figure.
    """

    def __init__(self, data: Dataset) -> None:
        self.data = data
        self.rows = data.records
        self.catalogue = data.catalogue
        self.by_period: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._inputs: dict[str, pd.DataFrame] = {}
        self._by_figure: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for label, row in self.rows.items():
            figure = (row["indicator"], row["area"], row["breakdown"], row["category"], row["measure"])
            self._by_figure[figure].append(label)
            self.by_period[(*figure, row["period"])].append(label)

    def inputs_of(self, code: str) -> pd.DataFrame:
        """Which figures an indicator's formula takes; see ``figures.formula_inputs``."""
        if code not in self._inputs:
            self._inputs[code] = formula_inputs(self.data, code)
        return self._inputs[code]

    def of(self, *measures: str) -> Iterator[tuple[int, Row]]:
        """Rows of some measures, in the order of the files."""
        return ((label, row) for label, row in self.rows.items() if row["measure"] in measures)

    def same(self, row: Row, measure: str) -> list[int]:
        """What is said of the same figure, for whatever period."""
        key = (row["indicator"], row["area"], row["breakdown"], row["category"], measure)
        return self._by_figure.get(key, [])

    def at(self, row: Row, measure: str, *, indicator: str = "", total: bool = False) -> list[int]:
        """What is said at the same place and period, of the same or another indicator, or of the total."""
        members = ("", "") if total else (row["breakdown"], row["category"])
        return self.by_period.get((indicator or row["indicator"], row["area"], *members, measure, row["period"]), [])

    def used(self, labels: Sequence[int]) -> list[int]:
        """Of some rows, those that metrics use."""
        return [label for label in labels if self.rows[label]["preferred"]]

    def goal(self, row: Row, measure: str) -> int | None:
        """The target or plan that a stated attainment speaks of: the nearest period that ends no earlier."""
        ends = {label: period(self.rows[label]["period"]).end for label in self.same(row, measure)}
        later = [end for end in ends.values() if end >= period(row["period"]).end]
        return self.one([label for label, end in ends.items() if later and end == min(later)], row["locator"])

    def one(self, labels: Sequence[int], locator: str) -> int | None:
        """Of several printed values, the one at the same locator, else the one that metrics use."""
        chosen = [label for label in labels if self.rows[label]["locator"] == locator] or labels
        best = self.used(chosen) or chosen
        return best[0] if best else None

    def interval(self, label: int) -> Interval | None:
        """What a figure stands for, in the indicator's unit."""
        return self.data.interval(label)

    def possible(self, label: int, interval: Interval | None) -> Interval | None:
        """An interval without what the indicator of a row cannot be."""
        if interval is None:
            return None
        return interval.clipped(*self.limits_of(self.rows[label]["indicator"]))

    def limits_of(self, code: str) -> tuple[Decimal | None, Decimal | None]:
        """The smallest and the largest value that is possible for an indicator at all."""
        lowest, highest = (self.catalogue[code][end] for end in ("minimum", "maximum"))
        return (
            None if math.isnan(lowest) else Decimal(str(lowest)),
            None if math.isnan(highest) else Decimal(str(highest)),
        )

    def number(self, label: int) -> Decimal:
        """A figure as printed, in the indicator's unit."""
        value: Decimal = self.data.printed(label).value * self.rows[label]["factor"]
        return value

    def scale(self, label: int) -> Decimal:
        """How many base units one of the indicator's unit is."""
        return unit(self.catalogue[self.rows[label]["indicator"]]["unit"]).scale

    def in_base_units(self, label: int) -> Decimal:
        """A figure as printed, in base units."""
        return self.number(label) * self.scale(label)
