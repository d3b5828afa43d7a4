"""Italian: numbers that agree with what they count, dates, times, ordinals."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.locale import Gender, Grammar
from pipeline.speech.text.locales.tables import build, feminine_by, read
from pipeline.speech.text.rules import rule

_WORDS = read("it")
_is_feminine = feminine_by(_WORDS)
_MONTHS = tuple(_WORDS["months"].split())
_HALVES = {
    "a": ((5, "di notte"), (11, "del mattino")),
    "p": ((5, "del pomeriggio"), (8, "di sera"), (11, "di sera")),
}
_HOURS = ("mezzanotte", "una")


def _cardinal(number: int, gender: Gender) -> str:
    """A number in words; "un" or "una" for a single one that is counted."""
    from num2words import num2words

    if number == 1 and gender:
        return "una" if gender == "f" else "un"
    return re.sub(r"(?<=\w)tre$", "tré", str(num2words(number, lang="it")).replace(" e ", " "))


def _ordinal(number: int, gender: Gender) -> str:
    from num2words import num2words

    said = str(num2words(number, lang="it", to="ordinal"))
    return f"{said[:-1]}a" if gender == "f" else said


def _marked_ordinal(digits: str, mark: str, before: str, after: str) -> str | None:
    number = int(digits)
    if mark == "°" and (not after or number == 0):
        return None
    return _ordinal(number, "f" if mark == "ª" else "m") if number else None


def _date(day: int, month: int, year: int | None, before: str) -> str:
    said = "primo" if day == 1 else _cardinal(day, "")
    if month:
        said += f" {_MONTHS[month - 1]}"
    return said + (f" {_cardinal(year, '')}" if year is not None else "")


def _time(hour: int, minute: int | None) -> str:
    if minute is None:
        return "un'ora" if hour == 1 else f"{_cardinal(hour, '')} ore"
    said = "zero" if hour == 0 and minute else _HOURS[hour] if hour < 2 else _cardinal(hour, "")
    return f"{said} e {_cardinal(minute, '')}" if minute else said


def _half_time(hour: int, minute: int, half: str) -> str:
    past = {0: "", 15: " e un quarto", 30: " e mezza"}.get(minute, f" e {_cardinal(minute, '')}")
    if hour == 12:
        return ("mezzanotte" if half == "a" else "mezzogiorno") + past.replace("mezza", "mezzo")
    return f"{_time(hour, 0)}{past} {next(name for until, name in _HALVES[half] if hour <= until)}"


def _fraction(top: int, bottom: int, gender: Gender) -> str:
    if bottom == 2 and top == 1:
        return {"m": "mezzo", "f": "mezza", "": "un mezzo"}[gender]
    name = "mezzo" if bottom == 2 else _ordinal(bottom, "m")
    return f"{_cardinal(top, 'm')} {name if top == 1 else name[:-1] + 'i'}"


def _mixed(whole: int, top: int, bottom: int, gender: Gender) -> str:
    said = _cardinal(whole, "f" if gender == "f" else "")
    if (top, bottom) == (1, 2):
        return f"{said} e {'mezza' if gender == 'f' else 'mezzo'}"
    return f"{said} e {_fraction(top, bottom, '')}"


def _plural(noun: str) -> str:
    """The plural of most nouns; "giga", "chilo" and those that end in a consonant are listed with theirs."""
    return noun[:-1] + ("e" if noun.endswith("a") else "i")


def _reigning(number: int, name: str) -> str:
    feminine = name in ("Elisabetta", "Caterina")
    return _ordinal(number, "f" if feminine else "m")


LOCALE = build(
    "it",
    Grammar(
        cardinal=_cardinal,
        ordinal=_ordinal,
        date=_date,
        time=_time,
        half_time=_half_time,
        fraction=_fraction,
        mixed=_mixed,
        year=lambda year: _cardinal(year, ""),
        reigning=_reigning,
        century=lambda number: _ordinal(number, "m"),
        marked_ordinal=_marked_ordinal,
        is_feminine=_is_feminine,
        of_millions=lambda following: " di ",
        extra=(
            rule(r"(?<![\w.,])(\d{1,3})\s?mila\b", lambda m: _cardinal(int(m[1]) * 1000, "")),
            rule(r"\b([Aa]nni\s)['’]?(\d0)\b", lambda m: m[1] + _cardinal(int(m[2]), "")),
            rule(r"(?<!\w)['’](\d\d)\b(?!\d)", lambda m: _cardinal(int(m[1]), "")),
            rule(r"(?<![\w.,/])1(?=\s(?:s[bcdfghlmnpqrtvz]|z|gn|ps|x|y)[a-z]*[oe]\b)", lambda m: "uno"),
            rule(r"(?<![\w.,/])1\s(?=[aeiouh][a-z]*(?:a|ione|ità)\b)", lambda m: "un'"),
            rule(r"(?<=\b[Aa]ll['’])1\b(?![\d:.])", lambda m: "una"),
        ),
    ),
    _plural,
)
