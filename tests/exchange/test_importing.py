import subprocess
import sys
from pathlib import Path

import pytest

from laichau_analysis import load
from laichau_analysis.errors import UsageError, WorkbookError
from laichau_analysis.exchange.importing import CELLS, UNREAD, import_workbook
from laichau_analysis.schema import OBSERVATIONS, TABLES
from tests.exchange.books import Book, table


@pytest.fixture
def place(tmp_path):
    return tmp_path / "my-town"


@pytest.fixture
def imported(tmp_path, place):
    """Import a workbook; what came of it, and the data set."""

    def make(book, **options):
        result = import_workbook(book.save(tmp_path / "book.xlsx"), place, **options)
        return result, load(str(place))

    return make


def told(result):
    return [(one.cell, one.found) for one in result.unread]


def test_a_workbook_becomes_a_data_set_with_its_cells_as_places(book, imported, place):
    result, data = imported(book.figure(5).figure(9, period="2025", measure="target", printed="300"))
    assert (result.name, result.figures, result.indicators, result.unread, result.left_out) == ("my-town", 2, 3, (), 0)
    source = data.tables["sources"].iloc[0]
    assert data.observations[["locator", "source"]].to_numpy().tolist() == [
        ["figures!D5", source["source"]],
        ["figures!D9", source["source"]],
    ]
    locator = data.tables["locators"].iloc[1]
    assert (locator["locator"], locator["mark"], locator["part"]) == ("figures!D9", "D9", "body")
    assert (locator["title_vi"], locator["title_en"]) == ("Trang figures, ô D9", "Sheet figures, cell D9")
    assert not (place / UNREAD).exists()


def test_a_document_of_ones_own_keeps_its_place_and_the_cell_stands_beside_the_tables(data, imported, place):
    _, read = imported(Book(data, filled=True).figure(7, source="report", locator="II"))
    assert read.observations["locator"].tolist() == ["I", "I", "I", "I", "II"]
    assert len(read.tables["sources"]) == 1
    cells = table(place / CELLS)
    assert [row["cell"] for row in cells] == [f"figures!D{n}" for n in range(3, 8)]
    assert {row["workbook"] for row in cells} == {"book.xlsx"}
    assert set(cells[0]) == {*OBSERVATIONS.key, "workbook", "sha256", "cell"}


def test_a_filled_template_comes_back_equal(data, imported):
    _, read = imported(Book(data, filled=True))
    for name in TABLES:
        if name != "indicators":
            assert read.tables[name].equals(data.tables[name]), name
    assert read.indicators.equals(data.indicators)
    assert read.observations[OBSERVATIONS.columns].equals(data.observations[OBSERVATIONS.columns])


def test_what_is_not_read_is_listed_cell_by_cell_and_the_rest_is_written(book, imported, place):
    book.figure(3).figure(4, period="2023", printed=5, note="kept").figure(5, indicator="w", period=None)
    result, read = imported(book)
    assert len(read.observations) == 1
    assert result.left_out == 2
    assert told(result) == [
        ("D4", "the number 5, of which it is not known how it is printed"),
        ("A5", "w"),
        ("B5", "nothing"),
    ]
    rows = table(place / UNREAD)
    assert [row["cell"] for row in rows] == ["D4", "A4", "B4", "C4", "P4", "A5", "B5", "C5", "D5"]
    assert rows[4] == {
        "sheet": "figures",
        "cell": "P4",
        "found": "kept",
        "expected": "a row in which every cell can be read",
        "remedy": "mend D4, and the row is read with this cell",
    }


def test_the_list_holds_long_texts_whole_and_no_formula(book, imported, place):
    imported(book.figure(indicator="=1+1" * 100, note="-5"))
    found = {row["cell"]: row["found"] for row in table(place / UNREAD)}
    assert found["A3"] == "the formula " + ("=1+1" * 100)[:201]
    assert found["P3"] == "'-5"


