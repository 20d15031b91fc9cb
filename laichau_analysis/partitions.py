"""A data set as Parquet, partitioned by region and sector: what is said of one town is read, and nothing else.

A folder holds ``homes.csv``, a row for each area that has a report of its own; ``areas.parquet`` and
``sources.parquet``; and below ``observations/region=R/sector=S``, ``locators/region=R`` and ``left_out/region=R``
what is said of the homes in a region, sorted by home. The lists that are the same for all stay as CSV. Every cell is
the text that stands in the CSV file, and ``line`` is the line where it stands there. ``exchange.converting`` writes
such folders.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from .errors import DataError, Offence, UnknownNameError, UsageError
from .files import bytes_within, regular_within
from .homes import told_elsewhere
from .keys import Distinct, distinct
from .schema import OBSERVATIONS, TABLES, Table
from .sheets import Sheet

__all__ = [
    "APART",
    "BY_REGION",
    "HOMES",
    "HOME_COLUMNS",
    "LISTS",
    "Bounds",
    "Home",
    "Partitions",
    "is_partitioned",
    "needed",
]

HOMES: Final = "homes.csv"
HOME_COLUMNS: Final = ("home", "region", "lists", "sectors")
"""``lists`` are digests of what other tables say of it, ``sectors`` of its figures, as ``sector:digest:first year``."""
LISTS: Final = ("sectors", "breakdowns", "categories", "indicators", "reviews")
"""Tables that stay as CSV."""
APART: Final = ("areas", "sources")
"""Tables of one file each."""
BY_REGION: Final = ("locators", "left_out")
"""Tables of one file for each region, that of their document."""
LARGEST_FILE: Final = 256 * 2**20
"""Bytes of a file."""
OWN: Final = ("home", "line")
"""Columns beside those of the tables."""


@dataclass(frozen=True)
class Home:
    """An area with a report of its own.

    Attributes
    ----------
    area : str
    region : str
        The home above it.
    first_years : mapping of str to int
        By sector the year of the first actual figure; only of sectors that have one.
    """

    area: str
    region: str
    first_years: Mapping[str, int]


class Bounds(NamedTuple):
    """What a table that is read may hold: rows, and bytes of all its texts."""

    rows: int
    size: int


def is_partitioned(folder: Path) -> bool:
    """Whether a data set's folder holds Parquet."""
    return (folder / HOMES).is_file()


def needed() -> Any:
    """The library that reads and writes Parquet.

    Raises
    ------
    UsageError
        If it is not installed.
    """
    try:
        import pyarrow.compute
        import pyarrow.dataset
        import pyarrow.parquet
    except ImportError:
        raise UsageError('Parquet needs pyarrow; install it with: pip install "laichau-analysis[parquet]"') from None
    return pyarrow


