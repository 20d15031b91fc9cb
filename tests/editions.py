"""Editions to compare: of tiny towns, and a later one of the shipped data set.

The later one is made by changes that are drawn by lot, so that what must be found is known from drawing them.
"""

import json
import random
from collections import Counter
from dataclasses import dataclass, field

from laichau_analysis.dataset import KEY, load
from laichau_analysis.editions import compare
from laichau_analysis.schema import OBSERVATIONS, TABLES
from laichau_analysis.shipped import shipped
from laichau_analysis.units import unit
from tests.towns import describe, shipped_rows, write_rows, write_town

FIGURE = (*KEY, "measure")
NEW_DOCUMENT = {
    "source": "lai-chau-2025",
    "title_vi": "Báo cáo phục vụ các hội nghị cuối nhiệm kỳ",
    "title_en": "Report for the conferences at the end of the term",
    "publisher_vi": "Ủy ban nhân dân thành phố Lai Châu",
    "publisher_en": "People's Committee of Lai Châu City",
    "date": "2025-12",
    "language": "vi",
}
PLACE = {"source": "lai-chau-2025", "locator": "A.1", "part": "body", "mark": "A.1."}
NAMES = {
    "trees": {"name_vi": "Số cây xanh trồng mới", "name_en": "Trees planted"},
    "other_name": {"name_vi": "Chỉ số đã đổi tên", "name_en": "Indicator under another name"},
}


def compared(folder, old, new, year=0):
    """Compare two towns, each of a catalogue and figures, and further tables."""
    for name, (catalogue, figures, *tables) in (("old", old), ("new", new)):
        write_town(folder / name, catalogue, figures, **(tables[0] if tables else {}))
    return compare(load(str(folder / "old")), load(str(folder / "new")), year)


def side_by_side(folder, cases):
    """Compare all cases at once, in an indicator each: the catalogue's entries, and figures, of either edition."""
    towns = ([], []), ([], [])
    for i, case in enumerate(cases):
        for (catalogue, figures), (entry, own) in zip(towns, case, strict=True):
            catalogue.append(entry | {"indicator": f"x{i}"})
            figures += [row | {"indicator": f"x{i}"} for row in own]
    return compared(folder, *towns)


@dataclass
class Key:
    """The answers: for each figure that was changed, what became of it, and so on."""

    figures: dict = field(default_factory=dict)
    targets: dict = field(default_factory=dict)
    ways: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    indicators: dict = field(default_factory=dict)
    catalogue: set = field(default_factory=set)
    latest: dict = field(default_factory=dict)
    findings: dict = field(default_factory=dict)


def figure_of(row):
    return tuple(row[column] for column in FIGURE)


def printing(row, value, decimals):
    """The row with another number, as Vietnamese documents print it."""
    sign = row["printed"][-1:] if row["printed"][-1:] in ("%", "‰") else ""
    grouped = f"{value:,.{decimals}f}".translate(str.maketrans(",.", ".,"))
    return row | {"value": f"{value:.{decimals}f}", "printed": grouped + sign}


class Drawing:
    """The shipped tables on their way to a later edition."""

    def __init__(self, seed):
        self.rng, self.key = random.Random(seed), Key()
        self.tables = {name: shipped_rows(f"{name}.csv") for name in TABLES}
        self.catalogue = {row["indicator"]: row for row in self.tables["indicators"]}
        folder = shipped("data") / "lai-chau" / "observations"
        self.rows = [row for path in sorted(folder.glob("*.csv")) for row in shipped_rows(f"observations/{path.name}")]
        self.printed = Counter(figure_of(row) for row in self.rows)
        named = " ".join(f"{row['formula']} {row['share_of']} {row['related']}" for row in self.catalogue.values())
        self.free = [code for code in self.catalogue if code not in named.replace("[", " ").split()]
        self.aimed = {row["indicator"] for row in self.rows if row["measure"] == "target"}
        self.touched = set(self.aimed)

    def draw(self, count, wanted=lambda row: True):
        """Plain figures of indicators that nothing else was done to, one of an indicator."""
        fitting = [
            row
            for row in self.rows
            if row["measure"] == "actual" and not (row["flag"] or row["qualifier"] or row["value_max"] or row["unit"])
            if self.printed[figure_of(row)] == 1 and wanted(row)
        ]
        self.rng.shuffle(fitting)
        drawn = []
        for row in fitting:
            if row["indicator"] not in self.touched and len(drawn) < count:
                self.touched.add(row["indicator"])
                drawn.append(row)
        assert len(drawn) == count
        return drawn

    def draw_indicators(self, count, figures):
        """Indicators that no other one names, with so many figures at the least, each printed once."""
        own = {code: [row for row in self.rows if row["indicator"] == code] for code in self.free}
        fitting = [code for code, rows in own.items() if len(rows) >= figures and code not in self.touched]
        drawn = self.rng.sample(fitting, count)
        self.touched.update(drawn)
        return [(code, own[code]) for code in drawn]

    def decimals(self, row):
        return len(row["value"].partition(".")[2])

    def measured_in(self, row):
        return unit(self.catalogue[row["indicator"]]["unit"])


