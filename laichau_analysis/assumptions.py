"""What would follow if a figure were another one: assumptions, measured as the printed figures are.

An assumption takes the place of a printed figure in a copy of the data set, which goes through
``metrics.progress`` like any other. Nothing is stored, and the data set stays as it is.
"""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pandas as pd

from .dataset import Dataset
from .errors import UsageError
from .metrics import progress
from .periods import period
from .precision import round_half_up
from .schema import STATED
from .units import unit

__all__ = ["CASES", "what_if"]

CASES: Final = ("printed", "assumed")
OF_PRINTED_FIGURES: Final = {"target": STATED, "actual": (*STATED, "aim", "outlook")}
"""What the report says knowing its own figures; of assumed ones it says nothing."""


def what_if(
    data: Dataset,
    indicator: str,
    *,
    actual: float | None = None,
    final: float | None = None,
    growth: float | None = None,
    target: float | None = None,
    year: int = 0,
) -> pd.DataFrame:
    """What attainment, gap, pace and assessment would be if some figures were others.

    Of several targets the last one is meant; where none is printed, ``target`` sets one for the end of
    the term. What the report states of its own figures, and where it is heading from them, is left out:
    it speaks of the printed ones.

    Parameters
    ----------
    data : Dataset
    indicator : str
        Code of an indicator; the figures are those of the whole town.
    actual : float, optional
        In place of the latest actual figure that counts for the target, in the indicator's unit.
    final : float, optional
        The actual figure of the target's own period.
    growth : float, optional
        What each year that is left brings more than the latest figure, as a ratio: 0.2 for 20%; points a
        year for percentages. It leads to the figure of the target's period as ``required_growth`` and
        ``required`` of ``metrics.progress`` do, so that by the growth that is required the target is just
        met; the figure has as many decimals as the indicator.
    target : float, optional
        In place of the target, with the bound ("below", "or more") that is printed.
    year : int
        The state at the end of this year; 0 for the latest.

    Returns
    -------
    DataFrame
        The columns of ``metrics.progress`` in one row for each ``case``: ``printed`` (none where no target
        is printed) and ``assumed``; ``assumed_actual`` and ``assumed_target`` say which figures are
        assumptions, ``growth`` which growth led there (else NaN). ``evidence`` holds printed figures only.

    Raises
    ------
    UnknownNameError
        If the indicator is not in the catalogue.
    UsageError
        If nothing is assumed, two assumptions exclude each other, a number is not possible, or there is
        nothing to start from.

    Examples
    --------
    182.6 of 300 is behind; with 20% more in the year that is left the target is missed, with 350 exceeded:

    >>> from laichau_analysis.dataset import load
    >>> columns = ["case", "actual", "target", "assessment"]
    >>> what_if(load(), "revenue_in_area", growth=0.2, year=2024)[columns].values.tolist()
    [['printed', 182.6, 300.0, 'behind'], ['assumed', 219.1, 300.0, 'missed']]
    >>> what_if(load(), "revenue_in_area", final=350, year=2024)["assessment"].tolist()
    ['behind', 'exceeded']
    """
    year = data.state_of(year)
    _check(data, indicator, {"actual": actual, "final": final, "growth": growth, "target": target})
    goal = _period_of_target(data, indicator)
    printed = _standing(data, indicator, goal, year)
    if target is None and printed.empty:
        raise UsageError(f"no target of '{indicator}' is printed; assume one with target=NUMBER.")
    supposed, resting = data, ()
    if target is not None:
        supposed = _supposing(supposed, indicator, "target", goal, target)
    if actual is not None:
        supposed = _supposing(supposed, indicator, "actual", _period_of_actual(supposed, indicator, goal, year), actual)
    if growth is not None:
        start = _standing(supposed, indicator, goal, year).iloc[0]
        final, resting = _grown(start, growth), start["evidence"]
        _check(data, indicator, {"final": final})
    if final is not None:
        supposed = _supposing(supposed, indicator, "actual", goal, final)
        year = max(year, period(goal).year)
    assumed = _standing(supposed, indicator, goal, year)
    assumed["evidence"] = [
        tuple(label for label in dict.fromkeys((*labels, *resting)) if label >= 0) for labels in assumed["evidence"]
    ]
    cases = pd.concat([printed.assign(case="printed"), assumed.assign(case="assumed")], ignore_index=True)
    supposition = cases["case"] == "assumed"
    return cases.assign(
        assumed_actual=supposition & any(number is not None for number in (actual, final)),
        assumed_target=supposition & (target is not None),
        target_decimals=pd.Series(0, cases.index).mask(supposition, _digits(target)),
        growth=pd.Series(math.nan, cases.index).mask(supposition, growth),
    )


