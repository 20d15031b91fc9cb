"""Chart, table, alternative text, caption and sources as one object, and the texts around it.

Each answers ``_repr_mimebundle_``: HTML for a page, plain text for a terminal, and a small record
(``application/vnd.laichau+json``) by which the page renderer knows that the HTML is ours. In a bundle the HTML
brings its look along, for JupyterLab has none of ours; a page has it once.
All text that goes into HTML is escaped here.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final
from urllib.parse import quote

import pandas as pd

from .charts import Chart, describe, style
from .export import csv_for_readers, taken_away
from .look import MARKER, dressed, visible
from .tables import IN_A_WORD, SYMBOLS, Cell, Table
from .wording import language_of
from .words import N_, Words

__all__ = ["Exhibit", "Place", "Shown", "table_html"]

MANY_PLACES: Final = 6
"""Of more places each row of the table names its own, and no line repeats them."""
PIXELS_PER_INCH: Final = 150
POINTS_PER_INCH: Final = 72
HIDDEN: Final = "position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap"
"""For the eye, the caption stands above chart and table already, also where there is no style sheet."""


@dataclass(frozen=True)
class Place:
    """Where a figure stands: a document's key, the locator, and the locator's title.

    Attributes
    ----------
    source, locator, title : str
    figure : int
        Index label of the figure; two figures at one locator are at the same place.
    edition : str
        What tells the place from the same one of another edition of the data set; empty where there is
        one edition only.
    """

    source: str
    locator: str
    title: str
    figure: int = field(default=0, compare=False)
    edition: str = ""

    @property
    def name(self) -> str:
        """The locator, with its edition."""
        return f"{self.locator} ({self.edition})" if self.edition else self.locator

    @property
    def anchor(self) -> str:
        """Identifier of the figure's row in the list of sources."""
        return f"src-{self.source}-{self.locator}-{self.figure}"

    def link(self) -> str:
        """A link to that row."""
        return f'<a href="#{escape(self.anchor)}" title="{escape(self.title)}">{escape(self.locator)}</a>'


