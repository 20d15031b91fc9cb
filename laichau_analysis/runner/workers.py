"""The processes that make reports, and their end.

Each report is made in a process of its own, forked from a warm one; see ``warm_reports``. Where there is none,
processes are spawned, and each makes one report after the other.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Pipe
from pathlib import Path
from typing import Any, Final

from . import warm
from .jobs import Job, Outcome

__all__ = ["answer", "end_when_told", "make", "spare_imports", "workers"]

GRACE: Final = 2.0
"""Seconds that a worker has to stop."""
SLOW_AND_UNASKED: Final = "rfc3987_syntax"
"""A grammar of addresses for jsonschema: it comes with JupyterLab and takes a second to import, and no notebook's
schema asks for it."""


def make(job: Job, kernels: str = "") -> Outcome:
    """Make a report; what that needs is imported in the process that does it."""
    spare_imports()
    from .production import produce

    return produce(job, kernels)


def spare_imports() -> None:
    """Let this process not import what takes long and is of no use to it."""
    sys.modules.setdefault(SLOW_AND_UNASKED, None)  # type: ignore[arg-type]


@contextmanager
def workers(count: int, folder: Path, reports: str, *, alone: bool, ends: float) -> Iterator[Executor]:
    """Processes that make reports.

    Parameters
    ----------
    count : int
        How many at a time.
    folder : Path
        The run's folder, for what they put aside.
    reports : str
        Address of the warm process that forks them; empty where there is none.
    alone : bool
        Whether each report is to have a process of its own in any case.
    ends : float
        Moment of the monotonic clock at which they are stopped; they are when anything else ends than their work.

    Yields
    ------
    Executor
    """
    executor: _Forking | _Spawning | _Pool
    if reports:
        executor = _Forking(count, folder, reports)
    elif alone:
        executor = _Spawning(count, folder)
    else:
        executor = _Pool(count, folder)
    with executor:
        try:
            yield executor
        except BaseException:
            executor.stop()
            raise
        if time.monotonic() >= ends:
            executor.stop()


class _Forking(ThreadPoolExecutor):
    """Makes each call in a process of its own, forked from a warm one."""

    def __init__(self, count: int, folder: Path, address: str) -> None:
        super().__init__(count)
        self._folder, self._address = str(folder), address
        self._running: set[warm.Forked] = set()
        self._stopped = False

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:  # type: ignore[override]
        """Plan a call."""
        return super().submit(self._call, function, arguments)

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        ours, theirs = Pipe()
        request = {"folder": str(Path.cwd()), "environment": dict(os.environ), "temporary": self._folder}
        try:
            with ours:
                with theirs:
                    process = warm.fork(self._address, request, [theirs.fileno()])
                self._running.add(process)
                if self._stopped:
                    process.terminate()
                try:
                    ours.send((function, arguments))
                    result, error = ours.recv()
                finally:
                    self._running.discard(process)
                    process.close()
        except (OSError, EOFError):
            raise BrokenExecutor("the process of a call died") from None
        if error is not None:
            raise error
        return result

    def stop(self) -> None:
        """End all calls: politely, then for good."""
        self._stopped = True
        for process in list(self._running):
            process.terminate()
        for_good = threading.Timer(GRACE, self._kill)
        for_good.start()
        self.shutdown(cancel_futures=True)
        for_good.cancel()

    def _kill(self) -> None:
        for process in list(self._running):
            process.kill()


class _Pool(ProcessPoolExecutor):
    """Makes calls in processes that are spawned."""

    def __init__(self, count: int, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        super().__init__(count, mp_context=context, initializer=_begin, initargs=(str(folder),))

    def stop(self) -> None:
        """Stop all of them: politely, then for good."""
        children = multiprocessing.active_children()
        for child in children:
            child.terminate()
        patience = time.monotonic() + GRACE
        for child in children:
            child.join(max(0.0, patience - time.monotonic()))
            if child.is_alive():
                child.kill()


class _Spawning(ThreadPoolExecutor):
    """Makes each call in a process that is spawned for it, and that nothing else depends on."""

    def __init__(self, count: int, folder: Path) -> None:
        super().__init__(count)
        self._folder = folder

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:  # type: ignore[override]
        """Plan a call."""
        return super().submit(self._call, function, arguments)

    def _call(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        with _Pool(1, self._folder) as pool:
            return pool.submit(function, *arguments).result()

    def stop(self) -> None:
        """Stop all of them."""
        self.shutdown(wait=False, cancel_futures=True)
        _Pool.stop(self)  # type: ignore[arg-type]


# --- in a worker -----------------------------------------------------------------------------------------


def answer(connection: Any) -> None:
    """Make the call that comes by a connection, for ``_Forking``."""
    function, arguments = connection.recv()
    answered: tuple[Any, Exception | None]
    try:
        answered = function(*arguments), None
    except Exception as error:
        error.add_note("".join(traceback.format_exception(error)))
        answered = None, error
    connection.send(answered)


def end_when_told(folder: str) -> None:
    """Let a worker keep to the run's folder, and end at once and silently when it is told to stop."""
    tempfile.tempdir = folder
    logging.disable()  # what libraries say of a failure is told once, by the run

    def stop(number: int, _: Any) -> None:
        _abandon()
        os._exit(128 + number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches everyone; the run tells its workers itself
    signal.signal(signal.SIGTERM, stop)


def _begin(folder: str) -> None:
    end_when_told(folder)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    """End with the run, also if it was killed."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    _abandon()
    os._exit(1)


def _abandon() -> None:
    execution = sys.modules.get(f"{__package__}.execution")
    if execution is not None:  # else there is no kernel yet
        execution.abandon()
