"""Words as written and as a person says them.

English has rules of its own (`english`); in other languages numbers become words where num2words knows the
language, and espeak, which reads for most voices, knows the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.speech.text import numbers


@dataclass(frozen=True)
class NormalizedWord:
    """A stretch of text without inner meaning for the ear: a word, a number, a date."""

    written: str
    """As it stands in the text, with its punctuation."""
    spoken: str
    """As it is said, in words, with the punctuation that makes pauses and tunes."""
    opens: bool = False
    """Whether a paragraph begins with it."""


_PUNCTUATION = ".,;:!?…'’\"-¿¡。，！？、；：।॥؟،؛()"
_READ_BY_VOICE = "%&+=€$£@°"
"""Signs that espeak names in each language."""
_DASHES = re.compile(r"\s+[-–—―]+\s+|\s*[—―]\s*|--+")
_SPACED_NUMBER = r"\d{1,3}(?:[.\u00a0\u202f]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?"


@dataclass(frozen=True)
class _Span:
    """Part of the text that is said differently from how it is written."""

    start: int
    end: int
    spoken: str


def normalize(text: str, language: str = "en") -> list[NormalizedWord]:
    """The text's words in order, each with how it is said.

    Args:
        text: anything a person may paste; control characters, emoji and markup signs are not said.
        language: BCP 47 tag of the language that it is read in.
    """
    text = _unmarked(unicodedata.normalize("NFC", text).replace("\r\n", "\n"))
    spans = sorted(_spans(text, language.split("-")[0].lower()), key=lambda span: span.start)
    said: list[NormalizedWord] = []
    opens = True
    for written, spoken, breaks in _chunks(text, spans):
        opens = opens or breaks
        spoken = _speakable(spoken, language)
        if any(letter.isalnum() for letter in spoken):
            said.append(NormalizedWord(written, spoken, opens))
            opens = False
        elif spoken and said:
            last = said.pop()
            said.append(
                NormalizedWord(f"{last.written} {written}", _with_sign(last.spoken, spoken), last.opens)
            )
    return [_ended(item, after) for item, after in zip(said, [*said[1:], None], strict=False)]


def _with_sign(word: str, sign: str) -> str:
    """A word and a sign that stands alone behind it: punctuation ends the word, a "%" follows it."""
    return word.rstrip(".,") + sign if all(mark in _PUNCTUATION for mark in sign) else f"{word} {sign}"


def _ended(item: NormalizedWord, after: NormalizedWord | None) -> NormalizedWord:
    """Three dots end a sentence where a capital follows, and are a comma elsewhere."""
    ends = after is None or after.opens or not after.written[0].islower()
    return replace(item, spoken=item.spoken.replace("…", "." if ends else ","))


def _unmarked(text: str) -> str:
    """Text without tags and bullets, each item of a list a paragraph; Chinese with spaces at its pauses."""
    text = re.sub(r"</?[a-zA-Z][^<>]*>", " ", text)
    text = re.sub(r"([。！？；，、।॥])(?=\S)", r"\1 ", text)
    text = re.sub(r"(?:^|\n)[ \t]*[-*•–][ \t]+", "\n\n", text)
    return re.sub(r"(?:^|\n)[ \t]*(\d{1,2})[.)][ \t]+", r"\n\n\1, ", text)


def _spans(text: str, language: str) -> list[_Span]:
    """Where the language's rules match, the first rule first; no two overlap."""
    taken = bytearray(len(text))
    spans = []
    for pattern, say in _rules(language):
        for match in pattern.finditer(text):
            start, end = match.span()
            if start == end or any(taken[start:end]):
                continue
            taken[start:end] = b"\1" * (end - start)
            spans.append(_Span(start, end, say(match)))
    return spans


def _rules(language: str) -> Iterator[tuple]:
    if language == "en":
        from pipeline.speech.text.english import RULES

        yield from ((rule.pattern, rule.say) for rule in RULES)
    elif numbers.known(language):
        yield (
            re.compile(rf"(?<![\w.,])(?:{_SPACED_NUMBER})(?![.,]?\w)"),
            lambda match: _foreign(match[0], language),
        )


def _foreign(number: str, language: str) -> str:
    """A number as most of the world writes it: "1.234,5"."""
    if re.fullmatch(r"\d{1,3}(?:[.\u00a0\u202f]\d{3})+(?:,\d+)?", number):
        number = re.sub(r"[.\u00a0\u202f]", "", number)
    return numbers.count(number.replace(",", "."), language)


def _chunks(text: str, spans: list[_Span]) -> Iterator[tuple[str, str, bool]]:
    """What stands between white space, outside of spans: written, spoken, and whether a paragraph begins."""
    written, spoken, breaks = "", "", False
    at = 0
    for span in [*spans, _Span(len(text), len(text), "")]:
        for piece in re.split(r"(\s+)", text[at : span.start]):
            if not piece or not piece.isspace():
                written, spoken = written + piece, spoken + piece
                continue
            if written:
                yield written, spoken, breaks
            written, spoken, breaks = "", "", "\n\n" in re.sub(r"[^\n]", "", piece)
        written += " ".join(text[span.start : span.end].split())
        spoken += _apart(spoken, span.spoken, text[span.end : span.end + 1])
        at = span.end
    if written:
        yield written, spoken, breaks


def _apart(before: str, spoken: str, after: str) -> str:
    """A span's words, parted by spaces from letters beside them."""
    left = " " if before and before[-1].isalnum() else ""
    right = " " if after.isalnum() else ""
    return f"{left}{spoken}{right}"


def _speakable(spoken: str, language: str) -> str:
    """Only what a voice can say: letters, digits, spaces and punctuation; signs by name in English."""
    spoken = _DASHES.sub(", ", re.sub(r"\.{2,}", "…", spoken))
    spoken = re.sub(r"([!?])[!?]+", r"\1", spoken).replace("“", '"').replace("”", '"').replace("’", "'")
    names = _sign_names(language)
    spoken = "".join(_say_sign(letter, names) for letter in spoken)
    spoken = re.sub(r"\s+([.,;:!?…])", r"\1", " ".join(spoken.split()))
    return spoken.lstrip(".,;:!?…-") if any(letter.isalnum() for letter in spoken) else spoken


def _sign_names(language: str) -> dict[str, str]:
    if not language.startswith("en"):
        return {sign: sign for sign in _READ_BY_VOICE}
    from pipeline.speech.text.english_tables import MARKS

    return MARKS


def _say_sign(letter: str, names: dict[str, str]) -> str:
    kind = unicodedata.category(letter)
    if kind[0] in "LMN" or letter in _PUNCTUATION or letter.isspace():
        return letter
    return f" {names[letter]} " if letter in names else " "
