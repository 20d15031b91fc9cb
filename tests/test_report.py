import csv
import io
import re

import pytest

from laichau_analysis import charts, open_report
from laichau_analysis.errors import MissingDataError, UnknownNameError, UsageError
from laichau_analysis.look import MARKER
from tests.towns import TABLE_ROWS, describe, figure, indicator, write_town

SECTORS = [*TABLE_ROWS["sectors"], {"sector": "land", "name_vi": "Đất", "name_en": "Land"}]


@pytest.fixture
def shown(monkeypatch):
    """What a report displays, as bundles."""
    bundles = []
    monkeypatch.setattr("IPython.display.display", lambda item: bundles.append(item._repr_mimebundle_()))
    return bundles


@pytest.fixture
def report(tmp_path, shown):
    catalogue = [
        indicator("revenue"),
        indicator("empty"),
        indicator("balance", formula="revenue - revenue"),
        indicator("fields") | {"sector": "land"},
    ]
    figures = [
        figure("revenue", "2024", "182,6", status="E"),
        figure("revenue", "2021/2024", "622,3", locator="II"),
        figure("revenue", "2025", "300", "target", flag="mislabelled", unit="person", note="Per person."),
        figure("revenue", "2025", "185", "aim", locator="III"),
        figure("revenue", "2024", "60,8%", "stated_attainment", locator="II"),
        figure("fields", "2024", "5"),
    ]
    folder = write_town(tmp_path / "town", catalogue, figures, sectors=SECTORS)
    return lambda language="en", year=0: open_report(str(folder), year, language, sectors=["money"])


def texts(shown, kind="text/plain"):
    return [bundle[kind] for bundle in shown]


def test_the_headline_answers_first(report, shown):
    one = report()
    one.headline(one.progress("revenue"))
    kicker, headline = texts(shown)
    assert kicker == "Invented town · estimates to the end of 2024"
    assert headline.startswith("Indicator revenue came to 182.6 billion dong (estimated) in 2024, 60.9% of the target")


def test_key_figures_are_cards(report, shown):
    one = report("vi")
    one.key_figures(one.progress("revenue"), one.latest("revenue"))
    assert texts(shown) == [
        "Chỉ số revenue, 2024: 182,6 tỷ đồng (ước thực hiện, ghi sai đơn vị hoặc gốc so sánh); "
        "Chỉ tiêu 2025: 300 tỷ đồng; Mức tăng cần đạt mỗi năm: +64,3%; "
        "Chỉ số revenue: 622,3 tỷ đồng"
    ]
    html = texts(shown, "text/html")[0]
    assert html.count('class="key-figure"') == 4
    assert '<span class="compare">tự phấn đấu: 185 tỷ đồng</span>' in html
    assert '<span class="state">chậm tiến độ</span>' in html
    assert 'href="#src-report-I-' in html
    assert "[e] báo cáo ước thực hiện" in html
    assert shown[0][MARKER]["card"].startswith("Chỉ số revenue, 2024: 182,6 tỷ đồng (ước thực hiện")


def test_a_code_without_figures_says_so(report, shown):
    one = report()
    one.show(one.progress("empty"), charts.bullet)
    one.say(one.latest("empty"))
    assert texts(shown) == ["Indicator empty: no figures are printed up to 2024."] * 2


def test_reading_another_sector_is_an_error(report):
    message = "indicator 'fields' belongs to the sector 'land', but this report declares: money"
    with pytest.raises(UsageError, match=message):
        report().latest("fields")
    with pytest.raises(UnknownNameError, match=r"unknown indicator 'revenu'.*did you mean 'revenue'"):
        report().progress("revenu")


def test_findings_put_the_wrong_ones_first(report, shown):
    one = report()
    one.show(one.progress("revenue"))
    one.findings()
    lines = texts(shown)[-1].splitlines()
    assert lines[0] == (
        "3 statements of the report about its own figures were checked. 1 of them agrees. 1 is wrong or contradicts another. 1 differs by rounding."
    )
    assert lines[1] == "Wrong or contradicting another"
    assert lines[2].startswith("Indicator revenue: the report aims for 185 billion dong in 2025, short of the target")
    assert lines[3] == "Differences of rounding"
    assert lines[4].startswith("Indicator revenue, in 2024: 60.8% is printed, 60.87% follows;")
    assert lines[5] == "Printed with a unit or base that does not fit"
    html = texts(shown, "text/html")[-1]
    assert re.findall(r'<b class="verdict">([^<]+)</b>', html) == ["Disagrees.", "Rounding.", "Mislabelled."]
    assert "300 is printed with the unit people; it is used as billion dong." in html


