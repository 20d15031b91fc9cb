import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

import pytest
import yaml
from cronsim import CronSim

from laichau_analysis.schedule import DAYS, SYSTEMS, Schedule, days_of

AWKWARD = ("/opt/my python/bin/python", "-m", "laichau_analysis", "run", "-p", "place", "100% $HOME \"q\" 'a'")


def plan(on="weekdays", hour=6, minute=30, zone="Asia/Ho_Chi_Minh", command=AWKWARD):
    return Schedule(command, PurePosixPath("/srv/my reports 100%"), hour, minute, days_of(on), zone)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not there")
@pytest.mark.parametrize(("on", "zone"), [("daily", "Asia/Ho_Chi_Minh"), ("sat,mon", "UTC")])
def test_systemd_takes_its_units(tmp_path, on, zone):
    files = SYSTEMS["systemd"](plan(on, zone=zone, command=(sys.executable, *AWKWARD[1:])))
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / "laichau.timer")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (calendar,) = [line for line in files["laichau.timer"].splitlines() if line.startswith("OnCalendar=")]
    shown = subprocess.run(
        ["systemd-analyze", "calendar", "--base-time=2024-03-01 00:00:00 UTC", calendar.partition("=")[2]],
        **{"capture_output": True, "text": True, "check": True},
    )
    assert "06:30:00" in shown.stdout
    assert "Persistent=true" in files["laichau.timer"]


def test_words_of_a_command_reach_it_through_systemd_as_they_are():
    service = SYSTEMS["systemd"](plan())["laichau.service"]
    assert r'''"100%% $$HOME \"q\" 'a'"''' in service
    assert "WorkingDirectory=/srv/my reports 100%%\n" in service


@pytest.mark.parametrize("on", ["daily", "weekdays", "weekend", "sun", "tue,thu"])
def test_cron_runs_on_the_days_at_the_time(on):
    *_, zone, line = SYSTEMS["cron"](plan(on))["crontab"].splitlines()
    assert zone == "CRON_TZ=Asia/Ho_Chi_Minh"
    moments = CronSim(" ".join(line.split()[:5]), datetime(2024, 1, 1))
    found = [next(moments) for _ in range(14)]
    assert {(moment.hour, moment.minute) for moment in found} == {(6, 30)}
    assert {DAYS[moment.weekday()] for moment in found} == set(days_of(on))


def test_a_shell_reads_the_line_of_cron_as_it_is_meant(tmp_path):
    program = tmp_path / "say"
    program.write_text('#!/bin/sh\nprintf "%s|" "$PWD" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    folder = tmp_path / "a 100% folder"
    folder.mkdir()
    one = Schedule((str(program), *AWKWARD[1:]), folder, 6, 0, DAYS, "UTC")
    line = SYSTEMS["cron"](one)["crontab"].splitlines()[-1].split(" ", 5)[5].replace("\\%", "%")  # as cron does
    said = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout
    assert said.split("|")[:-1] == [str(folder), *AWKWARD[1:]]


def test_a_task_of_windows_is_well_formed():
    task = ElementTree.fromstring(SYSTEMS["windows"](plan("mon,wed"))["laichau.xml"].encode())
    names = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}
    assert task.findtext(".//t:StartBoundary", namespaces=names) == "2024-01-01T06:30:00+07:00"
    assert [day.tag.partition("}")[2] for day in task.find(".//t:DaysOfWeek", names)] == ["Monday", "Wednesday"]
    assert task.findtext(".//t:StartWhenAvailable", namespaces=names) == "true"
    assert task.findtext(".//t:Command", namespaces=names) == AWKWARD[0]
    assert '"100% $HOME \\"q\\" \'a\'"' in task.findtext(".//t:Arguments", namespaces=names)


@pytest.mark.parametrize(("on", "hour", "zone"), [("weekdays", 6, "Asia/Ho_Chi_Minh"), ("mon", 23, "America/New_York")])
def test_a_workflow_runs_at_the_same_moment_in_utc(on, hour, zone):
    text = SYSTEMS["github"](plan(on, hour=hour, zone=zone))[".github/workflows/reports.yml"]
    workflow = yaml.safe_load(text)
    (entry,) = workflow[True]["schedule"]
    moments = CronSim(entry["cron"], datetime(2024, 1, 2, tzinfo=ZoneInfo("UTC")))
    found = [next(moments).astimezone(ZoneInfo(zone)) for _ in range(10)]
    assert {DAYS[moment.weekday()] for moment in found[:5]} == set(days_of(on))
    assert (found[0].hour, found[0].minute) == (hour, 30)
    assert workflow["jobs"]["reports"]["steps"][4]["run"].startswith("laichau run -p place")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--on", "someday"], "laichau: --on someday: unknown day 'someday'; name daily, weekdays, weekend, or some of mon,"),
        (["--timezone", "Moon/Base"], "laichau: --timezone Moon/Base: unknown; name one such as Asia/Ho_Chi_Minh or UTC."),
        (["--at", "25:00"], "laichau: --at 25:00: expected a time such as 06:00."),
        (["--at", "6"], "laichau: --at 6: expected a time such as 06:00."),
    ],
)  # fmt: skip
def test_a_wrong_schedule_gets_one_clear_message(tmp_path, arguments, message):
    command = [sys.executable, "-m", "laichau_analysis", "schedule", "--for", "cron", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(message)


def test_the_command_writes_the_files_for_this_interpreter_and_folder(tmp_path):
    command = [sys.executable, "-m", "laichau_analysis", "schedule", "--for", "systemd", "--write", "units"]
    done = subprocess.run(
        [*command, "--retries", "2", "budget"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["units/laichau.service", "units/laichau.timer"]
    service = (tmp_path / "units" / "laichau.service").read_text(encoding="utf-8")
    assert f'"{sys.executable}" "-m" "laichau_analysis" "run" "--retries" "2" "budget"' in service
    assert f"WorkingDirectory={tmp_path}\n" in service
