"""Whatever a file holds, its cells come back or one error of ours, within bounds of memory and time."""

import datetime
import hashlib
import io
import os
import resource
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils import get_column_letter

from laichau_analysis.errors import WorkbookError
from laichau_analysis.exchange.workbook import LIMITS, Cell, Limits, read
from tests.exchange.books import rewritten

SHEET = "xl/worksheets/sheet1.xml"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


@pytest.fixture
def save(tmp_path):
    """Write a workbook of one sheet from values by cell."""

    def write(cells, formats=()):
        book = openpyxl.Workbook()
        for place, value in cells.items():
            book.active[place] = value
        for place, pattern in dict(formats).items():
            book.active[place].number_format = pattern
        book.active.title = "figures"
        book.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"

    return write


@pytest.fixture
def plain(save):
    return save({"A1": "x"})


def sheet(rows, more="", head=""):
    return f'{head}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>{more}</worksheet>'.encode()


def with_sheet(path, content):
    return rewritten(path, lambda name, old: content if name == SHEET else old)


def refused(path, **limits):
    with pytest.raises(WorkbookError) as raised:
        read(path, Limits(**limits))
    message = str(raised.value)
    assert message.startswith(f"workbook {path.name}: ")
    return message.removeprefix(f"workbook {path.name}: ")


# --- cells ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "pattern", "cell"),
    [
        ("182,6", "@", Cell("182,6", "text")),
        ("  Da\u0302n \u00a0 số\u200b\n", "@", Cell("Dân số", "text")),
        ("   ", "@", None),
        (2024, "General", Cell("2024", "number")),
        (182.60000000000002, "#,##0.00", Cell("182.6", "number")),
        (1e21, "General", Cell("1000000000000000000000", "number")),
        (-0.00001, "General", Cell("-0.00001", "number")),
        (0.608, "0.0%", Cell("0.608", "percentage")),
        (60.8, '0.0"%"', Cell("60.8", "number")),
        (60.8, r"0.0\%", Cell("60.8", "number")),
        (datetime.datetime(2024, 6, 1), "mmm-yy", Cell("2024-06-01", "date")),
        (datetime.time(1, 2), "h:mm", Cell("01:02:00", "date")),
        (datetime.timedelta(hours=30), "[h]:mm", Cell("1 day, 6:00:00", "date")),
        ("=1+1", "General", Cell("=1+1", "formula")),
        (True, "General", Cell("TRUE", "logical")),
        ("#N/A", "General", Cell("#N/A", "error")),
    ],
)
def test_a_cell_is_told_as_what_it_is(save, value, pattern, cell):
    page = read(save({"B3": value}, {"B3": pattern})).pages["figures"]
    assert page.rows.get(3, {}).get(2) == cell


@pytest.mark.parametrize(
    ("content", "cell"),
    [
        ('<c r="A1" t="inlineStr"><is><r><t>Ngân </t></r><r><t>sách</t></r></is></c>', Cell("Ngân sách", "text")),
        ('<c r="A1" t="inlineStr"><is><t>a_x000D_b_x0009__x005F_x0041_</t></is></c>', Cell("a b _x0041_", "text")),
        ('<c r="A1" t="inlineStr"><is><t>_xD83D__xDE00__xD83D_</t></is></c>', Cell("😀\ufffd", "text")),
        ('<c r="A1" t="str"><v>182,6</v></c>', Cell("182,6", "text")),
        ('<c r="A1"><f>B1*2</f><v>7</v></c>', Cell("=B1*2", "formula")),
        ('<c r="A1"><f>B1*2</f></c>', Cell("=B1*2", "formula")),
        ('<c r="A1" t="str"><f>[1]Sheet1!A1</f><v>x</v></c>', Cell("=[1]Sheet1!A1", "formula")),
        ('<c r="A1"><v></v></c>', None),
        ('<c r="A1" t="b"><v>0</v></c>', Cell("FALSE", "logical")),
        ("<c><v>5</v></c>", Cell("5", "number")),
    ],
)
def test_cells_as_other_programs_write_them(plain, content, cell):
    page = read(with_sheet(plain, sheet(f"<row>{content}</row>"))).pages["figures"]
    assert page.rows.get(1, {}).get(1) == cell


