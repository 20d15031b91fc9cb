"""A page -> DOCX in the form of Vietnamese offices: pandoc converts, python-docx sets the form.

The form follows Decree 30/2020/ND-CP on clerical work, Appendix I: A4, margins, Times New Roman 13–14,
page numbers at the head from page two. What makes an administrative document is left out on purpose.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from ..errors import LaichauError
from ..look import visible

__all__ = ["OfficeError", "docx", "unavailable"]

NEEDED: Final = ("bs4", "pypandoc", "docx")
FONT: Final = "Times New Roman"
BODY, HEADINGS, SMALL, SMALL_PRINT = 13, (16, 14, 13), 10, 9
TABLE, WIDE_TABLE = (11, 10, 9, 8, 7), (10, 9, 8, 7)
"""Sizes in points; a table takes the first in which its words and figures stay whole."""
WIDE, SHORT = 5, 8
"""Tables of more columns are set smaller, those of no more rows kept on one page."""
MARGINS: Final = {"top_margin": 22, "bottom_margin": 22, "left_margin": 32, "right_margin": 18}
TEXT: Final = 210 - MARGINS["left_margin"] - MARGINS["right_margin"]
TALLEST, PADDING = 215, 1.2
"""In millimetres: margins, width of the text, height of a picture at most, room left and right in a cell."""
POINT: Final = 25.4 / 72
"""In millimetres."""
EMS: Final = {
    letter: width
    for letters, width in ((" .,:;'|/ijlt", 0.28), ("!()[]-frI", 0.34), ("acesz", 0.45), ("mw", 0.78), ("MW%‰@", 1.0))
    for letter in letters
}
CAPITAL, LETTER, ACCENT = 0.73, 0.5, 0.06
"""Widths in Times New Roman, and what a font that stands in for it may need more for an accent of Vietnamese."""
LONGEST, LONG_LINE = 12, 18
"""Ems that a word or a figure may ask of a column, what is longer is broken; and those that a line may ask."""
SPARE: Final = 0.3
"""Ems left beside what must not be broken."""
LANGUAGES: Final = {"vi": "vi-VN", "en": "en-GB"}
FIXED: Final = datetime(2000, 1, 1)
SCREEN_ONLY: Final = ".contents, details, .download, .elsewhere, .visually-hidden, .exhibit caption"
LONGEST_PROPERTY: Final = 255
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
CAPTION, NOTICE, BELOW, NOTE, LINK = "Caption", "Notice", "Below", "Note", "Hyperlink"
"""Styles: of captions, of what the document is, of lines below a table, of small print and links in a line."""


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
        If not every picture of the page came with it, or pandoc does not take the page; with what it says.
    """
    import docx as python_docx
    import pypandoc
    from bs4 import BeautifulSoup

    page = BeautifulSoup(_legible(html), "html.parser")
    title = _legible(page.title.get_text() if page.title is not None else "")
    with tempfile.TemporaryDirectory(prefix="laichau-") as folder:
        target = Path(folder) / "page.docx"
        try:
            # In its sandbox pandoc reads no file and asks for nothing.
            pypandoc.convert_text(
                _for_paper(page, pictures), "docx", format="html", outputfile=str(target), extra_args=["--sandbox"]
            )
        except (OSError, RuntimeError) as error:
            raise OfficeError(f"pandoc did not convert the page: {error}") from None
        document = python_docx.Document(str(target))
    _set_page(document)
    _set_styles(document, LANGUAGES[language])
    for shape in document.inline_shapes:
        _set_picture(shape)
    for table in document.tables:
        _set_table(table)
    for line in document.paragraphs:
        if line.style.name == BELOW and _is_below(line._p.getnext()):
            line.paragraph_format.keep_with_next = True
    properties = document.core_properties
    properties.title = title[:LONGEST_PROPERTY]
    properties.author = properties.last_modified_by = "laichau-analysis"
    properties.language = LANGUAGES[language]
    properties.created = properties.modified = FIXED
    buffer = io.BytesIO()
    document.save(buffer)
    return _repacked(buffer.getvalue())


# --- before pandoc ---------------------------------------------------------------------------------


def _legible(text: str) -> str:
    """A text without what acts on its readers, or is forbidden in XML."""
    return NOT_XML.sub("\ufffd", visible(text))


