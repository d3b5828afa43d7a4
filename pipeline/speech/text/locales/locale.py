"""What a language's tables hold, and the grammar that tables cannot say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from pipeline.speech.text.rules import Rule

Gender = Literal["", "m", "f"]
"""Gender of the noun that is counted; "" for a number that stands by itself."""


@dataclass(frozen=True)
class Noun:
    """The name of a unit or of a currency."""

    singular: str
    plural: str
    gender: Gender = "m"


@dataclass(frozen=True)
class Currency:
    """A currency, and its hundredth where it has one."""

    whole: Noun
    part: Noun | None = None


@dataclass(frozen=True)
class Scale:
    """A power of ten by which an amount is given: "Mio.", "millones", "k"."""

    name: Noun
    is_noun: bool
    """Whether what is counted follows with "of", as behind a million, and whether it takes "one"."""


@dataclass(frozen=True, kw_only=True)
class Tables:
    """A language's words; fields that end in `_pattern` are regular expressions.

    Abbreviations are written without their last full stop, or with "!" where they never have one.
    """

    digits: tuple[str, ...]
    points: Mapping[str, str]
    """The decimal separators and their names; the first is the language's own, and the other one groups."""
    minus: str
    plus: str
    to: str
    """Between the two ends of a range, and the goals of a game."""
    between: frozenset[str]
    """Words before a range whose ends "and" joins: "between"."""
    per: str
    percent: str
    permille: str
    conjunction: str
    hashtag: str
    number: str
    """Before the number behind "#" or "Nr."."""
    number_pattern: str
    """The abbreviations of `number`."""
    ordinal_pattern: str
    """The marks that make an ordinal of a number."""
    money: str
    """How a whole amount, a number of hundredths and their name are joined: "{whole} con {part} {name}"."""
    months: tuple[str, ...]
    short_months: Mapping[str, int]
    """In lower case, and their numbers from 1."""
    weekdays: Mapping[str, str]
    """Abbreviated weekdays as they are written."""
    day_pattern: str
    """What may follow the number of a day."""
    of_pattern: str
    """The words between day and month, and between month and year."""
    before_date: tuple[str, ...]
    """Words before a date without a year that is written with a slash."""
    year_pattern: str
    """A number that is a year by itself, where years are read otherwise than numbers."""
    time_pattern: str
    """What may stand behind a time and is not read besides: "Uhr", "h"."""
    dotted_pattern: str
    """The words before a time that is written with a full stop: "alle 14.30"."""
    lengths: tuple[Noun, ...]
    """Hour, minute and second, for a length of time."""
    counted_pattern: str
    """The words before a Roman numeral that counts: "capítulo"."""
    reigning_pattern: str
    """The names of monarchs and popes."""
    century_name: str
    """What an abbreviated century is called."""
    century_pattern: str
    """The words before the Roman number of a century."""
    roman_pattern: str
    """What follows a Roman numeral that is an ordinal."""
    currencies: Mapping[str, Currency]
    scales: Mapping[str, Scale]
    units: Mapping[str, Noun]
    powers: tuple[str, ...]
    """Squared, cubed, and to the power of."""
    abbreviations: Mapping[str, str]
    enders: frozenset[str]
    """Abbreviations with which a sentence ends where a capital follows; all of them where there are none."""
    titles: Mapping[str, str]
    """Abbreviations that are expanded only before a name or a number."""
    letters: Mapping[str, str]
    signs: Mapping[str, str]
    address: Mapping[str, str]
    """Signs of web and mail addresses."""
    spelled: frozenset[str]
    """Initialisms that are spelled, besides those of every language."""
    acronyms: frozenset[str]
    """Short words in capitals that are read as words."""
    spelled_domains: frozenset[str]
    labels: frozenset[str]
    """Words whose number behind them is their name: "capítulo 1"."""
    function_words: frozenset[str]
    """Words behind a number that are not counted by it."""


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """How a language builds words from numbers, and how they agree with what they count."""

    cardinal: Callable[[int, Gender], str]
    ordinal: Callable[[int, Gender], str]
    date: Callable[[int, int, int | None, str], str]
    """Day, month (0 where there is none), year, and the word before the date."""
    time: Callable[[int, int | None], str | None]
    """The hour (0 to 24) and the minute, None where it is not written, on the clock of 24 hours; None where
    that is a length of time."""
    half_time: Callable[[int, int, str], str]
    """The hour (1 to 12), the minute, and "a" or "p" for before or after noon."""
    fraction: Callable[[int, int, Gender], str]
    """Numerator, denominator, and the gender of what it is a part of where that follows directly."""
    mixed: Callable[[int, int, int, Gender], str]
    """The same behind a whole number."""
    year: Callable[[int], str]
    reigning: Callable[[int, str], str] = lambda number, name: str(number)
    """The number of a monarch and the name."""
    century: Callable[[int], str] = lambda number: str(number)
    marked_ordinal: Callable[[str, str, str, str], str | None] = lambda digits, mark, before, after: None
    """Digits, their mark, the words before and behind: the ordinal in words, None where it is not one."""
    decimals: Literal["number", "digits"] = "number"
    """Whether the digits behind the point are read as one number."""
    is_feminine: Callable[[str], bool] = lambda word: False
    is_plural: Callable[[str], bool] = lambda word: True
    """Whether a word may be the plural of a noun that a number counts."""
    is_singular: Callable[[float], bool] = lambda value: value == 1
    """Whether what is counted is in the singular."""
    of_millions: Callable[[str], str] = lambda following: " "
    """Between a number of whole millions and what it counts."""
    telephone: Callable[[str], str] | None = None
    """A group of digits of a telephone number; read digit by digit where None."""
    longest_initialism: int = 3
    """Letters of a word in capitals that is spelled although it has vowels and is not listed."""
    extra: tuple[Rule, ...] = ()
    """Rules that only this language has; they come before those for ordinals, money and numbers."""


@dataclass(frozen=True, kw_only=True)
class Locale(Grammar, Tables):
    """A language."""

    code: str
