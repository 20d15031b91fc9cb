"""The tutorial, done word by word in an empty folder: its files written, its cells typed, its commands run."""

import doctest
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from openpyxl import load_workbook

from laichau_analysis.exchange.layout import CODES, FIRST, TOWN
from tests.markdown import Page, plain
from tests.test_docs import DOCS

WORKBOOK = "suoi-may.xlsx"


class Reader:
    """Someone who does what a page says, in a folder of their own."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.printed = ""

    def follow(self, page):
        """Do each part of a page; what stands before it says what it is."""
        before = []
        for token in page.top:
            kind, text = token["type"], token.get("raw", "")
            named = [part["raw"] for part in before if part["type"] == "codespan"]
            introduced = before and plain(before[-1]) == ":"
            match kind, token.get("attrs", {}).get("info"):
                case "block_code", "sh":
                    self.run(text)
                case "block_code", "text" if introduced:
                    (self.folder / named[-1]).write_text(text, encoding="utf-8")
                case "block_code", "text":
                    self.compare(text)
                case "table", _:
                    self.type_in(named, token)
                case "block_quote", _:
                    self.read(next(name for name in named if name.endswith(".html")), plain(token))
            if kind != "blank_line":
                before = token.get("children", []) if kind == "paragraph" else []

    def run(self, commands):
        """Run commands as a shell does, both streams together as a terminal shows them."""
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", "-c", commands],
            cwd=self.folder,
            env=os.environ | {"PATH": path},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        self.printed = done.stdout
        assert done.returncode == ("1 offence\n" in done.stdout), done.stdout

    def compare(self, text):
        checker = doctest.OutputChecker()
        assert checker.check_output(text, self.printed, doctest.ELLIPSIS), f"{text}\nis not\n{self.printed}"

    def type_in(self, named, table):
        """Type a table into the sheet that the text names, from the first row on, each cell below its code."""
        book = load_workbook(self.folder / WORKBOOK)
        sheet = next(book[name] for name in named if name in book.sheetnames)
        head, *rows = [[plain(cell) for cell in row["children"]] for row in rows_of(table)]
        codes = {sheet.cell(CODES, column).value: column for column in range(1, sheet.max_column + 1)}
        entries = {sheet.cell(row, codes.get("entry", 1)).value: row for row in range(FIRST, sheet.max_row + 1)}
        for i, row in enumerate(rows):
            place = entries[row[0]] if sheet.title == TOWN else FIRST + i
            for code, text in zip(head, row, strict=True):
                sheet.cell(place, codes[code]).value = text or None
        book.save(self.folder / WORKBOOK)

    def read(self, name, quote):
        html = (self.folder / name).read_text(encoding="utf-8")
        said = BeautifulSoup(html, "html.parser").main.get_text(" ")
        assert " ".join(quote.split()) in " ".join(said.split())


def rows_of(table):
    """The head of a table and its rows."""
    head, *bodies = table["children"]
    return [head, *(row for body in bodies for row in body["children"])]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tutorial.md", "vi/huong-dan.md"])
def test_the_tutorial_does_what_it_says(name, tmp_path):
    page = Page(DOCS / name)
    reader = Reader(tmp_path)
    reader.follow(page)
    assert reader.printed