def _check(data: Dataset, indicator: str, given: dict[str, float | None]) -> None:
    """Refuse what cannot be assumed."""
    own = data.indicator(indicator)
    numbers = {name: number for name, number in given.items() if number is not None}
    if not numbers:
        raise UsageError(f"nothing is assumed; give one of {', '.join(f'{name}=NUMBER' for name in given)}.")
    excluding = [name for name in ("final", "actual", "growth") if name in numbers]
    if "final" in numbers and len(excluding) > 1:
        raise UsageError(
            f"{' and '.join(excluding)} exclude each other: each leads to the figure of the target's period."
        )
    low, high = own["minimum"], own["maximum"]
    for name, number in numbers.items():
        if not math.isfinite(number):
            raise UsageError(f"{name} must be a number, found {number}.")
        if name != "growth" and not (math.isnan(low) or number >= low):
            raise UsageError(f"{name}: {number:g} is not possible for '{indicator}', which is at least {low:g}.")
        if name != "growth" and not (math.isnan(high) or number <= high):
            raise UsageError(f"{name}: {number:g} is not possible for '{indicator}', which is at most {high:g}.")


def _period_of_target(data: Dataset, indicator: str) -> str:
    """The period of the last printed target, or the end of the term."""
    rows = _rows(data, indicator, "target")
    if len(rows):
        return str(max(rows["period"], key=lambda code: period(code).end))
    total = data.indicator(indicator)["accumulation"] == "total"
    return data.term.code if total else str(data.term.year)


def _period_of_actual(data: Dataset, indicator: str, goal: str, year: int) -> str:
    """The period of the latest figure that counts for the target; where none is printed, up to the year."""
    latest = _standing(data, indicator, goal, year)["actual_period"].iloc[0]
    if isinstance(latest, str) and latest:
        return latest
    span = period(goal)
    return f"{span.first_year}/{year}" if span.kind == "span" and span.first_year != year else str(year)


def _standing(data: Dataset, indicator: str, goal: str, year: int) -> pd.DataFrame:
    """How far the target of a period has come for the whole town."""
    frame = progress(data, year, [indicator])
    whole = (frame["area"] == data.town) & (frame["breakdown"] == "")
    return frame[whole & (frame["target_period"] == goal)].reset_index(drop=True)


def _rows(data: Dataset, indicator: str, *measures: str) -> pd.DataFrame:
    """The figures of the whole town in some roles."""
    rows = data.observations
    whole = (rows["indicator"] == indicator) & (rows["area"] == data.town) & (rows["breakdown"] == "")
    return rows[whole & rows["measure"].isin(measures)]


def _supposing(data: Dataset, indicator: str, measure: str, code: str, number: float) -> Dataset:
    """The same data set, with one figure assumed and without what is stated of the printed one."""
    printed = _rows(data, indicator, measure)
    replaced = printed[printed["period"] == code]
    row: dict[str, Any] = dict.fromkeys(data.observations.columns, "") | {
        "indicator": indicator,
        "area": data.town,
        "period": code,
        "measure": measure,
        "value": number,
        "value_max": math.nan,
        "status": "A",
        "qualifier": replaced["qualifier"].iloc[0] if measure == "target" and len(replaced) else "",
        "sector": data.indicator(indicator)["sector"],
        "line": 0,
        "order": -1,
        "decimals": _digits(number),
        "factor": Decimal(1),
        "number": number,
        "number_max": math.nan,
        "step": 0.0,
        "preferred": True,
    }
    gone = [*replaced.index, *_rows(data, indicator, *OF_PRINTED_FIGURES[measure]).index]
    kept = data.observations.drop(index=gone)
    # Labels below zero lead to no printed figure.
    added = pd.DataFrame([row], index=[min(0, *kept.index) - 1]).astype(kept.dtypes.to_dict())
    return replace(data, observations=pd.concat([kept, added]))


def _digits(number: float | None) -> int:
    """Digits after the decimal sign that a number was given with."""
    if number is None:
        return 0
    exponent = Decimal(str(number)).normalize().as_tuple().exponent
    return max(0, -int(exponent))


def _grown(start: pd.Series, growth: float) -> float:
    """The figure of the target's period, if each year that is left brings so much more than the latest one."""
    total, points = start["accumulation"] == "total", unit(start["unit"]).is_percentage
    base = start["latest"] if total else start["actual"]
    if math.isnan(start["actual"]) or math.isnan(base) or not (points or base > 0):
        raise UsageError(f"growth of '{start['indicator']}' has nothing to start from; give final=NUMBER.")
    if not start["years_left"] > 0:
        raise UsageError(f"growth leads nowhere: no year is left until the target of '{start['indicator']}'.")
    step = growth if points else base * growth
    reached = start["actual"] + start["years_left"] * (base + step if total else step)
    return float(round_half_up(Decimal(str(reached)), int(start["decimals"])))
