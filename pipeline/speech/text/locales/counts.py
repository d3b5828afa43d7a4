"""Ordinals, Roman numerals, versions, ranges, results of games, and every other number."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.figures import (
    agreement,
    number_pattern,
    roman,
    signed_pattern,
    split,
    spoken_number,
    value,
    whole_number,
    word_before,
)
from pipeline.speech.text.locales.locale import Gender, Locale
from pipeline.speech.text.rules import Rule, rule

_TO = r"\s?[-–—]\s?"
_ROMAN = r"(?P<roman>[IVXLCDM]+)"


def rules(locale: Locale) -> tuple[Rule, ...]:
    """The rules for counting and numbering; the last takes every number that is left."""
    number, signed = number_pattern(locale), signed_pattern(locale)
    point = next(name for sign, name in locale.points.items() if sign == ".")

    def version(match: re.Match[str]) -> str:
        return f" {point} ".join(whole_number(part, locale) for part in match[1].split("."))

    def between(match: re.Match[str]) -> str:
        gender = agreement(match["n"], match, locale)
        return f"{spoken_number(match['from'], locale, gender)} {locale.to} {counted(match)}"

    def counted(match: re.Match[str]) -> str:
        gender = agreement(match["n"], match, locale)
        return spoken_number(match["n"], locale, gender) + _of(match["n"], match["next"], locale)

    return (
        *_roman_rules(locale),
        *_ordinal_rules(locale),
        rule(r"(?<![\d.,])(\d+(?:\.\d+){2,})(?![\d,])(?<!\.\d{3})", version),
        rule(r"(?<![\d.,])((?:\d{1,3}\.){3}\d{1,3})(?![\d,.])", version),
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


def _roman_rules(locale: Locale) -> tuple[Rule, ...]:

    def counted(match: re.Match[str]) -> str:
        number = roman(match["roman"])
        return match[0] if number is None else f"{match[1]} {locale.cardinal(number, '')}"

    def reigning(match: re.Match[str]) -> str:
        number = roman(match["roman"])
        return match[0] if number is None else f"{match[1]} {locale.reigning(number, match[1])}"

    def century(match: re.Match[str]) -> str:
        number = roman(match["roman"])
        return match[0] if number is None else f"{match[1]} {locale.century(number)}"

    def ordinal(match: re.Match[str]) -> str:
        number = roman(match["roman"])
        gender: Gender = "f" if locale.is_feminine(match["next"]) else "m"
        return match[0] if number is None else locale.ordinal(number, gender)

    return (
        rule(rf"\b({locale.century_pattern})\s{_ROMAN}\b", century),
        rule(rf"\b((?i:{locale.counted_pattern}))\s{_ROMAN}\b", counted),
        rule(rf"\b({locale.reigning_pattern})\s{_ROMAN}\b", reigning),
        rule(rf"\b(?P<roman>[IVX]+)(?:{locale.roman_pattern})\s(?=(?P<next>[^\W\d_]+))", lambda m: f"{ordinal(m)} "),
        rule(r"(?<=[^\W\d_]\s)\b(?P<roman>(?=[IVX]{2,}\b)X{0,3}(?:IX|IV|V?I{0,3}))\b(?!['’.]\w)",
             lambda m: locale.cardinal(roman(m["roman"]) or 0, "")),
    )  # fmt: skip


def _ordinal_rules(locale: Locale) -> tuple[Rule, ...]:
    def marked(match: re.Match[str]) -> str:
        following = re.match(r"\s?([^\W\d_]*)", match.string[match.end() :])
        said = locale.marked_ordinal(
            match["n"], match["mark"], word_before(match), following[1] if following else ""
        )
        return match[0] if said is None else said

    return (
        rule(rf"(?<![\w.,])(?P<n>\d{{1,6}})(?P<mark>{locale.ordinal_pattern})(?![\w°])", marked),
        rule(rf"(?<!\w)(?:{locale.number_pattern})\s?(?P<n>\d+)\b",
             lambda m: f"{locale.number} {whole_number(m['n'], locale)}"),
    )  # fmt: skip


def _of(number: str, following: str | None, locale: Locale) -> str:
    """The word between whole millions and what they are of."""
    bare = number.lstrip("-−–+± ")
    whole, decimals, _ = split(bare, locale)
    if decimals or len(whole) < 7 or len(whole) > 15 or value(bare, locale) % 1e6:
        return ""
    if not following or following.lower() in locale.function_words:
        return ""
    return locale.of_millions(following).rstrip(" ")
