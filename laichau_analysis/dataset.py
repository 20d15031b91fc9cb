"""A folder of tables -> a validated Dataset.

A broken data set is refused whole, with every offence listed. The checks work on columns, not
on rows: type, required, enumeration, pattern, uniqueness, foreign keys, and the few rules that
tie a row to its indicator.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from .checks import check_indicators, check_references, check_table, check_town, without_repeats
from .errors import DataError, MissingDataError, Offence, UnknownNameError
from .files import bytes_within
from .formulas import Formula, parse_formula
from .homes import Homes, homes
from .keys import Columns, distinct, without_search_for_garbage
from .observations import KEY, Rows, sound
from .partitions import LISTS, Bounds, Partitions, is_partitioned
from .periods import Period, period
from .precision import Interval, Printed, parse_printed, stands_for
from .schema import CODE, LANGUAGES, OBSERVATIONS, STATED, TABLES, VERSION, Table, resources
from .sheets import CONTROL, Sheet, read_texts
from .shipped import DEFAULT_DATASET, find_dataset
from .units import unit

__all__ = ["KEY", "LANGUAGES", "Dataset", "load", "long_table"]

LARGEST_DESCRIPTION: Final = 4 * 2**20
"""Bytes of a ``datapackage.json``."""
LARGEST_TABLES: Final = 256 * 2**20
"""Bytes of all tables of a data set."""
MOST_ROWS: Final = 2_000_000
"""Rows of all tables of a data set."""
MOST_INDICATORS: Final = 10_000
MOST_FILES: Final = 1000
"""Files of observations."""
MOST_OFFENCES: Final = 1000
"""Offences of a table that are listed."""
LOOKED_UP: Final = (*KEY, "measure", "flag", "source", "locator", "unit", "qualifier")
"""Columns by which rows are looked up."""
NAMED: Final = ("sectors", "areas", "breakdowns", "categories")
"""Tables beside the indicators that hold names."""


@dataclass(frozen=True, repr=False)
class Dataset:
    """A validated data set.

    ``data["revenue_in_area"]`` is the table of an indicator's figures as they are printed.

    Attributes
    ----------
    name : str
        The folder's name in its ``datapackage.json``.
    titles : mapping of str to str
        Title by language.
    about : mapping of str to str
        A sentence on what the town is, by language; empty where the package has none.
    outline : tuple of str
        Codes of the indicators that describe the town, for a page's beginning.
    term : Period
        The years that the plan covers.
    content_hash : str
        SHA-256 over all tables.
    tables : mapping of str to DataFrame
        ``sectors``, ``areas``, ``breakdowns``, ``categories``, ``sources``, ``locators``,
        ``left_out`` and ``reviews`` as they stand in the folder.
    indicators : DataFrame
        One row an indicator, its code as the index; ``decimals`` are integers, ``minimum`` and
        ``maximum`` floats (NaN where there is no limit).
    observations : DataFrame
        The contract's columns and: ``sector``; ``file`` and ``line``; ``number`` and
        ``number_max``, the value in the indicator's unit; ``factor``, what the row's unit was
        multiplied by; ``decimals`` as printed; ``step``, one of the last printed digit in the
        indicator's unit; ``language`` of the source; ``order``, the place of
        its locator in reading order; and
        ``preferred``, true for the one row that metrics use of several for the same figure.
    """

    name: str
    titles: Mapping[str, str]
    about: Mapping[str, str]
    outline: tuple[str, ...]
    term: Period
    content_hash: str
    tables: Mapping[str, pd.DataFrame]
    indicators: pd.DataFrame
    observations: pd.DataFrame

    @cached_property
    def columns(self) -> Columns:
        """The columns of texts among the observations as their distinct values."""
        return Columns(self.observations)

    @cached_property
    def town(self) -> str:
        """Code of the area that the data set is about."""
        areas = self.tables["areas"]
        return str(areas.loc[areas["parent"] == "", "area"].iloc[0])

    def formula(self, indicator: str) -> Formula | None:
        """The formula of an indicator, if it has one."""
        text = self.indicator(indicator)["formula"]
        return parse_formula(text) if text else None

    def indicator(self, code: str) -> pd.Series:
        """The catalogue's row of an indicator.

        Raises
        ------
        UnknownNameError
            If the data set does not list it; the nearest code is suggested.
        """
        if code not in self.indicators.index:
            raise UnknownNameError("indicator", code, self.indicators.index, f"data set {self.name}")
        return self.indicators.loc[code]

    def names(self, kind: str, language: str) -> Mapping[Any, str]:
        """Names by code.

        Parameters
        ----------
        kind : {'indicators', 'sectors', 'areas', 'breakdowns', 'categories'}
        language : {'vi', 'en'}

        Returns
        -------
        mapping
            Keyed by code; categories by (breakdown, category).
        """
        return self._names[(kind, language)]

    @cached_property
    def _names(self) -> Mapping[tuple[str, str], Mapping[Any, str]]:
        frames = {kind: self.tables[kind].set_index(list(TABLES[kind].key)) for kind in NAMED}
        frames["indicators"] = self.indicators
        return {
            (kind, language): MappingProxyType(dict(frame[f"name_{language}"]))
            for kind, frame in frames.items()
            for language in LANGUAGES
        }

    def __getitem__(self, indicator: str) -> pd.DataFrame:
        """The figures of an indicator as they stand in the tables, in reading order.

        Raises
        ------
        UnknownNameError
            If the data set does not list it; the nearest code is suggested.
        """
        self.indicator(indicator)
        rows = self.observations[self.observations["indicator"] == indicator].sort_values("order", kind="stable")
        return rows[[column for column in OBSERVATIONS.columns if column != "indicator"]]

    def _ipython_key_completions_(self) -> list[str]:
        return list(self.indicators.index)

    def contents(self) -> pd.DataFrame:
        """What the data set holds: a row a sector with figures, in reading order.

        Returns
        -------
        DataFrame
            Indexed by sector: ``name_vi``, ``name_en``, ``indicators`` (with figures), ``figures``.
        """
        rows = self.observations.groupby("sector")["indicator"].agg(indicators="nunique", figures="size")
        names = self.tables["sectors"].set_index("sector")[["name_vi", "name_en"]]
        return names.join(rows, how="inner")

    def __repr__(self) -> str:
        lines = [f"Dataset {self.name}: {self.titles['en']} ({self.titles['vi']})"]
        years = f"{self.term.first_year}-{self.term.year}"
        lines.append(f"term {years}, {len(self.observations)} figures of {len(self.indicators)} indicators")
        contents = self.contents()
        width = max((len(code) for code in contents.index), default=0)
        lines += [f"  {code:<{width}}  {row['figures']:>4}  {row['name_en']}" for code, row in contents.iterrows()]
        lines += [f"source {row['source']}: {row['title_en']}" for row in self.tables["sources"].to_dict("records")]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        left = ' style="text-align:left"'  # JupyterLab sets all cells to the right
        head = "".join(f'<th scope="col"{left}>{text}</th>' for text in ("Sector", ""))
        head += "".join(f'<th scope="col">{text}</th>' for text in ("Indicators", "Figures"))
        body = "".join(
            f'<tr><th scope="row"{left}>{escape(str(code))}</th>'
            f"<td{left}>{escape(row['name_en'])} ({escape(row['name_vi'])})</td>"
            f"<td>{row['indicators']}</td><td>{row['figures']}</td></tr>"
            for code, row in self.contents().iterrows()
        )
        title = f"{escape(self.titles['en'])} ({escape(self.titles['vi'])}), {self.term.first_year}–{self.term.year}"
        sources = "; ".join(escape(row["title_en"]) for row in self.tables["sources"].to_dict("records"))
        return (
            f"<p><b>{title}</b></p><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><p>{sources}</p>"
        )

    def years(self) -> list[int]:
        """Calendar years in which some actual figure ends, in ascending order."""
        actual = self.observations.loc[self.observations["measure"] == "actual", "period"]
        return sorted({period(code).year for code in actual.unique()})

    def state_of(self, year: int) -> int:
        """The year to report on: the one given, or for 0 the latest with actual figures.

        Raises
        ------
        MissingDataError
            If no actual figure ends in or before that year; the message names the years there are.
        """
        years = self.years()
        if not years:
            raise MissingDataError(f"data set {self.name} holds no actual figures for what was asked.")
        if year and not any(known <= year for known in years):
            listed = ", ".join(map(str, years))
            raise MissingDataError(f"no figures up to the year {year} in data set {self.name}; there are: {listed}.")
        return year or years[-1]

    @cached_property
    def homes(self) -> Homes:
        """Which report tells of which area."""
        return homes(self.tables["areas"], self.columns["source"], self.columns["area"])

    def of(self, area: str = "", *, below: bool = False) -> Dataset:
        """What is said of one area that has a report of its own, and of the parts of it that have none.

        Parameters
        ----------
        area : str
            Code of the area; empty for the one that all others are a part of.
        below : bool
            Also what is said of the areas right below it.

        Returns
        -------
        Dataset
            About that area: it is the town, and the data set has its name. The same one if that is all there is.

        Raises
        ------
        UnknownNameError
            If there is no such area; the nearest code is suggested.
        UsageError
            If the area has no report of its own; the message names the one that tells of it.
        """
        home = self.homes.of(area)
        chosen = self.homes.below(home) if below else [home]
        return self if set(chosen) == set(self.homes.all) else self._about(home, chosen)

    def _about(self, home: str, chosen: Collection[str]) -> Dataset:
        """What is said of some homes, of which one is the town."""
        areas, found = self.tables["areas"], self.observations
        rows = found[self.homes.are_in(self.columns["area"], chosen)].reset_index(drop=True)
        own = areas[self.homes.are_in(distinct(areas["area"]), chosen)]
        # The town comes first, and is a part of nothing that is told of here.
        own = pd.concat([own[own["area"] == home].assign(parent=""), own[own["area"] != home]], ignore_index=True)
        at = self.homes.areas.get_indexer(list(chosen))
        sources = {*rows["source"].unique(), *(key for key, place in self.homes.of_source.items() if place in at)}
        tables = {
            name: table[table["source"].isin(sources)].reset_index(drop=True) if "source" in table else table
            for name, table in self.tables.items()
        }
        data = replace(self, tables=MappingProxyType({**tables, "areas": own}), observations=rows)
        return data if home == self.town else data.named_after_its_town()

    def named_after_its_town(self) -> Dataset:
        """The same data set with the name of its town, and nothing told of the town but its figures."""
        areas = self.tables["areas"].set_index("area")
        names = {language: str(areas.at[self.town, f"name_{language}"]) for language in LANGUAGES}
        return replace(self, titles=MappingProxyType(names), about=MappingProxyType(dict.fromkeys(LANGUAGES, "")))

    def printed(self, label: int) -> Printed:
        """The number token of an observation, read."""
        row = self.records[label]
        return parse_printed(row["printed"], row["language"])

    @cached_property
    def records(self) -> Mapping[int, Mapping[str, Any]]:
        """The observations by their index label, for looking up one at a time."""
        return dict(zip(self.observations.index, self.observations.to_dict("records"), strict=True))

    @cached_property
    def catalogue(self) -> Mapping[str, Mapping[str, Any]]:
        """The indicators by their code, for looking up one at a time."""
        rows = self.indicators.to_dict("records")
        return dict(zip(self.indicators.index, rows, strict=True))

    def interval(self, label: int) -> Interval | None:
        """The interval that an observation stands for, in the indicator's unit.

        Targets, plans and aims are exact, and so are whole numbers in a countable unit. What the
        report states of its own figures is in per cent.

        Parameters
        ----------
        label : int
            Index label in ``observations``.

        Returns
        -------
        Interval or None
            None where the figure is vague (``nearly``, ``about``).
        """
        row = self.records[label]
        printed = self.printed(label)
        if row["measure"] in ("target", "plan", "aim"):
            bounds = (printed.value, printed.value if printed.upper is None else printed.upper)
            return Interval(*bounds, True, True).scaled(row["factor"])
        if row["measure"] in STATED:
            return stands_for(printed, qualifier=row["qualifier"])
        indicator = self.catalogue[row["indicator"]]
        minimum, maximum = (
            None if math.isnan(indicator[end]) else Decimal(str(indicator[end])) for end in ("minimum", "maximum")
        )
        return stands_for(
            printed,
            qualifier=row["qualifier"],
            whole_is_exact=unit(row["unit"] or indicator["unit"]).countable,
            factor=row["factor"],
            minimum=minimum,
            maximum=maximum,
        )

    def only(self, sectors: Collection[str]) -> Dataset:
        """The same data set with the indicators and figures of some sectors only.

        Raises
        ------
        UnknownNameError
            If a sector is not in ``sectors.csv``.
        """
        known = self.tables["sectors"]["sector"]
        for sector in sectors:
            if sector not in set(known):
                raise UnknownNameError("sector", sector, known, f"data set {self.name}")
        return replace(
            self,
            indicators=self.indicators[self.indicators["sector"].isin(sectors)],
            observations=self.observations[self.observations["sector"].isin(sectors)],
        )


@without_search_for_garbage()
def load(name: str | os.PathLike[str] = DEFAULT_DATASET, area: str | None = None, *, below: bool = False) -> Dataset:
    """Load and validate a data set.

    Parameters
    ----------
    name : str or path
        A folder, or a name that is found along ``LAICHAU_DATA`` or among the data sets that ship.
    area : str, optional
        Only what is said of this area, as ``Dataset.of`` gives it; empty for the one that all others are a part of.
        All by default.
    below : bool
        Also what is said of the areas right below it.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        With every offence: file, row, column, found, expected, remedy.
    UsageError
        If there is no such data set, no such area, or no report on it.

    Examples
    --------
    >>> data = load("lai-chau")
    >>> data.term.code
    '2021/2025'
    """
    folder = find_dataset(name)
    if is_partitioned(folder):
        parts = Partitions(folder)
        return load_parts(parts, None if area is None else parts.chosen(area, below=below))
    whole = _load_tables(folder)
    return whole if area is None else whole.of(area, below=below)


def load_parts(parts: Partitions, chosen: Sequence[str] | None = None) -> Dataset:
    """Load and validate what a partitioned data set says of some areas; see ``load``.

    Parameters
    ----------
    parts : Partitions
    chosen : sequence of str, optional
        Areas with a report of their own; the first one is the town. All by default.

    Returns
    -------
    Dataset
    """
    offences: list[Offence] = []
    folder = parts.folder
    package = read_package(folder, offences)
    intake = _Intake(folder)
    sheets = {key: _read_sheet(intake, [f"{key}.csv"], TABLES[key], offences) for key in LISTS}
    read, observations, content = parts.read(chosen, Bounds(intake.rows_left, intake.bytes_left))
    for sheet in (*read.values(), observations):
        offences += _first(sheet.unfit())
    intake.content.update(content.encode())
    everything = {key: {**sheets, **read}[key].composed() for key in TABLES}
    data = _checked(folder, package, everything, observations.composed(), intake, offences)
    return data if chosen is None or chosen[0] == parts.root else data.named_after_its_town()


def _load_tables(folder: Path) -> Dataset:
    offences: list[Offence] = []
    files = observation_files(folder)
    package = read_package(folder, offences)
    intake = _Intake(folder)
    sheets = {key: _read_sheet(intake, [f"{key}.csv"], table, offences) for key, table in TABLES.items()}
    observations = _read_sheet(intake, files, OBSERVATIONS, offences)
    return _checked(folder, package, sheets, observations, intake, offences)


def _checked(
    folder: Path,
    package: dict[str, Any],
    sheets: dict[str, Sheet],
    observations: Sheet,
    intake: _Intake,
    offences: list[Offence],
) -> Dataset:
    """Tables as a data set, if nothing is wrong with them."""
    if offences:
        raise DataError(str(package.get("name") or folder.name), offences)
    for table, sheet in [*((TABLES[key], sheet) for key, sheet in sheets.items()), (OBSERVATIONS, observations)]:
        found = itertools.chain(check_table(table, sheet), check_references(table, sheet, sheets))
        offences += _first(found)
    # What stands twice has been told; the first of it serves to check the rest.
    sheets = {key: without_repeats(TABLES[key], sheet) for key, sheet in sheets.items()}
    offences += _first(check_indicators(sheets["indicators"]))
    offences += check_town(sheets["areas"])
    rows = Rows(sound(observations, sheets), sheets)
    offences += _first(rows.check())
    offences += _check_outline(package, sheets["indicators"].frame)
    if offences:
        raise DataError(package["name"], offences)
    data = Dataset(
        name=package["name"],
        titles=MappingProxyType({"vi": package["title"], "en": package["title_en"]}),
        about=MappingProxyType({language: package.get(f"about_{language}", "") for language in LANGUAGES}),
        outline=tuple(package.get("outline", [])),
        term=period(package["term"]),
        content_hash=intake.content.hexdigest(),
        tables=MappingProxyType({key: sheet.frame for key, sheet in sheets.items() if key != "indicators"}),
        indicators=_typed_indicators(sheets["indicators"].frame),
        observations=rows.complete(),
    )
    # What was taken apart to be checked need not be taken apart again.
    vars(data)["columns"] = Columns(data.observations, {name: rows.sheet.columns[name] for name in LOOKED_UP})
    return data


def long_table(data: Dataset) -> pd.DataFrame:
    """The whole data set as one table, one row a figure, for other tools.

    Parameters
    ----------
    data : Dataset

    Returns
    -------
    DataFrame
        The observation columns with ``unit`` filled in, values with the decimals that are printed,
        and ``sector``, ``name_vi``, ``name_en``; all of it text, in the order of the files.
    """
    rows = data.observations
    own = rows["indicator"].map(data.indicators["unit"]).where(~rows["measure"].isin(STATED), "percent")
    numbers = {
        column: [
            "" if math.isnan(value) else f"{value:.{decimals}f}"
            for value, decimals in zip(rows[column], rows["decimals"], strict=True)
        ]
        for column in ("value", "value_max")
    }
    table = rows.assign(
        unit=rows["unit"].where(rows["unit"] != "", own),
        name_vi=rows["indicator"].map(data.indicators["name_vi"]),
        name_en=rows["indicator"].map(data.indicators["name_en"]),
        **numbers,
    )
    return table[[*OBSERVATIONS.columns, "sector", "name_vi", "name_en"]].reset_index(drop=True)


# --- reading -----------------------------------------------------------------------------------


def observation_files(folder: Path) -> list[str]:
    """The files of observations, below the folder.

    Raises
    ------
    DataError
        If there are none, too many, or one whose name is no code.
    """
    names = sorted(path.name for path in (folder / "observations").glob("*.csv"))
    wrong = [name for name in names if not re.fullmatch(rf"{CODE}\.csv", name, re.ASCII)]
    place, named = "observations", "<sector>.csv, one file a sector"
    if not names:
        raise DataError(folder.name, [Offence(place, 0, "", "no CSV file", named, "add observations/<sector>.csv")])
    if len(names) > MOST_FILES:
        found = f"{len(names):,} files"
        raise DataError(folder.name, [Offence(place, 0, "", found, f"{MOST_FILES:,} at most", "split the data set")])
    if wrong:
        raise DataError(folder.name, [Offence(place, 0, "", repr(name), named, "rename it") for name in wrong])
    return [f"{place}/{name}" for name in names]


def _parsed(text: str) -> Any:
    """JSON as it is defined: no key twice, no NaN, no half of a letter.

    Raises
    ------
    ValueError
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice = next(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
            raise ValueError(f"the key {twice!r} occurs twice")
        return found

    def unknown(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON")

    content = json.loads(text, object_pairs_hook=once, parse_constant=unknown)
    if "\\u" in text:
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    return content


def read_package(folder: Path, offences: list[Offence]) -> dict[str, Any]:
    """What a folder's ``datapackage.json`` holds; what is wrong with it goes to the offences."""
    file = "datapackage.json"
    try:
        package = _parsed(bytes_within(folder, file, LARGEST_DESCRIPTION).decode("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        offences.append(Offence(file, 0, "", f"no readable JSON ({error})", "a JSON object", "mend the file"))
        return {}
    if not isinstance(package, dict):
        offences.append(Offence(file, 0, "", type(package).__name__, "a JSON object", "mend the file"))
        return {}
    for key in ("name", "title", "title_en", "term"):
        if not isinstance(package.get(key), str) or not package[key]:
            offences.append(Offence(file, 0, key, repr(package.get(key)), "a text", "fill it in"))
        elif CONTROL.search(package[key]):
            offences.append(Offence(file, 0, key, package[key], "no control characters", "take them out"))
    term = package.get("term")
    if isinstance(term, str) and term:
        try:
            if not period(term).whole_years:
                raise ValueError
        except ValueError:
            offences.append(Offence(file, 0, "term", repr(term), "years such as 2021/2025", "write both years"))
    if package.get("schema_version") != VERSION:
        found = repr(package.get("schema_version"))
        offences.append(Offence(file, 0, "schema_version", found, repr(VERSION), "use the tables of this version"))
    if not is_partitioned(folder) and package.get("resources") != resources(folder):
        offences.append(
            Offence(
                file,
                0,
                "resources",
                _first_difference(package.get("resources"), resources(folder)),
                "the tables of the folder, each with its schema",
                "write them with: python -m laichau_analysis.schema FOLDER",
            )
        )
    return package


def _check_outline(package: dict[str, Any], indicators: pd.DataFrame) -> list[Offence]:
    """What a package says of its town: texts, and codes of the catalogue."""
    file, offences = "datapackage.json", []
    for key in (f"about_{language}" for language in LANGUAGES):
        if not isinstance(package.get(key, ""), str):
            offences.append(Offence(file, 0, key, repr(package[key]), "a text", "write a sentence, or leave it out"))
    outline = package.get("outline", [])
    listed = outline if isinstance(outline, list) else [outline]
    known = set(indicators["indicator"])
    unknown = [code for code in listed if not (isinstance(code, str) and code in known)]
    if unknown or outline is not listed:
        found = ", ".join(repr(code) for code in unknown) or repr(outline)
        offences.append(Offence(file, 0, "outline", found, "a list of codes of indicators.csv", "mend the codes"))
    return offences


def _first_difference(found: Any, expected: list[dict[str, Any]]) -> str:
    listed = {item.get("name"): item for item in found if isinstance(item, dict)} if isinstance(found, list) else {}
    for item in expected:
        if item["name"] not in listed:
            return f"no resource {item['name']}"
        if listed[item["name"]] != item:
            return f"a resource {item['name']} that differs"
    extra = set(listed) - {item["name"] for item in expected}
    return f"a resource {min(map(str, extra))} without a table" if extra else "another order"


class _Intake:
    """What was read of a folder so far, within bounds: data come from other people."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.content = hashlib.sha256()
        self.bytes_left, self.rows_left = LARGEST_TABLES, MOST_ROWS

    def take(self, file: str) -> bytes:
        data = bytes_within(self.folder, file, self.bytes_left)
        self.bytes_left -= len(data)
        self.content.update(file.encode() + b"\0" + data)
        return data


def _read_sheet(intake: _Intake, files: Sequence[str], table: Table, offences: list[Offence]) -> Sheet:
    """Read the files of a table as text, NFC; what cannot be read is an offence, and a table without rows."""
    sheet = Sheet.of({file: _read_file(intake, file, table, offences) for file in files}).composed()
    offences += _first(sheet.unfit())
    return sheet


def read_table(folder: Path, file: str, table: Table, offences: list[Offence]) -> pd.DataFrame:
    """The cells of one file as they stand there; what cannot be read is an offence, and a table without rows."""
    return _read_file(_Intake(folder), file, table, offences)


def _read_file(intake: _Intake, file: str, table: Table, offences: list[Offence]) -> pd.DataFrame:
    most = min(intake.rows_left, MOST_INDICATORS if table.name == "indicators" else MOST_ROWS)
    line, expected, remedy = 0, "a CSV table", "mend the file"
    try:
        data = intake.take(file)
        header, frame = read_texts(data, table, most + 1)
    except FileNotFoundError:
        found, remedy = "no such file", "add it, with a header at least"
    except UnicodeDecodeError as error:
        found, expected, remedy = f"bytes that are not UTF-8 ({error})", "UTF-8", "save it as UTF-8"
    except pd.errors.ParserWarning:
        found, expected = "rows that are longer than the header", "as many cells"
        remedy = "quote texts that hold a comma"
    except (OSError, ValueError) as error:  # pandas raises its parser errors as ValueError
        found = f"no readable table ({error})"
    else:
        if header != table.columns:
            line, found, expected, remedy = 1, "header " + ",".join(header), ",".join(table.columns), "mend it"
        elif len(frame) > most:
            found, remedy = "too many rows", "split the data set"
            expected = f"{MOST_INDICATORS:,} indicators and {MOST_ROWS:,} rows of a data set at most"
        else:
            intake.rows_left -= len(frame)
            return frame
    offences.append(Offence(file, line, "", found, expected, remedy))
    return pd.DataFrame(columns=table.columns, dtype="str")


def _first(found: Iterator[Offence]) -> list[Offence]:
    """As many offences as someone can read; what comes after them is not even looked for."""
    listed = list(itertools.islice(found, MOST_OFFENCES))
    if next(found, None) is not None:
        more = f"more than {MOST_OFFENCES:,} offences"
        listed.append(Offence(listed[-1].file, 0, "", more, "none", "mend those that are listed, then check again"))
    return listed


def _typed_indicators(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = {
        column: pd.to_numeric(frame[column].replace("", None)).astype("float64") for column in ("minimum", "maximum")
    }
    return frame.assign(decimals=frame["decimals"].astype(int), **numbers).set_index("indicator")
