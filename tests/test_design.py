"""The rules of the house: what knows what, and what is imported when."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import laichau_analysis
from laichau_analysis.shipped import shipped

PACKAGE = Path(laichau_analysis.__file__).parent
ORDER = [
    *("errors", "files", "shipped", "units", "periods", "schema", "precision", "formulas", "exact", "keys", "sheets"),
    *("checks", "observations", "homes", "partitions", "dataset", "provenance", "inputs", "readings"),
    *(
        "figures",
        "metrics",
        "assumptions",
        "audit",
        "editions",
        "export",
        "words",
        "wording",
        "batches",
        "changes",
        "towns",
    ),
    *("tables", "charts", "look", "exhibits", "report", "inquiry", "explorer", "schedule"),
    *(
        "runner.notebooks",
        "runner.matrix",
        "runner.jobs",
        "runner.fingerprints",
        "runner.parcels",
        "runner.rendering",
        "runner.processes",
        "runner.workspace",
        "runner.warm",
        "runner.warm_kernels",
        "runner.provisioner",
        "runner.kernels",
        "runner.execution",
        "runner.printing",
        "runner.office",
        "runner.production",
        "runner.remote",
        "runner.cluster",
        "runner.planning",
        "runner.landing",
        "runner.history",
        "runner.privacy",
        "runner.publishing",
        "runner.unchanged",
        "runner.notices",
        "runner.logs",
        "runner.pipeline",
        "exchange.folders",
        "exchange.starting",
        "exchange.layout",
        "exchange.template",
        "exchange.workbook",
        "exchange.reading",
        "exchange.coding",
        "exchange.importing",
        "exchange.converting",
        "runner.lab",
        "cli",
        "__main__",
    ),
]
MODULES = {
    path.relative_to(PACKAGE).with_suffix("").as_posix().replace("/", "."): path for path in PACKAGE.rglob("*.py")
}


def imports(path, *, late):
    """Modules of the package that a module imports, and names from outside; late ones on request."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if late else tree.body
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.level:
            prefix = f"{path.parent.name}." if node.level == 1 and path.parent != PACKAGE else ""
            yield from [prefix + node.module] if node.module else [prefix + alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_module_has_its_place_in_the_order():
    assert set(MODULES) - {"__init__", "runner.__init__", "exchange.__init__"} == set(ORDER)


@pytest.mark.parametrize("module", ORDER)
def test_imports_go_one_way(module):
    own = {name for name in imports(MODULES[module], late=True) if name in ORDER}
    assert {name for name in own if ORDER.index(name) >= ORDER.index(module)} == set()


@pytest.mark.parametrize("module", [name for name in ORDER if "." not in name and name not in ("cli", "__main__")])
def test_the_core_knows_neither_runner_nor_exchange(module):
    assert not [name for name in imports(MODULES[module], late=True) if name.startswith(("runner", "exchange"))]


@pytest.mark.parametrize("module", [name for name in ORDER if not name.startswith("runner") and name != "cli"])
def test_the_core_knows_no_jupyter(module):
    outside = {name.split(".")[0] for name in imports(MODULES[module], late=False)}
    assert not outside & {
        "papermill",
        "nbconvert",
        "nbclient",
        "nbformat",
        "jupyter_client",
        "IPython",
        "seaborn",
        "matplotlib",
        "ipywidgets",
    }


def test_the_library_knows_no_sector():
    folder = shipped("data") / "lai-chau"
    codes = set()
    for name in ("indicators", "sectors", "areas", "breakdowns", "categories"):
        rows = (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:]
        codes |= {cell for row in rows for cell in row.split(",")[: 2 if name == "categories" else 1]}
    # Words that are also plain English are no sign of a sector.
    codes -= {
        "other",
        "new",
        "repair",
        "environment",
        "education",
        "health",
        "culture",
        "profile",
        "origin",
        "population",
        "level",
        "notice",
        "offence",
    }
    found = {
        (module, node.value)
        for module, path in MODULES.items()
        if module != "units"  # a commune and a market are things to count, too
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in codes
    }
    assert found == set()


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_the_command_line_answers_without_loading_pandas():
    heavy = ["pandas", "numpy", "matplotlib", "papermill", "nbconvert", "jupyter_client", "IPython", "babel"]
    loaded = run(
        f"import sys, laichau_analysis, laichau_analysis.cli; print(*[m for m in {heavy} if m in sys.modules])"
    )
    assert loaded == []


def test_who_makes_reports_loads_only_what_it_needs():
    """Frames and charts are the kernel's; each worker would import them for nothing."""
    loaded = run(
        "import sys; from laichau_analysis.runner.pipeline import UNASKED; sys.modules.update(dict.fromkeys(UNASKED));"
        "import laichau_analysis.runner.production;"
        "print(*[m for m in ['pandas', 'numpy', 'matplotlib'] if m in sys.modules])"
    )
    assert loaded == []


def test_importing_has_no_effect():
    code = (
        "import warnings, sys, pandas, babel.numbers\n"
        "before = list(warnings.filters)\n"
        "from laichau_analysis import metrics, charts, wording, report\n"
        "print(before == list(warnings.filters), 'matplotlib' in sys.modules)"
    )
    assert run(code) == ["True", "False"]


def test_the_public_names_are_documented():
    assert "load" in dir(laichau_analysis)
    for name in laichau_analysis.__all__:
        assert getattr(laichau_analysis, name).__doc__, name


@pytest.mark.parametrize("module", [name for name in ORDER if name not in ("__main__",)])
def test_public_functions_say_what_they_take_and_give(module):
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    exported = next(
        (ast.literal_eval(n.value) for n in tree.body if isinstance(n, ast.Assign) and n.targets[0].id == "__all__"), []
    )
    silent = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and node.name in exported
        and not re.search(r"-{4,}|^[^\n]+$", ast.get_docstring(node) or "")
    ]
    assert silent == []
