"""Hostile texts go the whole way through a run, as names, titles, notes and parameters, and stay text."""

import csv
import html
import io
import json
import re
import subprocess
import sys
from urllib.parse import unquote

import nbformat
import openpyxl
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell

from laichau_analysis.look import visible
from laichau_analysis.runner import office, printing
from tests.hostile import CORPUS
from tests.runner.books import PARAMETERS, markdown, notebook
from tests.towns import TABLE_ROWS, describe, figure, indicator, part, write_town

pytestmark = pytest.mark.xdist_group("safety")  # one run for all of them

SECTOR, DOCUMENT, PLACE, TOWN, ABOUT, NOTE, REASON, PARAMETER, HEADING = (
    f"{place}: {' '.join(text for text in CORPUS if len(text) < 100)}"
    for place in ("sector", "document", "place", "town", "about", "note", "reason", "parameter", "heading")
)
OURS = {
    *("html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "h3", "p", "span", "a", "ul", "ol", "li"),
    *("nav", "figure", "figcaption", "img", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "small"),
    *("dl", "dt", "dd", "details", "summary", "pre", "code", "footer", "b", "br", "section"),
}
CODE = """import laichau_analysis as la
report = la.open_report(dataset, year, language, sectors=["money"])
report.headline(report.progress())
report.key_figures(report.progress("i0"), report.latest("i1"))
report.show(report.progress(), la.charts.bullet)
report.show(report.progress(), la.charts.dots)
report.show(report.parts("i0", "kind"), la.charts.parts)
report.show(report.path("i2"), la.charts.path, title=place)
report.show(report.latest())
report.say(report.latest())
print(place)
report.show(report.ledger())
report.findings()
report.methods_and_sources()"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What a run publishes of a town whose every text is hostile."""
    place = tmp_path_factory.mktemp("hostile")
    town, codes = place / "town", [f"i{i}" for i in range(len(CORPUS))]
    named = dict(zip(codes, CORPUS, strict=True))
    both = lambda text, prefix="name": {f"{prefix}_vi": text, f"{prefix}_en": text}  # noqa: E731
    rows = [figure(code, "2024", "50", locator="I", note=NOTE) for code in codes]
    rows += [figure(code, "2025", "100", "target", status="A", locator="II") for code in codes]
    rows += [figure("i0", "2024", "70%", "stated_attainment", locator="III")]
    rows += [part("i0", "2024", "20", "a"), part("i0", "2024", "30", "b", flag="implausible", note=NOTE)]
    tables = {
        "sectors": [{"sector": "money", **both(SECTOR)}],
        "areas": [TABLE_ROWS["areas"][0] | both(TOWN)],
        "categories": [row | both(text) for row, text in zip(TABLE_ROWS["categories"], CORPUS, strict=False)],
        "sources": [TABLE_ROWS["sources"][0] | both(DOCUMENT, "title") | both(DOCUMENT, "publisher")],
        "locators": [row | both(PLACE, "title") for row in TABLE_ROWS["locators"]],
        "reviews": [
            {
                "finding": "attainment|i0|stated_attainment|town|2024||III",
                **{"verdict": "confirmed", "date": "2024-08-01", "reason": REASON},
            }
        ],
    }
    write_town(town, [indicator(code, **both(text)) for code, text in named.items()], rows, **tables)
    describe(town, title=TOWN, title_en=TOWN, about_vi=ABOUT, about_en=ABOUT, outline=codes[:3])
    book = notebook(
        *(new_code_cell(line, id=f"cell-{i}") for i, line in enumerate(CODE.splitlines())),
        markdown(HEADING, key="words"),
        parameters=PARAMETERS + '\nplace: str = ""',
    )
    book.cells[0].source = book.cells[1].source = f"# {HEADING}"
    (place / "books").mkdir()
    nbformat.write(book, place / "books" / "money.ipynb")
    return publish(place, "reports")


def publish(place, output):
    """Make the report in every form that this machine can make."""
    makers = {"pdf": printing, "docx": office}
    forms = [option for form, maker in makers.items() if not maker.unavailable() for option in ("--format", form)]
    command = ["run", "--data", "./town", "--notebooks", "books", "-p", "place", PARAMETER, *forms, "--output", output]
    done = subprocess.run(
        [sys.executable, "-m", "laichau_analysis", *command],
        **{"cwd": place, "capture_output": True, "text": True, "check": False},
    )
    assert done.returncode == 0, done.stderr
    return place / output


def page(folder, language="vi"):
    (path,) = (folder / language).glob("*.html")
    return path.read_text(encoding="utf-8")


def squeezed(text):
    """A text without spaces: pages break lines, and Word keeps no two of them."""
    return re.sub(r"\s+", "", text)


def pages(folder):
    return {"index": (folder / "index.html").read_text(encoding="utf-8"), "vi": page(folder), "en": page(folder, "en")}


def test_the_same_inputs_give_the_same_files(folder):
    again = publish(folder.parent, "again")
    files = [path.relative_to(folder) for path in sorted(folder.rglob("*.*")) if path.is_file()]
    dated = {"index.html", "run.json", "history.jsonl"}
    differ = [str(file) for file in files if (folder / file).read_bytes() != (again / file).read_bytes()]
    assert set(differ) <= dated
    assert len(files) > 10


@pytest.mark.parametrize("name", ["index", "vi", "en"])
def test_a_page_holds_our_elements_only(folder, name):
    soup = BeautifulSoup(pages(folder)[name], "html.parser")
    assert {tag.name for tag in soup.find_all()} <= OURS
    for tag in soup.find_all():
        assert not [key for key in tag.attrs if key.startswith("on")]
        for key in ("href", "src"):
            assert re.match(r"#|data:image/|\.\./|[\w.%-]+(/|$)", tag.get(key, "#")), tag
            assert not tag.get(key, "").lower().startswith("javascript:")


@pytest.mark.parametrize("name", ["vi", "en"])
def test_every_text_is_shown_as_it_is(folder, name):
    shown = squeezed(BeautifulSoup(pages(folder)[name], "html.parser").main.get_text())
    told = [*CORPUS, SECTOR, DOCUMENT, PLACE, TOWN, REASON, PARAMETER]
    assert [text for text in told if squeezed(visible(text)) not in shown] == []


def test_the_index_shows_every_text_as_it_is(folder):
    shown = squeezed(BeautifulSoup(pages(folder)["index"], "html.parser").main.get_text())
    told = [*CORPUS[:3], DOCUMENT, TOWN, ABOUT, PARAMETER]
    assert [text for text in told if squeezed(visible(text)) not in shown] == []


@pytest.mark.parametrize("name", ["index", "vi", "en"])
def test_nothing_turns_the_direction_of_what_follows(folder, name):
    assert re.findall("[\u202a-\u202e\u2066-\u2069\u200e\u200f]", html.unescape(pages(folder)[name])) == []


def test_a_chart_draws_names_as_they_are(folder):
    soup = BeautifulSoup(page(folder), "html.parser")
    vectors = [unquote(image["src"]) for image in soup.find_all("img")]
    assert len(vectors) == 4
    risky = r"<(?:script|image|foreignObject)\b|\son\w+=|(?<!rdf#' )https?://(?!www\.w3|purl\.org)"
    assert [match[0] for svg in vectors for match in re.finditer(risky, svg)] == []


def test_the_tables_hold_no_formula(folder):
    cells = []
    for path in (folder / "vi" / "tables").glob("*.csv"):
        cells += [cell for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))) for cell in row]
    risky = [
        cell for cell in cells if cell.startswith(("=", "+", "-", "@")) and not re.fullmatch(r"-?\d+(\.\d+)?", cell)
    ]
    assert risky == []
    assert [text for text in CORPUS if text not in cells and f"'{text}" not in cells] == []


