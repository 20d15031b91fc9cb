"""Everything that can be asked of one indicator: which questions have an answer, and the line of code of each.

A question is a method of ``Report`` with the chart that fits. The notebook ``explore`` and the widgets of
``explorer`` put the same questions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import pandas as pd

from . import charts
from .dataset import Dataset
from .exhibits import Shown, paragraph
from .figures import relations
from .report import Report
from .units import unit
from .words import N_

__all__ = ["AREAS", "WHAT_IF", "Inquiry", "Question", "Span", "ask", "indicators", "sectors"]

AREAS: Final = "area"
"""Stands for communes and wards, where a breakdown is chosen."""
WHAT_IF: Final = "what_if"


@dataclass(frozen=True)
class Question:
    """A question to an indicator.

    Attributes
    ----------
    topic : str
        What it is about, such as ``series``; the same for all breakdowns.
    method : str
        The method of ``Report`` that answers it.
    arguments : tuple
        What the method takes after the indicator's code.
    options : mapping
        What it takes by name.
    chart : str
        The chart of ``charts`` that shows the answer; empty for a table only.
    said : bool
        Whether there are sentences to say of it.
    breakdown : str
        The dimension that the answer is broken down by; empty for the whole.
    """

    topic: str
    method: str
    arguments: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    chart: str = ""
    said: bool = False
    breakdown: str = ""

    def answer(self, report: Report, indicator: str) -> pd.DataFrame:
        """The frame that answers it."""
        frame: pd.DataFrame = getattr(report, self.method)(indicator, *self.arguments, **self.options)
        return frame

    def show(self, report: Report, frame: pd.DataFrame, *, say: bool = True) -> None:
        """Show an answer in a report: sentences, chart and table."""
        if self.said and say:
            report.say(frame)
        report.show(frame, getattr(charts, self.chart) if self.chart else None)

    def line(self, indicator: str) -> str:
        """The call that gives the frame.

        Examples
        --------
        >>> Question("halves", "series", options={"by": "half"}).line("revenue")
        'report.series("revenue", by="half")'
        """
        given = [_literal(value) for value in (indicator, *self.arguments)]
        given += [f"{name}={_literal(value)}" for name, value in self.options.items()]
        return f"report.{self.method}({', '.join(given)})"

    def code(self, report: Report, indicator: str) -> str:
        """Lines of code that give the same answer, in a notebook or a script."""
        opened = ", ".join(map(_literal, (report.opened, report.year, report.words.language)))
        lines = [
            "import laichau_analysis as la",
            "",
            f"report = la.open_report({opened})",
            f"frame = {self.line(indicator)}",
            *(["report.say(frame)"] if self.said else []),
            f"report.show(frame, la.charts.{self.chart})" if self.chart else "report.show(frame)",
        ]
        return "\n".join(lines)


def _literal(value: Any) -> str:
    """A value as Python code, texts in double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return repr(value)


@dataclass(frozen=True)
class Span:
    """The room that an assumption has.

    Attributes
    ----------
    low, high, step : float
        In the indicator's unit; ratios for growth, points a year for that of percentages.
    start : float
        The printed figure, or no growth.
    """

    low: float
    high: float
    step: float
    start: float


def _span_of(row: pd.Series, start: float, *, so_far: bool = False) -> Span:
    """From the least that is possible, for a sum what there is of it, to twice the larger of figure and target."""
    figures = [abs(float(row[column])) for column in ("actual", "target", "target_max") if row[column] == row[column]]
    reach = 2 * max(figures) or 1.0
    low = start if so_far else row["minimum"] if row["minimum"] == row["minimum"] else -reach
    high = min(reach, row["maximum"]) if row["maximum"] == row["maximum"] else reach
    return Span(float(low), float(high), _step(high - low, int(row["decimals"])), float(start))


def _span_of_growth(row: pd.Series) -> Span | None:
    """Down by a half to twice as much, or twice the points to the target; but not beyond what is possible."""
    points, total = unit(row["unit"]).is_percentage, row["accumulation"] == "total"
    base = row["latest"] if total else row["actual"]
    if not row["years_left"] > 0 or not (points or base > 0):
        return None
    reach = math.ceil(max(2 * abs(float(row["required"])), 1.0))
    low, high = (-reach, reach) if points else (-0.5, 1.0)
    step = _step(2 * reach, int(row["decimals"])) if points else 0.01
    unchanged = row["actual"] + row["years_left"] * base if total else row["actual"]
    by_one = row["years_left"] * (1 if points else base)
    if row["minimum"] == row["minimum"]:
        low = max(low, step * math.ceil((row["minimum"] - unchanged) / by_one / step))
    if row["maximum"] == row["maximum"]:
        high = min(high, step * math.floor((row["maximum"] - unchanged) / by_one / step))
    return Span(float(low), float(high), step, 0.0)


def _step(room: float, decimals: int) -> float:
    """Steps of a power of ten: as fine as the indicator is printed, but a thousand at the most."""
    return float(10.0 ** max(-decimals, math.ceil(math.log10(room / 1000))))


