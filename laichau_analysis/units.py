"""Unit codes: scale, dimension, countable or not, and names in both languages.

A code is one atom or several joined by ``/`` for "per": ``billion_dong``,
``person/school``, ``million_dong/person/year``. Another town writes any such combination
into its ``indicators.csv`` without a change of code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from .errors import UnknownNameError, UsageError

__all__ = ["ATOMS", "Unit", "conversion", "unit"]


@dataclass(frozen=True)
class Unit:
    """A unit of measurement.

    Attributes
    ----------
    code : str
        The code that stands in the tables.
    scale : Decimal
        How many base units (dong, square metre, kilogram, one …) make one of it.
    dimension : mapping of str to int
        Exponent of each base; empty for percentages and plain numbers.
    countable : bool
        Whether a whole number in it is exact, as for persons or schools.
    name_vi, name_en : str
        As readers see it; ``one_en`` is the English singular.
    symbol : str
        ``%`` or ``‰`` where the unit follows the number as a sign, else empty.
    """

    code: str
    scale: Decimal
    dimension: Mapping[str, int]
    countable: bool
    name_vi: str
    name_en: str
    one_en: str
    symbol: str = ""

    @property
    def is_percentage(self) -> bool:
        """Whether changes in it are told in points instead of per cent."""
        return bool(self.symbol)


def _atom(
    code: str, base: str, scale: str, vi: str, en: str, one: str = "", *, count: bool = False, symbol: str = ""
) -> tuple[str, Unit]:
    dimension = MappingProxyType({base: 1} if base else {})
    return code, Unit(code, Decimal(scale), dimension, count, vi, en, one or en, symbol)


def _count(code: str, vi: str, en: str, one: str) -> tuple[str, Unit]:
    return _atom(code, code, "1", vi, en, one, count=True)


ATOMS: Mapping[str, Unit] = MappingProxyType(
    dict(
        [
            _atom("one", "", "1", "", ""),
            _atom("percent", "", "0.01", "%", "%", symbol="%"),
            _atom("per_mille", "", "0.001", "‰", "‰", symbol="‰"),
            _atom("dong", "dong", "1", "đồng", "dong"),
            _atom("thousand_dong", "dong", "1e3", "nghìn đồng", "thousand dong"),
            _atom("million_dong", "dong", "1e6", "triệu đồng", "million dong"),
            _atom("billion_dong", "dong", "1e9", "tỷ đồng", "billion dong"),
            _atom("square_metre", "square_metre", "1", "m²", "m²"),
            _atom("ha", "square_metre", "1e4", "ha", "ha"),
            _atom("square_kilometre", "square_metre", "1e6", "km²", "km²"),
            _atom("metre", "metre", "1", "m", "m"),
            _atom("kilometre", "metre", "1e3", "km", "km"),
            _atom("gram", "kilogram", "1e-3", "gam", "grams", "gram"),
            _atom("kilogram", "kilogram", "1", "kg", "kg"),
            _atom("tonne", "kilogram", "1e3", "tấn", "tonnes", "tonne"),
            _atom("minute", "minute", "1", "phút", "minutes", "minute"),
            _atom("hour", "minute", "60", "giờ", "hours", "hour"),
            # A yearly amount is told of a period already, so a year has no dimension.
            _atom("year", "", "1", "năm", "years", "year"),
            _count("person", "người", "people", "person"),
            _count("household", "hộ", "households", "household"),
            _count("customer", "khách hàng", "customers", "customer"),
            _count("visit", "lượt khách", "visits", "visit"),
            _count("school", "trường", "schools", "school"),
            _count("commune", "xã, phường", "communes", "commune"),
            _count("residential_group", "tổ dân phố, bản", "residential groups", "residential group"),
            _count("ethnic_group", "dân tộc", "ethnic groups", "ethnic group"),
            _count("project", "dự án", "projects", "project"),
            _count("establishment", "cơ sở", "establishments", "establishment"),
            _count("enterprise", "doanh nghiệp", "enterprises", "enterprise"),
            _count("producer", "chủ thể", "producers", "producer"),
            _count("market", "chợ", "markets", "market"),
            _count("product", "sản phẩm", "products", "product"),
            _count("gift", "suất quà", "gifts", "gift"),
            _count("case", "vụ", "cases", "case"),
            _count("file", "hồ sơ", "files", "file"),
            _count("animal", "con", "animals", "animal"),
            _count("item", "cái", "items", "item"),
            _count("organisation", "tổ chức", "organisations", "organisation"),
            _count("document", "văn bản", "documents", "document"),
            _count("certificate", "giấy chứng nhận", "certificates", "certificate"),
            _count("scheme", "phương án", "schemes", "scheme"),
            _count("occasion", "lượt", "times", "time"),
            _count("disease_case", "ca bệnh", "cases", "case"),
            _count("dose", "liều", "doses", "dose"),
            _count("programme", "chương trình", "programmes", "programme"),
            _count("news_item", "tin, bài", "news items", "news item"),
            _count("session", "buổi", "sessions", "session"),
            _count("delegation", "đoàn", "delegations", "delegation"),
            _count("club", "câu lạc bộ", "clubs", "club"),
            _count("house", "nhà", "houses", "house"),
            _count("course", "lớp", "courses", "course"),
            _count("organisational_unit", "đơn vị", "units", "unit"),
            _count("violation", "trường hợp", "violations", "violation"),
            _count("crime_report", "tin báo, tố giác", "reports", "report"),
            _count("model", "mô hình", "models", "model"),
            _count("criterion", "tiêu chí", "criteria", "criterion"),
            _count("inspection", "cuộc thanh tra", "inspections", "inspection"),
            _count("declaration", "bản kê khai", "declarations", "declaration"),
            _count("petition", "đơn", "petitions", "petition"),
        ]
    )
)


@cache
def unit(code: str) -> Unit:
    """Look up a unit by its code.

    Parameters
    ----------
    code : str
        One atom, or atoms joined by ``/``.

    Returns
    -------
    Unit

    Raises
    ------
    UnknownNameError
        If an atom does not exist; the nearest one is suggested.

    Examples
    --------
    >>> unit("million_dong/person/year").name_en
    'million dong per person per year'
    >>> unit("million_dong/person/year").name_vi
    'triệu đồng/người/năm'
    >>> unit("billion_dong").scale == 1000 * unit("million_dong").scale
    True
    """
    atoms = []
    for name in code.split("/"):
        if name not in ATOMS:
            raise UnknownNameError("unit", name, ATOMS)
        atoms.append(ATOMS[name])
    first, *others = atoms
    if not others:
        return first
    scale, dimension = first.scale, dict(first.dimension)
    for other in others:
        scale /= other.scale
        for base, exponent in other.dimension.items():
            dimension[base] = dimension.get(base, 0) - exponent
    return Unit(
        code,
        scale,
        MappingProxyType({base: exponent for base, exponent in dimension.items() if exponent}),
        False,
        "/".join(atom.name_vi for atom in atoms),
        " per ".join([first.name_en, *(other.one_en for other in others)]),
        " per ".join([first.one_en, *(other.one_en for other in others)]),
    )


def conversion(source: str, target: str) -> Decimal:
    """Factor that turns values in one unit into values in another.

    Parameters
    ----------
    source, target : str
        Unit codes of the same dimension.

    Returns
    -------
    Decimal
        ``value_in_target = value_in_source * factor``.

    Raises
    ------
    UsageError
        If the units measure different things.

    Examples
    --------
    >>> conversion("million_dong", "billion_dong")
    Decimal('0.001')
    >>> conversion("one", "percent")
    Decimal('1E+2')
    """
    one, other = unit(source), unit(target)
    if dict(one.dimension) != dict(other.dimension):
        raise UsageError(f"cannot convert {source} to {target}: they measure different things.")
    return (one.scale / other.scale).normalize()
