"""A folder of tables -> a validated Dataset.

A broken data set is refused whole, with every offence listed. The checks work on columns, not
on rows: type, required, enumeration, pattern, uniqueness, foreign keys, and the few rules that
tie a row to its indicator.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import json
import math
import os
import re
import stat
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property, partial
from graphlib import CycleError, TopologicalSorter
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from .errors import DataError, LaichauError, MissingDataError, Offence, UnknownNameError
from .formulas import Formula, parse_formula
from .periods import PATTERN as PERIOD
from .periods import Period, period
from .precision import MOST_DIGITS, Interval, Printed, parse_printed, stands_for
from .schema import CODE, LANGUAGES, NUMBER, OBSERVATIONS, STATED, TABLES, VERSION, Table, resources
from .shipped import DEFAULT_DATASET, find_dataset
from .units import conversion, unit

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
LONGEST_TEXT: Final = 10_000
"""Letters of a cell, and of a header."""
MOST_OFFENCES: Final = 1000
"""Offences of a table that are listed."""
CONTROL: Final = re.compile("[\0-\b\v\f\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""Letters that no text of a table means: terminals obey some of them, and XML knows none."""

FORMS: Final = {
    "number": (NUMBER, "a plain decimal such as 182.6"),
    "integer": (r"\d|1[0-5]", "a whole number up to 15"),
}
"""Patterns of types, and how they are told."""
NAMED: Final = ("sectors", "areas", "breakdowns", "categories")
"""Tables beside the indicators that hold names."""
KEY: Final = ["indicator", "area", "period", "breakdown", "category"]
"""Columns that say which figure a row speaks of, whatever is said of it."""


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

    @property
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


def load(name: str | os.PathLike[str] = DEFAULT_DATASET) -> Dataset:
    """Load and validate a data set.

    Parameters
    ----------
    name : str or path
        A folder, or a name that is found along ``LAICHAU_DATA`` or among the data sets that ship.

    Returns
    -------
    Dataset

    Raises
    ------
    DataError
        With every offence: file, row, column, found, expected, remedy.
    UsageError
        If there is no such data set.

    Examples
    --------
    >>> data = load("lai-chau")
    >>> data.term.code
    '2021/2025'
    """
    folder = find_dataset(name)
    offences: list[Offence] = []
    files = _observation_files(folder)
    package = _read_package(folder, offences)
    intake = _Intake(folder)
    tables = {key: _read_table(intake, f"{key}.csv", table, offences) for key, table in TABLES.items()}
    parts = [_read_table(intake, file, OBSERVATIONS, offences) for file in files]
    if offences:
        raise DataError(str(package.get("name") or folder.name), offences)
    observations = pd.concat(parts, ignore_index=True)
    for table in TABLES.values():
        offences += _first(_check_table(table, tables[table.name], tables))
    offences += _first(_check_table(OBSERVATIONS, observations, tables))
    # What stands twice has been told; the first of it serves to check the rest.
    tables = {name: frame.drop_duplicates(list(TABLES[name].key)) for name, frame in tables.items()}
    offences += _first(_check_indicators(tables["indicators"]))
    offences += _check_town(tables["areas"])
    enriched = _enrich(_sound(observations, tables), tables)
    offences += _first(_check_rows(enriched, tables["indicators"]))
    offences += _check_outline(package, tables["indicators"])
    if offences:
        raise DataError(package["name"], offences)
    return Dataset(
        name=package["name"],
        titles=MappingProxyType({"vi": package["title"], "en": package["title_en"]}),
        about=MappingProxyType({language: package.get(f"about_{language}", "") for language in LANGUAGES}),
        outline=tuple(package.get("outline", [])),
        term=period(package["term"]),
        content_hash=intake.content.hexdigest(),
        tables=MappingProxyType(
            {key: table.drop(columns=["file", "line"]) for key, table in tables.items() if key != "indicators"}
        ),
        indicators=_typed_indicators(tables["indicators"]),
        observations=_ranked(enriched),
    )


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


def _observation_files(folder: Path) -> list[str]:
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


