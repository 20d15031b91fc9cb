"""What a notebook talks to: data, year, language, and what was shown so far.

A report remembers which figures, metrics and marks it has shown, so that methods, symbols and
sources are collected at its end and not repeated in between.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from typing import Any, Final

import pandas as pd

from . import figures, metrics
from .assumptions import what_if
from .audit import VERDICTS, WRONG, audit, doubted
from .changes import before, fate_of_all, retold
from .charts import Chart, drawn
from .dataset import Dataset, load
from .editions import Comparison, compare
from .errors import UsageError
from .exhibits import (
    Card,
    Exhibit,
    Place,
    Shown,
    as_file,
    boxed,
    definition_list,
    key_figures_html,
    listed,
    paragraph,
    references,
)
from .export import csv_for_readers, taken_away
from .formulas import sectors_behind
from .periods import period
from .schema import STATED
from .tables import SYMBOLS, marks_of, table
from .towns import accounts, standing, targets
from .units import unit
from .wording import (
    ASSESSMENT,
    MANY,
    VERDICT,
    explained,
    formula_text,
    full_name,
    known,
    labelled,
    nothing,
    observed,
    opening,
    part_name,
    plain_amount,
    qualified,
    ratio,
    role,
    sentences,
    statements,
    target_text,
)
from .words import N_, Words

__all__ = ["Report", "open_report"]

METHODS: Final = {
    "attainment": (
        N_("Attainment"),
        N_(
            "Actual figure in per cent of the target where higher is better; target in per cent of the actual figure where lower is better."
        ),
    ),
    "gap": (N_("Still to go"), N_("Target less actual figure, in the direction that is good.")),
    "growth": (
        N_("Needed growth"),
        N_(
            "What the remaining years must bring, as growth a year: what is still to go, divided by the years that are left, against the latest figure."
        ),
    ),
    "assessment": (
        N_("Assessment"),
        N_(
            "Reached or not by comparing the figures; before the target year by the first evidence of pace that there is: the pace of the latest year, a path from a baseline, the report's own outlook, its own aim if that falls short, the slowest possible start."
        ),
    ),
    "difference": (
        N_("Differences"),
        N_(
            "What is not printed but follows: a cumulative figure less the years that are printed, a year less the half that is printed. Where several years are left, their mean is given."
        ),
    ),
    "change": (N_("Change"), N_("The later value against the earlier one, in per cent of the earlier one.")),
    "share": (N_("Share"), N_("A part in per cent of the printed whole.")),
    "count": (
        N_("A rate's target in numbers"),
        N_(
            "The whole follows from the latest number and its rate; the target's share of that whole is the number that it means, if the whole stays as it is."
        ),
    ),
    "assumption": (
        N_("What if"),
        N_(
            "An assumed figure takes the place of the printed one, and everything is computed as before. Growth means that each year that is left brings so much more than the latest figure. What the report states of its own figures, or expects from them, is left out."
        ),
    ),
    "editions": (
        N_("Editions"),
        N_(
            "A figure is the same in both editions if it speaks of the same indicator, area, period and part; where it is printed does not matter. It was revised if the numbers that its two prints can stand for, in one unit, have none in common; otherwise it is only printed more or less precisely. An indicator was renamed if its code, its names or all its figures are the same."
        ),
    ),
    "areas": (
        N_("Areas side by side"),
        N_(
            "Compared are printed figures of the whole of each area, of one period: the latest of those that most areas have. An area without a report, or without such a figure, keeps its row."
        ),
    ),
    "ranks": (
        N_("Ranks"),
        N_(
            "A figure stands for all the numbers that round to it. An area is ahead of another only if each of its numbers is better; the places that it may have are given. Only rates are ranked, and only where one way is good."
        ),
    ),
    "recomputed": (
        N_("Recomputed"),
        N_(
            "Each printed percentage and sum is computed again from the printed figures. A figure stands for all the numbers that round to it; only what lies outside is called wrong."
        ),
    ),
}
MOST_CARDS: Final = 5
"""Of more figures the first ones are cards; all of them stand in a table."""
MOST_DOCUMENTS: Final = 5
"""Figures of more documents stand in one table."""
FEW: Final = 2
"""Of more verdicts a caption names none."""
MANY_TOWNS: Final = 70
"""So many areas a page shows; all of them are in the file beside it."""
MANY_ROWS: Final = 25
"""So many rows of a comparison a page shows; all of them are in the file beside it."""
_FOUND: Final = (
    (N_("Wrong or contradicting another"), WRONG),
    (N_("Differences of rounding"), ("rounding",)),
    (N_("Cannot be decided"), ("open",)),
)
_COMPARED: Final = {
    "moved": N_("What became of the figures, by sector"),
    "way": N_("Targets in both editions"),
}
"""Captions of comparisons, by a column that only they have."""
_COUNTED: Final = {
    "figures": N_("Figures that were revised"),
    "targets": N_("Targets that were changed"),
    "indicators": N_("Indicators that were renamed"),
    "assessments": N_("Targets that are assessed otherwise"),
    "latest": N_("Targets that are assessed otherwise in the latest year"),
    "findings": N_("Findings with another verdict"),
}
_CAME: Final = {
    "added": N_("Findings that came"),
    "revised": N_("Findings with another verdict"),
    "dropped": N_("Findings that went"),
}
_LEDGER: Final = ["sector", "sector_name", "checked", "wrong", "evidence"]


def _below_the_cell(shown: Shown | Exhibit) -> None:
    from IPython.display import display

    display(shown)


def _with_figures(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows without those whose figure cannot be right, or cannot be computed."""
    return frame[frame["value"].notna()] if "value" in frame else frame


