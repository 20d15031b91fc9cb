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
from .formulas import Formula, Input, parse_formula
from .inputs import Inputs
from .keys import Columns, Keys, Lists, Spans, combined, distinct, together
from .periods import period
from .precision import supported_decimals
from .schema import STATED
from .units import conversion, unit

__all__ = [
    "areas",
    "computed",
    "convert",
    "formula_inputs",
    "latest",
    "neighbours",
    "parts",
    "printed",
    "relations",
    "series",
    "shares",
]

FIGURE: Final = ["indicator", "area", "breakdown", "category"]
PLACE: Final = ["area", "breakdown", "category", "period"]
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
    rows = actual_figures(data, year, wanted)
    rows = rows[(rows["area"] == data.town) & (rows["breakdown"] == "")]
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


def known_by(data: Dataset, frame: pd.DataFrame, year: int) -> pd.Series:
    """Which statements were known by the end of a year: aims and outlooks by the date of their document.

    Parameters
    ----------
    data : Dataset
    frame : DataFrame
        With ``measure``, ``period`` and ``source``.
    year : int

    Returns
    -------
    Series
        True or false for each row.
    """
    written = data.tables["sources"].set_index("source")["date"].map(lambda code: period(code).end)
    known_then = frame["source"].map(written) <= (year + 1) * 12
    past = frame["period"].map(lambda code: period(code).year) <= year
    return (frame["measure"].isin(("aim", "outlook")) & known_then) | past


def printed_decimals(rows: pd.DataFrame) -> pd.Series:
    """Digits after the decimal sign as printed; NaN for what is not printed in the indicator's unit."""
    return rows["decimals"].where(rows["factor"] == 1)


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
    inputs = formula.inputs if formula is not None else ()
    used = [indicator, *(item.code for item in inputs)]
    figures = actual_figures(data, year, used, differences=True).assign(computed=False)
    if formula is not None:
        figures = _with_computed(data, indicator, formula, figures)
    rows = figures[(figures["indicator"] == indicator) & (figures["area"] == data.town) & (figures["breakdown"] == "")]
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
    data: Dataset, year: int, indicators: Collection[str] | None = None, *, differences: bool = False
) -> pd.DataFrame:
    """The actual figures that metrics use, up to the end of a year.

    Parameters
    ----------
    data : Dataset
    year : int
    indicators : collection of str, optional
        Codes; all by default.
    differences : bool
        Whether to add those that are differences of printed ones.

    Returns
    -------
    DataFrame
        The columns of ``expanded``, ``derived`` and ``evidence``. The index holds the labels of
        ``data.observations``, negative numbers for what is derived.
    """
    rows = expanded(data, indicators)
    rows = rows[(rows["measure"] == "actual") & (rows["end"] <= (year + 1) * 12)]
    rows = rows.assign(derived=False, evidence=[(label,) for label in rows.index.tolist()])
    if not differences:
        return rows
    flows = rows[(rows["nature"] == "flow") & (rows["status"] != "P")]
    # Nothing is left of figures that are printed for whole years only.
    figures = combined(*(distinct(flows[column]) for column in FIGURE))
    in_parts = flows["kind"].isin(("span", "open", "half")).to_numpy()
    flows = flows[np.isin(figures, figures[in_parts])]
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
    years, halves = (group[group["kind"] == kind] for kind in ("year", "half"))
    # A row for each year and a column for each half.
    starts, ends = (years[end].to_numpy()[:, np.newaxis] for end in ("start", "end"))
    inside = (halves["start"].to_numpy() >= starts) & (halves["end"].to_numpy() <= ends)
    for place in np.flatnonzero(inside.sum(axis=1) == 1).tolist():
        year, own = years.iloc[place], halves[inside[place]]
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


def expanded(data: Dataset, indicators: Collection[str] | None = None, *, every_row: bool = False) -> pd.DataFrame:
    """The rows that metrics use, or every row, of all indicators or some, with their periods taken apart."""
    rows = data.observations
    chosen = pd.Series(True, index=rows.index) if every_row else rows["preferred"]
    return taken_apart(data, chosen if indicators is None else chosen & rows["indicator"].isin(indicators))


