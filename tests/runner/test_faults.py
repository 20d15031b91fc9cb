"""Faults, provoked for real: what the command says, what readers find, what is left, what the next run does."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import nbformat
import psutil
import pytest

from laichau_analysis.dataset import LANGUAGES, load
from laichau_analysis.runner import warm
from laichau_analysis.runner.notebooks import find_notebooks
from tests.runner import killed
from tests.runner.books import write
from tests.towns import figure, indicator, write_town
from tests.waiting import until

COMMAND = [sys.executable, "-m", "laichau_analysis", "run", "--data", "./town", "--notebooks", "books"]
ROOT = Path(__file__).resolve().parents[2]
DEAF = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])\n"
WARM = pytest.param("warm", marks=pytest.mark.skipif(bool(warm.unavailable()), reason=warm.unavailable()))
both_kinds = pytest.mark.parametrize("kernels", [WARM, "stock"])
warm_only = pytest.mark.parametrize("kernels", [WARM])


def settle(folder):
    """A town, and a notebook for it."""
    write_town(folder / "town", [indicator("revenue")], [figure("revenue", "2024", "5")])
    write(folder / "books", "money", "print('the first version')")
    return folder


@pytest.fixture
def place(tmp_path):
    return settle(tmp_path)


@pytest.fixture(scope="module")
def first_version(tmp_path_factory):
    """What a run without a fault publishes."""
    place = settle(tmp_path_factory.mktemp("first"))
    subprocess.run([*COMMAND, "--language", "vi"], cwd=place, check=True, capture_output=True)
    return place / "reports"


@pytest.fixture
def published(place, first_version):
    """The page of a report that is published."""
    shutil.copytree(first_version, place / "reports", dirs_exist_ok=True)
    return page(place)


@pytest.fixture
def kernels():
    """How kernels begin, where a test does not ask for a kind."""
    return "stock" if warm.unavailable() else "warm"


@pytest.fixture
def run(place, kernels):
    """Run the command; every process of it bears a mark."""
    mark = uuid.uuid4().hex
    temporary = Path(tempfile.mkdtemp(prefix="lt-"))  # the path of a kernel's socket has an end
    environment = os.environ | {
        "LAICHAU_TEST_MARK": mark,
        "TMPDIR": str(temporary),
        "XDG_STATE_HOME": str(place / "state"),
    }

    def start(*arguments, **options):
        return subprocess.Popen(
            [*COMMAND, "--kernels", kernels, *map(str, arguments)],
            **{"cwd": place, "env": environment, "text": True, "start_new_session": True, **options},
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "preexec_fn": hears_signals},
        )

    def go(*arguments, **options):
        with start(*arguments, **options) as process:
            process.out, process.err = process.communicate(timeout=120)
        return process

    go.start = start
    go.left = lambda: [one for one in psutil.process_iter() if mark in marks(one)]
    go.temporary, go.environment = temporary, environment
    yield go
    for process in go.left():
        process.kill()
    shutil.rmtree(temporary, ignore_errors=True)


def marks(process):
    try:
        return process.environ().get("LAICHAU_TEST_MARK", "")
    except psutil.Error:
        return ""


def hears_signals():
    """What a shell starts in the background ignores Ctrl-C, and hands that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def record(place):
    return json.loads((place / "reports" / "run.json").read_text(encoding="utf-8"))


def page(place, language="vi"):
    return (place / "reports" / language / "money.html").read_text(encoding="utf-8")


# --- what goes wrong in a report: points 12, 13, 16 ---------------------------------------------------------


FAULTS = {
    "raises": ("1/0", (), "failed money (vi), cell 5: ZeroDivisionError: division by zero; details: "),
    "exit": ("import sys; sys.exit(0)", (), "failed money (vi), cell 5: SystemExit: 0; details: "),
    "leaves": ("import os; os._exit(0)", (), "failed money (vi), cell 5: the kernel died: exit status 0; details: "),
    "aborts": (
        "import os; os.write(2, b'out of paper'); os.abort()",
        (),
        "failed money (vi), cell 5: the kernel died: SIGABRT; details: ",
    ),
    "killed": (
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        (),
        "cell 5: the kernel died: SIGKILL, as the system sends when memory runs out; details: ",
    ),
    "deaf": (
        f"{DEAF}while True: pass",
        ("--timeout", 5),
        "failed money (vi), cell 5: ran longer than 5 s; details: ",
    ),
    "deadline": (
        "while True: pass",
        ("--deadline", 6),
        "failed money (vi), the time of the whole run is over; details: ",
    ),
}


