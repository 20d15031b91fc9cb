"""``laichau lab`` in a browser: notebooks run there from their first cell to their last, and can be read.

One JupyterLab and one page for all tests; each notebook has a kernel of its own, as an analyst's has.
"""

import contextlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import expect

from laichau_analysis import load
from laichau_analysis.runner.execution import INTERACTIVE
from laichau_analysis.runner.notebooks import find_notebooks, read_notebook
from laichau_analysis.shipped import SEARCH_PATH, shipped
from tests.cells import covering
from tests.towns import two_years

BOOKS = find_notebooks(shipped("notebooks"))
ASKING = [book.name for book in BOOKS if f'"{INTERACTIVE}"' in book.path.read_text("utf-8")]
COMPARES = "compare"
"""Of one town, which is what is opened here, it has nothing to show."""
PICTURED = covering([book for book in BOOKS if book.name != COMPARES], ASKING)
OPENED = [*PICTURED, COMPARES]
"""What the others show, and how a kernel runs them, is the same; each list begins with the shorter one, since pytest
runs together what has the same place in its list."""
asking, pictured, each = (
    pytest.mark.parametrize("ran", names, indirect=True, scope="module") for names in (ASKING, PICTURED, OPENED)
)

pytestmark = pytest.mark.xdist_group("lab")  # beside the reports, with which it shares nothing

OWN_TOWN = "muong-bia"
ENOUGH = 4.5
"""Contrast of text, against the ground it stands on."""
PATIENCE = 90
"""Seconds for what takes two on a machine that has nothing else to do."""
SCREEN, PAPER = {"width": 1100, "height": 900}, {"width": 1100, "height": 12_000}
"""The window, and what it is made for pictures, so that most notebooks fit into it; in pixels."""

OPEN = """async path => {
    const book = await jupyterapp.commands.execute('docmanager:open', {path});
    await book.context.ready;
    await book.sessionContext.ready;
}"""
START = "() => { window.running = jupyterapp.commands.execute('notebook:run-all-cells'); }"
CELLS = """async () => {
    await window.running;
    return jupyterapp.shell.currentWidget.content.widgets.map(({model}) => ({
        kind: model.type,
        tags: model.getMetadata('tags') ?? [],
        source: model.sharedModel.getSource(),
        count: model.executionCount ?? null,
        outputs: (model.outputs?.toJSON() ?? []).map(({output_type, name, ename, evalue, text}) =>
            ({output_type, name, text, error: ename && `${ename}: ${evalue}`})),
    }));
}"""
CLOSE = """async () => {
    const book = jupyterapp.shell.currentWidget;
    await book.sessionContext.shutdown();
    book.dispose();
}"""
THEME = """async name => {
    await jupyterapp.commands.execute('apputils:change-theme', {theme: `JupyterLab ${name}`});
}"""
SCROLLED = """async top => {
    const box = jupyterapp.shell.currentWidget.node.querySelector('.jp-WindowedPanel-outer');
    box.scrollTop = top;
    for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
    const {left, top: y, width, height} = box.getBoundingClientRect();
    const cells = box.querySelectorAll('.jp-Cell'), end = cells[cells.length - 1].getBoundingClientRect().bottom;
    return {left, top: y, width, height, end, at: box.scrollTop};
}"""
SET = """() => {
    const all = css => [...jupyterapp.shell.currentWidget.node.querySelectorAll(`.jp-OutputArea-output ${css}`)];
    const styles = (css, name) => [...new Set(all(css).map(element => getComputedStyle(element)[name]))];
    const besides = new Set(all('.key-figures').map(list => {
        const [one, other] = [...list.children].map(card => card.getBoundingClientRect());
        return !other || one.top === other.top;
    }));
    return [styles('tbody th', 'textAlign'), styles('td.num', 'textAlign'), styles('dt', 'float'), [...besides]];
}"""
TEXTS = """() => {
    const found = [], rectangle = r => [r.left, r.top, r.right, r.bottom];
    for (const output of jupyterapp.shell.currentWidget.node.querySelectorAll('.jp-OutputArea-output')) {
        const walker = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
        for (let node; (node = walker.nextNode());) {
            const parent = node.parentElement;
            if (!/[\\p{L}\\p{N}]/u.test(node.data) || parent.closest('style, [style*="clip-path"]')) continue;
            const range = document.createRange(), box = parent.closest('.table')?.getBoundingClientRect();
            range.selectNodeContents(node);
            for (const line of range.getClientRects())
                if (!box || (line.left >= box.left && line.right <= box.right))
                    found.push([node.data.trim(), ...rectangle(line)]);
        }
        for (const picture of output.querySelectorAll('img[src^="data:image/svg"]')) {
            const style = getComputedStyle(picture), outer = picture.getBoundingClientRect();
            const source = decodeURIComponent(picture.src.slice(picture.src.indexOf(',') + 1));
            const drawing = document.importNode(new DOMParser().parseFromString(source, 'image/svg+xml').documentElement, true);
            Object.assign(drawing.style, {
                position: 'fixed', visibility: 'hidden', width: style.width, height: style.height,
                left: `${outer.left}px`, top: `${outer.top}px`, padding: style.padding, boxSizing: style.boxSizing,
            });
            document.body.append(drawing);
            for (const text of drawing.querySelectorAll('[id^=text_]'))
                found.push([`${text.id} of “${picture.alt}”`, ...rectangle(text.getBoundingClientRect())]);
            drawing.remove();
        }
    }
    return found;
}"""


