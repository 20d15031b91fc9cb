"""A document cut at its locators: does each printed figure stand there, and is each number accounted for.

``locators.csv`` lists the places of a document in the document's order, each with the mark that
its first line begins with. Footnotes, which interrupt the body where a page ends, are taken out
of it first. A printed figure is compared as a whole number token: ``61`` is not in ``610``, nor in
``61,5`` or ``61%``.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

import pandas as pd

from .dataset import Dataset
from .errors import Offence, UnknownNameError

__all__ = ["count_token", "coverage", "cut", "prove"]

SAME_FIGURE: Final = "the same figure"
"""Words in a row's note which say that its number is the one of another row, in another role."""


def prove(data: Dataset, source: str, text: str) -> list[Offence]:
    """Look up each figure of a source in the source's text.

    Parameters
    ----------
    data : Dataset
    source : str
        Key in ``sources.csv``.
    text : str
        The document.

    Returns
    -------
    list of Offence
        Figures that do not stand at their locator, or not as often as rows claim; marks that are
        not in the document; and a checksum that differs. Empty if all is proved.

    Raises
    ------
    UnknownNameError
        If the data set has no such source.
    """
    sources = data.tables["sources"].set_index("source")
    if source not in sources.index:
        raise UnknownNameError("source", source, sources.index, f"data set {data.name}")
    offences = list(_checksum(str(sources.loc[source, "sha256"]), text))
    locators = data.tables["locators"]
    sections, missing = cut(text, locators[locators["source"] == source])
    offences += missing
    rows = data.observations[data.observations["source"] == source]
    wanted = _occurrences(rows)
    for (locator, printed), group in rows.groupby(["locator", "printed"], sort=False):
        needed = max(int(wanted.get((locator, printed), 0)), 1)
        found = count_token(sections.get(locator, ""), printed)
        if found >= needed or locator not in sections:
            continue
        row = group.iloc[-1]
        times = "once" if needed == 1 else f"{needed} times"
        offences.append(
            Offence(
                row["file"],
                int(row["line"]),
                "printed",
                f"{printed} {found} times in {source} at {locator}"
                if found
                else f"no {printed} in {source} at {locator}",
                f"{printed} {times}",
                f"compare the row with the document; where two rows share one number, say '{SAME_FIGURE}' in a note",
            )
        )
    return offences


def _occurrences(rows: pd.DataFrame) -> pd.Series:
    """How often rows claim that a number stands at a place."""
    own = rows[~rows["note"].str.casefold().str.contains(SAME_FIGURE)]
    return own.groupby(["locator", "printed"], sort=False).size()


def coverage(data: Dataset, source: str, text: str) -> pd.DataFrame:
    """Account for each number of a document: a figure of the data, left out for a reason, or neither.

    Dates, numbers of documents, the numbering of lists, and years are no figures and not counted.

    Parameters
    ----------
    data : Dataset
    source : str
        Key in ``sources.csv``.
    text : str
        The document.

    Returns
    -------
    DataFrame
        One row for each place and number token: ``locator`` (empty before the first place),
        ``printed``, ``times`` (in the text), ``figures`` (how many of them are rows of the data),
        ``left_out`` (the reason in English, if there is one), ``unexplained`` (how many are neither)
        and ``context``, the text around the last of them.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> coverage(load(), "lai-chau-2024", "").empty
    True
    """
    places = data.tables["locators"]
    sections, _ = cut(text, places[places["source"] == source])
    body = places[(places["source"] == source) & (places["part"] == "body")]
    first = next((sections[code] for code in body["locator"] if code in sections), "")
    head = unicodedata.normalize("NFC", text).partition(first)[0] if first else ""
    rows = data.observations[data.observations["source"] == source]
    known = _occurrences(rows)
    left_out = data.tables["left_out"].set_index(["source", "locator", "printed"])["reason_en"]
    counted = []
    for locator, section in ({"": head} | dict(sections)).items():
        where = dict(known[known.index.get_level_values(0) == locator].droplevel(0))
        for printed, spots in _tokens(section, where).items():
            figures = min(len(spots), int(where.get(printed, 0)))
            reason = str(left_out.get((source, locator, printed), ""))
            unexplained = 0 if reason else len(spots) - figures
            context = " ".join(section[max(0, spots[-1] - 40) : spots[-1] + 40].split()) if unexplained else ""
            counted.append((locator, printed, len(spots), figures, reason, unexplained, context))
    columns = ["locator", "printed", "times", "figures", "left_out", "unexplained", "context"]
    return pd.DataFrame(counted, columns=columns)


_NO_FIGURES: Final = re.compile(
    r"\d+(?:/\d{4})?(?:[/-][A-ZĐ][A-Za-zĐđ]*\d*)+"  # numbers of documents
    r"|\d{1,2}/\d{1,2}/\d{4}|(?<![\d/])\d{1,2}/\d{4}"  # dates, months
    r"|^\s*\(?\d+(?:\.\d+)*[.)]+(?=\s|$)|^\s*\d+(?:\.\d+)+(?=\s)"  # numbering of lists
    r"|(?<![\d.,/])(?:19|20)\d\d(?![\d/]|[.,]\d|\s?[%‰])",  # years
    re.MULTILINE,
)
_NUMBER: Final = re.compile(r"(?<!\d)(?<!\d[.,])\d+(?:[.,]\d+)*(?:\s?[%‰])?")