@pytest.mark.parametrize(
    ("kernels", "cell", "options", "message"),
    [pytest.param(*WARM.values, *case, marks=WARM.marks, id=name) for name, case in FAULTS.items()]
    + [pytest.param("stock", *FAULTS[name], id=f"{name} stock") for name in ("aborts", "deaf", "deadline")],
)
def test_a_report_that_fails_keeps_its_last_good_version(place, run, published, cell, options, message):
    write(place / "books", "money", "print('the second version')", cell, "print('after it')")
    write(place / "books", "other", "print('well')", order=2)
    done = run("--language", "vi", *options)
    ended = time.monotonic()
    assert done.returncode == 1
    lines = [line for line in done.err.splitlines() if not line.startswith("[")]
    if "--deadline" in options:  # the other one may have been made by then, or not
        lines = [line for line in lines if not line.startswith("failed other (vi), the time of the whole run is over")]
    (line,) = lines
    assert message in line
    assert page(place) == published
    entries = {entry["report"]: entry for entry in record(place)["reports"]}
    assert entries["money"]["status"] == "failed"
    if "--deadline" not in options:  # nothing else stops
        assert entries["other"]["status"] == "done"
    assert entries["money"]["failed_since"]
    index = (place / "reports" / "index.html").read_text(encoding="utf-8")
    assert entries["money"]["error"].replace("'", "&#39;") in index
    details = Path(line.partition("details: ")[2])
    assert details.is_file()
    if "paper" in cell:
        assert "out of paper" in details.read_text(encoding="utf-8")
    if "--deadline" not in options:
        partial = nbformat.read(details.with_suffix(".ipynb"), as_version=4)
        assert "the second version" in str(partial.cells[-3].outputs)
        assert partial.cells[-1].outputs == []
    until(lambda: not run.left(), 5 - (time.monotonic() - ended))
    assert list(run.temporary.iterdir()) == []


def test_a_report_that_is_well_again_is_published_and_its_details_go(place, run):
    write(place / "books", "money", "1/0")
    done = run("--language", "vi")
    details = Path(done.err.strip().partition("details: ")[2])
    assert details.is_file()
    write(place / "books", "money", "print('mended')")
    again = run("--language", "vi")
    assert (again.returncode, "failed" in again.err) == (0, False)
    assert "mended" in page(place)
    assert list(details.parent.iterdir()) == []
    assert record(place)["reports"][0]["failed_since"] is None


def test_what_fails_for_a_passing_reason_is_made_again(place, run):
    seen = place / "seen"
    dies_once = (
        f"import os, pathlib\nseen = pathlib.Path({str(seen)!r})\nif not seen.exists():\n    seen.touch(); os._exit(1)"
    )
    write(place / "books", "money", dies_once)
    done = run("--language", "vi", "--retries", "1")
    assert done.returncode == 0, done.err
    assert record(place)["reports"][0]["status"] == "done"


@both_kinds
def test_a_kernel_that_does_not_start_is_started_again(place, run):
    # What IPython runs first lets the first kernel die before it has said a word.
    seen, startup = place / "seen", place / "startup.py"
    startup.write_text(
        f"import os, pathlib\nseen = pathlib.Path({str(seen)!r})\nif not seen.exists():\n    seen.touch(); os._exit(9)\n",
        encoding="utf-8",
    )
    done = run("--language", "vi", env=run.environment | {"PYTHONSTARTUP": str(startup)})
    assert seen.exists()
    assert done.returncode == 0, done.err


def test_what_is_wrong_by_itself_is_not_made_again(place, run):
    count = place / "count"
    write(place / "books", "money", f"open({str(count)!r}, 'a').write('x')\n1/0")
    assert run("--language", "vi", "--retries", "3").returncode == 1
    assert count.read_text(encoding="utf-8") == "x"


TAKEN_OVER = "laichau: no warm kernels, others are started instead, which takes longer: "


