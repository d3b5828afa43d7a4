"""Which stretches of a text are read otherwise than they are written, and the tokens that come of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.speech.text import locales, numbers, pronunciation
from pipeline.speech.text.capitals import shouted
from pipeline.speech.text.pronunciation import Pronunciations
from pipeline.speech.text.rules import Rule
from pipeline.speech.text.scripts import script_of

_GROUPED_NUMBER = r"\d{1,3}(?:[.\u00a0\u202f]\d{3})+"
_FOREIGN_NUMBER = re.compile(rf"(?<![\w.,])(?:{_GROUPED_NUMBER}(?:,\d+)?|\d+(?:[.,]\d+)?)(?![.,]?\w)")
"""A number as most languages but English write it: "1.234,5"."""


@dataclass(frozen=True)
class Replacement:
    """A stretch of the text that is read differently from how it is written."""

    start: int
    end: int
    spoken: str


_UNSAYABLE = (ArithmeticError, LookupError, NotImplementedError, ValueError)
"""What num2words and the rules raise for a number that they have no words for."""
_AS_IT_STANDS = '"{}" could not be put into words; the voice reads it as it stands.'
_LONGEST_WARNED = 40
"""Characters of a word that a warning shows."""


def replacements_of(
    text: str, language: str, pronunciations: Pronunciations
) -> tuple[list[Replacement], list[str]]:
    """Every match of the listed words and the language's rules; an earlier one wins over a later.

    Behind them a warning for each that could not be put into words, and is left to the voice as it is.
    """
    unread: dict[str, str] = {}
    taken = bytearray(len(text))
    found: list[Replacement] = []

    def take(start: int, end: int, spoken: str | None) -> None:
        if spoken is not None:
            taken[start:end] = b"\1" * (end - start)
            found.append(Replacement(start, end, spoken))

    def is_free(start: int, end: int) -> bool:
        return start < end and not any(taken[start:end])

    with_digits = locales.european_digits(text)
    words = dict(shouted(text)) if language == "en" else {}
    listed: tuple[Rule, ...] = (pronunciation.rule(pronunciations),) if pronunciations else ()
    for rule in (*listed, *_rules(language)):
        for match in rule.pattern.finditer(with_digits):
            if (not rule.spells or match.start() not in words) and is_free(*match.span()):
                try:
                    take(*match.span(), rule.verbalize(match))
                except _UNSAYABLE:
                    unread[match[0]] = _AS_IT_STANDS.format(shortened(match[0].strip()))
    for span in filter(lambda span: is_free(*span), words.items()):
        take(*span, text[slice(*span)].lower())
    return sorted(found, key=lambda replacement: replacement.start), list(unread.values())


def _rules(language: str) -> tuple[Rule, ...]:
    if language == "en":
        from pipeline.speech.text.english import RULES

        return RULES
    if language == "ja":
        from pipeline.speech.text import japanese

        return japanese.RULES
    if found := locales.rules_of(language):
        return found
    if numbers.supported(language):
        return (Rule(_FOREIGN_NUMBER, lambda match: _foreign_number(match[0], language)),)
    return ()


def _foreign_number(number: str, language: str) -> str:
    if re.fullmatch(rf"{_GROUPED_NUMBER}(?:,\d+)?", number):
        number = re.sub(r"[.\u00a0\u202f]", "", number)
    return numbers.in_words(number.replace(",", "."), language)


def tokens(text: str, replacements: list[Replacement]) -> Iterator[tuple[str, str, bool, int]]:
    """Written form, spoken form, whether a paragraph begins, and where it ends in the text, of each token.

    White space separates tokens, except inside a replacement.
    """
    written, spoken, breaks = "", "", False
    at = 0
    for found in [*replacements, Replacement(len(text), len(text), "")]:
        for piece in re.split(r"(\s+)", text[at : found.start]):
            at += len(piece)
            if not piece or not piece.isspace():
                written, spoken = written + piece, spoken + piece
                continue
            if written:
                yield written, spoken, breaks, at
            written, spoken, breaks = "", "", "\n\n" in re.sub(r"[^\n]", "", piece)
        written += " ".join(text[found.start : found.end].split())
        spoken += _spaced(spoken, found.spoken, text[found.end : found.end + 1])
        at = found.end
    if written:
        yield written, spoken, breaks, at


def _spaced(before: str, spoken: str, after: str) -> str:
    """The words of a replacement, with spaces between them and the letters around them."""
    left = " " if before and before[-1].isalnum() and not _is_unspaced(before[-1], spoken[:1]) else ""
    right = " " if after.isalnum() and not _is_unspaced(spoken[-1:], after) else ""
    return f"{left}{spoken}{right}"


def _is_unspaced(left: str, right: str) -> bool:
    """Whether two characters stay together: both Chinese, or an elision ("d'")."""
    return left == "'" or (bool(left and right) and script_of(left) == script_of(right) == "Chinese")


def shortened(part: str) -> str:
    return part if len(part) <= _LONGEST_WARNED else f"{part[:_LONGEST_WARNED]}…"
