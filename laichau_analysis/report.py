"""What a notebook talks to: data, year, language, and what was shown so far.

A report remembers which figures, metrics and marks it has shown, so that methods, symbols and
sources are collected at its end and not repeated in between.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import Any, Final

import pandas as pd

from . import figures, metrics
from .audit import VERDICTS, WRONG, audit, contradicted
from .charts import Chart
from .dataset import Dataset, load
from .errors import UsageError
from .exhibits import Exhibit, Place, Shown, definition_list, key_figures_html, paragraph
from .periods import period
from .schema import STATED
from .tables import marks_of, table
from .wording import (
    ASSESSMENT,
    MANY,
    N_,
    Words,
    explained,
    formula_text,
    full_name,
    known,
    labelled,
    nothing,
    plain_amount,
    qualified,
    ratio,
    sentences,
    standings,
    target_text,
)

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
    "recomputed": (
        N_("Recomputed"),
        N_(
            "Each printed percentage and sum is computed again from the printed figures. A figure stands for all the numbers that round to it; only what lies outside is called wrong."
        ),
    ),
}
SYMBOLS: Final = {
    "e": N_("estimated by the report"),
    "f": N_("forecast by the report"),
    "p": N_("counted before the period ended"),
    "u": N_("cannot be right as printed; used nowhere"),
    "d": N_("printed otherwise in another place"),
    "m": N_("printed with a unit or base that does not fit; used as the indicator's"),
}


_LEDGER: Final = ["sector", "sector_name", "checked", "wrong", "evidence"]


def _at_last(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of the latest period; categories only without a total."""
    if frame.empty:
        return frame
    rows = frame[frame["period"] == frame["period"].iloc[-1]]
    total = rows[rows["breakdown"] == ""]
    return total if len(total) else rows


