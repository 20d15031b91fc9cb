"""A file is written beside its place, flushed to the disk and renamed: nobody sees half of it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from .errors import PublishError

__all__ = ["write_atomically"]


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, flush it to the disk, and rename it.

    Raises
    ------
    PublishError
        If it cannot be written; what was there before is untouched.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
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
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise PublishError(f"cannot write {path}: {error.strerror}; what was there before is untouched.") from None
