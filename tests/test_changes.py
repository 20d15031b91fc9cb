"""What lies between two editions, in words of both languages."""

import re

import pytest

from laichau_analysis.changes import before, in_lines, retold
from laichau_analysis.dataset import LANGUAGES
from tests.editions import compared, side_by_side
from tests.towns import TABLE_ROWS, figure, indicator, part

X = indicator("x")
RATE = indicator("x", unit="percent", nature="rate")


def said(printed, **more):
    return figure("x", "2024", printed, **more)


def goal(printed, **more):
    return figure("x", "2025", printed, "target", **more)


def each(cases):
    """One test a case, by its number."""
    return pytest.mark.parametrize("i", range(len(cases)))


def told(found, name):
    """The sentences on each case, in English and Vietnamese."""
    frames = [getattr(retold(found, language), name) for language in ("en", "vi")]
    return [
        tuple(" ".join(frame.loc[frame["indicator"] == f"x{i}", "message"]) for frame in frames)
        for i in range(len(found.new.indicators))
    ]


# --- figures -------------------------------------------------------------------------------------

FIGURES = [
    (
        [said("182,6", status="E")],
        [said("190,2")],
        "Indicator x, in 2024: 190.2 billion dong, 7.6 billion dong (4.2%) more than the 182.6 billion dong (estimated) of the earlier edition.",
        "Chỉ số x, năm 2024: 190,2 tỷ đồng, cao hơn 7,6 tỷ đồng (4,2%) so với 182,6 tỷ đồng (ước thực hiện) ở bản trước.",
    ),
    (
        [said("200")],
        [said("150,5")],
        "Indicator x, in 2024: 150.5 billion dong, 49.5 billion dong (25%) less than the 200 billion dong of the earlier edition.",
        "Chỉ số x, năm 2024: 150,5 tỷ đồng, thấp hơn 49,5 tỷ đồng (25%) so với 200 tỷ đồng ở bản trước.",
    ),
    (
        [said("60%", measure="stated_attainment")],
        [said("62,5%", measure="stated_attainment")],
        "Indicator x, stated attainment of the target, in 2024: 62.5%, 2.5 points more than the 60% of the earlier edition.",
        "Chỉ số x, tỷ lệ hoàn thành chỉ tiêu theo báo cáo, năm 2024: 62,5%, cao hơn 2,5 điểm phần trăm so với 60% ở bản trước.",
    ),
    (
        [said("100-110")],
        [said("120")],
        "Indicator x, in 2024: 120 billion dong; 100 billion dong to 110 billion dong in the earlier edition.",
        "Chỉ số x, năm 2024: 120 tỷ đồng; bản trước là 100 tỷ đồng đến 110 tỷ đồng.",
    ),
    (
        [said("182,6")],
        [said("182.600", unit="million_dong")],
        "Indicator x, in 2024: 182,600 million dong, the same figure as 182.6 billion dong in the earlier edition, printed more precisely.",
        "Chỉ số x, năm 2024: 182.600 triệu đồng, vẫn là số 182,6 tỷ đồng của bản trước, nay ghi chi tiết hơn.",
    ),
    (
        [said("182,63")],
        [said("182,6")],
        "Indicator x, in 2024: 182.6 billion dong, the same figure as 182.63 billion dong in the earlier edition, printed less precisely.",
        "Chỉ số x, năm 2024: 182,6 tỷ đồng, vẫn là số 182,63 tỷ đồng của bản trước, nay ghi ít chi tiết hơn.",
    ),
    (
        [said("200", qualifier="about")],
        [said("182,6")],
        "Indicator x, in 2024: 182.6 billion dong; about 200 billion dong in the earlier edition. It cannot be said whether the figure was revised: one of the figures is vague.",
        "Chỉ số x, năm 2024: 182,6 tỷ đồng; bản trước là khoảng 200 tỷ đồng. Không thể nói số liệu có được điều chỉnh hay không: một trong các số liệu không rõ mức.",
    ),
    (
        [said("180", qualifier="over")],
        [said("190", qualifier="over")],
        "Indicator x, in 2024: more than 190 billion dong; more than 180 billion dong in the earlier edition. It cannot be said whether the figure was revised: one of the figures is only a bound.",
        "Chỉ số x, năm 2024: hơn 190 tỷ đồng; bản trước là hơn 180 tỷ đồng. Không thể nói số liệu có được điều chỉnh hay không: một trong các số liệu chỉ là mức chặn.",
    ),
    (
        [said("182,6", status="E")],
        [said("182,6")],
        "Indicator x, in 2024: 182.6 billion dong, the same number; estimated before, final now.",
        "Chỉ số x, năm 2024: 182,6 tỷ đồng, số không đổi; trước là ước thực hiện, nay là số chính thức.",
    ),
    (
        [said("182,6")],
        [said("182,6", flag="implausible", note="Too much.")],
        "Indicator x, in 2024: 182.6 billion dong, the same number; now held to be impossible as printed; with another note.",
        "Chỉ số x, năm 2024: 182,6 tỷ đồng, số không đổi; nay bị coi là không thể đúng như đã ghi; phần ghi chú khác.",
    ),
    (
        [said("182,6", qualifier="over")],
        [said("182,6")],
        "Indicator x, in 2024: 182.6 billion dong, the same number; printed as more than 182.6 billion dong before.",
        "Chỉ số x, năm 2024: 182,6 tỷ đồng, số không đổi; trước ghi là hơn 182,6 tỷ đồng.",
    ),
    (
        [said("182,6")],
        [said("182,6", locator="II")],
        "Indicator x, in 2024: 182.6 billion dong, printed in another place.",
        "Chỉ số x, năm 2024: 182,6 tỷ đồng, ghi ở chỗ khác.",
    ),
    (
        [],
        [part("x", "2021/2024", "5", "a", status="E")],
        "Indicator x – Part a, in 2021–2024: 5 billion dong (estimated), not in the earlier edition.",
        "Chỉ số x – Phần a, giai đoạn 2021–2024: 5 tỷ đồng (ước thực hiện), bản trước không có.",
    ),
    (
        [figure("x", "2025", "185", "aim")],
        [],
        "Indicator x, aim, in 2025: 185 billion dong, no longer in this edition.",
        "Chỉ số x, phấn đấu, năm 2025: 185 tỷ đồng, bản này không còn.",
    ),
]


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    cases = [((X, old), (X, new)) for old, new, *_ in FIGURES]
    return told(side_by_side(tmp_path_factory.mktemp("figures"), cases), "figures")


