"""Attainment, gap, pace, projection and assessment: a data set in, new frames out.

Every frame that a function returns has the columns ``indicator``, ``area``, ``breakdown``,
``category``, ``unit``, ``decimals`` and ``direction``; ``status`` and ``flag`` of the figures that
went into a row; and ``evidence``, the index labels of those figures in ``data.observations``.
Values are in the indicator's unit. What cannot be computed is NaN, never 0 or 100.

The formulas are those of the package's contract (``docs/metrics.md``). There, T is a target and N
the end of its period; x is the latest actual value of the target's kind of period and t the end of
x's period, both in years; b is a baseline at t0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd

from .dataset import Dataset
from .errors import UsageError
from .formulas import Formula, Input
from .periods import Period, period
from .units import unit

__all__ = ["ASSESSMENTS", "change", "computed", "formula_inputs", "latest", "parts", "path", "progress", "series"]

ASSESSMENTS: Final = ("exceeded", "met", "on_track", "behind", "missed", "not_assessed")
FIGURE: Final = ["indicator", "area", "breakdown", "category"]
CATALOGUE: Final = ["unit", "decimals", "direction", "nature", "accumulation", "minimum", "maximum"]


# --- progress towards targets --------------------------------------------------------------------


def progress(data: Dataset, year: int = 0, indicators: Iterable[str] | None = None) -> pd.DataFrame:
    """How far each figure with a target has come by the end of a year.

    Parameters
    ----------
    data : Dataset
    year : int
        The state at the end of this year; 0 for the latest year with actual figures. No actual
        figure of a later period is used, nor an aim or outlook from a document written later.
    indicators : iterable of str, optional
        Codes, in the order of the result; all that have a target or a stated attainment by default.

    Returns
    -------
    DataFrame
        One row for each figure and target, with the columns

        - ``target``, ``target_max`` (end of a range), ``target_qualifier``, ``target_period``;
        - ``actual``, ``actual_period``, ``actual_qualifier``; ``actual_kind``: ``printed``,
          ``open`` (cumulative, start not printed) or ``sum`` (of the years);
        - ``relative_step``: one of the last printed digit of the actual value as a part of it, which
          says how many digits a ratio can bear; 0 for counts;
        - ``attainment`` in per cent: 100 x/T where higher is better, 100 T/x where lower is;
          for a range [L, U] 100 inside, else against the bound that is missed;
        - ``gap``: what is still to go in the good direction, negative when passed;
        - ``years_left``: N - t;
        - ``required`` a year: (T - x)/(N - t);
        - ``latest``, ``latest_period``: for totals the last whole year, or the mean year of the
          cumulative figure;
        - ``required_growth`` as a ratio, 0.643 for +64.3%: (x + required)/x - 1, for totals
          required/latest - 1; NaN for percentages, which get points a year;
        - ``run_rate``: for totals x + (N - t) latest;
        - ``linear_path_index``: ((x - b)/(T - b)) / ((t - t0)/(N - t0)), 1 is on the line;
        - ``aim``, ``outlook``: what the report strives for or expects at N;
        - ``stated_attainment`` in per cent, and ``implied_low``, ``implied_high``: the target that
          it implies where none is printed;
        - ``target_rows``, ``actual_rows``, ``aim_rows`` …: the labels of the figures by their role;
        - ``assessment``, one of ``ASSESSMENTS``, with its ``basis``, the ``contrary`` basis that
          says otherwise, and for ``not_assessed`` a ``reason``.

    Raises
    ------
    UnknownNameError
        If a code is not in the catalogue.
    MissingDataError
        If there is no actual figure up to that year at all.

    Examples
    --------
    182.6 of 300 in the last year but one needs 117.4 more, a growth of 64.3%; even from a start at
    zero five years ago it is too slow:

    >>> from laichau_analysis.dataset import load
    >>> row = progress(load(), 2024, ["revenue_in_area"]).iloc[0]
    >>> float(row["attainment"].round(1)), float(row["required"].round(1)), float(row["required_growth"].round(3))
    (60.9, 117.4, 0.643)
    >>> row["assessment"], row["basis"]
    ('behind', 'aim')
    """
    year = data.state_of(year)
    rows = _expanded(data)
    wanted = None if indicators is None else list(indicators)
    if wanted is not None:
        for code in wanted:
            data.indicator(code)
        rows = rows[rows["indicator"].isin(wanted)]
    targets = _targets(rows, year)
    frame = targets.merge(_actuals(rows, targets, year), on=[*FIGURE, "target_period"], how="left")
    frame = frame.merge(_latest_years(rows, year), on=FIGURE, how="left")
    for measure in ("aim", "outlook", "baseline"):
        frame = frame.merge(_statements(data, rows, measure, year), on=_join(measure), how="left")
    stated = _stated(rows)
    frame = frame.merge(stated, on=[*FIGURE, "actual_period"], how="left")
    frame = frame.join(data.indicators[CATALOGUE], on="indicator")
    frame = _assess(_measure(frame), data.term, year)
    frame = _implied(data, frame)
    # A mark of the target stays with what is computed from it.
    frame["flag"] = frame["flag"].where(frame["flag"].fillna("") != "", frame["target_flag"])
    frame["evidence"] = _evidence(frame, [c for c in frame.columns if c.endswith("_rows")])
    return _in_order(data, frame, wanted)


def _expanded(data: Dataset) -> pd.DataFrame:
    """The rows that metrics use, with their periods taken apart."""
    rows = data.observations[data.observations["preferred"]]
    spans = {code: period(code) for code in rows["period"].unique()}
    return rows.assign(
        kind=rows["period"].map({code: span.kind for code, span in spans.items()}),
        start=rows["period"].map({code: span.start for code, span in spans.items()}).astype("float64"),
        end=rows["period"].map({code: span.end for code, span in spans.items()}).astype("float64"),
        step=rows["step"].where(~_is_count(data, rows), 0.0),
        nature=rows["indicator"].map(data.indicators["nature"]),
        accumulation=rows["indicator"].map(data.indicators["accumulation"]),
        row=rows.index,
    )


def _is_count(data: Dataset, rows: pd.DataFrame) -> pd.Series:
    """Whole numbers of persons, schools and the like are exact."""
    own = rows["indicator"].map(data.indicators["unit"])
    return own.map(lambda code: unit(code).countable) & (rows["decimals"] == 0)


def _targets(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """Printed targets, and figures whose target is only implied by a stated attainment."""
    columns = {
        "number": "target",
        "number_max": "target_max",
        "qualifier": "target_qualifier",
        "period": "target_period",
        "start": "target_start",
        "end": "target_end",
        "row": "target_rows",
        "flag": "target_flag",
    }
    printed = rows.loc[rows["measure"] == "target", [*FIGURE, *columns]].rename(columns=columns)
    stated = rows[(rows["measure"] == "stated_attainment") & (rows["end"] <= (year + 1) * 12)]
    lonely = stated[~_keys(stated).isin(_keys(printed))][FIGURE].drop_duplicates()
    empty = lonely.assign(target_period="", target_qualifier="", target_flag="")
    return pd.concat([printed, empty], ignore_index=True) if len(empty) else printed.reset_index(drop=True)


def _keys(frame: pd.DataFrame) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[FIGURE])


def _actuals(rows: pd.DataFrame, targets: pd.DataFrame, year: int) -> pd.DataFrame:
    """X for each target: of the target's kind of period, the latest that is not after the year."""
    actual = rows[(rows["measure"] == "actual") & (rows["end"] <= (year + 1) * 12)]
    pairs = actual.merge(targets[[*FIGURE, "target_period", "target_start", "target_end"]], on=FIGURE)
    pairs = pairs[pairs["target_end"].isna() | (pairs["end"] <= pairs["target_end"])]
    single = pairs["kind"].isin(("year", "date")) & ~((pairs["nature"] == "flow") & (pairs["status"] == "P"))
    cumulative = (pairs["kind"] == "open") | ((pairs["kind"] == "span") & (pairs["start"] == pairs["target_start"]))
    # A stated attainment without a target speaks of whichever period it stands at.
    lonely = pairs["target_period"] == ""
    total = pairs["accumulation"] == "total"
    fits = pairs[np.where(lonely, single | pairs["kind"].isin(("span", "open")), np.where(total, cumulative, single))]
    fits = fits.assign(
        actual_kind=np.where(fits["kind"] == "open", "open", "printed"),
        relative_step=fits["step"] / fits["number"].abs(),
        rows=[(i,) for i in fits["row"]],
    )
    group = [*FIGURE, "target_period"]
    fits = fits.sort_values(["end", "start"], na_position="first").drop_duplicates(group, keep="last")
    sums = _sums_of_years(pairs[total & (pairs["kind"] == "year")], group)
    sums = sums[~pd.MultiIndex.from_frame(sums[group]).isin(pd.MultiIndex.from_frame(fits[group]))]
    chosen = pd.concat([fits, sums], ignore_index=True) if len(sums) else fits
    columns = {
        "number": "actual",
        "period": "actual_period",
        "start": "actual_start",
        "end": "actual_end",
        "status": "status",
        "flag": "flag",
        "qualifier": "actual_qualifier",
        "actual_kind": "actual_kind",
        "relative_step": "relative_step",
        "rows": "actual_rows",
    }
    return chosen[[*group, *columns]].rename(columns=columns)


