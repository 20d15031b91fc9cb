import json
import subprocess
import sys

import pytest

from laichau_analysis.runner import history

RECORD = {
    "status": "failed",
    "started": "2024-07-01T06:00:00+00:00",
    "finished": "2024-07-01T06:00:42+00:00",
    "dataset": {"name": "town", "hash": "abcdef0123456789"},
    "reports": [
        {"report": "money", "language": "vi", "parameters": {}, "status": "done", "error": None},
        {"report": "land", "language": "vi", "parameters": {}, "status": "failed", "error": "cell 5: ValueError: no"},
    ],
}


def test_a_run_is_remembered_with_what_failed(tmp_path):
    history.remember(tmp_path, RECORD)
    assert history.recall(tmp_path) == [
        {
            "started": "2024-07-01T06:00:00+00:00",
            "status": "failed",
            "seconds": 42.0,
            "dataset": {"name": "town", "hash": "abcdef0123456789"},
            "reports": {"done": 1, "failed": 1},
            "failed": [{"report": "land", "language": "vi", "parameters": {}, "error": "cell 5: ValueError: no"}],
        }
    ]


def test_the_history_is_bounded_and_keeps_the_latest(tmp_path, monkeypatch):
    monkeypatch.setattr(history, "MOST", 3)
    for day in range(1, 6):
        history.remember(tmp_path, RECORD | {"started": f"2024-07-0{day}T06:00:00+00:00"})
    assert [run["started"][8:10] for run in history.recall(tmp_path)] == ["03", "04", "05"]


def test_a_line_that_cannot_be_read_is_left_out(tmp_path):
    history.remember(tmp_path, RECORD)
    with (tmp_path / history.FILE).open("ab") as file:
        file.write(b'{"started": 1}\n[]\n\xff\xfe{\n' + b"[" * 100_000 + b"\n")
        file.write(json.dumps(RECORD | {"seconds": 1.0, "reports": [], "failed": []}).encode() + b"\n")
    history.remember(tmp_path, RECORD)
    assert len(history.recall(tmp_path)) == 2


@pytest.mark.parametrize("mark", ["\u2028", "\x85", "\x0b", "\r\n"])
def test_a_message_may_hold_any_mark(tmp_path, mark):
    failed = RECORD["reports"][1] | {"error": f"one{mark}two"}
    history.remember(tmp_path, RECORD | {"reports": [failed]})
    history.remember(tmp_path, RECORD)
    first, _ = history.recall(tmp_path)
    assert first["failed"][0]["error"] == f"one{mark}two"


def test_the_command_shows_the_latest_runs(tmp_path):
    for day in range(1, 4):
        history.remember(tmp_path, RECORD | {"started": f"2024-07-0{day}T06:00:00+00:00"})

    def show(*options):
        command = [sys.executable, "-m", "laichau_analysis", "history", "--output", str(tmp_path), *options]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    lines = show("--last", "2")
    assert lines[0].split("  ")[:2] == ["2024-07-02T06:00:00+00:00", "failed"]
    assert lines[0].endswith("town abcdef01  1 done, 1 failed")
    assert lines[1] == "    land (vi), cell 5: ValueError: no"
    assert len(lines) == 4
    assert [json.loads(line)["status"] for line in show("--format", "json")] == ["failed"] * 3
