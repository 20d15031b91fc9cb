"""A page -> DOCX in the form of Vietnamese offices: pandoc converts, python-docx sets the form.

The form follows Decree 30/2020/ND-CP on clerical work, Appendix I: A4, margins, Times New Roman 13–14,
page numbers at the head from page two. What makes an administrative document is left out on purpose.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ..errors import LaichauError

__all__ = ["OfficeError", "docx", "unavailable"]

NEEDED: Final = ("bs4", "pypandoc", "docx")
FONT: Final = "Times New Roman"
BODY, HEADINGS, TABLE, WIDE_TABLE, SMALL_PRINT = 13, (16, 14, 13), 11, 10, 9
"""Sizes in points."""
MARGINS: Final = {"top_margin": 22, "bottom_margin": 22, "left_margin": 32, "right_margin": 18}
"""In millimetres."""
WIDE: Final = 5
"""Tables of more columns are set smaller."""
LONGEST: Final = 30
"""How many letters a line of a column may ask room for."""
LETTER: Final = 0.19
"""Width of a letter in millimetres for each point of its size, with some room to spare."""
PADDING: Final = 2
"""Letters that the edges of a cell take."""
LANGUAGES: Final = {"vi": "vi-VN", "en": "en-GB"}
FIXED: Final = datetime(2000, 1, 1)
SCREEN_ONLY: Final = ".contents, details, .download, .elsewhere, .visually-hidden, .exhibit caption"
LONGEST_PROPERTY: Final = 255
CAPTION, NOTE = "Caption", "Note"
"""Styles of the document: of captions, and of what is said in small letters."""


class OfficeError(LaichauError):
    """A page could not be converted."""


def unavailable() -> str:
    """Why this machine cannot convert; empty where it can."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        return f"it needs {', '.join(missing)}; install it with: pip install 'laichau-analysis[office]'"
    import pypandoc

    try:
        pypandoc.get_pandoc_path()
    except OSError:
        return "pandoc was not found; install it with: pip install 'laichau-analysis[office]'"
    return ""


def docx(html: str, pictures: Sequence[bytes], language: str) -> bytes:
    """Convert a page.

    Parameters
    ----------
    html : str
        A page of ``rendering.render``.
    pictures : sequence of bytes
        For each picture of the page, the same as PNG or JPEG.
    language : {'vi', 'en'}

    Returns
    -------
    bytes
        The same bytes each time.

    Raises
    ------
    OfficeError
        If pandoc does not take the page; with what it says.
    """
    import docx as python_docx
    import pypandoc

    with tempfile.TemporaryDirectory(prefix="laichau-") as folder:
        target = Path(folder) / "page.docx"
        try:
            # In its sandbox pandoc reads no file and asks for nothing.
            pypandoc.convert_text(
                _for_paper(html, pictures), "docx", format="html", outputfile=str(target), extra_args=["--sandbox"]
            )
        except (OSError, RuntimeError) as error:
            raise OfficeError(f"pandoc did not convert the page: {error}") from None
        document = python_docx.Document(str(target))
    _set_page(document)
    _set_styles(document, LANGUAGES[language])
    for table in document.tables:
        _set_table(table)
    properties = document.core_properties
    properties.title = _title(html)[:LONGEST_PROPERTY]
    properties.author = properties.last_modified_by = "laichau-analysis"
    properties.language = LANGUAGES[language]
    properties.created = properties.modified = FIXED
    buffer = io.BytesIO()
    document.save(buffer)
    return _repacked(buffer.getvalue())


# --- before pandoc ---------------------------------------------------------------------------------


def _title(html: str) -> str:
    from bs4 import BeautifulSoup

    return str(BeautifulSoup(html, "html.parser").title.get_text())