@each(FIGURES)
def test_what_became_of_a_figure_is_said_in_both_languages(figures, i):
    assert figures[i] == FIGURES[i][2:]


def test_what_is_measured_in_another_thing_is_not_compared(tmp_path):
    found = compared(tmp_path, ([X], [said("5"), goal("9")]), ([indicator("x", unit="person")], [said("5"), goal("9")]))
    text = retold(found, "en")
    assert list(text.figures["message"]) == [
        "Indicator x, in 2024: 5 people; 5 billion dong in the earlier edition. "
        "It cannot be said whether the figure was revised: they are in units of different things."
    ]
    assert list(text.targets["message"]) == [
        "Indicator x: the target for 2025 is 9 people instead of 9 billion dong; they are in units of different things."
    ]
    assert list(text.catalogue["message"]) == ["Indicator x, unit: people now, billion dong before."]


# --- targets and assessments -----------------------------------------------------------------------

TARGETS = [
    (
        *("higher", [goal("300")], [goal("280")]),
        "Indicator x: the target for 2025 is 280 billion dong instead of 300 billion dong, which is easier to reach.",
        "Chỉ số x: chỉ tiêu của năm 2025 là 280 tỷ đồng thay cho 300 tỷ đồng, dễ đạt hơn.",
    ),
    (
        *("lower", [goal("300")], [goal("280")]),
        "Indicator x: the target for 2025 is 280 billion dong instead of 300 billion dong, which is harder to reach.",
        "Chỉ số x: chỉ tiêu của năm 2025 là 280 tỷ đồng thay cho 300 tỷ đồng, khó đạt hơn.",
    ),
    (
        *("", [goal("300", qualifier="under")], [goal("300")]),
        "Indicator x: the target for 2025 is 300 billion dong instead of below 300 billion dong.",
        "Chỉ số x: chỉ tiêu của năm 2025 là 300 tỷ đồng thay cho dưới 300 tỷ đồng.",
    ),
    (
        *("higher", [goal("300")], [goal("300", note="Of the Congress.")]),
        "Indicator x: the target for 2025 is 300 billion dong as before; with another note.",
        "Chỉ số x: chỉ tiêu của năm 2025 vẫn là 300 tỷ đồng; phần ghi chú khác.",
    ),
    (
        *("higher", [goal("300")], [goal("300", locator="II")]),
        "Indicator x: the target for 2025 is 300 billion dong as before, printed in another place.",
        "Chỉ số x: chỉ tiêu của năm 2025 vẫn là 300 tỷ đồng, ghi ở chỗ khác.",
    ),
    (
        *("higher", [], [goal("300")]),
        "Indicator x: the target of 300 billion dong for 2025 is new.",
        "Chỉ số x: chỉ tiêu 300 tỷ đồng của năm 2025 là mới.",
    ),
    (
        *("higher", [goal("300")], []),
        "Indicator x: the target of 300 billion dong for 2025 is gone.",
        "Chỉ số x: chỉ tiêu 300 tỷ đồng của năm 2025 không còn.",
    ),
]


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    cases = [[(indicator("x", direction=way), rows) for rows in pair] for way, *pair, _, _ in TARGETS]
    return told(side_by_side(tmp_path_factory.mktemp("targets"), cases), "targets")


