"""What the offences say stands in ``test_dataset`` and ``test_untrusted``; here is which rows they are."""

import pandas as pd
import pytest

from laichau_analysis.checks import check_references, check_table, check_town, found_in, without_repeats
from laichau_analysis.keys import distinct
from laichau_analysis.schema import TABLES
from laichau_analysis.sheets import Sheet


def sheet(name, *rows):
    columns = TABLES[name].columns
    frame = pd.DataFrame([dict.fromkeys(columns, "") | row for row in rows], columns=columns, dtype="str")
    return Sheet.of({f"{name}.csv": frame})


def columns(*values):
    return tuple(distinct(pd.Series(list(texts), dtype="str")) for texts in values)


@pytest.mark.parametrize(
    ("own", "known", "expected"),
    [
        (("abc",), ("ba",), [1, 0, -1]),
        (("aab", "xyx"), ("aab", "xzx"), [0, -1, 2]),
        (("aa",), ("bb",), [-1, -1]),
        (("a",), ("aa",), [0]),
        (("ab", "ba"), ("", ""), [-1, -1]),
        (("", ""), ("a", "b"), []),
    ],
)
def test_rows_are_found_in_other_rows_the_first_of_equal_ones(own, known, expected):
    assert found_in(columns(*own), columns(*known)).tolist() == expected


def area(code, **more):
    return {"area": code, "parent": "", "level": "town", "name_vi": "Xã", "name_en": "Commune", **more}


def test_the_first_of_rows_with_one_key_stays():
    own = sheet("areas", area("a", name_en="1"), area("b"), area("a", name_en="2"))
    (offence,) = check_table(TABLES["areas"], own)
    assert (offence.row, offence.column) == (4, "area")
    assert "it stands in areas.csv, row 2, already" in offence.remedy
    kept = without_repeats(TABLES["areas"], own)
    assert kept.frame["name_en"].tolist() == ["1", "Commune"]
    assert without_repeats(TABLES["areas"], kept) is kept


@pytest.mark.parametrize(
    ("date", "expected"),
    [("2024-07", []), ("", ["a value"]), ("2024-13", ["a date that there is"]), ("July", [r"the form \d{4}-\d{2}"])],
)
def test_dates_are_such_that_there_are(date, expected):
    found = check_table(TABLES["sources"], sheet("sources", {"source": "r", "date": date}))
    assert [offence.expected for offence in found if offence.column == "date"] == expected


def test_a_wrong_half_of_a_pair_is_told_once():
    sheets = {
        "sources": sheet("sources", {"source": "r"}),
        "locators": sheet("locators", {"source": "r", "locator": "I"}, {"source": "q", "locator": "I"}),
    }
    found = list(check_references(TABLES["locators"], sheets["locators"], sheets))
    assert [(offence.row, offence.column, offence.found) for offence in found] == [(3, "source", "q")]


@pytest.mark.parametrize(("parents", "count"), [(("", "a"), 0), (("b", "a"), 1), ((), 0)])
def test_one_of_the_areas_is_the_town(parents, count):
    own = sheet("areas", *(area(code, parent=parent) for code, parent in zip("ab", parents, strict=False)))
    assert len(list(check_town(own))) == count