def _for_paper(page: Any, pictures: Sequence[bytes]) -> str:
    """The page's text in elements that pandoc knows what to do with."""
    main = page.main
    for item in main.select(SCREEN_ONLY):
        item.decompose()
    _put_in(page, pictures)
    for link in main.find_all("a"):
        link.attrs = {"href": link["href"]} if link.get("href", "").startswith("#") else {}
        if not link.attrs:
            link.unwrap()
    for cell in main.select("tr[id] > :is(th, td):first-child"):  # pandoc keeps no identifiers of rows
        cell.insert(0, page.new_tag("span", id=cell.parent["id"]))
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
    for line in main.select("p.marks, p.source"):
        _styled(line, BELOW, "div")
    for terms in main.select("dl[class]"):
        _run_in(page, terms)
    _notice_first(main)
    # A reference to a character is one by now.
    return f"<html><head><title></title></head><body>{_legible(main.decode_contents())}</body></html>"


def _put_in(page: Any, pictures: Sequence[bytes]) -> None:
    """The pictures, each in a paragraph of its own."""
    images = page.main.find_all("img")
    if len(images) != len(pictures):
        raise OfficeError(f"the page shows {len(images)} pictures, but {len(pictures)} came with it: render it anew")
    for image, content in zip(images, pictures, strict=True):
        kind = "png" if content.startswith(b"\x89PNG") else "jpeg"
        image["src"] = f"data:image/{kind};base64,{base64.b64encode(content).decode('ascii')}"
        image.wrap(page.new_tag("p"))


def _styled(item: Any, style: str, name: str = "span") -> None:
    """A text, or as a ``div`` a paragraph, with a style of the document."""
    item.name, item.attrs = name, {"data-custom-style": style}


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


def _run_in(page: Any, terms: Any) -> None:
    """Each term in one paragraph with what it means."""
    for term in terms.find_all("dt"):
        strong = page.new_tag("b")
        strong.string = f"{term.get_text()}: "
        meaning = term.find_next_sibling("dd")
        meaning.insert(0, strong)
        meaning.name = "p"
        term.decompose()
    terms.unwrap()


def _notice_first(main: Any) -> None:
    """What the document is and is not, right below its title."""
    footer = main.footer
    if footer is not None and footer.p is not None:
        notice = footer.p.extract()
        _styled(notice, NOTICE, "div")
        main.insert(main.index(main.h1) + 1 if main.h1 is not None else 0, notice)
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
        paragraph.style = document.styles["Normal"]  # pandoc defines no style of headers
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
    _set_fonts(defaults.find(_tag("w:rFonts")))
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
    named["Compact"].paragraph_format.space_after = Pt(2)
    sizes = {NOTICE: BODY, BELOW: SMALL, NOTE: SMALL_PRINT, LINK: SMALL_PRINT}
    for name in sizes.keys() & named.keys():
        named[name].font.size = Pt(sizes[name])
        named[name].font.italic = name == NOTICE
    if BELOW in named:
        named[BELOW].paragraph_format.space_before = named[BELOW].paragraph_format.space_after = Pt(3)
    named["Table"].base_style = None  # pandoc names one that it does not define


def _set_font(style: Any) -> None:
    """The font, black."""
    from docx.shared import RGBColor

    style.font.name = FONT
    style.font.color.rgb = RGBColor(0, 0, 0)
    _set_fonts(style.element.rPr.rFonts)


def _set_fonts(fonts: Any) -> None:
    """The font in every script, instead of the theme's."""
    for name in list(fonts.attrib):
        if name.lower().endswith("theme"):
            del fonts.attrib[name]
    for name in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(_tag(f"w:{name}"), FONT)


def _set_picture(shape: Any) -> None:
    """On the page as a whole; and stored once: pandoc writes it into the description of its address, too."""
    from docx.shared import Mm

    scale = min(1.0, Mm(TEXT) / shape.width, Mm(TALLEST) / shape.height)
    shape.width, shape.height = int(shape.width * scale), int(shape.height * scale)
    for address in shape._inline.iter(_tag("pic:cNvPr")):
        address.attrib.pop("descr", None)


