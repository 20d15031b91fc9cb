"""Which words and numbers belong to one language only, by what the package and the shipped data say."""

import csv
import re
import unicodedata

from babel.messages.pofile import read_po

from laichau_analysis.shipped import shipped
from laichau_analysis.words import LOCALE

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


def strange_words(text, language, foreign):
    """Words of a text that belong to the other language."""
    found = words([text])
    if language == "vi":
        return found & foreign["vi"]
    return {word for word in found if is_vietnamese(word)} - foreign["en"]


def strange_numbers(text, language):
    """Numbers of a text that are written as the other language writes them."""
    tokens = [(token.strip(".,%‰+−±×÷=*\u00a0"), token) for token in re.split(r"[\s/()–;:“”\[\]]+", text)]
    return [token for bare, token in tokens if NUMBER.fullmatch(bare) and not re.fullmatch(FORMS[language], bare)]
