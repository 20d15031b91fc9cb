"""Errors in the reports of an invented country, and the key that says where they are.

At most one error is planted in a report, so that none hides another one. An error is *beyond rounding* where the
figure, with all that its being rounded or cut off leaves open, contradicts what follows from the others, with all that
theirs leaves open; that is worked out here, by the ends of each interval, and not by the audit.
"""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from laichau_analysis.units import unit

if TYPE_CHECKING:
    from .country import Area, Figures

TRIES = 200
"""Attempts to plant an error of a kind in a report before another kind is taken."""
CERTAIN = 1e-6
"""By how much intervals must be apart, as a part of their ends."""


@dataclass(frozen=True)
class Planted:
    """An error: where it stands, of what kind it is, and what would have been printed."""

    kind: str
    check: str
    beyond_rounding: bool
    area: str
    indicator: str
    period: str
    breakdown: str
    category: str
    measure: str
    source: str
    locator: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """A figure of a report with other digits."""

    report: int
    label: int
    kind: str
    check: str
    beyond: bool
    before: int
    after: int


def changes(figures: Figures, reports: list[Area], share: float, rng: np.random.Generator) -> Iterator[Change]:
    """Change one figure in a share of the reports, each kind of error as often as another."""
    decided = [claim for claim in figures.claims if _is_decided(figures, claim)]
    town = figures.template.town
    of_all = [c for c in decided if all(figures.rows[label]["area"] == town for label in c["evidence"])]
    chosen = np.sort(rng.choice(len(reports), round(share * len(reports)), replace=False))
    names = list(KINDS)
    for number, report in enumerate(chosen.tolist()):
        for shift in range(len(names)):
            kind = names[(number + shift) % len(names)]
            # Only a town's report tells of communes.
            claims = decided if reports[report].level == "town" else of_all
            found = _planted(figures, claims, kind, report, rng)
            if found:
                figures.digits[found.label][report] = found.after
                yield found
                break


def _planted(
    figures: Figures, claims: list[dict[str, Any]], kind: str, report: int, rng: np.random.Generator
) -> Change | None:
    checks, spoil = KINDS[kind]
    suitable = [claim for claim in claims if claim["check"] in checks]
    for _ in range(TRIES):
        if kind == IMPOSSIBLE:
            label, check = int(rng.choice(_limited(figures))), "limit"
        else:
            claim = suitable[rng.integers(len(suitable))]
            label, check = int(claim["evidence"][0]), claim["check"]
        before = int(figures.digits[label][report])
        after = spoil(figures, label, before, rng)
        if after is None or after == before or after < 0:
            continue
        figures.digits[label][report] = after
        beyond = kind == IMPOSSIBLE or _contradicts(figures, claim, report)
        figures.digits[label][report] = before
        if beyond or kind == STEP:
            return Change(report, label, kind, check, beyond, before, after)
    return None


def _is_decided(figures: Figures, claim: dict[str, Any]) -> bool:
    """Whether a claim is one that a wrong figure must contradict."""
    rows = [figures.rows[label] for label in claim["evidence"]]
    if claim["verdict"] not in ("agrees", "rounding") or any(row["qualifier"] or row["flag"] for row in rows):
        return False
    if any(figures.printed[label].upper is not None for label in claim["evidence"]):
        return False
    # Where a part is not printed, a total may be larger than the others.
    parts = [row["breakdown"] for row in rows[1:] if row["breakdown"] != rows[0]["breakdown"]]
    categories = figures.template.tables["categories"]["breakdown"]
    if claim["check"] == "sum" and parts and len(parts) < (categories == parts[0]).sum():
        return False
    # Of a plan that is not printed, the target says nothing.
    of_plan = rows[0]["measure"] == "stated_plan_attainment"
    return len(rows) > 1 and not (of_plan and rows[-1]["measure"] == "target")


def _limited(figures: Figures) -> list[int]:
    """Figures of indicators that have a largest value, printed as such."""
    return [
        label
        for label, row in figures.rows.items()
        if row["measure"] == "actual"
        and row["area"] == figures.template.town
        and not row["flag"]
        and not row["qualifier"]
        and row["factor"] == 1
        and figures.printed[label].upper is None
        and not math.isnan(figures.template.catalogue[row["indicator"]]["maximum"])
    ]


# --- what contradicts ------------------------------------------------------------------------------------


def _contradicts(figures: Figures, claim: dict[str, Any], report: int) -> bool:
    """Whether what is printed cannot be, however it was rounded."""
    own, *others = claim["evidence"]
    low, high = _ends(figures, own, report)
    high += figures.rows[own]["step"] / 2  # it may have been cut off
    follows = _FOLLOWS[claim["check"]](figures, claim, report, others)
    if claim["check"] == "bound":
        return bool(follows[0] > follows[1] * (1 + CERTAIN))
    margin = CERTAIN * max(abs(low), abs(high), 1e-12)
    return bool(low > follows[1] + margin or high < follows[0] - margin)


def _ends(figures: Figures, label: int, report: int) -> tuple[float, float]:
    step = figures.rows[label]["step"]
    number = float(figures.digits[label][report]) * step
    return number - step / 2, number + step / 2


