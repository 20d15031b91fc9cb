"""Whatever a data set holds, the loader gives a data set or one error of ours, and leaves its folder alone."""

import csv
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as some

from laichau_analysis import dataset, load
from laichau_analysis.audit import audit
from laichau_analysis.dataset import LANGUAGES
from laichau_analysis.errors import DataError, LaichauError, MissingDataError
from laichau_analysis.export import SUFFIXES, exported
from laichau_analysis.formulas import Formula, parse_formula
from laichau_analysis.metrics import progress
from laichau_analysis.periods import Period, period
from laichau_analysis.precision import parse_printed
from laichau_analysis.runner.landing import index_page
from laichau_analysis.schema import MEASURES, OBSERVATIONS, TABLES
from laichau_analysis.wording import explained
from tests.towns import figure, indicator, part, write_rows, write_town

TIMES = int(os.environ.get("LAICHAU_TEST_EXAMPLES", "25"))
many = settings(
    max_examples=TIMES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
cheap = settings(many, max_examples=80 * TIMES)
FILES = ["datapackage.json", *(f"{name}.csv" for name in TABLES), "observations/money.csv"]
CELLS = [(f"{name}.csv", column) for name, table in TABLES.items() for column in table.columns]
CELLS += [("observations/money.csv", column) for column in OBSERVATIONS.columns]
AWKWARD = some.one_of(
    some.text(max_size=60),
    some.from_regex(r"[-+]?\d{1,400}([.,]\d{1,400})?(e\d{1,9})?%?", fullmatch=True),
    some.sampled_from(
        [
            *(
                "nan",
                "inf",
                "-0",
                "1e999999999",
                "9" * 5000,
                "0x10",
                "١٢",
                "²",
                "../../etc/passwd",
                "/dev/zero",
                "file:///x",
            ),
            *(
                "__import__('os').system('x')",
                "=1+1",
                "\0",
                "\r",
                '"',
                "x\ny",
                "{0.__class__}",
                "%s",
                "${HOME}",
                "a" * 20_000,
            ),
        ]
    ),
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A town that is well, and a copy to spoil."""
    folder = tmp_path_factory.mktemp("whole") / "town"
    rows = [figure("x", "2024", "5"), part("x", "2024", "3", "a"), figure("x", "2025", "9", "target")]
    return write_town(folder, [indicator("x"), indicator("y", formula="x * 2")], rows)


@pytest.fixture
def spoiled(whole, tmp_path):
    """Load the town with one file changed."""
    folder = tmp_path / "town"
    shutil.copytree(whole, folder)

    def change(file, content):
        (folder / file).write_bytes(content)
        try:
            return load_or_error(folder)
        finally:
            shutil.copy(whole / file, folder / file)

    change.text = lambda file: (whole / file).read_text(encoding="utf-8")
    return change


def load_or_error(folder):
    """What the loader gives; anything but a data set or an error of ours that can be read fails the test."""
    try:
        return load(str(folder))
    except LaichauError as error:
        text = str(error)
        assert text
        assert all(line.isprintable() for line in text.split("\n"))
        assert len(text) < 1_000_000
        return error


@pytest.mark.parametrize(
    ("file", "column", "cell", "message"),
    [
        ("indicators", "decimals", "9" * 30, "found 999999999999999999999999999999; expected a whole number up to 15"),
        ("indicators", "decimals", "١", "found ١; expected a whole number up to 15"),
        ("indicators", "minimum", "9" * 400, "expected 15 digits at most; round it"),
        ("indicators", "name_vi", "a\0b", r"found a\x00b; expected no control characters; take them out"),
        ("indicators", "note", "\x1b[2J", r"found \x1b[2J; expected no control characters; take them out"),
        ("indicators", "note", "\uffff", r"found \uffff; expected no control characters; take them out"),
        ("indicators", "formula", "x*" + "9" * 16, "expected a number of a formula has at most 15 digits"),
        ("indicators", "formula", "x*1e999", "expected a number of a formula has at most 15 digits"),
        ("indicators", "formula", "x" + "*x" * 11, "expected a formula has at most 10 products and quotients"),
        ("sources", "date", "2024-99", "found 2024-99; expected a date that there is; mend the date"),
        ("areas", "parent", "town", "column parent: found a parent in each row; expected none for the town itself"),
        ("observations/money", "value", "9" * 16, "found 9999999999999999; expected 15 digits at most; round it"),
        ("observations/money", "printed", "5," + "0" * 20, "expected a number of more than 15 digits: '5,00000000000000000000'"),
        ("observations/money", "period", "٢٠٢٤", "found ٢٠٢٤; expected 2024, 2024-S1, 2024-06, 2021/2024 or ../2024"),
        ("observations/money", "area", "t" * 9000, "… (9,000 letters); expected a code of areas.csv: there are: town."),
    ],
)  # fmt: skip
def test_what_no_cell_may_hold(whole, tmp_path, file, column, cell, message):
    folder = tmp_path / "town"
    shutil.copytree(whole, folder)
    path = folder / f"{file}.csv"
    with path.open(encoding="utf-8", newline="") as rows:
        first, *others = csv.DictReader(rows)
    write_rows(path, first.keys(), [first | {column: cell}, *others])
    error = load_or_error(folder)
    assert isinstance(error, DataError)
    assert message in str(error)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("{", '{"title": "x", ', 1), "found no readable JSON (the key 'title' occurs twice)"),
        (lambda text: text.replace("{", '{"x": [{"y": 1, "y": 1}], ', 1), "(the key 'y' occurs twice)"),
        (lambda text: text.replace("{", '{"x": NaN, ', 1), "(NaN is no JSON)"),
        (lambda text: text.replace("{", r'{"x": "\ud800", ', 1), r"('utf-8' codec can't encode character '\ud800'"),
        (lambda text: text.replace('"Invented town"', r'"\u001b[2J"'), r"column title_en: found \x1b[2J; expected no control"),
        (lambda text: text.replace('"town"', r'"a\nb\u0007"', 1), r"data set a\nb\x07 is invalid"),
        (lambda text: text + " " * 2**22, "bytes, and 4,194,304 are allowed"),
        (lambda text: "[" * 200_000, "datapackage.json: found no readable JSON"),
    ],
)  # fmt: skip
def test_what_no_description_may_hold(spoiled, change, message):
    error = spoiled("datapackage.json", change(spoiled.text("datapackage.json")).encode())
    assert isinstance(error, DataError)
    assert message in str(error)


@pytest.mark.parametrize("name", ["a b.csv", "../x.csv", b"\xff.csv", "\x1b[2J.csv", "Money.csv"])
def test_files_of_observations_are_named_after_sectors(whole, tmp_path, name):
    folder = tmp_path / "town"
    shutil.copytree(whole, folder)
    other = Path(os.fsdecode(os.path.join(os.fsencode(folder / "observations"), os.fsencode(name))))  # noqa: PTH118
    shutil.copy(folder / "areas.csv", other)
    error = load_or_error(folder)
    assert name == "../x.csv" or "observations: found " in str(error)


def test_the_whole_town_is_well(whole):
    assert len(load(str(whole)).observations) == 3


@many
@given(file=some.sampled_from(FILES), content=some.binary(max_size=400))
def test_arbitrary_bytes(spoiled, file, content):
    spoiled(file, content)


@many
@given(
    file=some.sampled_from(FILES),
    encoding=some.sampled_from(["utf-16", "utf-32", "cp1258", "utf-8-sig", "utf-7", "latin-1"]),
    separator=some.sampled_from([";", "\t", "|", ",,", '","', ""]),
    ending=some.sampled_from(["\r\n", "\r", "\n\n", ""]),
    cut=some.integers(0, 400),
)
def test_other_encodings_separators_and_torn_files(spoiled, file, encoding, separator, ending, cut):
    text = spoiled.text(file).replace(",", separator).replace("\n", ending)
    spoiled(file, text.encode(encoding, "replace")[: cut or None])


@many
@given(
    place=some.sampled_from(CELLS), text=AWKWARD, quoted=some.booleans(), row=some.integers(0, 3), more=some.booleans()
)
def test_arbitrary_cells(spoiled, place, text, quoted, row, more):
    file, column = place
    head, *lines = spoiled.text(file).splitlines()
    lines = lines or ["," * head.count(",")]
    row %= len(lines)
    cells = dict(zip(head.split(","), lines[row].split(","), strict=False))
    cells[column] = '"' + text.replace('"', '""') + '"' if quoted else text
    changed = [*lines[: row + more], ",".join(cells.values()), *lines[row + 1 :], ""]
    spoiled(file, "\n".join([head, *changed]).encode("utf-8", "replace"))


@many
@given(digits=some.from_regex(r"[1-9][0-9]{0,60}", fullmatch=True), decimals=some.text("0123456789", max_size=60))
def test_numbers_of_any_length(spoiled, digits, decimals):
    value, printed = (digits + (mark + decimals) * bool(decimals) for mark in ".,")
    row = f'x,town,2024,,,actual,{value},,,"{printed}",A,,,report,I,'
    found = spoiled("observations/money.csv", f"{','.join(OBSERVATIONS.columns)}\n{row}\n".encode())
    assert isinstance(found, DataError) == (len(digits + decimals) > 15)


FORMULAS = some.recursive(
    some.sampled_from(["x", "x[a]", "y", "1", "1000", "0.5", "9" * 15, "1e9", "1e999", "nothing"]),
    lambda part: some.builds("({} {} {})".format, part, some.sampled_from("+-*/"), part),
    max_leaves=60,
)


@many
@given(first=FORMULAS, second=FORMULAS)
def test_deep_formulas(spoiled, first, second):
    rows = [indicator("x", formula=first), indicator("y", formula=second)]
    columns = TABLES["indicators"].columns
    lines = [",".join(row.get(column, "") for column in columns) for row in rows]
    spoiled("indicators.csv", "\n".join([",".join(columns), *lines, ""]).encode())


@many
@given(file=some.sampled_from(FILES[1:]), order=some.randoms(), double=some.booleans())
def test_rows_twice_and_columns_elsewhere(spoiled, file, order, double):
    rows = [line.split(",") for line in spoiled.text(file).splitlines()]
    columns = list(range(len(rows[0])))
    order.shuffle(columns)
    rows = [[row[i] for i in columns if i < len(row)] for row in rows]
    spoiled(file, "\n".join(",".join(row) for row in rows + rows[1:] * double).encode())


@many
@given(
    key=some.sampled_from(["name", "title", "term", "schema_version", "resources", "about_vi", "outline", "licenses"]),
    value=some.recursive(
        some.none() | some.booleans() | some.floats() | some.integers() | AWKWARD,
        lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    ),
)
def test_arbitrary_descriptions(spoiled, key, value):
    package = json.loads(spoiled.text("datapackage.json"))
    spoiled("datapackage.json", json.dumps(package | {key: value}).encode("utf-8", "replace"))


ROWS = some.builds(
    lambda printed, sign, category, **more: figure(
        "x", printed=printed + sign, **more, **{"breakdown": "kind", "category": category} if category else {}
    ),
    period=some.sampled_from(["2024", "2023", "2024-S1", "2024-06", "2021/2024", "../2024", "2025", "9999", "0001"]),
    printed=some.sampled_from(["0", "5", "-5", "0,1", "9" * 15, "0," + "0" * 13 + "1", "1-2", "07", "100"]),
    sign=some.sampled_from(["", "%", "‰"]),
    category=some.sampled_from(["", "a", "b"]),
    measure=some.sampled_from(sorted(MEASURES)),
    status=some.sampled_from("AEFP"),
    qualifier=some.sampled_from(["", "over", "at_least", "under", "nearly", "about"]),
    flag=some.sampled_from(["", "mislabelled", "implausible"]),
    note=some.just("why"),
)


@many
@given(
    rows=some.lists(ROWS, min_size=1, max_size=8),
    formula=some.sampled_from(["x+1", "x/x", "x" + "*x" * 10, "1/x" + "/x" * 9, "x[a]/x[b]", "x*" + "9" * 15, "y-x"]),
    others=some.fixed_dictionaries(
        {
            "unit": some.sampled_from(["billion_dong", "person", "percent", "person/school"]),
            "direction": some.sampled_from(["higher", "lower", ""]),
            "nature": some.sampled_from(["flow", "stock", "rate"]),
            "accumulation": some.sampled_from(["end", "total", ""]),
            "minimum": some.sampled_from(["", "0", "9" * 15]),
            "maximum": some.sampled_from(["", "100", "-" + "9" * 15]),
            "share_of": some.sampled_from(["", "x", "y"]),
            "decimals": some.sampled_from(["0", "3", "15"]),
        }
    ),
)
def test_what_is_loaded_can_be_audited_shown_and_exported(tmp_path, rows, formula, others):
    catalogue = [indicator("x") | others, indicator("y", formula=formula)]
    data = load_or_error(write_town(tmp_path / "town", catalogue, [*rows, rows[0] | {"indicator": "y"}]))
    event("refused" if isinstance(data, LaichauError) else "loaded")
    if isinstance(data, LaichauError):
        return
    for language in LANGUAGES:
        explained(audit(data), data, language)
    for suffix in SUFFIXES:
        exported(data, f"all{suffix}")
    try:
        progress(data, data.state_of(0))
        index_page([], data, {}, "2024-07-01T06:00:00+00:00").encode()
    except MissingDataError:
        assert data.years() == []


@cheap
@given(text=some.one_of(AWKWARD, some.text("ab1.+-*/()[] _'", max_size=80)))
def test_arbitrary_formulas(text):
    try:
        assert isinstance(parse_formula(text), Formula)
    except (ValueError, LaichauError):
        return


@cheap
@given(text=some.one_of(AWKWARD, some.text("0123456789.,%-– ", max_size=20)))
def test_arbitrary_printed_numbers(text):
    try:
        assert isinstance(parse_printed(text).value, Decimal)
    except (ValueError, LaichauError):
        return


@cheap
@given(text=some.one_of(AWKWARD, some.text("0123456789-/S.", max_size=16)))
def test_arbitrary_periods(text):
    try:
        assert isinstance(period(text), Period)
    except (ValueError, LaichauError):
        return


@pytest.mark.parametrize(
    "formula", ["(" * 400 + "x" + ")" * 400, "x" + "+x" * 240, "-" * 400 + "x", "x**x", "f(x)", "x.y", "9" * 499]
)
def test_deep_and_clever_formulas_are_refused_or_bounded(whole, tmp_path, formula):
    catalogue = [indicator("x"), indicator("y", formula=formula)]
    load_or_error(write_town(tmp_path / "town", catalogue, [figure("x", "2024", "5")]))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no such files here")
@pytest.mark.parametrize(
    ("make", "found"),
    [
        (
            lambda path, outside: path.symlink_to(outside),
            "a link that leads out of the data set; put the file itself there",
        ),
        (lambda path, outside: path.symlink_to("/dev/zero"), "a link that leads out of the data set"),
        (lambda path, outside: os.mkfifo(path), "no regular file"),
        (lambda path, outside: path.mkdir(), "no regular file"),
    ],
    ids=["link", "device", "pipe", "folder"],
)
@pytest.mark.parametrize("file", ["areas.csv", "observations/money.csv", "datapackage.json"])
def test_only_files_of_the_folder_itself_are_read(whole, tmp_path, make, found, file):
    folder = tmp_path / "town"
    shutil.copytree(whole, folder)
    outside = tmp_path / "outside.csv"
    shutil.move(folder / file, outside)
    make(folder / file, outside)
    if file == "datapackage.json" and not (folder / file).is_file():
        with pytest.raises(LaichauError, match="no data set at"):
            load(str(folder))
        return
    with pytest.raises(DataError) as raised:
        load(str(folder))
    assert found in str(raised.value)


def test_files_and_cells_have_bounds(whole, tmp_path, monkeypatch):
    folder = tmp_path / "town"
    shutil.copytree(whole, folder)
    with (folder / "areas.csv").open("a", encoding="utf-8") as file:
        file.write(f"north,town,commune,{'x' * 10_001},North\n")
    with pytest.raises(
        DataError, match=r"row 3, column name_vi: found x+… \(10,001 letters\); expected 10,000 letters"
    ):
        load(str(folder))
    for limit, value, message in [
        ("LARGEST_TABLES", 1000, r"found no readable table \([\d,]+ bytes, and \d+ are allowed; split the data set\)"),
        ("MOST_ROWS", 15, "found too many rows; expected 10,000 indicators and 15 rows of a data set at most"),
        ("MOST_INDICATORS", 1, "indicators.csv: found too many rows; expected 1 indicators"),
        ("MOST_FILES", 0, "observations: found 1 files; expected 0 at most"),
    ]:
        with monkeypatch.context() as patch:
            patch.setattr(dataset, limit, value)
            with pytest.raises(DataError, match=message):
                load(str(whole))


HUGE = {
    "junk": lambda head: head + b"\n" + b"".join(b"%d,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p\n" % i for i in range(100_000)),
    "empty rows": lambda head: head + b"\n" + b"x\n" * 300_000,
    "commas": lambda head: head + b"\n" + b",\n" * 1_500_000,
    "one row again and again": lambda head: head + b"\n" + b"x,town,2024,,,actual,5,,,5,A,,,report,I,\n" * 100_000,
    "wide": lambda head: b",".join(b"c%d" % i for i in range(1_000_000)) + b"\n",
    "one cell": lambda head: head + b'\n"' + b"x" * 20_000_000 + b'"\n',
}
PEAK = """import resource, sys
import pandas
from laichau_analysis import load
from laichau_analysis.errors import DataError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    load(sys.argv[1])
except DataError as error:
    print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, len(str(error)))"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts kilobytes, as Linux does")
