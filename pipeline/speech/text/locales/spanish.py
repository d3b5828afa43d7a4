"""Spanish: numbers that agree with what they count, dates, times, money, measures, abbreviations."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.locale import Gender, Grammar
from pipeline.speech.text.locales.tables import build, read, words
from pipeline.speech.text.rules import rule

_WORDS = read("es")
_FEMININE, _MASCULINE = words(_WORDS["feminine"]), words(_WORDS["masculine"])
_FEMININE_ENDINGS = tuple(_WORDS["feminine_endings"].split())
_FUNCTION_WORDS = words(_WORDS["function_words"])
_MONTHS = tuple(_WORDS["months"].split())
_ORDINALS = (
    "", "primero", "segundo", "tercero", "cuarto", "quinto", "sexto", "séptimo", "octavo", "noveno", "décimo",
    "undécimo", "duodécimo",
)  # fmt: skip
_ORDINAL_TENS = (
    "", "decimo", "vigésimo", "trigésimo", "cuadragésimo", "quincuagésimo", "sexagésimo", "septuagésimo",
    "octogésimo", "nonagésimo",
)  # fmt: skip
_HALVES = {
    "a": ((5, "de la madrugada"), (11, "de la mañana")),
    "p": ((7, "de la tarde"), (11, "de la noche")),
}


def _cardinal(number: int, gender: Gender) -> str:
    """A number in words: "veintiún" before a masculine noun, "doscientas una" before a feminine one."""
    from num2words import num2words

    words = num2words(number, lang="es")
    words = re.sub(r"veintiuno(?= mil)", "veintiún", words)
    words = re.sub(r"\buno(?= mil)", "un", words)
    if not gender:
        return words
    head, million, rest = words.rpartition("millones ") if "millones " in words else ("", "", words)
    if gender == "m":
        rest = re.sub(r"veintiuno$", "veintiún", rest)
        return head + million + re.sub(r"\buno$", "un", rest)
    rest = re.sub(r"ientos\b", "ientas", rest).replace("quinientos", "quinientas")
    rest = re.sub(r"veintiún(?= mil)", "veintiuna", rest)
    return head + million + re.sub(r"uno$", "una", rest)


def _ordinal(number: int, gender: Gender) -> str:
    if number <= 12:
        words = _ORDINALS[number]
    elif number < 20:
        words = "decimo" + _ORDINALS[number - 10]
    elif number < 100:
        words = f"{_ORDINAL_TENS[number // 10]} {_ORDINALS[number % 10]}".strip()
    elif number == 100:
        words = "centésimo"
    else:
        return _cardinal(number, gender)
    return re.sub(r"o\b", "a", words) if gender == "f" else words


def _marked_ordinal(digits: str, mark: str, before: str, after: str) -> str | None:
    number = int(digits)
    if not number or (mark == "°" and after in _FUNCTION_WORDS):
        return None
    if mark.lstrip(".") in ("ª", "a", "as", "ra", "da", "ta", "va"):
        return _ordinal(number, "f")
    words = _ordinal(number, "m")
    short = mark.lstrip(".") in ("er", "ᵉʳ") or (after and after not in _FUNCTION_WORDS)
    return _shortened(words) if short else words


def _shortened(ordinal: str) -> str:
    """The ordinal before its noun: "tercer"."""
    return re.sub(r"(primer|tercer)o$", r"\1", ordinal)


def _date(day: int, month: int, year: int | None, before: str) -> str:
    said = "primero" if day == 1 else _cardinal(day, "")
    if month:
        said += f" de {_MONTHS[month - 1]}"
    return said + (f" de {_cardinal(year, '')}" if year is not None else "")


def _hour(hour: int) -> str:
    return _cardinal(hour, "f")


def _clock(hour: int, minute: int | None) -> str:
    if minute is None:
        return f"{_hour(hour)} {'hora' if hour == 1 else 'horas'}"
    if minute == 0:
        return _hour(hour) if hour else "cero horas"
    return f"{_hour(hour) if hour else 'cero horas'} {'cero ' if minute < 10 else ''}{_cardinal(minute, '')}"


def _half_clock(hour: int, minute: int, half: str) -> str:
    named_minutes = {0: "", 15: " y cuarto", 30: " y media"}
    said = _hour(hour) + named_minutes.get(
        minute, f" {'cero ' if minute < 10 else ''}{_cardinal(minute, '')}"
    )
    if hour == 12:
        return f"{said} {'de la noche' if half == 'a' else 'del mediodía'}"
    return f"{said} {next(name for until, name in _HALVES[half] if hour <= until)}"


def _fraction(top: int, bottom: int, gender: Gender) -> str:
    if bottom == 2:
        if top == 1:
            return {"m": "medio", "f": "media", "": "un medio"}[gender]
        return f"{_cardinal(top, 'm')} medios"
    name = {3: "tercio", 100: "centésimo"}.get(bottom) or (
        _ordinal(bottom, "m") if bottom <= 10 else _cardinal(bottom, "").replace(" ", "").rstrip("ao") + "avo"
    )
    return f"{_cardinal(top, 'm')} {name}{'' if top == 1 else 's'}"


def _mixed(whole: int, top: int, bottom: int, gender: Gender) -> str:
    if (top, bottom) == (1, 2):
        return (
            f"{_cardinal(whole, gender if gender == 'f' else '')} y {'media' if gender == 'f' else 'medio'}"
        )
    return f"{_cardinal(whole, '')} y {_fraction(top, bottom, '')}"


def _is_feminine(word: str) -> bool:
    if word in _MASCULINE:
        return False
    return word in _FEMININE or word.endswith((*_FEMININE_ENDINGS, "a", "as"))


def _reigning(number: int, name: str) -> str:
    return (
        _ordinal(number, "f" if name.endswith(("a", "Isabel")) else "m")
        if number <= 10
        else _cardinal(number, "")
    )


def _plural(word: str) -> str:
    return f"{word}s" if word[-1] in "aeiouáéíóú" else f"{word}es"


LOCALE = build(
    "es",
    Grammar(
        cardinal=_cardinal,
        ordinal=lambda number, gender: _shortened(_ordinal(number, gender)),
        date=_date,
        time=_clock,
        half_time=_half_clock,
        fraction=_fraction,
        mixed=_mixed,
        year=lambda year: _cardinal(year, ""),
        reigning=_reigning,
        century=lambda number: _cardinal(number, ""),
        marked_ordinal=_marked_ordinal,
        is_feminine=_is_feminine,
        is_plural=lambda word: word.endswith("s") or word == "mil",
        of_millions=lambda following: " de ",
        extra=(
            rule(r"\b([Aa]ños?\s)['’]?(\d0)s?\b", lambda m: m[1] + _cardinal(int(m[2]), "")),
            rule(r"\b(1\d\d\d|20\d\d)s\b", lambda m: _cardinal(int(m[1]), "")),
            rule(r"(?<=\d)['’′]\s?(\d\d?)\s?(?:[\"”″])", lambda m: f" pies {_cardinal(int(m[1]), '')}"),
            rule(r"(?<=\d)(\s?)[\"”″](?!\w)", lambda m: " pulgadas"),
        ),
    ),
    _plural,
)
