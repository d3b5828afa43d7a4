"""Sentences of products and training in each language, and how a person of that language says them.

The second source is the package kitten-text-processing 0.1.0 (NeMo's grammars): it says 127 of the 454
sentences letter for letter the same, in English but for hyphens and capitals. In the others it leaves
abbreviations, units, Roman numerals, ranges or sums unread, does not make numbers agree with their noun, or
takes a variant ("centavos" for "coma cincuenta"). Cardinals of German, Spanish, French, Italian and
Portuguese are num2words' own, but for gender and a few endings.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from pipeline.speech.text.normalize import normalize, normalize_text

_READINGS = Path(__file__).with_name("readings")
_LANGUAGES = ("de", "en", "es", "fr", "hi", "it", "pt", "zh")


def read_aloud(text: str, language: str) -> str:
    """What is said of a text; in Chinese, spaces mean nothing beside its characters."""
    said = " ".join(word.spoken for word in normalize(text, language))
    return re.sub(r"\s?([\u3000-\u9fff\uff00-\uffef])\s?", r"\1", said)


@pytest.mark.parametrize("language", _LANGUAGES)
def test_sentences_are_read_as_a_person_would(language: str) -> None:
    sentences = (_READINGS / f"{language}.tsv").read_text(encoding="utf-8").splitlines()
    assert len(set(sentences)) >= 40
    pairs = [line.split("\t") for line in sentences]
    read = {written: read_aloud(written, language) for written, _ in pairs}
    assert read == dict(pairs)


@pytest.mark.parametrize("language", [*_LANGUAGES, "ja"])
def test_no_text_fails(language: str) -> None:
    signs = "0123456789.,:/-–%€$₹¥°hHxX'’\"()#@+=×½²₂ªºIVXM \nabñçßéकख१२会议时ㄅ😀\u200d\u0301"
    chance = random.Random(7)
    texts = ["".join(chance.choices(signs, k=60)) for _ in range(40)]
    for text in (*texts, "9" * 10_000, "1." * 300, "0:" * 200, "1/0", "31/02/0000", "99:99", "IIII", "-"):
        assert all(word.spoken.strip() for word in normalize(text, language))


@pytest.mark.parametrize("language", _LANGUAGES)
def test_pauses_and_listed_words_are_kept(language: str) -> None:
    read = normalize_text("Acme 21 [pause 2s] *Zorp* 31.", language, (("Acme", "akmee"),))
    assert [word.pause for word in read.words].count(2.0) == 1
    assert read.words[0].spoken == "akmee"
    assert any("Zorp" in word.spoken for word in read.words)
    assert not any(sign.isdigit() for word in read.words for sign in word.spoken)


def test_what_has_no_words_is_left_to_the_voice_with_a_warning() -> None:
    read = normalize_text("x 123456789012345", "kn")
    assert read.words[-1].spoken == "123456789012345"
    assert "could not be put into words" in read.warnings[0]
    assert normalize_text("x 1234567", "am").words[-1].spoken == "1234567"