@pytest.mark.parametrize("kind", HUGE)
def test_a_few_megabytes_cost_no_gigabytes(whole, tmp_path, kind):
    folder = tmp_path / "town"
    shutil.copytree(whole, folder)
    (folder / "observations" / "money.csv").write_bytes(HUGE[kind](",".join(OBSERVATIONS.columns).encode()))
    done = subprocess.run([sys.executable, "-c", PEAK, folder], capture_output=True, text=True, check=True)
    megabytes, letters = map(int, done.stdout.split())
    assert megabytes < 300
    assert letters < 1_000_000


@pytest.mark.parametrize("count", [1, 1000])
def test_rows_that_end_early_are_named_however_many_there_are(spoiled, count):
    lines = spoiled.text("observations/money.csv").splitlines()
    short = ",".join(lines[1].split(",")[:5])
    error = spoiled("observations/money.csv", "\n".join([*lines, *[short] * count, ""]).encode())
    assert f"observations/money.csv, row {len(lines) + 1}, column measure: found nothing; expected" in str(error)


def test_a_row_that_is_longer_than_the_header_loses_nothing_silently(spoiled):
    error = spoiled("sectors.csv", b"sector,name_vi,name_en\nmoney,A,B,C\n")
    assert "sectors.csv: found rows that are longer than the header" in str(error)


def test_nothing_is_written_and_nothing_outside_is_read(whole, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in whole.rglob("*")}
    package = json.loads((whole / "datapackage.json").read_text(encoding="utf-8"))
    for path in ("../secret.csv", "/etc/passwd", "https://example.org/x.csv", "observations/../../x.csv"):
        folder = tmp_path / "town"
        shutil.copytree(whole, folder, dirs_exist_ok=True)
        resources = [package["resources"][0] | {"path": path}, *package["resources"][1:]]
        (folder / "datapackage.json").write_text(json.dumps(package | {"resources": resources}), encoding="utf-8")
        with pytest.raises(DataError, match=r"datapackage.json, column resources"):
            load(str(folder))
    assert {path: path.stat().st_mtime_ns for path in whole.rglob("*")} == before