def _by_corners(
    figures: Figures, report: int, labels: list[int], value: Callable[[list[float]], float]
) -> tuple[float, float]:
    """The smallest and the largest value of a function of figures, which has them at the ends of their intervals."""
    ends = [_ends(figures, label, report) for label in labels]
    values = [value(list(corner)) for corner in itertools.product(*ends)]
    return min(values), max(values)


def _of_sum(figures: Figures, claim: dict[str, Any], report: int, others: list[int]) -> tuple[float, float]:
    ends = [_ends(figures, label, report) for label in others]
    return sum(low for low, _ in ends), sum(high for _, high in ends)


def _of_bound(figures: Figures, claim: dict[str, Any], report: int, others: list[int]) -> tuple[float, float]:
    """What the parts come to at least, and the whole at most."""
    *parts, whole = claim["evidence"]
    return sum(_ends(figures, part, report)[0] for part in parts), _ends(figures, whole, report)[1]


def _of_repeat(figures: Figures, claim: dict[str, Any], report: int, others: list[int]) -> tuple[float, float]:
    return _ends(figures, others[0], report)


def _of_share(figures: Figures, claim: dict[str, Any], report: int, others: list[int]) -> tuple[float, float]:
    return _by_corners(figures, report, others, lambda at: 100 * at[0] / at[1] if at[1] > 0 else math.inf)


def _of_attainment(figures: Figures, claim: dict[str, Any], report: int, others: list[int]) -> tuple[float, float]:
    lower = figures.template.catalogue[claim["indicator"]]["direction"] == "lower"
    return _by_corners(figures, report, others, lambda at: 100 * _ratio(at[1], at[0]) if lower else 100 * _ratio(*at))


def _ratio(above: float, below: float) -> float:
    return above / below if below > 0 else math.inf


def _of_formula(figures: Figures, claim: dict[str, Any], report: int, others: list[int]) -> tuple[float, float]:
    formula = figures.template.formula(claim["indicator"])
    scales = {code: float(unit(row["unit"]).scale) for code, row in figures.template.catalogue.items()}
    inputs = list(formula.inputs)

    def value(at: list[float]) -> float:
        given = {item: number * scales[item.code] for item, number in zip(inputs, at, strict=True)}
        try:
            return float(formula.evaluate(given.__getitem__, float)) / scales[claim["indicator"]]
        except ZeroDivisionError:
            return math.inf

    return _by_corners(figures, report, others, value)


_FOLLOWS: dict[str, Callable[..., tuple[float, float]]] = {
    "sum": _of_sum,
    "bound": _of_bound,
    "repeat": _of_repeat,
    "share": _of_share,
    "attainment": _of_attainment,
    "formula": _of_formula,
}


# --- how figures go wrong ----------------------------------------------------------------------------------


def _digit(figures: Figures, label: int, digits: int, rng: np.random.Generator) -> int | None:
    text = list(str(digits))
    at = int(rng.integers(len(text)))
    text[at] = str(rng.choice([digit for digit in "0123456789" if digit != text[at]]))
    return int("".join(text))


def _swapped(figures: Figures, label: int, digits: int, rng: np.random.Generator) -> int | None:
    text = list(str(digits))
    pairs = [i for i in range(len(text) - 1) if text[i] != text[i + 1]]
    if not pairs:
        return None
    at = int(rng.choice(pairs))
    text[at], text[at + 1] = text[at + 1], text[at]
    return int("".join(text))


def _ten_times(figures: Figures, label: int, digits: int, rng: np.random.Generator) -> int | None:
    return digits * 10 if digits else None


def _step(figures: Figures, label: int, digits: int, rng: np.random.Generator) -> int | None:
    return digits + int(rng.choice((-1, 1)))


def _more(figures: Figures, label: int, digits: int, rng: np.random.Generator) -> int | None:
    return round(digits * rng.uniform(1.3, 5)) + 1


def _too_much(figures: Figures, label: int, digits: int, rng: np.random.Generator) -> int | None:
    row = figures.rows[label]
    highest = figures.template.catalogue[row["indicator"]]["maximum"] / row["step"]
    return math.ceil(highest * rng.uniform(1.05, 1.5)) + 1


STATEMENTS = ("share", "attainment")
IMPOSSIBLE = "more than is possible"
STEP = "a stated percentage moved by one step"
KINDS: dict[str, tuple[tuple[str, ...], Callable[..., int | None]]] = {
    "a digit of a stated percentage": (STATEMENTS, _digit),
    "swapped digits of a stated percentage": (STATEMENTS, _swapped),
    STEP: (STATEMENTS, _step),
    "a digit of a total": (("sum",), _digit),
    "swapped digits of a total": (("sum",), _swapped),
    "a total ten times too large": (("sum",), _ten_times),
    "a part larger than its whole": (("bound",), _more),
    "another figure in another place": (("repeat",), _digit),
    "a digit of what a formula gives": (("formula",), _digit),
    IMPOSSIBLE: ((), _too_much),
}
"""Kinds of errors: the checks whose claims are spoilt, and how the figure that makes the claim goes wrong."""


def write_key(file: Path, planted: list[Planted]) -> None:
    """Write the key as CSV."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, [one.name for one in fields(Planted)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(one) for one in planted)
