"""Text files as other programs save them: the words whatever the encoding, or what the file is instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.encodings import plain_text
from pipeline.errors import TextError

PATH = Path("notes.txt")


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
def test_the_words_are_those_written(encoding: str) -> None:
    assert plain_text("It’s a café.\r\nNaïve.\r".encode(encoding), PATH, "text") == "It’s a café.\nNaïve.\n"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (rb"{\rtf1\ansi\ansicpg1252 It\'92s a caf\'e9.}", "is an RTF document, not plain text"),
        (b"%PDF-1.7\n1 0 obj", "is a PDF, not plain text"),
        (b"PK\x03\x04" + bytes(60), "is an office document or another ZIP file"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "is a document of an older office program"),
        ("Привет, как дела?".encode("cp1251"), "encoding of notes.txt is unknown"),
        ("Café.\nCafé.\nCafé.\n".encode() + "Café.\n".encode("cp1252"), "is not UTF-8 text"),
        (b"Hello.\nHel\0lo.\n", "is not UTF-8 text"),
    ],
    ids=["rtf", "pdf", "zip", "doc", "cyrillic", "mixed", "zero"],
)
def test_what_is_no_plain_text_is_named(content: bytes, said: str) -> None:
    with pytest.raises(TextError, match=said) as refused:
        plain_text(content, PATH, "text")
    assert refused.value.parameter == "text"