@each(TARGETS)
def test_what_became_of_a_target_is_said_in_both_languages(targets, i):
    assert targets[i] == TARGETS[i][3:]


SHORT, MET, BETTER = said("182,6", status="E"), said("300"), said("330")
ASSESSMENTS = [
    (
        *([goal("300"), SHORT], [goal("300"), BETTER]),
        "Indicator x: exceeded now, behind in the earlier edition; attainment 110%, before 60.9%.",
        "Chỉ số x: nay vượt, bản trước chậm tiến độ; tỷ lệ hoàn thành 110%, trước là 60,9%.",
    ),
    (
        *([goal("300"), BETTER], [goal("300"), MET]),
        "Indicator x: met now, exceeded in the earlier edition; attainment 100%, before 110%.",
        "Chỉ số x: nay đạt, bản trước vượt; tỷ lệ hoàn thành 100%, trước là 110%.",
    ),
    (
        *([goal("300"), SHORT], [goal("300"), said("190,2", status="E")]),
        "Indicator x: attainment 63.4% now, 60.9% in the earlier edition; behind in both.",
        "Chỉ số x: tỷ lệ hoàn thành nay 63,4%, bản trước 60,9%; cả hai bản đều chậm tiến độ.",
    ),
    (
        *([goal("300"), SHORT], [goal("300")]),
        "Indicator x: not assessed now, behind in the earlier edition; attainment unknown, before 60.9%.",
        "Chỉ số x: nay chưa đủ căn cứ đánh giá, bản trước chậm tiến độ; tỷ lệ hoàn thành chưa rõ, trước là 60,9%.",
    ),
    (
        *([SHORT], [goal("300"), SHORT]),
        "Indicator x: behind, attainment 60.9%; the earlier edition has no such target.",
        "Chỉ số x: chậm tiến độ, tỷ lệ hoàn thành 60,9%; bản trước không có chỉ tiêu này.",
    ),
    (
        *([goal("300"), BETTER], [BETTER]),
        "Indicator x: the target is gone; it was exceeded, attainment 110%.",
        "Chỉ số x: không còn chỉ tiêu; trước đó vượt, tỷ lệ hoàn thành 110%.",
    ),
    (
        *([goal("300"), MET], [goal("300", qualifier="over"), MET]),
        "Indicator x: not assessed now, met in the earlier edition.",
        "Chỉ số x: nay chưa đủ căn cứ đánh giá, bản trước đạt.",
    ),
]