def test_what_was_not_known_by_the_end_of_a_year_is_not_told(tmp_path, shown):
    catalogue = [indicator("revenue")]
    rows = [
        figure("revenue", "2022", "150"),
        figure("revenue", "2025", "300", "target"),
        figure("revenue", "2025", "185", "aim"),
    ]
    folder = write_town(tmp_path / "town", catalogue, rows)
    open_report(str(folder), 2022, "en").findings()
    assert texts(shown) == ["Nothing was found to check."]


def test_only_what_was_shown_is_explained_and_sourced(report, shown):
    one = report()
    one.show(one.latest("revenue"))
    one.methods_and_sources()
    html = texts(shown, "text/html")[-1]
    assert re.findall(r'id="src-report-(\w+)-\d+"', html) == ["II"]
    rows = list(csv.DictReader(io.StringIO(shown[-1][MARKER]["csv"].removeprefix("\ufeff"))))
    assert [(row["printed"], row["unit"], row["locator"]) for row in rows] == [("622,3", "billion_dong", "II")]
    assert "Attainment" not in html
    one.show(one.progress("revenue"), charts.bullet)
    one.say(one.computed("balance"))
    one.methods_and_sources()
    html = texts(shown, "text/html")[-1]
    assert set(re.findall(r'id="src-report-(\w+)-\d+"', html)) == {"I", "II", "III"}
    assert "<dt>Attainment</dt>" in html
    assert "<dt>[e]</dt><dd>estimated by the report</dd>" in html
    assert "<dt>Indicator balance</dt><dd>“Indicator revenue” − “Indicator revenue”</dd>" in html


def test_every_link_of_a_report_leads_to_a_source(report, shown):
    one = report()
    one.show(one.path("revenue"), charts.path)
    one.findings()
    one.methods_and_sources()
    html = "".join(texts(shown, "text/html"))
    links, places = set(re.findall(r'href="#([^"]+)"', html)), set(re.findall(r'id="([^"]+)"', html))
    assert links
    assert links <= places


def test_a_year_before_every_figure_is_refused(report):
    with pytest.raises(MissingDataError, match="no figures up to the year 2020 in data set town; there are: 2024"):
        report(year=2020)


def test_a_metric_on_a_figure_that_is_printed_otherwise_elsewhere_bears_a_mark(tmp_path, shown):
    rows = [
        figure("revenue", "2024", "182,6", locator="I"),
        figure("revenue", "2024", "190", locator="II"),
        figure("revenue", "2025", "300", "target"),
        figure("fees", "2024", "5"),
    ]
    folder = write_town(tmp_path / "town", [indicator("revenue"), indicator("fees")], rows)
    one = open_report(str(folder), 0, "en")
    assert one.progress("revenue")["flag"].tolist() == ["contradicted"]
    one.show(one.latest("revenue", "fees"))
    one.methods_and_sources()
    assert texts(shown, "text/html")[0].count('<span class="mark">[d]</span>') == 1
    assert "<dt>[d]</dt><dd>printed otherwise in another place</dd>" in texts(shown, "text/html")[1]


def test_several_targets_are_headed_by_how_they_stand(tmp_path, shown):
    catalogue = [indicator(code) for code in "abcdef"]
    goals = [figure(code, "2025", "100", "target") for code in "abcdef"]
    rows = [
        figure(code, "2024", printed)
        for code, printed in zip("abcde", ["110", "120", "100", "130", "140"], strict=True)
    ]
    one = open_report(str(write_town(tmp_path / "town", catalogue, [*goals, *rows])), 0, "en")
    one.headline(one.progress())
    assert texts(shown)[1] == "Of 6 targets: 4 exceeded, 1 met, 1 not assessed."
    one.headline(one.progress("a", "b"))
    assert texts(shown)[3].startswith("Exceeded: Indicator a (110 billion dong; target: 100 billion dong);")
    one.key_figures(one.progress("a", "b"))
    assert texts(shown)[4] == "Indicator a, 2024: 110 billion dong; Indicator b, 2024: 120 billion dong"


