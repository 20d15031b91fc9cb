import base64
import re

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from laichau_analysis.exhibits import Shown
from laichau_analysis.look import MARKER, look
from laichau_analysis.runner.rendering import CONTENT_SECURITY_POLICY, render, summary_of
from tests.pages import Page
from tests.runner.books import markdown

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)><b>bold</b>"


def shown(kind, html, text="", **record):
    ours = {"kind": kind, "text": text, **record}
    return new_output("display_data", data={"text/html": html, "text/plain": text, MARKER: ours})


def page_of(*cells, language="vi"):
    return render(new_notebook(cells=list(cells)), language).html


def code(*outputs, source="1 + 1"):
    return new_code_cell(source, outputs=list(outputs), execution_count=1)


REPORT = (
    markdown("# Ngân sách"),
    code(shown("kicker", '<p class="kicker">Thành phố</p>'), shown("headline", '<p class="headline">Đạt 60,9%.</p>', "Đạt 60,9%."), source="report.headline(x)"),
    markdown("## Thu đúng tiến độ không?"),
    code(shown("sentence", '<p class="say">Chậm.</p>')),
    markdown("## Đã giải ngân được bao nhiêu?"),
    code(shown("sentence", '<p class="say">Một nửa.</p>')),
)  # fmt: skip


