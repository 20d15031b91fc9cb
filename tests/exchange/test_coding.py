import re
import unicodedata

import pytest

from laichau_analysis.errors import WorkbookError
from laichau_analysis.exchange.coding import Choices, code, package
from laichau_analysis.exchange.reading import contents
from laichau_analysis.exchange.workbook import read
from tests.exchange.books import PLAIN, Book


@pytest.fixture
def coded(tmp_path):
    """The rows of a workbook by sheet, coded, and the workbook as a source."""

    def make(book):
        path = book.save(tmp_path / "book.xlsx")
        typed = contents(read(path))
        origin = code(read(path), typed)
        return typed.rows, origin

    return make


@pytest.fixture
def row(coded, data):
    """The one figure that is typed, in a workbook with a document among its sources."""

    def make(**values):
        rows, _ = coded(Book(data, filled=True).figure(7, **values))
        return next(row for row in rows["observations"] if row.number == 7)

    return make


def test_a_figure_with_nothing_but_what_is_needed(coded, data):
    rows, origin = coded(Book(data).figure())
    (row,) = rows["observations"]
    assert row.unread == []
    assert re.fullmatch(r"workbook-[0-9a-f]{8}", origin.key)
    own = {"source": origin.key, "locator": "figures!D3"}
    assert row.values == {**PLAIN, "area": "town", "status": "A", "value": "182.6", **own}
    assert origin.row == {
        "source": origin.key,
        "title_vi": "Bảng tính book.xlsx",
        "title_en": "Workbook book.xlsx",
        "publisher_vi": "Thị trấn",
        "publisher_en": "Town",
        "date": "2024-07",
        "language": "vi",
        "sha256": origin.row["sha256"],
    }
    assert origin.row["sha256"].startswith(origin.key.removeprefix("workbook-"))


@pytest.mark.parametrize(
    ("column", "text", "meant"),
    [
        ("indicator", "x — Chỉ số x (tỷ đồng)", "x"),
        ("indicator", "x — an old name", "x"),
        ("indicator", "X", "x"),
        ("indicator", "chỉ số  x", "x"),
        ("indicator", unicodedata.normalize("NFD", "Chỉ số x"), "x"),
        ("indicator", "Indicator x", "x"),
        ("measure", "thực hiện", "actual"),
        ("measure", "actual — reached", "actual"),
        ("status", "e", "E"),
        ("status", "ước thực hiện", "E"),
        ("flag", "implausible — không thể đúng", "implausible"),
        ("qualifier", "trên, hơn mức này", "over"),
        ("area", "Thị trấn", "town"),
        ("unit", "triệu đồng", "million_dong"),
        ("unit", "million_dong/person/year — triệu đồng/người/năm", "million_dong/person/year"),
        ("unit", "triệu đồng/người/năm", "million_dong/person/year"),
        ("source", "report", "report"),
        ("source", "Báo cáo", "report"),
    ],
)
def test_codes_labels_and_names_will_do(row, column, text, meant):
    found = row(**{"source": "report", "locator": "I", column: text})
    assert (found.values[column], found.unread) == (meant, [])


def test_a_category_is_looked_up_within_its_breakdown(row):
    found = row(breakdown="Loại", category="phần b")
    assert (found.values["breakdown"], found.values["category"], found.unread) == ("kind", "b", [])
    (told,) = row(breakdown="kind", category="north").unread
    assert (told.cell, told.found) == ("I7", "north")
    assert told.expected == "a code or a name of the sheet categories: there are: a, b"


