"""Sentences of a line: what a translation network was trained to read at once."""

from __future__ import annotations

import re
from collections.abc import Iterator

_END = re.compile(r"[.!?…]+[\"'”’»)\]*]*(?=\s)|[。！？]+[」』”’）]*|[।؟]+(?=\s)")
_ABBREVIATED = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Sr|Sra|Jr|Mme|Mlle|Hr|Fr|Nr|No|vs|etc|approx|bzw|ca|vgl|e\.g|i\.e|z\.B|d\.h|p\.ej)"
    r"|\b[A-Z])\.$"
)
"""A full stop that ends no sentence: of an abbreviation or an initial."""
_ABBREVIATION = 16
"""Characters before an end in which an abbreviation is looked for."""
_LONGEST = 400
"""Characters of a piece; the networks read 512 tokens."""
_CLAUSE = re.compile(r"[,;:、，；：]\s*|\s+")
_UNSPACED = frozenset(("zh", "ja", "th", "km", "lo", "my"))


def is_unspaced(language: str) -> bool:
    """Whether a language, by its ISO 639-1 code, is written without spaces between words and sentences."""
    return language in _UNSPACED


def split_sentences(text: str) -> list[tuple[str, str]]:
    """Each sentence with the white space behind it; joined in this order, they are the text again."""
    found: list[tuple[str, str]] = []
    start = 0
    for end in _ends(text):
        for piece in _pieces(text[start:end]):
            stripped = piece.rstrip()
            found.append((stripped, piece[len(stripped) :]))
        start = end
    return found


def _ends(text: str) -> Iterator[int]:
    """Where the next sentence begins, and at last the end."""
    for found in _END.finditer(text):
        if _ABBREVIATED.search(text, max(found.end() - _ABBREVIATION, 0), found.end()):
            continue
        end = found.end()
        while end < len(text) and text[end].isspace():
            end += 1
        if end < len(text) and not text[end].islower():
            yield end
    yield len(text)


def _pieces(sentence: str) -> Iterator[str]:
    """A sentence, in parts where it is too long for a network."""
    while len(sentence) > _LONGEST:
        cuts = [found.end() for found in _CLAUSE.finditer(sentence, _LONGEST // 2, _LONGEST)]
        cut = cuts[-1] if cuts else _LONGEST
        yield sentence[:cut]
        sentence = sentence[cut:]
    yield sentence
