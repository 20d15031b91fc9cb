"""Points 10 and 11: every figure leads to its source, and the answer comes first."""

import csv
import io
import re

import pytest


def rows(report, number):
    """A table beside a page."""
    (text,) = [
        (report.file.parent / f"tables/{report.file.stem}-{number}.csv").read_text(encoding="utf-8-sig"),
    ]
    return list(csv.DictReader(io.StringIO(text)))


def test_every_figure_of_a_table_leads_to_its_source(report):
    lost = report.look(
        """() => [...document.querySelectorAll('figure.exhibit')].flatMap(f =>
            f.querySelector('.source a') ? [] : [...f.querySelectorAll('tbody tr')].filter(r => !r.querySelector('.refs a')))
            .map(r => r.textContent)"""
    )
    assert lost == []


def test_every_card_and_sentence_with_a_figure_leads_to_its_source(report):
    lost = report.look(
        """() => [...document.querySelectorAll('.key-figure, .finding, ul.say > li, p.say')]
            .filter(e => /\\d/.test(e.textContent) && !e.querySelector('.refs a')).map(e => e.textContent)"""
    )
    counted = "đã kiểm tra|điều mà báo cáo|statements? of the report|of the earlier edition's|in the earlier edition; |của bản trước|, all unchanged|tất cả giữ nguyên"
    assert [text for text in lost if not re.search(counted, text, re.IGNORECASE)] == []


def test_a_reference_leads_to_the_figure_as_it_is_printed(report):
    targets = report.look(
        """() => [...document.querySelectorAll('.refs a')].map(a => {
            const row = document.getElementById(decodeURIComponent(a.hash.slice(1)));
            let place = row?.previousElementSibling;
            while (place && !place.classList.contains('place')) place = place.previousElementSibling;
            return {link: a.textContent, title: a.title, place: place?.textContent ?? '',
                    printed: row?.querySelector('td.num')?.textContent ?? '', listed: !!row?.closest('.sources')};
        })"""
    )
    assert targets
    for target in targets:
        assert target["listed"], target
        assert re.search(r"\d", target["printed"]), target
        assert target["place"].startswith(target["link"]), target
        assert target["title"] in target["place"], target


def test_the_list_of_sources_is_what_the_data_hold(report, figures):
    count = report.look("() => document.querySelectorAll('p.download').length")
    shown = report.look(
        "() => [...document.querySelectorAll('.sources tr[id]')].map(r => r.querySelector('td.num').textContent)"
    )
    kept = rows(report, count)
    assert [row["printed"] for row in kept] == shown
    for edition, known in figures.items():
        assert {(row["locator"], row["printed"]) for row in kept if row.get("edition", "") == edition} <= known


def test_estimates_are_marked_where_they_stand(report):
    exhibits = report.look(
        """() => [...document.querySelectorAll('figure.exhibit')].map(f => ({
            marks: [...f.querySelectorAll('tbody tr')].map(r => [...r.querySelectorAll('.mark')].map(m => m.textContent).join()),
            number: [...document.querySelectorAll('p.download')].indexOf(f.nextElementSibling) + 1,
        }))"""
    )
    for exhibit in exhibits:
        table = rows(report, exhibit["number"])
        if "status" not in (table or [{}])[0] or len(table) != len(exhibit["marks"]):
            continue  # a table that shows a figure in several rows
        for row, marks in zip(table, exhibit["marks"], strict=True):
            statuses, flags = ([row[name], row.get(f"{name}_before", "")] for name in ("status", "flag"))
            assert ("[e]" in marks) is ("E" in "".join(statuses)), row
            assert ("[u]" in marks) is ("implausible" in flags), row


def test_the_methods_of_what_is_shown_are_named(report):
    methods = report.look("() => [...document.querySelectorAll('.methods dt')].length")
    assert methods > 0
    assert report.look(
        "() => [...document.querySelectorAll('.methods dd')].every(d => d.textContent.trim().length > 10)"
    )


FOLD = """() => {
    scrollTo(0, 0);
    const box = document.querySelector('.headline').getBoundingClientRect();
    return {top: box.top, bottom: box.bottom, height: innerHeight, text: document.querySelector('.headline').textContent};
}"""


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_index_begins_with_what_the_town_is(visit, language):
    opened = visit("index.html", "phone")
    headline = opened.page.locator(f"section[lang={language}] .headline").first.inner_text()
    assert "Lai Châu" in headline
    opened.page.context.close()


def test_the_answer_is_on_the_first_screen_of_a_desk(report):
    answer_first(report.look(FOLD))


def test_the_answer_is_on_the_first_screen_of_a_phone(phone):
    if phone.name != "index.html":
        answer_first(phone.look(FOLD))


def answer_first(found):
    assert re.search(r"\d", found["text"])
    assert found["top"] >= 0
    assert found["bottom"] <= found["height"]
