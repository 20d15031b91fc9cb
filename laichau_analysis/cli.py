"""The ``laichau`` command: reads arguments, calls the rest, prints.

Progress and messages go to standard error, results to standard output. Nothing heavy is imported
before a command needs it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .errors import DataError, LaichauError, UsageError
from .shipped import DEFAULT_DATASET, shipped

if TYPE_CHECKING:
    import pandas as pd

    from .dataset import Dataset
    from .errors import Offence
    from .runner.jobs import Outcome, Request
    from .runner.logs import Details

__all__ = ["main"]

DIFFERENT = 3
"""Exit status of ``diff --exit-code`` where the editions differ; 1 and 2 are taken."""

data_option = click.option(
    "--data", default=DEFAULT_DATASET, metavar="NAME|FOLDER", help="Data set (default: the one that ships)."
)
notebooks_option = click.option(
    "--notebooks",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of notebooks (default: those that ship). Notebooks are code and are executed.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="laichau-analysis", prog_name="laichau-analysis", message="%(prog)s %(version)s")
def cli() -> None:
    """Reports from the figures of a town's five-year plan."""


@cli.command()
@click.argument("reports", nargs=-1)
@data_option
@notebooks_option
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Output folder."
)
@click.option("--language", type=click.Choice(["vi", "en", "all"]), default="all", show_default=True)
@click.option(
    "--format",
    "formats",
    type=click.Choice(["html", "pdf", "docx"]),
    multiple=True,
    help="Form of the reports; repeatable. HTML is always made.",
)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="Parameter of the notebooks; repeatable.",
)
@click.option(
    "--matrix",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV file of parameters: each report runs once for each row.",
)
@click.option("--jobs", type=click.IntRange(1), help="Reports at a time (default: one a core).")
@click.option("--force", is_flag=True, help="Execute every report, also unchanged ones.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=300.0,
    show_default=True,
    metavar="SECONDS",
    help="For one report.",
)
@click.option(
    "--deadline",
    type=click.FloatRange(min=0, min_open=True),
    default=3600.0,
    show_default=True,
    metavar="SECONDS",
    help="For the whole run.",
)
@click.option(
    "--retries", type=click.IntRange(0), default=0, show_default=True, help="Repeat dead kernels and time-outs."
)
@click.option("--on-failure", default="", metavar="COMMAND", help="Gets run.json on its input if a report failed.")
@click.option("--on-recovery", default="", metavar="COMMAND", help="The same, if all is well after a failure.")
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--logs", type=click.Path(path_type=Path, file_okay=False), help="Folder for details of failures (default: yours)."
)
@click.option(
    "--kernels",
    type=click.Choice(["warm", "stock"]),
    show_default="warm on Linux",
    help="Forked from a process that has imported everything, or each one started.",
)
@click.option("--scheduler", default="", metavar="ADDRESS", help="Of a Dask scheduler: its workers make the reports.")
@click.option("--dry-run", is_flag=True, help="Check everything and say what would run.")
@click.option("--prune", is_flag=True, help="Remove reports with other parameters than this run's.")
def run(
    reports: tuple[str, ...],
    data: str,
    notebooks: Path | None,
    output: Path,
    language: str,
    formats: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    matrix: Path | None,
    jobs: int | None,
    force: bool,
    timeout: float,
    deadline: float,
    retries: int,
    on_failure: str,
    on_recovery: str,
    log_format: str,
    logs: Path | None,
    kernels: str | None,
    scheduler: str,
    dry_run: bool,
    prune: bool,
) -> None:
    """Execute, render and publish REPORTS (all by default)."""
    from .runner.jobs import Request
    from .schema import LANGUAGES

    request = Request(
        reports=reports,
        data=data,
        notebooks=notebooks,
        output=output,
        languages=LANGUAGES if language == "all" else (language,),
        parameters=parameters,
        matrix=matrix,
        jobs=jobs or 0,
        force=force,
        timeout=timeout,
        deadline=deadline,
        retries=retries,
        on_failure=on_failure,
        on_recovery=on_recovery,
        prune=prune,
        formats=tuple(sorted({*formats} - {"html"})),
        kernels=kernels or "",
        scheduler=scheduler,
    )
    if scheduler and jobs:
        raise UsageError("--jobs is for this machine; with --scheduler as many reports are made as there are workers.")
    if dry_run:
        _tell_plan(request)
        return
    from .runner.logs import Details, event, set_up
    from .runner.unchanged import confirm

    unchanged = confirm(request)
    if unchanged:
        event(set_up(log_format), logging.INFO, f"nothing changed: {_many(unchanged, 'report')}", unchanged=unchanged)
        click.echo(str(output / "index.html"))
        return
    from .runner import pipeline

    with _Progress(set_up(log_format), Details(output, logs), bar=log_format == "text") as progress:
        status = pipeline.run(request, begin=progress.begin, tell=progress.tell, warn=progress.warn)
    click.echo(str(output / "index.html"))
    if status == "failed":
        sys.exit(1)


