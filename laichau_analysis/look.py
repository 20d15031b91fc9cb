"""How our HTML looks wherever it stands, and how it is known as ours; what renders a page needs no more of it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

__all__ = ["MARKER", "dressed", "look", "undressed", "visible"]

MARKER: Final = "application/vnd.laichau+json"
"""Type of the record that goes along with our HTML."""
_UNSEEN: Final = dict.fromkeys(
    (
        *range(0x09),
        *range(0x0E, 0x20),
        *range(0x7F, 0xA0),
        0x061C,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    ),
    "\ufffd",
)


def visible(text: str) -> str:
    r"""A text whose control characters and marks of direction show as � instead of acting.

    A mark in a name could otherwise turn round the figures that follow it.

    Examples
    --------
    >>> visible("1\u202e23") == "1\ufffd23"
    True
    """
    return text.translate(_UNSEEN)


@cache
def look() -> str:
    """How exhibits look wherever they stand, as a style sheet."""
    text = (Path(__file__).parent / "exhibits.css").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)).strip()


def dressed(html: str) -> str:
    """HTML with its look: one output of a notebook cannot count on another one for it."""
    return f"<style>{look()}</style>{html}"


def undressed(html: str) -> str:
    """HTML of a bundle without the look, which a page has once for all of it.

    Examples
    --------
    >>> undressed(dressed("<p>5</p>"))
    '<p>5</p>'
    """
    return html.removeprefix(dressed(""))
