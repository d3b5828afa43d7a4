"""How English is read aloud: rules for everything that is not written as it is said.

A rule is a pattern and a function from its match to words. Rules are tried in order; a stretch of text
belongs to the first that matches it, so the special stand before the general. Tables are in
`english_words`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.speech.text import english_tables as words
from pipeline.speech.text.numbers import count, one_by_one, rank, year

_NUMBER = r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGNED = rf"(?:(?<![\w)])[-−–])?(?:{_NUMBER})"
_MONTH = "|".join(sorted(words.MONTHS, key=len, reverse=True))
_UNIT = "|".join(re.escape(unit) for unit in sorted(words.UNITS, key=len, reverse=True))
_SCALE = r"thousand|million|billion|trillion|[kKMB]|bn|mn|tn"
_COIN = "|".join(re.escape(sign) for sign in sorted(words.CURRENCIES, key=len, reverse=True))
_CODE = "|".join(code for code in words.CURRENCIES if code.isalpha() and len(code) == 3)
_TO = r"\s?[-–—]\s?"
_DAY = "Mon|Tues?|Wed|Thu|Fri|Sat|Sun"
_ENDS = rf"(?=[\s\"'”’)\]]*$|[\s\"'”’)\]]+(?-i:(?!{_DAY}|{'|'.join(words.MONTH_NAMES)})[A-Z]))"
"""Where a full stop also ends the sentence: nothing or a capital follows, but not a day or a month."""
_HALF = rf"(?:(?P<half>[ap])m\b|(?P<dotted>[ap])\.m\.(?P<end>{_ENDS})?)"


@dataclass(frozen=True)
class Rule:
    """A pattern and how what it matches is said."""

    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str]


def _rule(pattern: str, say: Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    return Rule(re.compile(pattern, flags), say)


def _plain(number: str) -> str:
    """A number in words, its sign too: "-1,200.5"."""
    digits = re.sub(r"[,\s]", "", number)
    below = digits[0] in "-−–"
    return ("minus " if below else "") + count(digits.lstrip("-−–"))


def _address(text: str) -> str:
    """The parts of a web or mail address, its signs by name."""
    text = re.sub(r"^(?:https?|ftp)://(?:www\.)?|^www\.", "", text).rstrip("/")
    text = re.sub(r"[^\w\s]|_", lambda sign: f" {words.SIGNS.get(sign[0], '')} ", text)
    text = re.sub(r"\d+", lambda digits: f" {count(digits[0])} ", text)
    return " ".join(text.split())


def _date(day: str, month: str, in_year: str | None) -> str:
    name = words.MONTHS.get(month.rstrip(".").lower(), month)
    return f"{name} {rank(day)}" + (f", {year(in_year)}" if in_year else "")


def _day_first(day: str, month: str, in_year: str | None) -> str:
    name = words.MONTHS.get(month.lower(), month)
    return f"the {rank(day)} of {name}" + (f", {year(in_year)}" if in_year else "")


def _numeric_date(match: re.Match[str]) -> str:
    """Year-month-day, or month/day/year as in American English; day first where only that can be."""
    first, second, last = match["a"], match["b"], match["c"]
    if len(first) == 4:
        return _date(last, words.MONTH_NAMES[int(second) - 1], first)
    month, day = (first, second) if int(first) <= 12 else (second, first)
    return _date(day, words.MONTH_NAMES[int(month) - 1], last)


def _clock(match: re.Match[str]) -> str:
    hour, minute, half = match["hour"], match["minute"], _half(match)
    said = count(str(int(hour)))
    if not minute or minute == "00":
        said += "" if half else " o'clock" if int(hour) <= 12 else " hundred hours"
    else:
        said += f" oh {count(minute[1])}" if minute[0] == "0" else f" {count(minute)}"
    if match["second"]:
        said += f" and {count(str(int(match['second'])))} seconds"
    return said + half


def _half(match: re.Match[str]) -> str:
    letter = match["half"] or match["dotted"]
    return (f" {letter.upper()}-M" if letter else "") + ("." if match["end"] is not None else "")


def _money(amount: str, scale: str | None, sign: str) -> str:
    name = words.CURRENCIES[sign]
    amount = amount.replace(",", "")
    if scale:
        return f"{count(amount)} {words.SCALES.get(scale, scale)} {name.many}"
    whole, _, small = amount.partition(".")
    if len(small) == 2 and name.small_many:
        parts = [f"{count(whole)} {name.of(whole)}"] if int(whole) or not int(small) else []
        parts += [f"{count(str(int(small)))} {name.small_of(small)}"] if int(small) else []
        return " and ".join(parts)
    return f"{count(amount)} {name.of(amount)}"


def _measure(match: re.Match[str]) -> str:
    unit = words.UNITS[match["unit"]]
    single = match["number"] in ("1", "-1") and not match["from"]
    begin = f"{_plain(match['from'])} to " if match["from"] else ""
    return f"{begin}{_plain(match['number'])} {unit.one if single else unit.many}"


def _fraction(top: str, bottom: str) -> str:
    if bottom == "2":
        return "one half" if top == "1" else f"{count(top)} halves"
    name = "quarter" if bottom == "4" else rank(bottom)
    return f"{count(top)} {name}{'' if top == '1' else 's'}"


def _mixed(match: re.Match[str]) -> str:
    part = words.FRACTIONS.get(match["sign"] or "", (match["top"], match["bottom"]))
    said = _fraction(*part)
    if not match["whole"]:
        return said
    return f"{count(match['whole'])} and {said.replace('one ', 'a ', 1) if part[0] == '1' else said}"


def _version(text: str) -> str:
    return " point ".join(count(part) for part in text.split("."))


def _several(number: str) -> str:
    return f"{number[:-1]}ies" if number.endswith("y") else f"{number}s"


def _roman(numeral: str) -> str:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50}[letter] for letter in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return str(sum(-value if value < after else value for value, after in pairs))


def _spelled(letters: str) -> str:
    return "-".join(letters)


def _abbreviation(match: re.Match[str]) -> str:
    return words.ABBREVIATIONS[match[1]] + ("." if match["end"] is not None else "")


def _initialism(match: re.Match[str]) -> str:
    return _spelled(match["letters"].replace(".", "").upper()) + ("." if match["end"] is not None else "")


def _saint_or_street(match: re.Match[str]) -> str:
    return "Saint" if match["saint"] else "Street"


RULES: tuple[Rule, ...] = (
    _rule(r"\b(?:https?://|ftp://|www\.)[^\s<>\"]*[\w/]", lambda m: _address(m[0])),
    _rule(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b", lambda m: _address(m[0])),
    _rule(rf"\b[a-zA-Z0-9][\w-]*(?:\.[\w-]+)*\.(?:{words.DOMAINS})\b(?:/[^\s<>\"]*[\w/])?",
          lambda m: _address(m[0])),
    _rule(r"(?<!\w)@(\w+)", lambda m: f"at {_address(m[1])}"),
    _rule(r"(?<!\w)#(\d+)\b", lambda m: f"number {count(m[1])}"),
    _rule(r"(?<!\w)#(\w+)", lambda m: f"hashtag {_address(re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', m[1]))}"),
    # Telephone numbers.
    _rule(r"(?<![\w-])(?:\+\d{1,3}[\s.-]?)?\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b", lambda m: one_by_one(m[0])),
    _rule(r"(?<!\w)\+\d[\d\s().-]{6,}\d\b", lambda m: one_by_one(m[0])),
    _rule(r"\b\d{3}-\d{4}\b", lambda m: one_by_one(m[0])),
    # Dates and years.
    _rule(r"\b(?P<a>\d{4})-(?P<b>0?[1-9]|1[0-2])-(?P<c>0?[1-9]|[12]\d|3[01])\b", _numeric_date),
    _rule(r"\b(?P<a>0?[1-9]|1[0-2])/(?P<b>0?[1-9]|[12]\d|3[01])/(?P<c>\d{4})\b", _numeric_date),
    _rule(r"\b(?P<a>0?[1-9]|[12]\d|3[01])[/.](?P<b>0?[1-9]|1[0-2])[/.](?P<c>\d{4})\b", _numeric_date),
    _rule(rf"\b({_MONTH})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(\d{{4}})\b)?(?!\d|[.,:]\d)",
          lambda m: _date(m[2], m[1], m[3]), re.IGNORECASE),
    _rule(rf"\b(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?({_MONTH})\b(?:,?\s(\d{{4}})\b)?",
          lambda m: _day_first(m[1], m[2], m[3]), re.IGNORECASE),
    _rule(rf"\b({_MONTH})\.?,?\s(\d{{4}})\b",
          lambda m: f"{words.MONTHS.get(m[1].lower(), m[1])} {year(m[2])}", re.IGNORECASE),
    _rule(r"\b(1[1-9]|20)(\d)0['’]?s\b", lambda m: _several(year(f"{m[1]}{m[2]}0"))),
    _rule(r"(?<!\w)['’]([1-9]0)s\b", lambda m: _several(count(m[1]))),
    _rule(rf"\b((?:1[1-9]|20)\d\d){_TO}((?:1[1-9]|20)\d\d)\b", lambda m: f"{year(m[1])} to {year(m[2])}"),
    # Times of day.
    _rule(r"\b(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
          rf"(?:\s?{_HALF})?(?!\d)", _clock, re.IGNORECASE),
    _rule(rf"\b(?P<hour>1[0-2]|0?[1-9])(?P<minute>)(?P<second>)\s?{_HALF}", _clock, re.IGNORECASE),
    # Money.
    _rule(rf"(?P<sign>{_COIN})\s?(?P<from>{_NUMBER}){_TO}(?:{_COIN})?(?P<n>{_NUMBER})(?:\s?(?P<s>{_SCALE})\b)?",
          lambda m: f"{_plain(m['from'])} to {_money(m['n'], m['s'], m['sign'])}"),
    _rule(rf"(?P<below>-)?(?P<sign>{_COIN})\s?(?P<n>{_NUMBER})(?:\s?(?P<s>{_SCALE})\b)?",
          lambda m: ("minus " if m["below"] else "") + _money(m["n"], m["s"], m["sign"])),
    _rule(rf"\b(?P<n>{_NUMBER})(?:\s?(?P<s>{_SCALE}))?\s?(?P<sign>[€£¥¢₹]|(?:{_CODE})\b)",
          lambda m: _money(m["n"], m["s"], m["sign"])),
    # Parts of a hundred, measures, fractions, ranks.
    _rule(rf"(?:(?P<from>{_NUMBER}){_TO})?(?P<n>{_SIGNED})\s?(?P<sign>[%‰])",
          lambda m: (f"{_plain(m['from'])} to " if m["from"] else "") + f"{_plain(m['n'])} "
          + ("percent" if m["sign"] == "%" else "per mille")),
    _rule(r"(?<![\w.])(\d)['’′](\d{1,2})(?:[\"”″]|(?!\w))", lambda m: f"{count(m[1])} foot {count(m[2])}"),
    _rule(rf"(?:(?<![\w.])(?P<from>{_NUMBER}){_TO})?(?<![\w.])(?P<number>{_SIGNED})"
          rf"\s?(?P<unit>{_UNIT})(?![\w²³/])", _measure),
    _rule(r"\b(720|1080|1440|2160)p\b", lambda m: f"{year(m[1])} p"),
    _rule(r"\bC#(?!\w)", lambda m: "C sharp"),
    _rule(r"\b24/7\b", lambda m: "twenty-four seven"),
    _rule(rf"(?<![\w./])(?:(?P<whole>\d+)\s?)?(?P<sign>[{''.join(words.FRACTIONS)}])(?P<top>)(?P<bottom>)",
          _mixed),
    _rule(r"(?<![\w./])(?:(?P<whole>\d+)\s)?(?P<sign>)(?P<top>[1-9])/(?P<bottom>[2-9]|10|16|32|100)(?![\w/])",
          _mixed),
    _rule(r"\b(\d[\d,]*)(?:st|nd|rd|th)\b", lambda m: rank(m[1].replace(",", ""))),
    _rule(rf"\b({words.NUMBERED})\s([IVXL]+)\b",
          lambda m: f"{m[1]} {count(_roman(m[2]))}"),
    _rule(rf"\b({words.RULERS})\s([IVX]+)\b(?!['’])", lambda m: f"{m[1]} the {rank(_roman(m[2]))}"),
    # Abbreviations.
    _rule(r"\bNo\.\s?(\d+)\b", lambda m: f"number {count(m[1])}"),
    _rule(r"(?P<saint>\bSt\.(?=\s[A-Z]))|(?<=\s)St\.(?=[\s,]|$)", _saint_or_street),
    _rule(rf"\b({'|'.join(words.TITLES)})\.(?=\s[A-Z])", lambda m: words.TITLES[m[1]]),
    _rule(rf"(?<!\w)({'|'.join(words.ABBREVIATIONS)})\.(?P<end>{_ENDS})?", _abbreviation),
    _rule(r"\be\.g\.,?", lambda m: "for example"),
    _rule(r"\bi\.e\.,?", lambda m: "that is"),
    _rule(rf"\b(?P<letters>a\.m|p\.m)\.(?P<end>{_ENDS})?", _initialism, re.IGNORECASE),
    _rule(r"\b(?P<letters>(?:[A-Z]\.){2,})(?P<end>[\s\"'”’)\]]*$)?", _initialism),
    _rule(r"\bPh\.?D\.?(?!\w)", lambda m: "P-H-D"),
    _rule(r"\b([A-Z])\.(?=\s[A-Z])", lambda m: m[1]),
    _rule(r"(?<!\w)w/o\b", lambda m: "without"),
    _rule(r"(?<!\w)w/(?=\s|\w)", lambda m: "with "),
    _rule(r"\band/or\b", lambda m: "and or"),
    _rule(rf"\b({'|'.join(words.SPELLED)})(s?)\b", lambda m: _spelled(m[1]) + m[2]),
    _rule(rf"\b([A-Z]{{1,4}})([{''.join(words.PLURAL_LETTERS)}])['’]?s\b(?<!’S)",
          lambda m: f"{_spelled(m[1])}-{words.PLURAL_LETTERS[m[2]]}"),
    # What is left of numbers.
    _rule(r"\b(in|since|by|from|until|till|of|year|to|after|before|around|circa|during|early|late|mid|and)\s"
          r"(1[1-9]\d\d|20\d\d)\b(?![.,]\d)", lambda m: f"{m[1]} {year(m[2])}", re.IGNORECASE),
    _rule(r"(?<![\w.,$])(19\d\d|20\d\d)(?![\w%]|[.,]\d)", lambda m: year(m[1])),
    _rule(rf"(?<![\w.])({_NUMBER}){_TO}({_NUMBER})(?![\w-])", lambda m: f"{_plain(m[1])} to {_plain(m[2])}"),
    _rule(rf"(?<![\w.])({_NUMBER})\s?[x×]\s?({_NUMBER})\b", lambda m: f"{_plain(m[1])} by {_plain(m[2])}"),
    _rule(r"(?<![\d.])(\d+(?:\.\d+){2,})(?!\d)", lambda m: _version(m[1])),
    _rule(r"(?<!\.)(\d+)['’]?s\b", lambda m: _several(count(m[1]))),
    _rule(_SIGNED, lambda m: _plain(m[0])),
)  # fmt: skip
"""Every rule, the special before the general."""