@dataclass
class Ran:
    """A notebook that was run in JupyterLab."""

    book: object
    page: object
    given: dict
    expected: str
    cells: list = field(default_factory=list)

    @property
    def code(self):
        return [cell for cell in self.cells if cell["kind"] == "code" and cell["source"].strip()]

    def element(self, css):
        """What can be looked for in the notebook that is open."""
        return self.page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) {css}")

    def shows(self, css, text):
        """Whether the first such element comes to show a text once it is scrolled into view."""
        found = self.element(css).first
        found.scroll_into_view_if_needed()
        expect(found).to_have_text(text, use_inner_text=True)
        return True


def answered(page, script, argument=None):
    """What a script on the page comes to, in good time: a kernel that does not start would never be ready."""
    late = (
        f"new Promise((_, fail) => setTimeout(() => fail(new Error('no answer in {PATIENCE} s')), {PATIENCE * 1000}))"
    )
    return page.evaluate(f"argument => Promise.race([({script})(argument), {late}])", argument)


# --- the real thing --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Copies of the notebooks, a town of one's own, and a home in which another kernel has the name."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(shipped("notebooks"), folder / "notebooks")
    two_years(folder / OWN_TOWN)
    written = {
        "kernels/python3/kernel.json": {"argv": ["/no/such/python"], "display_name": "Another", "language": "python"},
        # Nothing asks, covers the page, or looks for news.
        "lab/user-settings/@jupyterlab/apputils-extension/notification.jupyterlab-settings": {
            "fetchNews": "false",
            "checkForUpdates": False,
        },
    }
    for name, content in written.items():
        path = folder / "home" / name
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content), encoding="utf-8")
    return folder


