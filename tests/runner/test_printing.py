import io
import os
import re
import subprocess
import sys
import time

import pytest
from pypdf import PdfReader

from laichau_analysis.runner import printing

PAGE = """<!DOCTYPE html><html lang="vi"><head><title>Ngân sách</title>
<style>body { font-family: "DejaVu Sans" } @page { size: A4; margin: 22mm } @media print { .screen { display: none } }</style></head><body><main>
<h1>Ngân sách</h1><p>Thu đạt 182,6 tỷ đồng.</p><h2>Thu đúng tiến độ không?</h2>
<table><caption>Bảng</caption><tr><th scope="col">Năm</th></tr><tr><td>2024</td></tr></table>
<p class="screen">chỉ trên màn hình</p></main></body></html>"""


def titles(outline):
    return [title for item in outline for title in (titles(item) if isinstance(item, list) else [item.title])]


@pytest.mark.browser
def test_a_page_becomes_a_tagged_pdf_with_bookmarks(chromium):
    reader = PdfReader(io.BytesIO(printing.pdf(PAGE)))
    assert [[round(float(side)) for side in sheet.mediabox[2:]] for sheet in reader.pages] == [[595, 842]]
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "vi"
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    assert titles(reader.outline) == ["Ngân sách", "Thu đúng tiến độ không?"]
    text = reader.pages[0].extract_text()
    assert "Thu đạt 182,6 tỷ đồng." in text
    assert "chỉ trên màn hình" not in text
    assert reader.metadata.title == "Ngân sách"


def test_what_changes_from_print_to_print_is_fixed():
    one, other = (
        b"/CreationDate (D:2026%s+00'00') /ID (node%08d) /Headers [(node%08d)]" % (day, number, number + 5)
        for day, number in ((b"1124120000", 15), (b"1125130000", 16))
    )
    assert printing._undated(one) == printing._undated(other)
    assert printing._undated(one) == (
        b"/CreationDate (D:20000101000000+00'00') /ID (node00000000) /Headers [(node00000001)]"
    )


@pytest.mark.browser
def test_two_prints_are_the_same_and_name_no_day(chromium):
    one = printing.pdf(PAGE)
    until = int(time.time()) + 1
    while time.time() < until:  # the next second: Chromium writes the time into what it prints
        pass
    assert printing.pdf(PAGE) == one
    assert PdfReader(io.BytesIO(one)).metadata.creation_date.year == 2000


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """A command in Chromium's place."""

    def make(body):
        path = tmp_path / "chromium.py"
        path.write_text(f"#!{sys.executable}\nimport os, sys, subprocess, time\n{body}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setenv("LAICHAU_CHROMIUM", str(path))
        return tmp_path

    return make


@pytest.mark.skipif(sys.platform == "win32", reason="kills a group of processes")
def test_after_a_time_out_no_process_is_left(fake):
    folder = fake(
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "open(os.path.join(os.path.dirname(__file__), 'pids'), 'w').write(f'{os.getpid()} {child.pid}')\n"
        "time.sleep(60)"
    )
    with pytest.raises(printing.PrintError, match=r"took longer than 3 s"):
        printing.pdf(PAGE, timeout=3)
    pids = (folder / "pids").read_text(encoding="utf-8").split()
    states = subprocess.run(["ps", "-o", "stat=", "-p", ",".join(pids)], capture_output=True, text=True, check=False)
    assert [state for state in states.stdout.split() if not state.startswith("Z")] == []


def test_a_chromium_that_fails_is_told_with_its_last_words(fake):
    fake("print('first', file=sys.stderr)\nprint('no usable sandbox', file=sys.stderr)\nsys.exit(3)")
    with pytest.raises(printing.PrintError, match=r"Chromium wrote no PDF; it said: no usable sandbox$"):
        printing.pdf(PAGE)


def test_without_chromium_the_message_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("LAICHAU_CHROMIUM", "/nowhere/chromium")
    assert printing.unavailable() == (
        "LAICHAU_CHROMIUM names '/nowhere/chromium', which cannot be executed; name a Chromium, or unset it"
    )
    monkeypatch.delenv("LAICHAU_CHROMIUM")
    monkeypatch.setattr(printing, "USUAL_PLACES", {})
    monkeypatch.setenv("PATH", str(tmp_path))
    assert re.match("no Chromium was found; install one .*, or name it in LAICHAU_CHROMIUM$", printing.unavailable())
    with pytest.raises(printing.PrintError, match="no Chromium was found"):
        printing.pdf(PAGE)


def test_the_named_chromium_is_taken_first(fake):
    folder = fake("")
    assert printing.browser() == str(folder / "chromium.py")
    assert os.access(printing.browser(), os.X_OK)
