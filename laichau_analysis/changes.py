"""What lies between two editions, in words: names, figures as printed, and a sentence for each row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from .audit import doubted
from .dataset import Dataset
from .editions import CHANGES, Comparison
from .units import unit
from .wording import (
    ASSESSMENT,
    MEASURE,
    REASON,
    STATUS,
    VERDICT,
    as_printed,
    digits,
    estimated,
    explained,
    formula_text,
    full_name,
    known,
    labelled,
    ratio,
)
from .words import N_, Words

__all__ = ["in_lines", "retold"]

FATE: Final = {
    "revised": N_("revised"),
    "incomparable": N_("cannot be compared"),
    "refined": N_("printed more precisely"),
    "coarsened": N_("printed less precisely"),
    "restated": N_("the same number"),
    "moved": N_("printed in another place"),
    "added": N_("new"),
    "dropped": N_("gone"),
}
CAPTIONS: Final = {
    "revised": N_("Figures that were revised"),
    "added": N_("Figures that are new"),
    "dropped": N_("Figures that are gone"),
}
"""Of figures that share what became of them."""
WAY: Final = {"harder": N_("harder to reach"), "easier": N_("easier to reach")}
FIELD: Final = {
    "sector": N_("sector"),
    "unit": N_("unit"),
    "direction": N_("which way is good"),
    "nature": N_("what it measures"),
    "accumulation": N_("what its target is set for"),
    "decimals": N_("decimals of computed values"),
    "minimum": N_("smallest possible value"),
    "maximum": N_("largest possible value"),
    "share_of": N_("the whole that it is a part of"),
    "related": N_("nearly the same as"),
    "formula": N_("formula"),
}
MEANING: Final = {
    ("direction", "higher"): N_("higher is better"),
    ("direction", "lower"): N_("lower is better"),
    ("direction", ""): REASON["no_direction"],
    ("nature", "flow"): N_("what happens over a period"),
    ("nature", "stock"): N_("what there is at a date"),
    ("nature", "rate"): N_("a ratio"),
    ("accumulation", "end"): N_("the value in the last year"),
    ("accumulation", "total"): N_("the sum over the term"),
}
"""What the codes of a definition mean."""


def before(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the earlier edition has it.

    Examples
    --------
    >>> before({"value": 2, "value_before": 1, "unit": "ha"})["value"]
    1
    """
    earlier = {name.removesuffix("_before"): value for name, value in row.items() if name.endswith("_before")}
    return {**row, **earlier}


def retold(comparison: Comparison, language: str) -> Comparison:
    """Put what lies between two editions into words.

    Parameters
    ----------
    comparison : Comparison
        From ``editions.compare``.
    language : {'vi', 'en'}

    Returns
    -------
    Comparison
        Its frames with names, a ``message`` for each row, and what tables and charts need besides:
        ``text_before`` and ``text`` of figures, ``cell_before`` and ``cell`` without a unit that both share,
        which then is the ``shared_unit``, and ``notes`` on how else they differ. Indicators are without
        those that are only defined otherwise: ``catalogue`` tells of them. ``latest`` is empty where it
        would only repeat ``assessments``.

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> from laichau_analysis.editions import compare
    >>> told = retold(compare(load(), load()), "en")
    >>> told.summary["message"].tolist()[:2]
    ['466 figures, all unchanged.', '16 targets, all unchanged.']
    """
    words = Words(language)
    old, new = comparison.old, comparison.new

    def said(
        frame: pd.DataFrame, sentence: Callable[[Mapping[str, Any], Words], str], **attributes: str
    ) -> pd.DataFrame:
        messages = [sentence(row, words) for row in frame.to_dict("records")]
        result = frame.assign(message=pd.Series(messages, frame.index, dtype="str"))
        if "evidence" not in frame:  # counts and definitions are printed nowhere
            result["evidence"] = [()] * len(frame)
        result.attrs = {"language": language, **attributes}
        return result

    def named(frame: pd.DataFrame) -> pd.DataFrame:
        return _named(frame, old, new, language)

    def marked(frame: pd.DataFrame) -> pd.DataFrame:
        earlier, later = comparison.audits
        return doubted(doubted(frame, earlier, "flag_before"), later)

    indicators = comparison.indicators[comparison.indicators["change"] != "redefined"]
    latest, no_latest = comparison.latest, ""
    if not all(comparison.years):
        no_latest = words.text(N_("One of the editions has no actual figures."))
    elif comparison.years == (comparison.year, comparison.year):
        latest, no_latest = latest.iloc[:0], words.text(N_("Both editions reach to the end of the same year."))
    catalogue = _defined(named(_whole_town(comparison.catalogue.assign(change=""), new)), old, new, words)
    return replace(
        comparison,
        summary=said(_dated(comparison, with_latest=not no_latest), _summary),
        figures=said(marked(_as_printed(named(comparison.figures), old, new, words)), _figure),
        targets=said(marked(_as_printed(named(comparison.targets), old, new, words)), _target),
        sectors=said(comparison.sectors.assign(sector_name=comparison.sectors[f"name_{language}"]), _sector),
        indicators=said(named(_whole_town(_of_one_edition(indicators, new), new)), _indicator),
        catalogue=said(catalogue, _definition),
        assessments=said(
            marked(named(comparison.assessments)),
            _assessment,
            caption=_by_the_end(comparison, words),
            none="" if comparison.year else words.text(N_("The editions have no year with actual figures in common.")),
        ),
        latest=said(
            marked(named(latest)),
            _assessment,
            caption=_each_by_its_end(comparison, words),
            none=no_latest,
        ),
        findings=said(named(_explained(_of_one_edition(comparison.findings, new), comparison, language)), _finding),
    )


