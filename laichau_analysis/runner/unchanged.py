"""A run that has nothing to do: it is noted, and ends before pandas, papermill or nbconvert are loaded."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from ..errors import UsageError
from .jobs import Request
from .planning import outline
from .publishing import RECORD, OutputFolder
from .workspace import tidy

__all__ = ["confirm"]


def confirm(request: Request) -> int:
    """Note a run in the record and the history of its output folder, if it would change nothing else there.

    Parameters
    ----------
    request : Request

    Returns
    -------
    int
        How many reports stand as they are; 0 if there is something to do, or something is wrong.

    Raises
    ------
    BusyError
        If another run holds the folder.
    """
    if request.force or not (request.output / RECORD).is_file():
        return 0
    try:
        sketch = outline(request)
    except UsageError:
        return 0  # the run that follows tells of it
    if sketch.problems:
        return 0
    made_from = sketch.made_from()
    with OutputFolder.held(request.output) as folder:
        if request.prune and folder.not_asked_for(made_from):
            return 0
        if not folder.nothing_changed(made_from, sketch.made_of_everything()):
            return 0
        folder.confirm(made_from)
    with suppress(OSError):  # there is no place for temporary files, and nothing to do that would need one
        tidy(Path(tempfile.gettempdir()))
    return len(made_from)
