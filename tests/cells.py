"""The cells of a notebook, run in this process: a kernel for each answer that is looked at would take hours."""

import functools
import re

import nbformat

import laichau_analysis as la
from laichau_analysis import open_report
from laichau_analysis.exhibits import Exhibit
from laichau_analysis.runner.execution import select_cells
from laichau_analysis.shipped import shipped

opened = functools.cache(open_report)


@functools.cache
def compiled(name, language):
    """The cells that a run executes, the first of them the parameters."""
    book = select_cells(nbformat.read(shipped("notebooks") / f"{name}.ipynb", as_version=4), language)
    return [compile(cell.source, cell.id, "exec") for cell in book.cells if cell.cell_type == "code"]


def shown_by(monkeypatch, name, language, **parameters):
    """What a notebook shows, in its order; charts are not drawn. A report that is asked for again is opened once."""
    shown = []

    def of_report(*given, sectors=(), **more):
        return opened(*given, sectors=tuple(sectors), **more).anew(display=shown.append)

    with monkeypatch.context() as patch:
        patch.setattr(la, "open_report", of_report)
        names = {}
        defaults, *rest = compiled(name, language)
        exec(defaults, names)
        assert set(parameters) <= set(names)
        names |= {"language": language, **parameters}
        for cell in rest:
            exec(cell, names)
    return shown


def said_of(shown):
    """It in plain text."""
    return "\n".join(item.text() if isinstance(item, Exhibit) else item.text for item in shown)


def covering(books, chosen):
    """Some notebooks, and as few more as show together whatever any of them shows."""
    kinds = {book.name: set(re.findall(r"(?:report|charts)\.(\w+)", book.path.read_text("utf-8"))) for book in books}
    chosen, left = list(chosen), set().union(*kinds.values())
    left -= set().union(*(kinds[name] for name in chosen))
    while left:
        chosen.append(max(kinds, key=lambda name: len(kinds[name] & left)))
        left -= kinds[chosen[-1]]
    return chosen
