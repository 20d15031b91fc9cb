"""Time loading, validating, measuring and auditing a big data set against ``pandas.read_csv`` on its files.

    python -m benchmarks.million [FOLDER] [--rows 1000000] [--rounds 3] [--json FILE]

Without a folder the country of ``benchmarks.country`` is written to a temporary one. Each round runs all steps one
after the other in this process, so that what else the machine does falls on all of them alike. Printed are the best
and the median round of each step, the ratio of the best ones, and that of the processor time, which is less disturbed
by others. ``load`` reads and validates in one go. Memory is the most that the process had held when the step had run
for the first time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pandas as pd

from laichau_analysis import load
from laichau_analysis.audit import audit
from laichau_analysis.metrics import progress

from .country import write

GOAL = 3
READING = "pandas.read_csv"


def steps(folder: Path) -> dict[str, Callable[[], Any]]:
    """What is timed, by name, in order; each step after the first works on what ``load`` gave."""
    files = sorted([*folder.glob("*.csv"), *folder.glob("observations/*.csv")])
    loaded: list[Any] = []

    def load_and_keep() -> None:
        loaded[:] = [load(str(folder))]

    return {
        READING: lambda: [pd.read_csv(file, low_memory=False) for file in files],
        "load and validate": load_and_keep,
        "measure": lambda: progress(loaded[0]),
        "audit": lambda: audit(loaded[0]),
    }


def measured(folder: Path, rounds: int) -> dict[str, Any]:
    """Seconds of each step in each round, on the clock and of the processor, and the megabytes held after the first."""
    seconds: dict[str, list[float]] = {}
    processor: dict[str, list[float]] = {}
    memory: dict[str, int] = {}
    for _ in range(rounds):
        for name, step in steps(folder).items():
            started, worked = time.perf_counter(), time.process_time()
            step()
            seconds.setdefault(name, []).append(round(time.perf_counter() - started, 3))
            processor.setdefault(name, []).append(round(time.process_time() - worked, 3))
            memory.setdefault(name, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
    return {
        "seconds": seconds,
        "processor_seconds": processor,
        "megabytes": memory,
        "ratios": ratios(seconds),
        "processor_ratios": ratios(processor),
    }


def ratios(seconds: dict[str, list[float]]) -> dict[str, float]:
    """The best round of each step over the best one of reading."""
    least = min(seconds[READING])
    return {name: round(min(times) / least, 2) for name, times in seconds.items()}


def machine() -> dict[str, str]:
    """Where it was measured."""
    versions = {}
    for package in ("pandas", "numpy", "pyarrow"):
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            versions[package] = "not installed"
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
        **versions,
    }


def report(result: dict[str, Any]) -> str:
    """The result as a table."""
    lines = [", ".join(f"{name} {value}" for name, value in result["machine"].items())]
    lines.append(f"{result['rows']:,} observations, {result['bytes'] / 2**20:.0f} MB in {result['files']} files")
    lines.append(f"{'':<18}{'best':>9}{'median':>9}{'ratio':>8}{'of cpu':>8}{'goal':>6}{'memory':>10}")
    for name, times in result["seconds"].items():
        goal = "" if name == READING else f"<= {GOAL}"
        ratio, of_processor = (result[kind][name] for kind in ("ratios", "processor_ratios"))
        lines.append(
            f"{name:<18}{min(times):>7.2f} s{statistics.median(times):>7.2f} s{ratio:>8.2f}{of_processor:>8.2f}"
            f"{goal:>6}{result['megabytes'][name]:>7,} MB"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary) / "country"
        if not folder.exists():
            print("writing the data set …", file=sys.stderr)
            write(folder, options.rows, options.seed)
        files = [*folder.glob("*.csv"), *folder.glob("observations/*.csv")]
        result = {
            "machine": machine(),
            "rows": len(load(str(folder)).observations),
            "files": len(files),
            "bytes": sum(file.stat().st_size for file in files),
            **measured(folder, options.rounds),
        }
    print(report(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
