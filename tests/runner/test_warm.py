"""Processes that others are forked from: who may ask, what a fork is like, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import psutil
import pytest

from laichau_analysis.runner import warm

pytestmark = pytest.mark.skipif(bool(warm.unavailable()), reason=warm.unavailable())

PROGRAM = """
import os, signal, sys, time
from laichau_analysis.runner import warm

request, files = warm.serve()
os.write(files[0], b"forked")
exec(request["code"])
"""


@pytest.fixture
def place(tmp_path_factory, monkeypatch):
    """A folder with a program in it, whose path a socket has room for."""
    folder = tmp_path_factory.mktemp("w")
    (folder / "library").mkdir()
    (folder / "library" / "program.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder / "library"))
    return folder


@pytest.fixture
def process(place):
    started = warm.start("program", place)
    yield started
    started.stop()


@contextmanager
def asked(process, code, **environment):
    """A fork that has begun, and what it writes to its file."""
    reading, writing = os.pipe()
    try:
        forked = warm.fork(process.address, {"code": code, "folder": "/", "environment": environment}, [writing])
    finally:
        os.close(writing)
    with os.fdopen(reading, "rb") as file:
        assert file.read(6) == b"forked"
        yield forked, file
    forked.close()


def gone(pid, seconds=5):
    limit, pause = time.monotonic() + seconds, threading.Event()
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < limit, "it is still there"
        pause.wait(0.02)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("pass", 0),
        ("sys.exit(3)", 3),
        ("os._exit(4)", 4),
        ("os.abort()", -signal.SIGABRT),
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
def test_the_end_of_a_fork_is_told(process, code, status):
    with asked(process, code) as (forked, _):
        assert forked.wait(30) == forked.poll() == forked.returncode == status
        assert not forked.lost


def test_a_fork_is_told_what_to_do(process):
    heard = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); os.write(files[0], b'!'); time.sleep(60)"
    with asked(process, heard) as (forked, file):
        assert forked.poll() is None
        assert file.read(1) == b"!"
        forked.terminate()
        assert forked.wait(30) == 7


@pytest.mark.parametrize("what", ["asker", "process", "run"])
def test_a_fork_ends_with_whoever_asked_for_it_with_its_process_and_with_the_run(process, what):
    with asked(process, "time.sleep(60)") as (forked, _):
        if what == "asker":
            forked.close()
        elif what == "process":
            process.process.kill()
        else:
            process.process.stdin.close()  # as if the run had been killed
        gone(forked.pid)
        if what == "process":
            assert forked.wait(5) == -signal.SIGKILL
            assert forked.lost
    if what == "asker":
        assert process.ended() == ""
    else:
        process.process.wait(5)


def test_what_a_fork_has_started_ends_with_it(process):
    code = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, file=os.fdopen(files[0], 'w'), flush=True)"
    with asked(process, code) as (forked, file):
        child = int(file.readline())
        assert forked.wait(30) == 0
        gone(child)


def test_nothing_of_the_warm_process_is_open_in_a_fork(process):
    show = (
        "import json\n"
        "seen = {'open': sorted(os.listdir('/proc/self/fd')), 'environment': dict(os.environ), 'parent': os.getppid(),\n"
        "        'stdin': os.path.realpath('/proc/self/fd/0'), 'group': os.getpgid(0) == os.getpid(),\n"
        "        'signals': [str(signal.getsignal(n)) for n in (signal.SIGCHLD, signal.SIGINT)], 'zone': time.tzname[0],\n"
        "        'wakeup': signal.set_wakeup_fd(-1)}\n"
        "os.write(files[0], json.dumps(seen).encode())"
    )
    with asked(process, "time.sleep(60)"), asked(process, show, TZ="Asia/Ho_Chi_Minh", A="b") as (_, file):
        seen = json.loads(file.read())
    assert len(seen["open"]) == 5  # three standard ones, the one that came, and the folder that is listed
    assert seen["environment"] == {"TZ": "Asia/Ho_Chi_Minh", "A": "b"}
    assert seen["parent"] == process.process.pid
    assert seen["stdin"] == os.devnull
    assert seen["group"] is True
    assert seen["signals"] == [str(signal.SIG_DFL), str(signal.default_int_handler)]
    assert seen["zone"] == "+07"
    assert seen["wakeup"] == -1


@pytest.mark.parametrize("words", [b"", b"\0", b"\0{", b"\0[]\n", b"\0{}\n", b"\0" + b"x" * 100_000 + b"\n"])
def test_who_asks_for_nothing_sensible_gets_nothing_and_disturbs_nobody(process, words):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(process.address)
        connection.sendall(words)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    with asked(process, "pass"):
        pass


def test_another_user_gets_nothing(process, place):
    if os.geteuid() != 0:
        pytest.skip("this user cannot become another one")
    with asked(process, "pass"):
        pass
    for folder in (place, *place.parents):  # the folder alone would keep others out
        folder.chmod(folder.stat().st_mode | 0o055)
    (place / "program").chmod(0o777)
    code = (
        "import os, socket, sys\n"
        "os.setuid(65534)\n"
        "connection = socket.socket(socket.AF_UNIX)\n"
        f"connection.connect({process.address!r})\n"
        'try:\n    connection.sendall(b\'\\0{"folder": "/", "environment": {}}\\n\'); answer = connection.recv(100)\n'
        "except OSError:\n    answer = b''\n"
        "print(answer)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "b''\n"


@pytest.mark.parametrize(
    ("beginning", "words"),
    [
        ("raise ImportError('not today')\n", "ImportError: not today"),
        (
            "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n",
            "2 threads are running after the imports, and only one would be there after a fork",
        ),
    ],
)
def test_a_program_that_cannot_fork_says_why(place, beginning, words):
    (place / "library" / "program.py").write_text(beginning + PROGRAM, encoding="utf-8")
    process = warm.start("program", place)
    with pytest.raises(OSError, match=r"ended|reset|refused"):
        warm.fork(process.address, {"folder": "/", "environment": {}})
    process.process.wait(30)
    assert process.ended() == words
    process.stop()


def test_a_folder_whose_path_no_socket_can_have_is_an_error(tmp_path):
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    with pytest.raises(OSError, match="too long"):
        warm.start("program", folder)
