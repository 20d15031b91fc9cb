"""The pages: that they build, and that what they say of links, commands, options and figures is so."""

import doctest
import importlib.util
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

import laichau_analysis
from laichau_analysis import errors
from laichau_analysis.audit import RULES, VERDICTS
from laichau_analysis.cli import cli
from laichau_analysis.editions import CHANGES, FRAMES, record
from laichau_analysis.metrics import ASSESSMENTS
from laichau_analysis.runner.notebooks import find_notebooks
from laichau_analysis.schema import MEASURES, OBSERVATIONS, TABLES
from laichau_analysis.shipped import shipped
from laichau_analysis.units import ATOMS
from tests.markdown import Page, plain
from tests.test_design import ORDER

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = [
    Page(path)
    for place in ("*.md", "docs/**/*.md", "data/*/*.md", "benchmarks/*.md", "reports/README.md")
    for path in sorted(ROOT.glob(place))
]
NAMES = [page.path.relative_to(ROOT).as_posix() for page in PAGES]
BOOKS = find_notebooks(shipped("notebooks"))
pages = pytest.mark.parametrize("page", PAGES, ids=NAMES)


# --- links -------------------------------------------------------------------------------------------


@pages
def test_links_lead_somewhere(page):
    lost = []
    for link in page.links:
        if re.match(r"\w+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (page.path.parent / name).resolve() if name else page.path
        if not target.exists() or (anchor and anchor not in Page(target).anchors):
            lost.append(link)
    assert lost == []


def test_the_index_leads_to_every_page():
    index = Page(DOCS / "index.md")
    listed = {(DOCS / link).resolve() for link in index.links}
    assert listed >= {page.path for page in PAGES if DOCS in page.path.parents} - {index.path}


# --- examples ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", [p for p in PAGES if ">>> " in p.text], ids=lambda page: page.path.name)
def test_examples_give_what_the_page_says(page):
    code = "\n\n".join(block.text for block in page.blocks if ">>> " in block.text)
    test = doctest.DocTestParser().get_doctest(code, {}, page.path.name, str(page.path), 0)
    said = []
    assert doctest.DocTestRunner().run(test, out=said.append).failed == 0, "".join(said)


# --- commands ----------------------------------------------------------------------------------------


def commands(page):
    """Lines of a page's blocks that a shell would run, as words; further commands of a line are left out."""
    for block in page.blocks:
        if block.language in ("", "sh"):
            for line in block.text.replace("\\\n", " ").splitlines():
                if re.match(r"(laichau|make|pip|python) ", line) and "[REPORT" not in line:
                    words = shlex.split(line, comments=True)
                    yield words[: next((i for i, word in enumerate(words) if word in ("|", "&&", ">")), None)]


def mentions(page):
    """Commands and options that stand in the text."""
    for token in page.all("codespan"):
        if re.match(r"laichau [a-z]", token["raw"]):
            yield token["raw"].split()


def understood(words):
    """Let click read a command to its end, without running it."""
    command = cli.commands[words[1]]
    context = command.make_context(words[1], words[2:], resilient_parsing=False)
    if words[1] == "schedule":
        context = cli.commands["run"].make_context("run", list(context.params["arguments"]))
    known = {book.name: book for book in BOOKS}
    if "reports" in context.params:
        assert set(context.params["reports"]) <= set(known)
        named = [known[name] for name in context.params["reports"]] or BOOKS
        for name, _ in context.params["parameters"]:
            assert any(name in book.parameters for book in named), name


@pages
def test_commands_are_real(page):
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for words in commands(page):
        match words:
            case ["laichau", option] if option.startswith("-"):
                assert option in ("--version", "--help")
            case ["laichau", *_]:
                understood(words)
            case ["make", target]:
                assert target in targets
            case ["python", "-m", module, *_]:
                assert importlib.util.find_spec(module), module
            case ["pip", "install", *_]:
                assert set(re.findall(r"laichau-analysis\[(\w+)\]", " ".join(words))) <= set(extras)


@pages
def test_commands_that_the_text_names_are_real(page):
    for _, name, *rest in mentions(page):
        options = {option for one in (name, "run") for param in cli.commands[one].params for option in param.opts}
        assert {word for word in rest if word.startswith("-")} <= options


def test_all_options_of_a_run_are_listed():
    (synopsis,) = [block.text for block in Page(DOCS / "running.md").blocks if "[REPORT" in block.text]
    listed = set(re.findall(r"(?:^|[ ,])(--?[a-z][a-z-]*)", synopsis))
    assert listed == {option for param in cli.commands["run"].params for option in param.opts if option[0] == "-"}


def test_every_command_is_listed():
    listed = re.findall(r"laichau ([a-z]+)", " ".join(first_column("running.md")))
    assert set(listed) == set(cli.commands)


# --- what pages list ---------------------------------------------------------------------------------


def first_column(page):
    return [row[0] for row in Page(DOCS / page).rows]


def test_the_architecture_names_every_module_in_the_order_of_imports():
    assert [name for name in first_column("architecture.md") if "/" not in name] == ORDER


def test_every_rule_verdict_and_assessment_is_explained():
    assert {*VERDICTS, *laichau_analysis.audit.audit(laichau_analysis.load())["check"]} <= set(first_column("audit.md"))
    assert len(RULES) <= len(first_column("audit.md"))
    assert all(f"`{name}`" in Page(DOCS / "metrics.md").text for name in ASSESSMENTS)


def test_the_columns_of_figures_are_explained():
    table = Page(DOCS / "data.md").rows_below("Figures")
    assert [name for row in table for name in row[0].split(", ")] == OBSERVATIONS.columns
    rows = {row[0]: row[1] for row in table}
    for field in OBSERVATIONS.fields:
        if field.enum:
            assert all(code in rows[field.name] for code in field.enum)


def test_every_field_of_a_comparison_is_explained():
    explained = {name for row in first_column("editions.md") for name in row.split(", ")}
    assert {*FRAMES, *(name for columns in FRAMES.values() for name in columns)} <= explained
    assert set(record(laichau_analysis.compare(*[laichau_analysis.load()] * 2))) <= explained
    text = Page(DOCS / "editions.md").text
    assert all(f"`{change}`" in text for change in CHANGES)


# --- two languages -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """A page in English and in Vietnamese."""

    en: str
    vi: str

    def pages(self):
        return Page(ROOT / self.en), Page(ROOT / self.vi)


PAIRS = [Pair("README.md", "README.vi.md"), Pair("docs/tutorial.md", "docs/vi/huong-dan.md")]
pairs = pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.en)


