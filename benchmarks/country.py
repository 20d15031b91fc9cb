"""Write the data set of an invented country: any number of towns, and nothing in it that is wrong unless asked for.

    python -m benchmarks.country FOLDER [--rows 1000000 | --towns 700] [--errors 0.1] [--missing 0.05] [--seed 1]

Every province and town prints a report with the figures of the shipped one, in the same places, with the same
words and digits, at a size of its own. What holds among the shipped figures holds among the invented ones:
parts make up their total and years their sum, no part is larger than its whole, and a percentage is what follows
from the figures that it is of. Which figures are tied is taken from the claims that the audit finds in the
shipped data, so that each of them is there as often as there are reports. What a formula gives of two other
figures, such as doses per inhabitant, stays possible since what goes into such a formula grows together.

With ``--errors`` a share of the reports has one wrong figure; which, says ``FOLDER.key.csv``, see ``planting``. With
``--missing`` a share of the towns has no report.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from laichau_analysis import Dataset, load
from laichau_analysis.audit import audit
from laichau_analysis.figures import FIGURE
from laichau_analysis.periods import period
from laichau_analysis.precision import Printed
from laichau_analysis.schema import OBSERVATIONS, STATED, TABLES, VERSION, resources
from laichau_analysis.shipped import find_dataset
from laichau_analysis.units import unit

from .planting import Change, Planted, changes, write_key

TEMPLATE = "lai-chau"
SAME_FOR_ALL = ("sectors", "breakdowns", "categories", "indicators")
TOWNS_PER_PROVINCE = 30
COUNTRY = 60.0
"""How many times the shipped town's size."""


@dataclass(frozen=True)
class Area:
    """An area that prints a report, or a commune that a town's report tells of; sizes are times the shipped town's."""

    code: str
    parent: str
    level: str
    name_vi: str
    name_en: str
    size: float = 0.0

    @property
    def source(self) -> str:
        """Key of its report."""
        return f"report-{self.code.replace('_', '-')}"


def areas(towns: int, rng: np.random.Generator) -> Iterator[Area]:
    """The country, its provinces, and the towns of each after it."""
    yield Area("country", "", "country", "Cả nước", "The country", COUNTRY)
    for number in range(towns):
        province = number // TOWNS_PER_PROVINCE + 1
        parent = f"p{province:03}"
        if number % TOWNS_PER_PROVINCE == 0:
            size = 8 * rng.lognormal(0, 0.4)
            yield Area(parent, "country", "province", f"Tỉnh {province}", f"Province {province}", size)
        town = number % TOWNS_PER_PROVINCE + 1
        name_vi, name_en = f"Thành phố {town}, tỉnh {province}", f"Town {town}, province {province}"
        yield Area(f"{parent}_t{town:02}", parent, "town", name_vi, name_en, rng.lognormal(0, 0.5))


