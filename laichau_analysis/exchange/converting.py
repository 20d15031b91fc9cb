"""A data set's tables from CSV to Parquet, partitioned by region and sector, and back.

Every cell keeps its text and every row its line, so that the way back gives the same tables in the same order, and
whatever is told of a row names the place where it stood. One file of figures is held at a time: a country of thousands
of towns needs the memory of its largest sector.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..checks import check_references, check_town
from ..dataset import observation_files, read_package, read_table
from ..errors import DataError, Offence, UsageError
from ..homes import Homes, homes
from ..keys import distinct
from ..partitions import APART, BY_REGION, HOME_COLUMNS, HOMES, LISTS, Partitions, is_partitioned, needed
from ..periods import period
from ..schema import OBSERVATIONS, TABLES, VERSION, Table, resources
from ..sheets import Sheet
from ..shipped import find_dataset
from .folders import PACKAGE, as_csv, placed

__all__ = ["convert"]

TOGETHER: Final = 4096
"""Rows of which a part is read or left out: a town's are a few hundred."""
DIGITS: Final = 12
"""Hexadecimal digits of a digest."""


def convert(
    name: str,
    folder: Path,
    form: str = "",
    *,
    replace: bool = False,
    confirm: Callable[[Path], Iterable[Offence]] = lambda folder: (),
) -> str:
    """Write a data set in the other form, or in one that is named.

    Parameters
    ----------
    name : str
        Name or folder of the data set.
    folder : Path
        No folder yet, or an empty one.
    form : {'csv', 'parquet'}, optional
        The one that it has not, by default.
    replace : bool
        Whether a data set that is there may go.
    confirm : callable, optional
        Called with the folder before it is put in its place; what is wrong there is raised.

    Returns
    -------
    str
        The form that it has now.

    Raises
    ------
    DataError
        If the data set cannot be read.
    UsageError
        If it has that form already, something is in the folder, or pyarrow is missing.
    PublishError
        If the folder cannot be written.
    """
    source = find_dataset(name)
    own = "parquet" if is_partitioned(source) else "csv"
    form = form or ("csv" if own == "parquet" else "parquet")
    if form == own:
        raise UsageError(f"data set {source.name} is {form.upper()} already; choose the other form.")
    if folder.resolve() == source:
        raise UsageError("a data set cannot be converted into its own folder; name another one.")
    needed()
    gone = [path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")] if replace else []
    otherwise = "name another folder, or use --replace"
    with placed(folder, replace=replace, obsolete=[*gone, HOMES], instead=otherwise) as aside:
        (_to_parquet if form == "parquet" else _to_csv)(source, aside)
        offences = list(confirm(aside))
        if offences:
            raise DataError(source.name, offences)
    return form


# --- to Parquet ----------------------------------------------------------------------------------------------


def _to_parquet(source: Path, folder: Path) -> None:
    offences: list[Offence] = []
    package = read_package(source, offences)
    files = observation_files(source)
    lists = {name: read_table(source, f"{name}.csv", TABLES[name], offences) for name in (*LISTS, *APART)}
    sheet = Sheet.of({"areas.csv": lists["areas"]})
    offences += [*check_references(TABLES["areas"], sheet, {"areas": sheet}), *check_town(sheet)]
    if offences:
        raise DataError(source.name, offences)
    found = _homes_of(source, files, lists["areas"], offences)
    if offences:
        raise DataError(source.name, offences)
    for name in LISTS:
        (folder / f"{name}.csv").write_bytes((source / f"{name}.csv").read_bytes())
    told = _Told(found)
    writer = _Writer(found, told)
    writer.write(folder / "areas.parquet", lists["areas"], found.home_of(distinct(lists["areas"]["area"])))
    writer.write(folder / "sources.parquet", lists["sources"], _reports_on(found, lists["sources"]["source"]))
    for name in BY_REGION:
        frame = read_table(source, f"{name}.csv", TABLES[name], offences)
        writer.write_regions(folder / name, frame, _reports_on(found, frame["source"]))
    for file in files:
        frame = read_table(source, file, OBSERVATIONS, offences)
        writer.write_regions(folder / "observations", frame, found.home_of(distinct(frame["area"])), Path(file).stem)
    if offences:
        raise DataError(source.name, offences)
    (folder / HOMES).write_text(as_csv(HOME_COLUMNS, told.rows()), encoding="utf-8")
    _describe(folder, {key: value for key, value in package.items() if key != "resources"} | {"files": files})


def _describe(folder: Path, package: Mapping[str, Any]) -> None:
    text = json.dumps(package, ensure_ascii=False, indent=2)
    (folder / PACKAGE).write_text(f"{text}\n", encoding="utf-8")


def _homes_of(source: Path, files: Iterable[str], areas: pd.DataFrame, offences: list[Offence]) -> Homes:
    """The homes of a data set, of which one file of figures is held at a time."""
    pairs = []
    for file in files:
        frame = read_table(source, file, OBSERVATIONS, offences)
        pairs.append(frame[["source", "area"]].drop_duplicates())
    told = pd.concat(pairs, ignore_index=True).drop_duplicates()
    return homes(areas.drop_duplicates("area"), distinct(told["source"]), distinct(told["area"]))


def _reports_on(found: Homes, sources: pd.Series) -> npt.NDArray[np.intp]:
    """The homes that documents report on; one without figures belongs to the root."""
    return np.asarray(sources.map(found.of_source).fillna(found.root), dtype=np.intp)


class _Told:
    """What is said of each home: digests of its rows, by table and sector, and in which sectors it has figures."""

    def __init__(self, found: Homes) -> None:
        self._found = found
        self._lists: dict[int, list[str]] = {}
        self._sectors: dict[int, list[str]] = {}

    def add(self, frame: pd.DataFrame, home: npt.NDArray[np.intp], sector: str) -> None:
        """Take in rows that are sorted by home."""
        rows = pd.util.hash_pandas_object(frame, index=False).to_numpy()
        years = np.zeros(len(frame), dtype=np.int64)
        if sector:
            actual = (frame["measure"] == "actual").to_numpy()
            years[actual] = distinct(frame["period"][actual]).map(_year, np.int64)
        starts = np.flatnonzero(np.diff(home, prepend=-1))
        for start, end in itertools.pairwise([*starts, len(frame)]):
            digest = hashlib.sha256(rows[start:end].tobytes()).hexdigest()[:DIGITS]
            if sector:
                known = years[start:end][years[start:end] > 0]
                entry = f"{sector}:{digest}:{known.min() if len(known) else 0}"
                self._sectors.setdefault(int(home[start]), []).append(entry)
            else:
                self._lists.setdefault(int(home[start]), []).append(digest)

    def rows(self) -> list[dict[str, str]]:
        """The lines of ``homes.csv``, the root first."""
        found = self._found
        own = [found.root, *(home for home in np.unique(found.home).tolist() if home != found.root)]
        return [
            {
                "home": found.areas[home],
                "region": found.areas[found.region[home]],
                "lists": "-".join(self._lists.get(home, [])),
                "sectors": " ".join(self._sectors.get(home, [])),
            }
            for home in own
        ]


def _year(code: str) -> int:
    try:
        return period(code).year
    except ValueError:  # an offence that the check tells
        return 0


class _Writer:
    """Writes tables sorted by home, and notes what is said of each."""

    def __init__(self, found: Homes, told: _Told) -> None:
        self._found, self._told = found, told

    def write(self, file: Path, frame: pd.DataFrame, home: npt.NDArray[np.intp]) -> None:
        """Write a table as one file."""
        lines = np.arange(2, len(frame) + 2)
        order = np.lexsort((lines, home))
        self._told.add(frame.iloc[order], home[order], "")
        self._put(file, frame.iloc[order], home[order], lines[order])

    def write_regions(self, folder: Path, frame: pd.DataFrame, home: npt.NDArray[np.intp], sector: str = "") -> None:
        """Write the rows of each region to a file of its own."""
        lines = np.arange(2, len(frame) + 2)
        region = self._found.region[home]
        order = np.lexsort((lines, home, region))
        frame, home, lines, region = frame.iloc[order], home[order], lines[order], region[order]
        self._told.add(frame, home, sector)
        starts = np.flatnonzero(np.diff(region, prepend=-1))
        for start, end in itertools.pairwise([*starts, len(frame)]):
            place = folder / f"region={self._found.areas[region[start]]}" / (f"sector={sector}" if sector else "")
            place.mkdir(parents=True, exist_ok=True)
            own = slice(start, end)
            self._put(place / "part-0.parquet", frame.iloc[own], home[own], lines[own])

    def _put(self, file: Path, frame: pd.DataFrame, home: npt.NDArray[np.intp], lines: npt.NDArray[np.int64]) -> None:
        pa = needed()
        texts = {name: pa.array(frame[name], pa.string()) for name in frame.columns}
        own = {"home": pa.array(self._found.areas[home], pa.string()), "line": pa.array(lines, pa.int32())}
        pa.parquet.write_table(pa.table({**texts, **own}), file, row_group_size=TOGETHER, compression="zstd")


# --- to CSV --------------------------------------------------------------------------------------------------


def _to_csv(source: Path, folder: Path) -> None:
    parts = Partitions(source)
    offences: list[Offence] = []
    package = read_package(source, offences)
    files = package.get("files")
    if not isinstance(files, list) or not all(isinstance(file, str) for file in files):
        offences.append(Offence(PACKAGE, 0, "files", repr(files), "the files of observations", "mend the file"))
    if offences:
        raise DataError(source.name, offences)
    for name in LISTS:
        (folder / f"{name}.csv").write_bytes((source / f"{name}.csv").read_bytes())
    for name in APART:
        _write_csv(folder / f"{name}.csv", parts.whole(name), TABLES[name])
    for name in BY_REGION:
        _write_csv(folder / f"{name}.csv", parts.whole(name), TABLES[name])
    for file in files or []:
        place = folder / "observations" / Path(file).name
        place.parent.mkdir(exist_ok=True)
        _write_csv(place, parts.whole("observations", Path(file).stem), OBSERVATIONS)
    described: Mapping[str, Any] = {key: value for key, value in package.items() if key != "files"}
    _describe(folder, {**described, "schema_version": VERSION, "resources": resources(folder)})


def _write_csv(file: Path, frame: pd.DataFrame, table: Table) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows(zip(*(frame[name].tolist() for name in table.columns), strict=True))
