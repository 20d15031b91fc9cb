from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laichau_analysis.errors import UnknownNameError, UsageError
from laichau_analysis.units import ATOMS, conversion, unit

MONEY = [code for code, atom in ATOMS.items() if dict(atom.dimension) == {"dong": 1}]


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("billion_dong", "million_dong", "1000"),
        ("million_dong", "billion_dong", "0.001"),
        ("dong", "million_dong", "0.000001"),
        ("square_kilometre", "ha", "100"),
        ("tonne", "gram", "1000000"),
        ("one", "per_mille", "1000"),
        ("percent", "per_mille", "10"),
        ("million_dong/person", "thousand_dong/person/year", "1000"),
    ],
)
def test_conversion_is_exact(source, target, factor):
    assert conversion(source, target) == Decimal(factor)


@given(st.sampled_from(MONEY), st.sampled_from(MONEY))
def test_there_and_back_is_one(one, other):
    assert conversion(one, other) * conversion(other, one) == 1


@pytest.mark.parametrize(("source", "target"), [("person", "household"), ("million_dong", "million_dong/person")])
def test_different_things_are_not_converted(source, target):
    with pytest.raises(UsageError, match=f"cannot convert {source} to {target}: they measure different things"):
        conversion(source, target)


def test_compound_units_are_named_in_both_languages():
    one = unit("million_dong/ha/year")
    assert (one.name_vi, one.name_en) == ("triệu đồng/ha/năm", "million dong per ha per year")
    assert not one.countable


def test_an_unknown_atom_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="unknown unit 'bilion_dong': did you mean 'billion_dong'"):
        unit("bilion_dong/person")


def test_only_countable_units_are_exact():
    assert unit("person").countable
    assert not unit("percent").countable
    assert not unit("person/school").countable