def hear_ctrl_c():
    """What a shell starts in the background ignores Ctrl-C, and so would all that it starts in turn."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture(scope="module")
def server(place):
    """The command as a process, and the address that it prints."""
    home = place / "home"
    jupyter = {f"JUPYTER_{name}": str(home) for name in ("PATH", "DATA_DIR", "CONFIG_DIR", "RUNTIME_DIR")}
    options = ["--no-browser", "--ip=127.0.0.1", "--port=0", "--expose-app-in-browser", "--LabApp.news_url=None"]
    options += [
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    options += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    own = ["--notebooks", "notebooks", "--data", f"./{OWN_TOWN}"]
    with subprocess.Popen(
        [sys.executable, "-m", "laichau_analysis", "lab", *own, *options],
        cwd=place,
        env=os.environ | jupyter | {"HOME": str(home), "IPYTHONDIR": str(home), SEARCH_PATH: ""},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_ctrl_c,
    ) as process:
        said = []
        for line in process.stderr:
            said.append(line)
            if address := re.search(r"http://127\S+/lab\?token=\w+", line):
                break
        assert address, "".join(said)
        threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop the server
        yield process, address[0], "".join(said)
        process.terminate()


@pytest.fixture(scope="module")
def page(server, browser):
    """JupyterLab on a wide screen."""
    _, address, _ = server
    context = browser.new_context(viewport=SCREEN)
    page = context.new_page()
    page.goto(address)
    page.wait_for_function("() => window.jupyterapp")
    page.evaluate("() => jupyterapp.restored.then(() => jupyterapp.commands.execute('application:toggle-left-area'))")
    answered(page, OPEN, f"{OPENED[0]}.ipynb")  # without kernels, all tests fail here and not one after another
    yield page
    context.close()


def first_parameters(book):
    """What a notebook needs before it can run: data sets without a default."""
    return {
        name: OWN_TOWN for name, kind in book.names.items() if kind == "dataset" and not book.parameters[name].default
    }


def other_parameters(book, place):
    """Another town, its year before where it has one, and the other language."""
    data = load(str(place / OWN_TOWN))
    years = (data.only(book.sectors) if book.sectors else data).years()
    return {"dataset": OWN_TOWN, "year": years[-2] if len(years) > 1 else 0, "language": "en"}


def headline(book, given):
    """What the library answers to the same code and parameters, without a notebook."""
    names, said = {}, io.StringIO()
    with contextlib.redirect_stdout(said):
        for cell in json.loads(book.path.read_text(encoding="utf-8"))["cells"]:
            tags = cell["metadata"].get("tags", [])
            if cell["cell_type"] == "code" and INTERACTIVE not in tags and not said.getvalue():
                exec("".join(cell["source"]), names)
                names.update(given if "parameters" in tags else {})
    _kicker, answer = said.getvalue().splitlines()
    return answer


def set_parameters(page, book, given):
    """Type new values into the cell of parameters."""
    cells = answered(page, CELLS)
    (number,) = [i for i, cell in enumerate(cells) if "parameters" in cell["tags"]]
    source = cells[number]["source"]
    for name, value in given.items():
        source, count = re.subn(
            rf"^({name}: \w+ = )[^#\n]*?(?=\s*(#|$))", rf"\g<1>{json.dumps(value)}", source, flags=re.M
        )
        assert count == 1
    editor = page.locator(f".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell >> nth={number} >> .cm-content")
    editor.click()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(source)
    assert answered(page, CELLS)[number]["source"] == source


@pytest.fixture(scope="module")
def ran(request, server, page, place, known_town):
    """A notebook, opened and run in JupyterLab."""
    book = read_notebook(place / "notebooks" / f"{request.param}.ipynb")
    answered(page, OPEN, book.path.name)
    given = first_parameters(book)
    if given:
        set_parameters(page, book, given)
    page.evaluate(START)
    result = Ran(book, page, given, headline(book, given))  # while the kernel is at work
    result.cells = answered(page, CELLS)
    yield result
    if server[0].poll() is None:
        answered(page, CLOSE)


@pytest.fixture(scope="module")
def known_town(place):
    """Let the library find the town that the command makes known."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SEARCH_PATH, str(place))
        yield


# --- what is seen ------------------------------------------------------------------------------------


def failures(ran):
    outputs = [output for cell in ran.code for output in cell["outputs"]]
    return [o["error"] or o["text"] for o in outputs if o["output_type"] == "error" or o["name"] == "stderr"]


def test_the_command_says_how_a_notebook_names_the_town(server):
    _, _, said = server
    assert f'dataset: str = "{OWN_TOWN}"' in said.splitlines()[0]


@each
def test_every_cell_runs_from_the_first_to_the_last(ran):
    assert failures(ran) == []
    assert [cell["count"] for cell in ran.code] == list(range(1, len(ran.code) + 1))


@each
def test_the_headline_is_what_the_library_says(ran):
    assert ran.shows(".headline", ran.expected)


@asking
def test_cells_that_ask_show_their_widgets(ran):
    for number in [i for i, cell in enumerate(ran.cells) if INTERACTIVE in cell["tags"] and cell["kind"] == "code"]:
        cell = ran.element(".jp-Cell").nth(number)
        cell.scroll_into_view_if_needed()
        cell.locator(".jupyter-widgets").first.wait_for(state="visible")
        for problem in ("Error displaying widget", "Error creating widget", "Loading widget"):
            expect(cell.get_by_text(problem)).to_have_count(0)


@pictured
def test_text_and_charts_can_be_read_in_the_dark(ran):
    check_contrasts(ran, "Dark")


@asking
def test_text_and_charts_can_be_read(ran):
    check_contrasts(ran, "Light")


