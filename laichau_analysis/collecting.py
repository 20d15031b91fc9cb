"""Python's search for garbage, put off while many objects are made that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["without_search_for_garbage"]


@contextmanager
def without_search_for_garbage() -> Iterator[None]:
    """Make many objects, all of which stay, without Python looking again and again which of them do not.

    The search starts anew after so many objects were made. Of a million observations it takes a quarter
    of the time that loading and auditing them takes, and finds nothing.

    Examples
    --------
    >>> with without_search_for_garbage():
    ...     gc.isenabled()
    False
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