def _dated(comparison: Comparison, *, with_latest: bool) -> pd.DataFrame:
    """The summary with the years of assessments, without those that would be told twice or are of no year."""
    summary = comparison.summary
    years = {"assessments": (comparison.year,) * 2, "latest": comparison.years}
    told = {"assessments": bool(comparison.year), "latest": with_latest}
    summary = summary[[told.get(subject, True) for subject in summary["subject"]]].reset_index(drop=True)
    first, last = ([years.get(subject, (0, 0))[i] for subject in summary["subject"]] for i in (0, 1))
    return summary.assign(first_year=first, last_year=last)


def _by_the_end(comparison: Comparison, words: Words) -> str:
    return words.text(N_("Attainment of the targets in both editions by the end of {year}"), year=str(comparison.year))


def _each_by_its_end(comparison: Comparison, words: Words) -> str:
    earlier, year = map(str, comparison.years)
    return words.text(
        N_("Attainment of the targets by the end of {earlier} in the earlier edition and of {year} in this one"),
        earlier=earlier,
        year=year,
    )


def in_lines(told: Comparison) -> Iterator[str]:
    """What lies between two editions as lines of text: how many of each subject differ, then what does.

    What is only printed in another place is counted, not listed, and so are findings that agree.

    Parameters
    ----------
    told : Comparison
        From ``retold``, in English.

    Yields
    ------
    str

    Examples
    --------
    >>> from laichau_analysis.dataset import load
    >>> from laichau_analysis.editions import compare
    >>> list(in_lines(retold(compare(load(), load()), "en")))[2]
    '466 figures, all unchanged.'
    """
    for name, data in (("earlier", told.old), ("this", told.new)):
        yield f"{name} edition: {data.name}, {data.titles['en']}; rows of figures: {len(data.observations)}"
    for row in told.summary.to_dict("records"):
        yield row["message"]
        frame = getattr(told, row["subject"])
        if row["subject"] == "findings":
            agree = frame["verdict"].mask(frame["verdict"] == "", frame["verdict_before"]) == "agrees"
            frame = frame[~agree | (frame["change"] == "revised")]
        frame = frame[frame["change"] != "moved"].sort_values(
            "change", key=lambda c: c.map(CHANGES.index), kind="stable"
        )
        for one in frame.to_dict("records"):
            yield f"  {one['change']}: {one['message']} [{_code(one)}{_locators(told, one['evidence'])}]"
        if row["subject"] == "indicators":
            yield from (f"  redefined: {one['message']} [{_code(one)}]" for one in told.catalogue.to_dict("records"))
    for row in told.tables.to_dict("records"):
        counts = ", ".join(f"{row[name]} {name}" for name in ("added", "dropped", "changed") if row[name])
        yield f"table {row['table']}: {counts}"


