"""Which notebooks there are, what they need, and their typed parameters.

A parameter is an annotated assignment with a literal default in the cell tagged ``parameters``:
``year: int = 0``. Only what cannot run as code is ever passed on to a kernel: whole numbers, finite
decimals, texts, truth values, and lists of them.
"""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..errors import UnknownNameError, UsageError
from ..schema import LANGUAGES

__all__ = ["Notebook", "Parameter", "convert_parameters", "find_notebooks", "read_notebook"]

OWN_OPTIONS: Final = {"dataset": "--data", "language": "--language"}
"""Parameters that the command line has options for."""
SECRET_NAME: Final = re.compile(r"passw|secret|token|credential|api_?key|private_?key|access_?key", re.IGNORECASE)
SECRET_VALUE: Final = re.compile(
    r"-----BEGIN |://[^/\s:@]+:[^/\s@]+@|^(gh[pousr]_|github_pat_|glpat-|sk-|xox[abp]-|AKIA|eyJ[\w-]+\.eyJ)"
)
"""What names and beginnings of passwords, keys and tokens look like."""
SCALARS: Final[Mapping[str, type]] = {"str": str, "int": int, "float": float, "bool": bool}
NAMED: Final = ("indicator", "dataset", "area", "region")
"""What a text parameter may name; names are looked up before any kernel starts."""
TRUTH: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True)
class Parameter:
    """A parameter of a notebook: its name, its type as written, and its default."""

    name: str
    type: str
    default: Any

    def convert(self, text: str) -> Any:
        """Turn a text of the command line into a value of the parameter's type.

        Raises
        ------
        ValueError
            If it is not of that type; the message says what was expected.

        Examples
        --------
        >>> Parameter("year", "int", 0).convert("2023")
        2023
        >>> Parameter("codes", "list[str]", []).convert("a,b")
        ['a', 'b']
        """
        if self.type.startswith("list["):
            return [_scalar(self.type[5:-1], item.strip()) for item in text.split(",") if item.strip()]
        return _scalar(self.type, text)


@dataclass(frozen=True)
class Notebook:
    """A report that can be run.

    Attributes
    ----------
    name : str
        The file's name without its ending.
    path : Path
    titles : mapping of str to str
        The h1 by language.
    sectors : tuple of str
        Sectors whose figures it reads.
    requires : tuple of str
        Indicators that a data set must list for it.
    order : int
        Place in the index.
    parameters : mapping of str to Parameter
    names : mapping of str to str
        What the values of some parameters name: ``indicator``, ``dataset``, ``area``,
        or ``region``: an area and those right below it.
    on_request : bool
        Whether it runs only when it is asked for by its name.
    """

    name: str
    path: Path
    titles: Mapping[str, str]
    sectors: tuple[str, ...]
    requires: tuple[str, ...]
    order: int
    parameters: Mapping[str, Parameter]
    names: Mapping[str, str] = field(default_factory=dict)
    on_request: bool = False


def _scalar(kind: str, text: str) -> Any:
    if kind == "bool":
        if text.lower() not in TRUTH:
            raise ValueError(f"expected true or false, found {text!r}")
        return TRUTH[text.lower()]
    try:
        value = SCALARS[kind](text)
    except ValueError:
        described = {"int": "a whole number", "float": "a number"}[kind]
        raise ValueError(f"expected {described}, found {text!r}") from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"expected a finite number, found {text!r}")
    return value


def find_notebooks(folder: Path, names: Iterable[str] = ()) -> list[Notebook]:
    """Read the notebooks of a folder, in the order of the index.

    Parameters
    ----------
    folder : Path
    names : iterable of str
        Reports that are wanted; all by default, also those that run on request only.

    Returns
    -------
    list of Notebook

    Raises
    ------
    UsageError
        If the folder has no notebooks, one of them is not of the contract's form, or a name is
        unknown.
    """
    paths = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    if not paths:
        raise UsageError(f"no notebooks in {folder}: expected files that end in .ipynb.")
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in paths:
            raise UnknownNameError("report", name, paths)
    found = [read_notebook(paths[name]) for name in wanted or paths]
    return sorted(found, key=lambda notebook: (notebook.order, notebook.name))