TOPICS: Final = {
    "progress": N_("Attainment of the target"),
    "path": N_("The way to the target"),
    "change": N_("Change on the period before"),
    "series": N_("Year by year"),
    "halves": N_("Half-years"),
    "parts": N_("Parts"),
    "areas": N_("Communes and wards"),
    "computed": N_("What it is computed from"),
    "shares": N_("Share of a whole"),
    "neighbours": N_("Related figures"),
    "printed": N_("Every printed figure"),
    WHAT_IF: N_("What if"),
}
"""What can be asked, in the order of a report; a report itself assumes nothing."""
GAPS: Final = {
    ("progress",): N_("a target"),
    ("change", "halves"): N_("a period to compare with"),
    ("parts",): N_("parts"),
    ("areas",): N_("figures by commune or ward"),
}
"""What there is nothing of, where none of some questions has an answer."""
LEAST: Final = {"series": 2, "halves": 2}
"""Rows below which a frame is no answer; one period is no series."""


def ask(report: Report, indicator: str = "") -> Inquiry:
    """Ask everything of one indicator.

    Parameters
    ----------
    report : Report
        From ``open_report``.
    indicator : str, optional
        Code of an indicator; by default the first one with a target.

    Returns
    -------
    Inquiry

    Raises
    ------
    UnknownNameError
        If the data set does not list it; the nearest code is suggested.

    Examples
    --------
    >>> from laichau_analysis.report import open_report
    >>> ask(open_report("lai-chau", 2024, "en"), "programme_funds")
    Money available for the national target programmes
      Parts                     report.parts("programme_funds", "origin")
      What it is computed from  report.computed("programme_funds")
      Related figures           report.neighbours("programme_funds")
      Every printed figure      report.printed("programme_funds")
    """
    code = indicator or _first(report.data)
    report.data.indicator(code)
    return Inquiry(report, code)


def _first(data: Dataset) -> str:
    """The first indicator with a target; without any, the first with a figure."""
    rows = data.observations
    for known in (rows[rows["measure"] == "target"], rows):
        found = data.indicators.index[data.indicators.index.isin(known["indicator"])]
        if len(found):
            return str(found[0])
    return str(data.indicators.index[0])


def sectors(report: Report) -> list[tuple[str, str]]:
    """Names and codes of the sectors that have indicators, in reading order."""
    data = report.data
    used = set(data.indicators["sector"])
    return [(name, code) for code, name in data.names("sectors", report.words.language).items() if code in used]


def indicators(report: Report, sector: str) -> list[tuple[str, str]]:
    """Names and codes of a sector's indicators, in the order of the catalogue."""
    own = report.data.indicators[report.data.indicators["sector"] == sector]
    return list(zip(own[f"name_{report.words.language}"], own.index, strict=True))


