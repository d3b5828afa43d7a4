"""Write down the frequent words of Mandarin, from the word list of the package wordfreq.

    python -m training.mandarin_words WORDFREQ/data/small_zh.msgpack.gz [--out FILE]

The package need not be installed, only unpacked: `pip download --no-deps wordfreq==3.1.1`.
"""

from __future__ import annotations

import argparse
import gzip
import lzma
import re
import unicodedata
from pathlib import Path

import msgpack

from pipeline.speech.text.mandarin_words import PATH

_WORD = re.compile(r"[\u3400-\u9fff]+")


def main() -> None:
    """Read the list and write the asset: a line for each word, its frequency in hundredths of a power of ten
    below 1, then the word, the most frequent first.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", type=Path, help="small_zh.msgpack.gz of wordfreq 3.1.1")
    parser.add_argument("--out", type=Path, default=PATH)
    given = parser.parse_args()
    lines = [f"{rarity} {word}" for rarity, word in sorted(read(given.words))]
    given.out.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME))


def read(path: Path) -> set[tuple[int, str]]:
    """Rarity (hundredths of a power of ten) and word, from a list in wordfreq's cB format."""
    _, *rows = msgpack.unpackb(gzip.decompress(path.read_bytes()))
    return {
        (rarity, word)
        for rarity, row in enumerate(rows)
        for word in (unicodedata.normalize("NFC", each) for each in row)
        if _WORD.fullmatch(word)
    }


if __name__ == "__main__":
    main()