@pytest.mark.parametrize(
    ("values", "cell", "expected"),
    [
        ({"period": "2025/2021"}, "B3", "ends before it starts: '2025/2021'"),
        ({"indicator": "z", "measure": "target"}, "B3", "the years that the total is over, such as 2021/2025"),
        ({"unit": "household"}, "L3", "cannot convert household to billion_dong: they measure different things."),
        ({"flag": "implausible"}, "P3", "a note, since the row is flagged"),
        ({"breakdown": "kind"}, "I3", "breakdown and category together, or neither"),
        ({"category": "a"}, "I3", "breakdown and category together, or neither"),
        ({"note": "x" * 10_001}, "P3", "10,000 letters at most"),
    ],
)
def test_the_rules_of_a_data_set_are_told_with_the_cell(book, imported, values, cell, expected):
    result, read = imported(book.figure(**values).figure(4, period="2023"))
    assert [(one.cell, one.expected) for one in result.unread] == [(cell, expected)]
    assert len(read.observations) == 1


def test_what_rests_on_a_row_that_is_left_out_goes_with_it_and_says_so(book, imported):
    book.type(5, "indicators", unit="miles", share_of="x").figure(3).figure(4, indicator="z", period="2021/2024")
    book.type(7, "indicators", indicator="v", sector="money", name_vi="V", name_en="V", unit="ha", nature="flow")
    book.type(7, "indicators", decimals=0, related="z").figure(6, indicator="v")
    result, read = imported(book)
    assert list(read.indicators.index) == ["x", "y"]
    assert [(one.sheet, one.cell) for one in result.unread] == [
        ("figures", "A4"),
        ("figures", "A6"),
        ("indicators", "E5"),
        ("indicators", "M7"),
    ]
    assert result.unread[0].expected == "something that can be read; row 5 of the sheet indicators cannot"


def test_rows_that_only_a_loader_can_refuse_are_left_out_one_after_the_other(book, imported):
    book.type(4, "indicators", formula="w + 1").type(5, "indicators", formula="y + 1").figure()
    result, read = imported(book)
    assert [(one.sheet, one.cell) for one in result.unread] == [("indicators", "N4"), ("indicators", "N5")]
    assert list(read.indicators.index) == ["x"]


def test_a_chain_without_end_is_refused_whole(book, imported, place):
    for i in range(12):
        row = {"indicator": f"c{i}", "sector": "money", "name_vi": "A", "name_en": "A", "unit": "ha", "nature": "flow"}
        book.type(6 + i, "indicators", **row, decimals=0, formula=f"c{i + 1} + 1")
    with pytest.raises(WorkbookError, match=r"formula: found 'c"):
        imported(book.figure())
    assert not place.exists()


@pytest.mark.parametrize("code", ["../../evil", "/tmp/evil", "a b", "con.csv", "A", "x" * 101])
def test_a_sectors_code_names_no_file_elsewhere(book, imported, place, code):
    book.type(4, "sectors", sector=code, name_vi="A", name_en="A")
    result, _ = imported(book.figure())
    assert told(result) == [("A4", code)]
    assert {path.name for path in place.parent.iterdir()} == {"my-town", "book.xlsx"}
    assert [path.name for path in (place / "observations").iterdir()] == ["money.csv"]


def test_a_town_that_cannot_be_read_is_refused_whole(book, imported, place):
    with pytest.raises(WorkbookError, match=r"areas!C3: found A town; expected the form"):
        imported(book.type(3, "areas", level="A town").figure())
    assert not place.exists()


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ({"term": "2021-2025"}, r"town!B5: found '2021-2025'; expected years such as 2021/2025; write both years"),
        ({"outline": "x, w"}, r"town!B12: found w; expected codes of the sheet indicators, with commas between them"),
    ],
)
def test_what_is_wrong_with_the_town_is_refused_with_its_cell(book, imported, place, entries, message):
    with pytest.raises(WorkbookError, match=message):
        imported(book.entries(**entries).figure())
    assert not place.exists()


