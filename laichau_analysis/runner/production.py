"""One report: executed, rendered, and put into further forms."""

from __future__ import annotations

import time
from dataclasses import replace

import nbformat

from . import office, printing
from .execution import execute
from .jobs import Failure, Job, Outcome, Page, ReportError
from .rendering import render, summary_of
from .workspace import shortage

__all__ = ["produce"]


def produce(job: Job, warm: str = "") -> Outcome:
    """Execute and render one report; whatever happens, an outcome comes back.

    Parameters
    ----------
    job : Job
    warm : str
        Address of the warm process that is to fork its kernel.

    Returns
    -------
    Outcome
    """
    begun = time.perf_counter()
    forked: list[bool] = []
    try:
        outcome = _executed(job, warm, forked)
    except ReportError as error:
        outcome = Outcome(job, "failed", failure=error.failure, notebook=error.notebook)
    except OSError as error:
        failure = Failure(0, "error", f"{type(error).__name__}: {error.strerror or error}{shortage()}")
        outcome = Outcome(job, "failed", failure=failure)
    return replace(outcome, seconds=time.perf_counter() - begun, cold=bool(warm) and forked == [False])


def _executed(job: Job, warm: str, forked: list[bool]) -> Outcome:
    notebook, warnings = execute(job, warm, forked.append)
    page = render(notebook, job.language, job.stem)
    return Outcome(
        job,
        "done",
        page=page,
        notebook=nbformat.writes(notebook) + "\n",
        beside={form: _converted(form, page, job.language) for form in job.formats},
        summary=summary_of(notebook),
        warnings=warnings,
    )


def _converted(form: str, page: Page, language: str) -> bytes:
    """A page in another form."""
    try:
        return printing.pdf(page.html) if form == "pdf" else office.docx(page.html, page.pictures, language)
    except (printing.PrintError, office.OfficeError) as error:
        raise ReportError(Failure(0, "render", f"no {form.upper()}: {error}")) from None