class Figures:
    """The figures of all reports, a row of ``digits`` for each figure of the shipped one and a column a report.

    ``digits`` are whole numbers: what is printed, without its decimal sign.
    """

    def __init__(self, template: Dataset, sizes: np.ndarray, rng: np.random.Generator) -> None:
        self.template = template
        rows = template.observations
        self.rows = rows.to_dict("index")
        self.printed: dict[int, Printed] = {label: template.printed(label) for label in rows.index}
        claims = audit(template)
        self.claims = claims[claims["check"].isin(RELATIONS)].to_dict("records")
        repeats = [claim["evidence"] for claim in self.claims if claim["check"] == "repeat"]
        self.finest: dict[int, int] = dict(repeats)
        sums = [claim["evidence"] for claim in self.claims if claim["check"] == "sum"]
        self.parts: dict[int, list[int]] = {total: parts for total, *parts in reversed(sums)}
        self.rest_of = {parts[0]: total for total, *parts in sums if parts != self.parts[total]}
        scaled = {family: sizes * rng.lognormal(0, 0.3, len(sizes)) for family in set(self._families().values())}
        self.digits: dict[int, np.ndarray] = {}
        for label, family in self._families().items():
            row, printed = self.rows[label], self.printed[label]
            own = printed.value.scaleb(printed.decimals)
            size = 1.0 if self._is_ratio(row) else scaled[family]
            drawn = np.floor(float(own) * size * rng.lognormal(0, 0.06, len(sizes)) + 0.5).astype("int64")
            least = np.minimum(int(own), 1)
            highest = template.catalogue[row["indicator"]]["maximum"]
            if not math.isnan(highest) and row["measure"] not in STATED:
                drawn = np.minimum(drawn, int(highest / row["step"]))
            fixed = printed.upper is not None
            self.digits[label] = np.full(len(sizes), int(own)) if fixed else np.maximum(drawn, least)

    def _is_ratio(self, row: dict[str, Any]) -> bool:
        code = self.template.catalogue[row["indicator"]]["unit"]
        return row["measure"] in STATED or unit(code).is_percentage or "/" in code

    def _families(self) -> dict[int, int]:
        """Figures that are tied, or of one indicator, grow together: the smallest label of each one's family."""
        first = {label: label for label in self.rows}

        def root(label: int) -> int:
            while first[label] != label:
                label = first[label]
            return label

        own = pd.Series(self.rows.keys()).groupby([row["indicator"] for row in self.rows.values()]).agg(tuple)
        for labels in [*own, *(claim["evidence"] for claim in self.claims), *self._inputs_of_limited()]:
            roots = [root(label) for label in labels]
            first.update(dict.fromkeys(roots, min(roots)))
        return {label: root(label) for label in self.rows}

    def _inputs_of_limited(self) -> Iterator[list[int]]:
        """The figures that go into formulas whose result has a largest value, such as doses per inhabitant."""
        for code, row in self.template.catalogue.items():
            if row["formula"] and not math.isnan(row["maximum"]):
                inputs = {item.code for item in self.template.formula(code).inputs}
                yield [label for label, figure in self.rows.items() if figure["indicator"] in inputs]

    def number(self, label: int) -> np.ndarray:
        """A figure of all reports in its indicator's unit."""
        return self.digits[label] * self.rows[label]["step"]

    def put(self, label: int, numbers: np.ndarray, rounded: float = 0.5) -> None:
        """Print numbers with a figure's digits: rounded, with 0 down, with 1 up."""
        exact = numbers / self.rows[label]["step"]
        slack = 1e-9 * np.maximum(np.abs(exact), 1)
        self.digits[label] = np.floor(exact + rounded + (slack if rounded < 1 else -slack)).astype("int64")

    def raise_to(self, label: int, numbers: np.ndarray) -> None:
        """Make a figure at least as large, by the first of its parts where it is a sum."""
        missing = np.maximum(numbers - self.number(label), 0)
        while label in self.parts or label in self.rest_of:
            label = self.parts[label][0] if label in self.parts else self.rest_of[label]
        self.put(label, self.number(label) + missing, rounded=1)

    def settle(self) -> None:
        """Make all figures agree."""
        for _ in range(50):
            before = np.array(list(self.digits.values()))
            for claim in self.claims:
                RELATIONS[claim["check"]](self, claim)
            for label, row in self.rows.items():
                if row["measure"] == "aim":
                    self._aim_high_enough(label, row)
            if (before == np.array(list(self.digits.values()))).all():
                return
        raise RuntimeError("the relations of the shipped figures cannot hold together")

    def _aim_high_enough(self, label: int, row: dict[str, Any]) -> None:
        """No aim falls short of the target, or of what is reached."""
        direction = self.template.catalogue[row["indicator"]]["direction"]
        own = period(row["period"])
        for other, peer in self.rows.items():
            if direction and all(peer[column] == row[column] for column in FIGURE):
                span = period(peer["period"])
                reached = peer["measure"] == "actual" and span.kind == own.kind and span.end < own.end
                if reached or (peer["measure"] == "target" and span == own):
                    nearer = np.maximum if direction == "higher" else np.minimum
                    self.put(label, nearer(self.number(label), self.number(other)), rounded=direction == "higher")


def _sum(figures: Figures, claim: dict[str, Any]) -> None:
    total, *parts = claim["evidence"]
    if parts == figures.parts[total]:
        figures.put(total, sum(figures.number(part) for part in parts))
        return
    # A total of categories and of years as well: the first of its years takes what the others leave.
    first, *others = parts
    known = sum(figures.number(part) for part in others)
    figures.raise_to(total, known)
    figures.put(first, figures.number(total) - known)


def _bound(figures: Figures, claim: dict[str, Any]) -> None:
    *parts, whole = claim["evidence"]
    figures.raise_to(whole, sum(figures.number(part) for part in parts))


