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
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout

from ..dataset import Dataset
from ..errors import BusyError, PublishError
from ..export import exported
from ..files import remove_unfinished, write_atomically, write_together
from ..schema import LANGUAGES
from .history import last_status, remember, remember_broken
from .jobs import Failure, Job, Outcome
from .landing import index_page
from .notebooks import Notebook
from .privacy import public
from .rendering import WORKBOOK, Page, table_file

__all__ = ["RECORD", "OutputFolder", "note_broken_run"]

LOCK: Final = ".laichau.lock"
HOLDER: Final = ".laichau.holder.json"
RECORD: Final = "run.json"
INDEX: Final = "index.html"
BUILT_ON: Final = ("laichau-analysis", "pandas", "matplotlib", "seaborn", "papermill", "nbconvert", "ipykernel")


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
    """

    path: Path
    before: str = ""
    outdated: list[str] = field(default_factory=list)
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
                f"another run holds {path}{_holder(path)}; nothing was changed. Wait for it, or use another --output."
            ) from None
        except OSError as error:
            raise PublishError(f"cannot write to {path}: {error.strerror}. Choose another --output.") from None
        try:
            remove_unfinished(path, depth=2)
            folder = cls(path, before=last_status(path))
            folder._read_record()
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
                _key(entry["report"], entry["language"], entry["parameters"]): _EMPTY | entry | {"status": "kept"}
                for entry in record["reports"]
                if self._still_there(entry)
            }
            outdated = [str(name) for name in record.get("outdated", [])]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return
        self.entries, self.outdated = earlier, outdated

    def _still_there(self, entry: Mapping[str, Any]) -> bool:
        """Whether an entry is of this version's form, and its page is there."""
        formed = isinstance(entry["report"], str) and isinstance(entry["parameters"], dict)
        if not formed or entry["language"] not in LANGUAGES or not all(isinstance(name, str) for name in _files(entry)):
            return False
        page = entry.get("html")
        return (self.path / page).is_file() if page else bool(entry.get("failed_since"))

    def longest_first(self, jobs: Iterable[Job]) -> list[Job]:
        """Jobs in the order in which they are best begun: by how long they took, those that never ran first."""

        def seconds(job: Job) -> float:
            took = self.entries.get(_key(job.report, job.language, dict(job.parameters)), {}).get("seconds")
            return took if isinstance(took, (int, float)) and took else math.inf

        return sorted(jobs, key=seconds, reverse=True)

    def publish(self, outcome: Outcome) -> Outcome:
        """Put a finished report into place, or note why there is none; what became of it comes back."""
        job = outcome.job
        key = _key(job.report, job.language, dict(job.parameters))
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
            "seconds": round(outcome.seconds, 3),
            **{name: earlier.get(name, empty) for name, empty in _PUBLISHED.items()},
            "error": outcome.reason or (public(str(outcome.failure)) if outcome.failure else None),
            "failed_since": None,
        }
        if outcome.status == "done":
            entry |= put
            self.outdated += _files(earlier)
        elif outcome.status == "failed":
            entry["failed_since"] = earlier.get("failed_since") or _now()
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
            "published": _now(),
            **outcome.summary,
        }

    def prune(self, jobs: Iterable[Job]) -> None:
        """Forget reports with other parameters that this run did not ask for."""
        wanted = {_key(job.report, job.language, dict(job.parameters)) for job in jobs}
        gone = [key for key, entry in self.entries.items() if entry["parameters"] and key not in wanted]
        self.outdated += [name for key in gone for name in _files(self.entries.pop(key))]

    def close(self, data: Dataset, notebooks: Iterable[Notebook]) -> str:
        """Write the index and the record, then remove what they do not name; the status of the run comes back."""
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
            if entry["status"] == "done":
                entry["data"] = data.content_hash
        record: dict[str, Any] = {
            "status": status,
            "started": self.started.isoformat(timespec="seconds"),
            "finished": finished,
            "versions": {name: _version(name) for name in BUILT_ON},
            "dataset": {"name": data.name, "hash": data.content_hash},
            "reports": entries,
            # A run that is killed before it has removed these leaves the list to the next one.
            "outdated": sorted(set(self.outdated) - {name for entry in entries for name in _files(entry)}),
        }
        write_atomically(self.path / WORKBOOK, exported(data, WORKBOOK))
        write_atomically(self.path / INDEX, index_page(entries, data, order, finished))
        write_atomically(self.path / RECORD, json.dumps(record, ensure_ascii=False, indent=2) + "\n")
        remember(self.path, record)
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


def _key(report: str, language: str, parameters: Mapping[str, Any]) -> str:
    return json.dumps([report, language, parameters], sort_keys=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
