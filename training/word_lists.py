"""Reading the word lists of the package wordfreq, and writing the assets that are made of them."""

from __future__ import annotations

import gzip
import lzma
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgpack


def rarities(path: Path, script: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """Rarity (hundredths of a power of ten) and word, of those in a script, from a list in wordfreq's cB
    format; the most frequent first."""
    _, *rows = msgpack.unpackb(gzip.decompress(path.read_bytes()))
    for rarity, row in enumerate(rows):
        for each in row:
            word = unicodedata.normalize("NFC", each)
            if script.fullmatch(word):
                yield rarity, word


def write(path: Path, words: Iterable[tuple[int, str]]) -> None:
    """Write an asset: a line for each word, its rarity, then the word, the most frequent first."""
    lines = [f"{rarity} {word}" for rarity, word in sorted(words)]
    path.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME))