def test_a_page_is_one_file_without_script_or_request():
    page = Page(page_of(*REPORT))
    assert page.all("html") == [{"lang": "vi"}]
    assert page.all("meta")[1] == {"http-equiv": "Content-Security-Policy", "content": CONTENT_SECURITY_POLICY}
    assert {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object"} == set()
    assert not [
        value
        for _, attributes in page.tags
        for name, value in attributes.items()
        if name in ("src", "srcset") or (value or "").startswith("http")
    ]
    assert len(page.all("main")) == len(page.all("h1")) == 1


def test_a_section_that_shows_nothing_is_not_on_the_page():
    html = page_of(
        *REPORT[:2], markdown("## Trống?"), code(), *REPORT[2:4], markdown("## Lời?\n\nMột lời."), markdown("## Cuối?")
    )
    assert re.findall(r"<h2[^>]*>([^<]+)<", html) == ["Thu đúng tiến độ không?", "Lời?"]
    assert re.findall(r'<a href="#section-\d+">([^<]+)<', html) == ["Thu đúng tiến độ không?", "Lời?"]


def test_the_same_notebook_gives_the_same_bytes():
    assert page_of(*REPORT) == page_of(*REPORT)


def test_what_outputs_bring_along_for_a_notebook_stands_in_a_page_once():
    outputs = [Shown("sentence", f'<p class="say">{text}.</p>', text)._repr_mimebundle_() for text in ("Một", "Hai")]
    html = page_of(markdown("# T"), *(code(new_output("display_data", data=data)) for data in outputs))
    assert all(look() in data["text/html"] for data in outputs)
    assert html.count("<style>") == html.count(look()) == 1
    assert html.index(look()) < html.index("Một") < html.index("Hai")


def test_the_kicker_stands_above_the_title_and_the_contents_below_the_headline():
    html = page_of(*REPORT)
    places = [html.index(text) for text in ('class="kicker">', "<h1", 'class="headline">', "<nav", "<h2")]
    assert places == sorted(places)


def test_the_contents_reach_every_section():
    page = Page(page_of(*REPORT))
    links = [attributes["href"][1:] for attributes in page.all("a") if attributes["href"].startswith("#")]
    assert links == [attributes["id"] for attributes in page.all("h2")]
    assert len(links) == 2
    assert all(re.fullmatch(r"[a-z0-9-]+", link) for link in links)


def test_code_is_folded_and_shown_as_text():
    page = Page(page_of(markdown("# T"), code(source="a < b and '</code>'")))
    assert {"class": "code"} in page.all("details")
    assert "a < b and '</code>'" in page.text
    assert "Mã lệnh của báo cáo này" in page.text
    assert "Code of this report" in Page(page_of(*REPORT, language="en")).text


@pytest.mark.parametrize(
    "cells",
    [
        (markdown(f"# {HOSTILE}\n\n{HOSTILE}"),),
        (markdown("[link](javascript:alert(1)) ![picture](javascript:alert(1))"),),
        (code(new_output("stream", name="stdout", text=HOSTILE)),),
        (code(new_output("execute_result", data={"text/plain": HOSTILE}, execution_count=1)),),
        (
            code(
                new_output("display_data", data={"text/html": f"<table onclick=x><tr><td>{HOSTILE}</td></tr></table>"})
            ),
        ),
        (code(new_output("display_data", data={"application/javascript": "alert(1)", "text/plain": "js"})),),
        (code(new_output("display_data", data={"image/svg+xml": f"<svg>{HOSTILE}</svg>", "text/plain": "svg"})),),
        (
            code(
                new_output(
                    "display_data", data={"image/png": "iVBORw0=", "text/plain": "p"}, metadata={"alt": f'"{HOSTILE}'}
                )
            ),
        ),
        (code(source=HOSTILE),),
    ],
)
def test_markup_that_is_not_ours_never_runs(cells):
    page = Page(page_of(*cells))
    assert page.all("script") == []
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        assert not any(
            (value or "").lower().startswith("javascript:")
            for name, value in attributes.items()
            if name in ("href", "src")
        )


def test_raw_html_in_markdown_and_text_is_shown_as_text():
    page = Page(page_of(markdown(f"# T\n\n{HOSTILE}"), code(new_output("stream", name="stdout", text=HOSTILE))))
    assert page.text.count(HOSTILE) == 2


def test_a_picture_from_elsewhere_is_its_description():
    page = Page(page_of(markdown("# T\n\n![A <b>map</b>](https://example.org/map.png)")))
    assert page.all("img") == []
    assert "A <b>map</b>" in page.text


def test_a_data_frame_is_a_table_that_can_be_read_aloud():
    html = (
        "<div><style>x</style><table border='1' class='dataframe'><thead><tr><th></th><th>value</th></tr></thead>"
        "<tbody><tr><th>0</th><td>5</td></tr></tbody></table></div>"
    )
    page = Page(
        page_of(code(new_output("execute_result", data={"text/html": html, "text/plain": ""}, execution_count=1)))
    )
    assert [attributes.get("scope") for attributes in page.all("th")] == ["col", "row"]
    assert "x" not in page.text.split("Bảng")[0].split("</style>")[-1][-5:]


def test_a_picture_has_an_alternative_text():
    output = new_output("display_data", data={"image/png": "iVBORw0=\n", "text/plain": ""})
    (image,) = Page(page_of(code(output))).all("img")
    assert image == {"src": "data:image/png;base64,iVBORw0=", "alt": "Hình do mã lệnh của báo cáo này tạo ra"}


def test_the_index_gets_headline_first_key_figure_and_findings():
    cards = shown("key_figures", "<ul></ul>", "", card="Thu 2024: 182,6 tỷ đồng")
    further = shown("key_figures", "<ul></ul>", "", card="Chi 2024: 5 tỷ đồng")
    findings = shown("findings", "<p></p>", "", counts={"checked": 12, "wrong": 1})
    assert summary_of(new_notebook(cells=[*REPORT, code(cards, further), code(findings)])) == {
        "town": "",
        "headline": "Đạt 60,9%.",
        "key_figure": "Thu 2024: 182,6 tỷ đồng",
        "findings": {"checked": 12, "wrong": 1},
    }
    empty = {"town": "", "headline": "", "key_figure": "", "findings": {}}
    assert summary_of(new_notebook(cells=[markdown("# T")])) == empty


def test_tables_lie_beside_the_page_that_links_to_them():
    first = shown("exhibit", "<figure></figure>", "", title="Thu & chi", csv="a,b\r\n")
    second = shown("sources", "<h3>S</h3>", "", title="Số liệu", csv="c\r\n")
    page = render(new_notebook(cells=[*REPORT, code(first, second)]), "vi", "budget.year-2023")
    assert page.tables == (("Thu & chi", "a,b\r\n"), ("Số liệu", "c\r\n"))
    links = [attributes for attributes in Page(page.html).all("a") if "download" in attributes]
    assert [attributes["href"] for attributes in links] == [
        "tables/budget.year-2023-1.csv",
        "tables/budget.year-2023-2.csv",
        "../data.xlsx",
    ]
    assert "Bảng dạng CSV: Thu & chi" in Page(page.html).text


def test_pictures_come_with_the_page_in_their_order():
    ours = shown("exhibit", '<img src="data:image/svg+xml,x" alt="y">', "", title="T", csv="a")
    ours.data["image/png"] = base64.b64encode(b"one").decode()
    foreign = new_output("display_data", data={"image/png": base64.b64encode(b"two").decode(), "text/plain": ""})
    table = new_output("display_data", data={"text/html": "<p>x</p>", "image/png": "bm90IHNob3du", "text/plain": ""})
    page = render(new_notebook(cells=[code(ours), code(foreign, table)]), "vi")
    assert page.pictures == (b"one", b"two")
    assert len(Page(page.html).all("img")) == 2
