"""One notebook through papermill, and whether to believe the result.

The language is chosen first: cells of the other one are dropped, and cells that need someone to ask. The
kernel is the interpreter that runs this code, see ``kernels``. A notebook counts as executed only if every code
cell ran to its end, in order.
"""

from __future__ import annotations

import math
import re
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import nbformat
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill import execute_notebook, inspect_notebook
from papermill.exceptions import PapermillExecutionError

from ..shipped import SEARCH_PATH
from .jobs import Failure, Job, ReportError
from .kernels import KERNELSPEC, Kernel
from .notebooks import read_notebook
from .workspace import shortage

__all__ = ["abandon", "execute", "select_cells"]

INTERACTIVE: Final = "interactive"
"""Tag of cells that ask the one who opened the notebook; a report has nobody to ask."""
ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")
OWN_ERRORS: Final = frozenset({"DataError", "LaichauError", "MissingDataError", "UnknownNameError", "UsageError"})


_RUNNING: list[Kernel] = []


def abandon() -> None:
    """End the kernels of this process and remove their folders, for a process that is told to stop."""
    # A signal can come at any place, where an exception would be swallowed; nothing here raises one.
    for kernel in _RUNNING:
        kernel.kill()
        shutil.rmtree(kernel.folder, ignore_errors=True)


def select_cells(notebook: nbformat.NotebookNode, language: str) -> nbformat.NotebookNode:
    """A copy of a notebook without the cells of other languages, and without those for JupyterLab only."""

    def belongs(tag: str) -> bool:
        return tag != INTERACTIVE and (not tag.startswith("lang-") or tag == f"lang-{language}")

    result = deepcopy(notebook)
    result.cells = [cell for cell in result.cells if all(map(belongs, cell.metadata.get("tags", [])))]
    return result


def execute(
    job: Job, warm: str = "", started: Callable[[bool], None] = lambda forked: None
) -> tuple[nbformat.NotebookNode, str]:
    """Execute a notebook in one language.

    Parameters
    ----------
    job : Job
    warm : str
        Address of the warm process that is to fork its kernel; one is started where there is none.
    started : callable, optional
        Called when its kernel runs, with whether it was forked.

    Returns
    -------
    notebook : NotebookNode
        Executed, without anything that changes from run to run or names this machine.
    warnings : str
        What its cells wrote to standard error; it is not published.

    Raises
    ------
    ReportError
        If a cell raised, the kernel died, time ran out, or not every code cell ran; with the notebook as far as
        it was executed.
    """
    stored = nbformat.read(job.path, as_version=4)
    stored.metadata["kernelspec"] = dict(KERNELSPEC)
    _check_parameters(job, stored)
    selected = select_cells(stored, job.language)
    begun: list[nbformat.NotebookNode] = []
    with tempfile.TemporaryDirectory(prefix="k-") as name:
        folder = Path(name)
        # A kernel is killed at its end: what its cells put into temporary files must go with the folder.
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), name)
        environment = {"IPYTHONDIR": str(folder / "ipython"), SEARCH_PATH: job.data_path, **temporary}
        kernel = Kernel(folder, environment, warm)
        _RUNNING.append(kernel)
        try:
            executed = _run(job, selected, kernel, begun, started)
            _believe(executed, stored)
        except ReportError as error:
            last = max((_number(stored, cell) for cell in begun), default=0)
            failure = replace(error.failure, cell=error.failure.cell or last)
            raise ReportError(failure, _as_far_as(selected, begun)) from None
        finally:
            kernel.close()
            _RUNNING.remove(kernel)
    return _tidy(executed)


def _run(
    job: Job,
    notebook: nbformat.NotebookNode,
    kernel: Kernel,
    begun: list[nbformat.NotebookNode],
    started: Callable[[bool], None],
) -> nbformat.NotebookNode:
    """Let papermill execute the cells, within the job's time; what goes wrong is a failure."""
    expired = threading.Event()

    def expire() -> None:
        expired.set()
        kernel.kill()

    def begin(cell: nbformat.NotebookNode, cell_index: int) -> None:
        if not begun:
            started(kernel.forked)
        begun.append(cell)

    deadline = threading.Timer(job.timeout, expire)
    deadline.daemon = True
    deadline.start()
    try:
        executed = execute_notebook(
            notebook,
            None,
            parameters={"dataset": job.dataset, "language": job.language, **dict(job.parameters)},
            progress_bar=False,
            kernel_name=KERNELSPEC["name"],
            language=KERNELSPEC["language"],
            km=kernel,
            resources={"metadata": {"path": str(kernel.folder)}},
            on_cell_start=begin,
        )
    except PapermillExecutionError as error:
        raise ReportError(_raised(error)) from None
    except (DeadKernelError, CellTimeoutError, RuntimeError) as error:
        if not expired.is_set():
            raise ReportError(_died(kernel, error, bool(begun))) from None
    finally:
        deadline.cancel()
    if expired.is_set():
        raise ReportError(Failure(0, "timeout", f"ran longer than {job.timeout:g} s", kernel.last_words()))
    return executed  # type: ignore[no-any-return]


