"""Times of day and lengths of time."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.figures import SENTENCE_END, WORD_END
from pipeline.speech.text.locales.locale import Locale, Noun
from pipeline.speech.text.rules import Rule, rule

_HOUR = r"(?:2[0-4]|[01]?\d)"
_MINUTE = r"[0-5]\d"
_HALF = rf"\s?(?:(?P<half>[aApP])[mM]\b|(?P<dotted>[aApP])\.\s?[mM]\.(?P<end>{SENTENCE_END})?)"


def rules(locale: Locale) -> tuple[Rule, ...]:
    """The rules for the clock, of 12 hours and of 24."""

    def say(match: re.Match[str]) -> str | None:
        minute = match["min"]
        return locale.time(int(match["h"]), int(minute) if minute else None)

    def half(match: re.Match[str]) -> str | None:
        hour, minute = int(match["h"]), int(match["min"] or 0)
        ends = "." if match["end"] is not None else ""
        if not 1 <= hour <= 12:
            return f"{locale.time(hour, minute)}{ends}"
        return locale.half_time(hour, minute, (match["half"] or match["dotted"]).lower()) + ends

    def span(match: re.Match[str]) -> str:
        ends = [re.split("[:hH.]", match[end]) for end in ("from", "till")]
        said = [locale.time(int(end[0]), int(end[1] or 0) if end[1:] else 0) for end in ends]
        return f"{said[0]} {locale.to} {said[1]}"

    def hours(match: re.Match[str]) -> str | None:
        till = locale.time(int(match["till"]), None)
        begin = locale.cardinal(int(match["from"]), locale.lengths[0].gender)
        return None if till is None else f"{begin} {locale.to} {till}"

    def length(match: re.Match[str]) -> str:
        parts = [
            _counted(int(part), noun, locale)
            for part, noun in zip(match.groups(), locale.lengths, strict=False)
            if int(part or 0)
        ]
        return f" {locale.conjunction} ".join(parts) or _counted(0, locale.lengths[2], locale)

    suffix = rf"(?:\s?(?:{locale.time_pattern}){WORD_END})?"
    time = rf"{_HOUR}(?::{_MINUTE}|\s?[hH]\s?{_MINUTE}|[hH](?!\w))"
    return (
        rule(rf"(?<![\w:.,])(?P<h>1[0-2]|0?\d|1[3-9]|2[0-4])(?:[:.](?P<min>{_MINUTE}))?{_HALF}", half),
        rule(r"(?<![\d:])(\d{1,2}):([0-5]\d):([0-5]\d)(?![\d:])", length),
        rule(r"(?<![\w:.,])(\d{1,3})\s?(?:h|Std\.?)\s?([0-5]?\d)\s?[mM]in\b(?:\s?([0-5]?\d)\s?s\b)?", length),
        rule(rf"(?<![\w:.,])(?P<from>{_HOUR})\s?[-–—]\s?(?P<till>{_HOUR})\s?[hH]\b(?![/\w])(?!\s?\d)", hours),
        rule(rf"(?<![\w:.,])(?P<from>{time})\s?[-–—]\s?(?P<till>{time}){suffix}(?![\d:])", span),
        rule(rf"(?<![\w:.,])(?P<h>{_HOUR})(?::|\s?[hH]\s?)(?P<min>{_MINUTE}){suffix}(?![\d:])",
             say),
        rule(rf"(?<![\w:.,])(?P<h>{_HOUR})\.(?P<min>{_MINUTE})\s?(?:{locale.time_pattern}){WORD_END}", say),
        rule(rf"(?i:{locale.dotted_pattern})(?P<h>{_HOUR})\.(?P<min>{_MINUTE})(?!\.?\d)", say),
        rule(rf"(?<![\w:.,])(?P<h>{_HOUR})(?P<min>)\s?[hH]\b(?!/)(?!\s?\d)", say),
    )  # fmt: skip


def _counted(number: int, noun: Noun, locale: Locale) -> str:
    name = noun.singular if number == 1 else noun.plural
    return f"{locale.cardinal(number, noun.gender)} {name}"
