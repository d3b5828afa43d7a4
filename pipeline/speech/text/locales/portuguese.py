"""Brazilian Portuguese: numbers that agree with what they count, dates, times, ordinals."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.locale import Gender, Grammar
from pipeline.speech.text.locales.tables import build, feminine_by, read, words
from pipeline.speech.text.rules import rule

_WORDS = read("pt")
_is_feminine = feminine_by(_WORDS)
_FUNCTION_WORDS = words(_WORDS["function_words"])
_MONTHS = tuple(_WORDS["months"].split())
_WEEKDAYS = {"2": "segunda", "3": "terça", "4": "quarta", "5": "quinta", "6": "sexta"}
_FEMININE_FORMS = ((r"\bum\b(?! milhão)", "uma"), (r"\bdois\b", "duas"), (r"entos\b", "entas"))
_RESULT = "|".join(
    rf"(?<=\b{word}\s)"
    for word in ("placar", "por", "de", "em", "terminou", "venceu", "ganhou", "perdeu", "empatou", "jogo")
)
"""Words before the result of a game."""
_HALVES = {"a": ((5, "da madrugada"), (11, "da manhã")), "p": ((5, "da tarde"), (11, "da noite"))}


def _cardinal(number: int, gender: Gender) -> str:
    """A number in words; "uma", "duas", "duzentas" before a feminine noun."""
    from num2words import num2words

    said = str(num2words(number, lang="pt_BR")).replace(",", "")
    if gender != "f":
        return said
    head, million, rest = said.rpartition("milhões ")
    for masculine, feminine in _FEMININE_FORMS:
        rest = re.sub(masculine, feminine, rest)
    return head + million + rest


def _ordinal(number: int, gender: Gender) -> str:
    from num2words import num2words

    said = str(num2words(number, lang="pt_BR", to="ordinal"))
    return re.sub(r"o\b", "a", said) if gender == "f" else said


def _marked_ordinal(digits: str, mark: str, before: str, after: str) -> str | None:
    number = int(digits)
    if not number or (mark == "°" and not after):
        return None
    if mark in ("a", "o") and (number > 31 or after.lower() in _FUNCTION_WORDS or not after):
        return None
    said = _ordinal(number, "f" if mark.lstrip(".")[0] in "ªa" else "m")
    return re.sub(r"\b(?=\w)(\w+)", r"\1s", said) if mark.endswith("s") else said


def _date(day: int, month: int, year: int | None, before: str) -> str:
    said = "primeiro" if day == 1 else _cardinal(day, "")
    if month:
        said += f" de {_MONTHS[month - 1]}"
    return said + (f" de {_cardinal(year, '')}" if year is not None else "")


def _time(hour: int, minute: int | None) -> str:
    said = _cardinal(hour, "f") if hour else "zero"
    if not minute:
        return f"{said} {'hora' if hour <= 1 else 'horas'}"
    return f"{said if hour else 'zero hora'} e {_cardinal(minute, '')}"


def _half_time(hour: int, minute: int, half: str) -> str:
    past = {0: "", 30: " e meia"}.get(minute, f" e {_cardinal(minute, '')}")
    if hour == 12:
        return ("meia-noite" if half == "a" else "meio-dia") + past
    return f"{_cardinal(hour, 'f')}{past} {next(name for until, name in _HALVES[half] if hour <= until)}"


def _fraction(top: int, bottom: int, gender: Gender) -> str:
    if bottom == 2 and top == 1:
        return {"m": "meio", "f": "meia", "": "um meio"}[gender]
    name = {2: "meio", 3: "terço", 100: "centésimo"}.get(bottom)
    if name is None:
        name = _ordinal(bottom, "m") if bottom <= 10 else f"{_cardinal(bottom, '')} avos"
    return f"{_cardinal(top, '')} {name}{'' if top == 1 or name.endswith('avos') else 's'}"


def _mixed(whole: int, top: int, bottom: int, gender: Gender) -> str:
    half = (top, bottom) == (1, 2)
    fraction = ("meia" if gender == "f" else "meio") if half else _fraction(top, bottom, "")
    return f"{_cardinal(whole, gender)} e {fraction}"


def _plural(noun: str) -> str:
    return f"{noun}s" if noun[-1] in "aeiouáéíóúãõ" else f"{noun}es"


def _reigning(number: int, name: str) -> str:
    feminine = name in ("Elizabeth", "Elisabete", "Isabel", "Catarina")
    return _ordinal(number, "f" if feminine else "m") if number <= 10 else _cardinal(number, "")


LOCALE = build(
    "pt",
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
        century=lambda number: _ordinal(number, "m") if number <= 10 else _cardinal(number, ""),
        marked_ordinal=_marked_ordinal,
        is_feminine=_is_feminine,
        is_plural=lambda word: word.endswith("s") or word == "mil",
        is_singular=lambda value: value < 2,
        of_millions=lambda following: " de ",
        extra=(
            rule(
                rf"(?:{_RESULT})(\d\d?)\s?[xX]\s?(\d\d?)\b",
                lambda m: f"{_cardinal(int(m[1]), '')} a {_cardinal(int(m[2]), '')}",
            ),
            rule(r"\b([Aa]nos\s)['’]?(\d0)s?\b", lambda m: m[1] + _cardinal(int(m[2]), "")),
            rule(r"\b(\d{1,2})[ªa]?\s?(?:-\s?feira)\b", lambda m: f"{_WEEKDAYS.get(m[1], m[1])}-feira"),
        ),
    ),
    _plural,
)
