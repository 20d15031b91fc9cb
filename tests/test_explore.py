"""The notebook ``explore`` on every indicator that ships, and on towns where figures are mirrored.

Its cells run in this process, on a report that is opened once.
"""

import functools
import re
from html import unescape

import pytest

from laichau_analysis import load
from laichau_analysis.dataset import LANGUAGES
from laichau_analysis.exhibits import Exhibit
from laichau_analysis.inquiry import TOPICS, WHAT_IF
from tests import languages
from tests.cells import compiled, said_of, shown_by
from tests.test_notebooks import BETTER, RANGES, SHORT, TARGETS, in_text, mirrored
from tests.towns import other_town

foreign = functools.cache(languages.foreign)
DATA = load()
SECTORS = {sector: list(rows.index) for sector, rows in DATA.indicators.groupby("sector", sort=False)}


@pytest.fixture
def explored(monkeypatch):
    """Run the notebook on an indicator and give back what it shows."""
    return lambda indicator, language, dataset="lai-chau": shown_by(
        monkeypatch, "explore", language, dataset=dataset, indicator=indicator
    )


def of_kind(shown, kind):
    return [item for item in shown if getattr(item, "kind", "exhibit") == kind]


def html(item):
    return item.html() if isinstance(item, Exhibit) else item.html


def plain(markup):
    return unescape(re.sub("<[^>]+>", " ", markup))


def every_indicator(test):
    """One test for each sector, so that several can run side by side."""
    return pytest.mark.parametrize("language", LANGUAGES)(pytest.mark.parametrize("sector", SECTORS)(test))


@every_indicator
def test_every_indicator_has_a_complete_and_honest_report(explored, sector, language):
    """Each indicator in one of the languages, by turns: the same code makes the sentences of both."""
    names = DATA.names("indicators", language)
    for indicator in SECTORS[sector][LANGUAGES.index(language) :: len(LANGUAGES)]:
        shown = explored(indicator, language)
        assert [item.kind for item in shown[:2]] == ["kicker", "headline"]
        assert names[indicator] in shown[1].text
        assert len(of_kind(shown, "findings")) == len(of_kind(shown, "sources")) == 1
        said = said_of(shown)
        assert not re.search(r"\bnan\b|\bNone\b(?! is wrong)|\{\w+\}|[a-z]_[a-z]", said), indicator
        check_sources(shown, indicator)
        check_charts(shown, indicator)
        check_language(shown, language, indicator)


def check_sources(shown, indicator):
    """Whatever holds a figure leads to where it stands, and what it leads to is on the page."""
    page = "".join(map(html, shown))
    places = re.findall(r'\bid="([^"]+)"', page)
    assert len(places) == len(set(places)), indicator
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(places), indicator
    pieces = [
        piece for item in of_kind(shown, "sentence") for piece in re.findall(r"<p.*?</p>|<li>.*?</li>", item.html)
    ]
    pieces += re.findall(r'<li class="(?:key-figure|finding)".*?</li>', page)
    for item in of_kind(shown, "exhibit"):
        rows = re.findall(r"<tr>.*?</tr>", item.html().partition("<tbody>")[2])
        assert len(rows) == len(item.table.rows) > 0, indicator
        pieces += [] if '<p class="source">' in item.html() else rows
    for piece in pieces:
        assert 'class="refs"' in piece or not re.search(r"\d", plain(piece)), (indicator, piece)


def check_charts(shown, indicator):
    """Each chart draws figures that can be seen, and says them in words."""
    for item in of_kind(shown, "exhibit"):
        if item.chart is None:
            continue
        ax = item.chart(item.frame)
        boxes = [bar.get_window_extent() for bar in ax.patches if bar.get_width() and bar.get_height()]
        drawn = [box for box in boxes if box.x0 == box.x0]  # what cannot be right has no length
        inside = ax.get_window_extent().padded(1)
        assert drawn, indicator
        assert all(inside.x0 <= box.x0 and box.x1 <= inside.x1 for box in drawn), indicator
        assert all(inside.y0 <= box.y0 and box.y1 <= inside.y1 for box in drawn), indicator
        assert re.search(r"\d", item.alt), indicator
        assert item.title not in (other.title for other in of_kind(shown, "exhibit") if other is not item), indicator


def check_language(shown, language, indicator):
    """No word of the other language is left, and no number is written in its way."""
    texts = [cell.text for item in of_kind(shown, "exhibit") for row in item.table.rows for cell in row]
    texts += [item.text for item in shown if not isinstance(item, Exhibit)]
    texts += [item.alt for item in of_kind(shown, "exhibit")]
    spoken = [plain(html(item)) for item in shown]
    spoken += re.findall(r'(?:title|aria-label)="([^"]*)"', "".join(map(html, shown)))
    assert languages.strange_words(" ".join([*texts, *spoken]), language, foreign()) == set(), indicator
    assert [token for text in texts for token in languages.strange_numbers(text, language)] == [], indicator


def test_without_an_indicator_it_takes_the_first_one_with_a_target(explored):
    assert explored("", "en")[1].text.startswith("Income per person came to 62 million dong")


def test_the_notebook_asks_all_that_there_is_to_ask():
    asked = [
        name
        for cell in compiled("explore", "en")
        for name in cell.co_consts
        if isinstance(name, str) and name in TOPICS
    ]
    assert sorted(asked) == sorted(set(TOPICS) - {WHAT_IF})
    assert asked != sorted(asked)  # else the order of a report would be lost


@pytest.mark.parametrize(("reached", "language"), [(True, "vi"), (False, "en")])
def test_no_sentence_stays_that_is_false_for_another_town(explored, reached, language, tmp_path):
    town = other_town(tmp_path / "muong-bia", lambda row: mirrored(row, reached=not reached))
    right, wrong = (BETTER, SHORT) if reached else (SHORT, BETTER)
    told = []
    for indicator in {**TARGETS, **RANGES}:
        shown = explored(indicator, language, str(town))
        said = said_of(shown)
        assert in_text(wrong[language], said) == [], indicator
        assert "Lai Châu" not in said
        told += [bool(in_text(right[language], said))] if indicator in TARGETS else []
    assert all(told) if reached else any(told)


def test_an_indicator_without_any_figure_says_so(explored, tmp_path):
    town = other_town(tmp_path / "muong-bia", keep=lambda row: row["indicator"] != "markets")
    shown = explored("markets", "en", str(town))
    assert shown[1].text == "Markets: no figures are printed up to 2024."
    assert of_kind(shown, "exhibit") == []
    check_sources(shown, "markets")
