"""Towns of a province side by side: who stands where, what is not there, and what does not add up."""

import re

import numpy as np
import pytest

import laichau_analysis as la
from laichau_analysis import charts
from laichau_analysis.audit import audit
from laichau_analysis.tables import table
from laichau_analysis.towns import accounts, compared, standing
from tests.towns import TABLE_ROWS, figure, indicator, part, write_town

RATE = indicator("rate", "percent", "lower", "rate", maximum="100")
SIZE = indicator("size")


def province(folder, told, catalogue=(RATE, SIZE), silent=("e",)):
    """A province with towns; each but some has a report with figures of its own."""
    towns = [*told, *silent]
    areas = [("p", "", "province"), *((town, "p", "town") for town in towns), ("c", towns[0], "commune")]
    sources = ["on-p", *(f"on-{town}" for town in told)]
    rows = [figure("size", "2024", "99", area="p", source="on-p")]
    for town, figures in told.items():
        rows.append(figure("size", "2024", "1", area=town, source=f"on-{town}", locator="III"))
        rows += [row | {"area": town, "source": f"on-{town}"} for row in figures]
    return write_town(
        folder / "province",
        list(catalogue),
        rows,
        areas=[
            {"area": code, "parent": parent, "level": level, "name_vi": f"Nơi {code}", "name_en": f"Town {code}"}
            for code, parent, level in areas
        ],
        sources=[TABLE_ROWS["sources"][0] | {"source": key} for key in sources],
        locators=[place | {"source": key} for key in sources for place in TABLE_ROWS["locators"]],
    )


def opened(folder, language="en", year=0):
    shown = []
    report = la.open_report(str(folder), year, language, below=True)
    return report.anew(display=shown.append), shown


@pytest.fixture
def four(tmp_path):
    told = {
        "a": [figure("rate", "2024", "1,5%")],
        "b": [figure("rate", "2024", "1,2%")],
        "d": [figure("rate", "2024", "1,2%"), figure("rate", "2023", "4%")],
        "f": [figure("rate", "2023", "1%")],
    }
    return province(tmp_path, told)


def test_the_areas_right_below_are_compared_also_those_without_a_report(four):
    data = la.load(str(four), "", below=True)
    assert compared(data) == ["a", "b", "d", "f", "e"]


def test_an_area_with_nothing_below_it_has_nothing_to_compare(lai_chau):
    assert compared(lai_chau) == []
    report, shown = opened("lai-chau")
    frames = (report.towns("poor_household_rate"), report.targets_of_towns(), report.accounts_of_towns())
    said = "No area right below Lai Châu City has a report of its own: there is nothing to compare."
    assert [(len(frame), frame.attrs["told"]) for frame in frames] == [(0, [said])] * 3
    report.headline(frames[0])
    report.show(frames[1])
    assert [item.text for item in shown[1:]] == [said, said]


def test_each_area_has_a_row_and_what_is_not_there_says_why(four):
    report, _ = opened(four)
    frame = report.towns("rate").set_index("area")
    assert frame["silent"].to_dict() == {"a": "", "b": "", "d": "", "f": "figure", "e": "report"}
    assert frame["period"].unique().tolist() == ["2024"]
    assert frame.loc[["a", "b", "d"], "value"].tolist() == [1.5, 1.2, 1.2]
    assert frame.loc[["f", "e"], "value"].isna().all()
    (label,) = frame.loc["a", "evidence"]
    assert report.data.records[label]["source"] == "on-a"


def test_areas_that_rounding_does_not_tell_apart_share_their_places(four):
    report, _ = opened(four)
    places = report.towns("rate").set_index("area")[["rank_first", "rank_last"]]
    assert places.loc[["b", "d", "a"]].to_numpy().tolist() == [[1, 2], [1, 2], [3, 3]]
    assert places.loc[["f", "e"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (["1%", "2%", "3%"], [(1, 1), (2, 2), (3, 3)]),
        # 1% stands for 0.5 to 1.5, which 1.2% may be better or worse than.
        (["1%", "1,2%", "3%"], [(1, 2), (1, 2), (3, 3)]),
        (["1%", "1%", "1%"], [(1, 3), (1, 3), (1, 3)]),
    ],
)
def test_places_follow_from_all_that_a_figure_can_stand_for(tmp_path, printed, expected):
    told = {town: [figure("rate", "2024", token)] for town, token in zip("abd", printed, strict=True)}
    report, _ = opened(province(tmp_path, told))
    found = report.towns("rate").set_index("area").loc[list("abd"), ["rank_first", "rank_last"]]
    assert [tuple(map(int, pair)) for pair in found.to_numpy()] == expected


