import re

import pytest

from laichau_analysis import charts, figures, metrics
from laichau_analysis.changes import retold
from laichau_analysis.wording import labelled
from tests.editions import side_by_side
from tests.towns import figure, indicator, part


@pytest.fixture
def data(town):
    catalogue = [indicator("x"), indicator("y")]
    rows = [
        figure("x", "2024", "182,6", status="E"),
        figure("x", "2021/2024", "622,3", status="E"),
        figure("x", "2025", "300", "target"),
        figure("x", "2025", "185", "aim"),
        figure("y", "2024", "310"),
        figure("y", "2025", "300", "target"),
        *[
            part(code, "2024", value, name)
            for code, name, value in [("x", "a", "100"), ("x", "b", "82,6"), ("y", "a", "60"), ("y", "b", "250")]
        ],
    ]
    return town(catalogue, rows)


FRAMES = {
    charts.path: lambda data: metrics.path(data, "x"),
    charts.bullet: lambda data: metrics.progress(data),
    charts.dots: lambda data: metrics.progress(data),
    charts.parts: lambda data: figures.parts(data, "x", "kind"),
    charts.periods: lambda data: figures.series(data, "x"),
}


def texts(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("chart", FRAMES, ids=lambda chart: chart.__name__)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_chart_is_a_pure_function_of_its_frame(data, chart, language):
    from matplotlib.figure import Figure

    frame = labelled(FRAMES[chart](data), data, language)
    before = frame.copy()
    ax = Figure().subplots()
    assert chart(frame, ax=ax) is ax
    assert chart(frame) is not ax
    assert frame.equals(before)


def test_the_path_starts_at_zero_and_ends_at_the_target(data):
    ax = charts.path(labelled(metrics.path(data, "x"), data, "vi"))
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([439.7 / 3, 182.6])
    assert ax.get_ylim()[0] == 0
    assert ax.get_ylim()[1] > 300
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["2021", "2022", "2023", "2024", "2025"]
    assert ax.lines[0].get_ydata().tolist() == [182.6, 300]
    assert texts(ax) == ["146,6 [e]\nbình quân một năm", "182,6 [e]", "Chỉ tiêu\n300", "Mức phấn đấu\n185"]
    assert ax.get_ylabel() == "tỷ đồng"


def test_labels_of_close_points_keep_apart():
    assert charts._apart([100, 300, 110], 300) == [100, 264, 172]
    assert charts._apart([270, 300, 290], 300) == [120, 264, 192]


def test_an_aim_that_is_the_target_has_one_label_with_it(town):
    rows = [figure("x", "2024", "50"), figure("x", "2025", "60", "target", qualifier="at_least")]
    data = town([indicator("x")], [*rows, figure("x", "2025", "60", "aim")])
    ax = charts.path(labelled(metrics.path(data, "x"), data, "en"))
    assert texts(ax) == ["50", "Target; aim of the\nreport\n60 or more"]


def test_the_way_of_a_total_is_said_to_be_cumulative(town):
    catalogue = [indicator("x", unit="visit", accumulation="total")]
    data = town(catalogue, [figure("x", "2021/2025", "900", "target"), figure("x", "2021/2024", "600")])
    ax = charts.path(labelled(metrics.path(data, "x"), data, "en"))
    assert ax.get_ylabel() == "visits, cumulative"
    assert [bar.get_height() for bar in ax.patches] == [600]


def test_periods_stand_side_by_side_at_one_pace(data):
    ax = charts.periods(labelled(figures.series(data, "x"), data, "en"))
    assert [bar.get_height() for bar in ax.patches] == pytest.approx([439.7 / 3, 182.6])
    assert texts(ax) == ["146.6 [e]\na year on average", "182.6 [e]"]
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["2021–2023", "2024"]
    assert ax.get_ylim()[0] == 0


def test_a_part_that_cannot_be_right_has_a_label_and_no_bar(town):
    wrong = {"unit": "dong", "flag": "implausible", "qualifier": "over", "note": "Too little."}
    data = town([indicator("x")], [part("x", "2024", "5", "a"), part("x", "2024", "2.000", "b", **wrong)])
    ax = charts.parts(labelled(figures.parts(data, "x", "kind"), data, "en"))
    assert texts(ax) == ["5", "more than 2,000 dong [u]"]
    assert ax.patches[0].get_width() == 5
    assert not ax.patches[1].get_width() > 0


def test_estimates_are_hatched_and_what_falls_short_is_lighter(data):
    ax = charts.bullet(labelled(metrics.progress(data), data, "en"))
    short, reached = ax.patches
    assert (short.get_hatch(), reached.get_hatch()) == ("///", None)
    assert short.get_facecolor() != reached.get_facecolor()
    assert ax.get_xlim()[0] == 0
    assert texts(ax) == ["60.9% [e]", "182.6 of 300", "103%", "310 of 300", "Target"]


def test_parts_are_stacked_where_several_indicators_stand_side_by_side(data):
    ax = charts.parts(labelled(figures.parts(data, ["x", "y"], "kind"), data, "en"))
    assert [(bar.get_x(), bar.get_width()) for bar in ax.patches] == [(0, 100), (0, 82.6), (100, 60), (82.6, 250)]
    assert texts(ax) == ["100 + 60", "82.6 + 250"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Indicator x", "Indicator y"]
    single = charts.parts(labelled(figures.parts(data, "x", "kind"), data, "en"))
    assert texts(single) == ["100 (54.8%)", "82.6 (45.2%)"]
    assert single.get_legend() is None


def test_a_chart_is_described_with_its_figures(data):
    frame = labelled(metrics.path(data, "x"), data, "en")
    assert charts.describe(charts.path, frame) == (
        "Chart of the way to the target. Indicator x (billion dong). "
        "Actual, a year, as a difference, 2021–2023: 146.6 billion dong (a year on average, estimated); "
        "Actual, 2024: 182.6 billion dong (estimated); "
        "Aim of the report, 2025: 185 billion dong; Target, 2025: 300 billion dong."
    )
    assert charts.describe(charts.parts, labelled(figures.parts(data, "x", "kind"), data, "vi")) == (
        "Biểu đồ thanh các thành phần. Chỉ số x (tỷ đồng). Phần a: 100 tỷ đồng (54,8%); Phần b: 82,6 tỷ đồng (45,2%)."
    )
    assert charts.describe(charts.bullet, labelled(metrics.progress(data), data, "en")) == (
        "Bar chart of the figures against their targets. "
        "Indicator x: 60.9%, 182.6 billion dong of 300 billion dong (estimated); "
        "Indicator y: 103%, 310 billion dong of 300 billion dong."
    )


def test_a_chart_of_many_figures_is_described_by_how_many_and_by_its_ends(town):
    codes = "abcdefghi"
    rows = [
        row
        for i, code in enumerate(codes)
        for row in (figure(code, "2024", str(10 * (i + 1))), figure(code, "2025", "100", "target"))
    ]
    data = town([indicator(code) for code in codes], rows)
    told = charts.describe(charts.dots, labelled(metrics.progress(data), data, "en"))
    assert "9 figures. Highest: Indicator i: 90%, " in told
    assert "Lowest: Indicator a: 10%, " in told
    assert "Indicator e" not in told


def test_dots_are_hollow_where_the_target_is_not_reached(data):
    ax = charts.dots(labelled(metrics.progress(data), data, "en"))
    hollow, full = (tuple(color[:3]) for color in ax.collections[-1].get_facecolor())
    assert hollow == (1, 1, 1)
    assert full != hollow
    assert texts(ax) == ["60.9% [e]", "103%", "Target"]
    low, high = ax.get_xlim()
    assert low < 60.9
    assert high > 103.4


def test_every_letter_of_a_chart_is_in_its_font(data):
    from matplotlib import font_manager
    from matplotlib.ft2font import FT2Font

    font = FT2Font(font_manager.findfont("DejaVu Sans"))
    names = "".join(data.names("indicators", "vi").values()) + "ăâđêôơưẮẰẲẴẶẤẦẨẪẬẾỀỂỄỆỐỒỔỖỘỚỜỞỠỢỨỪỬỮỰỳỵỷỹ"
    assert {letter for letter in re.sub(r"\s", "", names) if not font.get_char_index(ord(letter))} == set()


def test_a_unit_of_one_letter_is_taken_from_a_label_and_not_from_its_words(town):
    rows = [figure("x", "2024", "50", qualifier="over"), figure("x", "2025", "60", "target", qualifier="at_least")]
    data = town([indicator("x", unit="metre")], rows)
    ax = charts.path(labelled(metrics.path(data, "x"), data, "en"))
    assert texts(ax) == ["more than 50", "Target\n60 or more"]


@pytest.mark.parametrize("printed", ["182,6", "310"])
def test_the_lines_of_an_estimate_show_on_its_bar(town, printed):
    rows = [figure("x", "2024", printed, status="E"), figure("x", "2025", "300", "target")]
    data = town([indicator("x")], [*rows, part("x", "2024", "100", "a", status="E")])
    (against,) = charts.bullet(labelled(metrics.progress(data), data, "en")).patches
    (piece,) = charts.parts(labelled(figures.parts(data, "x", "kind"), data, "en")).patches
    for bar in (against, piece):
        assert bar.get_hatch() == "///"
        assert bar.get_edgecolor() != bar.get_facecolor()


@pytest.fixture
def attained(tmp_path):
    """Attainments that rose beyond the target, fell, and are not there in both editions."""
    pairs = [("182,6", "310"), ("290", "280"), ("290", "")]
    goal = figure("x", "2025", "300", "target")
    cases = [
        [(indicator("x"), [goal, *([figure("x", "2024", one, status="E")] if one else [])]) for one in pair]
        for pair in pairs
    ]
    return side_by_side(tmp_path, cases)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_dumbbell_is_a_pure_function_of_its_frame(attained, language):
    frame = retold(attained, language).assessments
    before = frame.copy()
    assert charts.dumbbell(frame) is not charts.dumbbell(frame)
    assert frame.equals(before)


def test_a_dumbbell_leads_from_the_earlier_edition_to_this_one(attained):
    ax = charts.dumbbell(retold(attained, "en").assessments)
    hollow, full = ax.collections[-2:]
    assert hollow.get_offsets()[:, 0].tolist() == pytest.approx([60.87, 96.67], abs=0.01)
    assert full.get_offsets()[:, 0].tolist() == pytest.approx([103.33, 93.33], abs=0.01)
    assert tuple(hollow.get_facecolor()[0][:3]) == (1, 1, 1)
    assert tuple(full.get_facecolor()[0][:3]) != (1, 1, 1)
    assert texts(ax) == ["60.9% [e]", "→ 103% [e]", "97% [e]", "→ 93% [e]", "Target"]
    assert ax.get_xlabel() == "Per cent of the target; ○ earlier edition, ● this edition"
    low, high = ax.get_xlim()
    assert low < 60.87
    assert high > 103.33


def test_a_dumbbell_is_described_with_both_attainments(attained):
    frame = retold(attained, "vi").assessments
    assert charts.describe(charts.dumbbell, frame) == (
        "Biểu đồ điểm tỷ lệ hoàn thành ở hai bản. Chỉ số x. Chỉ số x: 103%, trước là 60,9%; Chỉ số x: 93%, trước là 97%."
    )
    assert charts.drawn(frame[frame["attainment"].isna()]) == []