def later_edition(folder, seed=8):
    """Write a later edition of the shipped data set and return what was done to it."""
    drawing = Drawing(seed)
    for step in (figures, targets, indicators, statements, next_year):
        step(drawing)
    tables, rows = drawing.tables, drawing.rows
    tables["sources"].append(NEW_DOCUMENT)
    tables["locators"].append(PLACE | {"title_vi": "Kết quả cả nhiệm kỳ", "title_en": "Results of the term"})
    for name, table in TABLES.items():
        write_rows(folder / f"{name}.csv", table.columns, tables[name])
    sectors = {row["indicator"]: row["sector"] for row in tables["indicators"]}
    for sector in dict.fromkeys(row["sector"] for row in tables["sectors"]):
        own = [row for row in rows if sectors[row["indicator"]] == sector]
        if own:
            write_rows(folder / "observations" / f"{sector}.csv", OBSERVATIONS.columns, own)
    package = json.loads((shipped("data") / "lai-chau" / "datapackage.json").read_text(encoding="utf-8"))
    describe(folder, **{name: package[name] for name in ("title", "title_en", "about_vi", "about_en", "outline")})
    return drawing.key


def figures(drawing):
    """Figures that are revised, printed otherwise, marked otherwise, printed elsewhere, dropped."""
    key = drawing.key.figures
    for row in drawing.draw(12, lambda row: float(row["value"]) >= 10):
        value, decimals = float(row["value"]), drawing.decimals(row)
        revised = round(value * (0.9 if drawing.measured_in(row).is_percentage else 1.15), decimals)
        key[figure_of(row)] = "revised"
        drawing.key.values[figure_of(row)] = (value, revised)
        row.update(printing(row, revised, decimals))
    for row in drawing.draw(6, lambda row: not drawing.measured_in(row).countable):
        decimals = drawing.decimals(row)
        key[figure_of(row)] = "refined"
        row.update(printing(row, float(row["value"]) - 3 * 10.0 ** -(decimals + 1), decimals + 1))
    for row in drawing.draw(3, lambda row: drawing.measured_in(row).code == "billion_dong"):
        key[figure_of(row)] = "refined"
        row.update(printing(row, 1000 * float(row["value"]), 0) | {"unit": "million_dong"})
    for row in drawing.draw(8, lambda row: row["status"] == "E"):
        key[figure_of(row)] = "restated"
        row["status"] = "A"
    for row in drawing.draw(5):
        key[figure_of(row)] = "moved"
        places = [place["locator"] for place in drawing.tables["locators"]]
        row["locator"] = drawing.rng.choice([place for place in places if place != row["locator"]])
    for row in drawing.draw(8):
        key[figure_of(row)] = "dropped"
        drawing.rows.remove(row)


