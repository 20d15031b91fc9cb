import math

import pandas as pd
import pytest

from laichau_analysis import load, long_table
from laichau_analysis.errors import DataError, MissingDataError, UnknownNameError, UsageError
from laichau_analysis.schema import OBSERVATIONS
from tests.towns import TABLE_ROWS, describe, figure, indicator, part, write_rows, write_town

CATALOGUE = [
    indicator("revenue"),
    indicator("visits", unit="visit", accumulation="total"),
    indicator("rate", unit="percent", nature="rate"),
]
GOOD = figure("revenue", "2024", "182,6")


def offences(tmp_path, figures, catalogue=CATALOGUE, **tables):
    folder = write_town(tmp_path / "town", catalogue, figures, **tables)
    with pytest.raises(DataError) as raised:
        load(str(folder))
    return [str(offence) for offence in raised.value.offences]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            GOOD | {"period": "24"},
            "column period: found 24; expected 2024, 2024-S1, 2024-06, 2021/2024 or ../2024; write it in that form",
        ),
        (GOOD | {"period": "2025/2021"}, "column period: found 2025/2021; expected ends before it starts: '2025/2021'; mend the period"),
        (GOOD | {"measure": "actuel"}, "column measure: found actuel; expected actual or target or plan or aim"),
        (GOOD | {"value": "182,6"}, "column value: found 182,6; expected a plain decimal such as 182.6; write it in that form"),
        (GOOD | {"value": "182.5"}, "column value: found 182.5; expected 182.6, since 182,6 is printed; enter the number as it is printed"),
        (GOOD | {"value_max": "200"}, "column value_max: found 200.0; expected nothing, since 182,6 is printed; enter the number as it is printed"),
        (GOOD | {"printed": "182.6"}, "column printed: found 182.6; expected not a number as vi prints it: '182.6'; copy the number as it is printed"),
        (GOOD | {"status": ""}, "column status: found nothing; expected a value; fill it in"),
        (GOOD | {"status": "X"}, "column status: found X; expected A or E or F or P; use one of these"),
        (GOOD | {"flag": "wrong", "note": "why"}, "column flag: found wrong; expected mislabelled or implausible, or nothing; use one of these"),
        (GOOD | {"flag": "implausible"}, "column note: found nothing; expected a note, since the row is flagged; say what is wrong with the figure"),
        (GOOD | {"area": "twon"}, "column area: found twon; expected a code of areas.csv: did you mean 'town'? There are: town.; use one of these, or add it to areas.csv"),
        (GOOD | {"locator": "IV"}, "column locator: found IV; expected a code of locators.csv: did you mean 'I'? There are: I, II, III.; use one of these, or add it to locators.csv"),
        (GOOD | {"breakdown": "kind"}, "column category: found nothing; expected breakdown and category together, or neither; fill in the other"),
        (part("revenue", "2024", "5", "north"), "column category: found north; expected a code of categories.csv: there are: a, b.; use one of these, or add it to categories.csv"),
        (GOOD | {"unit": "person"}, "column unit: found person; expected cannot convert person to billion_dong: they measure different things.; mend the unit, or flag the row as mislabelled"),
        (GOOD | {"unit": "bilion_dong"}, "column unit: found bilion_dong; expected unknown unit 'bilion_dong': did you mean 'billion_dong'?"),
        (figure("visits", "2025", "900", "target"), "column period: found 2025; expected the years that the total is over, such as 2021/2025; write both years"),
    ],
)  # fmt: skip
def test_each_offence_says_where_what_and_what_to_do(tmp_path, row, message):
    (found,) = offences(tmp_path, [row])
    assert found.startswith(f"observations/money.csv, row 2, {message}")


def test_a_wrong_indicator_is_reported_once(tmp_path):
    (found,) = offences(tmp_path, [GOOD | {"indicator": "revenu"}])
    assert "column indicator: found revenu; expected a code of indicators.csv: did you mean 'revenue'?" in found


def test_a_key_that_occurs_twice_names_both_rows(tmp_path):
    (found,) = offences(tmp_path, [GOOD, GOOD])
    assert "row 3" in found
    assert "found the key revenue, town, 2024, -, -, actual, report, I, 182,6" in found
    assert "it stands in observations/money.csv, row 2, already; leave one out" in found


def test_all_offences_come_at_once_in_order(tmp_path):
    found = offences(tmp_path, [GOOD | {"value": "1"}, GOOD | {"period": "2023", "status": "X", "area": "twon"}])
    assert [text.split(":")[0].split("row ")[1] for text in found] == [
        "2, column value",
        "3, column area",
        "3, column status",
    ]


