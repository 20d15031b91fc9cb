"""Files of other people's folders, read within bounds; and files that nobody sees half of.

A file is written beside its place, flushed to the disk and renamed.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from .errors import PublishError

__all__ = ["bytes_within", "regular_within", "remove_unfinished", "write_atomically", "write_together"]

UNFINISHED: Final = ".laichau.tmp"


def bytes_within(folder: Path, file: str, most: int) -> bytes:
    """The content of a file of the folder itself, within bounds.

    Raises
    ------
    OSError
        If it is a link that leads elsewhere, no regular file, or too large.
    """
    return regular_within(folder, file, most).read_bytes()


def regular_within(folder: Path, file: str | Path, most: int) -> Path:
    """The path of a file of the folder itself, within bounds; see ``bytes_within``."""
    path = folder / file
    if not path.resolve().is_relative_to(folder.resolve()):
        raise OSError("a link that leads out of the data set; put the file itself there")
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError("no regular file")
    if status.st_size > most:
        raise OSError(f"{status.st_size:,} bytes, and {most:,} are allowed; split the data set")
    return path


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write a file beside its place, flush it to the disk, and rename it.

    Raises
    ------
    PublishError
        If it cannot be written; what was there before is untouched.
    """
    write_together({path: content})


def write_together(files: Mapping[Path, str | bytes]) -> None:
    """Write files beside their places, flush all of them to the disk, and then rename them, in their order.

    Raises
    ------
    PublishError
        If one cannot be written; what was there before is untouched.
    """
    written: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path, content in files.items():
            written.append((_open_beside(path), path))
            with written[-1][0].open("wb") as file:
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
                file.flush()
                os.fsync(file.fileno())
        for beside, path in written:
            beside.chmod(0o644)
            beside.replace(path)
        for folder in {path.parent for path in files}:
            _flush_folder(folder)
    except BaseException as error:
        for beside, _ in written:
            with suppress(OSError):
                beside.unlink(missing_ok=True)
        if not isinstance(error, OSError):
            raise
        raise PublishError(f"cannot write {path}: {error.strerror}; what was there before is untouched.") from None


def _open_beside(path: Path) -> Path:
    """An empty file with a name of its own, beside a file's place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=UNFINISHED)
    os.close(handle)
    return Path(name)


def _flush_folder(folder: Path) -> None:
    """Make a new name last, where the system can: else a crash of the machine could lose it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_unfinished(folder: Path, depth: int) -> None:
    """Remove what a writer that was killed left in a folder and below it; nobody may write there meanwhile."""
    for level in range(depth + 1):
        for path in folder.glob("*/" * level + f".*{UNFINISHED}"):
            with suppress(OSError):
                path.unlink(missing_ok=True)
