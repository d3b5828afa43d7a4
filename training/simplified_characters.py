"""Write down which simplified character each traditional one is, from the package opencc.

    python -m training.simplified_characters [--out FILE]

Only characters whose simplified form occurs in the frequent words of Mandarin are kept. The package is needed
for this alone: `pip install opencc==1.4.2`.
"""

from __future__ import annotations

import argparse
import lzma
from pathlib import Path

from pipeline.speech.text import mandarin_words

_CHARACTERS = range(0x3400, 0xA000)
"""Chinese characters in Unicode's basic plane."""


def main() -> None:
    """Write the asset: a line for each character, the traditional form, then the simplified one."""
    from opencc import OpenCC

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=mandarin_words.SIMPLIFIED)
    given = parser.parse_args()
    words = lzma.decompress(mandarin_words.PATH.read_bytes()).decode()
    convert = OpenCC("t2s").convert
    pairs = [(each, convert(each)) for each in map(chr, _CHARACTERS)]
    lines = [f"{old}{new}\n" for old, new in pairs if new != old and len(new) == 1 and new in words]
    given.out.write_bytes(lzma.compress("".join(lines).encode(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