def _tokens(text: str, known: Mapping[str, int]) -> dict[str, list[int]]:
    """Number tokens of a text and where they stand; known ranges and years first, as they are entered."""
    found: dict[str, list[int]] = {}
    for printed in sorted(known, key=len, reverse=True):
        if not _NUMBER.fullmatch(printed) or _NO_FIGURES.fullmatch(printed):
            matches = list(_token_pattern(printed).finditer(text))[: known[printed]]
            found[printed] = [match.start() for match in matches]
            for match in matches:
                text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    text = _NO_FIGURES.sub(lambda match: " " * len(match[0]), text)
    for match in _NUMBER.finditer(text):
        found.setdefault(re.sub(r"\s", "", match[0]), []).append(match.start())
    return found


def _checksum(expected: str, text: str) -> Iterator[Offence]:
    found = hashlib.sha256(text.encode()).hexdigest()
    if expected and found != expected:
        yield Offence(
            "sources.csv",
            0,
            "sha256",
            f"a document with {found}",
            expected,
            "use the document that the rows were read from",
        )


def cut(text: str, locators: pd.DataFrame) -> tuple[Mapping[str, str], list[Offence]]:
    r"""Cut a document into the texts of its locators.

    Parameters
    ----------
    text : str
        The document, one paragraph a line.
    locators : DataFrame
        ``locator``, ``part`` and ``mark`` in the document's order.

    Returns
    -------
    sections : mapping of str to str
        Text by locator, from its mark to the next one, NFC.
    missing : list of Offence
        Locators whose mark begins no line after the one before it.

    Examples
    --------
    >>> places = pd.DataFrame({"locator": ["1.a", "1.b", "fn1"], "part": ["body", "body", "footnote"],
    ...                        "mark": ["a)", "b)", "¹"]})
    >>> sections, missing = cut("a) Schools: 7¹\n¹ Of these 2 new\nand 3 planned\nb) Roads: 9", places)
    >>> sections["1.a"], sections["fn1"], missing
    ('a) Schools: 7¹\nand 3 planned', '¹ Of these 2 new', [])
    """
    lines = unicodedata.normalize("NFC", text).splitlines()
    sections: dict[str, str] = {}
    missing: list[Offence] = []
    is_footnote = locators["part"] == "footnote"
    body = lines
    for row in locators[is_footnote].itertuples():
        place = next((i for i, line in enumerate(body) if _begins(line, str(row.mark))), None)
        if place is None:
            missing.append(_missing(str(row.locator), str(row.mark)))
            continue
        sections[str(row.locator)] = body[place]
        body = body[:place] + body[place + 1 :]
    starts: list[tuple[str, int]] = []
    following = 0
    for row in locators[~is_footnote].itertuples():
        place = next((i for i in range(following, len(body)) if _begins(body[i], str(row.mark))), None)
        if place is None:
            missing.append(_missing(str(row.locator), str(row.mark)))
            continue
        starts.append((str(row.locator), place))
        following = place + 1
    ends = [place for _, place in starts[1:]] + [len(body)] if starts else []
    for (locator, start), end in zip(starts, ends, strict=True):
        sections[locator] = "\n".join(body[start:end])
    return sections, missing


def _begins(line: str, mark: str) -> bool:
    """Whether a line begins with a mark that is not a part of a longer number (¹ of ¹²)."""
    following = line[len(mark) : len(mark) + 1]
    return line.startswith(mark) and not (unicodedata.digit(mark[-1], None) is not None and following.isdigit())


def _missing(locator: str, mark: str) -> Offence:
    return Offence(
        "locators.csv",
        0,
        "mark",
        f"no line that begins with {mark!r} for {locator}",
        "a mark that begins a line after the one of the locator before it",
        "mend the mark or the order of the locators",
    )


def count_token(text: str, printed: str) -> int:
    """How often a number stands in a text as a token of its own.

    Examples
    --------
    >>> count_token("61 of 610, 61% and 61,5; 9,5‰-10‰", "61")
    1
    >>> count_token("9,5‰ - 10‰; 96 %", "9,5‰-10‰"), count_token("9,5‰ - 10‰; 96 %", "96%")
    (1, 1)
    """
    return len(_token_pattern(printed).findall(text))


@cache
def _token_pattern(printed: str) -> re.Pattern[str]:
    token = re.escape(printed).replace("%", r"\s?%").replace("‰", r"\s?‰")
    token = re.sub(r"(?<=[\d‰%])\\-|(?<=[\d‰%])–", r"\\s?[-–]\\s?", token)
    after = r"(?!\d)(?![.,]\d)" + ("" if printed[-1] in "%‰" else r"(?!\s?[%‰])")
    return re.compile(rf"(?<!\d)(?<!\d[.,]){token}{after}")
