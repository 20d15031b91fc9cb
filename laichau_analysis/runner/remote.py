"""Reports made in a worker of a cluster: what runs there, in a process that somebody else has started.

A process keeps a folder and a warm process from its first report to its end. Both, and every kernel, end with it,
however it ends; a report that nobody waits for any more is given up.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from .jobs import Failure, Job, Outcome
from .parcels import Label, place_job, unpack
from .warm import start, unavailable
from .workspace import workspace

__all__ = ["describe", "make"]

LOOK = 0.3
"""Seconds between two looks whether somebody waits for the report."""


class _Here:
    """The folder and the warm process of this worker."""

    def __init__(self) -> None:
        self._ends = ExitStack()
        self.place = self._ends.enter_context(workspace())
        self.unpacked: set[str] = set()
        self.warm = None if unavailable() else start(f"{__package__}.warm_kernels", self.place)
        if self.warm:
            self._ends.callback(self.warm.stop)
        atexit.register(self._ends.close)

    @property
    def address(self) -> str:
        """Where kernels are forked; empty where none are."""
        return self.warm.address if self.warm and not self.warm.ended() else ""


_here: list[_Here] = []


def describe() -> dict[str, str]:
    """What makes reports here: digests of the package and of the libraries."""
    from .fingerprints import made_by

    return made_by()


def make(job: Job, there: Job, labels: Sequence[Label], contents: Mapping[str, bytes], kernels: str = "") -> Outcome:
    """Make a report.

    Parameters
    ----------
    job : Job
        As it is for the one who asked.
    there : Job
        The same with paths relative to the place of parcels.
    labels : sequence of Label
        What it needs.
    contents : mapping of str to bytes
        By digest the parcels that this process has not seen yet.
    kernels : str
        ``stock`` for kernels that are started.

    Returns
    -------
    Outcome
        Of the job as it was given.
    """
    from .production import produce

    if not _here:
        _here.append(_Here())
    here = _here[0]
    for label in labels:
        if label.digest in here.unpacked:
            continue
        if label.digest not in contents:
            return Outcome(job, "failed", failure=Failure(0, "worker", "what it is made of did not arrive"))
        unpack(contents[label.digest], label, here.place)
        here.unpacked.add(label.digest)
    with _given_up_with_the_task():
        outcome = produce(place_job(there, here.place), "" if kernels == "stock" else here.address)
    return replace(outcome, job=job)


@contextmanager
def _given_up_with_the_task() -> Iterator[None]:
    """End the kernel as soon as the report is no more asked for: by a run that was stopped, or that died."""
    from distributed import get_worker

    from .execution import abandon

    worker = get_worker()
    task, over = worker.get_current_task(), threading.Event()

    def watch() -> None:
        while not over.wait(LOOK):
            if not _is_asked_for(worker, task):
                abandon()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _is_asked_for(worker: Any, task: Any) -> bool:
    known = worker.state.tasks.get(task)
    served = worker.status.name in ("running", "paused")  # else it is ending, since its scheduler is no more
    return served and known is not None and known.state != "cancelled"
