"""Another program, run as a group of processes that ends as a whole."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress

__all__ = ["TookTooLongError", "run_group"]


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
