"""Finished files into place, the index and the run record.

Every file is written beside its place and renamed, so that a reader never sees half of one. The
index and ``run.json`` come last. A report that failed keeps its last good version.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout
from jinja2 import Environment, FileSystemLoader

from ..dataset import LANGUAGES, Dataset
from ..errors import BusyError, PublishError
from ..files import write_atomically
from ..wording import N_, Words
from .execution import Job, Outcome
from .notebooks import Notebook
from .rendering import TEMPLATES, page_environment

__all__ = ["OutputFolder", "file_stem"]

LOCK: Final = ".laichau.lock"
RECORD: Final = "run.json"
RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
BUILT_ON: Final = ("laichau-analysis", "pandas", "matplotlib", "seaborn", "papermill", "nbconvert", "ipykernel")


def file_stem(report: str, parameters: Iterable[tuple[str, Any]] = ()) -> str:
    """Name of a report's files, without ending; safe on Windows as well.

    Examples
    --------
    >>> file_stem("budget"), file_stem("budget", [("year", 2023)])
    ('budget', 'budget.year-2023')
    >>> file_stem("explore", [("indicator", "a/b: *")])
    'explore.indicator-a_b___-a7bb4134'
    """
    parts = [f"{report}_" if RESERVED.fullmatch(report) else report]
    for name, value in sorted(parameters):
        text = str(value)
        safe = re.sub(r"[^a-z0-9_-]", "_", text.lower())[:40]
        if safe != text:
            safe += "-" + hashlib.sha256(text.encode()).hexdigest()[:8]
        parts.append(f"{name}-{safe}")
    return ".".join(parts)


@dataclass
class OutputFolder:
    """The folder that reports are published in, held by one run at a time.

    Attributes
    ----------
    path : Path
    entries : dict
        What the record says of each report, by report, language and parameters.
    """

    path: Path
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    @contextmanager
    def held(cls, path: Path) -> Iterator[OutputFolder]:
        """Hold the folder for a run.

        Raises
        ------
        BusyError
            If another run holds it.
        PublishError
            If it cannot be written.
        """
        try:
            path.mkdir(parents=True, exist_ok=True)
            lock = FileLock(path / LOCK)
            lock.acquire(blocking=False)
        except Timeout:
            raise BusyError(
                f"another run holds {path}; nothing was changed. Wait for it, or use another --output."
            ) from None
        except OSError as error:
            raise PublishError(f"cannot write to {path}: {error.strerror}. Choose another --output.") from None
        try:
            folder = cls(path)
            folder._read_record()
            yield folder
        finally:
            lock.release()

    def _read_record(self) -> None:
        """Take over what an earlier run left, as far as its files are still there."""
        try:
            record = json.loads((self.path / RECORD).read_text(encoding="utf-8"))
            earlier = {
                _key(entry["report"], entry["language"], entry["parameters"]): entry for entry in record["reports"]
            }
        except (OSError, ValueError, KeyError, TypeError):
            return
        self.entries = {
            key: entry | {"status": "kept"}
            for key, entry in earlier.items()
            if entry.get("html") and (self.path / entry["html"]).is_file()
        }

    def publish(self, outcome: Outcome) -> None:
        """Put a finished report into place, or note why there is none."""
        job = outcome.job
        key = _key(job.report, job.language, dict(job.parameters))
        earlier = self.entries.get(key, {})
        stem = Path(job.language) / file_stem(job.report, job.parameters)
        entry: dict[str, Any] = {
            "report": job.report,
            "language": job.language,
            "parameters": dict(job.parameters),
            "status": outcome.status,
            "seconds": round(outcome.seconds, 3),
            "html": earlier.get("html"),
            "headline": earlier.get("headline", ""),
            "published": earlier.get("published"),
            "error": outcome.reason or (str(outcome.failure) if outcome.failure else None),
        }
        if outcome.status == "done":
            write_atomically(self.path / f"{stem}.ipynb", outcome.notebook)
            write_atomically(self.path / f"{stem}.html", outcome.html)
            entry |= {"html": f"{stem.as_posix()}.html", "headline": outcome.headline, "published": _now()}
        self.entries[key] = entry

    def prune(self, jobs: Iterable[Job]) -> list[str]:
        """Remove reports with other parameters that this run did not ask for."""
        wanted = {_key(job.report, job.language, dict(job.parameters)) for job in jobs}
        gone = [key for key, entry in self.entries.items() if entry["parameters"] and key not in wanted]
        removed = []
        for key in gone:
            html = self.entries.pop(key).get("html")
            if html:
                removed.append(html)
        # The index must not link to a file that is gone: it is written first.
        return removed

    def remove(self, files: Iterable[str]) -> None:
        """Delete published pages and their notebooks."""
        for name in files:
            for path in (self.path / name, (self.path / name).with_suffix(".ipynb")):
                path.unlink(missing_ok=True)

    def close(self, data: Dataset, notebooks: Iterable[Notebook]) -> str:
        """Write the index and the record; the status of the run comes back."""
        order = {notebook.name: notebook for notebook in notebooks}
        entries = sorted(
            self.entries.values(),
            key=lambda e: (
                order[e["report"]].order if e["report"] in order else 10_000,
                e["report"],
                LANGUAGES.index(e["language"]),
                json.dumps(e["parameters"], sort_keys=True),
            ),
        )
        status = "failed" if any(entry["status"] == "failed" for entry in entries) else "done"
        record = {
            "status": status,
            "started": self.started.isoformat(timespec="seconds"),
            "finished": _now(),
            "versions": {name: _version(name) for name in BUILT_ON},
            "dataset": {"name": data.name, "hash": data.content_hash},
            "reports": entries,
        }
        write_atomically(self.path / "index.html", _index(entries, data, order, record["finished"]))
        write_atomically(self.path / RECORD, json.dumps(record, ensure_ascii=False, indent=2) + "\n")
        return status


def _key(report: str, language: str, parameters: Mapping[str, Any]) -> str:
    return json.dumps([report, language, parameters], sort_keys=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _index(entries: list[dict[str, Any]], data: Dataset, notebooks: Mapping[str, Notebook], finished: Any) -> str:
    """The page that lists all reports, in both languages."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    parts = []
    for language in LANGUAGES:
        words = Words(language)
        items = []
        for entry in entries:
            if entry["language"] != language:
                continue
            notebook = notebooks.get(entry["report"])
            title = notebook.titles[language] if notebook else entry["report"]
            chosen = ", ".join(f"{name} {value}" for name, value in sorted(entry["parameters"].items()))
            items.append(
                entry | {"title": f"{title} ({chosen})" if chosen else title, "problem": _problem(entry, words)}
            )
        if items:
            parts.append({"language": language, "title": data.titles[language], "items": items, "_": words.text})
    when = datetime.fromisoformat(str(finished)).strftime("%Y-%m-%d %H:%M UTC")
    page = page_environment(Words(LANGUAGES[0])) | {"parts": parts, "when": when, "title": data.titles[LANGUAGES[0]]}
    return environment.get_template("index_page.html.j2").render(**page)


def _problem(entry: Mapping[str, Any], words: Words) -> str:
    """What a reader must know of a report that is not of this run."""
    if entry["status"] == "failed" and entry["html"]:
        since = str(entry["published"] or "")[:10]
        return words.text(N_("The last run of this report failed; this version is of {date}."), date=since)
    if entry["status"] == "failed":
        return words.text(N_("This report could not be made."))
    if entry["status"] == "skipped":
        return words.text(N_("There are no figures for this report."))
    return ""