@pytest.fixture(scope="module")
def assessments(tmp_path_factory):
    entry = indicator("x", minimum="0")
    cases = [((entry, old), (entry, new)) for old, new, *_ in ASSESSMENTS]
    return told(side_by_side(tmp_path_factory.mktemp("assessments"), cases), "assessments")


@each(ASSESSMENTS)
def test_how_a_target_is_assessed_in_both_editions_is_said_in_both_languages(assessments, i):
    assert assessments[i] == ASSESSMENTS[i][2:]


# --- indicators, definitions, findings ---------------------------------------------------------------

TWO = [figure("x", "2023", "4"), figure("x", "2024", "5")]


@pytest.mark.parametrize(
    ("old", "new", "english", "vietnamese"),
    [
        (
            ([X], TWO),
            ([indicator("x", name_en="Income", name_vi="Thu nhập")], TWO),
            "“Indicator x” is called “Income” now: the code is the same, the figures are the same.",
            "“Chỉ số x” nay gọi là “Thu nhập”: mã không đổi, số liệu không đổi.",
        ),
        (
            ([X], TWO),
            ([indicator("x", name_vi="Thu nhập")], TWO[:1]),
            "“Indicator x” has another name in the other language: the code is the same, the figures are the same.",
            "“Chỉ số x” nay gọi là “Thu nhập”: mã không đổi, số liệu không đổi.",
        ),
        (
            ([X], TWO),
            ([X | {"indicator": "y"}], [row | {"indicator": "y"} for row in TWO]),
            "“Indicator x” stands under another code: the names are the same, the figures are the same.",
            "“Chỉ số x” mang mã khác: tên không đổi, số liệu không đổi.",
        ),
        (
            ([], []),
            ([X], TWO),
            "Indicator x is new, with 2 figures.",
            "Chỉ số x là chỉ tiêu thống kê mới, có 2 số liệu.",
        ),
        (
            ([X], TWO[:1]),
            ([], []),
            "Indicator x is gone; the earlier edition had 1 figure of it.",
            "Chỉ số x không còn; bản trước có 1 số liệu về chỉ tiêu này.",
        ),
    ],
)
def test_what_became_of_an_indicator_is_said_in_both_languages(tmp_path, old, new, english, vietnamese):
    other = ([indicator("other")], [figure("other", "2024", "1")])
    found = compared(tmp_path, *((other[0] + town[0], other[1] + town[1]) for town in (old, new)))
    assert [list(retold(found, language).indicators["message"]) for language in ("en", "vi")] == [
        [english],
        [vietnamese],
    ]


DEFINITIONS = [
    ("direction", "higher", "", "neither way counts as good now, higher is better before", "nay không xác định chiều tốt, trước càng cao càng tốt"),
    ("nature", "flow", "stock", "what there is at a date now, what happens over a period before", "nay số có tại một thời điểm, trước phát sinh trong kỳ"),
    ("accumulation", "end", "total", "the sum over the term now, the value in the last year before", "nay tổng của cả nhiệm kỳ, trước giá trị của năm cuối"),
    ("maximum", "", "99.5", "99.5 now, none before", "nay 99,5, trước không có"),
    ("formula", "", "x0 / 2", "“Indicator x” ÷ 2 now, none before", "nay “Chỉ số x” ÷ 2, trước không có"),
    ("share_of", "", "x0", "Indicator x now, none before", "nay Chỉ số x, trước không có"),
    ("unit", "billion_dong", "million_dong", "million dong now, billion dong before", "nay triệu đồng, trước tỷ đồng"),
]  # fmt: skip


