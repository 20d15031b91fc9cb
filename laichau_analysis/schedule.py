"""Ready files for the schedulers of common systems, for this interpreter and these folders.

Times are those of a time zone, whatever the machine's own is. Where a system can, a run that was missed
is made up for.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from pathlib import PurePath
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .errors import UsageError

__all__ = ["DAYS", "SYSTEMS", "Schedule", "days_of"]

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMED: Final[Mapping[str, tuple[str, ...]]] = {"daily": DAYS, "weekdays": DAYS[:5], "weekend": DAYS[5:]}
FULL_NAMES: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONDAY: Final = datetime(2024, 1, 1)


def days_of(text: str) -> tuple[str, ...]:
    """Read days as they are typed.

    Examples
    --------
    >>> days_of("weekdays"), days_of("sun,mon")
    (('mon', 'tue', 'wed', 'thu', 'fri'), ('mon', 'sun'))
    """
    chosen = NAMED.get(text) or tuple(part.strip() for part in text.lower().split(","))
    wrong = [day for day in chosen if day not in DAYS]
    if wrong:
        raise UsageError(
            f"--on {text}: unknown day {wrong[0]!r}; name {', '.join(NAMED)}, or some of {', '.join(DAYS)}."
        )
    return tuple(day for day in DAYS if day in chosen)


@dataclass(frozen=True)
class Schedule:
    """When a command is to run.

    Attributes
    ----------
    command : sequence of str
        The command with its arguments; paths are absolute.
    folder : PurePath
        Where it runs.
    hour, minute : int
    days : tuple of str
        Some of ``DAYS``.
    zone : str
        A time zone, such as ``Asia/Ho_Chi_Minh``.
    """

    command: Sequence[str]
    folder: PurePath
    hour: int
    minute: int
    days: tuple[str, ...]
    zone: str

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise UsageError(f"--timezone {self.zone}: unknown; name one such as Asia/Ho_Chi_Minh or UTC.") from None

    @property
    def first(self) -> datetime:
        """A moment of the schedule, in its zone."""
        day = MONDAY + timedelta(days=DAYS.index(self.days[0]))
        return day.replace(hour=self.hour, minute=self.minute, tzinfo=ZoneInfo(self.zone))


def systemd(plan: Schedule) -> dict[str, str]:
    """A service and a timer of systemd, for a user or the system; missed runs are made up for."""
    service = f"""[Unit]
Description=Reports of laichau-analysis
Wants=network-online.target

[Service]
Type=oneshot
WorkingDirectory={_unit(str(plan.folder))}
ExecStart={" ".join(_unit_word(word) for word in plan.command)}
TimeoutStartSec=2h
TimeoutStopSec=10s
Nice=10
PrivateTmp=yes
NoNewPrivileges=yes
"""
    timer = f"""[Unit]
Description=When the reports of laichau-analysis are made

[Timer]
OnCalendar={",".join(day.capitalize() for day in plan.days)} *-*-* {plan.hour:02}:{plan.minute:02}:00 {plan.zone}
Persistent=true

[Install]
WantedBy=timers.target
"""
    return {"laichau.service": service, "laichau.timer": timer}


def _unit(text: str) -> str:
    """A text in a unit, where a per cent sign begins something."""
    return text.replace("%", "%%")


def _unit_word(word: str) -> str:
    """A word of a command in a unit."""
    quoted = _unit(word).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return f'"{quoted}"'


def cron(plan: Schedule) -> dict[str, str]:
    """Lines for crontab; cron itself makes up for no missed run."""
    days = ",".join(str((DAYS.index(day) + 1) % 7) for day in plan.days)
    line = shlex.join(plan.command).replace("%", "\\%")
    folder = shlex.quote(str(plan.folder)).replace("%", "\\%")
    text = f"""# Missed runs are not made up for; where that matters, take the timer of systemd, or anacron.
CRON_TZ={plan.zone}
{plan.minute} {plan.hour} * * {days} cd {folder} && {line}
"""
    return {"crontab": text}


def windows(plan: Schedule) -> dict[str, str]:
    """A task for the Task Scheduler; missed runs are made up for.

    Import it with: schtasks /Create /TN laichau /XML laichau.xml
    """
    program, *arguments = plan.command
    days = "".join(f"<{FULL_NAMES[DAYS.index(day)]} />" for day in plan.days)
    text = f"""<?xml version="1.0" encoding="UTF-8"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers>
    <CalendarTrigger>
      <StartBoundary>{plan.first.isoformat()}</StartBoundary>
      <ScheduleByWeek><WeeksInterval>1</WeeksInterval><DaysOfWeek>{days}</DaysOfWeek></ScheduleByWeek>
    </CalendarTrigger>
  </Triggers>
  <Settings>
    <StartWhenAvailable>true</StartWhenAvailable>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <ExecutionTimeLimit>PT2H</ExecutionTimeLimit>
  </Settings>
  <Actions>
    <Exec>
      <Command>{escape(program)}</Command>
      <Arguments>{escape(_windows_line(arguments))}</Arguments>
      <WorkingDirectory>{escape(str(plan.folder))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""
    return {"laichau.xml": text}


def _windows_line(arguments: Sequence[str]) -> str:
    import subprocess

    return subprocess.list2cmdline(arguments)


def github(plan: Schedule) -> dict[str, str]:
    """A workflow of GitHub Actions, which knows UTC only: a change to summer time moves the run.

    The reports of the last run come back from the cache, so that a failure keeps the last good ones.
    """
    start = plan.first.astimezone(ZoneInfo("UTC"))
    shift = (start.date() - plan.first.date()).days
    days = ",".join(str((DAYS.index(day) + 1 + shift) % 7) for day in plan.days)
    options = shlex.join(plan.command[3:])
    text = f"""name: reports
on:
  schedule:
    - cron: "{start.minute} {start.hour} * * {days}"  # {plan.hour:02}:{plan.minute:02} {plan.zone}
  workflow_dispatch:
permissions:
  contents: read
concurrency: reports
jobs:
  reports:
    runs-on: ubuntu-latest
    timeout-minutes: 120
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install -c constraints.txt .
      - uses: actions/cache@v4
        with:
          path: reports
          key: reports-${{{{ github.run_id }}}}
          restore-keys: reports-
      - run: laichau {options}
      - uses: actions/upload-artifact@v4
        if: always()
        with:
          name: reports
          path: reports
"""
    return {".github/workflows/reports.yml": text}


SYSTEMS: Final = {"systemd": systemd, "cron": cron, "windows": windows, "github": github}
"""What writes the files of a system: by name of the file, its text."""