def test_a_book_knows_its_name_its_checksum_and_what_is_merged(save):
    path = save({"A1": "x", "C7": "y"})
    book = openpyxl.load_workbook(path)
    book.active.merge_cells("C7:D9")
    book.save(path)
    read_book = read(path)
    assert (read_book.name, read_book.sha256) == ("book.xlsx", hashlib.sha256(path.read_bytes()).hexdigest())
    assert read_book.pages["figures"].merged == ("C7:D9",)
    assert {row: [*cells] for row, cells in read_book.pages["figures"].rows.items()} == {1: [1], 7: [3]}


def test_hidden_rows_columns_and_sheets_are_read_like_others(save):
    path = save({"A1": "x", "B2": "y"})
    book = openpyxl.load_workbook(path)
    book.active.row_dimensions[2].hidden = True
    book.active.column_dimensions["B"].hidden = True
    book.create_sheet("other")["A1"] = "z"
    book["figures"].sheet_state = "veryHidden"
    book.active = 1
    book.save(path)
    pages = read(path).pages
    assert pages["figures"].rows[2][2] == Cell("y", "text")
    assert pages["other"].rows[1][1] == Cell("z", "text")


# --- what is no workbook -------------------------------------------------------------------------------


def zipped(**parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/"), text)
    return content.getvalue()


OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is no .xlsx workbook; save it as one."),
        (b"indicator,printed\nx,5\n", "it is no .xlsx workbook; save it as one."),
        (OLE + b"\0" * 600, "it is an old workbook (.xls); save it as .xlsx."),
        (
            OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
            "it is protected by a password; save it without one.",
        ),
        (
            zipped(mimetype="application/vnd.oasis.opendocument.spreadsheet"),
            "it is an OpenDocument file and no .xlsx workbook; save it as one.",
        ),
        (zipped(anything="x"), "it is another archive and no .xlsx workbook; save it as one."),
        (zipped(**{"xl__workbook.bin": "x"}), "it is a binary workbook (.xlsb); save it as .xlsx."),
        (zipped(**{"xl__vbaProject.bin": "x"}), "it holds macros; save it as .xlsx, without them."),
    ],
)
def test_another_kind_of_file_is_named(tmp_path, content, reason):
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    assert refused(path) == reason


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and nothing else",
        zipped(**{"[Content_Types].xml": "<"}),
        zipped(**{"[Content_Types].xml": "<Types/>"}),
        zipped(**{"[Content_Types].xml": "x" * 100}),
    ],
)
def test_a_damaged_file_is_refused_with_what_helps(tmp_path, content):
    path = tmp_path / "book.xlsx"
    path.write_bytes(content)
    reason = refused(path)
    assert reason.startswith("it cannot be read as an .xlsx workbook (")
    assert reason.endswith("open it in a spreadsheet program, save it as .xlsx, and try again.")


def test_a_word_document_is_no_workbook(tmp_path):
    import docx

    docx.Document().save(tmp_path / "book.xlsx")
    assert refused(tmp_path / "book.xlsx").startswith("it cannot be read as an .xlsx workbook")


@pytest.mark.parametrize("cut", [30, 1000, -30])
def test_a_torn_file_is_refused(plain, cut):
    plain.write_bytes(plain.read_bytes()[:cut])
    assert "it cannot be read as an .xlsx workbook" in refused(plain)


def test_a_flipped_byte_is_refused(plain):
    content = bytearray(plain.read_bytes())
    content[content.index(SHEET.encode()) + len(SHEET) + 40] ^= 0xFF
    plain.write_bytes(content)
    assert "it cannot be read as an .xlsx workbook" in refused(plain)


