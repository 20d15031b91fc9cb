"""An executed notebook -> one self-contained HTML file.

The page has no script and asks for nothing from outside. HTML that carries our marker is taken as
it is; any other HTML is cleaned; Markdown shows raw HTML as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final

import bleach
import mistune
import nbformat
from nbconvert import HTMLExporter

from ..exhibits import MARKER
from ..wording import N_, Words

__all__ = ["TEMPLATES", "headline_of", "page_environment", "render"]

TEMPLATES: Final = Path(__file__).parent / "template"
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'"
)
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


def render(notebook: nbformat.NotebookNode, language: str) -> str:
    """Render an executed notebook as a page.

    Parameters
    ----------
    notebook : NotebookNode
        From ``execution.execute``.
    language : {'vi', 'en'}

    Returns
    -------
    str
        The same bytes for the same notebook.
    """
    body, _ = _exporter().from_notebook_node(notebook, {"page": _page(notebook, Words(language))})
    return str(body)


@cache
def _exporter() -> HTMLExporter:
    """Built once a process: the first conversion costs ten times the next."""
    return HTMLExporter(
        template_name="report",
        extra_template_basedirs=[str(TEMPLATES)],
        preprocessors=[],
        default_preprocessors=[],
    )


def page_environment(words: Words) -> dict[str, Any]:
    """What every page template needs."""
    return {
        "css": (TEMPLATES / "style.css").read_text(encoding="utf-8"),
        "policy": CONTENT_SECURITY_POLICY,
        "language": words.language,
        "_": words.text,
    }


def _page(notebook: nbformat.NotebookNode, words: Words) -> dict[str, Any]:
    """Title, contents, blocks and code of a page."""
    kicker, title, contents, blocks, code = "", "", [], [], []
    count = 1
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            renderer = _Markdown(count)
            html = str(mistune.create_markdown(renderer=renderer, plugins=["table"])(cell.source))
            count += len(renderer.headings)
            contents += [(name, text) for level, name, text in renderer.headings if level == 2]
            title = title or next((text for level, _, text in renderer.headings if level == 1), "")
            blocks.append({"html": html, "starts": any(level == 2 for level, _, _ in renderer.headings)})
        elif cell.cell_type == "code":
            code.append(cell.source)
            for kind, html in _outputs(cell, words):
                if kind == "kicker" and not kicker:
                    kicker = html
                else:
                    blocks.append({"html": html, "starts": False})
    first = next((i for i, block in enumerate(blocks) if block["starts"]), len(blocks))
    return page_environment(words) | {
        "title": title,
        "kicker": kicker,
        "opening": [block["html"] for block in blocks[:first]],
        "sections": [block["html"] for block in blocks[first:]],
        "contents": contents,
        "code": code,
        "contents_label": words.text(N_("Contents")),
        "code_label": words.text(N_("Code of this report")),
    }


def _outputs(cell: nbformat.NotebookNode, words: Words) -> Iterator[tuple[str, str]]:
    """Kind and HTML of each output of a cell that a page shows."""
    for output in cell.outputs:
        if output.output_type == "stream":
            yield "text", f"<pre>{escape(output.text)}</pre>"
        elif output.output_type in ("display_data", "execute_result"):
            yield _output(output.data, output.get("metadata", {}), words)


def _output(data: Mapping[str, Any], metadata: Mapping[str, Any], words: Words) -> tuple[str, str]:
    if MARKER in data:
        return str(data[MARKER].get("kind", "")), str(data["text/html"])
    plain = str(data.get("text/plain", ""))
    if "text/html" in data:
        return "html", _cleaned(str(data["text/html"]), words)
    for kind in ("image/png", "image/jpeg"):
        if kind in data:
            alt = metadata.get("alt") or words.text(N_("Picture made by the code of this report"))
            return (
                "image",
                f'<p><img src="data:{kind};base64,{escape(str(data[kind]).strip())}" alt="{escape(str(alt))}"></p>',
            )
    return "text", f"<pre>{escape(plain)}</pre>" if plain else ""


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


def headline_of(notebook: nbformat.NotebookNode) -> str:
    """The computed headline of an executed notebook, for the index."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            record = output.get("data", {}).get(MARKER, {})
            if record.get("kind") == "headline":
                return str(record.get("text", ""))
    return ""
