"""Kernels that are forked and kernels that are started: what they have in common, which is nearly everything."""

import json
import os
import sys

import pytest
import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from laichau_analysis.runner import kernels
from laichau_analysis.runner.execution import execute
from laichau_analysis.runner.jobs import Job, ReportError
from laichau_analysis.runner.provisioner import NAME, make_known
from tests.runner.books import write

FACTS = """
import atexit, decimal, gc, json, locale, logging, os, random, resource, signal, sys, tempfile, threading, time, warnings
import matplotlib as mpl, numpy as np, pandas as pd
plain = ("PATH", "HOME", "TZ", "LANG", "OPENBLAS_NUM_THREADS", "JE_ARROW_MALLOC_CONF", "MPLBACKEND")
facts = {
    "argv": [part.replace(os.getcwd(), "HERE") for part in sys.argv],
    "main": [sys.modules["__main__"].__name__, sorted(vars(sys.modules["__main__"]).keys() - {"facts", "plain", "name"})],
    "path": sys.path,
    "environment": {name: os.environ.get(name) for name in plain},
    "variables": sorted(os.environ.keys() - {"JPY_PARENT_PID", "PYDEVD_USE_FRAME_EVAL"}),
    "folder": os.listdir(),
    "temporary": tempfile.gettempdir() == os.getcwd(),
    "umask": os.umask(0o022),
    "zone": time.tzname,
    "locale": locale.setlocale(locale.LC_ALL),
    "signals": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals()) if number not in (9, 19)],
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "files": sorted(os.path.realpath(f"/proc/self/fd/{number}").split(":")[0].replace(os.getcwd(), "HERE") for number in (1, 2)),
    "leads": [os.getpgid(0) == os.getpid(), os.getsid(0) == os.getpid()],
    "streams": [type(stream).__module__ for stream in (sys.stdin, sys.stdout, sys.stderr, sys.__stdin__, sys.__stdout__)],
    "threads": sorted(thread.name for thread in threading.enumerate() if type(thread).__name__ != "ParentPollerUnix"),
    "warnings": sorted((action, str(category)) for action, _, category, _, _ in warnings.filters),
    "limits": [resource.getrlimit(getattr(resource, name)) for name in ("RLIMIT_NOFILE", "RLIMIT_CORE")],
    "numpy": [np.geterr(), np.get_printoptions()["precision"]],
    "pandas": [pd.get_option("display.max_rows"), pd.get_option("display.precision")],
    "matplotlib": {name: str(value) for name, value in mpl.rcParams.items()},
    "decimal": str(decimal.getcontext()),
    "logging": [logging.getLogger().level, [str(type(handler)) for handler in logging.getLogger().handlers]],
    "collecting": [gc.isenabled(), gc.get_threshold()],
    "recursion": sys.getrecursionlimit(),
    "hooks": [hook.__module__ for hook in (sys.excepthook, sys.displayhook)] + [sys.gettrace(), sys.getprofile()],
}
print(json.dumps(facts))
"""

CHANGES = """
import decimal, locale, logging, os, random, signal, sys, time, warnings
import matplotlib as mpl, numpy as np, pandas as pd, laichau_analysis as la
mpl.rcParams["font.size"] = 99
random.seed(1); np.random.seed(1)
warnings.simplefilter("error")
os.environ["LEFT_BEHIND"] = "x"; os.environ["TZ"] = "Asia/Ho_Chi_Minh"; time.tzset()
os.chdir("/"); os.umask(0o077)
locale.setlocale(locale.LC_ALL, "C")
signal.signal(signal.SIGUSR1, signal.SIG_IGN); signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
sys.path.insert(0, "/left/behind"); sys.setrecursionlimit(12345)
decimal.getcontext().prec = 3; np.seterr(all="raise"); pd.set_option("display.max_rows", 3)
logging.getLogger().setLevel(1)
la.metrics.left_behind = la.charts.WIDTH = 1
left_behind = 1
"""
LEFT = "print(la.charts.WIDTH, hasattr(la.metrics, 'left_behind'), 'left_behind' in globals(), os.environ.get('LEFT_BEHIND'))"
PICTURE = "import matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.figure(); plt.plot([2, 1]);\n"