def test_an_archive_with_a_password_is_told(plain):
    content = bytearray(plain.read_bytes())
    with zipfile.ZipFile(plain) as archive:
        first = archive.infolist()[0].header_offset
    content[first + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    plain.write_bytes(content)
    assert refused(plain) == "it is protected by a password; save it without one."


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
def test_only_regular_files_are_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.xlsx")
    (tmp_path / "folder.xlsx").mkdir()
    (tmp_path / "zero.xlsx").symlink_to("/dev/zero")
    for name in ("pipe.xlsx", "folder.xlsx", "zero.xlsx"):
        assert refused(tmp_path / name) == "it is no regular file; name an .xlsx workbook."
    assert refused(tmp_path / "none.xlsx").startswith("it cannot be opened (No such file or directory)")


# --- what is meant to harm ----------------------------------------------------------------------------

LAUGHS = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha">' + "".join(
    f'<!ENTITY {chr(ord("a") + i)} "{("&" + chr(ord("a") + i - 1) + ";") * 10}">' for i in range(1, 12)
)
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE l [<!ENTITY l SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("head", [LAUGHS, OUTSIDE], ids=["laughs", "outside"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_in_every_part(tmp_path, part, head, encoding):
    book = xlsxwriter.Workbook(tmp_path / "book.xlsx")
    book.add_worksheet("figures").write_string("A1", "x")
    book.close()

    def change(name, old):
        if name != part:
            return old
        text = old.decode().partition("?>")[2] if old.startswith(b"<?xml") else old.decode()
        return f"{head}]>{text}".replace("<v>0</v>", "<v>&l;</v>").encode(encoding)

    assert refused(rewritten(tmp_path / "book.xlsx", change)).startswith(
        "its XML declares a document type, as no spreadsheet does"
    )


def test_a_bomb_is_refused_before_it_is_unpacked(plain):
    bomb = rewritten(plain, lambda name, old: b" " * (70 * 2**20) if name == SHEET else old)
    assert bomb.stat().st_size < 200_000
    started = time.perf_counter()
    assert refused(bomb).startswith("it unpacks to 73,")
    assert time.perf_counter() - started < 1


def test_a_bomb_that_lies_about_its_size_is_refused(plain):
    bomb = rewritten(plain, lambda name, old: sheet(" " * 10**7) if name == SHEET else old)
    content = bytearray(bomb.read_bytes())
    place = content.rindex(SHEET.encode())  # in the directory at the archive's end
    assert struct.unpack_from("<I", content, place - 22)[0] > 10**7
    struct.pack_into("<I", content, place - 22, 300)
    bomb.write_bytes(content)
    assert "it cannot be read as an .xlsx workbook" in refused(bomb)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            '<row r="1048576"><c r="XFD1048576"><v>5</v></c></row>',
            "something stands in cell XFD1048576, beyond CV20000",
        ),
        ('<row r="20001"><c r="A20001"><v>5</v></c></row>', "something stands in cell A20001, beyond CV20000"),
        ('<row r="1"><c r="CW1"><f>1</f></c></row>', "something stands in cell CW1, beyond CV20000"),
        ('<row r="2"/><row r="1"><c r="A1"><v>5</v></c></row>', "its rows are out of order (row 1 after 2)"),
        ('<row r="1"><c r="B1"/><c r="A1"><v>5</v></c></row>', "its cells are out of order (A1 in row 1)"),
        ('<row r="1"><c r="A1"><v>5</v></c><c r="A1"><v>6</v></c></row>', "its cells are out of order (A1 in row 1)"),
        ('<row r="1"><c r="A2"><v>5</v></c></row>', "its cells are out of order (A2 in row 1)"),
        ('<row r="1"><c r="Ä1"><v>5</v></c></row>', "its cells are out of order (Ä1 in row 1)"),
        ('<row r="1"><c r="A1"><v>' + "9" * 5000 + "</v></c></row>", "it cannot be read as an .xlsx workbook"),
        ('<row r="1"><c r="A1" t="s"><v>77</v></c></row>', "it cannot be read as an .xlsx workbook"),
        ('<row r="x"/>', "it cannot be read as an .xlsx workbook"),
    ],
)
def test_what_openpyxl_would_drop_or_stumble_over_is_refused(plain, rows, reason):
    assert refused(with_sheet(plain, sheet(rows))).startswith(reason)


def test_empty_cells_that_are_only_formatted_are_no_matter(plain):
    rows = '<row r="1"><c r="A1"><v>5</v></c><c r="XFD1" s="0"/></row><row r="1048576"><c r="A1048576" s="0"/></row>'
    head = '<?xml version="1.0"?>'
    content = sheet(rows, head=head).replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')
    started = time.perf_counter()
    assert read(with_sheet(plain, content)).pages["figures"].rows == {1: {1: Cell("5", "number")}}
    assert time.perf_counter() - started < 1