def test_an_indicator_that_is_left_out_is_no_part_of_the_outline(book, imported):
    result, read = imported(book.entries(outline="x, y").type(4, "indicators", unit="miles").figure())
    assert told(result) == [("E4", "miles")]
    assert read.outline == ("x",)


# --- the place ----------------------------------------------------------------------------------------


def test_a_data_set_is_replaced_only_when_that_is_asked_for(book, imported, place):
    imported(book.figure().figure(4, printed="x"))
    (place / "README.md").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"holds a data set already; add --replace"):
        imported(book)
    assert (place / UNREAD).exists()
    result, read = imported(book.figure(4, period="2023"), replace=True)
    assert (result.unread, len(read.observations)) == ((), 2)
    assert not (place / UNREAD).exists()
    assert (place / "README.md").read_text(encoding="utf-8") == "mine"


def test_what_a_data_set_says_of_itself_beside_its_tables_is_kept(book, imported, place):
    import json

    imported(book.entries(about_vi="Nơi ấy.", about_en="There.").figure())
    path = place / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    licences = [{"name": "CC0-1.0"}]
    path.write_text(json.dumps(package | {"licenses": licences, "name": "other"}), encoding="utf-8")
    _, read = imported(book.entries(about_vi=None), replace=True)
    assert json.loads(path.read_text(encoding="utf-8"))["licenses"] == licences
    assert (read.name, read.about["vi"], read.about["en"]) == ("other", "", "There.")


def test_reviews_are_not_lost_to_a_workbook_that_has_no_sheet_for_them(book, imported, place):
    imported(book.figure())
    with (place / "reviews.csv").open("a", encoding="utf-8") as file:
        file.write("x,confirmed,2024-08-01,Looked up.\n")
    with pytest.raises(UsageError, match=r"rows in reviews.csv, and the workbook has no sheet for them; .*--filled"):
        imported(book, replace=True)
    assert len(load(str(place)).tables["reviews"]) == 1


def test_a_data_set_that_is_broken_can_be_replaced_unless_nobody_can_say_what_is_lost(book, imported, place):
    imported(book.figure())
    (place / "areas.csv").write_text("x", encoding="utf-8")
    _, read = imported(book, replace=True)
    assert len(read.observations) == 1
    (place / "datapackage.json").write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot be read"):
        imported(book, replace=True)


def test_the_command_tells_what_was_read_and_what_was_not(tmp_path, book):
    book.figure(3).figure(4, period="2023", printed=5).save(tmp_path / "book.xlsx")

    def run(*arguments):
        command = [sys.executable, "-m", "laichau_analysis", "import", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr.splitlines()

    assert run("book.xlsx", "town") == (
        1,
        "data set town: 1 figures, 3 indicators\n",
        [
            "figures!D4: found the number 5, of which it is not known how it is printed; expected text; format the "
            "cell as text and type the number as it is printed",
            f"laichau: 1 row left out; everything that was not read stands in {Path('town') / UNREAD}.",
        ],
    )
    status, _, said = run("book.xlsx", "town")
    assert (status, said) == (
        2,
        ["laichau: folder town holds a data set already; add --replace to replace it, or name another folder."],
    )
    assert run("none.xlsx", "other") == (
        2,
        "",
        [
            "laichau: workbook none.xlsx: it cannot be opened (No such file or directory); check its name and its "
            "permissions."
        ],
    )
    book.figure(4, period="2023", printed="5").save(tmp_path / "book.xlsx")
    assert run("book.xlsx", "town", "--replace") == (0, "data set town: 2 figures, 3 indicators\n", [])
    assert not (tmp_path / "other").exists()


def test_a_folder_is_named_in_any_way(tmp_path, book, monkeypatch):
    path = book.figure().save(tmp_path / "book.xlsx")
    place = tmp_path / "Thị trấn"
    place.mkdir()
    monkeypatch.chdir(place)
    assert import_workbook(path, Path()).name == "thi-tran"
    assert load(str(place)).name == "thi-tran"
