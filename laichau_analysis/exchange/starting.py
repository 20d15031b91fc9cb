"""The first data set of another town: all lists of the one that ships, and an example of each kind of figure.

The examples stand in ``examples.csv`` beside this module, with periods told from the term. Their numbers
are invented and fit each other, so that an audit has nothing to say of them but what they are to show.
"""

from __future__ import annotations

import csv
import shlex
from pathlib import Path
from string import Template
from typing import Any, Final

from ..dataset import Dataset, load
from ..errors import UsageError
from ..files import write_atomically
from ..periods import Period, period
from ..precision import parse_printed
from ..shipped import DEFAULT_DATASET, shipped
from .folders import name_of, placed, write_tables

__all__ = ["DEFAULT_TERM", "TOWN", "catalogue", "lists", "shipped_dataset", "start"]

DEFAULT_TERM: Final = "2021/2025"
TOWN: Final = "town"
"""Code of the town itself, and its level."""
SOURCE: Final = "example"
PLACE: Final = "VI-DU-EXAMPLE"
HERE: Final = Path(__file__).parent


def start(folder: Path, *, name_vi: str = "", name_en: str = "", term: str = DEFAULT_TERM) -> None:
    """Make the folder of a data set for another town.

    Parameters
    ----------
    folder : Path
        No folder yet, or an empty one.
    name_vi, name_en : str
        The town's name. Without the English one, the Vietnamese name stands for both; without
        any, the folder's name.
    term : str
        The years of the plan, such as ``2021/2025``.

    Raises
    ------
    UsageError
        If the folder is not empty, or the term is not one of two years or more.
    """
    years = _term(term)
    vi = name_vi or name_en or folder.resolve().name
    en = name_en or vi
    data = shipped_dataset()
    tables = lists(data)
    tables["areas"] = [{"area": TOWN, "level": TOWN, "name_vi": vi, "name_en": en}]
    tables["sources"] = [
        {
            "source": SOURCE,
            "title_vi": "VÍ DỤ: số liệu tự đặt, cần thay",
            "title_en": "EXAMPLE: invented figures, to be replaced",
            "publisher_vi": "Không có",
            "publisher_en": "Nobody",
            "date": f"{years.year - 1}-07",
            "language": "vi",
        }
    ]
    tables["locators"] = [
        {
            "source": SOURCE,
            "locator": PLACE,
            "part": "body",
            "mark": "VÍ DỤ",
            "title_vi": "VÍ DỤ, không có trong văn bản nào",
            "title_en": "EXAMPLE, in no document",
        }
    ]
    package: dict[str, Any] = {
        "name": name_of(folder),
        "title": vi,
        "title_en": en,
        "outline": list(data.outline),
        "term": years.code,
        "sources": [{"title": tables["sources"][0]["title_vi"]}],
    }
    guide = Template((HERE / "README.town.md").read_text(encoding="utf-8"))
    place = shlex.quote(f"./{folder.resolve().name}")
    readme = guide.substitute(name_vi=vi, name_en=en, term=years.code, place=place)
    with placed(folder) as aside:
        write_tables(aside, package, tables, _examples(data, years))
        write_atomically(aside / "README.md", readme)


def shipped_dataset() -> Dataset:
    """The data set that ships, also where another one has its name."""
    return load(shipped("data") / DEFAULT_DATASET)


def lists(data: Dataset) -> dict[str, list[dict[str, str]]]:
    """What one town's data set can lend to another's: sectors, indicators, breakdowns and categories.

    Parameters
    ----------
    data : Dataset

    Returns
    -------
    dict of str to list of dict
        Rows by table, as text. The indicators' notes are left out: they speak of the town's own documents.

    Examples
    --------
    >>> sorted(lists(load("lai-chau")))
    ['breakdowns', 'categories', 'indicators', 'sectors']
    """
    rows = {name: data.tables[name].to_dict("records") for name in ("sectors", "breakdowns", "categories")}
    return rows | {"indicators": [{**row, "note": ""} for row in catalogue(data)]}


def catalogue(data: Dataset) -> list[dict[str, str]]:
    """The rows of ``indicators.csv`` as they stand there."""
    table = data.indicators.reset_index()
    limits = {
        column: [format(value, ".15g") if value == value else "" for value in table[column]]
        for column in ("minimum", "maximum")
    }
    rows: list[dict[str, str]] = table.assign(**limits).astype("str").to_dict("records")
    return rows


def _term(code: str) -> Period:
    try:
        term = period(code)
    except ValueError:
        term = None
    if term is None or not term.whole_years or term.years < 2:
        raise UsageError(f"term {code}: expected the first and the last year of a plan, such as {DEFAULT_TERM}.")
    return term


def _examples(data: Dataset, term: Period) -> dict[str, list[dict[str, str]]]:
    """An example of each kind of figure, by sector, with periods within the term or just before it."""
    first, last = int(term.first_year or 0), term.year
    years = {"base": first - 1, "first": first, "before": last - 2, "now": last - 1, "last": last}
    figures: dict[str, list[dict[str, str]]] = {sector: [] for sector in data.tables["sectors"]["sector"]}
    with (HERE / "examples.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            note = f"VÍ DỤ, cần thay. {row.pop('note_vi')} / EXAMPLE, to be replaced. {row.pop('note_en')}"
            printed = parse_printed(row["printed"])
            figures[data.indicators.loc[row["indicator"], "sector"]].append(
                {
                    **row,
                    "area": TOWN,
                    "period": row["period"].format(**years),
                    "value": f"{printed.value:f}",
                    "value_max": "" if printed.upper is None else f"{printed.upper:f}",
                    "source": SOURCE,
                    "locator": PLACE,
                    "note": note,
                }
            )
    return figures
