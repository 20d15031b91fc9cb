import pytest

from laichau_analysis import ask, figures, open_report
from laichau_analysis.errors import UnknownNameError
from laichau_analysis.inquiry import AREAS, TOPICS, WHAT_IF, Inquiry, Question, indicators, sectors
from laichau_analysis.tables import RELATION
from tests.towns import TABLE_ROWS, figure, indicator, part, write_town

AREA_ROWS = [
    *TABLE_ROWS["areas"],
    {"area": "hill", "parent": "town", "level": "commune", "name_vi": "Xã Đồi", "name_en": "Hill Commune"},
]
CATALOGUE = [
    indicator("plain"),
    indicator("goods", share_of="sales"),
    indicator("sales"),
    indicator("pieces"),
    indicator("places", nature="stock"),
    indicator("each", formula="goods / pieces"),
    indicator("twice", formula="goods * 2"),
    indicator("hoped"),
    indicator("wrong"),
    indicator("nothing"),
]
FIGURES = [
    figure("plain", "2024", "5"),
    figure("goods", "2023", "70"),
    figure("goods", "2024", "80", status="E"),
    figure("goods", "2024-S1", "30"),
    figure("goods", "2025", "100", "target"),
    figure("goods", "2024", "80%", "stated_attainment"),
    figure("sales", "2024", "160"),
    part("pieces", "2024", "7", "a"),
    part("pieces", "2024", "8", "b"),
    part("pieces", "2024", "3", "north", breakdown="place"),
    figure("places", "2024", "4", area="hill"),
    figure("hoped", "2025", "9", "aim"),
    figure("wrong", "2024", "999", flag="implausible", note="Too much."),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_town(tmp_path_factory.mktemp("town") / "town", CATALOGUE, FIGURES, areas=AREA_ROWS)


@pytest.fixture(scope="module")
def report(folder):
    return open_report(str(folder), 0, "en")


@pytest.fixture
def shown(report):
    """An inquiry whose report gives away what it shows."""

    def inquire(code):
        items = []
        return Inquiry(report.anew(display=items.append), code), items

    return inquire


def topics(inquiry):
    return [(question.topic, question.breakdown) for question, _ in inquiry.answers]


@pytest.mark.parametrize(
    ("code", "answered"),
    [
        ("plain", ["printed"]),
        ("goods", ["progress", "path", "change", "series", "halves", "shares", "neighbours", "printed"]),
        ("pieces", [("parts", "kind"), ("parts", "place"), "printed"]),
        ("places", [("areas", AREAS), "printed"]),
        ("twice", ["change", "series", "halves", "computed", "neighbours"]),
        ("each", ["neighbours"]),
        ("nothing", []),
    ],
)
def test_only_questions_with_an_answer_are_asked(report, code, answered):
    assert topics(ask(report, code)) == [one if isinstance(one, tuple) else (one, "") for one in answered]


@pytest.mark.parametrize(
    ("code", "headline"),
    [
        ("goods", "Indicator goods came to 80 billion dong (estimated) in 2024, 80% of the target of 100 billion dong for 2025."),
        ("plain", "Indicator plain, in 2024: 5 billion dong."),
        ("twice", "Indicator twice, in 2024: 160 billion dong (estimated)."),
        ("pieces", "Indicator pieces, in 2024: Part a, 7 billion dong; Part b, 8 billion dong."),
        ("places", "Indicator places, in 2024: Hill Commune, 4 billion dong."),
        ("hoped", "Indicator hoped, in 2025: 9 billion dong (aim)."),
        ("wrong", "Indicator wrong, in 2024: 999 billion dong is printed, which cannot be right; it is used nowhere."),
        ("each", "Indicator each: it cannot be computed from what is printed."),
        ("nothing", "Indicator nothing: no figures are printed up to 2024."),
    ],
)  # fmt: skip
def test_a_headline_names_the_indicator_and_says_what_there_is(shown, code, headline):
    inquiry, items = shown(code)
    inquiry.report.headline(inquiry.gist)
    assert items[1].text.startswith(headline)


def test_what_heads_the_report_is_not_said_again(shown):
    inquiry, items = shown("pieces")
    inquiry.show("parts")
    assert [getattr(item, "kind", "exhibit") for item in items] == ["exhibit", "sentence", "exhibit"]
    assert items[1].text == "Largest figure: Part north, 3 billion dong."


def test_answers_are_shown_in_the_order_that_is_asked_for(shown):
    inquiry, items = shown("goods")
    inquiry.show("printed", "path")
    assert [item.title for item in items] == [
        "Indicator goods: every figure as it is printed",
        "Indicator goods: the way to the target",
    ]
    items.clear()
    inquiry.show()
    assert len([item for item in items if hasattr(item, "title")]) == len(inquiry.answers)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("plain", ["Not printed of it: a target; a period to compare with; parts; figures by commune or ward."]),
        ("pieces", ["Not printed of it: a target; a period to compare with; figures by commune or ward."]),
        ("goods", ["Not printed of it: parts; figures by commune or ward."]),
    ],
)
def test_what_is_not_printed_is_said_in_one_sentence(shown, code, said):
    inquiry, items = shown(code)
    inquiry.gaps()
    assert [item.text for item in items] == said