def taken_apart(data: Dataset, chosen: pd.Series) -> pd.DataFrame:
    """Some of the rows, with their periods taken apart and what the catalogue says of how they add up.

    Parameters
    ----------
    data : Dataset
    chosen : Series of bool
        Which of ``data.observations``.
    """
    rows = data.observations[MEASURED][chosen]
    (at,) = np.nonzero(chosen.to_numpy())
    periods, codes = data.columns["period"][at], data.columns["indicator"][at]
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
        own["area"].map(lambda area: places.get(area, len(places)), int),
        own["indicator"].map(lambda code: order.get(code, len(order)), int),
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
    rows = _shown_actuals(data, wanted, year)
    rows = rows[rows["area"] == data.town]
    members = _at_last(rows[rows["breakdown"] == breakdown])
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
    usable = (known[breakdown] == "all") & all_there.astype(bool)
    total = frame["number_total"].where(frame["number_total"].notna(), sums.where(usable))
    return in_order(data, _of_wholes(data, frame, total), wanted)


def areas(data: Dataset, indicator: str, year: int = 0) -> pd.DataFrame:
    """What an indicator came to in each commune or ward, at the latest period that has them.

    Parameters
    ----------
    data : Dataset
    indicator : str
    year : int
        Nothing later than this year is used; 0 for the latest.

    Returns
    -------
    DataFrame
        Like that of ``parts``: one row an area and category; ``total`` is what is printed of the town.

    Raises
    ------
    UnknownNameError
        If the indicator is not in the catalogue.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> areas(load(), "rural_criteria_met", 2024)[["area", "value"]].values.tolist()
    [['san_thang', 13.0], ['sung_phai', 11.0]]
    """
    year = data.state_of(year)
    data.indicator(indicator)
    rows = _shown_actuals(data, [indicator], year)
    members = _at_last(rows[rows["area"] != data.town])
    same = ["indicator", "period", "breakdown", "category"]
    totals = rows[(rows["area"] == data.town) & rows["preferred"]][[*same, "number", "row"]]
    frame = members.merge(totals, on=same, how="left", suffixes=("", "_total"))
    return in_order(data, _of_wholes(data, frame, frame["number_total"]))


def _shown_actuals(data: Dataset, indicators: Collection[str], year: int) -> pd.DataFrame:
    """Actual figures of some indicators, also those that cannot be right as printed: they are shown."""
    rows = expanded(data, indicators, every_row=True)
    return rows[
        (rows["measure"] == "actual")
        & (rows["end"] <= (year + 1) * 12)
        & (rows["preferred"] | (rows["flag"] == "implausible"))
    ]


def _at_last(members: pd.DataFrame) -> pd.DataFrame:
    """Those of the latest period of each indicator; what cannot be right is no number."""
    last = _in_time(members).drop_duplicates("indicator", keep="last").set_index("indicator")["period"]
    members = members[members["period"] == members["indicator"].map(last)]
    return members.assign(number=members["number"].where(members["flag"] != "implausible"))


def _of_wholes(data: Dataset, frame: pd.DataFrame, total: pd.Series) -> pd.DataFrame:
    """Parts with their whole and their share of it; rates are no parts of one another."""
    total = total.where(frame["indicator"].map(data.indicators["nature"]) != "rate")
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
    return described(data, result)


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
    rows = actual_figures(data, year, [*wanted, *wholes.values()])
    if not everywhere:
        rows = rows[(rows["area"] == data.town) & (rows["breakdown"] == "")]
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


RELATIONS: Final = ("whole", "input", "part", "related", "result")
"""What one indicator can be to another."""


def neighbours(data: Dataset, indicator: str, year: int = 0) -> pd.DataFrame:
    """The indicators that hang together with one, by the catalogue, each with its latest figure.

    Parameters
    ----------
    data : Dataset
    indicator : str
    year : int
        Nothing later than this year is used; 0 for the latest.

    Returns
    -------
    DataFrame
        One row an indicator of which something is known for the whole town, as in ``latest``, or in
        ``computed`` where nothing is printed; ``relation`` says what it is to the one asked for:
        ``whole`` (that it is a part of), ``input`` (of its formula), ``part`` (of it), ``related``
        (means nearly the same) or ``result`` (of a formula that takes it).

    Raises
    ------
    UnknownNameError
        If the indicator is not in the catalogue.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> neighbours(load(), "teachers", 2024)[["indicator", "relation"]].values.tolist()
    [['teachers_at_standard', 'part'], ['teachers_at_standard_rate', 'result'], ['pupils_per_teacher', 'result']]
    """
    year = data.state_of(year)
    relation = relations(data, indicator)
    printed = latest(data, relation, year)
    missing = [code for code in relation if code not in set(printed["indicator"]) and data.catalogue[code]["formula"]]
    worked_out = [_of_the_town(computed(data, code, year)) for code in missing]
    frame = pd.concat([printed, *worked_out], ignore_index=True)
    return in_order(data, frame.assign(relation=frame["indicator"].map(relation)), list(relation))