@pytest.mark.parametrize(
    ("values", "cell", "expected", "remedy"),
    [
        (
            {"indicator": "chỉ so x"},
            "A7",
            "a code or a name of the sheet indicators: did you mean 'x — Chỉ số x'? There are: x, y, z",
            "choose from the list, or add it to the sheet indicators",
        ),
        (
            {"measure": "reach"},
            "C7",
            "a code or a name of the list: did you mean 'actual — thực hiện'? There are: actual, target, plan, aim, "
            "outlook, baseline, stated_attainment, stated_plan_attainment, stated_share, stated_change",
            "choose from the list",
        ),
        ({"unit": "miles"}, "L7", "a code or a name of the list: did you mean 'file — hồ sơ'?", "choose from the list"),
        (
            {"unit": "đồng/xóm"},
            "L7",
            "a code or a name of the list: did you mean 'dong — đồng'?",
            "choose from the list",
        ),
        (
            {"source": "other"},
            "N7",
            "a code or a name of the sheet sources: there are: report",
            "choose from the list, or add it to the sheet sources",
        ),
        (
            {"source": "report"},
            "O7",
            "the place in that document",
            "fill it in, or leave the source empty as well",
        ),
        (
            {"locator": "I"},
            "N7",
            "the document of the place",
            "fill it in, or leave the place empty as well",
        ),
        (
            {"source": "report", "locator": "page"},
            "O7",
            "a code or a name of the sheet locators: there are: I, II, III",
            "choose from the list, or add it to the sheet locators",
        ),
        ({"period": "2024-13"}, "B7", "2024, 2024-S1, 2024-06, 2021/2024 or ../2024", "write it in that form"),
        ({"period": None}, "B7", "a value (period)", "fill it in"),
        ({"printed": None}, "D7", "a value (number as printed)", "fill it in"),
    ],
)
def test_what_is_not_known_is_told_with_the_nearest(row, values, cell, expected, remedy):
    told = [one for one in row(**values).unread if one.cell == cell]
    assert [(one.expected, one.remedy) for one in told] == [(expected, remedy)]


@pytest.mark.parametrize(
    ("printed", "typed", "value", "upper"),
    [
        ("182,6", {}, "182.6", None),
        ("182,60", {"value": 182.6}, "182.60", None),
        ("1.234,5", {"value": "1234.5"}, "1234.5", None),
        ("1.234,5", {"value": "1.234,5"}, "1234.5", None),
        ("2.084", {"value": "2.084"}, "2084", None),
        ("95%", {"value": 95}, "95", None),
        ("9,5‰-10‰", {}, "9.5", "10"),
        ("9,5-10", {"value": "9,5", "value_max": 10}, "9.5", "10"),
        ("07", {}, "7", None),
        ("−1,5", {}, "-1.5", None),
    ],
)
def test_the_value_is_what_is_printed(row, printed, typed, value, upper):
    found = row(printed=printed, **typed)
    assert (found.values["value"], found.values.get("value_max"), found.unread) == (value, upper, [])
    assert found.values["printed"] == printed


@pytest.mark.parametrize(
    ("typed", "cell", "found", "expected"),
    [
        ({"printed": "182,6", "value": "182.7"}, "J7", "182.7", "182.6, since 182,6 is printed"),
        ({"printed": "182,6", "value_max": "5"}, "K7", "5", "nothing, since 182,6 is printed"),
        ({"printed": "2.084", "value": "about two"}, "J7", "about two", "2084, since 2.084 is printed"),
        ({"printed": "9,5-10", "value_max": "11"}, "K7", "11", "10, since 9,5-10 is printed"),
        (
            {"printed": "182.6"},
            "D7",
            "182.6",
            "a number as vi writes it, such as 182,6 or 1.250 or 95% or 9,5-10",
        ),
        (
            {"printed": "182,6 tỷ đồng"},
            "D7",
            "182,6 tỷ đồng",
            "a number as vi writes it, such as 182,6 or 1.250 or 95% or 9,5-10",
        ),
    ],
)
def test_a_number_is_never_guessed(row, typed, cell, found, expected):
    (told,) = row(**typed).unread
    assert (told.cell, told.found, told.expected) == (cell, found, expected)


def test_a_document_in_english_writes_numbers_in_english(coded, data):
    book = Book(data, filled=True).type(4, "sources", source="other", title_vi="A", title_en="A", date="2024-01")
    book.type(4, "sources", publisher_vi="B", publisher_en="B", language="English, 1,234.5")
    place = {"source": "other", "locator": "p1", "part": "footnote", "mark": "1", "title_vi": "C", "title_en": "C"}
    book.type(6, "locators", **place).figure(7, printed="1,234.5", source="other", locator="p1")
    rows, _ = coded(book)
    assert (rows["observations"][-1].values["value"], rows["observations"][-1].unread) == ("1234.5", [])