def test_the_workbook_holds_no_formula_and_no_link(folder):
    book = openpyxl.load_workbook(folder / "data.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    assert [text for text in CORPUS if text not in {cell.value for cell in cells}] == []


def test_the_record_and_the_notebooks_can_be_read(folder):
    (entry, _) = json.loads((folder / "run.json").read_text(encoding="utf-8"))["reports"]
    assert entry["parameters"] == {"place": PARAMETER}
    assert entry["html"].count("/") == 1
    nbformat.validate(nbformat.read(folder / entry["notebook"], as_version=4))


@pytest.mark.browser
def test_a_pdf_holds_the_texts_and_no_action(chromium, folder):
    from pypdf import PdfReader

    (path,) = (folder / "vi").glob("*.pdf")
    reader = PdfReader(path)
    shown = squeezed("".join(sheet.extract_text() for sheet in reader.pages))
    assert squeezed(CORPUS[0]) in shown
    assert squeezed(CORPUS[10]) in shown
    raw = path.read_bytes()
    assert not re.search(rb"/(JavaScript|JS|Launch|OpenAction|EmbeddedFile)\b", raw)
    links = [note.get_object().get("/A", {}).get("/URI") for sheet in reader.pages for note in sheet.get("/Annots", [])]
    assert [link for link in links if link] == []


def test_a_document_holds_the_texts_and_no_link_to_outside(folder):
    import docx

    (path,) = (folder / "vi").glob("*.docx")
    document = docx.Document(str(path))
    shown = squeezed("".join(document.element.itertext()))
    assert [text for text in CORPUS if squeezed(visible(text)) not in shown] == []
    assert not [
        relation
        for part in document.part.package.iter_parts()
        for relation in part.rels.values()
        if relation.is_external
    ]
