"""What a report is made of, as content that can be sent to another machine and is known by its digest."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from .fingerprints import digest, digest_of_file
from .jobs import Job
from .notebooks import read_notebook

__all__ = ["Label", "Packing", "Parcel", "place_job", "unpack"]

LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The time of all files in a parcel: the same content is the same bytes."""


@dataclass(frozen=True)
class Label:
    """What is sent, without the content.

    Attributes
    ----------
    digest : str
        Of names and contents.
    folder : str
        Where it is unpacked, below the place of all parcels.
    """

    digest: str
    folder: str


@dataclass(frozen=True)
class Parcel:
    """Files that are sent together.

    Attributes
    ----------
    label : Label
    files : tuple of (str, Path)
        Names inside, and where they are here.
    """

    label: Label
    files: tuple[tuple[str, Path], ...]

    def packed(self) -> bytes:
        """The content."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in self.files:
                archive.writestr(zipfile.ZipInfo(name, LONG_AGO), path.read_bytes(), zipfile.ZIP_DEFLATED)
        return content.getvalue()


class Packing:
    """Finds out what each job needs; what many need is looked at once."""

    def __init__(self) -> None:
        self._notebook = cache(self._of_notebook)
        self._data = cache(self._of_data)

    def of(self, job: Job) -> tuple[list[Parcel], Job]:
        """What a job needs, and the job as it is where that is unpacked.

        Returns
        -------
        list of Parcel
        Job
            Its paths are relative to the place of all parcels.
        """
        names = read_notebook(Path(job.path)).names
        given = dict(job.parameters)
        parcels = [self._notebook(job.path)]
        folders = []
        areas = tuple(str(given.get(name, "")) for name, kind in names.items() if kind in ("area", "region"))
        others = [str(given[name]) for name, kind in names.items() if kind == "dataset" and given.get(name)]
        for name in dict.fromkeys([job.dataset, *others]):
            places = [Path(one) / name for one in job.data_path.split(os.pathsep)]
            place = next(place for place in places if (place / "datapackage.json").is_file())
            own = self._data(place, areas or ("",), "region" in names.values())
            parcels += own
            folders.append(own[0].label.folder)
        path = f"{parcels[0].label.folder}/{Path(job.path).name}"
        return parcels, replace(job, path=path, data_path=os.pathsep.join(dict.fromkeys(folders)))

    def _of_notebook(self, path: str) -> Parcel:
        return _parcel("notebooks", [(Path(path).name, Path(path))])

    def _of_data(self, place: Path, areas: tuple[str, ...], below: bool) -> list[Parcel]:
        """The files of a data set; of a partitioned one those that it needs for areas."""
        from ..partitions import Partitions, is_partitioned

        if not is_partitioned(place):
            own = [path for pattern in ("*.json", "*.csv", "observations/*.csv") for path in place.glob(pattern)]
            return [_parcel("data", _named(place, own))]
        parts = Partitions(place)
        lists = _parcel("data", _named(place, [path for path in place.iterdir() if path.is_file()]))
        homes = dict.fromkeys(home for area in areas for home in parts.chosen(area, below=below))
        told = _named(place, parts.files_for(list(homes)))
        return [lists, Parcel(Label(_digest(told), lists.label.folder), tuple(told))]


def _named(place: Path, files: Iterable[Path]) -> list[tuple[str, Path]]:
    return sorted((f"{place.name}/{path.relative_to(place).as_posix()}", path) for path in files)


def _digest(files: Sequence[tuple[str, Path]]) -> str:
    return digest("\n".join(f"{name} {digest_of_file(path)}" for name, path in files))


def _parcel(kind: str, files: Sequence[tuple[str, Path]]) -> Parcel:
    own = _digest(files)
    return Parcel(Label(own, f"{kind}-{own[:16]}"), tuple(files))


def unpack(content: bytes, label: Label, place: Path) -> None:
    """Put the files of a parcel where they belong.

    Parameters
    ----------
    content : bytes
    label : Label
    place : Path
        Of all parcels.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(place / label.folder)


def place_job(job: Job, place: Path) -> Job:
    """A job from ``Packing.of`` where its parcels are unpacked."""
    folders = os.pathsep.join(str(place / folder) for folder in job.data_path.split(os.pathsep))
    return replace(job, path=str(place / job.path), data_path=folders)
