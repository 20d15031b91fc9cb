import json
import subprocess
import sys
from dataclasses import replace

import pytest

from laichau_analysis.errors import BusyError, PublishError
from laichau_analysis.export import exported
from laichau_analysis.files import write_atomically, write_together
from laichau_analysis.runner.jobs import Failure, Job, Outcome, Page
from laichau_analysis.runner.notebooks import read_notebook
from laichau_analysis.runner.publishing import OutputFolder
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
                folder.publish(outcome, {})
            if prune:
                folder.prune([outcome.job for outcome in outcomes])
            folder.close(data, books, {})
        return json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))

    return run


def job(language="vi", **parameters):
    return Job("money", "money.ipynb", "town", "", language, tuple(sorted(parameters.items())))


def done(text="<p>good</p>", tables=(("Revenue", "name,value\r\n"),), beside=None, **more):
    return Outcome(job(**more), "done", 1.5, Page(text, tables), "{}", beside or {}, {"headline": "Good."})


def failed(**more):
    return Outcome(job(**more), "failed", 0.5, failure=Failure(3, "error", "ValueError: no"))


def statuses(record):
    return {(entry["language"], entry["html"]): entry["status"] for entry in record["reports"]}


def test_a_run_leaves_reports_index_and_record(tmp_path, publish, data):
    record = publish(done(), done(language="en"))
    out = tmp_path / "out"
    assert (out / "vi" / "money.html").read_text(encoding="utf-8") == "<p>good</p>"
    assert (out / "en" / "money.ipynb").read_text(encoding="utf-8") == "{}"
    assert statuses(record) == {("vi", "vi/money.html"): "done", ("en", "en/money.html"): "done"}
    assert record["status"] == "done"
    assert record["dataset"] == {"name": "town", "hash": data.content_hash}
    assert set(record) == {
        *("status", "started", "finished", "versions", "dataset", "made_from", "files", "reports", "outdated")
    }
    assert record["reports"][0]["tables"] == [{"title": "Revenue", "file": "vi/tables/money-1.csv"}]
    assert (out / "vi" / "tables" / "money-1.csv").read_bytes() == b"name,value\r\n"
    assert str(tmp_path) not in json.dumps(record)
    assert sorted(path.name for path in out.iterdir()) == [
        *(".laichau.lock", "data.xlsx", "en", "history.jsonl", "index.html", "run.json", "vi"),
    ]
    assert (out / "data.xlsx").read_bytes() == exported(data, "data.xlsx")


def test_what_took_long_begins_first_and_what_never_ran_before_it(tmp_path, publish):
    took = {2021: 0.5, 2022: 9.0, 2023: 2.0}
    publish(*(replace(done(year=year), seconds=seconds) for year, seconds in took.items()))
    path = tmp_path / "out" / "run.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["reports"].append(record["reports"][0] | {"parameters": {"year": 2020}, "seconds": "long"})
    path.write_text(json.dumps(record), encoding="utf-8")
    with OutputFolder.held(tmp_path / "out") as folder:
        jobs = folder.longest_first([job(year=year) for year in (2020, 2021, 2022, 2023, 2024)])
    assert [dict(one.parameters)["year"] for one in jobs] == [2020, 2024, 2022, 2023, 2021]


def test_further_forms_stand_beside_the_page(tmp_path, publish):
    record = publish(done(beside={"pdf": b"%PDF", "docx": b"PK"}))
    assert record["reports"][0]["beside"] == {"pdf": "vi/money.pdf", "docx": "vi/money.docx"}
    assert (tmp_path / "out" / "vi" / "money.pdf").read_bytes() == b"%PDF"


def test_what_a_new_version_does_not_have_is_removed(tmp_path, publish):
    publish(done(tables=(("A", "a"), ("B", "b")), beside={"pdf": b"%PDF"}))
    publish(done(tables=(("A", "new"),)))
    left = {path.name for path in (tmp_path / "out" / "vi").rglob("*.*")}
    assert left == {"money.html", "money.ipynb", "money-1.csv"}
    assert (tmp_path / "out" / "vi" / "tables" / "money-1.csv").read_text(encoding="utf-8") == "new"


def test_a_report_that_failed_keeps_its_last_good_version(tmp_path, publish):
    first = publish(done())
    record = publish(failed())
    assert (tmp_path / "out" / "vi" / "money.html").read_text(encoding="utf-8") == "<p>good</p>"
    (entry,) = record["reports"]
    assert (entry["status"], entry["error"], entry["html"]) == ("failed", "cell 3: ValueError: no", "vi/money.html")
    assert [entry[key] for key in ("published", "tables", "headline")] == [
        first["reports"][0][key] for key in ("published", "tables", "headline")
    ]
    assert record["status"] == "failed"


