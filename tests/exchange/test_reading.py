import datetime

import pytest

from laichau_analysis.errors import Unread, WorkbookError
from laichau_analysis.exchange.layout import CODES
from laichau_analysis.exchange.reading import contents
from laichau_analysis.exchange.workbook import read
from tests.exchange.books import PLAIN

FORMAT = "format the cell as text and type it again"


@pytest.fixture
def typed(tmp_path):
    """What is read of a workbook."""
    return lambda book: contents(read(book.save(tmp_path / "book.xlsx")))


def figures(found):
    return found.rows["observations"]


def offences(typed, book):
    with pytest.raises(WorkbookError) as raised:
        typed(book)
    return raised.value.offences


def test_a_row_knows_what_is_typed_and_where(book, typed):
    (row,) = figures(typed(book.figure(7, note="  Ghi   chú ")))
    assert (row.sheet, row.number, row.values) == ("figures", 7, PLAIN | {"note": "Ghi chú"})
    assert (row.place("printed"), row.place("note"), row.place()) == ("D7", "P7", "A7")
    assert row.unread == []


def test_empty_rows_in_between_and_columns_that_were_moved_do_not_matter(book, typed):
    book.figure(4).figure(9, printed="5")
    sheet = book.book["figures"]
    sheet.move_range("D1:D20", cols=20)
    rows = figures(typed(book))
    assert [(row.number, row.values["printed"], row.place("printed")) for row in rows] == [
        (4, "182,6", "X4"),
        (9, "5", "X9"),
    ]


@pytest.mark.parametrize(
    ("column", "text", "read_as"),
    [
        ("period", "'2024", "2024"),
        ("period", "' 2024", "2024"),
        ("period", 2024, "2024"),
        ("value", 182.60000000000002, "182.6"),
        ("printed", "'182,6", "182,6"),
        ("note", "'tis", "'tis"),
        ("note", 5, "5"),
        ("indicator", "'", "'"),
    ],
)
def test_texts_are_read_as_they_are_meant(book, typed, column, text, read_as):
    (row,) = figures(typed(book.figure(**{column: text})))
    assert row.values[column] == read_as


@pytest.mark.parametrize(
    ("column", "value", "pattern", "found", "remedy"),
    [
        (
            "period",
            datetime.datetime(2024, 6, 1),
            "mmm-yy",
            "the date 2024-06-01, which the spreadsheet made of what was typed",
            f"{FORMAT}, such as 2024-06",
        ),
        (
            "printed",
            datetime.datetime(2024, 2, 1),
            "d-mmm",
            "the date 2024-02-01, which the spreadsheet made of what was typed",
            f"{FORMAT}, such as 2024-06",
        ),
        (
            "printed",
            182.6,
            "General",
            "the number 182.6, of which it is not known how it is printed",
            "format the cell as text and type the number as it is printed",
        ),
        ("printed", 0.608, "0.0%", "the number 0.608, shown as a percentage", f"{FORMAT}, such as 60,8%"),
        ("value", 0.608, "0%", "the number 0.608, shown as a percentage", f"{FORMAT}, such as 60,8%"),
        ("value", "=1+1", "General", "the formula =1+1", "type that in its place"),
        ("note", True, "General", "the truth value TRUE", FORMAT),
        ("note", "#REF!", "General", "the error #REF!", "type what is meant"),
    ],
)
def test_what_a_spreadsheet_made_of_it_is_told_and_not_turned_back(book, typed, column, value, pattern, found, remedy):
    book.figure(**{column: value})
    book.cell("figures", 3, column).number_format = pattern
    (row,) = figures(typed(book))
    assert column not in row.values
    assert [(one.cell, one.found, one.remedy) for one in row.unread] == [(row.place(column), found, remedy)]


@pytest.mark.parametrize("merged", ["A3:A5", "A4:C4", "C2:C4", "A1:XFD1048576"])
def test_rows_that_merged_cells_reach_into_are_told(book, typed, merged):
    book.figure(3).figure(5, printed="5").figure(4, printed="4")
    sheet = book.book["figures"]
    from openpyxl.worksheet.cell_range import CellRange

    sheet.merged_cells.add(CellRange(merged))  # as other programs do, without emptying what is beneath
    first, last = CellRange(merged).min_row, CellRange(merged).max_row
    for row in figures(typed(book)):
        told = [one for one in row.unread if one.found == "merged cells"]
        assert [one.cell for one in told] == ([merged] if first <= row.number <= last else [])


