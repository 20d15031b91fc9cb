"""Every report in both languages, and the index, as a browser shows them.

All tests of reports share one run and one browser; a page is loaded once for all tests that look at
it in one width.
"""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from laichau_analysis.dataset import LANGUAGES, load
from laichau_analysis.runner.jobs import file_stem
from laichau_analysis.runner.notebooks import find_notebooks
from laichau_analysis.shipped import shipped
from tests.editions import later_edition

EARLIER = "lai-chau-drawn"
"""An edition that the one that ships is compared with: figures came, went and were revised, whichever is the later one."""
ON_REQUEST = [
    ("changes", "earlier", EARLIER),
    ("explore", "indicator", "revenue_in_area"),  # with a target, a series and a whole
    ("explore", "indicator", "livestock_number"),  # with parts only, and plans that are not printed
]
"""Reports that are asked for by name, with their parameters."""
STEMS = [book.name for book in find_notebooks(shipped("notebooks")) if not book.on_request]
STEMS += [file_stem(name, [(parameter, value)]) for name, parameter, value in ON_REQUEST]
REPORTS = [f"{language}/{stem}.html" for language in LANGUAGES for stem in STEMS]
PAGES = [*REPORTS, "index.html"]
SCREENS = {"desk": (1280, 800), "phone": (375, 812)}


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for groups
def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not item.get_closest_marker("xdist_group"):
                item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass
class Opened:
    """A page in a browser, with what happened while it was loaded."""

    name: str
    file: Path
    page: object
    seconds: float = 0.0
    requests: list = field(default_factory=list)
    messages: list = field(default_factory=list)

    @property
    def language(self):
        return self.name.split("/")[0]

    def look(self, script, argument=None):
        """What a script finds on the page."""
        return self.page.evaluate(script, argument)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """The folder of the other edition."""
    folder = tmp_path_factory.mktemp("editions") / EARLIER
    later_edition(folder)
    return folder


@pytest.fixture(scope="session")
def figures(lai_chau, drawn):
    """Place and number token of every figure, by the edition that a report tells it by."""
    known = {
        data.name: set(zip(data.observations["locator"], data.observations["printed"], strict=True))
        for data in (lai_chau, load(str(drawn)))
    }
    return {"": known[lai_chau.name], "bản trước": known[EARLIER], "earlier edition": known[EARLIER]}


@pytest.fixture(scope="session")
def published(tmp_path_factory, drawn):
    """The output folder of a run over everything; ``LAICHAU_TEST_REPORTS`` names one that is there already."""
    given = os.environ.get("LAICHAU_TEST_REPORTS")
    if given:
        return Path(given)
    folder = tmp_path_factory.mktemp("published")
    asked = [[name, "-p", key, str(drawn) if value == EARLIER else value] for name, key, value in ON_REQUEST]
    for arguments in ([], *asked):
        done = subprocess.run(
            [sys.executable, "-m", "laichau_analysis", "run", *arguments, "--output", str(folder)],
            **{"cwd": folder, "capture_output": True, "text": True, "check": False, "timeout": 600},
        )
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="session")
def browser(chromium):
    """Chromium, driven from outside."""
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"] if root else [])
        yield started
        started.close()


@pytest.fixture(scope="session")
def visit(browser, published):
    """Open a published page without a network."""

    def go(name, screen):
        width, height = SCREENS[screen]
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        opened = Opened(name, published / name, context.new_page())
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("console", lambda message: opened.messages.append(message.text))
        opened.page.on("pageerror", lambda error: opened.messages.append(str(error)))
        started = time.perf_counter()
        opened.page.goto(opened.file.as_uri(), wait_until="load")
        opened.seconds = time.perf_counter() - started
        return opened

    return go


@pytest.fixture(scope="session", params=PAGES)
def desk(visit, request):
    """Each page on a desk's screen."""
    opened = visit(request.param, "desk")
    yield opened
    opened.page.context.close()


@pytest.fixture(scope="session", params=PAGES)
def phone(visit, request):
    """Each page on a phone."""
    opened = visit(request.param, "phone")
    yield opened
    opened.page.context.close()


@pytest.fixture
def report(desk):
    """Each report on a desk's screen."""
    if desk.name == "index.html":
        pytest.skip("the index is no report")
    return desk