def test_an_observation_belongs_into_the_file_of_its_sector(tmp_path):
    sectors = [*TABLE_ROWS["sectors"], {"sector": "land", "name_vi": "Đất", "name_en": "Land"}]
    folder = write_town(tmp_path / "town", CATALOGUE, [], sectors=sectors)
    write_rows(folder / "observations" / "land.csv", OBSERVATIONS.columns, [GOOD])
    with pytest.raises(DataError, match=r"land.csv, row 2, column indicator: found revenue; .*; move the row"):
        load(str(folder))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"unit": "bilion_dong"}, "column unit: found 'bilion_dong'; expected unknown unit 'bilion_dong': did you mean 'billion_dong'?"),
        ({"formula": "revenue +"}, "column formula: found 'revenue +'; expected not a formula: 'revenue +'; use + - * /"),
        ({"formula": "revenu * 2"}, "column formula: found 'revenu * 2'; expected unknown indicator 'revenu': did you mean 'revenue'?"),
        ({"formula": "extra + 1"}, "column formula: found 'extra + 1'; expected no circle of formulas; break the circle"),
        ({"decimals": "one"}, "column decimals: found one; expected a whole number up to 15; write it in that form"),
        ({"minimum": "-"}, "column minimum: found -; expected a plain decimal such as 182.6"),
        ({"sector": "moeny"}, "column sector: found moeny; expected a code of sectors.csv: did you mean 'money'?"),
        ({"share_of": "all"}, "column share_of: found all; expected a code of indicators.csv"),
    ],
)  # fmt: skip
def test_the_catalogue_is_checked_too(tmp_path, change, message):
    (found, *_) = offences(tmp_path, [GOOD], [indicator("revenue"), indicator("extra") | change])
    assert f"indicators.csv, row 3, {message}" in found


def test_broken_files_are_named(tmp_path):
    folder = write_town(tmp_path / "town", CATALOGUE, [GOOD])
    (folder / "areas.csv").write_bytes(b"area\xff\n")
    (folder / "sectors.csv").unlink()
    (folder / "breakdowns.csv").write_text("breakdown,name\n", encoding="utf-8")
    describe(folder, term="2025-06", schema_version="0", title="")
    with pytest.raises(DataError) as raised:
        load(str(folder))
    text = str(raised.value)
    assert text.startswith("data set town is invalid, 6 offences:")
    assert "areas.csv: found bytes that are not UTF-8" in text
    assert "sectors.csv: found no such file; expected a CSV table" in text
    assert "breakdowns.csv, row 1: found header breakdown,name; expected breakdown,parts,name_vi,name_en" in text
    assert "column schema_version: found '0'; expected '1'" in text
    assert "column title: found ''; expected a text; fill it in" in text


def test_a_description_that_does_not_fit_the_folder_says_how_to_mend_it(tmp_path):
    folder = write_town(tmp_path / "town", CATALOGUE, [GOOD])
    describe(folder, resources=[])
    with pytest.raises(DataError, match=r"found no resource sectors; .* python -m laichau_analysis.schema FOLDER"):
        load(str(folder))


def test_values_stand_in_the_indicators_unit(town):
    data = town(CATALOGUE, [GOOD, figure("revenue", "2023", "120.000", unit="million_dong")])
    assert data.observations["number"].tolist() == [182.6, 120.0]
    assert str(data.interval(1)) == "[119.9995, 120.0005)"


def test_a_mislabelled_figure_is_used_as_the_indicators_unit(town):
    row = figure("revenue", "2025", "135", "target", unit="person", flag="mislabelled", note="Printed per person.")
    assert town(CATALOGUE, [row]).observations["number"].item() == 135


def test_of_several_printed_values_the_one_with_more_digits_is_used_then_the_first_read(town):
    rows = [
        figure("revenue", "2024", "183", locator="I"),
        figure("revenue", "2024", "182,6", locator="III"),
        figure("revenue", "2024", "182,5", locator="II"),
        figure("revenue", "2024", "182,55", locator="II", flag="implausible", note="Cannot be."),
    ]
    observations = town(CATALOGUE, rows).observations
    assert observations.loc[observations["preferred"], "printed"].tolist() == ["182,5"]


def test_targets_counts_and_measured_figures_differ_in_precision(town):
    data = town(
        CATALOGUE,
        [
            figure("revenue", "2025", "300", "target"),
            figure("visits", "2024", "647"),
            figure("revenue", "2024", "300"),
            figure("rate", "2024", "100%"),
            figure("rate", "2024", "95%", "stated_attainment"),
            figure("visits", "2023", "400", qualifier="nearly"),
        ],
    )  # fmt: skip
    assert [str(data.interval(i)) for i in range(6)] == [
        "[300, 300]",
        "[647, 647]",
        "[299.5, 300.5)",
        "[99.5, 100.5)",
        "[94.5, 95.5)",
        "None",
    ]


def test_text_is_composed_and_the_order_of_rows_is_kept(tmp_path):
    decomposed = "Ngân sách"
    sectors = [{"sector": "money", "name_vi": decomposed, "name_en": "Money"}]
    data = load(str(write_town(tmp_path / "town", CATALOGUE, [GOOD], sectors=sectors)))
    assert data.names("sectors", "vi") == {"money": "Ngân sách"}


