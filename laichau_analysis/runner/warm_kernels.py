"""The warm process of kernels: ``python -m laichau_analysis.runner.warm_kernels``; see ``warm``.

A kernel that it forks is like one that was started: what differs between this process and a fresh interpreter
is set right before the kernel begins.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import random
import sys
import tempfile
from typing import Any, Final

from . import warm

__all__ = ["main", "preload"]

PRELOADED: Final = (
    *("pandas", "pandas.core.methods.to_dict", "pandas.io.formats.csvs", "seaborn", "matplotlib.figure"),
    *("matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "PIL.PngImagePlugin"),
    *("ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "ipykernel.debugger"),
    *("IPython.core.completerlib", "IPython.core.oinspect", "IPython.extensions.storemagic", "sqlite3", "psutil"),
    *("tornado.platform.asyncio", "tornado.queues", "resource"),
    *("laichau_analysis.report", "laichau_analysis.charts"),
)
"""What reports import. The inline backend of matplotlib is not among it: it hooks the shell when it is imported,
and would find none; then pictures would not show."""


def main() -> None:
    """Serve kernels."""
    preload()
    request, files = warm.serve()
    _become(request, *files)


def preload() -> None:
    """Import what reports need."""
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # nobody debugs a report, and it would warn that they cannot
    for name in PRELOADED:
        importlib.import_module(name)
    from ..schema import LANGUAGES
    from ..words import Words

    for language in LANGUAGES:  # its texts are read once
        Words(language)


def _become(request: dict[str, Any], out: int, err: int) -> None:
    """Run a kernel as its command would."""
    import matplotlib as mpl
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    for file, standard in ((out, 1), (err, 2)):
        os.dup2(file, standard)
        os.close(file)
    tempfile.tempdir = None  # found once a process, by an environment that is another one now
    random.seed()
    np.random.seed()
    _, _, module, *arguments = request["command"]  # PYTHON -m MODULE ARGUMENTS
    program = importlib.util.find_spec(module)
    sys.argv = [str(program.origin if program else module), *arguments]
    kernel = IPKernelApp.instance()
    kernel.initialize(arguments)  # type: ignore[no-untyped-call]
    mpl.rcParams["backend"] = os.environ["MPLBACKEND"]  # matplotlib asks for it when it is imported
    kernel.start()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
