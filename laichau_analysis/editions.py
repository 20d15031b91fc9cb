"""Two editions of a data set held against each other: what was revised, what came and went, what is judged otherwise.

A figure is what its key and its measure say, wherever it is printed. Two prints of it are held against each
other as the audit holds two places of one document: by the numbers that they can stand for, in one unit.
182,63 after 182,6 is the same figure, printed more precisely; 182,7 is another one.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from .audit import audit, judge
from .dataset import KEY, LANGUAGES, Dataset
from .errors import UsageError
from .figures import FIGURE, evidence_of, in_order, known_by
from .metrics import progress
from .periods import period
from .precision import Interval
from .schema import STATED, TABLES
from .units import conversion, unit

__all__ = ["CHANGES", "FRAMES", "Comparison", "compare", "record"]

CHANGES: Final = (
    *("revised", "incomparable", "refined", "coarsened", "restated", "moved", "added", "dropped"),
    *("renamed", "redefined", "assessed", "attainment"),
)
"""What can become of a figure, an indicator or an assessment."""

EXACT: Final = ("target", "plan", "aim")
"""What is meant exactly, whatever its digits: any other number, range or bound is another one."""
SAME_VALUE: Final = ("", "restated", "moved")
"""Changes that leave the number as it was."""

_COUNTS: Final = ("before", "after", "same", "moved", "revised", "other", "added", "dropped")
_PRINTED: Final = (
    *("value", "value_max", "printed", "printed_unit", "status", "flag", "qualifier"),
    *("source", "locator"),
)
_FIGURES: Final = (
    *("change", "reason", "differs", "indicator_before", *KEY, "measure", "unit"),
    *(f"{name}_before" for name in _PRINTED),
    *_PRINTED,
    *("difference", "growth"),
)
_ASSESSED: Final = (
    *("assessment", "attainment", "basis", "reason", "target", "target_max", "target_qualifier", "unit"),
    *("actual", "actual_qualifier", "actual_period", "status", "flag"),
)
_ASSESSMENTS: Final = (
    *("change", "indicator_before", *FIGURE, "target_period", "difference"),
    *(f"{name}_before" for name in _ASSESSED),
    *_ASSESSED,
)
FRAMES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "summary": ("subject", *_COUNTS),
        "assessments": _ASSESSMENTS,
        "latest": _ASSESSMENTS,
        "targets": (*_FIGURES, "way"),
        "figures": _FIGURES,
        "sectors": ("sector", "name_vi", "name_en", *_COUNTS),
        "indicators": (
            *("change", "by", "indicator_before", "indicator", "sector", "name_before_vi", "name_before_en"),
            *("name_vi", "name_en", "figures_before", "figures", "figures_same"),
        ),
        "catalogue": ("indicator_before", "indicator", "field", "before", "after"),
        "findings": (
            *("change", "finding_before", "finding", "check", *KEY, "measure", "verdict_before", "verdict"),
            *("stated_before", "stated", "recomputed_before", "recomputed"),
        ),
        "tables": ("table", "added", "dropped", "changed"),
    }
)
"""The frames of a comparison, and the columns of each that other tools may rely on."""


@dataclass(frozen=True, repr=False)
class Comparison:
    """What lies between two editions of a data set; every frame but ``summary`` is empty where nothing does.

    A column that ends in ``_before`` holds what the earlier edition says; the same name without it is
    what the later one says. ``evidence`` holds the index labels of the figures that a row rests on, in
    ``new.observations`` and ``old.observations``, which share no label.

    Attributes
    ----------
    old, new : Dataset
        The editions; the figures of the earlier one are labelled anew.
    year : int
        The year of ``assessments``; 0 where the editions have none in common.
    years : tuple of (int, int)
        The years of ``latest``; 0 for an edition without actual figures, and then ``latest`` is empty.
    summary : DataFrame
        One row a ``subject``: ``figures``, ``targets``, ``indicators``, ``assessments``, ``latest``, ``findings``.
        ``before`` and ``after`` count them. Of those of the earlier edition ``same`` stand as they were
        (``moved`` of them in another place), ``revised`` have another value, name, assessment or verdict,
        ``other`` are printed, marked or defined otherwise, and ``dropped`` are gone; ``added`` are new.
    figures : DataFrame
        One row a figure that differs and is no target. ``change`` is ``revised``; ``refined`` or
        ``coarsened``, printed more or less precisely; ``incomparable``, with the ``reason``: one of them is
        ``vague`` or a bound (``one_sided``), or they are in units of different things (``other_unit``);
        ``restated``, the same number with what ``differs``: its unit, status, flag, bound or note; ``moved``,
        printed elsewhere; ``added``; or ``dropped``. Values are in ``unit``. A revision has its
        ``difference`` and, where that makes sense, ``growth`` (a ratio).
    targets : DataFrame
        The same of targets, with the ``way`` of a revised one: ``harder`` or ``easier`` to reach.
    sectors : DataFrame
        One row a sector with a difference in ``figures``, with the counts of ``summary``; ``evidence`` is that
        of the first of them.
    indicators : DataFrame
        Indicators that were ``added``, ``dropped``, ``renamed`` (by the same ``code``, ``name`` or
        ``figures``) or ``redefined``, and how many figures each has.
    catalogue : DataFrame
        One row a ``field`` of an indicator's definition that differs.
    assessments, latest : DataFrame
        Targets that are ``assessed`` otherwise, have another ``attainment`` only, were ``added`` or
        ``dropped``: at the end of one year, and at the end of each edition's latest one. An attainment is
        another one where it differs by more than the prints of its figures leave open; ``difference`` is
        in points.
    findings : DataFrame
        Findings of the audit that were ``added`` or ``dropped``, or whose verdict is ``revised``.
    tables : DataFrame
        How many rows of each other ``table`` were added, dropped or changed.
    audits : tuple of (DataFrame, DataFrame)
        All findings of each edition; ``row_before`` and ``row`` of ``findings`` are their labels in them.
    """

    old: Dataset
    new: Dataset
    year: int
    years: tuple[int, int]
    summary: pd.DataFrame
    figures: pd.DataFrame
    targets: pd.DataFrame
    sectors: pd.DataFrame
    indicators: pd.DataFrame
    catalogue: pd.DataFrame
    assessments: pd.DataFrame
    latest: pd.DataFrame
    findings: pd.DataFrame
    tables: pd.DataFrame
    audits: tuple[pd.DataFrame, pd.DataFrame]

    @property
    def is_empty(self) -> bool:
        """Whether the editions say the same."""
        return all(getattr(self, name).empty for name in FRAMES if name != "summary")

    def __repr__(self) -> str:
        lines = [f"Comparison of {self.old.name} with {self.new.name}"]
        for row in self.summary.to_dict("records"):
            counts = ", ".join(f"{row[name]} {name}" for name in _COUNTS[2:] if row[name] and name != "moved")
            lines.append(f"  {row['subject']}: {counts or 'none'}")
        return "\n".join(lines)


def compare(old: Dataset, new: Dataset, year: int = 0) -> Comparison:
    """Hold two editions of a data set against each other.

    Parameters
    ----------
    old, new : Dataset
        The earlier and the later edition.
    year : int
        Only what was known by the end of this year, and the assessments of it; 0 for everything, and the
        assessments of the latest year that both editions have.

    Returns
    -------
    Comparison

    Raises
    ------
    MissingDataError
        If an edition has no actual figure up to the year that was asked for.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> compare(load(), load())
    Comparison of lai-chau with lai-chau
      figures: 466 same
      targets: 16 same
      indicators: 237 same
      assessments: 16 same
      latest: 16 same
      findings: 188 same
    """
    old = _labelled_apart(old, new)
    common, years = _years(old, new, year)
    renamed = _renamed(old, new)
    audits = audit(old), audit(new)
    catalogue = _catalogue(old, new, renamed)
    prints = _prints(old, new, renamed, year)
    is_target = prints["measure"] == "target"
    assessments = _assessments(old, new, (common, common), renamed)
    latest = assessments if years == (common, common) else _assessments(old, new, years, renamed)
    subjects = {
        "figures": prints[~is_target].drop(columns="way"),
        "targets": prints[is_target],
        "indicators": _indicators(old, new, renamed, prints, set(catalogue["indicator"])),
        "assessments": assessments,
        "latest": latest,
        "findings": _findings(old, new, audits, renamed, year),
    }
    return Comparison(
        old,
        new,
        common,
        years,
        summary=pd.DataFrame([{"subject": subject, **_counts(frame)} for subject, frame in subjects.items()]),
        **{subject: _differing(frame) for subject, frame in subjects.items()},
        sectors=_sectors(old, new, subjects["figures"]),
        catalogue=catalogue,
        tables=_tables(old, new),
        audits=audits,
    )


def record(comparison: Comparison) -> dict[str, Any]:
    """A comparison as plain values, for JSON.

    Parameters
    ----------
    comparison : Comparison

    Returns
    -------
    dict
        ``old`` and ``new`` (``name``, ``title``, ``title_en``, ``term``, ``hash``, ``figures``,
        ``indicators``, ``sources``), ``differs``, ``year``, ``years``, and a list of rows for each of
        ``FRAMES``; what is not there is None.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> found = record(compare(load(), load()))
    >>> found["differs"], found["figures"], found["old"]["term"]
    (False, [], '2021/2025')
    """
    about: dict[str, Any] = {
        "old": _about(comparison.old),
        "new": _about(comparison.new),
        "differs": not comparison.is_empty,
        "year": comparison.year or None,
        "years": [year or None for year in comparison.years],
    }
    return about | {name: _plain(getattr(comparison, name)[list(columns)]) for name, columns in FRAMES.items()}


def _about(data: Dataset) -> dict[str, Any]:
    return {
        "name": data.name,
        "title": data.titles["vi"],
        "title_en": data.titles["en"],
        "term": data.term.code,
        "hash": data.content_hash,
        "figures": len(data.observations),
        "indicators": len(data.indicators),
        "sources": list(data.tables["sources"]["source"]),
    }


def _plain(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of what JSON knows."""
    rows = frame.astype(object).to_dict("records")
    return [{str(name): _known(value) for name, value in row.items()} for row in rows]


