"""A formula of the catalogue -> its inputs, its dimension and its value.

The grammar: sums, differences, products, quotients, brackets, numbers, codes, and
``population[urban]`` for a category. A formula is parsed, never executed.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, Final

from .precision import MOST_DIGITS

__all__ = ["Formula", "Input", "parse_formula", "sectors_behind"]

LONGEST: Final = 500
MOST_PRODUCTS: Final = 10
"""Products and quotients of a formula; with ``MOST_DIGITS`` they bound what can come out."""
SMALLEST: Final = 10.0**-MOST_DIGITS
_OPERATIONS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@dataclass(frozen=True, order=True)
class Input:
    """An indicator that a formula needs, and its category where it names one."""

    code: str
    category: str = ""


@dataclass(frozen=True)
class Formula:
    """A parsed formula.

    Attributes
    ----------
    text : str
        As it stands in the catalogue.
    inputs : tuple of Input
        In the order of their first mention.
    """

    text: str
    inputs: tuple[Input, ...]
    _tree: ast.expr

    def evaluate(self, value_of: Callable[[Input], Any], constant: Callable[[Decimal], Any]) -> Any:
        """Compute with numbers, columns or intervals alike.

        Parameters
        ----------
        value_of : callable
            Gives the value of an input; any type that knows ``+ - * /``.
        constant : callable
            Turns a number of the formula into that type.

        Examples
        --------
        >>> share = parse_formula("poor / (poor + other)")
        >>> values = {"poor": 1, "other": 3}
        >>> share.evaluate(lambda item: values[item.code], float)
        0.25
        """

        def walk(node: ast.expr) -> Any:
            if isinstance(node, ast.BinOp):
                return _OPERATIONS[type(node.op)](walk(node.left), walk(node.right))
            if isinstance(node, ast.Constant):
                return constant(Decimal(str(node.value)))
            return value_of(_input(node))

        return walk(self._tree)

    def sign_of(self, item: Input) -> int:
        """Which way the result goes, for positive inputs, when one of them grows.

        Returns
        -------
        int
            1 with it, -1 against it, 0 where the formula alone does not tell.

        Examples
        --------
        >>> share = parse_formula("revenue / visits")
        >>> share.sign_of(Input("revenue")), share.sign_of(Input("visits"))
        (1, -1)
        """

        def signs(node: ast.expr, sign: int) -> set[int]:
            if isinstance(node, ast.BinOp):
                turned = -sign if isinstance(node.op, ast.Sub | ast.Div) else sign
                return signs(node.left, sign) | signs(node.right, turned)
            return {sign} if not isinstance(node, ast.Constant) and _input(node) == item else set()

        found = signs(self._tree, 1)
        return found.pop() if len(found) == 1 else 0


def _input(node: ast.expr) -> Input:
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Name):
        return Input(node.value.id, node.slice.id)
    assert isinstance(node, ast.Name)
    return Input(node.id)


def _leaves(node: ast.AST, text: str) -> Iterator[Input]:
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div()):
            yield from _leaves(node.left, text)
            yield from _leaves(node.right, text)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            if number and not SMALLEST <= number < 1 / SMALLEST:
                raise ValueError(f"a number of a formula has at most {MOST_DIGITS} digits: {text!r}")
            return
        case ast.Name() | ast.Subscript(value=ast.Name(), slice=ast.Name()):
            yield _input(node)
        case _:
            raise ValueError(f"not a formula: {text!r}")


@cache
def parse_formula(text: str) -> Formula:
    """Parse a formula.

    Raises
    ------
    ValueError
        If it is not of the grammar.

    Examples
    --------
    >>> parse_formula("a / population[urban] * 100").inputs
    (Input(code='a', category=''), Input(code='population', category='urban'))
    >>> parse_formula("__import__('os')")
    Traceback (most recent call last):
    ValueError: not a formula: "__import__('os')"
    """
    if len(text) > LONGEST:
        raise ValueError(f"a formula has at most {LONGEST} characters, this one has {len(text)}")
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise ValueError(f"not a formula: {text!r}") from None
    inputs = tuple(dict.fromkeys(_leaves(tree, text)))
    if not inputs:
        raise ValueError(f"a formula names at least one indicator: {text!r}")
    if sum(isinstance(node, ast.Mult | ast.Div) for node in ast.walk(tree)) > MOST_PRODUCTS:
        raise ValueError(f"a formula has at most {MOST_PRODUCTS} products and quotients: {text!r}")
    return Formula(text, inputs, tree)


def sectors_behind(catalogue: Iterable[Mapping[str, Any]], sectors: Collection[str]) -> set[str]:
    """Sectors whose figures decide what is computed and found of some sectors' indicators.

    Parameters
    ----------
    catalogue : iterable of mapping
        Rows of ``indicators.csv``.
    sectors : collection of str

    Returns
    -------
    set of str
        The sectors themselves, and those of what their indicators are computed from, are a share of, or are
        related to.

    Raises
    ------
    ValueError
        If a formula is not of the grammar.

    Examples
    --------
    >>> each = {"indicator": "each", "sector": "trade", "formula": "sales / people", "share_of": "", "related": ""}
    >>> rows = [each, {**each, "indicator": "people", "sector": "profile", "formula": ""}]
    >>> sorted(sectors_behind(rows, ["trade"])), sorted(sectors_behind(rows, ["profile"]))
    (['profile', 'trade'], ['profile'])
    """
    rows = list(catalogue)
    home = {row["indicator"]: row["sector"] for row in rows}
    named = {
        code
        for row in rows
        if row["sector"] in sectors
        for code in (
            *(item.code for item in (parse_formula(row["formula"]).inputs if row["formula"] else ())),
            row["share_of"],
            row["related"],
        )
    }
    return {*sectors, *(home[code] for code in named if code in home)}
