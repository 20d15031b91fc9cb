"""Labelled metric frames -> matplotlib axes, and a description in words.

A chart is a pure function of its frame: ``path(frame, ax=None) -> Axes``. Its title is the caption
of the exhibit that holds it, so that it can be read, wrapped and spoken as text.
"""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from .changes import before
from .periods import period
from .tables import ROLES, marks_of
from .units import unit
from .wording import STATUS, full_name, known, language_of, part_name, printed_amount, qualified, ratio, target_text
from .words import N_, Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Chart",
    "bullet",
    "describe",
    "dots",
    "drawn",
    "dumbbell",
    "parts",
    "path",
    "periods",
    "spread",
    "style",
    "worth_drawing",
]

INK: Final = "#1b1f24"
GREY: Final = "#5c6670"
PALE: Final = "#dfe3e8"
BLUE: Final = "#1f5a99"
LIGHT_BLUE: Final = "#9dbfe3"
ORANGE: Final = "#b3470b"
SHADES: Final = (BLUE, LIGHT_BLUE, "#e9a26b", PALE)
WIDTH: Final = 5.6
"""Inches: on a phone of 375 px the smallest text is still 8 px high."""

Chart = Callable[..., "Axes"]


@contextmanager
def style() -> Iterator[None]:
    """The look that all charts share, for as long as one is drawn."""
    import matplotlib as mpl

    with mpl.rc_context(
        {
            "font.family": ["DejaVu Sans"],
            "font.size": 11,
            "axes.edgecolor": GREY,
            "axes.labelcolor": INK,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "text.color": INK,
            "xtick.color": INK,
            "ytick.color": INK,
            "hatch.linewidth": 0.8,
            "text.parse_math": False,  # a dollar sign in a name is no formula
            "svg.fonttype": "path",
            "svg.hashsalt": "laichau",
        }
    ):
        yield


def _axes(ax: Axes | None, height: float) -> Axes:
    if ax is not None:
        return ax
    from matplotlib.figure import Figure

    created: Axes = Figure(figsize=(WIDTH, height), layout="constrained").subplots()
    return created