@pairs
def test_pages_in_two_languages_have_the_same_parts(pair):
    one, other = pair.pages()
    assert [level for level, _ in one.headings] == [level for level, _ in other.headings]
    assert [len(row) for row in one.rows] == [len(row) for row in other.rows]
    assert list(commands(one)) == [["en" if word == "vi" else word for word in words] for words in commands(other)]
    assert [block.language for block in one.blocks] == [block.language for block in other.blocks]
    examples = [[block.text for block in page.blocks if block.language == "pycon"] for page in (one, other)]
    assert examples[0] == examples[1]


@pairs
def test_pages_in_two_languages_lead_to_the_same_places(pair):
    def places(page):
        counterparts = {(ROOT / one.vi).resolve(): (ROOT / one.en).resolve() for one in PAIRS}
        for link in page.links:
            name, _, anchor = link.partition("#")
            target = (page.path.parent / name.replace(".vi.png", ".en.png")).resolve()
            yield counterparts.get(target, target), bool(anchor)

    one, other = pair.pages()
    english = ROOT / pair.en
    assert [place for place in places(one) if place[0] != english] == [
        place for place in places(other) if place[0] != english
    ]


@pytest.mark.parametrize(("name", "language"), [("README.md", "en"), ("README.vi.md", "vi")])
def test_the_picture_is_told_with_what_the_report_says(name, language):
    page = Page(ROOT / name)
    (picture,) = page.all("image")
    report = laichau_analysis.open_report("lai-chau", language=language, sectors=["budget", "economy"])
    said = " ".join(laichau_analysis.wording.sentences(report.progress("revenue_in_area")))
    assert plain(picture).endswith(said)
    assert (ROOT / picture["attrs"]["url"]).stat().st_size <= 120_000


