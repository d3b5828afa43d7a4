"""The words of Mandarin, which is written without spaces: the likeliest way to part a text into them.

A word's likelihood is its frequency, and that of a text the product of its words', as in the package jieba.
"""

from __future__ import annotations

import lzma
from functools import cache

from pipeline.assets import MODELS

PATH = MODELS / "mandarin_words.txt.xz"
SIMPLIFIED = MODELS / "simplified_characters.txt.xz"

_UNKNOWN = -9.0
"""Likelihood of a character that is no frequent word, as a power of ten."""


def mandarin_words(characters: str) -> list[str]:
    """The words of a stretch of Chinese characters; what is in no frequent word stands alone.

    Traditional characters are looked up by their simplified forms, one for one, and kept.
    """
    likelihoods, longest = _frequent()
    simplified = characters.translate(_simplified())
    # For each place in the text: how likely the words up to there are, and where the last one begins.
    found: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(characters) + 1):
        found.append(
            max(
                (found[start][0] + likelihoods.get(simplified[start:end], _UNKNOWN), start)
                for start in range(max(end - longest, 0), end)
                if end == start + 1 or simplified[start:end] in likelihoods
            )
        )
    words, at = list[str](), len(characters)
    while at:
        start = found[at][1]
        words.append(characters[start:at])
        at = start
    return words[::-1]


@cache
def _simplified() -> dict[int, str]:
    """The simplified form of each traditional character that has another one."""
    pairs = lzma.decompress(SIMPLIFIED.read_bytes()).decode().split()
    return {ord(pair[0]): pair[1] for pair in pairs}


@cache
def _frequent() -> tuple[dict[str, float], int]:
    """The likelihood of each frequent word, as a power of ten, and the length of the longest."""
    pairs = (line.split() for line in lzma.decompress(PATH.read_bytes()).decode().splitlines())
    likelihoods = {word: -int(rarity) / 100 for rarity, word in pairs}
    return likelihoods, max(map(len, likelihoods))
