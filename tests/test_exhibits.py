import csv
import dataclasses
import io
import re

import pytest
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from laichau_analysis import charts, exhibits, figures, look
from laichau_analysis.exhibits import PIXELS_PER_INCH, Exhibit, Place, references
from laichau_analysis.look import MARKER
from laichau_analysis.tables import Cell, Table, table
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
    places = [[Place("report", "I", HOSTILE, 4)], [Place("report", "II", "Part II", 7)]]
    return Exhibit(HOSTILE, frame, table(frame), charts.parts, places)


def test_text_from_data_stays_text(exhibit):
    page = Page(exhibit.html(exhibit.pictures()[0]))
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
    assert page.all("a")[0]["title"] == HOSTILE
    (image,) = [attributes for tag, attributes in page.tags if tag == "img"]
    assert HOSTILE in image["alt"]
    assert "onerror" not in image


def test_a_table_says_what_its_cells_are(exhibit):
    page = Page(exhibit.html())
    assert [attributes["scope"] for tag, attributes in page.tags if tag == "th"] == ["col"] * 4 + ["row"] * 2
    assert [attributes["href"] for tag, attributes in page.tags if tag == "a"][:2] == [
        "#src-report-I-4",
        "#src-report-II-7",
    ]
    (box,) = [attributes for tag, attributes in page.tags if attributes.get("role") == "region"]
    assert (box["tabindex"], box["aria-label"]) == ("0", HOSTILE)


def test_the_picture_is_the_same_each_time_and_asks_for_nothing(exhibit):
    one, other = exhibit.pictures(), exhibit.pictures()
    assert one == other
    vector, raster = one
    assert "http" not in vector.replace("http://www.w3.org/", "")
    assert raster.startswith(b"\x89PNG")


def test_a_chart_is_made_and_laid_out_once(exhibit):
    made = []

    class Once(ConstrainedLayoutEngine):
        laid_out = 0

        def execute(self, figure):
            self.laid_out += 1
            return super().execute(figure)

    def chart(frame):
        ax = charts.parts(frame)
        assert type(ax.figure.get_layout_engine()) is ConstrainedLayoutEngine
        made.append(Once())
        ax.figure.set_layout_engine(made[-1])
        return ax

    dataclasses.replace(exhibit, chart=chart)._repr_mimebundle_()
    assert [engine.laid_out for engine in made] == [1]


def test_both_forms_of_a_picture_have_one_shape(exhibit):
    vector, raster = exhibit.pictures()
    inches = [float(side) / 72 for side in re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', vector).groups()]
    assert Image.open(io.BytesIO(raster)).size == pytest.approx([side * PIXELS_PER_INCH for side in inches], abs=1)


def test_an_exhibit_is_html_text_and_a_record(exhibit):
    bundle = exhibit._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", "image/png", MARKER}
    assert bundle["text/html"].startswith("<style>")
    assert look.undressed(bundle["text/html"]) == look.visible(exhibit.html(exhibit.pictures()[0]))
    assert bundle["text/plain"] == f"{HOSTILE}\n{exhibit.alt}"
    record = bundle[MARKER]
    assert (record["kind"], record["text"], record["title"]) == ("exhibit", HOSTILE, HOSTILE)
    rows = list(csv.DictReader(io.StringIO(record["csv"].removeprefix("\ufeff"))))
    assert [(row["category_name"], row["value"], row["locators"]) for row in rows] == [
        (HOSTILE, "50", "I"),
        (HOSTILE, "150", "II"),
    ]


def test_each_row_names_its_places_and_a_line_names_few(exhibit):
    page = Page(exhibit.html())
    assert len(page.all("a")) == 4  # one in each row, and both in the source line
    many = [[Place("report", str(i), "Part", i) for i in range(exhibits.MANY_PLACES)], exhibit.places[0]]
    assert "Source" not in Page(dataclasses.replace(exhibit, places=many).html()).text
    one = [exhibit.places[0], exhibit.places[0]]
    assert len(Page(dataclasses.replace(exhibit, places=one).html()).all("a")) == 1


@pytest.mark.parametrize(
    ("texts", "rooms"),
    [
        (["1.5", "20", "3.25"], ["d1", "d2s", None]),
        (["1,5%", "20%", "3,25%"], ["d1", "d2s", None]),
        (["1.234", "20"], [None, None]),
        (["–", "2.5", "more than 30"], [None, None, "d1s"]),
    ],
)
def test_figures_of_a_column_stand_with_their_decimal_signs_in_a_line(texts, rooms):
    rows = tuple((Cell("name"), Cell(text, numeric=True)) for text in texts)
    html = exhibits.table_html(Table(("What", "Value"), rows), "Caption")
    found = [re.search(rf'(?:<span class="(\w+)">)?{re.escape(text)}<', html)[1] for text in texts]
    assert found == rooms


def test_a_note_has_a_line_of_its_own_without_a_style_sheet():
    assert exhibits.cell_html(Cell("300", ("e",), numeric=True, note="2025")).endswith("</span><br><small>2025</small>")


def test_marks_are_explained_right_below_what_bears_them(exhibit):
    marked = Table(("What", "Value"), ((Cell("a"), Cell("5", ("e",), numeric=True)),))
    text = Page(dataclasses.replace(exhibit, table=marked, places=()).html()).text
    assert text.endswith("[e] estimated by the report")


def test_places_of_another_edition_are_told_from_the_same_ones_of_this():
    places = [
        Place("report", "I", "One", 1),
        Place("report", "I", "One", 9, "<earlier>"),
        Place("report", "I", "One", 2),
    ]
    page = Page(references(places))
    assert page.text == " I; <earlier>: I"
    assert [link["href"] for link in page.all("a")] == ["#src-report-I-1", "#src-report-I-9"]
    assert [place.name for place in places] == ["I", "I (<earlier>)", "I"]


def test_the_table_as_a_file_may_hold_more_than_is_shown(exhibit):
    whole = dataclasses.replace(exhibit, csv="name\r\nall of it\r\n")
    assert whole._repr_mimebundle_()[MARKER]["csv"] == "name\r\nall of it\r\n"
