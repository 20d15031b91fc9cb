"""What ``laichau lab`` prepares; what then shows in a browser is looked at in ``tests/browser/test_lab.py``."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from laichau_analysis import load
from laichau_analysis.errors import UsageError
from laichau_analysis.runner.lab import ThisInterpreter, make_known, notebooks_to_open
from laichau_analysis.shipped import SEARCH_PATH, shipped
from tests.towns import figure, indicator, write_town


def kernelspec(folder, name, argv):
    """Install a kernelspec as another environment would."""
    place = folder / "kernels" / name
    place.mkdir(parents=True)
    place.joinpath("kernel.json").write_text(json.dumps({"argv": argv, "display_name": name, "language": "python"}))


@pytest.mark.parametrize("variable", ["JUPYTER_PATH", "JUPYTER_DATA_DIR"])
def test_the_kernel_is_this_interpreter_whatever_is_installed(tmp_path, monkeypatch, variable):
    kernelspec(tmp_path, "python3", ["/no/such/python"])
    kernelspec(tmp_path, "other", ["/some/other/kernel"])
    monkeypatch.setenv(variable, str(tmp_path))
    found = ThisInterpreter()
    assert found.get_kernel_spec("python3").argv[0] == sys.executable
    assert found.get_all_specs()["python3"]["spec"]["argv"][0] == sys.executable
    assert found.get_kernel_spec("other").argv == ["/some/other/kernel"]
    assert found.get_all_specs()["other"]["spec"]["argv"] == ["/some/other/kernel"]


def test_a_checkout_opens_its_own_notebooks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert notebooks_to_open() == shipped("notebooks")
    (tmp_path / "own").mkdir()
    assert notebooks_to_open(Path("own")) == tmp_path / "own"
    assert [path.name for path in tmp_path.iterdir()] == ["own"]


def test_a_town_is_known_by_its_name_from_any_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(SEARCH_PATH, os.pathsep.join(["towns", "/elsewhere"]))
    write_town(tmp_path / "mine" / "new-town", [indicator("revenue")], [figure("revenue", "2024", "5")])
    write_town(tmp_path / "towns" / "old-town", [indicator("revenue")], [figure("revenue", "2024", "7")])
    assert make_known("./mine/new-town") == "new-town"
    assert make_known("old-town") == "old-town"
    folders = [str(tmp_path / "towns"), str(tmp_path / "mine"), "/elsewhere"]
    assert os.environ[SEARCH_PATH].split(os.pathsep) == folders
    monkeypatch.chdir("/")
    assert {load(name).name for name in ("new-town", "old-town", "lai-chau")} == {"new-town", "old-town", "lai-chau"}


def test_a_town_that_is_not_there_is_refused(tmp_path, monkeypatch):
    monkeypatch.delenv(SEARCH_PATH, raising=False)
    with pytest.raises(UsageError, match="unknown data set 'lai-chou': did you mean 'lai-chau'"):
        make_known("lai-chou")
    assert SEARCH_PATH not in os.environ


def lab(*arguments, cwd, code="from laichau_analysis.cli import main; main()"):
    return subprocess.run(
        [sys.executable, "-c", code, "lab", *arguments],
        **{"cwd": cwd, "capture_output": True, "text": True, "timeout": 60, "check": False},
    )


def test_further_arguments_are_those_of_jupyter_lab(tmp_path):
    done = lab("--version", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split(".")[0].isdecimal()


def test_without_jupyterlab_one_error_says_how_to_get_it(tmp_path):
    hidden = "import sys; sys.modules['jupyterlab'] = None; from laichau_analysis.cli import main; main()"
    done = lab("--data", "lai-chau", cwd=tmp_path, code=hidden)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "laichau: JupyterLab is not installed. Install it with: pip install 'laichau-analysis[lab]'\n"
    assert list(tmp_path.iterdir()) == []