def read_notebook(path: Path) -> Notebook:
    """Read what a notebook is and needs, without executing anything.

    Raises
    ------
    UsageError
        If it is not a notebook of the contract's form; the message says what is missing.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cells = content["cells"]
        metadata = content["metadata"].get("laichau", {})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{path.name} is no readable notebook: {error}.") from None
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1:
        raise UsageError(f"{path.name}: expected one cell tagged 'parameters', found {len(tagged)}.")
    parameters = _parameters(_source(tagged[0]), path.name)
    named = metadata.get("names", {})
    texts = [name for name, parameter in parameters.items() if parameter.type == "str"]
    if not isinstance(named, dict) or any(name not in texts or kind not in NAMED for name, kind in named.items()):
        raise UsageError(
            f"{path.name}, metadata 'names': expected parameters that are texts, each with {' or '.join(NAMED)}, "
            f"found {named!r}."
        )
    return Notebook(
        name=path.stem,
        path=path,
        titles={language: _title(cells, language) or path.stem for language in LANGUAGES},
        sectors=tuple(metadata.get("sectors", ())),
        requires=tuple(metadata.get("requires", ())),
        order=int(metadata.get("order", 1000)),
        parameters=parameters,
        names=named,
        on_request=metadata.get("on_request", False) is True,
    )


def _source(cell: Mapping[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _title(cells: Iterable[Mapping[str, Any]], language: str) -> str:
    for cell in cells:
        tags = cell.get("metadata", {}).get("tags", [])
        others = {f"lang-{other}" for other in LANGUAGES if other != language}
        if cell["cell_type"] == "markdown" and not others & set(tags):
            for line in _source(cell).splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return ""


def _parameters(source: str, file: str) -> dict[str, Parameter]:
    """Read the parameters cell by its syntax tree; it holds annotated literals and nothing else."""
    problem = f"{file}, parameters cell: "
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise UsageError(f"{problem}{error.msg} in line {error.lineno}.") from None
    parameters = {}
    for statement in statements:
        expected = f"line {statement.lineno}: expected NAME: TYPE = VALUE with a literal value"
        if (
            not isinstance(statement, ast.AnnAssign)
            or not isinstance(statement.target, ast.Name)
            or not statement.value
        ):
            raise UsageError(f"{problem}{expected}, found {ast.unparse(statement)!r}.")
        kind = ast.unparse(statement.annotation)
        if kind.removeprefix("list[").removesuffix("]") not in SCALARS:
            allowed = ", ".join(SCALARS)
            raise UsageError(
                f"{problem}line {statement.lineno}: expected one of {allowed} or a list of it, found {kind!r}."
            )
        try:
            default = ast.literal_eval(statement.value)
        except ValueError:
            raise UsageError(f"{problem}{expected}, found {ast.unparse(statement)!r}.") from None
        parameters[statement.target.id] = Parameter(statement.target.id, kind, default)
    return parameters


def convert_parameters(notebooks: Iterable[Notebook], given: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Check the parameters of a command against all notebooks that are to run.

    Parameters
    ----------
    notebooks : iterable of Notebook
    given : iterable of (str, str)
        Names and values as typed.

    Returns
    -------
    dict
        Typed values.

    Raises
    ------
    UsageError
        With everything that is wrong, all at once.
    """
    problems, values = [], {}
    for name, text in given:
        if SECRET_NAME.search(name) or SECRET_VALUE.search(text):
            problems.append(
                f"parameter '{name}' looks like a secret, and parameters are published; hand it to the notebook "
                "by an environment variable."
            )
            continue
        if name in OWN_OPTIONS:
            problems.append(f"parameter '{name}' is set with {OWN_OPTIONS[name]}.")
            continue
        for notebook in notebooks:
            own = {key: value for key, value in notebook.parameters.items() if key not in OWN_OPTIONS}
            if name not in own:
                problems.append(str(UnknownNameError("parameter", name, own, f"report {notebook.name}")))
                continue
            try:
                values[name] = own[name].convert(text)
            except ValueError as error:
                problems.append(f"parameter '{name}' of report {notebook.name}: {error}.")
    if problems:
        raise UsageError("\n".join(dict.fromkeys(problems)))
    return values