def _sums_of_years(pairs: pd.DataFrame, group: list[str]) -> pd.DataFrame:
    """The sum of the years since the target's period began, as far as they follow each other."""
    pairs = pairs.sort_values([*group, "end"])
    expected = pairs["target_start"] + 12 * pairs.groupby(group).cumcount()
    pairs = pairs[pairs["start"] == expected]
    first, last = pairs["start"] // 12, pairs["end"] // 12 - 1
    return (
        pairs.assign(first=first, last=last)
        .groupby(group, as_index=False)
        .agg(
            number=("number", "sum"),
            start=("start", "min"),
            end=("end", "max"),
            first=("first", "min"),
            last=("last", "max"),
            status=("status", _strongest),
            flag=("flag", "max"),
            qualifier=("qualifier", "max"),
            step=("step", "sum"),
            rows=("row", tuple),
        )
        .assign(
            period=lambda f: f["first"].astype(int).astype("str") + "/" + f["last"].astype(int).astype("str"),
            actual_kind="sum",
            relative_step=lambda f: f["step"] / f["number"].abs(),
        )
    )


def _strongest(statuses: pd.Series) -> str:
    """The status that stays with what is computed: F before E before P before A."""
    return next(status for status in "FEPA" if (statuses == status).any())


def _latest_years(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    """The last whole single year of each figure; one that was counted too early is none."""
    whole = rows[
        (rows["measure"] == "actual")
        & (rows["kind"] == "year")
        & (rows["status"] != "P")
        & (rows["end"] <= (year + 1) * 12)
    ]
    last = whole.sort_values("end").drop_duplicates(FIGURE, keep="last")
    columns = {"number": "latest", "period": "latest_period", "row": "latest_rows"}
    return last[[*FIGURE, *columns]].rename(columns=columns)


def _join(measure: str) -> list[str]:
    return FIGURE if measure == "baseline" else [*FIGURE, "target_period"]


def _statements(data: Dataset, rows: pd.DataFrame, measure: str, year: int) -> pd.DataFrame:
    """Aims and outlooks for a target's period, or baselines, known by the end of the year."""
    written = data.tables["sources"].set_index("source")["date"].map(lambda code: period(code).end)
    found = rows[rows["measure"] == measure]
    if measure != "baseline":
        found = found[found["source"].map(written) <= (year + 1) * 12]
    columns = {"number": measure, "row": f"{measure}_rows"} | (
        {"end": "baseline_end"}
        if measure == "baseline"
        else {"period": "target_period", "qualifier": f"{measure}_qualifier"}
    )
    found = found.sort_values("end").drop_duplicates([*FIGURE, "period"] if measure != "baseline" else FIGURE)
    return found[[*FIGURE, *columns]].rename(columns=columns)


def _stated(rows: pd.DataFrame) -> pd.DataFrame:
    columns = {"period": "actual_period", "number": "stated_attainment", "row": "stated_rows"}
    return rows.loc[rows["measure"] == "stated_attainment", [*FIGURE, *columns]].rename(columns=columns)


def _measure(frame: pd.DataFrame) -> pd.DataFrame:
    """Attainment, gap and pace; see ``progress`` for the formulas."""
    x, target, upper = frame["actual"], frame["target"], frame["target_max"]
    higher, lower = frame["direction"] == "higher", frame["direction"] == "lower"
    is_range = upper.notna()
    below, above = is_range & (x < target), is_range & (x > upper)
    inside = is_range & (x >= target) & (x <= upper)
    bound = target.where(~above, upper)  # the end of the range that is missed
    more, less = (x / bound).where((x > 0) & (bound > 0)) * 100, (bound / x).where((x > 0) & (bound > 0)) * 100
    rises = below | (~is_range & higher)
    falls = above | (~is_range & lower)
    years_left = (frame["target_end"] - frame["actual_end"]) / 12
    to_go = (bound - x).where(~inside, 0.0)
    required = (to_go / years_left).where(years_left > 0)
    total = frame["accumulation"] == "total"
    mean_year = x / ((frame["actual_end"] - frame["actual_start"]) / 12)
    latest = frame["latest"].where(frame["latest"].notna() | ~total, mean_year)
    percentage = frame["unit"].map(lambda code: unit(code).is_percentage).astype(bool)
    base = latest.where(total, x)
    growth = (required / latest - 1).where(total, required / x)
    path = ((x - frame["baseline"]) / (target - frame["baseline"])) / (
        (frame["actual_end"] - frame["baseline_end"]) / (frame["target_end"] - frame["baseline_end"])
    )
    return frame.assign(
        attainment=np.select([inside, rises, falls], [100.0, more, less], np.nan),
        gap=np.select([inside, rises, falls], [0.0, bound - x, x - bound], np.nan),
        years_left=years_left,
        required=required,
        required_growth=growth.where((base > 0) & ~percentage),
        latest=latest.where(total),
        latest_period=frame["latest_period"]
        .where(frame["latest"].notna() | ~total, frame["actual_period"])
        .where(total),
        run_rate=(x + years_left * latest).where(total & (years_left > 0)),
        linear_path_index=path.where(~total & ~is_range),
    )


def _reaches(frame: pd.DataFrame, column: str, qualifier: str = "") -> pd.Series:
    """Whether a value reaches the target; ``under`` and ``over`` make a target strict."""
    value, target, upper = frame[column], frame["target"], frame["target_max"]
    sign = np.where(frame["direction"] == "lower", -1.0, 1.0)
    ahead = sign * (value - target)
    strict = frame["target_qualifier"].isin(("under", "over"))
    beyond = frame[qualifier].isin(("under", "over")) if qualifier else pd.Series(False, index=frame.index)
    single = (ahead > 0) | ((ahead == 0) & (~strict | beyond))
    return ((value >= target) & (value <= upper)).where(upper.notna(), single)


def _assess(frame: pd.DataFrame, term: Period, year: int) -> pd.DataFrame:
    """The assessment, its basis, and the later evidence that disagrees with it."""
    x, target = frame["actual"], frame["target"]
    is_range = frame["target_max"].notna()
    directed = frame["direction"].isin(("higher", "lower")) | is_range
    higher = frame["direction"] == "higher"
    reached = _reaches(frame, "actual", "actual_qualifier")
    better = ~is_range & np.where(higher, x > target, x < target)
    over = frame["actual_end"] >= frame["target_end"]
    too_late = (year + 1) * 12 >= frame["target_end"]

    def says(verdict: pd.Series, known: pd.Series) -> pd.Series:
        return verdict.map({True: "on_track", False: "behind"}).where(known, "")

    slowest = frame["minimum"].where(higher, frame["maximum"])
    share_of_way = (x - slowest) / (target - slowest)
    share_of_time = (frame["actual_end"] - term.start) / (frame["target_end"] - term.start)
    too_slow = (share_of_way < share_of_time) & (frame["accumulation"] != "total") & ~is_range
    evidence = {
        "run_rate": says(_reaches(frame, "run_rate"), frame["run_rate"].notna()),
        "baseline": says(frame["linear_path_index"] >= 1, frame["linear_path_index"].notna()),
        "outlook": says(_reaches(frame, "outlook", "outlook_qualifier"), frame["outlook"].notna()),
        # An aim that repeats the target, or a start that is merely possible, proves nothing good.
        "aim": says(
            pd.Series(False, index=frame.index), frame["aim"].notna() & ~_reaches(frame, "aim", "aim_qualifier")
        ),
        "slowest_start": says(pd.Series(False, index=frame.index), too_slow),
    }
    pace = pd.DataFrame(evidence)
    basis = (pace != "").idxmax(axis=1).where((pace != "").any(axis=1), "")
    decided = pd.Series(
        [row[name] if name else "" for name, row in zip(basis, pace.to_dict("records"), strict=True)],
        index=frame.index,
        dtype="str",
    )
    differs = (pace != "") & pace.ne(decided, axis=0)
    contrary = differs.idxmax(axis=1).where(differs.any(axis=1), "")
    cases = [
        (target.isna(), "not_assessed", "no_target"),
        (x.isna(), "not_assessed", "no_actual"),
        (~directed, "not_assessed", "no_direction"),
        (reached & better, "exceeded", ""),
        (reached, "met", ""),
        (over, "missed", ""),
        (too_late, "not_assessed", "no_final_figure"),
        (decided == "", "not_assessed", "no_evidence_of_pace"),
    ]
    conditions = [case[0] for case in cases]
    assessment = np.select(
        conditions, [np.full(len(frame), case[1], object) for case in cases], decided.to_numpy(object)
    )
    reason = np.select(conditions, [np.full(len(frame), case[2], object) for case in cases], "")
    paced = pd.Series(assessment, index=frame.index).isin(("on_track", "behind"))
    compared = pd.Series(assessment, index=frame.index).isin(("exceeded", "met", "missed"))
    return frame.assign(
        assessment=pd.Series(assessment, index=frame.index, dtype="str"),
        basis=basis.where(paced, "").where(~compared, "compared"),
        contrary=contrary.where(paced, ""),
        reason=pd.Series(reason, index=frame.index, dtype="str"),
    )


def _implied(data: Dataset, frame: pd.DataFrame) -> pd.DataFrame:
    """The target that a stated attainment implies where none is printed."""
    low, high = pd.Series(np.nan, index=frame.index), pd.Series(np.nan, index=frame.index)
    for label, row in frame[frame["target"].isna() & frame["stated_attainment"].notna()].iterrows():
        stated, values = data.interval(int(row["stated_rows"])), data.interval(row["actual_rows"][0])
        if stated is None or values is None or stated.low <= 0 or values.low <= 0:
            continue
        hundred = Decimal(100)
        target = values.scaled(hundred) / stated if row["direction"] != "lower" else values.scaled(1 / hundred) * stated
        low[label], high[label] = float(target.low), float(target.high)
    return frame.assign(implied_low=low, implied_high=high)


def _evidence(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[int, ...]]:
    found = []
    for values in zip(*(frame[column] for column in columns), strict=True):
        labels: list[int] = []
        for value in values:
            if isinstance(value, tuple):
                labels += [int(item) for item in value]
            elif value == value and value is not None:
                labels.append(int(value))
        found.append(tuple(dict.fromkeys(labels)))
    return found


def _in_order(data: Dataset, frame: pd.DataFrame, wanted: list[str] | None = None) -> pd.DataFrame:
    """Rows in the order asked for, or that of the catalogue, categories in their own order."""
    codes = wanted if wanted is not None else list(data.indicators.index)
    areas = list(data.tables["areas"]["area"])
    categories = list(zip(data.tables["categories"]["breakdown"], data.tables["categories"]["category"], strict=True))
    order = {code: i for i, code in enumerate(dict.fromkeys(codes))}
    places = {area: i for i, area in enumerate(areas)}
    members = {pair: i for i, pair in enumerate(categories)}
    ranks = pd.DataFrame(
        {
            "indicator": frame["indicator"].map(order),
            "area": frame["area"].map(places),
            "category": [members.get(pair, -1) for pair in zip(frame["breakdown"], frame["category"], strict=True)],
        },
        index=frame.index,
    )
    return frame.loc[ranks.sort_values(list(ranks.columns), kind="stable").index].reset_index(drop=True)


# --- what figures say of themselves ----------------------------------------------------------------


def _described(data: Dataset, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.join(data.indicators[["unit", "decimals", "direction", "nature"]], on="indicator")


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
        One row an indicator that has a figure: ``period``, ``value``, ``qualifier``. Where a year
        and a cumulative figure end together, the longer period is taken.
    """
    year = data.state_of(year)
    wanted = list(indicators)
    for code in wanted:
        data.indicator(code)
    rows = _expanded(data)
    rows = rows[
        (rows["measure"] == "actual")
        & rows["indicator"].isin(wanted)
        & (rows["area"] == data.town)
        & (rows["breakdown"] == "")
        & (rows["end"] <= (year + 1) * 12)
    ]
    last = rows.sort_values(["end", "start"], ascending=[True, False], na_position="first").drop_duplicates(
        "indicator", keep="last"
    )
    frame = last[[*FIGURE, "period", "number", "qualifier", "status", "flag"]].rename(columns={"number": "value"})
    return _in_order(data, _described(data, frame.assign(evidence=[(i,) for i in last.index])), wanted)


def series(data: Dataset, indicator: str, year: int = 0) -> pd.DataFrame:
    """What an indicator brought in each year of the term, as far as it can be told.

    Where a cumulative figure and some of its years are printed, the rest is their difference:
    622.3 for 2021/2024 less 182.6 for 2024 leaves 439.7 for 2021/2023.

    Parameters
    ----------
    data : Dataset
    indicator : str
        Code of a flow.
    year : int
        Nothing later than this year is used; 0 for the latest.

    Returns
    -------
    DataFrame
        One row a period, in time: ``period``, ``years`` (its length), ``value``, ``per_year``,
        ``derived`` (whether it is a difference).

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> series(load(), "revenue_in_area", 2024)[["period", "per_year", "derived"]].round(1).to_dict("list")
    {'period': ['2021/2023', '2024'], 'per_year': [146.6, 182.6], 'derived': [True, False]}
    """
    year = data.state_of(year)
    data.indicator(indicator)
    rows = _expanded(data)
    rows = rows[
        (rows["indicator"] == indicator)
        & (rows["measure"] == "actual")
        & (rows["area"] == data.town)
        & (rows["breakdown"] == "")
        & (rows["end"] <= (year + 1) * 12)
    ]
    years = rows[(rows["kind"] == "year") & (rows["status"] != "P")]
    found = [
        _period_row(row["period"], row["number"], row["status"], row["flag"], False, (i,))
        for i, row in years.iterrows()
    ]
    spans = rows[(rows["kind"] == "span") & (rows["end"] % 12 == 0)].sort_values("end")
    if len(spans):
        whole = spans.iloc[-1]
        covered = years[(years["start"] >= whole["start"]) & (years["end"] <= whole["end"])]
        known = {int(start) // 12 for start in covered["start"]}
        rest = [y for y in range(int(whole["start"]) // 12, int(whole["end"]) // 12) if y not in known]
        if rest and rest[-1] - rest[0] + 1 == len(rest):
            code = str(rest[0]) if len(rest) == 1 else f"{rest[0]}/{rest[-1]}"
            status = _strongest(pd.concat([covered["status"], spans["status"].iloc[-1:]]))
            flag = max([whole["flag"], *covered["flag"]])
            value = whole["number"] - covered["number"].sum()
            found.append(
                _period_row(code, value, status, flag, bool(known), (int(whole.name), *map(int, covered.index)))
            )
    columns = ["period", "value", "status", "flag", "derived", "evidence", "years", "per_year"]
    frame = pd.DataFrame(found, columns=columns).assign(indicator=indicator, area=data.town, breakdown="", category="")
    ends = frame["period"].map(lambda code: period(code).end)
    return _described(data, frame.loc[ends.sort_values(kind="stable").index].reset_index(drop=True))


def _period_row(
    code: str, value: float, status: str, flag: str, derived: bool, evidence: tuple[Any, ...]
) -> dict[str, Any]:
    years = period(code).years
    return {
        "period": code,
        "value": value,
        "status": status,
        "flag": flag,
        "derived": derived,
        "evidence": evidence,
        "years": years,
        "per_year": value / years,
    }


def change(frame: pd.DataFrame, value: str = "per_year") -> pd.DataFrame:
    """Compare the last row of a frame in time with the one before it.

    Parameters
    ----------
    frame : DataFrame
        As from ``series`` or ``computed``, one indicator, in time.
    value : str
        Column to compare.

    Returns
    -------
    DataFrame
        One row: ``earlier_period``, ``earlier``, ``period``, ``value``, ``change`` (in the unit,
        points for percentages) and ``growth`` (ratio; NaN for percentages and values not above
        0). No row where there are fewer than two periods.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> change(series(load(), "revenue_in_area", 2024))[["change", "growth"]].round(3).to_dict("list")
    {'change': [36.033], 'growth': [0.246]}
    """
    columns = ["earlier_period", "earlier", "change", "growth"]
    if len(frame) < 2:
        return frame.iloc[:0].assign(**dict.fromkeys(columns, np.nan))
    before, now = frame.iloc[-2], frame.iloc[-1]
    difference = now[value] - before[value]
    comparable = before[value] > 0 and now[value] > 0 and not unit(now["unit"]).is_percentage
    row = frame.iloc[[-1]].assign(
        earlier_period=before["period"],
        earlier=before[value],
        value=now[value],
        change=difference,
        growth=now[value] / before[value] - 1 if comparable else np.nan,
        status=_strongest(frame["status"].iloc[-2:]),
        flag=max(before["flag"], now["flag"]),
    )
    row["evidence"] = [tuple(dict.fromkeys((*before["evidence"], *now["evidence"])))]
    return row.reset_index(drop=True)


def path(data: Dataset, indicator: str, year: int = 0) -> pd.DataFrame:
    """The way of an indicator through the term, and on to its target.

    For a target that is set for the last year, the values of the years; for one over the term, the
    running sum.

    Parameters
    ----------
    data : Dataset
    indicator : str
        Code of an indicator; without a target the way ends with the latest figure.
    year : int
        Nothing later than this year is used; 0 for the latest.

    Returns
    -------
    DataFrame
        One row a point, in time: ``role`` (``mean`` or ``derived`` for a mean year, ``actual``,
        ``cumulative``, ``aim``, ``outlook``, ``run_rate``, ``target``), ``period``, ``value``.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> path(load(), "revenue_in_area", 2024)[["role", "period", "value"]].round(1).to_dict("split")["data"]
    [['derived', '2021/2023', 146.6], ['actual', '2024', 182.6], ['aim', '2025', 185.0], ['target', '2025', 300.0]]
    """
    frame = progress(data, year, [indicator])
    frame = frame[(frame["area"] == data.town) & (frame["breakdown"] == "")]
    if len(frame) and frame["accumulation"].iloc[0] == "total":
        points = _running_sums(series(data, indicator, year))
    elif data.indicator(indicator)["nature"] == "flow":
        points = series(data, indicator, year).assign(
            value=lambda f: f["per_year"],
            role=lambda f: np.where(f["derived"], "derived", np.where(f["years"] > 1, "mean", "actual")),
        )
    else:
        points = latest(data, [indicator], year).assign(role="actual")
    columns = ["role", "period", "value", "status", "flag", "evidence"]
    ends = [points[columns]]
    for role in ("aim", "outlook", "run_rate", "target"):
        known = frame[frame[role].notna()]
        if len(known):
            status = {"outlook": "F", "run_rate": known["status"].iloc[0]}.get(role, "")
            row = known.iloc[:1].assign(
                role=role, period=known["target_period"], value=known[role], status=status, flag=""
            )
            if role != "run_rate":
                row["evidence"] = [(int(known[f"{role}_rows"].iloc[0]),)]
            ends.append(row[columns])
    result = pd.concat(ends, ignore_index=True)
    return _described(data, result.assign(indicator=indicator, area=data.town, breakdown="", category=""))


def _running_sums(frame: pd.DataFrame) -> pd.DataFrame:
    """The sums up to the end of each period, as far as they follow each other from the first."""
    if frame.empty:
        return frame.assign(role="cumulative")
    first = period(frame["period"].iloc[0]).first_year
    spans = [period(code) for code in frame["period"]]
    codes = [str(span.year) if span.year == first else f"{first}/{span.year}" for span in spans]
    return frame.assign(value=frame["value"].cumsum(), period=codes, role="cumulative")


def parts(data: Dataset, indicators: str | Sequence[str], breakdown: str, year: int = 0) -> pd.DataFrame:
    """The parts of a whole at the latest period that has them.

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
    rows = _expanded(data)
    rows = rows[
        (rows["measure"] == "actual")
        & rows["indicator"].isin(wanted)
        & (rows["area"] == data.town)
        & (rows["end"] <= (year + 1) * 12)
    ]
    members = rows[rows["breakdown"] == breakdown]
    last = members.groupby("indicator")["end"].transform("max") if len(members) else members["end"]
    members = members[members["end"] == last]
    totals = rows[rows["breakdown"] == ""][["indicator", "period", "number", "row"]]
    frame = members.merge(totals, on=["indicator", "period"], how="left", suffixes=("", "_total"))
    sums = frame.groupby(["indicator", "period"])["number"].transform("sum") if len(frame) else frame["number"]
    complete = set(data.tables["categories"].query("breakdown == @breakdown")["category"])
    all_there = (
        frame.groupby(["indicator", "period"])["category"].transform(lambda c: set(c) >= complete)
        if len(frame)
        else frame["number"]
    )
    usable = (known[breakdown] == "all") & all_there.astype(bool)
    total = frame["number_total"].where(frame["number_total"].notna(), sums.where(usable))
    result = frame[[*FIGURE, "period", "number", "qualifier", "status", "flag"]].rename(columns={"number": "value"})
    result = result.assign(
        total=total,
        total_kind=np.where(frame["number_total"].notna(), "printed", np.where(usable, "sum", "")),
        share=(100 * frame["number"] / total).where(total > 0),
    )
    result["evidence"] = _evidence(frame, ["row", "row_total"])
    return _in_order(data, _described(data, result), wanted)


# --- formulas --------------------------------------------------------------------------------------


def formula_inputs(data: Dataset, indicator: str) -> pd.DataFrame:
    """Which printed figures an indicator's formula takes, for each area, period and category.

    An input is taken at the same area and period or, but for flows, the shortest period that
    contains it: a flow of four years is not that of one.

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
    """
    formula = data.formula(indicator)
    if formula is None:
        raise UsageError(f"indicator '{indicator}' has no formula.")
    actual = data.observations[data.observations["preferred"] & (data.observations["measure"] == "actual")]
    place = ["area", "breakdown", "category"]
    inputs = {item: _input_rows(actual, item) for item in formula.inputs}
    keys = pd.concat([rows[[*place, "period"]] for rows in inputs.values()]).drop_duplicates().reset_index(drop=True)
    for item, rows in inputs.items():
        keys = keys.merge(rows.rename(columns={"label": item}), on=[*place, "period"], how="left")
        if item.code in data.indicators.index and data.indicators.loc[item.code, "nature"] != "flow":
            keys[item] = keys[item].fillna(_containing(keys[keys[item].isna()][[*place, "period"]], rows))
    return keys.dropna(subset=list(inputs)).astype(dict.fromkeys(inputs, "int64")).reset_index(drop=True)


def _input_rows(actual: pd.DataFrame, item: Input) -> pd.DataFrame:
    rows = actual[actual["indicator"] == item.code]
    if item.category:
        rows = rows[rows["category"] == item.category].assign(breakdown="", category="")
    return rows[["area", "breakdown", "category", "period"]].assign(label=rows.index)


def _containing(keys: pd.DataFrame, rows: pd.DataFrame) -> pd.Series:
    """For each key the figure at the shortest period that contains the key's."""
    pairs = keys.reset_index(names="key").merge(rows, on=["area", "breakdown", "category"], suffixes=("", "_wider"))
    fits = [
        period(wide).contains(period(code)) for code, wide in zip(pairs["period"], pairs["period_wider"], strict=True)
    ]
    pairs = pairs[np.array(fits, dtype=bool)]
    lengths = pairs["period_wider"].map(lambda code: period(code).years)
    nearest = pairs.assign(length=lengths).sort_values("length").drop_duplicates("key")
    return nearest.set_index("key")["label"].astype("float64")


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
        ``period`` and ``value``.

    Examples
    --------
    622.3 of 2,084 billion dong:

    >>> from laichau_analysis.dataset import load
    >>> computed(load(), "own_revenue_share", 2024)[["period", "value"]].round(1).to_dict("list")
    {'period': ['2021/2024'], 'value': [29.9]}
    """
    year = data.state_of(year)
    formula = data.formula(indicator)
    labels = formula_inputs(data, indicator)
    assert formula is not None
    labels = labels.assign(end=labels["period"].map(lambda code: period(code).end))
    labels = labels[labels["end"] <= (year + 1) * 12].sort_values("end", kind="stable").reset_index(drop=True)
    value = _evaluated(data, formula, labels) / float(unit(data.indicator(indicator)["unit"]).scale)
    used = list(formula.inputs)
    observations = data.observations
    frame = labels[["area", "period", "breakdown", "category"]].assign(
        indicator=indicator,
        value=value,
        qualifier="",
        status=[_strongest(observations.loc[list(row), "status"]) for row in labels[used].itertuples(index=False)],
        flag=[observations.loc[list(row), "flag"].max() for row in labels[used].itertuples(index=False)],
        evidence=[tuple(map(int, row)) for row in labels[used].itertuples(index=False)],
    )
    return _described(data, frame)


def _evaluated(data: Dataset, formula: Formula, labels: pd.DataFrame) -> pd.Series:
    """The formula over columns, everything in base units."""

    def values(item: Input) -> pd.Series:
        scale = float(unit(data.indicator(item.code)["unit"]).scale)
        return labels[item].map(data.observations["number"]) * scale

    result = formula.evaluate(values, float)
    return result.replace([np.inf, -np.inf], np.nan)
