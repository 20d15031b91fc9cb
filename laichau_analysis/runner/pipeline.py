"""Execute, render, publish what was planned: many reports, side by side.

Nothing is imported here that takes long: the warm process imports what it needs at the same time as the run.
"""

from __future__ import annotations

import itertools
import json
import logging
import math
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from ..errors import BusyError
from .jobs import Failure, Job, Outcome, Request
from .notices import notify
from .privacy import public
from .warm import Warm, start, unavailable
from .workspace import workspace

LAST: Final = 15
"""Lines of a traceback that are told."""
BLAMELESS: Final = frozenset({"start", "lost", "worker"})
PASSING: Final = frozenset({"dead", "timeout"}) | BLAMELESS
"""Reasons of a failure that may not be there the next time; and those that no report is to blame for."""
AHEAD: Final = 64
"""Jobs that are handed to workers at a time."""
GRACE: Final = 2.0
"""Seconds that a worker has to stop."""

UNASKED: Final = ("rfc3987_syntax", "pyarrow.fs")
"""What libraries import where it is installed, slowly, and no report needs: a grammar of addresses, which no notebook's
schema asks jsonschema for, and file systems of clusters, which papermill could read notebooks from."""

__all__ = ["completed", "run"]


def completed(
    executor: Executor,
    function: Callable[[Job], Outcome],
    jobs: Iterable[Job],
    ends: float = math.inf,
    ahead: int = AHEAD,
) -> Iterator[Outcome]:
    """Outcomes as they come, until a moment of the monotonic clock; a worker that died is one, too.

    A few jobs wait at a time, and what was made is let go of: any number of reports takes the same memory.

    Parameters
    ----------
    executor : Executor
    function : callable
        Makes an outcome of a job, in a worker.
    jobs : iterable of Job
        Taken from as workers become free.
    ends : float
        The moment, in seconds of ``time.monotonic``.
    ahead : int
        Jobs that are handed out at a time.

    Yields
    ------
    Outcome
    """
    waiting: dict[Future[Outcome], Job] = {}
    left = iter(jobs)
    while True:
        for job in itertools.islice(left, ahead - len(waiting)):
            waiting[_submitted(executor, function, job)] = job
        if not waiting:
            return
        patience = None if ends == math.inf else max(0.0, ends - time.monotonic())
        ready, _ = wait(waiting, patience, FIRST_COMPLETED)
        if not ready:
            break
        for future in ready:
            yield _outcome(future, waiting.pop(future))
    for job in itertools.chain(waiting.values(), left):
        yield Outcome(job, "failed", failure=Failure(0, "deadline", "the time of the whole run is over"))


def _submitted(executor: Executor, function: Callable[[Job], Outcome], job: Job) -> Future[Outcome]:
    try:
        return executor.submit(function, job)
    except BrokenExecutor as error:  # a worker died meanwhile: this job fares as those that wait
        future: Future[Outcome] = Future()
        future.set_exception(error)
        return future


def _outcome(future: Future[Outcome], job: Job) -> Outcome:
    try:
        return future.result()
    except BrokenExecutor:
        return Outcome(job, "failed", failure=Failure(0, "worker", "the process that made it died"))
    except Exception as error:  # whatever went wrong with one report, the others are published
        stack = "".join(traceback.format_exception(error))
        failure = Failure(0, "error", f"{type(error).__name__}: {error}", "\n".join(stack.splitlines()[-LAST:]))
        return Outcome(job, "failed", failure=failure)


