"""Everything that can be asked of one indicator: which questions have an answer, and the line of code of each.

A question is a method of ``Report`` with the chart that fits. The notebook ``explore`` and the widgets of
``explorer`` put the same questions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

import pandas as pd

from . import charts
from .dataset import Dataset
from .exhibits import Shown, paragraph
from .report import Report
from .wording import N_

__all__ = ["AREAS", "Inquiry", "Question", "ask"]

AREAS: Final = "area"
"""Stands for communes and wards, where a breakdown is chosen."""


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
}
"""What can be asked, in the order of a report."""
GAPS: Final = {
    "progress": N_("a target"),
    "change": N_("two periods that can be compared"),
    "parts": N_("parts"),
    "areas": N_("figures by commune or ward"),
}
"""What there is nothing of, where a question has no answer."""
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

    def _questions(self) -> Iterator[Question]:
        """The questions that make sense by what the catalogue says and the tables hold."""
        own, measures = self.report.data.indicator(self.indicator), set(self._rows["measure"])
        if measures & {"target", "stated_attainment"}:
            yield Question("progress", "progress", chart="bullet", said=True)
        if "target" in measures:
            yield Question("path", "path", chart="path")
        yield Question("change", "change", said=True)
        yield Question("series", "series", chart="periods")
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
        yield Question("neighbours", "neighbours")
        yield Question("printed", "printed")

    def headline(self) -> None:
        """Show where and when the figures are from, and what answers first."""
        self.report.headline(self.gist)

    def key_figures(self) -> None:
        """Show the figures of what answers first as cards."""
        self.report.key_figures(self.gist)

    def show(self, *topics: str) -> None:
        """Show the answers to some questions; one without an answer shows nothing.

        Parameters
        ----------
        *topics : str
            Of ``TOPICS``; all by default.
        """
        for question, frame in self.answers:
            if question.topic in (topics or TOPICS):
                self.tell(question, frame)

    def tell(self, question: Question, frame: pd.DataFrame) -> None:
        """Show one answer: sentences, unless they head the report already, chart and table."""
        if question.said and frame is not self.gist:
            self.report.say(frame)
        self.report.show(frame, getattr(charts, question.chart) if question.chart else None)

    def gaps(self) -> None:
        """Say what there is nothing of."""
        words, there = self.report.words, {question.topic for question, _ in self.answers}
        missing = [words.text(name) for topic, name in GAPS.items() if topic not in there]
        if missing:
            text = words.text(N_("Not printed of it: {gaps}."), gaps="; ".join(missing))
            self.report.display(Shown("sentence", paragraph("say", text), text))

    def __repr__(self) -> str:
        words = self.report.words
        names = {question: words.text(TOPICS[question.topic]) for question, _ in self.answers}
        lines = [self.report.data.names("indicators", words.language)[self.indicator]]
        width = max(map(len, names.values()), default=0)
        lines += [f"  {name:<{width}}  {question.line(self.indicator)}" for question, name in names.items()]
        return "\n".join(lines)