@pytest.mark.parametrize(
    ("code", "status", "kicker"),
    [
        ("2024", "E", "estimates to the end of 2024"),
        ("2024", "A", "figures to the end of 2024"),
        ("../2024-06", "A", "figures to June 2024"),
        ("2024-S1", "A", "figures to June 2024"),
    ],
)
def test_a_report_says_up_to_when_its_figures_reach(tmp_path, shown, code, status, kicker):
    folder = write_town(tmp_path / "town", [indicator("x")], [figure("x", code, "5", status=status)])
    one = open_report(str(folder), 0, "en")
    one.headline(one.latest("x"))
    assert texts(shown)[0] == f"Invented town · {kicker}"


@pytest.fixture
def checked(tmp_path, shown):
    """A report of two sectors, one wrong figure in each, and a review of the first."""
    catalogue = [indicator("revenue"), indicator("fields") | {"sector": "land"}]
    rows = []
    for code in ("revenue", "fields"):
        rows += [figure(code, "2024", "50"), figure(code, "2025", "100", "target")]
        rows += [figure(code, "2024", "60%", "stated_attainment"), figure(code, "2024", "50%", "stated_share")]
    finding = "attainment|revenue|stated_attainment|town|2024||I"
    review = {"finding": finding, "verdict": "confirmed", "date": "2024-08-01", "reason": "A <misprint>."}
    return open_report(str(write_town(tmp_path / "town", catalogue, rows, sectors=SECTORS, reviews=[review])), 0, "en")


def test_the_ledger_counts_findings_by_sector(checked, shown):
    ledger = checked.ledger()
    columns = ["sector", "checked", "wrong", "open", "agrees"]
    assert ledger[columns].values.tolist() == [["money", 2, 1, 1, 0], ["land", 2, 1, 1, 0]]
    checked.say(ledger)
    assert texts(shown) == [
        "4 statements of the report about its own figures were checked. 0 of them agree. "
        "2 are wrong or contradict another. 2 cannot be decided."
    ]
    checked.show(ledger)
    assert texts(shown)[1] == "What was checked, by sector\nMoney  2  1  1  0  0\nLand  2  1  1  0  0"


def test_findings_can_be_told_for_some_sectors_only(checked, shown):
    checked.findings("land")
    assert "Indicator fields, in 2024: 60% is printed, but 50% follows" in texts(shown)[0]
    assert "Indicator revenue" not in texts(shown)[0]
    assert texts(shown)[0].startswith("2 statements")


def test_a_review_is_told_beside_its_finding_as_text(checked, shown):
    checked.findings()
    assert "one of them is wrong. 60% would fit a target of 82 billion dong to 84 billion dong. " in texts(shown)[0]
    assert "Reviewed on 1 August 2024: confirmed. A <misprint>." in texts(shown)[0]
    assert "A &lt;misprint&gt;." in texts(shown, "text/html")[0]


def test_a_computed_figure_is_that_of_the_whole_at_the_longest_period(tmp_path, shown):
    from tests.towns import part

    catalogue = [
        indicator("people", unit="person"),
        indicator("times", unit="visit"),
        indicator("each", unit="person/visit", nature="rate", formula="people / times"),
    ]
    rows = [
        *(figure("people", "2021/2024", "201"), figure("times", "2021/2024", "186")),
        *(figure("people", "2024", "29"), figure("times", "2024", "29")),
        *(part("people", "2021/2024", "96", "a"), part("times", "2021/2024", "92", "a")),
    ]
    one = open_report(str(write_town(tmp_path / "town", catalogue, rows)), 0, "en")
    assert one.computed("each")[["period", "category"]].values.tolist() == [["2021/2024", ""]]


def test_what_is_missing_beside_other_figures_is_said(tmp_path, shown):
    catalogue = [indicator("a"), indicator("b"), indicator("c", formula="b * 2"), indicator("d", formula="a * 2")]
    folder = write_town(tmp_path / "town", catalogue, [figure("a", "2024", "5"), figure("a", "2023", "4")])
    one = open_report(str(folder), 0, "en")
    one.say(one.latest("a", "b"))
    one.say(one.computed("c", "d"))
    one.say(one.change("a", "b"))
    assert texts(shown) == [
        "Indicator a, in 2024: 5 billion dong. Indicator b: no figures are printed up to 2024.",
        "Indicator d, in 2024: 10 billion dong. Indicator c: it cannot be computed from what is printed.",
        "Indicator a came to 5.0 billion dong in 2024, 25.0% more than the 4.0 billion dong in 2023. "
        "Indicator b: no two periods are printed that can be compared.",
    ]
    one.say(one.latest("a").iloc[:0])
    assert texts(shown)[-1] == "None."