def references(places: Iterable[Place]) -> str:
    """Links to where figures stand, each place once, those of another edition after its name."""
    links: dict[str, list[str]] = {}
    for place in dict.fromkeys(places):
        links.setdefault(place.edition, []).append(place.link())
    told = "; ".join((f"{escape(edition)}: " if edition else "") + ", ".join(own) for edition, own in links.items())
    return f' <span class="refs">{told}</span>' if told else ""


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
    record : mapping
        What else the index and the files beside a report need: ``csv`` with its ``title``, ``card``, ``counts``.
    """

    kind: str
    html: str
    text: str
    record: Mapping[str, Any] = field(default_factory=dict)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        record = {"kind": self.kind, "text": self.text, **self.record}
        return {"text/html": dressed(visible(self.html)), "text/plain": self.text, MARKER: record}

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
    csv : str
        The table as a file, where it holds more than what is shown.
    """

    title: str
    frame: pd.DataFrame
    table: Table
    chart: Chart | None = None
    places: Sequence[Sequence[Place]] = ()
    csv: str = ""

    @property
    def alt(self) -> str:
        """What the chart shows, in words."""
        return describe(self.chart, self.frame) if self.chart else ""

    def pictures(self) -> tuple[str, bytes]:
        """The chart as SVG and PNG, laid out once; the same bytes each time.

        A page shows the SVG; the PNG is for viewers and offices that show no SVG.
        """
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.backends.backend_svg import FigureCanvasSVG

        assert self.chart is not None
        vector, raster = io.StringIO(), io.BytesIO()
        with style():
            figure = self.chart(self.frame).get_figure(root=True)
            assert figure is not None
            # Figure.savefig would draw each form twice, to lay it out and to write it.
            figure.dpi = POINTS_PER_INCH
            nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
            FigureCanvasSVG(figure).print_svg(vector, metadata=nothing)  # type: ignore[no-untyped-call]
            figure.set_layout_engine("none")
            figure.dpi = PIXELS_PER_INCH
            FigureCanvasAgg(figure).print_png(raster, metadata={"Software": None})  # type: ignore[no-untyped-call]
        drawn = re.sub(r"<!--.*?-->", "", vector.getvalue(), flags=re.DOTALL)  # each text once more, in comments
        return re.sub(r"\s*\n\s*", " ", drawn), raster.getvalue()

    def html(self, svg: str = "") -> str:
        """Figure, caption, table and source line."""
        words = language_of(self.frame)
        picture = ""
        if svg:
            # A quoted address is a quarter smaller than base64.
            data = quote(svg.replace('"', "'"), safe=" '/:;=,.()!-_")
            picture = f'<img src="data:image/svg+xml,{data}" alt="{escape(self.alt)}">'
        places = list(dict.fromkeys(place for row in self.places for place in row))
        source = ""
        if 0 < len(places) <= MANY_PLACES:
            source = f'<p class="source">{escape(words.text(N_("Source")))}:{references(places)}</p>'
        return (
            f'<figure class="exhibit"><figcaption>{escape(self.title)}</figcaption>{picture}'
            f"{table_html(self.table, self.title, self.places if len(places) > 1 else ())}"
            f"{explained_marks((mark for row in self.table.rows for cell in row for mark in cell.marks), words)}"
            f"{source}</figure>"
        )

    def text(self) -> str:
        """The title and the alternative text, or the table's rows."""
        rows = ["  ".join(_plain(cell) for cell in row) for row in self.table.rows]
        return "\n".join([self.title, self.alt] if self.chart else [self.title, *rows])

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Mapping[str, Any]:
        svg, png = self.pictures() if self.chart else ("", b"")
        bundle: dict[str, Any] = {"text/html": dressed(visible(self.html(svg))), "text/plain": self.text()}
        if png:
            bundle["image/png"] = base64.b64encode(png).decode("ascii")
        csv = self.csv or as_file(self.frame, self.places)
        bundle[MARKER] = {"kind": "exhibit", "text": self.title, "title": self.title, "csv": csv}
        return bundle


def as_file(frame: pd.DataFrame, places: Sequence[Sequence[Place]]) -> str:
    """A labelled frame as CSV, with the places of each row's figures."""
    return csv_for_readers(taken_away(frame, [[place.name for place in row] for row in places]))


def _plain(cell: Cell) -> str:
    marks = "".join(f" [{mark}]" for mark in cell.marks)
    return cell.text + marks + (f" ({cell.note})" if cell.note else "")


def table_html(table: Table, caption: str, places: Sequence[Sequence[Place]] = ()) -> str:
    """A table that scrolls in its own box, with the places of each row's figures below its name."""
    columns = [_column([row[i] for row in table.rows]) for i in range(len(table.head))]
    head = "".join(
        f'<th scope="col"{column.css}>{escape(heading)}</th>'
        for heading, column in zip(table.head, columns, strict=True)
    )
    body = "".join(_row_html(row, columns, places[i] if i < len(places) else ()) for i, row in enumerate(table.rows))
    return boxed(
        f'<caption style="{HIDDEN}">{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody>',
        caption,
    )


def boxed(rows: str, label: str) -> str:
    """A table in a box that scrolls, for pointers and keyboards."""
    return f'<div class="table" tabindex="0" role="region" aria-label="{escape(label)}"><table>{rows}</table></div>'


@dataclass(frozen=True)
class _Column:
    """What the cells of a column share: how they are set, and how many decimals there are room for."""

    css: str
    decimals: int


_FIGURE_ENDS: Final = tuple("0123456789%‰")
_DECIMALS: Final = re.compile(r"(?:[.,](\d{1,2}|\d{4,}))?[%‰]?$")
"""Three digits after a sign are thousands in one of the languages; no figure has three decimals."""


def _column(cells: Sequence[Cell]) -> _Column:
    if not cells or not any(cell.numeric for cell in cells):
        return _Column("", 0)
    marks = max(len(cell.marks) for cell in cells)
    css = "num" + " marked" * (marks > 0) + " twice" * (marks > 1)
    return _Column(f' class="{css}"', max(_decimals(cell) for cell in cells))


