import json
import os
from functools import partial

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from laichau_analysis.runner import execution
from laichau_analysis.runner.execution import select_cells
from laichau_analysis.runner.jobs import Job, ReportError, file_stem
from tests.runner.books import PARAMETERS, markdown, notebook, write


def job(path, **more):
    return Job(path.stem, str(path), "town", str(path.parent), "vi", **more)


@pytest.fixture
def execute(warm_kernels):
    """Execute a notebook in a kernel that is forked; ``test_kernels`` compares it with one that is started."""
    return partial(execution.execute, warm=warm_kernels)


@pytest.fixture
def failure(execute):
    """Why a notebook could not be executed."""

    def make(path, **more):
        with pytest.raises(ReportError) as raised:
            execute(job(path, **more))
        return raised.value.failure

    return make


def outputs(executed):
    return [
        out.get("text", out.get("data", {}).get("text/plain"))
        for cell in executed.cells
        for out in cell.get("outputs", [])
    ]


def test_cells_that_ask_someone_are_dropped():
    book = notebook(new_code_cell("input()", metadata={"tags": ["interactive"]}))
    assert len(select_cells(book, "vi").cells) == len(book.cells) - 2


def test_cells_of_other_languages_are_dropped():
    book = notebook(markdown("chung"), markdown("vi", "vi"), markdown("en", "en"))
    assert [cell.source for cell in select_cells(book, "en").cells if cell.cell_type == "markdown"] == [
        "# Title",
        "chung",
        "en",
    ]
    assert len(book.cells) == 6


