"""Points 8 and 9: a page is small, and nothing of it is cut off on a phone or on paper."""

import re
import subprocess

import pytest
from pypdf import PdfReader

from tests.browser.conftest import PAGES

MOST = 300_000
TEXTS = """() => {
    const texts = [], screen = '.contents, details, .download, .elsewhere, .languages, .files, .visually-hidden, .exhibit caption';
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());)
        if (node.textContent.trim() && !node.parentElement.closest(screen)) texts.push(node.textContent);
    return texts;
}"""
OUTSIDE = """() => [...document.querySelectorAll('main *')].filter(e => {
    const box = e.getBoundingClientRect();
    if (!box.width || e.closest('.visually-hidden, caption')) return false;
    const scrolls = e.closest('.table, pre');
    return !(scrolls && scrolls !== e) && (box.right > innerWidth + 1 || box.left < -1);
}).map(e => e.outerHTML.slice(0, 100))"""
CUT = """() => [...document.querySelectorAll('main *')].filter(e => {
    const style = getComputedStyle(e);
    if (e.closest('.visually-hidden, caption') || !e.clientWidth) return false;
    return /hidden|clip/.test(style.overflow) && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
}).map(e => e.outerHTML.slice(0, 100))"""


def test_it_is_small(desk):
    assert len(desk.file.read_bytes()) <= MOST


def test_nothing_is_cut_off_on_a_desk(desk):
    assert cut_off(desk) == []


def test_nothing_is_cut_off_on_a_phone(phone):
    assert cut_off(phone) == []


def cut_off(opened):
    wide = opened.look("() => document.documentElement.scrollWidth - innerWidth")
    return opened.look(OUTSIDE) + opened.look(CUT) + ([f"{wide} pixels"] if wide > 0 else [])


def test_tables_fit_a_desk(desk):
    wide = desk.look(
        """() => [...document.querySelectorAll('.table')].filter(b => b.scrollWidth > b.clientWidth + 1)
            .map(b => [b.ariaLabel, b.scrollWidth - b.clientWidth])"""
    )
    assert wide == []


def test_wide_tables_scroll_in_their_own_box(phone):
    boxes = phone.look(
        """() => [...document.querySelectorAll('.table')].map(b => {
            b.scrollLeft = 10000;
            const last = b.querySelector('tr').lastElementChild.getBoundingClientRect().right;
            return {reached: last <= b.getBoundingClientRect().right + 1, edge: getComputedStyle(b).borderRightStyle,
                    keyboard: b.tabIndex};
        })"""
    )
    assert bool(boxes) is (phone.name != "index.html")
    for box in boxes:
        assert box == {"reached": True, "edge": "solid", "keyboard": 0}


def test_code_is_folded_away_and_there_for_whoever_wants_it(report):
    code = report.page.locator("details.code")
    assert not code.evaluate("e => e.open")
    code.locator("summary").click()
    assert "open_report" in code.inner_text()
    code.locator("summary").click()


@pytest.fixture(scope="session", params=[name for name in PAGES if not name.startswith("en/")])
def paper(visit, request, tmp_path_factory):
    """Each page, in the language of the longer texts, as it is printed: the PDF, where its words stand, and what the page holds."""
    opened = visit(request.param, "desk")
    path = tmp_path_factory.mktemp("paper") / "page.pdf"
    opened.page.pdf(path=path, prefer_css_page_size=True)
    texts = opened.look(TEXTS)
    opened.page.context.close()
    boxes = subprocess.run(["pdftotext", "-bbox", str(path), "-"], capture_output=True, text=True, check=True).stdout
    return path, boxes, texts


def test_it_prints_on_a4_with_its_margins(paper):
    path, boxes, _ = paper
    for sheet in PdfReader(path).pages:
        assert [round(float(side)) for side in sheet.mediabox[2:]] == pytest.approx([595, 842], abs=1)
    for sheet in re.findall(r"<page .*?</page>", boxes, re.DOTALL):
        edges = [
            tuple(map(float, found)) for found in re.findall(r'xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)"', sheet)
        ]
        assert len(edges) > 3  # no sheet is empty
        assert min(left for left, _ in edges) >= 28 * 72 / 25.4
        assert max(right for _, right in edges) <= (210 - 15) * 72 / 25.4


def test_every_cell_and_sentence_is_on_paper(paper):
    path, _, texts = paper
    raw = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout
    printed = re.sub(r"\s+", "", raw)
    assert [text for text in texts if not all(part in printed for part in text.split())] == []


def test_pages_are_numbered_from_the_second_one(paper):
    _path, boxes, _ = paper
    sheets = re.findall(r"<page .*?</page>", boxes, re.DOTALL)
    for number, sheet in enumerate(sheets, start=1):
        feet = [
            word for y, word in re.findall(r'yMin="([\d.]+)"[^>]*>([^<]+)<', sheet) if float(y) > 842 - 22 * 72 / 25.4
        ]
        assert feet == ([] if number == 1 else [str(number)])
