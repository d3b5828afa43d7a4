"""Versions, ranges, results of games, and every other number."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.figures import (
    agreement,
    joiner,
    number_pattern,
    signed_pattern,
    split,
    spoken_number,
    value,
    whole_number,
)
from pipeline.speech.text.locales.locale import Locale
from pipeline.speech.text.rules import Rule, rule

_TO = r"\s?[-–—]\s?"


def rules(locale: Locale) -> tuple[Rule, ...]:
    """The rules for counting and numbering; the last takes every number that is left."""
    number, signed = number_pattern(locale), signed_pattern(locale)
    point = next(name for sign, name in locale.points.items() if sign == ".")

    def version(match: re.Match[str]) -> str:
        return f" {point} ".join(whole_number(part, locale) for part in match[1].split("."))

    def between(match: re.Match[str]) -> str:
        gender = agreement(match["n"], match, locale)
        return f"{spoken_number(match['from'], locale, gender)} {joiner(match, locale)} {counted(match)}"

    def counted(match: re.Match[str]) -> str:
        gender = agreement(match["n"], match, locale)
        return spoken_number(match["n"], locale, gender) + _of(match["n"], match["next"], locale)

    return (
        rule(r"(?<![\d.,])(\d+(?:\.\d+){2,})(?!\d|[.,]\d)(?<!\.\d{3})", version),
        rule(r"(?<![\d.,])((?:\d{1,3}\.){3}\d{1,3})(?!\d|[.,]\d)", version),
        rule(r"\b([vV])\.?\s?(?=\d)", lambda m: f"{locale.abbreviations.get('v', m[1])} "),
        rule(r"(?<=[vV])(?<![^\W_][vV])\.?\s?(\d+\.\d+)(?![\d.,])", version),
        rule(r"(?<![\w.,:])(\d{1,3})\s?:\s?(\d{1,3})(?![\w:])",
             lambda m: f"{whole_number(m[1], locale)} {locale.signs[':']} {whole_number(m[2], locale)}"),
        rule(rf"(?<![\w.,–-])(?P<from>{number}){_TO}(?P<n>{number})(?![\w-])(?=(?:\s(?P<next>[^\W\d_]+))?)",
             between),
        rule(r"(?<=[^\W\d_])-?(?P<n>\d+)", lambda m: f" {whole_number(m['n'], locale)}"),
        rule(rf"(?P<n>{signed})(?=(?:\s(?P<next>[^\W\d_]+))?)", counted),
        rule(r"\d+", lambda m: f"{whole_number(m[0], locale)}"),
    )  # fmt: skip


def _of(number: str, following: str | None, locale: Locale) -> str:
    """The word between whole millions and what they are of."""
    bare = number.lstrip("-−–+± ")
    whole, decimals, _ = split(bare, locale)
    if decimals or len(whole) < 7 or len(whole) > 15 or value(bare, locale) % 1e6:
        return ""
    if not following or len(following) == 1 or following.lower() in locale.function_words:
        return ""
    return locale.of_millions(following).rstrip(" ")