def _numbers(axis: Any, words: Words) -> None:
    """Let an axis write its numbers as the language does."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=5))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value, 0 if value == int(value) else 1)))


def _wrapped(text: str, width: int = 24) -> str:
    return "\n".join(textwrap.wrap(text, width, break_long_words=False))


def path(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """The way so far as bars, and on to the target as a dashed line.

    Parameters
    ----------
    frame : DataFrame
        From ``metrics.path``, labelled.
    ax : Axes, optional
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        Years along the bottom, the indicator's unit upwards from zero. Estimates are hatched.
    """
    import seaborn as sns

    words = language_of(frame)
    ax = _axes(ax, 3.7)
    code = frame["unit"].iloc[0]
    done = frame[frame["role"].isin(("mean", "derived", "actual", "cumulative"))]
    ahead = frame[~frame["role"].isin(("mean", "derived", "actual", "cumulative"))]
    for row in done.to_dict("records"):
        _column(ax, *_place(row), row, words, mean=row["role"] in ("mean", "derived"))
    if len(ahead) and len(done):
        last, goal = done.iloc[-1], ahead[ahead["role"] == "target"]
        centre, width = _place(last)
        start, end = centre + width / 2, _place(ahead.iloc[-1])[0]
        if len(goal):
            target = goal.iloc[0]
            sns.lineplot(
                x=[start, end], y=[last["value"], target["value"]], ax=ax, color=ORANGE, linestyle="--", errorbar=None
            )
            ax.hlines(target["value"], end - 0.35, end + 0.35, color=ORANGE, linewidth=3)
        others = ahead[ahead["role"] != "target"]
        if len(others):
            sns.scatterplot(x=[end] * len(others), y=others["value"], ax=ax, color=INK, marker="D", s=45, zorder=3)
        top = frame["value"].max() * 1.22
        heights, texts = zip(*_same_values(ahead, words), strict=True)
        for text, height in zip(texts, _apart(heights, top), strict=True):
            ax.annotate(_wrapped_lines(text, 18), (end + 0.42, height), ha="left", va="center", fontsize=10)
    _year_axis(ax, frame, words)
    name = words.unit_name(code)
    name = words.text(N_("{unit}, cumulative"), unit=name) if (frame["role"] == "cumulative").any() else name
    return _with_values(ax, list(frame["value"].dropna()), name, words)


def _with_values(ax: Axes, values: Sequence[float], label: str, words: Words) -> Axes:
    """The upward axis of columns: from zero, with room for the labels beyond them."""
    low, high = min([0.0, *values]), max([0.0, *values])
    room = 0.22 * (high - low) or 1.0
    ax.set_ylim(low - room if low < 0 else 0, high + room if high > 0 or low == 0 else 0)
    ax.set_ylabel(label)
    _numbers(ax.yaxis, words)
    ax.grid(axis="y", color=PALE, linewidth=0.8)
    ax.set_axisbelow(True)
    return ax


def _column(ax: Axes, centre: float, width: float, row: dict[str, Any], words: Words, *, mean: bool) -> None:
    """A bar with its value beyond its end: hatched for an estimate, lighter for an estimate or a mean of years."""
    firm = "E" not in row["status"]
    colour = LIGHT_BLUE if mean or not firm else BLUE
    ax.bar(centre, row["value"], width, color=colour, edgecolor=BLUE, hatch="" if firm else "///")
    label = _value_label(row, words)
    if mean:
        label += "\n" + words.text(N_("a year on average"))
    # The line to the target may pass behind the label, not through it.
    clear = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    place, below = (centre, row["value"]), row["value"] < 0
    va, offset = ("top", -4) if below else ("bottom", 4)
    ax.annotate(label, place, (0, offset), textcoords="offset points", ha="center", va=va, bbox=clear, zorder=4)


def _hatch(bar: Any) -> None:
    """Mark a bar as an estimate, with lines that show on its own colour."""
    from matplotlib.colors import to_hex

    bar.set(hatch="///", edgecolor=LIGHT_BLUE if to_hex(bar.get_facecolor()) == BLUE else BLUE)


def _same_values(ahead: pd.DataFrame, words: Words) -> list[tuple[float, str]]:
    """What lies ahead, each value once with all that it is: an aim is often the target itself."""
    found = []
    for value, rows in ahead.iloc[::-1].groupby("value", sort=False):
        listed = rows.to_dict("records")
        first, *others = (words.text(ROLES[row["role"]]) for row in listed)
        roles = "; ".join([first, *(role[0].lower() + role[1:] for role in others)])
        found.append((float(str(value)), f"{roles}\n{_value_label(listed[0], words)}"))
    return found


def _place(row: Any) -> tuple[float, float]:
    """Centre and width of a bar on the axis of years."""
    span = period(row["period"])
    if span.kind == "span" and row["role"] in ("mean", "derived"):
        assert span.first_year is not None
        return (span.first_year + span.year) / 2, span.years * 0.96 - 0.2
    return float(span.year), 0.72


def _apart(values: Sequence[float], top: float) -> list[float]:
    """Move the labels of points that lie close together out of each other's way, and keep them in the picture."""
    step = top * 0.24
    order = sorted(range(len(values)), key=lambda i: values[i])
    heights = list(values)
    for below, above in itertools.pairwise(order):
        heights[above] = max(heights[above], heights[below] + step)
    limit = top - step / 2
    for i in reversed(order):
        heights[i] = min(heights[i], limit)
        limit = heights[i] - step
    return heights


def _wrapped_lines(text: str, width: int) -> str:
    return "\n".join(_wrapped(line, width) for line in text.split("\n"))


def _year_axis(ax: Axes, frame: pd.DataFrame, words: Words) -> None:
    spans = [period(code) for code in frame["period"]]
    roles = zip(spans, frame["role"], strict=True)
    first = min(span.first_year if r in ("mean", "derived") and span.first_year else span.year for span, r in roles)
    last = max(span.year for span in spans)
    ax.set_xticks(range(first, last + 1), [str(year) for year in range(first, last + 1)])
    ahead = ~frame["role"].isin(("mean", "derived", "actual", "cumulative")).to_numpy()
    ax.set_xlim(first - 0.6, last + (1.75 if ahead.any() else 0.6))
    ax.tick_params(axis="x", length=0)


def _value_label(row: Any, words: Words) -> str:
    marks = "".join(f" [{mark}]" for mark in marks_of(row))
    if not known(row["value"]):
        return printed_amount(row, words) + marks
    return qualified(row, "value", words, bare=not unit(row["unit"]).symbol) + marks


