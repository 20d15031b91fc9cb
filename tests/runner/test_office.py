import io
import re
import shutil
import subprocess
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import docx
import pytest
from docx.oxml.ns import qn
from nbformat.v4 import new_code_cell, new_notebook, new_output
from PIL import Image

from laichau_analysis import charts, figures
from laichau_analysis.exhibits import Card, Exhibit, Place, key_figures_html
from laichau_analysis.runner import office
from laichau_analysis.runner.rendering import render
from laichau_analysis.tables import table
from laichau_analysis.wording import labelled
from laichau_analysis.words import Words
from tests.hostile import CORPUS
from tests.runner.books import markdown
from tests.towns import figure, indicator, part


@pytest.fixture
def page(town):
    """A report with cards, a chart with its table, a list of sources, and what only a screen needs."""
    data = town(
        [indicator("x")],
        [figure("x", "2024", "200"), part("x", "2024", "150,5", "b", status="E"), part("x", "2024", "49,5", "a")],
    )

    def make(language="vi"):
        frame = labelled(figures.parts(data, "x", "kind"), data, language)
        places = [[Place("report", "I", "Mục I", 4)], [Place("report", "II", "Mục II", 7)]]
        exhibit = Exhibit("Phần của x", frame, table(frame), charts.parts, places)
        card = Card("Thu 2024", "200", "tỷ đồng", ("e",), "60% của 300", "chậm tiến độ", "behind", (places[0][0],))
        sources = (
            '<table><caption>Báo cáo. Ủy ban.</caption><thead><tr><th scope="col">Số liệu</th><th scope="col">In</th></tr>'
            '</thead><tbody><tr class="place"><th colspan="2">I</th></tr><tr id="src-report-I-4"><th>x</th><td>49,5</td>'
            '</tr><tr id="src-report-II-7"><th>x</th><td>150,5</td></tr></tbody></table>'
        )
        ours = [exhibit._repr_mimebundle_()]
        ours += [
            {
                "text/html": html,
                "text/plain": "",
                **{key: {"kind": "sentence", "text": ""} for key in ours[0] if "+json" in key},
            }
            for html in (key_figures_html([card], Words(language)), sources)
        ]
        cells = [
            markdown("# Ngân sách"),
            new_code_cell("report.key_figures()", outputs=[new_output("display_data", data=ours[1])]),
            markdown("## Thu đúng tiến độ không?"),
            new_code_cell("report.show()", outputs=[new_output("display_data", data=ours[0])]),
            markdown("## Nguồn"),
            new_code_cell("report.methods_and_sources()", outputs=[new_output("display_data", data=ours[2])]),
        ]
        return render(new_notebook(cells=cells), language, "budget")

    return make


@pytest.fixture
def document(page):
    made = page()
    return docx.Document(io.BytesIO(office.docx(made.html, made.pictures, "vi")))


def converted(body, *pictures, title="T"):
    """A document from what stands between the title and the end of a page."""
    html = f"<html><head><title>{title}</title></head><body><main><h1>T</h1>{body}</main></body></html>"
    return docx.Document(io.BytesIO(office.docx(html, pictures, "vi")))


def rows_html(*rows):
    """A table whose first row is its head, figures to the right."""
    head, *body = ["".join(f'<td class="num">{cell}</td>' for cell in row) for row in rows]
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(f'<tr>{row}</tr>' for row in body)}</tbody></table>"


def kept(row):
    """Whether a row stays with what follows it."""
    return {bool(paragraph.paragraph_format.keep_with_next) for cell in row.cells for paragraph in cell.paragraphs}


def paragraphs(document, style):
    return [paragraph.text for paragraph in document.paragraphs if paragraph.style.name == style]


def everything(document):
    return "\n".join(node.text or "" for node in document.element.iter(qn("w:t")))


def test_headings_and_captions_are_real_ones(document):
    assert paragraphs(document, "Heading 1") == ["Ngân sách"]
    assert paragraphs(document, "Heading 2") == ["Thu đúng tiến độ không?", "Nguồn"]
    assert paragraphs(document, "Caption") == ["Phần của x", "Báo cáo. Ủy ban."]