@dataclass(repr=False)
class Inquiry:
    """One indicator under question; see ``ask``.

    Attributes
    ----------
    report : Report
    indicator : str
    """

    report: Report
    indicator: str

    @cached_property
    def breakdowns(self) -> list[str]:
        """The dimensions that the town's figures are broken down by, and ``AREAS`` where communes have their own."""
        data, rows = self.report.data, self._rows[self._rows["measure"] == "actual"]
        used = set(rows.loc[rows["area"] == data.town, "breakdown"])
        found = [code for code in data.tables["breakdowns"]["breakdown"] if code in used]
        return found + [AREAS] * bool((rows["area"] != data.town).any())

    @cached_property
    def answers(self) -> list[tuple[Question, pd.DataFrame]]:
        """The questions that have an answer, in the order of a report, with it."""
        found = []
        for question in self._questions():
            frame = question.answer(self.report, self.indicator)
            if len(frame) >= LEAST.get(question.topic, 1):
                drawn = question.chart and charts.worth_drawing(getattr(charts, question.chart), frame)
                found.append((question if drawn else replace(question, chart=""), frame))
        return found

    @cached_property
    def gist(self) -> pd.DataFrame:
        """What answers first: how far the target has come, else the latest figures that there are."""
        answers = {question.topic: frame for question, frame in reversed(self.answers)}
        if "progress" in answers:
            return answers["progress"]
        latest = self.report.latest(self.indicator)
        if len(latest):
            return latest
        for topic in ("computed", "parts", "areas", "printed"):
            if topic in answers:
                return answers[topic]
        formula = self.report.data.indicator(self.indicator)["formula"]
        return self.report.computed(self.indicator) if formula else latest

    @property
    def _rows(self) -> pd.DataFrame:
        rows = self.report.data.observations
        return rows[rows["indicator"] == self.indicator]

    def _periods(self) -> set[str]:
        """The periods for which there are figures of the indicator, or of what its formula takes."""
        formula, rows = self.report.data.formula(self.indicator), self.report.data.observations
        used = [self.indicator, *(item.code for item in (formula.inputs if formula else ()))]
        return set(rows.loc[rows["indicator"].isin(used) & (rows["measure"] == "actual"), "period"])

    def _questions(self) -> Iterator[Question]:
        """The questions that make sense by what the catalogue says and the tables hold."""
        own, measures = self.report.data.indicator(self.indicator), set(self._rows["measure"])
        if measures & {"target", "stated_attainment"}:
            yield Question("progress", "progress", chart="bullet", said=True)
        if "target" in measures:
            yield Question("path", "path", chart="path")
        periods = self._periods()
        if len(periods) > 1:
            yield Question("change", "change", said=True)
            yield Question("series", "series", chart="periods")
        if any("-S" in code for code in periods):
            yield Question("halves", "series", options={"by": "half"}, chart="periods")
        for breakdown in self.breakdowns:
            if breakdown == AREAS:
                yield Question("areas", "areas", chart="parts", breakdown=AREAS)
            else:
                yield Question("parts", "parts", (breakdown,), chart="parts", said=True, breakdown=breakdown)
        if own["formula"]:
            yield Question("computed", "computed")
        if own["share_of"]:
            yield Question("shares", "shares", options={"everywhere": True}, said=True)
        if relations(self.report.data, self.indicator):
            yield Question("neighbours", "neighbours")
        yield Question("printed", "printed")

    def show(self, *topics: str) -> None:
        """Show the answers to some questions; one without an answer shows nothing.

        Parameters
        ----------
        *topics : str
            Of ``TOPICS``; all by default.
        """
        for topic in topics or TOPICS:
            for question, frame in self.answers:
                if question.topic == topic:
                    # What heads the report has been said.
                    question.show(self.report, frame, say=frame is not self.gist)

    def gaps(self) -> None:
        """Say what there is nothing of."""
        words, there = self.report.words, {question.topic for question, _ in self.answers}
        missing = [words.text(name) for topics, name in GAPS.items() if there.isdisjoint(topics)]
        if missing:
            text = words.text(N_("Not printed of it: {gaps}."), gaps="; ".join(missing))
            self.report.display(Shown("sentence", paragraph("say", text), text))

    # --- what there is to choose from ---------------------------------------------------------------

    def dimensions(self) -> list[tuple[str, str]]:
        """Names and codes of what the answers can be broken down by; the whole comes first, with an empty code."""
        words = self.report.words
        names = {**self.report.data.names("breakdowns", words.language), AREAS: words.text(TOPICS["areas"])}
        found = dict.fromkeys(question.breakdown for question, _ in self.answers if question.breakdown)
        whole = self.measures("")
        return [(words.text(N_("The whole")), "")] * bool(whole) + [(names[code], code) for code in found]

    def measures(self, breakdown: str = "") -> list[tuple[str, str]]:
        """Names and topics of the questions that have an answer, for the whole or a breakdown."""
        topics = [question.topic for question, _ in self.answers if question.breakdown == breakdown]
        topics += [WHAT_IF] * (not breakdown and bool(self.movable))
        return [(self.report.words.text(TOPICS[topic]), topic) for topic in topics]

    def answer_to(self, topic: str, breakdown: str = "") -> tuple[Question, pd.DataFrame]:
        """A question that has an answer, with it."""
        return next(
            (question, frame)
            for question, frame in self.answers
            if (question.topic, question.breakdown) == (topic, breakdown)
        )

    def supposing(self, **assumed: float) -> tuple[Question, pd.DataFrame]:
        """What would follow if figures were others, as a question with its answer; see ``assumptions.what_if``."""
        question = Question(WHAT_IF, WHAT_IF, options=assumed, chart="bullet", said=True)
        frame = question.answer(self.report, self.indicator)
        drawn = charts.worth_drawing(charts.bullet, frame)
        return question if drawn else replace(question, chart=""), frame

    @cached_property
    def last_target(self) -> pd.Series | None:
        """How the whole town's last target stands; None where no target, or nothing to compare with it, is printed."""
        answers = {question.topic: frame for question, frame in self.answers}
        if "progress" not in answers:
            return None
        frame = answers["progress"]
        whole = (frame["area"] == self.report.data.town) & (frame["breakdown"] == "")
        frame = frame[whole & frame["target"].notna() & frame["actual"].notna()].sort_values("target_end")
        return frame.iloc[-1] if len(frame) else None

    @cached_property
    def movable(self) -> dict[str, Span]:
        """The assumptions that can be made of the last target, each with its room; see ``assumptions.what_if``.

        Without ``growth`` where no year is left to grow in, or nothing to start from.
        """
        row = self.last_target
        if row is None:
            return {}
        spans = {
            "final": _span_of(row, row["actual"], so_far=row["accumulation"] == "total"),
            "actual": _span_of(row, row["actual"]),
            "growth": _span_of_growth(row),
            "target": _span_of(row, row["target"]),
        }
        return {name: span for name, span in spans.items() if span}

    def __repr__(self) -> str:
        words = self.report.words
        names = {question: words.text(TOPICS[question.topic]) for question, _ in self.answers}
        lines = [self.report.data.names("indicators", words.language)[self.indicator]]
        width = max(map(len, names.values()), default=0)
        lines += [f"  {name:<{width}}  {question.line(self.indicator)}" for question, name in names.items()]
        return "\n".join(lines)
