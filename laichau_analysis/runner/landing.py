"""The index: what the town is, the state of the data, and what each report says.

It is one page in both languages, and the only one that holds dates of runs. A report whose last run
failed, that was made from other data than the folder's, or for which there are no figures says so,
since when, and why.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from babel.core import Locale
from jinja2 import Environment, FileSystemLoader

from ..dataset import Dataset
from ..look import visible
from ..report import Report
from ..schema import LANGUAGES
from ..wording import estimated, full_name, qualified, sentences
from ..words import N_, Words
from .notebooks import Notebook
from .rendering import TEMPLATES, page_environment

__all__ = ["index_page"]

PARAMETERS: Final = {"year": N_("year"), "earlier": N_("earlier edition")}
"""Names of parameters as readers see them; others stand as they are written."""


def index_page(
    entries: Iterable[Mapping[str, Any]], data: Dataset, notebooks: Mapping[str, Notebook], finished: str
) -> str:
    """Write the page that leads to all reports.

    Parameters
    ----------
    entries : iterable of mapping
        What the run record says of each report, in the order in which they are listed.
    data : Dataset
    notebooks : mapping of str to Notebook
        By name of the report.
    finished : str
        When the run ended, in ISO 8601.

    Returns
    -------
    str
    """
    listed = list(entries)
    spoken = {entry["language"] for entry in listed} or {LANGUAGES[0]}
    report = Report(data=data, whole=data, year=data.state_of(0), words=Words(LANGUAGES[0]))
    parts = [
        _part(report.anew(language), [entry for entry in listed if entry["language"] == language], notebooks)
        for language in LANGUAGES
        if language in spoken
    ]
    page = page_environment(Words(LANGUAGES[0])) | {
        "parts": parts,
        "when": datetime.fromisoformat(finished).strftime("%Y-%m-%d %H:%M UTC"),
        "title": data.titles[LANGUAGES[0]],
    }
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return visible(environment.get_template("index_page.html.j2").render(**page))


def _part(report: Report, entries: list[Mapping[str, Any]], notebooks: Mapping[str, Notebook]) -> dict[str, Any]:
    """The page in one language."""
    data, words, language = report.whole, report.words, report.words.language
    return {
        "language": language,
        "name": str(Locale(language).language_name).capitalize(),
        "_": words.text,
        "title": data.titles[language],
        "about": data.about[language],
        "outline": _outline(report) if data.outline else [],
        "state": _state(report),
        "items": [_item(entry, data, notebooks.get(entry["report"]), words) for entry in entries],
    }


def _outline(report: Report) -> list[tuple[str, str]]:
    """The figures that describe the town, as far as they are there."""
    words = report.words
    return [
        (
            f"{full_name(row)}, {words.period(row['period'])}",
            estimated(qualified(row, "value", words), row["status"], words),
        )
        for row in report.latest(*report.whole.outline).to_dict("records")
    ]


def _state(report: Report) -> list[str]:
    """How many figures there are and what became of checking them; then from where they are."""
    words, data = report.words, report.whole
    figures = words.plural("{count} figure", "{count} figures", len(data.observations))
    indicators = words.plural("{count} indicator", "{count} indicators", len(data.indicators))
    held = words.text(N_("{figures} on {indicators}."), figures=figures, indicators=indicators)
    ledger = report.ledger()
    documents = [
        f"{row[f'title_{words.language}']}. {row[f'publisher_{words.language}']}, {words.period(row['date'])}."
        for row in data.tables["sources"].to_dict("records")
    ]
    return [" ".join([held, *(sentences(ledger) if len(ledger) else [])]), *documents]


def _item(entry: Mapping[str, Any], data: Dataset, notebook: Notebook | None, words: Words) -> dict[str, Any]:
    """A report in the list."""
    title = notebook.titles[words.language] if notebook else entry["report"]
    named = notebook.names if notebook else {}
    chosen = ", ".join(
        entry.get("town") or str(value)
        if named.get(name) == "area"
        else _parameter(name, value, named.get(name), data, words)
        for name, value in sorted(entry["parameters"].items())
    )
    findings = entry.get("findings") or {}
    wrong = findings.get("wrong", 0)
    found = ""
    if findings.get("checked"):
        found = (
            words.plural("{count} wrong figure found", "{count} wrong figures found", wrong)
            if wrong
            else words.text(N_("no wrong figure found"))
        )
    return {
        **entry,
        "title": f"{title} ({chosen})" if chosen else title,
        "found": found,
        "wrong": bool(wrong),
        "problem": _problem(entry, data, words),
        "error": entry["error"] if entry.get("failed_since") else "",
    }


def _parameter(name: str, value: Any, kind: str | None, data: Dataset, words: Words) -> str:
    """A parameter and its value, an indicator by its name alone."""
    indicators = data.names("indicators", words.language)
    if kind == "indicator" and value in indicators:
        return indicators[value]
    return f"{words.text(PARAMETERS[name]) if name in PARAMETERS else name} {value}"


def _problem(entry: Mapping[str, Any], data: Dataset, words: Words) -> str:
    """What a reader must know of a report that is not what a run of today would give."""
    made = _day(entry.get("published"), words)
    if entry.get("failed_since"):
        since = words.text(
            N_("Every run of this report has failed since {date}."), date=_day(entry["failed_since"], words)
        )
        if entry.get("html"):
            return f"{since} {words.text(N_('What stands here was made on {date}.'), date=made)}"
        return f"{since} {words.text(N_('There is no version of it.'))}"
    if entry["status"] == "skipped" and not entry.get("html"):
        return words.text(N_("There are no figures for this report."))
    if entry["status"] == "skipped":
        return words.text(
            N_("There are no figures for this report any more; what stands here was made on {date}."), date=made
        )
    if entry.get("data") and entry["data"] != data.content_hash:
        return words.text(N_("The data have changed since; what stands here was made on {date}."), date=made)
    return ""


def _day(moment: Any, words: Words) -> str:
    return words.date(str(moment)[:10]) if moment else ""