def _set_table(table: Any) -> None:
    """The full width of the text, thin rules, a head on each page, no row on two pages."""
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm, Pt

    properties = table._tbl.tblPr
    for name in ("w:tblW", "w:tblInd", "w:tblBorders", "w:tblCellMar"):
        for old in properties.findall(_tag(name)):
            properties.remove(old)
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER  # else it begins outside the text, by the room in its cells
    borders, room = _element("w:tblBorders"), _element("w:tblCellMar")
    for side in ("top", "bottom", "insideH"):
        borders.append(_element(f"w:{side}", val="single", sz="4", space="0", color="808080"))
    for side in ("left", "right"):
        room.append(_element(f"w:{side}", w=str(Mm(PADDING).twips), type="dxa"))
    # Word may refuse a file in which these stand in another order.
    properties.insert_element_before(_element("w:tblW", type="pct", w="5000"), "w:jc")
    properties.insert_element_before(borders, "w:tblLayout")
    properties.insert_element_before(room, "w:tblLook")
    size = Pt(_set_widths(table))
    for row, kept in zip(table.rows, _kept_with_next(table), strict=True):
        row._tr.get_or_add_trPr().append(_element("w:cantSplit"))
        for paragraph in (paragraph for cell in row.cells for paragraph in cell.paragraphs):
            paragraph.paragraph_format.space_after = Pt(1)
            paragraph.paragraph_format.keep_with_next = kept or None
            for run in paragraph.runs:
                if run._r.style != NOTE:
                    run.font.size = size


def _kept_with_next(table: Any) -> list[bool]:
    """Which rows stay on a page with what follows them, so that none of these is left alone."""
    rows = [row._tr for row in table.rows]
    last = len(rows) - 1
    short = len(rows) <= SHORT
    kept = [short or _is_head(row) or len(row.tc_lst) == 1 or i == last - 1 for i, row in enumerate(rows)]
    return [*kept[:-1], _is_below(table._tbl.getnext())]


def _is_head(row: Any) -> bool:
    return row.find(f"{_tag('w:trPr')}/{_tag('w:tblHeader')}") is not None


def _is_below(element: Any) -> bool:
    return element is not None and element.tag == _tag("w:p") and element.style == BELOW


@dataclass(frozen=True)
class _Line:
    """A line of a cell: its length and the longest part of it that is not to be broken, in ems of its letters."""

    length: float
    part: float
    small: bool

    def em(self, points: float) -> float:
        """An em in millimetres, in a table of that size."""
        return (SMALL_PRINT if self.small else points) * POINT


def _set_widths(table: Any) -> int:
    """Room for words and figures first, then where it saves most lines; the size that this needs comes back."""
    from docx.shared import Mm

    count = len(table.columns)
    rows = [row for row in table.rows if len(row._tr.tc_lst) == count]
    columns = [[list(_lines(row.cells[i], _is_head(row._tr))) for row in rows] for i in range(count)]
    sizes = WIDE_TABLE if count > WIDE else TABLE
    needs = {size: [_least(column, size) for column in columns] for size in sizes}
    points = next((size for size in sizes if sum(needs[size]) <= TEXT), sizes[-1])
    widths = _shared_out(columns, needs[points], points)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        start = 0
        for cell in row._tr.tc_lst:
            cell.width = Mm(sum(widths[start : start + cell.grid_span]))
            start += cell.grid_span
    return points


def _lines(cell: Any, head: bool) -> Iterator[_Line]:
    """The lines of a cell; a figure is one part with its marks."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    for paragraph in cell.paragraphs:
        whole = paragraph.alignment == WD_ALIGN_PARAGRAPH.RIGHT and not head
        text, small = "", True
        for node in [*paragraph._p.iter(_tag("w:t"), _tag("w:br")), None]:
            if node is not None and node.tag == _tag("w:t"):
                text += node.text or ""
                small = small and node.getparent().style in (NOTE, LINK)
                continue
            parts = [text] if whole and not small else text.split()
            # A heading may take several lines.
            yield _Line(0.0 if head else _breadth(text), min(LONGEST, max(map(_breadth, parts), default=0.0)), small)
            text, small = "", True


def _breadth(text: str) -> float:
    """Length of a text in ems."""
    return sum(
        ACCENT if unicodedata.combining(letter) else EMS.get(letter, CAPITAL if letter.isupper() else LETTER)
        for letter in unicodedata.normalize("NFD", text)
    )


def _least(column: list[list[_Line]], points: float) -> float:
    """Width that a column cannot do without."""
    return 2 * PADDING + max(((line.part + SPARE) * line.em(points) for cell in column for line in cell), default=0.0)


def _shared_out(columns: list[list[list[_Line]]], least: list[float], points: float) -> list[float]:
    """Widths that fill the text: room that is spare goes to columns with long lines."""
    asked = [
        max((min(line.length, LONG_LINE) * line.em(points) for cell in column for line in cell), default=0.0)
        for column in columns
    ]
    wishes = [max(0.0, 2 * PADDING + wide - low) for wide, low in zip(asked, least, strict=True)]
    spare = max(0.0, TEXT - sum(least))
    widths = [low + spare * wish / (sum(wishes) or 1.0) for wish, low in zip(wishes, least, strict=True)]
    return [width * TEXT / sum(widths) for width in widths]


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
