import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import laichau_analysis
from laichau_analysis import figures, metrics
from laichau_analysis.audit import audit
from laichau_analysis.errors import UnknownNameError
from laichau_analysis.precision import supported_decimals
from laichau_analysis.wording import as_printed, explained, labelled, nothing, qualified, sentences, standings
from laichau_analysis.words import LOCALE, Words
from tests.towns import figure, indicator, part

PACKAGE = Path(laichau_analysis.__file__).parent


MESSAGE_OF = {"N_": 0, "text": 0, "plural": 0, "pgettext": 1}
"""Functions that translate, and which of their arguments the text is."""


def called(node):
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def catalogue(language="vi"):
    with (LOCALE / language / "LC_MESSAGES" / "laichau_analysis.po").open("rb") as file:
        return read_po(file, locale=language)


def test_every_text_of_the_code_is_translated_and_no_translation_is_left_over():
    calls = [
        node
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and node.args and called(node) in MESSAGE_OF
    ]
    arguments = [call.args[MESSAGE_OF[called(call)]] for call in calls]
    texts = {argument.value for argument in arguments if isinstance(argument, ast.Constant)} - {""}
    templates = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.j2"))
    texts |= set(re.findall(r'_\("([^"]+)"\)', templates)) - {""}
    translated = {
        message.id[0] if isinstance(message.id, tuple) else message.id for message in catalogue() if message.id
    }
    assert texts - translated == set()
    assert translated - texts == set()


def test_every_translation_fills_in_the_same_names():
    for message in catalogue():
        originals = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        names = set(re.findall(r"{(\w+)}", originals[-1]))
        assert all(set(re.findall(r"{(\w+)}", text)) == names for text in texts), message.id
        assert all(texts) or not message.id, message.id


def test_a_number_of_any_size_is_written():
    assert Words("en").number(-5.0e97) == "−50" + ",000" * 32
    assert Words("vi").number(1e27, 3) == "1" + ".000" * 9 + ",000"


@pytest.mark.parametrize(
    ("value", "decimals", "vi", "en"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (60.85, 1, "60,9", "60.9"),
        (0.5, 0, "1", "1"),
        (-0.04, 1, "0,0", "0.0"),
        (-1234.56, 1, "−1.234,6", "−1,234.6"),
        (915000, 0, "915.000", "915,000"),
        (2.675, 2, "2,68", "2.68"),
    ],
)
def test_numbers_are_written_as_the_language_does(value, decimals, vi, en):
    assert (Words("vi").number(value, decimals), Words("en").number(value, decimals)) == (vi, en)


@pytest.mark.parametrize(
    ("value", "unit", "vi", "en"),
    [
        (1, "household", "1 hộ", "1 household"),
        (195, "household", "195 hộ", "195 households"),
        (60.9, "percent", "60,9%", "60.9%"),
        (10.04, "per_mille", "10,04‰", "10.04‰"),
        (182.6, "billion_dong", "182,6 tỷ đồng", "182.6 billion dong"),
        (3, "one", "3", "3"),
    ],
)
def test_amounts_bear_their_unit(value, unit, vi, en):
    decimals = len(str(value).partition(".")[2])
    assert (Words("vi").amount(value, unit, decimals), Words("en").amount(value, unit, decimals)) == (vi, en)


@pytest.mark.parametrize(
    ("code", "vi", "en"),
    [
        ("2024", "năm 2024", "in 2024"),
        ("2024-S1", "6 tháng đầu năm 2024", "in the first half of 2024"),
        ("2024-06", "đến tháng 6/2024", "as of June 2024"),
        ("2021/2024", "giai đoạn 2021–2024", "in 2021–2024"),
        ("2021/2024-06", "từ 2021 đến tháng 6/2024", "from 2021 to June 2024"),
        ("../2024-06", "lũy kế đến tháng 6/2024", "up to June 2024"),
        ("../2024", "lũy kế đến hết năm 2024", "up to 2024"),
    ],
)
def test_periods_stand_in_a_sentence(code, vi, en):
    assert (Words("vi").within(code), Words("en").within(code)) == (vi, en)


@pytest.mark.parametrize(
    ("size", "step", "decimals"), [(95.4, 1 / 62, 0), (60.87, 0.1 / 182.6, 1), (158.3, 0.0, 1), (7.2, 0.5, 0)]
)
def test_a_ratio_bears_no_more_digits_than_its_figure(size, step, decimals):
    assert supported_decimals(size, step) == decimals


