"""Words as written and as a person says them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Said:
    """A stretch of text without inner meaning for the ear: a word, a number, a date."""

    written: str
    """As it stands in the text, with its punctuation."""
    spoken: str
    """As it is said, in words, with the punctuation that makes pauses and tunes."""


def normalise(text: str, language: str = "en") -> list[Said]:
    """The text's words in order, each with how it is said."""
    return [Said(word, word) for word in text.split()]