def test_the_workbook_itself_may_write_numbers_in_english(coded, data):
    rows, origin = coded(Book(data).entries(language="en").figure(printed="1,234.5"))
    assert rows["observations"][0].values["value"] == "1234.5"
    assert origin.row["language"] == "en"


def test_the_same_figure_twice_is_told_with_the_row_that_has_it(coded, data):
    book = Book(data, filled=True)
    book.figure(8).figure(9, indicator="x — Chỉ số x (tỷ đồng)", note="again").figure(10, printed="182,60")
    for at in (11, 12):
        book.figure(at, source="report", locator="II", printed="7")
    book.figure(13, source="report", locator="III", printed="7")
    rows, _ = coded(book)
    told = {row.number: row.unread[0].expected for row in rows["observations"] if row.unread}
    assert told == {9: "a row that is not row 8 once more", 12: "a row that is not row 11 once more"}


def test_names_that_two_have_are_told_with_both_codes(coded, data):
    book = Book(data).type(4, "indicators", name_vi="Chỉ số x").figure(indicator="Chỉ số x")
    (told,) = coded(book)[0]["observations"][0].unread
    assert (told.expected, told.remedy) == ("one of x, y, which are all called so", "type the code")


def test_rows_of_other_sheets_are_coded_too(coded, data):
    indicator = {
        "sector": "Ngân sách",
        "name_vi": "A",
        "name_en": "B",
        "unit": "tỷ đồng/năm",
        "nature": "tỷ lệ, bình quân",
    }
    book = Book(data).type(6, "indicators", indicator="w", decimals=1, minimum=0.5, share_of="chỉ số x", **indicator)
    rows, _ = coded(book)
    row = rows["indicators"][-1]
    assert row.values["sector"] == "money"
    assert (row.values["nature"], row.values["share_of"], row.values["minimum"]) == ("rate", "x", "0.5")
    assert (row.values["unit"], row.unread) == ("billion_dong/year", [])


def test_the_town_is_called_as_its_own_sheet_says(coded):
    rows, _ = coded(Book().figure(indicator="revenue_in_area"))
    (area,) = rows["areas"]
    assert (area.values["name_vi"], area.values["name_en"]) == ("Thị trấn", "Town")


@pytest.mark.parametrize(
    ("entries", "cell", "expected"),
    [
        ({"title_vi": None}, "B3", "name of the town in vietnamese"),
        ({"term": None}, "B5", "years of the plan"),
        ({"date": None}, "B6", "month in which the figures were written down"),
        ({"date": "2024"}, "B6", "a month such as 2024-07"),
        (
            {"language": "fr"},
            "B7",
            "a number format: did you mean 'vi — kiểu Việt Nam, 1.234,5'? There are: vi, en",
        ),
    ],
)
def test_entries_that_cannot_be_missing_or_wrong(coded, data, entries, cell, expected):
    with pytest.raises(WorkbookError) as raised:
        coded(Book(data).entries(**entries).figure())
    told = raised.value.offences[0]
    assert (told.sheet, told.cell) == ("town", cell)
    assert told.expected.startswith(expected[:15])


def test_the_month_is_needed_only_for_figures_without_a_document(coded, data):
    rows, _ = coded(Book(data, filled=True).entries(date=None))
    assert len(rows["observations"]) == len(data.observations)
    assert not any(row.unread for row in rows["observations"])


def test_there_must_be_the_town_itself(coded, data):
    with pytest.raises(WorkbookError, match=r"areas: found no such row; expected the town itself"):
        coded(Book(data).type(3, "areas", parent="town"))


def test_what_a_package_says(coded, data, tmp_path):
    book = Book(data).entries(about_vi="Nơi ấy.", outline=" x,  y ,")
    said = package(contents(read(book.save(tmp_path / "b.xlsx"))).entries)
    about = {"about_vi": "Nơi ấy.", "outline": ["x", "y"]}
    assert said == {"title": "Thị trấn", "title_en": "Town", "term": "2021/2025", **about}


def test_suggestions_cost_little_however_long_a_text_is():
    choices = Choices({f"code_{i}": [f"A name of many words number {i}"] for i in range(500)})
    texts = [f"{'x' * 10_000}{i}" for i in range(1000)]
    assert {choices.suggestion(text) for text in texts} == {""}
    assert len(choices._suggested) == 1
