import os
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import pytest

from laichau_analysis.errors import DataError, UsageError
from laichau_analysis.runner.jobs import Job, Outcome, Request
from laichau_analysis.runner.pipeline import completed, run
from laichau_analysis.runner.planning import plan
from laichau_analysis.runner.production import produce
from tests.runner.books import PARAMETERS, write
from tests.towns import TABLE_ROWS, figure, indicator, write_town

SECTORS = [*TABLE_ROWS["sectors"], {"sector": "land", "name_vi": "Đất", "name_en": "Land"}]


@pytest.fixture
def folders(tmp_path):
    write_town(tmp_path / "town", [indicator("revenue")], [figure("revenue", "2024", "5")], sectors=SECTORS)
    return tmp_path


def request(folders, **more):
    return Request(data=str(folders / "town"), notebooks=folders / "books", output=folders / "out", **more)


def test_a_plan_holds_every_report_in_every_language(folders):
    write(folders / "books", "money")
    write(folders / "books", "all", sectors=[], order=2)
    todo = plan(request(folders, parameters=(("year", "2024"),)))
    assert [(job.report, job.language) for job in todo.jobs] == [
        ("money", "vi"),
        ("money", "en"),
        ("all", "vi"),
        ("all", "en"),
    ]
    assert {(job.dataset, job.data_path, job.parameters) for job in todo.jobs} == {
        ("town", str(folders), (("year", 2024),))
    }
    assert plan(request(folders, reports=("money",), languages=("en",))).jobs[0].language == "en"


def test_a_sector_without_figures_skips_the_report(folders):
    write(folders / "books", "land", sectors=["land"])
    todo = plan(request(folders))
    assert todo.jobs == ()
    assert [outcome.reason for outcome in todo.skipped] == ["data set town holds no figures for: land"] * 2
    assert run(request(folders)) == "done"


def test_what_runs_on_request_only_has_to_be_named(folders):
    write(folders / "books", "money")
    write(folders / "books", "ask", on_request=True)
    assert {job.report for job in plan(request(folders)).jobs} == {"money"}
    assert {job.report for job in plan(request(folders, reports=("ask",))).jobs} == {"ask"}
    assert [book.name for book in plan(request(folders)).outline.known] == ["ask", "money"]


def test_a_data_set_of_the_same_name_elsewhere_never_takes_the_place_of_the_named_one(folders, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    for folder, year in ((folders, "2019"), (elsewhere, "2023")):
        write_town(folder / "before", [indicator("revenue")], [figure("revenue", year, "4")])
    write(folders / "books", "money", "raise RuntimeError", parameters=OTHERS, names=NAMES)
    with pytest.raises(UsageError, match="parameter 'earlier': two folders are named before, and a notebook knows"):
        plan(request(folders, parameters=(("earlier", str(elsewhere / "before")),)))
    assert plan(request(folders, parameters=(("earlier", str(folders / "before")),))).jobs


def test_everything_that_parameters_name_wrongly_is_told_at_once(folders):
    write(folders / "books", "money", "raise RuntimeError", parameters=OTHERS, names=NAMES)
    with pytest.raises(UsageError) as raised:
        plan(request(folders, parameters=(("indicator", "revenu"), ("earlier", "./nowhere"))))
    assert "unknown indicator 'revenu' in data set town" in str(raised.value)
    assert "no data set at ./nowhere" in str(raised.value)


OTHERS = PARAMETERS + '\nindicator: str = ""\nearlier: str = "before"'
NAMES = {"indicator": "indicator", "earlier": "dataset"}


def test_a_data_set_that_a_parameter_names_is_found_by_its_name_in_the_notebook(folders, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    write_town(elsewhere / "before", [indicator("revenue")], [figure("revenue", "2023", "4")])
    code = "import laichau_analysis as la\nassert la.load(earlier).years() == [2023]\nassert la.load(dataset).years() == [2024]"
    write(folders / "books", "money", code, parameters=OTHERS, names=NAMES)
    job, _ = plan(request(folders, parameters=(("earlier", str(elsewhere / "before")),))).jobs
    assert dict(job.parameters)["earlier"] == "before"
    assert produce(job).failure is None


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ((("earlier", ""),), "report money: it needs a data set by -p earlier NAME|FOLDER."),
        ((("earlier", "./nowhere"),), "report money: no data set at ./nowhere: expected a folder with a datapackage.json."),
        ((("earlier", "{other}/town"),), "parameter 'earlier': two folders are named town, and a notebook knows data sets by"),
        ((("earlier", "{other}/broken"),), "report money: data set broken is invalid, 1 offence:\n  areas.csv: found no such file"),
        ((("earlier", "{here}/town"), ("indicator", "revenu")), "unknown indicator 'revenu' in data set town: did you mean"),
    ],
)  # fmt: skip
def test_what_parameters_name_is_looked_up_before_a_kernel_starts(folders, tmp_path_factory, parameters, message):
    other = tmp_path_factory.mktemp("other")
    for name in ("town", "broken"):
        write_town(other / name, [indicator("revenue")], [figure("revenue", "2023", "4")])
    (other / "broken" / "areas.csv").unlink()
    write(folders / "books", "money", "raise RuntimeError", parameters=OTHERS, names=NAMES)
    given = tuple((name, value.format(other=other, here=folders)) for name, value in parameters)
    with pytest.raises(UsageError) as raised:
        plan(request(folders, parameters=given))
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("more", "parameters", "message"),
    [
        (
            {"requires": ["revenu"]},
            (),
            "report money: unknown indicator 'revenu' in data set town: did you mean 'revenue'?",
        ),
        ({"sectors": ["moeny"]}, (), "report money: unknown sector 'moeny' in data set town: did you mean 'money'?"),
        ({}, (("year", "2019"),), "report money: no figures up to the year 2019 in data set town; there are: 2024."),
        ({}, (("yaer", "2019"),), "unknown parameter 'yaer' in report money: did you mean 'year'?"),
    ],
)
def test_everything_is_refused_before_a_kernel_starts(folders, more, parameters, message):
    write(folders / "books", "money", "raise RuntimeError", **more)
    with pytest.raises(UsageError) as raised:
        run(request(folders, parameters=parameters))
    assert message in str(raised.value)
    assert not (folders / "out").exists()