def test_a_definition_is_told_in_words(tmp_path):
    cases = [[(indicator("x", **{field: text}), []) for text in pair] for field, *pair, _, _ in DEFINITIONS]
    found = side_by_side(tmp_path, [[(X, [])] * 2, *cases, [(X, []), (indicator("x", note="Of the town."), [])]])
    for language, place in (("en", 3), ("vi", 4)):
        *messages, note = retold(found, language).catalogue["message"]
        assert [message.partition(": ")[2] for message in messages] == [f"{case[place]}." for case in DEFINITIONS]
        assert (
            note
            == {"en": "Indicator x: the note on it is another.", "vi": "Chỉ số x: phần ghi chú đã thay đổi."}[language]
        )


def test_a_finding_is_told_with_its_earlier_verdict(tmp_path):
    base = [goal("100"), said("60")]
    right, wrong = (said(text, measure="stated_attainment") for text in ("60%", "70%"))
    found = compared(tmp_path, ([X], [*base, right]), ([X], [*base, wrong]))
    (message,) = retold(found, "en").findings["message"]
    assert message.startswith("Indicator x, in 2024: 70% is printed, but 60% follows from the other figures;")
    assert message.endswith(" In the earlier edition: agrees.")
    (gone,) = retold(compared(tmp_path, ([X], [*base, wrong]), ([X], base)), "vi").findings["message"]
    assert gone.startswith("Chỉ số x, năm 2024: báo cáo nêu 70%, nhưng từ các số liệu khác tính được 60%;")


# --- all of it ---------------------------------------------------------------------------------------


def summaries(found, language="en"):
    return list(retold(found, language).summary["message"])


def test_the_summary_counts_what_became_of_everything(tmp_path):
    old = [said("1"), figure("x", "2023", "2"), figure("x", "2022", "3"), figure("x", "2021", "4"), goal("9")]
    new = [
        said("2,5"),
        figure("x", "2023", "2", locator="II"),
        figure("x", "2022", "3,0"),
        goal("9"),
        figure("x", "2025", "7", "plan"),
    ]
    found = compared(tmp_path, ([X], old), ([X], new))
    assert summaries(found)[:4] == [
        "Of the earlier edition's 4 figures: 1 unchanged (1 of them printed in another place), 1 revised, 1 printed or marked otherwise, 1 gone. New: 1.",
        "1 target, all unchanged.",
        "1 indicator, all unchanged.",
        "Of the earlier edition's 1 assessment by the end of 2024: 1 with another attainment.",
    ]
    assert summaries(found, "vi")[0] == (
        "Trong 4 số liệu của bản trước: 1 giữ nguyên (trong đó 1 ghi ở chỗ khác), 1 được điều chỉnh, 1 được ghi khác đi, 1 không còn. Mới có: 1."
    )
    assert list(retold(found, "en").sectors["message"]) == [
        "Money: 1 unchanged (1 of them printed in another place), 1 revised, 1 printed or marked otherwise, 1 gone. New: 1."
    ]


def test_latest_years_are_told_where_they_differ(tmp_path):
    old = [goal("300"), SHORT]
    text = retold(compared(tmp_path, ([X], old), ([X], [*old, figure("x", "2025", "310")])), "en")
    assert list(text.summary["message"][3:5]) == [
        "1 assessment by the end of 2024, all unchanged.",
        "Of the earlier edition's 1 assessment by the end of 2024, against those by the end of 2025: 1 assessed otherwise.",
    ]
    assert text.latest.attrs["caption"] == (
        "Attainment of the targets by the end of 2024 in the earlier edition and of 2025 in this one"
    )
    same = retold(compared(tmp_path, ([X], old), ([X], [goal("300"), BETTER])), "en")
    assert list(same.summary["subject"]) == ["figures", "targets", "indicators", "assessments", "findings"]
    assert same.latest.empty
    assert same.latest.attrs["none"] == "Both editions reach to the end of the same year."