def test_the_page_has_the_form_of_vietnamese_offices(document):
    (section,) = document.sections
    assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
    for side, low, high in (("top", 20, 25), ("bottom", 20, 25), ("left", 30, 35), ("right", 15, 20)):
        assert low <= getattr(section, f"{side}_margin").mm <= high
    normal = document.styles["Normal"]
    assert normal.font.name == "Times New Roman"
    assert 13 <= normal.font.size.pt <= 14
    fonts = [style.element.rPr.rFonts for style in document.styles if style.element.find(qn("w:rPr")) is not None]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        assert {font.get(qn(f"w:{script}")) for font in fonts} == {"Times New Roman"}
        assert {font.get(qn(f"w:{script}Theme")) for font in fonts} == {None}


def test_pages_are_numbered_from_the_second_one(document):
    (section,) = document.sections
    assert section.different_first_page_header_footer
    assert [node.text for node in section.header._element.iter(qn("w:instrText"))] == ["PAGE"]
    assert not list(section.first_page_header._element.iter(qn("w:instrText")))


def test_tables_hold_what_the_page_holds(document):
    exhibit, sources = document.tables
    cells = [[cell.text for cell in row.cells] for row in exhibit.rows]
    assert cells[0] == ["Thành phần", "Thời kỳ", "Giá trị (tỷ đồng)", "Tỷ trọng"]
    assert cells[1] == ["Phần a\n(I)", "2024", "49,5", "24,8%"]
    assert cells[2] == ["Phần b\n(II)", "2024", "150,5 [e]", "75,3%"]
    assert sources.rows[1].cells[0]._tc is sources.rows[1].cells[1]._tc  # a place over the whole width
    for one in (exhibit, sources):
        assert one.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in one.rows)
        assert sum(column.width.mm for column in one.columns) == pytest.approx(160, abs=1)


def test_parts_of_a_table_stand_in_the_order_that_word_asks_for(document):
    order = ["tblStyle", "tblW", "jc", "tblInd", "tblBorders", "tblLayout", "tblCellMar", "tblLook"]
    for one in document.tables:
        names = [node.tag.split("}")[1] for node in one._tbl.tblPr]
        assert names == [name for name in order if name in names]


def test_small_tables_and_places_are_not_torn_from_what_follows(document):
    exhibit, sources = document.tables
    assert [kept(row) for row in exhibit.rows] == [{True}] * len(exhibit.rows)  # the line of marks follows the last
    assert [kept(row) for row in sources.rows] == [{True}, {True}, {True}, {False}]
    marks, source = [paragraph for paragraph in document.paragraphs if paragraph.style.name == "Below"][-2:]
    assert (marks.text[:3], source.text[:6]) == ("[e]", "Nguồn:")
    assert marks.paragraph_format.keep_with_next


def test_long_tables_break_but_leave_no_row_alone():
    place = '<tr class="place"><th colspan="2">I</th></tr>'
    body = "".join(f"<tr><td>{i}</td><td>x</td></tr>" for i in range(40))
    (one,) = converted(
        f"<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>{place}{body}</tbody></table>"
    ).tables
    assert [i for i, row in enumerate(one.rows) if kept(row) == {True}] == [0, 1, 40]


@pytest.mark.parametrize("columns", [2, 4, 7, 8])
def test_no_figure_is_broken(columns):
    figure, long = "1.234.567 [e]", "Một tên rất dài của một chỉ tiêu mà cần nhiều dòng " * 3
    (one,) = converted(rows_html([f"Chỉtiêu{i}" for i in range(columns)], [long, *[figure] * (columns - 1)])).tables
    for column in one.columns:
        texts = [run for cell in column.cells for run in cell.paragraphs[0].runs]
        points = max(run.font.size.pt for run in texts)
        least = len(figure) * 0.4 * points * 25.4 / 72  # a digit is half an em, a sign a quarter
        assert column.width.mm - 2 * office.PADDING >= least
    assert sum(column.width.mm for column in one.columns) == pytest.approx(160, abs=1)


def test_room_goes_to_the_column_that_needs_it():
    long = "Tỷ lệ hộ gia đình đạt tiêu chuẩn gia đình văn hóa, chỉ tiêu"
    (one,) = converted(rows_html(["Số liệu", "Thời kỳ", "Đơn vị"], *[[long, "2024", "%"]] * 12)).tables
    assert one.columns[0].width.mm > 2 * max(column.width.mm for column in list(one.columns)[1:])


