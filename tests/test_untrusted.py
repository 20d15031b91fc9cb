"""Whatever a data set holds, the loader gives a data set or one error of ours, and leaves its folder alone."""

import json
import os
import shutil
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from laichau_analysis import dataset, load
from laichau_analysis.errors import DataError, LaichauError
from laichau_analysis.formulas import Formula, parse_formula
from laichau_analysis.periods import Period, period
from laichau_analysis.precision import parse_printed
from laichau_analysis.schema import OBSERVATIONS, TABLES
from tests.towns import figure, indicator, part, write_town

TIMES = int(os.environ.get("LAICHAU_TEST_EXAMPLES", "40"))
many = settings(
    max_examples=TIMES,
    deadline=None,
    derandomize=True,
    database=None,
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
    """What the loader gives; anything but a data set or an error of ours fails the test."""
    result = None
    try:
        result = load(str(folder))
    except LaichauError as error:
        result = error
    assert str(result)
    return result


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
@given(place=some.sampled_from(CELLS), text=AWKWARD, quoted=some.booleans(), row=some.integers(0, 3))
def test_arbitrary_cells(spoiled, place, text, quoted, row):
    file, column = place
    head, *lines = spoiled.text(file).splitlines()
    cells = dict(
        zip(head.split(","), (lines[row % len(lines)] if lines else "," * head.count(",")).split(","), strict=False)
    )
    cells[column] = '"' + text.replace('"', '""') + '"' if quoted else text
    spoiled(file, "\n".join([head, *lines, ",".join(cells.values()), ""]).encode("utf-8", "replace"))


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


def test_deep_json_is_refused(spoiled):
    error = spoiled("datapackage.json", b"[" * 200_000)
    assert "datapackage.json: found no readable JSON" in str(error)


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
        DataError, match=r"areas.csv, row 3, column name_vi: found 10,001 letters; expected 10,000 at most"
    ):
        load(str(folder))
    monkeypatch.setattr(dataset, "LARGEST_FILE", 100)
    with pytest.raises(
        DataError, match=r"observations/money.csv: found no readable table \(\d+ bytes, and 100 are allowed"
    ):
        load(str(whole))


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