@pytest.mark.parametrize(
    ("unit", "vi", "en"),
    [
        ("percent", "0,04 điểm phần trăm", "0.04 points"),
        ("per_mille", "0,04 điểm phần nghìn", "0.04 points per thousand"),
        ("million_dong", "0,04 triệu đồng", "0.04 million dong"),
    ],
)
def test_a_difference_of_rates_is_one_of_points(unit, vi, en):
    assert (Words("vi").difference(-0.04, unit, 2), Words("en").difference(0.04, unit, 2)) == (vi, en)


def test_an_unknown_language_is_refused():
    with pytest.raises(UnknownNameError, match="unknown language 'fr'"):
        Words("fr")


# --- sentences: figures that exceed, meet, fall short, are missing or estimated ------------------------


def said(data, language, year=0):
    return " ".join(sentences(labelled(metrics.progress(data, year), data, language)))


GOAL = figure("x", "2025", "300", "target")
CASES = {
    "exceeded": (
        [figure("x", "2024", "310")],
        "Indicator x came to 310 billion dong in 2024, better than the target of 300 billion dong for 2025.",
        "Chỉ số x năm 2024 là 310 tỷ đồng, hoàn thành vượt chỉ tiêu 300 tỷ đồng của năm 2025.",
    ),
    "met": (
        [figure("x", "2024", "300")],
        "Indicator x came to 300 billion dong in 2024, just the target of 300 billion dong for 2025.",
        "Chỉ số x năm 2024 là 300 tỷ đồng, đúng bằng chỉ tiêu 300 tỷ đồng của năm 2025.",
    ),
    "short, estimated, one year left": (
        [figure("x", "2024", "182,6", status="E")],
        "Indicator x came to 182.6 billion dong (estimated) in 2024, 60.9% of the target of 300 billion dong for 2025. "
        "117.4 billion dong is still missing: 2025 would have to come to 64.3% more than 2024.",
        "Chỉ số x năm 2024 là 182,6 tỷ đồng (ước thực hiện), bằng 60,9% chỉ tiêu 300 tỷ đồng của năm 2025. "
        "Còn thiếu 117,4 tỷ đồng: năm 2025 phải cao hơn 64,3% so với năm 2024.",
    ),
    "short, two years left": (
        [figure("x", "2023", "150")],
        "Indicator x came to 150 billion dong in 2023, 50% of the target of 300 billion dong for 2025. "
        "150 billion dong is still missing in 2 years: each year would have to bring 75.0 billion dong more than the one before.",
        "Chỉ số x năm 2023 là 150 tỷ đồng, bằng 50% chỉ tiêu 300 tỷ đồng của năm 2025. "
        "Còn thiếu 150 tỷ đồng trong 2 năm: mỗi năm phải tăng thêm 75,0 tỷ đồng so với năm trước.",
    ),
    "missed": (
        [figure("x", "2025", "182,6")],
        "Indicator x came to 182.6 billion dong in 2025, 60.9% of the target of 300 billion dong for 2025. "
        "The target year is over; 117.4 billion dong was missing.",
        "Chỉ số x năm 2025 là 182,6 tỷ đồng, bằng 60,9% chỉ tiêu 300 tỷ đồng của năm 2025. "
        "Năm chỉ tiêu đã qua; còn thiếu 117,4 tỷ đồng.",
    ),
    "missing": (
        [figure("x", "2024-S1", "90")],
        "Indicator x: no figure is printed yet to compare with the target.",
        "Chỉ số x: chưa có số liệu để so với chỉ tiêu.",
    ),
    "aim short": (
        [figure("x", "2024", "182,6"), figure("x", "2025", "185", "aim")],
        "Indicator x came to 182.6 billion dong in 2024, 60.9% of the target of 300 billion dong for 2025. "
        "117.4 billion dong is still missing: 2025 would have to come to 64.3% more than 2024. "
        "The report itself aims for 185 billion dong only, short of the target.",
        "Chỉ số x năm 2024 là 182,6 tỷ đồng, bằng 60,9% chỉ tiêu 300 tỷ đồng của năm 2025. "
        "Còn thiếu 117,4 tỷ đồng: năm 2025 phải cao hơn 64,3% so với năm 2024. "
        "Chính báo cáo chỉ phấn đấu 185 tỷ đồng, chưa đạt mức chỉ tiêu.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_progress_in_words(town, case):
    rows, en, vi = CASES[case]
    data = town([indicator("x")], [GOAL, *rows])
    assert said(data, "en") == en
    assert said(data, "vi") == vi


LOWER = [indicator("rate", unit="percent", direction="lower", nature="rate", decimals="2")]
LOWER_CASES = {
    "short": (
        [figure("rate", "2024", "1,50%", status="E"), figure("rate", "2025", "1,38%", "outlook", status="F")],
        "Indicator rate came to 1.50% (estimated) in 2024; the target for 2025 is below 1%. "
        "It still has to fall by more than 0.5 points by 2025. The report itself expects 1.38%, short of the target.",
        "Chỉ số rate năm 2024 là 1,50% (ước thực hiện); chỉ tiêu của năm 2025 là dưới 1%. "
        "Đến năm 2025 còn phải giảm hơn 0,5 điểm phần trăm. Chính báo cáo dự báo 1,38%, không đạt chỉ tiêu.",
    ),
    "reached": (
        [figure("rate", "2024", "0,9%")],
        "Indicator rate came to 0.9% in 2024, better than the target of below 1% for 2025.",
        "Chỉ số rate năm 2024 là 0,9%, hoàn thành vượt chỉ tiêu dưới 1% của năm 2025.",
    ),
    "outlook enough": (
        [figure("rate", "2024", "1,50%"), figure("rate", "2025", "0,8%", "outlook", status="F")],
        "Indicator rate came to 1.50% in 2024; the target for 2025 is below 1%. "
        "It still has to fall by more than 0.5 points by 2025. The report itself expects 0.8%, which reaches the target.",
        "Chỉ số rate năm 2024 là 1,50%; chỉ tiêu của năm 2025 là dưới 1%. "
        "Đến năm 2025 còn phải giảm hơn 0,5 điểm phần trăm. Chính báo cáo dự báo 0,8%, đạt chỉ tiêu.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", LOWER_CASES)
def test_progress_downwards_in_words(town, case):
    rows, en, vi = LOWER_CASES[case]
    data = town(LOWER, [figure("rate", "2025", "01%", "target", qualifier="under"), *rows])
    assert said(data, "en") == en
    assert said(data, "vi") == vi


@pytest.mark.parametrize(
    ("total", "year", "en", "vi"),
    [
        (
            "600",
            "200",
            "That leaves 300 visits for 2025, 50.0% more than 2024 brought (200 visits). "
            "At the pace of the latest year the term ends at 800 visits, which misses the target by 100 visits.",
            "Còn lại 300 lượt khách cho năm 2025, cao hơn 50,0% so với năm 2024 (200 lượt khách). "
            "Với tốc độ của năm gần nhất, cuối nhiệm kỳ đạt 800 lượt khách, còn thiếu 100 lượt khách so với chỉ tiêu.",
        ),
        (
            "750",
            "200",
            "That leaves 150 visits for 2025, 25.0% less than 2024 brought (200 visits). "
            "At the pace of the latest year the term ends at 950 visits, which reaches the target.",
            "Còn lại 150 lượt khách cho năm 2025, thấp hơn 25,0% so với năm 2024 (200 lượt khách). "
            "Với tốc độ của năm gần nhất, cuối nhiệm kỳ đạt 950 lượt khách, hoàn thành chỉ tiêu.",
        ),
    ],
)
def test_totals_in_words(town, total, year, en, vi):
    catalogue = [indicator("x", unit="visit", accumulation="total", decimals="0")]
    data = town(
        catalogue,
        [figure("x", "2021/2025", "900", "target"), figure("x", "2021/2024", total), figure("x", "2024", year)],
    )
    assert said(data, "en").endswith(en)
    assert said(data, "vi").endswith(vi)


@pytest.mark.parametrize(
    ("rows", "en"),
    [
        (
            [figure("x", "2021/2023", "450")],
            "Indicator x came to 450 visits in 2021–2023, 50.0% of the target of 900 visits for 2021–2025. "
            "450 visits is still to come; each remaining year needs 225 visits, against 150 visits a year in 2021–2023 (+50.0%). "
            "At the pace of the latest year the term ends at 750 visits, which misses the target by 150 visits.",
        ),
        (
            [figure("x", "../2023", "450")],
            "Indicator x came to 450 visits up to 2023, 50.0% of the target of 900 visits for 2021–2025. "
            "450 visits is still to come; each remaining year needs 225 visits.",
        ),
    ],
)
def test_a_total_without_a_single_year_in_words(town, rows, en):
    catalogue = [indicator("x", unit="visit", accumulation="total", decimals="0")]
    assert said(town(catalogue, [figure("x", "2021/2025", "900", "target"), *rows]), "en") == en


def test_hundred_per_cent_is_said_only_of_what_is_all(town):
    rate = [indicator("x", unit="percent", nature="rate")]
    short = town(rate, [figure("x", "2025", "85%", "target"), figure("x", "2024", "84,8%")])
    assert "99.8% of the target" in said(short, "en")


def test_an_attainment_without_a_target_is_told_as_stated(town):
    data = town([indicator("x")], [figure("x", "2024", "182,6"), figure("x", "2024", "61%", "stated_attainment")])
    assert (
        said(data, "en")
        == "Indicator x came to 182.6 billion dong in 2024, 61% of the target as stated; the target itself is not printed."
    )


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            "Indicator x: the report states 61% of the target in 2024, but prints neither the figure nor the target.",
        ),
        ("vi", "Chỉ số x: báo cáo nêu năm 2024 đạt 61% chỉ tiêu, nhưng không nêu số thực hiện và chỉ tiêu."),
    ],
)
def test_an_attainment_without_figure_and_target_is_told_as_stated(town, language, told):
    rows = [figure("x", "2024", "61%", "stated_attainment"), figure("y", "2024", "5")]
    assert said(town([indicator("x"), indicator("y")], rows), language) == told


