"""Runs on a real Dask scheduler with two worker processes over TCP, of which some die."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import psutil
import pytest

from laichau_analysis.errors import UsageError
from laichau_analysis.runner import cluster, warm
from laichau_analysis.runner.cluster import Cluster
from laichau_analysis.runner.jobs import Job, Request
from laichau_analysis.runner.parcels import Packing
from laichau_analysis.runner.pipeline import run
from tests.runner.books import write
from tests.towns import figure, indicator, write_town
from tests.waiting import until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("cluster"),
    pytest.mark.skipif(bool(warm.unavailable()), reason=warm.unavailable()),
]
SHOW = "import laichau_analysis as la\nreport = la.open_report(dataset, year, language)\nreport.show(report.latest('revenue'))"
# A kernel's parent is the warm process, and that one's parent is the worker.
KILL_WORKER = (
    "import os, signal, time\n"
    "worker = int(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])\n"
    "os.kill(worker, signal.SIGKILL); time.sleep(60)\n"
)


def note(file):
    """Code that notes the kernel."""
    return f"import os\nwith open({str(file)!r}, 'a') as noted: print(os.getpid(), file=noted, flush=True)\n"


def kernels(file):
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def ended(numbers):
    """Whether processes are no more, or only their parent has not noticed yet."""
    for number in numbers:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
                return False
    return True


def started(folder, *arguments):
    """A scheduler, or a worker; it ends with the process that started it, however that ends."""
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{arguments[0]}", *arguments[1:], "--no-dashboard"],
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )


@contextlib.contextmanager
def serving(folder, *workers):
    """A scheduler and its workers; each of these is given by its number of threads."""
    folder.mkdir()
    file = folder / "scheduler.json"
    running = [started(folder, "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))]
    try:
        until(file.exists)
        for threads in workers:
            options = ["--nthreads", str(threads), "--host", "127.0.0.1", "--local-directory", str(folder)]
            running.append(started(folder, "dask_worker", "--scheduler-file", str(file), *options))
        address = json.loads(file.read_text())["address"]
        yield address
    finally:
        for process in reversed(running):
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            for one in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.kill()
            process.wait()


def wait_for_workers(address, count):
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=60)
        # The first report in a process imports what it needs; no test should wait for that.
        client.run(__import__, "laichau_analysis.runner.production")


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Address of a scheduler with two workers; those that are killed are started again by their nannies."""
    with serving(tmp_path_factory.mktemp("cluster") / "dask", 1, 1) as address:
        wait_for_workers(address, 2)
        yield address


@pytest.fixture
def place(tmp_path):
    write_town(tmp_path / "town", [indicator("revenue")], [figure("revenue", "2024", "5")])
    return tmp_path


def asked(place, address, **more):
    return Request(
        **{
            "data": str(place / "town"),
            "notebooks": place / "books",
            "output": place / "out",
            "languages": ("vi",),
            "scheduler": address,
            "timeout": 60.0,
            **more,
        }
    )


def outcomes(request):
    told = {}
    status = run(request, tell=lambda outcome: told.update({outcome.job.report: outcome}))
    return status, told


def test_pages_are_the_same_bytes_as_those_made_here(place, scheduler):
    for name in ("money", "more"):
        write(place / "books", name, SHOW, f"print('of {name}')")
    assert run(asked(place, scheduler, languages=("vi", "en"))) == "done"
    assert run(asked(place, "", output=place / "here", languages=("vi", "en"))) == "done"
    made = sorted(path.relative_to(place / "out") for path in (place / "out").glob("??/**/*.*"))
    assert len(made) == 12
    for path in made:
        assert (place / "out" / path).read_bytes() == (place / "here" / path).read_bytes(), path


