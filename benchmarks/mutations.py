"""Plant errors into a data set and count how many of them the audit finds.

    python -m benchmarks.mutations [--count 1000] [--seed 1]

Each mutation changes one printed figure the way that typing and copying go wrong, and audits the
whole data set again. An error counts as found where the audit calls something wrong that involves
the changed figure and that it did not call wrong before; a part that was dropped, where the audit says
that the parts of its total are not all there. Nobody can find an error in a figure that
nothing else speaks of: the table tells the figures that take part in a decided claim (``tied``) from
the rest.
"""

from __future__ import annotations

import argparse
import itertools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from laichau_analysis import Dataset, load
from laichau_analysis.audit import WRONG, audit
from laichau_analysis.precision import parse_printed

DECIDED = ("agrees", "rounding")


@dataclass(frozen=True)
class Mutation:
    """One planted error: its kind, the figure's index label, and the token before and after."""

    kind: str
    label: int
    before: str
    after: str


def digit_changed(token: str, rng: random.Random) -> str:
    """One digit is another one."""
    places = [i for i, character in enumerate(token) if character.isdigit()]
    place = rng.choice(places)
    other = rng.choice([digit for digit in "0123456789" if digit != token[place]])
    return token[:place] + other + token[place + 1 :]


def digits_swapped(token: str, rng: random.Random) -> str:
    """Two neighbouring digits have changed places."""
    places = [i for i, character in enumerate(token) if character.isdigit()]
    pairs = [(a, b) for a, b in itertools.pairwise(places) if token[a] != token[b]]
    if not pairs:
        return token
    a, b = rng.choice(pairs)
    letters = list(token)
    letters[a], letters[b] = letters[b], letters[a]
    return "".join(letters)


def step_moved(token: str, rng: random.Random) -> str:
    """A percentage is one step of its last digit off."""
    if not token.endswith("%"):
        return token
    printed = parse_printed(token)
    moved = printed.value + Decimal(rng.choice((-1, 1))).scaleb(-printed.decimals)
    return token if moved < 0 else f"{moved:.{printed.decimals}f}".replace(".", ",") + "%"


def unit_slipped(token: str, rng: random.Random) -> str:
    """A figure is a thousand times too large, as dong for thousand dong."""
    return token + ".000" if "," not in token and not token.endswith(("%", "‰")) else token


KINDS: dict[str, Callable[[str, random.Random], str]] = {
    "a digit changed": digit_changed,
    "two digits swapped": digits_swapped,
    "a percentage moved by one step": step_moved,
    "a unit slipped": unit_slipped,
}
DROPPED = "a part dropped"


def mutations(data: Dataset, count: int, seed: int) -> Iterator[tuple[Mutation, Dataset]]:
    """Plant errors, as many of each kind, one in each data set that is given."""
    rng = random.Random(seed)
    rows = data.observations[(data.observations["flag"] == "") & data.observations["value_max"].isna()]
    parts = rows[(rows["breakdown"] != "") & (rows["measure"] == "actual")]
    tokens = dict(zip(rows.index, rows["printed"], strict=True))
    planted = 0
    while planted < count:
        kind = [*KINDS, DROPPED][planted % (len(KINDS) + 1)]
        if kind == DROPPED:
            label = int(rng.choice(list(parts.index)))
            yield Mutation(kind, label, tokens[label], ""), without(data, label)
        else:
            label = int(rng.choice(list(tokens)))
            after = KINDS[kind](tokens[label], rng)
            if not changes(tokens[label], after):
                continue
            yield Mutation(kind, label, tokens[label], after), printing(data, label, after)
        planted += 1


def changes(before: str, after: str) -> bool:
    """Whether a token is another number; what is no number at all is refused when it is loaded."""
    try:
        return parse_printed(after).value != parse_printed(before).value
    except ValueError:
        return False


def printing(data: Dataset, label: int, token: str) -> Dataset:
    """The data set with another token printed at one place."""
    printed = parse_printed(token, data.records[label]["language"])
    rows = data.observations.copy()
    factor = rows.at[label, "factor"]
    rows.loc[label, ["printed", "value", "number", "decimals", "step"]] = [
        token,
        float(printed.value),
        float(printed.value * factor),
        printed.decimals,
        float(factor) * 10.0**-printed.decimals,
    ]
    return replace(data, observations=rows)


def without(data: Dataset, label: int) -> Dataset:
    """The data set without one row."""
    return replace(data, observations=data.observations.drop(index=label))


def noticed(data: Dataset) -> dict[str, tuple[int, ...]]:
    """What the audit calls wrong or finds incomplete, and which figures are involved."""
    found = audit(data)
    found = found[found["verdict"].isin(WRONG) | (found["reason"] == "parts_missing")]
    return dict(zip(found["finding"], found["evidence"], strict=True))


def run(data: Dataset, count: int, seed: int) -> pd.DataFrame:
    """Plant errors and look for them.

    Parameters
    ----------
    data : Dataset
    count : int
        How many errors, as many of each kind.
    seed : int

    Returns
    -------
    DataFrame
        One row an error: ``kind``, ``label``, ``before``, ``after``; ``tied``, whether the figure
        takes part in a decided claim; ``claims``, the checks of those claims; ``found``.
    """
    before = noticed(data)
    found = audit(data)
    decided = found[found["verdict"].isin(DECIDED) & (found["check"] != "bound")]
    claims: dict[int, set[str]] = {}
    for check, labels in zip(decided["check"], decided["evidence"], strict=True):
        for label in labels:
            claims.setdefault(label, set()).add(check)
    rows = []
    for mutation, mutated in mutations(data, count, seed):
        new = {key: labels for key, labels in noticed(mutated).items() if key not in before}
        # A dropped part shows where its total does: the row itself is gone.
        involved = mutation.kind == DROPPED or any(mutation.label in labels for labels in new.values())
        rows.append(
            {
                "kind": mutation.kind,
                "label": mutation.label,
                "before": mutation.before,
                "after": mutation.after,
                "tied": mutation.label in claims,
                "claims": tuple(sorted(claims.get(mutation.label, ()))),
                "found": bool(new) and involved,
            }
        )
    return pd.DataFrame(rows)


def table(planted: pd.DataFrame) -> pd.DataFrame:
    """Planted and found errors by kind, of all figures and of the tied ones."""
    groups = planted.groupby("kind", sort=False)
    own = planted[planted["tied"]].groupby("kind", sort=False)
    result = pd.DataFrame({"planted": groups.size(), "found": groups["found"].sum()})
    result["share"] = (100 * result["found"] / result["planted"]).round(1)
    result["tied"] = own.size()
    result["found of tied"] = own["found"].sum()
    result["share of tied"] = (100 * result["found of tied"] / result["tied"]).round(1)
    return result


def by_claim(planted: pd.DataFrame) -> pd.DataFrame:
    """Planted and found errors in tied figures by the kind of claim that they are tied by."""
    each = planted[planted["tied"]].explode("claims").groupby("claims")
    result = pd.DataFrame({"planted": each.size(), "found": each["found"].sum()})
    result["share"] = (100 * result["found"] / result["planted"]).round(1)
    return result


def main() -> None:
    """Print the two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default="lai-chau")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    planted = run(load(options.data), options.count, options.seed)
    print(f"{options.count} errors planted into {options.data}, seed {options.seed}\n")
    print(table(planted).to_string(), "\n")
    print(by_claim(planted).to_string())


if __name__ == "__main__":
    main()