@pytest.mark.parametrize(
    ("now", "en", "vi"),
    [
        ("125", "25.0% more than the 100.0 billion dong a year in 2021–2023.", "cao hơn 25,0% so với mức 100,0 tỷ đồng một năm của giai đoạn 2021–2023."),
        ("80", "20.0% less than the 100.0 billion dong a year in 2021–2023.", "thấp hơn 20,0% so với mức 100,0 tỷ đồng một năm của giai đoạn 2021–2023."),
        ("100", "as much as a year in 2021–2023.", "bằng mức một năm của giai đoạn 2021–2023."),
    ],
)  # fmt: skip
def test_a_change_in_words(town, now, en, vi):
    data = town([indicator("x")], [figure("x", "2021/2023", "300"), figure("x", "2024", now)])
    frame = metrics.change(figures.series(data, "x"))
    assert sentences(labelled(frame, data, "en"))[0].endswith(en)
    assert sentences(labelled(frame, data, "vi"))[0].endswith(vi)


PER_VISIT = [
    indicator("revenue", accumulation="total"),
    indicator("visits", unit="visit", accumulation="total"),
    indicator(
        "each", unit="thousand_dong/visit", direction="", nature="rate", decimals="0", formula="revenue / visits"
    ),
]


@pytest.mark.parametrize(
    ("now", "en", "vi"),
    [
        ("4", "came to 2,000 thousand dong per visit in the second half of 2024, 100.0% more than the 1,000 thousand dong per visit in the first half of 2024.", "6 tháng cuối năm 2024 là 2.000 nghìn đồng/lượt khách, cao hơn 100,0% so với mức 1.000 nghìn đồng/lượt khách 6 tháng đầu năm 2024."),
        ("1", "came to 500 thousand dong per visit in the second half of 2024, 50.0% less than the 1,000 thousand dong per visit in the first half of 2024.", "thấp hơn 50,0% so với mức 1.000 nghìn đồng/lượt khách 6 tháng đầu năm 2024."),
        ("2", "came to 1,000 thousand dong per visit in the second half of 2024, and to the same in the first half of 2024.", "bằng mức 6 tháng đầu năm 2024."),
    ],
)  # fmt: skip
def test_a_change_between_two_periods_in_words(town, now, en, vi):
    rows = [
        figure("visits", "2024-S1", "2.000"),
        figure("visits", "2024-S2", "2.000"),
        figure("revenue", "2024-S1", "2"),
    ]
    data = town(PER_VISIT, [*rows, figure("revenue", "2024-S2", now)])
    frame = metrics.change(figures.series(data, "each", by="half"))
    assert sentences(labelled(frame, data, "en"))[0].endswith(en)
    assert sentences(labelled(frame, data, "vi"))[0].endswith(vi)


