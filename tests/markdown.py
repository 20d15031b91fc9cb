"""Markdown as tests look at it."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import mistune

_parse = mistune.create_markdown(renderer="ast", plugins=["table"])


@dataclass(frozen=True)
class Block:
    """A block of code and the language that its fence names, empty for an indented one."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """A file of Markdown."""

    path: Path

    @cached_property
    def text(self):
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def top(self):
        """The parts of the page in their order."""
        return _parse(self.text)

    @cached_property
    def tokens(self):
        """Every token, the parts of a token after it."""

        def walk(tokens):
            for token in tokens:
                yield token
                yield from walk(token.get("children", ()))

        return list(walk(self.top))

    def all(self, kind):
        return [token for token in self.tokens if token["type"] == kind]

    @property
    def headings(self):
        """Pairs of level and text."""
        return [(token["attrs"]["level"], plain(token)) for token in self.all("heading")]

    @property
    def anchors(self):
        """What links to headings end with, as code hosts make it."""
        return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, text in self.headings}

    @property
    def links(self):
        """Where links and pictures lead."""
        return [token["attrs"]["url"] for token in self.tokens if token["type"] in ("link", "image")]

    @property
    def blocks(self):
        return [Block(token.get("attrs", {}).get("info", ""), token["raw"]) for token in self.all("block_code")]

    @property
    def rows(self):
        """Rows of tables, as texts of their cells."""
        return [row for _, row in self._rows_by_section]

    def rows_below(self, heading):
        """Rows of the tables between a heading and the next one."""
        return [row for section, row in self._rows_by_section if section == heading]

    @property
    def _rows_by_section(self):
        """Pairs of the heading above a row and the texts of its cells."""
        section, found = "", []
        for token in self.tokens:
            if token["type"] == "heading":
                section = plain(token)
            elif token["type"] == "table_row":
                found.append((section, [plain(cell) for cell in token["children"]]))
        return found


def plain(token):
    """The text of a token and its parts."""
    if token["type"] == "softbreak":
        return "\n"
    return token.get("raw", "") + "".join(plain(child) for child in token.get("children", ()))