def test_a_broken_data_set_is_refused_whole(folders):
    write(folders / "books", "money")
    write_town(folders / "town", [indicator("revenue")], [figure("revenue", "2024", "5") | {"value": "6"}])
    with pytest.raises(DataError, match="found 6"):
        plan(request(folders))


def test_one_failure_does_not_stop_the_rest(folders):
    write(folders / "books", "bad", "1/0")
    write(folders / "books", "good", "print(language)", order=2)
    told = []
    assert run(request(folders, languages=("vi",)), tell=told.append) == "failed"
    assert {outcome.job.report: outcome.status for outcome in told} == {"bad": "failed", "good": "done"}
    assert (folders / "out" / "vi" / "good.html").exists()
    assert not (folders / "out" / "vi" / "bad.html").exists()


def test_reports_side_by_side_see_their_own_parameters(folders):
    write(folders / "books", "money", "import os; print('it is', language, os.getcwd())")
    assert run(request(folders, jobs=2)) == "done"
    pages = {
        language: (folders / "out" / language / "money.html").read_text(encoding="utf-8") for language in ("vi", "en")
    }
    assert all(f"it is {language}" in page for language, page in pages.items())
    assert str(folders) not in pages["vi"]


def dies(job):
    if job.language == "vi":
        os._exit(1)
    return Outcome(job, "done")


def test_jobs_and_outcomes_travel_between_processes(tmp_path):
    job = Job("money", str(write(tmp_path, "money", "1/0")), "town", str(tmp_path), "vi")
    outcome = produce(job)
    assert pickle.loads(pickle.dumps(outcome)) == outcome
    assert outcome.failure.message == "ZeroDivisionError: division by zero"


def test_any_executor_will_do_and_a_dead_worker_is_an_outcome():
    jobs = [Job("money", "", "town", "", language) for language in ("vi", "en")]
    with ThreadPoolExecutor(2) as executor:
        assert {o.status for o in completed(executor, lambda job: Outcome(job, "done"), jobs)} == {"done"}
    with ProcessPoolExecutor(1) as executor:
        (outcome,) = completed(executor, dies, jobs[:1])
    assert (outcome.status, outcome.failure.reason) == ("failed", "worker")


def breaks(job):
    if job.language == "vi":
        raise ValueError("a bug of ours")
    return Outcome(job, "done")


def test_a_bug_with_one_report_does_not_stop_the_others():
    jobs = [Job("money", "", "town", "", language) for language in ("vi", "en")]
    with ThreadPoolExecutor(2) as executor:
        outcomes = {outcome.job.language: outcome for outcome in completed(executor, breaks, jobs)}
    assert {language: outcome.status for language, outcome in outcomes.items()} == {"vi": "failed", "en": "done"}
    failure = outcomes["vi"].failure
    assert failure.message == "ValueError: a bug of ours"
    assert 'raise ValueError("a bug of ours")' in failure.stderr


def test_a_notebook_that_vanished_is_a_failure_not_a_traceback(tmp_path):
    outcome = produce(Job("money", str(tmp_path / "none.ipynb"), "town", "", "vi"))
    assert (outcome.status, outcome.failure.message) == ("failed", "FileNotFoundError: No such file or directory")
