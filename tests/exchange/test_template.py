import io
import subprocess
import sys

import openpyxl
import pytest

from laichau_analysis.exchange.layout import CODES, FIRST, LABELS, LAST, SHEETS
from laichau_analysis.exchange.template import template
from laichau_analysis.schema import OBSERVATIONS
from laichau_analysis.units import ATOMS
from tests.hostile import CORPUS
from tests.towns import figure, indicator, write_town


def opened(content):
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.fixture(scope="module")
def book(data):
    return opened(template(data, filled=True))


def codes(sheet):
    return [cell.value for cell in sheet[CODES]]


def looks(sheet):
    """Width and number format of each column."""
    spans = sheet.column_dimensions.values()
    return [(span.width, span.number_format) for span in spans for _ in range(span.min, span.max + 1)]


def column(sheet, name):
    place = codes(sheet).index(name)
    return [row[place].value for row in sheet.iter_rows(min_row=FIRST)]


def lists(book, sheet="figures"):
    """What each column of a sheet offers, by its code."""
    found = {}
    for validation in book[sheet].data_validations.dataValidation:
        (cells,) = validation.sqref.ranges
        found[codes(book[sheet])[cells.min_col - 1]] = validation
    return found


def offered(book, sheet, name):
    """The entries of a drop-down list."""
    where, _, cells = lists(book, sheet)[name].formula1.partition("!")
    return [row[0].value for row in book[where][cells.replace("$", "")]]


def test_sheets_for_typing_come_before_what_they_choose_from(data, book):
    usual = ["guide", "town", "figures", "areas", "indicators", "sources", "locators", "breakdowns", "categories"]
    assert book.sheetnames == [*usual, "sectors", "left_out", "reviews", "lists"]
    assert opened(template(data)).sheetnames == [*usual, "sectors", "lists"]
    assert [sheet.title for sheet in book if sheet.sheet_state != "visible"] == ["lists"]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_heads_stay_in_sight_and_stand_in_both_languages(book, sheet):
    page = book[sheet.name]
    assert codes(page) == [column.name for column in sheet.columns]
    assert page.freeze_panes == "B3"
    for head, column_ in zip(page[1], sheet.columns, strict=True):
        vi, en = head.value.removeprefix("* ").split("\n")
        assert en == column_.head != vi
        assert head.value.startswith("* ") is column_.required
        assert len(head.comment.text.split("\n\n")) == 2
    assert min(width for width, _ in looks(page)) >= 14


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_column_has_help_on_every_row_and_changes_nothing_that_is_typed(book, sheet):
    assert set(lists(book, sheet.name)) == set(codes(book[sheet.name]))
    for validation in lists(book, sheet.name).values():
        (cells,) = validation.sqref.ranges
        assert (cells.min_row, cells.max_row) == (FIRST, LAST)
        assert validation.showInputMessage
        assert validation.prompt.count("\n") == 1
        assert validation.errorStyle in (None, "warning")
    assert [text for _, text in looks(book[sheet.name])] == ["@"] * len(sheet.columns)


@pytest.mark.parametrize("name", [field.name for field in OBSERVATIONS.fields if field.enum])
def test_codes_are_offered_with_what_they_mean(book, name):
    entries = offered(book, "figures", name)
    assert [entry.partition(" — ")[0] for entry in entries] == list(LABELS[name])
    assert all(entry.partition(" — ")[2] for entry in entries)


def test_indicators_are_offered_with_name_and_unit(book):
    assert offered(book, "figures", "indicator") == [
        "x — Chỉ số x (tỷ đồng)",
        "y — Chỉ số y (hộ)",
        "z — Chỉ số z (tỷ đồng)",
    ]
    assert offered(book, "figures", "breakdown")[0] == "kind — Loại"
    assert offered(book, "indicators", "sector") == ["money — Ngân sách"]
    units = [entry.partition(" — ")[0] for entry in offered(book, "figures", "unit")]
    assert units[:2] == ["billion_dong", "household"]
    assert set(units) == set(ATOMS)


def test_what_is_typed_on_other_sheets_is_offered_as_it_is_typed(book):
    formulas = {name: lists(book)[name].formula1 for name in ("area", "source", "locator")}
    assert formulas == {"area": "areas!$A$3:$A$500", "source": "sources!$A$3:$A$500", "locator": "locators!$B$3:$B$500"}


