"""Numbers as they are written in a language, and in its words."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.locale import Gender, Locale

_IDENTIFIER_DIGITS = 16
"""A number of at least this many digits is an identifier and is read digit by digit."""
_LONGEST_DECIMALS = 3
"""Digits behind the point that are still read as one number."""
_GROUP = 4
"""Digits of a long string of them that are read without a pause."""
_SPACES = "\u00a0\u202f '’"

SENTENCE_END = r"(?=[\s\"'”’»)\]]*$|[\s\"'”’»)\]]+(?-i:[A-ZÀ-Þ¿¡]))"
"""Where the full stop of an abbreviation also ends the sentence."""
WORD_END = r"(?![^\W_]|[\u0900-\u0903\u093a-\u0957])"
"""Where a word ends; the vowel signs of Devanagari are no letters to a regular expression."""
_COMMA_NUMBER = (
    rf"(?:\d{{1,3}}(?:\.\d{{3}})+(?:,\d+)?|\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?:[.,]\d+)?"
    r"|\d{1,3}(?:,\d{3})+\.\d+|\d{1,3}(?:,\d{3}){2,}|\d+(?:[.,]\d+)?)(?!\d)"
)
_POINT_NUMBER = r"(?:\d{1,3}(?:,\d{2,3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?!\d)"


def number_pattern(locale: Locale) -> str:
    """The pattern of a number without a sign: "1.234,5" where the comma is the point."""
    return _COMMA_NUMBER if next(iter(locale.points)) == "," else _POINT_NUMBER


def signed_pattern(locale: Locale) -> str:
    """The pattern of a number with or without a sign."""
    return rf"(?:(?:(?<![\w)])[-−–+±]\s?|(?<![\w.,]))(?:{number_pattern(locale)}))"


def split(written: str, locale: Locale) -> tuple[str, str, str]:
    """The digits before the decimal point, those behind it, and the point, of a number without a sign."""
    bare = re.sub(rf"[{_SPACES}]", "", written)
    own, other = locale.points
    marks = [sign for sign in bare if sign in ".,"]
    if not marks:
        return bare, "", ""
    point = marks[-1] if len(marks) == 1 or marks[-1] != marks[0] else ""
    grouped = re.fullmatch(rf"[1-9]\d{{0,2}}(?:\{other}\d{{3}})+", bare)
    if grouped or (own == "." and point == ","):
        point = ""
    if not point:
        return re.sub("[.,]", "", bare), "", ""
    whole, _, decimals = bare.rpartition(point)
    return re.sub("[.,]", "", whole), decimals, point


def spoken_number(written: str, locale: Locale, gender: Gender = "") -> str:
    """A number with or without a sign in words: "-1.234,5"."""
    sign, bare = re.match(r"([-−–+±]?)\s?(.*)", written, re.DOTALL).groups()  # type: ignore[union-attr]
    prefix = {"": "", "+": f"{locale.plus} ", "±": f"{locale.signs['±']} "}.get(sign, f"{locale.minus} ")
    whole, decimals, point = split(bare, locale)
    if not decimals:
        return prefix + whole_number(whole, locale, gender)
    return f"{prefix}{whole_number(whole, locale)} {locale.points[point]} {_decimals(decimals, locale)}"


def whole_number(digits: str, locale: Locale, gender: Gender = "") -> str:
    """A number without a point; one that begins with zero, or is endless, digit by digit."""
    if len(digits) >= _IDENTIFIER_DIGITS or (len(digits) > 1 and int(digits[0]) == 0):
        return digit_by_digit(digits, locale)
    return locale.cardinal(int(digits), gender)


def value(written: str, locale: Locale) -> float:
    """The value of a number without a sign, to see whether its noun is plural."""
    whole, decimals, _ = split(written, locale)
    if len(whole) >= _IDENTIFIER_DIGITS:
        return float("inf")
    return float(f"{whole}.{decimals or 0}")


def digit_by_digit(digits: str, locale: Locale) -> str:
    """Each digit by its name; what is not a digit separates groups, and a long string has pauses."""
    groups = [
        run[at : at + _GROUP] if len(run) >= 3 * _GROUP else run
        for run in re.findall(r"\d+", digits)
        for at in (range(0, len(run), _GROUP) if len(run) >= 3 * _GROUP else (0,))
    ]
    return ", ".join(" ".join(locale.digits[int(digit)] for digit in group) for group in groups)


def _decimals(digits: str, locale: Locale) -> str:
    if locale.decimals == "digits" or len(digits) > _LONGEST_DECIMALS:
        return " ".join(locale.digits[int(digit)] for digit in digits)
    zeros = len(digits) - len(digits.lstrip("0"))
    rest = [locale.cardinal(int(digits), "")] if zeros < len(digits) else []
    return " ".join([locale.digits[0]] * zeros + rest)


def roman(numeral: str) -> int | None:
    """The value of a Roman numeral, up to 3999; None for one that is not well formed."""
    if not re.fullmatch(r"(?=.)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})", numeral):
        return None
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}[sign] for sign in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-one if one < after else one for one, after in pairs)


def word_before(match: re.Match[str]) -> str:
    """The word directly before a match, in lower case; "" where there is none in the sentence."""
    found = re.search(r"([^\W\d_]+)\.?[\s(«“\"]*$", match.string[max(0, match.start() - 40) : match.start()])
    return found[1].lower() if found else ""


def joiner(match: re.Match[str], locale: Locale) -> str:
    """What is said between the two ends of the range that is matched."""
    return locale.conjunction if word_before(match).lower() in locale.between else locale.to


def agreement(number: str, match: re.Match[str], locale: Locale) -> Gender:
    """The gender of what a number counts, "" where it stands by itself or is a name."""
    following = match["next"] or ""
    if not following or following.lower() in locale.function_words:
        return ""
    if word_before(match) in locale.labels:
        return ""
    if number.lstrip("-−–+± ") != "1" and not locale.is_plural(following):
        return ""
    return "f" if locale.is_feminine(following.lower()) else "m"
