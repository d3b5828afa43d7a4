"""Dates in every usual spelling, and years."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.figures import WORD_END, joiner, word_before
from pipeline.speech.text.locales.locale import Locale
from pipeline.speech.text.rules import Rule, rule

_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_MONTH = r"(?:1[0-2]|0?[1-9])"
_TO = r"\s?[-–—]\s?"
_CENTURY_TURN = 50
"""Years of two digits from here on are of the last century."""


def rules(locale: Locale) -> tuple[Rule, ...]:
    """The rules for dates; day before month, as all these languages write it."""
    numbers = {name.lower(): at for at, name in enumerate(locale.months, 1)}
    numbers |= locale.short_months
    names = "|".join(sorted(map(re.escape, numbers), key=len, reverse=True))
    days = "|".join(sorted(map(re.escape, locale.weekdays), key=len, reverse=True))

    spans = "|".join({*locale.months, *locale.weekdays.values()})

    def say(match: re.Match[str], day: str, month: int, year: str | None) -> str:
        return locale.date(int(day), month, _full_year(year), word_before(match))

    def numeric(match: re.Match[str]) -> str:
        day, month = match["d"], int(match["m"])
        if month > len(locale.months):
            day, month = match["m"], int(match["d"])
        return say(match, day, month, match["y"])

    def named(match: re.Match[str]) -> str:
        spoken = say(match, match["d"], numbers[match["m"].lower()], match["y"])
        if not match["from"]:
            return spoken
        begin = locale.date(int(match["from"]), 0, None, word_before(match))
        return f"{begin} {joiner(match, locale)} {spoken}"

    year = r"(?P<y>\d{4}|\d\d)"
    before = "|".join(rf"(?<=\b{word}\s)" for word in locale.before_date) or "(?!)"
    of = rf"(?:{locale.of_pattern}\s)?" if locale.of_pattern else ""
    return (
        rule(rf"(?<![\w/.-])(?P<y>\d{{4}})([-/.])(?P<m>{_MONTH})\2(?P<d>{_DAY})(?![\w/-])", numeric),
        rule(rf"(?<![\w/.-])(?P<d>{_DAY})([-/.])(?P<m>{_MONTH})\2{year}(?![\w/-])(?!\.\d)", numeric),
        rule(rf"(?<![\w/.-])(?P<d>{_MONTH})/(?P<m>{_DAY})/(?P<y>\d{{4}})(?![\w/-])", numeric),
        rule(rf"(?i:{before})(?P<d>{_DAY})/(?P<m>{_MONTH})(?P<y>)(?![\w/%-])", numeric),
        rule(rf"(?<![\w.,/])(?:(?P<from>{_DAY}){locale.day_pattern}{_TO})?(?P<d>{_DAY}){locale.day_pattern}"
             rf"[\s-]{of}(?P<m>{names}){WORD_END}(?:\.(?=[,\s]\s*(?-i:[^\W_A-ZÀ-Þ])))?(?:,?[\s-]{of}(?P<y>\d{{4}})(?!\d|[.,]\d))?",
             named, re.IGNORECASE),
        rule(rf"\b({days}){WORD_END}\.?{_TO}({days}){WORD_END}\.?",
             lambda m: f"{locale.weekdays[m[1]]} {locale.to} {locale.weekdays[m[2]]}"),
        rule(rf"\b({days})\.?\s(a|à|al|e|et|und|y|bis)\s({days}){WORD_END}\.?",
             lambda m: f"{locale.weekdays[m[1]]} {m[2]} {locale.weekdays[m[3]]}"),
        rule(rf"\b({days}){WORD_END}\.?(?=,?\s(?:\d|(?:el|le|den|dem|dia)\s\d))",
             lambda m: locale.weekdays[m[1]]),
        rule(rf"(?<![^\W\d_-])({spans}){_TO}({spans}){WORD_END}(?!-)", lambda m: f"{m[1]} {locale.to} {m[2]}",
             re.IGNORECASE),
        rule(rf"\b({names}){WORD_END}\.?(?=\s(?:{locale.of_pattern}\s)?(?:19|20)\d\d\b)",
             lambda m: locale.months[numbers[m[1].lower()] - 1], re.IGNORECASE),
        rule(rf"(?<![\w.,-])((?:1[1-9]|20)\d\d){_TO}((?:1[1-9]|20)\d\d)(?![\w-]|[.,]\d)",
             lambda m: f"{locale.year(int(m[1]))} {joiner(m, locale)} {locale.year(int(m[2]))}"),
        rule(locale.year_pattern, lambda m: locale.year(int(m[0]))),
    )  # fmt: skip


def _full_year(digits: str | None) -> int | None:
    if not digits:
        return None
    year = int(digits)
    if len(digits) > 2:
        return year
    return year + (1900 if year >= _CENTURY_TURN else 2000)