class Partitions:
    """The tables of a partitioned data set.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    DataError
        If ``homes.csv`` cannot be read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            head, *lines = bytes_within(folder, HOMES, LARGEST_FILE).decode("utf-8").splitlines()
        except (OSError, ValueError) as error:
            raise _broken(folder, HOMES, f"no list of homes ({error})") from None
        # The list is long, and plain: codes and digests, of which most are not looked at.
        commas = len(HOME_COLUMNS) - 1
        rows = [line.split(",", 2) for line in lines if line.count(",") == commas]
        self.regions_of = {area: region for area, region, _ in rows}
        self._told = {area: told for area, _, told in rows}
        if head != ",".join(HOME_COLUMNS) or not lines or len(self._told) < len(lines):
            raise _broken(folder, HOMES, "another header, no homes, one twice, or lines of another length")
        if not {*self.regions_of.values()} <= {*self.regions_of}:
            raise _broken(folder, HOMES, "a region that is no home")
        self.root = next(iter(self.regions_of))

    def home(self, area: str) -> Home:
        """What the list says of a home.

        Raises
        ------
        DataError
            If its line is broken.
        """
        _, told = self._told[area].split(",")
        try:
            years = {sector: int(year) for sector, _, year in (entry.split(":") for entry in told.split())}
        except ValueError:
            raise _broken(self.folder, HOMES, f"{told[:40]!r}, of {area}") from None
        return Home(area, self.regions_of[area], {sector: year for sector, year in years.items() if year})

    def chosen(self, area: str, *, below: bool = False) -> list[str]:
        """The homes that are read for an area, itself first; see ``Dataset.of``.

        Raises
        ------
        UnknownNameError
            If there is no such area.
        UsageError
            If it has no report of its own.
        """
        own = area or self.root
        if own not in self.regions_of:
            frame = self._rows("areas", [self.folder / "areas.parquet"], ("area", "==", own))
            if frame.empty:
                raise UnknownNameError("area", area, self.regions_of)
            raise told_elsewhere(area, frame["home"].iloc[0])
        return [own, *(one for one, region in self.regions_of.items() if below and own == region and own != one)]

    @cached_property
    def regions(self) -> list[str]:
        """All regions, in the order of their homes."""
        return list(dict.fromkeys(self.regions_of.values()))

    def inside(self, region: str) -> list[str]:
        """The homes of a region."""
        return [home for home, own in self.regions_of.items() if own == region]

    def read(
        self, chosen: Sequence[str] | None = None, most: Bounds | None = None
    ) -> tuple[dict[str, Sheet], Sheet, str]:
        """What is said of some homes, or of all.

        Parameters
        ----------
        chosen : sequence of str, optional
            Homes; the first of them becomes the area that no other one holds.
        most : Bounds, optional
            What a table may hold.

        Returns
        -------
        dict of str to Sheet
            Tables by name, but for those that are the same for all.
        Sheet
            Observations.
        str
            SHA-256 over the cells that were read.

        Raises
        ------
        DataError
            If a file cannot be read, or holds more than is allowed.
        """
        regions = self.regions if chosen is None else list(dict.fromkeys(self.regions_of[home] for home in chosen))
        own = None if chosen is None else ("home", "in", list(chosen))
        files = [path for region in regions for path in self.files("observations", region)]
        rows = self._rows("observations", files, own, most)
        rows = rows.assign(file="observations/" + rows["sector"] + ".csv").sort_values(["file", "line"], kind="stable")
        areas = self._rows("areas", [self.folder / "areas.parquet"], own, most)
        if chosen is not None:
            # What holds them all is not among them; the first is the town, and comes first.
            first, inside = areas["area"] == chosen[0], areas["parent"].isin(areas["area"])
            areas = areas.assign(parent=areas["parent"].where(inside & ~first, ""))
            areas = pd.concat([areas[first], areas[~first]])
        told = self._told_by(rows["source"].unique(), own, most)
        places = list(dict.fromkeys(self.regions_of[home] for home in told["home"] if home in self.regions_of))
        among = None if chosen is None else ("source", "in", told["source"].tolist())
        frames = {"areas": areas, "sources": told}
        for name in BY_REGION:
            frames[name] = self._rows(name, [path for place in places for path in self.files(name, place)], among, most)
        content = hashlib.sha256()
        for frame in (*frames.values(), rows):
            content.update(np.ascontiguousarray(pd.util.hash_pandas_object(frame, index=False).to_numpy()).tobytes())
        sheets = {name: _sheet(frame, TABLES[name], f"{name}.csv") for name, frame in frames.items()}
        return sheets, _sheet(rows, OBSERVATIONS), content.hexdigest()

    def files_for(self, chosen: Sequence[str]) -> list[Path]:
        """The files by region that are read for some homes: also the places of documents on areas above them."""
        regions = dict.fromkeys(self.regions_of[home] for home in chosen)
        files = [path for region in regions for path in self.files("observations", region)]
        above = list(regions)
        while (region := self.regions_of[above[-1]]) not in above:
            above.append(region)
        for place in dict.fromkeys([*regions, *above]):
            files += [path for name in BY_REGION for path in self.files(name, place)]
        return files

    def whole(self, name: str, sector: str = "") -> pd.DataFrame:
        """All rows of a table, or of the figures of a sector, in the order of the CSV file."""
        files = [self.folder / f"{name}.parquet"]
        if name in (*BY_REGION, "observations"):
            places = f"region=*/sector={sector}/*.parquet" if sector else "region=*/*.parquet"
            files = sorted((self.folder / name).glob(places))
        return self._rows(name, files, None).sort_values("line", kind="stable")

    def files(self, name: str, region: str) -> list[Path]:
        """The files of a table in a region, by name."""
        return sorted((self.folder / name / f"region={region}").glob("**/*.parquet"))

    def _told_by(self, used: Iterable[str], own: tuple[str, str, Any] | None, most: Bounds | None) -> pd.DataFrame:
        """The documents of some homes, and others that figures are from."""
        file = [self.folder / "sources.parquet"]
        if own is None:
            return self._rows("sources", file, None, most)
        found = self._rows("sources", file, own, most)
        others = sorted({*used} - {*found["source"]})
        return pd.concat([found, self._rows("sources", file, ("source", "in", others), most)]) if others else found

    def _rows(
        self,
        name: str,
        files: Sequence[Path],
        wanted: tuple[str, str, Any] | None,
        most: Bounds | None = None,
    ) -> pd.DataFrame:
        """The rows of files that hold one of some values, in the order of their lines."""
        pa = needed()
        table = OBSERVATIONS if name == "observations" else TABLES[name]
        columns = [*table.columns, *OWN, *(["sector"] if name == "observations" else [])]
        if not files:
            return pd.DataFrame({column: pd.Series(dtype="int64" if column == "line" else "str") for column in columns})
        partitioning = pa.dataset.partitioning(
            pa.schema([("region", pa.string()), ("sector", pa.string())]), flavor="hive"
        )
        condition = _condition(pa, wanted)
        # A text that stands in a million rows is held once, until it is known how long they all are.
        asked = wanted[0] if wanted else ""
        options = pa.dataset.ParquetReadOptions(dictionary_columns=[c for c in table.columns if c != asked])
        for path in files:
            try:
                regular_within(self.folder, path.relative_to(self.folder), LARGEST_FILE)
            except OSError as error:
                raise _broken(self.folder, path, str(error)) from None
        try:
            found = pa.dataset.dataset(
                [str(path) for path in files],
                format=pa.dataset.ParquetFileFormat(read_options=options),
                partitioning=partitioning if name == "observations" else None,
                partition_base_dir=str(self.folder / name),
            )
            rows = found.scanner(columns=columns, filter=condition)
            read = rows.to_table() if most is None else rows.head(most.rows + 1)
            read.validate(full=True)  # texts that are no UTF-8, too
            _confirm(pa, read, most)
            plain = [(name, pa.int64() if name == "line" else pa.string()) for name in columns]
            frame: pd.DataFrame = read.cast(pa.schema(plain)).to_pandas()
        except (pa.ArrowException, OSError, ValueError) as error:
            place = files[0] if len(files) == 1 else Path(name)
            raise _broken(self.folder, place, f"no readable Parquet ({error})") from None
        frame = frame.astype({column: "str" for column in columns if column != "line"})
        return frame.sort_values("line", kind="stable") if name != "observations" else frame


def _confirm(pa: Any, table: Any, most: Bounds | None) -> None:
    """Refuse a table that is not of texts and lines, or has more of them than is allowed.

    Raises
    ------
    ValueError
    """
    size = 0
    for name, column in zip(table.column_names, table.columns, strict=True):
        coded = pa.types.is_dictionary(column.type)
        texts = column.type.value_type if coded else column.type
        if not (pa.types.is_integer(texts) if name == "line" else pa.types.is_string(texts)):
            raise ValueError(f"column {name} is of {texts}")
        if column.null_count:
            raise ValueError(f"column {name} lacks a value")
        for chunk in column.chunks:
            if coded and len(chunk):
                lengths = pa.compute.binary_length(chunk.dictionary).to_numpy(zero_copy_only=False)
                size += int(lengths.astype(np.int64)[chunk.indices.to_numpy()].sum())
            else:
                size += chunk.nbytes
    if most is not None and len(table) > most.rows:
        raise ValueError(f"more than {most.rows:,} rows; read one area, or split the data set")
    if most is not None and size > most.size:
        raise ValueError(
            f"{size:,} bytes of texts, and {most.size:,} are allowed; read one area, or split the data set"
        )


def _condition(pa: Any, wanted: tuple[str, str, Any] | None) -> Any:
    if wanted is None:
        return None
    column, relation, value = wanted
    field = pa.dataset.field(column)
    return field == value if relation == "==" else field.isin(value)


def _sheet(frame: pd.DataFrame, table: Table, file: str = "") -> Sheet:
    """Cells with the file and the line where they stand in the CSV form."""
    texts = frame[table.columns].reset_index(drop=True)
    files = Distinct(np.zeros(len(frame), dtype=np.intp), [file]) if file else distinct(frame["file"])
    columns = {column: distinct(texts[column]) for column in texts}
    return Sheet(texts, columns, files, frame["line"].to_numpy(np.int64))


def _broken(folder: Path, place: Path | str, found: str) -> DataError:
    name = place.relative_to(folder).as_posix() if isinstance(place, Path) and place.is_absolute() else str(place)
    remedy = "make the folder anew with: laichau convert"
    return DataError(folder.name, [Offence(name, 0, "", found, "a partitioned data set", remedy)])
