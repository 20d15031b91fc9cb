"""Chart, table, alternative text, caption and sources as one object, and the texts around it.

Each answers ``_repr_mimebundle_``: HTML for a page, plain text for a terminal, and a small record
(``application/vnd.laichau+json``) by which the page renderer knows that the HTML is ours.
All text that goes into HTML is escaped here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final
from urllib.parse import quote

import pandas as pd

from .charts import Chart, describe, style
from .tables import Cell, Table
from .wording import N_, Words, language_of

__all__ = ["MARKER", "Exhibit", "Place", "Shown", "table_html"]

MARKER: Final = "application/vnd.laichau+json"
NUM: Final = ' class="num"'
HIDDEN: Final = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"
"""For the eye, the caption stands above chart and table already, also where there is no style sheet."""


@dataclass(frozen=True)
class Place:
    """Where a figure stands: a document's key, the locator, and the locator's title."""

    source: str
    locator: str
    title: str

    @property
    def anchor(self) -> str:
        """Identifier of its entry in the list of sources."""
        return f"src-{self.source}-{self.locator}"

    def link(self) -> str:
        """A link to that entry."""
        return f'<a href="#{escape(self.anchor)}" title="{escape(self.title)}">{escape(self.locator)}</a>'


@dataclass(frozen=True)
class Shown:
    """Something that a report shows.

    Attributes
    ----------
    kind : str
        ``kicker``, ``headline``, ``key_figures``, ``sentence``, ``exhibit``, ``findings`` or ``sources``.
    html : str
        Finished HTML.
    text : str
        The same for a terminal, a screen reader or an index.
    """

    kind: str
    html: str
    text: str

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {"text/html": self.html, "text/plain": self.text, MARKER: {"kind": self.kind, "text": self.text}}

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True, repr=False)
class Exhibit:
    """A chart and its table, with caption, alternative text and sources.

    Attributes
    ----------
    title : str
        What is seen, in a sentence or a name.
    frame : DataFrame
        The labelled frame that chart and table are made from.
    table : Table
    chart : callable or None
    places : sequence of sequence of Place
        For each row of the table, where its figures stand.
    """

    title: str
    frame: pd.DataFrame
    table: Table
    chart: Chart | None = None
    places: Sequence[Sequence[Place]] = ()

    @property
    def alt(self) -> str:
        """What the chart shows, in words."""
        return describe(self.chart, self.frame) if self.chart else ""

    def svg(self) -> str:
        """The chart, drawn once; the same bytes each time."""
        assert self.chart is not None
        with style():
            figure = self.chart(self.frame).get_figure(root=True)
            assert figure is not None
            buffer = io.StringIO()
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            figure.savefig(buffer, format="svg", metadata=nothing)
        return re.sub(r"\s*\n\s*", " ", buffer.getvalue())

    def html(self) -> str:
        """Figure, caption, table and source line."""
        words = language_of(self.frame)
        picture = ""
        if self.chart:
            # A quoted address is a quarter smaller than base64.
            data = quote(self.svg().replace('"', "'"), safe=" '/:;=,.()!-_")
            picture = f'<img src="data:image/svg+xml,{data}" alt="{escape(self.alt)}">'
        places = list(dict.fromkeys(place for row in self.places for place in row))
        source = ""
        if places:
            links = ", ".join(place.link() for place in places)
            source = f'<p class="source">{escape(words.text(N_("Source")))}: {links}</p>'
        return (
            f'<figure class="exhibit"><figcaption>{escape(self.title)}</figcaption>{picture}'
            f"{table_html(self.table, self.title, self.places if len(places) > 1 else ())}{source}</figure>"
        )

    def text(self) -> str:
        """The title and the alternative text, or the table's rows."""
        rows = ["  ".join(_plain(cell) for cell in row) for row in self.table.rows]
        return "\n".join([self.title, self.alt] if self.chart else [self.title, *rows])

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, Any]:
        return {
            "text/html": self.html(),
            "text/plain": self.text(),
            MARKER: {"kind": "exhibit", "text": self.title},
        }


def _plain(cell: Cell) -> str:
    return cell.text + "".join(f" [{mark}]" for mark in cell.marks)


def table_html(table: Table, caption: str, places: Sequence[Sequence[Place]] = ()) -> str:
    """A table that scrolls in its own box, with the places of each row's figures below its name."""
    head = "".join(f'<th scope="col"{_class(i, table)}>{escape(heading)}</th>' for i, heading in enumerate(table.head))
    body = "".join(_row_html(row, places[i] if i < len(places) else ()) for i, row in enumerate(table.rows))
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f'<caption style="{HIDDEN}">{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _class(column: int, table: Table) -> str:
    numeric = bool(table.rows) and all(row[column].numeric for row in table.rows)
    return NUM if numeric else ""


def _row_html(row: Sequence[Cell], places: Sequence[Place]) -> str:
    first, *others = row
    links = ", ".join(place.link() for place in dict.fromkeys(places))
    refs = f' <span class="refs">{links}</span>' if links else ""
    cells = "".join(f"<td{NUM if cell.numeric else ''}>{cell_html(cell)}</td>" for cell in others)
    return f'<tr><th scope="row">{cell_html(first)}{refs}</th>{cells}</tr>'


def cell_html(cell: Cell) -> str:
    """A cell's text with its marks."""
    marks = "".join(f' <span class="mark">[{escape(mark)}]</span>' for mark in cell.marks)
    return escape(cell.text) + marks


def paragraph(css: str, text: str) -> str:
    """A paragraph of plain text."""
    return f'<p class="{css}">{escape(text)}</p>'


def definition_list(css: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Terms and what they mean."""
    items = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in pairs)
    return f'<dl class="{css}">{items}</dl>'


def key_figures_html(cards: Sequence[Mapping[str, str]], words: Words) -> str:
    """Cards with a label, a value, its unit and mark, a comparison and a word for the state."""
    boxes = []
    for card in cards:
        mark = f' <span class="mark">[{escape(card["mark"])}]</span>' if card.get("mark") else ""
        lines = [
            f'<span class="label">{escape(card["label"])}</span>',
            f'<span class="value">{escape(card["value"])}{mark}</span>',
            f'<span class="unit">{escape(card["unit"])}</span>' if card.get("unit") else "",
            f'<span class="compare">{escape(card["compare"])}</span>' if card.get("compare") else "",
            f'<span class="state">{escape(card["state"])}</span>' if card.get("state") else "",
        ]
        boxes.append(
            f'<li class="key-figure" data-state="{escape(card.get("code", ""))}">{" ".join(filter(None, lines))}</li>'
        )
    return f'<ul class="key-figures" aria-label="{escape(words.text(N_("Key figures")))}">{"".join(boxes)}</ul>'
