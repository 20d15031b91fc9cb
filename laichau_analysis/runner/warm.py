"""A process that has imported what reports need, and forks a process for each of them.

Imports take longer than most reports. Here they are made once, by a program that does nothing else: it runs
no code of a notebook, has one thread, and answers on a socket in the run's own folder, to processes of the same
user. What it forks ends with whoever asked for it, with the warm process itself, and so with the run.

Three sides meet here: a run starts a warm process (``start``), someone asks it for a fork (``fork``), and the
program answers (``serve``). The program is ``warm_kernels``.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import selectors
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

__all__ = ["Forked", "Warm", "fork", "serve", "start", "unavailable"]

PATIENCE: Final = 60.0
"""Seconds that imports may take before someone who asks for a fork gives up."""
READING: Final = 5.0
"""Seconds for a request to arrive in; the next one waits."""
DYING: Final = 2.0
"""Seconds to wait for forks that were killed."""
LONGEST: Final = 2**22
"""Bytes of a request."""
MOST_FILES: Final = 4
PR_SET_PDEATHSIG: Final = 1
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""Environment in which libraries start no threads: those would be missing after a fork. Forks have their own."""


def unavailable() -> str:
    """Why this system has no warm processes; empty where it has."""
    # Elsewhere a fork of a process that has loaded libraries of the system may crash, or there is none.
    return "" if sys.platform == "linux" else f"{sys.platform} cannot fork a process that has imported so much"


