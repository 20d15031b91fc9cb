"""The areas right below one, side by side: towns of a province, provinces of a country.

Each function gives a frame with a row an area, or a row a target, which brings its own sentences
(``attrs["told"]``). An area without a report, and one whose report holds no such figure, keep their rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .audit import WRONG
from .dataset import Dataset
from .figures import printed_decimals
from .keys import distinct
from .metrics import progress
from .periods import period
from .units import unit
from .wording import ASSESSMENT, known, qualified
from .words import N_, Words

__all__ = ["accounts", "compared", "standing", "targets"]

ON_THE_WAY: Final = ("exceeded", "met", "on_track")
NAMED: Final = 5
"""So many areas are named in a sentence."""


def compared(data: Dataset) -> list[str]:
    """The areas that are compared: those right below the town of a data set, and others of their level.

    Parameters
    ----------
    data : Dataset
        From ``load(..., below=True)``.

    Returns
    -------
    list of str
        Codes in the order of ``areas.csv``, also of areas without a report; none if there is no report on one of them.
    """
    areas = data.tables["areas"]
    below = areas[areas["parent"] == data.town]
    levels = set(below.loc[below["area"].isin(data.homes.all), "level"])
    return list(below.loc[below["level"].isin(levels), "area"])


def _nothing(data: Dataset, words: Words) -> str:
    """That there is nothing to compare."""
    name = data.names("areas", words.language)[data.town]
    return words.text(N_("No area right below {area} has a report of its own: there is nothing to compare."), area=name)


def standing(data: Dataset, indicator: str, year: int, findings: pd.DataFrame, language: str) -> pd.DataFrame:
    """Where each area stands with an indicator.

    Compared are the figures of one period: the latest of those that most areas have.

    Parameters
    ----------
    data : Dataset
        From ``load(..., below=True)``.
    indicator : str
    year : int
    findings : DataFrame
        From ``audit`` of the same data.
    language : {'vi', 'en'}

    Returns
    -------
    DataFrame
        One row an area, best first where they can be ranked, else the largest first: ``area``, ``area_name``,
        ``value`` in the indicator's ``unit``; ``reached`` (attainment of its target, in per cent) and ``standing``
        (its assessment); ``rank_first`` and ``rank_last``, the places that it may have, NaN where ranks mean
        nothing; ``wrong``, how many findings of its report call something wrong; ``silent``, why there is no
        figure: ``report`` or ``figure``; ``evidence``.
    """
    words, row = Words(language), data.indicator(indicator)
    areas = compared(data)
    found = _figures(data, indicator, year)
    code = _common_period(found[found["area"].isin(areas)])
    own = found[found["period"] == code].set_index("area")
    frame = own.reindex(areas)
    frame["evidence"] = [(int(label),) if known(label) else () for label in frame["label"]]
    judged = progress(data, year, [indicator])
    judged = judged[judged["breakdown"] == ""].drop_duplicates("area").set_index("area").reindex(areas)
    names = data.names("areas", language)
    frame = frame.assign(
        indicator=indicator,
        name=data.names("indicators", language)[indicator],
        area_name=[names[area] for area in areas],
        category_name="",
        breakdown_name="",
        period=code,
        breakdown="",
        category="",
        unit=row["unit"],
        decimals=row["decimals"],
        reached=judged["attainment"],
        standing=judged["assessment"].fillna(""),
        wrong=_wrong(data, findings).reindex(areas),
        silent=np.where(frame["value"].notna(), "", np.where(_have_report(data, areas), "figure", "report")),
        **{name: frame[name].fillna("") for name in ("qualifier", "status", "flag")},
    )
    reason = _no_ranks(row)
    first, last = _ranks(frame, row["direction"] == "lower") if not reason else (np.nan, np.nan)
    frame = frame.assign(rank_first=first, rank_last=last).reset_index()
    by = ["rank_first", "rank_last"] if not reason else ["value"]
    frame = frame.sort_values(by, ascending=not reason, kind="stable", na_position="last", ignore_index=True)
    town = own.loc[data.town] if data.town in own.index else None
    told = list(_told(frame, town, names[data.town], reason, words)) if areas else [_nothing(data, words)]
    frame.attrs.update(language=language, told=told, caption=_caption(frame, words) if areas else "")
    return frame


def _figures(data: Dataset, indicator: str, year: int) -> pd.DataFrame:
    """Printed actual figures of the whole of each area, with what each stands for."""
    rows = data.observations
    rows = rows[(rows["indicator"] == indicator) & (rows["measure"] == "actual") & (rows["breakdown"] == "")]
    rows = rows[rows["preferred"] & (distinct(rows["period"]).map(lambda code: period(code).year, np.int64) <= year)]
    intervals = [data.interval(label) for label in rows.index]
    ends = [(float(i.low), float(i.high)) if i and i.is_bounded else (-np.inf, np.inf) for i in intervals]
    return pd.DataFrame(
        {
            **{name: rows[name] for name in ("area", "period", "qualifier", "status", "flag")},
            "value": rows["number"],
            "value_decimals": printed_decimals(rows),
            "low": [low for low, _ in ends],
            "high": [high for _, high in ends],
            "label": rows.index,
        }
    )


def _common_period(found: pd.DataFrame) -> str:
    """The period that most areas have a figure of, the latest of several; empty where there is no figure."""
    counts = found.groupby("period")["area"].nunique()
    return max(counts.index, key=lambda code: (counts[code], period(code).end), default="")


def _have_report(data: Dataset, areas: Iterable[str]) -> list[bool]:
    homes = set(data.homes.all)
    return [area in homes for area in areas]


def _wrong(data: Dataset, findings: pd.DataFrame) -> pd.Series:
    """How many findings call something wrong in each area's report."""
    homes = data.homes
    wrong = findings[findings["verdict"].isin(WRONG)]
    counts = pd.Series(homes.areas[homes.home_of(distinct(wrong["area"]))]).value_counts()
    return counts.reindex(homes.all, fill_value=0)