def _at_last(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of the latest period; categories only without a total."""
    if frame.empty:
        return frame
    rows = frame[frame["period"] == frame["period"].iloc[-1]]
    total = rows[rows["breakdown"] == ""]
    return total if len(total) else rows


def _compares(frame: pd.DataFrame) -> bool:
    """Whether a frame holds what lies between two editions."""
    return "message" in frame and "verdict" not in frame


def _state(data: Dataset, year: int, words: Words) -> str:
    """Up to when the actual figures reach, and whether they are estimates."""
    rows = data.observations[data.observations["measure"] == "actual"]
    spans = rows["period"].map(period)
    this_year = spans.map(lambda span: span.year) == year
    ends = spans[this_year].map(lambda span: span.end)
    if len(ends) and ends.max() < (year + 1) * 12:
        month = (ends.max() - 1) % 12 + 1
        return words.text(N_("figures to {period}"), period=words.period(f"{year}-{month:02}"))
    if (rows.loc[this_year, "status"] == "E").any():
        return words.text(N_("estimates to the end of {year}"), year=str(year))
    return words.text(N_("figures to the end of {year}"), year=str(year))


def open_report(
    dataset: str = "lai-chau",
    year: int = 0,
    language: str = "vi",
    *,
    area: str = "",
    below: bool = False,
    sectors: Sequence[str] = (),
    earlier: str = "",
) -> Report:
    """Open a data set for a report.

    Parameters
    ----------
    dataset : str
        Name or folder of the data set.
    year : int
        The state at the end of this year; 0 for the latest with actual figures.
    language : {'vi', 'en'}
    area : str
        Code of the area that the report is on, in a data set of many; the one that all others are a part of by default.
    below : bool
        Whether the report compares the areas right below it.
    sectors : sequence of str
        Sectors that the report reads; all by default. Reading another one is an error.
    earlier : str
        Name or folder of an earlier edition that ``changes`` compares the data set with.

    Returns
    -------
    Report

    Raises
    ------
    DataError
        If the data set is broken.
    UnknownNameError
        If a sector, the area or the language is unknown.
    UsageError
        If the area has no report of its own.
    MissingDataError
        If there is no figure up to that year.

    Examples
    --------
    >>> report = open_report("lai-chau", 2024, "en", sectors=["budget"])
    >>> report.year
    2024
    """
    words = Words(language)
    whole = load(dataset, area, below=below)
    data = whole.only(sectors) if sectors else whole
    comparison = compare(load(earlier, area), whole, year) if earlier else None
    return Report(
        data=data,
        whole=whole,
        year=data.state_of(year),
        words=words,
        comparison=comparison,
        opened=str(dataset),
    )


@dataclass
class Report:
    """A report in the making; see ``open_report``.

    Attributes
    ----------
    data : Dataset
        The figures of the report's sectors.
    whole : Dataset
        The whole data set.
    year : int
    words : Words
        The report's language.
    comparison : Comparison or None
        What lies between an earlier edition and the whole data set.
    opened : str
        The name or folder by which the data set was opened.
    display : callable
        Takes what the report shows, piece by piece; by default it appears below the notebook's cell.
    """

    data: Dataset = field(repr=False)
    whole: Dataset = field(repr=False)
    year: int
    words: Words = field(repr=False)
    comparison: Comparison | None = field(default=None, repr=False)
    opened: str = ""
    display: Callable[[Shown | Exhibit], None] = field(default=_below_the_cell, repr=False)
    _audits: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    _shown: dict[int, None] = field(default_factory=dict, repr=False)
    _methods: dict[str, None] = field(default_factory=dict, repr=False)
    _formulas: dict[str, None] = field(default_factory=dict, repr=False)
    _marks: set[str] = field(default_factory=set, repr=False)

    def anew(self, language: str = "", display: Callable[[Shown | Exhibit], None] | None = None) -> Report:
        """The same data and year with nothing shown yet, in the same language or another one.

        Parameters
        ----------
        language : {'vi', 'en'}, optional
        display : callable, optional
            Takes what the new report shows.
        """
        return Report(
            data=self.data,
            whole=self.whole,
            year=self.year,
            words=Words(language or self.words.language),
            comparison=self.comparison,
            opened=self.opened,
            display=display or self.display,
            _audits=self._audits,  # what is found does not depend on who asks
        )

    @property
    def _audit(self) -> pd.DataFrame:
        """What is found in the report's sectors and those behind them, without sentences."""
        if "" not in self._audits:
            self._audits[""] = audit(self._judged)
        return self._audits[""]

    @property
    def _judged(self) -> Dataset:
        """All lists, with the figures that decide what is found in the report's sectors."""
        own = self.data.indicators["sector"].unique()
        behind = sectors_behind(self.whole.indicators.reset_index().to_dict("records"), own)
        rows = self.whole.observations
        return replace(self.whole, observations=rows[rows["sector"].isin(behind)])

    # --- frames -----------------------------------------------------------------------------------

    def progress(self, *indicators: str) -> pd.DataFrame:
        """How far the targets of some indicators have come, of all by default; see ``metrics.progress``."""
        found = metrics.progress(self._with(indicators), self.year, indicators or None)
        return self._frame(found, indicators or list(dict.fromkeys(found["indicator"])))

    def path(self, indicator: str) -> pd.DataFrame:
        """The way of an indicator through the term and on to its target; see ``metrics.path``."""
        return self._frame(metrics.path(self._with([indicator]), indicator, self.year), [indicator])

    def series(self, *indicators: str, by: str = "year") -> pd.DataFrame:
        """What indicators came to, year by year or half by half; see ``figures.series``."""
        return self._frame(pd.concat(self._series(indicators, by), ignore_index=True), indicators)

    def change(self, *indicators: str, by: str = "year") -> pd.DataFrame:
        """The latest year of indicators, or half of one, beside what came before; see ``metrics.change``."""
        found = [metrics.change(frame) for frame in self._series(indicators, by)]
        return self._frame(pd.concat(found, ignore_index=True), indicators)

    def _series(self, indicators: Sequence[str], by: str) -> list[pd.DataFrame]:
        data = self._with(indicators)
        return [figures.series(data, code, self.year, by) for code in indicators]

    def parts(self, indicators: str | Sequence[str], breakdown: str) -> pd.DataFrame:
        """The parts of a whole; see ``figures.parts``."""
        codes = [indicators] if isinstance(indicators, str) else list(indicators)
        return self._frame(figures.parts(self._with(codes), codes, breakdown, self.year), codes)

    def areas(self, indicator: str) -> pd.DataFrame:
        """What an indicator came to in each commune or ward; see ``figures.areas``."""
        return self._frame(figures.areas(self._with([indicator]), indicator, self.year), [indicator])

    def shares(self, *indicators: str, everywhere: bool = False) -> pd.DataFrame:
        """How much of its whole each indicator is; see ``figures.shares``."""
        found = figures.shares(self._with(indicators), indicators, self.year, everywhere=everywhere)
        return self._frame(found, indicators)

    def latest(self, *indicators: str) -> pd.DataFrame:
        """The latest figure of some indicators; see ``figures.latest``."""
        return self._frame(figures.latest(self._with(indicators), indicators, self.year), indicators)

    def computed(self, *indicators: str) -> pd.DataFrame:
        """What formulas give at the latest period, for the whole where it is known; see ``figures.computed``."""
        data = self._with(indicators)
        found = [_at_last(figures.computed(data, code, self.year)) for code in indicators]
        return self._frame(pd.concat(found, ignore_index=True), indicators)

    def neighbours(self, indicator: str) -> pd.DataFrame:
        """The indicators that hang together with one; see ``figures.neighbours``."""
        return self._frame(figures.neighbours(self._with([indicator]), indicator, self.year), [])

    def printed(self, indicator: str) -> pd.DataFrame:
        """Every figure of an indicator as it is printed; see ``figures.printed``."""
        return self._frame(figures.printed(self._with([indicator]), indicator, self.year), [indicator])

    def what_if(
        self,
        indicator: str,
        *,
        actual: float | None = None,
        final: float | None = None,
        growth: float | None = None,
        target: float | None = None,
    ) -> pd.DataFrame:
        """What would follow if a figure were another one, beside what is printed; see ``what_if``."""
        assumed = {"actual": actual, "final": final, "growth": growth, "target": target}
        return self._frame(what_if(self._with([indicator]), indicator, year=self.year, **assumed), [indicator])

    def as_count(self, rate: str, count: str) -> pd.DataFrame:
        """What the target of a rate means in numbers; see ``metrics.as_count``."""
        return self._frame(metrics.as_count(self._with([rate, count]), rate, count, self.year), [count])

    def towns(self, indicator: str) -> pd.DataFrame:
        """Where each area right below this one stands with an indicator; see ``towns.standing``."""
        frame = standing(self._with([indicator]), indicator, self.year, self._audit, self.words.language)
        return doubted(frame, self._audit)

    def targets_of_towns(self, *sectors: str) -> pd.DataFrame:
        """How the areas right below this one stand with each target of some sectors; see ``towns.targets``."""
        return targets(self.data, sectors, self.year, self.words.language)

    def accounts_of_towns(self) -> pd.DataFrame:
        """Which reports on the areas right below this one do not add up; see ``towns.accounts``."""
        return accounts(self.data, self._audit, self.words.language)

    def changes(self) -> Comparison:
        """What has changed since the earlier edition, in words; see ``editions.compare`` and ``changes.retold``.

        Raises
        ------
        UsageError
            If the report was opened without one.
        """
        if self.comparison is None:
            raise UsageError("there is no earlier edition to compare with: name one in open_report(..., earlier=NAME).")
        return retold(self.comparison, self.words.language)

    def _with(self, indicators: Iterable[str]) -> Dataset:
        """The report's data, after making sure that the indicators are among it."""
        for code in indicators:
            if code not in self.data.indicators.index and code in self.whole.indicators.index:
                sector = self.whole.indicator(code)["sector"]
                declared = ", ".join(dict.fromkeys(self.data.indicators["sector"]))
                raise UsageError(
                    f"indicator '{code}' belongs to the sector '{sector}', but this report declares: {declared}. "
                    "Add the sector to the notebook's sectors."
                )
            self.data.indicator(code)
        return self.data

    def _frame(self, frame: pd.DataFrame, indicators: Sequence[str]) -> pd.DataFrame:
        result = labelled(doubted(frame, self._audit), self.data, self.words.language)
        # A selection of rows may be empty as well; only here is it known for what nothing was printed.
        result.attrs["missing"] = [code for code in indicators if code not in set(frame["indicator"])]
        return result

    # --- what a reader sees -----------------------------------------------------------------------

    def headline(self, *frames: pd.DataFrame) -> None:
        """Show where and when the figures are from, and the report's answer in its first sentences.

        Several targets at once are answered by how each of them stands; what there is to say of
        each follows in the report.
        """
        town = {"town": self.data.titles[self.words.language]}
        self.display(Shown("kicker", paragraph("kicker", self._kicker()), self._kicker(), town))
        said = []
        for frame in frames:
            self._remember(frame)
            said += opening(frame) + self._missing(frame)
        text = " ".join(said)
        self.display(Shown("headline", paragraph("headline", text), text))

    def _kicker(self) -> str:
        title = self.data.titles[self.words.language]
        told = [title, _state(self.data, self.year, self.words)]
        if self.comparison is not None:
            old, year = self.comparison.old, self.comparison.years[0]
            other = old.titles[self.words.language]
            state = _state(old, year, self.words) if year else self.words.text(N_("no actual figures"))
            edition = state if other == title else f"{other}, {state}"
            told.append(self.words.text(N_("compared with: {edition}"), edition=edition))
        return " · ".join(told)

    def key_figures(self, *frames: pd.DataFrame) -> None:
        """Show the three to five figures that matter as cards."""
        cards = [
            card
            for frame in frames
            for row in _with_figures(frame)[:MOST_CARDS].to_dict("records")
            for card in self._cards(row, len(frame) == 1)
        ]
        for frame in frames:
            self._remember(frame)
        if cards:
            text = "; ".join(card.text(self.words) for card in cards)
            record = {"card": cards[0].text(self.words)}
            self.display(Shown("key_figures", key_figures_html(cards, self.words), text, record))

    def _cards(self, row: dict[str, Any], alone: bool) -> list[Card]:
        """The cards of a figure; beside others a target has one, alone it has up to three."""
        if "subject" in row:
            return [self._counted(row)]
        words, places = self.words, tuple(self._places(row["evidence"]))
        if "measure" in row:
            value, name = self._split(observed(row, words), row, "value")
            label = f"{full_name(row)}, {words.period(row['period'])}"
            return [Card(label, value, name, marks_of(row), role(row["measure"], words), places=places)]
        if "assessment" not in row:
            # Parts of one whole stand below its name; those of several are told apart by theirs.
            label = full_name(row) if "share" not in row or "whole" in row else part_name(row)
            return [self._card(label, row, "value", words.period(row["period"]), places=places)]
        cards = []
        if known(row["actual"]):
            label = f"{full_name(row)}, {words.period(row['actual_period'])}"
            compare = ""
            if known(row["attainment"]):
                share = ratio(row, row["attainment"], words)
                compare = (
                    words.text(N_("{share} of the target"), share=share)
                    if alone
                    else words.text(N_("{share} of {target}"), share=share, target=target_text(row, words))
                )
            state = words.text(ASSESSMENT[row["assessment"]]) if row["assessment"] != "not_assessed" else ""
            cards.append(self._card(label, row, "actual", compare, state, row["assessment"], places))
        if known(row["target"]) and alone:
            label = words.text(N_("Target {year}"), year=words.period(row["target_period"]))
            value, name = self._split(target_text(row, words), row, "target")
            compare = ""
            if known(row["aim"]):
                compare = words.text(N_("own aim: {amount}"), amount=plain_amount(row, "aim", words))
            elif known(row["outlook"]):
                compare = words.text(N_("own outlook: {amount}"), amount=plain_amount(row, "outlook", words))
            cards.append(Card(label, value, name, compare=compare, places=places))
        if known(row["required_growth"]) and row["gap"] > 0 and alone:
            growth = ratio(row, 100 * row["required_growth"], words, signed=True)
            base = row["latest_period"] if known(row["latest"]) else row["actual_period"]
            compare = words.text(N_("on {period}"), period=words.period(base))
            cards.append(Card(words.text(N_("Needed growth a year")), growth, compare=compare, places=places))
        return cards

    def _card(
        self,
        label: str,
        row: dict[str, Any],
        column: str,
        compare: str,
        state: str = "",
        code: str = "",
        places: tuple[Place, ...] = (),
    ) -> Card:
        value, name = self._split(qualified(row, column, self.words), row, column)
        return Card(label, value, name, marks_of(row), compare, state, code, places)

    def _counted(self, row: dict[str, Any]) -> Card:
        """The card of how many of a subject differ between two editions."""
        words = self.words
        counts = {name: words.number(row[name]) for name in ("before", "added", "dropped")}
        compare = words.text(N_("of {before} in the earlier edition; {added} new, {dropped} gone"), **counts)
        return Card(words.text(_COUNTED[row["subject"]]), words.number(row["revised"]), compare=compare)

    def _split(self, amount: str, row: dict[str, Any], column: str) -> tuple[str, str]:
        """An amount as number and unit, but for signs such as %."""
        name = self.words.unit_name(row["unit"], row[column])
        if not name or not amount.endswith(f" {name}"):
            return amount, ""
        return amount.removesuffix(name).strip(), name

    def say(self, *frames: pd.DataFrame) -> None:
        """Show what frames mean, in computed sentences; what there is to say of many is a list."""
        told: list[tuple[str, str]] = []
        for frame in frames:
            told += self._statements(frame)
        told = told or [(frames[0].attrs.get("none") or self.words.text(N_("None.")), "")]
        texts = [escape(text) + refs for text, refs in told]
        html = listed("say", texts) if len(told) > MANY else f'<p class="say">{" ".join(texts)}</p>'
        self.display(Shown("sentence", html, " ".join(text for text, _ in told)))

    def _statements(self, frame: pd.DataFrame) -> list[tuple[str, str]]:
        """What a frame means, subject by subject, with links to where the figures stand."""
        self._remember(frame)
        said = [] if frame.empty and "told" not in frame.attrs else statements(frame)
        told = [(" ".join(texts), references(self._places(resting))) for texts, resting in said]
        return told + [(text, "") for text in self._missing(frame)]

    def _missing(self, frame: pd.DataFrame) -> list[str]:
        """That nothing is printed of some of the indicators that a frame was asked for."""
        names = self.data.names("indicators", self.words.language)
        missing = [names[code] for code in frame.attrs.get("missing", [])]
        return [nothing(frame, self.words, missing, self.year)] if missing else []

    def show(self, frame: pd.DataFrame, chart: Chart | None = None, title: str = "") -> None:
        """Show a frame as a chart with its table, or as a table only.

        Parameters
        ----------
        frame : DataFrame
            From one of this report's methods.
        chart : callable, optional
            A function of ``laichau_analysis.charts``, or any ``f(frame, ax=None) -> Axes``.
        title : str, optional
            Caption; the names of the indicators by default.
        """
        if frame.empty:
            self.say(frame)
            return
        title, csv = title or self._caption(frame), ""
        most = MANY_TOWNS if "told" in frame.attrs else MANY_ROWS
        whole = frame
        if (_compares(frame) or "told" in frame.attrs) and len(frame) > most:
            csv = as_file(frame, [self._places(labels) for labels in frame["evidence"]])
            title, frame = self._first_of(title, len(frame), most), frame.head(most)
        self._remember(frame)
        places = [self._places(labels) for labels in frame["evidence"]]
        shown = whole if "silent" in frame else frame  # a chart of areas shows all of them
        drawing = chart if chart and drawn(shown) else None
        self.display(Exhibit(title, shown, table(frame), drawing, places, csv))

    def _first_of(self, title: str, total: int, most: int = MANY_ROWS) -> str:
        """A title that says how much of a long comparison the page shows."""
        if total <= most:
            return title
        counts = {"count": self.words.number(most), "total": self.words.number(total)}
        return self.words.text(
            N_("{title}; the first {count} of {total}, all in the table as CSV"), title=title, **counts
        )

    def _caption(self, frame: pd.DataFrame) -> str:
        """The names of what is shown; for many, what they have in common."""
        if "caption" in frame.attrs:
            return str(frame.attrs["caption"])
        if _compares(frame):
            told = next((text for column, text in _COMPARED.items() if column in frame), "")
            return self.words.text(told or fate_of_all(frame) or N_("Figures in both editions"))
        if "checked" in frame:
            return self.words.text(N_("What was checked, by sector"))
        if "verdict" in frame:
            verdicts = [self.words.text(VERDICT[code]) for code in VERDICTS if code in set(frame["verdict"])]
            title = self.words.text(N_("Printed and recomputed"))
            return title if len(verdicts) > FEW else f"{title}: {', '.join(verdicts)}"
        names = list(dict.fromkeys(frame["name"]))
        if "relation" in frame:
            return self.words.text(N_("Related figures"))
        if len(names) == 1:
            own = self._caption_of_one(frame, names[0])
            if own:
                return own
        if len(names) < 3:
            listed = "; ".join(names)
            if "role" in frame and (frame["role"] == "target").any():
                return self.words.text(N_("{name}: the way to the target"), name=listed)
            if "pace" in frame and "earlier" not in frame:
                halves = {period(code).kind for code in frame["period"]} == {"half"}
                return self.words.text(N_("{name}, by half-year") if halves else N_("{name}, by year"), name=listed)
            return listed
        if "assessment" in frame:
            return self.words.text(N_("Targets and what was reached"))
        return self.words.text(
            N_("{name} and {count} further figures"), name=names[0], count=self.words.number(len(names) - 1)
        )

    def _caption_of_one(self, frame: pd.DataFrame, name: str) -> str:
        """What is told of one indicator, where its name alone does not say it."""
        if "case" in frame:
            return self.words.text(N_("{name}: as printed, and as assumed"), name=name)
        if "measure" in frame:
            return self.words.text(N_("{name}: every figure as it is printed"), name=name)
        if "assessment" in frame:
            return self.words.text(N_("{name}: the target and what was reached"), name=name)
        if "earlier" in frame:
            return self.words.text(N_("{name}: the latest period and the one before"), name=name)
        if "whole" in frame:
            return self.words.text(N_("{name}: share of the whole"), name=name)
        if "working" in frame:
            return self.words.text(N_("{name}: what it is computed from"), name=name)
        if "share" in frame:
            if (frame["area_name"] != "").any():
                return self.words.text(N_("{name}, by commune and ward"), name=name)
            breakdown = frame["breakdown_name"].iloc[0]
            if breakdown[1:2].islower():
                breakdown = breakdown[0].lower() + breakdown[1:]
            return self.words.text(N_("{name}, by {breakdown}"), name=name, breakdown=breakdown)
        return ""

    def audited(self, *verdicts: str) -> pd.DataFrame:
        """What the audit found in the report's sectors, with its sentences; of some verdicts only.

        Parameters
        ----------
        *verdicts : str
            Such as ``disagrees`` or ``implausible``; all by default.
        """
        language = self.words.language
        if language not in self._audits:
            self._audits[language] = explained(self._own_findings(), self.whole, language)
        found = self._audits[language]
        if verdicts:
            found = found[found["verdict"].isin(verdicts)]
        return found.assign(flag="", status="")

    def _own_findings(self) -> pd.DataFrame:
        """What the audit found in the report's sectors, up to its year."""
        found = self._audit
        return found[found["indicator"].isin(self.data.indicators.index) & self._in_time(found)]

    def ledger(self, found: pd.DataFrame | None = None) -> pd.DataFrame:
        """How many statements of each sector were checked, and with what verdict; wrong ones first.

        Parameters
        ----------
        found : DataFrame, optional
            Some rows of ``audited()``; all by default.
        """
        found = self._own_findings() if found is None else found
        sectors = found["indicator"].map(self.data.indicators["sector"])
        rows = []
        for code, name in self.data.names("sectors", self.words.language).items():
            own = found[sectors == code]
            if len(own):
                counts = {verdict: int((own["verdict"] == verdict).sum()) for verdict in VERDICTS}
                labels = tuple(dict.fromkeys(itertools.chain(*own["evidence"])))
                wrong = sum(counts[verdict] for verdict in WRONG)
                row = {"sector": code, "sector_name": name, "checked": len(own), "wrong": wrong, "evidence": labels}
                rows.append(row | counts)
        frame = pd.DataFrame(rows, columns=[*_LEDGER, *VERDICTS])
        frame = frame.sort_values("wrong", ascending=False, kind="stable").reset_index(drop=True)
        frame.attrs["language"] = self.words.language
        return frame

    def findings(self, *sectors: str, indicator: str = "") -> None:
        """Show what does not add up in the report's sectors, or in some of them, wrong figures first.

        Parameters
        ----------
        *sectors : str
        indicator : str, optional
            Code of an indicator, to show only what rests on one of its figures.
        """
        found = self.audited()
        if sectors:
            found = found[found["indicator"].map(self.data.indicators["sector"]).isin(sectors)]
        if indicator:
            found = found[self._rests_on(found, indicator)]
        ledger = self.ledger(found)
        self._methods["recomputed"] = None
        summary = " ".join(sentences(ledger)) if len(ledger) else self.words.text(N_("Nothing was found to check."))
        groups = [(self.words.text(title), self._found(found, verdicts)) for title, verdicts in _FOUND]
        groups.append(
            (self.words.text(N_("Printed with a unit or base that does not fit")), self._flagged(sectors, indicator))
        )
        counts = {key: int(ledger[key].sum()) for key in ("checked", "wrong")}
        self._list_findings(summary, groups, found, N_("What was checked"), {"counts": counts})

    def what_changed(self, changes: Comparison, subject: str, chart: Chart | None = None) -> None:
        """Show what became of a subject: a sentence on all of it, then what is not only printed elsewhere.

        Parameters
        ----------
        changes : Comparison
            From ``changes()``.
        subject : {'figures', 'targets', 'indicators', 'assessments', 'latest'}
        chart : callable, optional
            A function of ``laichau_analysis.charts``.
        """
        counts = changes.summary[changes.summary["subject"] == subject]
        frame: pd.DataFrame = getattr(changes, subject)
        self.say(counts if len(counts) else frame)
        differing = frame[frame["change"] != "moved"]
        if len(differing):
            self.show(differing, chart)

    def findings_changed(self, changes: Comparison) -> None:
        """Show which findings came, which went, and which have another verdict now, wrong ones first.

        Parameters
        ----------
        changes : Comparison
            From ``changes()``.
        """
        self._methods.update(dict.fromkeys(("recomputed", "editions")))
        found, summary = changes.findings, changes.summary
        told = found.assign(
            verdict=found["verdict"].mask(found["verdict"] == "", found["verdict_before"]), review_text=""
        )
        groups = []
        for change, title in _CAME.items():
            own = told[told["change"] == change]
            shown = VERDICTS if change == "revised" else [verdict for verdict in VERDICTS if verdict != "agrees"]
            items = [item for verdict in shown for item in self._found(own, (verdict,))]
            groups.append((self._first_of(self.words.text(title), len(items)), items[:MANY_ROWS]))
        said = str(summary.loc[summary["subject"] == "findings", "message"].iloc[0])
        self._list_findings(said, groups, found, N_("Findings that differ"), {})

    def _list_findings(
        self,
        summary: str,
        groups: Sequence[tuple[str, list[tuple[str, str]]]],
        found: pd.DataFrame,
        title: str,
        record: dict[str, Any],
    ) -> None:
        """Findings in groups, after a sentence on all of them, with the table of all as a file."""
        filled = [(heading, items) for heading, items in groups if items]
        html, plain = [paragraph("say", summary)], [summary]
        for heading, items in filled:
            html += [f"<h3>{escape(heading)}</h3>"] if len(filled) > 1 else []
            html.append(f'<ul class="findings">{"".join(item for item, _ in items)}</ul>')
            plain += [heading, *(text for _, text in items)]
        csv = as_file(found, [self._places(labels) for labels in found["evidence"]])
        table = {"title": self.words.text(title), "csv": csv} if len(found) else {}
        record = {**record, **table}
        self.display(Shown("findings", "".join(html), "\n".join(plain), record))

    def _found(self, found: pd.DataFrame, verdicts: Sequence[str]) -> list[tuple[str, str]]:
        """What has one of some verdicts, each as an item of a list and as plain text."""
        items = []
        for row in found[found["verdict"].isin(verdicts)].to_dict("records"):
            text = " ".join(filter(None, (row["message"], row["review_text"])))
            items.append(self._item(row["verdict"], self.words.text(VERDICT[row["verdict"]]), text, row["evidence"]))
        return items

    def _item(self, code: str, verdict: str, text: str, labels: Sequence[int]) -> tuple[str, str]:
        self._shown.update(dict.fromkeys(int(label) for label in labels))
        word = f'<b class="verdict">{escape(verdict[0].upper() + verdict[1:])}.</b> '
        refs = references(self._places(labels))
        return f'<li class="finding" data-verdict="{escape(code)}">{word}{escape(text)}{refs}</li>', text

    def _in_time(self, found: pd.DataFrame) -> pd.Series:
        """Statements that were known by the end of the report's year."""
        sources = [self.whole.records[labels[0]]["source"] for labels in found["evidence"]]
        return figures.known_by(self.whole, found.assign(source=sources), self.year)

    def _rests_on(self, found: pd.DataFrame, indicator: str) -> pd.Series:
        """Findings on an indicator, or on others that a figure of it is used for."""
        own = set(self._with([indicator]).observations.query("indicator == @indicator").index)
        used = pd.Series([not own.isdisjoint(labels) for labels in found["evidence"]], index=found.index, dtype=bool)
        return used | (found["indicator"] == indicator)

    def _flagged(self, sectors: Sequence[str], indicator: str) -> list[tuple[str, str]]:
        """Figures that were printed with a unit or a base that does not fit, as items and as plain text."""
        rows = self.data.observations
        if sectors:
            rows = rows[rows["sector"].isin(sectors)]
        if indicator:
            rows = rows[rows["indicator"] == indicator]
        of_the_past = rows["measure"].isin(("actual", *STATED))
        known_then = ~of_the_past | (rows["period"].map(lambda code: period(code).year) <= self.year)
        rows = rows[(rows["flag"] == "mislabelled") & known_then]
        said = []
        for label, row in labelled(rows, self.data, self.words.language).iterrows():
            own = self.data.indicator(row["indicator"])["unit"]
            pattern = (
                N_("{name}: {printed} is printed with the unit {wrong}; it is used as {right}.")
                if row["unit"] not in ("", own)
                else N_("{name}: {printed} is printed as a share of something else; it is used as what the name says.")
            )
            text = self.words.text(
                pattern,
                name=full_name(row),
                printed=self.words.number(row["value"], row["decimals"]) + unit(row["unit"] or own).symbol,
                wrong=self.words.unit_name(row["unit"] or own),
                right=self.words.unit_name(own),
            )
            said.append(self._item("flagged", self.words.text(N_("mislabelled")), text, [int(str(label))]))
        return said

    def methods_and_sources(self) -> None:
        """Show how what was shown was computed, what the marks mean, and where each figure stands."""
        words = self.words
        methods = [
            (words.text(METHODS[key][0]), words.text(METHODS[key][1])) for key in METHODS if key in self._methods
        ]
        methods += [self._formula_in_words(code) for code in self._formulas]
        blocks = []
        if methods:
            blocks.append(
                f"<h3>{escape(words.text(N_('How it was computed')))}</h3>" + definition_list("methods", methods)
            )
        symbols = [(f"[{mark}]", words.text(SYMBOLS[mark])) for mark in SYMBOLS if mark in self._marks]
        if symbols:
            blocks.append(f"<h3>{escape(words.text(N_('Symbols')))}</h3>" + definition_list("symbols", symbols))
        figures = self._sources()
        told = self._sources_html(figures) or f"<p>{escape(self._no_sources())}</p>"
        blocks.append(f"<h3>{escape(words.text(N_('Sources')))}</h3>" + told)
        text = "\n".join(f"{term}: {meaning}" for term, meaning in methods)
        table = taken_away(figures, [[]] * len(figures)).drop(columns="locators")
        record = {"title": words.text(N_("Figures of this report")), "csv": csv_for_readers(table)}
        self.display(Shown("sources", "".join(blocks), text, record))

    def _no_sources(self) -> str:
        """Why no figure is listed."""
        if len(self.whole.homes.all) > 1:
            return self.words.text(
                N_("Only counts are shown here; each area's own report lists its figures with their places.")
            )
        return self.words.text(N_("None."))

    # --- what was shown -----------------------------------------------------------------------------

    def _remember(self, frame: pd.DataFrame) -> None:
        for labels in frame.get("evidence", []):
            self._shown.update(dict.fromkeys(labels))
        compared = _compares(frame)
        for column, keys in {
            "silent": ("areas", "ranks") if frame.get("rank_first", pd.Series()).notna().any() else ("areas",),
            "areas": ("assessment",),
            "stated_by": ("recomputed",),
            "case": ("assumption",),
            "assessment": ("attainment", "assessment") if compared else ("attainment", "gap", "growth", "assessment"),
            "message": ("editions",) if compared else (),
            "earlier": ("change",),
            "share": ("share",),
            "target_count": ("count",),
        }.items():
            if column in frame and len(frame):
                self._methods.update(dict.fromkeys(keys))
        if frame.get("derived", pd.Series(dtype=bool)).any() or "derived" in set(frame.get("role", [])):
            self._methods["difference"] = None
        for code in dict.fromkeys(frame.get("indicator", [])):
            if "value" in frame and not {"share", "message"} & set(frame) and self.data.indicator(code)["formula"]:
                self._formulas[code] = None
        if "verdict" in frame or "checked" in frame:
            self._methods["recomputed"] = None
        for row in frame.to_dict("records"):
            self._marks.update((*marks_of(row), *marks_of(before(row))))

    def _places(self, labels: Iterable[int]) -> list[Place]:
        return [self._place(int(label)) for label in labels]

    def _place(self, label: int) -> Place:
        data, edition = next((data, edition) for data, edition in self._editions if label in data.records)
        place = data.records[label]["source"], data.records[label]["locator"]
        return Place(*place, self._titles[edition][place], label, edition)

    @cached_property
    def _editions(self) -> list[tuple[Dataset, str]]:
        """The data sets whose figures are shown, and the words that tell another edition from the report's own."""
        if self.comparison is None:
            return [(self.whole, "")]
        return [(self.whole, ""), (self.comparison.old, self.words.text(N_("earlier edition")))]

    @cached_property
    def _titles(self) -> dict[str, dict[Any, str]]:
        """Titles of places by edition, source and locator."""
        titles = f"title_{self.words.language}"
        return {
            edition: dict(data.tables["locators"].set_index(["source", "locator"])[titles])
            for data, edition in self._editions
        }

    def _formula_in_words(self, code: str) -> tuple[str, str]:
        names = self.whole.names("indicators", self.words.language)
        categories = {member: name for (_, member), name in self.whole.names("categories", self.words.language).items()}
        formula = self.whole.formula(code)
        assert formula is not None

        def name_of(code: str, category: str) -> str:
            return f"“{full_name({'name': names[code], 'category_name': categories.get(category, '')})}”"

        return names[code], formula_text(formula.text, name_of)

    def _sources(self) -> pd.DataFrame:
        """Every figure that was shown or used, in the order of the documents."""
        found = []
        for data, edition in self._editions:
            labels = sorted(label for label in self._shown if label in data.records)
            rows = labelled(data.observations.loc[labels], data, self.words.language)
            own = rows["unit"].mask(rows["measure"].isin(STATED), "percent")
            units = own.mask(own == "", rows["indicator"].map(data.indicators["unit"]))
            rows = rows.assign(unit=units).sort_values("order", kind="stable")
            found.append(rows if self.comparison is None else rows.assign(edition=edition))
        return pd.concat(found)

    def _sources_html(self, figures: pd.DataFrame) -> str:
        """Document by document and place by place, each figure as it is printed."""
        words, blocks = self.words, []
        heads = [words.text(text) for text in (N_("Figure"), N_("Period"), N_("As printed"), N_("Unit"))]
        head = "".join(
            f'<th scope="col"{css}>{escape(text)}</th>'
            for text, css in zip(heads, ("", "", ' class="num"', ""), strict=True)
        )
        documents = self._documents(figures)
        if len(documents) > MOST_DOCUMENTS:
            title = words.text(N_("Figures of {count} documents"), count=words.number(len(documents)))
            documents = [
                (title, [(f"{place}<br>{escape(own)}", rows) for own, places in documents for place, rows in places])
            ]
        for title, places in documents:
            body = "".join(
                f'<tbody><tr class="place"><th colspan="4" scope="rowgroup">{place}</th></tr>{rows}</tbody>'
                for place, rows in places
            )
            table = boxed(f"<caption>{escape(title)}</caption><thead><tr>{head}</tr></thead>{body}", title)
            blocks.append(table.replace('class="table"', 'class="table sources"', 1))
        return "".join(blocks)

    def _documents(self, figures: pd.DataFrame) -> list[tuple[str, list[tuple[str, str]]]]:
        """The documents by their titles, with their places, and the rows of figures for each of these, as HTML."""
        words, found = self.words, []
        for data, edition in self._editions:
            documents = data.tables["sources"].set_index("source")
            own = figures[figures.index.isin(data.observations.index)]
            for source, group in own.groupby("source", sort=False):
                about = documents.loc[source]
                title = f"{about[f'title_{words.language}']}. {about[f'publisher_{words.language}']}, {words.period(about['date'])}."
                title = f"{edition[0].upper()}{edition[1:]}: {title}" if edition else title
                places = []
                for _, rows in group.groupby("locator", sort=False):
                    place = self._place(int(rows.index[0]))
                    told = (self._source_row(row, about["language"]) for row in rows.reset_index().to_dict("records"))
                    places.append((f"<b>{escape(place.name)}</b> {escape(place.title)}", "".join(told)))
                found.append((title, places))
        return found

    def _source_row(self, row: dict[str, Any], language: str) -> str:
        what = full_name(row)
        if row["measure"] != "actual":
            what += f", {role(row['measure'], self.words)}"
        one = unit(row["unit"])
        cells = [
            escape(self.words.heading(row["period"])),
            escape("" if one.symbol else self.words.unit_name(one.code)),
        ]
        spoken = f' lang="{escape(language)}"' if language != self.words.language else ""
        anchor = Place(row["source"], row["locator"], "", row["index"]).anchor
        return (
            f'<tr id="{escape(anchor)}"><th scope="row">{escape(what)}</th><td>{cells[0]}</td>'
            f'<td class="num"{spoken}>{escape(row["printed"])}</td><td>{cells[1]}</td></tr>'
        )