def test_what_a_report_is_made_of_is_sent_and_no_path_is_shared(place, scheduler):
    path = write(place / "books", "money", SHOW)
    job = Job("money", str(path), "town", str(place), "vi")
    with Cluster(scheduler) as workers:
        waiting = workers.submit(None, job)
        shutil.rmtree(place / "books")
        shutil.rmtree(place / "town")
        outcome = waiting.result(timeout=60)
    assert (outcome.status, outcome.job) == ("done", job)
    assert "Chỉ số revenue" in outcome.page.html


def test_each_worker_is_sent_the_same_content_once(place, scheduler, monkeypatch):
    books = [write(place / "books", f"book{i}", SHOW) for i in range(6)]
    packed = []
    pack = cluster.Packing.of

    def counted(packing, job):
        parcels, there = pack(packing, job)
        return [_Counted(parcel, packed) for parcel in parcels], there

    monkeypatch.setattr(cluster.Packing, "of", counted)
    with Cluster(scheduler) as workers:
        waiting = [workers.submit(None, Job(book.stem, str(book), "town", str(place), "vi")) for book in books]
        assert [future.result(timeout=60).status for future in waiting] == ["done"] * 6
    data = [digest for folder, digest in packed if folder.startswith("data")]
    assert 1 <= len(data) <= 2


class _Counted:
    """A parcel that notes when it is packed."""

    def __init__(self, parcel, packed):
        self.parcel, self.label, self._packed = parcel, parcel.label, packed

    def packed(self):
        self._packed.append((self.label.folder, self.label.digest))
        return self.parcel.packed()


def test_a_worker_that_dies_loses_its_report_which_is_made_elsewhere(place, scheduler):
    died, made = place / "died.txt", place / "made.txt"
    once = f"import os\nif not os.path.exists({str(died)!r}):\n    open({str(died)!r}, 'w').write(str(os.getpid()))\n"
    write(place / "books", "mortal", once + "".join(f"    {line}\n" for line in KILL_WORKER.splitlines()), SHOW)
    for i in range(4):
        write(place / "books", f"other{i}", note(made) + SHOW)
    status, told = outcomes(asked(place, scheduler))
    assert (status, {name: one.status for name, one in told.items()}) == (
        "done",
        dict.fromkeys(["mortal", "other0", "other1", "other2", "other3"], "done"),
    )
    until(lambda: ended(kernels(died)), 10)


