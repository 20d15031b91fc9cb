"""What ran, how long it took, and what failed: a line for each run, in a bounded file beside the reports."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ..files import write_atomically

__all__ = ["FILE", "recall", "remember"]

FILE: Final = "history.jsonl"
MOST: Final = 500
"""Runs that are kept."""


def remember(folder: Path, record: Mapping[str, Any]) -> None:
    """Add a run to the history of an output folder.

    Parameters
    ----------
    folder : Path
    record : mapping
        The run's record, as in ``run.json``.
    """
    lines = [*recall(folder), _line(record)][-MOST:]
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
    for line in text.splitlines():
        try:
            run = json.loads(line)
        except ValueError:
            continue
        if isinstance(run, dict) and {"started", "status", "seconds", "reports", "failed", "dataset"} <= set(run):
            found.append(run)
    return found
