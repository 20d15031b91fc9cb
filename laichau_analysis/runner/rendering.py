"""An executed notebook -> one self-contained HTML file.

The page has no script and asks for nothing from outside. HTML that carries our marker is taken as
it is; any other HTML is cleaned; Markdown shows raw HTML as text.
"""

from __future__ import annotations

import base64
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import bleach
import mistune

from ..look import MARKER, look, undressed, visible
from ..words import N_, Words
from .jobs import WORKBOOK, Page, table_file

if TYPE_CHECKING:
    import nbformat
    from nbconvert import HTMLExporter

__all__ = ["TEMPLATES", "page_environment", "render", "summary_of"]

NOTICE: Final = N_(
    "Automatic analysis of published figures; not an administrative document: it bears no number, seal or signature."
)
TEMPLATES: Final = Path(__file__).parent / "template"
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
)
PICTURES: Final = ("image/png", "image/jpeg")
ALLOWED_TAGS: Final = frozenset(
    [
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "th",
        "td",
        "caption",
        "p",
        "b",
        "i",
        "em",
        "strong",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "br",
        "span",
        "div",
        "sub",
        "sup",
    ]
)


class _Markdown(mistune.HTMLRenderer):
    """Headings get plain identifiers that links can name; raw HTML stays text."""

    def __init__(self, first: int) -> None:
        super().__init__(escape=True)
        self.headings: list[tuple[int, str, str]] = []
        self._first = first

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        name = f"section-{self._first + len(self.headings)}"
        self.headings.append((level, name, text))
        return f'<h{level} id="{name}">{text}</h{level}>\n'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A page asks for nothing: of a picture from elsewhere its description is left."""
        return text


def render(notebook: nbformat.NotebookNode, language: str, stem: str = "report") -> Page:
    """Render an executed notebook as a page.

    Parameters
    ----------
    notebook : NotebookNode
        From ``execution.execute``.
    language : {'vi', 'en'}
    stem : str
        Name of the report's files, without ending.

    Returns
    -------
    Page
        The same bytes for the same notebook.
    """
    words = Words(language)
    page = _page(notebook, words, stem)
    body, _ = _exporter().from_notebook_node(notebook, {"page": page})
    return Page(visible(str(body)), tuple(page["tables"]), tuple(_pictures(notebook)))


@cache
def _exporter() -> HTMLExporter:
    """Built once a process: the first conversion costs ten times the next."""
    from nbconvert import HTMLExporter, TemplateExporter

    class PageExporter(HTMLExporter):  # type: ignore[misc]
        """Fills the template, and does not read the whole page again to put in what it has already."""

        def from_notebook_node(self, nb: Any, resources: Any = None, **options: Any) -> tuple[str, dict[str, Any]]:
            return TemplateExporter.from_notebook_node(self, nb, resources, **options)  # type: ignore[no-any-return]

    return PageExporter(
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        preprocessors=[],
        default_preprocessors=[],
    )


def page_environment(words: Words) -> dict[str, Any]:
    """What every page template needs."""
    return {
        "css": f"{look()}\n{(TEMPLATES / 'style.css').read_text(encoding='utf-8')}",
        "policy": CONTENT_SECURITY_POLICY,
        "workbook": WORKBOOK,
        "notice": NOTICE,
        "language": words.language,
        "_": words.text,
    }


@dataclass(frozen=True)
class _Block:
    """A piece of a page; the names and titles of the sections that begin in it, and whether it is a heading only."""

    html: str
    sections: tuple[tuple[str, str], ...] = ()
    bare: bool = False


def _page(notebook: nbformat.NotebookNode, words: Words, stem: str) -> dict[str, Any]:
    """Title, contents, blocks, tables and code of a page; a section that shows nothing is not there."""
    kicker, title, code = "", "", []
    blocks: list[_Block] = []
    tables: list[tuple[str, str]] = []
    count = 1
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            renderer = _Markdown(count)
            html = str(mistune.create_markdown(renderer=renderer, plugins=["table"])(cell.source))
            count += len(renderer.headings)
            title = title or next((text for level, _, text in renderer.headings if level == 1), "")
            sections = tuple((name, text) for level, name, text in renderer.headings if level == 2)
            blocks.append(_Block(html, sections, bare=bool(sections) and len(cell.source.strip().splitlines()) == 1))
        elif cell.cell_type == "code":
            code.append(cell.source)
            for record, html in _outputs(cell, words):
                if record.get("kind") == "kicker" and not kicker:
                    kicker = html
                    continue
                if record.get("csv"):
                    tables.append((str(record["title"]), str(record["csv"])))
                    html += _download(table_file(stem, len(tables)), str(record["title"]), words)
                blocks.append(_Block(html))
    pairs = itertools.pairwise([*blocks, _Block("", sections=(("", ""),))])
    blocks = [block for block, after in pairs if not (block.bare and after.sections)]
    first = next((i for i, block in enumerate(blocks) if block.sections), len(blocks))
    return page_environment(words) | {
        "title": title,
        "kicker": kicker,
        "opening": [block.html for block in blocks[:first]],
        "sections": [block.html for block in blocks[first:]],
        "contents": [section for block in blocks for section in block.sections],
        "code": code,
        "tables": tables,
    }


def _download(file: str, title: str, words: Words) -> str:
    """A link to a table's file."""
    label = escape(words.text(N_("Table as CSV")))
    about = f'<span class="visually-hidden">: {escape(title)}</span>'
    return f'<p class="download"><a href="{escape(quote(file))}" download>{label}{about}</a></p>'