SCHOOLS = [
    indicator("schools", unit="school", nature="stock", decimals="0"),
    indicator("good", unit="school", nature="stock", decimals="0", share_of="schools"),
    indicator("safe", unit="school", nature="stock", decimals="0", share_of="schools"),
]


def test_shares_in_words(town):
    rows = [figure("schools", "2024", "28"), figure("good", "2024", "28", status="E"), figure("safe", "2024", "19")]
    data = town(SCHOOLS, rows)
    frame = figures.shares(data, ["good", "safe"])
    assert sentences(labelled(frame, data, "en")) == [
        "In full, 28 of 28 schools (estimated): Indicator good.",
        "Indicator safe: 19 of 28 schools, 67.9%.",
    ]
    assert sentences(labelled(frame, data, "vi")) == [
        "Đạt đủ 28/28 trường (ước thực hiện): Chỉ số good.",
        "Chỉ số safe: 19/28 trường, bằng 67,9%.",
    ]
    both = town(SCHOOLS, [rows[0], figure("good", "2024", "28"), figure("safe", "2024", "28")])
    assert sentences(labelled(figures.shares(both, ["good", "safe"]), both, "en")) == [
        "In full, 28 of 28 schools: Indicator good; Indicator safe."
    ]


def test_wholes_of_other_units_are_told_apart(town):
    catalogue = [*SCHOOLS, indicator("people", unit="person", nature="stock", decimals="0")]
    catalogue.append(indicator("fit", unit="person", nature="stock", decimals="0", share_of="people"))
    data = town(catalogue, [figure(code, "2024", "28") for code in ("schools", "good", "people", "fit")])
    assert sentences(labelled(figures.shares(data, ["good", "fit"]), data, "en")) == [
        "In full, 28 of 28 schools: Indicator good.",
        "In full, 28 of 28 people: Indicator fit.",
    ]