def test_a_chart_is_drawn_where_it_shows_something(report):
    charts = {question.topic: question.chart for question, _ in ask(report, "goods").answers}
    assert charts == {
        "progress": "bullet",
        "path": "path",
        "change": "",
        "series": "periods",
        "halves": "periods",
        "shares": "",
        "neighbours": "",
        "printed": "",
    }
    parts = {question.breakdown: question.chart for question, _ in ask(report, "pieces").answers}
    assert (parts["kind"], parts["place"]) == ("parts", "")


@pytest.mark.parametrize("code", [row["indicator"] for row in CATALOGUE])
@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_lines_of_code_give_the_same_answer(report, monkeypatch, code, language):
    pieces = []
    monkeypatch.setattr("IPython.display.display", pieces.append)
    inquiry = ask(report.anew(language), code)
    for question, frame in inquiry.answers:
        names = {}
        exec(question.code(inquiry.report, code), names)
        assert names["frame"].equals(frame)
        assert names["frame"].attrs == frame.attrs
        assert (pieces[-1].chart.__name__ if pieces[-1].chart else "") == question.chart
        assert pieces[-1].text().startswith(pieces[-1].title)


def test_the_lines_of_a_what_if_give_the_same_answer(report, monkeypatch):
    monkeypatch.setattr("IPython.display.display", lambda item: None)
    question, frame = ask(report, "goods").supposing(growth=0.25, target=90.5)
    names = {}
    exec(question.code(report, "goods"), names)
    assert names["frame"].equals(frame)
    assert question.line("goods") == 'report.what_if("goods", growth=0.25, target=90.5)'


def test_a_folder_s_name_stays_a_text_in_the_lines_of_code(folder, tmp_path):
    strange = write_town(tmp_path / 'a "town" \\ here', CATALOGUE, FIGURES, areas=AREA_ROWS)
    report = open_report(str(strange))
    names = {}
    exec(Question("printed", "printed").code(report, "plain").rpartition("\n")[0], names)
    assert len(names["frame"]) == 1


def test_what_there_is_to_choose_from(report):
    assert sectors(report) == [("Money", "money")]
    assert indicators(report, "money")[:2] == [("Indicator plain", "plain"), ("Indicator goods", "goods")]
    pieces = ask(report, "pieces")
    assert pieces.dimensions() == [("The whole", ""), ("Kind", "kind"), ("Place", "place")]
    assert pieces.measures("kind") == [("Parts", "parts")]
    assert pieces.answer_to("parts", "place")[1]["category"].tolist() == ["north"]
    assert ask(report, "places").dimensions() == [("The whole", ""), ("Communes and wards", AREAS)]
    assert ask(report, "goods").measures()[-1] == ("What if", WHAT_IF)
    assert (WHAT_IF in dict(map(reversed, ask(report, "plain").measures()))) is False


