"""Telling someone that reports failed, or are well again; a notice that fails changes nothing."""

from __future__ import annotations

from typing import Final

from .processes import TookTooLongError, run_group

__all__ = ["notify"]

PATIENCE: Final = 60.0


def notify(command: str, record: bytes, timeout: float = PATIENCE) -> str:
    """Run a command with a run's record on its standard input.

    Parameters
    ----------
    command : str
        A line for the shell.
    record : bytes
        The content of ``run.json``.
    timeout : float
        Seconds.

    Returns
    -------
    str
        What went wrong; empty if all is well.
    """
    try:
        status, words = run_group(command, timeout=timeout, given=record)
    except TookTooLongError:
        return f"it took longer than {timeout:g} s"
    except OSError as error:
        return f"{error.strerror}"
    return f"exit status {status}{': ' * bool(words)}{words}" if status else ""
