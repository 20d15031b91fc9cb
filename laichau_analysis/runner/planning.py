"""What a request comes to: everything that can be refused is refused here, before any kernel starts."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..dataset import Dataset, load
from ..errors import DataError, UnknownNameError, UsageError
from ..shipped import find_dataset, shipped
from . import office, printing
from .jobs import Job, Outcome, Request
from .notebooks import Notebook, convert_parameters, find_notebooks

__all__ = ["Plan", "plan"]


@dataclass(frozen=True)
class Plan:
    """What will run, and what is skipped since the data set holds nothing for it."""

    data: Dataset
    notebooks: tuple[Notebook, ...]
    known: tuple[Notebook, ...]
    jobs: tuple[Job, ...]
    skipped: tuple[Outcome, ...]


def plan(request: Request) -> Plan:
    """Work out the jobs of a request.

    Raises
    ------
    DataError
        If the data set is broken.
    UsageError
        For everything else that is wrong, all at once.
    """
    folder = request.notebooks or shipped("notebooks")
    known = find_notebooks(folder)
    chosen = find_notebooks(folder, request.reports) if request.reports else [b for b in known if not b.on_request]
    place = find_dataset(request.data)
    values = convert_parameters(chosen, request.parameters)
    data = load(place)
    problems = [f"--format {form}: {reason}" for form in request.formats if (reason := _unavailable(form))]
    jobs: list[Job] = []
    skipped: list[Outcome] = []
    for notebook in chosen:
        reason, own, places = "", values, [place]
        try:
            reason = _nothing_to_show(notebook, data, values)
            own, places = _with_data_sets(notebook, data, place, values)
        except (UsageError, DataError) as error:
            problems.append(f"report {notebook.name}: {error}")
        for language in request.languages:
            job = Job(
                report=notebook.name,
                path=str(notebook.path.resolve()),
                dataset=place.name,
                data_path=os.pathsep.join(dict.fromkeys(str(one.parent) for one in places)),
                language=language,
                parameters=tuple(sorted(own.items())),
                timeout=request.timeout,
                formats=request.formats,
            )
            if reason:
                skipped.append(Outcome(job, "skipped", reason=reason))
            else:
                jobs.append(job)
    if problems:
        raise UsageError("\n".join(problems))
    return Plan(data, tuple(chosen), tuple(known), tuple(jobs), tuple(skipped))


def _unavailable(form: str) -> str:
    """Why this machine cannot make a form; looked up before any kernel starts."""
    return {"pdf": printing.unavailable, "docx": office.unavailable}[form]()


def _nothing_to_show(notebook: Notebook, data: Dataset, values: dict[str, Any]) -> str:
    """Why a data set has nothing for a notebook; an error where the request cannot be met."""
    for code in notebook.requires:
        data.indicator(code)
    known = set(data.tables["sectors"]["sector"])
    missing = [sector for sector in notebook.sectors if sector not in known]
    if missing:
        raise UnknownNameError("sector", missing[0], known, f"data set {data.name}")
    own = data.only(notebook.sectors) if notebook.sectors else data
    if not own.years():
        return f"data set {data.name} holds no figures for: {', '.join(notebook.sectors)}"
    default = notebook.parameters["year"].default if "year" in notebook.parameters else 0
    year = values.get("year", default)
    if isinstance(year, int):
        own.state_of(year)
    return ""


def _with_data_sets(
    notebook: Notebook, data: Dataset, place: Path, values: dict[str, Any]
) -> tuple[dict[str, Any], list[Path]]:
    """Look up what parameters name; data sets go to the notebook by name, with the folders of all of them."""
    own, places, problems = dict(values), [place], []
    for parameter, kind in notebook.names.items():
        value = values.get(parameter, notebook.parameters[parameter].default)
        try:
            if kind == "dataset":
                other = _other_data_set(parameter, value, places)
                own[parameter] = other.name
                places.append(other)
            elif value:
                data.indicator(value)
        except (UsageError, DataError) as error:
            problems.append(str(error))
    if problems:
        raise UsageError("\n".join(problems))
    return own, places


def _other_data_set(parameter: str, value: str, places: Sequence[Path]) -> Path:
    """The folder of a valid data set that the notebook will find by its name, and no other of that name."""
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
    load(other)
    return other
