"""From a data set to a workbook and back; from nothing to reports, as a person goes; and whatever is typed."""

import shutil
import tempfile
from pathlib import Path

import frictionless
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as some
from openpyxl.utils import get_column_letter

from laichau_analysis import load
from laichau_analysis.audit import audit
from laichau_analysis.cli import cli
from laichau_analysis.errors import LaichauError
from laichau_analysis.exchange.importing import UNREAD, import_workbook
from laichau_analysis.exchange.layout import CODES, FIRST, LABELS, SHEETS, label
from laichau_analysis.exchange.starting import start
from laichau_analysis.exchange.template import template
from laichau_analysis.exchange.workbook import read
from laichau_analysis.runner.jobs import Request
from laichau_analysis.runner.pipeline import run
from laichau_analysis.runner.planning import plan
from laichau_analysis.shipped import shipped
from laichau_analysis.words import Words
from tests.exchange.books import PLAIN, Book, table
from tests.test_untrusted import AWKWARD, many

TABLES = ["sectors", "areas", "breakdowns", "categories", "indicators", "sources", "locators", "left_out", "reviews"]


@pytest.mark.parametrize("through", ["as it is", "saved by another program"])
def test_the_shipped_data_set_comes_back_byte_for_byte(lai_chau, tmp_path, through):
    path = tmp_path / "all.xlsx"
    path.write_bytes(template(lai_chau, filled=True))
    if through != "as it is":
        openpyxl.load_workbook(path).save(path)
    result = import_workbook(path, tmp_path / "back")
    assert (result.figures, result.unread) == (502, ())
    home = shipped("data") / "lai-chau"
    files = [
        *(f"{name}.csv" for name in TABLES),
        *(f"observations/{file.name}" for file in home.glob("observations/*")),
    ]
    assert len(files) == len(TABLES) + 22
    for file in files:
        assert (tmp_path / "back" / file).read_bytes() == (home / file).read_bytes(), file
    back = load(str(tmp_path / "back"))
    assert (back.titles, back.about, back.outline, back.term) == (
        *(lai_chau.titles, lai_chau.about),
        *(lai_chau.outline, lai_chau.term),
    )
    assert len(audit(back)) == len(audit(lai_chau))


def test_a_new_town_comes_back_equal(tmp_path):
    start(tmp_path / "town", name_vi="Thị trấn", name_en="Town", term="2026/2030")
    data = load(str(tmp_path / "town"))
    (tmp_path / "town.xlsx").write_bytes(template(data, filled=True))
    import_workbook(tmp_path / "town.xlsx", tmp_path / "back")
    back = load(str(tmp_path / "back"))
    assert back.observations.equals(data.observations)


STEPS = [
    {"period": "2023", "printed": "70,5"},
    {"period": "2024", "printed": "82,0", "status": "E"},
    {"period": "2025", "printed": "100", "measure": "target"},
    {"period": "2024", "printed": "82%", "measure": "stated_attainment"},
    {"period": "2024", "printed": "trên 82", "measure": "actual"},  # a mistake, mended below
]


