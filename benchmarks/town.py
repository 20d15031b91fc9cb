"""How long it takes to read one town out of a partitioned data set of many.

    python -m benchmarks.town FOLDER [--towns 50] [--seed 1] [--output build/benchmarks]

Towns are drawn at random; each is loaded and validated once, one after the other in one process, by its own list of
homes, as a kernel does it for its report. The first one is told by itself: it imports pyarrow.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from pathlib import Path

from laichau_analysis import load
from laichau_analysis.partitions import Partitions

from .speed import machine


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--towns", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=Path, default=Path("build/benchmarks"))
    options = parser.parse_args()
    homes = list(Partitions(options.folder).regions_of)
    chosen = random.Random(options.seed).sample(homes, min(options.towns + 1, len(homes)))
    seconds, figures = [], []
    for home in chosen:
        began = time.perf_counter()
        figures.append(len(load(str(options.folder), home).observations))
        seconds.append(time.perf_counter() - began)
    first, *others = seconds
    told = {
        "homes": len(homes),
        "read": len(others),
        "figures": statistics.median(figures),
        **{name: 1000 * value for name, value in (("first", first), ("least", min(others)), ("most", max(others)))},
        "median": 1000 * statistics.median(others),
    }
    print(f"{told['homes']:,} homes; {told['read']} read, some {told['figures']:.0f} figures each")
    print(", ".join(f"{name} {told[name]:.0f} ms" for name in ("first", "least", "median", "most")))
    options.output.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**machine(), **told}, indent=2)
    (options.output / "town.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