@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_a_readme_names_no_number_that_is_not_so(name):
    data = laichau_analysis.load("lai-chau")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    known = {project["requires-python"].removeprefix(">="), f"{data.term.years:.0f}", "0"}
    known |= {str(kind.exit_status) for kind in (errors.LaichauError, errors.UsageError, errors.BusyError)}
    known |= set(re.findall(r"\d+", data.titles["en"]))
    page = Page(ROOT / name)
    pictures = {plain(picture) for picture in page.all("image")}
    prose = [token["raw"] for token in page.all("text") if not any(token["raw"] in alt for alt in pictures)]
    assert set(re.findall(r"\b\d+(?:[.,]\d+)*", " ".join(prose))) <= known


# --- the built site ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The pages as Sphinx builds them."""
    pytest.importorskip("furo")
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q", str(DOCS), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def test_the_site_asks_for_nothing_from_outside(site):
    asked = []
    for path in site.rglob("*.html"):
        page = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        addresses = [tag.get("src") or tag.get("href") or "" for tag in page(["link", "script", "img", "iframe"])]
        asked += [(path.name, address) for address in addresses if re.match(r"(\w+:)?//", address)]
    for path in site.rglob("*.css"):
        asked += re.findall(r"(?:@import|url\()\s*['\"]?(?:\w+:)?//[^'\")]*", path.read_text(encoding="utf-8"))
    assert asked == []


def test_the_dictionary_holds_every_table_column_code_measure_and_unit(site):
    page = BeautifulSoup((site / "dictionary.html").read_text(encoding="utf-8"), "html.parser")
    codes = {tag.get_text() for tag in page.article("code")}
    text = " ".join(page.article.get_text().replace("’", "'").split())
    assert {*MEASURES, *ATOMS, "observations/<sector>.csv", *(f"{name}.csv" for name in TABLES)} <= codes
    assert all(meaning in text for meaning in MEASURES.values())
    for table in (OBSERVATIONS, *TABLES.values()):
        assert {*table.columns, *(code for field in table.fields for code in field.enum)} <= codes
        assert all(field.description in text for field in table.fields)
        for own, other, others in table.references:
            assert f"{', '.join(own)}: as in {', '.join(others)} of {other}.csv" in text


def test_vietnamese_pages_say_that_they_are(site):
    page = BeautifulSoup((site / "vi" / "huong-dan.html").read_text(encoding="utf-8"), "html.parser")
    assert page.article.h1.find_parent(lang=True)["lang"] == "vi"
    assert page.html["lang"] == "en"


def test_the_reference_begins_with_every_public_name():
    listed = re.findall(r"la\.(\w+)", " ".join(first_column("api.md")))
    assert sorted(listed) == sorted(laichau_analysis.__all__)


def test_the_reference_holds_every_public_name(site):
    from sphinx.util.inventory import InventoryFile

    inventory = InventoryFile.loads((site / "objects.inv").read_bytes(), uri="")
    held = {item for kind in ("py:module", "py:class", "py:function", "py:exception") for item in inventory.data[kind]}
    for name in laichau_analysis.__all__:
        thing = getattr(laichau_analysis, name)
        full = (
            thing.__name__
            if hasattr(thing, "__path__") or hasattr(thing, "__file__")
            else f"{thing.__module__}.{thing.__qualname__}"
        )
        assert full in held