def test_editions_without_a_year_in_common_say_so(tmp_path):
    text = retold(compared(tmp_path, ([X], [SHORT]), ([X], [figure("x", "2026", "5")])), "vi")
    assert "assessments" not in set(text.summary["subject"])
    assert text.assessments.attrs["none"] == "Hai bản không có năm nào cùng có số thực hiện."


def test_an_edition_of_targets_only_has_nothing_to_assess(tmp_path):
    text = retold(compared(tmp_path, ([X], [goal("300"), SHORT]), ([X], [goal("300")])), "en")
    assert list(text.summary["subject"]) == ["figures", "targets", "indicators", "findings"]
    assert text.latest.attrs["none"] == "One of the editions has no actual figures."
    assert text.summary["message"].iloc[1] == "1 target, all unchanged."


def test_where_there_was_nothing_before_only_what_is_now_is_counted(tmp_path):
    found = compared(tmp_path, ([X], [said("5")]), ([X], [said("5"), goal("9")]))
    assert summaries(found)[1] == "0 targets in the earlier edition, 1 now."


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_changes_everything_is_unchanged(lai_chau, language):
    from laichau_analysis.editions import compare

    text = retold(compare(lai_chau, lai_chau), language)
    unchanged = {"en": "all unchanged.", "vi": "tất cả giữ nguyên."}[language]
    assert all(message.endswith(unchanged) for message in text.summary["message"])
    assert text.is_empty


def test_names_of_what_is_gone_are_those_of_the_earlier_edition(tmp_path):
    areas = [
        *TABLE_ROWS["areas"],
        {"area": "north", "parent": "town", "level": "commune", "name_vi": "Xã Bắc", "name_en": "North"},
    ]
    old = ([X, indicator("y")], [said("1"), figure("y", "2024", "2", area="north")], {"areas": areas})
    found = compared(tmp_path, old, ([X], [said("1")]))
    assert list(retold(found, "vi").figures["message"]) == [
        "Chỉ số y – Xã Bắc, năm 2024: 2 tỷ đồng, bản này không còn."
    ]


def test_a_doubtful_figure_keeps_its_mark_in_its_edition(tmp_path):
    old = [said("182,6"), said("190,2", locator="II"), goal("300")]
    text = retold(compared(tmp_path, ([X], old), ([X], [said("190,2"), goal("300")])), "en")
    for frame in (text.figures, text.assessments):
        (row,) = frame.to_dict("records")
        assert (row["flag_before"], row["flag"]) == ("contradicted", "")


def test_a_row_can_be_seen_as_it_was():
    assert before({"value": 2, "value_before": 1, "unit": "ha", "growth": 1.0}) == {
        **{"value": 1, "value_before": 1, "unit": "ha", "growth": 1.0},
    }


def test_lines_for_a_terminal_name_codes_and_places(tmp_path):
    old = [said("1"), figure("x", "2023", "2"), figure("x", "2022", "3"), goal("9"), figure("z", "2024", "4")]
    new = [said("2,5", locator="III"), figure("x", "2023", "2", locator="II"), goal("9"), figure("zz", "2024", "4")]
    catalogue = [X, indicator("z")], [X | {"direction": ""}, indicator("z") | {"indicator": "zz"}]
    found = compared(tmp_path, (catalogue[0], old), (catalogue[1], new))
    lines = list(in_lines(retold(found, "en")))
    assert lines[:2] == [
        "earlier edition: old, Invented town; rows of figures: 5",
        "this edition: new, Invented town; rows of figures: 4",
    ]
    listed = [line for line in lines if line.startswith("  ")]
    assert [re.match(r"  (\w+): ", line)[1] for line in listed[:4]] == ["revised", "dropped", "renamed", "redefined"]
    assert listed[0].endswith("[x; III; before: I]")
    assert listed[1].endswith("[x; before: I]")
    assert "[z -> zz; I]" in listed[2]
    assert not [line for line in lines if "another place." in line]
