import pytest

from laichau_analysis import figures, metrics
from laichau_analysis.audit import audit
from laichau_analysis.changes import retold
from laichau_analysis.tables import table
from laichau_analysis.wording import explained, labelled
from tests.editions import compared
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


def written(cell):
    """A cell as a reader sees it: text, marks, and the note below."""
    note = f" / {cell.note}" if cell.note else ""
    return cell.text + "".join(f"[{m}]" for m in cell.marks) + note


def text(frame, data, language="en"):
    laid_out = table(labelled(frame, data, language))
    return [[written(cell) for cell in row] for row in laid_out.rows]


def test_progress_has_at_most_seven_columns_with_units_and_periods_in_notes(data):
    laid_out = table(labelled(metrics.progress(data), data, "en"))
    assert laid_out.head == (
        *("Indicator", "Target", "Actual", "Attainment", "Still to go", "Needed growth a year", "Assessment"),
    )
    assert [written(cell) for cell in laid_out.rows[0]] == [
        *("Indicator x / billion dong", "300 / 2025", "182.6[e] / 2024", "60.9%", "117.4", "+64.3%"),
        "behind / even from the lowest possible start",
    ]


@pytest.mark.parametrize("actual", ["300", "310"])
def test_what_is_reached_has_nothing_to_go(town, actual):
    data = town([indicator("x")], [figure("x", "2024", actual), figure("x", "2025", "300", "target")])
    assert text(metrics.progress(data), data)[0][4:6] == ["–", "–"]


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
        ["Indicator x", "146.6 / 2021–2023", "182.6[e] / 2024", "+24.6%"]
    ]
    assert text(figures.latest(data, ["y"]), data) == [["Indicator y", "2024", "more than 1,239"]]
    assert text(figures.latest(data, ["y", "x"]), data, "vi") == [
        ["Chỉ số y / hộ", "2024", "hơn 1.239"],
        ["Chỉ số x / tỷ đồng", "2021–2024", "622,3[e]"],
    ]


def test_a_series_says_how_each_figure_is_known(data):
    laid_out = table(labelled(figures.series(data, "x"), data, "en"))
    assert laid_out.head == ("Period", "Value (billion dong)", "Mean of a year (billion dong)", "How it is known")
    assert text(figures.series(data, "x"), data) == [
        ["2021–2023", "439.7[e]", "146.6", "difference of printed figures"],
        ["2024", "182.6[e]", "182.6", "printed"],
    ]
    assert text(figures.series(data, "y"), data, "vi") == [["2024", "hơn 1.239", "báo cáo nêu"]]


def test_shares_name_their_whole(town):
    catalogue = [
        indicator("all", unit="school", nature="stock"),
        indicator("good", unit="school", nature="stock", share_of="all"),
    ]
    data = town(catalogue, [figure("all", "2024", "28", status="E"), figure("good", "2024", "19")])
    assert text(figures.shares(data, ["good"]), data) == [
        ["Indicator good", "2024", "19[e]", "28 / Indicator all", "67.9%"]
    ]


def test_a_target_in_numbers_stands_beside_the_rate(town):
    catalogue = [
        indicator("rate", unit="percent", direction="lower", nature="rate", decimals="2"),
        indicator("poor", unit="household", direction="lower", nature="stock", decimals="0"),
    ]
    rows = [
        *(figure("rate", "2024", "1,50%", status="E"), figure("poor", "2024", "195", status="E")),
        *(figure("rate", "2025", "01%", "target", qualifier="under"), figure("poor", "2025", "182", "outlook")),
    ]
    data = town(catalogue, rows)
    assert text(metrics.as_count(data, "rate", "poor"), data) == [
        ["Actual / 2024", "195[e]", "1.50%"],
        ["Outlook of the report / 2025", "182[f]", "–"],
        ["Target / 2025", "fewer than about 130", "below 1%"],
    ]


