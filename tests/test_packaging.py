"""What is built from the checkout, and that it works alone."""

import os
import re
import subprocess
import sys
import tarfile
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    names = [name for name in listed.split("\0") if name]
    return [ROOT / name for name in names] or pytest.skip("not a git checkout")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Wheel and sdist; the wheel is built from the sdist."""
    folder = tmp_path_factory.mktemp("dist")
    arguments = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(arguments, check=True, capture_output=True, text=True)
    return folder


@pytest.mark.slow
def test_the_wheel_carries_everything_and_nothing_else(built):
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    package = {name.removeprefix("laichau_analysis/") for name in names if name.startswith("laichau_analysis/")}
    for path in [*ROOT.glob("notebooks/*.ipynb"), *(ROOT / "data").rglob("*.*")]:
        assert f"shipped/{path.relative_to(ROOT).as_posix()}" in package
    assert {
        "py.typed",
        "__init__.pyi",
        "exhibits.css",
        "locale/vi/LC_MESSAGES/laichau_analysis.po",
        "runner/template/style.css",
        "runner/template/index_page.html.j2",
        "runner/template/report/index.html.j2",
        "runner/template/report/conf.json",
        "exchange/README.town.md",
        "exchange/examples.csv",
    } <= package
    assert not [name for name in names if re.search(r"tests/|__pycache__|\.venv|checkpoint", name)]
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert {"pyproject.toml", "README.md", "LICENSE", "notebooks/budget.ipynb", "tests/test_cli.py"} <= held


@pytest.fixture(scope="module")
def alone(built, tmp_path_factory):
    """Run the interpreter of an environment that has the wheel, in a folder that is empty at first."""
    place = tmp_path_factory.mktemp("alone")
    environment = place / "venv"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    site = next(environment.glob("lib/python*/site-packages"))
    (wheel,) = built.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(site)
    # Third parties come from the environment of the tests; the package must not.
    own = [path for path in sys.path if path.endswith("site-packages")]
    (site / "thirdparties.pth").write_text("\n".join(own), encoding="utf-8")
    empty, home = place / "empty", place / "home"
    empty.mkdir()
    home.mkdir()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "JUPYTER", "LAICHAU"))}
    clean["HOME"] = str(home)

    def command(*arguments):
        done = subprocess.run(
            [str(python), *arguments], cwd=empty, env=clean, capture_output=True, text=True, timeout=180, check=True
        )
        return done.stdout

    assert command("-c", "import laichau_analysis; print(laichau_analysis.__file__)").startswith(str(site))
    return command, empty


@pytest.mark.slow
def test_the_wheel_alone_writes_reports_in_an_empty_folder(alone):
    command, empty = alone
    assert "budget" in command("-m", "laichau_analysis", "list")
    assert command("-m", "laichau_analysis", "run", "--language", "vi") == "reports/index.html\n"
    assert "60,9%" in (empty / "reports" / "vi" / "budget.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_notebooks_of_the_wheel_are_copied_for_jupyterlab_and_never_overwritten(alone):
    command, empty = alone
    mine = empty / "notebooks" / "budget.ipynb"
    mine.parent.mkdir()
    mine.write_text("mine", encoding="utf-8")
    code = "from laichau_analysis.runner.lab import notebooks_to_open; print(notebooks_to_open(tell=print))"
    told, opened = command("-c", code).splitlines()
    assert opened == str(empty / "notebooks")
    assert mine.read_text(encoding="utf-8") == "mine"
    others = [path for path in sorted(ROOT.glob("notebooks/*.ipynb")) if path.name != mine.name]
    assert told == f"copied to notebooks: {', '.join(path.stem for path in others)}"
    assert [path.name for path in others if (mine.parent / path.name).read_bytes() != path.read_bytes()] == []
    assert command("-c", code).splitlines() == [opened]


def test_nothing_names_a_registry_or_a_machine():
    hosts = "|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + r"js\.", "debian" + r"\.org"])
    places = r"(^|[^\w.-])/(home/\w+|" + "|".join(["ro" + "ot", "wo" + "rk"]) + ")/"
    found = []
    for path in tracked():
        if path.is_file() and path.suffix not in (".png", ".svg"):
            text = path.read_text(encoding="utf-8")
            found += [f"{path.name}: {match[0]}" for match in re.finditer(f"{hosts}|{places}", text, re.MULTILINE)]
    assert found == []


def test_every_requirement_is_pinned_and_nothing_is_pinned_otherwise():
    pinned = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, version = re.fullmatch(r"([A-Za-z0-9._-]+)==([\w.+!]+)", line).groups()
            pinned[re.sub(r"[-_.]+", "-", name).lower()] = version
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [item for extra in project["optional-dependencies"].values() for item in extra]
    names = {re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", item)[0]).lower() for item in wanted}
    assert names <= set(pinned)


def test_every_target_of_the_makefile_is_phony_and_described():
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = set(re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)[1].split())
    assert phony == {"reports", "test", "lab", "lint", "docs", "bench", "clean", "help"}
    assert set(re.findall(r"^([a-z]+):.*## ", text, re.MULTILINE)) == phony
    helped = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(f"make {name}" in helped for name in phony)
