"""Reports through a Dask scheduler on this machine, against a run of its own; and what waiting reports take.

    python -m benchmarks.cluster [--reports 1000] [--queued 20000] [--output build/benchmarks]

The reports are those of ``benchmarks.many``. Contenders run one after the other: two processes of the run itself, two
workers of a scheduler over TCP, one worker. Each is a cold command; the workers are there already, but have not made a
report. Then a run of so many reports of one empty cell is let go on for two minutes, while the memory of the scheduler
and of the command is looked at twice a second.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from .many import pairs
from .speed import ENVIRONMENT, LAICHAU, machine

WATCHED = 120.0
"""Seconds for which memory is looked at."""


@contextmanager
def serving(folder: Path, workers: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler and workers; its address and its process."""
    file = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    dask = [sys.executable, "-m"]
    options = ["--no-dashboard", "--scheduler-file", str(file)]
    scheduler = subprocess.Popen(
        [*dask, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *options], **quiet
    )
    running = [scheduler]
    try:
        while not file.exists():
            time.sleep(0.1)
        worker = [*dask, "distributed.cli.dask_worker", "--nthreads", "1", "--memory-limit", "0", *options]
        running += [subprocess.Popen([*worker, "--local-directory", str(folder)], **quiet) for _ in range(workers)]
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
        from distributed import Client

        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=60)
        yield address, scheduler
    finally:
        for process in reversed(running):
            for one in psutil.Process(process.pid).children(recursive=True):
                one.kill()
            process.kill()
            process.wait()


def run(
    rows: list[tuple[str, int]], *options: str, notebooks: str = "", report: str = "explore"
) -> subprocess.Popen[bytes]:
    """Start a run of a report for each row, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="laichau-bench-"))
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("indicator", "year"))
        writer.writerows(rows)
    places = ["--output", str(folder / "out"), "--logs", str(folder / "logs"), "--deadline", "36000"]
    more = ["--notebooks", notebooks] if notebooks else []
    command = [
        *LAICHAU,
        "run",
        report,
        "--matrix",
        str(folder / "rows.csv"),
        "--language",
        "vi",
        *places,
        *more,
        *options,
    ]
    with (folder / "log.txt").open("w") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=ENVIRONMENT)


def timed(rows: list[tuple[str, int]], *options: str) -> float:
    """Seconds that a run takes."""
    began = time.perf_counter()
    if run(rows, *options).wait():
        sys.exit("a run failed")
    return time.perf_counter() - began


def waiting(count: int) -> dict[str, Any]:
    """Memory of the scheduler and of the command while many reports wait."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notebook = {
            "cells": [
                {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# Nothing"},
                {
                    **{"cell_type": "code", "id": "parameters", "execution_count": None, "outputs": []},
                    "metadata": {"tags": ["parameters"]},
                    "source": 'dataset: str = ""\nlanguage: str = ""\nindicator: str = ""\nyear: int = 0',
                },
            ],
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "laichau": {"order": 1}},
            **{"nbformat": 4, "nbformat_minor": 5},
        }
        (folder / "books").mkdir()
        (folder / "books" / "nothing.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        rows = [(f"i{number}", 2024) for number in range(count)]
        (folder / "dask").mkdir()
        with serving(folder / "dask", 2) as (address, scheduler):
            command = run(rows, "--scheduler", address, notebooks=str(folder / "books"), report="nothing")
            looked = []
            ends = time.monotonic() + WATCHED
            while time.monotonic() < ends and command.poll() is None:
                held = [psutil.Process(process.pid).memory_full_info().pss / 2**20 for process in (scheduler, command)]
                looked.append({"scheduler": held[0], "command": held[1]})
                time.sleep(0.5)
            command.terminate()
            command.wait()
    return {"queued": count, "looked": looked}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--queued", type=int, default=20000)
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    options = parser.parse_args()
    rows = list(pairs(options.reports))
    seconds = {"this machine, two at a time": timed(rows, "--jobs", "2")}
    for workers in (2, 1):
        with tempfile.TemporaryDirectory() as name, serving(Path(name), workers) as (address, _):
            seconds[f"Dask, {workers} worker{'s' if workers > 1 else ''}"] = timed(rows, "--scheduler", address)
        print({key: round(value, 1) for key, value in seconds.items()}, flush=True)
    own, two, one = seconds.values()
    print(f"{options.reports} reports: two workers {two / own:.2f} times this machine's; one to two {one / two:.2f}x")
    memory = waiting(options.queued) if options.queued else {"looked": []}
    both = [look["scheduler"] + look["command"] for look in memory["looked"]]
    if both:
        early, late = both[len(both) // 4], both[-1]
        print(f"{options.queued} queued: together {early:.0f} MB after a quarter, {late:.0f} MB at the end")
    options.output.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**machine(), "reports": options.reports, "seconds": seconds, **memory}, indent=2)
    (options.output / "cluster.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