@both_kinds
def test_a_process_that_is_killed_takes_no_other_report_with_it(place, run, kernels):
    # The parent of a warm kernel is the process that all kernels are forked from.
    write(place / "books", "deadly", "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(60)")
    for i in range(2):
        write(place / "books", f"book{i}", "print('well')", order=i + 2)
    done = run("--language", "vi", "--jobs", 2)
    assert done.returncode == 1
    statuses = {entry["report"]: entry["status"] for entry in record(place)["reports"]}
    assert statuses == {"money": "done", "deadly": "failed", **{f"book{i}": "done" for i in range(2)}}
    assert "failed deadly (vi), the process that made it died; details: " in done.err
    assert done.err.count(TAKEN_OVER) == (kernels == "warm")
    until(lambda: not run.left(), 5)


@warm_only
def test_where_a_warm_process_dies_others_take_over_and_no_report_is_lost(place, run):
    for i in range(3):
        write(place / "books", f"book{i}", "import time; time.sleep(1)\nprint('well')", order=i)
    process = run.start("--language", "vi", "--jobs", 2)

    def warm_process():
        return [one for one in run.left() if one.ppid() == process.pid and "warm_kernels" in " ".join(one.cmdline())]

    until(lambda: warm_process() and warm_process()[0].children())
    warm_process()[0].kill()
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert {entry["status"] for entry in record(place)["reports"]} == {"done"}
    assert err.count(TAKEN_OVER) == 1
    until(lambda: not run.left(), 5)


@warm_only
def test_where_no_warm_process_can_be_kernels_are_started(place, run, tmp_path):
    # ipykernel does without psutil; the warm process does not.
    library = tmp_path / "library"
    library.mkdir()
    (library / "psutil.py").write_text("raise ImportError('not today')", encoding="utf-8")
    done = run("--language", "vi", env=run.environment | {"PYTHONPATH": str(library)})
    assert done.returncode == 0, done.err
    assert f"{TAKEN_OVER}ImportError: not today\n" in done.err


STARTS_OTHERS = """import os, subprocess, sys, threading, time
deaf = "import signal, time; [signal.signal(number, signal.SIG_IGN) for number in (1, 2, 15)]; time.sleep(600)"
subprocess.Popen([sys.executable, "-c", deaf])
subprocess.Popen([sys.executable, "-c", deaf], start_new_session=True)
if not os.fork():  # a daemon
    os.setsid()
    if not os.fork():
        time.sleep(600)
    os._exit(0)
threading.Thread(target=time.sleep, args=(600,)).start()
print('it has begun')"""


def test_what_a_notebook_starts_ends_with_the_run(place, run):
    write(place / "books", "money", STARTS_OTHERS)
    assert run("--language", "vi").returncode == 0
    assert "it has begun" in page(place)
    until(lambda: not run.left(), 5)
    assert list(run.temporary.iterdir()) == []


def test_what_a_notebook_of_a_killed_run_started_ends_with_the_next(place, run):
    sign = place / "sign"
    write(
        place / "books",
        "money",
        STARTS_OTHERS,
        f"open({str(sign)!r}, 'w').write(f'{{os.getpid()}}.')\nwhile True: pass",
    )
    with run.start("--language", "vi") as process:
        until(lambda: sign.exists() and sign.read_text(encoding="utf-8").endswith("."))
        process.kill()
        process.communicate()
    kernel = int(sign.read_text(encoding="utf-8")[:-1])
    until(lambda: kernel not in [one.pid for one in run.left()], 10)
    assert run.left() != []
    write(place / "books", "money", "print('mended')")
    assert run("--language", "vi").returncode == 0
    until(lambda: not run.left(), 5)


# --- being stopped: points 12, 16, 17 --------------------------------------------------------------------------


