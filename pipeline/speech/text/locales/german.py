"""German: numbers, inflected ordinals, dates, times, compounds of a number and a word."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.figures import digit_by_digit, roman, word_before
from pipeline.speech.text.locales.locale import Gender, Grammar, Locale
from pipeline.speech.text.locales.tables import build, read, words
from pipeline.speech.text.rules import Rule, rule

_WORDS = read("de")
_FEMININE, _MASCULINE, _NEUTER = (words(_WORDS[name]) for name in ("feminine", "masculine", "neuter"))
_FEMININE_ENDINGS = tuple(_WORDS["feminine_endings"].split())
_NOMINATIVE, _OBLIQUE, _ORDERED = (words(_WORDS[name]) for name in ("nominative", "oblique", "ordered"))
_MONTHS = tuple(_WORDS["months"].split())
_DATIVE = frozenset(("vor", "in", "nach", "seit", "mit", "aus", "bei", "von", "zu", "ab"))
_ACCUSATIVE = frozenset(("für", "um", "durch", "ohne", "pro"))
_JOINED = (
    "jährig|tägig|stündig|minütig|köpfig|stellig|teilig|seitig|fach|mal|monatig|wöchig|stufig|sprachig|türig"
)
_LONGEST_HALF_DAY = 12


def _cardinal(number: int, gender: Gender) -> str:
    """A number in words; "ein" or "eine" for a single one that is counted."""
    from num2words import num2words

    if number == 1 and gender:
        return "eine" if gender == "f" else "ein"
    return str(num2words(number, lang="de"))


def _stem(number: int) -> str:
    """An ordinal without its ending: "dritt"."""
    from num2words import num2words

    return str(num2words(number, lang="de", to="ordinal")).removesuffix("e")


def _inflected(number: int, before: str, after: str) -> str:
    """An ordinal with the ending that the word before it and the noun behind it ask for."""
    if before in _NOMINATIVE:
        return f"{_stem(number)}e"
    if before in _OBLIQUE:
        return f"{_stem(number)}en"
    if after.lower() in _NEUTER:
        return f"{_stem(number)}es"
    return f"{_stem(number)}{'e' if after and _is_feminine(after.lower()) else 'er'}"


def _marked_ordinal(digits: str, mark: str, before: str, after: str) -> str | None:
    number = int(digits)
    if not number:
        return None
    if mark != ".":
        return _stem(number) + mark.lstrip("st")
    if before in _NOMINATIVE | _OBLIQUE or after in _ORDERED:
        return _inflected(number, before, after)
    return None


def _date(day: int, month: int, year: int | None, before: str) -> str:
    said = _inflected(day, before, "")
    if month:
        said += f" {_MONTHS[month - 1]}"
    return said + (f" {_year(year)}" if year is not None else "")


def _year(year: int) -> str:
    from num2words import num2words

    return str(num2words(year, lang="de", to="year" if 1100 <= year < 2000 else "cardinal"))


def _time_of_day(hour: int, minute: int | None) -> str | None:
    """None for a number of hours alone, which is a length of time."""
    return None if minute is None else _time(hour, minute)


def _time(hour: int, minute: int) -> str:
    said = f"{_cardinal(hour, 'm')} Uhr"
    return f"{said} {_cardinal(minute, '')}" if minute else said


def _half_time(hour: int, minute: int, half: str) -> str:
    if hour == _LONGEST_HALF_DAY:
        return _time(0 if half == "a" else hour, minute)
    part = "morgens" if half == "a" else "nachmittags" if hour < 6 else "abends"
    return f"{_time(hour, minute)} {part}"


def _fraction(top: int, bottom: int, gender: Gender) -> str:
    if (top, bottom) == (1, 2):
        return {"m": "ein halber", "f": "eine halbe", "": "einhalb"}[gender]
    if bottom == 2:
        return f"{_cardinal(top, '')} Halbe"
    name = "Drittel" if bottom == 3 else f"{_stem(bottom)}el".capitalize()
    return f"{_cardinal(top, 'm')} {name}"


def _mixed(whole: int, top: int, bottom: int, gender: Gender) -> str:
    if (top, bottom) == (1, 2):
        return f"{_cardinal(whole, 'm')}einhalb"
    return f"{_cardinal(whole, '')} {_fraction(top, bottom, '')}"


def _is_feminine(word: str) -> bool:
    if word in _MASCULINE or word in _NEUTER:
        return False
    return word in _FEMININE or word.endswith(_FEMININE_ENDINGS)


def _single(match: re.Match[str]) -> str | None:
    """ "vor 1 Jahr" is "vor einem Jahr", "in 1 Stunde" "in einer Stunde"."""
    if match["next"] == "Uhr":
        return None
    before, feminine = word_before(match), _is_feminine(match["next"].lower())
    if before in _DATIVE:
        return "einer" if feminine else "einem"
    if before in _ACCUSATIVE:
        return "eine" if feminine else "ein" if match["next"].lower() in _NEUTER else "einen"
    return None


def _roman_ordinal(match: re.Match[str]) -> str | None:
    number, before = roman(match[1]), word_before(match)
    if number is None or re.fullmatch(LOCALE.reigning_pattern, before.capitalize()):
        return None
    return _inflected(number, before, match[2])


def _ordinal(number: int, gender: Gender) -> str:
    return f"{_stem(number)}e"


def _extra() -> tuple[Rule, ...]:
    return (
        rule(r"(?<![\d.])([0-3]?\d)\.([01]?\d)\.(?![\d.])",
             lambda m: _date(int(m[1]), int(m[2]), None, word_before(m)) if 1 <= int(m[2]) <= 12 else None),
        rule(r"(?<![\d.,])(\d{2,4})er(n?)\b", lambda m: f"{_year(int(m[1]))}er{m[2]}"),
        rule(rf"(?<![\d.,])(\d{{1,6}})\s?-?\s?({_JOINED})(\w*)", lambda m: _compound(m[1]) + m[2] + m[3]),
        rule(r"(?<![\w.,])(\d{1,3})\s?[x×]\b(?!\s?\d)", lambda m: f"{_compound(m[1])}mal"),
        rule(r"(?<![\d.,])(\d+)\s?%ig", lambda m: f"{_compound(m[1])}prozentig"),
        rule(r"(?<=,\s)(\d{5})(?=\s[A-ZÄÖÜ][a-zäöü])|(?<=PLZ\s)(\d{5})\b|\bD-(\d{5})\b",
             lambda m: digit_by_digit(m[0], LOCALE)),
        rule(r"(?<![\w.,])1(?=\s(?P<next>[A-ZÄÖÜ][a-zäöüß]+))", _single),
        rule(r"\b([IVX]+)\.(?=\s([A-ZÄÖÜ][a-zäöüß]+))", _roman_ordinal),
        rule(r"\b([A-ZÄÖÜ][a-zäöüß]+)str\.", lambda m: f"{m[1]}straße"),
        rule(r"\b([A-ZÄÖÜ][a-zäöüß]{2,})nr\.", lambda m: f"{m[1]}nummer"),
        rule(r"(?<![\w.,])(\d{1,3}(?:\.\d{3})*|\d+),[-–—]{1,2}(?:\s?(?:€|Euro|EUR)(?!\w))?",
             lambda m: f"{_cardinal(int(m[1].replace('.', '')), 'm')} Euro"),
        rule(r"(?<=[a-zäöü])-Str\.", lambda m: "-Straße"),
        rule(r"\b(um|ab|bis|gegen|von)\s(\d\d?)\s?h\b", lambda m: f"{m[1]} {_time(int(m[2]), 0)}"),
        rule(r"§§", lambda m: "Paragrafen"),
    )  # fmt: skip


def _compound(digits: str) -> str:
    """The number as the first part of a word: "1" is "ein"."""
    return _cardinal(int(digits), "m")


def _reigning(number: int, name: str) -> str:
    said = _stem(number).capitalize()
    return f"{'die' if name in ('Elisabeth', 'Katharina') else 'der'} {said}e"


LOCALE: Locale = build(
    "de",
    Grammar(
        cardinal=_cardinal,
        ordinal=_ordinal,
        date=_date,
        time=_time_of_day,
        half_time=_half_time,
        fraction=_fraction,
        mixed=_mixed,
        year=_year,
        reigning=_reigning,
        marked_ordinal=_marked_ordinal,
        decimals="digits",
        is_feminine=_is_feminine,
        extra=_extra(),
    ),
    lambda noun: f"{noun}n" if noun.endswith("e") else noun,
)
