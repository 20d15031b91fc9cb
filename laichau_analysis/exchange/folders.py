"""Rows of tables -> the folder of a data set, written aside and moved into its place at the end."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from ..errors import PublishError, UsageError
from ..files import write_atomically
from ..schema import OBSERVATIONS, TABLES, VERSION, resources

__all__ = ["PACKAGE", "name_of", "placed", "write_tables"]

PACKAGE: Final = "datapackage.json"
Rows = Sequence[Mapping[str, str]]


def name_of(folder: Path) -> str:
    """The name of a data set from the name of its folder: small letters, digits and hyphens.

    Examples
    --------
    >>> name_of(Path("data/Thị trấn Than Uyên")), name_of(Path("Đà Lạt 2025"))
    ('thi-tran-than-uyen', 'da-lat-2025')
    """
    # The letter đ does not fall apart into a letter and a mark.
    plain = unicodedata.normalize("NFD", folder.resolve().name.casefold().replace("đ", "d"))
    words = re.findall(r"[a-z0-9]+", "".join(letter for letter in plain if not unicodedata.combining(letter)))
    return "-".join(words) or "town"


def write_tables(
    folder: Path, package: Mapping[str, Any], tables: Mapping[str, Rows], observations: Mapping[str, Rows]
) -> None:
    """Write a data set's tables and what describes them.

    Parameters
    ----------
    folder : Path
        An existing folder.
    package : mapping
        What ``datapackage.json`` holds beside ``schema_version`` and ``resources``.
    tables : mapping of str to rows
        Rows by table of the schema; a table that is left out has none. Columns that are left out are empty.
    observations : mapping of str to rows
        Figures by sector; one file each, also where there are none.
    """
    for name, table in TABLES.items():
        write_atomically(folder / f"{name}.csv", as_csv(table.columns, tables.get(name, ())))
    for sector, rows in observations.items():
        write_atomically(folder / "observations" / f"{sector}.csv", as_csv(OBSERVATIONS.columns, rows))
    described = {**package, "schema_version": VERSION, "resources": resources(folder)}
    write_atomically(folder / PACKAGE, json.dumps(described, ensure_ascii=False, indent=2) + "\n")


def as_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    r"""Rows as the CSV text of a table.

    Examples
    --------
    >>> as_csv(["a", "b"], [{"b": "1,5"}])
    'a,b\n,"1,5"\n'
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@contextmanager
def placed(
    folder: Path, *, replace: bool = False, obsolete: Sequence[str] = (), instead: str = "name another folder"
) -> Iterator[Path]:
    """An empty folder to write a data set into; at the end its files are moved to their place.

    Whatever goes wrong before that leaves the place as it was.

    Parameters
    ----------
    folder : Path
        The place: no folder yet, an empty one, or, with ``replace``, a data set.
    replace : bool
        Whether the figures of a data set that is there may go.
    obsolete : sequence of str
        Further files that go with them, unless they are written anew.
    instead : str
        What to do where a data set is there that may not go.

    Yields
    ------
    Path

    Raises
    ------
    UsageError
        If something is there already.
    PublishError
        If the place cannot be written.
    """
    _check_place(folder, replace=replace, instead=instead)
    made = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=folder, prefix=".unfinished-"))
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        yield aside
        _move(aside, folder, obsolete)
    except OSError as error:
        raise _unwritable(folder, error) from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        if made and not any(folder.iterdir()):
            folder.rmdir()


def _check_place(folder: Path, *, replace: bool, instead: str) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; name a folder that does not exist yet, or an empty one.")
    if not any(folder.iterdir()):
        return
    if not (folder / PACKAGE).is_file():
        raise UsageError(f"folder {folder} is not empty; name one that does not exist yet, or an empty one.")
    if not replace:
        raise UsageError(f"folder {folder} holds a data set already; {instead}.")


def _move(aside: Path, folder: Path, obsolete: Sequence[str]) -> None:
    """Every file into its place; ``datapackage.json`` last, since a folder is a data set by it."""
    files = sorted((path for path in aside.rglob("*") if path.is_file()), key=lambda path: path.name == PACKAGE)
    kept = {path.relative_to(aside).as_posix() for path in files}
    gone = {path.relative_to(folder).as_posix() for path in (folder / "observations").glob("*.csv")} | {*obsolete}
    for path in files:
        place = folder / path.relative_to(aside)
        place.parent.mkdir(parents=True, exist_ok=True)
        path.replace(place)
    for name in gone - kept:
        (folder / name).unlink(missing_ok=True)


def _unwritable(folder: Path, error: OSError) -> PublishError:
    return PublishError(f"cannot write {folder}: {error.strerror}. Choose another folder, or mend its permissions.")