def _known(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return None if value != value or value == "" else value


# --- both editions -----------------------------------------------------------------------------------


def _labelled_apart(old: Dataset, new: Dataset) -> Dataset:
    """The earlier edition with labels that the later one has not, so that a label tells the edition."""
    free = max(new.observations.index, default=-1) + 1
    return replace(old, observations=old.observations.set_axis(range(free, free + len(old.observations))))


def _years(old: Dataset, new: Dataset, year: int) -> tuple[int, tuple[int, int]]:
    """The year at which both editions are assessed, and the latest of each."""
    if year:
        for data in (old, new):
            data.state_of(year)  # refuses a year without figures
        return year, (year, year)
    known = old.years(), new.years()
    latest = max(known[0], default=0), max(known[1], default=0)
    common = min(latest)
    return (common if all(min(years, default=common + 1) <= common for years in known) else 0), latest


def _differing(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["change"] != ""].reset_index(drop=True)


def _counts(frame: pd.DataFrame) -> dict[str, int]:
    """How many there are before and after, and what became of them."""
    found = dict.fromkeys(_COUNTS, 0)
    for change in frame["change"]:
        found[_COUNTED.get(change, "other")] += 1
    found |= {"moved": int((frame["change"] == "moved").sum())}
    both = found["same"] + found["revised"] + found["other"]
    return found | {"before": both + found["dropped"], "after": both + found["added"]}


_COUNTED: Final[Mapping[str, str]] = {
    **dict.fromkeys(("", "moved"), "same"),
    "added": "added",
    "dropped": "dropped",
    **dict.fromkeys(("revised", "renamed", "assessed"), "revised"),
}
"""As what a change counts; any other one counts as ``other``."""


def _merged(one: pd.DataFrame, other: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Rows of both editions side by side, with a ``change`` where only one has them."""
    frame = one.merge(other, on=keys, how="outer", suffixes=("_before", ""), indicator="change")
    changes = {"both": "", "left_only": "dropped", "right_only": "added"}
    return frame.assign(change=frame["change"].astype("str").map(changes))


# --- indicators --------------------------------------------------------------------------------------


def _renamed(old: Dataset, new: Dataset) -> dict[str, str]:
    """Codes of the earlier edition whose indicator stands in the later one under another code.

    It is the same indicator only where sector, nature, direction and kind of unit fit, and either the names
    in both languages or all the figures are the same; where two could be meant, none is.
    """
    gone = [code for code in old.catalogue if code not in new.catalogue]
    come = [code for code in new.catalogue if code not in old.catalogue]
    fitting = [pair for pair in product(gone, come) if _fit(old.catalogue[pair[0]], new.catalogue[pair[1]])]
    before, after = (_by_indicator(data) if fitting else {} for data in (old, new))
    found = [
        (one, other)
        for one, other in fitting
        if _same_names(old.catalogue[one], new.catalogue[other])
        or _same_figures(before.get(one, {}), after.get(other, {}))
    ]
    firsts, seconds = [one for one, _ in found], [other for _, other in found]
    return {one: other for one, other in found if firsts.count(one) == 1 and seconds.count(other) == 1}


def _fit(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two entries of a catalogue can be the same indicator at all."""
    same = all(one[name] == other[name] for name in ("sector", "nature", "direction"))
    return same and unit(one["unit"]).dimension == unit(other["unit"]).dimension


def _same_names(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[f"name_{language}"] == other[f"name_{language}"] for language in LANGUAGES)


_Figures = dict[tuple[str, ...], tuple[Decimal, frozenset[tuple[str, str]]]]


def _by_indicator(data: Dataset) -> dict[str, _Figures]:
    """Of each indicator its figures: the number in base units, and where it is printed."""
    found: dict[str, _Figures] = {}
    for (code, *rest), labels in _labels(data, 0).items():
        own = _in_base_units(data, _used(data, labels)), _places(data, labels)
        found.setdefault(code, {})[tuple(rest)] = own
    return found


def _in_base_units(data: Dataset, label: int) -> Decimal:
    row = data.records[label]
    scale: Decimal = row["factor"] * unit(data.catalogue[row["indicator"]]["unit"]).scale
    return data.printed(label).value * scale


def _same_figures(one: _Figures, other: _Figures) -> bool:
    """Whether all figures of an indicator are there under another code; a single one, at the same place."""
    if not one or not all(key in other and one[key][0] == other[key][0] for key in one):
        return False
    return len(one) > 1 or all(one[key][1] & other[key][1] for key in one)


def _indicators(
    old: Dataset, new: Dataset, renamed: Mapping[str, str], prints: pd.DataFrame, redefined: set[str]
) -> pd.DataFrame:
    """What became of each indicator, and how many of its figures are there before and after, and the same."""
    earlier = {renamed.get(code, code): code for code in old.catalogue}
    own: dict[str, list[tuple[str, tuple[int, ...]]]] = {code: [] for code in (*new.catalogue, *earlier)}
    for code, change, labels in zip(prints["indicator"], prints["change"], prints["evidence"], strict=True):
        own[code].append((change, labels))
    rows = []
    for code, figures in own.items():
        one, other = old.catalogue.get(earlier.get(code, "")), new.catalogue.get(code)
        entry = other or one
        assert entry is not None
        changes = [change for change, _ in figures]
        by = _kept(earlier[code], code, one, other, changes) if one and other else ()
        known = "added" if one is None else "dropped" if other is None else ""
        redone = "renamed" if not {"code", "name"} <= set(by) else "redefined" if code in redefined else ""
        names = {f"name_before_{language}": one[f"name_{language}"] if one else "" for language in LANGUAGES}
        rows.append(
            {
                **{"change": known or redone, "by": by, "indicator_before": earlier.get(code, ""), "indicator": code},
                **{"sector": entry["sector"], "name_vi": entry["name_vi"], "name_en": entry["name_en"], **names},
                "figures_before": len(changes) - changes.count("added"),
                "figures": len(changes) - changes.count("dropped"),
                "figures_same": sum(change in SAME_VALUE for change in changes),
                "evidence": tuple(label for _, labels in figures for label in labels),
            }
        )
    return pd.DataFrame(rows, columns=[*FRAMES["indicators"], "evidence"])


def _kept(
    earlier: str, code: str, one: Mapping[str, Any], other: Mapping[str, Any], changes: Sequence[str]
) -> tuple[str, ...]:
    """What an indicator has kept: its code, its names, the values of all figures that both editions have."""
    both = [change for change in changes if change not in ("added", "dropped")]
    kept = {
        "code": earlier == code,
        "name": _same_names(one, other),
        "figures": bool(both) and all(change in SAME_VALUE for change in both),
    }
    return tuple(name for name, does in kept.items() if does)


def _catalogue(old: Dataset, new: Dataset, renamed: Mapping[str, str]) -> pd.DataFrame:
    """What differs in the definition of the indicators that both editions have."""
    fields = [name for name in TABLES["indicators"].columns if name not in ("indicator", "name_vi", "name_en")]
    rows = []
    for code, one in old.catalogue.items():
        other = new.catalogue.get(renamed.get(code, code), {})
        for field in fields if other else ():
            before, after = _as_text(one[field]), _as_text(other[field])
            if _recoded(field, before, renamed) != after:
                rows.append((code, renamed.get(code, code), field, before, after))
    return pd.DataFrame(rows, columns=list(FRAMES["catalogue"]))


def _as_text(value: Any) -> str:
    return "" if value != value else f"{value:g}" if isinstance(value, float) else str(value)


def _recoded(field: str, text: str, renamed: Mapping[str, str]) -> str:
    """A field that names other indicators, with the codes that they bear now."""
    if field not in ("share_of", "related", "formula"):
        return text
    return re.sub(r"[a-z][a-z0-9_]*", lambda match: renamed.get(match[0], match[0]), text)


# --- figures and targets -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Print:
    """What an edition prints of a figure, in the later edition's unit.

    Attributes
    ----------
    row : mapping
        The observation that metrics use.
    unit, own_unit : str
        As printed, and that of the indicator.
    number, upper : Decimal, Decimal or None
    interval : Interval or None
    decimals : int
        Digits after the decimal sign.
    places : frozenset of (str, str)
        Source and locator of every print.
    labels : tuple of int
        The observations, the one that metrics use first.
    """

    row: Mapping[str, Any]
    unit: str
    own_unit: str
    number: Decimal
    upper: Decimal | None
    interval: Interval | None
    decimals: int
    places: frozenset[tuple[str, str]]
    labels: tuple[int, ...]

    @property
    def relative_step(self) -> float:
        """One of the last printed digit as a part of the number; 0 where the number is exact."""
        exact = self.interval is not None and self.interval.low == self.interval.high
        return 0.0 if exact or not self.number else float(Decimal(1).scaleb(-self.decimals) / abs(self.number))


def _prints(old: Dataset, new: Dataset, renamed: Mapping[str, str], year: int) -> pd.DataFrame:
    """What became of each figure, in the order of the later edition's catalogue and in time."""
    earlier = {(renamed.get(code, code), *rest): labels for (code, *rest), labels in _labels(old, year).items()}
    later = _labels(new, year)
    rows = []
    for key in dict.fromkeys([*later, *earlier]):
        factor = _factor(old, new, earlier.get(key, ()), later.get(key, ()))
        one = _printed(old, earlier.get(key, ()), factor or Decimal(1))
        other = _printed(new, later.get(key, ()), Decimal(1))
        rows.append(_told(key[0], one, other, fits=factor is not None) | {"way": ""})
    columns = [*FRAMES["targets"], "decimals", "relative_step", "row_before", "row", "evidence"]
    rows.sort(key=lambda row: period(row["period"]).end)
    frame = in_order(new, pd.DataFrame(rows, columns=columns))
    return frame.assign(way=_ways(frame, new))


def _labels(data: Dataset, year: int) -> dict[tuple[str, ...], list[int]]:
    """The rows that say the same of the same figure, as far as they were known by the end of a year; 0 for all."""
    rows = data.observations
    if year:
        rows = rows[rows["measure"].isin(("target", "plan")) | known_by(data, rows, year)]
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for label, *key in rows[[*FIGURE, "measure", "period"]].itertuples(name=None):
        found[tuple(key)].append(label)
    return dict(found)


def _used(data: Dataset, labels: Sequence[int]) -> int:
    """The row that metrics use; of rows that none of them uses the first."""
    return next((label for label in labels if data.records[label]["preferred"]), labels[0])


def _places(data: Dataset, labels: Iterable[int]) -> frozenset[tuple[str, str]]:
    return frozenset((data.records[label]["source"], data.records[label]["locator"]) for label in labels)


def _factor(old: Dataset, new: Dataset, earlier: Sequence[int], later: Sequence[int]) -> Decimal | None:
    """What turns the earlier edition's unit into the later one's; None where they measure different things."""
    if not earlier or not later or old.records[earlier[0]]["measure"] in STATED:
        return Decimal(1)
    codes = old.records[earlier[0]]["indicator"], new.records[later[0]]["indicator"]
    try:
        return conversion(old.catalogue[codes[0]]["unit"], new.catalogue[codes[1]]["unit"])
    except UsageError:
        return None


def _printed(data: Dataset, labels: Sequence[int], factor: Decimal) -> _Print | None:
    if not labels:
        return None
    label = _used(data, labels)
    row, read, interval = data.records[label], data.printed(label), data.interval(label)
    own = "percent" if row["measure"] in STATED else data.catalogue[row["indicator"]]["unit"]
    scale = row["factor"] * factor
    return _Print(
        row=row,
        unit=row["unit"] or own,
        own_unit=own,
        number=read.value * scale,
        upper=None if read.upper is None else read.upper * scale,
        interval=None if interval is None else interval.scaled(factor),
        decimals=read.decimals - scale.adjusted(),
        places=_places(data, labels),
        labels=(label, *(other for other in labels if other != label)),
    )


def _told(code: str, one: _Print | None, other: _Print | None, *, fits: bool) -> dict[str, Any]:
    """A row of ``figures``: what each edition prints, and what lies between."""
    last = other or one
    assert last is not None
    row = {name: last.row[name] for name in (*KEY, "measure")} | {
        **{"indicator": code, "indicator_before": one.row["indicator"] if one else "", "unit": last.own_unit},
        **{"change": "added" if one is None else "dropped" if other is None else "", "reason": "", "differs": ()},
        **{"difference": math.nan, "growth": math.nan},
        "row_before": one.labels[0] if one else -1,
        "row": other.labels[0] if other else -1,
        "decimals": max(0, *(print_.decimals for print_ in (one, other) if print_)),
        "relative_step": max(print_.relative_step for print_ in (one, other) if print_),
        "evidence": tuple(label for print_ in (other, one) if print_ for label in print_.labels),
        **_said(one, "_before", fits=fits),
        **_said(other, "", fits=True),
    }
    if one is None or other is None:
        return row
    row["differs"] = _differs(one, other)
    row["change"], row["reason"] = _change(one, other) if fits else ("incomparable", "other_unit")
    if not row["change"] and row["differs"]:
        row["change"] = "moved" if row["differs"] == ("place",) else "restated"
    return row | (_size(one, other) if row["change"] == "revised" else {})


def _said(print_: _Print | None, suffix: str, *, fits: bool) -> dict[str, Any]:
    """The columns of what one edition prints; without the values where they are in a unit of something else."""
    texts = ("printed", "status", "flag", "qualifier", "source", "locator")
    said: dict[str, Any] = {name: print_.row[name] if print_ else "" for name in texts}
    said["printed_unit"] = print_.unit if print_ else ""
    said["value"] = float(print_.number) if print_ and fits else math.nan
    said["value_max"] = float(print_.upper) if print_ and print_.upper is not None and fits else math.nan
    return {f"{name}{suffix}": value for name, value in said.items()}


def _change(one: _Print, other: _Print) -> tuple[str, str]:
    """Whether two prints are of one number, and how precise; with the reason where that cannot be said."""
    same = (one.number, one.upper) == (other.number, other.upper)
    if one.row["measure"] in EXACT or one.upper is not None or other.upper is not None:
        return ("" if same and one.row["qualifier"] == other.row["qualifier"] else "revised"), ""
    if same and one.decimals == other.decimals:
        return "", ""
    coarse, fine = sorted((one, other), key=lambda print_: print_.decimals)
    verdict, reason = judge(coarse.interval, coarse.number, coarse.decimals, fine.interval, fine.number)
    if verdict == "disagrees" and not same:
        return "revised", ""
    if verdict == "open" and not same:
        return "incomparable", reason
    return ("refined" if coarse is one else "coarsened"), ""


def _differs(one: _Print, other: _Print) -> tuple[str, ...]:
    """What else than the number differs."""
    differ = {name: one.row[name] != other.row[name] for name in ("status", "flag", "qualifier", "note")}
    differ = {"unit": one.unit != other.unit, **differ, "place": one.places != other.places}
    return tuple(name for name, does in differ.items() if does)


def _size(one: _Print, other: _Print) -> dict[str, float]:
    """By how much a figure was revised; not between ranges, unlike bounds, or what cannot be right."""
    if one.upper is not None or other.upper is not None or one.row["qualifier"] != other.row["qualifier"]:
        return {}
    if "implausible" in (one.row["flag"], other.row["flag"]):
        return {}
    in_points = unit(other.own_unit).is_percentage or min(one.number, other.number) <= 0
    growth = math.nan if in_points else float(other.number / one.number - 1)
    return {"difference": float(other.number - one.number), "growth": growth}


def _ways(frame: pd.DataFrame, new: Dataset) -> list[str]:
    """Whether a revised target is harder or easier to reach; empty where it cannot be said."""
    ways = []
    for code, measure, difference in zip(frame["indicator"], frame["measure"], frame["difference"], strict=True):
        sign = {"higher": 1, "lower": -1}.get(new.catalogue[code]["direction"] if code in new.catalogue else "", 0)
        further = sign * difference if measure == "target" else 0
        ways.append("harder" if further > 0 else "easier" if further < 0 else "")
    return ways


def _sectors(old: Dataset, new: Dataset, figures: pd.DataFrame) -> pd.DataFrame:
    """The counts of figures by sector, for the sectors where something differs."""
    own = {**old.indicators["sector"], **new.indicators["sector"]}
    sectors = figures["indicator"].map(own)
    known = {row["sector"]: row for data in (old, new) for row in data.tables["sectors"].to_dict("records")}
    rows = []
    for code in dict.fromkeys([*new.tables["sectors"]["sector"], *known]):
        group = figures[sectors == code]
        differing = group[~group["change"].isin(("", "moved"))]
        if len(differing):
            rows.append(known[code] | _counts(group) | {"evidence": differing["evidence"].iloc[0]})
    return pd.DataFrame(rows, columns=[*FRAMES["sectors"], "evidence"])


# --- assessments and findings ------------------------------------------------------------------------


def _assessments(old: Dataset, new: Dataset, years: tuple[int, int], renamed: Mapping[str, str]) -> pd.DataFrame:
    """What became of the assessment of each target, by the end of a year of each edition."""
    keys, unseen = [*FIGURE, "target_period"], ["decimals", "direction", "actual_decimals", "relative_step"]
    if not all(years):
        return pd.DataFrame(columns=[*_ASSESSMENTS, "evidence"])
    found = (progress(data, year) for data, year in zip((old, new), years, strict=True))
    one, other = (rows.loc[rows["target"].notna(), [*keys, *_ASSESSED, *unseen, "evidence"]] for rows in found)
    one = one.assign(indicator_before=one["indicator"], indicator=one["indicator"].replace(dict(renamed)))
    frame = _merged(one, other, keys)
    attained, before = frame["attainment"], frame["attainment_before"]
    left_open = (attained * frame["relative_step"] + before * frame["relative_step_before"]) / 2
    moved = ((attained - before).abs() > left_open + 1e-9) | (attained.isna() != before.isna())
    otherwise = frame["assessment"] != frame["assessment_before"]
    change = frame["change"].mask((frame["change"] == "") & moved, "attainment")
    frame = frame.assign(
        change=change.mask((frame["change"] == "") & otherwise, "assessed"),
        difference=attained - before,
        evidence=evidence_of(frame, ["evidence", "evidence_before"]),
    )
    texts = frame.select_dtypes("str").columns
    return in_order(new, frame.fillna(dict.fromkeys(texts, "")))


def _findings(
    old: Dataset,
    new: Dataset,
    audits: tuple[pd.DataFrame, pd.DataFrame],
    renamed: Mapping[str, str],
    year: int,
) -> pd.DataFrame:
    """What became of each finding; of what has another identifier, the only one of the same figure is the same."""
    earlier, later = (_told_by(data, found, year) for data, found in zip((old, new), audits, strict=True))
    recoded = earlier.assign(**{name: earlier[name].replace(dict(renamed)) for name in ("indicator", "of")})
    names = earlier["finding"].map(lambda text: "|".join(renamed.get(part, part) for part in text.split("|")))
    before, after = dict(zip(names, earlier.index, strict=True)), dict(zip(later["finding"], later.index, strict=True))
    same = {after[name]: before[name] for name in before.keys() & after.keys()}
    same |= _only_ones(recoded.drop(index=list(same.values())), later.drop(index=list(same)))
    rows = [_finding(earlier.loc[same[label]] if label in same else None, later.loc[label]) for label in later.index]
    rows += [_finding(earlier.loc[label], None) for label in earlier.index.difference(list(same.values()))]
    return pd.DataFrame(rows, columns=[*FRAMES["findings"], "row_before", "row", "evidence"])


def _told_by(data: Dataset, found: pd.DataFrame, year: int) -> pd.DataFrame:
    """The findings that could be made by the end of a year."""
    sources = [data.records[labels[0]]["source"] for labels in found["evidence"]]
    return found[known_by(data, found.assign(source=sources), year)] if year else found


def _only_ones(earlier: pd.DataFrame, later: pd.DataFrame) -> dict[int, int]:
    """Findings of one check of one figure, where each edition has one of them."""
    claim = ["check", *KEY, "measure", "of"]
    one, other = (
        frame.reset_index(names="row").drop_duplicates(claim, keep=False)[[*claim, "row"]] for frame in (earlier, later)
    )
    pairs = one.merge(other, on=claim, suffixes=("_before", ""))
    return dict(zip(pairs["row"], pairs["row_before"], strict=True))


def _finding(one: pd.Series | None, other: pd.Series | None) -> dict[str, Any]:
    """A row of ``findings``."""
    last = one if other is None else other
    assert last is not None
    row: dict[str, Any] = {name: last[name] for name in ("check", *KEY, "measure")}
    for found, suffix in ((one, "_before"), (other, "")):
        row |= {f"{name}{suffix}": "" if found is None else found[name] for name in ("finding", "verdict")}
        row |= {f"{name}{suffix}": math.nan if found is None else found[name] for name in ("stated", "recomputed")}
        row[f"row{suffix}"] = -1 if found is None else found.name
    same = "" if row["verdict"] == row["verdict_before"] else "revised"
    row["change"] = "added" if one is None else "dropped" if other is None else same
    row["evidence"] = tuple(label for found in (other, one) if found is not None for label in found["evidence"])
    return row


def _tables(old: Dataset, new: Dataset) -> pd.DataFrame:
    """How many rows of the tables beside figures and catalogue differ; of the package, how many of its texts."""
    rows = []
    for name, table in TABLES.items():
        if name == "indicators":
            continue
        before, after = (
            {tuple(row[key] for key in table.key): row for row in data.tables[name].to_dict("records")}
            for data in (old, new)
        )
        changed = sum(row != before[key] for key, row in after.items() if key in before)
        rows.append((name, len(after.keys() - before.keys()), len(before.keys() - after.keys()), changed))
    texts = [(data.titles, data.about, data.outline, data.term) for data in (old, new)]
    rows.append(("datapackage", 0, 0, sum(one != other for one, other in zip(*texts, strict=True))))
    return pd.DataFrame([row for row in rows if any(row[1:])], columns=list(FRAMES["tables"]))