POOR = [*LOWER, indicator("poor", unit="household", direction="lower", nature="stock", decimals="0")]
GOOD = [
    indicator("rate", unit="percent", nature="rate", decimals="1"),
    indicator("poor", unit="household", nature="stock", decimals="0"),
]
COUNTS = {
    "short, with an outlook": (
        POOR,
        [figure("rate", "2024", "1,50%"), figure("poor", "2024", "195"), figure("poor", "2025", "182", "outlook")],
        ("01%", "under"),
        "Indicator poor: 195 households (1.50%) in 2024, so the target of below 1% for 2025 means fewer than about "
        "130 households, a fall of more than 65 households. The report expects 182 households, a fall of 13 households.",
        "Chỉ số poor năm 2024: 195 hộ (1,50%), nên chỉ tiêu dưới 1% của năm 2025 tương ứng với dưới khoảng 130 hộ, "
        "tức là phải giảm hơn 65 hộ. Báo cáo dự báo 182 hộ, giảm 13 hộ.",
    ),
    "reached": (
        POOR,
        [figure("rate", "2024", "0,50%"), figure("poor", "2024", "65"), figure("poor", "2025", "65", "outlook")],
        ("01%", "under"),
        "Indicator poor: 65 households (0.50%) in 2024; the target of below 1% for 2025 means fewer than about "
        "130 households and is reached. The report expects 65 households, no change.",
        "Chỉ số poor năm 2024: 65 hộ (0,50%); chỉ tiêu dưới 1% của năm 2025 tương ứng với dưới khoảng 130 hộ và đã đạt. "
        "Báo cáo dự báo 65 hộ, không thay đổi.",
    ),
    "a rise": (
        GOOD,
        [figure("rate", "2024", "80,0%"), figure("poor", "2024", "8.000"), figure("poor", "2025", "8.500", "outlook")],
        ("90%", ""),
        # 80.0% is known to a tenth of a point: 9,000 to within some ten, so tens are not told apart.
        "Indicator poor: 8,000 households (80.0%) in 2024, so the target of 90% for 2025 means about 9,000 households, "
        "a rise of 1,000 households. The report expects 8,500 households, a rise of 500 households.",
        "Chỉ số poor năm 2024: 8.000 hộ (80,0%), nên chỉ tiêu 90% của năm 2025 tương ứng với khoảng 9.000 hộ, "
        "tức là phải tăng 1.000 hộ. Báo cáo dự báo 8.500 hộ, tăng 500 hộ.",
    ),
}


