"""A page -> PDF, printed by Chromium on its command line.

The PDF is tagged and has the page's headings as bookmarks. Chromium gets a folder of its own, no
network, and a time in which it has to be done; however it ends, none of its processes is left.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

from ..errors import LaichauError
from .processes import TookTooLongError, run_group

__all__ = ["PrintError", "browser", "pdf", "unavailable"]

VARIABLE: Final = "LAICHAU_CHROMIUM"
NAMES: Final = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "msedge"),
)
USUAL_PLACES: Final = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ),
}
OPTIONS: Final = (
    *("--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--no-pdf-header-footer", "--generate-pdf-document-outline"),
)
DATES: Final = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}([^)]*)\)")
FIXED: Final = rb"/\1 (D:20000101000000\2)"
NODES: Final = re.compile(rb"\(node(\d{8})\)")
"""What Chromium calls the cells of tables; it does not always count from the same number."""


class PrintError(LaichauError):
    """A page could not be printed."""


def browser() -> str:
    """Path of the browser that prints; empty where there is none."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return shutil.which(named) or ""
    found = (shutil.which(name) for name in (*NAMES, *USUAL_PLACES.get(sys.platform, ())))
    return next(filter(None, found), "")


def unavailable() -> str:
    """Why this machine cannot print; empty where it can."""
    if browser():
        return ""
    named = os.environ.get(VARIABLE, "")
    if named:
        return f"{VARIABLE} names {named!r}, which cannot be executed; name a Chromium, or unset it"
    return f"no Chromium was found; install one (Debian: apt install chromium), or name it in {VARIABLE}"


def pdf(html: str, *, timeout: float = 120.0) -> bytes:
    """Print a page.

    Parameters
    ----------
    html : str
        A self-contained page.
    timeout : float
        Seconds.

    Returns
    -------
    bytes
        A tagged PDF; the same bytes each time.

    Raises
    ------
    PrintError
        If there is no Chromium, or it did not print in time; with its last words.
    """
    missing = unavailable()
    if missing:
        raise PrintError(missing)
    with tempfile.TemporaryDirectory(prefix="laichau-", ignore_cleanup_errors=True) as folder:
        page, printed = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        command = [browser(), *OPTIONS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={printed}", page.as_uri()]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium does not start otherwise
        try:
            _, said = run_group(command, timeout=timeout)
        except TookTooLongError:
            raise PrintError(f"Chromium took longer than {timeout:g} s") from None
        if not printed.is_file():
            raise PrintError(f"Chromium wrote no PDF; it said: {said or 'nothing'}")
        return _undated(printed.read_bytes())


def _undated(document: bytes) -> bytes:
    """The same document, of the same length, without what changes from print to print."""
    numbers = {node: i for i, node in enumerate(sorted(set(NODES.findall(document))))}
    counted = NODES.sub(lambda found: b"(node%08d)" % numbers[found[1]], document)
    return DATES.sub(FIXED, counted)
