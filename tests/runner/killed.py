"""Publishes a second version of a report again and again, each time killed one step later.

python -m tests.runner.killed FIRST STEPS TOWN BOOKS: what a kill before the n-th touch of the output folder,
which begins as FIRST, left is in STEPS/n; the last one was not killed.
"""

import os
import shutil
import signal
import sys
from pathlib import Path

from laichau_analysis import load
from laichau_analysis.runner.jobs import Job, Outcome
from laichau_analysis.runner.notebooks import find_notebooks
from laichau_analysis.runner.publishing import OutputFolder
from laichau_analysis.runner.rendering import Page

TOUCHES = {"open", "os.rename", "os.remove", "os.mkdir", "os.chmod", "os.truncate"}


def version(number, name, language):
    """A report whose files all say which version they are of; the later one has a table less."""
    text = f"<!DOCTYPE html><title>{number}</title>" + f"<p>{number}</p>" * 2000 + "</html>"
    tables = tuple((f"Table {i}", f"version\r\n{number}\r\n") for i in range(4 - number))
    summary = {"headline": f"Version {number}.", "key_figure": "", "findings": {}}
    return Outcome(
        Job(name, "", "town", "", language), "done", 1.0, Page(text, tables), "{}", {"pdf": b"%PDF"}, summary
    )


def publish(folder, data, notebooks, number):
    with OutputFolder.held(folder) as output:
        for book in notebooks:
            for language in ("vi", "en"):
                output.publish(version(number, book.name, language))
        output.close(data, notebooks)


def publish_until(folder, data, notebooks, last):
    """Publish the second version, and be killed before the last touch."""
    touched = 0

    def watch(event, arguments):
        nonlocal touched
        if event in TOUCHES and isinstance(arguments[0], (str, Path)) and str(folder) in str(arguments[0]):
            touched += 1
            if touched == last:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    publish(folder, data, notebooks, 2)


def main(first, steps, town, books):
    data, notebooks = load(str(town)), find_notebooks(books)
    publish(first, data, notebooks, 1)
    step, status = 0, signal.SIGKILL
    while status == signal.SIGKILL:
        step += 1
        folder = steps / f"{step:04}"
        shutil.copytree(first, folder)
        child = os.fork()
        if not child:
            publish_until(folder, data, notebooks, step)
            os._exit(0)
        _, status = os.waitpid(child, 0)
    assert status == 0


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