def _tell_plan(request: Request) -> None:
    """Say of each report whether it would run, and why."""
    from .runner.planning import plan
    from .runner.publishing import OutputFolder

    todo = plan(request)
    folder, made_from = OutputFolder.seen(request.output), todo.outline.made_from()
    for job in todo.jobs:
        reason = "all are forced" if request.force else folder.why_again(job, made_from[job])
        click.echo(f"{job.report} ({job.language}): {f'would run, {reason}' if reason else 'is unchanged'}")
    for outcome in todo.skipped:
        click.echo(f"{outcome.job.report} ({outcome.job.language}): would be skipped, {outcome.reason}")


class _Stopped(KeyboardInterrupt):
    """A signal asked the run to stop."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """Let Ctrl-C, SIGTERM and the end of the terminal end a command in good order, and a second one at once."""
    heard: list[int] = []

    def stop(number: int, _: Any) -> None:
        if heard:
            try:
                from .runner.workspace import abandon

                abandon()
            finally:
                os._exit(128 + number)
        heard.append(number)
        raise _Stopped(number)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # nohup and the background of a shell have signals ignored: that is to stay so.
    before = {number: handler for number in numbers if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _cut(line: str, most: int = 1000) -> str:
    """A line that a message without end does not make endless."""
    return line if len(line) <= most else line[:most] + "…"


class _Progress:
    """A bar on a terminal, plain lines or JSON elsewhere, all on standard error."""

    def __init__(self, logger: logging.Logger, details: Details, *, bar: bool) -> None:
        self._logger = logger
        self._bar_wanted = bar
        self._details = details
        self._bar: Any = None
        self._done = 0
        self._total = 0

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.render_finish()

    def begin(self, count: int) -> None:
        self._total = count
        if self._bar_wanted and sys.stderr is not None and sys.stderr.isatty():
            self._bar = click.progressbar(length=self._total, label="reports", file=sys.stderr)
            self._bar.render_progress()

    def tell(self, outcome: Outcome) -> None:
        job = outcome.job
        made = outcome.status in ("done", "failed")
        self._done += made
        name = f"{job.report} ({job.language})"
        facts = {
            "report": job.report,
            "language": job.language,
            "parameters": dict(job.parameters),
            "status": outcome.status,
            "seconds": round(outcome.seconds, 3),
        }
        for line in filter(str.strip, outcome.warnings.splitlines()):
            self._say(logging.WARNING, f"warning from {name}: {line}", facts)
        details = self._details.keep(outcome)
        if outcome.failure:
            message = _cut(" ".join(f"failed {name}, {outcome.failure}".split()))
            self._say(logging.ERROR, f"{message.removesuffix('.')}; details: {details}", facts)
        elif outcome.status == "skipped":
            self._say(logging.INFO, f"skipped {name}: {outcome.reason}", facts)
        elif outcome.status == "unchanged":
            self._say(logging.INFO, f"unchanged {name}", facts)
        elif not self._bar:
            self._say(logging.INFO, f"[{self._done}/{self._total}] {name}: {outcome.seconds:.1f} s", facts)
        if self._bar and made:
            self._bar.update(1)

    def warn(self, message: str) -> None:
        self._say(logging.WARNING, f"laichau: {message}", {})

    def _say(self, level: int, message: str, facts: dict[str, Any]) -> None:
        from .runner.logs import event

        event(self._logger, level, ("\n" if self._bar else "") + message, **facts)


@cli.command()
@data_option
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="NAME=FILE",
    help="Also prove each printed figure of a source in its document; repeatable.",
)
def check(data: str, style: str, sources: tuple[str, ...]) -> None:
    """Validate a data set, then audit what it says of its own figures."""
    from .audit import audit
    from .dataset import load
    from .partitions import is_partitioned
    from .shipped import find_dataset
    from .wording import explained

    if is_partitioned(find_dataset(data)):
        if sources:
            raise UsageError("--source proves figures of a data set that is CSV; convert it with: laichau convert")
        _check_in_batches(find_dataset(data), style)
        return
    texts = [_document(source) for source in sources]
    covered: dict[str, pd.DataFrame] = {}
    offences: list[Offence] = []
    findings = None
    dataset = None
    try:
        dataset = load(data)
    except DataError as error:
        offences += error.offences
    if dataset is not None:
        from .provenance import coverage, prove

        for name, text in texts:
            offences += prove(dataset, name, text)
            covered[name] = coverage(dataset, name, text)
        findings = explained(audit(dataset), dataset, "en")
        findings["message_vi"] = explained(findings, dataset, "vi")["message"]
    if style == "json":
        found = _as_json(offences, findings)
        if texts:
            found["sources"] = {name: _coverage_as_json(frame) for name, frame in covered.items()}
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        _print_check(dataset, offences, findings, covered)
    if offences:
        sys.exit(1)


def _check_in_batches(folder: Path, style: str) -> None:
    """Validate and audit a partitioned data set; what is found is printed as it is found."""
    from .audit import VERDICTS
    from .batches import checked

    figures, first = 0, True
    counts: Counter[str] = Counter()
    if style == "json":
        click.echo('{"findings": [')
    found: list[Offence] = []
    # Sentences take longest, and only those that are printed are made.
    printed = [verdict for verdict in VERDICTS if verdict != "agrees"]
    batches = checked(folder) if style == "json" else checked(folder, languages=("en",), told=printed)
    for batch in batches:
        figures += batch.figures
        found += batch.offences
        if batch.findings is None:
            continue
        counts.update(batch.verdicts)
        if style == "json":
            for row in _as_json([], batch.findings)["findings"]:
                click.echo(("" if first else ",") + json.dumps(row, ensure_ascii=False))
                first = False
        else:
            _print_findings(batch.findings)
    if style == "json":
        errors = json.dumps(_as_json(found, None)["errors"], ensure_ascii=False)
        click.echo(f'], "valid": {json.dumps(not found)}, "errors": {errors}}}')
    else:
        for offence in found:
            click.echo(str(offence), err=True)
        click.echo(f"data set {folder.name}: {_many(figures, 'figure')}")
        click.echo("findings: " + ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS))
    if found:
        sys.exit(1)


def _document(source: str) -> tuple[str, str]:
    name, separator, path = source.partition("=")
    if not separator:
        raise UsageError(f"--source {source}: expected NAME=FILE, such as lai-chau-2024=report.txt.")
    try:
        return name, Path(path).read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--source {source}: cannot read the document: {error}.") from None


FINDING = [
    *("check", "indicator", "measure", "area", "period", "breakdown", "category", "locators"),
    *("stated", "recomputed", "low", "high", "difference", "verdict", "message", "message_vi"),
]


def _as_json(offences: list[Offence], findings: pd.DataFrame | None) -> dict[str, Any]:
    rows = [] if findings is None else findings[FINDING].astype(object).to_dict("records")
    for row in rows:
        row.update({key: None for key, value in row.items() if value != value})
    errors = [
        {key: getattr(offence, key) for key in ("file", "row", "column", "found", "expected", "remedy")}
        for offence in offences
    ]
    return {"valid": not offences, "errors": errors, "findings": rows}


def _coverage_as_json(numbers: pd.DataFrame) -> dict[str, Any]:
    unexplained = numbers[numbers["unexplained"] > 0]
    return {
        "numbers": int(numbers["times"].sum()),
        "figures": int(numbers["figures"].sum()),
        "left_out": int(numbers["times"].sum() - numbers["figures"].sum() - numbers["unexplained"].sum()),
        "unexplained": unexplained[["locator", "printed", "context"]].to_dict("records"),
    }


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count != 1 else ''}"


def _print_check(
    data: Dataset | None,
    offences: list[Offence],
    findings: pd.DataFrame | None,
    covered: dict[str, pd.DataFrame],
) -> None:
    from .audit import VERDICTS

    if data is not None:
        held = f"{_many(len(data.observations), 'figure')}, {_many(len(data.indicators), 'indicator')}"
        click.echo(f"data set {data.name}: {held}")
        for name, numbers in covered.items():
            count = int((data.observations["source"] == name).sum())
            wrong = _many(len(offences), "offence") if offences else "all found"
            click.echo(f"source {name}: {_many(count, 'printed figure')} looked up, {wrong}")
            known = _coverage_as_json(numbers)
            numbered = _many(known["numbers"], "number")
            click.echo(
                f"source {name}: {numbered} in the document, {known['figures']} of them figures of "
                f"the data, {known['left_out']} left out for a reason, {len(known['unexplained'])} unexplained"
            )
            for row in known["unexplained"]:
                click.echo(f"unexplained: {row['printed']} [{row['locator']}] … {row['context']} …")
    for offence in offences:
        click.echo(str(offence), err=True)
    if findings is None:
        return
    counts = Counter(findings["verdict"])
    click.echo("findings: " + ", ".join(f"{counts[verdict]} {verdict}" for verdict in VERDICTS))
    _print_findings(findings)
    assert data is not None
    for finding in sorted(set(data.tables["reviews"]["finding"]) - set(findings["finding"])):
        click.echo(
            f"laichau: reviews.csv: no finding {finding} any more; compare it with the findings, or take it out.",
            err=True,
        )


def _print_findings(findings: pd.DataFrame) -> None:
    """A line for each finding that is not as it should be, wrong ones first."""
    from .audit import WRONG

    for verdict in (*WRONG, "open", "rounding"):
        for row in findings[findings["verdict"] == verdict].to_dict("records"):
            said = " ".join(filter(None, (row["message"], row["review_text"])))
            click.echo(f"{verdict}: {said} [{', '.join(row['locators'])}]")


@cli.command()
@click.argument("old")
@click.argument("new")
@click.option("--year", type=int, default=0, metavar="YEAR", help="Only what was known by its end (default: all).")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--exit-code", is_flag=True, help=f"Leave with {DIFFERENT} if the editions differ.")
def diff(old: str, new: str, year: int, style: str, exit_code: bool) -> None:
    """Compare two editions of a data set, names or folders, the earlier one first."""
    from .changes import in_lines, retold
    from .editions import compare, record

    earlier, later = _editions(old, new)
    found = compare(earlier, later, year)
    if style == "json":
        click.echo(json.dumps(record(found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(in_lines(retold(found, "en"))))
    if exit_code and not found.is_empty:
        sys.exit(DIFFERENT)


def _editions(*names: str) -> list[Dataset]:
    """Load data sets; if some are broken, tell of all of them."""
    from .dataset import load

    found, broken = [], []
    for name in names:
        try:
            found.append(load(name))
        except DataError as error:
            broken.append(str(error))
    if broken:
        raise LaichauError("\n".join(broken))
    return found


@cli.command(name="list")
@notebooks_option
def list_reports(notebooks: Path | None) -> None:
    """List the reports with their parameters, types and defaults."""
    from .runner.notebooks import find_notebooks

    for notebook in find_notebooks(notebooks or shipped("notebooks")):
        asked = " (only when it is named)" if notebook.on_request else ""
        click.echo(f"{notebook.name}: {notebook.titles['en']}{asked}")
        for parameter in notebook.parameters.values():
            click.echo(f"    {parameter.name}: {parameter.type} = {parameter.default!r}")


@cli.command(context_settings={"ignore_unknown_options": True})
@notebooks_option
@click.option("--data", default="", metavar="NAME|FOLDER", help="Data set that notebooks are to know by its name.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS OF JUPYTER LAB ...]")
def lab(notebooks: Path | None, data: str, arguments: tuple[str, ...]) -> None:
    """Open JupyterLab on the notebooks; further arguments go to jupyter lab."""
    from .runner.lab import open_lab

    open_lab(notebooks, data, arguments, tell=lambda message: click.echo(f"laichau: {message}", err=True))


@cli.command(context_settings={"ignore_unknown_options": True})
@click.option("--at", default="06:00", show_default=True, metavar="HH:MM")
@click.option("--on", default="daily", show_default=True, metavar="DAYS", help="daily, weekdays, weekend, or mon,thu.")
@click.option("--timezone", default="Asia/Ho_Chi_Minh", show_default=True)
@click.option("--for", "system", type=click.Choice(["systemd", "cron", "windows", "github"]), required=True)
@click.option("--write", type=click.Path(path_type=Path, file_okay=False), help="Folder to write the files to.")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENTS OF RUN ...]")
def schedule(at: str, on: str, timezone: str, system: str, write: Path | None, arguments: tuple[str, ...]) -> None:
    """Print ready files that run the reports at a time of the day; further arguments go to laichau run."""
    from .files import write_atomically
    from .schedule import SYSTEMS, Schedule, days_of

    hour, separator, minute = at.partition(":")
    if not (separator and hour.isdecimal() and minute.isdecimal() and int(hour) < 24 and int(minute) < 60):
        raise UsageError(f"--at {at}: expected a time such as 06:00.")
    command = (sys.executable, "-m", "laichau_analysis", "run", *arguments)
    plan = Schedule(command, Path.cwd(), int(hour), int(minute), days_of(on), timezone)
    for name, text in SYSTEMS[system](plan).items():
        if write:
            write_atomically(write / name, text)
            click.echo(str(write / name))
        else:
            click.echo(f"# --- {name}\n{text}" if system != "windows" else text)


@cli.command()
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("reports"), show_default=True, help="Output folder."
)
@click.option("--last", type=click.IntRange(1), default=20, show_default=True, help="How many runs.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def history(output: Path, last: int, style: str) -> None:
    """Show the latest runs of an output folder: when, how long, on which data, and what failed."""
    from .runner.history import recall

    for run in recall(output)[-last:]:
        if style == "json":
            click.echo(json.dumps(run, ensure_ascii=False))
            continue
        counts = ", ".join(f"{count} {status}" for status, count in run["reports"].items())
        data = f"{run['dataset']['name']} {run['dataset']['hash'][:8]}"
        click.echo(f"{run['started']}  {run['status']:6}  {run['seconds']:6.0f} s  {data}  {counts}")
        if run.get("error"):
            click.echo(f"    {run['error']}")
        for failed in run["failed"]:
            click.echo(f"    {failed['report']} ({failed['language']}), {failed['error']}")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@data_option
def export(file: Path, data: str) -> None:
    """Write a data set as one long table to FILE (.csv, .xlsx or .parquet)."""
    from .dataset import load
    from .export import exported
    from .files import write_atomically

    write_atomically(file, exported(load(data), file.name))
    click.echo(str(file))


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--name-vi", default="", metavar="TEXT", help="The town's name in Vietnamese (default: the folder's).")
@click.option("--name-en", default="", metavar="TEXT", help="The town's name in English (default: the Vietnamese).")
@click.option("--term", default="2021/2025", show_default=True, metavar="YEARS", help="Years of the plan.")
def new(folder: Path, name_vi: str, name_en: str, term: str) -> None:
    """Make the data set of another town in FOLDER: all lists, and an example of each kind of figure."""
    from .exchange.starting import start

    start(folder, name_vi=name_vi, name_en=name_en, term=term)
    click.echo(str(folder))


@cli.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--data", metavar="NAME|FOLDER", help="Data set whose lists and areas it offers (default: lists for a new town)."
)
@click.option("--filled", is_flag=True, help="Also write the data set's figures, sources and places into it.")
def template(file: Path, data: str | None, filled: bool) -> None:
    """Write a workbook to type figures into to FILE (.xlsx)."""
    from .dataset import load
    from .exchange.template import template as written
    from .files import write_atomically

    if file.suffix.lower() != ".xlsx":
        raise UsageError(f"cannot write {file}: expected a name that ends in .xlsx.")
    if file.exists():
        raise UsageError(f"{file} is there already, perhaps filled in; choose another name, or remove it.")
    write_atomically(file, written(load(data or DEFAULT_DATASET) if data or filled else None, filled=filled))
    click.echo(str(file))


@cli.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Replace the tables of a data set that is in FOLDER.")
def import_figures(file: Path, folder: Path, replace: bool) -> None:
    """Read a workbook that was filled in into the data set FOLDER; what is not read is listed cell by cell."""
    from .exchange.importing import UNREAD, import_workbook

    imported = import_workbook(file, folder, replace=replace)
    click.echo(f"data set {imported.name}: {imported.figures} figures, {imported.indicators} indicators")
    for cell in imported.unread:
        click.echo(str(cell), err=True)
    if imported.unread:
        rows = f"{imported.left_out} row{'s' if imported.left_out != 1 else ''} left out"
        click.echo(f"laichau: {rows}; everything that was not read stands in {folder / UNREAD}.", err=True)
        sys.exit(1)


@cli.command()
@click.argument("data", metavar="NAME|FOLDER")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--to", "form", type=click.Choice(["csv", "parquet"]), default=None, help="Default: the form it has not.")
@click.option("--replace", is_flag=True, help="Replace a data set that is in FOLDER.")
def convert(data: str, folder: Path, form: str | None, replace: bool) -> None:
    """Write a data set to FOLDER as Parquet, partitioned by region and sector, or back as CSV."""
    from .batches import checked
    from .exchange.converting import convert as converted
    from .partitions import is_partitioned

    def confirm(written: Path) -> Iterator[Offence]:
        if is_partitioned(written):
            for batch in checked(written, audited=False):
                yield from batch.offences

    click.echo(f"{folder}: {converted(data, folder, form or '', replace=replace, confirm=confirm)}")


def main() -> None:
    """Run the command; errors of ours are one message and an exit status."""
    try:
        with _stopped_by_signals():
            cli.main(standalone_mode=False)
    except click.exceptions.Abort as stopped:
        _say("laichau: stopped; what was published before is untouched.")
        sys.exit(128 + getattr(stopped.__cause__, "number", signal.SIGINT))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LaichauError as error:
        _say(f"laichau: {error}")
        sys.exit(error.exit_status)


def _say(message: str) -> None:
    """A last word on standard error, if somebody still listens."""
    with suppress(OSError):
        click.echo(message, err=True)
