"""Write down the frequent words of Mandarin, from the word list of the package wordfreq.

    python -m training.mandarin_words WORDFREQ/data/small_zh.msgpack.gz [--out FILE]

The package need not be installed, only unpacked: `pip download --no-deps wordfreq==3.1.1`.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from pipeline.speech.text.mandarin_words import PATH
from training.word_lists import rarities, write

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
    write(given.out, set(rarities(given.words, _WORD)))


if __name__ == "__main__":
    main()
