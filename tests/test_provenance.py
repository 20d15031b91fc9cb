import hashlib

import pandas as pd
import pytest

from laichau_analysis.errors import UnknownNameError
from laichau_analysis.provenance import count_token, coverage, cut, prove
from tests.towns import TABLE_ROWS, figure, indicator

TEXT = """2.2. Society
a) Schools: 7 of 9 schools¹ are new; 61% of pupils
d) Living: 61 streets
¹ Of these 610 pupils; 61,5 hours
went on over the page, 61 villages
d) Poverty: 195 households, 1,50%²
² Rice: 1.239 households
¹² Not the first footnote: 44
e) Roads: 12 - 15 km
"""
PLACES = [
    ("2.2", "body", "2.2."),
    ("2.2.a", "body", "a)"),
    ("2.2.d", "body", "d)"),
    ("2.2.d2", "body", "d)"),
    ("2.2.e", "body", "e)"),
    ("fn1", "footnote", "¹"),
    ("fn2", "footnote", "²"),
    ("fn12", "footnote", "¹²"),
]
LOCATORS = [
    {"source": "report", "locator": code, "part": part, "mark": mark, "title_vi": code, "title_en": code}
    for code, part, mark in PLACES
]


def test_sections_are_cut_in_document_order_with_footnotes_taken_out():
    sections, missing = cut(TEXT, pd.DataFrame(LOCATORS))
    assert missing == []
    assert sections["2.2.d"] == "d) Living: 61 streets\nwent on over the page, 61 villages"
    assert sections["2.2.d2"] == "d) Poverty: 195 households, 1,50%²"
    assert sections["fn1"] == "¹ Of these 610 pupils; 61,5 hours"
    assert sections["fn12"] == "¹² Not the first footnote: 44"


def test_a_mark_that_is_not_there_is_named():
    rows = [*LOCATORS, LOCATORS[1] | {"locator": "3", "mark": "3."}]
    _, (missing,) = cut(TEXT, pd.DataFrame(rows))
    assert str(missing).startswith("locators.csv, column mark: found no line that begins with '3.' for 3;")


@pytest.mark.parametrize(
    ("printed", "count"),
    [
        ("61", 2),
        ("61%", 1),
        ("610", 1),
        ("61,5", 1),
        ("6", 0),
        ("5", 0),
        ("1.239", 1),
        ("239", 0),
        ("12-15", 1),
        ("12", 1),
        ("1,50%", 1),
        ("1,50", 0),
        ("7", 1),
    ],
)
def test_numbers_are_compared_as_whole_tokens(printed, count):
    assert count_token(TEXT, printed) == count


def offences(town, figures, text=TEXT, **source):
    sources = [TABLE_ROWS["sources"][0] | source]
    data = town([indicator("x"), indicator("y")], figures, locators=LOCATORS, sources=sources)
    return [str(offence) for offence in prove(data, "report", text)]


def test_a_figure_that_stands_where_its_row_says_is_proved(town):
    figures = [figure("x", "2024", "61", locator="2.2.d"), figure("x", "2024", "1.239", locator="fn2")]
    assert offences(town, figures) == []


def test_a_figure_at_another_place_is_not(town):
    (found,) = offences(town, [figure("x", "2024", "195", locator="2.2.d")])
    assert found.startswith(
        "observations/money.csv, row 2, column printed: found no 195 in report at 2.2.d; expected 195 once;"
    )


def test_as_many_rows_need_as_many_occurrences_unless_a_note_says_it_is_the_same(town):
    rows = [figure("x", "2024", "195", locator="2.2.d2"), figure("y", "2024", "195", locator="2.2.d2")]
    (found,) = offences(town, rows)
    assert "found 195 1 times in report at 2.2.d2; expected 195 2 times;" in found
    assert offences(town, [rows[0], rows[1] | {"note": "This is the same figure as x."}]) == []
    assert (
        offences(
            town,
            [
                rows[0] | {"printed": "61", "value": "61", "locator": "2.2.d"},
                rows[1] | {"printed": "61", "value": "61", "locator": "2.2.d"},
            ],
        )
        == []
    )


def test_a_note_alone_proves_nothing(town):
    (found,) = offences(town, [figure("x", "2024", "999", locator="2.2.d2", note="The same figure as y.")])
    assert "found no 999 in report at 2.2.d2" in found


def test_another_document_is_noticed(town):
    right = hashlib.sha256(TEXT.encode()).hexdigest()
    assert offences(town, [], sha256=right) == []
    (found,) = offences(town, [], sha256="0" * 64)
    assert found.startswith(f"sources.csv, column sha256: found a document with {right}; expected {'0' * 64}")


def test_an_unknown_source_is_answered_with_the_nearest(lai_chau):
    with pytest.raises(
        UnknownNameError, match="unknown source 'lai-chau-2025' in data set lai-chau: did you mean 'lai-chau-2024'"
    ):
        prove(lai_chau, "lai-chau-2025", "")


NUMBERS = """Report of the committee No. 12/BC-UBND of 05/07/2024, 3 copies
I. Revenue of 2024 was 5,5 billion dong, 61 % of 9; 9,5‰ - 10‰ of Covid-19 and 9 more
II. Roads
(1). In 6/2024 under Resolution 88/2014/QH13: 2021 people in 2021
1.2 Roads: 1.234 km
III. Nothing.
"""


def test_each_number_of_a_document_is_accounted_for(town):
    rows = [
        figure("x", "2024", "5,5"),
        figure("x", "2024", "61%", "stated_attainment"),
        figure("x", "2025", "9", "target"),
        figure("x", "2025", "9", "plan", note="The same figure as the target."),
        figure("x", "2025", "9,5‰-10‰", "aim"),
        figure("x", "2021", "2021", locator="II"),
    ]
    reason = {"reason_vi": "Tên bệnh.", "reason_en": "Name of a disease."}
    data = town(
        [indicator("x", unit="per_mille", nature="rate")],
        rows,
        left_out=[{"source": "report", "locator": "I", "printed": "19"} | reason],
    )
    found = coverage(data, "report", NUMBERS).set_index(["locator", "printed"])
    assert found.loc[("I", "19"), ["times", "figures", "left_out", "unexplained"]].tolist() == [
        *(1, 0, "Name of a disease.", 0)
    ]
    assert found[["times", "figures", "unexplained"]].apply(tuple, axis=1).to_dict() == {
        ("", "3"): (1, 0, 1),
        ("I", "5,5"): (1, 1, 0),
        ("I", "61%"): (1, 1, 0),
        ("I", "9"): (2, 1, 1),
        ("I", "9,5‰-10‰"): (1, 1, 0),
        ("I", "19"): (1, 0, 0),
        ("II", "2021"): (1, 1, 0),
        ("II", "1.234"): (1, 0, 1),
    }
    assert "and 9 more" in found.loc[("I", "9"), "context"]


def test_another_document_altogether_proves_nothing_and_breaks_nothing(town):
    data = town([indicator("x")], [figure("x", "2024", "5")])
    offences = prove(data, "report", "Something else.\n")
    assert [offence.column for offence in offences] == ["mark"] * 3
    assert coverage(data, "report", "Something else.\n").empty