def test_exact_numbers_that_are_the_same_share_a_place(tmp_path):
    children = indicator("children", "person", "lower", "rate")
    told = {town: [figure("children", "2024", token)] for town, token in zip("abdf", ["7", "7", "8", "9"], strict=True)}
    report, _ = opened(province(tmp_path, told, (children, SIZE)))
    found = report.towns("children").set_index("area")
    assert found.loc["a", "rank_first"] == found.loc["b", "rank_first"]
    assert found.loc["f", "rank_last"] == 4


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        (indicator("rate"), "Areas are not ranked: the figure depends on their size."),
        (indicator("rate", "percent", "", "rate"), "Areas are not ranked: neither way counts as good."),
    ],
)
def test_ranks_that_mean_nothing_are_not_there(tmp_path, own, sentence):
    told = {town: [figure("rate", "2024", token)] for town, token in zip("ab", ["1", "2"], strict=True)}
    report, _ = opened(province(tmp_path, told, (own, SIZE)))
    frame = report.towns("rate")
    assert frame[["rank_first", "rank_last"]].isna().all(axis=None)
    assert sentence in frame.attrs["told"]
    assert "Rank" not in table(frame).head
    assert frame["area"].tolist()[:2] == ["b", "a"], "the largest first"


def test_the_headline_tells_where_all_stand(four):
    report, _ = opened(four)
    assert report.towns("rate").attrs["told"] == [
        "Indicator rate, in 2024: from 1.2% (Town b) to 1.5% (Town a); the median of 3 areas is 1.2%.",
        "2 areas share the first place, since what is printed does not tell them apart: Town b; Town d.",
        "No report: Town e.",
        "A report, but no such figure in 2024: Town f.",
    ]
    report, _ = opened(four, "vi")
    assert report.towns("rate").attrs["told"][0] == (
        "Chỉ số rate, năm 2024: thấp nhất 1,2% (Nơi b), cao nhất 1,5% (Nơi a); trung vị của 3 địa phương là 1,2%."
    )


def test_the_regions_own_figure_stands_beside_them(four):
    report, _ = opened(four)
    assert "Town p itself: 99 billion dong." in report.towns("size").attrs["told"]


def test_nobody_has_a_figure(four):
    report, _ = opened(four, year=2023)
    frame = report.towns("size")
    assert set(frame["silent"]) == {"figure", "report"}
    assert frame["value"].isna().all()
    assert frame.attrs["told"] == [
        "No report: Town e.",
        "A report, but no such figure: Town a; Town b; Town d; Town f.",
    ]
    assert not charts.worth_drawing(charts.spread, frame)


def test_targets_are_counted_over_the_areas(tmp_path):
    told = {
        "a": [figure("rate", "2025", "2%", "target"), figure("rate", "2025", "1%")],
        "b": [figure("rate", "2025", "2%", "target"), figure("rate", "2025", "3%")],
        "d": [figure("rate", "2025", "2%", "target"), figure("rate", "2025", "4%")],
    }
    report, _ = opened(province(tmp_path, told))
    frame = report.targets_of_towns()
    (row,) = frame.to_dict("records")
    assert (row["indicator"], row["areas"], row["exceeded"], row["missed"]) == ("rate", 3, 1, 2)
    assert frame.attrs["told"] == [
        "1 targets of 4 areas: in 1 cases reached or on the way, in 2 behind or missed.",
        "Most areas fall behind with this one: Indicator rate (2 of 3).",
    ]
    assert table(frame).head == ("Target", "Areas", "Exceeded", "Missed")
    assert report.targets_of_towns("money").equals(frame)
    judged = report.towns("rate").set_index("area")["standing"]
    assert judged[["a", "b", "d"]].tolist() == ["exceeded", "missed", "missed"]