@pytest.fixture
def busy(place, run, published):
    """A run that is in the middle of a cell, which hears nothing."""
    sign = place / "sign"
    write(place / "books", "money", f"{DEAF}import pathlib; pathlib.Path({str(sign)!r}).touch()\nwhile True: pass")
    process = run.start("--language", "vi")
    until(sign.exists)
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("kernels", "number", "status", "whom"),
    [
        pytest.param(*WARM.values, signal.SIGINT, 130, "all", marks=WARM.marks, id="ctrl-c"),
        pytest.param("stock", signal.SIGINT, 130, "all", id="ctrl-c stock"),
        pytest.param(*WARM.values, signal.SIGINT, 130, "run", marks=WARM.marks, id="interrupt"),
        pytest.param(*WARM.values, signal.SIGTERM, 143, "run", marks=WARM.marks, id="terminate"),
        pytest.param(*WARM.values, signal.SIGHUP, 129, "all", marks=WARM.marks, id="hangup"),
    ],
)
def test_a_signal_ends_everything_within_five_seconds(place, run, published, busy, number, status, whom):
    began = time.monotonic()
    (os.killpg if whom == "all" else os.kill)(busy.pid, number)
    _, err = busy.communicate(timeout=10)
    assert busy.returncode == status
    assert "laichau: stopped; what was published before is untouched." in err
    assert "Traceback" not in err
    until(lambda: not run.left(), 5 - (time.monotonic() - began))
    assert list(run.temporary.iterdir()) == []
    assert page(place) == published
    assert not (place / "reports" / ".laichau.holder.json").exists()


@both_kinds
def test_a_run_that_is_killed_takes_all_of_it_along(run, busy):
    busy.kill()
    until(lambda: not run.left(), 5)


def test_a_second_signal_is_immediate(run, busy):
    workers = [one for one in run.left() if "spawn_main" in " ".join(one.cmdline())]
    assert workers
    for worker in workers:
        worker.suspend()  # it cannot hear that it is to stop
    began = time.monotonic()
    os.kill(busy.pid, signal.SIGINT)
    until(lambda: busy.poll() is not None or os.kill(busy.pid, signal.SIGINT) is not None, 5)
    assert time.monotonic() - began < 1.5
    assert busy.returncode == 130
    until(lambda: not run.left(), 5)
    assert list(run.temporary.iterdir()) == []


def test_a_signal_also_ends_what_waits_to_be_made_again(place, run):
    begun = place / "begun"
    write(place / "books", "money", "import os; os._exit(1)")
    for i in range(2):
        seen = place / f"seen{i}"
        code = f"import os, pathlib\nif not (seen := pathlib.Path({str(seen)!r})).exists(): seen.touch(); os._exit(1)\n"
        write(place / "books", f"book{i}", f"{code}open({str(begun)!r}, 'a').write('x')\nwhile True: pass", order=2)
    process = run.start("--language", "vi", "--jobs", 1, "--retries", 1)
    until(begun.exists, 60)
    began = time.monotonic()
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert (process.returncode, "Traceback" in err) == (143, False)
    until(lambda: not run.left(), 5 - (time.monotonic() - began))
    assert begun.read_text(encoding="utf-8") == "x"


def test_what_waits_to_be_made_again_ends_with_the_time_of_the_run(place, run):
    write(place / "books", "money", "import os; os._exit(1)")
    write(place / "books", "other", "import os, time; time.sleep(2); os._exit(1)", order=2)
    began = time.monotonic()
    done = run("--language", "vi", "--jobs", 1, "--retries", 9, "--deadline", 9)
    assert done.returncode == 1
    assert time.monotonic() - began < 24
    assert "the time of the whole run is over" in done.err
    until(lambda: not run.left(), 5)


@pytest.mark.parametrize(
    ("kernels", "name"),
    [
        pytest.param(*WARM.values, "warm_kernels", marks=WARM.marks, id="warm_kernels"),
        ("stock", "spawn_main"),
        ("stock", "ipykernel_launcher"),
    ],
)
def test_a_signal_during_the_start_leaves_nothing_behind(place, run, name):
    process = run.start("--language", "vi")
    until(lambda: [one for one in run.left() if name in " ".join(one.cmdline())], 60)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "\nlaichau: stopped; what was published before is untouched.\n")
    until(lambda: not run.left(), 5 - (time.monotonic() - began))
    assert list(run.temporary.iterdir()) == []


def test_a_signal_ends_a_notice(place, run):
    write(place / "books", "money", "1/0")
    process = run.start("--language", "vi", "--on-failure", "trap '' INT TERM; touch sign; sleep 60")
    until((place / "sign").exists, 60)
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    until(lambda: not run.left(), 5 - (time.monotonic() - began))


