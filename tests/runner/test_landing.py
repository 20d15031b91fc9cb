import re

import pytest

from laichau_analysis.runner.landing import index_page
from laichau_analysis.runner.notebooks import read_notebook
from tests.pages import Page
from tests.runner.books import write
from tests.towns import describe, figure, indicator

HOSTILE = "<script>alert(1)</script><b onclick=x>bold</b>"


@pytest.fixture
def data(town):
    rows = [
        figure("revenue", "2024", "60", status="E"),
        figure("revenue", "2025", "100", "target"),
        figure("revenue", "2024", "70%", "stated_attainment"),
    ]
    return town([indicator("revenue")], rows)


@pytest.fixture
def index(tmp_path, data):
    """The page of some entries of a record."""
    notebooks = {"money": read_notebook(write(tmp_path / "books", "money"))}

    def make(*entries, town=data):
        return index_page(entries, town, notebooks, "2026-03-05T04:05:06+00:00")

    return make


def entry(language="en", **more):
    return {
        "report": "money",
        "language": language,
        "parameters": {},
        "status": "done",
        "html": f"{language}/money.html",
        "notebook": f"{language}/money.ipynb",
        "tables": [{"title": "Revenue", "file": f"{language}/tables/money-1.csv"}],
        "beside": {"pdf": f"{language}/money.pdf"},
        "headline": "Sixty per cent.",
        "key_figure": "Revenue, 2024: 60 billion dong (estimated)",
        "findings": {"checked": 3, "wrong": 1},
        "published": "2024-07-02T08:00:00+00:00",
        "data": None,
        "error": None,
        "failed_since": None,
    } | more


def words(html):
    """The text of a page as it is read."""
    return " ".join(Page(html.split("</style>")[1].replace("<", " <")).text.split())


def test_the_index_tells_what_the_town_is_and_the_state_of_its_data(town, index):
    data = town([indicator("revenue")], [figure("revenue", "2024", "60", status="E")])
    text = words(index(entry(), town=data))
    assert "1 figure on 1 indicator." in text
    assert "Source: Report. Committee, July 2024." in text
    assert "Invented town" in text


def test_figures_that_describe_the_town_stand_at_the_beginning(tmp_path, data, index):
    from laichau_analysis import load

    describe(tmp_path / "town", about_vi="Một thị trấn.", about_en="A town.", outline=["revenue"])
    page = index(entry(), town=load(str(tmp_path / "town")))
    assert "A town." in words(page)
    assert "Indicator revenue, 2024 60 billion dong (estimated)" in words(page)
    assert page.index("A town.") < page.index("Sixty per cent.")


def test_a_report_is_told_by_headline_key_figure_and_findings(index):
    page = index(entry(), entry("vi", headline="Sáu mươi phần trăm.", findings={"checked": 3, "wrong": 0}))
    text = words(page)
    assert "Title Revenue, 2024: 60 billion dong (estimated) Sixty per cent. 1 wrong figure found" in text
    assert "Sáu mươi phần trăm. không phát hiện số liệu sai" in text
    links = [attributes["href"] for attributes in Page(page).all("a") if attributes["href"].startswith("en/")]
    assert links == ["en/money.html", "en/money.pdf", "en/money.ipynb", "en/tables/money-1.csv"]
    assert [attributes["lang"] for attributes in Page(page).all("section")] == ["vi", "en"]


FAILED = {"status": "failed", "error": "cell 3: ValueError: no", "failed_since": "2024-07-04T08:00:00+00:00"}
NEVER = {"html": None, "notebook": None, "tables": [], "beside": {}, "published": None}


@pytest.mark.parametrize(
    ("state", "told", "linked"),
    [
        (
            FAILED,
            "Every run of this report has failed since 4 July 2024. What stands here was made on 2 July 2024. "
            "Why: cell 3: ValueError: no",
            True,
        ),
        (
            FAILED | {"status": "kept"},
            "Every run of this report has failed since 4 July 2024. What stands here was made on 2 July 2024.",
            True,
        ),
        (FAILED | NEVER, "Every run of this report has failed since 4 July 2024. There is no version of it.", False),
        ({"status": "skipped", "error": "no figures", **NEVER}, "There are no figures for this report.", False),
        (
            {"status": "skipped", "error": "no figures"},
            "There are no figures for this report any more; what stands here was made on 2 July 2024.",
            True,
        ),
        (
            {"status": "kept", "data": "other"},
            "The data have changed since; what stands here was made on 2 July 2024.",
            True,
        ),
    ],
)
def test_what_a_reader_must_know_of_a_report_is_said(index, state, told, linked):
    page = index(entry(**state))
    assert told in words(page)
    assert ('href="en/money.html"' in page) is linked
    assert '<p class="problem">' in page


def test_a_report_made_from_these_data_bears_no_note(index, data):
    page = index(entry(data=data.content_hash), entry("vi", status="kept", data=data.content_hash))
    assert '<p class="problem">' not in page


def test_text_of_a_record_stays_text(index):
    texts = [f"{HOSTILE} {i}" for i in range(6)]
    shown = {"headline": texts[0], "key_figure": texts[1], "parameters": {"x": texts[2]}}
    page = index(
        entry(**shown, tables=[{"title": texts[3], "file": "x"}]),
        entry("vi", report=texts[4], **(FAILED | {"error": texts[5]})),
    )
    assert {tag for tag, _ in Page(page).tags} & {"script", "b"} == set()
    assert [text for text in texts if text not in Page(page).text] == []


def test_a_record_of_an_earlier_version_is_no_obstacle(index):
    old = {
        key: value
        for key, value in entry().items()
        if key not in ("tables", "beside", "findings", "key_figure", "data")
    }
    page = index(old)
    assert "Sixty per cent." in words(page)
    assert re.findall(r'href="(en/[^"]+)"', page) == ["en/money.html", "en/money.ipynb"]


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("vi", "Tiêu đề (bản trước town-2023, place Hà Nội, năm 2024)"),
        ("en", "Title (earlier edition town-2023, place Hà Nội, year 2024)"),
    ],
)
def test_parameters_are_named_in_the_readers_language(index, language, title):
    chosen = {"earlier": "town-2023", "place": "Hà Nội", "year": 2024}
    assert title in words(index(entry(language, parameters=chosen)))


@pytest.mark.parametrize(
    ("language", "value", "title"),
    [
        ("vi", "revenue", "Tiêu đề (Chỉ số revenue)"),
        ("en", "revenue", "Title (Indicator revenue)"),
        ("en", "gone", "Title (about gone)"),
    ],
)
def test_an_indicator_that_a_parameter_names_stands_by_its_name(tmp_path, data, language, value, title):
    book = write(tmp_path / "books", "money", parameters='about: str = ""', names={"about": "indicator"})
    made = [entry(language, parameters={"about": value})]
    assert title in words(index_page(made, data, {"money": read_notebook(book)}, "2026-03-05T04:05:06+00:00"))