def _no_ranks(row: pd.Series) -> str:
    """Why areas are not ranked by an indicator; empty where they are."""
    if not row["direction"]:
        return N_("Areas are not ranked: neither way counts as good.")
    if row["nature"] != "rate" and not unit(row["unit"]).is_percentage and "/" not in row["unit"]:
        return N_("Areas are not ranked: the figure depends on their size.")
    return ""


def _ranks(frame: pd.DataFrame, lower_is_better: bool) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The best and the worst place that each area may have, by all that its rounded figure can stand for."""
    sign = -1 if lower_is_better else 1
    ends = np.sort(sign * frame[["low", "high"]].to_numpy(float), axis=1)
    low, high = ends[:, 0], ends[:, 1]
    there = frame["value"].notna().to_numpy() & (frame["flag"] != "implausible").to_numpy()
    ahead = np.array([(low[there] >= top).sum() if ok else np.nan for top, ok in zip(high, there, strict=True)])
    behind = np.array([(high[there] <= bottom).sum() if ok else np.nan for bottom, ok in zip(low, there, strict=True)])
    exact = there & (low == high)  # a figure that stands for itself alone is neither ahead of itself nor behind
    same = np.array([(there & (low == high) & (low == own)).sum() for own in low])
    return 1 + ahead - np.where(exact, same, 0), there.sum() - behind + np.where(exact, same, 0)


def _caption(frame: pd.DataFrame, words: Words) -> str:
    title = frame["name"].iloc[0]
    code = frame["period"].iloc[0]
    return words.text(N_("{name}, {within}, by area"), name=title, within=words.within(code)) if code else title


def _listed(names: list[str], words: Words) -> str:
    """Some names, and how many more there are."""
    more = len(names) - NAMED
    listed = "; ".join(names[:NAMED])
    return words.text(N_("{listed}; and {count} more"), listed=listed, count=words.number(more)) if more > 0 else listed


def _told(frame: pd.DataFrame, town: pd.Series | None, name: str, reason: str, words: Words) -> Iterator[str]:
    there = frame[frame["silent"] == ""].to_dict("records")
    within = words.within(frame["period"].iloc[0]) if there else ""
    if len(there) > 1:
        lowest, highest = (pick(there, key=lambda row: row["value"]) for pick in (min, max))
        middle = {**there[0], "value": float(np.median([row["value"] for row in there])), "qualifier": ""}
        yield words.text(
            N_(
                "{name}, {within}: from {low} ({lowest}) to {high} ({highest}); the median of {count} areas is {median}."
            ),
            name=there[0]["name"],
            within=within,
            low=qualified(lowest, "value", words),
            lowest=lowest["area_name"],
            high=qualified(highest, "value", words),
            highest=highest["area_name"],
            count=words.number(len(there)),
            median=qualified(middle, "value", words),
        )
    if town is not None and there:
        own = {**there[0], **town.to_dict()}
        yield words.text(N_("{area} itself: {value}."), area=name, value=qualified(own, "value", words))
    yield from _assessed(frame["standing"], words)
    if there and reason:
        yield words.text(reason)
    elif len(there) > 1:
        first = [row["area_name"] for row in there if row["rank_first"] == 1]
        if len(first) == 1:
            yield words.text(N_("{area} is ahead of all others, however the figures were rounded."), area=first[0])
        else:
            yield words.text(
                N_("{count} areas share the first place, since what is printed does not tell them apart: {listed}."),
                count=words.number(len(first)),
                listed=_listed(first, words),
            )
    yield from _silent(frame, within, words)


def _assessed(standings: pd.Series, words: Words) -> Iterator[str]:
    """How many areas stand how with their targets."""
    counts = standings[standings.isin(ASSESSMENT)].value_counts()
    listed = ", ".join(
        f"{words.text(ASSESSMENT[code])} {words.number(int(counts[code]))}" for code in ASSESSMENT if code in counts
    )
    if listed:
        yield words.text(N_("The target, by the number of areas: {listed}."), listed=listed)


def _silent(frame: pd.DataFrame, within: str, words: Words) -> Iterator[str]:
    for code, message in (
        ("report", N_("No report: {listed}.")),
        ("figure", N_("A report, but no such figure {within}: {listed}.")),
    ):
        names = list(frame.loc[frame["silent"] == code, "area_name"])
        if names:
            yield words.text(message, listed=_listed(names, words), within=within).replace("  ", " ").replace(" :", ":")


def targets(data: Dataset, sectors: Iterable[str], year: int, language: str) -> pd.DataFrame:
    """How the areas stand with each target of some sectors.

    Parameters
    ----------
    data : Dataset
        From ``load(..., below=True)``.
    sectors : iterable of str
        All by default, if it is empty.
    year : int
    language : {'vi', 'en'}

    Returns
    -------
    DataFrame
        One row a target: ``indicator``, ``name``, ``areas`` (that have it), and how many of them stand how, a column
        for each assessment; ``evidence`` is empty: each area's report shows its own.
    """
    words, areas = Words(language), compared(data)
    chosen = set(sectors) or set(data.indicators["sector"])
    found = progress(data, year)
    own = found["area"].isin(areas) & (found["breakdown"] == "") & found["target"].notna()
    found = found[own & found["indicator"].map(data.indicators["sector"]).isin(chosen)]
    counts = found.groupby(["indicator", "assessment"]).size().unstack(fill_value=0)
    counts = counts.reindex(index=[code for code in data.indicators.index if code in counts.index], fill_value=0)
    counts = counts.reindex(columns=list(ASSESSMENT), fill_value=0)
    names = data.names("indicators", language)
    frame = pd.DataFrame(
        {
            "indicator": list(counts.index),
            "name": [names[code] for code in counts.index],
            "areas": counts.sum(axis=1).to_numpy(),
            **{code: counts[code].to_numpy() for code in ASSESSMENT},
            "evidence": [()] * len(counts),
        }
    )
    frame.attrs.update(
        language=language,
        told=list(_told_of_targets(frame, len(areas), words)) if areas else [_nothing(data, words)],
        caption=words.text(N_("Targets, by the number of areas")),
    )
    return frame


def _told_of_targets(frame: pd.DataFrame, count: int, words: Words) -> Iterator[str]:
    if frame.empty:
        yield words.text(N_("No target is printed."))
        return
    on_the_way = frame[list(ON_THE_WAY)].sum(axis=1)
    late = frame["behind"] + frame["missed"]
    yield words.text(
        N_("{targets} targets of {count} areas: in {ahead} cases reached or on the way, in {late} behind or missed."),
        targets=words.number(len(frame)),
        count=words.number(count),
        ahead=words.number(int(on_the_way.sum())),
        late=words.number(int(late.sum())),
    )
    worst = frame.assign(late=late).sort_values("late", ascending=False, kind="stable").iloc[0]
    if worst["late"]:
        yield words.text(
            N_("Most areas fall behind with this one: {name} ({late} of {areas})."),
            name=worst["name"],
            late=words.number(int(worst["late"])),
            areas=words.number(int(worst["areas"])),
        )


def accounts(data: Dataset, findings: pd.DataFrame, language: str) -> pd.DataFrame:
    """Which areas' reports do not add up.

    Parameters
    ----------
    data : Dataset
        From ``load(..., below=True)``.
    findings : DataFrame
        From ``audit`` of the same data.
    language : {'vi', 'en'}

    Returns
    -------
    DataFrame
        One row an area whose report holds something wrong, the most first: ``area``, ``area_name``, ``stated_by``
        (how many statements of it were checked), ``wrong``, ``rounding``, ``open``; ``evidence``, the figures that are
        called wrong.
    """
    words, homes = Words(language), data.homes
    areas = compared(data)
    names = data.names("areas", language)
    own = findings.assign(home=homes.areas[homes.home_of(distinct(findings["area"]))])
    groups = dict(iter(own.groupby("home")))
    rows = [{"area": area, "area_name": names[area], **_counts(groups[area])} for area in areas if area in groups]
    frame = pd.DataFrame(rows, columns=["area", "area_name", "stated_by", "wrong", "rounding", "open", "evidence"])
    told = words.text(
        N_("{count} of {total} reports hold figures that contradict others or cannot be right."),
        count=words.number(int((frame["wrong"] > 0).sum())),
        total=words.number(sum(_have_report(data, areas))),
    )
    frame = frame[frame["wrong"] > 0].sort_values("wrong", ascending=False, kind="stable", ignore_index=True)
    told = told if areas else _nothing(data, words)
    frame.attrs.update(language=language, told=[told], caption=words.text(N_("Reports with wrong figures")))
    return frame


def _counts(found: pd.DataFrame) -> dict[str, Any]:
    wrong = found[found["verdict"].isin(WRONG)]
    return {
        "stated_by": len(found),
        "wrong": len(wrong),
        **{verdict: int((found["verdict"] == verdict).sum()) for verdict in ("rounding", "open")},
        "evidence": tuple(dict.fromkeys(label for labels in wrong["evidence"] for label in labels[:1])),
    }
