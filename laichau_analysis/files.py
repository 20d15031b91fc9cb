"""A file is written beside its place, flushed to the disk and renamed: nobody sees half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from .errors import PublishError

__all__ = ["remove_unfinished", "write_atomically"]

UNFINISHED: Final = ".tmp"


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, flush it to the disk, and rename it.

    Raises
    ------
    PublishError
        If it cannot be written; what was there before is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=UNFINISHED)
    except OSError as error:
        raise PublishError(
            f"cannot write {path}: {error.strerror}. Choose another folder, or mend its permissions."
        ) from None
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8") if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
        _flush_folder(path.parent)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise PublishError(f"cannot write {path}: {error.strerror}; what was there before is untouched.") from None


def _flush_folder(folder: Path) -> None:
    """Make a new name last, where the system can: else a crash of the machine could lose it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_unfinished(folder: Path) -> None:
    """Remove what a writer that was killed left below a folder; nobody may write there meanwhile."""
    for path in folder.rglob(f".*{UNFINISHED}"):
        path.unlink(missing_ok=True)