def _outputs(cell: nbformat.NotebookNode, words: Words) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Record and HTML of each output of a cell that a page shows."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield {}, f"<pre>{escape(output.text)}</pre>"
        elif output.output_type in ("display_data", "execute_result"):
            if MARKER in output.data:
                yield output.data[MARKER], undressed(str(output.data["text/html"]))
            else:
                yield {}, _foreign(output.data, output.get("metadata", {}), words)


def _foreign(data: Mapping[str, Any], metadata: Mapping[str, Any], words: Words) -> str:
    """HTML of an output that is not ours."""
    plain = str(data.get("text/plain", ""))
    if "text/html" in data:
        return _cleaned(str(data["text/html"]), words)
    for kind in PICTURES:
        if kind in data:
            alt = metadata.get("alt") or words.text(N_("Picture made by the code of this report"))
            source = f"data:{kind};base64,{escape(str(data[kind]).strip())}"
            return f'<p><img src="{source}" alt="{escape(str(alt))}"></p>'
    return f"<pre>{escape(plain)}</pre>" if plain else ""


def _pictures(notebook: nbformat.NotebookNode) -> Iterator[bytes]:
    """Every picture that the page shows, in its order."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MARKER in data or "text/html" not in data:
                yield from (base64.b64decode(data[kind]) for kind in PICTURES if kind in data)


def _cleaned(html: str, words: Words) -> str:
    """HTML that is not ours, without anything that could run, load or restyle; tables get scopes."""
    html = re.sub(r"<(style|script)\b.*?</\1\s*>", "", html, flags=re.DOTALL | re.IGNORECASE)
    html = bleach.clean(html, tags=ALLOWED_TAGS, attributes={"th": ["scope"]}, strip=True)
    head, separator, body = html.partition("</thead>")
    head = head.replace("<th></th>", "<td></td>").replace("<th>", '<th scope="col">')
    html = head + separator + body.replace("<th>", '<th scope="row">')
    if "<table>" in html:
        label = escape(words.text(N_("Table")))
        return f'<div class="table" tabindex="0" role="region" aria-label="{label}">{html}</div>'
    return html


def summary_of(notebook: nbformat.NotebookNode) -> dict[str, Any]:
    """What the index tells of an executed notebook: its town, headline, first key figure and findings."""
    summary: dict[str, Any] = {"town": "", "headline": "", "key_figure": "", "findings": {}}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            record = output.get("data", {}).get(MARKER, {})
            if record.get("kind") == "headline":
                summary["headline"] = str(record.get("text", ""))
            summary["town"] = summary["town"] or str(record.get("town", ""))
            summary["key_figure"] = summary["key_figure"] or str(record.get("card", ""))
            summary["findings"] = summary["findings"] or dict(record.get("counts", {}))
    return summary
