"""Actual figures, printed or derived: the latest ones, their series in time, parts, shares, formulas.

Every frame that a function returns has the columns ``indicator``, ``area``, ``breakdown``,
``category``, ``period``, ``value``, ``unit``, ``decimals``, ``direction`` and ``nature``; ``status``,
``flag`` and ``qualifier`` of the figures that went into a row; and ``evidence``, the index labels of
those figures in ``data.observations``. Values are in the indicator's unit.

A figure is derived where it is the difference of two printed ones: a cumulative figure less its last
years, a year less one of its halves. Nothing else is made up.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from .dataset import Dataset
from .errors import UsageError
from .formulas import Formula, Input
from .inputs import Inputs
from .keys import Keys, Lists, Spans, distinct, together
from .periods import Period, period
from .precision import supported_decimals
from .units import conversion, unit

__all__ = ["computed", "convert", "formula_inputs", "latest", "parts", "series", "shares"]

FIGURE: Final = ["indicator", "area", "breakdown", "category"]
BY: Final = ("year", "half")
MEASURED: Final = [
    *(*FIGURE, "period", "measure", "value", "unit", "status", "flag", "qualifier", "source"),
    *("decimals", "factor", "number", "number_max", "step", "preferred"),
]
"""Columns of the observations that figures and metrics rest on."""


def latest(data: Dataset, indicators: Iterable[str], year: int = 0) -> pd.DataFrame:
    """The latest actual figure of each indicator, for the whole town.

    Parameters
    ----------
    data : Dataset
    indicators : iterable of str
        Codes, in the order of the result.
    year : int
        The state at the end of this year; 0 for the latest.

    Returns
    -------
    DataFrame
        One row an indicator that has a figure. Where a year and a cumulative figure end together,
        the longer period is taken.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> latest(load(), ["revenue_in_area"], 2024)[["period", "value"]].values.tolist()
    [['2021/2024', 622.3]]
    """
    year = data.state_of(year)
    wanted = list(indicators)
    for code in wanted:
        data.indicator(code)
    rows = actual_figures(data, year, wanted, of_town=True)
    rows = rows[rows["breakdown"] == ""]
    return in_order(data, _values(data, _in_time(rows).drop_duplicates("indicator", keep="last")), wanted)


def _in_time(rows: pd.DataFrame) -> pd.DataFrame:
    """By the end of the period; of those that end together the longest last, and last of all one without a start."""
    starts = rows["start"].fillna(-math.inf)
    return (
        rows.assign(_start=starts)
        .sort_values(["end", "_start"], ascending=[True, False], kind="stable")
        .drop(columns="_start")
    )


def _values(data: Dataset, rows: pd.DataFrame) -> pd.DataFrame:
    columns = [*FIGURE, "period", "number", "qualifier", "status", "flag", "evidence"]
    frame = rows[columns].rename(columns={"number": "value"}).assign(value_decimals=printed_decimals(rows))
    return described(data, frame)


def printed_decimals(rows: pd.DataFrame) -> pd.Series:
    """Digits after the decimal sign as printed; NaN for what is not printed in the indicator's unit."""
    return rows["decimals"].astype("float64").where(rows["factor"] == 1)


# --- in time ---------------------------------------------------------------------------------------


