"""Other programs and their end: as a group of processes, or wherever they bear a run's mark."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

__all__ = ["MARK", "TookTooLongError", "end_marked", "run_group"]

MARK: Final = "LAICHAU_RUN"
"""Variable of the environment by which all that a run has started is known, also what has left its group."""
DYING: Final = 2.0
"""Seconds to wait for processes that were killed."""


class TookTooLongError(Exception):
    """A program did not end in time; nothing of it is left."""


def run_group(command: str | Sequence[str], *, timeout: float, given: bytes = b"") -> tuple[int, str]:
    """Run a program, and end whatever it started.

    Parameters
    ----------
    command : str or sequence of str
        A string is a line for the shell.
    timeout : float
        Seconds.
    given : bytes
        What it gets on its standard input.

    Returns
    -------
    status : int
    words : str
        The last line of its standard error.

    Raises
    ------
    TookTooLongError
    OSError
        If it cannot be started.
    """
    with subprocess.Popen(
        command,
        shell=isinstance(command, str),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            _, errors = process.communicate(given, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise TookTooLongError from None
        finally:
            _end(process)
    return process.returncode, (errors.decode("utf-8", "replace").strip().splitlines() or [""])[-1]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the group."""
    if not hasattr(os, "killpg"):
        process.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def end_marked(mark: str) -> None:
    """Kill what bears a mark: processes that a notebook has started, and that would outlive its kernel.

    Only Linux tells; elsewhere it does nothing.

    Parameters
    ----------
    mark : str
        Value of ``MARK`` in their environment.
    """
    ends = time.monotonic() + DYING
    while _kill_all(mark) and time.monotonic() < ends:
        time.sleep(0.01)


def _kill_all(mark: str) -> int:
    """Kill them, and say how many there were."""
    found = 0
    for process in _numbers():
        with suppress(OSError):  # it is gone, or somebody else's
            # The number of a process can be another's by now; the handle cannot.
            handle = os.pidfd_open(process)
            try:
                if f"{MARK}={mark}".encode() in Path(f"/proc/{process}/environ").read_bytes().split(b"\0"):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                    found += 1
            finally:
                os.close(handle)
    return found


def _numbers() -> Iterator[int]:
    if hasattr(os, "pidfd_open") and Path("/proc/self/environ").exists():
        yield from (int(entry.name) for entry in os.scandir("/proc") if entry.name.isdecimal())
