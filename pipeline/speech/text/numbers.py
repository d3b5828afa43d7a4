"""Numbers in words: counts, ranks, years, digits one by one. num2words knows some fifty languages."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

_SPELLED_FROM = 16
"""Digits from which a number is an identifier, said digit by digit."""
_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def count(digits: str, language: str = "en") -> str:
    """A number as written in digits, with "." before decimals: "1200.5" becomes words."""
    from num2words import num2words

    whole, _, decimals = digits.partition(".")
    if len(whole) >= _SPELLED_FROM or (len(whole) > 1 and whole[0] == "0" and language == "en"):
        return one_by_one(digits)
    try:
        if decimals and language == "en":
            return f"{count(whole)} point {one_by_one(decimals)}"
        return _smooth(num2words(Decimal(digits), lang=language))
    except (NotImplementedError, InvalidOperation, OverflowError, IndexError):
        return digits


def rank(digits: str) -> str:
    """ "21" becomes "twenty-first"."""
    from num2words import num2words

    return _smooth(num2words(int(digits), to="ordinal"))


def year(digits: str) -> str:
    """ "1905" becomes "nineteen oh five", "2024" "twenty twenty-four", "2005" "two thousand five"."""
    century, rest = int(digits[:-2]), int(digits[-2:])
    if century % 10 == 0 and rest < 10:
        return f"{count(str(century // 10))} thousand {count(str(rest)) if rest else ''}".strip()
    if rest == 0:
        return f"{count(str(century))} hundred"
    return f"{count(str(century))} {'oh ' if rest < 10 else ''}{count(str(rest))}"


def one_by_one(digits: str) -> str:
    """ "407" becomes "four zero seven"; whatever is no digit only parts the groups."""
    groups = re.findall(r"\d+", digits)
    return ", ".join(" ".join(_DIGITS[int(digit)] for digit in group) for group in groups)


def known(language: str) -> bool:
    """Whether numbers can be said in a language ("de")."""
    from num2words import CONVERTER_CLASSES

    return language in CONVERTER_CLASSES


def _smooth(words: str) -> str:
    return words.replace(",", "").replace("\u00ad", "")
