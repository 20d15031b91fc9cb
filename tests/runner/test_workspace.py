import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from laichau_analysis.runner.processes import MARK
from laichau_analysis.runner.workspace import JUST_MADE, PREFIX, workspace


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_folder_is_there_for_the_run_and_gone_after_it(temporary):
    with workspace() as folder:
        (folder / "file").touch()
        assert folder.parent == temporary
    assert list(temporary.iterdir()) == []
    with pytest.raises(ZeroDivisionError), workspace() as folder:
        raise ZeroDivisionError
    assert list(temporary.iterdir()) == []


def test_what_a_killed_run_left_goes_and_what_a_living_one_has_stays(temporary):
    code = (
        "import sys, tempfile; from laichau_analysis.runner.workspace import workspace\n"
        "tempfile.tempdir = sys.argv[1]\n"
        "with workspace() as folder: print(folder, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(temporary)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as dead, subprocess.Popen(command, **pipes) as alive:
        left, kept = (process.stdout.readline().strip() for process in (dead, alive))
        dead.kill()
        dead.wait()
        with workspace():
            assert not os.path.exists(left)  # noqa: PTH110
            assert os.path.exists(kept)  # noqa: PTH110
        alive.communicate("")
    assert list(temporary.iterdir()) == []


def test_a_folder_that_is_just_being_made_stays(temporary):
    fresh, old = temporary / f"{PREFIX}fresh", temporary / f"{PREFIX}old"
    for folder, age in ((fresh, 0), (old, JUST_MADE + 60)):
        folder.mkdir()
        os.utime(folder, (time.time() - age,) * 2)
    with workspace():
        assert fresh.exists()
        assert not old.exists()


def test_the_end_of_a_run_ends_what_bears_its_mark_and_nothing_else(temporary):
    code = "import os, time; os.fork(); os.setsid(); print(flush=True); time.sleep(600)"
    command, pipes = [sys.executable, "-c", code], {"stdout": subprocess.PIPE}
    with workspace():
        first = subprocess.Popen(command, **pipes)
        first.stdout.read(2)
        with workspace():
            second = subprocess.Popen(command, **pipes)
            second.stdout.read(2)
        assert second.wait(5) == -signal.SIGKILL
        assert second.stdout.read() == b""  # the other one holds it no more
        assert first.poll() is None
    assert first.wait(5) == -signal.SIGKILL
    assert first.stdout.read() == b""
    for process in (first, second):
        process.stdout.close()
    assert MARK not in os.environ


def test_a_link_is_not_followed(temporary, tmp_path_factory):
    precious = tmp_path_factory.mktemp("precious")
    (precious / "lock").touch()
    (temporary / f"{PREFIX}link").symlink_to(precious)
    with workspace():
        pass
    assert (precious / "lock").exists()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells which signals a process blocks")
def test_the_helper_that_cleans_up_does_not_die_with_the_terminal():
    code = (
        "from multiprocessing import resource_tracker\n"
        "from laichau_analysis.runner.workspace import workspace\n"
        "with workspace():\n"
        "    print(open(f'/proc/{resource_tracker._resource_tracker._pid}/status').read())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    blocked = int(re.search(r"^SigBlk:\s*(\w+)", done.stdout, re.MULTILINE)[1], 16)
    assert blocked & 1 << (signal.SIGHUP - 1)
