"""What follows from a row of observations, its indicator and its source, and the rules that tie it to them.

Everything is worked out once for each distinct text, or combination of texts, and then given to the rows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from .checks import found_in
from .errors import LaichauError, Offence
from .keys import Distinct, combined, numbered, together
from .periods import PATTERN as PERIOD
from .periods import period
from .precision import MOST_DIGITS, parse_printed
from .schema import NUMBER, STATED
from .sheets import Sheet
from .units import conversion, unit

__all__ = ["KEY", "Rows", "sound"]

KEY: Final = ["indicator", "area", "period", "breakdown", "category"]
"""Columns that say which figure a row speaks of, whatever is said of it."""
ONE: Final = Decimal(1)
Floats = npt.NDArray[np.float64]


def sound(observations: Sheet, sheets: Mapping[str, Sheet]) -> Sheet:
    """The rows whose codes and numbers can be followed up; what is wrong with the others is told by ``checks``."""
    indicators, sources = sheets["indicators"].frame, sheets["sources"].frame
    units = indicators["unit"].map({code: _error_of(_attempt(unit, code)) for code in indicators["unit"].unique()})
    known = set(indicators["indicator"][units == ""])
    read = set(sources["source"][sources["language"].isin(("vi", "en"))])
    tests: dict[str, Callable[[str], Any]] = {
        "indicator": known.__contains__,
        "source": read.__contains__,
        "value": re.compile(NUMBER, re.ASCII).fullmatch,
        "value_max": re.compile(f"({NUMBER})?", re.ASCII).fullmatch,
    }
    stray = [observations.columns[name].rows_unlike(test) for name, test in tests.items()]
    left_out = np.unique(np.concatenate(stray))
    return observations[np.delete(np.arange(len(observations)), left_out)] if len(left_out) else observations


class Rows:
    """Observations, and what follows from them.

    Parameters
    ----------
    sheet : Sheet
        Sound rows.
    sheets : mapping of str to Sheet
        The other tables.
    """

    def __init__(self, sheet: Sheet, sheets: Mapping[str, Sheet]) -> None:
        own, locators = sheet.columns, sheets["locators"].columns
        catalogue = sheets["indicators"].frame.set_index("indicator")
        languages = sheets["sources"].frame.set_index("source")["language"].to_dict()
        self.sheet = sheet
        self.sector, self.accumulation, own_unit = (
            own["indicator"].merged(catalogue[name].to_dict().__getitem__)
            for name in ("sector", "accumulation", "unit")
        )
        self.language = own["source"].merged(languages.__getitem__)
        self.order = found_in((own["source"], own["locator"]), (locators["source"], locators["locator"]))
        self.printed = together(own["printed"], self.language).each(lambda token: _attempt(parse_printed, *token))
        stated = own["measure"].merged(STATED.__contains__)
        self.factor = together(own["unit"], own_unit, stated, own["flag"]).each(lambda row: _attempt(_factor, *row))
        self.value, self.value_max = (
            own[name].map(lambda text: float(text or "nan"), float) for name in ("value", "value_max")
        )

    def check(self) -> Iterator[Offence]:
        """The rules that tie an observation to its indicator and to what is printed."""
        sheet, own = self.sheet, self.sheet.columns
        half = np.flatnonzero(own["breakdown"].where(bool) != own["category"].where(bool))
        expected = "breakdown and category together, or neither"
        yield from sheet.offences(half, "category", expected, "fill in the other")
        stray = together(sheet.file, self.sector).rows(lambda pair: pair[0] != f"observations/{pair[1]}.csv")
        yield from sheet.offences(stray, "indicator", self._sector_of_file, "move the row")
        # Other forms are reported already.
        form = re.compile(PERIOD, re.ASCII)
        spans = own["period"].each(lambda text: _attempt(period, text) if form.fullmatch(text) else None)
        yield from self._wrong("period", spans, "mend the period")
        yield from self._wrong("printed", self.printed, "copy the number as it is printed")
        for name, values, end in (("value", self.value, "value"), ("value_max", self.value_max, "upper")):
            yield from self._unlike_printed(name, values, end)
        yield from self._wrong("unit", self.factor, "mend the unit, or flag the row as mislabelled")
        silent = together(own["flag"], own["note"]).rows(lambda pair: pair[0] and not pair[1])
        yield from sheet.offences(
            silent, "note", "a note, since the row is flagged", "say what is wrong with the figure"
        )
        single = together(self.accumulation, own["measure"], own["period"]).rows(
            lambda row: row[:2] == ("total", "target") and "/" not in row[2]
        )
        expected = "the years that the total is over, such as 2021/2025"
        yield from sheet.offences(single, "period", expected, "write both years")

    def _wrong(self, name: str, results: Distinct, remedy: str) -> Iterator[Offence]:
        wrong = results.rows(lambda result: isinstance(result, Exception))
        return self.sheet.offences(wrong, name, lambda row: str(results.of_row(row)), remedy)

    def _unlike_printed(self, name: str, values: Floats, end: str) -> Iterator[Offence]:
        """Values that are not the printed ones; what is not read at all is reported already."""
        own = self.sheet.columns
        printed = self.printed.map(lambda token: _float(getattr(token, end, None)), float)
        same = (values == printed) | (np.isnan(values) & np.isnan(printed))
        # Floats tell numbers of fewer than sixteen digits apart.
        for column in (own[name], own["printed"]):
            if max(map(len, column.values), default=0) > MOST_DIGITS:
                same &= column.where(lambda text: len(text) <= MOST_DIGITS)
        (doubtful,) = np.nonzero(~same)
        unlike = [
            row
            for row in doubtful.tolist()
            if not isinstance(token := self.printed.of_row(row), Exception)
            and _decimal(own[name].of_row(row)) != getattr(token, end)
        ]

        def expected(row: int) -> str:
            number = getattr(self.printed.of_row(row), end)
            return f"{'nothing' if number is None else f'{number:f}'}, since {own['printed'].of_row(row)} is printed"

        remedy = "enter the number as it is printed"
        yield from self.sheet.offences(
            np.array(unlike, dtype=np.intp), name, expected, remedy, lambda text: str(float(text))
        )

    def _sector_of_file(self, row: int) -> str:
        return f"an indicator of the sector of {self.sheet.file.of_row(row)}"

    def complete(self) -> pd.DataFrame:
        """The observations with all that follows from them; see ``dataset.Dataset``."""
        decimals = self.printed.each(lambda printed: printed.decimals)
        steps = together(self.factor, decimals).each(lambda pair: float(pair[0]) * 10.0 ** -pair[1])
        step = steps.map(float, float)
        columns: dict[str, Any] = {
            "value": self.value,
            "value_max": self.value_max,
            "file": self.sheet.file.texts(),
            "line": self.sheet.line,
            "sector": self.sector.texts(),
            "language": self.language.texts(),
            "order": self.order,
            "decimals": decimals.map(int, np.int64),
            "factor": self.factor.map(lambda factor: factor),
            "number": self._in_unit("value", self.value),
            "number_max": self._in_unit("value_max", self.value_max),
            "step": step,
            "preferred": self._preferred(step),
        }
        # As series they are not copied.
        return self.sheet.frame.assign(**{name: pd.Series(own, copy=False) for name, own in columns.items()})

    def _in_unit(self, name: str, values: Floats) -> Floats:
        """Values in the unit of their indicators."""
        numbers = values.copy()
        other = self.factor.rows(lambda factor: factor != ONE)
        pairs = together(self.sheet.columns[name][other], self.factor[other])
        numbers[other] = pairs.map(lambda pair: float(Decimal(pair[0] or "nan") * pair[1]), float)
        return numbers

    def _preferred(self, step: Floats) -> npt.NDArray[np.bool_]:
        """Of several rows for one figure the one with more digits, a number before a bound, the first that is read."""
        own = self.sheet.columns
        preferred = own["flag"].where(lambda flag: flag != "implausible")
        figures, _ = numbered(combined(*(own[name] for name in (*KEY, "measure"))))
        (rivals,) = np.nonzero(preferred & (np.bincount(figures)[figures] > 1))
        bound = own["qualifier"][rivals].where(bool)
        in_order = rivals[np.lexsort((rivals, self.order[rivals], bound, step[rivals], figures[rivals]))]
        first = np.diff(figures[in_order], prepend=-1) != 0
        preferred[in_order[~first]] = False
        return preferred


def _attempt(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a function gives, or the error that it raises."""
    try:
        return function(*arguments)
    except (ValueError, LaichauError) as error:
        return error


def _error_of(result: Any) -> str:
    return str(result) if isinstance(result, Exception) else ""


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _float(number: Decimal | None) -> float:
    return math.nan if number is None else float(number)


def _factor(own: str, indicators_unit: str, stated: bool, flag: str) -> Decimal:
    """What a row's value is multiplied by to stand in its indicator's unit."""
    if stated or not own:
        return ONE
    unit(own)
    try:
        return conversion(own, indicators_unit)
    except LaichauError:
        # A flagged row is shown as printed; a mislabelled one is used as what it must mean.
        if flag:
            return ONE
        raise