def _for_paper(html: str, pictures: Sequence[bytes]) -> str:
    """The page's text in elements that pandoc knows what to do with."""
    from bs4 import BeautifulSoup

    page = BeautifulSoup(html, "html.parser")
    main = page.main
    for item in main.select(SCREEN_ONLY):
        item.decompose()
    for image, content in zip(main.find_all("img"), pictures, strict=True):
        kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
        image["src"] = f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
        image.wrap(page.new_tag("p"))
    for link in main.find_all("a"):
        link.attrs = {"href": link["href"]} if link.get("href", "").startswith("#") else {}
        if not link.attrs:
            link.unwrap()
    for row in main.find_all("tr", id=True):  # pandoc keeps no identifiers of rows
        anchor = page.new_tag("span", id=row["id"])
        row.find(["th", "td"]).insert(0, anchor)
    for mark in main.select(".mark"):  # pandoc would highlight what has this class
        mark.unwrap()
    for note in main.find_all("small"):
        _styled(note, NOTE)
    for card in main.select(".key-figure"):
        _one_line(page, card)
    for links in main.select(".refs"):
        _bracketed(page, links)
    for cell in main.select(".num"):
        cell["style"] = "text-align: right"
    for caption in main.select("figcaption, caption"):
        _as_caption(page, caption)
    for figure in main.find_all("figure"):
        figure.unwrap()
    _notice_first(main)
    return f"<html><head><title></title></head><body>{main.decode_contents()}</body></html>"


def _styled(item: Any, style: str) -> None:
    """A text with a style of the document."""
    item.name, item.attrs = "span", {"data-custom-style": style}


def _bracketed(page: Any, links: Any) -> None:
    """Where a figure stands, in brackets; in a table on a line of its own."""
    if links.find_parent("th") is not None:
        links.insert_before(page.new_tag("br"))
    if links.find_parent(class_="source") is None:
        links.insert(0, "(")
        links.append(")")
    _styled(links, NOTE)


def _one_line(page: Any, card: Any) -> None:
    """A key figure as an item: label and figure, then what is said of it."""
    told = {name: card.select_one(f".{name}") for name in ("label", "figure", "compare", "state", "refs")}
    card.clear()
    strong = page.new_tag("b")
    strong.extend([f"{told['label'].get_text()}: ", " ".join(told["figure"].get_text().split())])
    card.append(strong)
    for name in ("compare", "state"):
        if told[name] is not None:
            card.append(f"; {told[name].get_text()}")
    if told["refs"] is not None:
        card.extend([" ", told["refs"]])


def _as_caption(page: Any, caption: Any) -> None:
    """A caption as a paragraph above what it is of."""
    paragraph = page.new_tag("div", attrs={"data-custom-style": CAPTION})
    paragraph.append(caption.get_text())
    (caption.find_parent("table") or caption).insert_before(paragraph)
    caption.decompose()


def _notice_first(main: Any) -> None:
    """What the document is and is not, right below its title."""
    footer = main.footer
    if footer is not None and footer.p is not None:
        notice = footer.p.extract()
        notice["data-custom-style"] = "Subtitle"
        main.h1.insert_after(notice)
        footer.decompose()


# --- after pandoc ----------------------------------------------------------------------------------