def series(data: Dataset, indicator: str, year: int = 0, by: str = "year") -> pd.DataFrame:
    """What an indicator came to in each year of the term, or in the halves of the latest one.

    Where a cumulative figure and its last years are printed, what came before is their difference:
    622.3 for 2021/2024 less 182.6 for 2024 leaves 439.7 for 2021/2023. So is the second half of a
    year whose first half is printed. An indicator with a formula is computed for each period for
    which its inputs are known in one of these ways.

    Parameters
    ----------
    data : Dataset
    indicator : str
        Code of an indicator.
    year : int
        Nothing later than this year is used; 0 for the latest.
    by : {'year', 'half'}

    Returns
    -------
    DataFrame
        One row a period, in time: ``value``; ``years``, the length of the period, NaN where its start
        is not printed; ``derived``, whether it rests on a difference; ``computed``, whether it is what
        the formula gives; ``pace``, what can be compared from row to row: the value a year for flows
        of years, NaN where the length is not known or the period was not over when it was counted,
        else the value itself.

    Raises
    ------
    UnknownNameError
        If the indicator is not in the catalogue.
    UsageError
        If ``by`` is neither of the two.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> series(load(), "revenue_in_area", 2024)[["period", "pace", "derived"]].round(1).to_dict("list")
    {'period': ['2021/2023', '2024'], 'pace': [146.6, 182.6], 'derived': [True, False]}
    """
    if by not in BY:
        raise UsageError(f"a series goes by {' or '.join(BY)}, not by '{by}'.")
    year = data.state_of(year)
    own = data.indicator(indicator)
    formula = data.formula(indicator)
    codes = [indicator, *(item.code for item in formula.inputs)] if formula else [indicator]
    figures = actual_figures(data, year, codes, of_town=True, differences=True).assign(computed=False)
    if formula is not None:
        figures = _with_computed(data, indicator, formula, figures)
    rows = figures[(figures["indicator"] == indicator) & (figures["breakdown"] == "")]
    if by == "half":
        rows = rows[rows["kind"] == "half"]
        rows = rows[rows["end"] > (rows["end"].max() - 1) // 12 * 12]
    else:
        flow = own["nature"] == "flow"
        whole = rows["kind"] == "year"
        dates = (rows["kind"] == "date") & (not flow)
        rest = rows["derived"] & rows["kind"].isin(("year", "span", "open"))
        single = rows[whole | dates | rest]
        cumulative = rows[rows["kind"].isin(("span", "open")) & ~rest & (rows["end"] % 12 == 0)]
        cumulative = cumulative.sort_values("end").tail(1)
        overlap = any((single["end"] <= end).any() for end in cumulative["end"])
        rows = single if overlap else pd.concat([cumulative, single])
    rows = rows.sort_values("end", kind="stable")
    years = ((rows["end"] - rows["start"]) / 12).where(rows["kind"] != "date")
    pace = rows["number"] / years if own["nature"] == "flow" and by == "year" else rows["number"]
    if own["nature"] == "flow":
        pace = pace.where(rows["status"] != "P")
    columns = [*FIGURE, "period", "number", "qualifier", "status", "flag", "derived", "computed", "evidence"]
    frame = rows[columns].rename(columns={"number": "value"})
    frame = frame.assign(years=years, pace=pace, value_decimals=printed_decimals(rows).where(~rows["computed"]))
    return described(data, frame.reset_index(drop=True))


def actual_figures(
    data: Dataset, year: int, indicators: Collection[str], *, of_town: bool = False, differences: bool = False
) -> pd.DataFrame:
    """The actual figures of some indicators that metrics use, up to the end of a year.

    Parameters
    ----------
    data : Dataset
    year : int
    indicators : collection of str
    of_town : bool
        Whether to leave out the areas that the town consists of.
    differences : bool
        Whether to add those that are differences of printed ones.

    Returns
    -------
    DataFrame
        The columns of ``expanded``, ``derived`` and ``evidence``. The index holds the labels of
        ``data.observations``, negative numbers for what is derived.
    """
    every = data.observations
    chosen = every["preferred"] & every["indicator"].isin(indicators) & (every["measure"] == "actual")
    rows = expanded(data, chosen & (every["area"] == data.town) if of_town else chosen)
    rows = rows[rows["end"] <= (year + 1) * 12]
    labels = pd.Series([(label,) for label in rows.index.tolist()], index=rows.index, dtype=object)
    rows = rows.assign(derived=False, evidence=labels)
    if not differences:
        return rows
    flows = rows[(rows["nature"] == "flow") & (rows["status"] != "P")]
    found = [
        row
        for _, group in flows.groupby(FIGURE, sort=False)
        for row in (*_rest_of_cumulative(group), *_other_halves(group))
    ]
    if not found:
        return rows
    derived = pd.DataFrame(found, index=range(-1, -len(found) - 1, -1))
    # Printed figures that contradict each other would leave less than there can be.
    derived = derived[~(derived["number"] < derived["indicator"].map(data.indicators["minimum"]))]
    return pd.concat([rows, derived.reindex(columns=rows.columns)])


def _rest_of_cumulative(group: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """What a cumulative figure leaves when the years that are printed are taken away."""
    whole = group[group["kind"].isin(("span", "open")) & (group["end"] % 12 == 0)].sort_values("end")
    if whole.empty:
        return
    total = whole.iloc[-1]
    last = int(total["end"]) // 12
    years = group[(group["kind"] == "year") & (group["end"] <= total["end"])]
    known = {int(end) // 12 for end in years["end"]}
    if math.isnan(total["start"]):
        rest_ends = last - len(known)
        if known and known == set(range(rest_ends + 1, last + 1)):  # else some of them lie in the rest
            yield _derived(total, years, f"../{rest_ends - 1}")
        return
    years = years[years["start"] >= total["start"]]
    rest = [end for end in range(int(total["start"]) // 12 + 1, last + 1) if end not in known]
    if len(years) and rest and rest[-1] - rest[0] + 1 == len(rest):
        yield _derived(total, years, str(rest[0] - 1) if len(rest) == 1 else f"{rest[0] - 1}/{rest[-1] - 1}")


def _other_halves(group: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The half of a year that is not printed, where the year and its other half are."""
    halves = group[group["kind"] == "half"]
    for _, year in group[group["kind"] == "year"].iterrows():
        own = halves[(halves["start"] >= year["start"]) & (halves["end"] <= year["end"])]
        if len(own) == 1:
            first = own["start"].iloc[0] == year["start"]
            yield _derived(year, own, f"{year['period']}-S{2 if first else 1}")


def _derived(total: pd.Series, known: pd.DataFrame, code: str) -> dict[str, Any]:
    span = period(code)
    return {
        **{column: total[column] for column in (*FIGURE, "measure", "nature", "accumulation")},
        "period": code,
        "kind": span.kind,
        "start": math.nan if span.start is None else float(span.start),
        "end": float(span.end),
        "number": total["number"] - known["number"].sum(),
        "step": max(total["step"], known["step"].max()),
        "status": strongest([total["status"], *known["status"]]),
        "flag": max([total["flag"], *known["flag"]]),
        # Less what is itself a bound or vague, nothing firmer than "about" can be said.
        "qualifier": "about" if known["qualifier"].any() else total["qualifier"],
        "derived": True,
        "evidence": (int(total["row"]), *map(int, known["row"])),
    }


def expanded(data: Dataset, chosen: pd.Series) -> pd.DataFrame:
    """Some of the rows, with their periods taken apart and what the catalogue says of how they add up.

    Parameters
    ----------
    data : Dataset
    chosen : Series of bool
        Which of ``data.observations``.
    """
    rows = data.observations[MEASURED][chosen]
    periods, codes = distinct(rows["period"]), distinct(rows["indicator"])
    spans = Spans.of(periods.values)[periods.codes]
    catalogue = data.indicators.loc[codes.values]
    # Whole numbers of persons, schools and the like are exact.
    countable = np.array([unit(code).countable for code in catalogue["unit"]], dtype=bool)[codes.codes]
    return rows.assign(
        kind=spans.kind,
        start=spans.start,
        end=spans.end,
        step=rows["step"].where(~(countable & (rows["decimals"] == 0)), 0.0),
        nature=catalogue["nature"].array.take(codes.codes),
        accumulation=catalogue["accumulation"].array.take(codes.codes),
        row=rows.index,
    )


def strongest(statuses: Iterable[str]) -> str:
    """The status that stays with what is computed: F before E before P before A."""
    return min(statuses, key=STRONGEST_FIRST.index)


STRONGEST_FIRST: Final = "FEPA"


def described(data: Dataset, frame: pd.DataFrame) -> pd.DataFrame:
    """Add what the catalogue says of each row's indicator."""
    return frame.join(data.indicators[["unit", "decimals", "direction", "nature"]], on="indicator")


def evidence_of(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[int, ...]]:
    """All labels that stand in some columns of each row, alone or in tuples, each of them once."""
    cells = [frame[column].reset_index(drop=True) for column in columns]
    found = pd.concat([(cell.explode() if cell.dtype == object else cell).dropna().astype("int64") for cell in cells])
    order = np.argsort(found.index.to_numpy(), kind="stable")
    labels = found.to_numpy()
    lists = Lists(order, np.bincount(found.index, minlength=len(frame)))
    return list(lists.once(labels).gathered(labels))


def in_order(data: Dataset, frame: pd.DataFrame, wanted: list[str] | None = None) -> pd.DataFrame:
    """Rows in the order asked for, or that of the catalogue, categories in their own order."""
    codes = wanted if wanted is not None else list(data.indicators.index)
    areas = list(data.tables["areas"]["area"])
    categories = zip(data.tables["categories"]["breakdown"], data.tables["categories"]["category"], strict=True)
    order = {code: i for i, code in enumerate(dict.fromkeys(codes))}
    places = {area: i for i, area in enumerate(areas)}
    members = {pair: i for i, pair in enumerate(categories)}
    own = {column: distinct(frame[column]) for column in FIGURE}
    ranks = (
        together(own["breakdown"], own["category"]).map(lambda pair: members.get(pair, -1), int),
        own["area"].map(places.__getitem__, int),
        own["indicator"].map(order.__getitem__, int),
    )
    return frame.iloc[np.lexsort(ranks)].reset_index(drop=True)


def parts(data: Dataset, indicators: str | Sequence[str], breakdown: str, year: int = 0) -> pd.DataFrame:
    """The parts of a whole at the latest period that has them; of two that end together, the longer one.

    Parameters
    ----------
    data : Dataset
    indicators : str or sequence of str
        One indicator, or several of the same unit that are shown side by side.
    breakdown : str
        Dimension whose categories are the parts.
    year : int
        Nothing later than this year is used; 0 for the latest.

    Returns
    -------
    DataFrame
        One row a category and indicator: ``period``, ``value``, ``total`` (printed, or the sum of
        the parts where they are all there; ``total_kind`` says which), ``share`` in per cent of it.
        A figure that cannot be right as printed is there without a value; ``printed_value``,
        ``printed_unit`` and ``printed_decimals`` say what is printed.

    Raises
    ------
    UnknownNameError
        If an indicator is not in the catalogue.
    UsageError
        If the breakdown is not in ``breakdowns.csv``, or units differ.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> frame = parts(load(), "policy_credit_outstanding", "borrower", 2024)
    >>> frame[["category", "value", "share"]].round(1).iloc[[1]].to_dict("split")["data"]
    [['individuals_households', 41265.0, 71.0]]
    """
    year = data.state_of(year)
    wanted = [indicators] if isinstance(indicators, str) else list(indicators)
    if len({data.indicator(code)["unit"] for code in wanted}) > 1:
        raise UsageError(f"parts side by side need one unit; {', '.join(wanted)} have several.")
    known = data.tables["breakdowns"].set_index("breakdown")["parts"]
    if breakdown not in known.index:
        raise UsageError(f"unknown breakdown '{breakdown}'; there are: {', '.join(sorted(known.index))}.")
    every = data.observations
    chosen = every["indicator"].isin(wanted) & (every["measure"] == "actual") & (every["area"] == data.town)
    rows = expanded(data, chosen)
    rows = rows[rows["end"] <= (year + 1) * 12]
    members = rows[(rows["breakdown"] == breakdown) & (rows["preferred"] | (rows["flag"] == "implausible"))]
    last = _in_time(members).drop_duplicates("indicator", keep="last").set_index("indicator")["period"]
    members = members[members["period"] == members["indicator"].map(last)]
    members = members.assign(number=members["number"].where(members["flag"] != "implausible"))
    totals = rows[(rows["breakdown"] == "") & rows["preferred"]][["indicator", "period", "number", "row"]]
    frame = members.merge(totals, on=["indicator", "period"], how="left", suffixes=("", "_total"))
    sums = frame.groupby(["indicator", "period"])["number"].transform("sum") if len(frame) else frame["number"]
    complete = set(data.tables["categories"].query("breakdown == @breakdown")["category"])
    all_there = (
        frame.assign(there=frame["category"].where(frame["number"].notna()))
        .groupby(["indicator", "period"])["there"]
        .transform(lambda c: set(c) >= complete)
        if len(frame)
        else frame["number"]
    )
    rate = frame["indicator"].map(data.indicators["nature"]) == "rate"  # rates are no parts of one another
    usable = (known[breakdown] == "all") & all_there.astype(bool) & ~rate
    total = frame["number_total"].where(frame["number_total"].notna(), sums.where(usable)).where(~rate)
    own_units = frame["indicator"].map(data.indicators["unit"])
    result = frame[[*FIGURE, "period", "number", "qualifier", "status", "flag"]].rename(columns={"number": "value"})
    result = result.assign(
        total=total,
        total_kind=np.where(total.isna(), "", np.where(frame["number_total"].notna(), "printed", "sum")),
        share=(100 * frame["number"] / total).where(total > 0),
        value_decimals=printed_decimals(frame),
        printed_value=frame["value"],
        printed_unit=frame["unit"].where(frame["unit"] != "", own_units),
        printed_decimals=frame["decimals"],
    )
    result["evidence"] = evidence_of(frame, ["row", "row_total"])
    return in_order(data, described(data, result), wanted)


def shares(data: Dataset, indicators: Iterable[str], year: int = 0, *, everywhere: bool = False) -> pd.DataFrame:
    """How much of its whole each indicator is, at the latest period for which both are printed.

    Parameters
    ----------
    data : Dataset
    indicators : iterable of str
        Codes of indicators that the catalogue calls a part of another one (``share_of``).
    year : int
        Nothing later than this year is used; 0 for the latest.
    everywhere : bool
        Whether to give all areas and categories, instead of the whole town only.

    Returns
    -------
    DataFrame
        One row an indicator: ``period``, ``value``, ``whole`` (code), ``total``, ``share`` in per
        cent. No row where the two are not printed for one period.

    Raises
    ------
    UnknownNameError
        If an indicator is not in the catalogue.
    UsageError
        If an indicator is a part of no other one.

    Examples
    --------
    788 of 800 teachers:

    >>> from laichau_analysis.dataset import load
    >>> shares(load(), ["teachers_at_standard"], 2024)[["value", "total", "share"]].values.tolist()
    [[788.0, 800.0, 98.5]]
    """
    year = data.state_of(year)
    wanted = list(indicators)
    wholes = {code: data.indicator(code)["share_of"] for code in wanted}
    for code, whole in wholes.items():
        if not whole:
            raise UsageError(f"indicator '{code}' is a part of no other one: its share_of is empty.")
    rows = actual_figures(data, year, {*wanted, *wholes.values()}, of_town=not everywhere)
    if not everywhere:
        rows = rows[rows["breakdown"] == ""]
    own = rows[rows["indicator"].isin(wanted)].assign(whole=lambda f: f["indicator"].map(wholes))
    columns = {"indicator": "whole", "number": "total"}
    place = ["area", "breakdown", "category", "period"]
    totals = rows[[*columns, *place, "status", "flag", "row"]].rename(columns=columns)
    frame = own.merge(totals, on=["whole", *place], suffixes=("", "_total"))
    frame = _in_time(frame).drop_duplicates(FIGURE, keep="last")
    scale = {code: float(unit(name).scale) for code, name in data.indicators["unit"].items()}
    sizes = [
        frame[one] * frame[code].map(scale).astype(float) for one, code in (("number", "indicator"), ("total", "whole"))
    ]
    result = frame[[*FIGURE, "period", "number", "qualifier", "whole", "total"]].rename(columns={"number": "value"})
    result = result.assign(
        share=(100 * sizes[0] / sizes[1]).where(frame["total"] > 0),
        status=[strongest(pair) for pair in zip(frame["status"], frame["status_total"], strict=True)],
        flag=[max(pair) for pair in zip(frame["flag"], frame["flag_total"], strict=True)],
        evidence=evidence_of(frame, ["row", "row_total"]),
    )
    return in_order(data, described(data, result), wanted)


def convert(frame: pd.DataFrame, unit_code: str) -> pd.DataFrame:
    """The same frame in another unit.

    Parameters
    ----------
    frame : DataFrame
        From ``figures`` or ``metrics``.
    unit_code : str
        Code of a unit that measures the same, such as ``billion_dong`` for ``million_dong``.

    Returns
    -------
    DataFrame
        With all amounts converted and as many decimals more or less; ratios and what is printed
        stay as they are.

    Raises
    ------
    UnknownNameError
        If there is no such unit; the nearest one is suggested.
    UsageError
        If the unit measures something else.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> frame = latest(load(), ["revenue_in_area"], 2024)
    >>> convert(frame, "million_dong")[["value", "unit"]].values.tolist()
    [[622300.0, 'million_dong']]
    """
    factors = {code: conversion(code, unit_code) for code in frame["unit"].unique()}
    factor = frame["unit"].map({code: float(factor) for code, factor in factors.items()}).astype("float64")
    digits = frame["unit"].map({code: -factor.adjusted() for code, factor in factors.items()}).astype("int64")
    amounts = [column for column in frame.columns if column in AMOUNTS]
    return frame.assign(
        **{column: frame[column] * factor for column in amounts},
        unit=unit_code,
        **dict.fromkeys((f"{column}_decimals" for column in amounts if f"{column}_decimals" in frame), np.nan),
        decimals=(frame["decimals"] + digits).clip(lower=0).astype(int),
    )


AMOUNTS: Final = frozenset(
    {
        *("value", "pace", "total", "earlier", "change", "actual", "target", "target_max", "gap", "required"),
        *("latest", "run_rate", "aim", "outlook", "baseline", "minimum", "maximum", "implied_low", "implied_high"),
        *("target_count", "base", "needed", "expected"),
    }
)
"""Columns of the package's frames that are in the unit of their row."""


# --- formulas --------------------------------------------------------------------------------------


def formula_inputs(data: Dataset, indicator: str) -> pd.DataFrame:
    """Which printed figures an indicator's formula takes, for each area, period and category.

    See ``inputs``.

    Parameters
    ----------
    data : Dataset
    indicator : str
        Code of an indicator with a formula.

    Returns
    -------
    DataFrame
        ``area``, ``period``, ``breakdown``, ``category``, and one column for each ``Input`` with the
        index label of its figure; only where all inputs are printed.

    Raises
    ------
    UsageError
        If the indicator has no formula.
    """
    actual = data.observations[data.observations["preferred"] & (data.observations["measure"] == "actual")]
    return _input_labels(data, _formula(data, indicator), actual)


def _formula(data: Dataset, indicator: str) -> Formula:
    formula = data.formula(indicator)
    if formula is None:
        raise UsageError(f"indicator '{indicator}' has no formula.")
    return formula


def _input_labels(data: Dataset, formula: Formula, actual: pd.DataFrame) -> pd.DataFrame:
    """For each place and period the labels of the figures that a formula takes there."""
    keys, labels = Keys(actual, data.indicators.index), actual.index.to_numpy()
    taken = Inputs(data.indicators, keys, labels, np.arange(len(actual))).of(formula)
    rows = {item: labels[rows].astype("int64") for item, rows in zip(formula.inputs, taken.rows, strict=True)}
    return pd.concat([keys.texts(taken.places), pd.DataFrame(rows)], axis=1)


def computed(data: Dataset, indicator: str, year: int = 0) -> pd.DataFrame:
    """What an indicator's formula gives from the printed figures.

    A quotient is scaled to the indicator's unit.

    Parameters
    ----------
    data : Dataset
    indicator : str
        Code of an indicator with a formula.
    year : int
        Nothing later than this year is used; 0 for the latest.

    Returns
    -------
    DataFrame
        One row for each area, period and category whose inputs are all printed, in time:
        ``period``, ``value``, ``decimals`` (of the catalogue, fewer where the inputs do not bear
        them), ``formula``, and ``inputs``, a tuple of (code, category, value, qualifier), one for each input.

    Raises
    ------
    UsageError
        If the indicator has no formula.

    Examples
    --------
    622.3 of 2,084 billion dong:

    >>> from laichau_analysis.dataset import load
    >>> computed(load(), "own_revenue_share", 2024)[["period", "value"]].round(1).to_dict("list")
    {'period': ['2021/2024'], 'value': [29.9]}
    """
    formula = _formula(data, indicator)
    figures = actual_figures(data, data.state_of(year), {item.code for item in formula.inputs})
    rows = _evaluated(data, indicator, formula, figures)
    columns = [*FIGURE, "period", "number", "qualifier", "status", "flag", "decimals", "inputs", "evidence"]
    frame = rows[columns].rename(columns={"number": "value"}).assign(formula=formula.text).reset_index(drop=True)
    return frame.join(data.indicators[["unit", "direction", "nature"]], on="indicator")


def _with_computed(data: Dataset, indicator: str, formula: Formula, figures: pd.DataFrame) -> pd.DataFrame:
    """The printed figures of an indicator, and what its formula gives for the other periods."""
    printed = figures[figures["indicator"] == indicator]
    rows = _evaluated(data, indicator, formula, figures)
    place = [*FIGURE, "period"]
    new = rows.assign(computed=True)[
        ~pd.MultiIndex.from_frame(rows[place]).isin(pd.MultiIndex.from_frame(printed[place]))
    ]
    return pd.concat([printed, new]) if len(printed) else new


def _evaluated(data: Dataset, indicator: str, formula: Formula, figures: pd.DataFrame) -> pd.DataFrame:
    """A formula over figures, everything in base units: rows like those of ``actual_figures``."""
    labels = _input_labels(data, formula, figures)
    used = list(formula.inputs)
    scales = {item: float(unit(data.indicator(item.code)["unit"]).scale) for item in used}

    def values(item: Input) -> pd.Series:
        return labels[item].map(figures["number"]) * scales[item]

    number = formula.evaluate(values, float) / float(unit(data.indicator(indicator)["unit"]).scale)
    number = number.replace([np.inf, -np.inf], np.nan)
    periods = distinct(labels["period"])
    spans = Spans.of(periods.values)[periods.codes]
    inputs = {item: figures.loc[labels[item]].reset_index(drop=True) for item in used}
    texts = {
        column: together(*(distinct(rows[column]) for rows in inputs.values()))
        for column in ("qualifier", "status", "flag")
    }
    numbers = (zip(rows["number"], rows["qualifier"], strict=True) for rows in inputs.values())
    evidence = pd.DataFrame({place: rows["evidence"] for place, rows in enumerate(inputs.values())})
    rows = labels[["area", "period", "breakdown", "category"]].assign(
        indicator=indicator,
        measure="actual",
        number=number,
        kind=spans.kind,
        start=spans.start,
        end=spans.end,
        qualifier=texts["qualifier"].texts(lambda words: _qualifier(formula, used, words)),
        status=texts["status"].texts(strongest),
        flag=texts["flag"].texts(max),
        derived=np.logical_or.reduce([rows["derived"] for rows in inputs.values()]),
        factor=np.nan,  # what is computed is not printed in any unit
        decimals=_bearable(data, indicator, number, list(inputs.values())),
        inputs=[
            tuple((item.code, item.category, *pair) for item, pair in zip(used, pairs, strict=True))
            for pairs in zip(*numbers, strict=True)
        ],
        evidence=evidence_of(evidence, list(evidence.columns)),
    )
    return _in_time(rows).reset_index(drop=True)


def _qualifier(formula: Formula, used: Sequence[Input], qualifiers: Sequence[str]) -> str:
    """What the bound of one input makes of the result: over 13 divided by 592 is over a quotient."""
    vague = [(item, qualifier) for item, qualifier in zip(used, qualifiers, strict=True) if qualifier]
    if not vague:
        return ""
    if len(vague) > 1:
        return "about"
    item, qualifier = vague[0]
    sign = formula.sign_of(item)
    return qualifier if sign > 0 else OPPOSITE.get(qualifier, "about") if sign < 0 else "about"


OPPOSITE: Final = {"over": "under", "under": "over", "nearly": "over"}
"""What a bound becomes where more of an input means less of the result."""


def _bearable(data: Dataset, indicator: str, number: pd.Series, inputs: Sequence[pd.DataFrame]) -> list[int]:
    """Decimals of the results that the inputs' last printed digits bear; a bound is taken as it is."""
    most = int(data.indicator(indicator)["decimals"])
    coarsest = pd.concat([rows["step"] / rows["number"].abs() for rows in inputs], axis=1).max(axis=1)
    taken = np.logical_or.reduce([(rows["qualifier"] != "") | (rows["number"] == 0) for rows in inputs])
    sizes = zip(number, coarsest.mask(taken | number.isna()), strict=True)
    return [supported_decimals(size, step, most) for size, step in sizes]