def _repeat(figures: Figures, claim: dict[str, Any]) -> None:
    coarse, fine = claim["evidence"]
    if figures.rows[coarse]["measure"] not in STATED:  # those are worked out, each at its own digits
        figures.put(coarse, figures.number(fine))


def _formula(figures: Figures, claim: dict[str, Any]) -> None:
    own, *inputs = claim["evidence"]
    formula = figures.template.formula(claim["indicator"])
    scales = {code: float(unit(row["unit"]).scale) for code, row in figures.template.catalogue.items()}
    values = {
        item: figures.number(label) * scales[item.code] for item, label in zip(formula.inputs, inputs, strict=True)
    }
    figures.put(own, formula.evaluate(values.__getitem__, float) / scales[claim["indicator"]])


def _attainment(figures: Figures, claim: dict[str, Any]) -> None:
    if len(claim["evidence"]) < 3:
        return
    own, value, goal = claim["evidence"]
    # Of a figure that stands in two places, both percentages are of the one with more digits.
    x, target = figures.number(figures.finest.get(value, value)), figures.number(goal)
    lower = figures.template.catalogue[claim["indicator"]]["direction"] == "lower"
    attained = 100 * target / x if lower else 100 * x / target
    upper = figures.printed[goal].upper
    if upper is not None:
        attained = np.select([x < target, x > float(upper)], [100 * x / target, 100 * float(upper) / x], 100.0)
    figures.put(own, attained)


def _share(figures: Figures, claim: dict[str, Any]) -> None:
    own, part, whole = claim["evidence"]
    figures.put(own, 100 * figures.number(part) / figures.number(whole))


RELATIONS = {
    "repeat": _repeat,
    "sum": _sum,
    "bound": _bound,
    "formula": _formula,
    "share": _share,
    "attainment": _attainment,
}
"""How each kind of claim is made true, in this order for what depends on one another."""


# --- writing -----------------------------------------------------------------------------------------


def write(
    folder: Path, rows: int, seed: int, *, towns: int = 0, errors: float = 0.0, missing: float = 0.0
) -> list[Planted]:
    """Write a country of about so many observations.

    Parameters
    ----------
    folder : Path
        What stands there is replaced.
    rows : int
        Of the observations of the whole country, if no report were missing.
    seed : int
        The same seed writes the same files.
    towns : int
        Instead of ``rows``.
    errors, missing : float
        Shares of the reports with a wrong figure, and of the towns without a report.

    Returns
    -------
    list of Planted
        The key to what is wrong, also written beside the folder if there is anything.
    """
    rng = np.random.default_rng(seed)
    shipped = load(TEMPLATE)
    sound = shipped.observations[shipped.observations["flag"] != "implausible"]
    template = load_rows(shipped, sound)
    listed = list(areas(towns or round(rows / len(sound)), rng))
    silent = {area.code for area in listed if area.level == "town" and rng.random() < missing} if missing else set()
    reports = [area for area in listed if area.code not in silent]
    figures = Figures(template, np.array([area.size for area in reports]), rng)
    figures.settle()
    found = list(changes(figures, reports, errors, rng)) if errors else []
    key = [_planted(figures, reports[change.report], change) for change in found]
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "observations").mkdir(parents=True)
    for name in SAME_FOR_ALL:
        shutil.copy(find_dataset(TEMPLATE) / f"{name}.csv", folder)
    communes = [code for code in template.tables["areas"]["area"] if code != template.town]
    _write_tables(folder, template, listed, silent, communes)
    for sector in template.tables["sectors"]["sector"]:
        _write_sector(folder, figures, reports, sector, communes)
    package = {
        **json.loads((find_dataset(TEMPLATE) / "datapackage.json").read_text(encoding="utf-8")),
        **{"name": folder.name, "title": "Một đất nước tưởng tượng", "title_en": "An invented country"},
        **{"about_vi": "", "about_en": "", "schema_version": VERSION, "resources": resources(folder)},
    }
    text = json.dumps(package, ensure_ascii=False, indent=2)
    (folder / "datapackage.json").write_text(f"{text}\n", encoding="utf-8")
    if errors:
        write_key(folder.with_name(f"{folder.name}.key.csv"), key)
    return key


