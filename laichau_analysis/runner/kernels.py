"""The kernel of one report: of the interpreter that runs this code, forked from a warm process or started.

Whatever kernelspecs are installed, it is this interpreter. Nothing waits for silence, and nothing asks again and
again: a kernel is ready when it says so, and its death is noticed at once.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any, Final

import zmq
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.channels import AsyncZMQSocketChannel
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from jupyter_core.utils import run_sync
from nbclient.exceptions import DeadKernelError

from .provisioner import NAME, make_known
from .warm import Forked

__all__ = ["KERNELSPEC", "Kernel"]

KERNELSPEC: Final = {"display_name": "Python 3", "language": "python", "name": "python3"}
STARTING: Final = 60.0
"""Seconds in which a kernel must have answered."""
SETTLING: Final = 1.0
"""Seconds after which a kernel is asked once more, since it did not hear that someone listens."""
LOOKING: Final = 5
"""Milliseconds after which a socket looks again whether the kernel has opened its own; by itself it waits for 100."""
DYING: Final = 5.0
"""Seconds to wait for a kernel that was killed."""


class _Replies(AsyncZMQSocketChannel):
    """Replies of a kernel; its death is one, too."""

    death: Callable[[], Awaitable[Any]]

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:  # type: ignore[override]
        """The next reply."""
        reply, death = asyncio.ensure_future(super().get_msg(timeout)), asyncio.ensure_future(self.death())
        try:
            await asyncio.wait((reply, death), return_when=asyncio.FIRST_COMPLETED)
            if reply.done():
                return reply.result()
            raise DeadKernelError("Kernel died")
        finally:
            reply.cancel()
            death.cancel()


class _Client(AsyncKernelClient):
    """Talks with a kernel."""

    shell_channel_class = _Replies

    def start_channels(self, *args: Any, **kwargs: Any) -> None:
        """Open the channels; the process is watched itself, so that its heartbeat tells nothing new."""
        assert isinstance(self.parent, Kernel)
        self.context.setsockopt(zmq.RECONNECT_IVL, LOOKING)
        self.shell_channel.death = self.parent.death
        super().start_channels(*args, **kwargs | {"hb": False})

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel has answered, on both channels."""
        ends = time.monotonic() + (timeout or STARTING)
        asked = await self._answered(ends)
        while True:
            said = None
            with suppress(Empty):
                said = await self.iopub_channel.get_msg(timeout=SETTLING)
            if said is None or said["msg_type"] == "iopub_welcome":  # nobody listened to what it said before
                asked = await self._answered(ends)
            elif said["content"].get("execution_state") == "idle" and said["parent_header"].get("msg_id") == asked:
                return

    async def _answered(self, ends: float) -> object:
        """Ask the kernel who it is until it answers; gives the identifier of the question."""
        while True:
            asked, reply = self.kernel_info(), None
            while reply is None or reply["parent_header"].get("msg_id") != asked:
                with suppress(Empty):
                    reply = await self.shell_channel.get_msg(timeout=SETTLING)
                if time.monotonic() > ends:
                    raise RuntimeError("it does not answer")
            self._handle_kernel_info_reply(reply)
            return asked


class Kernel(AsyncKernelManager):
    """Starts a kernel of the running interpreter, and keeps what it writes to standard error.

    Parameters
    ----------
    folder : Path
        A folder of its own: where it works, and where its sockets are.
    environment : mapping of str to str
        What it gets beside this process's environment.
    warm : str
        Address of the warm process that is to fork it; empty for a kernel that is started.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str], warm: str = "") -> None:
        # Free ports are looked for before they are bound: kernels that start side by side may take the same.
        # A socket's path has a hundred letters at most.
        transport = "ipc" if os.name == "posix" and len(str(folder)) < 88 else "tcp"
        super().__init__(
            connection_file=str(folder / "kernel.json"),
            transport=transport,
            kernel_name=KERNELSPEC["name"],
            client_factory=_Client,
        )
        if warm:
            make_known()
        self.folder = folder
        self._spec = KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            env=dict(environment),
            display_name=KERNELSPEC["display_name"],
            language=KERNELSPEC["language"],
            metadata={"kernel_provisioner": {"provisioner_name": NAME, "config": {"address": warm}}} if warm else {},
        )
        self._process: Any = None
        self._killed = False
        self._talking: list[AsyncKernelClient] = []

    @property
    def kernel_spec(self) -> KernelSpec:
        """What starts it: the interpreter that runs this code."""
        return self._spec

    async def _async_start_kernel(self, **options: Any) -> None:
        with (self.folder / "stderr.txt").open("ab") as log:
            await super()._async_start_kernel(**(options | {"stdout": log, "stderr": log}))
        assert isinstance(self.provisioner, LocalProvisioner)
        self._process = self.provisioner.process
        if self._killed:
            self.kill()

    start_kernel = _async_start_kernel

    def client(self, **options: Any) -> AsyncKernelClient:  # type: ignore[override]
        """Someone to talk with it."""
        self._talking.append(super().client(**options))
        return self._talking[-1]

    async def death(self) -> None:
        """Come back when it is dead."""
        assert self.provisioner is not None
        await self.provisioner.wait()

    @property
    def forked(self) -> bool:
        """Whether it comes from a warm process."""
        return isinstance(self._process, Forked)

    @property
    def lost(self) -> bool:
        """Whether it died since its warm process did."""
        return isinstance(self._process, Forked) and self._process.poll() is not None and self._process.lost

    def kill(self) -> None:
        """End it at once, now or when it starts; it has nothing to save."""
        self._killed = True
        if self._process is None or self._process.poll() is not None:
            return
        if self.forked or not hasattr(os, "killpg"):
            self._process.kill()
        else:  # what it has started as well
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """End it, and whatever is open for it."""
        self.kill()
        if self._process is not None:
            self._process.wait(DYING)
        for client in self._talking:
            client.stop_channels()
        run_sync(self._async_cleanup_resources)()

    def how_it_died(self) -> str:
        """How it ended, as far as the system knows."""
        status = None if self._process is None else self._process.poll()
        return "it does not answer" if status is None else _ending(status)

    def last_words(self, lines: int = 10) -> str:
        """The end of what it wrote to standard error."""
        log = self.folder / "stderr.txt"
        if not log.exists():
            return ""
        text = log.read_text(encoding="utf-8", errors="replace")
        return "\n".join(line for line in text.splitlines()[-lines:] if line.strip())


def _ending(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
    return f"{name}, as the system sends when memory runs out" if name == "SIGKILL" else name
