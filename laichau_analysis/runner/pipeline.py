"""Plan, execute, render, publish: many reports, side by side.

Everything that can be refused is refused in ``plan``, before any kernel starts.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nbformat

from ..dataset import LANGUAGES, Dataset, load
from ..errors import UnknownNameError, UsageError
from ..shipped import find_dataset, shipped
from . import office, printing
from .execution import Failure, Job, Outcome, ReportError, abandon, execute
from .notebooks import Notebook, convert_parameters, find_notebooks
from .publishing import OutputFolder
from .rendering import Page, render, summary_of

LAST: Final = 15
"""Lines of a traceback that are told."""

__all__ = ["Plan", "Request", "completed", "plan", "produce", "run"]


@dataclass(frozen=True)
class Request:
    """What a user asks for; see ``laichau run --help``."""

    reports: tuple[str, ...] = ()
    data: str = "lai-chau"
    notebooks: Path | None = None
    output: Path = Path("reports")
    languages: tuple[str, ...] = LANGUAGES
    parameters: tuple[tuple[str, str], ...] = ()
    jobs: int = 0
    timeout: float = 300.0
    prune: bool = False
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What will run, and what is skipped since the data set holds nothing for it."""

    data: Dataset
    notebooks: tuple[Notebook, ...]
    known: tuple[Notebook, ...]
    jobs: tuple[Job, ...]
    skipped: tuple[Outcome, ...]


def plan(request: Request) -> Plan:
    """Work out the jobs of a request.

    Raises
    ------
    DataError
        If the data set is broken.
    UsageError
        For everything else that is wrong, all at once.
    """
    folder = request.notebooks or shipped("notebooks")
    chosen = find_notebooks(folder, request.reports)
    place = find_dataset(request.data)
    values = convert_parameters(chosen, request.parameters)
    data = load(place)
    problems = [f"--format {form}: {reason}" for form in request.formats if (reason := _unavailable(form))]
    jobs: list[Job] = []
    skipped: list[Outcome] = []
    for notebook in chosen:
        reason = ""
        try:
            reason = _nothing_to_show(notebook, data, values)
        except UsageError as error:
            problems.append(f"report {notebook.name}: {error}")
        for language in request.languages:
            job = Job(
                report=notebook.name,
                path=str(notebook.path.resolve()),
                dataset=place.name,
                data_folder=str(place.parent),
                language=language,
                parameters=tuple(sorted(values.items())),
                timeout=request.timeout,
                formats=request.formats,
            )
            if reason:
                skipped.append(Outcome(job, "skipped", reason=reason))
            else:
                jobs.append(job)
    if problems:
        raise UsageError("\n".join(problems))
    return Plan(data, tuple(chosen), tuple(find_notebooks(folder)), tuple(jobs), tuple(skipped))


def _unavailable(form: str) -> str:
    """Why this machine cannot make a form; looked up before any kernel starts."""
    return {"pdf": printing.unavailable, "docx": office.unavailable}[form]()


def _nothing_to_show(notebook: Notebook, data: Dataset, values: dict[str, Any]) -> str:
    """Why a data set has nothing for a notebook; an error where the request cannot be met."""
    for code in notebook.requires:
        data.indicator(code)
    known = set(data.tables["sectors"]["sector"])
    missing = [sector for sector in notebook.sectors if sector not in known]
    if missing:
        raise UnknownNameError("sector", missing[0], known, f"data set {data.name}")
    own = data.only(notebook.sectors) if notebook.sectors else data
    if not own.years():
        return f"data set {data.name} holds no figures for: {', '.join(notebook.sectors)}"
    default = notebook.parameters["year"].default if "year" in notebook.parameters else 0
    year = values.get("year", default)
    if isinstance(year, int):
        own.state_of(year)
    return ""


def produce(job: Job) -> Outcome:
    """Execute and render one report; whatever happens, an outcome comes back."""
    started = time.perf_counter()
    try:
        notebook, warnings = execute(job)
        page = render(notebook, job.language, job.stem)
        beside = {form: _converted(form, page, job.language) for form in job.formats}
    except ReportError as error:
        return Outcome(job, "failed", time.perf_counter() - started, failure=error.failure)
    except OSError as error:
        failure = Failure(0, "error", f"{type(error).__name__}: {error.strerror or error}")
        return Outcome(job, "failed", time.perf_counter() - started, failure=failure)
    return Outcome(
        job,
        "done",
        time.perf_counter() - started,
        page=page,
        notebook=nbformat.writes(notebook) + "\n",
        beside=beside,
        summary=summary_of(notebook),
        warnings=warnings,
    )


def _converted(form: str, page: Page, language: str) -> bytes:
    """A page in another form."""
    try:
        return printing.pdf(page.html) if form == "pdf" else office.docx(page.html, page.pictures, language)
    except (printing.PrintError, office.OfficeError) as error:
        raise ReportError(Failure(0, "render", f"no {form.upper()}: {error}")) from None


def completed(executor: Executor, function: Callable[[Job], Outcome], jobs: Iterable[Job]) -> Iterator[Outcome]:
    """Outcomes as they come; a worker that died is one, too."""
    futures = {executor.submit(function, job): job for job in jobs}
    for future in as_completed(futures):
        try:
            yield future.result()
        except BrokenProcessPool:
            yield Outcome(futures[future], "failed", failure=Failure(0, "dead", "the process that made it died"))
        except Exception as error:  # whatever went wrong with one report, the others are published
            stack = "".join(traceback.format_exception(error))
            failure = Failure(0, "error", f"{type(error).__name__}: {error}", "\n".join(stack.splitlines()[-LAST:]))
            yield Outcome(futures[future], "failed", failure=failure)


def run(
    request: Request,
    *,
    begin: Callable[[Plan], None] = lambda plan: None,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> str:
    """Make and publish all reports of a request.

    Parameters
    ----------
    request : Request
    begin, tell : callable, optional
        Called with the plan, and with each outcome as it is published.

    Returns
    -------
    str
        ``done`` or ``failed``.
    """
    todo = plan(request)
    gone: list[str] = []
    with OutputFolder.held(request.output) as folder:
        begin(todo)
        for outcome in todo.skipped:
            gone += folder.publish(outcome)
            tell(outcome)
        if todo.jobs:
            with _workers(request.jobs, len(todo.jobs)) as executor:
                try:
                    for outcome in completed(executor, produce, todo.jobs):
                        gone += folder.publish(outcome)
                        tell(outcome)
                except BaseException:
                    _end_workers()
                    executor.shutdown(wait=True, cancel_futures=True)
                    raise
        if request.prune:
            gone += folder.prune([*todo.jobs, *(outcome.job for outcome in todo.skipped)])
        status = folder.close(todo.data, todo.known)
        folder.remove(gone)
        return status


def _workers(wanted: int, jobs: int) -> ProcessPoolExecutor:
    count = max(1, min(wanted or os.cpu_count() or 1, jobs))
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_leave_quietly)


def _leave_quietly() -> None:
    """Let a worker end at once when it is told to stop, with its kernel, and without a traceback."""

    def stop(number: int, _: Any) -> None:
        abandon()
        os._exit(128 + number)

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    """End with the run, also if it was killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    abandon()
    os._exit(1)


def _end_workers() -> None:
    for child in multiprocessing.active_children():
        child.terminate()
