"""The panel of widgets, driven from Python: what a control is set to decides what is answered."""

import builtins
import subprocess
import sys

import pytest

from laichau_analysis import explore, open_report
from laichau_analysis.errors import UnknownNameError, UsageError
from laichau_analysis.inquiry import AREAS, WHAT_IF
from laichau_analysis.look import MARKER
from tests.test_inquiry import AREA_ROWS, CATALOGUE, FIGURES
from tests.towns import TABLE_ROWS, figure, indicator, write_town

LAND = {"sector": "land", "name_vi": "Đất", "name_en": "Land"}
RATE = indicator("rate", unit="percent", nature="rate", maximum="100", decimals="1") | {"sector": "land"}
RATES = [figure("rate", "2024", "90%"), figure("rate", "2025", "95,5%", "target")]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    catalogue, rows = [*CATALOGUE, RATE], [*FIGURES, *RATES]
    tables = {"areas": AREA_ROWS, "sectors": [*TABLE_ROWS["sectors"], LAND]}
    return open_report(str(write_town(tmp_path_factory.mktemp("town") / "town", catalogue, rows, **tables)), 0, "en")


@pytest.fixture
def panel(report):
    return explore(report)


def texts(panel, kind=None):
    """What the answer shows, as plain text."""
    bundles = [output["data"] for output in (*panel.answer.outputs, *panel.sources.outputs)]
    return [bundle["text/plain"] for bundle in bundles if kind in (None, bundle[MARKER]["kind"])]


def choices(control):
    return [code for _, code in control.options]


def test_it_begins_with_the_first_target_and_shows_its_whole_answer(panel):
    assert (panel.sector.value, panel.indicator.value, panel.measure.value) == ("money", "goods", "progress")
    kinds = [output["data"][MARKER]["kind"] for output in panel.answer.outputs]
    assert kinds == ["kicker", "headline", "key_figures", "exhibit"]
    chart = panel.answer.outputs[3]["data"]["text/html"]
    assert "<img" in chart
    assert "<table" in chart
    assert 'id="src-report-I-' in panel.sources.outputs[0]["data"]["text/html"]


def test_every_control_has_a_label_in_the_panel_s_language(panel):
    named = [panel.language, panel.sector, panel.indicator, panel.breakdown, panel.measure]
    named += [panel.moved, panel.number, panel.target, panel.code]
    english = [
        "Language",
        "Sector",
        "Indicator",
        "Breakdown",
        "Measure",
        "Assume",
        "Assumed",
        "Assumed target",
        "Lines of code",
    ]
    assert [control.description for control in named] == english
    panel.language.value = "vi"
    vietnamese = ["Ngôn ngữ", "Lĩnh vực", "Chỉ tiêu, số liệu", "Phân tổ theo", "Thước đo"]
    vietnamese += ["Giả định", "Mức giả định", "Chỉ tiêu giả định", "Dòng lệnh"]
    assert [control.description for control in named] == vietnamese
    assert {control.style.description_width for control in named} == {"9em"}


def test_the_language_changes_names_and_answers_but_not_what_is_asked(panel):
    panel.measure.value = "series"
    panel.language.value = "vi"
    assert panel.sector.options == (("Ngân sách", "money"), ("Đất", "land"))
    assert panel.measure.label == "Qua từng năm"
    assert (panel.indicator.value, panel.measure.value) == ("goods", "series")
    assert texts(panel, "headline")[0].startswith("Chỉ số goods năm 2024 là 80 tỷ đồng")
    assert '"vi")' in panel.code.value


def test_another_sector_offers_its_indicators(panel):
    panel.sector.value = "land"
    assert (choices(panel.indicator), panel.indicator.value) == (["rate"], "rate")
    assert texts(panel, "headline")[0].startswith("Indicator rate came to 90% in 2024")
    panel.sector.value = "money"
    assert choices(panel.indicator) == [row["indicator"] for row in CATALOGUE]


def test_a_breakdown_offers_the_measures_that_it_has(panel):
    panel.indicator.value = "pieces"
    assert choices(panel.breakdown) == ["", "kind", "place"]
    panel.breakdown.value = "kind"
    assert choices(panel.measure) == ["parts"]
    assert "Part b: 8 billion dong" in texts(panel, "exhibit")[0]
    panel.breakdown.value = "place"
    assert "Part north" in texts(panel, "exhibit")[0]
    panel.indicator.value = "places"
    assert panel.breakdown.value == ""
    panel.breakdown.value = AREAS
    assert "Hill Commune" in texts(panel, "exhibit")[0]


