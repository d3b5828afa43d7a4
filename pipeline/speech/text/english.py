"""English text normalisation: rules for everything that is not read as it is written.

A rule is a pattern and a function from its match to words. Rules are tried in order and a stretch of text
belongs to the first that matches it, so specific rules stand before general ones. The tables are in
`english_tables`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pipeline.speech.text import english_tables as tables
from pipeline.speech.text.numbers import cardinal, digit_by_digit, ordinal, year
from pipeline.speech.text.rules import Rule

_NUMBER = r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SIGNED = rf"(?:(?<![\w)])[-−–])?(?:{_NUMBER})"
_MONTH = "|".join(sorted(tables.MONTHS, key=len, reverse=True))
_UNIT = "|".join(re.escape(unit) for unit in sorted(tables.UNITS, key=len, reverse=True))
_SCALE = r"thousand|million|billion|trillion|[kKMB]|bn|mn|tn"
_CURRENCY = "|".join(re.escape(sign) for sign in sorted(tables.CURRENCIES, key=len, reverse=True))
_ISO_CODE = "|".join(code for code in tables.CURRENCIES if code.isalpha() and len(code) == 3)
_TO = r"\s?[-–—]\s?"
_WEEKDAY = "Mon|Tues?|Wed|Thu|Fri|Sat|Sun"
_END = rf"(?=[\s\"'”’)\]]*$|[\s\"'”’)\]]+(?-i:(?!{_WEEKDAY}|{'|'.join(tables.MONTH_NAMES)})[A-Z]))"
"""Where the full stop of an abbreviation also ends the sentence: nothing or a capital follows, but not the
name of a weekday or month."""
_MERIDIEM = rf"(?:(?P<half>[ap])m\b|(?P<dotted>[ap])\.m\.(?P<end>{_END})?)"


def _rule(pattern: str, verbalize: Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    return Rule(re.compile(pattern, flags), verbalize)


def _number(number: str) -> str:
    """A number with its sign in words: "-1,200.5"."""
    digits = re.sub(r"[,\s]", "", number)
    below = digits[0] in "-−–"
    return ("minus " if below else "") + cardinal(digits.lstrip("-−–"))


def _telephone(match: re.Match[str]) -> str:
    return digit_by_digit(match[0])


def _feet_and_inches(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])} foot {cardinal(match[2])}"


def _address(text: str) -> str:
    """The parts of a web or mail address in words, with its signs by name."""
    text = re.sub(r"^(?:https?|ftp)://(?:www\.)?|^www\.", "", text).rstrip("/")
    text = re.sub(r"[^\w\s]|_", lambda sign: f" {tables.ADDRESS_SIGNS.get(sign[0], '')} ", text)
    text = re.sub(r"\d+", lambda digits: f" {cardinal(digits[0])} ", text)
    return " ".join(text.split())


def _month_first(day: str, month: str, in_year: str | None) -> str:
    name = tables.MONTHS.get(month.rstrip(".").lower(), month)
    return f"{name} {ordinal(day)}" + (f", {year(in_year)}" if in_year else "")


def _day_first(day: str, month: str, in_year: str | None) -> str:
    name = tables.MONTHS.get(month.lower(), month)
    return f"the {ordinal(day)} of {name}" + (f", {year(in_year)}" if in_year else "")


def _numeric_date(match: re.Match[str]) -> str:
    """Year-month-day, or month/day/year as in American English; day first where nothing else is possible."""
    first, second, last = match["a"], match["b"], match["c"]
    if len(first) == 4:
        return _month_first(last, tables.MONTH_NAMES[int(second) - 1], first)
    month, day = (first, second) if int(first) <= 12 else (second, first)
    return _month_first(day, tables.MONTH_NAMES[int(month) - 1], last)


def _clock(match: re.Match[str]) -> str:
    hour, minute, meridiem = match["hour"], match["minute"], _meridiem(match)
    spoken = cardinal(str(int(hour)))
    if not minute or minute == "00":
        spoken += "" if meridiem else " o'clock" if int(hour) <= 12 else " hundred hours"
    else:
        spoken += f" oh {cardinal(minute[1])}" if minute[0] == "0" else f" {cardinal(minute)}"
    if match["second"]:
        spoken += f" and {cardinal(str(int(match['second'])))} seconds"
    return spoken + meridiem


def _meridiem(match: re.Match[str]) -> str:
    letter = match["half"] or match["dotted"]
    return (f" {letter.upper()}-M" if letter else "") + ("." if match["end"] is not None else "")


def _money(amount: str, scale: str | None, sign: str) -> str:
    currency = tables.CURRENCIES[sign]
    amount = amount.replace(",", "")
    if scale:
        return f"{cardinal(amount)} {tables.SCALES.get(scale, scale)} {currency.plural}"
    whole, _, minor = amount.partition(".")
    if len(minor) == 2 and currency.minor_plural:
        parts = [f"{cardinal(whole)} {currency.unit(whole)}"] if int(whole) or not int(minor) else []
        parts += [f"{cardinal(str(int(minor)))} {currency.minor_unit(minor)}"] if int(minor) else []
        return " and ".join(parts)
    return f"{cardinal(amount)} {currency.unit(amount)}"


def _measure(match: re.Match[str]) -> str:
    unit = tables.UNITS[match["unit"]]
    single = match["number"] in ("1", "-1") and not match["from"]
    begin = f"{_number(match['from'])} to " if match["from"] else ""
    return f"{begin}{_number(match['number'])} {unit.singular if single else unit.plural}"


def _fraction(numerator: str, denominator: str) -> str:
    if denominator == "2":
        return "one half" if numerator == "1" else f"{cardinal(numerator)} halves"
    name = "quarter" if denominator == "4" else ordinal(denominator)
    return f"{cardinal(numerator)} {name}{'' if numerator == '1' else 's'}"


def _mixed_number(match: re.Match[str]) -> str:
    part = tables.FRACTIONS.get(match["sign"] or "", (match["top"], match["bottom"]))
    spoken = _fraction(*part)
    if not match["whole"]:
        return spoken
    return f"{cardinal(match['whole'])} and {spoken.replace('one ', 'a ', 1) if part[0] == '1' else spoken}"


def _version(text: str) -> str:
    return " point ".join(cardinal(part) for part in text.split("."))


def _plural(number: str) -> str:
    return f"{number[:-1]}ies" if number.endswith("y") else f"{number}s"


def _roman(numeral: str) -> str:
    values = [{"I": 1, "V": 5, "X": 10, "L": 50}[letter] for letter in numeral]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return str(sum(-value if value < after else value for value, after in pairs))


def _spelled_out(letters: str) -> str:
    return "-".join(letters)


def _abbreviation(match: re.Match[str]) -> str:
    return tables.ABBREVIATIONS[match[1]] + ("." if match["end"] is not None else "")


def _initialism(match: re.Match[str]) -> str:
    return _spelled_out(match["letters"].replace(".", "").upper()) + ("." if match["end"] is not None else "")


def _saint_or_street(match: re.Match[str]) -> str:
    return "Saint" if match["saint"] else "Street"


RULES: tuple[Rule, ...] = (
    _rule(r"\b(?:https?://|ftp://|www\.)[^\s<>\"]*[\w/]", lambda m: _address(m[0])),
    _rule(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b", lambda m: _address(m[0])),
    _rule(rf"\b[a-zA-Z0-9][\w-]*(?:\.[\w-]+)*\.(?:{tables.DOMAINS})\b(?:/[^\s<>\"]*[\w/])?",
          lambda m: _address(m[0])),
    _rule(r"(?<!\w)@(\w+)", lambda m: f"at {_address(m[1])}"),
    _rule(r"(?<!\w)#(\d+)\b", lambda m: f"number {cardinal(m[1])}"),
    _rule(r"(?<!\w)#(\w+)", lambda m: f"hashtag {_address(re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', m[1]))}"),
    # Telephone numbers.
    _rule(r"(?<![\w-])(?:\+\d{1,3}[\s.-]?)?\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b", _telephone),
    _rule(r"(?<!\w)\+\d[\d\s().-]{6,}\d\b", _telephone),
    _rule(r"\b\d{3}-\d{4}\b", _telephone),
    # Dates and years.
    _rule(r"\b(?P<a>\d{4})-(?P<b>0?[1-9]|1[0-2])-(?P<c>0?[1-9]|[12]\d|3[01])\b", _numeric_date),
    _rule(r"\b(?P<a>0?[1-9]|1[0-2])/(?P<b>0?[1-9]|[12]\d|3[01])/(?P<c>\d{4})\b", _numeric_date),
    _rule(r"\b(?P<a>0?[1-9]|[12]\d|3[01])[/.](?P<b>0?[1-9]|1[0-2])[/.](?P<c>\d{4})\b", _numeric_date),
    _rule(rf"\b({_MONTH})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s(\d{{4}})\b)?(?!\d|[.,:]\d)",
          lambda m: _month_first(m[2], m[1], m[3]), re.IGNORECASE),
    _rule(rf"\b(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?({_MONTH})\b(?:,?\s(\d{{4}})\b)?",
          lambda m: _day_first(m[1], m[2], m[3]), re.IGNORECASE),
    _rule(rf"\b({_MONTH})\.?,?\s(\d{{4}})\b",
          lambda m: f"{tables.MONTHS.get(m[1].lower(), m[1])} {year(m[2])}", re.IGNORECASE),
    _rule(r"\b(1[1-9]|20)(\d)0['’]?s\b", lambda m: _plural(year(f"{m[1]}{m[2]}0"))),
    _rule(r"(?<!\w)['’]([1-9]0)s\b", lambda m: _plural(cardinal(m[1]))),
    _rule(rf"\b((?:1[1-9]|20)\d\d){_TO}((?:1[1-9]|20)\d\d)\b", lambda m: f"{year(m[1])} to {year(m[2])}"),
    # Times of day.
    _rule(r"\b(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
          rf"(?:\s?{_MERIDIEM})?(?!\d)", _clock, re.IGNORECASE),
    _rule(rf"\b(?P<hour>1[0-2]|0?[1-9])(?P<minute>)(?P<second>)\s?{_MERIDIEM}", _clock, re.IGNORECASE),
    # Money.
    _rule(rf"(?P<sign>{_CURRENCY})\s?(?P<from>{_NUMBER}){_TO}(?:{_CURRENCY})?(?P<n>{_NUMBER})(?:\s?(?P<s>{_SCALE})\b)?",
          lambda m: f"{_number(m['from'])} to {_money(m['n'], m['s'], m['sign'])}"),
    _rule(rf"(?P<below>-)?(?P<sign>{_CURRENCY})\s?(?P<n>{_NUMBER})(?:\s?(?P<s>{_SCALE})\b)?",
          lambda m: ("minus " if m["below"] else "") + _money(m["n"], m["s"], m["sign"])),
    _rule(rf"\b(?P<n>{_NUMBER})(?:\s?(?P<s>{_SCALE}))?\s?(?P<sign>[€£¥¢₹]|(?:{_ISO_CODE})\b)",
          lambda m: _money(m["n"], m["s"], m["sign"])),
    # Percentages, measures, fractions, ordinals.
    _rule(rf"(?:(?P<from>{_NUMBER}){_TO})?(?P<n>{_SIGNED})\s?(?P<sign>[%‰])",
          lambda m: (f"{_number(m['from'])} to " if m["from"] else "") + f"{_number(m['n'])} "
          + ("percent" if m["sign"] == "%" else "per mille")),
    _rule(r"(?<![\w.])(\d)['’′](\d{1,2})(?:[\"”″]|(?!\w))", _feet_and_inches),
    _rule(rf"(?:(?<![\w.])(?P<from>{_NUMBER}){_TO})?(?<![\w.])(?P<number>{_SIGNED})"
          rf"\s?(?P<unit>{_UNIT})(?![\w²³/])", _measure),
    _rule(r"\b(720|1080|1440|2160)p\b", lambda m: f"{year(m[1])} p"),
    _rule(r"\bC#(?!\w)", lambda m: "C sharp"),
    _rule(r"\b24/7\b", lambda m: "twenty-four seven"),
    _rule(rf"(?<![\w./])(?:(?P<whole>\d+)\s?)?(?P<sign>[{''.join(tables.FRACTIONS)}])(?P<top>)(?P<bottom>)",
          _mixed_number),
    _rule(r"(?<![\w./])(?:(?P<whole>\d+)\s)?(?P<sign>)(?P<top>[1-9])/(?P<bottom>[2-9]|10|16|32|100)(?![\w/])",
          _mixed_number),
    _rule(r"\b(\d[\d,]*)(?:st|nd|rd|th)\b", lambda m: ordinal(m[1].replace(",", ""))),
    _rule(rf"\b({tables.COUNTED_IN_ROMAN})\s([IVXL]+)\b",
          lambda m: f"{m[1]} {cardinal(_roman(m[2]))}"),
    _rule(rf"\b({tables.MONARCHS})\s([IVX]+)\b(?!['’])", lambda m: f"{m[1]} the {ordinal(_roman(m[2]))}"),
    # Abbreviations.
    _rule(r"\bNo\.\s?(\d+)\b", lambda m: f"number {cardinal(m[1])}"),
    _rule(r"(?P<saint>\bSt\.(?=\s[A-Z]))|(?<=\s)St\.(?=[\s,]|$)", _saint_or_street),
    _rule(rf"\b({'|'.join(tables.TITLES)})\.(?=\s[A-Z])", lambda m: tables.TITLES[m[1]]),
    _rule(rf"(?<!\w)({'|'.join(tables.ABBREVIATIONS)})\.(?P<end>{_END})?", _abbreviation),
    _rule(r"\be\.g\.,?", lambda m: "for example"),
    _rule(r"\bi\.e\.,?", lambda m: "that is"),
    _rule(rf"\b(?P<letters>a\.m|p\.m)\.(?P<end>{_END})?", _initialism, re.IGNORECASE),
    _rule(r"\b(?P<letters>(?:[A-Z]\.){2,})(?P<end>[\s\"'”’)\]]*$)?", _initialism),
    _rule(r"\bPh\.?D\.?(?!\w)", lambda m: "P-H-D"),
    _rule(r"\b([A-Z])\.(?=\s[A-Z])", lambda m: m[1]),
    _rule(r"(?<!\w)w/o\b", lambda m: "without"),
    _rule(r"(?<!\w)w/(?=\s|\w)", lambda m: "with "),
    _rule(r"\band/or\b", lambda m: "and or"),
    _rule(rf"\b({'|'.join(tables.SPELLED_OUT)})(s?)\b", lambda m: _spelled_out(m[1]) + m[2]),
    _rule(rf"\b([A-Z]{{1,4}})([{''.join(tables.PLURAL_LETTERS)}])['’]?s\b(?<!’S)",
          lambda m: f"{_spelled_out(m[1])}-{tables.PLURAL_LETTERS[m[2]]}"),
    # All other numbers.
    _rule(r"\b(in|since|by|from|until|till|of|year|to|after|before|around|circa|during|early|late|mid|and)\s"
          r"(1[1-9]\d\d|20\d\d)\b(?![.,]\d)", lambda m: f"{m[1]} {year(m[2])}", re.IGNORECASE),
    _rule(r"(?<![\w.,$])(19\d\d|20\d\d)(?![\w%]|[.,]\d)", lambda m: year(m[1])),
    _rule(rf"(?<![\w.])({_NUMBER}){_TO}({_NUMBER})(?![\w-])",
          lambda m: f"{_number(m[1])} to {_number(m[2])}"),
    _rule(rf"(?<![\w.])({_NUMBER})\s?[x×]\s?({_NUMBER})\b", lambda m: f"{_number(m[1])} by {_number(m[2])}"),
    _rule(r"(?<![\d.])(\d+(?:\.\d+){2,})(?!\d)", lambda m: _version(m[1])),
    _rule(r"(?<!\.)(\d+)['’]?s\b", lambda m: _plural(cardinal(m[1]))),
    _rule(_SIGNED, lambda m: _number(m[0])),
)  # fmt: skip
"""Every rule, specific ones before general ones."""
