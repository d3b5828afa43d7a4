"""The text of a file that another program saved, whose encoding is found: UTF-8, UTF-16, UTF-32 or
Windows-1252.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from pipeline.errors import TextError

_MISREAD = re.compile(
    r"[^\W\d_a-zA-Z]{3}"  # three accented letters: Cyrillic, Greek
    r"|[^\W\d_][¡¢£¤¥¦¨¬¯±´¸¹³¼½¾¿§¶†‡‰ˆ][^\W\d_]"  # a sign within a word: central Europe, Macintosh
    r"|[ÂÃ][\xa0-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ•˜™š›œžŸ]"  # a letter of UTF-8
    r"|[^\x00-\x7f\s]{5}"  # no ASCII for long: East Asia
)
"""What no text of western Europe has, and texts in other encodings have when they are read as such a one."""

_DOCUMENTS = {
    b"{\\rtf": "an RTF document",
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "an office document or another ZIP file",
    b"\xd0\xcf\x11\xe0": "a document of an older office program",
}
"""First bytes of files whose words stand among those of their format."""

UNREADABLE = "\ufffd"
"""Stands for bytes in UTF-8 that are no character of it."""


def plain_text(content: bytes, path: Path, parameter: str) -> str:
    """The text of a file, every character of it, without a byte order mark and with line feeds at line ends.

    Args:
        content: the file's bytes.
        path: its name, for errors.
        parameter: the one that named it, for errors.

    Raises:
        TextError: it is a document of another kind, in another encoding or in several, or is no text.
    """
    text = decoded(content, path, parameter)
    if "\0" in text or (UNREADABLE in text and UNREADABLE.encode() not in content):
        raise TextError(f"{path.name} is not UTF-8 text; save it as UTF-8.", parameter=parameter)
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def decoded(content: bytes, path: Path, parameter: str) -> str:
    """The text of a file; in one of UTF-8, places in another encoding are `UNREADABLE`.

    Args:
        content: the file's bytes.
        path: its name, for errors.
        parameter: the one that named it, for errors.

    Raises:
        TextError: it is a document of another kind, in another encoding, or is no text.
    """
    for start, kind in _DOCUMENTS.items():
        if content.startswith(start):
            sentence = f"{path.name} is {kind}, not plain text; save its words as a text file in UTF-8."
            raise TextError(sentence, parameter=parameter)
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        encodings = ["utf-32"]
    elif content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\0" in content[:2]:
        encodings = ["utf-16-be" if content[:1] == b"\0" else "utf-16-le"]
    else:
        if (mixed := _mostly_utf8(content)) is not None:
            return _plain(mixed, path, parameter)
        encodings = ["cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == "cp1252" and _MISREAD.search(text):
            break
        return _plain(text, path, parameter)
    raise TextError(f"The encoding of {path.name} is unknown; save it as UTF-8.", parameter=parameter)


def _mostly_utf8(content: bytes) -> str | None:
    """The text if it is UTF-8 but for at most half of what is not ASCII, as where lines were pasted in."""
    text = content.decode("utf-8-sig", errors="replace")
    damaged = text.count(UNREADABLE)
    return text if not damaged or sum(each > "\x7f" for each in text) >= 2 * damaged else None


def _plain(text: str, path: Path, parameter: str) -> str:
    """The text, unless its heading shows that it is none."""
    if "\0" in text.lstrip().partition("\n")[0]:
        sentence = f"{path.name} holds characters that are no text; save it again as UTF-8."
        raise TextError(sentence, parameter=parameter)
    return text
