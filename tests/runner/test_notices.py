"""Notices, by the recipes of the documentation, to real servers on this machine."""

import json
import re
import shutil
import socketserver
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from laichau_analysis.runner.history import recall
from laichau_analysis.runner.notices import notify
from tests.runner.books import write
from tests.towns import figure, indicator, write_town

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "scheduling.md"
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not there")


def recipe(word):
    """The command of the documentation that holds a word."""
    if not DOCUMENT.is_file():
        pytest.skip("the documentation is not there")
    (found,) = [
        code
        for code in re.findall(r"```sh\n(.*?)\n```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
        if word in code
    ]
    return found


@pytest.fixture
def webhook():
    """A web server that keeps what it gets."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            received.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    yield from serving(HTTPServer(("127.0.0.1", 0), Handler), received)


@pytest.fixture
def mail():
    """A mail server that keeps what it gets."""
    received = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.wfile.write(b"220 ready\r\n")
            for line in self.rfile:
                if line.upper().startswith(b"DATA"):
                    self.wfile.write(b"354 go on\r\n")
                    received.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                elif line.upper().startswith(b"QUIT"):
                    self.wfile.write(b"221 bye\r\n")
                    return
                self.wfile.write(b"250 well\r\n")

    yield from serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler), received)


def serving(server, received):
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}", received
    server.shutdown()
    thread.join()
    server.server_close()


@needs_curl
def test_the_recipe_for_a_webhook_sends_the_record(webhook):
    address, received = webhook
    assert (
        notify(recipe("hooks").replace("https://hooks.example.org", f"http://{address}"), b'{"status": "failed"}') == ""
    )
    assert received == [b'{"status": "failed"}']


@needs_curl
def test_the_recipe_for_mail_sends_the_record(mail):
    address, received = mail
    assert notify(recipe("smtp").replace("mail.example.org:25", address), b'{"status": "failed"}\n') == ""
    (message,) = received
    assert message.startswith(b"Subject: reports failed\r\n\r\n")
    assert b'{"status": "failed"}' in message


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("echo first >&2; echo no route >&2; exit 7", "exit status 7: no route"),
        ("exit 3", "exit status 3"),
        ("cat >/dev/null; sleep 60 & wait", "it took longer than 1 s"),
        ("true", ""),
    ],
)
def test_a_notice_that_fails_says_why(command, problem):
    began = time.monotonic()
    assert notify(command, b"{}" * 100_000, timeout=1) == problem
    assert time.monotonic() - began < 10


def run_in(place, *options):
    arguments = ["run", "--data", "./town", "--notebooks", "books", "--language", "vi", *options]
    command = [sys.executable, "-m", "laichau_analysis", *arguments]
    return subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)


def test_a_run_tells_of_failures_and_of_the_recovery_once(tmp_path):
    write_town(tmp_path / "town", [indicator("revenue")], [figure("revenue", "2024", "5")])

    def run(cell):
        write(tmp_path / "books", "money", cell)
        done = run_in(tmp_path, "--on-failure", "cat > failed.json", "--on-recovery", "cat > well.json; exit 4")
        told = {path.name: json.loads(path.read_text(encoding="utf-8"))["status"] for path in tmp_path.glob("*.json")}
        for path in tmp_path.glob("*.json"):
            path.unlink()
        return done.returncode, told, done.stderr

    assert run("1")[:2] == (0, {})
    assert run("1/0")[:2] == (1, {"failed.json": "failed"})
    assert run("1/0")[:2] == (1, {"failed.json": "failed"})
    status, told, err = run("1")
    assert (status, told) == (0, {"well.json": "done"})  # the notice failed; the run did not
    assert "laichau: the notice was not sent: exit status 4" in err
    assert run("1")[:2] == (0, {})


def test_a_run_that_breaks_is_told_and_remembered(tmp_path):
    folder = write_town(tmp_path / "town", [indicator("revenue")], [figure("revenue", "2024", "5")])
    write(tmp_path / "books", "money", "1")

    def run():
        return run_in(tmp_path, "--on-failure", "cat > failed.json", "--on-recovery", "cat > well.json")

    (tmp_path / "reports").mkdir()
    places = (folder / "areas.csv").read_bytes()
    (folder / "areas.csv").unlink()
    done = run()
    assert done.returncode == 1
    told = json.loads((tmp_path / "failed.json").read_text(encoding="utf-8"))
    assert (told["status"], told["reports"]) == ("failed", [])
    assert told["error"] in done.stderr
    assert "areas.csv: found no such file" in told["error"]
    last = recall(tmp_path / "reports")[-1]
    assert (last["status"], last["error"]) == ("failed", told["error"])
    assert str(tmp_path) not in json.dumps(last)
    (folder / "areas.csv").write_bytes(places)
    assert run().returncode == 0
    assert json.loads((tmp_path / "well.json").read_text(encoding="utf-8"))["status"] == "done"
