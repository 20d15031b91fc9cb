from pathlib import Path

import pytest

from laichau_analysis import load
from laichau_analysis.errors import PublishError, UsageError
from laichau_analysis.exchange.folders import name_of, placed, write_tables
from tests.towns import TABLE_ROWS, figure, indicator

PACKAGE = {"name": "town", "title": "Thị trấn", "title_en": "Town", "term": "2021/2025"}


def write(folder, figures=()):
    write_tables(folder, PACKAGE, TABLE_ROWS | {"indicators": [indicator("x")]}, {"money": list(figures)})


def content(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("folder", "name"),
    [("my-town", "my-town"), ("Thị xã Nghĩa Lộ", "thi-xa-nghia-lo"), ("Đồng Đăng (2)", "dong-dang-2"), ("***", "town")],
)
def test_a_folders_name_becomes_the_name_of_a_data_set(folder, name):
    assert name_of(Path(folder)) == name


def test_what_is_written_is_a_data_set(tmp_path):
    folder = tmp_path / "deep" / "town"
    with placed(folder) as aside:
        write(aside, [figure("x", "2024", "5")])
        assert content(folder).keys() == {f"{aside.name}/{name}" for name in content(aside)}
    data = load(str(folder))
    assert (data.name, len(data.observations)) == ("town", 1)
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_failure_leaves_the_place_as_it_was(tmp_path):
    def fail(folder, **options):
        with placed(folder, **options) as aside:
            write(aside)
            raise KeyError

    with pytest.raises(KeyError):
        fail(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    folder = tmp_path / "town"
    with placed(folder) as aside:
        write(aside, [figure("x", "2024", "5")])
    before = content(folder)
    with pytest.raises(KeyError):
        fail(folder, replace=True)
    assert content(folder) == before


def test_replacing_takes_away_what_is_obsolete_and_keeps_what_is_not_ours(tmp_path):
    folder = tmp_path / "town"
    with placed(folder) as aside:
        write(aside, [figure("x", "2024", "5")])
    for name in ("README.md", "old.csv", "observations/gone.csv"):
        (folder / name).write_text("x", encoding="utf-8")
    with placed(folder, replace=True, obsolete=["old.csv", "never.csv"]) as aside:
        write(aside)
    assert "README.md" in content(folder)
    assert content(folder).keys().isdisjoint({"old.csv", "observations/gone.csv"})
    assert len(load(str(folder)).observations) == 0


@pytest.mark.parametrize(
    ("there", "replace", "message"),
    [
        (["notes.txt"], False, "is not empty"),
        (["notes.txt"], True, "is not empty"),
        (["datapackage.json"], False, "holds a data set already"),
        ([], None, "is a file"),
    ],
)
def test_what_is_there_is_not_written_over(tmp_path, there, replace, message):
    folder = tmp_path / "town"
    if replace is None:
        folder.write_text("x", encoding="utf-8")
    for name in there:
        folder.mkdir()
        (folder / name).write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match=message), placed(folder, replace=bool(replace)):
        pass
    assert folder.is_file() or [path.name for path in folder.iterdir()] == there


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(PublishError, match=r"cannot write .*Choose another folder"), placed(tmp_path / "file" / "town"):
        pass