def _read_package(folder: Path, offences: list[Offence]) -> dict[str, Any]:
    file = "datapackage.json"
    try:
        package = _parsed(_bytes_of(folder, file, LARGEST_DESCRIPTION).decode("utf-8"))
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
    if package.get("resources") != resources(folder):
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
        data = _bytes_of(self.folder, file, self.bytes_left)
        self.bytes_left -= len(data)
        self.content.update(file.encode() + b"\0" + data)
        return data


def _read_table(intake: _Intake, file: str, table: Table, offences: list[Offence]) -> pd.DataFrame:
    """Read one CSV file as text, NFC, with its name and line numbers."""
    empty = pd.DataFrame(columns=[*table.columns, "file", "line"])
    most = min(intake.rows_left, MOST_INDICATORS if table.name == "indicators" else MOST_ROWS)
    try:
        data = intake.take(file)
        text = data.decode("utf-8-sig")
        control = bool(CONTROL.search(text))
        # A header of a million names would be a million columns.
        header = next(csv.reader(io.StringIO(text[:LONGEST_TEXT], newline="")), [])
        del text
        if header != table.columns:
            offences.append(Offence(file, 1, "", "header " + ",".join(header), ",".join(table.columns), "mend it"))
            return empty
        with warnings.catch_warnings():
            # A row longer than the header would lose its end, with a warning only.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            frame = pd.read_csv(
                io.BytesIO(data),
                **{"dtype": str, "keep_default_na": False, "na_filter": False},
                encoding="utf-8-sig",
                index_col=False,
                nrows=min(most + 1, _complete_rows(data, table)),
            )
    except FileNotFoundError:
        offences.append(Offence(file, 0, "", "no such file", "a CSV table", "add it, with a header at least"))
        return empty
    except UnicodeDecodeError as error:
        offences.append(Offence(file, 0, "", f"bytes that are not UTF-8 ({error})", "UTF-8", "save it as UTF-8"))
        return empty
    except pd.errors.ParserWarning:
        remedy = "quote texts that hold a comma"
        offences.append(Offence(file, 0, "", "rows that are longer than the header", "as many cells", remedy))
        return empty
    except (OSError, ValueError, csv.Error) as error:  # pandas raises its parser errors as ValueError
        offences.append(Offence(file, 0, "", f"no readable table ({error})", "a CSV table", "mend the file"))
        return empty
    if len(frame) > most:
        expected = f"{MOST_INDICATORS:,} indicators and {MOST_ROWS:,} rows of a data set at most"
        offences.append(Offence(file, 0, "", "too many rows", expected, "split the data set"))
        return empty
    intake.rows_left -= len(frame)
    normal = frame.apply(lambda column: column.astype("str").str.normalize("NFC"))
    normal = normal.assign(file=file, line=range(2, len(frame) + 2))
    offences += _first(_check_texts(normal, table.columns, control))
    return normal


def _complete_rows(data: bytes, table: Table) -> int:
    """As many rows as can be complete by the commas there are; if there are more, one of the first lacks a value.

    Millions of rows that hold nothing are refused for the first of them, and the rest needs no memory.
    """
    last = max(number for number, field in enumerate(table.fields) if field.required)
    return data.count(b",") // last


def _check_texts(frame: pd.DataFrame, columns: list[str], control: bool) -> Iterator[Offence]:
    """What no cell may hold."""
    for column in columns:
        long = frame[column].str.len() > LONGEST_TEXT
        yield from _offences(frame, long, column, f"{LONGEST_TEXT:,} letters at most", "shorten it")
        if control:
            odd = frame[column].map(CONTROL.search).notna()
            yield from _offences(frame, odd, column, "no control characters", "take them out")


def _bytes_of(folder: Path, file: str, most: int) -> bytes:
    """The content of a file of the folder itself, within bounds.

    Raises
    ------
    OSError
        If it is a link that leads elsewhere, no regular file, or too large.
    """
    path = folder / file
    if not path.resolve().is_relative_to(folder.resolve()):
        raise OSError("a link that leads out of the data set; put the file itself there")
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise OSError("no regular file")
    if status.st_size > most:
        raise OSError(f"{status.st_size:,} bytes, and {most:,} are allowed; split the data set")
    return path.read_bytes()


# --- checks ------------------------------------------------------------------------------------


