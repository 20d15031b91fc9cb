"""Validate and audit a partitioned data set in batches of homes, side by side.

No rule ties figures of areas with different homes, so that what is found in all batches is what would be found in the
whole; only one batch a process is held at a time.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from .audit import VERDICTS, audit
from .dataset import load_parts
from .errors import DataError, Offence
from .partitions import Partitions
from .wording import explained

__all__ = ["Batch", "checked"]

HOMES: Final = 60
"""Areas with a report of their own in a batch: some thirty thousand figures."""


@dataclass(frozen=True)
class Batch:
    """What was found in a batch.

    Attributes
    ----------
    figures : int
    offences : tuple of Offence
    findings : DataFrame or None
        As ``audit`` gives them, with the sentences that were asked for, ``message`` and ``message_vi``; none where
        there are offences.
    verdicts : mapping of str to int
        How many findings have each verdict.
    """

    figures: int
    offences: tuple[Offence, ...]
    findings: pd.DataFrame | None
    verdicts: Mapping[str, int]


def checked(
    folder: Path,
    jobs: int = 0,
    *,
    audited: bool = True,
    languages: Sequence[str] = ("en", "vi"),
    told: Sequence[str] = VERDICTS,
) -> Iterator[Batch]:
    """Validate all of a partitioned data set, and audit it.

    Parameters
    ----------
    folder : Path
    jobs : int
        Processes; one a core by default.
    audited : bool
        Whether claims are looked for.
    languages : sequence of {'en', 'vi'}
        In which what is found becomes sentences: none, English, or both.
    told : sequence of str
        Verdicts of the findings that are given; all are counted.

    Yields
    ------
    Batch
        In the order of the regions.

    Raises
    ------
    DataError
        If the folder's list of homes cannot be read.
    """
    parts = Partitions(folder)
    homes = [home for region in parts.regions for home in parts.inside(region)]
    batches = [homes[start : start + HOMES] for start in range(0, len(homes), HOMES)]
    count = min(jobs or os.cpu_count() or 1, len(batches))
    if count == 1:
        for batch in batches:
            yield _checked(folder, batch, audited, languages, told)
        return
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
        # What waits to be read is held: a few batches at a time.
        for start in range(0, len(batches), 4 * count):
            own = batches[start : start + 4 * count]
            futures = [pool.submit(_checked, folder, batch, audited, languages, told) for batch in own]
            yield from (future.result() for future in futures)


def _checked(folder: Path, homes: list[str], audited: bool, languages: Sequence[str], told: Sequence[str]) -> Batch:
    parts = Partitions(folder)
    try:
        data = load_parts(parts, homes)
    except DataError as error:
        return Batch(0, tuple(error.offences), None, {})
    if not audited:
        return Batch(len(data.observations), (), None, {})
    findings = audit(data)
    verdicts = findings["verdict"].value_counts().to_dict()
    findings = findings[findings["verdict"].isin(told)]
    for number, language in enumerate(languages):
        sentences = explained(findings, data, language)
        findings = findings.assign(message_vi=sentences["message"]) if number else sentences
    return Batch(len(data.observations), (), findings, verdicts)
