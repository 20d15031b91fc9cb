"""The panel of widgets for JupyterLab: choose an indicator and a measure, and see answer, sources and code.

What there is to choose from, and the answers, come from ``inquiry``; here they only meet their controls.
The widgets are those of ``ipywidgets`` (extra ``lab``), which is imported when a panel is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from .dataset import LANGUAGES
from .errors import UsageError
from .exhibits import Exhibit, Shown
from .inquiry import WHAT_IF, Question, Span, ask, indicators, sectors
from .report import Report, open_report
from .units import unit
from .wording import digits, signed_growth
from .words import N_

__all__ = ["Panel", "explore"]

SPOKEN: Final = {"vi": "Tiếng Việt", "en": "English"}
"""Languages by their own names."""
LABELS: Final = {
    "language": N_("Language"),
    "sector": N_("Sector"),
    "indicator": N_("Indicator"),
    "breakdown": N_("Breakdown"),
    "measure": N_("Measure"),
    "moved": N_("Assume"),
    "number": N_("Assumed"),
    "target": N_("Assumed target"),
    "code": N_("Lines of code"),
}
MOVED: Final = {
    "final": N_("the figure {within}"),
    "actual": N_("the latest figure"),
    "growth": N_("the growth a year"),
}
SAME: Final = 9
"""Digits to which the numbers of a field are told apart; what is beyond is the computer's."""


def explore(report: Report | str = "lai-chau", indicator: str = "") -> Panel:
    """Ask questions with widgets, below a cell of JupyterLab.

    Parameters
    ----------
    report : Report or str
        From ``open_report``, or the name or folder of a data set.
    indicator : str, optional
        Code of the indicator to begin with; by default the first one with a target.

    Returns
    -------
    Panel
        Shown by the notebook; its controls can be set by code as well, such as
        ``panel.measure.value = "printed"``.

    Raises
    ------
    UsageError
        If ipywidgets is not installed.
    UnknownNameError
        If the data set does not list the indicator; the nearest code is suggested.
    """
    return Panel(open_report(report) if isinstance(report, str) else report, indicator)