def _first(found: Iterator[Offence]) -> list[Offence]:
    """As many offences as someone can read; what comes after them is not even looked for."""
    listed = list(itertools.islice(found, MOST_OFFENCES))
    if next(found, None) is not None:
        more = f"more than {MOST_OFFENCES:,} offences"
        listed.append(Offence(listed[-1].file, 0, "", more, "none", "mend those that are listed, then check again"))
    return listed


def _fits(column: pd.Series, pattern: str) -> pd.Series:
    r"""Whether cells are of a form; ``\d`` means 0 to 9, as it does not everywhere."""
    return column.str.fullmatch(pattern.replace(r"\d", "[0-9]"))


def _offences(
    frame: pd.DataFrame, wrong: pd.Series, column: str, expected: str | Callable[[Any], str], remedy: str
) -> Iterator[Offence]:
    """One offence for each row where ``wrong`` is true."""
    if not wrong.any():
        return
    for row in frame[wrong].head(MOST_OFFENCES + 1).to_dict("records"):
        found = "nothing" if row[column] == "" or row[column] != row[column] else str(row[column])
        wanted = expected if isinstance(expected, str) else expected(row)
        yield Offence(row["file"], row["line"], column, found, wanted, remedy)


def _check_table(table: Table, frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> Iterator[Offence]:
    for field in table.fields:
        column = frame[field.name]
        filled = column != ""
        if field.required:
            yield from _offences(frame, ~filled, field.name, "a value", "fill it in")
        if field.enum:
            allowed = " or ".join(field.enum) + ("" if field.required else ", or nothing")
            yield from _offences(frame, filled & ~column.isin(field.enum), field.name, allowed, "use one of these")
        pattern, described = FORMS.get(field.type, (field.pattern, field.hint or f"the form {field.pattern}"))
        if pattern:
            mismatch = filled & ~_fits(column, pattern)
            yield from _offences(frame, mismatch, field.name, described, "write it in that form")
        if field.name == "date":
            unknown = filled & ~mismatch & pd.to_datetime(column, format="ISO8601", errors="coerce").isna()
            yield from _offences(frame, unknown, field.name, "a date that there is", "mend the date")
        if field.type == "number":
            long = filled & (column.str.count("[0-9]") > MOST_DIGITS)
            yield from _offences(frame, long, field.name, f"{MOST_DIGITS} digits at most", "round it")
    key = list(table.key)
    repeated = frame.duplicated(key, keep="first")
    first = frame[frame.duplicated(key, keep=False) & ~repeated].set_index(key)[["file", "line"]]
    for row in frame[repeated].head(MOST_OFFENCES + 1).to_dict("records"):
        values = tuple(row[name] for name in key)
        earlier = first.loc[values if len(key) > 1 else values[0]]
        yield Offence(
            row["file"],
            row["line"],
            ", ".join(key),
            "the key " + ", ".join(value or "-" for value in values),
            "a key that occurs once",
            f"it stands in {earlier['file']}, row {earlier['line']}, already; leave one out",
        )
    for columns, other, _ in table.references:
        yield from _check_reference(frame, list(columns), other, tables)


def _check_reference(
    frame: pd.DataFrame, columns: list[str], other: str, tables: Mapping[str, pd.DataFrame]
) -> Iterator[Offence]:
    target = tables[other]
    known_columns = list(TABLES[other].key)
    filled = (frame[columns] != "").any(axis=1)
    if len(columns) == 1:
        missing = filled & ~frame[columns[0]].isin(target[known_columns[0]])
    else:
        known = pd.MultiIndex.from_frame(target[known_columns])
        missing = filled & ~pd.MultiIndex.from_frame(frame[columns]).isin(known)
        # A wrong first part, or a half of a pair, is reported by a check of its own.
        missing &= frame[columns[0]].isin(target[known_columns[0]]) & (frame[columns[-1]] != "")

    def expected(row: dict[str, Any]) -> str:
        candidates = target
        if len(columns) > 1:
            candidates = target[target[known_columns[0]] == row[columns[0]]]
        names = list(candidates[known_columns[-1]])
        return f"a code of {other}.csv: {UnknownNameError('code', row[columns[-1]], names).args[0].partition(': ')[2]}"

    yield from _offences(frame, missing, columns[-1], expected, f"use one of these, or add it to {other}.csv")


def _check_indicators(indicators: pd.DataFrame) -> Iterator[Offence]:
    units = dict(zip(indicators["indicator"], indicators["unit"], strict=True))
    formulas = {}
    for row in indicators.to_dict("records"):

        def offence(column: str, expected: str, remedy: str, row: dict[str, Any] = row) -> Offence:
            return Offence(row["file"], row["line"], column, repr(row[column]), expected, remedy)

        try:
            unit(row["unit"])
        except LaichauError as error:
            yield offence("unit", str(error), "use one of these, joined by / for per")
            continue
        if row["formula"]:
            try:
                formula = parse_formula(row["formula"])
            except ValueError as error:
                yield offence("formula", str(error), "use + - * / with codes, numbers and code[category]")
                continue
            unknown = [item.code for item in formula.inputs if item.code not in units]
            if unknown:
                yield offence("formula", UnknownNameError("indicator", unknown[0], units).args[0], "use a known code")
                continue
            formulas[row["indicator"]] = [item.code for item in formula.inputs]
    try:
        TopologicalSorter(formulas).prepare()
    except CycleError as error:
        circle = set(error.args[1])
        for row in indicators[indicators["indicator"].isin(circle)].to_dict("records"):
            found = repr(row["formula"])
            yield Offence(row["file"], row["line"], "formula", found, "no circle of formulas", "break the circle")


def _check_town(areas: pd.DataFrame) -> Iterator[Offence]:
    """One of the areas is the town itself."""
    if len(areas) and not (areas["parent"] == "").any():
        yield Offence("areas.csv", 0, "parent", "a parent in each row", "none for the town itself", "empty it")


def _as_printed(column: str, row: dict[str, Any]) -> str:
    return f"{row[f'{column}_error']}, since {row['printed']} is printed"


def _check_rows(frame: pd.DataFrame, indicators: pd.DataFrame) -> Iterator[Offence]:
    """The rules that tie an observation to its indicator and to what is printed."""
    half = (frame["breakdown"] == "") != (frame["category"] == "")
    yield from _offences(frame, half, "category", "breakdown and category together, or neither", "fill in the other")
    stray = frame["file"] != "observations/" + frame["sector"] + ".csv"
    yield from _offences(
        frame, stray, "indicator", lambda row: f"an indicator of the sector of {row['file']}", "move the row"
    )
    yield from _offences(
        frame, frame["period_error"] != "", "period", lambda row: row["period_error"], "mend the period"
    )
    unread = frame["printed_error"] != ""
    yield from _offences(frame, unread, "printed", lambda row: row["printed_error"], "copy the number as it is printed")
    for column in ("value", "value_max"):
        mismatch = ~unread & frame[f"{column}_error"].ne("")
        yield from _offences(frame, mismatch, column, partial(_as_printed, column), "enter the number as it is printed")
    loose = frame["unit_error"] != ""
    yield from _offences(
        frame, loose, "unit", lambda row: row["unit_error"], "mend the unit, or flag the row as mislabelled"
    )
    silent = frame["flag"].ne("") & frame["note"].eq("")
    yield from _offences(frame, silent, "note", "a note, since the row is flagged", "say what is wrong with the figure")
    total = frame["indicator"].map(indicators.set_index("indicator")["accumulation"]) == "total"
    single = total & frame["measure"].eq("target") & ~frame["period"].str.contains("/")
    yield from _offences(
        frame, single, "period", "the years that the total is over, such as 2021/2025", "write both years"
    )


# --- what is derived from the rows on loading ----------------------------------------------------


def _sound(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The rows whose codes and numbers can be followed up; the others are offences already."""
    indicators, sources = tables["indicators"], tables["sources"]
    known_unit = indicators["unit"].map(_attempts(unit, indicators["unit"])).map(_error_of) == ""
    sound = frame["indicator"].isin(indicators.loc[known_unit, "indicator"])
    sound &= frame["source"].isin(sources.loc[sources["language"].isin(("vi", "en")), "source"])
    sound &= _fits(frame["value"], NUMBER) & _fits(frame["value_max"], f"({NUMBER})?")
    return frame[sound]


def _enrich(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Add what follows from a row, its indicator and its source; errors in columns of their own."""
    indicators = tables["indicators"].drop_duplicates("indicator").set_index("indicator")
    languages = tables["sources"].drop_duplicates("source").set_index("source")["language"]
    places = {
        place: i for i, place in enumerate(zip(*(tables["locators"][c] for c in ("source", "locator")), strict=True))
    }
    frame = frame.assign(
        sector=frame["indicator"].map(indicators["sector"]),
        language=frame["source"].map(languages),
        order=[places.get(place, -1) for place in zip(frame["source"], frame["locator"], strict=True)],
    )
    tokens = _pairs(frame["printed"], frame["language"])
    printed = tokens.map(_attempts(lambda pair: parse_printed(*pair), tokens))
    units = _pairs(
        frame["unit"], frame["indicator"].map(indicators["unit"]), frame["measure"].isin(STATED), frame["flag"]
    )
    factors = units.map(_attempts(_factor, units))
    factor = [item if isinstance(item, Decimal) else Decimal(1) for item in factors]
    value, upper = ([Decimal(text) if text else None for text in frame[column]] for column in ("value", "value_max"))
    read = [item if isinstance(item, Printed) else None for item in printed]
    formed = _fits(frame["period"], PERIOD)  # other forms are reported already
    return frame.assign(
        period_error=frame["period"].map(_attempts(period, frame["period"])).map(_error_of).where(formed, ""),
        printed_error=printed.map(_error_of),
        value_error=[_difference(a, b.value if b else None) for a, b in zip(value, read, strict=True)],
        value_max_error=[_difference(a, b.upper if b else None) for a, b in zip(upper, read, strict=True)],
        unit_error=factors.map(_error_of),
        value=[_float(item) for item in value],
        value_max=[_float(item) for item in upper],
        decimals=[item.decimals if item else 0 for item in read],
        factor=factor,
        number=[_float(v, f) for v, f in zip(value, factor, strict=True)],
        number_max=[_float(v, f) for v, f in zip(upper, factor, strict=True)],
    )


def _pairs(*columns: pd.Series) -> pd.Series:
    return pd.Series(list(zip(*columns, strict=True)), index=columns[0].index, dtype=object)


def _float(number: Decimal | None, factor: Decimal = Decimal(1)) -> float:
    return float("nan") if number is None else float(number * factor)


def _difference(entered: Decimal | None, printed: Decimal | None) -> str:
    return "" if entered == printed else "nothing" if printed is None else f"{printed:f}"


def _attempts(function: Callable[[Any], Any], arguments: pd.Series) -> dict[Any, Any]:
    """Results, or errors, of a function over the distinct arguments."""
    results: dict[Any, Any] = {}
    for argument in arguments.unique():
        try:
            results[argument] = function(argument)
        except (ValueError, LaichauError) as error:
            results[argument] = error
    return results


def _error_of(result: Any) -> str:
    return str(result) if isinstance(result, Exception) else ""


def _factor(row: tuple[str, str, bool, str]) -> Decimal:
    """What a row's value is multiplied by to stand in its indicator's unit."""
    own, indicators_unit, stated, flag = row
    if stated or not own:
        return Decimal(1)
    unit(own)
    try:
        return conversion(own, indicators_unit)
    except LaichauError:
        # A flagged row is shown as printed; a mislabelled one is used as what it must mean.
        if flag:
            return Decimal(1)
        raise


def _ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """Mark the row that metrics use of several for one figure: more digits, a number before a bound, reading order."""
    frame = frame.assign(step=[float(f) * 10.0**-d for f, d in zip(frame["factor"], frame["decimals"], strict=True)])
    order = frame.assign(bound=frame["qualifier"] != "").sort_values(["step", "bound", "order"], kind="stable")
    usable = order[order["flag"] != "implausible"]
    preferred = usable.drop_duplicates([*KEY, "measure"]).index
    errors = [column for column in frame.columns if column.endswith("_error")]
    return frame.drop(columns=errors).assign(preferred=frame.index.isin(preferred))


def _typed_indicators(frame: pd.DataFrame) -> pd.DataFrame:
    numbers = {
        column: pd.to_numeric(frame[column].replace("", None)).astype("float64") for column in ("minimum", "maximum")
    }
    typed = frame.assign(decimals=frame["decimals"].astype(int), **numbers)
    return typed.drop(columns=["file", "line"]).set_index("indicator")