def run(tmp_path, address, *cells, name="book"):
    """What each cell of a notebook gives, in a kernel that is forked, or started where there is no address."""
    forked = []
    path = write(tmp_path, name, *cells)
    executed, warnings = execute(Job(name, str(path), "town", str(tmp_path), "vi"), address, forked.append)
    assert forked == [bool(address)]
    assert warnings == ""
    return [cell.outputs for cell in executed.cells if cell.cell_type == "code"][2:]  # after the parameters


def text(outputs):
    return "".join(output.text for output in outputs)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    """What a kernel says of itself that was started."""
    return json.loads(text(run(tmp_path_factory.mktemp("fresh"), "", FACTS)[0]))


def test_a_forked_kernel_is_like_one_that_was_started(tmp_path, warm_kernels, fresh):
    forked = json.loads(text(run(tmp_path, warm_kernels, FACTS)[0]))
    assert {name: (forked[name], fresh[name]) for name in fresh if forked[name] != fresh[name]} == {}


def test_what_a_report_changes_the_next_one_does_not_see(tmp_path, warm_kernels, fresh):
    run(tmp_path, warm_kernels, CHANGES)
    facts, left = run(tmp_path, warm_kernels, FACTS, f"import laichau_analysis as la\n{LEFT}")
    after = json.loads(text(facts))
    assert {name: (after[name], fresh[name]) for name in fresh if after[name] != fresh[name]} == {}
    assert text(left) == "5.6 False False None\n"


def test_random_numbers_are_others_in_each_kernel(tmp_path, warm_kernels):
    draw = "import random, numpy as np\nprint(random.random(), np.random.rand())"
    first, second = (text(run(tmp_path, warm_kernels, draw)[0]).split() for _ in range(2))
    assert not set(first) & set(second)


def test_pictures_show_as_in_a_kernel_that_was_started(tmp_path, warm_kernels):
    # The inline backend hooks the shell when it is imported: imported before there is one, it shows nothing.
    forked, started = (run(tmp_path, address, PICTURE) for address in (warm_kernels, ""))
    assert [output.data.get("image/png") is not None for output in forked[0]] == [True, True]
    assert forked == started


def test_a_kernel_that_is_started_takes_over_where_there_is_no_warm_process(tmp_path):
    forked = []
    path = write(tmp_path, "book", "print('well')")
    job = Job("book", str(path), "town", str(tmp_path), "vi")
    execute(job, str(tmp_path / "nobody"), forked.append)
    assert forked == [False]


@pytest.mark.parametrize("kind", ["forked", "started"])
def test_death_is_noticed_without_asking_again_and_again(tmp_path, warm_kernels, monkeypatch, kind):
    async def never(client):
        """Ask nothing."""

    monkeypatch.setattr(NotebookClient, "_async_poll_kernel_alive", never)
    path = write(tmp_path, "book", "import os; os._exit(3)")
    job = Job("book", str(path), "town", str(tmp_path), "vi", timeout=30.0)
    with pytest.raises(ReportError) as raised:
        execute(job, warm_kernels if kind == "forked" else "")
    assert (raised.value.failure.reason, raised.value.failure.message) == ("dead", "the kernel died: exit status 3")


@pytest.mark.parametrize("kind", ["forked", "started"])
def test_no_time_is_lost_where_the_kernel_answers_before_anybody_listens(tmp_path, warm_kernels, monkeypatch, kind):
    def late(client, *arguments):
        client.context.setsockopt(zmq.RECONNECT_IVL, 700)
        return connect(client, *arguments)

    connect = kernels._Client.connect_iopub
    monkeypatch.setattr(kernels._Client, "connect_iopub", late)
    monkeypatch.setattr(kernels, "SETTLING", 60.0)
    path = write(tmp_path, "book", "print('well')")
    execute(Job("book", str(path), "town", str(tmp_path), "vi", timeout=30.0), warm_kernels if kind == "forked" else "")


def test_any_manager_of_kernels_can_have_one(tmp_path, warm_kernels):
    make_known()
    manager = KernelManager(connection_file=str(tmp_path / "kernel.json"))
    manager._kernel_spec = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": NAME, "config": {"address": warm_kernels}}},
    )
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(60)
        said = []
        client.execute_interactive("import os; print(os.getppid())", output_hook=said.append, timeout=60)
        assert int("".join(message["content"].get("text", "") for message in said)) != os.getpid()
        assert manager.is_alive()
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    assert not manager.is_alive()