def test_what_is_computed_shows_what_from(town):
    catalogue = [
        indicator("rice", unit="kilogram"),
        indicator("people", unit="person"),
        indicator("each", unit="kilogram/person", nature="rate", formula="rice / people"),
    ]
    data = town(catalogue, [figure("rice", "2024", "73.770"), figure("people", "2024", "4.918")])
    assert text(figures.computed(data, "each"), data) == [["Indicator each", "2024", "15", "73,770 kg ÷ 4,918 people"]]


def test_a_part_that_cannot_be_right_stands_as_it_is_printed(town):
    wrong = {"unit": "dong", "flag": "implausible", "qualifier": "over", "note": "Too little."}
    data = town([indicator("x")], [part("x", "2024", "5", "a"), part("x", "2024", "2.000", "b", **wrong)])
    frame = labelled(figures.parts(data, "x", "kind"), data, "en")
    assert text(frame, data) == [["Part a", "2024", "5"], ["Part b", "2024", "more than 2,000 dong[u]"]]
    converted = figures.convert(frame, "million_dong")
    assert text(converted, data)[1] == ["Part b", "2024", "more than 2,000 dong[u]"]
    assert text(converted, data)[0] == ["Part a", "2024", "5,000"]


@pytest.mark.parametrize(("later", "change"), [("7%", "+1.5 points"), ("5%", "−0.5 points")])
def test_a_change_between_ratios_is_signed_and_not_told_by_the_year(town, later, change):
    data = town(
        [indicator("x", unit="percent", nature="rate")], [figure("x", "2023", "5,5%"), figure("x", "2024", later)]
    )
    laid_out = table(labelled(metrics.change(figures.series(data, "x")), data, "en"))
    assert laid_out.head == ("Indicator", "Earlier", "Later", "Change")
    assert [written(cell) for cell in laid_out.rows[0]] == [
        *("Indicator x", "5.5% / 2023", f"{later} / 2024", change),
    ]


def test_findings_are_a_table_too(data):
    found = explained(audit(data), data, "vi")
    rows = [[written(cell) for cell in row] for row in table(found).rows]
    assert rows[0] == ["Chỉ số x / 2024", "62%", "60,9%", "không khớp"]


def test_evidence_that_says_otherwise_is_shown(town):
    rows = [
        figure("x", "2024", "182,6"),
        figure("x", "2025", "300", "target"),
        figure("x", "2025", "310", "outlook", status="F"),
    ]
    data = town([indicator("x")], rows)
    assert text(metrics.progress(data), data)[0][-1] == (
        "on track / the report's own outlook; otherwise by: even from the lowest possible start"
    )


def test_without_a_target_the_stated_attainment_and_what_it_implies_are_shown(town):
    rows = [figure("x", "2024", "100%"), figure("x", "2024", "104%", "stated_attainment")]
    data = town([indicator("x", unit="percent", nature="rate", maximum="100")], rows)
    assert text(metrics.progress(data), data)[0] == [
        *("Indicator x", "not printed / implied: 96%", "100% / 2024", "104% / as stated", "–", "–"),
        "not assessed / no target is printed",
    ]


def test_a_share_is_shown_for_each_area_and_category(town):
    areas = [
        {"area": "town", "level": "town", "name_vi": "Thị trấn", "name_en": "Town"},
        {"area": "north", "parent": "town", "level": "commune", "name_vi": "Xã Bắc", "name_en": "North"},
    ]
    catalogue = [
        indicator("all", unit="item", nature="stock"),
        indicator("met", unit="item", nature="stock", share_of="all"),
    ]
    rows = [
        *(part("all", "2024", "19", "a", area="north"), part("met", "2024", "11", "a", area="north")),
        *(figure("all", "2024", "40"), figure("met", "2024", "20")),
    ]
    data = town(catalogue, rows, areas=areas)
    assert [row[0] for row in text(figures.shares(data, ["met"]), data)] == ["Indicator met"]
    found = text(figures.shares(data, ["met"], everywhere=True), data)
    assert [(row[0], row[2], row[4]) for row in found] == [
        ("Indicator met", "20", "50.0%"),
        ("Indicator met – North – Part a", "11", "57.9%"),
    ]


