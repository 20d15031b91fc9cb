"""Warm kernels for Jupyter: a kernel provisioner, as ``jupyter_client`` looks them up.

A kernelspec names it in its metadata; whoever starts a kernel of that specification, papermill or nbclient,
need not know of it. Where the warm process gives none, the kernel's own command is run, as always.
"""

from __future__ import annotations

import asyncio
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, Final

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Unicode

from . import warm

__all__ = ["NAME", "WarmProvisioner", "make_known"]

NAME: Final = "laichau-warm"
"""Under which it is registered; see the entry points in ``pyproject.toml``."""


class WarmProvisioner(LocalProvisioner):
    """Lets a warm process fork kernels; they are watched and ended through it."""

    process: Any
    address = Unicode(help="Where the warm process is asked for kernels.").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Launch the kernel, warm or by its command."""
        folder = str(kwargs.get("cwd") or Path.cwd())
        own = [kwargs.get(name) for name in ("stdout", "stderr")]
        files = [number if file is None else file.fileno() for number, file in enumerate(own, 1)]
        try:
            request = {"command": cmd, "environment": kwargs["env"], "folder": folder}
            self.process = warm.fork(self.address, request, files)
        except OSError:
            return await super().launch_kernel(cmd, **kwargs)
        self.pid, self.cwd = self.process.pid, folder
        return self.connection_info

    async def wait(self) -> int | None:
        """Wait for the kernel's end, without asking for it again and again."""
        if not isinstance(self.process, warm.Forked):
            return await super().wait()
        loop = asyncio.get_running_loop()
        ended = loop.create_future()
        loop.add_reader(self.process, _note, ended)
        try:
            if self.process.poll() is None:
                await ended
        finally:
            loop.remove_reader(self.process)
        return self.process.wait()

    async def cleanup(self, restart: bool = False) -> None:
        """Let go of the kernel."""
        await super().cleanup(restart)
        if isinstance(self.process, warm.Forked):
            self.process.close()
            self.process = None


def _note(event: asyncio.Future[None]) -> None:
    if not event.done():
        event.set_result(None)


def make_known() -> None:
    """Register it where the installation does not: in a checkout that was installed before it was there."""
    entry = EntryPoint(NAME, f"{__name__}:{WarmProvisioner.__name__}", KernelProvisionerFactory.GROUP_NAME)
    KernelProvisionerFactory.instance().provisioners.setdefault(NAME, entry)
