"""Workbooks as people fill them in: a template of an invented town, opened, typed into, and saved."""

import csv
import io
import zipfile
from pathlib import Path

import openpyxl

from laichau_analysis import load
from laichau_analysis.exchange.layout import CODES
from laichau_analysis.exchange.template import template
from tests.towns import figure, indicator, part, write_town

TOWN = {"title_vi": "Thị trấn", "title_en": "Town", "term": "2021/2025", "date": "2024-07"}
PLAIN = {"indicator": "x", "period": "2024", "measure": "actual", "printed": "182,6"}
"""A figure with nothing but what is needed."""


def town(folder: Path):
    """A data set with a figure of its own, one of a part, and a range."""
    catalogue = [indicator("x"), indicator("y", unit="household", nature="stock"), indicator("z", accumulation="total")]
    rows = [
        figure("x", "2024", "182,60", status="E"),
        part("x", "2024", "1.234,5", "a", unit="million_dong", qualifier="over"),
        figure("x", "2025", "9,5-10", "target", note="A note."),
        figure("y", "2024-06", "1.239", flag="implausible", note="Too many."),
    ]
    return load(str(write_town(folder, catalogue, rows)))


class Book:
    """A workbook to type into."""

    def __init__(self, data=None, *, filled=False):
        self.book = openpyxl.load_workbook(io.BytesIO(template(data, filled=filled)))
        self.entries(**TOWN)

    def entries(self, **values):
        sheet = self.book["town"]
        rows = {row[3].value: row[1] for row in sheet.iter_rows(min_row=CODES + 1)}
        for name, value in values.items():
            rows[name].value = value
        return self

    def cell(self, sheet, row, column):
        codes = [cell.value for cell in self.book[sheet][CODES]]
        return self.book[sheet].cell(row, codes.index(column) + 1)

    def type(self, row=CODES + 1, sheet="figures", **values):
        """Type into the cells of a row; no value empties one."""
        for column, value in values.items():
            self.cell(sheet, row, column).value = value
        return self

    def figure(self, row=CODES + 1, **values):
        return self.type(row, **(PLAIN | values))

    def save(self, path: Path) -> Path:
        self.book.save(path)
        return path


def rewritten(path: Path, change) -> Path:
    """A copy of a workbook with its parts changed: ``change`` gets name and content, and gives the content."""
    copy = path.with_name(f"changed-{path.name}")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as new:
        for part_ in old.infolist():
            content = change(part_.filename, old.read(part_))
            if content is not None:
                new.writestr(part_.filename, content)
    return copy


def table(path: Path):
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