ROOM = {
    "goods": {"final": (0, 200, 80), "actual": (0, 200, 80), "growth": (-0.5, 1, 0), "target": (0, 200, 100)},
    "visits": {"final": (600, 1800, 600), "actual": (0, 1800, 600), "growth": (-0.5, 1, 0), "target": (0, 1800, 900)},
    "rate": {"final": (0, 100, 97.5), "actual": (0, 100, 97.5), "growth": (-4, 2.5, 0), "target": (0, 100, 99.5)},
    "lower": {"final": (0, 6, 3), "actual": (0, 6, 3), "growth": (-0.5, 1, 0), "target": (0, 6, 1)},
    "over": {"final": (0, 12, 6), "actual": (0, 12, 6), "target": (0, 12, 5)},
    "free": {"final": (-4, 4, 1), "actual": (-4, 4, 1), "growth": (-2, 2, 0), "target": (-4, 4, 2)},
    "plain": {},
    "early": {},
}


@pytest.fixture(scope="module")
def movable(tmp_path_factory):
    catalogue = [
        *(indicator("goods"), indicator("plain"), indicator("early"), indicator("over")),
        indicator("visits", unit="visit", accumulation="total"),
        indicator("rate", unit="percent", nature="rate", maximum="100"),
        indicator("lower", direction="lower"),
        indicator("free", unit="percent", nature="rate", minimum=""),
    ]
    rows = [
        *(figure("goods", "2024", "80"), figure("goods", "2025", "100", "target"), figure("plain", "2024", "1")),
        *(figure("visits", "2021/2023", "600"), figure("visits", "2021/2025", "900", "target")),
        *(figure("rate", "2024", "97,5%"), figure("rate", "2025", "99,5%", "target")),
        *(figure("lower", "2023", "3"), figure("lower", "2025", "1", "target")),
        *(figure("over", "2024", "6"), figure("over", "2024", "5", "target"), figure("early", "2025", "5", "target")),
        *(figure("free", "2024", "1%"), figure("free", "2025", "2%", "target")),
    ]
    return open_report(str(write_town(tmp_path_factory.mktemp("town") / "town", catalogue, rows)), 0, "en")


@pytest.mark.parametrize("code", ROOM)
def test_an_assumption_has_the_room_that_is_possible(movable, code):
    spans = ask(movable, code).movable
    assert {name: (span.low, span.high, span.start) for name, span in spans.items()} == ROOM[code]
    for name, span in spans.items():
        assert 0 < (span.high - span.low) / span.step <= 1000
        for end in (span.low, span.high):  # neither end is refused
            ask(movable, code).supposing(**{name: end})


def test_the_first_indicator_with_a_target_is_asked_by_default(report, town):
    assert ask(report).indicator == "goods"
    assert ask(open_report_of(town([indicator("a"), indicator("b")], [figure("b", "2024", "1")]))).indicator == "b"
    with pytest.raises(UnknownNameError, match="unknown indicator 'good' in data set town: did you mean 'goods'"):
        ask(report, "good")


def open_report_of(data):
    from laichau_analysis.report import Report
    from laichau_analysis.words import Words

    return Report(data=data, whole=data, year=2024, words=Words("en"))


def test_an_inquiry_tells_its_questions_with_their_lines_of_code(report):
    assert repr(ask(report, "pieces")).splitlines() == [
        "Indicator pieces",
        '  Parts                 report.parts("pieces", "kind")',
        '  Parts                 report.parts("pieces", "place")',
        '  Every printed figure  report.printed("pieces")',
    ]


def test_every_relation_has_a_name(report):
    assert set(RELATION) == {"", *figures.RELATIONS}
    assert list(TOPICS)[-1] == WHAT_IF
