import pytest

from laichau_analysis import figures, metrics
from laichau_analysis.audit import audit
from laichau_analysis.tables import table
from laichau_analysis.wording import explained, labelled
from tests.towns import figure, indicator, part

ROWS = [
    figure("x", "2024", "182,6", status="E"),
    figure("x", "2025", "300", "target"),
    figure("x", "2021/2024", "622,3", status="E"),
    figure("x", "2024", "62%", "stated_attainment"),
    part("x", "2024", "100", "a"),
    part("x", "2024", "82,6", "b"),
]


@pytest.fixture
def data(town):
    return town(
        [indicator("x"), indicator("y", unit="household", nature="stock")],
        [*ROWS, figure("y", "2024", "1.239", qualifier="over")],
    )


def text(frame, data, language="en"):
    laid_out = table(labelled(frame, data, language))
    return [[cell.text + "".join(f"[{m}]" for m in cell.marks) for cell in row] for row in laid_out.rows]


def test_progress_has_at_most_seven_columns_with_its_unit_in_the_head(data):
    laid_out = table(labelled(metrics.progress(data), data, "en"))
    assert laid_out.head == (
        "Indicator",
        "Target (billion dong)",
        "Actual (billion dong)",
        "Attainment",
        "Still to go (billion dong)",
        "Needed growth",
        "Assessment",
    )
    assert [cell.text for cell in laid_out.rows[0]] == [
        "Indicator x",
        "300 (2025)",
        "182.6 (2024)",
        "60.9%",
        "117.4",
        "+64.3%",
        "behind (even from the lowest possible start)",
    ]
    assert laid_out.rows[0][2].marks == ("e",)


def test_every_kind_of_frame_has_its_table(data):
    assert text(metrics.path(data, "x"), data) == [
        ["Actual, a year, as a difference", "2021–2023", "146.6[e]"],
        ["Actual", "2024", "182.6[e]"],
        ["Target", "2025", "300"],
    ]
    assert text(figures.parts(data, "x", "kind"), data) == [
        ["Part a", "2024", "100", "54.8%"],
        ["Part b", "2024", "82.6", "45.2%"],
    ]
    assert text(metrics.change(figures.series(data, "x")), data) == [
        ["Indicator x", "146.6 (2021–2023)", "182.6 (2024)[e]", "+24.6%"]
    ]
    assert text(figures.latest(data, ["y"]), data) == [["Indicator y", "2024", "more than 1,239"]]
    assert text(figures.latest(data, ["y", "x"]), data, "vi") == [
        ["Chỉ số y", "2024", "hơn 1.239 hộ"],
        ["Chỉ số x", "2021–2024", "622,3 tỷ đồng[e]"],
    ]


def test_findings_are_a_table_too(data):
    found = explained(audit(data), data, "vi")
    rows = [[cell.text for cell in row] for row in table(found).rows]
    assert rows[0] == ["Chỉ số x, năm 2024", "62%", "60,9%", "không khớp"]


def test_evidence_that_says_otherwise_is_shown(town):
    rows = [
        figure("x", "2024", "182,6"),
        figure("x", "2025", "300", "target"),
        figure("x", "2025", "310", "outlook", status="F"),
    ]
    data = town([indicator("x")], rows)
    assert text(metrics.progress(data), data)[0][-1] == (
        "on track (the report's own outlook; otherwise by: even from the lowest possible start)"
    )
