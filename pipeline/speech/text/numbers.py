"""Numbers in words: cardinals, ordinals, years, digit strings. num2words covers about fifty languages."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_IDENTIFIER_DIGITS = 16
"""A number of at least this many digits is an identifier and is read digit by digit."""
_LONGEST_ORDINAL = 15
"""Digits of a number that is still read as an ordinal."""
_LONGEST_GROUP, _GROUP = 12, 4
"""A string of more digits than the first is read in groups of the second, so that there are pauses in it."""
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def cardinal(digits: str, language: str = "en") -> str:
    """A number in words: "1200.5" becomes "one thousand two hundred point five".

    Args:
        digits: digits with "." as the decimal point, without a sign or thousands separators.
        language: ISO 639-1 code. A number that cannot be put into words comes back as it is.
    """
    try:
        return in_words(digits, language)
    except (NotImplementedError, InvalidOperation, OverflowError, IndexError):
        return digits


def in_words(digits: str, language: str) -> str:
    """A number in words, as `cardinal`.

    Raises:
        NotImplementedError, ArithmeticError, LookupError: num2words has no words for it.
    """
    from num2words import num2words

    whole, _, decimals = digits.partition(".")
    if len(whole) >= _IDENTIFIER_DIGITS or (len(whole) > 1 and whole[0] == "0" and language == "en"):
        return digit_by_digit(digits)
    if decimals and language == "en":
        return f"{cardinal(whole)} point {digit_by_digit(decimals)}"
    return _cleaned(num2words(Decimal(digits), lang=language))


def ordinal(digits: str) -> str:
    """ "21" becomes "twenty-first"."""
    from num2words import num2words

    if len(digits) > _LONGEST_ORDINAL:
        return f"{digit_by_digit(digits)}th"
    return _cleaned(num2words(int(digits), to="ordinal"))


def year(digits: str) -> str:
    """ "1905" becomes "nineteen oh five", "2024" "twenty twenty-four", "2005" "two thousand five"."""
    century, rest = int(digits[:-2]), int(digits[-2:])
    if century % 10 == 0 and rest < 10:
        return f"{cardinal(str(century // 10))} thousand {cardinal(str(rest)) if rest else ''}".strip()
    if rest == 0:
        return f"{cardinal(str(century))} hundred"
    return f"{cardinal(str(century))} {'oh ' if rest < 10 else ''}{cardinal(str(rest))}"


def digit_by_digit(digits: str) -> str:
    """ "555-1234" becomes "five five five, one two three four": every non-digit only separates groups."""
    groups = [
        run[at : at + _GROUP] if len(run) > _LONGEST_GROUP else run
        for run in re.findall(r"\d+", digits)
        for at in (range(0, len(run), _GROUP) if len(run) > _LONGEST_GROUP else (0,))
    ]
    return ", ".join(" ".join(_DIGITS[int(digit)] for digit in group) for group in groups)


def supported(language: str) -> bool:
    """Whether num2words knows a language, by its ISO 639-1 code ("de")."""
    from num2words import CONVERTER_CLASSES

    return language in CONVERTER_CLASSES


def _cleaned(words: str) -> str:
    """num2words' output without its commas and soft hyphens, which would be heard as pauses."""
    return words.replace(",", "").replace("\u00ad", "")
