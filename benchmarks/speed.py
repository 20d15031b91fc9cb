"""How long a run takes, against the public command lines of papermill and nbconvert, and against the floor.

    python -m benchmarks.speed [--rounds 3] [--whole-rounds 1] [--output build/benchmarks]

Each round runs every contender once, one after the other, so that what else the machine does meets all of them.
Commands are cold: each starts with a new interpreter. ``README.md`` beside this file tells the rest of the method.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import laichau_analysis
from laichau_analysis.runner.notebooks import find_notebooks
from laichau_analysis.schema import LANGUAGES
from laichau_analysis.shipped import shipped

PYTHON = sys.executable
LAICHAU = [PYTHON, "-m", "laichau_analysis"]
FOUR = ("budget", "tourism", "education", "poverty")
VERSIONS = (
    *("laichau-analysis", "papermill", "nbconvert", "ipykernel", "jupyter-client"),
    *("pandas", "matplotlib", "seaborn"),
)
EXPORTS = 20
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Nobody who is in a hurry compiles everything each time."""
Reports = list[tuple[str, str]]


def by_command_lines(reports: Reports, folder: Path) -> None:
    """papermill and nbconvert from the shell, one report after the other."""
    for name, language in reports:
        executed = folder / f"{name}.{language}.ipynb"
        notebook = shipped("notebooks") / f"{name}.ipynb"
        _call([PYTHON, "-m", "papermill", str(notebook), str(executed), "-k", "python3", "-p", "language", language])
        _call([PYTHON, "-m", "nbconvert", "--to", "html", str(executed)])


def by_laichau(kernels: str) -> Callable[[Reports, Path], None]:
    """One command of this package for all reports."""

    def run(reports: Reports, folder: Path) -> None:
        _call([*LAICHAU, "run", *_asked(reports), "--kernels", kernels, "--output", str(folder), "--logs", str(folder)])

    return run


def at_the_floor(reports: Reports, folder: Path) -> None:
    """The same cells and pictures in forked processes, without Jupyter."""
    _call([PYTHON, "-m", "benchmarks.floor", *_asked(reports)])


CONTENDERS: dict[str, Callable[[Reports, Path], None]] = {
    "papermill + nbconvert": by_command_lines,
    "laichau, stock kernels": by_laichau("stock"),
    "laichau, warm kernels": by_laichau("warm"),
    "floor": at_the_floor,
}


def _asked(reports: Reports) -> list[str]:
    languages = {language for _, language in reports}
    (language,) = languages if len(languages) == 1 else ("all",)
    return [*dict.fromkeys(name for name, _ in reports), "--language", language]


def _call(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")


def measured(action: Callable[[], None]) -> dict[str, float]:
    """Seconds by the clock, and of the processors, that an action's processes take."""

    def processors() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before, began = processors(), time.perf_counter()
    action()
    return {"seconds": time.perf_counter() - began, "processors": processors() - before}


def race(reports: Reports, rounds: int) -> dict[str, list[dict[str, float]]]:
    """All contenders in alternation."""
    results: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    for i in range(rounds):
        for name, contender in CONTENDERS.items():
            with tempfile.TemporaryDirectory() as folder:
                results[name].append(measured(lambda: contender(reports, Path(folder))))  # noqa: B023 (called at once)
            print(f"  round {i + 1}: {name} {results[name][-1]['seconds']:.1f} s", file=sys.stderr)
    return results


def exports() -> list[dict[str, float]]:
    """HTML of one executed report, again and again in one process, after the first time."""
    from laichau_analysis.runner.execution import execute
    from laichau_analysis.runner.jobs import Job
    from laichau_analysis.runner.rendering import render

    path = shipped("notebooks") / "budget.ipynb"
    notebook, _ = execute(Job("budget", str(path), "lai-chau", str(shipped("data")), "vi"))
    render(notebook, "vi")
    results = []
    for _ in range(EXPORTS):
        began, before = time.perf_counter(), time.process_time()
        render(notebook, "vi")
        results.append({"seconds": time.perf_counter() - began, "processors": time.process_time() - before})
    return results


def machine() -> dict[str, Any]:
    """What it was measured on."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "system": platform.platform(terse=True),
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load before": [round(load, 2) for load in os.getloadavg()],
        "versions": {name: metadata.version(name) for name in VERSIONS},
    }


def table(title: str, results: dict[str, list[dict[str, float]]]) -> str:
    """Rounds, minimum, median and ratios of a race."""
    medians = {name: statistics.median(one["seconds"] for one in rounds) for name, rounds in results.items()}
    lines = [title, f"  {'':24}{'rounds':>7}{'min':>8}{'median':>8}{'cpu':>8}{'faster':>8}{'floor x':>8}"]
    for name, rounds in results.items():
        seconds = [one["seconds"] for one in rounds]
        cpu = statistics.median(one["processors"] for one in rounds)
        faster = f"{medians['papermill + nbconvert'] / medians[name]:.1f}x" if "floor" in medians else ""
        floor = f"{medians[name] / medians['floor']:.2f}" if "floor" in medians else ""
        lines.append(
            f"  {name:24}{len(rounds):7}{min(seconds):8.3f}{medians[name]:8.3f}{cpu:8.3f}{faster:>8}{floor:>8}"
        )
    return "\n".join(lines)


def picture(races: dict[str, dict[str, list[dict[str, float]]]], file: Path) -> None:
    """The medians as bars, each round as a point."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, len(races), figsize=(10, 2.8), layout="constrained")
    for ax, (title, results) in zip(axes, races.items(), strict=True):
        names = list(results)[::-1]
        medians = [statistics.median(one["seconds"] for one in results[name]) for name in names]
        ax.barh(names, medians, color="#2f6a9f")
        for i, (name, median) in enumerate(zip(names, medians, strict=True)):
            ax.text(max(medians) / 100, i, f"{median:.1f}", color="white", va="center")
            ax.plot([one["seconds"] for one in results[name]], [i] * len(results[name]), ".", color="#1b1f24")
        ax.set(title=title, xlabel="seconds", xlim=(0, None))
        ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=150)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="of four reports")
    parser.add_argument("--whole-rounds", type=int, default=1, help="of the whole set; 0 leaves it out")
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    options = parser.parse_args()
    books = [book.name for book in find_notebooks(shipped("notebooks")) if not book.on_request]
    sets: dict[str, tuple[Reports, int]] = {
        f"{len(FOUR)} reports": ([(name, "vi") for name in FOUR], options.rounds),
        f"the whole set, {len(books) * len(LANGUAGES)} reports": (
            [(name, language) for name in books for language in LANGUAGES],
            options.whole_rounds,
        ),
    }
    compileall.compile_dir(Path(laichau_analysis.__file__).parent, quiet=1)
    facts = {"measured": datetime.now(UTC).isoformat(timespec="seconds"), **machine()}
    print(json.dumps(facts, indent=2))
    races = {}
    for title, (reports, rounds) in sets.items():
        if rounds:
            print(title, file=sys.stderr)
            races[title] = race(reports, rounds)
            print(table(title, races[title]), flush=True)
    alone = {
        "laichau --help": [measured(lambda: _call([*LAICHAU, "--help"])) for _ in range(5)],
        "HTML of a report": exports(),
    }
    print(table("by itself", alone))
    options.output.mkdir(parents=True, exist_ok=True)
    results = {"races": races, "by itself": alone}
    (options.output / "speed.json").write_text(json.dumps(facts | results, indent=2) + "\n", encoding="utf-8")
    picture(races, options.output / "speed.png")
    print(options.output / "speed.json", options.output / "speed.png", sep="\n")


if __name__ == "__main__":
    main()