# --- the run ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Warm:
    """A warm process, for the run that started it.

    Attributes
    ----------
    address : str
        Where it is asked for forks.
    process : Popen
    log : Path
        What it writes to standard error.
    """

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def ended(self) -> str:
        """How it ended, in words; empty as long as it lives."""
        status = self.process.poll()
        if status is None:
            return ""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if self.log.exists() else []
        return lines[-1] if lines else f"it ended with status {status}"

    def stop(self) -> None:
        """End it at once, whatever it does; what it has forked ends with it."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()


def start(program: str, folder: Path) -> Warm:
    """Start a warm process; its imports go on while the run does something else.

    Parameters
    ----------
    program : str
        A module that calls ``serve``.
    folder : Path
        A folder that is private to the user and ends with the run.

    Returns
    -------
    Warm

    Raises
    ------
    OSError
        If it cannot be started; also if the folder's path is too long for a socket.
    """
    name = program.rpartition(".")[2]
    address, log = str(folder / name), folder / f"{name}.txt"
    with socket.socket(socket.AF_UNIX) as listener, log.open("wb") as errors:
        listener.bind(address)
        listener.listen(128)
        process = subprocess.Popen(
            [sys.executable, "-m", program, str(listener.fileno())],
            stdin=subprocess.PIPE,  # nothing is written: it ends when this end of the pipe closes
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=folder,  # Python looks for modules in it: there are none
            env=os.environ | ONE_THREAD,
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
    return Warm(address, process, log)


# --- who asks --------------------------------------------------------------------------------------------


class Forked:
    """A forked process, for the one who asked for it; it is used like ``subprocess.Popen``.

    Attributes
    ----------
    pid : int
    returncode : int or None
        As in ``Popen``, once it has ended.
    lost : bool
        Whether it ended since its warm process did.
    """

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.lost = False
        self._connection = connection

    def fileno(self) -> int:
        """What can be read from when the process has ended."""
        return self._connection.fileno()

    def poll(self) -> int | None:
        """The exit status, if it has ended."""
        return self._status(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, which is told at once."""
        status = self._status(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0.0)
        return status

    def _status(self, timeout: float | None) -> int | None:
        if self.returncode is None and select.select([self._connection], [], [], timeout)[0]:
            answer = _line(self._connection)
            self.lost = not answer
            self.returncode = int(answer or -signal.SIGKILL)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, and to what it has started in its group."""
        with suppress(OSError):
            self._connection.send(bytes([number]))

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def close(self) -> None:
        """Let go of it: if it has not ended, it is killed."""
        if self.poll() is None:
            self.returncode = -signal.SIGKILL
        self._connection.close()


def fork(address: str, request: Mapping[str, Any], files: Sequence[int] = ()) -> Forked:
    """Ask a warm process for a fork.

    Parameters
    ----------
    address : str
    request : mapping
        What the fork is to know, in what JSON can hold; it begins in the ``folder`` and with the ``environment``
        that stand there.
    files : sequence of int
        Open files that it gets.

    Returns
    -------
    Forked

    Raises
    ------
    OSError
        If there is no warm process, or it gives none.
    """
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(PATIENCE)
        connection.connect(address)
        socket.send_fds(connection, [b"\0"], list(files))
        connection.sendall(json.dumps(request).encode() + b"\n")
        answer = _line(connection)
        if not answer:
            raise ConnectionResetError("the warm process ended")
    except BaseException:
        connection.close()
        raise
    return Forked(connection, int(answer))


def _line(connection: socket.socket) -> str:
    """The next line of an answer; empty if the other side is gone."""
    line = b""
    with suppress(ConnectionResetError):
        while not line.endswith(b"\n"):
            byte = connection.recv(1)
            if not byte:
                return ""
            line += byte
    return line.decode().strip()


# --- the program -----------------------------------------------------------------------------------------


def serve() -> tuple[dict[str, Any], list[int]]:
    """Fork a process for each request; this comes back in the forked process only.

    A fork is killed when whoever asked for it is gone.

    Returns
    -------
    request : dict
    files : list of int
        What came with it. All else of the warm process is closed, its signals are as they were.
    """
    threads = len(list(Path("/proc/self/task").iterdir()))
    if threads > 1:
        sys.exit(f"{threads} threads are running after the imports, and only one would be there after a fork")
    sys.path.remove(str(Path.cwd()))
    # What was imported stays: a fork that looks for garbage would copy all of it.
    gc.collect()
    gc.freeze()
    return _Server(socket.socket(fileno=int(sys.argv[1]))).run()


class _Server:
    """The warm process: who asked for which fork, and what each is to be told."""

    def __init__(self, listener: socket.socket) -> None:
        self._pid = os.getpid()
        self._connections: dict[int, socket.socket | None] = {}
        self._listener = listener
        self._woken, self._waker = socket.socketpair()
        self._selector = selectors.DefaultSelector()

    def run(self) -> tuple[dict[str, Any], list[int]]:
        """Answer until the run is over; in a fork, what it was asked for comes back."""
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only what has a handler wakes the selector
        signal.set_wakeup_fd(self._waker.fileno(), warn_on_full_buffer=False)
        self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ, self._leave)
        self._selector.register(self._woken, selectors.EVENT_READ, self._reap)
        self._selector.register(self._listener, selectors.EVENT_READ, self._answer)
        while True:
            for key, _ in self._selector.select():
                forked = key.data()
                if forked is not None:
                    return forked  # type: ignore[no-any-return]

    def _answer(self) -> tuple[dict[str, Any], list[int]] | None:
        """Fork for whoever asks."""
        connection, _ = self._listener.accept()
        files: list[int] = []
        try:
            request = _request(connection, files)
            pid = os.fork()
        except (OSError, ValueError):
            connection.close()
            _close(files)
            return None
        if not pid:
            connection.close()
            self._become_another()
            _settle(request["folder"], request["environment"])
            return request, files
        _close(files)
        self._connections[pid] = connection
        self._selector.register(connection, selectors.EVENT_READ, partial(self._hear, pid))
        _tell(connection, pid)
        return None

    def _become_another(self) -> None:
        """Let go of everything that belongs to the warm process."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._selector.close()
        for item in (self._listener, self._woken, self._waker, *filter(None, self._connections.values())):
            item.close()
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, sys.stdin.fileno())
        os.close(nothing)
        os.setsid()
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._pid:  # it died in between
            os._exit(1)

    def _hear(self, pid: int) -> None:
        """Hand on a signal; whoever says nothing any more is gone."""
        connection = self._connections[pid]
        assert connection is not None
        try:
            heard = connection.recv(1)
        except OSError:
            heard = b""
        self._signal(pid, heard[0] if heard else signal.SIGKILL)
        if not heard:
            self._forget(pid)

    def _signal(self, pid: int, number: int) -> None:
        # It is not waited for yet, so that no other process can have its number.
        try:
            os.killpg(pid, number)
        except ProcessLookupError:  # it leads no group yet
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _forget(self, pid: int) -> None:
        connection = self._connections[pid]
        if connection is not None:
            self._selector.unregister(connection)
            connection.close()
            self._connections[pid] = None

    def _reap(self) -> None:
        """Tell how forks ended, and end what they leave."""
        with suppress(BlockingIOError):
            self._woken.recv(4096)
        for pid in list(self._connections):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            self._signal(pid, signal.SIGKILL)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            connection = self._connections[pid]
            if connection is not None:
                _tell(connection, status)
            self._forget(pid)
            del self._connections[pid]

    def _leave(self) -> None:
        """End everything: the run is over, however it ended."""
        for pid in self._connections:
            self._signal(pid, signal.SIGKILL)
        ends = time.monotonic() + DYING
        while self._connections and time.monotonic() < ends:
            select.select([self._woken], [], [], max(0.0, ends - time.monotonic()))
            self._reap()
        os._exit(0)


def _request(connection: socket.socket, files: list[int]) -> dict[str, Any]:
    """What someone asks for, and the files that come with it."""
    connection.settimeout(READING)
    _, user, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    if user != os.geteuid():
        raise PermissionError("another user asks")
    files += socket.recv_fds(connection, 1, MOST_FILES)[1]
    with connection.makefile("rb") as lines:
        request = json.loads(lines.readline(LONGEST))
    if not isinstance(request, dict) or not {"folder", "environment"} <= set(request):
        raise ValueError("no request")
    return request


def _settle(folder: str, environment: Mapping[str, str]) -> None:
    """Begin where and with what whoever asked wants it to."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()


def _tell(connection: socket.socket, number: int) -> None:
    with suppress(OSError):
        connection.sendall(b"%d\n" % number)


def _close(files: Sequence[int]) -> None:
    for file in files:
        os.close(file)
