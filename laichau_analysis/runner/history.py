"""What ran, how long it took, and what failed: a line for each run, in a bounded file beside the reports."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ..files import write_atomically

__all__ = ["FILE", "last_status", "recall", "remember", "remember_broken"]

FILE: Final = "history.jsonl"
MOST: Final = 500
"""Runs that are kept."""
FORM: Final = (
    ("started", str),
    ("status", str),
    ("seconds", float),
    ("dataset", dict),
    ("reports", dict),
    ("failed", list),
)
"""What a line must hold."""


def remember(folder: Path, record: Mapping[str, Any]) -> None:
    """Add a run to the history of an output folder.

    Parameters
    ----------
    folder : Path
    record : mapping
        The run's record, as in ``run.json``.
    """
    _add(folder, _line(record))


def remember_broken(folder: Path, dataset: str, started: datetime, error: str) -> None:
    """Add a run that ended before it had a record.

    Parameters
    ----------
    folder : Path
    dataset : str
        The data set as it was asked for.
    started : datetime
    error : str
        Why it ended.
    """
    run = {
        "started": started.isoformat(timespec="seconds"),
        "status": "failed",
        "seconds": round((datetime.now(UTC) - started).total_seconds(), 1),
        "dataset": {"name": dataset, "hash": ""},
        "reports": {},
        "failed": [],
        "error": error,
    }
    _add(folder, run)


def last_status(folder: Path) -> str:
    """How the latest run of a folder ended; empty if there was none."""
    return next((str(run["status"]) for run in reversed(recall(folder))), "")


def _add(folder: Path, run: Mapping[str, Any]) -> None:
    lines = [*recall(folder), run][-MOST:]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    write_atomically(folder / FILE, text)


def _line(record: Mapping[str, Any]) -> dict[str, Any]:
    began, ended = (datetime.fromisoformat(record[key]) for key in ("started", "finished"))
    entries = record["reports"]
    failed = [entry for entry in entries if entry["status"] == "failed"]
    return {
        "started": record["started"],
        "status": record["status"],
        "seconds": (ended - began).total_seconds(),
        "dataset": record["dataset"],
        "reports": dict(Counter(entry["status"] for entry in entries)),
        "failed": [{key: entry[key] for key in ("report", "language", "parameters", "error")} for entry in failed],
    }


def recall(folder: Path) -> list[dict[str, Any]]:
    """The runs of an output folder, oldest first; lines that cannot be read are left out.

    Examples
    --------
    >>> recall(Path("nowhere"))
    []
    """
    try:
        text = (folder / FILE).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = []
    for line in text.split("\n"):  # splitlines would cut at marks that texts may hold
        try:
            run = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(run, dict) and all(isinstance(run.get(key), kind) for key, kind in FORM):
            found.append(run)
    return found