@pytest.mark.parametrize(
    "html",
    [
        '<table><tr><td colspan="2">x</td></tr></table>',
        "<table><tr><td></td><td>x</td></tr><tr><td></td></tr></table>",
        '<table><tr><td rowspan="2">x</td><td>1</td></tr><tr><td>2</td></tr></table>',
        "<table><tr><td>x</td><td><table><tr><td>1</td></tr></table></td></tr></table>",
        f"<table><tr>{'<td>1.234.567.890</td>' * 25}</tr></table>x",
        f"<table><tr><td>x{'W' * 500}</td><td>1</td></tr></table>",
        '<table><tr id="empty"></tr><tr><td>x</td></tr></table>',
        "<table></table>x",
    ],
)
def test_tables_of_any_form_are_taken_and_keep_to_the_page(html):
    document = converted(html)
    assert "x" in everything(document)
    for one in document.tables:
        assert sum(column.width.mm for column in one.columns) == pytest.approx(160, abs=1)


def test_figures_are_set_to_the_right(document):
    cells = document.tables[0].rows[1].cells
    assert [cell.paragraphs[0].alignment for cell in cells[2:]] == [2, 2]
    assert cells[0].paragraphs[0].alignment in (None, 0)


def test_a_key_figure_is_a_line_of_a_list(document):
    assert "Thu 2024: 200 tỷ đồng [e]; 60% của 300; chậm tiến độ (I)" in [item.text for item in document.paragraphs]


def test_references_lead_to_the_list_of_sources(document):
    links = [node.get(qn("w:anchor")) for node in document.element.iter(qn("w:hyperlink"))]
    places = {node.get(qn("w:name")) for node in document.element.iter(qn("w:bookmarkStart"))}
    assert set(links) == {"src-report-I-4", "src-report-II-7"}
    assert set(links) <= places


def test_pictures_have_the_alternative_text_of_the_page(page, document):
    (alt,) = re.findall(r'<img [^>]*alt="([^"]+)"', page().html)
    described = [node.get("descr") for node in document.element.iter(qn("wp:docPr"))]
    assert described == [alt]
    (shape,) = document.inline_shapes
    assert shape.width.mm <= 160


def test_pictures_are_stored_once(document):
    longest = max(len(value) for node in document.element.iter() for value in node.attrib.values())
    assert longest < 2000  # no picture is written out as text


def test_a_tall_picture_stays_on_its_page():
    buffer = io.BytesIO()
    Image.new("RGB", (400, 4000)).save(buffer, "png", dpi=(100, 100))
    (shape,) = converted('<p><img src="data:," alt="x"></p>', buffer.getvalue()).inline_shapes
    assert shape.height.mm <= 297 - 22 - 22 - 20
    assert shape.height / shape.width == pytest.approx(10, rel=0.01)


@pytest.mark.parametrize("pictures", [(), (b"\x89PNG", b"\x89PNG")])
def test_pictures_that_are_not_the_pages_are_refused(pictures):
    with pytest.raises(office.OfficeError, match=f"shows 1 pictures, but {len(pictures)} came with it"):
        converted('<img src="data:," alt="x">', *pictures)


def test_nothing_is_read_but_the_page(tmp_path):
    secret = tmp_path / "secret.html"
    secret.write_text("<p>hidden treasure</p>", encoding="utf-8")
    inside = "".join(
        f'<{tag} {name}="{secret.as_uri()}"></{tag}>' for tag, name in (("iframe", "src"), ("object", "data"))
    )
    assert "treasure" not in everything(converted(inside))


def test_terms_stand_in_one_paragraph_with_what_they_mean():
    document = converted('<dl class="symbols"><dt>[e]</dt><dd>ước</dd><dt>[f]</dt><dd>dự báo</dd></dl>')
    assert [item.text for item in document.paragraphs][1:] == ["[e]: ước", "[f]: dự báo"]


def test_characters_that_xml_forbids_show_as_what_they_are_not():
    document = converted("a\x01b\ud800c\uffffd&#2;e&#xFFFE;f", title="x\x02&#xFFFF;y")
    assert re.search("a\ufffdb\ufffdc\ufffdd\ufffd?e\ufffdf", everything(document))
    assert document.core_properties.title == "x\ufffd\ufffdy"


def test_a_page_may_lack_title_heading_and_notice():
    html = "<html><body><main><p>Chỉ có chữ.</p><footer><p>Ghi chú.</p></footer></main></body></html>"
    document = docx.Document(io.BytesIO(office.docx(html, (), "vi")))
    assert [item.text for item in document.paragraphs] == ["Ghi chú.", "Chỉ có chữ."]


