"""What a request asks for: which reports, from which data, with which parameters.

``outline`` needs the standard library only; ``plan`` loads the data, and refuses whatever cannot be made.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import DataError, MissingDataError, UnknownNameError, UsageError
from ..shipped import find_dataset, shipped
from .fingerprints import Digests, made_of_everything
from .jobs import Job, Outcome, Request
from .matrix import Round, read_matrix
from .notebooks import Notebook, convert_parameters, find_notebooks

if TYPE_CHECKING:
    from ..dataset import Dataset

__all__ = ["Outline", "Plan", "outline", "plan"]

MOST_PROBLEMS: Final = 50
"""Problems that are listed."""


@dataclass(frozen=True)
class Wanted:
    """A notebook that is to run.

    Attributes
    ----------
    notebook : Notebook
    values : mapping of str to object
        Its parameters as it gets them.
    places : tuple of Path
        Folders of its data set, and of others that its parameters name.
    jobs : tuple of Job
        One for each language.
    said : str
        Where its parameters stand, to begin a message with; empty for those of the command.
    """

    notebook: Notebook
    values: dict[str, Any]
    places: tuple[Path, ...]
    jobs: tuple[Job, ...]
    said: str = ""


@dataclass(frozen=True)
class Outline:
    """What is wanted, before anybody looked whether the data allow it.

    Attributes
    ----------
    place : Path
        The data set's folder.
    known : tuple of Notebook
        All notebooks that there are.
    wanted : tuple of Wanted
    problems : tuple of str
        What is wrong with it.
    """

    place: Path
    known: tuple[Notebook, ...]
    wanted: tuple[Wanted, ...]
    problems: tuple[str, ...] = ()

    def made_from(self) -> dict[Job, dict[str, str]]:
        """What decides the bytes of each report; see ``fingerprints.Digests``."""
        digests = Digests()
        return {
            job: digests.made_from(one.notebook, job, one.places, _area(one)) for one in self.wanted for job in one.jobs
        }

    def made_of_everything(self) -> dict[str, str]:
        """What decides the bytes of index and workbook; see ``fingerprints.made_of_everything``."""
        return made_of_everything(self.place, self.known)


@dataclass(frozen=True)
class Plan:
    """What will run, and what is skipped since the data set holds nothing for it."""

    data: Dataset
    outline: Outline
    jobs: tuple[Job, ...]
    skipped: tuple[Outcome, ...]


def outline(request: Request) -> Outline:
    """Work out which reports a request asks for.

    Raises
    ------
    UsageError
        If a name or a parameter is wrong.
    """
    folder = request.notebooks or shipped("notebooks")
    known = find_notebooks(folder)
    chosen = find_notebooks(folder, request.reports) if request.reports else [b for b in known if not b.on_request]
    place = find_dataset(request.data)
    rounds = read_matrix(request.matrix, request.parameters) if request.matrix else [Round(request.parameters)]
    converted = _converted(chosen, rounds)
    problems: list[str] = []
    wanted = []
    for notebook, (said, values) in itertools.product(chosen, converted):
        own, places = values, [place]
        try:
            own, places = _with_data_sets(notebook, place, values)
        except UsageError as error:
            problems.append(f"{said}report {notebook.name}: {error}")
        job = Job(
            report=notebook.name,
            path=str(notebook.path.resolve()),
            dataset=place.name,
            data_path=os.pathsep.join(dict.fromkeys(str(one.parent) for one in places)),
            language="",
            parameters=tuple(sorted(own.items())),
            timeout=request.timeout,
            formats=request.formats,
        )
        jobs = tuple(replace(job, language=language) for language in request.languages)
        wanted.append(Wanted(notebook, own, tuple(places), jobs, said))
    return Outline(place, tuple(known), tuple(wanted), tuple(problems))


def plan(request: Request) -> Plan:
    """Work out the jobs of a request, with its data at hand.

    Raises
    ------
    DataError
        If the data set is broken.
    UsageError
        For everything else that is wrong, all at once.
    """
    sketch = outline(request)
    towns = _Towns(sketch.place)
    problems = [f"--format {form}: {reason}" for form in request.formats if (reason := _unavailable(form))]
    problems += sketch.problems
    jobs: list[Job] = []
    skipped: list[Outcome] = []
    for one in sketch.wanted:
        reason = ""
        try:
            reason = towns.nothing_to_show(one)
            _look_up(one, towns.whole)
        except (UsageError, DataError) as error:
            problems.append(f"{one.said}report {one.notebook.name}: {error}")
        if reason:
            skipped += [Outcome(job, "skipped", reason=reason) for job in one.jobs]
        else:
            jobs += one.jobs
    if problems:
        raise UsageError(_told(problems))
    return Plan(towns.of(""), sketch, tuple(jobs), tuple(skipped))


def _converted(notebooks: Sequence[Notebook], rounds: Sequence[Round]) -> list[tuple[str, dict[str, Any]]]:
    """Typed values of each round, with the beginning of messages about it."""
    problems, converted = [], []
    for one in rounds:
        try:
            converted.append((one.said, convert_parameters(notebooks, one.parameters)))
        except UsageError as error:
            problems += [f"{one.said}{line}" for line in str(error).splitlines()]
    if problems:
        raise UsageError(_told(problems))
    return converted


def _told(problems: Sequence[str]) -> str:
    """Problems as lines, as many as someone reads."""
    more = len(problems) - MOST_PROBLEMS
    return "\n".join([*problems[:MOST_PROBLEMS], *([f"and {more} more."] if more > 0 else [])])


def _unavailable(form: str) -> str:
    """Why this machine cannot make a form; looked up before any kernel starts."""
    from . import office, printing

    return {"pdf": printing.unavailable, "docx": office.unavailable}[form]()


class _Towns:
    """The areas of a data set that reports can be on, and whether there are figures for a notebook."""

    def __init__(self, place: Path) -> None:
        from ..dataset import load
        from ..partitions import Partitions, is_partitioned

        self.parts = Partitions(place) if is_partitioned(place) else None
        self.whole = load(place, "" if self.parts else None)
        self.of = cache(self.whole.of)
        self._figures = cache(self._figures_of)

    def nothing_to_show(self, one: Wanted) -> str:
        """Why a data set has nothing for a notebook; an error where the request cannot be met."""
        notebook, area = one.notebook, _area(one)
        year = one.values.get("year", notebook.parameters["year"].default if "year" in notebook.parameters else 0)
        whole = self._figures("" if self.parts else area, notebook.requires, notebook.sectors)
        if self.parts and area:  # its figures are not read twice
            (home, *_) = self.parts.chosen(area)
            years = self.parts.home(home).first_years
            known = [years[sector] for sector in notebook.sectors or years if sector in years]
            if known and isinstance(year, int) and 0 < year < min(known):
                raise MissingDataError(f"no figures of {area} up to the year {year}; the first are of {min(known)}.")
        else:
            known = whole.years()
            if known and isinstance(year, int):
                whole.state_of(year)
        held = f"holds of {area}" if area else "holds"
        return "" if known else f"data set {whole.name} {held} no figures for: {', '.join(notebook.sectors)}"

    def _figures_of(self, area: str, requires: Sequence[str], sectors: Sequence[str]) -> Dataset:
        """The figures of some sectors; an error where the data set does not know what a notebook needs."""
        data = self.of(area)
        for code in requires:
            data.indicator(code)
        known = set(data.tables["sectors"]["sector"])
        missing = [sector for sector in sectors if sector not in known]
        if missing:
            raise UnknownNameError("sector", missing[0], known, f"data set {data.name}")
        return data.only(sectors) if sectors else data


def _area(one: Wanted) -> str:
    """The area that a report is on; empty for the one that all others are a part of."""
    for parameter, named in one.notebook.names.items():
        if named in ("area", "region"):
            return str(one.values.get(parameter, one.notebook.parameters[parameter].default))
    return ""


def _look_up(one: Wanted, data: Dataset) -> None:
    """Refuse an indicator that the data set does not list, and another data set that is broken."""
    from ..dataset import load

    for parameter, kind in one.notebook.names.items():
        value = one.values.get(parameter, one.notebook.parameters[parameter].default)
        if kind == "indicator" and value:
            data.indicator(value)
    for place in one.places[1:]:
        load(place)


def _with_data_sets(notebook: Notebook, place: Path, values: dict[str, Any]) -> tuple[dict[str, Any], list[Path]]:
    """Look up the data sets that parameters name; they go to the notebook by name, with the folders of all of them."""
    own, places, problems = dict(values), [place], []
    for parameter, kind in notebook.names.items():
        if kind != "dataset":
            continue
        try:
            other = _other_data_set(parameter, values.get(parameter, notebook.parameters[parameter].default), places)
        except UsageError as error:
            problems.append(str(error))
        else:
            own[parameter] = other.name
            places.append(other)
    if problems:
        raise UsageError("\n".join(problems))
    return own, places


def _other_data_set(parameter: str, value: str, places: Sequence[Path]) -> Path:
    """The folder of a data set that the notebook will find by its name, and no other of that name."""
    if not value:
        raise UsageError(f"it needs a data set by -p {parameter} NAME|FOLDER.")
    other = find_dataset(value)
    for place in places:
        namesake = place.parent / other.name
        if (namesake / "datapackage.json").is_file() and namesake.resolve() != other:
            raise UsageError(
                f"parameter '{parameter}': two folders are named {other.name}, and a notebook knows data sets by "
                "their folder's name; rename one."
            )
    return other