# --- two editions --------------------------------------------------------------------------------


@pytest.fixture
def compared(tmp_path, shown):
    """A report on a town whose earlier edition said less, of the same document and the one before."""
    earlier = {"source": "first", "title_vi": "Báo cáo cũ", "title_en": "First report", "date": "2024-01"}
    sources = [TABLE_ROWS["sources"][0] | earlier]
    places = [row | {"source": "first"} for row in TABLE_ROWS["locators"]]
    catalogue = [indicator("revenue"), indicator("fees")]
    goals = [figure(code, "2025", "300", "target") for code in ("revenue", "fees")]
    old = [*goals, figure("revenue", "2024", "182,6", status="E"), figure("fees", "2024", "5", locator="II")]
    old = [row | {"source": "first"} for row in old]
    new = [*goals, figure("revenue", "2024", "310", locator="III"), figure("fees", "2023", "4")]
    write_town(tmp_path / "before", catalogue, old, sources=sources, locators=places)
    folder = write_town(tmp_path / "town", catalogue, new)
    return lambda language="en": open_report(str(folder), 0, language, earlier=str(tmp_path / "before"))


def test_a_report_without_an_earlier_edition_has_no_changes(report):
    with pytest.raises(UsageError, match=r"no earlier edition.*open_report\(\.\.\., earlier=NAME\)"):
        report().changes()


def test_the_headline_says_what_is_compared_with_what(compared, shown):
    one = compared()
    changes = one.changes()
    one.headline(changes.summary.head(1), changes.assessments)
    kicker, headline = texts(shown)
    assert kicker == "Invented town · figures to the end of 2024 · compared with: estimates to the end of 2024"
    assert headline == (
        "Of the earlier edition's 2 figures: 1 revised, 1 gone. New: 1. "
        "Indicator revenue: exceeded now, behind in the earlier edition; attainment 103%, before 60.9%."
    )


def test_an_edition_of_another_name_is_named(tmp_path, shown):
    for name in ("before", "town"):
        write_town(tmp_path / name, [indicator("x")], [figure("x", "2024", "5")])
    describe(tmp_path / "before", title="Nhiệm kỳ trước", title_en="Term before")
    one = open_report(str(tmp_path / "town"), 0, "vi", earlier=str(tmp_path / "before"))
    one.headline(one.changes().summary.head(1))
    assert (
        texts(shown)[0]
        == "Thị trấn bịa · số liệu đến hết năm 2024 · so với bản trước: Nhiệm kỳ trước, số liệu đến hết năm 2024"
    )


def test_counts_of_changes_are_cards(compared, shown):
    one = compared("vi")
    one.key_figures(one.changes().summary.iloc[[0, 3]])
    assert texts(shown) == ["Số liệu được điều chỉnh: 1; Chỉ tiêu được đánh giá khác: 1"]
    assert '<span class="compare">trong 2 của bản trước; 1 mới, 1 không còn</span>' in texts(shown, "text/html")[0]


def test_each_figure_leads_to_its_place_in_its_edition(compared, shown):
    one = compared()
    one.show(one.changes().figures)
    one.methods_and_sources()
    exhibit, sources = texts(shown, "text/html")
    (revised,) = [row for row in re.findall(r"<tr>.*?</tr>", exhibit) if "revised" in row]
    links = re.findall(r'(earlier edition: )?<a href="#(src-[^"]+)"[^>]*>([^<]+)</a>', revised)
    assert [(edition, text) for edition, _, text in links] == [("", "III"), ("earlier edition: ", "I")]
    for (_, anchor, _), printed in zip(links, ("310", "182,6"), strict=True):
        (row,) = re.findall(rf'<tr id="{anchor}">.*?</tr>', sources)
        assert f'<td class="num" lang="vi">{printed}</td>' in row
    captions = re.findall(r"<caption>([^<]+)</caption>", sources)
    assert captions == ["Report. Committee, July 2024.", "Earlier edition: First report. Committee, January 2024."]
    assert "<b>I (earlier edition)</b> Part I" in sources
    assert "<dt>Editions</dt>" in sources
    assert "<dt>Still to go</dt>" not in sources
    file = list(csv.DictReader(io.StringIO(shown[1][MARKER]["csv"].removeprefix("\ufeff"))))
    assert {(row["edition"], row["source"]) for row in file} == {("", "report"), ("earlier edition", "first")}