@pytest.mark.parametrize(
    "measure", ["progress", "path", "change", "series", "halves", "shares", "neighbours", "printed"]
)
def test_a_measure_shows_its_exhibit_and_its_lines_of_code(panel, report, monkeypatch, measure):
    panel.measure.value = measure
    pieces = []
    monkeypatch.setattr("IPython.display.display", pieces.append)
    exec(panel.code.value, {})
    assert pieces[-1].text() in texts(panel)


@pytest.mark.parametrize("code", [row["indicator"] for row in [*CATALOGUE, RATE]])
def test_every_choice_has_an_answer(panel, code):
    panel.sector.value = RATE["sector"] if code == "rate" else "money"
    panel.indicator.value = code
    for breakdown in choices(panel.breakdown):
        panel.breakdown.value = breakdown
        for measure in choices(panel.measure):
            panel.measure.value = measure
            assert len(texts(panel, "exhibit")) == 1
            assert f"report.{panel.code.value.partition('frame = report.')[2].partition('(')[0]}(" in panel.code.value
    assert texts(panel, "headline")


def test_an_indicator_without_any_figure_says_so(panel):
    panel.indicator.value = "nothing"
    assert texts(panel, "headline") == ["Indicator nothing: no figures are printed up to 2024."]
    assert (choices(panel.breakdown), choices(panel.measure), panel.code.value) == ([], [], "")
    panel.indicator.value = "goods"
    assert panel.measure.value == "progress"


def shown(panel):
    return panel._assumptions.layout.display != "none"


def test_assumptions_are_there_where_something_can_be_assumed(panel):
    assert not shown(panel)
    panel.measure.value = WHAT_IF
    assert shown(panel)
    assert panel.moved.options == (
        ("the figure in 2025", "final"),
        ("the latest figure", "actual"),
        ("the growth a year", "growth"),
    )
    assert (panel.number.min, panel.number.max, panel.number.value) == (0, 200, 80)
    panel.number.value = 120
    panel.indicator.value = "plain"
    assert not shown(panel)
    panel.indicator.value = "goods"
    panel.measure.value = WHAT_IF
    assert panel.number.value == 120
    panel.moved.value = "actual"
    assert panel.number.value == 80


@pytest.mark.parametrize(
    ("moves", "line", "said"),
    [
        ({}, "final=80.0", "The target of 100 billion dong for 2025 would then be missed by 20 billion dong."),
        ({"number": 120}, "final=120.0", "The target of 100 billion dong for 2025 would then be exceeded."),
        ({"target": 70}, "target=70.0", "The target of 70 billion dong for 2025 would then be exceeded."),
        ({"number": 90, "target": 95}, "final=90.0, target=95.0", "would then be missed by 5 billion dong."),
        ({"moved": "actual", "number": 100}, "actual=100.0", "The target of 100 billion dong for 2025 would then be met."),
        ({"moved": "growth", "number": 25}, "growth=0.25", "+25.0% a year on the latest figure, which makes 100 billion dong"),
        ({"moved": "growth", "number": 10.1 + 20.2}, "growth=0.303", "would then be exceeded"),
    ],
)  # fmt: skip
def test_an_assumption_moves_the_answer(panel, moves, line, said):
    panel.measure.value = WHAT_IF
    for control, value in moves.items():
        getattr(panel, control).value = value
    assert f'report.what_if("goods", {line})' in panel.code.value
    (sentences,) = texts(panel, "sentence")
    assert "an assumption and no figure of the report" in sentences
    assert said in sentences
    assert sentences.endswith("As printed, the assessment is: not assessed.")


def test_an_assumed_number_is_said_in_the_panel_s_language(panel):
    panel.sector.value = "land"
    panel.measure.value = WHAT_IF
    panel.number.value = 92.5
    panel.language.value = "vi"
    assert panel.number.value == 92.5
    assert [amount.value for amount in panel._amounts.values()] == ["92,5%", "95,5%"]
    panel.moved.value = "growth"
    panel.number.value = -1.5
    assert panel._amounts[panel.number].value == "−1,5 điểm phần trăm"


def test_a_data_set_can_be_named(tmp_path):
    folder = write_town(tmp_path / "town", CATALOGUE, FIGURES, areas=AREA_ROWS)
    panel = explore(str(folder), "pieces")
    assert panel.indicator.value == "pieces"
    assert panel._repr_mimebundle_().keys() >= {"application/vnd.jupyter.widget-view+json"}
    with pytest.raises(UnknownNameError, match="did you mean 'pieces'"):
        explore(str(folder), "piece")


def test_without_ipywidgets_it_says_how_to_get_them(report, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "ipywidgets":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError) as raised:
        explore(report)
    assert str(raised.value) == (
        "the widgets need the library ipywidgets, which is not installed. "
        "Install it with: pip install 'laichau-analysis[lab]'"
    )


def test_importing_the_panel_imports_no_widgets():
    code = "import sys, laichau_analysis; laichau_analysis.explore; print('ipywidgets' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