def test_categories_are_those_of_the_breakdown_in_the_row(book):
    formula = lists(book)["category"].formula1
    belongs, offers = "lists!$Q$1:$Q$6", "lists!$P$1"
    assert formula == f"OFFSET({offers},MATCH($H3,{belongs},0)-1,0,COUNTIF({belongs},$H3),1)"
    assert codes(book["figures"])[7] == "breakdown"
    pairs = [(row[16].value, row[15].value) for row in book["lists"].iter_rows(max_row=6)]
    assert pairs[:2] == [("kind — Loại", "a — Phần a"), ("kind — Loại", "b — Phần b")]
    assert [breakdown for breakdown, _ in pairs] == sorted(
        (breakdown for breakdown, _ in pairs), key=[b for b, _ in pairs].index
    )


def test_a_filled_workbook_holds_the_figures_as_printed(book):
    sheet = book["figures"]
    assert column(sheet, "printed") == ["182,60", "1.234,5", "9,5-10", "1.239"]
    assert column(sheet, "indicator")[3] == "y — Chỉ số y (hộ)"
    assert column(sheet, "status")[:2] == ["E — ước thực hiện", "A — bình thường"]
    assert column(sheet, "category")[:2] == [None, "a — Phần a"]
    value = sheet.cell(FIRST, codes(sheet).index("value") + 1)
    assert (value.value, value.number_format) == (182.6, "#,##0.00")
    assert column(sheet, "value_max")[1:3] == [None, 10]
    assert column(book["sources"], "source") == ["report"]


def test_an_empty_one_holds_lists_and_areas_only(data):
    book = opened(template(data))
    assert book["figures"].max_row == CODES
    assert column(book["areas"], "area") == ["town"]
    assert column(book["indicators"], "indicator") == ["x", "y", "z"]
    assert book["sources"].max_row == book["locators"].max_row == CODES


def test_without_a_data_set_it_is_for_a_town_of_ones_own(lai_chau):
    book = opened(template())
    assert column(book["indicators"], "indicator") == list(lai_chau.indicators.index)
    assert [cell.value for cell in book["areas"][FIRST]] == ["town", None, "town", None, None]
    entries = {row[3].value: row[1].value for row in book["town"].iter_rows(min_row=FIRST)}
    assert {name for name, value in entries.items() if value} == {"outline"}


def test_the_guide_is_the_first_sheet_and_says_the_same_in_both_languages(book):
    assert book.active.title == "guide"
    rows = [row for row in book["guide"].iter_rows(values_only=True) if row[0]]
    assert rows[0] == ("Cách điền bảng tính này", "How to fill in this workbook")
    steps = [row for row in rows if row[0][0].isdigit()]
    assert [(vi.partition(".")[0], en.partition(".")[0]) for vi, en in steps] == [
        (str(i), str(i)) for i in range(1, 11)
    ]
    assert ("laichau import FILE.xlsx FOLDER",) * 2 in rows


def test_the_same_data_make_the_same_bytes(data):
    assert template(data, filled=True) == template(data, filled=True)


def test_texts_from_data_are_neither_formulas_nor_links(tmp_path):
    texts = {"name_vi": '=HYPERLINK("http://example.org")', "name_en": "http://example.org", "note": "@SUM(1)"}
    hostile = [indicator(f"i{i}", name_vi=text, name_en="-1", note="+1") for i, text in enumerate(CORPUS)]
    rows = [figure("x", "2024", "5", note="=1+1")]
    folder = write_town(tmp_path / "town", [indicator("x", **texts), *hostile], rows)
    from laichau_analysis import load

    book = opened(template(load(str(folder)), filled=True))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]
    assert texts["name_vi"] in column(book["indicators"], "name_vi")


def test_the_command_writes_it_once(tmp_path, data):
    command = [sys.executable, "-m", "laichau_analysis", "template"]

    def run(*arguments):
        done = subprocess.run([*command, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    assert run("a.xlsx") == (0, "a.xlsx\n", "")
    assert (tmp_path / "a.xlsx").read_bytes() == template()
    assert run("a.xlsx") == (
        2,
        "",
        "laichau: a.xlsx is there already, perhaps filled in; choose another name, or remove it.\n",
    )
    assert run("a.csv") == (2, "", "laichau: cannot write a.csv: expected a name that ends in .xlsx.\n")
    assert run("b.xlsx", "--filled")[0] == 0
    assert opened((tmp_path / "b.xlsx").read_bytes())["figures"].max_row == CODES + 502