def test_a_shared_formula_costs_nothing_however_often_it_is_used(plain):
    formula = "+".join(f"A{i}" for i in range(1, 1500))
    children = "".join(f'<row r="{i}"><c r="A{i}"><f t="shared" si="0"/></c></row>' for i in range(2, 15_000))
    first = f'<row r="1"><c r="A1"><f t="shared" ref="A1:A15000" si="0">{formula}</f></c></row>'
    started = time.perf_counter()
    rows = read(with_sheet(plain, sheet(first + children))).pages["figures"].rows
    assert time.perf_counter() - started < 10
    assert len(rows) == 14_999
    assert rows[1][1].text == ("=" + formula)[:201]


def test_a_workbook_in_the_strict_form_is_not_read_as_empty(plain):
    content = sheet('<row r="1"><c r="A1"><v>5</v></c></row>').replace(
        MAIN.encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    )
    assert refused(with_sheet(plain, content)).startswith("it is saved in the strict form of .xlsx")


def test_a_sheet_that_is_not_where_it_should_be_is_not_read_as_empty(plain):
    def moved(name, old):
        if name == SHEET:
            return None
        return old.replace(b"sheet1.xml", b"sheet1.dat")

    copy = rewritten(plain, moved)
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(copy, "a") as new:
        new.writestr("xl/worksheets/sheet1.dat", old.read(SHEET))
    assert refused(copy).startswith("its sheet figures is not where it should be")


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"file": 100}, "bytes, and 100 are allowed; delete pictures"),
        ({"parts": 3}, "some twice or more than 3"),
        ({"elements": 50}, "it holds more than 50 elements"),
        ({"rows": 5}, "something stands in cell A7, beyond CV5"),
        ({"columns": 2}, "something stands in cell C1, beyond B20000"),
    ],
)
def test_limits_are_kept(save, limits, reason):
    assert reason in refused(save({"A1": "x", "A7": "y", "C1": "z"}), **limits)


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_AS"), reason="no such limit here")
def test_many_cells_stay_within_memory_and_time(plain):
    """A tenth of what is allowed, in a tenth of the memory and time that the whole may take."""
    row = "".join(f'<c r="{get_column_letter(n)}{{0}}"><v>5</v></c>' for n in range(1, 26))
    rows = "".join(f'<row r="{n}">' + row.format(n) + "</row>" for n in range(1, 2_001))
    code = (
        "import resource, sys; from pathlib import Path; from laichau_analysis.exchange.workbook import read\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "print(sum(map(len, read(Path(sys.argv[1])).pages['figures'].rows.values())))\n"
        "print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024 < 100)"
    )
    command = [sys.executable, "-c", code, str(with_sheet(plain, sheet(rows)))]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (done.stdout.split(), done.stderr) == (["50000", "True"], "")


def test_links_to_other_files_are_not_followed(plain):
    """A workbook with an external link reads as the text of its formula; nothing is fetched."""
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def change(name, old):
        if name == SHEET:
            return sheet('<row r="1"><c r="A1"><f>[1]Sheet1!A1</f><v>5</v></c></row>')
        if name == "xl/workbook.xml":
            return old.replace(
                b"</sheets>",
                f'</sheets><externalReferences><externalReference xmlns:r="{relation}" r:id="rId99"/></externalReferences>'.encode(),
            )
        return old

    assert read(rewritten(plain, change)).pages["figures"].rows[1][1] == Cell("=[1]Sheet1!A1", "formula")


def test_the_limits_are_told():
    page = " ".join((Path(__file__).parents[2] / "docs" / "your-town.md").read_text(encoding="utf-8").split())
    size = f"a file of {LIMITS.file >> 20} MB, {LIMITS.unpacked >> 20} MB unpacked, {LIMITS.parts} parts"
    cells = f"a row beyond {LIMITS.rows:,} or a column beyond {LIMITS.columns}"
    assert size in page
    assert f"{LIMITS.elements:,} XML elements" in page
    assert cells in page