def _planted(figures: Figures, area: Area, change: Change) -> Planted:
    row = figures.rows[change.label]
    before, after = (_written(figures, change.label, digits)[1] for digits in (change.before, change.after))
    communes = [code for code in figures.template.tables["areas"]["area"] if code != figures.template.town]
    code = _commune(area, communes.index(row["area"]) + 1).code if row["area"] in communes else area.code
    own = {name: row[name] for name in ("indicator", "period", "breakdown", "category", "measure", "locator")}
    return Planted(
        change.kind, change.check, change.beyond, area=code, source=area.source, before=before, after=after, **own
    )


def load_rows(data: Dataset, rows: pd.DataFrame) -> Dataset:
    """The same data set with some of its observations."""
    from dataclasses import replace

    return replace(data, observations=rows)


def _commune(town: Area, number: int) -> Area:
    name_vi, name_en = f"Xã {number}, {town.name_vi}", f"Commune {number}, {town.name_en}"
    return Area(f"{town.code}_c{number}", town.code, "commune", name_vi, name_en)


def _write_tables(folder: Path, template: Dataset, listed: list[Area], silent: set[str], communes: list[str]) -> None:
    """The tables that tell of areas and documents."""
    everywhere = []
    for area in listed:
        everywhere.append(area)
        if area.level == "town":
            everywhere += [_commune(area, number) for number in range(1, len(communes) + 1)]
    _write_rows(folder, "areas", ([a.code, a.parent, a.level, a.name_vi, a.name_en] for a in everywhere))
    reports = [area for area in listed if area.code not in silent]
    (source,) = template.tables["sources"].to_dict("records")
    titles = [source["publisher_vi"], source["publisher_en"], source["date"], source["language"], ""]
    _write_rows(
        folder,
        "sources",
        ([a.source, f"Báo cáo của {a.name_vi}", f"Report of {a.name_en}", *titles] for a in reports),
    )
    places = template.tables["locators"].drop(columns="source").to_numpy().tolist()
    _write_rows(folder, "locators", ([area.source, *place] for area in reports for place in places))
    for name in ("left_out", "reviews"):
        _write_rows(folder, name, [])


def _write_sector(folder: Path, figures: Figures, reports: list[Area], sector: str, communes: list[str]) -> None:
    labels = [label for label, row in figures.rows.items() if row["sector"] == sector]
    texts = {label: _texts(figures, label) for label in labels}

    def rows() -> Iterator[list[str]]:
        for number, area in enumerate(reports):
            for label in labels:
                row = figures.rows[label]
                code = area.code
                if row["area"] in communes:
                    if area.level != "town":
                        continue
                    code = _commune(area, communes.index(row["area"]) + 1).code
                value, printed = texts[label][number]
                given = {"area": code, "value": value, "printed": printed, "source": area.source}
                upper = figures.printed[label].upper
                given["value_max"] = "" if upper is None else f"{upper:f}"
                yield [given.get(column, row[column]) for column in OBSERVATIONS.columns]

    _write_rows(folder / "observations", sector, rows(), OBSERVATIONS.columns)


def _texts(figures: Figures, label: int) -> list[tuple[str, str]]:
    """Value and printed token of a figure in each report, in the form of the shipped token."""
    token, printed = figures.rows[label]["printed"], figures.printed[label]
    if printed.upper is not None:
        return [(f"{printed.value:f}", token)] * len(figures.digits[label])
    return [_written(figures, label, digits) for digits in figures.digits[label].tolist()]


def _written(figures: Figures, label: int, digits: int) -> tuple[str, str]:
    token, printed = figures.rows[label]["printed"], figures.printed[label]
    width = len(token.rstrip("%‰")) if token.startswith("0") and not printed.decimals else 1
    whole, rest = divmod(digits, 10**printed.decimals)
    tail = f"{rest:0{printed.decimals}}" if printed.decimals else ""
    value = f"{whole}.{tail}" if tail else str(whole)
    return value, f"{whole:,}".replace(",", ".").rjust(width, "0") + (f",{tail}" if tail else "") + printed.sign


def _write_rows(folder: Path, name: str, rows: Any, columns: list[str] | None = None) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns or TABLES[name].columns)
        writer.writerows(rows)


def main() -> None:
    """Write a country."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--towns", type=int, default=0, help="instead of --rows")
    parser.add_argument("--errors", type=float, default=0.0, help="share of reports with a wrong figure")
    parser.add_argument("--missing", type=float, default=0.0, help="share of towns without a report")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    more = {"towns": options.towns, "errors": options.errors, "missing": options.missing}
    write(options.folder, options.rows, options.seed, **more)


if __name__ == "__main__":
    main()
