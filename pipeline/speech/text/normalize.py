"""Text normalisation: each word as it is written, and as it is read aloud.

English has rules of its own (`english`). In other languages numbers are put into words where num2words
knows the language; espeak, the front end of most voices, reads the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pipeline.speech.text import numbers
from pipeline.speech.text.rules import Rule


@dataclass(frozen=True)
class NormalizedWord:
    """A stretch of text that is read as one unit: a word, a number, a date."""

    written: str
    """As it stands in the text, with its punctuation."""
    spoken: str
    """As it is read aloud, in words, with the punctuation that shapes pauses and intonation."""
    opens: bool = False
    """Whether it begins a paragraph."""


_PUNCTUATION = ".,;:!?…'’\"-¿¡。，！？、；：।॥؟،؛()"
_READ_BY_ESPEAK = "%&+=€$£@°"
"""Signs that espeak reads by name in every language."""
_DASHES = re.compile(r"\s+[-–—―]+\s+|\s*[—―]\s*|--+")
_GROUPED_NUMBER = r"\d{1,3}(?:[.\u00a0\u202f]\d{3})+"
_FOREIGN_NUMBER = re.compile(rf"(?<![\w.,])(?:{_GROUPED_NUMBER}(?:,\d+)?|\d+(?:[.,]\d+)?)(?![.,]?\w)")
"""A number as most languages but English write it: "1.234,5"."""


@dataclass(frozen=True)
class _Replacement:
    """A stretch of the text that is read differently from how it is written."""

    start: int
    end: int
    spoken: str


def normalize(text: str, language: str = "en") -> list[NormalizedWord]:
    """The words of a text in order, each with how it is read aloud.

    Args:
        text: anything that may be pasted; control characters, emoji and markup are not read.
        language: BCP 47 tag of the language that it is read in.
    """
    text = _strip_markup(unicodedata.normalize("NFC", text).replace("\r\n", "\n"))
    replacements = sorted(_replacements(text, language.split("-")[0].lower()), key=lambda found: found.start)
    words: list[NormalizedWord] = []
    opens = True
    for written, spoken, breaks in _tokens(text, replacements):
        opens = opens or breaks
        spoken = _pronounceable(spoken, language)
        if any(letter.isalnum() for letter in spoken):
            words.append(NormalizedWord(written, spoken, opens))
            opens = False
        elif spoken and words:
            last = words.pop()
            words.append(
                NormalizedWord(f"{last.written} {written}", _with_sign(last.spoken, spoken), last.opens)
            )
    return [_resolve_ellipsis(word, after) for word, after in zip(words, [*words[1:], None], strict=False)]


def _strip_markup(text: str) -> str:
    """Text without tags and bullets; list items become paragraphs, CJK and Indic sentences are spaced."""
    text = re.sub(r"</?[a-zA-Z][^<>]*>", " ", text)
    text = re.sub(r"([。！？；，、।॥])(?=\S)", r"\1 ", text)
    text = re.sub(r"(?:^|\n)[ \t]*[-*•–][ \t]+", "\n\n", text)
    return re.sub(r"(?:^|\n)[ \t]*(\d{1,2})[.)][ \t]+", r"\n\n\1, ", text)


def _replacements(text: str, language: str) -> list[_Replacement]:
    """Every match of the language's rules; an earlier rule wins over a later one that overlaps."""
    taken = bytearray(len(text))
    found = []
    for rule in _rules(language):
        for match in rule.pattern.finditer(text):
            start, end = match.span()
            if start == end or any(taken[start:end]):
                continue
            taken[start:end] = b"\1" * (end - start)
            found.append(_Replacement(start, end, rule.verbalize(match)))
    return found


def _rules(language: str) -> tuple[Rule, ...]:
    if language == "en":
        from pipeline.speech.text.english import RULES

        return RULES
    if numbers.supported(language):
        return (Rule(_FOREIGN_NUMBER, lambda match: _foreign_number(match[0], language)),)
    return ()


def _foreign_number(number: str, language: str) -> str:
    if re.fullmatch(rf"{_GROUPED_NUMBER}(?:,\d+)?", number):
        number = re.sub(r"[.\u00a0\u202f]", "", number)
    return numbers.cardinal(number.replace(",", "."), language)


def _tokens(text: str, replacements: list[_Replacement]) -> Iterator[tuple[str, str, bool]]:
    """Written form, spoken form, and whether a paragraph begins, of each token.

    White space separates tokens, except inside a replacement.
    """
    written, spoken, breaks = "", "", False
    at = 0
    for found in [*replacements, _Replacement(len(text), len(text), "")]:
        for piece in re.split(r"(\s+)", text[at : found.start]):
            if not piece or not piece.isspace():
                written, spoken = written + piece, spoken + piece
                continue
            if written:
                yield written, spoken, breaks
            written, spoken, breaks = "", "", "\n\n" in re.sub(r"[^\n]", "", piece)
        written += " ".join(text[found.start : found.end].split())
        spoken += _spaced(spoken, found.spoken, text[found.end : found.end + 1])
        at = found.end
    if written:
        yield written, spoken, breaks


def _spaced(before: str, spoken: str, after: str) -> str:
    """The words of a replacement, with spaces between them and the letters around them."""
    left = " " if before and before[-1].isalnum() else ""
    right = " " if after.isalnum() else ""
    return f"{left}{spoken}{right}"


def _pronounceable(spoken: str, language: str) -> str:
    """Only what a voice can read: letters, digits, spaces and punctuation; in English, signs by name."""
    spoken = _DASHES.sub(", ", re.sub(r"\.{2,}", "…", spoken))
    spoken = re.sub(r"([!?])[!?]+", r"\1", spoken).replace("“", '"').replace("”", '"').replace("’", "'")
    names = _sign_names(language)
    spoken = "".join(_read_character(character, names) for character in spoken)
    spoken = re.sub(r"\s+([.,;:!?…])", r"\1", " ".join(spoken.split()))
    return spoken.lstrip(".,;:!?…-") if any(letter.isalnum() for letter in spoken) else spoken


def _sign_names(language: str) -> dict[str, str]:
    if not language.startswith("en"):
        return {sign: sign for sign in _READ_BY_ESPEAK}
    from pipeline.speech.text.english_tables import SIGN_NAMES

    return SIGN_NAMES


def _read_character(character: str, names: dict[str, str]) -> str:
    category = unicodedata.category(character)
    if category[0] in "LMN" or character in _PUNCTUATION or character.isspace():
        return character
    return f" {names[character]} " if character in names else " "


def _with_sign(word: str, sign: str) -> str:
    """A word with the lone sign behind it: punctuation ends the word, anything else follows after a space."""
    return word.rstrip(".,") + sign if all(mark in _PUNCTUATION for mark in sign) else f"{word} {sign}"


def _resolve_ellipsis(word: NormalizedWord, after: NormalizedWord | None) -> NormalizedWord:
    """Three dots become a full stop where a sentence or paragraph follows, and a comma elsewhere."""
    ends = after is None or after.opens or not after.written[0].islower()
    return replace(word, spoken=word.spoken.replace("…", "." if ends else ","))
