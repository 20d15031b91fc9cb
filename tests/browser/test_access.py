"""Points 5, 6 and 7: pictures, structure and contents serve those who do not see or do not use a pointer."""

import itertools
import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from laichau_analysis.runner.notebooks import find_notebooks
from laichau_analysis.shipped import shipped
from tests.browser.conftest import PAGES, STEMS
from tests.cells import covering

AXE = Axe()


def violations(opened):
    return [
        (found["id"], found["help"], [node["html"][:120] for node in found["nodes"]][:3])
        for found in AXE.run(opened.page).response["violations"]
    ]


# What axe looks for is the same in both languages, and the same kinds of exhibits are narrow on all pages.
KINDS = covering(find_notebooks(shipped("notebooks")), ["audit", "explore"])
ON_PHONES = [stem for stem in STEMS if stem.partition(".")[0] in KINDS]


@pytest.mark.parametrize("desk", [name for name in PAGES if not name.startswith("vi/")], indirect=True)
def test_axe_finds_nothing_on_a_desk(desk):
    assert violations(desk) == []


@pytest.mark.parametrize("phone", [f"vi/{name}.html" for name in ON_PHONES] + ["index.html"], indirect=True)
def test_axe_finds_nothing_on_a_phone(phone):
    assert violations(phone) == []


def test_there_is_one_title_one_main_part_and_no_level_is_left_out(desk):
    assert desk.look("() => document.querySelectorAll('main').length") == 1
    levels = desk.look("() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))


def test_tables_say_what_their_cells_are(desk):
    tables = desk.look(
        """() => [...document.querySelectorAll('table')].map(t => ({
            caption: t.caption?.textContent.trim() ?? '',
            heads: [...t.querySelectorAll('th')].map(h => h.scope),
            nameless: [...t.querySelectorAll('th')].filter(h => !h.textContent.trim()).length,
            first: [...t.tHead.rows[0].cells].every(c => c.tagName === 'TH'),
        }))"""
    )
    assert bool(tables) is (desk.name != "index.html")
    for table in tables:
        assert table["caption"]
        assert table["first"]
        assert table["nameless"] == 0
        assert set(table["heads"]) <= {"col", "row", "rowgroup"}


def test_every_picture_says_its_main_figure(report):
    pictures = report.look(
        """() => [...document.querySelectorAll('img')].map(i => {
            const exhibit = i.closest('figure');
            return {alt: i.alt, caption: exhibit.querySelector('figcaption').textContent,
                    cells: [...exhibit.querySelectorAll('td')].map(c => c.textContent).join(' '),
                    seen: i.complete && i.naturalWidth > 0};
        })"""
    )
    for picture in pictures:
        assert picture["seen"]
        assert picture["alt"] != picture["caption"]
        told, shown = (set(re.findall(r"\d[\d.,]*\d|\d", picture[key])) for key in ("alt", "cells"))
        assert told & shown
        assert len(picture["alt"]) < 1500


def test_each_picture_has_its_figures_as_a_table(report):
    assert report.look(
        "() => [...document.querySelectorAll('img')].every(i => i.closest('figure').querySelector('table'))"
    )


def test_meaning_is_never_carried_by_colour_alone(report):
    silent = report.look(
        """() => [
            ...[...document.querySelectorAll('.key-figure[data-state]:not([data-state=""])')]
                .filter(c => !c.querySelector('.state')?.innerText.trim()),
            ...[...document.querySelectorAll('.finding')].filter(f => !f.querySelector('.verdict').innerText.trim()),
        ].map(e => e.outerHTML)"""
    )
    assert silent == []


def test_marks_are_explained_on_the_page(report):
    used, told = report.look(
        """() => [
            [...document.querySelectorAll('.mark')].map(m => m.textContent.match(/\\[\\w\\]/g)).flat(),
            [...document.querySelectorAll('p.marks')].map(p => p.textContent.match(/\\[\\w\\]/g)).flat(),
        ]"""
    )
    assert set(used) <= set(told)
    symbols = report.look("() => [...document.querySelectorAll('.symbols dt')].map(d => d.textContent)")
    assert set(used) <= set(symbols)


def test_the_contents_reach_every_section(report):
    links = report.look(
        "() => [...document.querySelectorAll('.contents a')].map(a => [a.hash.slice(1), a.textContent])"
    )
    sections = report.look("() => [...document.querySelectorAll('h2')].map(h => [h.id, h.textContent])")
    assert links == sections
    assert len(links) >= 3


def test_a_link_of_the_contents_goes_to_its_section(report):
    reached = report.look(
        """() => [...document.querySelectorAll('.contents a')].map(link => {
            link.click();
            const target = document.getElementById(link.hash.slice(1));
            return [target.matches(':target'), target.getBoundingClientRect().top];
        })"""
    )
    assert reached
    for is_target, top in reached:
        assert is_target
        assert -1 < top < 800


def test_where_the_keyboard_is_can_be_seen(report):
    report.page.keyboard.press("Tab")
    style = report.look("() => getComputedStyle(document.activeElement).outlineStyle")
    assert style != "none"
