"""Third step: lines. An item of a list, a heading or a line of its own is a phrase; a wrapped line is not."""

from __future__ import annotations

import re
from itertools import pairwise

from pipeline.speech.text import marks

_BULLET = re.compile(r"(?:^|\n)[ \t]*[-*+•–—◦‣⁃▪▫●○■□►▶➤➢→·✓✔☐☑][ \t]+")
_DATED = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
"""What makes a date of a number with a full stop, in German."""
_NUMBERED = re.compile(
    r"(?:^|\n)[ \t]*(?:(\d{1,2})[.)]|\((\d{1,2}|[a-z])\)|([a-z])\))[ \t]+"
    rf"(?!(?:{_DATED})\b)"
)
_BLOCK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_NARROWEST_WRAP = 40
"""Characters of a line at which programs start to wrap text."""
_FULL = 0.85
"""Share of the longest line that a line and the next line's first word reach where a program wrapped them."""
_SENTENCE_ENDS = ".!?…。！？।॥؟"
_CONTINUED = ",;、，；،؛-–—"
_CLOSING_MARKS = "\"')]”’»"

_FUNCTION_WORDS = (
    "the|and|this|then|how|what|we|you|he|she|they|but|there|that|when|now|please|thanks|thank|my|your|his|"
    "her|our"
)
_UNSPACED = re.compile(
    r"(?<=[a-z\u00df-\u00ff]{2})(?:[.!?]|\.{3})[\"”’)]?(?=[A-Z\u00c0-\u00de][a-z\u00df-\u00ff'’]|I\b|A\b)"
    rf"|(?<=[a-z]{{2}})[.!?](?=(?:{_FUNCTION_WORDS})\b)"
    r"|(?<=\d)\.(?=[A-Z][a-z])|(?<=[^\W\d_])(?:…|\.{3,})(?=[^\W\d_])"
    r"|(?<=[a-z]{2})[!?]+[\"”’)]?(?=[A-Za-z]{2})"
)
"""The end of a sentence with the next one directly behind it."""
_ADDRESS = re.compile(r"://|@|^www\.|\.(?:com|org|net|edu|gov|io|html?|php|aspx?)\b", re.IGNORECASE)
_TOKEN = re.compile(r"\S+")


def mark_lines(text: str) -> str:
    """Text in which every phrase that is a line of its own ends with a mark.

    Items of lists become paragraphs. A line break inside a sentence stays white space where the line is full,
    as programs wrap text, or where the next line goes on in lower case.
    """
    text = re.sub(r"([。！？；，、।॥]+[」』）】》〉”’]*)(?=[^\s。！？；，、।॥」』）】》〉”’])", r"\1 ", text)
    text = _BULLET.sub("\n\n", text)
    text = _NUMBERED.sub(lambda item: f"\n\n{item[1] or item[2] or item[3]}, ", text)
    return "\n\n".join(_marked(block) for block in _BLOCK.split(text))


def space_sentences(text: str) -> str:
    """Text with a space behind a full stop that directly precedes the next sentence: "watching.See you"."""
    return _TOKEN.sub(lambda token: _spaced(token[0]), text)


def _spaced(token: str) -> str:
    return token if _ADDRESS.search(token) else _UNSPACED.sub(lambda end: f"{end[0]} ", token)


def _marked(block: str) -> str:
    lines = [line.strip() for line in block.split("\n") if line.strip()]
    if len(lines) < 2:
        return block
    wrapped = _is_wrapped(lines)
    text = lines[0]
    for line, following in pairwise(lines):
        text += (f" {marks.LINE} " if _ends_here(line, following, wrapped) else "\n") + following
    return text


def _is_wrapped(lines: list[str]) -> bool:
    """Whether a program broke these lines: each is as full as the longest allows, and sentences go on."""
    width = max(map(len, lines))
    full = all(
        len(line) + 1 + len(following.split(" ")[0]) > _FULL * width for line, following in pairwise(lines)
    )
    goes_on = any(not (line[0].isupper() or line[0].isdigit()) for line in lines[1:])
    return width >= _NARROWEST_WRAP and full and goes_on


def _ends_here(line: str, following: str, wrapped: bool) -> bool:
    """Whether a phrase ends with a line; sentences end by themselves."""
    if line.rstrip(_CLOSING_MARKS).endswith(tuple(_SENTENCE_ENDS + _CONTINUED)):
        return False
    return not wrapped and not (following[0].islower() and len(line) >= _NARROWEST_WRAP)
