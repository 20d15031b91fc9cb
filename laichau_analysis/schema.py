"""The tables of a data set as Table Schema, written once.

``dataset`` checks folders against these tables, ``datapackage.json`` holds the same as a
Frictionless Table Schema, and the data dictionary is made from the descriptions. After a
sector was added to a data set, ``python -m laichau_analysis.schema FOLDER`` writes the list
of resources into its ``datapackage.json`` anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from .periods import PATTERN as PERIOD

__all__ = ["LANGUAGES", "MEASURES", "OBSERVATIONS", "STATED", "TABLES", "VERSION", "Field", "Table", "resources"]

VERSION: Final = "1"
LANGUAGES: Final = ("vi", "en")
"""In which names stand, the first one first."""
CODE: Final = r"[a-z][a-z0-9_]*"
NUMBER: Final = r"-?\d+(\.\d+)?"
STATED: Final = ("stated_attainment", "stated_plan_attainment", "stated_share", "stated_change")
MEASURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "actual": "what was reached (thực hiện)",
        "target": "set by a resolution (chỉ tiêu)",
        "plan": "set by the administration for a year or a period (kế hoạch)",
        "aim": "what the report says will be striven for (phấn đấu)",
        "outlook": "what the report expects (dự ước, dự báo)",
        "baseline": "where the way to a target began",
        "stated_attainment": "what the report says is reached of the target, in per cent",
        "stated_plan_attainment": "what it says is reached of the plan, in per cent",
        "stated_share": "what it says is the share of the whole, in per cent",
        "stated_change": "what it says is the change against an earlier period, in per cent",
    }
)
"""What kinds of figures there are, and what each means."""


@dataclass(frozen=True)
class Field:
    """A column: its name, what it means, and what may stand in it; ``hint`` says a pattern in words."""

    name: str
    description: str
    type: str = "string"
    required: bool = False
    pattern: str = ""
    enum: tuple[str, ...] = ()
    hint: str = ""

    @property
    def form(self) -> tuple[str, str]:
        """The pattern that a text in it must match, and what that is in words; both empty for any text."""
        if self.type == "number":
            return NUMBER, "a plain decimal such as 182.6"
        if self.type == "integer":
            return r"\d+", "a whole number"
        return self.pattern, self.hint or (f"the form {self.pattern}" if self.pattern else "")

    def descriptor(self) -> dict[str, Any]:
        """The field as Table Schema."""
        constraints: dict[str, Any] = {}
        if self.required:
            constraints["required"] = True
        if self.pattern and self.type == "string":
            constraints["pattern"] = self.pattern
        if self.enum:
            constraints["enum"] = list(self.enum)
        result: dict[str, Any] = {"name": self.name, "type": self.type, "description": self.description}
        return result | ({"constraints": constraints} if constraints else {})


@dataclass(frozen=True)
class Table:
    """A table: its columns, its key, and the tables that its codes must stand in.

    Attributes
    ----------
    references : tuple of (columns, table, columns)
        Foreign keys; an empty cell refers to nothing.
    """

    name: str
    description: str
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    references: tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...] = ()

    @property
    def columns(self) -> list[str]:
        """Names of the columns in their order."""
        return [field.name for field in self.fields]

    def descriptor(self) -> dict[str, Any]:
        """The table as Table Schema."""
        result: dict[str, Any] = {
            "fields": [field.descriptor() for field in self.fields],
            "missingValues": [""],
            "primaryKey": list(self.key),
        }
        if self.references:
            result["foreignKeys"] = [
                {
                    "fields": list(columns),
                    "reference": {"resource": "" if table == self.name else table, "fields": list(others)},
                }
                for columns, table, others in self.references
            ]
        return result


def _code(name: str, description: str, *, required: bool = True) -> Field:
    return Field(name, description, required=required, pattern=CODE, hint="small letters, digits and _ only")


def _names(prefix: str = "name") -> tuple[Field, Field]:
    return (
        Field(f"{prefix}_vi", "In Vietnamese, as a reader sees it.", required=True),
        Field(f"{prefix}_en", "In English, as a reader sees it.", required=True),
    )


SECTORS: Final = Table(
    "sectors", "Sectors in reading order.", ("sector",), (_code("sector", "Code of the sector."), *_names())
)
AREAS: Final = Table(
    "areas",
    "The town itself, first, and its communes and wards.",
    ("area",),
    (
        _code("area", "Code of the area."),
        _code("parent", "The area that it is a part of.", required=False),
        Field("level", "Kind of area.", required=True, pattern=CODE),
        *_names(),
    ),
    ((("parent",), "areas", ("area",)),),
)
BREAKDOWNS: Final = Table(
    "breakdowns",
    "Dimensions by which figures are broken down; time is never one.",
    ("breakdown",),
    (
        _code("breakdown", "Code of the dimension."),
        Field(
            "parts",
            "all: disjoint and complete, so that flows and stocks add up to the total; some: the sum is at most "
            "the total; overlapping: each is at most the total.",
            required=True,
            enum=("all", "some", "overlapping"),
        ),
        *_names(),
    ),
)
CATEGORIES: Final = Table(
    "categories",
    "Members of the breakdowns in reading order.",
    ("breakdown", "category"),
    (_code("breakdown", "Dimension."), _code("category", "Code of the member."), *_names()),
    ((("breakdown",), "breakdowns", ("breakdown",)),),
)
INDICATORS: Final = Table(
    "indicators",
    "What is measured, in reading order.",
    ("indicator",),
    (
        _code("indicator", "Code of the indicator."),
        _code("sector", "Sector whose file holds its figures."),
        *_names(),
        Field("unit", "Unit code: atoms joined by / for per.", required=True, pattern=r"[a-z_]+(/[a-z_]+)*"),
        Field("direction", "Which way is good; empty where neither is.", enum=("higher", "lower")),
        Field(
            "nature",
            "flow: over a period; stock: at a date; rate: a ratio.",
            required=True,
            enum=("flow", "stock", "rate"),
        ),
        Field(
            "accumulation",
            "What its target is set for. end: the value in the last year; total: the sum over the term.",
            enum=("end", "total"),
        ),
        Field(
            "decimals", "Digits after the decimal sign that a computed value is shown with.", "integer", required=True
        ),
        Field("minimum", "Smallest value that is possible at all, in the unit.", "number"),
        Field("maximum", "Largest value that is possible at all, in the unit.", "number"),
        _code("share_of", "The indicator that this one is a part of.", required=False),
        _code("related", "An indicator that means nearly the same: shown beside it, never an error.", required=False),
        Field(
            "formula",
            "How it follows from others: sums, differences, products, quotients, numbers, codes, code[category].",
        ),
        Field("note", "What a reader must know of it."),
    ),
    (
        (("sector",), "sectors", ("sector",)),
        (("share_of",), "indicators", ("indicator",)),
        (("related",), "indicators", ("indicator",)),
    ),
)
SOURCES: Final = Table(
    "sources",
    "Documents that the figures come from.",
    ("source",),
    (
        Field("source", "Key of the document.", required=True, pattern=r"[a-z0-9][a-z0-9-]*"),
        *_names("title"),
        *_names("publisher"),
        Field("date", "Month in which it was written.", required=True, pattern=r"\d{4}-\d{2}"),
        Field("language", "Its number format: vi writes 1.234,5 and en 1,234.5.", required=True, enum=("vi", "en")),
        Field("sha256", "Checksum of the document's text.", pattern=r"[0-9a-f]{64}"),
    ),
)
LOCATORS: Final = Table(
    "locators",
    "Places in the documents, in the order of the documents.",
    ("source", "locator"),
    (
        Field("source", "Document.", required=True),
        Field("locator", "Code of the place.", required=True, pattern=r"[A-Za-z0-9_.!:-]+"),
        Field("part", "Body text, or a footnote taken out of it.", required=True, enum=("body", "footnote")),
        Field("mark", "How the line begins that the place starts with.", required=True),
        *_names("title"),
    ),
    ((("source",), "sources", ("source",)),),
)
REVIEWS: Final = Table(
    "reviews",
    "What reviewers said of findings; a review is shown beside the finding and hides nothing.",
    ("finding",),
    (
        Field("finding", "Identifier of the finding.", required=True),
        Field("verdict", "Verdict of the reviewer.", required=True, enum=("confirmed", "explained", "rejected")),
        Field("date", "Day of the review.", required=True, pattern=r"\d{4}-\d{2}-\d{2}"),
        Field("reason", "Why, in plain English.", required=True),
    ),
)
LEFT_OUT: Final = Table(
    "left_out",
    "Numbers of the documents that are no figures, and why, so that nothing is unexplained.",
    ("source", "locator", "printed"),
    (
        Field("source", "Document.", required=True),
        Field("locator", "Place in the document.", required=True),
        Field("printed", "The number token as printed.", required=True),
        *_names("reason"),
    ),
    (
        (("source",), "sources", ("source",)),
        (("source", "locator"), "locators", ("source", "locator")),
    ),
)
OBSERVATIONS: Final = Table(
    "observations",
    "One row a figure.",
    (
        "indicator",
        "area",
        "period",
        "breakdown",
        "category",
        "measure",
        "source",
        "locator",
        "printed",
    ),
    (
        _code("indicator", "What is measured."),
        _code("area", "The town itself, or a part of it."),
        Field(
            "period",
            "2024; 2024-S1 (half-year); 2024-06 (state at a month's end); 2021/2024 (cumulative); ../2024 "
            "(cumulative, start not printed).",
            required=True,
            pattern=PERIOD,
            hint="2024, 2024-S1, 2024-06, 2021/2024 or ../2024",
        ),
        _code("breakdown", "Dimension; empty for the total.", required=False),
        _code("category", "Member of the dimension; empty for the total.", required=False),
        Field("measure", "What kind of figure it is.", required=True, enum=tuple(MEASURES)),
        Field("value", "The number, in the row's unit; the lower end of a range.", "number", required=True),
        Field("value_max", "The upper end of a range.", "number"),
        Field("unit", "Unit as printed, where it is not the indicator's.", pattern=r"[a-z_]+(/[a-z_]+)*"),
        Field("printed", "The number token as printed.", required=True),
        Field(
            "status",
            "A normal, E estimated, F forecast, P counted before its period ended.",
            required=True,
            enum=("A", "E", "F", "P"),
        ),
        Field(
            "flag",
            "Our judgement of a figure that can't stand as it is printed. mislabelled: its unit or base does not fit, "
            "and it is used as the note says; implausible: it can't be right, and is shown and audited only.",
            enum=("mislabelled", "implausible"),
        ),
        Field(
            "qualifier",
            "Word that makes the figure a bound or vague: over (trên, hơn), at_least (trở lên), under (dưới), nearly "
            "(gần), about (khoảng).",
            enum=("over", "at_least", "under", "nearly", "about"),
        ),
        Field("source", "Document.", required=True),
        Field("locator", "Place in the document.", required=True),
        Field("note", "What a reader must know of it."),
    ),
    (
        (("indicator",), "indicators", ("indicator",)),
        (("area",), "areas", ("area",)),
        (("breakdown",), "breakdowns", ("breakdown",)),
        (("breakdown", "category"), "categories", ("breakdown", "category")),
        (("source",), "sources", ("source",)),
        (("source", "locator"), "locators", ("source", "locator")),
    ),
)

TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {
        table.name: table
        for table in (SECTORS, AREAS, BREAKDOWNS, CATEGORIES, INDICATORS, SOURCES, LOCATORS, LEFT_OUT, REVIEWS)
    }
)


def resources(folder: Path) -> list[dict[str, Any]]:
    """What a folder's ``datapackage.json`` must list under ``resources``.

    Parameters
    ----------
    folder : Path
        A data set's folder; its ``observations/*.csv`` are listed one by one.

    Returns
    -------
    list of dict
        Tabular data resources with a Table Schema each.
    """
    listed = [(table.name, f"{table.name}.csv", table) for table in TABLES.values()]
    listed += [
        (f"observations-{path.stem}".replace("_", "-"), f"observations/{path.name}", OBSERVATIONS)
        for path in sorted((folder / "observations").glob("*.csv"))
    ]
    return [
        {
            "name": name,
            "path": path,
            "profile": "tabular-data-resource",
            "description": table.description,
            "encoding": "utf-8",
            "schema": table.descriptor(),
        }
        for name, path, table in listed
    ]


def main(arguments: list[str]) -> None:
    """Write the resources of a data set's folder into its ``datapackage.json``."""
    folder = Path(arguments[0])
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["schema_version"] = VERSION
    package["resources"] = resources(folder)
    path.write_text(json.dumps(package, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
