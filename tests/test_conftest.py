import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CASES = """
import pytest
def test_well(): pass
@pytest.mark.skipif(True, reason="cron is not there")
def test_mark(): pass
def test_call(): pytest.skip("no file system")
@pytest.fixture
def lacking(): pytest.importorskip("no_such_module")
def test_fixture(lacking): pass
@pytest.mark.xfail(reason="known")
def test_known(): assert False
@pytest.mark.skipif(True, reason="LibreOffice is not there")
def test_allowed(): pass
"""


@pytest.mark.parametrize(
    ("checks", "status", "told"),
    [
        ("true", 1, "1 failed, 1 passed, 1 skipped, 1 xfailed, 2 errors in"),
        ("", 0, "1 passed, 4 skipped, 1 xfailed in"),
    ],
)
def test_the_machine_that_checks_skips_nothing(tmp_path, checks, status, told):
    (tmp_path / "test_cases.py").write_text(CASES, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        **{"cwd": Path(__file__).resolve().parents[1], "capture_output": True, "text": True, "check": False},
        env=os.environ | {"CI": checks},
    )
    assert told in done.stdout
    assert done.returncode == status


GROUPED = """
import os, pathlib, pytest
@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("i", range(6))
def test_grouped(i): print("ran by", os.environ["PYTEST_XDIST_WORKER"])
"""


def test_what_shares_a_costly_fixture_runs_in_one_process(tmp_path):
    (tmp_path / "test_grouped.py").write_text(GROUPED, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-n",
            "2",
            "--dist",
            "loadgroup",
            "-rP",
            "-p",
            "no:cacheprovider",
            str(tmp_path),
        ],
        **{"cwd": tmp_path, "capture_output": True, "text": True, "check": True},
    )
    assert len(re.findall("^ran by", done.stdout, re.MULTILINE)) == 6
    assert len(set(re.findall(r"^ran by (\w+)", done.stdout, re.MULTILINE))) == 1