def test_marks_of_both_editions_are_explained(compared, shown):
    one = compared()
    one.show(one.changes().assessments, charts.dumbbell)
    one.methods_and_sources()
    assert "[e] estimated by the report" in texts(shown, "text/html")[0]
    assert "<dt>[e]</dt>" in texts(shown, "text/html")[1]
    assert "<dt>Still to go</dt>" not in texts(shown, "text/html")[1]
    assert "<dt>Assessment</dt>" in texts(shown, "text/html")[1]


def test_what_became_of_a_subject_is_a_sentence_and_a_table(compared, shown):
    one = compared()
    changes = one.changes()
    one.what_changed(changes, "assessments", charts.dumbbell)
    one.what_changed(changes, "targets")
    one.what_changed(changes, "latest", charts.dumbbell)
    assert [text.splitlines()[0] for text in texts(shown)] == [
        "Of the earlier edition's 2 assessments by the end of 2024: 1 unchanged, 1 assessed otherwise.",
        "Attainment of the targets in both editions by the end of 2024",
        "Of the earlier edition's 2 targets: 2 unchanged (2 of them printed in another place).",
        "Both editions reach to the end of the same year.",
    ]
    assert "image/png" in shown[1]


def test_where_no_attainment_is_in_both_editions_there_is_no_chart(tmp_path, shown):
    goal = figure("x", "2025", "300", "target")
    write_town(tmp_path / "before", [indicator("x")], [figure("x", "2024", "100")])
    write_town(tmp_path / "town", [indicator("x")], [figure("x", "2024", "100"), goal])
    one = open_report(str(tmp_path / "town"), 0, "en", earlier=str(tmp_path / "before"))
    one.show(one.changes().assessments, charts.dumbbell)
    assert "image/png" not in shown[0]
    assert "Indicator x  –  33%" in texts(shown)[0]


def test_a_long_comparison_shows_its_beginning_and_files_all_of_it(tmp_path, shown):
    codes = [f"x{i}" for i in range(30)]
    catalogue = [indicator(code) for code in codes]
    for name, printed in (("before", "5"), ("town", "9")):
        write_town(tmp_path / name, catalogue, [figure(code, "2024", printed) for code in codes])
    one = open_report(str(tmp_path / "town"), 0, "en", earlier=str(tmp_path / "before"))
    one.show(one.changes().figures)
    assert texts(shown)[0].splitlines()[0] == "Figures that were revised; the first 25 of 30, all in the table as CSV"
    assert texts(shown, "text/html")[0].count("<tr><th") == 26
    file = list(csv.DictReader(io.StringIO(shown[0][MARKER]["csv"].removeprefix("\ufeff"))))
    assert len(file) == 30
    assert {(row["printed_before"], row["printed"], row["growth_percent"], row["locators"]) for row in file} == {
        ("5", "9", "80", "I; I (earlier edition)")
    }


def test_findings_that_came_and_went_are_listed_by_what_they_say_now(tmp_path, shown):
    base = [figure(code, "2025", "100", "target") for code in "xyz"] + [figure(code, "2024", "60") for code in "xyz"]
    right, wrong = (lambda code, said=said: figure(code, "2024", said, "stated_attainment") for said in ("60%", "70%"))
    write_town(tmp_path / "before", [indicator(code) for code in "xyz"], [*base, right("x"), wrong("y")])
    write_town(tmp_path / "town", [indicator(code) for code in "xyz"], [*base, wrong("x"), right("z")])
    one = open_report(str(tmp_path / "town"), 0, "en", earlier=str(tmp_path / "before"))
    one.findings_changed(one.changes())
    lines = texts(shown)[0].splitlines()
    assert lines[0] == "Of the earlier edition's 2 findings: 1 with another verdict, 1 gone. New: 1."
    assert lines[1] == "Findings with another verdict"
    assert lines[2].startswith("Indicator x, in 2024: 70% is printed, but 60% follows")
    assert lines[2].endswith("In the earlier edition: agrees.")
    assert lines[3] == "Findings that went"
    assert lines[4].startswith("Indicator y, in 2024: 70% is printed")
    assert len(lines) == 5  # what agrees is counted only
    html = texts(shown, "text/html")[0]
    assert re.findall(r'<b class="verdict">([^<]+)</b>', html) == ["Disagrees.", "Disagrees."]
    assert "earlier edition: <a href" in html.split("Findings that went")[1]