def _code(row: Mapping[str, Any]) -> str:
    """The code of a row's indicator, and the one it had."""
    earlier = row.get("indicator_before", "")
    return f"{earlier} -> {row['indicator']}" if earlier not in ("", row["indicator"]) else str(row["indicator"])


def _locators(told: Comparison, labels: Sequence[int]) -> str:
    """Where figures stand, in this and in the earlier edition."""
    places = [
        ", ".join(dict.fromkeys(data.records[label]["locator"] for label in labels if label in data.records))
        for data in (told.new, told.old)
    ]
    return "".join(f"; {name}{place}" for name, place in zip(("", "before: "), places, strict=True) if place)


def _named(frame: pd.DataFrame, old: Dataset, new: Dataset, language: str) -> pd.DataFrame:
    """Names of the later edition; of what is gone, those of the earlier one."""
    gone = frame["change"] == "dropped"
    parts = [labelled(frame[~gone], new, language), labelled(frame[gone], old, language)]
    return pd.concat([part for part in parts if len(part)] or parts[:1]).sort_index()


def _whole_town(frame: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    return frame.assign(area=data.town, breakdown="", category="")


def _of_one_edition(frame: pd.DataFrame, new: Dataset) -> pd.DataFrame:
    """With the evidence of the later edition, or of the earlier one where the later has none: one will do."""
    evidence = [tuple(label for label in labels if label in new.records) or labels for labels in frame["evidence"]]
    return frame.assign(evidence=pd.Series(evidence, frame.index, dtype="object"))


def _as_printed(frame: pd.DataFrame, old: Dataset, new: Dataset, words: Words) -> pd.DataFrame:
    """Add the figures as printed, with what follows them."""
    shared = [_shared_unit(row) for row in frame[["printed_unit_before", "printed_unit"]].itertuples(index=False)]
    added: dict[str, list[str]] = {"shared_unit": shared}
    for data, suffix in ((old, "_before"), (new, "")):
        labels = list(frame[f"row{suffix}"])
        added[f"text{suffix}"] = ["" if label < 0 else as_printed(data, label, words) for label in labels]
        added[f"cell{suffix}"] = [
            "" if label < 0 else as_printed(data, label, words, bare=bool(own))
            for label, own in zip(labels, shared, strict=True)
        ]
    frame = frame.assign(**{name: pd.Series(texts, frame.index, dtype="str") for name, texts in added.items()})
    notes = ["; ".join(_notes(row, words)) for row in frame.to_dict("records")]
    return frame.assign(notes=pd.Series(notes, frame.index, dtype="str"))


def _shared_unit(units: tuple[str, str]) -> str:
    """The unit of both prints, or of the only one; empty where they differ."""
    found = {code for code in units if code}
    return found.pop() if len(found) == 1 else ""


def _notes(row: Mapping[str, Any], words: Words) -> Iterator[str]:
    """How else than by its number a figure differs."""
    same = row["change"] == "restated"
    if row["reason"]:
        yield words.text(_UNCLEAR[row["reason"]])
    if "status" in row["differs"]:
        yield words.text(
            N_("{before} before, {after} now"),
            before=words.text(_FIRM[row["status_before"]]),
            after=words.text(_FIRM[row["status"]]),
        )
    if "flag" in row["differs"]:
        yield words.text(_FLAG[row["flag"]])
    if same and {"unit", "qualifier"} & set(row["differs"]):
        yield words.text(N_("printed as {before} before"), before=row["text_before"])
    if same and "note" in row["differs"]:
        yield words.text(N_("with another note"))


_FIRM: Final = STATUS | {"A": N_("final")}
_FLAG: Final = {
    "": N_("no longer called in question"),
    "implausible": N_("now held to be impossible as printed"),
    "mislabelled": N_("now held to be printed with a unit or base that does not fit"),
}
"""What a later edition thinks of a figure that an earlier one thought otherwise of."""


def _what(row: Mapping[str, Any], words: Words) -> str:
    name = full_name(row)
    return f"{name}, {words.text(MEASURE[row['measure']])}" if row["measure"] in MEASURE else name


def _amounts(row: Mapping[str, Any], words: Words) -> dict[str, str]:
    return {
        "before": estimated(row["text_before"], row["status_before"], words),
        "after": estimated(row["text"], row["status"], words),
    }


def size_of(row: Mapping[str, Any], words: Words, *, cell: bool = False) -> tuple[str, str]:
    """By how much a figure was revised: in its unit, and in per cent; empty where that has no meaning.

    In a ``cell`` it is signed, and without a unit that stands beside it.
    """
    if not known(row["difference"]):
        return "", ""
    decimals = digits(row["difference"], row["decimals"])
    beside = cell and row["shared_unit"] == row["unit"] and not unit(row["unit"]).is_percentage
    difference = words.difference(row["difference"], "one" if beside else row["unit"], decimals, signed=cell)
    growth = row["growth"] if cell or not known(row["growth"]) else abs(row["growth"])
    return difference, ratio(row, 100 * growth, words, signed=cell) if known(growth) else ""


def fate_of_all(frame: pd.DataFrame) -> str:
    """A caption for figures that all were revised, are new or are gone; empty where they are not alike, or targets."""
    became = set(frame["change"])
    return CAPTIONS.get(became.pop(), "") if len(became) == 1 and "way" not in frame else ""


def _figure(row: Mapping[str, Any], words: Words) -> str:
    difference, growth = size_of(row, words)
    values = {"what": _what(row, words), "within": words.within(row["period"]), **_amounts(row, words)}
    values |= {"size": f"{difference} ({growth})" if growth else difference, "notes": row["notes"]}
    if difference:
        return words.text(_REVISED[row["difference"] > 0], **values)
    return words.text(_FIGURE[row["change"]], **values)


_REVISED: Final = {
    True: N_("{what}, {within}: {after}, {size} more than the {before} of the earlier edition."),
    False: N_("{what}, {within}: {after}, {size} less than the {before} of the earlier edition."),
}
_UNCLEAR: Final = REASON | {"other_unit": N_("they are in units of different things")}
"""Why it cannot be said whether a figure was revised."""
_FIGURE: Final = {
    "revised": N_("{what}, {within}: {after}; {before} in the earlier edition."),
    "incomparable": N_(
        "{what}, {within}: {after}; {before} in the earlier edition. It cannot be said whether the figure was revised: {notes}."
    ),
    "refined": N_(
        "{what}, {within}: {after}, the same figure as {before} in the earlier edition, printed more precisely."
    ),
    "coarsened": N_(
        "{what}, {within}: {after}, the same figure as {before} in the earlier edition, printed less precisely."
    ),
    "restated": N_("{what}, {within}: {after}, the same number; {notes}."),
    "moved": N_("{what}, {within}: {after}, printed in another place."),
    "added": N_("{what}, {within}: {after}, not in the earlier edition."),
    "dropped": N_("{what}, {within}: {before}, no longer in this edition."),
}


def _target(row: Mapping[str, Any], words: Words) -> str:
    pattern, goal = _TARGET[row["way"] or row["change"]], words.meant_for(row["period"])
    return words.text(pattern, name=full_name(row), goal=goal, notes=row["notes"], **_amounts(row, words))


_TARGET: Final = {
    "harder": N_("{name}: the target {goal} is {after} instead of {before}, which is harder to reach."),
    "easier": N_("{name}: the target {goal} is {after} instead of {before}, which is easier to reach."),
    "revised": N_("{name}: the target {goal} is {after} instead of {before}."),
    "incomparable": N_("{name}: the target {goal} is {after} instead of {before}; {notes}."),
    "restated": N_("{name}: the target {goal} is {after} as before; {notes}."),
    "moved": N_("{name}: the target {goal} is {after} as before, printed in another place."),
    "added": N_("{name}: the target of {after} {goal} is new."),
    "dropped": N_("{name}: the target of {before} {goal} is gone."),
}


def _indicator(row: Mapping[str, Any], words: Words) -> str:
    name = row["name"]
    if row["change"] == "added":
        return words.plural(
            "{name} is new, with {count} figure.", "{name} is new, with {count} figures.", row["figures"], name=name
        )
    if row["change"] == "dropped":
        count = row["figures_before"]
        return words.plural(
            "{name} is gone; the earlier edition had {count} figure of it.",
            "{name} is gone; the earlier edition had {count} figures of it.",
            count,
            name=name,
        )
    earlier = row[f"name_before_{words.language}"]
    pattern = (
        N_("“{earlier}” is called “{name}” now: {because}.")
        if earlier != name
        else N_("“{name}” stands under another code: {because}.")
        if "code" not in row["by"]
        else N_("“{name}” has another name in the other language: {because}.")
    )
    because = ", ".join(words.text(_SAME[by]) for by in row["by"])
    return words.text(pattern, earlier=earlier, name=name, because=because)


_SAME: Final = {
    "code": N_("the code is the same"),
    "name": N_("the names are the same"),
    "figures": N_("the figures are the same"),
}
"""By what an indicator is known again."""


def _defined(frame: pd.DataFrame, old: Dataset, new: Dataset, words: Words) -> pd.DataFrame:
    """Add what a definition said and says, in words."""
    rows = frame.to_dict("records")
    for data, column in ((old, "before"), (new, "after")):
        texts = [_meaning(data, row["field"], row[column], words) for row in rows]
        frame = frame.assign(**{f"{column}_text": pd.Series(texts, frame.index, dtype="str")})
    return frame


def _meaning(data: Dataset, field: str, value: str, words: Words) -> str:
    """What stands in a field of the catalogue, as a reader sees it."""
    if (field, value) in MEANING:
        return words.text(MEANING[(field, value)])
    if not value:
        return words.text(N_("none"))
    names = data.names("sectors" if field == "sector" else "indicators", words.language)
    categories = {member: name for (_, member), name in data.names("categories", words.language).items()}
    if field == "formula":
        return formula_text(value, lambda code, member: _quoted(names[code], categories.get(member, "")))
    if field == "unit":
        return words.unit_name(value) or words.text(N_("none"))
    if field in ("minimum", "maximum", "decimals"):
        return words.number(float(value), digits(float(value), 6))
    return str(names.get(value, value))


def _quoted(name: str, category: str) -> str:
    return f"“{full_name({'name': name, 'category_name': category})}”"


def _definition(row: Mapping[str, Any], words: Words) -> str:
    if row["field"] not in FIELD:
        return words.text(N_("{name}: the note on it is another."), name=row["name"])
    return words.text(
        N_("{name}, {field}: {after} now, {before} before."),
        name=row["name"],
        field=words.text(FIELD[row["field"]]),
        after=row["after_text"],
        before=row["before_text"],
    )


def _assessment(row: Mapping[str, Any], words: Words) -> str:
    earlier = before(row)
    values = {"name": full_name(row)}
    for name, one in (("before", earlier), ("after", row)):
        if known(one["assessment"]):
            values[name] = words.text(ASSESSMENT[one["assessment"]])
            attained = known(one["attainment"])
            values[f"share_{name}"] = ratio(one, one["attainment"], words) if attained else words.text(N_("unknown"))
    pattern = _ASSESSMENT[row["change"]]
    if row["change"] == "assessed" and values["share_before"] == values["share_after"]:
        pattern = N_("{name}: {after} now, {before} in the earlier edition.")
    return words.text(pattern, **values)


_ASSESSMENT: Final = {
    "assessed": N_(
        "{name}: {after} now, {before} in the earlier edition; attainment {share_after}, before {share_before}."
    ),
    "attainment": N_("{name}: attainment {share_after} now, {share_before} in the earlier edition; {after} in both."),
    "added": N_("{name}: {after}, attainment {share_after}; the earlier edition has no such target."),
    "dropped": N_("{name}: the target is gone; it was {before}, attainment {share_before}."),
}


def _explained(frame: pd.DataFrame, comparison: Comparison, language: str) -> pd.DataFrame:
    """Findings with the sentences of both editions."""
    for data, found, suffix in zip((comparison.old, comparison.new), comparison.audits, ("_before", ""), strict=True):
        labels = frame.loc[frame[f"row{suffix}"] >= 0, f"row{suffix}"]
        own = explained(found.loc[labels], data, language)
        texts = pd.Series(own["message"].to_numpy(), labels.index, dtype="str").reindex(frame.index, fill_value="")
        frame = frame.assign(**{f"said{suffix}": texts})
    return frame


def _finding(row: Mapping[str, Any], words: Words) -> str:
    if row["change"] != "revised":
        return str(row["said"] or row["said_before"])
    verdict = words.text(VERDICT[row["verdict_before"]])
    return words.text(N_("{message} In the earlier edition: {verdict}."), message=row["said"], verdict=verdict)


def _summary(row: Mapping[str, Any], words: Words) -> str:
    """How many of a subject stayed as they were, and what became of the others."""
    subject = _SUBJECT[row["subject"]](words, row["before"])
    if row["last_year"]:
        pattern = _AT_THE_END if row["first_year"] == row["last_year"] else _AT_EITHER_END
        years = {"earlier": str(row["first_year"]), "year": str(row["last_year"])}
        subject = words.text(pattern, subject=subject, **years)
    if not row["before"]:
        count = words.number(row["after"])
        return words.text(N_("{subject} in the earlier edition, {count} now."), subject=subject, count=count)
    if row["same"] == row["after"] == row["before"] and not row["moved"]:
        return words.text(N_("{subject}, all unchanged."), subject=subject)
    listed = _listed(row, row["subject"], words)
    said = words.text(N_("Of the earlier edition's {subject}: {listed}."), subject=subject, listed=listed)
    return f"{said} {_new(row, words)}".strip()


def _new(row: Mapping[str, Any], words: Words) -> str:
    """How many there are that the earlier edition had not."""
    return words.text(N_("New: {count}."), count=words.number(row["added"])) if row["added"] else ""


_AT_THE_END: Final = N_("{subject} by the end of {year}")
_AT_EITHER_END: Final = N_("{subject} by the end of {earlier}, against those by the end of {year}")


_SUBJECT: Final[Mapping[str, Callable[[Words, int], str]]] = {
    "figures": lambda words, count: words.plural("{count} figure", "{count} figures", count),
    "targets": lambda words, count: words.plural("{count} target", "{count} targets", count),
    "indicators": lambda words, count: words.plural("{count} indicator", "{count} indicators", count),
    **dict.fromkeys(
        ("assessments", "latest"),
        lambda words, count: words.plural("{count} assessment", "{count} assessments", count),
    ),
    "findings": lambda words, count: words.plural("{count} finding", "{count} findings", count),
}


def _sector(row: Mapping[str, Any], words: Words) -> str:
    listed = _listed(row, "figures", words) or words.text(N_("{count} unchanged"), count=words.number(0))
    return (
        f"{words.text(N_('{sector}: {listed}.'), sector=row['sector_name'], listed=listed)} {_new(row, words)}".strip()
    )


def _listed(row: Mapping[str, Any], subject: str, words: Words) -> str:
    """What became of how many of the earlier edition's."""
    counts = {name: words.number(row[name]) for name in ("same", "moved", "revised", "other", "dropped")}
    patterns = _BECAME | {"revised": _ANEW[subject], "other": _OTHERWISE.get(subject, "")}
    if row["moved"]:
        patterns["same"] = N_("{count} unchanged ({moved} of them printed in another place)")
    return ", ".join(
        words.text(pattern, count=counts[name], moved=counts["moved"])
        for name, pattern in patterns.items()
        if row[name]
    )


_BECAME: Final = {
    "same": N_("{count} unchanged"),
    "revised": "",
    "other": "",
    "dropped": N_("{count} gone"),
}
_ANEW: Final = {
    "figures": N_("{count} revised"),
    "targets": N_("{count} changed"),
    "indicators": N_("{count} renamed"),
    **dict.fromkeys(("assessments", "latest"), N_("{count} assessed otherwise")),
    "findings": N_("{count} with another verdict"),
}
_OTHERWISE: Final = {
    **dict.fromkeys(("figures", "targets"), N_("{count} printed or marked otherwise")),
    "indicators": N_("{count} defined otherwise"),
    **dict.fromkeys(("assessments", "latest"), N_("{count} with another attainment")),
}