def run(
    request: Request,
    *,
    begin: Callable[[int], None] = lambda count: None,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    warn: Callable[[str], None] = lambda message: None,
) -> str:
    """Make and publish all reports of a request.

    Parameters
    ----------
    request : Request
    begin, tell : callable, optional
        Called with how many reports are to be made, and with each outcome as it is published.
    warn : callable, optional
        Called with what went wrong beside the reports.

    Returns
    -------
    str
        ``done`` or ``failed``.
    """
    with _accountable(request, warn), workspace() as place, _WarmKernels(request, place, warn) as warm:
        from .planning import plan
        from .publishing import RECORD, OutputFolder

        todo = plan(request)
        made_from = todo.outline.made_from()
        ends = time.monotonic() + request.deadline
        with OutputFolder.held(request.output) as folder:
            outdated = [job for job in todo.jobs if request.force or folder.why_again(job, made_from[job])]
            again = set(outdated)
            begin(len(outdated))
            unchanged = [Outcome(job, "unchanged") for job in dict.fromkeys(todo.jobs) if job not in again]
            with closing(_made(folder.longest_first(outdated), request, place, warm, ends)) as made:
                for outcome in itertools.chain(todo.skipped, unchanged, made):
                    tell(folder.publish(outcome, made_from[outcome.job]))
            if request.prune:
                folder.prune([*todo.jobs, *(outcome.job for outcome in todo.skipped)])
            status = folder.close(todo.data, todo.outline.known, todo.outline.made_of_everything())
            record = (request.output / RECORD).read_bytes()
    _notify(request, status, folder.before, record, warn)
    return status


def _notify(request: Request, status: str, before: str, record: bytes, warn: Callable[[str], None]) -> None:
    """Tell of a failure, and of the first run without one; another run may hold the folder by now."""
    command = request.on_failure if status == "failed" else request.on_recovery if before == "failed" else ""
    problem = notify(command, record) if command else ""
    if problem:
        warn(f"the notice was not sent: {problem}")


@contextmanager
def _accountable(request: Request, warn: Callable[[str], None]) -> Iterator[None]:
    """Tell and remember a run that ends before it has a record: a broken data set, a full disk, a bug of ours."""
    started = datetime.now(UTC)
    try:
        yield
    except BusyError:
        raise  # another run is at work, and tells of itself
    except Exception as error:
        from .publishing import note_broken_run

        words = public(str(error) or type(error).__name__)
        note_broken_run(request.output, Path(request.data).name, started, words)
        record = {"status": "failed", "started": started.isoformat(timespec="seconds"), "reports": [], "error": words}
        _notify(request, "failed", "", json.dumps(record).encode(), warn)
        raise


class _WarmKernels:
    """The warm process of a run; where there is none, kernels are started instead, which is told once."""

    def __init__(self, request: Request, place: Path, warn: Callable[[str], None]) -> None:
        self._process: Warm | None = None
        self._warn = warn
        self._told = False
        if request.scheduler or request.kernels == "stock" or (not request.kernels and unavailable()):
            return
        try:
            if unavailable():
                raise OSError(unavailable())
            self._process = start(f"{__package__}.warm_kernels", place)
        except OSError as error:
            self._take_over(error.strerror or str(error))

    @property
    def address(self) -> str:
        """Where kernels are forked; empty where none are."""
        return self._process.address if self._process and not self._process.ended() else ""

    def watch(self, outcome: Outcome) -> None:
        """Tell if kernels had to be started."""
        how = self._process.ended() if self._process else ""
        if how or outcome.cold:
            self._take_over(how or "it gave no kernel")

    def _take_over(self, reason: str) -> None:
        if not self._told:
            self._warn(f"no warm kernels, others are started instead, which takes longer: {reason}")
        self._told = True

    def __enter__(self) -> _WarmKernels:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.stop()


def _make(job: Job, warm: str = "") -> Outcome:
    """Make a report; what that needs is imported in the process that does it."""
    for name in UNASKED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    from .production import produce

    return produce(job, warm)


def _made(jobs: Sequence[Job], request: Request, place: Path, warm: _WarmKernels, ends: float) -> Generator[Outcome]:
    """Make reports side by side; what failed for a passing reason is made again, each in a process of its own."""
    if not jobs:
        return
    if request.scheduler:
        yield from _made_elsewhere(jobs, request, ends)
        return
    count = max(1, min(request.jobs or os.cpu_count() or 1, len(jobs)))
    attempts: Counter[Job] = Counter()
    again: list[Job] = []
    with _workers(count, place) as executor, _stopped(executor, ends):
        made = completed(executor, partial(_make, warm=warm.address), jobs, ends)
        yield from _settled(made, request.retries, attempts, again, warm.watch)
    while again:
        once_more, again = again, []
        with ThreadPoolExecutor(count) as threads, _stopped(threads, ends):
            made = completed(threads, partial(_alone, place=place, warm=warm.address), once_more, ends)
            yield from _settled(made, request.retries, attempts, again, warm.watch)


