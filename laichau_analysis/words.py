"""How a language writes numbers, dates and texts.

English stands in the code, Vietnamese in ``locale/vi/LC_MESSAGES/laichau_analysis.po``.
"""

from __future__ import annotations

import gettext
import io
import math
from decimal import localcontext
from functools import cache
from pathlib import Path
from typing import Any, Final

from babel.core import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from .errors import UnknownNameError
from .periods import period
from .schema import LANGUAGES
from .units import unit

__all__ = ["DOMAIN", "LOCALE", "N_", "Words", "half_up"]

DOMAIN: Final = "laichau_analysis"
LOCALE: Final = Path(__file__).parent / "locale"


def N_(message: str) -> str:  # noqa: N802 - the name that gettext tools look for
    """Mark a text for translation where it is looked up later."""
    return message


class Words:
    """How one language writes numbers, periods and sentences.

    Parameters
    ----------
    language : {'vi', 'en'}

    Examples
    --------
    >>> Words("vi").number(1234.5, 1), Words("en").number(1234.5, 1)
    ('1.234,5', '1,234.5')
    >>> Words("vi").amount(182.6, "billion_dong", 1), Words("en").amount(60.9, "percent", 1)
    ('182,6 tỷ đồng', '60.9%')
    """

    def __init__(self, language: str) -> None:
        if language not in LANGUAGES:
            raise UnknownNameError("language", language, LANGUAGES)
        self.language = language
        self._locale = Locale(language)
        self._catalogue = _catalogue(language)

    def text(self, message: str, /, **values: Any) -> str:
        """Translate a text and fill in its names and numbers."""
        translated = self._catalogue.gettext(message) if message else ""
        return translated.format(**values) if values else translated

    def plural(self, one: str, many: str, count: int, /, **values: Any) -> str:
        """Translate a text that depends on a count."""
        return self._catalogue.ngettext(one, many, count).format(count=self.number(count), **values)

    def number(self, value: float, decimals: int = 0, *, signed: bool = False) -> str:
        """Write a number; ``signed`` puts a plus before what is above zero."""
        rounded = half_up(value, decimals)
        pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
        with localcontext(prec=500):  # by itself Babel writes no number of more than 28 digits
            text = format_decimal(abs(rounded), format=pattern, locale=self._locale)
        sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + text

    def percent(self, value: float, decimals: int = 1, *, signed: bool = False) -> str:
        """Write a number of per cent."""
        return self.number(value, decimals, signed=signed) + "%"

    def amount(self, value: float, unit_code: str, decimals: int, *, signed: bool = False) -> str:
        """Write a number with its unit."""
        number = self.number(value, decimals, signed=signed)
        one = unit(unit_code)
        if one.symbol:
            return number + one.symbol
        return f"{number} {self.unit_name(unit_code, value)}".rstrip()

    def difference(self, value: float, unit_code: str, decimals: int, *, signed: bool = False) -> str:
        """Write a change, or its size alone: percentages change by points."""
        size = value if signed else abs(value)
        if unit(unit_code).is_percentage:
            points = N_("{number} points") if unit(unit_code).symbol == "%" else N_("{number} points per thousand")
            return self.text(points, number=self.number(size, decimals, signed=signed))
        return self.amount(size, unit_code, decimals, signed=signed)

    def unit_name(self, unit_code: str, value: float = 2) -> str:
        """Name of a unit, singular in English for one."""
        one = unit(unit_code)
        if self.language == "vi":
            return one.name_vi
        return one.one_en if value == 1 else one.name_en

    def period(self, code: str) -> str:
        """A period as a label.

        Examples
        --------
        >>> Words("en").period("2021/2024"), Words("en").period("2024-06"), Words("vi").period("2024-S1")
        ('2021–2024', 'June 2024', '6 tháng đầu năm 2024')
        """
        span = period(code)
        end = self._end(code.rpartition("/")[2])
        if span.kind == "open":
            # Vietnamese says that a year is meant to its end.
            return self._catalogue.pgettext("year" if "-" not in code else "part", "up to {end}").format(end=end)
        if span.kind != "span":
            return end
        first = str(span.first_year)
        return f"{first}–{end}" if span.whole_years else self.text("{first} to {end}", first=first, end=end)

    def heading(self, code: str) -> str:
        """A period as it stands alone, in a cell or on an axis.

        Examples
        --------
        >>> Words("en").heading("2024-S1"), Words("vi").heading("../2024")
        ('First half of 2024', 'Lũy kế đến hết năm 2024')
        """
        label = self.period(code)
        label = label.removeprefix("the ") if self.language == "en" else label
        return label[0].upper() + label[1:]

    def within(self, code: str) -> str:
        """A period as it stands in a sentence.

        Examples
        --------
        >>> Words("en").within("2024"), Words("vi").within("2021/2024"), Words("vi").within("2024-06")
        ('in 2024', 'giai đoạn 2021–2024', 'đến tháng 6/2024')
        """
        span = period(code)
        label = self.period(code)
        if span.kind == "date":
            return self.text("as of {period}", period=label)
        if span.kind == "span" and not span.whole_years:
            return self.text("from {period}", period=label)
        if span.kind == "open":
            return label
        # Vietnamese says another word for a year than for a span of years, and none for a half.
        return self._catalogue.pgettext(span.kind, "in {period}").format(period=label)

    def meant_for(self, code: str) -> str:
        """A target's period as it stands in a sentence.

        Examples
        --------
        >>> Words("en").meant_for("2025"), Words("vi").meant_for("2021/2025")
        ('for 2025', 'của giai đoạn 2021–2025')
        """
        return self._catalogue.pgettext(period(code).kind, "for {period}").format(period=self.period(code))

    def _end(self, code: str) -> str:
        year, _, part = code.partition("-")
        if not part:
            return year
        if part.startswith("S"):
            halves = {"S1": N_("the first half of {year}"), "S2": N_("the second half of {year}")}
            return self.text(halves[part], year=year)
        if self.language == "vi":
            return f"tháng {int(part)}/{year}"
        return f"{self._locale.months['stand-alone']['wide'][int(part)]} {year}"

    def date(self, day: str) -> str:
        """A day such as 2024-08-01, as the language writes it."""
        year, month, number = (int(part) for part in day.split("-"))
        if self.language == "vi":
            return f"{number}/{month}/{year}"
        return f"{number} {self._locale.months['stand-alone']['wide'][month]} {year}"


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    """The texts of a language; English is the language of the code."""
    if language == "en":
        return gettext.NullTranslations()
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def half_up(value: float, decimals: int) -> float:
    """Round as the reader would with the printed digits: 60.85 is 60.9."""
    scale = 10.0**decimals
    nearest = math.floor(round(abs(value) * scale, 6) + 0.5) / scale
    return math.copysign(nearest, value) if nearest else 0.0
