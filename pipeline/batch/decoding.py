"""The text of a table's file, whose encoding is found: UTF-8, UTF-16 or Windows-1252."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.batch.errors import BatchError

_MISREAD = re.compile(
    r"[^\W\d_a-zA-Z]{3}"  # three accented letters: Cyrillic, Greek
    r"|[^\W\d_][¡¢£¤¥¦¨¬¯±´¸¹³¼½¾¿§¶†‡‰ˆ][^\W\d_]"  # a sign within a word: central Europe, Macintosh
    r"|[^\x00-\x7f\s]{5}"  # no ASCII for long: East Asia
)
"""What no text of western Europe has, and texts in other encodings have when they are read as such a one."""


def decoded(content: bytes, path: Path) -> str:
    """The text of a table.

    Args:
        content: the file's bytes.
        path: its name, for errors.

    Raises:
        BatchError: it is in another encoding, or is no text.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content[:2]:
        encodings = ["utf-16-be" if content[:1] == b"\0" else "utf-16-le"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            raise BatchError(f"{path.name} holds characters that are no text; save it again as UTF-8.")
        if encoding == "cp1252" and _MISREAD.search(text):
            break
        return text
    raise BatchError(f"The encoding of {path.name} is unknown; save it as UTF-8.")
