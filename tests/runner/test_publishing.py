import json
import subprocess
import sys

import pytest

from laichau_analysis.errors import BusyError, PublishError
from laichau_analysis.files import write_atomically
from laichau_analysis.runner.execution import Failure, Job, Outcome
from laichau_analysis.runner.notebooks import read_notebook
from laichau_analysis.runner.publishing import OutputFolder, file_stem
from tests.runner.books import write
from tests.towns import figure, indicator


@pytest.fixture
def data(town):
    return town([indicator("revenue")], [figure("revenue", "2024", "5")])


@pytest.fixture
def publish(tmp_path, data):
    """Publish outcomes as one run and give back the record."""
    books = [read_notebook(write(tmp_path / "books", "money"))]

    def run(*outcomes, prune=False):
        with OutputFolder.held(tmp_path / "out") as folder:
            for outcome in outcomes:
                folder.publish(outcome)
            gone = folder.prune([outcome.job for outcome in outcomes]) if prune else []
            folder.close(data, books)
            folder.remove(gone)
        return json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))

    return run


def job(language="vi", **parameters):
    return Job("money", "money.ipynb", "town", "", language, tuple(sorted(parameters.items())))


def done(text="<p>good</p>", headline="Sixty & <b>rising</b>", **more):
    return Outcome(job(**more), "done", 1.5, html=text, notebook="{}", headline=headline)


def failed(**more):
    return Outcome(job(**more), "failed", 0.5, failure=Failure(3, "error", "ValueError: no"))


def statuses(record):
    return {(entry["language"], entry["html"]): entry["status"] for entry in record["reports"]}


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


def test_a_run_leaves_reports_index_and_record(tmp_path, publish, data):
    record = publish(done(), done(language="en"))
    out = tmp_path / "out"
    assert (out / "vi" / "money.html").read_text(encoding="utf-8") == "<p>good</p>"
    assert (out / "en" / "money.ipynb").read_text(encoding="utf-8") == "{}"
    assert statuses(record) == {("vi", "vi/money.html"): "done", ("en", "en/money.html"): "done"}
    assert record["status"] == "done"
    assert record["dataset"] == {"name": "town", "hash": data.content_hash}
    assert set(record) == {"status", "started", "finished", "versions", "dataset", "reports"}
    assert str(tmp_path) not in json.dumps(record)
    assert sorted(path.name for path in out.iterdir()) == [".laichau.lock", "en", "index.html", "run.json", "vi"]


def test_the_index_shows_text_as_text_in_both_languages(tmp_path, publish):
    publish(done(), done(language="en"))
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "Sixty &amp; &lt;b&gt;rising&lt;/b&gt;" in index
    assert '<section lang="vi"' in index
    assert '<section lang="en"' in index
    assert 'href="vi/money.html"' in index
    assert "<b>Tiêu đề</b>" in index
    assert "<b>Title</b>" in index


def test_a_report_that_failed_keeps_its_last_good_version(tmp_path, publish):
    first = publish(done())
    record = publish(failed())
    assert (tmp_path / "out" / "vi" / "money.html").read_text(encoding="utf-8") == "<p>good</p>"
    (entry,) = record["reports"]
    assert (entry["status"], entry["error"], entry["html"]) == ("failed", "cell 3: ValueError: no", "vi/money.html")
    assert entry["published"] == first["reports"][0]["published"]
    assert record["status"] == "failed"
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "Lần chạy gần nhất của báo cáo này không thành công; bản này là của ngày" in index


def test_a_report_that_never_was_has_no_link(tmp_path, publish):
    publish(failed(), Outcome(job("en"), "skipped", reason="no figures"))
    index = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert "Không lập được báo cáo này." in index
    assert "There are no figures for this report." in index
    assert "href" not in index.split("</style>")[1]


def test_reports_of_an_earlier_run_are_kept_until_they_are_pruned(tmp_path, publish):
    publish(done(), done(year=2023))
    assert statuses(publish(done())) == {("vi", "vi/money.html"): "done", ("vi", "vi/money.year-2023.html"): "kept"}
    assert statuses(publish(done(), prune=True)) == {("vi", "vi/money.html"): "done"}
    assert not (tmp_path / "out" / "vi" / "money.year-2023.html").exists()
    assert not (tmp_path / "out" / "vi" / "money.year-2023.ipynb").exists()


def test_a_page_that_somebody_removed_is_not_listed(tmp_path, publish):
    publish(done(), done(language="en"))
    (tmp_path / "out" / "en" / "money.html").unlink()
    assert statuses(publish(done())) == {("vi", "vi/money.html"): "done"}


def test_a_broken_record_is_no_obstacle(tmp_path, publish):
    publish(done())
    (tmp_path / "out" / "run.json").write_text("{", encoding="utf-8")
    assert statuses(publish(done())) == {("vi", "vi/money.html"): "done"}


def test_one_run_at_a_time(tmp_path):
    code = (
        "import sys; from pathlib import Path; from laichau_analysis.runner.publishing import OutputFolder\n"
        "with OutputFolder.held(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(BusyError, match="another run holds"), OutputFolder.held(tmp_path):
            pass
        other.kill()
    with OutputFolder.held(tmp_path):  # the lock died with its owner
        assert (tmp_path / ".laichau.lock").exists()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    place = tmp_path / "file"
    place.write_text("in the way", encoding="utf-8")
    with (
        pytest.raises(
            PublishError, match=r"cannot write to .*; choose another|cannot write to .*Choose another --output"
        ),
        OutputFolder.held(place),
    ):
        pass
    with pytest.raises(PublishError, match="cannot write"):
        write_atomically(place / "page.html", "x")
    assert place.read_text(encoding="utf-8") == "in the way"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    write_atomically(path, "old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(PublishError, match="No space left on device; what was there before is untouched"):
        write_atomically(path, "new")
    assert path.read_text(encoding="utf-8") == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["page.html"]
