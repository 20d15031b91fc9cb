"""A period code: which months it covers, and how it is compared with others.

The codes of a data set: ``2024`` (a year), ``2024-S1`` (half-year), ``2024-06`` (the state at
a month's end), ``2021/2024`` and ``2021/2024-06`` (cumulative, both ends included) and
``../2024`` (cumulative, the start is not printed).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

__all__ = ["PATTERN", "Period", "period"]

_END = r"\d{4}(?:-(?:S[12]|0[1-9]|1[0-2]))?"
PATTERN = rf"(?:\d{{4}}/|\.\./)?{_END}"


@dataclass(frozen=True)
class Period:
    """A span of months, or a date at a month's end.

    Attributes
    ----------
    code : str
        As it stands in the tables.
    kind : {'year', 'half', 'date', 'span', 'open'}
        ``span`` is cumulative, ``open`` is cumulative without a printed start.
    start : int or None
        First month, counted from the year 0; None for a date and where no start is printed.
    end : int
        The month after the last one.
    """

    code: str
    kind: str
    start: int | None
    end: int

    @property
    def t(self) -> float:
        """End of the period in years: the end of June 2024 is 2024.5."""
        return self.end / 12

    @property
    def year(self) -> int:
        """Calendar year in which the period ends."""
        return (self.end - 1) // 12

    @property
    def first_year(self) -> int | None:
        """Calendar year in which the period starts."""
        return None if self.start is None else self.start // 12

    @property
    def years(self) -> float:
        """Length in years; 0 for a date and where no start is printed."""
        return 0.0 if self.start is None else (self.end - self.start) / 12

    @property
    def whole_years(self) -> bool:
        """Whether it begins and ends with a calendar year."""
        return self.start is not None and self.start % 12 == 0 and self.end % 12 == 0

    def contains(self, other: Period) -> bool:
        """Whether the other period lies within this one."""
        if other.end > self.end or self.kind == "date":
            return self == other
        if self.start is None:
            return other.start is None or other.start < other.end
        return other.end > self.start and (other.start is None or other.start >= self.start)


@cache
def period(code: str) -> Period:
    """Read a period code.

    Examples
    --------
    >>> period("2024").t, period("2024-06").t, period("2021/2025").years
    (2025.0, 2024.5, 5.0)
    >>> period("2021/2024-06").years
    3.5
    >>> period("../2024").start is None
    True

    Raises
    ------
    ValueError
        If the code is not of the contract's form, or ends before it starts.
    """
    if not re.fullmatch(PATTERN, code, re.ASCII):
        raise ValueError(f"not a period: {code!r}")
    head, _, tail = code.rpartition("/")
    year, _, part = tail.partition("-")
    first = int(year) * 12
    if part.startswith("S"):
        start, end, kind = first + 6 * (int(part[1]) - 1), first + 6 * int(part[1]), "half"
    elif part:
        start, end, kind = None, first + int(part), "date"
    else:
        start, end, kind = first, first + 12, "year"
    if head == "..":
        return Period(code, "open", None, end)
    if head:
        if int(head) * 12 >= end:
            raise ValueError(f"ends before it starts: {code!r}")
        return Period(code, "span", int(head) * 12, end)
    return Period(code, kind, start, end)