def _set_page(document: Any) -> None:
    """A4, margins, and the page's number in the middle of its head from page two."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Mm

    for section in document.sections:
        section.page_width, section.page_height = Mm(210), Mm(297)
        for name, width in MARGINS.items():
            setattr(section, name, Mm(width))
        section.different_first_page_header_footer = True
        section.header.is_linked_to_previous = False
        paragraph = section.header.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for kind in ("begin", "PAGE", "end"):
            run = paragraph.add_run()
            run._r.append(
                _element("w:instrText", text=kind) if kind == "PAGE" else _element("w:fldChar", fldCharType=kind)
            )


def _set_styles(document: Any, language: str) -> None:
    """One font throughout; real headings, bold and black."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    defaults = document.styles.element.find(_tag("w:docDefaults")).find(f".//{_tag('w:rPr')}")
    for old in defaults.findall(_tag("w:lang")):
        defaults.remove(old)
    defaults.append(_element("w:lang", val=language, eastAsia=language))
    for style in document.styles:
        if style.type not in (WD_STYLE_TYPE.PARAGRAPH, WD_STYLE_TYPE.CHARACTER):
            continue
        _set_font(style)
        if style.type == WD_STYLE_TYPE.PARAGRAPH:
            style.paragraph_format.space_before = Pt(0)
            style.paragraph_format.space_after = Pt(6)
    named = {style.name: style for style in document.styles}
    named["Normal"].font.size = Pt(BODY)
    for level, size in enumerate(HEADINGS, start=1):
        style = named[f"Heading {level}"]
        style.font.size, style.font.bold, style.font.italic = Pt(size), True, False
        style.paragraph_format.space_before = Pt(12 if level > 1 else 0)
        style.paragraph_format.keep_with_next = True
    named[CAPTION].font.size, named[CAPTION].font.bold, named[CAPTION].font.italic = Pt(BODY), True, False
    named[CAPTION].paragraph_format.keep_with_next = True
    named[CAPTION].paragraph_format.space_before = Pt(10)
    for name in {NOTE, "Hyperlink"} & set(named):
        named[name].font.size = Pt(SMALL_PRINT)
    named["Compact"].paragraph_format.space_after = Pt(2)


def _set_font(style: Any) -> None:
    """The font in every script, black, instead of the theme's."""
    from docx.shared import RGBColor

    style.font.name = FONT
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.rPr.rFonts
    for name in list(fonts.attrib):
        if name.lower().endswith("theme"):
            del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(_tag(f"w:{name}"), FONT)


def _set_table(table: Any) -> None:
    """The full width of the text, thin rules, a head on each page, no row on two pages."""
    from docx.shared import Pt

    properties = table._tbl.tblPr
    for name in ("w:tblW", "w:tblBorders", "w:tblLayout"):
        for old in properties.findall(_tag(name)):
            properties.remove(old)
    borders = _element("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color="808080"))
    properties.append(_element("w:tblW", type="pct", w="5000"))
    properties.append(borders)
    properties.append(_element("w:tblLayout", type="fixed"))
    points = WIDE_TABLE if len(table.columns) > WIDE else TABLE
    _set_widths(table, points)
    size = Pt(points)
    for row in table.rows:
        row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
    for cell in _cells(table):
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.space_after = Pt(1)
            for run in paragraph.runs:
                if run.style.name != NOTE:
                    run.font.size = size


def _set_widths(table: Any, points: float) -> None:
    """Room for the longest word of each column first, then for longer lines as far as the page goes."""
    from docx.shared import Mm

    rows = [row for row in table.rows if row._tr.tc_lst[0].grid_span == 1]
    columns = [[row.cells[i].text for row in rows] for i in range(len(table.columns))]
    words = [PADDING + max(min(len(word), LONGEST) for text in own for word in [*text.split(), ""]) for own in columns]
    # A heading may take several lines.
    lines = [
        max(word, PADDING + max(min(len(line), LONGEST) for text in own[1:] for line in [*text.splitlines(), ""]))
        for word, own in zip(words, columns, strict=True)
    ]
    text = 210 - MARGINS["left_margin"] - MARGINS["right_margin"]
    spare = max(0.0, text / (LETTER * points) - sum(words))
    longer = [line - word for line, word in zip(lines, words, strict=True)]
    room = [word + spare * more / max(1, sum(longer)) for word, more in zip(words, longer, strict=True)]
    widths = [Mm(text * share / sum(room)) for share in room]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row in rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = width


def _cells(table: Any) -> Iterator[Any]:
    for row in table.rows:
        yield from row.cells


def _tag(name: str) -> str:
    from docx.oxml.ns import qn

    return str(qn(name))


def _element(name: str, text: str = "", **attributes: str) -> Any:
    from docx.oxml import OxmlElement

    element = OxmlElement(name)
    for key, value in attributes.items():
        element.set(_tag(f"w:{key}"), value)
    if text:
        element.text = text
    return element


def _repacked(document: bytes) -> bytes:
    """The same parts with one date."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(document)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, FIXED.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return buffer.getvalue()
