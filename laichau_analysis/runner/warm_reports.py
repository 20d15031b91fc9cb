"""The warm process of workers: ``python -m laichau_analysis.runner.warm_reports``; see ``warm``.

It forks a process for each report, which talks with the report's kernel and renders what comes out.
"""

from __future__ import annotations

import os
import signal
from multiprocessing.connection import Connection

from . import warm, workers

__all__ = ["main", "preload"]


def main() -> None:
    """Serve workers."""
    preload()
    request, (file,) = warm.serve(signal.SIGTERM)  # a worker has a kernel to end
    workers.end_when_told(request["temporary"])
    os.set_inheritable(file, False)
    workers.answer(Connection(file))
    os._exit(0)


def preload() -> None:
    """Import what makes reports, and let it build what it keeps: checks, templates, lists of plug-ins."""
    workers.spare_imports()
    import nbformat

    from . import production as production
    from . import provisioner, rendering

    example = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[])])
    nbformat.validate(example)
    rendering.render(example, "vi")
    provisioner.make_known()


if __name__ == "__main__":
    main()