def check_contrasts(ran, theme):
    ran.page.evaluate(THEME, theme)
    ran.page.locator("#jupyterlab-splash").wait_for(state="detached")
    texts = list(contrasts(ran.page))
    assert len(texts) > 20
    assert [(text, round(found, 2)) for text, found in texts if found < ENOUGH] == []


@pictured
def test_exhibits_are_set_as_in_a_page(ran):
    names, figures, terms, cards = ran.page.evaluate(SET)
    assert names == ["left"]
    assert figures == ["right"]
    assert terms == ["none"]
    assert cards in ([], [True])


@pictured
def test_a_reference_leads_to_the_row_of_its_figure(ran):
    link = ran.element(".refs a").first
    row = ran.element(
        f"[id='{link.get_attribute('href')[1:]}']"
    ).first  # where an answer to a question is above, it has sources, too
    link.scroll_into_view_if_needed()
    expect(row).not_to_be_in_viewport()
    link.click()
    expect(row).to_be_in_viewport()


@each
def test_other_parameters_give_another_answer(ran, place):
    """The last of a notebook's tests: it is run again, with parameters typed into its cell."""
    other = ran.given | other_parameters(ran.book, place)
    set_parameters(ran.page, ran.book, other)
    ran.page.evaluate(START)
    expected = headline(ran.book, other)
    ran.cells = answered(ran.page, CELLS)
    assert failures(ran) == []
    assert expected != ran.expected
    assert ran.shows(".headline", expected)
    assert ran.shows(".kicker", re.compile(rf"Mường Bịa Town · .* {other['year'] or ''}"))


def test_ctrl_c_ends_it_with_all_its_kernels(server):
    process, _, _ = server
    kernels = psutil.Process(process.pid).children(recursive=True)
    assert kernels  # of the notebook that was open last
    process.send_signal(signal.SIGINT)  # on a terminal, it would ask whether that is meant
    assert process.wait(30) == 0
    assert psutil.wait_procs(kernels, timeout=5)[1] == []


# --- contrast from pixels ----------------------------------------------------------------------------


def contrasts(page):
    """Each text of the outputs, also inside charts, with its contrast in a picture of the notebook."""
    page.set_viewport_size(PAPER)
    top, more = 0, True
    while more:
        seen = page.evaluate(SCROLLED, top)
        size = PAPER | {"height": min(PAPER["height"], seen["end"])}
        pixels = pixels_of(page.screenshot(clip={"x": 0, "y": 0, **size}))
        bottom = seen["top"] + seen["height"]
        for text, *sides in page.evaluate(TEXTS):
            left, up, right, down = (round(side) for side in sides)
            if seen["top"] <= up < down <= bottom and left < right:
                yield text, contrast(pixels[up:down, left:right])
        top, more = seen["at"] + seen["height"] - 1000, seen["end"] > bottom
    page.set_viewport_size(SCREEN)


def pixels_of(picture):
    return np.asarray(Image.open(io.BytesIO(picture)).convert("RGB"))


SHADE = np.arange(256) / 255
LINEAR = np.where(SHADE <= 0.04045, SHADE / 12.92, ((SHADE + 0.055) / 1.055) ** 2.4)


def contrast(pixels):
    """Of the ink of a text against the colour that most of its area has, as WCAG defines it."""
    levels = np.sort((LINEAR[pixels] @ [0.2126, 0.7152, 0.0722]).ravel())
    ground = np.bincount(np.round(levels * 10_000).astype(int)).argmax() / 10_000
    # Two stray pixels make no text.
    darkest, lightest = levels[min(2, len(levels) - 1)], levels[max(-3, -len(levels))]
    return float(max((ground + 0.05) / (darkest + 0.05), (lightest + 0.05) / (ground + 0.05)))


@pytest.mark.parametrize(
    ("ink", "ground", "true"),
    [("#767676", "#fff", 4.54), ("#8a8a8a", "#fff", 3.45), ("#000", "#fff", 21), ("#777", "#111", 4.22)],
)
def test_contrast_is_measured_as_it_is(browser, ink, ground, true):
    page = browser.new_page(viewport={"width": 400, "height": 60})
    page.set_content(f'<body style="background: {ground}; color: {ink}; font: 14px DejaVu Sans">Chỉ tiêu 2025: 300')
    assert contrast(pixels_of(page.screenshot())) == pytest.approx(true, rel=0.03)
    page.close()