def test_a_report_that_kills_its_worker_is_told_and_not_handed_round(place, scheduler):
    noted = place / "kernels.txt"
    write(place / "books", "deadly", note(noted) + KILL_WORKER)
    for i in range(4):
        write(place / "books", f"other{i}", SHOW)
    status, told = outcomes(asked(place, scheduler))
    assert status == "failed"
    assert {name for name, one in told.items() if one.status == "done"} == {"other0", "other1", "other2", "other3"}
    assert str(told["deadly"].failure) == "the process that made it died"
    assert len(kernels(noted)) == 2
    until(lambda: ended(kernels(noted)), 10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_ends_stops_its_kernels_and_leaves_the_workers(place, scheduler, number):
    noted = place / "kernels.txt"
    for name in ("one", "two", "three"):
        write(place / "books", name, note(noted) + "import time\ntime.sleep(300)")
    command = [sys.executable, "-m", "laichau_analysis", "run", "--data", "./town", "--notebooks", "books"]
    running = subprocess.Popen(
        [*command, "--scheduler", scheduler, "--language", "vi"],
        cwd=place,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    until(lambda: len(kernels(noted)) == 2, 60)
    asked_to_end = time.monotonic()
    running.send_signal(number)
    _, said = running.communicate(timeout=30)
    until(lambda: ended(kernels(noted)), 10)
    assert time.monotonic() - asked_to_end < 15
    if number == signal.SIGINT:
        assert running.returncode == 130
        assert said.endswith("laichau: stopped; what was published before is untouched.\n")
    assert len(kernels(noted)) == 2, "what waited did not begin"
    shutil.rmtree(place / "books")
    write(place / "books", "money", SHOW)
    shutil.rmtree(place / "reports", ignore_errors=True)
    assert run(asked(place, scheduler)) == "done"


def test_the_time_of_the_run_ends_it_there_too(place, scheduler):
    noted = place / "kernels.txt"
    write(place / "books", "long", note(noted) + "import time\ntime.sleep(300)")
    status, told = outcomes(asked(place, scheduler, deadline=8.0))
    assert (status, told["long"].failure.reason) == ("failed", "deadline")
    until(lambda: ended(kernels(noted)), 10)


def test_a_scheduler_that_dies_costs_what_it_had_and_the_run_ends(place, tmp_path, monkeypatch):
    noted = place / "kernels.txt"
    for name in ("one", "two", "three"):
        write(place / "books", name, note(noted) + "import time\ntime.sleep(300)")
    monkeypatch.setattr(cluster, "PATIENCE", 2.0)
    told = []
    with serving(tmp_path / "dask", 1) as address:
        wait_for_workers(address, 1)
        scheduler, killer = _listening(address), threading.Thread(target=lambda: kill_once(noted, scheduler))
        killer.start()
        assert run(asked(place, address), tell=told.append) == "failed"
        killer.join()
        until(lambda: ended(kernels(noted)), 20)
    assert {outcome.failure.reason for outcome in told} == {"worker"}
    assert len(told) == 3


def _listening(address):
    """The process that listens at an address."""
    port = int(address.rpartition(":")[2])
    return next(one.pid for one in psutil.net_connections("tcp") if one.status == "LISTEN" and one.laddr.port == port)


def kill_once(noted, process):
    """Kill a process as soon as a kernel runs."""
    until(lambda: kernels(noted), 60)
    os.kill(process, signal.SIGKILL)


def test_nobody_answers(place, monkeypatch):
    write(place / "books", "money", SHOW)
    monkeypatch.setattr(cluster, "PATIENCE", 1.0)
    with pytest.raises(UsageError, match=r"no scheduler answers at tcp://127\.0\.0\.1:1: "):
        run(asked(place, "tcp://127.0.0.1:1"))


def test_dask_is_not_there(place, monkeypatch):
    write(place / "books", "money", SHOW)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match=r'install it with: pip install "laichau-analysis\[dask\]"'):
        run(asked(place, "tcp://127.0.0.1:1"))


def test_workers_that_make_other_reports_are_refused(scheduler, monkeypatch):
    monkeypatch.setattr(cluster, "made_by", lambda: {"the package": "another", "a library": "another"})
    with pytest.raises(UsageError, match="has another version of the package and a library; install the same as here"):
        Cluster(scheduler)


def test_workers_of_several_threads_and_none_are_refused(tmp_path):
    with serving(tmp_path / "none") as address, pytest.raises(UsageError, match="has no workers; start some"):
        Cluster(address)
    with serving(tmp_path / "two", 2) as address:
        wait_for_workers(address, 1)
        with pytest.raises(UsageError, match="has 2 threads; start workers with --nthreads 1"):
            Cluster(address)


def test_the_number_of_reports_at_a_time_is_the_clusters():
    done = subprocess.run(
        [sys.executable, "-m", "laichau_analysis", "run", "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "--jobs is for this machine" in done.stderr


def test_a_parcel_is_known_by_its_content(place):
    path = write(place / "books", "money", SHOW)
    job = Job("money", str(path), "town", str(place), "vi")
    parcels, there = Packing().of(job)
    again, _ = Packing().of(job)
    assert [(one.label, one.packed()) for one in parcels] == [(one.label, one.packed()) for one in again]
    assert str(place) not in f"{there.path} {there.data_path} {[one.label for one in parcels]}"
    os.utime(path, (1, 1))
    (place / "town" / "reviews.csv").write_text("finding,verdict,date,reason\n\n", encoding="utf-8")
    changed, _ = Packing().of(job)
    assert [one.label == other.label for one, other in zip(parcels, changed, strict=True)] == [True, False]