def test_a_unit_of_one_letter_is_taken_from_the_cell_and_not_from_its_words(town):
    data = town([indicator("road", unit="metre")], [figure("road", "2024", "500", qualifier="over")])
    assert text(figures.latest(data, ["road"]), data) == [["Indicator road", "2024", "more than 500"]]
    ahead = town(
        [indicator("road", unit="metre")],
        [
            figure("road", "2024", "500", qualifier="over"),
            figure("road", "2025", "600", "target", qualifier="at_least"),
        ],
    )
    assert text(metrics.progress(ahead), ahead)[0][1:3] == ["600 or more / 2025", "more than 500 / 2024"]


@pytest.fixture
def changes(tmp_path):
    """What lies between two editions of a town, in English: revised, printed otherwise, new and gone."""
    goal = figure("x", "2025", "300", "target")
    old = [goal, figure("x", "2024", "182,6", status="E"), figure("x", "2023", "150"), figure("y", "2024", "7%")]
    new = [goal, figure("x", "2024", "190,2"), figure("x", "2023", "150", status="E"), figure("y", "2023", "6%")]
    catalogue = [indicator("x"), indicator("y", unit="percent", nature="rate")]
    return retold(compared(tmp_path, (catalogue, old), (catalogue, new)), "en")


def laid_out(frame):
    made = table(frame)
    return [list(made.head), *([written(cell) for cell in row] for row in made.rows)]


def test_a_figure_stands_beside_what_it_was(changes):
    assert laid_out(changes.figures) == [
        ["Figure", "Earlier edition", "This edition", "Change", "What became of it"],
        ["Indicator x / 2023, billion dong", "150", "150[e]", "–", "the same number / final before, estimated now"],
        [
            "Indicator x / 2024, billion dong",
            "182.6[e]",
            "190.2",
            "+4.2% / +7.6",
            "revised / estimated before, final now",
        ],
        ["Indicator y / 2023", "–", "6%", "–", "new"],
        ["Indicator y / 2024", "7%", "–", "–", "gone"],
    ]


def test_columns_that_say_nothing_are_left_out(changes):
    gone = changes.figures[changes.figures["change"] == "dropped"]
    assert laid_out(gone) == [["Figure", "Earlier edition"], ["Indicator y / 2024", "7%"]]
    noted = changes.figures[changes.figures["change"] == "revised"]
    assert laid_out(noted)[0][-1] == "What became of it"


def test_a_target_stands_beside_what_it_was(tmp_path):
    old, new = (
        [figure("x", "2025", printed, "target", **more)]
        for printed, more in [("300", {}), ("280.000", {"unit": "million_dong"})]
    )
    text = retold(compared(tmp_path, ([indicator("x")], old), ([indicator("x")], new)), "vi")
    assert laid_out(text.targets)[1] == [
        *("Chỉ số x / 2025, chỉ tiêu", "300 tỷ đồng", "280.000 triệu đồng"),
        *("−6,7% / −20 tỷ đồng", "dễ đạt hơn"),
    ]


def test_attainments_of_both_editions_stand_side_by_side(changes):
    assert laid_out(changes.assessments) == [
        ["Indicator", "Attainment, earlier edition", "Attainment, this edition", "Difference (points)", "Assessment"],
        [
            *("Indicator x", "60.9%[e] / 182.6 of 300 billion dong, 2024", "63.4% / 190.2 of 300 billion dong, 2024"),
            *("+2.5", "behind"),
        ],
    ]


def test_what_became_of_figures_is_counted_by_sector(changes):
    assert laid_out(changes.sectors) == [
        ["Sector", "Earlier edition", "Unchanged", "Revised", "Printed or marked otherwise", "Gone", "New"],
        ["Money", "3", "0", "1", "1", "1", "1"],
    ]