def open_report(
    dataset: str = "lai-chau", year: int = 0, language: str = "vi", *, sectors: Sequence[str] = ()
) -> Report:
    """Open a data set for a report.

    Parameters
    ----------
    dataset : str
        Name or folder of the data set.
    year : int
        The state at the end of this year; 0 for the latest with actual figures.
    language : {'vi', 'en'}
    sectors : sequence of str
        Sectors that the report reads; all by default. Reading another one is an error.

    Returns
    -------
    Report

    Raises
    ------
    DataError
        If the data set is broken.
    UnknownNameError
        If a sector or the language is unknown.
    MissingDataError
        If there is no figure up to that year.

    Examples
    --------
    >>> report = open_report("lai-chau", 2024, "en", sectors=["budget"])
    >>> report.year
    2024
    """
    words = Words(language)
    whole = load(dataset)
    data = whole.only(sectors) if sectors else whole
    return Report(data=data, whole=whole, year=data.state_of(year), words=words)


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
    """

    data: Dataset = field(repr=False)
    whole: Dataset = field(repr=False)
    year: int
    words: Words = field(repr=False)
    _shown: dict[int, None] = field(default_factory=dict, repr=False)
    _methods: dict[str, None] = field(default_factory=dict, repr=False)
    _formulas: dict[str, None] = field(default_factory=dict, repr=False)
    _marks: set[str] = field(default_factory=set, repr=False)

    @cached_property
    def _audit(self) -> pd.DataFrame:
        return explained(audit(self.whole), self.whole, self.words.language)

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

    def as_count(self, rate: str, count: str) -> pd.DataFrame:
        """What the target of a rate means in numbers; see ``metrics.as_count``."""
        return self._frame(metrics.as_count(self._with([rate, count]), rate, count, self.year), [count])

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
        doubtful = contradicted(self._audit)
        rests_on_one = pd.Series(
            [bool(doubtful & set(labels)) for labels in frame["evidence"]], index=frame.index, dtype=bool
        )
        marked = frame.assign(flag=frame["flag"].mask(rests_on_one & (frame["flag"].fillna("") == ""), "contradicted"))
        result = labelled(marked, self.data, self.words.language)
        # A selection of rows may be empty as well; only here is it known for what nothing was printed.
        result.attrs["missing"] = [code for code in indicators if code not in set(frame["indicator"])]
        return result

    # --- what a reader sees -----------------------------------------------------------------------

    def headline(self, *frames: pd.DataFrame) -> None:
        """Show where and when the figures are from, and the report's answer in its first sentences.

        Several targets at once are answered by how each of them stands; what there is to say of
        each follows in the report.
        """
        self._display(Shown("kicker", paragraph("kicker", self._kicker()), self._kicker()))
        said = [sentence for frame in frames for sentence in standings(frame) or self._sentences(frame)]
        text = " ".join(said)
        self._display(Shown("headline", paragraph("headline", text), text))

    def _kicker(self) -> str:
        rows = self.data.observations[self.data.observations["measure"] == "actual"]
        spans = rows["period"].map(period)
        this_year = spans.map(lambda span: span.year) == self.year
        ends = spans[this_year].map(lambda span: span.end)
        if len(ends) and ends.max() < (self.year + 1) * 12:
            month = (ends.max() - 1) % 12 + 1
            state = self.words.text(N_("figures to {period}"), period=self.words.period(f"{self.year}-{month:02}"))
        elif (rows.loc[this_year, "status"] == "E").any():
            state = self.words.text(N_("estimates to the end of {year}"), year=str(self.year))
        else:
            state = self.words.text(N_("figures to the end of {year}"), year=str(self.year))
        return f"{self.data.titles[self.words.language]} · {state}"

    def key_figures(self, *frames: pd.DataFrame) -> None:
        """Show the three to five figures that matter as cards."""
        cards = [
            card for frame in frames for row in frame.to_dict("records") for card in self._cards(row, len(frame) == 1)
        ]
        for frame in frames:
            self._remember(frame)
        text = "; ".join(f"{card['label']}: {card['value']} {card.get('unit', '')}".strip() for card in cards)
        if cards:
            self._display(Shown("key_figures", key_figures_html(cards, self.words), text))

    def _cards(self, row: dict[str, Any], alone: bool) -> list[dict[str, str]]:
        """The cards of a figure; beside others a target has one, alone it has up to three."""
        words = self.words
        if "assessment" not in row:
            return [self._card(full_name(row), row, "value", words.period(row["period"]))]
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
            cards.append(self._card(label, row, "actual", compare) | {"state": state, "code": row["assessment"]})
        if known(row["target"]) and alone:
            label = words.text(N_("Target {year}"), year=words.period(row["target_period"]))
            goal = {"label": label, **self._split(target_text(row, words), row, "target")}
            if known(row["aim"]):
                goal["compare"] = words.text(N_("own aim: {amount}"), amount=plain_amount(row, "aim", words))
            elif known(row["outlook"]):
                goal["compare"] = words.text(N_("own outlook: {amount}"), amount=plain_amount(row, "outlook", words))
            cards.append(goal)
        if known(row["required_growth"]) and row["gap"] > 0 and alone:
            growth = ratio(row, 100 * row["required_growth"], words, signed=True)
            base = row["latest_period"] if known(row["latest"]) else row["actual_period"]
            compare = words.text(N_("on {period}"), period=words.period(base))
            cards.append({"label": words.text(N_("Needed growth a year")), "value": growth, "compare": compare})
        return cards

    def _card(self, label: str, row: dict[str, Any], column: str, compare: str) -> dict[str, str]:
        split = self._split(qualified(row, column, self.words), row, column)
        return {"label": label, **split, "mark": ", ".join(marks_of(row)), "compare": compare}

    def _split(self, amount: str, row: dict[str, Any], column: str) -> dict[str, str]:
        """An amount as number and unit, but for signs such as %."""
        name = self.words.unit_name(row["unit"], row[column])
        if not name or not amount.endswith(f" {name}"):
            return {"value": amount, "unit": ""}
        return {"value": amount.removesuffix(name).strip(), "unit": name}

    def say(self, *frames: pd.DataFrame) -> None:
        """Show what frames mean, in computed sentences."""
        text = " ".join(sentence for frame in frames for sentence in self._sentences(frame))
        text = text or self.words.text(N_("None."))
        self._display(Shown("sentence", paragraph("say", text), text))

    def _sentences(self, frame: pd.DataFrame) -> list[str]:
        self._remember(frame)
        names = self.data.names("indicators", self.words.language)
        missing = [names[code] for code in frame.attrs.get("missing", [])]
        said = [] if frame.empty else sentences(frame)
        return said + ([nothing(frame, self.words, missing, self.year)] if missing else [])

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
        self._remember(frame)
        places = [self._places(labels) for labels in frame["evidence"]]
        self._display(Exhibit(title or self._caption(frame), frame, table(frame), chart, places))

    def _caption(self, frame: pd.DataFrame) -> str:
        """The names of what is shown; for many, what they have in common."""
        if "checked" in frame:
            return self.words.text(N_("What was checked, by sector"))
        if "verdict" in frame:
            return self.words.text(N_("Printed and recomputed"))
        names = list(dict.fromkeys(frame["name"]))
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
        sectors = self.data.names("sectors", self.words.language)
        codes = dict.fromkeys(self.data.indicators.loc[list(frame["indicator"]), "sector"])
        return self.words.text(N_("Figures: {topic}"), topic="; ".join(sectors[code] for code in codes))

    def audited(self, *verdicts: str) -> pd.DataFrame:
        """What the audit found in the report's sectors, with its sentences; of some verdicts only.

        Parameters
        ----------
        *verdicts : str
            Such as ``disagrees`` or ``implausible``; all by default.
        """
        found = self._audit
        found = found[found["indicator"].isin(self.data.indicators.index) & self._in_time(found)]
        if verdicts:
            found = found[found["verdict"].isin(verdicts)]
        return found.assign(flag="", status="")

    def ledger(self) -> pd.DataFrame:
        """How many statements of each sector were checked, and with what verdict; wrong ones first."""
        found = self.audited()
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

    def findings(self, *sectors: str) -> None:
        """Show what does not add up in the report's sectors, or in some of them, wrong figures first.

        A report of many sectors tells them sector by sector.
        """
        ledger, found = self.ledger(), self.audited()
        if sectors:
            ledger = ledger[ledger["sector"].isin(sectors)]
            found = found[found["indicator"].map(self.data.indicators["sector"]).isin(sectors)]
        self._methods["recomputed"] = None
        summary = " ".join(sentences(ledger)) if len(ledger) else self.words.text(N_("Nothing was found to check."))
        own_sectors = found["indicator"].map(self.data.indicators["sector"])
        names = self.data.names("sectors", self.words.language)
        groups = [(names[code], found[own_sectors == code]) for code in names if (own_sectors == code).any()]
        if len(groups) <= MANY:
            groups = [("", found)]
        flagged = self._flagged(sectors)
        html, plain = [paragraph("say", summary)], [summary]
        for name, own in groups:
            items, told = self._finding_items(own)
            if items and name:
                html.append(f"<h3>{escape(name)}</h3>")
                plain.append(name)
            html += [f'<ul class="findings">{"".join(items)}</ul>'] if items else []
            plain += told
        if flagged:
            items = [
                f'<li class="finding" data-verdict="flagged">{escape(text)} <span class="refs">{links}</span></li>'
                for text, links in flagged
            ]
            if len(groups) > 1:
                html.append(f"<h3>{escape(self.words.text(N_('Printed with a unit or base that does not fit')))}</h3>")
            html.append(f'<ul class="findings">{"".join(items)}</ul>')
            plain += [text for text, _ in flagged]
        self._display(Shown("findings", "".join(html), "\n".join(plain)))

    def _finding_items(self, found: pd.DataFrame) -> tuple[list[str], list[str]]:
        """What does not agree, wrong ones first: as list items, and as plain text."""
        items, told = [], []
        ranked = found[found["verdict"] != "agrees"].to_dict("records")
        for row in sorted(ranked, key=lambda row: VERDICTS.index(row["verdict"])):
            for label in row["evidence"]:
                self._shown[int(label)] = None
            links = ", ".join(place.link() for place in dict.fromkeys(self._places(row["evidence"])))
            text = " ".join(filter(None, (row["message"], row["review_text"])))
            items.append(
                f'<li class="finding" data-verdict="{escape(row["verdict"])}">{escape(text)} '
                f'<span class="refs">{links}</span></li>'
            )
            told.append(text)
        return items, told

    def _in_time(self, found: pd.DataFrame) -> pd.Series:
        """Statements that were known by the end of the report's year."""
        written = self.whole.tables["sources"].set_index("source")["date"].map(lambda code: period(code).end)
        sources = self.whole.observations["source"].reindex([row[0] for row in found["evidence"]])
        known_then = (sources.map(written) <= (self.year + 1) * 12).to_numpy()
        ahead = found["measure"].isin(("aim", "outlook")).to_numpy()
        past = (found["period"].map(lambda code: period(code).year) <= self.year).to_numpy()
        return pd.Series((ahead & known_then) | past, index=found.index)

    def _flagged(self, sectors: Sequence[str]) -> list[tuple[str, str]]:
        """Figures that were printed with a unit or a base that does not fit, and where they stand."""
        rows = self.data.observations
        if sectors:
            rows = rows[rows["sector"].isin(sectors)]
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
                printed=row["printed"],
                wrong=self.words.unit_name(row["unit"] or own),
                right=self.words.unit_name(own),
            )
            self._shown[int(str(label))] = None
            said.append((text, ", ".join(place.link() for place in self._places([int(str(label))]))))
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
        blocks.append(f"<h3>{escape(words.text(N_('Sources')))}</h3>" + self._sources_html())
        self._display(Shown("sources", "".join(blocks), "\n".join(f"{term}: {meaning}" for term, meaning in methods)))

    # --- what was shown -----------------------------------------------------------------------------

    def _remember(self, frame: pd.DataFrame) -> None:
        for labels in frame.get("evidence", []):
            self._shown.update(dict.fromkeys(labels))
        for column, keys in {
            "assessment": ("attainment", "gap", "growth", "assessment"),
            "earlier": ("change",),
            "share": ("share",),
            "target_count": ("count",),
        }.items():
            if column in frame and len(frame):
                self._methods.update(dict.fromkeys(keys))
        if frame.get("derived", pd.Series(dtype=bool)).any() or "derived" in set(frame.get("role", [])):
            self._methods["difference"] = None
        for code in dict.fromkeys(frame.get("indicator", [])):
            if (
                self.data.indicator(code)["formula"]
                and "value" in frame
                and "share" not in frame
                and "verdict" not in frame
            ):
                self._formulas[code] = None
        if "verdict" in frame or "checked" in frame:
            self._methods["recomputed"] = None
        for row in frame.to_dict("records"):
            self._marks.update(marks_of(row))

    def _places(self, labels: Iterable[int]) -> list[Place]:
        rows = self.whole.observations.loc[list(labels)]
        titles = self.whole.tables["locators"].set_index(["source", "locator"])[f"title_{self.words.language}"]
        return [
            Place(source, locator, titles[(source, locator)])
            for source, locator in zip(rows["source"], rows["locator"], strict=True)
        ]

    def _formula_in_words(self, code: str) -> tuple[str, str]:
        names = self.whole.names("indicators", self.words.language)
        categories = {member: name for (_, member), name in self.whole.names("categories", self.words.language).items()}
        formula = self.whole.formula(code)
        assert formula is not None

        def name_of(code: str, category: str) -> str:
            return f"“{full_name({'name': names[code], 'category_name': categories.get(category, '')})}”"

        return names[code], formula_text(formula.text, name_of)

    def _sources_html(self) -> str:
        words, rows = self.words, self.whole.observations.loc[sorted(self._shown)]
        rows = labelled(rows, self.whole, words.language).sort_values("order", kind="stable")
        sources = self.whole.tables["sources"].set_index("source")
        blocks = []
        for source, group in rows.groupby("source", sort=False):
            about = sources.loc[source]
            title = f"{about[f'title_{words.language}']}. {about[f'publisher_{words.language}']}, {words.period(about['date'])}."
            items = []
            for locator, found in group.groupby("locator", sort=False):
                place = self._places([found.index[0]])[0]
                listed = "; ".join(self._as_printed(row) for row in found.to_dict("records"))
                items.append(
                    f'<li id="{escape(place.anchor)}"><b>{escape(str(locator))}</b> {escape(place.title)}: {escape(listed)}</li>'
                )
            blocks.append(paragraph("document", title) + f'<ul class="sources">{"".join(items)}</ul>')
        return "".join(blocks)

    def _as_printed(self, row: dict[str, Any]) -> str:
        what = {
            "target": N_("target"),
            "plan": N_("plan"),
            "aim": N_("aim"),
            "outlook": N_("outlook"),
            "baseline": N_("baseline"),
            "stated_attainment": N_("stated attainment of the target"),
            "stated_plan_attainment": N_("stated attainment of the plan"),
            "stated_share": N_("stated share"),
            "stated_change": N_("stated change"),
        }
        kind = f", {self.words.text(what[row['measure']])}" if row["measure"] in what else ""
        return f"{full_name(row)}{kind}, {self.words.period(row['period'])}: {row['printed']}"

    def _display(self, shown: Shown | Exhibit) -> None:
        from IPython.display import display

        display(shown)
