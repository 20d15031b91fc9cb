"""The temporary folder of a run: all that it puts outside of its output folder.

The folder is locked for as long as the run lives, and its path marks the run's processes. What a run leaves that
was killed is found by the next one, which takes it away: a lock that nobody holds has no owner any more.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from ..errors import LaichauError
from .processes import MARK, end_marked

__all__ = ["WorkspaceError", "abandon", "shortage", "tidy", "workspace"]

PREFIX: Final = "laichau-run-"
LOCK: Final = "lock"
LITTLE: Final = 2**20
"""Bytes that a kernel needs at least."""
JUST_MADE: Final = 60.0
"""Seconds for which a folder without a lock may be one that is being made."""

_HELD: list[Path] = []


class WorkspaceError(LaichauError):
    """There is no place for temporary files."""


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder for a run, taken away at its end with every process of the run; what killed runs left goes first.

    Raises
    ------
    WorkspaceError
        If it cannot be made.
    """
    try:
        place = Path(tempfile.gettempdir())
        tidy(place)
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place))
        _HELD.append(folder)
        lock = FileLock(folder / LOCK)
        lock.acquire()
    except OSError as error:
        abandon()
        raise WorkspaceError(
            f"no folder for temporary files: {error.strerror}. Make room, or name another one in TMPDIR."
        ) from None
    if os.name == "posix":
        _start_tracker()
    outer = os.environ.get(MARK)
    os.environ[MARK] = str(folder)
    try:
        yield folder
    finally:
        os.environ.pop(MARK)
        if outer is not None:
            os.environ[MARK] = outer
        lock.release()
        _remove(folder)
        _HELD.remove(folder)


def _start_tracker() -> None:
    """Start the helper of multiprocessing that cleans up after this process.

    It outlives the run, so that it must not bear the mark; and it ignores Ctrl-C, but would die with the terminal and
    lose count of what it is to clean up: a signal that is blocked here stays so in it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        resource_tracker.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def abandon() -> None:
    """End all that this process has begun and remove its folders, at once."""
    for folder in _HELD:  # it stays there until it is gone: another signal may come meanwhile
        _remove(folder)
    _HELD.clear()


def _remove(folder: Path) -> None:
    """End a run's processes, and take its folder away."""
    end_marked(str(folder))
    shutil.rmtree(folder, ignore_errors=True)


def shortage() -> str:
    """Words for a message if temporary files find no room, which can make anything fail."""
    place = tempfile.gettempdir()
    with suppress(OSError):
        if shutil.disk_usage(place).free < LITTLE:
            return "; its temporary folder is full"
    return ""


def tidy(temporary: Path) -> None:
    """End and remove what runs that are no more left in a folder for temporary files.

    Parameters
    ----------
    temporary : Path
    """
    for folder in temporary.glob(f"{PREFIX}*"):
        try:
            status = folder.lstat()
            if folder.is_symlink():
                continue
            if hasattr(os, "geteuid") and status.st_uid != os.geteuid():
                continue
            if not (folder / LOCK).exists() and time.time() - status.st_mtime < JUST_MADE:
                continue
            with FileLock(folder / LOCK, timeout=0):
                pass
        except (OSError, Timeout):
            continue
        _remove(folder)
