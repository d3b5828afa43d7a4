"""French: numbers that agree with what they count, dates, times, ordinals."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.locale import Gender, Grammar
from pipeline.speech.text.locales.tables import build, feminine_by, read
from pipeline.speech.text.rules import rule

_WORDS = read("fr")
_is_feminine = feminine_by(_WORDS)
_MONTHS = tuple(_WORDS["months"].split())
_VOWELS = "aeiouyhàâéèêëîïôöùûAEIOUYHÀÂÉÈÊËÎÏÔÖÙÛ"
_HALVES = {"a": ((4, "du matin"), (11, "du matin")), "p": ((5, "de l'après-midi"), (11, "du soir"))}


def _cardinal(number: int, gender: Gender) -> str:
    """A number in words; "une" at its end before a feminine noun."""
    from num2words import num2words

    said = num2words(number, lang="fr")
    return re.sub(r"\bun$", "une", said) if gender == "f" else said


def _ordinal(number: int, gender: Gender) -> str:
    from num2words import num2words

    if number == 1:
        return "première" if gender == "f" else "premier"
    said: str = num2words(number, lang="fr", to="ordinal")
    return said


def _marked_ordinal(digits: str, mark: str, before: str, after: str) -> str:
    number, plural = int(digits), "s" if mark.endswith("s") and len(mark) > 1 else ""
    if number == 1:
        return ("première" if mark.startswith(("r", "è")) else "premier") + plural
    if mark.startswith("n"):
        return "seconde" if mark.endswith("e") else "second"
    return _ordinal(number, "") + plural


def _date(day: int, month: int, year: int | None, before: str) -> str:
    said = "premier" if day == 1 else _cardinal(day, "")
    if month:
        said += f" {_MONTHS[month - 1]}"
    return said + (f" {_cardinal(year, '')}" if year is not None else "")


def _time(hour: int, minute: int | None) -> str:
    said = f"{_cardinal(hour, 'f')} {'heure' if hour < 2 else 'heures'}"
    return f"{said} {_cardinal(minute, 'f')}" if minute else said


def _half_time(hour: int, minute: int, half: str) -> str:
    if hour == 12:
        said = "minuit" if half == "a" else "midi"
        return f"{said} {_cardinal(minute, 'f')}" if minute else said
    return f"{_time(hour, minute)} {next(name for until, name in _HALVES[half] if hour <= until)}"


def _fraction(top: int, bottom: int, gender: Gender) -> str:
    if bottom == 2:
        if top == 1:
            return {"m": "un demi", "f": "une demi", "": "un demi"}[gender]
        return f"{_cardinal(top, '')} demis"
    name = {3: "tiers", 4: "quart"}.get(bottom) or _ordinal(bottom, "")
    return f"{_cardinal(top, '')} {name}{'' if top == 1 or bottom == 3 else 's'}"


def _mixed(whole: int, top: int, bottom: int, gender: Gender) -> str:
    if (top, bottom) == (1, 2):
        return f"{_cardinal(whole, gender)} et {'demie' if gender == 'f' else 'demi'}"
    fraction = _fraction(top, bottom, "")
    return f"{_cardinal(whole, gender)} {'et ' if top == 1 else ''}{fraction}"


def _telephone(digits: str) -> str:
    """A group of a telephone number; French ones are read in pairs."""
    pairs = [digits[at : at + 2] for at in range(0, len(digits), 2)] if len(digits) > 3 else [digits]
    said = []
    for pair in pairs:
        zeros = len(pair) - len(pair.lstrip("0"))
        rest = [_cardinal(int(pair), "")] if zeros < len(pair) else []
        said.append(" ".join(["zéro"] * zeros + rest))
    return ", ".join(said)


LOCALE = build(
    "fr",
    Grammar(
        cardinal=_cardinal,
        ordinal=_ordinal,
        date=_date,
        time=_time,
        half_time=_half_time,
        fraction=_fraction,
        mixed=_mixed,
        year=lambda year: _cardinal(year, ""),
        reigning=lambda number, name: "premier" if number == 1 else _cardinal(number, ""),
        marked_ordinal=_marked_ordinal,
        is_feminine=_is_feminine,
        is_singular=lambda value: value < 2,
        of_millions=lambda following: " d'" if following[0] in _VOWELS else " de ",
        telephone=_telephone,
        extra=(
            rule(r"(?<=[A-Za-zé]\s)I(er|re)\b", lambda m: "premier" if m[1] == "er" else "première"),
            rule(r"\b24\s?h(?:eures)?\s?/\s?24(?:\s?h)?\b", lambda m: "vingt-quatre heures sur vingt-quatre"),
            rule(r"\b7\s?j(?:ours)?\s?/\s?7(?:\s?j)?\b", lambda m: "sept jours sur sept"),
            rule(r"\b[nN][°º]\s(?=de\s|d['’])", lambda m: "numéro "),
            rule(r"\b([Aa]nnées\s)['’]?(\d0)s?\b", lambda m: m[1] + _cardinal(int(m[2]), "")),
            rule(
                rf"(?<![\d.,])(\d{{1,3}}(?:[ .\u00a0\u202f]\d{{3}})*(?:[ .\u00a0\u202f]000){{2}})"
                rf"\s(?=[{_VOWELS}])",
                lambda m: f"{_cardinal(int(re.sub(r'[^0-9]', '', m[1])), '')} d'",
            ),
        ),
    ),
    lambda noun: noun if noun[-1] in "sxz" else f"{noun}s",
)