def _of_the_town(frame: pd.DataFrame) -> pd.DataFrame:
    """The last of the figures that are known, for the whole."""
    known = frame[(frame["breakdown"] == "") & frame["value"].notna()]
    return known.drop(columns=["formula", "inputs"]).tail(1)


def relations(data: Dataset, indicator: str) -> dict[str, str]:
    """Codes of the indicators that hang together with one, each with what it is to it; see ``neighbours``.

    Parameters
    ----------
    data : Dataset
    indicator : str

    Returns
    -------
    dict of str to str
        In the order of ``RELATIONS``; of several relations the first.
    """
    own, others = data.indicator(indicator), data.indicators
    formulas = {code: parse_formula(text).inputs for code, text in others["formula"].items() if text}
    inputs = {code: [item.code for item in used] for code, used in formulas.items()}
    found = [
        (own["share_of"], "whole"),
        *((code, "input") for code in inputs.get(indicator, [])),
        *((code, "part") for code in others.index[others["share_of"] == indicator]),
        *((code, "related") for code in (own["related"], *others.index[others["related"] == indicator])),
        *((code, "result") for code, used in inputs.items() if indicator in used),
    ]
    first: dict[str, str] = {}
    for code, relation in found:
        # Of a data set with some sectors only, what reaches into the others cannot be told.
        if code != indicator and {code, *inputs.get(code, [])} <= set(others.index):
            first.setdefault(code, relation)
    return first


def printed(data: Dataset, indicator: str, year: int = 0) -> pd.DataFrame:
    """Every figure of an indicator as it is printed, whatever is said of it: the whole first, each in time.

    Parameters
    ----------
    data : Dataset
    indicator : str
    year : int
        No figure of a later period, and nothing from a document that was written later; targets and
        plans are there whatever they are set for. 0 for the latest.

    Returns
    -------
    DataFrame
        One row a printed figure: ``measure``, ``period``, ``value`` and ``value_max`` in ``unit``, the one
        that is printed (per cent for what the report states of its own figures), ``decimals``, ``printed``.

    Raises
    ------
    UnknownNameError
        If the indicator is not in the catalogue.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> printed(load(), "poor_household_rate", 2024)[["measure", "period", "printed"]].values.tolist()
    [['actual', '2024', '1,50%'], ['outlook', '2025', '1,38%'], ['target', '2025', '01%']]
    """
    year = data.state_of(year)
    data.indicator(indicator)
    rows = data.observations[data.observations["indicator"] == indicator]
    rows = rows.assign(end=rows["period"].map(lambda code: period(code).end)).sort_values(["end", "order"])
    rows = rows[known_by(data, rows, year) | rows["measure"].isin(("target", "plan", "baseline"))]
    own = rows["indicator"].map(data.indicators["unit"]).mask(rows["measure"].isin(STATED), "percent")
    columns = [*FIGURE, "measure", "period", "value", "value_max", "decimals", "printed", "qualifier", "status", "flag"]
    labels = [(int(label),) for label in rows.index]
    return in_order(data, rows[columns].assign(unit=rows["unit"].where(rows["unit"] != "", own), evidence=labels))


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

    An input is taken at the same area and period. For what is no flow, else at the shortest period
    that contains it, or the last date within it: the people of mid-2024 for the pork of 2024. A flow of
    four years is never that of one.

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
    keys, labels = Keys(Columns(actual), data.indicators.index), actual.index.to_numpy()
    taken = Inputs(data.indicators, keys, labels, np.arange(len(actual))).of(formula)
    rows = {item: labels[rows].astype("int64") for item, rows in zip(formula.inputs, taken.rows, strict=True)}
    return pd.concat([keys.texts(taken.places)[PLACE], pd.DataFrame(rows)], axis=1)


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
    used = [item.code for item in formula.inputs]
    rows = _evaluated(data, indicator, formula, actual_figures(data, data.state_of(year), used))
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
