"""A Dask cluster as the executor of a run: its workers make reports as those of this machine do.

Each report is given to one worker and to no other. A worker that dies loses what it held, which the run decides on as
it does for its own workers; Dask itself would hand a report that kills its worker to the next one. What reports are
made of goes to each worker once, by content.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from ..errors import UsageError
from . import remote
from .fingerprints import made_by
from .jobs import Job, Outcome
from .parcels import Packing

__all__ = ["Cluster"]

PATIENCE: Final = 10.0
"""Seconds in which a scheduler must answer."""
LOOK: Final = 1.0
"""Seconds between two looks at which workers there are."""
HELD: Final = 2
"""Reports that a worker holds: while one is made, the next one waits there."""


class WorkerDiedError(BrokenExecutor):
    """A worker is no more."""


@dataclass
class _Worker:
    """A worker: what it holds, what it was sent, and its executor."""

    executor: Executor
    holds: set[Future[Outcome]] = field(default_factory=set)
    has: set[str] = field(default_factory=set)


class Cluster(Executor):
    """The workers of a Dask scheduler.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://10.0.0.1:8786``.
    kernels : str
        ``stock`` for kernels that are started.

    Raises
    ------
    UsageError
        If ``distributed`` is not installed, nobody answers, or a worker cannot make the same reports as this machine.
    """

    def __init__(self, address: str, kernels: str = "") -> None:
        self._client = _connected(address)
        self._kernels = kernels
        self._packing = Packing()
        self._lock = threading.RLock()
        self._waiting: deque[tuple[Future[Outcome], Job]] = deque()
        self._workers: dict[str, _Worker] = {}
        self._over = threading.Event()
        self._lost = False
        self.held = HELD
        try:
            self._look()
            if not self._workers:
                raise UsageError(f"the scheduler at {address} has no workers; start some, each with --nthreads 1.")
        except BaseException:
            self._client.close()
            raise
        self._watch = threading.Thread(target=self._look_again_and_again, daemon=True)
        self._watch.start()

    def __len__(self) -> int:
        with self._lock:
            return len(self._workers)

    def submit(self, function: Callable[..., Outcome], job: Job, /, *_: Any, **__: Any) -> Future[Outcome]:  # type: ignore[override]
        """Let a worker make a report; the function is that of the workers of this machine, and not used."""
        future: Future[Outcome] = Future()
        with self._lock:
            if self._lost:
                future.set_exception(WorkerDiedError())
                return future
            self._waiting.append((future, job))
        self._hand_out()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Give up what is not made, and leave the cluster."""
        self._over.set()
        with self._lock:
            self._waiting.clear()
            workers = list(self._workers.values())
        self._watch.join(LOOK)
        with suppress(Exception):  # the scheduler may be no more
            for worker in workers:
                worker.executor.shutdown(wait=False)
        self._client.close()

    def _hand_out(self) -> None:
        """Give what waits to workers that hold least."""
        while True:
            with self._lock:
                free = [worker for worker in self._workers.values() if len(worker.holds) < self.held]
                if not free or not self._waiting or self._over.is_set():
                    return
                worker = min(free, key=lambda one: len(one.holds))
                future, job = self._waiting.popleft()
                worker.holds.add(future)
            self._give(worker, future, job)

    def _give(self, worker: _Worker, future: Future[Outcome], job: Job) -> None:
        try:
            parcels, there = self._packing.of(job)
            labels = tuple(parcel.label for parcel in parcels)
            new = [parcel for parcel in parcels if parcel.label.digest not in worker.has]
            worker.has |= {parcel.label.digest for parcel in new}
            contents = {parcel.label.digest: parcel.packed() for parcel in new}
            sent = worker.executor.submit(remote.make, job, there, labels, contents, self._kernels)
        except Exception as error:
            self._settle(worker, future, error=error)
            return
        sent.add_done_callback(partial(self._came_back, worker, future))

    def _came_back(self, worker: _Worker, future: Future[Outcome], sent: Future[Outcome]) -> None:
        try:
            outcome = sent.result()
        except CancelledError:
            self._settle(worker, future, error=WorkerDiedError())
        except Exception as error:
            died = type(error).__name__ == "KilledWorker"
            self._settle(worker, future, error=WorkerDiedError() if died else error)
        else:
            self._settle(worker, future, outcome=outcome)
        self._hand_out()

    def _settle(
        self, worker: _Worker, future: Future[Outcome], outcome: Outcome | None = None, error: Exception | None = None
    ) -> None:
        with self._lock:
            worker.holds.discard(future)
            if future.done():
                return
            if outcome is not None:
                future.set_result(outcome)
            else:
                future.set_exception(error or WorkerDiedError())

    def _look_again_and_again(self) -> None:
        answered = time.monotonic()
        while not self._over.wait(LOOK):
            if self._client.status == "running":
                with suppress(
                    Exception
                ):  # a worker that does not fit is not used; a scheduler that dies shows next time
                    self._look()
                    self._hand_out()
                answered = time.monotonic()
            elif time.monotonic() - answered > PATIENCE:
                self._give_up()
                return

    def _give_up(self) -> None:
        """Let everything fail that the scheduler, which is no more, was to bring."""
        with self._lock:
            self._lost = True
            held = [(worker, future) for worker in self._workers.values() for future in worker.holds]
            waiting = [future for future, _ in self._waiting]
            self._waiting.clear()
            self._workers.clear()
        for worker, future in held:
            self._settle(worker, future)
        for future in waiting:
            future.set_exception(WorkerDiedError())

    def _look(self) -> None:
        """Notice which workers came and went."""
        threads: Mapping[str, int] = self._client.nthreads()
        with self._lock:
            gone = [self._workers.pop(address) for address in set(self._workers) - set(threads)]
        for worker in gone:
            worker.executor.shutdown(wait=False)
            for future in list(worker.holds):
                self._settle(worker, future)
        come = sorted(set(threads) - set(self._workers))
        if come:
            self._check(come, threads)
        for address in come:
            executor = self._client.get_executor(pure=False, workers=[address], allow_other_workers=False)
            with self._lock:
                self._workers[address] = _Worker(executor)

    def _check(self, addresses: list[str], threads: Mapping[str, int]) -> None:
        """Refuse workers that would make other reports, or two at a time."""
        for address in addresses:
            if threads[address] != 1:
                raise UsageError(f"worker {address} has {threads[address]} threads; start workers with --nthreads 1.")
        try:
            described = self._client.run(remote.describe, workers=addresses)
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            raise UsageError(f"workers cannot make reports ({told}); install laichau-analysis there.") from None
        own = made_by()
        for address, theirs in described.items():
            other = [name for name in own if theirs.get(name) != own[name]]
            if other:
                raise UsageError(
                    f"worker {address} has another version of {' and '.join(other)}; install the same as here."
                )


def _connected(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError:
        raise UsageError('a scheduler needs Dask; install it with: pip install "laichau-analysis[dask]"') from None
    try:
        return Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"no scheduler answers at {address}: {error}.") from None
