"""What everyone may read of an error: no path of this machine, no password, and not without end."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Final

__all__ = ["public"]

LONGEST: Final = 500
LOGIN: Final = re.compile(r"://[^/\s@]+@")
PATH: Final = re.compile(
    r"(?:file://|(?<![\w.…/-]))/(?:[\w.@+~-]+/)+"  # what is preceded by a letter is a unit or a part of an address
    r"|(?<!\w)[A-Za-z]:\\(?:[^\\\s'\"]+\\)+"
)


def public(text: str) -> str:
    """A message without what is nobody's business; files keep their names.

    Examples
    --------
    >>> public("[Errno 2] No such file or directory: '/srv/secret place/../town/areas.csv'")
    "[Errno 2] No such file or directory: '…/secret place/../town/areas.csv'"
    >>> public("no answer of https://me:word@example.org/town/list, 5 million_dong/person/year")
    'no answer of https://…@example.org/town/list, 5 million_dong/person/year'
    """
    known = {str(Path.cwd()), str(Path.home()), tempfile.gettempdir(), sys.prefix} - {"/"}
    for folder in sorted(known, key=len, reverse=True):  # one may lie in another
        text = text.replace(f"{folder}/", "/known/")
    text = PATH.sub("…/", LOGIN.sub("://…@", text))
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"
