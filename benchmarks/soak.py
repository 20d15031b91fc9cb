"""300 reports with seeded faults, while a reader polls the folder: python -m benchmarks.soak [--reports N] [--seed N].

Prints how many reports were published, which faults were met, how many torn or wrong files the reader saw, how
many processes and temporary files were left, and the memory after the first run beside that after the last.
"""

import argparse
import json
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import psutil

from laichau_analysis.runner.jobs import Request
from laichau_analysis.runner.pipeline import run
from tests.runner.books import write
from tests.towns import figure, indicator, write_town

FAULTS = {
    "none": "print('well')",
    "raises": "1/0",
    "exits": "import sys; sys.exit(0)",
    "leaves": "import os; os._exit(0)",
    "aborts": "import os; os.abort()",
    "killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "too long": "while True: pass",
    "kills its worker": "import os, signal; os.kill(os.getppid(), signal.SIGKILL)\nimport time; time.sleep(60)",
}
CHANCES = [70, 6, 4, 4, 4, 4, 4, 4]
BOOKS = 15


class Reader(threading.Thread):
    """Reads every page and the index again and again, as a visitor would."""

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.folder, self.read, self.wrong, self.over = folder, 0, [], threading.Event()

    def run(self):
        while not self.over.is_set():
            for path in [*self.folder.glob("??/*.html"), self.folder / "index.html"]:
                try:
                    text = path.read_text(encoding="utf-8")
                except FileNotFoundError:
                    continue
                self.read += 1
                whole = text.rstrip().endswith("</html>")
                wrong = path.name != "index.html" and "well" not in text
                if not whole or wrong:
                    self.wrong.append(str(path))
            try:
                json.loads((self.folder / "run.json").read_text(encoding="utf-8"))
            except FileNotFoundError:
                pass
            except ValueError as error:
                self.wrong.append(f"run.json: {error}")


def processes(mark):
    """Processes that bear a mark in their environment, but for this one."""
    found = []
    for process in psutil.process_iter():
        try:
            # The resource tracker of multiprocessing belongs to this process and ends with it.
            ours = process.pid == os.getpid() or "resource_tracker" in " ".join(process.cmdline())
            if not ours and process.environ().get("LAICHAU_SOAK") == mark:
                found.append(process)
        except psutil.Error:
            continue
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    dice, met, outcomes = random.Random(arguments.seed), Counter(), Counter()
    os.environ["LAICHAU_SOAK"] = mark = str(os.getpid())
    memory = []
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        place = Path(name)
        temporary = place / "temporary"
        temporary.mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
        write_town(place / "town", [indicator("revenue")], [figure("revenue", "2024", "5")])
        output = place / "reports"
        reader = Reader(output)
        reader.start()
        began = time.monotonic()
        for _ in range(-(-arguments.reports // (2 * BOOKS))):
            for book in range(BOOKS):
                fault = dice.choices(list(FAULTS), CHANCES)[0]
                met[fault] += 2
                write(place / "books", f"book{book:02}", FAULTS[fault], order=book)
            run(
                Request(data=str(place / "town"), notebooks=place / "books", output=output, timeout=10, force=True),
                tell=lambda outcome: outcomes.update([outcome.status]),
            )
            memory.append(psutil.Process().memory_info().rss / 2**20)
        seconds = time.monotonic() - began
        reader.over.set()
        reader.join()
        ended = time.monotonic()
        while processes(mark) and time.monotonic() - ended < 5:
            pass
        links = re.findall(r'href="([^"#][^"]*)"', (output / "index.html").read_text(encoding="utf-8"))
        print(f"{sum(outcomes.values())} reports in {seconds:.0f} s: {dict(outcomes)}")
        print(f"faults met: {dict(met)}")
        print(f"files read meanwhile: {reader.read}; torn or wrong: {len(reader.wrong)} {reader.wrong[:3]}")
        print(f"links of the index that lead nowhere: {sum(not (output / link).is_file() for link in links)}")
        print(
            f"processes left after 5 s: {len(processes(mark))}; temporary files left: {len(list(temporary.iterdir()))}"
        )
        print(f"memory after the first run {memory[0]:.0f} MB, after the last {memory[-1]:.0f} MB")
    return bool(reader.wrong)


if __name__ == "__main__":
    sys.exit(main())
