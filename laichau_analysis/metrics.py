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

import itertools
from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd

from .dataset import Dataset
from .errors import UsageError
from .figures import FIGURE, STRONGEST_FIRST, described, evidence_of, expanded, in_order, series, strongest, taken_apart
from .keys import Lists, combined
from .periods import Period, period
from .readings import READ, Readings
from .units import unit

__all__ = ["ASSESSMENTS", "as_count", "change", "path", "progress"]

ASSESSMENTS: Final = ("exceeded", "met", "on_track", "behind", "missed", "not_assessed")
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
        - ``actual_decimals``: digits of the actual value after the decimal sign, as printed;
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
    wanted = None if indicators is None else list(indicators)
    for code in wanted or ():
        data.indicator(code)
    rows = taken_apart(data, _speak_of_targets(data, wanted))
    targets = _targets(rows, year)
    frame = targets.merge(_actuals(rows, targets, year), on=[*FIGURE, "target_period"], how="left")
    # Where neither figure nor target is printed, what is stated still has its period.
    frame["actual_period"] = frame["actual_period"].fillna(frame["stated_period"])
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
    frame["evidence"] = evidence_of(frame, [c for c in frame.columns if c.endswith("_rows")])
    return in_order(data, frame, wanted)


def _speak_of_targets(data: Dataset, wanted: list[str] | None) -> pd.Series:
    """Which observations are of a figure that has a target or a stated attainment, and are used by metrics."""
    rows = data.observations
    chosen = rows["preferred"] if wanted is None else rows["preferred"] & rows["indicator"].isin(wanted)
    figures = combined(*(data.columns[column] for column in FIGURE))
    goals = figures[chosen & rows["measure"].isin(("target", "stated_attainment"))]
    return chosen & pd.Index(figures).isin(goals)


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
    lonely = stated[~_keys(stated).isin(_keys(printed))].sort_values("end", kind="stable")
    lonely = lonely.drop_duplicates(FIGURE, keep="last")[[*FIGURE, "period"]].rename(
        columns={"period": "stated_period"}
    )
    empty = lonely.assign(target_period="", target_qualifier="", target_flag="")
    printed = printed.assign(stated_period=pd.Series(index=printed.index, dtype="str"))
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
        decimals=fits["decimals"].where(fits["factor"] == 1),
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
        "decimals": "actual_decimals",
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
    summed = (
        pairs.assign(first=first, last=last, status=pairs["status"].map(STRONGEST_FIRST.index))
        .groupby(group, as_index=False)
        .agg(
            number=("number", "sum"),
            start=("start", "min"),
            end=("end", "max"),
            first=("first", "min"),
            last=("last", "max"),
            status=("status", "min"),
            flag=("flag", "max"),
            qualifier=("qualifier", "max"),
            step=("step", "sum"),
            decimals=("decimals", "max"),
            years=("row", "size"),
        )
    )
    rows = Lists(np.arange(len(pairs)), summed.pop("years").to_numpy()).gathered(pairs["row"].to_numpy())
    return summed.assign(
        period=summed["first"].astype(int).astype("str") + "/" + summed["last"].astype(int).astype("str"),
        status=summed["status"].map(dict(enumerate(STRONGEST_FIRST))).astype("str"),
        rows=pd.Series(rows, dtype=object),
        actual_kind="sum",
        relative_step=summed["step"] / summed["number"].abs(),
    )


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
        np.select([basis == name for name in evidence], [pace[name] for name in evidence], ""),
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
    told = frame[frame["target"].isna() & frame["stated_attainment"].notna() & frame["actual"].notna()]
    values = [rows[0] for rows in told["actual_rows"]]
    readings = Readings(data, data.observations[READ].loc[[*told["stated_rows"].astype("int64"), *values]])
    stated = np.arange(len(told))
    lower = (told["direction"] == "lower").to_numpy(float)
    ends = readings.in_floats(lambda own, at: own.implied(stated[at], stated[at] + len(told), lower[at]), len(told))
    low, high = (pd.Series(end, index=told.index).reindex(frame.index) for end in ends)
    return frame.assign(implied_low=low, implied_high=high)


