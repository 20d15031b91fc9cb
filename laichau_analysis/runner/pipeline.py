"""Plan, execute, render, publish: many reports, side by side.

Everything that can be refused is refused by ``planning``, before any kernel starts.
"""

from __future__ import annotations

import itertools
import math
import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from concurrent.futures import TimeoutError as FuturesTimeout
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import warm
from .jobs import Failure, Job, Outcome, Request
from .notices import notify
from .workers import make, workers
from .workspace import workspace

if TYPE_CHECKING:
    from .planning import Plan

__all__ = ["completed", "run"]

LAST: Final = 15
"""Lines of a traceback that are told."""
BLAMELESS: Final = frozenset({"start", "lost", "worker"})
PASSING: Final = frozenset({"dead", "timeout"}) | BLAMELESS
"""Reasons of a failure that may not be there the next time; and those that no report is to blame for."""


def completed(
    executor: Executor, function: Callable[[Job], Outcome], jobs: Iterable[Job], ends: float = math.inf
) -> Iterator[Outcome]:
    """Outcomes as they come, until a moment of the monotonic clock; a worker that died is one, too."""
    futures = {executor.submit(function, job): job for job in jobs}
    left = set(futures)
    try:
        for future in as_completed(futures, None if ends == math.inf else max(0.0, ends - time.monotonic())):
            left.discard(future)
            yield _outcome(future, futures[future])
    except FuturesTimeout:
        for future in left:
            yield Outcome(
                futures[future], "failed", failure=Failure(0, "deadline", "the time of the whole run is over")
            )


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
    begin: Callable[[Plan], None] = lambda plan: None,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    warn: Callable[[str], None] = lambda message: None,
) -> str:
    """Make and publish all reports of a request.

    Parameters
    ----------
    request : Request
    begin, tell : callable, optional
        Called with the plan, and with each outcome as it is published.
    warn : callable, optional
        Called with what went wrong beside the reports.

    Returns
    -------
    str
        ``done`` or ``failed``.
    """
    with workspace() as place, _Warm(request, place, warn) as processes:
        # The warm processes import what they need while this one imports what follows.
        from .planning import plan
        from .publishing import RECORD, OutputFolder

        todo = plan(request)

        ends = time.monotonic() + request.deadline
        with OutputFolder.held(request.output) as folder:
            begin(todo)
            with closing(_made(folder.longest_first(todo.jobs), request, place, processes, ends)) as made:
                for outcome in itertools.chain(todo.skipped, made):
                    folder.publish(outcome)
                    tell(outcome)
            if request.prune:
                folder.prune([*todo.jobs, *(outcome.job for outcome in todo.skipped)])
            status = folder.close(todo.data, todo.known)
            record = (request.output / RECORD).read_bytes()
    _notify(request, status, folder.before, record, warn)
    return status


def _notify(request: Request, status: str, before: str, record: bytes, warn: Callable[[str], None]) -> None:
    """Tell of a failure, and of the first run without one; another run may hold the folder by now."""
    command = request.on_failure if status == "failed" else request.on_recovery if before == "failed" else ""
    problem = notify(command, record) if command else ""
    if problem:
        warn(f"the notice was not sent: {problem}")


class _Warm:
    """The warm processes of a run; where there is none, processes are started instead, which is told once."""

    def __init__(self, request: Request, place: Path, warn: Callable[[str], None]) -> None:
        self._running: dict[str, warm.Warm] = {}
        self._warn = warn
        self._told = False
        if request.kernels != "warm":
            return
        try:
            if warm.unavailable():
                raise OSError(warm.unavailable())
            for name in ("warm_kernels", "warm_reports"):
                self._running[name] = warm.start(f"{__package__}.{name}", place)
        except OSError as error:
            self._take_over(error.strerror or str(error))

    @property
    def kernels(self) -> str:
        """Where kernels are forked."""
        return self._running["warm_kernels"].address if "warm_kernels" in self._running else ""

    @property
    def workers(self) -> str:
        """Where workers are forked, as long as that process lives."""
        process = self._running.get("warm_reports")
        return process.address if process and not process.ended() else ""

    def watch(self, outcome: Outcome) -> None:
        """Tell if others had to take over."""
        how = "; ".join(dict.fromkeys(filter(None, (process.ended() for process in self._running.values()))))
        if how or outcome.started:
            self._take_over(how or "it gave no kernel")

    def _take_over(self, reason: str) -> None:
        if not self._told:
            self._warn(f"warm processes failed, others are started instead, which takes longer: {reason}")
        self._told = True

    def __enter__(self) -> _Warm:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            process.stop()


def _made(jobs: Sequence[Job], request: Request, place: Path, processes: _Warm, ends: float) -> Generator[Outcome]:
    """Make reports side by side; what failed for a passing reason is made again, each in a process of its own."""
    attempts: Counter[Job] = Counter()
    alone = False
    while jobs:
        again: list[Job] = []
        count = max(1, min(request.jobs or os.cpu_count() or 1, len(jobs)))
        with workers(count, place, processes.workers, alone=alone, ends=ends) as executor:
            made = completed(executor, partial(make, kernels=processes.kernels), jobs, ends)
            for outcome in _settled(made, request.retries, attempts, again):
                processes.watch(outcome)
                yield outcome
        jobs, alone = again, True


def _settled(outcomes: Iterable[Outcome], retries: int, attempts: Counter[Job], again: list[Job]) -> Iterator[Outcome]:
    """Outcomes that stand; jobs that are worth another attempt go to a list."""
    for outcome in outcomes:
        attempts[outcome.job] += 1
        reason = outcome.failure.reason if outcome.failure else ""
        # A process that died takes its neighbours' reports with it: they get another chance in any case.
        allowed = retries + (reason in BLAMELESS) if reason in PASSING else 0
        if attempts[outcome.job] <= allowed:
            again.append(outcome.job)
        else:
            yield outcome
