"""Sentences of products and training in each language, and how a person of that language says them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.speech.text.normalize import normalize

_READINGS = Path(__file__).with_name("readings")


def _sentences() -> list[object]:
    return [
        pytest.param(table.stem, *line.split("\t"), id=f"{table.stem}-{number}")
        for table in sorted(_READINGS.glob("*.tsv"))
        for number, line in enumerate(table.read_text(encoding="utf-8").splitlines(), 1)
    ]


def read_aloud(text: str, language: str) -> str:
    """What is said of a text; in Chinese, spaces mean nothing beside its characters."""
    said = " ".join(word.spoken for word in normalize(text, language))
    return re.sub(r"\s?([\u3000-\u9fff\uff00-\uffef])\s?", r"\1", said)


@pytest.mark.parametrize(("language", "written", "expected"), _sentences())
def test_a_sentence_is_read_as_a_person_would(language: str, written: str, expected: str) -> None:
    assert read_aloud(written, language) == expected
