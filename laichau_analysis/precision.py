"""A printed number -> the interval it stands for.

``182,6`` stands for every number that rounds to it, [182.55, 182.65). Whole numbers in a
countable unit are exact. All arithmetic is decimal, halves are rounded up, and every end of
an interval knows whether it belongs to it, so that a figure on the very edge is judged right.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal
from functools import cache, lru_cache
from typing import Final, NamedTuple

__all__ = [
    "Interval",
    "Printed",
    "exact",
    "parse_printed",
    "round_half_up",
    "rounded_to",
    "stands_for",
    "supported_decimals",
    "truncate",
]

INFINITY: Final = Decimal("Infinity")
MOST_DIGITS: Final = 15
"""Digits of a number: as many as a floating point number holds."""
_GROUPS: Final = {"vi": (".", ","), "en": (",", ".")}
_SIGNS: Final = "%‰"
_WIDE: Final = Context(prec=500)
"""Rounds numbers of any size; usual contexts refuse more than 28 digits."""


class Printed(NamedTuple):
    """A number token of a document, read.

    Attributes
    ----------
    value : Decimal
        The number, or the lower end of a range.
    upper : Decimal or None
        The upper end of a range.
    decimals : int
        Digits after the decimal sign.
    sign : str
        ``%``, ``‰`` or empty.
    """

    value: Decimal
    upper: Decimal | None
    decimals: int
    sign: str


@dataclass(frozen=True)
class Interval:
    """All the numbers between two ends.

    Attributes
    ----------
    low, high : Decimal
        The ends; infinite where there is none.
    low_closed, high_closed : bool
        Whether the end itself belongs to the interval.

    Examples
    --------
    >>> revenue = rounded_to(Decimal("182.6"), 1)
    >>> print(revenue)
    [182.55, 182.65)
    >>> print(revenue.scaled(Decimal(100)) / exact(Decimal(300)))
    [60.85, 60.88333333333333333333333333)
    """

    low: Decimal
    high: Decimal
    low_closed: bool = True
    high_closed: bool = False

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"an interval cannot end before it starts: {self.low} > {self.high}")

    def __str__(self) -> str:
        low, high = (f"{end.normalize():f}" if end.is_finite() else str(end) for end in (self.low, self.high))
        return f"{'[' if self.low_closed else '('}{low}, {high}{']' if self.high_closed else ')'}"

    @property
    def is_bounded(self) -> bool:
        """Whether both ends are finite."""
        return self.low.is_finite() and self.high.is_finite()

    def __contains__(self, value: Decimal) -> bool:
        above = value > self.low or (value == self.low and self.low_closed)
        below = value < self.high or (value == self.high and self.high_closed)
        return above and below

    def overlaps(self, other: Interval) -> bool:
        """Whether any number lies in both intervals."""
        return self._starts_before_end_of(other) and other._starts_before_end_of(self)

    def _starts_before_end_of(self, other: Interval) -> bool:
        return self.low < other.high or (self.low == other.high and self.low_closed and other.high_closed)

    def clipped(self, minimum: Decimal | None, maximum: Decimal | None) -> Interval:
        """Leave out what is not possible at all."""
        low, low_closed, high, high_closed = self.low, self.low_closed, self.high, self.high_closed
        if minimum is not None and low < minimum <= high:
            low, low_closed = minimum, True
        if maximum is not None and low <= maximum < high:
            high, high_closed = maximum, True
        return Interval(low, high, low_closed, high_closed)

    def scaled(self, factor: Decimal) -> Interval:
        """Multiply by a positive constant."""
        return Interval(self.low * factor, self.high * factor, self.low_closed, self.high_closed)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.high_closed, self.low_closed)

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            self.low + other.low,
            self.high + other.high,
            self.low_closed and other.low_closed,
            self.high_closed and other.high_closed,
        )

    def __sub__(self, other: Interval) -> Interval:
        return self + (-other)

    def __mul__(self, other: Interval) -> Interval:
        return self._combined(other, _times)

    def __truediv__(self, other: Interval) -> Interval:
        if Decimal(0) in other or other.low < 0 < other.high:
            raise ZeroDivisionError(f"the divisor {other} holds zero")
        if other.high <= 0:
            return -self / -other
        return self._combined(other, _over)

    def _combined(self, other: Interval, operation: Callable[[Decimal, Decimal], Decimal]) -> Interval:
        corners = [
            (operation(a, b), a_closed and b_closed)
            for a, a_closed in ((self.low, self.low_closed), (self.high, self.high_closed))
            for b, b_closed in ((other.low, other.low_closed), (other.high, other.high_closed))
        ]
        low, high = min(end for end, _ in corners), max(end for end, _ in corners)
        return Interval(
            low,
            high,
            any(closed for end, closed in corners if end == low),
            any(closed for end, closed in corners if end == high),
        )


def _times(a: Decimal, b: Decimal) -> Decimal:
    return Decimal(0) if not a or not b else a * b


def _over(a: Decimal, b: Decimal) -> Decimal:
    if not b:
        return INFINITY.copy_sign(a) if a else Decimal(0)
    return Decimal(0) if b.is_infinite() else a / b


def exact(value: Decimal) -> Interval:
    """The interval that holds one number only."""
    return Interval(value, value, True, True)


def rounded_to(value: Decimal, decimals: int) -> Interval:
    """All the numbers that round (halves away from zero) to a value with so many decimals.

    Examples
    --------
    >>> print(rounded_to(Decimal("61"), 0), rounded_to(Decimal("-1.5"), 1))
    [60.5, 61.5) (-1.55, -1.45]
    """
    half = Decimal(5).scaleb(-decimals - 1)
    return Interval(value - half, value + half, value > -half, value <= -half)


def stands_for(
    printed: Printed,
    *,
    qualifier: str = "",
    whole_is_exact: bool = False,
    factor: Decimal = Decimal(1),
    minimum: Decimal | None = None,
    maximum: Decimal | None = None,
) -> Interval | None:
    """The interval that a printed figure stands for.

    Parameters
    ----------
    printed : Printed
    qualifier : str
        ``over``, ``at_least`` and ``under`` make the interval one-sided; ``nearly`` and ``about``
        are too vague for one.
    whole_is_exact : bool
        Whether a whole number is meant exactly, as persons and targets are.
    factor : Decimal
        Turns the printed unit into the wanted one.
    minimum, maximum : Decimal, optional
        What is possible at all, in the wanted unit.

    Returns
    -------
    Interval or None
        None where the figure is vague.

    Examples
    --------
    >>> print(stands_for(parse_printed("182,6")))
    [182.55, 182.65)
    >>> print(stands_for(parse_printed("96%"), qualifier="over", maximum=Decimal(100)))
    (96, 100]
    """
    upper = printed.upper if printed.upper is not None else printed.value
    match qualifier:
        case "nearly" | "about":
            return None
        case "over":
            whole = Interval(printed.value, INFINITY, False, False)
        case "at_least":
            whole = Interval(printed.value, INFINITY, True, False)
        case "under":
            whole = Interval(-INFINITY, upper, False, False)
        case _ if whole_is_exact and not printed.decimals:
            whole = Interval(printed.value, upper, True, True)
        case _:
            first, last = rounded_to(printed.value, printed.decimals), rounded_to(upper, printed.decimals)
            whole = Interval(first.low, last.high, first.low_closed, last.high_closed)
    return whole.scaled(factor).clipped(minimum, maximum)


def round_half_up(value: Decimal, decimals: int) -> Decimal:
    """Round, halves away from zero.

    Examples
    --------
    >>> round_half_up(Decimal("60.85"), 1)
    Decimal('60.9')
    """
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=_WIDE)


def truncate(value: Decimal, decimals: int) -> Decimal:
    """Cut off after so many decimals.

    Examples
    --------
    >>> truncate(Decimal("60.867"), 1)
    Decimal('60.8')
    """
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN, context=_WIDE)


@cache
def _form(language: str) -> re.Pattern[str]:
    """What number tokens of a language look like."""
    if language not in _GROUPS:
        raise ValueError(f"no number format is known for language {language!r}")
    group, point = (re.escape(mark) for mark in _GROUPS[language])
    number = rf"[-−+]?(?:[1-9]\d{{0,2}}(?:{group}\d{{3}})+|\d+)(?:{point}\d+)?"
    form = rf"({number})\s?([{_SIGNS}]?)(?:\s?[-–]\s?({number})\s?([{_SIGNS}]?))?"
    return re.compile(form, re.ASCII)


@lru_cache(maxsize=2**16)
def parse_printed(token: str, language: str = "vi") -> Printed:
    """Read a number token as a document prints it.

    Parameters
    ----------
    token : str
        Such as ``182,6``, ``95%``, ``07``, ``-1,5`` or ``9,5‰-10‰``.
    language : {'vi', 'en'}
        Vietnamese writes 1.234,5 and English 1,234.5.

    Returns
    -------
    Printed

    Raises
    ------
    ValueError
        If the token is not a number of that language.

    Examples
    --------
    >>> parse_printed("2.084").value, parse_printed("1,50%").decimals
    (Decimal('2084'), 2)
    >>> parse_printed("9,5‰-10‰")
    Printed(value=Decimal('9.5'), upper=Decimal('10'), decimals=1, sign='‰')
    """
    match = _form(language).fullmatch(token)
    if match is None:
        raise ValueError(f"not a number as {language} prints it: {token!r}")
    first, sign, second, second_sign = match.groups()
    if second is not None and sign and second_sign != sign:
        raise ValueError(f"the ends of a range must bear the same sign: {token!r}")
    value, decimals = _number(first, language)
    if second is None:
        return Printed(value, None, decimals, sign)
    upper, upper_decimals = _number(second, language)
    if upper <= value:
        raise ValueError(f"a range must end above its start: {token!r}")
    return Printed(value, upper, max(decimals, upper_decimals), second_sign or sign)


def _number(text: str, language: str) -> tuple[Decimal, int]:
    group, point = _GROUPS[language]
    plain = text.replace(group, "").replace(point, ".").replace("−", "-")
    if len(plain) > MOST_DIGITS and sum(map(str.isdigit, plain)) > MOST_DIGITS:
        raise ValueError(f"a number of more than {MOST_DIGITS} digits: {text!r}")
    return Decimal(plain), len(plain.partition(".")[2])


def supported_decimals(size: float, relative_step: float, most: int = 1) -> int:
    """Decimals that a ratio of some size can bear when its input is only known so well.

    Parameters
    ----------
    size : float
        The ratio, in the unit in which it is written.
    relative_step : float
        One of the last printed digit of the input, as a part of it.
    most : int
        Decimals at the most.

    Returns
    -------
    int

    Examples
    --------
    62 of 65 is 95%, not 95.4%, as 62 stands for 61.5 to 62.5; 182.6 of 300 bears one decimal:

    >>> supported_decimals(95.4, 1 / 62), supported_decimals(60.87, 0.1 / 182.6)
    (0, 1)
    """
    if not relative_step or math.isnan(relative_step) or not size:
        return most
    return max(0, min(most, math.floor(-math.log10(abs(size) * relative_step))))
