"""Where the notebooks and the data sets that ship are, and how a data set is found by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from .errors import UsageError, nearest

__all__ = ["DEFAULT_DATASET", "SEARCH_PATH", "find_dataset", "shipped"]

DEFAULT_DATASET: Final = "lai-chau"
SEARCH_PATH: Final = "LAICHAU_DATA"


def shipped(kind: str) -> Path:
    """Find a folder that ships with the package.

    A checkout keeps its folders beside the package and they win, so that an editable
    installation never reads copies that went stale; a wheel carries them inside.

    Parameters
    ----------
    kind : {'notebooks', 'data'}

    Returns
    -------
    Path
    """
    package = Path(__file__).resolve().parent
    checkout = package.parent
    if (checkout / "pyproject.toml").is_file() and (checkout / kind).is_dir():
        return checkout / kind
    return package / "shipped" / kind


def find_dataset(name: str | os.PathLike[str] = DEFAULT_DATASET) -> Path:
    """Find a data set's folder by its path, or by its name along ``LAICHAU_DATA``.

    Parameters
    ----------
    name : str or path
        A folder with a ``datapackage.json``, or the name of one. Names are looked up in the
        folders of ``LAICHAU_DATA`` (separated as in ``PATH``), then among those that ship.

    Returns
    -------
    Path

    Raises
    ------
    UsageError
        If there is none; the nearest name is suggested.
    """
    text = os.fspath(name)
    if "/" in text or os.sep in text or text in (".", ".."):
        if (Path(text) / "datapackage.json").is_file():
            return Path(text).resolve()
        raise UsageError(f"no data set at {text}: expected a folder with a datapackage.json.")
    places = [Path(place) for place in os.environ.get(SEARCH_PATH, "").split(os.pathsep) if place]
    known = set()
    for place in [*places, shipped("data")]:
        if (place / text / "datapackage.json").is_file():
            return (place / text).resolve()
        known |= {path.parent.name for path in place.glob("*/datapackage.json")}
    hint = f" A folder is given as ./{text}." if Path(text).is_dir() else ""
    raise UsageError(f"unknown data set '{text}': {nearest(text, known)}{hint}")