@pytest.mark.parametrize("between", [(), (done(language="en"),), (failed(),)])
@pytest.mark.parametrize("before", [(), (done(),)])
def test_a_failure_is_dated_by_the_first_one_until_it_is_mended(publish, monkeypatch, before, between):
    def since(day, *outcomes):
        now = f"2024-07-{day:02}T08:00:00+00:00"
        monkeypatch.setattr("laichau_analysis.runner.publishing._now", lambda: now)
        return [
            (entry["failed_since"] or "")[:10] for entry in publish(*outcomes)["reports"] if entry["language"] == "vi"
        ]

    since(1, *before)
    assert since(2, failed()) == ["2024-07-02"]
    since(3, *between)
    assert since(4, failed()) == ["2024-07-02"]
    assert since(5, done()) == [""]


def test_reports_of_an_earlier_run_are_kept_until_they_are_pruned(tmp_path, publish):
    publish(done(), done(year=2023))
    assert statuses(publish(done())) == {("vi", "vi/money.html"): "done", ("vi", "vi/money.year-2023.html"): "kept"}
    assert statuses(publish(done(), prune=True)) == {("vi", "vi/money.html"): "done"}
    assert not (tmp_path / "out" / "vi" / "money.year-2023.html").exists()
    assert not (tmp_path / "out" / "vi" / "money.year-2023.ipynb").exists()


def test_a_record_cannot_have_files_outside_of_its_folder_removed(tmp_path, publish):
    publish(done())
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    record["outdated"] = ["../mine.txt", str(tmp_path / "mine.txt"), "vi/nothing.html"]
    (tmp_path / "out" / "run.json").write_text(json.dumps(record), encoding="utf-8")
    publish(done())
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"


def test_a_page_that_somebody_removed_is_not_listed(tmp_path, publish):
    publish(done(), done(language="en"))
    (tmp_path / "out" / "en" / "money.html").unlink()
    assert statuses(publish(done())) == {("vi", "vi/money.html"): "done"}


@pytest.mark.parametrize(
    "change",
    [
        None,
        {"report": ["money"]},
        {"language": "fr"},
        {"parameters": "none"},
        {"html": 5},
        {"tables": 5},
        {"beside": [1]},
        {"tables": [{"title": "A"}]},
    ],
)
def test_a_broken_record_is_no_obstacle(tmp_path, publish, change):
    record = publish(done())
    (entry,) = record["reports"]
    broken = "{" if change is None else json.dumps(record | {"reports": [entry | change]})
    (tmp_path / "out" / "run.json").write_text(broken, encoding="utf-8")
    assert statuses(publish(done())) == {("vi", "vi/money.html"): "done"}


def test_a_record_of_an_earlier_version_is_understood(tmp_path, publish):
    record = publish(done())
    entry = {key: record["reports"][0][key] for key in ("report", "language", "parameters", "status", "html")}
    (tmp_path / "out" / "run.json").write_text(json.dumps({"status": "done", "reports": [entry]}), encoding="utf-8")
    assert statuses(publish()) == {("vi", "vi/money.html"): "kept"}


def test_what_is_no_file_is_not_removed(tmp_path, publish):
    record = publish(done())
    (tmp_path / "out" / "run.json").write_text(json.dumps(record | {"outdated": ["vi"]}), encoding="utf-8")
    publish(done())
    assert (tmp_path / "out" / "vi").is_dir()


def test_unfinished_files_of_others_stay(tmp_path, publish):
    ours = [tmp_path / "out" / folder / ".x.abc.laichau.tmp" for folder in ("", "vi", "vi/tables")]
    others = [tmp_path / "out" / "vi" / ".x.tmp", tmp_path / "out" / "a" / "b" / "c" / ".x.laichau.tmp"]
    for path in (*ours, *others):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    publish(done())
    assert [path.exists() for path in (*ours, *others)] == [False] * 3 + [True] * 2


def test_a_report_that_finds_no_room_fails_alone_and_its_last_version_stays_whole(tmp_path, publish):
    publish(done(tables=(("A", "old"),)))
    in_the_way = tmp_path / "out" / "vi" / "money.pdf"
    in_the_way.mkdir()
    with OutputFolder.held(tmp_path / "out") as folder:
        outcome = folder.publish(done(text="new", tables=(("A", "new"),), beside={"pdf": b"%PDF"}), {})
    assert (outcome.status, outcome.failure.reason) == ("failed", "publish")
    assert "money.pdf: Is a directory; what was there before is untouched" in outcome.failure.message


def test_files_are_all_written_before_the_first_takes_its_place(tmp_path):
    (tmp_path / "a").write_text("old", encoding="utf-8")
    (tmp_path / "file").touch()
    with pytest.raises(PublishError, match=r"cannot write .*file/b: File exists; what was there before is untouched"):
        write_together({tmp_path / "a": "new", tmp_path / "file" / "b": "new"})
    assert (tmp_path / "a").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "file"]


def test_a_folder_is_the_same_by_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with OutputFolder.held(tmp_path / "real"), pytest.raises(BusyError), OutputFolder.held(tmp_path / "link"):
        pass


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
