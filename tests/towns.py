"""Invented towns: data sets of a few rows, for tests of everything that reads one."""

import csv
import json
import re
from pathlib import Path

from laichau_analysis.dataset import KEY
from laichau_analysis.precision import parse_printed
from laichau_analysis.schema import OBSERVATIONS, TABLES, VERSION, resources
from laichau_analysis.shipped import shipped

DOCUMENT = "lines of an invented report"
TABLE_ROWS = {
    "sectors": [{"sector": "money", "name_vi": "Ngân sách", "name_en": "Money"}],
    "areas": [{"area": "town", "level": "town", "name_vi": "Thị trấn", "name_en": "Town"}],
    "breakdowns": [
        {"breakdown": "kind", "parts": "all", "name_vi": "Loại", "name_en": "Kind"},
        {"breakdown": "place", "parts": "some", "name_vi": "Nơi", "name_en": "Place"},
        {"breakdown": "group", "parts": "overlapping", "name_vi": "Nhóm", "name_en": "Group"},
    ],
    "categories": [
        {"breakdown": b, "category": c, "name_vi": f"Phần {c}", "name_en": f"Part {c}"}
        for b, c in [
            ("kind", "a"),
            ("kind", "b"),
            ("place", "north"),
            ("place", "south"),
            ("group", "x"),
            ("group", "y"),
        ]
    ],
    "sources": [
        {
            "source": "report",
            "title_vi": "Báo cáo",
            "title_en": "Report",
            "publisher_vi": "Ủy ban",
            "publisher_en": "Committee",
            "date": "2024-07",
            "language": "vi",
        }
    ],
    "locators": [
        {
            "source": "report",
            "locator": code,
            "part": "body",
            "mark": f"{code}.",
            "title_vi": f"Mục {code}",
            "title_en": f"Part {code}",
        }
        for code in ("I", "II", "III")
    ],
    "left_out": [],
    "reviews": [],
    "indicators": [],
}


def indicator(code, unit="billion_dong", direction="higher", nature="flow", accumulation="end", **more):
    """A row of the catalogue with everything a reader needs."""
    return {
        "indicator": code,
        "sector": "money",
        "name_vi": f"Chỉ số {code}",
        "name_en": f"Indicator {code}",
        "unit": unit,
        "direction": direction,
        "nature": nature,
        "accumulation": accumulation,
        "decimals": "1",
        "minimum": "0",
        **more,
    }


def figure(code, period, printed, measure="actual", **more):
    """An observation whose value is what is printed."""
    read = parse_printed(printed)
    return {
        "indicator": code,
        "area": "town",
        "period": period,
        "measure": measure,
        "value": f"{read.value:f}",
        "value_max": "" if read.upper is None else f"{read.upper:f}",
        "printed": printed,
        "status": "A",
        "source": "report",
        "locator": "I",
        **more,
    }


def part(code, period, printed, category, breakdown="kind", **more):
    """An observation of one category."""
    return figure(code, period, printed, breakdown=breakdown, category=category, **more)


def write_town(folder: Path, indicators, figures, **tables) -> Path:
    """Write a data set; rows of further tables replace the usual ones."""
    rows = TABLE_ROWS | {"indicators": indicators} | tables
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in TABLES.items():
        write_rows(folder / f"{name}.csv", table.columns, rows[name])
    sectors = {row["indicator"]: row["sector"] for row in indicators}
    by_sector = {sector["sector"]: [] for sector in rows["sectors"]}
    for row in figures:
        by_sector[sectors.get(row["indicator"], rows["sectors"][0]["sector"])].append(row)
    for sector, own in by_sector.items():
        write_rows(folder / "observations" / f"{sector}.csv", OBSERVATIONS.columns, own)
    describe(folder)
    return folder


def shipped_rows(name):
    """The rows of a table of the data set that ships."""
    with (shipped("data") / "lai-chau" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def other_town(folder: Path, change=lambda row: row, keep=lambda row: True) -> Path:
    """The shipped tables with another town's figures: changed rows, and only some of them."""
    for name, table in TABLES.items():
        write_rows(folder / f"{name}.csv", table.columns, shipped_rows(f"{name}.csv"))
    for path in (shipped("data") / "lai-chau" / "observations").glob("*.csv"):
        rows = [change(dict(row)) for row in shipped_rows(f"observations/{path.name}") if keep(row)]
        write_rows(folder / "observations" / path.name, OBSERVATIONS.columns, rows)
    describe(folder, title="Thị xã Mường Bịa", title_en="Mường Bịa Town")
    return folder


def two_years(folder: Path) -> Path:
    """Another town whose report prints each year's figures for the year before, too."""
    other_town(folder)
    for path in (folder / "observations").glob("*.csv"):
        rows = shipped_rows(f"observations/{path.name}")
        known = {_figure(row) for row in rows}
        before = [_earlier(row) for row in rows if row["measure"] == "actual" and "/" not in row["period"]]
        write_rows(path, OBSERVATIONS.columns, [*rows, *(row for row in before if _figure(row) not in known)])
    return folder


def _figure(row):
    return tuple(row[column] for column in (*KEY, "measure"))


def _earlier(row):
    period = re.sub(r"20\d\d", lambda match: str(int(match[0]) - 1), row["period"])
    return row | {"period": period, "status": "A"}


def write_rows(path: Path, columns, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def describe(folder: Path, **changes):
    """Write ``datapackage.json`` for the tables of a folder."""
    package = {
        "name": folder.name,
        "title": "Thị trấn bịa",
        "title_en": "Invented town",
        "schema_version": VERSION,
        "term": "2021/2025",
        "sources": [{"title": "An invented report"}],
        "licenses": [{"name": "CC0-1.0"}],
        "resources": resources(folder),
    }
    (folder / "datapackage.json").write_text(json.dumps(package | changes), encoding="utf-8")