def _decimals(cell: Cell) -> int:
    found = _DECIMALS.search(cell.text)
    return len(found[1] or "") if found else 0


def _row_html(row: Sequence[Cell], columns: Sequence[_Column], places: Sequence[Place]) -> str:
    first, *others = row
    cells = "".join(
        f"<td{column.css if cell.numeric else ''}>{cell_html(cell, column.decimals)}</td>"
        for cell, column in zip(others, columns[1:], strict=True)
    )
    return f'<tr><th scope="row">{cell_html(first)}{references(places)}</th>{cells}</tr>'


def cell_html(cell: Cell, decimals: int = 0) -> str:
    """A cell's text with its marks and note; figures of a column stand with their decimal signs in a line."""
    text = escape(cell.text)
    missing = decimals - _decimals(cell) if cell.numeric and cell.text[-1:] in _FIGURE_ENDS else 0
    if missing > 0:
        # The room of the missing digits, and of the decimal sign where there is none.
        text = f'<span class="d{missing}{"" if _decimals(cell) else "s"}">{text}</span>'
    # The break keeps the note on a line of its own where there is no style sheet.
    return text + marked(cell.marks) + (f"<br><small>{escape(cell.note)}</small>" if cell.note else "")


def marked(marks: Sequence[str]) -> str:
    """Marks in brackets, after what they are of."""
    return f' <span class="mark">{escape(" ".join(f"[{mark}]" for mark in marks))}</span>' if marks else ""


def explained_marks(marks: Iterable[str], words: Words) -> str:
    """What the marks mean, right below what bears them."""
    used = set(marks)
    told = "; ".join(f"[{mark}] {words.text(meaning)}" for mark, meaning in SYMBOLS.items() if mark in used)
    return paragraph("marks", told) if told else ""


def paragraph(css: str, text: str) -> str:
    """A paragraph of plain text."""
    return f'<p class="{css}">{escape(text)}</p>'


def definition_list(css: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Terms and what they mean."""
    items = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in pairs)
    return f'<dl class="{css}">{items}</dl>'


def listed(css: str, items: Iterable[str]) -> str:
    """A list of finished items."""
    return f'<ul class="{css}">{"".join(f"<li>{item}</li>" for item in items)}</ul>'


@dataclass(frozen=True)
class Card:
    """A key figure: label, value, unit and mark, one comparison, a word for the state, and where it stands."""

    label: str
    value: str
    unit: str = ""
    marks: tuple[str, ...] = ()
    compare: str = ""
    state: str = ""
    code: str = ""
    places: tuple[Place, ...] = ()

    def html(self) -> str:
        """The card as an item of a list."""
        unit = f' <span class="unit">{escape(self.unit)}</span>' if self.unit else ""
        lines = [
            f'<span class="label">{escape(self.label)}</span>',
            f'<span class="figure"><span class="value">{escape(self.value)}</span>{unit}{marked(self.marks)}</span>',
            f'<span class="compare">{escape(self.compare)}</span>' if self.compare else "",
            f'<span class="state">{escape(self.state)}</span>' if self.state else "",
            references(self.places).strip(),
        ]
        state = f' data-state="{escape(self.code)}"' if self.state else ""
        return f'<li class="key-figure"{state}>{" ".join(filter(None, lines))}</li>'

    def text(self, words: Words) -> str:
        """The card in a line, with its marks in words."""
        marks = ", ".join(words.text(IN_A_WORD[mark]) for mark in self.marks)
        return f"{self.label}: {' '.join(filter(None, (self.value, self.unit)))}" + (f" ({marks})" if marks else "")


def key_figures_html(cards: Sequence[Card], words: Words) -> str:
    """The key figures of a report, side by side."""
    label = escape(words.text(N_("Key figures")))
    boxes = f'<ul class="key-figures" aria-label="{label}">{"".join(card.html() for card in cards)}</ul>'
    return boxes + explained_marks((mark for card in cards for mark in card.marks), words)
