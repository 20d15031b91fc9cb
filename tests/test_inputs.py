import numpy as np
import pytest

from laichau_analysis.formulas import parse_formula
from laichau_analysis.inputs import Inputs
from laichau_analysis.keys import Columns, Keys
from tests.towns import figure, indicator, part


def taken(data, formula):
    """For each place and period the printed tokens that a formula takes."""
    rows = data.observations
    keys = Keys(Columns(rows), data.indicators.index)
    at = np.flatnonzero(rows["preferred"])
    found = Inputs(data.indicators, keys, rows.index.to_numpy(), at).of(parse_formula(formula))
    places = keys.texts(found.places)
    tokens = zip(*(rows["printed"].iloc[own] for own in found.rows), strict=True)
    return dict(zip(zip(places["period"], places["category"], strict=True), tokens, strict=True))


@pytest.fixture
def data(town):
    catalogue = [
        indicator("flow"),
        indicator("stock", unit="person", nature="stock"),
        indicator("rate", unit="percent", nature="rate"),
    ]
    rows = [
        *(figure("flow", code, token) for code, token in [("2023", "3"), ("2024", "4"), ("2021/2024", "10")]),
        *(figure("stock", code, token) for code, token in [("2024-06", "46"), ("2024-12", "49"), ("2023", "39")]),
        *(figure("rate", code, token) for code, token in [("2021/2024", "24%"), ("2021/2025", "25%")]),
        *(part("flow", "2024", token, category) for token, category in [("1", "a"), ("2", "b")]),
        part("stock", "2024", "20", "a"),
    ]
    return town(catalogue, rows)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        # The last date within a year; a year itself before any date.
        ("flow / stock", {("2023", ""): ("3", "39"), ("2024", ""): ("4", "49"), ("2021/2024", ""): ("10", "49"), ("2024", "a"): ("1", "20")}),
        # The shortest period around, and of flows none but the same.
        ("flow * rate", {("2023", ""): ("3", "24%"), ("2024", ""): ("4", "24%"), ("2021/2024", ""): ("10", "24%")}),
        ("rate / flow", {("2023", ""): ("24%", "3"), ("2024", ""): ("24%", "4"), ("2021/2024", ""): ("24%", "10")}),
        # A named category stands for the whole.
        ("flow[a] / flow", {("2024", ""): ("1", "4")}),
        ("flow[a] / flow[b]", {("2024", ""): ("1", "2")}),
        ("flow[nothing] / flow", {}),
    ],
)  # fmt: skip
def test_which_figures_a_formula_takes(data, formula, expected):
    assert taken(data, formula) == expected
