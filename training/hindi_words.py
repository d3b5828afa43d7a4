"""Write down the frequent words of Hindi, from the word list of the package wordfreq.

    python -m training.hindi_words WORDFREQ/data/small_hi.msgpack.gz [--out assets/models/hindi_words.txt.xz]

The package need not be installed, only unpacked: `pip download --no-deps wordfreq==3.1.1`. Spellings that
differ only in how a nasal vowel is marked, or a vowel behind another one, are one word. It gets the standard
spelling (हँसी, गए) where a tenth of its occurrences have it, as newspapers and older texts have others.
"""

from __future__ import annotations

import argparse
import math
import re
from collections import defaultdict
from pathlib import Path

from pipeline.speech.recognition.hindi_words import PATH
from training.word_lists import rarities, write

_WORD = re.compile(r"[\u0901-\u0963\u0970-\u097f]+")
_OTHERWISE = {"ँ": "ं", "ए": "ये", "ई": "यी"}
"""Letters of the standard spelling, and what is written instead."""
_SHARE = 0.1
"""Of a word's occurrences: how many have to be in the standard spelling."""


def main() -> None:
    """Read the list and write the asset: a line for each word, its frequency in hundredths of a power of ten
    below 1, then the word, the most frequent first.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", type=Path, help="small_hi.msgpack.gz of wordfreq 3.1.1")
    parser.add_argument("--out", type=Path, default=PATH)
    given = parser.parse_args()
    write(given.out, merged(read(given.words)))


def read(path: Path) -> dict[str, float]:
    """The share of each word in Devanagari among all words of texts, from a list in wordfreq's cB format."""
    return {word: 10 ** (-rarity / 100) for rarity, word in rarities(path, _WORD)}


def merged(shares: dict[str, float]) -> list[tuple[int, str]]:
    """Rarity (hundredths of a power of ten) and word, once for all its spellings."""
    alike = defaultdict(list)
    for word in shares:
        alike[_folded(word)].append(word)
    found = []
    for words in alike.values():
        total = sum(shares[word] for word in words)
        usual = [word for word in words if shares[word] >= _SHARE * total]
        standard = max(usual, key=lambda word: (_standing(word), shares[word]))
        found.append((round(-100 * math.log10(total)), standard))
    return found


def _folded(word: str) -> str:
    """The same for all spellings of a word."""
    for standard, other in _OTHERWISE.items():
        word = word[:1] + word[1:].replace(standard, other)
    return word


def _standing(word: str) -> int:
    """How many letters are of the standard spelling."""
    return sum(word[1:].count(each) for each in _OTHERWISE)


if __name__ == "__main__":
    main()
