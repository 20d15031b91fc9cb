"""Point 4: no word, number or name of the other language is left."""

import pytest

from tests import languages

# Text and attributes that are read, each with the language that it is said to be in.
READ = """() => {
    const read = [], spoken = e => e.closest('[lang]').lang;
    const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
        const parent = node.parentElement;
        if (!parent.closest('style, pre, code') && node.textContent.trim()) read.push([spoken(parent), node.textContent]);
    }
    for (const e of document.querySelectorAll('[alt], [aria-label], [title]'))
        for (const name of ['alt', 'aria-label', 'title'])
            if (e.hasAttribute(name)) read.push([spoken(e), e.getAttribute(name)]);
    return read;
}"""


@pytest.fixture(scope="module")
def foreign():
    return languages.foreign()


def test_the_page_says_which_language_it_is_in(report):
    assert report.look("() => document.documentElement.lang") == report.language


def test_the_index_says_of_each_part_which_language_it_is_in(visit):
    opened = visit("index.html", "desk")
    assert opened.look("() => [...document.querySelectorAll('section')].map(s => s.lang)") == ["vi", "en"]
    assert opened.look("() => document.documentElement.lang") == "vi"


def test_no_word_of_the_other_language_is_left(desk, foreign):
    strange = set()
    for language, text in desk.look(READ):
        strange |= languages.strange_words(text, language, foreign)
    assert strange == set()


def test_numbers_are_written_as_the_language_writes_them(desk):
    found = [(language, languages.strange_numbers(text, language)) for language, text in desk.look(READ)]
    assert [(language, strange) for language, strange in found if strange] == []
