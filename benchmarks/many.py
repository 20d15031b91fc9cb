"""How the time for a report and the memory behave as reports become many.

    python -m benchmarks.many [--counts 30 100 300 1000] [--jobs 2] [--output build/benchmarks]

Each run is a cold ``laichau run explore --matrix FILE``, in one language, for so many pairs of an indicator and a year
of the data set that ships. Memory is that of the command and of all processes that it started, each page that they
share counted once (PSS), looked at twice a second.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import json
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from laichau_analysis import load

from .speed import ENVIRONMENT, LAICHAU, machine

COUNTS = (30, 100, 300, 1000)
LOOK = 0.5
"""Seconds between two looks at the memory."""


def pairs(count: int) -> Iterator[tuple[str, int]]:
    """Indicators with figures, for each year in turn."""
    data = load()
    rows = data.observations[data.observations["measure"] == "actual"]
    codes = list(dict.fromkeys(rows["indicator"]))
    found = itertools.islice(itertools.product(reversed(data.years()), codes), count)
    return ((code, year) for year, code in found)


class Memory(threading.Thread):
    """The most that a process and all that it started held at a time, in bytes."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process, self.most, self.over = process, 0, threading.Event()

    def run(self) -> None:
        while not self.over.wait(LOOK):
            with suppress(psutil.NoSuchProcess):
                own = psutil.Process(self.process)
                self.most = max(self.most, sum(map(_held, [own, *own.children(recursive=True)])))


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


def measured(count: int, jobs: int) -> dict[str, Any]:
    """Seconds and memory of a run of so many reports."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("indicator", "year"))
            writer.writerows(pairs(count))
        places = ["--output", str(folder / "out"), "--logs", str(folder / "logs")]
        command = [*LAICHAU, "run", "explore", "--matrix", str(folder / "rows.csv"), "--language", "vi", *places]
        began = time.perf_counter()
        with (folder / "log.txt").open("w") as log:
            process = subprocess.Popen([*command, "--jobs", str(jobs)], stdout=log, stderr=log, env=ENVIRONMENT)
            memory = Memory(process.pid)
            memory.start()
            status = process.wait()
        seconds = time.perf_counter() - began
        memory.over.set()
        memory.join()
        record = json.loads((folder / "out" / "run.json").read_text(encoding="utf-8"))
    made = sum(entry["status"] == "done" for entry in record["reports"])
    return {"asked": count, "made": made, "status": status, "seconds": seconds, "megabytes": memory.most / 2**20}


def table(results: list[dict[str, Any]]) -> str:
    """A line for each run."""
    lines = [f"{'reports':>8}{'made':>7}{'seconds':>10}{'each':>8}{'memory':>10}"]
    for one in results:
        each = one["seconds"] / one["asked"]
        lines.append(f"{one['asked']:8}{one['made']:7}{one['seconds']:10.1f}{each:8.3f}{one['megabytes']:7.0f} MB")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    options = parser.parse_args()
    facts = machine()
    results = []
    for count in options.counts:
        results.append(measured(count, options.jobs))
        print(table(results[-1:]), flush=True)
    print(table(results))
    options.output.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**facts, "jobs": options.jobs, "runs": results}, indent=2)
    (options.output / "many.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
