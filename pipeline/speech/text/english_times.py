"""English dates, years, times of day, weekdays, and ranges of them."""

from __future__ import annotations

import re

from pipeline.speech.text import english_tables as tables
from pipeline.speech.text.english_common import END, MONTH, ORDINAL, TO, plural
from pipeline.speech.text.numbers import cardinal, ordinal, year
from pipeline.speech.text.rules import Rule, rule

_MERIDIEM = rf"(?:(?P<half>[ap])m\b|(?P<dotted>[ap])\.m\.(?P<end>{END})?)"
_YEAR = r"(?:1[1-9]|20)\d\d"
_HALF = r"\s?[ap]\.?m\.?(?!\w)"
_TIME = r"(?:1[0-2]|0?\d|1[3-9]|2[0-4])(?:[:.][0-5]\d)?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_WEEKDAY = "|".join(sorted(tables.WEEKDAYS, key=len, reverse=True))
_JOIN = r"(?:\s?[,/&–—-]\s?|,?\s(?:and|or|to|through|thru)\s)"
_AFTER_MONTH = r"(?!\d|[.,:]\d)"


def _month(name: str) -> str:
    return tables.MONTHS.get(name.rstrip(".").lower(), name)


def _in_year(digits: str | None) -> str:
    return f", {year(digits)}" if digits else ""


def _month_first(day: str, month: str, in_year: str | None) -> str:
    return f"{_month(month)} {ordinal(day)}{_in_year(in_year)}"


def _day_first(day: str, month: str, in_year: str | None) -> str:
    return f"the {ordinal(day)} of {_month(month)}{_in_year(in_year)}"


def _numeric_date(match: re.Match[str]) -> str:
    """Year-month-day, or month/day/year as in American English; day first where nothing else is possible."""
    first, second, last = match["a"], match["b"], match["c"]
    if len(first) == 4:
        return _month_first(last, tables.MONTH_NAMES[int(second) - 1], first)
    month, day = (first, second) if int(first) <= 12 else (second, first)
    return _month_first(day, tables.MONTH_NAMES[int(month) - 1], last)


def _months(match: re.Match[str]) -> str:
    first = f" {year(match[2])}" if match[2] else ""
    return f"{_month(match[1])}{first} to {_month(match[3])}" + (f" {year(match[4])}" if match[4] else "")


def _clock(match: re.Match[str]) -> str:
    hour, minute, meridiem = match["hour"], match["minute"], _meridiem(match)
    spoken = _hour_and_minute(hour, minute, bare=bool(meridiem))
    if match["second"]:
        spoken += f" and {cardinal(str(int(match['second'])))} seconds"
    return spoken + meridiem


def _hour_and_minute(hour: str, minute: str | None, *, bare: bool) -> str:
    """A time in words; `bare` where something else says that it is one."""
    spoken = cardinal(str(int(hour)))
    if not minute or minute == "00":
        return spoken + ("" if bare else " o'clock" if int(hour) <= 12 else " hundred hours")
    return spoken + (f" oh {cardinal(minute[1])}" if minute[0] == "0" else f" {cardinal(minute)}")


def _meridiem(match: re.Match[str]) -> str:
    letter = match["half"] or match["dotted"]
    return (f" {letter.upper()}-M" if letter else "") + ("." if match["end"] is not None else "")


def _hours(match: re.Match[str]) -> str:
    ends = "." if match["stop"] is not None else ""
    return f"{_time_of(match['from'])} to {_time_of(match['to'])}{ends}"


def _time_of(text: str) -> str:
    """ "10am", "9:30 p.m." or "17:00" in words."""
    hour, minute = re.match(r"(\d+)(?:[:.](\d\d))?", text).groups()  # type: ignore[union-attr]
    half = re.search("[ap]", text, re.IGNORECASE)
    spoken = _hour_and_minute(hour, minute, bare=half is not None or minute is None)
    return spoken + (f" {half[0].upper()}-M" if half else "")


