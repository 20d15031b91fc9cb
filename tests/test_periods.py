import pytest

from laichau_analysis.periods import period


@pytest.mark.parametrize(
    ("code", "kind", "years", "t"),
    [
        ("2024", "year", 1.0, 2025.0),
        ("2024-S1", "half", 0.5, 2024.5),
        ("2024-S2", "half", 0.5, 2025.0),
        ("2024-06", "date", 0.0, 2024.5),
        ("2021/2024", "span", 4.0, 2025.0),
        ("2021/2024-06", "span", 3.5, 2024.5),
        ("../2024", "open", 0.0, 2025.0),
        ("../2024-06", "open", 0.0, 2024.5),
    ],
)
def test_length_and_end(code, kind, years, t):
    found = period(code)
    assert (found.kind, found.years, found.t) == (kind, years, t)


@pytest.mark.parametrize(
    "code", ["", "24", "2024-13", "2024-S3", "2024/2021", "2024/", "../", "2021/2024-S4", "2021//2024"]
)
def test_other_codes_are_refused(code):
    with pytest.raises(ValueError, match=r"not a period|ends before it starts"):
        period(code)


@pytest.mark.parametrize(
    ("wide", "narrow", "holds"),
    [
        ("2021/2024", "2024", True),
        ("2021/2024", "2025", False),
        ("2024", "2024-06", True),
        ("2024", "2023-12", False),
        ("2024-06", "2024", False),
        ("../2024", "2022", True),
        ("2022/2024", "2021/2024", False),
    ],
)
def test_containment(wide, narrow, holds):
    assert period(wide).contains(period(narrow)) is holds
