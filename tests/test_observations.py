"""What the loader works out for whole columns, against the same done row by row."""

from decimal import Decimal

import pytest

from laichau_analysis.dataset import KEY
from laichau_analysis.errors import DataError
from laichau_analysis.precision import parse_printed
from laichau_analysis.units import conversion
from tests.towns import figure, indicator, part


def test_what_follows_from_each_shipped_row(lai_chau):
    locators = lai_chau.tables["locators"]
    order = {place: i for i, place in enumerate(zip(locators["source"], locators["locator"], strict=True))}
    for row in lai_chau.observations.to_dict("records"):
        read = parse_printed(row["printed"], row["language"])
        own = lai_chau.catalogue[row["indicator"]]
        mislabelled = row["flag"] == "mislabelled"  # used as what it must mean
        factor = conversion(row["unit"], own["unit"]) if row["unit"] and not mislabelled else Decimal(1)
        assert (row["sector"], row["file"]) == (own["sector"], f"observations/{own['sector']}.csv")
        assert (row["value"], row["decimals"], row["factor"]) == (float(read.value), read.decimals, factor)
        assert row["number"] == float(read.value * factor)
        assert row["step"] == float(factor) * 10.0**-read.decimals
        assert row["order"] == order[row["source"], row["locator"]]
        upper = float("nan") if read.upper is None else float(read.upper * factor)
        assert row["number_max"] == upper or upper != upper


def test_one_row_of_each_figure_is_preferred_the_best_that_there_is(lai_chau):
    def rank(row):
        return row["step"], row["qualifier"] != "", row["order"]

    usable = lai_chau.observations[lai_chau.observations["flag"] != "implausible"]
    for _, rows in usable.groupby([*KEY, "measure"]):
        preferred = rows[rows["preferred"]].to_dict("records")
        assert [rank(row) for row in preferred] == [min(map(rank, rows.to_dict("records")))]
    assert not lai_chau.observations["preferred"][lai_chau.observations["flag"] == "implausible"].any()


def test_of_rows_that_are_as_good_the_first_of_the_files_is_preferred(town):
    rows = [figure("x", "2024", "5", qualifier="over"), figure("x", "2024", "6", qualifier="over")]
    assert town([indicator("x")], rows).observations["preferred"].tolist() == [True, False]


@pytest.mark.parametrize("upper", ["", "10,5"])
def test_ranges_have_an_upper_end_in_the_indicators_unit(town, upper):
    printed = f"9,5-{upper}" if upper else "9,5"
    row = figure("x", "2024", printed, unit="million_dong")
    data = town([indicator("x")], [row, part("x", "2024", "1", "a")])
    first = data.observations.iloc[0]
    assert (first["number"], first["value"]) == (0.0095, 9.5)
    assert first["number_max"] == 0.0105 if upper else first["number_max"] != first["number_max"]
    assert data.observations["factor"].tolist() == [Decimal("0.001"), Decimal(1)]


def test_numbers_of_fifteen_digits_are_still_told_apart(town):
    row = figure("x", "2024", "123.456.789.012,345") | {"value": "123456789012.346"}
    with pytest.raises(DataError, match=r"expected 123456789012\.345, since 123\.456\.789\.012,345 is printed"):
        town([indicator("x")], [row])