def targets(drawing):
    """Targets that are lowered, raised, dropped."""
    found = [
        row for row in drawing.rows if row["measure"] == "target" and not row["value_max"] and not row["qualifier"]
    ]
    easier, harder, gone = drawing.rng.sample(found, 3)
    for row, way, factor in ((easier, "easier", 0.9), (harder, "harder", 1.02)):
        lower = drawing.catalogue[row["indicator"]]["direction"] == "lower"
        drawing.key.targets[figure_of(row)], drawing.key.ways[figure_of(row)] = "revised", way
        row.update(printing(row, float(row["value"]) * (1 / factor if lower else factor), drawing.decimals(row) + 1))
    drawing.key.targets[figure_of(gone)] = "dropped"
    drawing.rows.remove(gone)


def indicators(drawing):
    """Indicators with another code, another name, both; others that came, went, or are defined otherwise."""
    key, catalogue = drawing.key, drawing.catalogue
    (coded, coded_rows), (both, both_rows) = drawing.draw_indicators(2, 2)
    for code, rows, by, names in (
        (coded, coded_rows, ("name", "figures"), {}),
        (both, both_rows, ("figures",), NAMES["other_name"]),
    ):
        key.indicators[f"{code}_anew"] = ("renamed", by, code)
        catalogue[code].update({"indicator": f"{code}_anew", **names})
        for row in rows:
            row["indicator"] = f"{code}_anew"
    ((named, _), (turned, _)) = drawing.draw_indicators(2, 1)
    key.indicators[named] = ("renamed", ("code", "figures"), named)
    catalogue[named]["name_en"] += ", all of them"
    catalogue[named]["name_vi"] += ", tất cả"
    key.indicators[turned] = ("redefined", ("code", "name", "figures"), turned)
    key.catalogue.add((turned, "direction"))
    catalogue[turned]["direction"] = "" if catalogue[turned]["direction"] else "higher"
    for code, rows in drawing.draw_indicators(2, 1):
        key.indicators[code] = ("dropped", (), code)
        drawing.tables["indicators"].remove(catalogue[code])
        for row in rows:
            key.figures[figure_of(row)] = "dropped"
            drawing.rows.remove(row)
    key.indicators["trees"] = ("added", (), "")
    sector = drawing.tables["sectors"][0]["sector"]
    about = {"unit": "item", "direction": "higher", "nature": "flow", "accumulation": "end", "decimals": "0"}
    new = dict.fromkeys(TABLES["indicators"].columns, "") | {"indicator": "trees", "sector": sector, **about}
    drawing.tables["indicators"].append(new | NAMES["trees"])
    for period, value in (("2023", 1200), ("2024", 1500)):
        row = later(drawing, {"indicator": "trees", "area": "lai_chau", "period": period, "printed": ""}, value, 0)
        key.figures[figure_of(row)] = "added"


def statements(drawing):
    """An attainment that is no longer stated."""
    found = [
        row
        for row in drawing.rows
        if row["measure"] == "stated_plan_attainment"
        and drawing.printed[figure_of(row)] == 1
        and row["indicator"] not in drawing.touched
    ]
    (gone,) = drawing.rng.sample(found, 1)
    drawing.key.figures[figure_of(gone)] = "dropped"
    drawing.key.findings[figure_of(gone)] = "dropped"
    drawing.rows.remove(gone)


def next_year(drawing):
    """What became of each target that is left: some are exceeded by the end of its year, some missed."""
    goals = [row for row in drawing.rows if row["measure"] == "target" and not row["value_max"]]
    known = {figure_of(row) for row in drawing.rows}
    for i, goal in enumerate(goals):
        lower = drawing.catalogue[goal["indicator"]]["direction"] == "lower"
        reached = i % 2 == 0
        row = later(drawing, goal, float(goal["value"]) * (0.98 if reached == lower else 1.02), 2)
        assert figure_of(row) not in known
        drawing.key.figures[figure_of(row)] = "added"
        drawing.key.latest[goal["indicator"]] = "exceeded" if reached else "missed"


def later(drawing, goal, value, decimals):
    """A figure of the new document for what a row speaks of, added to the rows."""
    place = {"source": NEW_DOCUMENT["source"], "locator": PLACE["locator"], "status": "A", "measure": "actual"}
    named = {name: goal[name] for name in ("indicator", "area", "period", "printed")}
    row = printing(dict.fromkeys(OBSERVATIONS.columns, "") | named | place, value, decimals)
    drawing.rows.append(row)
    return row
