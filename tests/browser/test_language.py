"""Point 4: no word, number or name of the other language is left."""

import csv
import re
import unicodedata

import pytest
from babel.messages.pofile import read_po

from laichau_analysis.shipped import shipped
from laichau_analysis.wording import LOCALE

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
WORD = re.compile(r"[^\W\d_]+")
VIETNAMESE = re.compile("[ăâđêôơưĂÂĐÊÔƠƯ]|[\u0300-\u0303\u0309\u0323]")
NUMBER = re.compile(r"\d[\d.,]*\d|\d")
FORMS = {"vi": r"(\d{1,3}(\.\d{3})+|\d+)(,\d{1,2})?", "en": r"(\d{1,3}(,\d{3})+|\d+)(\.\d{1,2})?"}


def of_the_data(language):
    """Every name, title and sentence of the shipped data set in one language."""
    texts = []
    for path in (shipped("data") / "lai-chau").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [
                cell for row in csv.DictReader(file) for name, cell in row.items() if name.endswith(f"_{language}")
            ]
    return texts


def catalogue():
    """The texts of the package: English, and their translations, without the names of values."""
    with (LOCALE / "vi" / "LC_MESSAGES" / "laichau_analysis.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="vi") if message.id]
    both = []
    for attribute in ("id", "string"):
        texts = [getattr(message, attribute) for message in messages]
        flat = [text for one in texts for text in ([one] if isinstance(one, str) else one)]
        both.append([re.sub(r"\{\w*\}", " ", text) for text in flat])
    return both


def words(texts):
    return {word.lower() for text in texts for word in WORD.findall(text)}


@pytest.fixture(scope="module")
def foreign():
    """Words of English that Vietnamese texts never use, and Vietnamese ones that stand in English names."""
    english, vietnamese = catalogue()
    english_words = {word for word in words([*english, *of_the_data("en")]) if word.isascii() and len(word) > 3}
    return {
        "vi": english_words - words([*vietnamese, *of_the_data("vi")]),
        "en": {word for word in words(of_the_data("en")) if is_vietnamese(word)} | words(["Lai Châu", "Tiếng Việt"]),
    }


def is_vietnamese(word):
    return bool(VIETNAMESE.search(unicodedata.normalize("NFD", word)) or VIETNAMESE.search(word))


def test_the_page_says_which_language_it_is_in(report):
    assert report.look("() => document.documentElement.lang") == report.language


def test_the_index_says_of_each_part_which_language_it_is_in(visit):
    opened = visit("index.html", "desk")
    assert opened.look("() => [...document.querySelectorAll('section')].map(s => s.lang)") == ["vi", "en"]
    assert opened.look("() => document.documentElement.lang") == "vi"


def test_no_word_of_the_other_language_is_left(desk, foreign):
    strange = set()
    for language, text in desk.look(READ):
        found = words([text])
        if language == "vi":
            strange |= found & foreign["vi"]
        else:
            strange |= {word for word in found if is_vietnamese(word)} - foreign["en"]
    assert strange == set()


def test_numbers_are_written_as_the_language_writes_them(desk):
    strange = []
    for language, text in desk.look(READ):
        for token in re.split(r"[\s/()–;:“”\[\]]+", text):
            bare = token.strip(".,%‰+−±×÷=*\u00a0")
            if NUMBER.fullmatch(bare) and not re.fullmatch(FORMS[language], bare):
                strange.append((language, token))
    assert strange == []
