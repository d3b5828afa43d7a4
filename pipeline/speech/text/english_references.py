"""English references and sizes: figures, chapters, Roman numerals, eras, network addresses, dimensions."""

from __future__ import annotations

import re

from pipeline.speech.text.english_common import END, TO, number, roman, spelled_out
from pipeline.speech.text.numbers import cardinal, digit_by_digit, ordinal, year
from pipeline.speech.text.rules import Rule, rule

_REFERENCES: dict[str, str] = {
    "art": "article", "bldg": "building", "ch": "chapter", "chap": "chapter", "eq": "equation",
    "fig": "figure", "fl": "floor", "hwy": "highway", "para": "paragraph", "pt": "part", "rm": "room",
    "rte": "route", "sec": "section", "sect": "section", "tab": "table", "ver": "version", "vol": "volume",
    "chs": "chapters", "eqs": "equations", "figs": "figures", "secs": "sections", "vols": "volumes",
}  # fmt: skip
"""What abbreviations stand for before a number."""
_NUMERAL = r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
"""A Roman numeral below a hundred."""
_COUNTED = "chapter|part|act|scene|volume|section|phase|book|appendix|stage|type|figure|table"
_BYTE = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_ERA = r"(?:BCE|BC|CE|AD)\b|(?:B\.C\.E?|C\.E|A\.D)(?!\w)"
_COMPARED = r"(?=\s(?:[a-z]+er|more|less|as)\b)"
_LENGTH = r"\d+(?:\.\d+)?"


def _reference(match: re.Match[str]) -> str:
    name = _REFERENCES[match["name"].lower()]
    return name.capitalize() if match["name"][0].isupper() else name


def _counted(match: re.Match[str]) -> str:
    to = f" to {cardinal(roman(match['to']))}" if match["to"] else ""
    return f"{match['name']} {cardinal(roman(match['numeral']))}{to}"


def _network_address(match: re.Match[str]) -> str:
    return " dot ".join(digit_by_digit(part) for part in match[0].split("."))


def _circa(match: re.Match[str]) -> str:
    return f"{'established' if match[1].lower() == 'est' else 'circa'} {year(match[2])}"


RULES: tuple[Rule, ...] = (
    rule(rf"\b(?P<name>{'|'.join(sorted(_REFERENCES, key=len, reverse=True))})\.(?=\s?\d|\s{_NUMERAL}\b)",
         _reference, re.IGNORECASE),
    # "The part I like" is no numeral; "Part I" is.
    rule(rf"\b(?P<name>(?i:{_COUNTED})s?)\s(?P<numeral>(?!(?<=[a-z]\s)I\b(?!\s?[,;:.)])){_NUMERAL})\b"
         rf"(?!['’])(?:{TO}(?P<to>{_NUMERAL})\b)?", _counted),
    rule(rf"(?<![A-Z]\s)\b(?P<numeral>{_NUMERAL})\b(?=(?:\sand\s[IVXL]+)?\s(?:century|centuries|Olympi\w+|"
         r"Winter\s|Summer\s))", lambda m: ordinal(roman(m["numeral"]))),
    rule(r"\b(ca?|est)\.\s?(1\d\d\d|20\d\d)\b", _circa, re.IGNORECASE),
    rule(rf"\b(\d{{4}})\s?({_ERA})",
         lambda m: f"{year(m[1])} {spelled_out(m[2].replace('.', ''))}"),
    rule(r"\b(AD|A\.D\.)\s(\d{4})\b", lambda m: f"A-D {year(m[2])}"),
    rule(r"(?<=\byear\s)10\d\d\b", lambda m: year(m[0])),
    rule(rf"(?<![\w.]){_BYTE}(?:\.{_BYTE}){{3}}(?![\w.]*\d)", _network_address),
    rule(r"(?<!\w)A[-–]([D-Z])\b(?![-–])", lambda m: f"A to {m[1]}"),
    rule(rf"\bp\.a\.(?P<end>{END})?(?!\w)",
         lambda m: "per annum" + ("." if m["end"] is not None else "")),
    # Sizes and factors: "30 x 40 cm", "5 x 6 = 30", "3x faster".
    rule(rf"(?<![\w.])({_LENGTH})\s?[x×]\s?(?={_LENGTH}(?:\s?[x×*+−-]\s?{_LENGTH})*\s?=)",
         lambda m: f"{number(m[1])} times "),
    rule(rf"(?<![\w.])({_LENGTH})\s?[x×]\s?(?=10[\^⁻⁰¹²³⁴⁵⁶⁷⁸⁹])", lambda m: f"{number(m[1])} times "),
    rule(rf"(?<![\w.])({_LENGTH})\s?[x×]\s?(?={_LENGTH})", lambda m: f"{number(m[1])} by "),
    rule(rf"(?<![\w.])({_LENGTH})[x×]{_COMPARED}", lambda m: f"{number(m[1])} times"),
)  # fmt: skip
"""Tried before abbreviations and amounts."""
