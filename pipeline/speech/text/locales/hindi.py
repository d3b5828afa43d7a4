"""Hindi: numbers by lakh and crore, halves and quarters, dates, times."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.figures import digit_by_digit, spoken_number
from pipeline.speech.text.locales.locale import Gender, Grammar, Locale
from pipeline.speech.text.locales.tables import build, read
from pipeline.speech.text.rules import Rule, rule

_WORDS = read("hi")
BELOW_HUNDRED = tuple(_WORDS["below_hundred"].split())
"""The numbers 0 to 99, each a word of its own."""
_MONTHS = tuple(_WORDS["months"].split())
_POWERS = ((10**11, "खरब"), (10**9, "अरब"), (10**7, "करोड़"), (10**5, "लाख"), (1000, "हज़ार"), (100, "सौ"))
_ORDINALS = {1: "पहल", 2: "दूसर", 3: "तीसर", 4: "चौथ", 6: "छठ"}
"""Ordinals that are not the number with an ending, without their own ending."""
_ENDINGS = {"ी": ("ी", "वीं"), "े": ("े", "वें")}
_FRACTIONS = {(1, 4): "एक चौथाई", (3, 4): "तीन चौथाई", (1, 3): "एक तिहाई", (2, 3): "दो तिहाई"}
_PARTS_OF_DAY = {
    "a": ((4, "रात"), (11, "सुबह"), (12, "रात")),
    "p": ((3, "दोपहर"), (7, "शाम"), (11, "रात"), (12, "दोपहर")),
}
"""The part of the day up to each hour before and after noon."""
_LARGE = "हज़ार|हजार|लाख|करोड़|अरब|खरब"
_LAST_HOUR_OF_HALVES = 12
"""Hours up to this one are said with "half past" and "quarter to"."""


def _cardinal(number: int, gender: Gender) -> str:
    """A number in words, grouped by thousand, lakh and crore; Hindi numbers have no gender."""
    if number < 100:
        return BELOW_HUNDRED[number]
    power, name = next(found for found in _POWERS if number >= found[0])
    many, rest = divmod(number, power)
    return f"{_cardinal(many, '')} {name}" + (f" {_cardinal(rest, '')}" if rest else "")


def _ordinal(number: int, gender: Gender) -> str:
    ending = "ी" if gender == "f" else "ा"
    return _with_ending(number, ending)


def _with_ending(number: int, ending: str) -> str:
    irregular, regular = _ENDINGS.get(ending, ("ा", "वाँ"))
    if number in _ORDINALS:
        return _ORDINALS[number] + irregular
    return _cardinal(number, "") + regular


def _marked_ordinal(digits: str, mark: str, before: str, after: str) -> str:
    ending = next((vowel for vowel in "ीे" if vowel in mark), "ा")
    return _with_ending(int(digits), ending)


def _year(year: int) -> str:
    if 1100 <= year < 2000:
        rest = f" {_cardinal(year % 100, '')}" if year % 100 else ""
        return f"{_cardinal(year // 100, '')} सौ{rest}"
    return _cardinal(year, "")


def _date(day: int, month: int, year: int | None, before: str) -> str:
    said = _cardinal(day, "")
    if month:
        said += f" {_MONTHS[month - 1]}"
    return said + (f" {_year(year)}" if year is not None else "")


def _time(hour: int, minute: int | None) -> str | None:
    if minute is None:
        return None
    if not minute:
        return f"{_cardinal(hour, '')} बजे"
    if minute in (15, 30, 45) and 1 <= hour <= _LAST_HOUR_OF_HALVES:
        return f"{_with_part(hour, minute)} बजे"
    return f"{_cardinal(hour, '')} बजकर {_cardinal(minute, '')} मिनट"


def _with_part(whole: int, sixtieths: int) -> str:
    """A number and a quarter, a half or three quarters: "सवा", "साढ़े", "पौने"."""
    if sixtieths == 45:
        following = whole % 12 + 1
        return "पौन" if following == 1 else f"पौने {_cardinal(following, '')}"
    if sixtieths == 15:
        return f"सवा {_cardinal(whole, '')}"
    return {1: "डेढ़", 2: "ढाई"}.get(whole, f"साढ़े {_cardinal(whole, '')}")


def _half_time(hour: int, minute: int, half: str) -> str:
    return f"{next(name for until, name in _PARTS_OF_DAY[half] if hour <= until)} {_time(hour, minute)}"


def _fraction(top: int, bottom: int, gender: Gender) -> str:
    if (top, bottom) == (1, 2):
        return "आधा"
    return _FRACTIONS.get((top, bottom), f"{_cardinal(top, '')} बटा {_cardinal(bottom, '')}")


def _mixed(whole: int, top: int, bottom: int, gender: Gender) -> str:
    if bottom in (2, 4) and (top, bottom) != (3, 4):
        return _with_part(whole, 60 * top // bottom)
    return f"{_cardinal(whole, '')} सही {_fraction(top, bottom, '')}"


def _half_of_large(match: re.Match[str]) -> str:
    """ "2.5 करोड़" is "ढाई करोड़"."""
    return _with_part(int(match[1]), 30)


def _extra() -> tuple[Rule, ...]:
    return (
        rule(r"(?<![\w.,-])(\d{1,2})-(\d{1,2})(?=\sसे\s)",
             lambda m: f"{_cardinal(int(m[1]), '')} {_cardinal(int(m[2]), '')}"),
        rule(r"(?<![\w.,])\d+(?:\.\d+){2,}(?![.,]?\d)",
             lambda m: " पॉइंट ".join(_cardinal(int(part), "") for part in m[0].split("."))),
        rule(rf"₹\s?(\d{{1,2}})\.5\s({_LARGE})", lambda m: f"{_half_of_large(m)} {m[2]} रुपये"),
        rule(rf"(?<![\w.,₹$€£])(\d{{1,2}})\.5(?=\s(?:{_LARGE}))", _half_of_large),
        rule(r"(?<![\w.,₹$€£])([12])\.5\s?(?=घंट|दिन|महीन|साल|किलो|लीटर|मीटर|गुना|बजे|मिनट|हफ़्त|हफ्त)",
             lambda m: f"{_half_of_large(m)} "),
        rule(r"(?<!\w)\+91(?:[\s-]?\d{2,5}){2,3}(?!\d)",
             lambda m: f"प्लस {digit_by_digit(re.sub(r'[+-]', ' ', m[0]), LOCALE)}"),
        rule(r"(?<![\w.,-])0\d{2,4}-\d{6,8}(?!\d)", lambda m: digit_by_digit(m[0], LOCALE)),
        rule(r"(?<![\w.,])[6-9]\d{4}[\s-]?\d{5}(?![.,]?\d)", lambda m: digit_by_digit(m[0], LOCALE)),
        rule(r"(?<![\w.,])1800(?:[\s-]\d{3,4}){1,2}(?!\d)", lambda m: digit_by_digit(m[0], LOCALE)),
        rule(r"(पिन(?:\sकोड)?\s?[:-]?\s?)(\d{6})\b", lambda m: m[1] + digit_by_digit(m[2], LOCALE)),
        rule(r"(?<=\s-\s)(\d{6})\b|(?<=[\u0900-\u097f]-)(\d{6})\b", lambda m: digit_by_digit(m[0], LOCALE)),
        rule(r"(?<![\d.,])(\d+)\s?(?=गुना|गुनी|गुने)", lambda m: f"{spoken_number(m[1], LOCALE)} "),
    )  # fmt: skip


LOCALE: Locale = build(
    "hi",
    Grammar(
        cardinal=_cardinal,
        ordinal=_ordinal,
        date=_date,
        time=_time,
        half_time=_half_time,
        fraction=_fraction,
        mixed=_mixed,
        year=_year,
        reigning=lambda number, name: _ordinal(number, "f" if name == "एलिज़ाबेथ" else "m"),
        marked_ordinal=_marked_ordinal,
        decimals="digits",
        longest_initialism=5,
        extra=_extra(),
    ),
    lambda noun: noun,
)