@pytest.mark.parametrize("case", COUNTS)
def test_a_target_in_numbers_in_words(town, case):
    catalogue, rows, (goal, qualifier), en, vi = COUNTS[case]
    data = town(catalogue, [figure("rate", "2025", goal, "target", qualifier=qualifier), *rows])
    frame = metrics.as_count(data, "rate", "poor")
    assert " ".join(sentences(labelled(frame, data, "en"))) == en
    assert " ".join(sentences(labelled(frame, data, "vi"))) == vi


def test_several_targets_at_once_are_told_by_how_they_stand(town):
    catalogue = [indicator(code) for code in "abcd"]
    goals = [figure(code, "2025", "100", "target") for code in "abcd"]
    rows = [figure("a", "2024", "90"), figure("a", "2025", "95", "outlook"), figure("b", "2024", "110")]
    data = town(catalogue, [*goals, *rows, figure("c", "2024", "120"), figure("d", "2024", "99")])
    frame = labelled(metrics.progress(data), data, "en")
    assert standings(frame) == [
        "Exceeded: Indicator b (110 billion dong; target: 100 billion dong); "
        "Indicator c (120 billion dong; target: 100 billion dong).",
        "Behind: Indicator a (90 billion dong; target: 100 billion dong).",
    ]
    assert standings(frame.iloc[:1]) == []
    assert standings(labelled(metrics.progress(data, 0, ["d"]), data, "en")) == []
    assert standings(labelled(figures.latest(data, ["a", "b"]), data, "en")) == []


@pytest.mark.parametrize(
    ("qualifier", "said"),
    [("over", "more than 21.9"), ("under", "less than 22"), ("nearly", "nearly 22"), ("about", "about 22.0"), ("", "22.0")],
)  # fmt: skip
def test_a_bound_is_cut_so_that_it_stays_true(qualifier, said):
    row = {"value": 21.959, "unit": "one", "decimals": 1, "qualifier": qualifier}
    assert qualified(row, "value", Words("en")) == said


def test_a_computed_figure_shows_its_working(town):
    data = town(PER_VISIT, [figure("revenue", "2024", "3,5", qualifier="over"), figure("visits", "2024", "9.644")])
    frame = labelled(figures.computed(data, "each"), data, "en")
    assert frame["working"].tolist() == ["more than 3.5 billion dong ÷ 9,644 visits"]
    assert sentences(frame) == ["Indicator each, in 2024: more than 362 thousand dong per visit."]
    frame = labelled(figures.computed(data, "each"), data, "vi")
    assert frame["working"].tolist() == ["hơn 3,5 tỷ đồng ÷ 9.644 lượt khách"]


def test_the_working_names_the_figure_of_a_category(town):
    catalogue = [
        indicator("people", unit="person", nature="stock"),
        indicator("share", unit="percent", nature="rate", formula="people[a] / people"),
    ]
    data = town(catalogue, [figure("people", "2024", "200"), part("people", "2024", "50", "a")])
    assert labelled(figures.computed(data, "share"), data, "en")["working"].tolist() == ["50 people ÷ 200 people"]


@pytest.mark.parametrize(
    ("more", "en", "vi"),
    [
        ({"printed": "1,50%"}, "1.50%", "1,50%"),
        ({"printed": "01%", "measure": "target", "qualifier": "under"}, "below 1%", "dưới 1%"),
        ({"printed": "01%", "qualifier": "under"}, "less than 1%", "dưới 1%"),
        ({"printed": "9,5%-10%", "measure": "target"}, "9.5% to 10.0%", "9,5% đến 10,0%"),
        ({"printed": "139%", "measure": "stated_attainment"}, "139%", "139%"),
    ],
)
def test_a_figure_is_written_as_it_is_printed(town, more, en, vi):
    data = town(LOWER, [figure("rate", "2024", **more)])
    assert (as_printed(data, 0, Words("en")), as_printed(data, 0, Words("vi"))) == (en, vi)


def test_a_figure_keeps_its_printed_unit(town):
    wrong = {"unit": "dong", "flag": "implausible", "qualifier": "over", "note": "Too little."}
    data = town([indicator("x", unit="million_dong")], [figure("x", "2024", "2.000", **wrong)])
    assert explained(audit(data), data, "en")["message"].tolist() == [
        "Indicator x, in 2024: more than 2,000 dong is printed, which cannot be right; it is used nowhere."
    ]


