"""Recomputes what the report states about itself.

Each rule pairs what is stated with the other printed figures that it must follow from, as columns of
claims, and says how it follows; one function judges all of them; ``wording`` puts them into words. The
arithmetic is exact, see ``exact``; what the verdicts mean is said by ``judge``.

Verdicts: ``agrees`` (the recomputed value rounds to what is stated), ``rounding`` (the intervals
overlap, or the recomputed value was cut off instead of rounded), ``disagrees``, ``open`` (it cannot
be decided from what is printed; ``reason`` says why) and ``implausible``. Only ``disagrees`` and
``implausible`` count as wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, partial
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .dataset import KEY, Dataset
from .exact import Intervals, Ratios, Truth, both, choose, chosen, either
from .formulas import Formula, Input, parse_formula
from .inputs import Inputs, Taken
from .keys import (
    Distinct,
    Keys,
    Lists,
    Lookup,
    Spans,
    best_of,
    distinct,
    threads_for,
    together,
    without_search_for_garbage,
)
from .precision import Interval, round_half_up, truncate
from .readings import HUNDRED, Readings
from .schema import MEASURES, STATED

__all__ = ["RULES", "VERDICTS", "WRONG", "audit", "contradicted", "doubted", "judge"]

VERDICTS: Final = ("disagrees", "implausible", "open", "rounding", "agrees")
WRONG: Final = ("disagrees", "implausible")
CODES: Final = tuple(MEASURES)
"""Measures by their number."""

At = npt.NDArray[np.intp]
"""Positions in ``data.observations``; -1 is none."""
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]
Follow = Callable[["Figures", Readings, "Claims"], "Follows"]


@dataclass(frozen=True, eq=False)
class Claims:
    """What the report states and what it is held against, an element of each column for a claim.

    Attributes
    ----------
    check : str
        Name of the rule: ``attainment``, ``share``, ``formula``, ``sum``, ``bound``, ``repeat``,
        ``related``, ``rival`` or ``limit``.
    stated : array of int
        Positions of the observations that make the statements.
    evidence : Lists
        Positions of the observations that they are held against.
    follows : callable or None
        Says what follows from the evidence.
    verdict, reason : array of str
        Given where a rule does not compare intervals: why a claim is open, which way a rival goes.
    doubt : array of str
        Why it would be open, and not wrong, if it disagreed.
    of : array of str
        The indicator whose formula is used, where it is not the stated row's.
    order : array of int
        In which order the claims of a rule are told.
    """

    check: str
    stated: At
    evidence: Lists
    follows: Follow | None
    verdict: Texts
    reason: Texts
    doubt: Texts
    of: Texts
    order: At

    @classmethod
    def made(
        cls,
        check: str,
        stated: At,
        evidence: Lists,
        follows: Follow | None = None,
        order: At | None = None,
        **texts: Any,
    ) -> Claims:
        """Claims in the order of their rows, or another one; texts for all of them or one for each."""
        columns = {
            name: np.broadcast_to(np.asarray(texts.get(name, ""), dtype=object), len(stated))
            for name in ("verdict", "reason", "doubt", "of")
        }
        return cls(check, stated, evidence, follows, order=stated if order is None else order, **columns)

    def __len__(self) -> int:
        return len(self.stated)

    def __getitem__(self, at: Any) -> Claims:
        names = ("stated", "evidence", "verdict", "reason", "doubt", "of", "order")
        return replace(self, **{name: getattr(self, name)[at] for name in names})

    @property
    def involved(self) -> Lists:
        """All figures of each claim, the stated one first."""
        flat = np.insert(self.evidence.flat, self.evidence.starts, self.stated)
        return Lists(flat, self.evidence.sizes + 1)


@dataclass(frozen=True, eq=False)
class Follows:
    """What follows from the other figures, an element for each claim.

    Attributes
    ----------
    point : Ratios or None
        From the numbers as printed.
    interval : Intervals or None
        From the intervals that they stand for; not known where it cannot be told.
    implied : Intervals or None
        The target or plan that a stated attainment implies.
    verdict : array of str
        Where it shows at once; empty where what is stated must be compared with the interval.
    """

    point: Ratios | None = None
    interval: Intervals | None = None
    implied: Intervals | None = None
    verdict: Texts | str = ""


@without_search_for_garbage()
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
    none = Claims.made("", np.zeros(0, dtype=np.intp), Lists.empty(0))
    with ThreadPoolExecutor(threads_for(figures.count)) as pool:
        made = pool.map(lambda rule: [claims for claims in rule(figures) if len(claims)], RULES)
        found = [(0, none), *((i, claims) for i, of_rule in enumerate(made) for claims in of_rule)]
        rules = np.concatenate([np.full(len(claims), number) for number, claims in found])
        order = np.lexsort((np.concatenate([claims.order for _, claims in found]), rules))
        named = pool.submit(_named, figures, [claims for _, claims in found], order)
        settled = list(pool.map(lambda one: _settled(figures, one[1]), found))
    columns = {name: np.concatenate([own[name] for own in settled])[order] for name in settled[0]}
    findings = named.result()
    columns = {name: values if values.dtype == float else pd.array(values, "str") for name, values in columns.items()}
    return _reviewed(findings.assign(**columns)[_COLUMNS], data.tables["reviews"])


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


def _judged(stated: Intervals, value: Ratios, decimals: npt.NDArray[np.int64], follows: Follows) -> dict[str, Any]:
    """The same as ``judge`` for columns of figures, and where the verdict is certain."""
    interval, point = follows.interval, follows.point
    assert interval is not None
    assert point is not None
    known = stated.known & interval.known & point.known
    bounded = stated.bounded & interval.bounded
    overlap = stated.overlap(interval)
    rounds, cuts = point.rounded(decimals).equal(value), point.cut(decimals).equal(value)
    cases = [~known, ~bounded & (overlap == 1), ~bounded, rounds == 1, (overlap == 1) | (cuts == 1)]
    return {
        "verdict": np.select(cases, ["open", "open", "disagrees", "agrees", "rounding"], "disagrees"),
        "reason": np.select(cases[:2], ["vague", "one_sided"], ""),
        "certain": known & ~np.isnan(overlap) & (~bounded | ~np.isnan(rounds + cuts)),
    }


def _settled(figures: Figures, claims: Claims) -> dict[str, npt.NDArray[Any]]:
    """Verdicts and numbers of claims: in float64, then without limit what that does not hold exactly."""
    with np.errstate(all="ignore"):
        columns = _told(figures, figures.readings, claims)
        uncertain = ~columns.pop("certain")
        if uncertain.any():
            again = _told(figures, figures.readings.without_limit(), claims[uncertain])
            for name, values in columns.items():
                values[uncertain] = again[name]
    return columns


def _told(figures: Figures, readings: Readings, claims: Claims) -> dict[str, npt.NDArray[Any]]:
    """Verdicts and numbers of claims, and where they are certain."""
    numbers = ("recomputed", "low", "high", "difference", "implied_low", "implied_high")
    columns: dict[str, npt.NDArray[Any]] = {name: np.full(len(claims), np.nan) for name in numbers}
    verdict, reason, certain = claims.verdict, claims.reason, np.ones(len(claims), dtype=bool)
    if claims.follows is not None and len(claims):
        follows = claims.follows(figures, readings, claims)
        value = readings.number(claims.stated)
        if follows.point is not None:
            difference = value - follows.point
            columns |= {"recomputed": follows.point.floats(), "difference": difference.floats()}
            certain &= follows.point.known & difference.known
        for name, interval in (("", follows.interval), ("implied_", follows.implied)):
            if interval is not None:
                for end, ends in (("low", interval.low), ("high", interval.high)):
                    columns[name + end] = np.where(ends.finite, ends.floats(), np.nan)
                certain &= interval.known
        verdict = np.where(verdict == "", follows.verdict, verdict)
        to_judge = verdict == ""
        if to_judge.any():
            judged = _judged(readings.interval(claims.stated), value, readings.decimals(claims.stated), follows)
            certain &= judged["certain"] | ~to_judge
            doubted = to_judge & (judged["verdict"] == "disagrees") & (claims.doubt != "")
            verdict = np.select([doubted, to_judge], ["open", judged["verdict"]], verdict)
            reason = np.select([doubted, to_judge], [claims.doubt, judged["reason"]], reason)
    return columns | {"verdict": verdict.astype(object), "reason": reason.astype(object), "certain": certain}


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


def _named(figures: Figures, found: Sequence[Claims], order: At) -> pd.DataFrame:
    """What claims are about, in an order: their identifiers, keys, places, and the figures that are involved."""
    rows = figures.data.observations
    involved = Lists.joined([claims.involved for claims in found])[order]
    checks = list(dict.fromkeys(claims.check for claims in found))
    sizes = [len(claims) for claims in found]
    check = Distinct(np.repeat([checks.index(claims.check) for claims in found], sizes)[order], checks)
    of = distinct(np.concatenate([claims.of for claims in found])[order])
    own, last = figures.texts(involved.column(0)), figures.texts(involved.column(-1))
    beside = together(check, *(last[column] for column in ("locator", "indicator", "period", "breakdown")), of)
    head = together(check, own["indicator"], own["measure"])
    tail = together(own["period"], own["category"], own["locator"], beside.merged(lambda words: _ending(*words)))
    endings = tail.texts(lambda words: "|" + "|".join(words[:3]) + words[3])
    names = head.texts(lambda words: "|".join(words) + "|") + own["area"].texts() + endings
    return pd.DataFrame(
        {
            "finding": names,
            "check": check.texts(),
            **{column: own[column].texts() for column in (*KEY, "measure")},
            "locators": involved.once(figures.locator.codes).gathered(figures.locator.map(str), list),
            "stated": rows["number"].to_numpy()[involved.column(0)],
            "of": of.texts(),
            "evidence": involved.gathered(rows.index.to_numpy()),
        }
    )


def _ending(check: str, locator: str, indicator: str, period: str, breakdown: str, of: str) -> str:
    """What tells several claims of one row apart: what it is held against."""
    if check in ("sum", "bound"):
        return f"|{indicator}|{period}|{breakdown}"
    if check in ("repeat", "rival", "related"):
        return f"|{locator}"
    return f"|{of}" if of else ""


def _reviewed(findings: pd.DataFrame, reviews: pd.DataFrame) -> pd.DataFrame:
    """Findings with what reviewers said of them."""
    found = np.full(len(findings), -1)
    if len(reviews):
        found = pd.Index(reviews["finding"]).get_indexer(findings["finding"])
    columns = {"review": "verdict", "date": "date", "review_reason": "reason"}
    texts = {column: pd.array([*reviews[name], ""], dtype="str").take(found) for column, name in columns.items()}
    return findings.assign(**texts)


# --- the rules ---------------------------------------------------------------------------------------


def attainments(figures: Figures) -> Iterator[Claims]:
    """Stated attainments against value and target, or plan.

    100 x/T where higher is better or neither way is; 100 T/x where lower is better; for a target
    that is a range 100 inside it, else against the end that is missed.
    """
    stated = figures.of("stated_attainment", "stated_plan_attainment")
    of_plan = figures.measure(stated, "stated_plan_attainment")
    value = figures.best(stated, "actual")
    plan = np.where(of_plan, figures.goal(stated, "plan"), -1)
    goal = np.where(plan < 0, figures.goal(stated, "target"), plan)
    missing = value < 0
    doubtful = ~missing & figures.implausible[value]
    lonely, whole = (~missing & ~doubtful & found for found in (goal < 0, goal >= 0))
    no_goal = np.where(of_plan, "no_plan", "no_target")
    made = partial(Claims.made, "attainment")
    yield made(stated[missing], Lists.empty(missing.sum()), verdict="open", reason="no_value")
    yield made(stated[doubtful], Lists.of(value[doubtful]), verdict="open", reason="implausible_value")
    yield made(stated[lonely], Lists.of(value[lonely]), _implied, verdict="open", reason=no_goal[lonely])
    # Without a plan the target may confirm, but it never refutes.
    doubt = np.where(of_plan & (plan < 0), "no_plan", "")
    yield made(stated[whole], Lists.of(value, goal)[whole], _attained, doubt=doubt[whole])


def _implied(figures: Figures, readings: Readings, claims: Claims) -> Follows:
    """The target or plan that a stated attainment implies."""
    values, lower = claims.evidence.column(0), figures.lower_is_better(claims.stated)
    return Follows(implied=readings.implied(claims.stated, values, lower))


def _attained(figures: Figures, readings: Readings, claims: Claims) -> Follows:
    value, goal = claims.evidence.column(0), claims.evidence.column(1)
    number, values, goals = readings.number(value), readings.interval(value), readings.interval(goal)
    is_range = figures.is_range[goal].astype(float)
    inside = both(is_range, both(goals.low.at_most(number), number.at_most(goals.high)))
    above = both(is_range, goals.high.less(number))
    lower = np.where(is_range == 1, above, figures.lower_is_better(claims.stated))
    bound, hundred = choose(above, goals.high, goals.low), readings.constant(HUNDRED)
    point = choose(lower, bound * hundred / number, number * hundred / bound)
    exact = Intervals.exact(bound)
    follows = chosen(lower, exact.scaled(hundred) / values, values.scaled(hundred) / exact)
    usable = (number.num > 0) & (goals.low.num > 0) & (values.low.num > 0)
    return Follows(
        choose(inside, hundred, point).unless(~usable),
        chosen(inside, Intervals.exact(hundred), follows).unless(~usable),
        _implied(figures, readings, claims).implied,
    )


def shares(figures: Figures) -> Iterator[Claims]:
    """Stated shares against the whole, and parts that are larger than their whole."""
    stated = figures.of("stated_share")
    part, total = figures.best(stated, "actual"), figures.best(stated, "actual", total=True)
    whole = figures.best(stated, "actual", indicator=figures.tied("share_of", stated))
    whole = np.where(figures.is_total[stated], whole, total)
    known, pairs = (part >= 0) & (whole >= 0), Lists.of(part, whole)
    reason = np.where(part < 0, "no_value", "no_whole")
    yield Claims.made("share", stated[~known], pairs[~known].known(), verdict="open", reason=reason[~known])
    yield Claims.made("share", stated[known], pairs[known], _shared)
    own = figures.used(figures.of("actual"))
    whole = figures.best(own, "actual", indicator=figures.tied("share_of", own), used=True)
    own, whole = own[whole >= 0], whole[whole >= 0]
    yield Claims.made("bound", own, Lists.of(whole), _no_larger, order=own + figures.count)


def _shared(figures: Figures, readings: Readings, claims: Claims) -> Follows:
    part, whole = claims.evidence.column(0), claims.evidence.column(1)
    times = (readings.scale(part) * readings.constant(HUNDRED) / readings.scale(whole)).reduced()
    wholes = readings.interval(whole)
    follows = (readings.interval(part).scaled(times) / wholes).unless(~(wholes.low.num > 0))
    point = readings.number(part) * times / readings.number(whole)
    return Follows(point.unless(~follows.known), follows)


def formulas(figures: Figures) -> Iterator[Claims]:
    """Printed figures of an indicator with a formula against its inputs."""
    actual = figures.of("actual")
    printed = Lookup(figures.keys.indicator[actual], actual)
    for number, formula in figures.formulas.items():
        taken = figures.taken(number)
        _, own = printed.pairs(np.array([number]))
        at, which = Lookup(taken.places, np.arange(len(taken.places))).pairs(figures.keys.place(own))
        evidence = Lists.of(*(rows[which] for rows in taken.rows))
        order = number * figures.count + own[at]
        yield Claims.made("formula", own[at], evidence, partial(_recomputed, formula), order)


def _recomputed(formula: Formula, figures: Figures, readings: Readings, claims: Claims) -> Follows:
    inputs = {item: claims.evidence.column(place) for place, item in enumerate(formula.inputs)}
    intervals = {item: readings.interval(at).scaled(readings.scale(at)) for item, at in inputs.items()}
    scale = readings.scale(claims.stated)
    point = _evaluated(formula, readings, inputs) / scale
    follows = formula.evaluate(intervals.__getitem__, lambda number: Intervals.exact(readings.constant(number)))
    follows = follows / Intervals.exact(scale)
    known = np.logical_and.reduce([point.known, follows.known, *(item.known for item in intervals.values())])
    return Follows(point.unless(~known), follows.unless(~known))


def _evaluated(formula: Formula, readings: Readings, inputs: Mapping[Input, At]) -> Ratios:
    """What a formula gives from the numbers as printed, in base units."""
    sizes = {item: readings.number(at) * readings.scale(at) for item, at in inputs.items()}
    result: Ratios = formula.evaluate(sizes.__getitem__, readings.constant)
    return result


def sums(figures: Figures) -> Iterator[Claims]:
    """Totals against their parts, over categories and over years.

    Where the parts are not all there, or need not add up, they are only held to be no larger than
    the total.
    """
    additive = figures.used(figures.of("actual"))
    additive = additive[~figures.are("nature", "rate", additive)]
    yield from _category_sums(figures, additive[~figures.is_total[additive]])
    yield from _year_sums(figures, additive[figures.are("nature", "flow", additive)])


def _category_sums(figures: Figures, additive: At) -> Iterator[Claims]:
    parts = figures.by_breakdown(additive)
    total = figures.best(parts.column(0), "actual", total=True, used=True)
    parts, total = parts[total >= 0], total[total >= 0]
    first = parts.column(0)
    kind, complete = figures.parts_of_breakdown(first), parts.sizes == figures.members_of_breakdown(first)
    order = first * figures.count
    # Parts that make up the total already leave nothing missing; those that are larger are wrong all the same.
    whole = complete | figures.decide(_adds_up, Claims.made("sum", total, parts))
    larger = figures.decide(_is_larger, Claims.made("bound", first, parts.without_first().with_last(total)))
    adds_up = (kind == "all") & whole
    yield Claims.made("sum", total[adds_up], parts[adds_up], _sum, order[adds_up])
    lacking = (kind == "all") & ~whole & ~larger
    texts = {"verdict": "open", "reason": "parts_missing"}
    yield Claims.made("sum", total[lacking], parts[lacking], None, order[lacking], **texts)
    together = (kind == "some") | ((kind == "all") & ~whole & larger)
    evidence = parts[together].without_first().with_last(total[together])
    yield Claims.made("bound", first[together], evidence, _no_larger, order[together])
    each = parts[kind == "overlapping"]
    totals, orders = (np.repeat(numbers[kind == "overlapping"], each.sizes) for numbers in (total, order))
    yield Claims.made("bound", each.flat, Lists.of(totals), _no_larger, orders + each.flat)


def _year_sums(figures: Figures, flows: At) -> Iterator[Claims]:
    flows = flows[figures.span(flows).kind == "span"]
    at, years = figures.same(flows, "actual", used=True)
    whole, part = figures.span(flows[at]), figures.span(years)
    within = (part.kind == "year") & whole.contains(part)
    parts = Lists(years[within], np.bincount(at[within], minlength=len(flows)))
    flows, parts = flows[parts.sizes > 0], parts[parts.sizes > 0]
    span, order = figures.span(flows), figures.count**2 + flows
    complete = span.whole_years & (parts.sizes == span.years)
    yield Claims.made("sum", flows[complete], parts[complete], _sum, order[complete])
    some = parts[~complete]
    evidence = some.without_first().with_last(flows[~complete])
    yield Claims.made("bound", some.column(0), evidence, _no_larger, order[~complete])


def _sum(figures: Figures, readings: Readings, claims: Claims) -> Follows:
    parts, starts = claims.evidence.flat, claims.evidence.starts
    return Follows(readings.number(parts).totals(starts), readings.interval(parts).totals(starts))


def _adds_up(figures: Figures, readings: Readings, claims: Claims) -> Truth:
    """Whether the numbers of the parts are those of their totals."""
    total = readings.number(claims.evidence.flat).totals(claims.evidence.starts)
    return total.equal(readings.number(claims.stated))


def _together(readings: Readings, claims: Claims) -> tuple[Ratios, Intervals, Intervals]:
    """Parts, stated and further ones, as numbers and as intervals, and what they are parts of; in one unit."""
    parts, whole = claims.involved.without_last(), claims.evidence.column(-1)
    unit_of_parts = readings.scale(claims.stated)
    times = (readings.scale(parts.flat) / unit_of_parts[np.repeat(np.arange(len(claims)), parts.sizes)]).reduced()
    numbers = (readings.number(parts.flat) * times).totals(parts.starts)
    intervals = readings.interval(parts.flat).scaled(times).totals(parts.starts)
    limits = readings.interval(whole).scaled((readings.scale(whole) / unit_of_parts).reduced())
    return numbers, intervals, limits


def _no_larger(figures: Figures, readings: Readings, claims: Claims) -> Follows:
    """Parts together are no larger than their whole; it is wrong only where they must be."""
    numbers, intervals, limits = _together(readings, claims)
    larger = intervals.above(limits)
    known = intervals.known & limits.known & ~np.isnan(larger)
    verdict = np.select([~known, larger == 1], ["", "disagrees"], "agrees")
    return Follows(numbers.unless(~known), intervals.unless(~known), verdict=verdict)


def _is_larger(figures: Figures, readings: Readings, claims: Claims) -> Truth:
    """Whether parts must be larger than their whole."""
    _, intervals, limits = _together(readings, claims)
    return intervals.above(limits)


def repeats(figures: Figures) -> Iterator[Claims]:
    """One figure that is printed in several places: the coarser one against the finer."""
    for measure in MEASURES:
        rows = figures.of(measure)
        others = rows[~figures.preferred[rows] & ~figures.implausible[rows]]
        finest = figures.best(others, measure, used=True)
        others, finest = others[finest >= 0], finest[finest >= 0]
        order = figures.first(others, measure) * figures.count + others
        yield Claims.made("repeat", others, Lists.of(finest), _repeated, order)


def _repeated(figures: Figures, readings: Readings, claims: Claims) -> Follows:
    finest = claims.evidence.column(0)
    point = readings.number(finest)
    # The same number with and without a word such as "over" is the same figure.
    same = readings.number(claims.stated).equal(point)
    verdict = np.where(same == 1, "agrees", "")
    return Follows(point.unless(np.isnan(same)), readings.interval(finest), verdict=verdict)


def other_scopes(figures: Figures) -> Iterator[Claims]:
    """A figure beside nearly the same one under another scope: shown, never accused."""
    own = figures.used(figures.of("actual"))
    tied = figures.tied("related", own)
    beside = figures.best(own, "actual", indicator=tied, used=True)
    own, tied, beside = own[beside >= 0], tied[beside >= 0], beside[beside >= 0]
    # Two indicators that name each other are told of once at each place.
    pair = np.sort([figures.keys.indicator[own], tied], axis=0)
    once = ~pd.DataFrame({"place": figures.keys.place(own), "one": pair[0], "other": pair[1]}).duplicated().to_numpy()
    made = partial(Claims.made, verdict="open", reason="another_scope")
    yield made("related", own[once], Lists.of(beside[once]), _in_own_unit)


def _in_own_unit(figures: Figures, readings: Readings, claims: Claims) -> Follows:
    beside = claims.evidence.column(0)
    times = (readings.scale(beside) / readings.scale(claims.stated)).reduced()
    return Follows(readings.number(beside) * times, readings.interval(beside).scaled(times))


def rival_targets(figures: Figures) -> Iterator[Claims]:
    """Aims and outlooks beside the target, and aims beside what is already reached."""
    own = figures.used(figures.of("aim", "outlook"))
    own = own[~figures.are("direction", "", own)]
    is_aim = figures.measure(own, "aim")
    target = figures.best(own, "target", used=True)
    short = (target >= 0) & figures.is_worse(own, target)
    yield Claims.made(
        "rival",
        own[short],
        Lists.of(target[short]),
        _as_printed,
        2 * own[short],
        verdict=np.where(is_aim, "disagrees", "open")[short],
        reason=np.where(is_aim, "aim_short_of_target", "outlook_short_of_target")[short],
    )
    aims = own[is_aim]
    at, reached = figures.same(aims, "actual", used=True)
    before, after = figures.span(reached), figures.span(aims[at])
    earlier = (before.end < after.end) & (before.kind == after.kind)
    at, reached = at[earlier], reached[earlier]
    last = best_of(at, -figures.span(reached).end)
    aims, reached = aims[at[last]], reached[last]
    below = figures.is_worse(aims, reached)
    texts = {"verdict": "disagrees", "reason": "aim_below_reached"}
    yield Claims.made("rival", aims[below], Lists.of(reached[below]), _as_printed, 2 * aims[below] + 1, **texts)


def _as_printed(figures: Figures, readings: Readings, claims: Claims) -> Follows:
    return Follows(readings.number(claims.evidence.column(0)))


def limits(figures: Figures) -> Iterator[Claims]:
    """Figures that are flagged as implausible, or outside what is possible at all."""
    own = figures.of(*(measure for measure in MEASURES if measure not in STATED))
    rows = figures.data.observations
    low, high = (rows[column].to_numpy()[own] for column in ("number", "number_max"))
    lowest, highest = (figures.catalogue(column, own) for column in ("minimum", "maximum"))
    outside = (low < lowest) | (np.where(np.isnan(high), low, high) > highest)
    own, outside = own[outside | figures.implausible[own]], outside[outside | figures.implausible[own]]
    reason = np.where(outside, "outside_limits", "flagged")
    yield Claims.made("limit", own, Lists.empty(len(own)), verdict="implausible", reason=reason)
    yield from _computed_limits(figures)


def _computed_limits(figures: Figures) -> Iterator[Claims]:
    """What formulas give, such as tonnes of pork per head, outside what is possible at all."""
    limited = figures.data.indicators[["minimum", "maximum"]].notna().any(axis=1)
    for number, formula in figures.formulas.items():
        if limited.iloc[number]:
            taken = figures.taken(number)
            first, *others = taken.rows
            evidence = Lists.of(*others) if others else Lists.empty(len(first))
            order = figures.count * (number + 1) + np.arange(len(first))
            texts = {"verdict": "implausible", "reason": "computed", "of": limited.index[number]}
            claims = Claims.made("limit", first, evidence, partial(_computed, formula, number), order, **texts)
            yield claims[figures.decide(partial(_is_impossible, formula, number), claims)]


def _computed(formula: Formula, number: int, figures: Figures, readings: Readings, claims: Claims) -> Follows:
    inputs = {item: claims.involved.column(place) for place, item in enumerate(formula.inputs)}
    return Follows(_evaluated(formula, readings, inputs) / readings.scale_of(np.array([number])))


def _is_impossible(formula: Formula, number: int, figures: Figures, readings: Readings, claims: Claims) -> Truth:
    point = _computed(formula, number, figures, readings, claims).point
    assert point is not None
    lowest, highest = readings.limits_of(np.array([number]))
    return either(point.less(lowest), highest.less(point))


RULES: Final[Sequence[Callable[[Figures], Iterator[Claims]]]] = (
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


class Figures:
    """A data set's rows, looked up by what they say.

    Attributes
    ----------
    data : Dataset
    count : int
        How many rows there are.
    keys : Keys
    readings : Readings
    formulas : mapping of int to Formula
        By the indicator's number.
    preferred, implausible, is_range, is_total : array of bool
        By row: whether metrics use it, whether it is flagged, whether it has an upper end, whether it is of no
        category.
    locator : Distinct
    """

    def __init__(self, data: Dataset) -> None:
        rows = data.observations
        self.data, self.count = data, len(rows)
        self.keys, self.readings = Keys(data.columns, data.indicators.index), Readings(data, rows, data.columns)
        self._measure = data.columns["measure"].map(CODES.index, np.int8)
        self.locator = data.columns["locator"]
        self.preferred = rows["preferred"].to_numpy(bool)
        self.implausible = data.columns["flag"].where(lambda flag: flag == "implausible")
        self.is_range = rows["value_max"].notna().to_numpy()
        self.is_total = self.keys.member == self.keys.total
        self._inputs = Inputs(data.indicators, self.keys, rows.index.to_numpy(), self.used(self.of("actual")))
        texts = enumerate(data.indicators["formula"])
        self.formulas = {number: parse_formula(text) for number, text in texts if text}
        self.lookup, self.taken = cache(self._lookup), cache(self._taken)

    def texts(self, at: At) -> dict[str, Distinct]:
        """What rows say, by column."""
        keys, members = self.keys, [*self.keys.members, ("", "")]
        return {
            "indicator": Distinct(keys.indicator[at], list(self.data.indicators.index)),
            "area": Distinct(keys.area[at], keys.areas),
            "period": Distinct(keys.period[at], keys.periods),
            "breakdown": Distinct(keys.member[at], [breakdown for breakdown, _ in members]),
            "category": Distinct(keys.member[at], [category for _, category in members]),
            "measure": Distinct(self._measure[at], list(CODES)),
            "locator": self.locator[at],
        }

    def of(self, *measures: str) -> At:
        """Rows of some measures, in the order of the files."""
        return np.flatnonzero(np.isin(self._measure, [CODES.index(measure) for measure in measures]))

    def measure(self, at: At, measure: str) -> Bools:
        """Which rows are of a measure."""
        result: Bools = self._measure[at] == CODES.index(measure)
        return result

    def used(self, at: At) -> At:
        """Of some rows, those that metrics use."""
        result: At = at[self.preferred[at]]
        return result

    def catalogue(self, column: str, at: At) -> npt.NDArray[Any]:
        """What the catalogue says of the indicators of rows."""
        values: npt.NDArray[Any] = self.data.indicators[column].to_numpy()[self.keys.indicator[at]]
        return values

    def are(self, column: str, text: str, at: At) -> Bools:
        """Whether the catalogue has a text in a column for the indicators of rows."""
        result: Bools = (self.data.indicators[column] == text).to_numpy(bool)[self.keys.indicator[at]]
        return result

    def tied(self, column: str, at: At) -> At:
        """Numbers of the indicators that those of rows are tied to by a column of the catalogue; -1 is none."""
        catalogue = self.data.indicators
        result: At = catalogue.index.get_indexer(catalogue[column])[self.keys.indicator[at]]
        return result

    def lower_is_better(self, at: At) -> Truth:
        """Whether less is better of the indicators of rows."""
        return self.are("direction", "lower", at).astype(float)

    def is_worse(self, one: At, other: At) -> Bools:
        """Whether the numbers of rows are worse than those of others of the same indicators."""
        number = self.data.observations["number"].to_numpy()
        ahead = number[one] - number[other]
        result: Bools = np.where(self.are("direction", "lower", one), -ahead, ahead) < 0
        return result

    def span(self, at: At) -> Spans:
        """Periods of rows."""
        return self.keys.spans[self.keys.period[at]]

    def _lookup(self, measure: str, used: bool, at_period: bool) -> Lookup:
        rows = self.used(self.of(measure)) if used else self.of(measure)
        keys = self.keys.figure(rows)
        return Lookup(self.keys.at_period(keys, rows) if at_period else keys, rows)

    def _taken(self, number: int) -> Taken:
        return self._inputs.of(self.formulas[number])

    def same(self, at: At, measure: str, *, used: bool = False) -> tuple[At, At]:
        """What is said of the same figures, for whatever period: places in ``at``, and rows."""
        return self.lookup(measure, used, False).pairs(self.keys.figure(at))

    def best(self, at: At, measure: str, *, indicator: At | None = None, total: bool = False, used: bool = False) -> At:
        """What is said at the same place and period, of the same or another indicator, or of the total; -1 is nothing.

        Of several printed values, the one at the same locator, else the one that metrics use.
        """
        keys = self.keys.at_period(self.keys.figure(at, indicator=indicator, total=total), at)
        return self._best(at, *self.lookup(measure, used, True).pairs(keys))

    def goal(self, at: At, measure: str) -> At:
        """The target or plan that stated attainments speak of: of the nearest period that ends no earlier."""
        places, rows = self.same(at, measure)
        end = self.span(rows).end
        later = end >= self.span(at[places]).end
        return self._best(at, places[later], rows[later], end[later])

    def _best(self, at: At, places: At, rows: At, *costs: npt.NDArray[Any]) -> At:
        elsewhere = self.locator.codes[rows] != self.locator.codes[at[places]]
        best = best_of(places, *costs, elsewhere, ~self.preferred[rows])
        found = np.full(len(at), -1)
        found[places[best]] = rows[best]
        return found

    def first(self, at: At, measure: str) -> At:
        """The first row that says the same, whether it is used or not."""
        places, rows = self.lookup(measure, False, True).pairs(self.keys.at_period(self.keys.figure(at), at))
        return rows[best_of(places)]

    def by_breakdown(self, at: At) -> Lists:
        """Rows of categories by indicator, area, period and breakdown."""
        breakdowns, _ = pd.factorize(np.array([breakdown for breakdown, _ in self.keys.members], dtype=object))
        totals = self.keys.at_period(self.keys.figure(at, total=True), at)
        keys = totals * (len(breakdowns) + 1) + breakdowns[self.keys.member[at]]
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
        return Lists(at[order], np.diff(starts, append=len(at)))

    def parts_of_breakdown(self, at: At) -> npt.NDArray[Any]:
        """Whether the categories of rows are all parts, some, or overlap."""
        return self._by_breakdown(self.data.tables["breakdowns"].set_index("breakdown")["parts"], at)

    def members_of_breakdown(self, at: At) -> npt.NDArray[Any]:
        """How many categories the breakdowns of rows have."""
        return self._by_breakdown(self.data.tables["categories"].groupby("breakdown").size(), at)

    def _by_breakdown(self, values: pd.Series, at: At) -> npt.NDArray[Any]:
        own = values.reindex([breakdown for breakdown, _ in self.keys.members]).to_numpy()
        found: npt.NDArray[Any] = own[self.keys.member[at]]
        return found

    def decide(self, question: Callable[[Figures, Readings, Claims], Truth], claims: Claims) -> Bools:
        """Where something holds; it does not where it cannot be known."""
        with np.errstate(all="ignore"):
            answer = question(self, self.readings, claims)
            unknown = np.isnan(answer)
            if unknown.any():
                answer[unknown] = question(self, self.readings.without_limit(), claims[unknown])
        result: Bools = answer == 1
        return result
