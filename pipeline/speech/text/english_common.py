"""Patterns and functions that the rules for English share."""

from __future__ import annotations

import re

from pipeline.speech.text import english_tables as tables
from pipeline.speech.text.numbers import cardinal

NUMBER = r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
SIGNED = rf"(?:(?<![\w)])[-−–])?(?:{NUMBER})"
MONTH = "|".join(sorted(tables.MONTHS, key=len, reverse=True))
TO = r"\s?[-–—]\s?"
END = (
    r"(?=[\s\"'”’)\]]*$|[\s\"'”’)\]]+(?-i:(?!Mon|Tues?|Wed|Thu|Fri|Sat|Sun|"
    rf"{'|'.join(tables.MONTH_NAMES)})[A-Z]))"
)
"""Where the full stop of an abbreviation also ends the sentence: nothing or a capital follows, but not the
name of a weekday or month."""
_ARTICLE = re.compile(r"\b(?:an?|another)\s$", re.IGNORECASE)
_NOUN = re.compile(r"[\s-][A-Za-z]")
ORDINAL = r"(?:st|nd|rd|th)?"


def number(digits: str) -> str:
    """A number with its sign in words: "-1,200.5"."""
    bare = re.sub(r"[,\s]", "", digits)
    below = bare[0] in "-−–"
    return ("minus " if below else "") + cardinal(bare.lstrip("-−–"))


def spelled_out(letters: str) -> str:
    """ "HTML" becomes "H-T-M-L"."""
    return "-".join(letters)


def plural(name: str) -> str:
    """ "ninety" becomes "nineties"."""
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def roman(numeral: str) -> str:
    """ "XIV" becomes "14"."""
    values = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[letter] for letter in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return str(sum(-value if value < after else value for value, after in pairs))


def attributive(match: re.Match[str]) -> bool:
    """Whether an amount stands between an article and its noun, as in "a $5 coupon", "a 10 km run"."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    return bool(_ARTICLE.search(before) and _NOUN.match(after))