def bullet(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Each figure against its target: bars in per cent of it, with the target as a line at 100.

    Parameters
    ----------
    frame : DataFrame
        From ``metrics.progress``, labelled; rows without an attainment are left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        One bar a row, from zero, with attainment, figure and target beside it; estimates are
        hatched, what falls short is lighter.
    """
    import seaborn as sns

    words = language_of(frame)
    rows = _attained(frame)
    ax = _axes(ax, 1.0 + 0.8 * max(len(rows), 1))
    if rows:
        sns.barplot(
            x=[row["attainment"] for row in rows], y=list(range(len(rows))), orient="h", ax=ax, color=BLUE, width=0.5
        )
    for i, (bar, row) in enumerate(zip(ax.patches, rows, strict=False)):
        bar.set(facecolor=BLUE if row["assessment"] in ("exceeded", "met") else LIGHT_BLUE, edgecolor=BLUE)
        if "E" in row["status"]:
            _hatch(bar)
        share, amounts = _against_target(row, words)
        _beside(ax, i, share, -12, weight="bold")
        _beside(ax, i, amounts, 3, color=GREY)
    _target_line(ax, words)
    _row_names(ax, [_with_unit(row, words) for row in rows], 26)
    ax.set_xlim(0, max(110.0, *(row["attainment"] * 1.04 for row in rows), 0.0))
    ax.set(xlabel=words.text(N_("Per cent of the target")), ylabel=None)
    _numbers(ax.xaxis, words)
    return ax


def dots(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Many attainments at once: a point each, and how far it is from the target.

    Parameters
    ----------
    frame : DataFrame
        From ``metrics.progress``, labelled; rows without an attainment are left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        One row a figure, in per cent of its target; points of what falls short are hollow.
    """
    import seaborn as sns

    words = language_of(frame)
    rows = _attained(frame)
    ax = _axes(ax, 1.0 + 0.43 * max(len(rows), 1))
    shares = [row["attainment"] for row in rows]
    reached = [row["assessment"] in ("exceeded", "met") for row in rows]
    ax.hlines(range(len(rows)), 100, shares, color=LIGHT_BLUE, linewidth=3)
    if rows:
        sns.scatterplot(x=shares, y=list(range(len(rows))), ax=ax, s=62, color=BLUE, edgecolor=BLUE, zorder=3)
        ax.collections[-1].set_facecolor([BLUE if done else "white" for done in reached])
        ax.collections[-1].set_linewidth(2)
    for i, row in enumerate(rows):
        _beside(ax, i, _against_target(row, words)[0], -6)
    return _around_target(ax, [full_name(row) for row in rows], shares, words)


def dumbbell(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Attainments in two editions: a hollow point for the earlier one, a full one for this one, a line between.

    Parameters
    ----------
    frame : DataFrame
        The assessments of ``editions.compare``, from ``changes.retold``; rows without an attainment in
        both editions are left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        One row a figure, in per cent of its target, with both attainments beside it.
    """
    import seaborn as sns

    words = language_of(frame)
    rows = _attained(frame)
    ax = _axes(ax, 1.0 + 0.6 * max(len(rows), 1))
    earlier, now = ([row[name] for row in rows] for name in ("attainment_before", "attainment"))
    ax.hlines(range(len(rows)), earlier, now, color=LIGHT_BLUE, linewidth=3)
    for shares, face in ((earlier, "white"), (now, BLUE)):
        if rows:
            sns.scatterplot(x=shares, y=list(range(len(rows))), ax=ax, s=62, color=face, edgecolor=BLUE, zorder=3)
            ax.collections[-1].set_linewidth(2)
    for i, row in enumerate(rows):
        _beside(ax, i, _share_with_marks(before(row), words), -13, color=GREY)
        _beside(ax, i, f"→ {_share_with_marks(row, words)}", 1)
    _around_target(ax, [full_name(row) for row in rows], [*earlier, *now], words, width=26)
    ax.set_xlabel(words.text(N_("Per cent of the target; ○ earlier edition, ● this edition")))
    return ax


def _around_target(ax: Axes, names: Sequence[str], shares: Sequence[float], words: Words, *, width: int = 34) -> Axes:
    """The axes of points around the target: names on the left, per cent of the target along the bottom."""
    _target_line(ax, words)
    _row_names(ax, names, width)
    low, high = min([100.0, *shares]), max([100.0, *shares])
    margin = max(5.0, (high - low) * 0.06)
    ax.set_xlim(low - margin, high + margin)
    ax.grid(axis="y", color=PALE, linewidth=0.8)
    ax.set_axisbelow(True)
    ax.set(xlabel=words.text(N_("Per cent of the target")), ylabel=None)
    _numbers(ax.xaxis, words)
    return ax


def _attained(frame: pd.DataFrame) -> list[dict[str, Any]]:
    shares = [name for name in ("attainment", "attainment_before") if name in frame]
    rows: list[dict[str, Any]] = frame[frame[shares].notna().all(axis=1)].to_dict("records")
    return rows


def _against_target(row: dict[str, Any], words: Words) -> tuple[str, str]:
    """The attainment with its marks, and the figure beside its target."""
    bare = not unit(row["unit"]).symbol
    value, target = qualified(row, "actual", words, bare=bare), target_text(row, words, bare=bare)
    return _share_with_marks(row, words), words.text(N_("{share} of {target}"), share=value, target=target)


def _share_with_marks(row: dict[str, Any], words: Words) -> str:
    return ratio(row, row["attainment"], words) + "".join(f" [{mark}]" for mark in marks_of(row))


def _with_unit(row: dict[str, Any], words: Words) -> str:
    name = "" if unit(row["unit"]).symbol else words.unit_name(row["unit"])
    return f"{full_name(row)} ({name})" if name else full_name(row)


def _beside(ax: Axes, row: int, text: str, below: int, **look: Any) -> None:
    """A text in the margin on the right, level with a row."""
    place = {"xycoords": ("axes fraction", "data"), "textcoords": "offset points", "fontsize": 10, **look}
    ax.annotate(_wrapped(text, 20), (1, row), (8, -below), ha="left", va="top", annotation_clip=False, **place)


def _target_line(ax: Axes, words: Words) -> None:
    """The target as a line at 100, named above it."""
    ax.axvline(100, color=ORANGE, linewidth=2.5, zorder=2)
    ax.annotate(
        words.text(N_("Target")),
        (100, 1),
        (0, 4),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        ha="center",
        va="bottom",
        color=ORANGE,
    )


def _row_names(ax: Axes, names: Sequence[str], width: int) -> None:
    """The names of rows, the first one on top."""
    ax.set_yticks(range(len(names)), [_wrapped(name, width) for name in names])
    ax.set_ylim(max(len(names), 1) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)


def parts(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Parts of a whole: bars by category, or stacked where several indicators are side by side.

    Parameters
    ----------
    frame : DataFrame
        From ``figures.parts``, labelled.
    ax : Axes, optional

    Returns
    -------
    Axes
        Bars from zero in the indicators' unit, each with its value.
    """
    words = language_of(frame)
    frame = frame.assign(part=[part_name(row) for row in frame.to_dict("records")])
    categories = list(dict.fromkeys(frame["part"]))
    indicators = list(dict.fromkeys(frame["indicator"]))
    ax = _axes(ax, 1.0 + 0.62 * len(categories) + 0.3 * (len(indicators) if len(indicators) > 1 else 0))
    left = dict.fromkeys(categories, 0.0)
    for shade, indicator in zip(SHADES, indicators, strict=False):
        rows = frame[frame["indicator"] == indicator]
        bars = ax.barh(
            [categories.index(name) for name in rows["part"]],
            rows["value"],
            left=[left[name] for name in rows["part"]],
            height=0.55,
            color=shade,
            edgecolor=BLUE,
            label=_wrapped(rows["name"].iloc[0], 60),
        )
        for bar, row in zip(bars, rows.to_dict("records"), strict=True):
            if "E" in row["status"]:
                _hatch(bar)
            left[row["part"]] += row["value"] if known(row["value"]) else 0.0
    widest = max(left.values(), default=0.0) or 1.0
    for name, end in left.items():
        rows = frame[frame["part"] == name].to_dict("records")
        text = " + ".join(_value_label(row, words) for row in rows)
        if len(indicators) == 1 and known(rows[0]["share"]):
            text += f" ({words.percent(rows[0]['share'])})"
        ax.annotate(text, (end, categories.index(name)), (5, 0), textcoords="offset points", va="center", fontsize=10)
    ax.set_yticks(range(len(categories)), [_wrapped(name) for name in categories])
    ax.tick_params(axis="y", length=0)
    ax.invert_yaxis()
    lowest = min(0.0, *left.values()) if left else 0.0
    ax.set_xlim(lowest * 1.42, widest * 1.42)
    ax.set_xlabel(words.unit_name(frame["unit"].iloc[0]))
    _numbers(ax.xaxis, words)
    if len(indicators) > 1:
        ax.legend(loc="lower left", bbox_to_anchor=(-0.35, 1.0), frameon=False, fontsize=10)
    return ax


def periods(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """What came in each period: a bar a period, at a pace that can be compared.

    Parameters
    ----------
    frame : DataFrame
        From ``figures.series``, labelled; rows without a pace are left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        Periods along the bottom, the indicator's unit upwards from zero. Estimates are hatched,
        means of several years are lighter.
    """
    words = language_of(frame)
    rows = drawn(frame)
    ax = _axes(ax, 3.2)
    for i, row in enumerate(rows):
        _column(ax, i, 0.62, row, words, mean=row["mean"])
    ax.set_xticks(range(len(rows)), [_wrapped(words.heading(row["period"]), 16) for row in rows])
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.6, max(len(rows), 2) - 0.4)
    return _with_values(ax, [row["pace"] for row in rows], words.unit_name(frame["unit"].iloc[0]), words)


def spread(frame: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Areas side by side: a named point each, or of many a band of points, and the median.

    Parameters
    ----------
    frame : DataFrame
        From ``Report.towns``; areas without a figure are left out.
    ax : Axes, optional

    Returns
    -------
    Axes
        The indicator's unit along the bottom; points of areas that are behind or missed their target are hollow.
    """
    import seaborn as sns

    words = language_of(frame)
    rows = drawn(frame)
    named = len(rows) <= MOST_NAMED
    ax = _axes(ax, 1.2 + 0.25 * len(rows) if named else 2.6)
    values = [row["value"] for row in rows]
    heights = list(range(len(rows))) if named else [(i * GOLDEN) % 1 for i in range(len(rows))]
    median = float(pd.Series(values).median())
    ax.axvline(median, color=ORANGE, linewidth=1.5, linestyle="--")
    sns.scatterplot(x=values, y=heights, ax=ax, s=50 if named else 30, color=BLUE, edgecolor=BLUE, zorder=3)
    ax.collections[-1].set_facecolor(["white" if row["standing"] in ("behind", "missed") else BLUE for row in rows])
    ax.collections[-1].set_linewidth(1.5)
    label = words.text(
        N_("median {amount}"), amount=qualified({**rows[0], "value": median, "qualifier": ""}, "value", words)
    )
    ax.annotate(
        label, (median, 1), xycoords=("data", "axes fraction"), xytext=(0, 4), textcoords="offset points", ha="center"
    )
    if named:
        _row_names(ax, [row["area_name"] for row in rows], 24)
    else:
        ax.set_yticks([])
        ax.set_ylim(-0.15, 1.15)
        ax.spines["left"].set_visible(False)
    ax.margins(x=0.08)
    _numbers(ax.xaxis, words)
    ticks = ax.get_xticks()  # areas may differ by less than the numbers of other charts
    decimals = next((d for d in range(4) if all(abs(tick - round(tick, d)) < CLOSE for tick in ticks)), 4)
    ax.xaxis.set_major_formatter(lambda value, _: words.number(value, decimals))
    ax.set(xlabel=words.unit_name(rows[0]["unit"]), ylabel="")
    return ax


CLOSE: Final = 1e-9
MOST_NAMED: Final = 24
"""Of more areas a chart names none."""
GOLDEN: Final = 0.6180339887498949
"""Steps of it spread points over a band, the same each time."""


def worth_drawing(chart: Chart, frame: pd.DataFrame) -> bool:
    """Whether a chart shows more than its table: a target with what was reached, or two figures, not all zero.

    Parameters
    ----------
    chart : callable
        One of this module's charts.
    frame : DataFrame
        The labelled frame that it draws.

    Returns
    -------
    bool
    """
    if frame.empty:
        return False
    if chart is path:
        ahead = frame["role"].isin(("aim", "outlook", "run_rate", "target"))
        return bool(frame.loc[~ahead, "value"].notna().any() and (frame["role"] == "target").any())
    if "attainment" in frame:
        return bool(frame["attainment"].notna().any())
    values = [row["value"] for row in drawn(frame) if known(row["value"])]
    return len(values) > 1 and any(values)


_KINDS: Final[dict[Chart, str]] = {
    path: N_("Chart of the way to the target"),
    bullet: N_("Bar chart of the figures against their targets"),
    dots: N_("Dot plot of the figures against their targets"),
    dumbbell: N_("Dot plot of the attainments in both editions"),
    parts: N_("Bar chart of the parts"),
    periods: N_("Bar chart by period"),
    spread: N_("Dot plot of the areas"),
}
_SPOKEN: Final = 8
"""So many figures are told one by one; of more, how many there are, and the highest and the lowest."""


def describe(chart: Chart, frame: pd.DataFrame) -> str:
    """Say in words what a chart shows, with its main figures: the alternative text.

    Parameters
    ----------
    chart : callable
        One of this module's charts, or another one.
    frame : DataFrame
        The labelled frame that it draws.

    Returns
    -------
    str
        In the frame's language. A mark such as [e] stands there as the word that it means.
    """
    words = language_of(frame)
    rows = drawn(frame)
    kind = words.text(_KINDS.get(chart, N_("Chart")))
    names = list(dict.fromkeys(row["name"] for row in rows))
    units = {words.unit_name(row["unit"]) for row in rows}
    measured = f" ({units.pop()})" if len(units) == 1 and "attainment" not in frame else ""
    about = f"{kind}. {names[0]}{measured}." if len(names) == 1 else f"{kind}{measured}."
    spoken = [_spoken(row, len(names) == 1, words) for row in rows]
    if len(rows) <= _SPOKEN:
        return f"{about} {'; '.join(spoken)}."
    column = next(name for name in ("attainment", "pace", "value") if name in frame)
    told = [i for i, row in enumerate(rows) if known(row[column])]
    highest, lowest = (pick(told, key=lambda i: float(rows[i][column])) for pick in (max, min))
    summary = words.text(
        N_("{count} figures. Highest: {highest}. Lowest: {lowest}."),
        count=words.number(len(rows)),
        highest=spoken[highest],
        lowest=spoken[lowest],
    )
    return f"{about} {summary}"


def drawn(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows that a chart draws."""
    if "attainment" in frame:
        return _attained(frame)
    rows: list[dict[str, Any]] = frame.to_dict("records")
    if "silent" in frame:
        return [row for row in rows if known(row["value"])]
    if "pace" in frame:
        return [
            {**row, "value": row["pace"], "mean": row["pace"] != row["value"]} for row in rows if known(row["pace"])
        ]
    return rows


def _spoken(row: dict[str, Any], alone: bool, words: Words) -> str:
    """A row of a chart as it is read aloud: what it is, its figure, and how firm that is."""
    if "attainment_before" in row:
        share, earlier = (ratio(side, side["attainment"], words) for side in (row, before(row)))
        return words.text(N_("{name}: {share}, before {earlier}"), name=full_name(row), share=share, earlier=earlier)
    firm = words.text(STATUS[row["status"]]) if row.get("status") in STATUS else ""
    if "attainment" in row:
        share, value = ratio(row, row["attainment"], words), qualified(row, "actual", words)
        amount = words.text(N_("{share} of {target}"), share=value, target=target_text(row, words))
        return f"{full_name(row)}: {share}, {amount}" + (f" ({firm})" if firm else "")
    label = [] if alone else [row["name"]]
    label += [words.text(ROLES[row["role"]])] if "role" in row else []
    label += [part_name(row)] if part_name(row) else []
    # Parts share their period; where only periods tell the rows apart, they name them.
    if "role" in row or "share" not in row:
        label.append(words.heading(row["period"]) if not label else words.period(row["period"]))
    amount = qualified(row, "value", words) if known(row["value"]) else printed_amount(row, words)
    further = [words.percent(row["share"])] if known(row.get("share")) else []
    further += (
        [words.text(N_("a year on average"))] if row.get("mean") or row.get("role") in ("mean", "derived") else []
    )
    further += [firm] if firm else []
    return f"{', '.join(label)}: {amount}" + (f" ({', '.join(further)})" if further else "")