def _made_elsewhere(jobs: Sequence[Job], request: Request, ends: float) -> Generator[Outcome]:
    """The same by the workers of a cluster; what failed for a passing reason has a worker to itself."""
    from .cluster import Cluster

    attempts: Counter[Job] = Counter()
    again = list(jobs)
    with Cluster(request.scheduler, request.kernels) as cluster:
        while again:
            once_more, again = again, []
            made = completed(cluster, _make, once_more, ends, max(AHEAD, 2 * cluster.held * len(cluster)))
            yield from _settled(made, request.retries, attempts, again)
            cluster.held = 1


def _settled(
    outcomes: Iterable[Outcome],
    retries: int,
    attempts: Counter[Job],
    again: list[Job],
    watch: Callable[[Outcome], None] = lambda outcome: None,
) -> Iterator[Outcome]:
    """Outcomes that stand; jobs that are worth another attempt go to a list."""
    for outcome in outcomes:
        watch(outcome)
        reason = outcome.failure.reason if outcome.failure else ""
        if reason not in PASSING:
            yield outcome
            continue
        attempts[outcome.job] += 1
        # A process that died takes its neighbours' reports with it: they get another chance in any case.
        if attempts[outcome.job] <= retries + (reason in BLAMELESS):
            again.append(outcome.job)
        else:
            yield outcome


def _alone(job: Job, place: Path, warm: str) -> Outcome:
    """Make one report in a process that nothing else depends on."""
    with _workers(1, place) as executor:
        return executor.submit(_make, job, warm).result()


class _Workers(ProcessPoolExecutor):
    """Processes that make reports."""

    def submit(self, *call: Any, **named: Any) -> Future[Any]:
        """Plan a call, and start a process for it if one more is allowed."""
        # Ctrl-C reaches everyone, also a process that has not come to ignore it yet.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if os.name == "posix" else None
        try:
            return super().submit(*call, **named)
        finally:
            if before is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _workers(count: int, place: Path) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return _Workers(count, mp_context=context, initializer=_prepare, initargs=(str(place),))


def _prepare(place: str) -> None:
    """Let a worker keep to the run's folder, and end at once and silently when it is told to stop."""
    tempfile.tempdir = place
    logging.disable()  # what libraries say of a failure is told once, by the run

    def stop(number: int, _: Any) -> None:
        _abandon()
        os._exit(128 + number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches everyone; the run tells its workers itself
    if os.name == "posix":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    """End with the run, also if it was killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    _abandon()
    os._exit(1)


def _abandon() -> None:
    abandon = getattr(sys.modules.get(f"{__package__}.execution"), "abandon", None)
    if abandon is not None:  # else there is no kernel yet
        abandon()


@contextmanager
def _stopped(executor: Executor, ends: float) -> Iterator[None]:
    """Stop all workers if something else ends than their work: an interruption, or the time."""
    try:
        yield
    except BaseException:
        _stop(executor)
        raise
    if time.monotonic() >= ends:
        _stop(executor)


def _stop(executor: Executor) -> None:
    """Let nothing begin that waits, and end what runs; a thread may just be starting a worker."""
    waiting = threading.Thread(target=executor.shutdown, kwargs={"cancel_futures": True})
    waiting.start()
    while waiting.is_alive():
        _end_workers()
        waiting.join(0.05)


def _end_workers() -> None:
    """Stop all workers: politely, then for good."""
    children = multiprocessing.active_children()
    for child in children:
        child.terminate()
    patience = time.monotonic() + GRACE
    for child in children:
        child.join(max(0.0, patience - time.monotonic()))
        if child.is_alive():
            child.kill()
