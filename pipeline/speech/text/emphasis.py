"""Emphasis: words between asterisks, as in "a *very* good idea", which a voice is to stress.

The asterisks leave the text with the rest of its markup. A mark behind each emphasised word takes their place
until the words are counted, so no rule for numbers or abbreviations is in its way: "*5* kg" is still five
kilograms.
"""

from __future__ import annotations

import re

_MARK = "\U000f2001"
"""Stands behind a word; for private use, as `marks`."""
_MOST_WORDS = 5
"""Words that can be emphasised together; longer stretches are set in italics for other reasons."""
_WORD = re.compile(r"\S*[^\W_](?=[\W_]*(?:\s|\Z))")
"""A word up to its last letter or digit."""
_UNSPACED = ("zh", "ja", "th", "lo", "km", "my")
"""Languages whose words stand together, so that none can be singled out."""


def possible(places: tuple[int, ...], language: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Those places of emphasis that a language can have, by its ISO 639-1 code, and a sentence where none."""
    if not places or language not in _UNSPACED:
        return places, ()
    return (), ("This language sets no spaces between words, so words between asterisks are not emphasised.",)


def marked(words: str) -> str:
    """The words with a mark behind each; as they are where they are too many, or begin with no word."""
    if len(words.split()) > _MOST_WORDS or not re.match(r"[\"'“‘«¿¡(]?[^\W_]", words):
        return words
    return _WORD.sub(lambda word: word[0] + _MARK, words.replace(_MARK, ""))


def taken_out(text: str) -> tuple[str, tuple[int, ...]]:
    """The text without marks, and where each stood: how many of its characters are before it."""
    first, *pieces = text.split(_MARK)
    places, at = [], len(first)
    for piece in pieces:
        places.append(at)
        at += len(piece)
    return first + "".join(pieces), tuple(places)


def written(text: str) -> str:
    """The text with asterisks around each word that is marked, as people write it."""
    return re.sub(rf"([^\s{_MARK}]+){_MARK}", _between_asterisks, text)


def _between_asterisks(word: re.Match[str]) -> str:
    """A word between asterisks; quotation marks and brackets before it stay outside."""
    words = word[1].lstrip("\"'“‘«¿¡([")
    return f"{word[1][: len(word[1]) - len(words)]}*{words}*"