def test_the_notice_follows_the_title(document):
    styles = [item.style.name for item in document.paragraphs]
    assert styles[styles.index("Heading 1") + 1] == "Notice"


def test_styles_that_are_named_are_defined(document):
    known = {style.style_id for style in document.styles}
    parts = (document.element, document.sections[0].header._element)
    named = {
        node.get(qn("w:val"))
        for part in parts
        for kind in ("p", "r", "tbl")
        for node in part.iter(qn(f"w:{kind}Style"))
    }
    named |= {node.get(qn("w:val")) for node in document.styles.element.iter(qn("w:basedOn"))}
    assert named <= known


def test_several_at_once_do_not_disturb_each_other(page):
    made = page()
    with ThreadPoolExecutor(4) as workers:
        documents = list(workers.map(lambda _: office.docx(made.html, made.pictures, "vi"), range(4)))
    assert len(set(documents)) == 1


def test_it_says_what_it_is_and_leaves_out_what_a_screen_needs(document):
    text = everything(document)
    assert "không phải văn bản hành chính" in text
    assert not re.search(r"report\.show|Bảng dạng CSV|XLSX|Mục lục", text)
    assert document.core_properties.title == "Ngân sách"
    assert document.core_properties.author == "laichau-analysis"


@pytest.mark.parametrize(("language", "code"), [("vi", "vi-VN"), ("en", "en-GB")])
def test_its_language_is_that_of_the_report(page, language, code):
    made = page(language)
    document = docx.Document(io.BytesIO(office.docx(made.html, made.pictures, language)))
    assert {node.get(qn("w:val")) for node in document.styles.element.iter(qn("w:lang"))} == {code}
    assert document.core_properties.language == code


def test_two_conversions_are_the_same_and_name_no_day(page):
    made = page()
    one = office.docx(made.html, made.pictures, "vi")
    until = int(time.time()) // 2 * 2 + 2
    while time.time() < until:  # a zip knows times to two seconds
        pass
    assert office.docx(made.html, made.pictures, "vi") == one
    with zipfile.ZipFile(io.BytesIO(one)) as parts:
        assert {item.date_time[0] for item in parts.infolist()} == {2000}
    assert docx.Document(io.BytesIO(one)).core_properties.created.year == 2000


def test_hostile_texts_stay_text_and_lead_nowhere():
    cells = [markdown("# T"), *(new_code_cell("1", outputs=[new_output("stream", text=text)]) for text in CORPUS)]
    made = render(new_notebook(cells=cells), "vi")
    document = docx.Document(io.BytesIO(office.docx(made.html, made.pictures, "vi")))
    shown = everything(document).replace("\n", "")
    texts = [re.sub("[\u202e\u2066\u2069]", "\ufffd", text) for text in CORPUS]
    assert [text for text in texts if re.sub(r"\s+", " ", text) not in re.sub(r"\s+", " ", shown)] == []
    relations = [one for item in document.part.package.iter_parts() for one in item.rels.values()]
    assert [one.target_ref for one in relations if one.is_external] == []


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not there")
def test_libreoffice_opens_it(page, tmp_path):
    made = page()
    (tmp_path / "page.docx").write_bytes(office.docx(made.html, made.pictures, "vi"))
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'home').as_uri()}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*command, "page.docx"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    from pypdf import PdfReader

    text = "".join(sheet.extract_text() for sheet in PdfReader(tmp_path / "page.pdf").pages)
    assert "150,5" in text


@pytest.mark.parametrize("name", ["bs4", "pypandoc", "docx"])
def test_what_is_missing_is_named_with_what_installs_it(monkeypatch, name):
    monkeypatch.setattr("importlib.util.find_spec", lambda module: None if module == name else sys)
    assert office.unavailable() == f"it needs {name}; install it with: pip install 'laichau-analysis[office]'"


def test_what_pandoc_says_is_told(page, monkeypatch):
    made = page()

    def fails(*_, **__):
        raise RuntimeError("pandoc: out of paper")

    monkeypatch.setattr("pypandoc.convert_text", fails)
    with pytest.raises(office.OfficeError, match="pandoc did not convert the page: pandoc: out of paper"):
        office.docx(made.html, made.pictures, "vi")
