"""The data dictionary: what a data set's tables hold, from the schema and the units of the package itself."""

from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from laichau_analysis.schema import MEASURES, OBSERVATIONS, TABLES, Field, Table
from laichau_analysis.units import ATOMS, Unit


def tables() -> Iterator[str]:
    """Lines of Markdown: a section for each table, with its columns, its key and its references."""
    for table in (OBSERVATIONS, *TABLES.values()):
        yield from (f"## `{file_of(table)}`", "", table.description, "")
        yield from ("| column | type | meaning |", "|---|---|---|")
        yield from map(row, table.fields)
        yield from ("", f"The key is {codes(table.key)}.", "")
        yield from (
            f"- {codes(own)}: as in {codes(others)} of `{other}.csv`" for own, other, others in table.references
        )
        yield ""


def measures() -> Iterator[str]:
    """Lines of Markdown: a table of the kinds of figures."""
    yield from ("| measure | meaning |", "|---|---|")
    yield from (f"| `{code}` | {meaning} |" for code, meaning in MEASURES.items())


def units() -> Iterator[str]:
    """Lines of Markdown: a table of the atoms that unit codes are made of."""
    yield from ("| code | Vietnamese | English | is | whole numbers |", "|---|---|---|---|---|")
    for code, atom in ATOMS.items():
        exact = "exact" if atom.countable else "rounded"
        yield f"| `{code}` | {atom.name_vi} | {atom.name_en} | {size(atom)} | {exact} |"


def file_of(table: Table) -> str:
    """The file that holds a table."""
    return "observations/<sector>.csv" if table is OBSERVATIONS else f"{table.name}.csv"


def row(field: Field) -> str:
    """A column as a row of its table."""
    kind = field.type if field.required else f"{field.type}, may be empty"
    rule = f"One of {codes(field.enum)}." if field.enum else field.hint and f"{field.hint[0].upper()}{field.hint[1:]}."
    pattern = "" if rule or not field.pattern else f"Fits `{field.pattern}`."
    return f"| `{field.name}` | {kind} | {' '.join(filter(None, (field.description, rule, pattern)))} |"


def size(atom: Unit) -> str:
    """How much of its base a unit is."""
    base = " ".join(ATOMS[base].name_en for base in atom.dimension)
    return f"{atom.scale:,f} {base}".strip()


def codes(names: tuple[str, ...]) -> str:
    """Names as code, separated by commas."""
    return ", ".join(f"`{name}`" for name in names)


class Dictionary(SphinxDirective):
    """``{data-dictionary} tables``, ``measures`` or ``units``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The lines as the page's own parser reads them."""
        text = "\n".join({"tables": tables, "measures": measures, "units": units}[self.arguments[0]]())
        return self.parse_text_to_nodes(text, allow_section_headings=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx of it."""
    app.add_directive("data-dictionary", Dictionary)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
