"""How long a word or phrase may become when it is spoken, whatever was typed.

The memory of a voice's network grows with the square of the phonemes that it is given at once: ordinary
phrases have up to about 250, and 250 digits would have more than a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from pipeline.speech.text.pronunciation import MARK
from pipeline.speech.text.words import NormalizedWord

LONGEST = 420
"""Weight, in about phonemes, of what is synthesised in one go."""
_LONGEST_WORD = 200
"""Weight of a word that stays in one piece."""
_LONGEST_PIECE = 24
"""Characters of a piece of a word that has no space to be cut at."""
_IDEOGRAPHS = 0x2E80
"""First code point of the scripts whose letters are syllables."""
_SPELLED = re.compile(r"\d|[A-Z](?=[-A-Z])|(?<=[-A-Z])[A-Z]|[bcdfghjklmnpqrstvwxz]{7,}")
_SPELLED_LETTER = 6
"""Phonemes of a letter or digit that is read by its name."""
_SYLLABLE = 4


def weight(spoken: str) -> int:
    """About how many phonemes a spoken form has: one per letter, more for what is spelled."""
    spelled = sum(len(found[0]) for found in _SPELLED.finditer(spoken))
    syllables = 0 if spoken.isascii() else sum(ord(letter) >= _IDEOGRAPHS for letter in spoken)
    return len(spoken) + (_SPELLED_LETTER - 1) * spelled + (_SYLLABLE - 1) * syllables


def split_word(word: NormalizedWord) -> Iterator[NormalizedWord]:
    """A word in pieces that can each be spoken in one go; nearly every word is one piece."""
    if (
        MARK in word.spoken
        or len(word.spoken) * _SPELLED_LETTER <= _LONGEST_WORD
        or weight(word.spoken) <= _LONGEST_WORD
    ):
        yield word
        return
    pieces = _pieces(word.spoken)
    cuts = [round(len(word.written) * n / len(pieces)) for n in range(len(pieces) + 1)]
    for number, (spoken, (start, end)) in enumerate(zip(pieces, pairwise(cuts), strict=True)):
        first, last = number == 0, number == len(pieces) - 1
        yield replace(
            word,
            written=word.written[start:end].strip() or word.written[-1],
            spoken=spoken,
            opens=word.opens and first,
            new_line=word.new_line and first,
            pause=word.pause if last else 0.0,
            goes_on=word.goes_on and last,
        )


def bounded_pieces(words: Sequence[NormalizedWord]) -> Iterator[list[NormalizedWord]]:
    """A phrase in pieces of at most `LONGEST`; nearly every phrase is one piece."""
    piece: list[NormalizedWord] = []
    total = 0
    for word in words:
        heavy = weight(word.spoken) + (not word.goes_on)
        if piece and total + heavy > LONGEST:
            yield piece
            piece, total = [], 0
        piece.append(word)
        total += heavy
    yield piece


def _pieces(spoken: str) -> list[str]:
    """A spoken form cut at its commas, else at its spaces, else anywhere."""
    short = [
        part[at : at + _LONGEST_PIECE]
        for part in re.split(r"(?<=-)|\s+", spoken)
        for at in range(0, len(part), _LONGEST_PIECE)
    ]
    pieces = [short[0]]
    for before, part in pairwise(short):
        joined = pieces[-1] + ("" if before.endswith("-") else " ") + part
        full = weight(joined) > _LONGEST_WORD
        if full or (before.endswith(",") and 2 * weight(pieces[-1]) > _LONGEST_WORD):
            pieces.append(part)
        else:
            pieces[-1] = joined
    return pieces