@pytest.mark.slow
def test_from_nothing_to_reports_as_a_person_goes(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    command = lambda *arguments: cli.main(arguments, standalone_mode=False)  # noqa: E731
    command("new", "my-town", "--name-vi", "Thị trấn Tam Đường", "--name-en", "Tam Đường Town")
    command("template", "figures.xlsx", "--data", "./my-town")
    book = openpyxl.load_workbook("figures.xlsx")
    for row in book["town"].iter_rows(min_row=FIRST):
        if row[3].value == "date":
            row[1].value = "2024-07"
    sheet, codes = book["figures"], [cell.value for cell in book["figures"][CODES]]
    revenue = next(row[14].value for row in book["lists"].iter_rows() if "revenue_in_area" in str(row[14].value))
    for number, values in enumerate(STEPS, start=FIRST):
        measure = values.get("measure", "actual")
        typed = {**values, "measure": label(measure, Words("vi").text(LABELS["measure"][measure]))}
        for column, value in ({"indicator": revenue} | typed).items():
            sheet.cell(number, codes.index(column) + 1).value = value
    book.save("figures.xlsx")
    with pytest.raises(SystemExit) as left:
        command("import", "figures.xlsx", "my-town", "--replace")
    assert left.value.code == 1
    page = (Path(__file__).parents[2] / "docs" / "your-town.md").read_text(encoding="utf-8")
    assert " ".join(capsys.readouterr().err.split()) in " ".join(page.split())
    assert [row["cell"] for row in table(Path("my-town") / UNREAD)] == ["D7", "A7", "B7", "C7"]
    sheet.cell(7, codes.index("printed") + 1).value = "82"
    sheet.cell(7, codes.index("qualifier") + 1).value = "over"
    book.save("figures.xlsx")
    command("import", "figures.xlsx", "my-town", "--replace")
    command("check", "--data", "./my-town")
    data = load("./my-town")
    assert len(data.observations) == len(STEPS)
    assert "example" not in set(data.tables["sources"]["source"])
    report = frictionless.validate("my-town/datapackage.json")
    assert report.valid, report.flatten(["title", "type", "message"])
    todo = plan(Request(data="./my-town"))
    assert {job.report for job in todo.jobs} == {"overview", "budget", "agriculture", "audit"} & {
        job.report for job in todo.jobs
    } | {"overview", "budget", "audit"}
    request = Request(reports=("budget",), data="./my-town", output=Path("out"), languages=("vi",), jobs=1)
    assert run(request) == "done"
    page = (tmp_path / "out" / "vi" / "budget.html").read_text(encoding="utf-8")
    assert "82,0 tỷ đồng" in page
    assert "Bảng tính figures.xlsx" in page
    assert "Trang figures, ô D4" in page


# --- whatever is typed -----------------------------------------------------------------------------------

COLUMNS = [(sheet.name, column.name) for sheet in SHEETS if sheet.needed for column in sheet.columns]
CODES_AND_NAMES = some.sampled_from(
    [
        *(
            "x",
            "Chỉ số x",
            "y — Chỉ số y (hộ)",
            "town",
            "kind",
            "a",
            "Phần a",
            "actual",
            "thực hiện",
            "money",
            "report",
        ),
        *(
            "2024",
            "2024-06",
            "2021/2025",
            "../2024",
            "2025/2021",
            "182,6",
            "1.234,5",
            "95%",
            "9,5-10",
            "'5",
            "E",
            "over",
        ),
        *("billion_dong", "triệu đồng", "household", "x + y", "vi", "II", "figures!D3", "all", "flow", "total"),
    ]
)
TYPED = some.one_of(
    CODES_AND_NAMES,
    AWKWARD.filter(lambda text: len(text) < 32_000),
    some.integers(-(10**9), 10**9),
    some.floats(allow_nan=False, allow_infinity=False),
    some.booleans(),
    some.dates(),
    some.datetimes(),
    some.times(),
    some.none(),
)


@pytest.fixture(scope="module")
def empty(data, tmp_path_factory):
    path = tmp_path_factory.mktemp("books") / "empty.xlsx"
    path.write_bytes(template(data))
    return path


def typed_into(empty, cells, at):
    """A workbook with a good row and some cells typed over; openpyxl refuses a few texts that no cell can hold."""
    book = Book.__new__(Book)
    book.book = openpyxl.load_workbook(empty)
    book.entries(title_vi="Thị trấn", title_en="Town", term="2021/2025", date="2024-07").figure()
    for (sheet, column), row, value in cells:
        try:
            book.type(row, sheet, **{column: value})
        except (ValueError, openpyxl.utils.exceptions.IllegalCharacterError):
            continue
    return book.save(at / "typed.xlsx")


def imported_or_error(path, place):
    """What comes of a workbook; anything but that or an error of ours that leaves nothing fails the test."""
    result = None
    try:
        result = import_workbook(path, place)
    except LaichauError as error:
        said = str(error)
    assert result is not None or (said and not place.exists())
    return result


@many
@given(
    cells=some.lists(some.tuples(some.sampled_from(COLUMNS), some.integers(FIRST, FIRST + 4), TYPED), max_size=12),
    row=some.dictionaries(some.sampled_from([column for sheet, column in COLUMNS if sheet == "figures"]), TYPED),
)
def test_whatever_is_typed_is_in_the_tables_or_listed(empty, cells, row):
    at = Path(tempfile.mkdtemp())
    try:
        figures = [(("figures", column), FIRST + 1, value) for column, value in ({**PLAIN, **row}).items()]
        path = typed_into(empty, [*figures, *cells], at)
        place = at / "town"
        result = imported_or_error(path, place)
        if result is None:
            return
        data = load(str(place))
        listed = table(place / UNREAD) if result.unread else []
        unread = {(one["sheet"], one["cell"]) for one in listed}
        held = dict.fromkeys((sheet.name for sheet in SHEETS), 0)
        pages = {name: page for name, page in read(path).pages.items() if name in held}
        for name, page in pages.items():
            for number, filled in page.rows.items():
                if number >= FIRST:
                    told = [(name, f"{get_column_letter(column)}{number}") in unread for column in filled]
                    assert all(told) or not any(told), (name, number)
                    held[name] += not any(told)
        counts = {sheet.name: len(data.tables.get(sheet.table.name, ())) for sheet in SHEETS}
        counts |= {"figures": len(data.observations), "indicators": len(data.indicators)}
        own = data.observations["locator"].str.startswith("figures!").sum()
        counts |= {"sources": counts["sources"] - bool(own), "locators": counts["locators"] - own}
        assert counts == held
        audit(data)
    finally:
        shutil.rmtree(at)


@many
@given(content=some.binary(max_size=300), at=some.floats(0, 1), times=some.integers(1, 5))
def test_any_bytes_are_a_data_set_or_one_error(empty, content, at, times):
    folder = Path(tempfile.mkdtemp())
    try:
        old = empty.read_bytes()
        cut = int(at * len(old))
        (folder / "torn.xlsx").write_bytes(old[:cut] + content + old[cut + len(content) * times :])
        (folder / "any.xlsx").write_bytes(content)
        for name in ("torn.xlsx", "any.xlsx"):
            imported_or_error(folder / name, folder / name.removesuffix(".xlsx"))
    finally:
        shutil.rmtree(folder)
