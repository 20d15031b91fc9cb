"""The temporary folder of a run: all that it puts outside of its output folder.

The folder is locked for as long as the run lives. What a run leaves that was killed is found by the next
one, which takes it away: a lock that nobody holds has no owner any more.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

__all__ = ["workspace"]

PREFIX: Final = "laichau-run-"
LOCK: Final = "lock"
JUST_MADE: Final = 60.0
"""Seconds for which a folder without a lock may be one that is being made."""


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder for a run, taken away at its end; what killed runs left goes first."""
    _tidy(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    lock = FileLock(folder / LOCK)
    lock.acquire()
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _tidy(temporary: Path) -> None:
    """Remove the folders of runs that are no more."""
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
        shutil.rmtree(folder, ignore_errors=True)
