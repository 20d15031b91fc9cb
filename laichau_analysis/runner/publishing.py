"""Finished files into place, the index and the run record.

Every file is written beside its place and renamed, so that a reader never sees half of one. The
index and ``run.json`` come last. A report that failed keeps its last good version.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from filelock import FileLock, Timeout

from ..errors import BusyError, PublishError
from ..files import remove_unfinished, write_atomically, write_together
from ..schema import LANGUAGES
from .fingerprints import difference, digest, digest_of_file, versions
from .history import last_status, remember, remember_broken
from .jobs import WORKBOOK, Failure, Job, Outcome, Page, table_file
from .notebooks import Notebook
from .privacy import public

if TYPE_CHECKING:
    from ..dataset import Dataset

__all__ = ["RECORD", "OutputFolder", "note_broken_run"]

LOCK: Final = ".laichau.lock"
HOLDER: Final = ".laichau.holder.json"
RECORD: Final = "run.json"
INDEX: Final = "index.html"


@dataclass
class OutputFolder:
    """The folder that reports are published in, held by one run at a time.

    Attributes
    ----------
    path : Path
    before : str
        Status of the run before, if there was one.
    outdated : list of str
        Files that nothing links to any more; they go once the index is written.
    entries : dict
        What the record says of each report, by report, language and parameters.
    skipped : dict
        What it says of those that were skipped.
    record : dict
        The record itself, empty if there is none that can be read.
    """

    path: Path
    before: str = ""
    outdated: list[str] = field(default_factory=list)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    skipped: dict[str, dict[str, Any]] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def seen(cls, path: Path) -> OutputFolder:
        """The folder as an earlier run left it, to be looked at only."""
        folder = cls(path, before=last_status(path))
        folder._read_record()
        return folder

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
                f"another run holds {path}{_holder(path)}; nothing was changed. Wait for it, or use another --output."
            ) from None
        except OSError as error:
            raise PublishError(f"cannot write to {path}: {error.strerror}. Choose another --output.") from None
        try:
            remove_unfinished(path, depth=2)
            folder = cls.seen(path)
            note = {"process": os.getpid(), "started": folder.started.isoformat(timespec="seconds")}
            write_atomically(path / HOLDER, json.dumps(note) + "\n")
            yield folder
        finally:
            (path / HOLDER).unlink(missing_ok=True)
            lock.release()

    def _read_record(self) -> None:
        """Take over what an earlier run left: pages that are still there, and failures without a page."""
        try:
            record = json.loads((self.path / RECORD).read_text(encoding="utf-8"))
            earlier = {
                _key_of_entry(entry): _EMPTY | entry | {"status": "kept"}
                for entry in record["reports"]
                if self._still_there(entry)
            }
            skipped = {
                _key_of_entry(entry): entry
                for entry in record["reports"]
                if entry["status"] == "skipped" and isinstance(entry["skipped_from"], dict)
            }
            outdated = [str(name) for name in record.get("outdated", [])]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return
        self.entries, self.outdated, self.skipped, self.record = earlier, outdated, skipped, record

    def _still_there(self, entry: Mapping[str, Any]) -> bool:
        """Whether an entry is of this version's form, and its page is there."""
        formed = isinstance(entry["report"], str) and isinstance(entry["parameters"], dict)
        formed &= all(isinstance(entry.get(name, {}), dict) for name in ("files", "made_from"))
        if not formed or entry["language"] not in LANGUAGES or not all(isinstance(name, str) for name in _files(entry)):
            return False
        page = entry.get("html")
        return (self.path / page).is_file() if page else bool(entry.get("failed_since"))

    def why_again(self, job: Job, made_from: Mapping[str, str]) -> str:
        """Why a report has to be made, in words; empty if it is there, as it was made, from the same things.

        Parameters
        ----------
        job : Job
        made_from : mapping of str to str
            See ``fingerprints.Digests``.
        """
        entry = self.entries.get(_key_of(job))
        if entry is None or not entry["html"]:
            return "it was never made"
        if entry["failed_since"]:
            return "it failed last time"
        changed = difference(entry["made_from"], made_from)
        if changed:
            return changed
        spoilt = (name for name in _files(entry) if digest_of_file(self.path / name) != entry["files"].get(name))
        return next((f"{name} is gone or was changed" for name in spoilt), "")

    def nothing_changed(self, made_from: Mapping[Job, Mapping[str, str]], everything: Mapping[str, str]) -> bool:
        """Whether a run would publish what is there already, index and workbook as well.

        Parameters
        ----------
        made_from : mapping of Job to mapping
            What each report would be made from.
        everything : mapping of str to str
            The same of index and workbook; see ``fingerprints.made_of_everything``.
        """
        published = self.record.get("files")
        if self.before != "done" or self.outdated or not isinstance(published, dict):
            return False
        if self.record.get("made_from") != dict(everything):
            return False
        if any(digest_of_file(self.path / name) != published.get(name) for name in (INDEX, WORKBOOK)):
            return False
        return all(self._skipped_before(job, own) or not self.why_again(job, own) for job, own in made_from.items())

    def _skipped_before(self, job: Job, made_from: Mapping[str, str]) -> bool:
        entry = self.skipped.get(_key_of(job))
        return entry is not None and not difference(entry["skipped_from"], made_from)

    def confirm(self, jobs: Iterable[Job]) -> None:
        """Note a run that had nothing to do; only the record and the history tell of it."""
        for key in map(_key_of, jobs):
            if key in self.skipped:
                self.entries[key] = self.skipped[key]
            else:
                self.entries[key]["status"] = "unchanged"
        moments = {"started": self.started.isoformat(timespec="seconds"), "finished": _now()}
        reports = [self.entries[key] for key in map(_key_of_entry, self.record["reports"]) if key in self.entries]
        self._write_record(self.record | moments | {"reports": reports})

    def _write_record(self, record: Mapping[str, Any]) -> None:
        write_atomically(self.path / RECORD, json.dumps(record, ensure_ascii=False, indent=2) + "\n")
        remember(self.path, record)

    def longest_first(self, jobs: Iterable[Job]) -> list[Job]:
        """Jobs in the order in which they are best begun: by how long they took, those that never ran first."""

        def seconds(job: Job) -> float:
            took = self.entries.get(_key_of(job), {}).get("seconds")
            return took if isinstance(took, (int, float)) and took else math.inf

        return sorted(jobs, key=seconds, reverse=True)

    def publish(self, outcome: Outcome, made_from: Mapping[str, str]) -> Outcome:
        """Put a finished report into place, or note why there is none; what became of it comes back.

        Parameters
        ----------
        outcome : Outcome
        made_from : mapping of str to str
            What the report was made from; see ``fingerprints.Digests``.
        """
        job = outcome.job
        key = _key_of(job)
        earlier = self.entries.get(key, {})
        put: dict[str, Any] = {}
        if outcome.page is not None:
            try:
                put = self._put(outcome, outcome.page)
            except PublishError as error:
                failure = Failure(0, "publish", str(error))
                outcome = replace(outcome, status="failed", page=None, failure=failure)
        entry: dict[str, Any] = {
            "report": job.report,
            "language": job.language,
            "parameters": dict(job.parameters),
            "status": outcome.status,
            "seconds": earlier.get("seconds", 0.0) if outcome.status == "unchanged" else round(outcome.seconds, 3),
            **{name: earlier.get(name, empty) for name, empty in _PUBLISHED.items()},
            "error": outcome.reason or (public(str(outcome.failure)) if outcome.failure else None),
            "failed_since": None,
        }
        if outcome.status == "done":
            entry |= put | {"made_from": dict(made_from)}
            self.outdated += _files(earlier)
        elif outcome.status == "failed":
            entry["failed_since"] = earlier.get("failed_since") or _now()
        elif outcome.status == "skipped":
            entry["skipped_from"] = dict(made_from)
        self.entries[key] = entry
        return outcome

    def _put(self, outcome: Outcome, page: Page) -> dict[str, Any]:
        """Write the files of a report, the page last since it links to the others."""
        folder, stem = outcome.job.language, outcome.job.stem
        tables = [(title, f"{folder}/{table_file(stem, i)}", text) for i, (title, text) in enumerate(page.tables, 1)]
        files: dict[str, str | bytes] = {name: text for _, name, text in tables}
        files |= {f"{folder}/{stem}.{form}": content for form, content in outcome.beside.items()}
        files |= {f"{folder}/{stem}.ipynb": outcome.notebook, f"{folder}/{stem}.html": page.html}
        write_together({self.path / name: content for name, content in files.items()})
        return {
            "html": f"{folder}/{stem}.html",
            "notebook": f"{folder}/{stem}.ipynb",
            "tables": [{"title": title, "file": name} for title, name, _ in tables],
            "beside": {form: f"{folder}/{stem}.{form}" for form in outcome.beside},
            "files": {name: digest(content) for name, content in files.items()},
            "published": _now(),
            **outcome.summary,
        }

    def not_asked_for(self, jobs: Iterable[Job]) -> list[str]:
        """Keys of reports with other parameters than those of some jobs."""
        wanted = set(map(_key_of, jobs))
        return [key for key, entry in self.entries.items() if entry["parameters"] and key not in wanted]

    def prune(self, jobs: Iterable[Job]) -> None:
        """Forget reports with other parameters that this run did not ask for."""
        gone = self.not_asked_for(jobs)
        self.outdated += [name for key in gone for name in _files(self.entries.pop(key))]

    def close(self, data: Dataset, notebooks: Iterable[Notebook], made_from: Mapping[str, str]) -> str:
        """Write the index and the record, then remove what they do not name; the status of the run comes back.

        Parameters
        ----------
        data : Dataset
        notebooks : iterable of Notebook
            All that there are.
        made_from : mapping of str to str
            What index and workbook are made from; see ``fingerprints.made_of_everything``.
        """
        from ..export import exported
        from .landing import index_page

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
        finished = _now()
        for entry in entries:
            if entry["status"] in ("done", "unchanged"):
                entry["data"] = data.content_hash
        own: dict[str, str | bytes] = {
            WORKBOOK: exported(data, WORKBOOK),
            INDEX: index_page(entries, data, order, finished),
        }
        record: dict[str, Any] = {
            "status": status,
            "started": self.started.isoformat(timespec="seconds"),
            "finished": finished,
            "versions": versions(),
            "dataset": {"name": data.name, "hash": data.content_hash},
            "made_from": dict(made_from),
            "files": {name: digest(content) for name, content in own.items()},
            "reports": entries,
            # A run that is killed before it has removed these leaves the list to the next one.
            "outdated": sorted(set(self.outdated) - {name for entry in entries for name in _files(entry)}),
        }
        for name, content in own.items():
            write_atomically(self.path / name, content)
        self._write_record(record)
        for name in record["outdated"]:
            path = self.path / name
            with suppress(OSError):  # the record may name what is not a file
                if path.resolve().is_relative_to(self.path.resolve()):
                    path.unlink(missing_ok=True)
        return status


