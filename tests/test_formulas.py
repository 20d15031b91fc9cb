from decimal import Decimal

import pytest

from laichau_analysis.formulas import Input, parse_formula
from laichau_analysis.precision import exact


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a + b", 14), ("a - b * 2", 2), ("(a - b) / b", 1.5), ("a / b / 2", 1.25), ("a[old] + 1", 101)],
)
def test_arithmetic_follows_the_usual_order(text, expected):
    values = {Input("a"): 10, Input("b"): 4, Input("a", "old"): 100}
    assert parse_formula(text).evaluate(values.__getitem__, float) == expected


def test_numbers_keep_their_digits():
    result = parse_formula("a * 0.1").evaluate(lambda item: exact(Decimal(3)), exact)
    assert result.low == Decimal("0.3")


@pytest.mark.parametrize(
    "text",
    [
        "a +",
        "a ** b",
        "-a",
        "f(a)",
        "a.b",
        "a['x']",
        "a if b else c",
        "'a'",
        "True + a",
        "a == b",
        "a; b",
        "(" * 300,
        "a[b][c]",
    ],
)
def test_anything_else_is_no_formula(text):
    with pytest.raises(ValueError, match="not a formula"):
        parse_formula(text)


def test_a_formula_has_a_length_and_an_input():
    with pytest.raises(ValueError, match="at most 500 characters, this one has 601"):
        parse_formula("a" + "+a" * 300)
    with pytest.raises(ValueError, match="names at least one indicator"):
        parse_formula("1 + 2")
