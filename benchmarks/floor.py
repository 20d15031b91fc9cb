"""The least that reports cost: the same cells and pictures in forked processes, without Jupyter.

    python -m benchmarks.floor [--jobs N] [--language vi|en|all] [REPORT ...]

Imports come first, then a process is forked for each report, N at a time. Nothing is sent anywhere, rendered or
written, and what is shown is thrown away once it is made. No run of these notebooks can be faster than this.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from IPython.core.interactiveshell import InteractiveShell

from laichau_analysis.runner.notebooks import find_notebooks
from laichau_analysis.runner.warm_kernels import preload
from laichau_analysis.schema import LANGUAGES
from laichau_analysis.shipped import shipped


def execute(path: str, language: str) -> None:
    """Run the cells of a notebook."""
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    shell = InteractiveShell.instance()
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 (as long as the process lives)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            source = "".join(cell["source"])
            if "parameters" in cell["metadata"].get("tags", []):
                source += f"\nlanguage = {language!r}"
            shell.run_cell(source).raise_error()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", nargs="*")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--language", choices=[*LANGUAGES, "all"], default="all")
    options = parser.parse_args()
    books = find_notebooks(shipped("notebooks"), options.reports) if options.reports else None
    books = books or [book for book in find_notebooks(shipped("notebooks")) if not book.on_request]
    languages = LANGUAGES if options.language == "all" else (options.language,)
    preload()
    running: set[int] = set()
    failed = False

    def wait() -> bool:
        process, status = os.wait()
        running.remove(process)
        return status != 0

    for book, language in [(book, language) for book in books for language in languages]:
        if len(running) == options.jobs:
            failed |= wait()
        process = os.fork()
        if not process:
            try:
                execute(str(book.path), language)
            except BaseException as error:
                print(f"{book.name} ({language}): {error}", file=sys.stderr)
                os._exit(1)
            os._exit(0)
        running.add(process)
    while running:
        failed |= wait()
    sys.exit(failed)


if __name__ == "__main__":
    main()