_PUBLISHED: Final[Mapping[str, Any]] = {
    "html": None,
    "notebook": None,
    "tables": [],
    "beside": {},
    "headline": "",
    "key_figure": "",
    "findings": {},
    "published": None,
    "data": None,
    "files": {},
    "made_from": {},
}
"""What is told of a published version, and of a report that has none."""
_EMPTY: Final[Mapping[str, Any]] = {"seconds": 0.0, "error": None, "failed_since": None, **_PUBLISHED}


def _files(entry: Mapping[str, Any]) -> list[str]:
    """The published files of a report."""
    files = [entry.get("html"), entry.get("notebook"), *entry.get("beside", {}).values()]
    return [name for name in (*files, *(table["file"] for table in entry.get("tables", []))) if name]


def note_broken_run(path: Path, dataset: str, started: datetime, error: str) -> None:
    """Add a run that ended before it had a record to a folder's history, unless another run holds the folder."""
    with suppress(OSError, Timeout, PublishError):
        if path.is_dir():
            with FileLock(path / LOCK, blocking=False):
                remember_broken(path, dataset, started, error)


def _holder(path: Path) -> str:
    """Which run holds a folder, as far as it says so."""
    try:
        note = json.loads((path / HOLDER).read_text(encoding="utf-8"))
        return f" (process {int(note['process'])}, since {datetime.fromisoformat(note['started']).isoformat(' ')})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _key_of(job: Job) -> str:
    return _key(job.report, job.language, dict(job.parameters))


def _key_of_entry(entry: Mapping[str, Any]) -> str:
    return _key(entry["report"], entry["language"], entry["parameters"])


def _key(report: str, language: str, parameters: Mapping[str, Any]) -> str:
    return json.dumps([report, language, parameters], sort_keys=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