def change(frame: pd.DataFrame) -> pd.DataFrame:
    """Compare the last row of a series with the one before it.

    Parameters
    ----------
    frame : DataFrame
        From ``figures.series``.

    Returns
    -------
    DataFrame
        One row: ``earlier_period``, ``earlier``, ``period``, ``value``, both at the same pace;
        ``mean``, whether the earlier one is the mean of several years; ``change`` (in the unit,
        points for percentages) and ``growth`` (ratio; NaN for percentages and values not above
        0). No row where there are fewer than two periods that can be compared.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> change(series(load(), "revenue_in_area", 2024))[["change", "growth"]].round(3).to_dict("list")
    {'change': [36.033], 'growth': [0.246]}
    """
    columns = ["earlier_period", "earlier", "mean", "change", "growth"]
    frame = frame[frame["pace"].notna()]
    if len(frame) < 2:
        return frame.iloc[:0].assign(**dict.fromkeys(columns, np.nan))
    before, now = frame.iloc[-2], frame.iloc[-1]
    comparable = before["pace"] > 0 and now["pace"] > 0 and not unit(now["unit"]).is_percentage
    row = frame.iloc[[-1]].assign(
        earlier_period=before["period"],
        earlier=before["pace"],
        mean=bool(before["pace"] != before["value"]),
        value=now["pace"],
        change=now["pace"] - before["pace"],
        growth=now["pace"] / before["pace"] - 1 if comparable else np.nan,
        decimals=min(before["decimals"], now["decimals"]),
        status=strongest(frame["status"].iloc[-2:]),
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
    points = series(data, indicator, year)
    if len(frame) and frame["accumulation"].iloc[0] == "total":
        points = _running_sums(points)
    else:
        mean = points["pace"] != points["value"]
        roles = np.where(mean & points["derived"], "derived", np.where(mean, "mean", "actual"))
        points = points.assign(value=points["pace"], role=roles, value_decimals=points["value_decimals"].where(~mean))
        points = points[points["value"].notna()]
    columns = ["role", "period", "value", "value_decimals", "qualifier", "status", "flag", "evidence"]
    ends = [points[columns]]
    for role in ("aim", "outlook", "run_rate", "target"):
        known = frame[frame[role].notna()]
        if len(known):
            status = {"outlook": "F", "run_rate": known["status"].iloc[0]}.get(role, "")
            row = known.iloc[:1].assign(
                role=role,
                period=known["target_period"],
                value=known[role],
                value_decimals=np.nan,
                qualifier=known.get(f"{role}_qualifier", ""),
                status=status,
                flag="",
            )
            if role != "run_rate":
                row["evidence"] = [(int(known[f"{role}_rows"].iloc[0]),)]
            ends.append(row[columns])
    result = pd.concat(ends, ignore_index=True)
    return described(data, result.assign(indicator=indicator, area=data.town, breakdown="", category=""))


def _running_sums(frame: pd.DataFrame) -> pd.DataFrame:
    """The sums up to the end of each period, as far as they follow each other from the first."""
    if frame.empty:
        return frame.assign(role="cumulative")
    first, *others = (period(code) for code in frame["period"])
    start = ".." if first.first_year is None else str(first.first_year)
    codes = [first.code, *(f"{start}/{span.year}" for span in others)]
    return frame.assign(
        value=frame["value"].cumsum(),
        period=codes,
        value_decimals=np.nan,
        role="cumulative",
        status=[strongest(frame["status"].iloc[: i + 1]) for i in range(len(frame))],
        evidence=[tuple(dict.fromkeys(itertools.chain(*frame["evidence"].iloc[: i + 1]))) for i in range(len(frame))],
    )


def as_count(data: Dataset, rate: str, count: str, year: int = 0) -> pd.DataFrame:
    """What the target of a rate means in numbers: below 1% of the households is how many of them.

    The whole is what follows from the two figures of the latest period, count/rate; it is taken
    to stay as it is until the target's year.

    Parameters
    ----------
    data : Dataset
    rate : str
        Code of a percentage with a target.
    count : str
        Code of the number that the rate is a share of.
    year : int
        The state at the end of this year; 0 for the latest.

    Returns
    -------
    DataFrame
        One row, of the count: ``period``, ``value``; ``rate``, its value, and the rate's ``target``,
        ``target_qualifier``, ``target_period``; ``relative_step`` of the rate, which says how many
        digits the next ones bear: ``base`` (the whole), ``target_count``, ``needed`` (target_count - value);
        ``outlook`` of the count, ``outlook_rate``, and ``expected`` (outlook - value); ``reached``.
        No row where one of them is not printed.

    Raises
    ------
    UnknownNameError
        If an indicator is not in the catalogue.
    UsageError
        If the first one is not a percentage.

    Examples
    --------
    195 households are 1.50%, and the target is below 1%:

    >>> from laichau_analysis.dataset import load
    >>> frame = as_count(load(), "poor_household_rate", "poor_households", 2024)
    >>> frame[["value", "base", "target_count", "needed", "expected"]].round(0).values.tolist()
    [[195.0, 13000.0, 130.0, -65.0, -13.0]]
    """
    year = data.state_of(year)
    data.indicator(count)
    if not unit(data.indicator(rate)["unit"]).is_percentage:
        raise UsageError(f"indicator '{rate}' is not a percentage, so that nothing can be counted from it.")
    rates = progress(data, year, [rate])
    rates = rates[(rates["breakdown"] == "") & (rates["area"] == data.town)]
    rates = rates[(rates["target"] > 0) & rates["target_max"].isna() & (rates["actual"] > 0)]
    rows = expanded(data, [count])
    rows = rows[(rows["breakdown"] == "") & (rows["area"] == data.town)]
    actual = rows[rows["measure"] == "actual"][[*FIGURE, "period", "number", "qualifier", "row"]]
    outlook = _statements(data, rows, "outlook", year)[["target_period", "outlook", "outlook_rows"]]
    taken = ["period", "actual", "actual_decimals", "status", "flag", "relative_step", "target_rows", "actual_rows"]
    taken += ["target", "target_qualifier", "target_period", "outlook", "outlook_rows", "assessment"]
    frame = (
        rates.rename(columns={"actual_period": "period"})[taken]
        .rename(columns={"actual": "rate", "actual_decimals": "rate_decimals"})
        .rename(columns={"outlook": "outlook_rate", "outlook_rows": "outlook_rate_rows"})
        .merge(actual.rename(columns={"number": "value"}), on="period")
        .merge(outlook, on="target_period", how="left")
    )
    reached = frame.pop("assessment").isin(("exceeded", "met"))
    target_count = frame["value"] * frame["target"] / frame["rate"]
    frame = frame.assign(
        base=frame["value"] / (frame["rate"] * float(unit(data.indicator(rate)["unit"]).scale)),
        target_count=target_count,
        needed=target_count - frame["value"],
        expected=frame["outlook"] - frame["value"],
        reached=reached,
        rate_unit=data.indicator(rate)["unit"],
        rate_digits=int(data.indicator(rate)["decimals"]),
    )
    frame["evidence"] = evidence_of(frame, ["row", *(c for c in frame.columns if c.endswith("_rows"))])
    drop = [c for c in frame.columns if c.endswith("_rows")]
    return described(data, frame.drop(columns=[*drop, "row"]))