def _check_parameters(job: Job, stored: nbformat.NotebookNode) -> None:
    """Compare what papermill finds in the parameters cell with its syntax tree."""
    declared = set(read_notebook(Path(job.path)).parameters)
    found = set(inspect_notebook(stored))
    if declared != found:
        lost = ", ".join(sorted(declared ^ found))
        raise ReportError(
            Failure(0, "error", f"papermill reads the parameters cell otherwise: {lost}; write them plainly")
        )
    unknown = {"dataset", "language", *dict(job.parameters)} - declared
    if unknown:
        raise ReportError(Failure(0, "error", f"the notebook does not declare: {', '.join(sorted(unknown))}"))


def _number(stored: nbformat.NotebookNode, cell: nbformat.NotebookNode) -> int:
    """Number of a cell in the stored notebook, from 1; 0 for one that papermill put in."""
    ids = [known.get("id") for known in stored.cells]
    return ids.index(cell.get("id")) + 1 if cell.get("id") in ids else 0


def _as_far_as(notebook: nbformat.NotebookNode, begun: list[nbformat.NotebookNode]) -> str:
    """A notebook of which some cells were executed."""
    if not begun:
        return ""
    seen = {cell.get("id") for cell in begun}
    notebook.cells = [*begun, *(cell for cell in notebook.cells if cell.get("id") not in seen)]
    return str(nbformat.writes(_finite(notebook))) + "\n"


def _died(kernel: Kernel, error: Exception, running: bool) -> Failure:
    """How a kernel ended, and whether the report can be to blame."""
    words = kernel.last_words()
    if kernel.lost:
        return Failure(0, "lost", "the process that its kernel was forked from died", words)
    how = kernel.how_it_died() if isinstance(error, DeadKernelError) else _first_line(error)
    how += shortage()
    if not running:
        return Failure(0, "start", f"the kernel did not start: {how}", words)
    return Failure(0, "dead", f"the kernel died: {how}", words)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _raised(error: PapermillExecutionError) -> Failure:
    """An error of ours speaks for itself; any other comes with the end of its traceback."""
    if error.ename in OWN_ERRORS:
        return Failure(0, "error", str(error.evalue))
    traceback = "\n".join(ANSI.sub("", line) for line in error.traceback)
    return Failure(0, "error", f"{error.ename}: {error.evalue}", "\n".join(traceback.splitlines()[-15:]))


def _believe(executed: nbformat.NotebookNode, stored: nbformat.NotebookNode) -> None:
    """Refuse a notebook in which not every code cell ran to its end, in order."""
    count = 0
    for cell in executed.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        count += 1
        number = _number(stored, cell)
        if cell.execution_count != count:
            message = "it did not run to its end, and nothing after it; did a cell before it leave?"
            raise ReportError(Failure(number, "incomplete", message))
        for output in cell.outputs:
            if output.output_type == "error":
                raise ReportError(Failure(number, "error", f"{output.ename}: {output.evalue}"))


def _finite(value: Any) -> Any:
    """The same without numbers that JSON does not know."""
    if isinstance(value, dict):
        return type(value)({key: _finite(item) for key, item in value.items()})
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _tidy(notebook: nbformat.NotebookNode) -> tuple[nbformat.NotebookNode, str]:
    """Take out what changes from run to run, and standard error."""
    warnings = []
    notebook.metadata.pop("papermill", None)
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
        if cell.cell_type != "code":
            continue
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"
        warnings += [out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stderr"]
        cell.outputs = _in_one_piece(out for out in cell.outputs if out.get("name") != "stderr")
    return _finite(notebook), "".join(warnings)


def _in_one_piece(outputs: Iterable[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """What a cell prints in a row as one output: a kernel sends it in pieces, as time goes by."""
    joined: list[nbformat.NotebookNode] = []
    for output in outputs:
        if joined and output.output_type == joined[-1].output_type == "stream":
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined
