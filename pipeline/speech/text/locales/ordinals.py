"""Ordinals and Roman numerals."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.figures import (
    number_pattern,
    roman,
    spoken_number,
    word_before,
)
from pipeline.speech.text.locales.locale import Gender, Locale
from pipeline.speech.text.rules import Rule, rule

_ROMAN = r"(?P<roman>[IVXLCDM]+)"


def rules(locale: Locale) -> tuple[Rule, ...]:
    """The rules for places in a row, whether in digits or in Roman numerals."""
    return (*_roman_rules(locale), *_ordinal_rules(locale))


def _roman_rules(locale: Locale) -> tuple[Rule, ...]:

    def counted(match: re.Match[str]) -> str | None:
        number = roman(match["roman"])
        return None if number is None else f"{match[1]} {locale.cardinal(number, '')}"

    def reigning(match: re.Match[str]) -> str | None:
        number = roman(match["roman"])
        return None if number is None else f"{match[1]} {locale.reigning(number, match[1])}"

    def century(match: re.Match[str]) -> str | None:
        number = roman(match["roman"])
        name = locale.century_name if match[1].endswith(".") else match[1]
        return None if number is None else f"{name} {locale.century(number)}"

    def ordinal(match: re.Match[str]) -> str | None:
        number = roman(match["roman"])
        gender: Gender = "f" if locale.is_feminine(match["next"]) else "m"
        return None if number is None else locale.ordinal(number, gender)

    return (
        rule(rf"\b({locale.century_pattern})\s{_ROMAN}\b", century),
        rule(rf"\b((?i:{locale.counted_pattern}))\s{_ROMAN}\b", counted),
        rule(rf"\b({locale.reigning_pattern})\s{_ROMAN}\b(?:\.(?=\s[^\W\d_A-ZÀ-Þ]))?", reigning),
        rule(rf"\b(?P<roman>[IVX]+)(?:{locale.roman_pattern})(?=\s(?P<next>[^\W\d_]+))", ordinal),
        rule(r"(?<=[^\W\d_]\s)\b(?P<roman>(?=[IVX]{2,}\b)X{0,3}(?:IX|IV|V?I{0,3}))\b(?!['’.]\w)",
             lambda m: locale.cardinal(roman(m["roman"]) or 0, "")),
    )  # fmt: skip


def _ordinal_rules(locale: Locale) -> tuple[Rule, ...]:
    def marked(match: re.Match[str]) -> str | None:
        following = re.match(r"\s?([^\W\d_]*)", match.string[match.end() :])
        after = following[1] if following else ""
        return locale.marked_ordinal(match["n"], match["mark"], word_before(match), after)

    return (
        rule(rf"(?<![\w.,])(?P<n>\d{{1,6}})(?P<mark>{locale.ordinal_pattern})(?![\w°])", marked),
        rule(rf"(?<!\w)(?:{locale.number_pattern})\s?(?P<n>{number_pattern(locale)})\b",
             lambda m: f"{locale.number} {spoken_number(m['n'], locale)}"),
    )  # fmt: skip