def test_a_run_that_nobody_hears_and_that_is_to_hear_nothing_goes_on(place, run):
    # As under nohup, in the background, with the terminal closed.
    sign, go = place / "sign", place / "go"
    code = f"import pathlib, time\npathlib.Path({str(sign)!r}).touch()\nwhile not pathlib.Path({str(go)!r}).exists(): time.sleep(0.1)"
    write(place / "books", "money", code, "1/0")
    write(place / "books", "other", "print('well')", order=2)
    line = " ".join(["trap '' HUP INT; exec", *map(shlex.quote, COMMAND), "--language vi 0<&- 1>&- 2>&-"])
    with subprocess.Popen(["sh", "-c", line], cwd=place, env=run.environment, start_new_session=True) as process:
        until(sign.exists, 60)
        for number in (signal.SIGHUP, signal.SIGINT):
            os.killpg(process.pid, number)
        go.touch()
        assert process.wait(60) == 1
    assert {entry["report"]: entry["status"] for entry in record(place)["reports"]} == {
        "money": "failed",
        "other": "done",
    }


def test_what_a_killed_run_left_is_tidied_by_the_next(place, run, busy):
    for process in run.left():
        process.kill()
    busy.wait(10)
    until(lambda: not run.left(), 5)
    assert list(run.temporary.iterdir()) != []
    write(place / "books", "money", "print('mended')")
    assert run("--language", "vi").returncode == 0
    assert "mended" in page(place)
    assert list(run.temporary.iterdir()) == []


def test_a_second_run_is_told_of_the_first_and_touches_nothing(place, run, busy):
    before = {path: path.stat().st_mtime_ns for path in (place / "reports").rglob("*")}
    done = run("--language", "vi")
    assert done.returncode == 75
    assert re.match(
        rf"laichau: another run holds reports \(process {busy.pid}, since 20\d\d-\d\d-\d\d .*\); nothing was changed\.",
        done.err,
    )
    assert {path: path.stat().st_mtime_ns for path in (place / "reports").rglob("*")} == before
    assert busy.poll() is None


# --- publishing: points 12, 14 ------------------------------------------------------------------------------------


def usable(folder):
    """What is wrong with an output folder for a reader."""
    problems = []
    index = folder / "index.html"
    for file in [index, *folder.glob("??/*.html")]:
        if not file.read_text(encoding="utf-8").rstrip().endswith("</html>"):
            problems.append(f"{file} is torn")
    for link in re.findall(r'href="([^"#][^"]*)"', index.read_text(encoding="utf-8")):
        if not (folder / link).is_file():
            problems.append(f"{link} is missing")
    json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for line in (folder / "history.jsonl").read_text(encoding="utf-8").splitlines():
        json.loads(line)
    return problems


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="makes the run of each step by a fork")
def test_a_run_may_be_killed_between_any_two_steps(place):
    town, books = place / "town", place / "books"
    places = map(str, (place / "first", place / "steps", town, books))
    subprocess.run([sys.executable, "-m", "tests.runner.killed", *places], cwd=ROOT, check=True)
    steps = sorted((place / "steps").iterdir())
    assert len(steps) > 40
    for folder in steps:
        assert usable(folder) == [], folder.name
    data, notebooks = load(str(town)), find_notebooks(books)
    for folder in steps:  # the next run repairs the rest
        killed.publish(folder, data, notebooks, 2)
        assert usable(folder) == [], folder.name
        assert list(folder.rglob("*.tmp")) == []
        assert {path.read_text(encoding="utf-8")[15:31] for path in folder.glob("??/*.html")} == {"<title>2</title>"}
        assert len(list(folder.glob("??/tables/*.csv"))) == 2 * len(LANGUAGES)


@pytest.fixture
def mount():
    """Mount small file systems."""
    mounted = []

    def make(folder, options):
        folder.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"this user may not mount a file system: {done.stderr}")
        mounted.append(folder)
        return folder

    yield make
    for folder in mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def small_disk(place, mount):
    """A file system with room for a first run and not for a second one."""
    return mount(place / "reports", "size=600k")


