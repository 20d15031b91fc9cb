"""One notebook through papermill, and whether to believe the result.

The language is chosen first: cells of the other one are dropped, and cells that need someone to ask. The
kernel is the interpreter that runs this code, whatever kernelspecs are installed. A notebook counts as
executed only if every code cell ran to its end, in order.
"""

from __future__ import annotations

import math
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill import execute_notebook, inspect_notebook
from papermill.exceptions import PapermillExecutionError

from ..errors import LaichauError
from ..shipped import SEARCH_PATH
from .jobs import Failure, Job
from .notebooks import read_notebook
from .workspace import shortage

__all__ = ["ReportError", "abandon", "execute", "select_cells"]

KERNELSPEC: Final = {"display_name": "Python 3", "language": "python", "name": "python3"}
INTERACTIVE: Final = "interactive"
"""Tag of cells that ask the one who opened the notebook; a report has nobody to ask."""
ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")
OWN_ERRORS: Final = frozenset({"DataError", "LaichauError", "MissingDataError", "UnknownNameError", "UsageError"})


class ReportError(LaichauError):
    """A report could not be made; ``failure`` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


class _ThisInterpreter(AsyncKernelManager):
    """Starts a kernel of the running interpreter, and keeps what it writes to standard error.

    nbclient makes the instance; the class of one execution knows its folder and environment.
    """

    folder: Path
    environment: Mapping[str, str]
    instances: list[_ThisInterpreter]
    process: Any = None

    @classmethod
    def within(cls, folder: Path, environment: Mapping[str, str]) -> type[_ThisInterpreter]:
        """The class for one execution."""
        return type(cls.__name__, (cls,), {"folder": folder, "environment": environment, "instances": []})

    def __init__(self, **options: Any) -> None:
        # Free ports are looked for before they are bound: kernels that start side by side may take the same.
        # A socket's path has a hundred letters at most.
        transport = "ipc" if os.name == "posix" and len(str(self.folder)) < 88 else "tcp"
        super().__init__(connection_file=str(self.folder / "kernel.json"), transport=transport, **options)
        self.instances.append(self)

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            env=dict(self.environment),
            display_name=KERNELSPEC["display_name"],
            language=KERNELSPEC["language"],
        )

    async def _async_start_kernel(self, **options: Any) -> None:
        with (self.folder / "stderr.txt").open("ab") as log:
            await super()._async_start_kernel(**(options | {"stdout": log, "stderr": log}))
        self.process = getattr(self.provisioner, "process", None)

    start_kernel = _async_start_kernel

    @classmethod
    def kill(cls) -> None:
        """End the kernel at once; it has nothing to save."""
        for manager in cls.instances:
            if manager.process is not None and manager.process.poll() is None:
                manager.process.kill()

    @classmethod
    def how_it_died(cls) -> str:
        """How the kernel ended, as far as the system knows."""
        for manager in cls.instances:
            status = None if manager.process is None else manager.process.poll()
            if status is not None:
                return _ending(status)
        return "it does not answer"

    @classmethod
    def last_words(cls, lines: int = 10) -> str:
        """The end of what the kernel wrote to standard error."""
        log = cls.folder / "stderr.txt"
        if not log.exists():
            return ""
        text = log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(line for line in text.splitlines()[-lines:] if line.strip())


_RUNNING: list[type[_ThisInterpreter]] = []


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


def execute(job: Job) -> tuple[nbformat.NotebookNode, str]:
    """Execute a notebook in one language.

    Parameters
    ----------
    job : Job

    Returns
    -------
    notebook : NotebookNode
        Executed, without anything that changes from run to run or names this machine.
    warnings : str
        What its cells wrote to standard error; it is not published.

    Raises
    ------
    ReportError
        If a cell raised, the kernel died, time ran out, or not every code cell ran.
    """
    stored = nbformat.read(job.path, as_version=4)
    stored.metadata["kernelspec"] = dict(KERNELSPEC)
    _check_parameters(job, stored)
    values = {"dataset": job.dataset, "language": job.language, **dict(job.parameters)}
    running: list[str] = []
    expired = threading.Event()
    with tempfile.TemporaryDirectory(prefix="k-") as name:
        folder = Path(name)
        # A kernel is killed at its end: what its cells put into temporary files must go with the folder.
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), name)
        environment = {"IPYTHONDIR": str(folder / "ipython"), SEARCH_PATH: job.data_path, **temporary}
        kernel = _ThisInterpreter.within(folder, environment)
        deadline = threading.Timer(job.timeout, _expire, (kernel, expired))
        deadline.daemon = True
        deadline.start()
        _RUNNING.append(kernel)
        try:
            executed = execute_notebook(
                select_cells(stored, job.language),
                None,
                parameters=values,
                progress_bar=False,
                kernel_name="python3",
                language="python",
                kernel_manager_class=kernel,
                shutdown_kernel="immediate",
                resources={"metadata": {"path": str(folder)}},
                on_cell_start=lambda cell, cell_index: running.append(cell.get("id", "")),
            )
        except PapermillExecutionError as error:
            raise ReportError(_raised(error, _number(stored, running))) from None
        except (DeadKernelError, CellTimeoutError, RuntimeError) as error:
            cell, words = _number(stored, running), kernel.last_words()
            if expired.is_set():
                raise ReportError(Failure(cell, "timeout", f"ran longer than {job.timeout:g} s", words)) from None
            how = kernel.how_it_died() if isinstance(error, DeadKernelError) else _first_line(error)
            how += shortage()
            if not running:
                raise ReportError(Failure(0, "start", f"the kernel did not start: {how}", words)) from None
            raise ReportError(Failure(cell, "dead", f"the kernel died: {how}", words)) from None
        finally:
            deadline.cancel()
            kernel.kill()
            _RUNNING.remove(kernel)
        if expired.is_set():
            raise ReportError(
                Failure(_number(stored, running), "timeout", f"ran longer than {job.timeout:g} s", kernel.last_words())
            )
    _believe(executed, stored)
    return _tidy(executed)


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


def _expire(kernel: type[_ThisInterpreter], expired: threading.Event) -> None:
    expired.set()
    kernel.kill()


def _number(stored: nbformat.NotebookNode, running: list[str]) -> int:
    """Number of the cell that was running, in the stored notebook."""
    ids = [cell.get("id", "") for cell in stored.cells]
    known = [ids.index(item) + 1 for item in running if item in ids]
    return known[-1] if known else 0


def _ending(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
    return f"{name}, as the system sends when memory runs out" if name == "SIGKILL" else name


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def _raised(error: PapermillExecutionError, cell: int) -> Failure:
    """An error of ours speaks for itself; any other comes with the end of its traceback."""
    if error.ename in OWN_ERRORS:
        return Failure(cell, "error", str(error.evalue))
    traceback = "\n".join(ANSI.sub("", line) for line in error.traceback)
    return Failure(cell, "error", f"{error.ename}: {error.evalue}", "\n".join(traceback.splitlines()[-15:]))


def _believe(executed: nbformat.NotebookNode, stored: nbformat.NotebookNode) -> None:
    """Refuse a notebook in which not every code cell ran to its end, in order."""
    ids = [cell.get("id", "") for cell in stored.cells]
    count = 0
    for cell in executed.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        count += 1
        number = ids.index(cell.id) + 1 if cell.get("id") in ids else 0
        if cell.execution_count != count:
            raise ReportError(
                Failure(
                    number, "incomplete", "it did not run to its end, and nothing after it; did a cell before it leave?"
                )
            )
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
        cell.outputs = [out for out in cell.outputs if out.output_type != "stream" or out.name != "stderr"]
    return _finite(notebook), "".join(warnings)