def test_what_is_outside_the_possible_and_not_flagged_is_not_said_to_be_left_out(town):
    data = town([indicator("x", unit="percent", nature="rate", maximum="100")], [figure("x", "2024", "120%")])
    assert explained(audit(data), data, "en")["message"].tolist() == [
        "Indicator x, in 2024: 120% is printed, which is outside what is possible."
    ]
    assert explained(audit(data), data, "vi")["message"].tolist() == [
        "Chỉ số x, năm 2024: báo cáo nêu 120%, nằm ngoài phạm vi có thể có."
    ]


def test_parts_and_values_in_words(town):
    data = town(
        [indicator("x")],
        [figure("x", "2024", "200", qualifier="over"), part("x", "2024", "150", "b"), part("x", "2024", "40", "a")],
    )
    parts, values = figures.parts(data, "x", "kind"), figures.latest(data, ["x"])
    assert sentences(labelled(parts, data, "en")) == ["Largest part: Part b, 150 billion dong, 75.0% of the whole."]
    assert sentences(labelled(parts, data, "vi")) == ["Phần lớn nhất: Phần b, 150 tỷ đồng, bằng 75,0% tổng số."]
    assert sentences(labelled(values, data, "en")) == ["Indicator x, in 2024: more than 200 billion dong."]
    assert sentences(labelled(values, data, "vi")) == ["Chỉ số x năm 2024 là hơn 200 tỷ đồng."]


def test_nothing_is_said_to_be_nothing(town):
    data = town([indicator("x")], [figure("x", "2024", "1")])
    assert sentences(labelled(metrics.progress(data), data, "en")) == ["No figures are printed for this."]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (lambda data: metrics.change(figures.series(data, "x")), "X: no two periods are printed that can be compared."),
        (lambda data: figures.shares(data, ["good"]), "X: part and whole are not printed for one period."),
        (
            lambda data: metrics.as_count(data, "rate", "x"),
            "X: what the target means in numbers does not follow from what is printed.",
        ),
        (lambda data: figures.computed(data, "each"), "X: it cannot be computed from what is printed."),
        (lambda data: figures.latest(data, ["good"]), "X: no figures are printed up to 2024."),
    ],
)
def test_an_empty_frame_says_what_is_missing(town, frame, said):
    data = town([indicator("x"), *SCHOOLS, *LOWER, *PER_VISIT], [figure("x", "2024", "1")])
    assert nothing(labelled(frame(data), data, "en"), Words("en"), ["X"], 2024) == said


FINDINGS = {
    "61%": "Indicator x, in 2024: 61% is printed and agrees with the other figures.",
    "60,8%": "Indicator x, in 2024: 60.8% is printed, 60.87% follows; the difference is one of rounding.",
    "62%": "Indicator x, in 2024: 62% is printed, but 60.9% follows from the other figures; one of them is wrong. "
    "62% would fit a target of 293 billion dong to 296 billion dong.",
}


@pytest.mark.parametrize("stated", FINDINGS)
def test_a_finding_is_one_neutral_sentence(town, stated):
    data = town(
        [indicator("x")], [GOAL, figure("x", "2024", "182,6"), figure("x", "2024", stated, "stated_attainment")]
    )
    assert explained(audit(data), data, "en")["message"].tolist() == [FINDINGS[stated]]


def test_a_finding_without_an_answer_says_why(town):
    data = town([indicator("x")], [figure("x", "2024", "182,6"), figure("x", "2024", "62%", "stated_plan_attainment")])
    assert (
        explained(audit(data), data, "en")["message"]
        .item()
        .endswith(
            "62% cannot be checked: the plan that it is measured against is not printed. "
            "62% would fit a plan of 293 billion dong to 296 billion dong."
        )
    )
    assert (
        explained(audit(data), data, "vi")["message"]
        .item()
        .endswith("62% ứng với kế hoạch 293 tỷ đồng đến 296 tỷ đồng.")
    )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_names_of_the_shipped_data_need_no_code(lai_chau, language):
    for frame in (metrics.progress(lai_chau), audit(lai_chau)):
        shown = labelled(frame, lai_chau, language)
        assert (shown["name"].str[0].str.isupper()).all()
        assert not shown["name"].str.contains("_").any()
