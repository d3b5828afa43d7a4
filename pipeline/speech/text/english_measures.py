"""English percentages, measures, feet and inches, fractions."""

from __future__ import annotations

import re

from pipeline.speech.text import english_tables as tables
from pipeline.speech.text.english_common import END, NUMBER, SIGNED, TO, attributive, number
from pipeline.speech.text.numbers import cardinal, ordinal, year
from pipeline.speech.text.rules import Rule, rule

PER = "|".join(sorted(tables.PER, key=len, reverse=True))
_UNIT = "|".join(re.escape(unit) for unit in sorted(tables.UNITS, key=len, reverse=True))
_DOTTED = frozenset(
    [
        "ft",
        "in.",
        "lb",
        "lbs",
        "oz",
        "yd",
        "mi",
        "gal",
        "min",
        "mins",
        "sec",
        "secs",
        "hr",
        "hrs",
        "yr",
        "yrs",
        "wks",
        "tsp",
        "tbsp",
        "km",
        "cm",
        "mm",
        "kg",
        "g",
    ]
)
"""Units that may be written with a full stop in the middle of a sentence."""
_STOP = rf"(?:(?P<dot>\.|(?<=\.))(?!\w)(?P<end>{END})?)?"
_FRACTION_SIGNS = "".join(tables.FRACTIONS)


def _measure(match: re.Match[str]) -> str:
    unit = tables.UNITS[match["unit"]]
    single = (match["number"] in ("1", "-1") and not match["from"]) or attributive(match)
    begin = f"{number(match['from'])} to " if match["from"] else ""
    per = f" per {_per(match['per'])}" if match["per"] else ""
    said = f"{begin}{number(match['number'])} {unit.singular if single else unit.plural}{per}"
    return said + _full_stop(match)


def _full_stop(match: re.Match[str]) -> str:
    """ "10 ft. long" has one in the middle of a sentence, "It lasts 10 min. Then" at its end."""
    if match["dot"] is None:
        return ""
    return "" if match["end"] is None and match["unit"] in _DOTTED else "."


def _part_of_unit(match: re.Match[str]) -> str:
    """ "1/2 lb" is half a pound, "¾ tsp" three quarters of a teaspoon, "1½ kg" one and a half kilograms."""
    unit = tables.UNITS[match["unit"]]
    top, bottom = tables.FRACTIONS.get(match["sign"] or "", (match["top"], match["bottom"]))
    if match["whole"]:
        return f"{_mixed_number(match)} {unit.plural}{_full_stop(match)}"
    part = "half" if (top, bottom) == ("1", "2") else f"{_fraction(top, bottom)} of"
    article = "an" if unit.singular[0] in "aeio" or unit.singular == "hour" else "a"
    return f"{part} {article} {unit.singular}{_full_stop(match)}"


def _per(name: str) -> str:
    return tables.PER.get(name) or tables.UNITS[name].singular


def _feet_and_inches(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])} foot {cardinal(match[2])}"


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


RULES: tuple[Rule, ...] = (
    # Percentages, measures, fractions, ordinals.
    rule(rf"(?<!\d)(?:(?P<from>{NUMBER})[%‰]?{TO})?(?P<n>{SIGNED})\s?(?P<sign>[%‰])",
         lambda m: (f"{number(m['from'])} to " if m["from"] else "") + f"{number(m['n'])} "
         + ("percent" if m["sign"] == "%" else "per mille")),
    rule(rf"(?<![\w./])(?:(?P<whole>\d+)\s?)?(?P<sign>[{_FRACTION_SIGNS}])(?P<top>)(?P<bottom>)"
         rf"\s?(?P<unit>{_UNIT}){_STOP}(?![\w²³/])", _part_of_unit),
    rule(rf"(?<![\w./])(?:(?P<whole>\d+)\s)?(?P<sign>)(?P<top>[1-9])/(?P<bottom>[2-9]|10|16|32|100)"
         rf"\s?(?P<unit>{_UNIT}){_STOP}(?![\w²³/])", _part_of_unit),
    rule(r"(?<![\w.])(\d)['’′](\d{1,2})(?:[\"”″]|(?!\w))", _feet_and_inches),
    rule(r"\b(720|1080|1440|2160)p\b", lambda m: f"{year(m[1])} p"),
    rule(r"(?<![\w.])(\d+(?:\.\d+)?)\s?°\s?([NSEW])\b",
         lambda m: f"{cardinal(m[1])} degrees {tables.DIRECTIONS[m[2]].lower()}"),
    rule(rf"(?:(?<![\w.])(?P<from>{NUMBER})(?:\s?°C?F?)?{TO})?(?<![\w.])(?P<number>{SIGNED})"
         rf"\s?(?P<unit>{_UNIT})(?:/(?P<per>{_UNIT}|{PER}))?{_STOP}(?![\w²³/])", _measure),
    rule(r"\b[CFGAD]#(?!\w)", lambda m: f"{m[0][0]} sharp"),
    rule(r"\b24/7\b", lambda m: "twenty-four seven"),
    rule(rf"(?<![\w./])(?:(?P<whole>\d+)\s?)?(?P<sign>[{_FRACTION_SIGNS}])(?P<top>)(?P<bottom>)",
         _mixed_number),
    rule(r"(?<![\w./])(?:(?P<whole>\d+)\s)?(?P<sign>)(?P<top>[1-9])/(?P<bottom>[2-9]|10|16|32|100)(?![\w/])",
         _mixed_number),
)  # fmt: skip
"""Specific rules before general ones."""