def test_the_state_of_a_year(town):
    data = town(
        CATALOGUE,
        [
            figure("revenue", "2022", "5"),
            figure("revenue", "2021/2024-06", "9"),
            figure("rate", "2025", "9%", "target"),
        ],
    )
    assert data.years() == [2022, 2024]
    assert data.state_of(0) == 2024
    assert data.state_of(2023) == 2023
    with pytest.raises(
        MissingDataError, match="no figures up to the year 2021 in data set town; there are: 2022, 2024"
    ):
        data.state_of(2021)


def test_sectors_restrict_indicators_and_figures(lai_chau):
    own = lai_chau.only(["budget"])
    assert set(own.indicators["sector"]) == set(own.observations["sector"]) == {"budget"}
    with pytest.raises(UnknownNameError, match="unknown sector 'budgte' in data set lai-chau: did you mean 'budget'"):
        lai_chau.only(["budgte"])


def test_wrong_names_are_answered_with_the_nearest(lai_chau, monkeypatch, tmp_path):
    with pytest.raises(UnknownNameError, match="did you mean 'poor_households'"):
        lai_chau.indicator("poor_houshold")
    with pytest.raises(UsageError, match="unknown data set 'lai-chu': did you mean 'lai-chau'"):
        load("lai-chu")
    with pytest.raises(UsageError, match=r"no data set at .*: expected a folder with a datapackage.json"):
        load(str(tmp_path))


def test_a_data_set_is_found_by_name_along_the_search_path(tmp_path, monkeypatch):
    write_town(tmp_path / "here" / "town", CATALOGUE, [GOOD])
    monkeypatch.setenv("LAICHAU_DATA", str(tmp_path / "here"))
    assert load("town").name == "town"


def test_the_long_table_reads_back_equal(lai_chau, tmp_path):
    path = tmp_path / "all.csv"
    long_table(lai_chau).to_csv(path, index=False)
    back = pd.read_csv(path, dtype=str, keep_default_na=False)
    assert list(back.columns) == [*OBSERVATIONS.columns, "sector", "name_vi", "name_en"]
    assert len(back) == len(lai_chau.observations)
    assert (back["unit"] != "").all()
    numbers = back["value"].astype(float)
    assert (numbers == lai_chau.observations["value"]).all()
    assert back["printed"].tolist() == lai_chau.observations["printed"].tolist()


def test_every_limit_and_digit_of_the_catalogue_is_a_number(lai_chau):
    assert lai_chau.indicators["decimals"].between(0, 3).all()
    assert all(math.isnan(m) or m >= 0 for m in lai_chau.indicators["minimum"])


def test_a_number_is_preferred_to_a_bound_and_more_digits_to_both(town):
    rows = [figure("x", "2024", "647", qualifier="over"), figure("x", "2024", "647", locator="II")]
    data = town([indicator("x")], rows)
    assert data.observations.loc[data.observations["preferred"], "qualifier"].tolist() == [""]
    finer = town([indicator("x")], [*rows, figure("x", "2024", "647,2", locator="III", qualifier="over")])
    assert finer.observations.loc[finer.observations["preferred"], "printed"].tolist() == ["647,2"]


def test_a_data_set_says_what_it_holds(town):
    sectors = [
        {"sector": "money", "name_vi": "Ngân sách", "name_en": "Money"},
        {"sector": "land", "name_vi": "Đất <đai>", "name_en": "<Land>"},
    ]
    catalogue = [indicator("x"), indicator("y"), indicator("z", sector="land")]
    rows = [figure("x", "2024", "1"), figure("x", "2023", "2"), figure("z", "2024", "3")]
    data = town(catalogue, rows, sectors=sectors)
    assert repr(data).splitlines() == [
        "Dataset town: Invented town (Thị trấn bịa)",
        "term 2021-2025, 3 figures of 3 indicators",
        "  money     2  Money",
        "  land      1  <Land>",
        "source report: Report",
    ]
    html = data._repr_html_()
    assert ">&lt;Land&gt; (Đất &lt;đai&gt;)</td><td>1</td><td>1</td>" in html
    assert "<Land>" not in html
    assert data.contents()["indicators"].tolist() == [1, 1]


def test_an_indicator_is_looked_up_in_brackets(town):
    data = town(
        [indicator("revenue"), indicator("y")], [figure("revenue", "2024", "1"), figure("revenue", "2023", "2")]
    )
    assert data["revenue"]["printed"].tolist() == ["1", "2"]
    assert "indicator" not in data["revenue"]
    assert data._ipython_key_completions_() == ["revenue", "y"]
    with pytest.raises(UnknownNameError, match="unknown indicator 'revenu' in data set town: did you mean 'revenue'"):
        data["revenu"]
