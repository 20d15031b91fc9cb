"""What is asked for, what there is to do, and what became of it; nothing here needs a library."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..errors import LaichauError
from ..schema import LANGUAGES
from ..shipped import DEFAULT_DATASET

__all__ = ["WORKBOOK", "Failure", "Job", "Outcome", "Page", "ReportError", "Request", "file_stem", "table_file"]

WORKBOOK: Final = "data.xlsx"
"""All tables of the data set, beside the index."""
RESERVED: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Request:
    """What a user asks for; see ``laichau run --help``. Kernels are ``warm``, ``stock``, or the best there is."""

    reports: tuple[str, ...] = ()
    data: str = DEFAULT_DATASET
    notebooks: Path | None = None
    output: Path = Path("reports")
    languages: tuple[str, ...] = LANGUAGES
    parameters: tuple[tuple[str, str], ...] = ()
    matrix: Path | None = None
    jobs: int = 0
    force: bool = False
    timeout: float = 300.0
    deadline: float = 3600.0
    retries: int = 0
    on_failure: str = ""
    on_recovery: str = ""
    prune: bool = False
    formats: tuple[str, ...] = ()
    kernels: str = ""
    scheduler: str = ""


@dataclass(frozen=True)
class Job:
    """One report in one language: everything that decides its bytes.

    Attributes
    ----------
    report : str
        Name of the report.
    path : str
        The notebook's file.
    dataset : str
        Name of the data set, as the notebook gets it.
    data_path : str
        Folders that hold the data sets, separated as in ``PATH``; the kernel looks names up there first.
    language : str
    parameters : tuple of (str, object)
        Others than data set and language.
    timeout : float
        Seconds that the whole report may take.
    formats : tuple of str
        Forms beside the page: ``pdf``, ``docx``.
    """

    report: str
    path: str
    dataset: str
    data_path: str
    language: str
    parameters: tuple[tuple[str, Any], ...] = ()
    timeout: float = 300.0
    formats: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        """Name of the report's files, without ending."""
        return file_stem(self.report, self.parameters)


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


def table_file(stem: str, number: int) -> str:
    """Name of a table's file, beside the page."""
    return f"tables/{stem}-{number}.csv"


@dataclass(frozen=True)
class Failure:
    """Why a report could not be executed.

    Attributes
    ----------
    cell : int
        Number of the cell in the stored notebook, from 1; 0 where no cell was running.
    reason : {'error', 'timeout', 'deadline', 'start', 'lost', 'dead', 'worker', 'incomplete', 'render', 'publish'}
    message : str
        What a user needs to know, in a line or two.
    stderr : str
        The end of the kernel's standard error.
    """

    cell: int
    reason: str
    message: str
    stderr: str = ""

    def __str__(self) -> str:
        return f"cell {self.cell}: {self.message}" if self.cell else self.message


@dataclass(frozen=True)
class Page:
    """A report as a page, with what stands beside it.

    Attributes
    ----------
    html : str
    tables : tuple of (str, str)
        Titles and texts of the tables that the page links to, as CSV.
    pictures : tuple of bytes
        For each picture of the page, in its order, the same as PNG or JPEG.
    """

    html: str
    tables: tuple[tuple[str, str], ...] = ()
    pictures: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What became of a job.

    Attributes
    ----------
    job : Job
    status : {'done', 'failed', 'skipped', 'unchanged'}
    seconds : float
    page : Page or None
        The finished page, with its tables; none unless ``done``.
    notebook : str
        The executed notebook; of a failed report as far as it ran.
    beside : mapping of str to bytes
        Further forms of the report, by format.
    summary : mapping
        What the index tells of it: ``headline``, ``key_figure``, ``findings``.
    warnings : str
        What its cells wrote to standard error.
    failure : Failure or None
    reason : str
        Why it was skipped.
    cold : bool
        Whether its kernel was started, although it was to be forked.
    """

    job: Job
    status: str
    seconds: float = 0.0
    page: Page | None = None
    notebook: str = ""
    beside: Mapping[str, bytes] = field(default_factory=dict)
    summary: Mapping[str, Any] = field(default_factory=dict)
    warnings: str = ""
    failure: Failure | None = None
    reason: str = ""
    cold: bool = False


class ReportError(LaichauError):
    """A report could not be made; ``failure`` says why, and ``notebook`` holds what of it was executed."""

    def __init__(self, failure: Failure, notebook: str = "") -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.notebook = notebook