def test_a_full_disk_is_told_and_what_was_there_stays(place, run, small_disk, published):
    write(place / "books", "money", "print('x' * 1_000_000)")
    write(place / "books", "other", "print('well')", order=2)
    done = run("--language", "vi")
    assert done.returncode == 1
    (line,) = [line for line in done.err.splitlines() if not line.startswith("[")]
    assert re.match(
        r"failed money \(vi\), cannot write \S+money\.(html|ipynb): No space left on device; what was there "
        "before is untouched; details: ",
        line,
    )
    assert page(place) == published
    assert "well" in (small_disk / "vi" / "other.html").read_text(encoding="utf-8")
    assert usable(small_disk) == []
    assert list(small_disk.rglob("*.tmp")) == []
    statuses = {entry["report"]: entry["status"] for entry in record(place)["reports"]}
    assert statuses == {"money": "failed", "other": "done"}
    write(place / "books", "money", "print('mended')")
    assert run("--language", "vi").returncode == 0
    assert "mended" in page(place)


@pytest.mark.slow
def test_a_reader_never_sees_half_a_file(place, run):
    write(place / "books", "money", "print('x' * 300_000)")
    assert run("--language", "vi").returncode == 0
    torn, over = [], threading.Event()

    def read():
        while not over.is_set():
            torn.extend(usable(place / "reports"))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(2):
            assert run("--language", "vi", "--force").returncode == 0
    finally:
        over.set()
        reader.join()
    assert torn == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("nr_inodes=2", "laichau: no folder for temporary files: No space left on device. Make room, or name another"),
        ("size=4k", "failed money (vi), the kernel did not start: exit status 1; its temporary folder is full; details: "),
    ],
)  # fmt: skip
def test_a_full_temporary_folder_is_told(place, run, published, mount, options, message):
    full = mount(run.temporary, options)
    done = run("--language", "vi", "--force")
    assert done.returncode == 1
    assert done.err.startswith(message)
    assert "Traceback" not in done.err
    assert page(place) == published
    assert list(full.iterdir()) == []


def test_details_that_cannot_be_kept_change_nothing(place, run):
    write(place / "books", "bad", "1/0", order=2)
    done = run("--language", "vi", "--logs", place / "books" / "bad.ipynb" / "logs")
    assert done.returncode == 1
    assert "failed bad (vi), cell 4: ZeroDivisionError: division by zero; details: none, cannot write " in done.err
    assert {entry["report"]: entry["status"] for entry in record(place)["reports"]} == {
        "money": "done",
        "bad": "failed",
    }


def test_a_history_that_cannot_be_written_is_told(place, run, published):
    (place / "reports" / "history.jsonl").unlink()
    (place / "reports" / "history.jsonl").mkdir()
    done = run("--language", "vi")
    assert done.returncode == 1
    assert "laichau: cannot write reports/history.jsonl: Is a directory" in done.err
    assert record(place)["status"] == "done"


# --- the record: point 20 --------------------------------------------------------------------------------------


def test_the_record_and_the_history_name_no_path_of_this_machine(place, run):
    write(place / "books", "bad", f"raise ValueError('no {place}/secret/file.csv')", order=2)
    done = run("--language", "vi")
    assert f"{place}/secret/file.csv" in done.err
    error = record(place)["reports"][1]["error"]
    assert error == "cell 4: ValueError: no …/file.csv"
    published = [
        file for file in (place / "reports").rglob("*.*") if file.suffix in (".json", ".jsonl", ".html", ".ipynb")
    ]
    assert len(published) == 5
    for text in (file.read_text(encoding="utf-8") for file in published):
        for path in (str(place), tempfile.gettempdir() + "/", sys.prefix, str(Path.home()) + "/"):
            assert path not in text


@pytest.mark.parametrize(
    ("name", "value"),
    [("api_token", "x"), ("password", "x"), ("place", "https://me:word@example.org/"), ("place", "ghp_" + "a" * 36)],
)
def test_a_secret_is_refused_as_a_parameter(place, run, name, value):
    parameters = 'dataset: str = "town"\nyear: int = 0\nlanguage: str = "vi"\nplace: str = ""\napi_token: str = ""'
    write(place / "books", "money", parameters=parameters)
    done = run("-p", name, value)
    assert done.returncode == 2
    assert f"parameter '{name}' looks like a secret, and parameters are published" in done.err
    assert value not in done.err or value == "x"
    assert not (place / "reports").exists()
