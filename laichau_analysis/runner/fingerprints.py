"""What a report is made of, as digests: while they and its files are the same, a run has nothing to do for it.

Only the standard library is used, so that a run with nothing to do ends before pandas is loaded.
"""

from __future__ import annotations

import csv
import hashlib
import platform
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Final

from ..formulas import sectors_behind
from ..shipped import shipped
from .jobs import Job
from .notebooks import Notebook

__all__ = ["BUILT_ON", "Digests", "difference", "digest", "digest_of_file", "made_by", "made_of_everything", "versions"]

PACKAGE: Final = "laichau-analysis"
BUILT_ON: Final = (PACKAGE, "pandas", "matplotlib", "seaborn", "papermill", "nbconvert", "ipykernel")
"""Versions that a record names."""
DESCRIPTION: Final = "datapackage.json"
OBSERVATIONS: Final = "observations"
HOMES: Final = "homes.csv"
NAMES: Final = {
    "notebook": "the notebook",
    "package": "the package",
    "libraries": "the versions of libraries",
    "formats": "the formats",
}


def digest(content: str | bytes) -> str:
    """SHA-256 of a content, as hexadecimal digits."""
    return hashlib.sha256(content.encode("utf-8") if isinstance(content, str) else content).hexdigest()


def digest_of_file(path: Path) -> str:
    """SHA-256 of a regular file; empty if there is none."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def versions() -> dict[str, str]:
    """Versions of the package and of what it builds on, by name; empty where something is not installed."""
    return {name: _version(name) for name in BUILT_ON}


class Digests:
    """What reports are made of; each file is read once, however many reports it is part of."""

    def __init__(self) -> None:
        self._of_file = cache(digest_of_file)
        self._of_data = cache(self._data)
        self._homes = cache(_homes)

    def made_from(self, notebook: Notebook, job: Job, places: Sequence[Path], area: str = "") -> dict[str, str]:
        """What decides the bytes of a report, but for its parameters and language.

        Parameters
        ----------
        notebook : Notebook
        job : Job
        places : sequence of Path
            The folder of its data set, then those of other data sets that its parameters name.
        area : str
            The one that it is on, in a data set that is partitioned.

        Returns
        -------
        dict
            Digests by ingredient: the notebook, the package, the versions of libraries, the formats, and the files
            of the data: the lists, and the observations of the sectors that the notebook declares and of those that
            their indicators are computed from.
        """
        return {
            "notebook": self._of_file(notebook.path),
            "package": _package(),
            "libraries": _libraries(),
            "formats": ",".join(job.formats),
            **self._of_data(notebook.sectors, tuple(places), area, "region" in notebook.names.values()),
        }

    def _data(self, sectors: tuple[str, ...], places: tuple[Path, ...], area: str, below: bool) -> dict[str, str]:
        own, *others = places
        found = {path.name: self._of_file(path) for path in _lists(own)}
        for path in _observations(own, _sectors(own, sectors)):
            found[f"{OBSERVATIONS}/{path.name}"] = self._of_file(path)
        found |= _said(self._homes(own), area, below, _sectors(own, sectors))
        for other in others:
            for path in (*_lists(other), *_observations(other)):
                found[f"{other.name}: {path.relative_to(other).as_posix()}"] = self._of_file(path)
        return found


def made_by() -> dict[str, str]:
    """What makes reports in this process: digests of the package, and of the versions of libraries."""
    return {"the package": _package(), "a library": _libraries()}


def made_of_everything(place: Path, notebooks: Sequence[Notebook]) -> dict[str, str]:
    """What decides the bytes of index and workbook, but for the reports that there are."""
    found = {f"notebook {notebook.name}": digest_of_file(notebook.path) for notebook in notebooks}
    found |= {"package": _package(), "libraries": _libraries()}
    for path in (*_lists(place), *_observations(place)):
        found[path.relative_to(place).as_posix()] = digest_of_file(path)
    return found | _said(_homes(place), "", below=False, sectors=None)


def difference(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    """The first ingredient that is not what it was, in words; empty if all are the same.

    Examples
    --------
    >>> difference({"notebook": "a", "areas.csv": "b"}, {"notebook": "a", "areas.csv": "c", "reviews.csv": "d"})
    'areas.csv changed'
    >>> difference({"notebook": "a"}, {"notebook": "a"})
    ''
    """
    for name in dict.fromkeys((*now, *before)):
        if before.get(name) != now.get(name):
            verb = "is new" if name not in before else "is gone" if name not in now else "changed"
            return f"{NAMES.get(name, name)} {verb}"
    return ""


def _lists(place: Path) -> list[Path]:
    return [place / DESCRIPTION, *(path for path in sorted(place.glob("*.csv")) if path.name != HOMES)]


def _homes(place: Path) -> dict[str, dict[str, str]]:
    """The lines of a partitioned data set's list of homes, by area; none if it is not partitioned."""
    try:
        with (place / HOMES).open(encoding="utf-8", newline="") as file:
            return {row["home"]: row for row in csv.DictReader(file)}
    except (OSError, ValueError, KeyError, csv.Error):  # the loader says what is wrong with it
        return {}


def _said(
    homes: Mapping[str, Mapping[str, str]], area: str, below: bool, sectors: Collection[str] | None
) -> dict[str, str]:
    """Digests of what a partitioned data set says of an area, and of those right below it."""
    own = area or next(iter(homes), "")
    found = {}
    for name, row in homes.items():
        if name == own or (below and row.get("region") == own):
            found[f"the lists of {name}"] = row.get("lists") or ""
            for entry in (row.get("sectors") or "").split():
                sector, _, rest = entry.partition(":")
                if sectors is None or sector in sectors:
                    found[f"the {sector} of {name}"] = rest
    return found


def _observations(place: Path, sectors: Collection[str] | None = None) -> Iterator[Path]:
    for path in sorted((place / OBSERVATIONS).glob("*.csv")):
        if sectors is None or path.stem in sectors:
            yield path


def _sectors(place: Path, declared: Collection[str]) -> Collection[str] | None:
    """The sectors whose figures a notebook may show or judge; none named means all."""
    if not declared:
        return None
    try:
        with (place / "indicators.csv").open(encoding="utf-8-sig", newline="") as file:
            return sectors_behind(csv.DictReader(file), declared)
    except (OSError, ValueError, KeyError, csv.Error):  # the loader says what is wrong with it
        return None


@cache
def _package() -> str:
    """All files of the package, wherever it is installed."""
    root = Path(__file__).resolve().parent.parent
    left_out = {shipped(kind) for kind in ("data", "notebooks")}
    sums = [
        f"{path.relative_to(root).as_posix()} {digest_of_file(path)}"
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".pyc" and not left_out.intersection(path.parents)
    ]
    return digest("\n".join(sums))


@cache
def _libraries() -> str:
    """Python, and whatever the package asks for."""
    asked = metadata.requires(PACKAGE) if _version(PACKAGE) else None
    names = sorted({_name(line) for line in asked or BUILT_ON})
    return digest("\n".join([platform.python_version(), *(f"{name} {_version(name)}" for name in names)]))


def _name(requirement: str) -> str:
    """The library that a requirement asks for."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


@cache
def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
