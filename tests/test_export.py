import io
import subprocess
import sys

import openpyxl
import pandas as pd
import pytest

from laichau_analysis.dataset import long_table
from laichau_analysis.errors import UsageError
from laichau_analysis.export import exported
from tests.towns import figure, indicator

FORMULA = '=HYPERLINK("http://example.org")'


@pytest.fixture
def data(town):
    catalogue = [indicator("x", name_en=FORMULA, name_vi="@SUM(1)"), indicator("y", unit="household")]
    rows = [
        figure("x", "2024", "182,60", note="-1+1"),
        figure("y", "2024", "1.239", qualifier="over"),
        figure("x", "2025", "9,5-10", "target"),
    ]
    return town(catalogue, rows)


def typed(data):
    table = long_table(data)
    return table.assign(**{column: pd.to_numeric(table[column].replace("", None)) for column in ("value", "value_max")})


def test_a_workbook_reads_back_equal(data, lai_chau):
    for one in (data, lai_chau):
        read = pd.read_excel(
            io.BytesIO(exported(one, "all.xlsx")),
            sheet_name="figures",
            dtype=dict.fromkeys(set(long_table(one).columns) - {"value", "value_max"}, str),
            keep_default_na=False,
            na_values={"value": [""], "value_max": [""]},
        )
        expected = typed(one)
        pd.testing.assert_frame_equal(read[expected.columns], expected, check_dtype=False)


def test_a_workbook_holds_numbers_and_no_formula(data):
    book = openpyxl.load_workbook(io.BytesIO(exported(data, "all.xlsx")))
    about, sheet = book["about"], book["figures"]
    assert [cell.value for cell in about["A"]][:2] == ["Thị trấn bịa", "Invented town"]
    assert {cell.data_type for row in about.iter_rows() for cell in row if cell.value} == {"s"}
    head = [cell.value for cell in sheet[1]]
    value, name = (sheet.cell(2, head.index(column) + 1) for column in ("value", "name_en"))
    assert (value.value, value.data_type, value.number_format) == (182.6, "n", "#,##0.00")
    assert (name.value, name.data_type) == (FORMULA, "s")
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f" or cell.hyperlink]
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == f"A1:{sheet.cell(4, len(head)).coordinate}"


def test_a_column_may_be_empty_throughout(town):
    plain = town([indicator("x")], [figure("x", "2024", "182,6")])
    sheet = openpyxl.load_workbook(io.BytesIO(exported(plain, "all.xlsx")))["figures"]
    (column,) = [cell.column for cell in sheet[1] if cell.value == "value_max"]
    assert sheet.cell(2, column).value is None


def test_parquet_reads_back_equal(data, lai_chau):
    for one in (data, lai_chau):
        read = pd.read_parquet(io.BytesIO(exported(one, "all.parquet")))
        pd.testing.assert_frame_equal(read, typed(one), check_dtype=False)
        assert read["value"].dtype == "float64"


def test_the_same_data_make_the_same_file(data):
    assert exported(data, "a.xlsx") == exported(data, "b.XLSX")


@pytest.mark.parametrize(("name", "found"), [("all.txt", ".txt"), ("all", "no ending")])
def test_another_ending_is_refused(data, name, found):
    with pytest.raises(UsageError, match=rf"ends in one of \.csv, \.xlsx, \.parquet, found {found}"):
        exported(data, name)


def test_a_missing_library_is_named_with_what_installs_it(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"pyarrow is not installed.*pip install 'laichau-analysis\[parquet\]'"):
        exported(data, "all.parquet")


def test_the_command_writes_the_file(tmp_path):
    command = [sys.executable, "-m", "laichau_analysis", "export", "all.xlsx"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "all.xlsx\n", "")
    assert openpyxl.load_workbook(tmp_path / "all.xlsx").sheetnames == ["about", "figures"]