def test_merged_cells_beside_the_table_do_not_matter(book, typed):
    book.figure(3)
    book.book["figures"].merge_cells("X3:Z9")
    (row,) = figures(typed(book))
    assert row.unread == []


def test_cells_beside_a_table_and_on_other_sheets_are_told(book, typed):
    book.figure()
    book.book["figures"]["Z2"], book.book["figures"]["Z9"] = "mine", "a thought"
    book.book.create_sheet("Nháp")["B2"] = 5
    book.book["Nháp"]["C7"] = 6
    book.book.create_sheet("empty")
    remedy = "move it to such a column, or delete it"
    assert typed(book).stray == [
        Unread(
            "Nháp",
            "B2:C7",
            "2 filled cells on a sheet that the template does not have",
            "the sheets of the template",
            "move what is to be read, or delete the sheet",
        ),
        Unread("figures", "Z2", "mine", f"a column of the table, by its code in row {CODES}", remedy),
        Unread("figures", "Z9", "a thought", f"a column of the table, by its code in row {CODES}", remedy),
    ]


# --- what a workbook cannot do without -----------------------------------------------------------------


def test_sheets_that_are_missing_are_told_all_at_once_with_the_nearest(book, typed):
    book.book["figures"].title = "Figure"
    del book.book["areas"]
    del book.book["sectors"]
    found = offences(typed, book)
    assert [(one.sheet, one.found) for one in found] == [
        ("figures", "no sheet of this name"),
        ("areas", "no sheet of this name"),
        ("sectors", "no sheet of this name"),
    ]
    assert "did you mean 'Figure'?" in found[0].expected


def test_sheets_that_only_a_filled_template_has_may_be_missing(book, typed):
    assert typed(book).rows["left_out"] == typed(book).rows["reviews"] == []


@pytest.mark.parametrize(
    ("spoil", "cell", "found"),
    [
        (lambda sheet: sheet.delete_rows(2), "", "no code indicator, period, measure, printed"),
        (lambda sheet: sheet.insert_rows(1), "", "no code indicator, period, measure, printed"),
        (lambda sheet: sheet.delete_cols(4), "", "no code printed"),
        (lambda sheet: sheet.cell(2, 16, "period"), "P2", "the code period twice"),
    ],
)
def test_heads_that_are_not_where_they_were_are_told(book, typed, spoil, cell, found):
    spoil(book.figure().book["figures"])
    (told,) = offences(typed, book)
    assert (told.sheet, told.cell, told.found) == ("figures", cell, found)


def test_columns_that_nobody_needs_may_be_missing(book, typed):
    book.figure().book["figures"].delete_cols(5, 12)
    (row,) = figures(typed(book))
    assert (row.values, row.unread) == (PLAIN, [])


def test_the_sheet_on_the_town_is_read_by_its_codes(book, typed):
    entries = typed(book.entries(publisher_vi=" Ủy ban  nhân dân ")).entries
    assert (entries["publisher_vi"].value, entries["publisher_vi"].cell) == ("Ủy ban nhân dân", "B8")
    assert entries["about_vi"].value == ""


@pytest.mark.parametrize(
    ("spoil", "cell", "found"),
    [
        (lambda sheet: sheet.delete_rows(5), "", "no entry term"),
        (lambda sheet: sheet.cell(14, 4, "titel_vi"), "D14", "titel_vi"),
        (lambda sheet: sheet.cell(14, 4, "term"), "D14", "term"),
        (lambda sheet: sheet.cell(14, 2, "more"), "D14", "nothing"),
        (lambda sheet: sheet.cell(5, 2, datetime.datetime(2021, 1, 1)), "B5", "the date 2021-01-01, which"),
        (lambda sheet: sheet.delete_cols(4), "", "no code entry"),
    ],
)
def test_what_is_wrong_on_the_sheet_on_the_town_stands_against_the_workbook(book, typed, spoil, cell, found):
    spoil(book.book["town"])
    told = [(one.sheet, one.cell) for one in offences(typed, book) if one.found.startswith(found)]
    assert told == [("town", cell)]