def test_reports_that_do_not_add_up_are_counted(tmp_path):
    right = [part("size", "2023", "1", "a"), part("size", "2023", "2", "b"), figure("size", "2023", "3")]
    wrong = [part("size", "2023", "1", "a"), part("size", "2023", "2", "b"), figure("size", "2023", "8")]
    place = province(tmp_path, {"a": right, "b": wrong, "d": []})
    data = la.load(str(place), "", below=True)
    findings = audit(data)
    frame = accounts(data, findings, "en")
    assert frame[["area", "wrong"]].to_numpy().tolist() == [["b", 1]]
    assert frame.attrs["told"] == ["1 of 3 reports hold figures that contradict others or cannot be right."]
    own = standing(data, "size", 2024, findings, "en").set_index("area")["wrong"]
    assert own[["a", "b", "d"]].tolist() == [0, 1, 0]
    assert np.isnan(own["e"])


def test_the_chart_names_a_few_and_draws_all_of_many(four):
    report, _ = opened(four)
    frame = report.towns("rate")
    few = charts.spread(frame)
    assert [label.get_text() for label in few.get_yticklabels()] == ["Town b", "Town d", "Town a"]
    assert charts.describe(charts.spread, frame) == (
        "Dot plot of the areas. Indicator rate (%). Town b, 2024: 1.2%; Town d, 2024: 1.2%; Town a, 2024: 1.5%."
    )
    many = frame.loc[[0] * 50].assign(value=range(50))
    many.attrs = frame.attrs
    band = charts.spread(many)
    assert len(band.collections[-1].get_offsets()) == 50
    assert band.get_yticklabels() == []


def test_figures_that_differ_little_have_an_axis_that_tells_them_apart(four):
    report, _ = opened(four)
    frame = report.towns("rate")
    close = frame[frame["silent"] == ""].assign(value=[1.35, 1.42, 1.62])
    close.attrs = frame.attrs
    drawn = charts.spread(close)
    drawn.get_figure().draw_without_rendering()
    labels = [label.get_text() for label in drawn.get_xticklabels()]
    assert len(set(labels)) == len(labels) > 2


def test_a_long_table_is_cut_and_the_chart_and_the_file_are_not(tmp_path, monkeypatch):
    told = {f"t{i}": [figure("rate", "2024", f"{i + 1}%")] for i in range(6)}
    monkeypatch.setattr("laichau_analysis.report.MANY_TOWNS", 4)
    report, shown = opened(province(tmp_path, told))
    report.show(report.towns("rate"), charts.spread)
    (exhibit,) = shown
    assert exhibit.title.endswith("by area; the first 4 of 7, all in the table as CSV")
    assert len(exhibit.table.rows) == 4
    assert len(charts.drawn(exhibit.frame)) == 6
    assert len(exhibit.csv.strip().splitlines()) == 8


def test_figures_of_many_documents_stand_in_one_table(tmp_path):
    told = {f"t{i}": [figure("rate", "2024", f"{i + 1}%")] for i in range(6)}
    report, shown = opened(province(tmp_path, told))
    report.show(report.towns("rate"))
    report.methods_and_sources()
    sources = shown[-1].html
    assert re.findall("<caption>(.*?)</caption>", sources) == ["Figures of 6 documents"]
    assert sources.count("<thead>") == 1
    assert re.findall(r'<td class="num"[^>]*>(.*?)</td>', sources) == [f"{i + 1}%" for i in range(6)]
    assert sources.count("<br>Report. Committee, July 2024.</th>") == 6


def test_where_only_counts_are_shown_the_sources_say_where_their_figures_are(four):
    report, shown = opened(four)
    report.show(report.targets_of_towns())
    report.methods_and_sources()
    assert shown[-1].html.endswith("each area&#x27;s own report lists its figures with their places.</p>")


def test_all_sentences_and_headings_are_translated(four):
    english, vietnamese = (opened(four, language)[0] for language in ("en", "vi"))
    for make in (lambda report: report.towns("rate"), lambda report: report.towns("size")):
        ours, theirs = make(english), make(vietnamese)
        assert not set(ours.attrs["told"]) & set(theirs.attrs["told"])
        assert not set(table(ours).head) & set(table(theirs).head)
