"""What an operator reads: lines on standard error, for people or as JSON, and a file for each failure.

Nothing of it is published: it names this machine's paths.
"""

from __future__ import annotations

import hashlib
import json
import logging
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import platformdirs

from ..errors import PublishError
from ..files import write_atomically
from .jobs import Job, Outcome

__all__ = ["FORMS", "Details", "event", "set_up"]

FORMS: Final = ("text", "json")


class _JsonLines(logging.Formatter):
    """A record as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"time": moment, "level": record.levelname.lower(), "message": record.getMessage()}
        return json.dumps(line | getattr(record, "facts", {}), ensure_ascii=False)


def set_up(form: str) -> logging.Logger:
    """The package's logger, writing to standard error.

    Parameters
    ----------
    form : {'text', 'json'}
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines() if form == "json" else logging.Formatter("%(message)s"))
    logger = logging.getLogger("laichau")
    logger.handlers = [handler]
    logger.propagate = False
    logger.setLevel(logging.INFO)
    return logger


def event(logger: logging.Logger, level: int, message: str, **facts: Any) -> None:
    """Log a line, with facts for those who read JSON."""
    logger.log(level, "%s", message, extra={"facts": facts})


class Details:
    """A file for each report that failed, and its notebook as far as it ran, until it is made again.

    Parameters
    ----------
    output : Path
        The output folder; failures of another one are other files.
    folder : Path, optional
        Where the files are; the user's folder for logs by default.
    """

    def __init__(self, output: Path, folder: Path | None = None) -> None:
        key = hashlib.sha256(str(output.resolve()).encode()).hexdigest()[:8]
        self.folder = folder or Path(platformdirs.user_log_path("laichau-analysis", appauthor=False)) / key

    def file(self, job: Job) -> Path:
        """Where a report's details are."""
        return self.folder / f"{job.stem}.{job.language}.log"

    def keep(self, outcome: Outcome) -> str:
        """Write the details of a failure, or take an old one's away; where they are comes back, or why nowhere."""
        path, failure = self.file(outcome.job), outcome.failure
        notebook = path.with_suffix(".ipynb")
        with suppress(OSError):
            notebook.unlink(missing_ok=True)
            if failure is None:
                path.unlink(missing_ok=True)
        if failure is None:
            return ""
        lines = [
            f"{datetime.now(UTC).isoformat(timespec='seconds')} {outcome.job.report} ({outcome.job.language})",
            f"parameters: {json.dumps(dict(outcome.job.parameters), ensure_ascii=False)}",
            f"after {outcome.seconds:.1f} s, {failure.reason}: {failure}",
            f"executed as far as it went: {notebook}" if outcome.notebook else "nothing of it was executed",
            failure.stderr,
        ]
        try:
            if outcome.notebook:
                write_atomically(notebook, outcome.notebook)
            write_atomically(path, "\n".join(lines).rstrip() + "\n")
        except PublishError as error:
            return f"none, {error}"
        return str(path)
