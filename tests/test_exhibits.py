import pytest

from laichau_analysis import charts, figures
from laichau_analysis.exhibits import MARKER, Exhibit, Place
from laichau_analysis.tables import table
from laichau_analysis.wording import labelled
from tests.pages import Page
from tests.towns import TABLE_ROWS, figure, indicator, part

HOSTILE = '<script>alert("1")</script> & <img src=x onerror=alert(1)>'


@pytest.fixture
def exhibit(town):
    categories = [row | {"name_vi": HOSTILE, "name_en": HOSTILE} for row in TABLE_ROWS["categories"]]
    data = town(
        [indicator("x")],
        [figure("x", "2024", "200"), part("x", "2024", "150", "b"), part("x", "2024", "50", "a")],
        categories=categories,
    )
    frame = labelled(figures.parts(data, "x", "kind"), data, "en")
    places = [[Place("report", "I", HOSTILE)], [Place("report", "II", "Part II")]]
    return Exhibit(HOSTILE, frame, table(frame), charts.parts, places)


def test_text_from_data_stays_text(exhibit):
    page = Page(exhibit.html())
    assert {tag for tag, _ in page.tags} == {
        "figure",
        "figcaption",
        "img",
        "div",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "span",
        "a",
        "p",
    }
    assert page.text.count(HOSTILE) >= 3
    (image,) = [attributes for tag, attributes in page.tags if tag == "img"]
    assert HOSTILE in image["alt"]
    assert "onerror" not in image


def test_a_table_says_what_its_cells_are(exhibit):
    page = Page(exhibit.html())
    assert [attributes["scope"] for tag, attributes in page.tags if tag == "th"] == ["col"] * 4 + ["row"] * 2
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"][:2] == [
        "#src-report-I",
        "#src-report-II",
    ]
    (box,) = [attributes for tag, attributes in page.tags if attributes.get("role") == "region"]
    assert (box["tabindex"], box["aria-label"]) == ("0", HOSTILE)


def test_the_picture_is_the_same_each_time_and_asks_for_nothing(exhibit):
    one, other = exhibit.svg(), exhibit.svg()
    assert one == other
    assert "http" not in one.replace("http://www.w3.org/", "")


def test_an_exhibit_is_html_text_and_a_record(exhibit):
    bundle = exhibit._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", MARKER}
    assert bundle["text/plain"] == f"{HOSTILE}\n{exhibit.alt}"
    assert bundle[MARKER] == {"kind": "exhibit", "text": HOSTILE}