class Panel:
    """Controls, the answer to what is chosen, and the lines of code that give the same; see ``explore``.

    Attributes
    ----------
    language, sector, indicator, breakdown, measure : Dropdown
        What is asked.
    moved : Dropdown
        Which figure is assumed, or the growth.
    number, target : BoundedFloatText
        What is assumed of it, growth of amounts in per cent, and of the target.
    answer, sources : Output
    code : Textarea
    """

    def __init__(self, report: Report, indicator: str = "") -> None:
        widgets = _ipywidgets()
        look = {"layout": {"width": "100%", "max_width": "60em"}, "style": {"description_width": "9em"}}
        self._asked = ask(report, indicator)
        own = report.data.indicator(self._asked.indicator)
        self.language = widgets.Dropdown(
            options=[(SPOKEN[code], code) for code in LANGUAGES], value=report.words.language, **look
        )
        self.sector = widgets.Dropdown(options=[own["sector"]], **look)
        self.indicator = widgets.Dropdown(options=[self._asked.indicator], **look)
        self.breakdown, self.measure, self.moved = (widgets.Dropdown(**look) for _ in range(3))
        # Fields with steps, as the handle of a slider cannot be given a name that is spoken.
        narrow = {**look, "layout": {"width": "20em"}}
        self.number, self.target = (widgets.BoundedFloatText(**narrow) for _ in range(2))
        self._amounts = {self.number: widgets.Label(), self.target: widgets.Label()}
        self._fitted: dict[Any, tuple[str, str]] = {}
        self._scale = 1.0
        self.answer, self.sources = widgets.Output(), widgets.Output()
        self.code = widgets.Textarea(**look)
        fields = [widgets.HBox([field, amount]) for field, amount in self._amounts.items()]
        self._assumptions = widgets.VBox([self.moved, *fields])
        choices = [self.language, self.sector, self.indicator, self.breakdown, self.measure]
        self.box = widgets.VBox([*choices, self._assumptions, self.answer, self.code, self.sources])
        self._settling = False
        self._settle()
        self._answer()
        for control in (*choices, self.moved, self.number, self.target):
            control.observe(self._changed, names="value")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        return self.box._repr_mimebundle_(include=include, exclude=exclude)

    def _changed(self, change: Any) -> None:
        """Bring all controls in line with the one that was moved, then answer."""
        if self._settling:
            return
        self._settling = True
        try:
            self._settle()
        finally:
            self._settling = False
        self._answer()

    def _settle(self) -> None:
        """From top to bottom, offer what each control can choose from by those above it."""
        report = self._asked.report.anew(self.language.value)
        self._label(report)
        _offer(self.sector, sectors(report))
        _offer(self.indicator, indicators(report, self.sector.value))
        before = self._asked
        if (before.indicator, before.report.words.language) != (self.indicator.value, self.language.value):
            self._asked = ask(report, self.indicator.value)
        _offer(self.breakdown, self._asked.dimensions())
        _offer(self.measure, self._asked.measures(self.breakdown.value))
        self._assumptions.layout.display = None if self.measure.value == WHAT_IF else "none"
        self._settle_assumptions()

    def _label(self, report: Report) -> None:
        for name, text in LABELS.items():
            getattr(self, name).description = report.words.text(text)

    def _settle_assumptions(self) -> None:
        """Give the fields the room that the indicator leaves, and say their numbers in words."""
        words, row, spans = self._asked.report.words, self._asked.last_target, self._asked.movable
        if row is None:
            return
        within = words.within(row["target_period"])
        _offer(self.moved, [(words.text(text, within=within), name) for name, text in MOVED.items() if name in spans])
        growth = self.moved.value == "growth"
        # Growth of amounts is typed in per cent, that of percentages in points.
        self._scale = 100.0 if growth and not unit(row["unit"]).is_percentage else 1.0
        self._fit(self.number, self.moved.value, spans[self.moved.value], self._scale)
        self._fit(self.target, "target", spans["target"])
        for field, amount in self._amounts.items():
            amount.value = words.amount(field.value, row["unit"], digits(field.value, SAME))
        if growth:
            self._amounts[self.number].value = signed_growth(self._number, row["unit"], words)

    def _fit(self, field: Any, name: str, span: Span, scale: float = 1.0) -> None:
        """Give a field the room of an assumption and the printed figure; unless it has them already."""
        key = (self._asked.indicator, name)
        if self._fitted.get(field) == key:
            return
        self._fitted[field] = key
        with field.hold_trait_notifications():
            field.min, field.max, field.step = span.low * scale, span.high * scale, span.step * scale
            field.value = span.start * scale

    @property
    def _number(self) -> float:
        return _plain(self.number.value / self._scale)

    def _question(self) -> tuple[Question, pd.DataFrame]:
        """What is asked, with its answer."""
        if self.measure.value != WHAT_IF:
            return self._asked.answer_to(self.measure.value, self.breakdown.value)
        spans, name = self._asked.movable, self.moved.value
        assumed = {name: self._number, "target": _plain(self.target.value)}
        moved = {key: number for key, number in assumed.items() if number != spans[key].start}
        return self._asked.supposing(**(moved or {name: assumed[name]}))

    def _answer(self) -> None:
        shown: list[Shown | Exhibit] = []
        report, gist = self._asked.report.anew(display=shown.append), self._asked.gist
        report.headline(gist)
        report.key_figures(gist)
        self.code.value = ""
        if self.measure.value:
            question, frame = self._question()
            question.show(report, frame, say=frame is not gist)
            report.methods_and_sources()
            self.code.value = question.code(report, self._asked.indicator)
        self.code.rows = self.code.value.count("\n") + 1
        of_sources = [item for item in shown if isinstance(item, Shown) and item.kind == "sources"]
        self.sources.outputs = tuple(map(_output, of_sources))
        self.answer.outputs = tuple(_output(item) for item in shown if item not in of_sources)


def _ipywidgets() -> Any:
    try:
        import ipywidgets
    except ImportError:
        raise UsageError(
            "the widgets need the library ipywidgets, which is not installed. "
            "Install it with: pip install 'laichau-analysis[lab]'"
        ) from None
    return ipywidgets


def _offer(control: Any, choices: Sequence[tuple[str, str]]) -> None:
    """Let a control offer some choices, if there are any; what was chosen stays, if it is among them."""
    chosen = control.value
    if tuple(choices) == control.options:
        return
    control.options = tuple(choices)
    codes = [code for _, code in choices]
    control.value = chosen if chosen in codes else next(iter(codes), None)


def _output(item: Shown | Exhibit) -> dict[str, Any]:
    """What a notebook would hold of something shown."""
    return {"output_type": "display_data", "data": item._repr_mimebundle_(), "metadata": {}}


def _plain(number: float) -> float:
    return float(f"{number:.{SAME}g}")
