"""The unit of a normalised text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class NormalizedWord:
    """A stretch of text that is read as one unit: a word, a number, a date."""

    written: str
    """As it stands in the text, with its punctuation."""
    spoken: str
    """As it is read aloud, in words, with the punctuation that shapes pauses and intonation."""
    opens: bool = False
    """Whether it begins a paragraph."""
    new_line: bool = False
    """Whether it begins a line of its own, which is a phrase as a sentence is."""
    pause: float = 0.0
    """Seconds of silence that are asked for after it."""
    emphasis: bool = False
    """Whether it is to be stressed."""
    goes_on: bool = False
    """Whether the next word follows without a space, as in Japanese and Chinese."""


def joined(words: Iterable[tuple[str, bool]]) -> str:
    """Words as one text, with a space behind each that does not go on.

    Args:
        words: each with whether it goes on; see `NormalizedWord.goes_on`.
    """
    return "".join(word if goes_on else f"{word} " for word, goes_on in words).rstrip(" ")