def _weekdays(match: re.Match[str]) -> str:
    def join(found: re.Match[str]) -> str:
        sign = found[0].strip(" ")
        words = {"-": "to", "–": "to", "—": "to", "&": "and", "/": "and", "thru": "through"}
        return ", " if sign == "," else f" {words.get(sign, sign.lstrip(', '))} "

    days = re.sub(rf"\b({_WEEKDAY})\b\.?", lambda day: tables.WEEKDAYS[day[1]], match[0])
    return re.sub(_JOIN, join, days)


RULES: tuple[Rule, ...] = (
    rule(r"\b(?P<a>\d{4})-(?P<b>0?[1-9]|1[0-2])-(?P<c>0?[1-9]|[12]\d|3[01])\b", _numeric_date),
    rule(r"\b(?P<a>0?[1-9]|1[0-2])/(?P<b>0?[1-9]|[12]\d|3[01])/(?P<c>\d{4})\b", _numeric_date),
    rule(r"\b(?P<a>0?[1-9]|[12]\d|3[01])[/.](?P<b>0?[1-9]|1[0-2])[/.](?P<c>\d{4})\b", _numeric_date),
    # Ranges of days and months.
    rule(rf"\b({MONTH})\.?\s({_DAY}){ORDINAL}{TO}({MONTH})\.?\s({_DAY}){ORDINAL}\b(?:,?\s"
         rf"(\d{{4}})\b)?{_AFTER_MONTH}",
         lambda m: f"{_month_first(m[2], m[1], None)} to {_month_first(m[4], m[3], m[5])}", re.IGNORECASE),
    rule(rf"\b({MONTH})\.?\s({_DAY}){ORDINAL}{TO}({_DAY}){ORDINAL}\b(?:,?\s(\d{{4}})\b)?{_AFTER_MONTH}",
         lambda m: f"{_month_first(m[2], m[1], None)} to {ordinal(m[3])}{_in_year(m[4])}", re.IGNORECASE),
    rule(rf"\b(?:the\s)?({_DAY}){ORDINAL}\s(?:of\s)?({MONTH})\.?{TO}({_DAY}){ORDINAL}\s(?:of\s)?"
         rf"({MONTH})\b(?:,?\s(\d{{4}})\b)?",
         lambda m: f"{_day_first(m[1], m[2], None)} to {_day_first(m[3], m[4], m[5])}", re.IGNORECASE),
    rule(rf"\b(?:the\s)?({_DAY}){ORDINAL}{TO}({_DAY}){ORDINAL}\s(?:of\s)?({MONTH})\b(?:,?\s(\d{{4}})\b)?",
         lambda m: f"the {ordinal(m[1])} to {_day_first(m[2], m[3], m[4])}", re.IGNORECASE),
    rule(rf"\b((?-i:[A-Z])(?<=[JFMASOND])"
         rf"(?:{'|'.join(sorted((m[1:] for m in tables.MONTHS), key=len, reverse=True))}))\.?"
         rf"(?:\s({_YEAR}))?{TO}((?-i:(?=[A-Z]))(?:{MONTH}))\b\.?(?:,?\s({_YEAR})\b)?",
         _months, re.IGNORECASE),
    rule(rf"\b({MONTH})\.?\s(\d{{1,2}}){ORDINAL}\b(?:,?\s(\d{{4}})\b)?{_AFTER_MONTH}",
         lambda m: _month_first(m[2], m[1], m[3]), re.IGNORECASE),
    rule(rf"\b(?:the\s)?(\d{{1,2}}){ORDINAL}\s(?:of\s)?({MONTH})\b(?:,?\s(\d{{4}})\b)?",
         lambda m: _day_first(m[1], m[2], m[3]), re.IGNORECASE),
    rule(rf"\b({MONTH})\.?,?\s(\d{{4}})\b", lambda m: f"{_month(m[1])} {year(m[2])}", re.IGNORECASE),
    rule(rf"\b(?:{_WEEKDAY})\b\.?(?:{_JOIN}(?:{_WEEKDAY})\b\.?)+(?<!\.)", _weekdays),
    rule(rf"\b(?:{_WEEKDAY})\b\.?(?=,?\s(?:{MONTH})\b|,?\s\d{{1,2}}(?:[:.]\d\d|{_HALF}|{ORDINAL}\s"
         rf"(?:{MONTH})\b|\s?[-–]\s?\d))",
         lambda m: tables.WEEKDAYS[m[0].rstrip(".")]),
    # Years.
    rule(r"\b(1[1-9]|20)(\d)0['’]?s\b", lambda m: plural(year(f"{m[1]}{m[2]}0"))),
    rule(r"(?<=\b[Tt]he\s)([2-9]0)s\b|(?<=\bearly\s)([2-9]0)s\b|(?<=\blate\s)([2-9]0)s\b",
         lambda m: plural(cardinal(m[1] or m[2] or m[3]))),
    rule(r"(?<!\w)['’]([1-9]0)s\b", lambda m: plural(cardinal(m[1]))),
    rule(rf"\b({_YEAR}){TO}({_YEAR})\b", lambda m: f"{year(m[1])} to {year(m[2])}"),
    rule(r"\b((?:19|20)\d\d)[-–—](\d\d)\b(?![-–.,:/]\d)",
         lambda m: f"{year(m[1])} to {'oh ' if m[2][0] == '0' else ''}{cardinal(str(int(m[2])))}"),
    rule(r"\b((?:19|20)\d\d)/(\d\d)\b(?!/)", lambda m: f"{year(m[1])} {cardinal(str(int(m[2])))}"),
    # Times of day.
    rule(rf"\b(?P<from>{_TIME}(?:{_HALF})?){TO}(?P<to>{_TIME}\s?(?:[ap]m\b|[ap]\.m\.(?P<stop>{END})?))",
         _hours, re.IGNORECASE),
    rule(rf"\b(?P<from>{_TIME}{_HALF}){TO}(?P<to>{_TIME})(?P<stop>(?!))?(?![\d:])", _hours, re.IGNORECASE),
    rule(rf"\b(?P<from>[01]?\d:[0-5]\d|2[0-4]:[0-5]\d){TO}(?P<to>[01]?\d:[0-5]\d|2[0-4]:[0-5]\d)(?P<stop>"
         rf"(?!))?(?![\d:])", _hours),
    rule(r"(?<=[\dmM.])\s?[-–—]\s?(?=(?:noon|midnight|midday|close|late)\b)", lambda m: " to "),
    rule(rf"\b(noon|midnight|midday){TO}(?=\d)", lambda m: f"{m[1]} to ", re.IGNORECASE),
    rule(r"\b((?i:ratios?|odds|scale|score|aspect)(?:\s(?:of|is|was|at|from|to))*\s)(\d{1,4}):(\d{1,4})\b",
         lambda m: f"{m[1]}{cardinal(m[2])} to {cardinal(m[3])}"),
    rule(r"\b(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?"
         rf"(?:\s?{_MERIDIEM})?(?!\d)", _clock, re.IGNORECASE),
    rule(rf"\b(?P<hour>1[0-2]|0?[1-9])\.(?P<minute>[0-5]\d)(?P<second>)\s?{_MERIDIEM}",
         _clock, re.IGNORECASE),
    rule(rf"\b(?P<hour>1[0-2]|0?[1-9])(?P<minute>)(?P<second>)\s?{_MERIDIEM}", _clock, re.IGNORECASE),
    rule(r"(?<![\d:])(\d{1,4}(?:\.\d+)?):(\d{1,4})(?![\d:])", lambda m: f"{cardinal(m[1])} to "
         f"{cardinal(m[2])}"),
)  # fmt: skip
"""Specific rules before general ones."""
