"""How many errors, planted in the reports of an invented country, the audit finds, and what it finds beside them.

    python -m benchmarks.planted [--towns 700] [--errors 0.3] [--missing 0.05] [--seed 1] [--output build/benchmarks]

The country is written as CSV, converted to Parquet, and audited in batches. An error counts as found where the audit
calls something wrong that rests on the figure; a finding that rests on no planted error is a false alarm. Errors that
rounding could explain need not be found, and are counted by themselves.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from laichau_analysis.audit import WRONG, audit
from laichau_analysis.dataset import Dataset, load_parts
from laichau_analysis.exchange.converting import convert
from laichau_analysis.partitions import Partitions

from .country import write
from .speed import machine

PLACE = ["source", "locator", "indicator", "area", "period", "breakdown", "category", "measure"]
BATCH = 60


def called_wrong(data: Dataset) -> list[set[tuple[str, ...]]]:
    """For each finding that calls something wrong the figures that it rests on, by what is said of them and where."""
    found = audit(data)
    rows = data.observations
    names = dict(zip(rows.index, rows[PLACE].itertuples(index=False, name=None), strict=True))
    return [{names[label] for label in labels} for labels in found.loc[found["verdict"].isin(WRONG), "evidence"]]


def scored(key: Path, wrong: list[set[tuple[str, ...]]]) -> dict[str, Any]:
    """What was found of a key, and what is no error of it."""
    with key.open(encoding="utf-8", newline="") as file:
        planted = list(csv.DictReader(file))
    places = {tuple(row[name] for name in PLACE) for row in planted}
    called = set().union(*wrong) if wrong else set()
    counts: dict[str, Counter[str]] = {}
    missed = []
    for row in planted:
        beyond = row["beyond_rounding"] == "True"
        place = tuple(row[name] for name in PLACE)
        own = counts.setdefault(row["kind"], Counter())
        own["beyond" if beyond else "within"] += 1
        if place in called:
            own["found" if beyond else "found within"] += 1
        elif beyond:
            missed.append(row)
    return {
        "kinds": {kind: dict(own) for kind, own in counts.items()},
        "beyond": sum(own["beyond"] for own in counts.values()),
        "found": sum(own["found"] for own in counts.values()),
        "within": sum(own["within"] for own in counts.values()),
        "missed": missed,
        "false_alarms": [sorted(figures) for figures in wrong if not figures & places],
    }


def table(result: dict[str, Any]) -> str:
    """What was found, by kind."""
    lines = [f"{'':<42}{'planted':>9}{'found':>9}{'share':>9}{'within rounding':>18}{'found':>8}"]
    total: Counter[str] = Counter()
    for kind, own in [*result["kinds"].items(), ("all", None)]:
        counts = Counter(own) if own is not None else total
        if own is not None:
            total.update(counts)
        share = f"{counts['found'] / counts['beyond']:.2%}" if counts["beyond"] else ""
        lines.append(
            f"{kind:<42}{counts['beyond']:>9}{counts['found']:>9}{share:>9}"
            f"{counts['within']:>18}{counts['found within']:>8}"
        )
    lines.append(f"false alarms: {len(result['false_alarms'])}")
    return "\n".join(lines)


def main() -> None:
    """Write a country, audit it, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--towns", type=int, default=700)
    parser.add_argument("--errors", type=float, default=0.3)
    parser.add_argument("--missing", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        more = {"towns": options.towns, "errors": options.errors, "missing": options.missing}
        write(folder / "country", 0, options.seed, **more)
        convert(str(folder / "country"), folder / "parquet")
        began = time.perf_counter()
        parts = Partitions(folder / "parquet")
        homes = [home for region in parts.regions for home in parts.inside(region)]
        wrong, figures = [], 0
        for start in range(0, len(homes), BATCH):
            data = load_parts(parts, homes[start : start + BATCH])
            figures += len(data.observations)
            wrong += called_wrong(data)
        result = scored(folder / "country.key.csv", wrong)
    seconds = round(time.perf_counter() - began, 1)
    print(f"{options.towns} towns, {figures:,} figures, seed {options.seed}: audited in {seconds} s")
    print(table(result))
    for row in result["missed"][:20]:
        told = ("kind", "check", *PLACE[1:], "before", "after")
        print("missed:", ", ".join(f"{name} {row[name]}" for name in told if row[name]))
    for places in result["false_alarms"][:20]:
        print("false alarm:", places)
    options.output.mkdir(parents=True, exist_ok=True)
    told = {**machine(), **vars(options), "figures": figures, "seconds": seconds, **result}
    text = json.dumps(told, indent=2, default=str)
    (options.output / "planted.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