def test_a_notebook_gets_its_parameters_and_this_interpreter(tmp_path, monkeypatch, execute):
    # A kernelspec of the same name that would start something else.
    bogus = tmp_path / "jupyter" / "kernels" / "python3"
    bogus.mkdir(parents=True)
    (bogus / "kernel.json").write_text(json.dumps({"argv": ["/bin/false"], "display_name": "x", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    code = "import os, sys\nprint(dataset, year, language, sys.executable, os.environ['LAICHAU_DATA'])"
    executed, warnings = execute(job(write(tmp_path, "book", code), parameters=(("year", 2023),)))
    import sys

    assert outputs(executed) == [f"town 2023 vi {sys.executable} {tmp_path}\n"]
    assert warnings == ""


def test_two_runs_give_the_same_notebook_without_a_trace_of_this_machine(tmp_path, execute):
    path = write(tmp_path, "book", "import sys; print('out'); print('hidden', file=sys.stderr)\n1 + 1")
    (one, warnings), (other, _) = execute(job(path)), execute(job(path))
    assert nbformat.writes(one) == nbformat.writes(other)
    assert warnings == "hidden\n"
    text = nbformat.writes(one)
    assert str(tmp_path) not in text.replace(json.dumps(str(tmp_path)), "")
    assert "papermill" not in text
    assert "hidden" not in "".join(filter(None, outputs(one)))


@pytest.mark.parametrize(
    ("cells", "cell", "reason", "message"),
    [
        (["1/0", "2"], 4, "error", "ZeroDivisionError: division by zero"),
        (["1", "raise SystemExit(0)", "2"], 5, "error", "SystemExit: 0"),
        (["1", "import sys; sys.exit(0)", "2"], 5, "error", "SystemExit: 0"),
        (["1", "import os; os._exit(3)", "2"], 5, "dead", "the kernel died"),
        (["import os, signal; os.kill(os.getpid(), signal.SIGKILL)"], 4, "dead", "the kernel died"),
    ],
)
def test_a_notebook_that_did_not_run_to_its_end_is_not_believed(tmp_path, cells, cell, reason, message, failure):
    found = failure(write(tmp_path, "book", *cells))
    assert (found.cell, found.reason) == (cell, reason)
    assert found.message.startswith(message)


def test_what_ran_of_a_notebook_that_failed_is_kept(tmp_path, execute):
    with pytest.raises(ReportError) as raised:
        execute(job(write(tmp_path, "book", "1", "print('so far')\n1/0", "2")))
    kept = nbformat.reads(raised.value.notebook, as_version=4)
    nbformat.validate(kept)
    assert [cell.source for cell in kept.cells][-3:] == ["1", "print('so far')\n1/0", "2"]
    assert [[output.output_type for output in cell.outputs] for cell in kept.cells[-3:]] == [
        ["execute_result"],
        ["stream", "error"],
        [],
    ]


def test_what_a_cell_prints_in_pieces_is_one_output(tmp_path, execute):
    code = "import sys\nfor i in range(3):\n    print(i, flush=True); print('no', file=sys.stderr, flush=True)\n5"
    executed, _ = execute(job(write(tmp_path, "book", code)))
    assert outputs(executed) == ["0\n1\n2\n", "5"]


def test_time_runs_out_for_the_whole_report(tmp_path, failure):
    found = failure(write(tmp_path, "book", "1", "while True: pass"), timeout=4)
    assert (found.cell, found.reason, found.message) == (5, "timeout", "ran longer than 4 s")


def test_an_error_of_ours_speaks_for_itself(tmp_path, failure):
    code = "from laichau_analysis.errors import UsageError\nraise UsageError('say it plainly')"
    found = failure(write(tmp_path, "book", code))
    assert (str(found), found.stderr) == ("cell 4: say it plainly", "")


def test_what_papermill_reads_otherwise_is_refused_before_a_kernel(tmp_path, failure):
    # papermill takes a line with a second "=" for something else and would pass it by.
    found = failure(write(tmp_path, "book", "1/0", parameters=PARAMETERS + '\nrule: str = "a=b"'))
    assert (found.cell, found.reason) == (0, "error")
    assert found.message == "papermill reads the parameters cell otherwise: rule; write them plainly"


def test_a_parameter_that_is_not_declared_is_refused_before_a_kernel(tmp_path, failure):
    found = failure(write(tmp_path, "book", "1/0"), parameters=(("place", "x"),))
    assert (found.cell, found.message) == (0, "the notebook does not declare: place")


def test_numbers_that_json_does_not_know_make_no_invalid_notebook(tmp_path, execute):
    code = (
        "from IPython.display import display\n"
        "numbers = {'a': float('nan'), 'b': [float('inf'), 1.5]}\n"
        "display({'application/json': numbers, 'text/plain': 'x'}, raw=True, metadata={'weight': float('-inf')})"
    )
    path = write(tmp_path, "book", code)
    path.write_text(
        path.read_text(encoding="utf-8").replace('"order": 1', '"order": 1, "weight": NaN'), encoding="utf-8"
    )
    executed, _ = execute(job(path))

    def refuse(constant):
        raise AssertionError(constant)

    read = json.loads(nbformat.writes(executed), parse_constant=refuse)
    (output,) = [out for cell in read["cells"] for out in cell.get("outputs", [])]
    assert output["data"]["application/json"]["b"][1] == 1.5
    assert read["metadata"]["laichau"]["weight"] is None


def test_no_kernel_and_no_folder_is_left(tmp_path, monkeypatch, execute):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    code = "import os, tempfile; tempfile.mkdtemp(); print(os.getpid())"
    executed, _ = execute(job(write(tmp_path / "books", "book", code)))
    pid = int(outputs(executed)[0])
    assert [path.name for path in tmp_path.iterdir()] == ["books"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("report", "parameters", "stem"),
    [
        ("budget", {}, "budget"),
        ("budget", {"year": 2023, "area": "town"}, "budget.area-town.year-2023"),
        ("con", {}, "con_"),
        ("budget", {"x": "../../etc"}, "budget.x-______etc-"),
        ("budget", {"x": "A"}, "budget.x-a-"),
        ("budget", {"x": "y" * 300}, "budget.x-" + "y" * 40 + "-"),
    ],
)
def test_file_names_are_safe_everywhere(report, parameters, stem):
    found = file_stem(report, parameters.items())
    assert found.startswith(stem)
    assert len(found) < 80
    assert not set(found) & set('<>:"/\\|?* ')


def test_values_that_differ_get_files_that_differ():
    stems = {file_stem("r", [("x", value)]) for value in ("a", "A", "a ", "a/b", "a:b")}
    assert len({stem.lower() for stem in stems}) == 5
