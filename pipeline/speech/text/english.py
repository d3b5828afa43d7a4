"""English text normalisation: rules for everything that is not read as it is written.

A rule is a pattern and a function from its match to words. Rules are tried in order and a stretch of text
belongs to the first that matches it, so specific rules stand before general ones. Dates and times are in
`english_times`, numbers of every kind in `english_amounts` and `english_measures`, figures and chapters in
`english_references`, the tables in `english_tables`.
"""

from __future__ import annotations

import re

from pipeline.speech.text import english_amounts, english_references, english_times
from pipeline.speech.text import english_tables as tables
from pipeline.speech.text.english_common import END, NUMBER, TO, number, roman, spelled_out
from pipeline.speech.text.numbers import cardinal, digit_by_digit, ordinal
from pipeline.speech.text.rules import Rule, rule

_LETTER_A = "eigh"
"""The letter's name; espeak would read a lone A as the article."""
_EXTENSIONS = (
    "js|ts|py|md|txt|html|css|json|xml|csv|mp4|mp3|wav|mov|pdf|docx|xlsx|pptx|jpg|jpeg|png|gif|zip|exe|NET"
)
_STREET = "|".join(tables.STREETS)


def _telephone(match: re.Match[str]) -> str:
    return ("plus " if match[0][0] == "+" else "") + digit_by_digit(match[0])


def _vanity_number(match: re.Match[str]) -> str:
    """ "1-800-FLOWERS": the digits, then the words."""
    return f"{digit_by_digit(match[1])}, {match[2].replace('-', ' ').lower()}"


def _address(text: str) -> str:
    """The parts of a web or mail address in words, with its signs by name."""
    text = re.sub(r"^(?:https?|ftp)://(?:www\.)?|^www\.", "", text).rstrip("/")
    text = re.sub(r"[^\w\s]|_", lambda sign: f" {tables.ADDRESS_SIGNS.get(sign[0], '')} ", text)
    text = re.sub(r"\d+", lambda digits: f" {cardinal(digits[0])} ", text)
    return " ".join(text.split())


def _abbreviation(match: re.Match[str]) -> str:
    ends = match["end"] is not None and match[1] not in tables.NEVER_LAST
    return tables.ABBREVIATIONS[match[1]] + ("." if ends else "")


def _initialism(match: re.Match[str]) -> str:
    return spelled_out(match["letters"].replace(".", "").upper()) + ("." if match["end"] is not None else "")


def _saint_or_street(match: re.Match[str]) -> str:
    return "Saint" if match["saint"] else "Street"


def _joined_initials(match: re.Match[str]) -> str:
    """ "AT&T" becomes "A-T and T", "R&D" "R and D"."""
    parts = [part.strip() for part in match["letters"].split("&")]
    names = [_LETTER_A if part == "A" else spelled_out(part) for part in parts]
    last = parts[-1]
    if match["s"] and last[-1] in tables.PLURAL_LETTERS:
        names[-1] = "-".join([*last[:-1], tables.PLURAL_LETTERS[last[-1]]])
    elif match["s"]:
        names[-1] += "'s"
    return " and ".join(names)


def _house(match: re.Match[str]) -> str:
    """A house number, the name of the street, and what its abbreviation stands for."""
    house = match["house"]
    paired = len(house) == 4 and house[2:] != "00"
    said = (
        f"{cardinal(house[:2])} {'oh ' if house[2] == '0' else ''}{cardinal(str(int(house[2:])))}"
        if paired
        else cardinal(house)
    )
    name = re.sub(r"(\d+)(?:st|nd|rd|th)", lambda found: ordinal(found[1]), match["name"])
    name = re.sub(
        r"^\s([NSEW]{1,2})\.?\s", lambda found: f" {tables.DIRECTIONS.get(found[1], found[1])} ", name
    )
    ends = "." if match["end"] is not None and not match["toward"] else ""
    toward = f" {tables.DIRECTIONS[match['toward']]}" if match["toward"] else ""
    return f"{said}{name}{tables.STREETS[match['street']]}{toward}{ends}"


def _postcode(match: re.Match[str]) -> str:
    return " ".join(
        digit_by_digit(letter) if letter.isdigit() else letter for letter in match[0] if letter != " "
    )


_ADDRESSES: tuple[Rule, ...] = (
    rule(r"\b(?:https?://|ftp://|www\.)[^\s<>\"]*[\w/]", lambda m: _address(m[0])),
    rule(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b", lambda m: _address(m[0])),
    rule(rf"\b[a-zA-Z0-9][\w-]*(?:\.[\w-]+)*\.(?:{tables.DOMAINS})\b(?:/[^\s<>\"]*[\w/])?",
         lambda m: _address(m[0])),
    rule(r"(?<!\w)@(\w+)", lambda m: f"at {_address(m[1])}"),
    rule(r"(?<!\w)#(\d+)\b", lambda m: f"number {cardinal(m[1])}"),
    rule(r"(?<!\w)#(\w+)", lambda m: f"hashtag {_address(re.sub(r'(?<=[a-z])(?=[A-Z])', ' ', m[1]))}"),
    # Telephone, card and other numbers of an identity.
    rule(r"(?<![\w-])((?:\+?1[\s.-])?\(?8\d\d\)?[\s.-])([A-Z]{3,}(?:-[A-Z]+)*)\b", _vanity_number),
    rule(r"(?<![\w-])(?:\+\d{1,3}[\s.-]?|1[\s.-])?\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b", _telephone),
    rule(r"(?<!\w)\+\d[\d\s().-]{6,}\d\b", _telephone),
    rule(r"(?<![\w.,-])\(?0\d{2,4}\)?[\s-]\d{3,4}[\s-]?\d{3,4}(?:[\s-]\d{2,4})?\b(?!-)", _telephone),
    rule(r"(?<!\d)0\d(?:[\s.]\d\d){4}\b", _telephone),
    rule(r"\b\d{4}(?:[ -]\d{4}){2,4}\b|\b\d{3}-\d{2}-\d{4}\b|\b97[89](?:-\d+){3,4}\b", _telephone),
    rule(r"\b1[38]00[\s-]\d{3}[\s-]\d{3}\b", _telephone),
    rule(r"\b\d{3}-\d{4}\b", _telephone),
    rule(r"(?<=\d[-. ]\d{4}),?\s?(?:x|ext\.?|Ext\.?)\s?(\d{2,5})\b",
         lambda m: f", extension {digit_by_digit(m[1])}"),
    rule(r"\b((?i:call|dial|ring|phone|text)\s)([0-9]11|999|112|988|000|101)\b",
         lambda m: f"{m[1]}{digit_by_digit(m[2])}"),
    # Postal addresses.
    rule(rf"\b(?<!No\. )(?P<house>\d{{1,5}})(?P<name>\s(?:[NSEW]{{1,2}}\.?\s)?(?:(?:[A-Z][a-z]+|\d+(?:st"
         rf"|nd|rd|th))\s){{1,3}})"
         rf"(?P<street>{_STREET})\b(?:\.(?P<end>{END})?)?(?:\s(?P<toward>NE|NW|SE|SW|[NSEW])\b\.?(?!\s"
         rf"[a-z]))?(?=[\s,;.)]|$)", _house),
    rule(rf"\b({'|'.join(tables.STATES)})\s(\d{{5}})(?:-(\d{{4}}))?\b",
         lambda m: f"{tables.STATES[m[1]]} {digit_by_digit(m[2] + (f'-{m[3]}' if m[3] else ''))}"),
    rule(r"\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b", _postcode),
    rule(r"(?<=\bZIP\s)\d{5}\b|(?<=\bZIP code\s)\d{5}\b", lambda m: digit_by_digit(m[0])),
    rule(r"\bP\.?\s?O\.?\sBox\b", lambda m: "P-O Box"),
    rule(r"\bSte\.?\s(?=\d)", lambda m: "Suite "),
)  # fmt: skip

_ABBREVIATIONS: tuple[Rule, ...] = (
    rule(r"\b(World War|Super Bowl)\s([IVXL]+)\b", lambda m: f"{m[1]} {cardinal(roman(m[2]))}"),
    rule(rf"\b({tables.MONARCHS})\s([IVX]+)\b(?!['’])", lambda m: f"{m[1]} the {ordinal(roman(m[2]))}"),
    rule(rf"\bNos?\.\s?({NUMBER}){TO}({NUMBER})\b", lambda m: f"numbers {number(m[1])} to {number(m[2])}"),
    rule(r"\bNo\.\s*(\d{1,3}(?:,\d{3})+|\d+)\b", lambda m: f"number {cardinal(m[1].replace(',', ''))}"),
    rule(rf"\bp{{1,2}}\.\s?(\d+)(?:{TO}(\d+))?\b",
         lambda m: f"page {cardinal(m[1])}" if not m[2] else f"pages {cardinal(m[1])} to {cardinal(m[2])}"),
    rule(r"(?P<saint>\bSt\.(?=\s[A-Z]))|(?<=\s)St\.(?=[\s,]|$)", _saint_or_street),
    rule(rf"\b({'|'.join(tables.TITLES)})\.(?=\s[A-Z]|\s?&|\s(?:and|or)\s[A-Z])",
         lambda m: tables.TITLES[m[1]]),
    rule(rf"(?<!\w)({'|'.join(tables.ABBREVIATIONS)})\.(?P<end>{END})?", _abbreviation),
    rule(r"\be\.g\.,?", lambda m: "for example"),
    rule(r"\bi\.e\.,?", lambda m: "that is"),
    rule(rf"\b(?P<letters>a\.m|p\.m)\.(?P<end>{END})?", _initialism, re.IGNORECASE),
    rule(r"\b(?P<letters>(?:[A-Z]\.){2,})(?P<end>[\s\"'”’)\]]*$)?", _initialism),
    rule(r"\b(?:a\.k\.a\.?)(?!\w)", lambda m: "A-K-A"),
    rule(r"\bPh\.?D\.?(?!\w)", lambda m: "P-H-D"),
    rule(r"\b([A-Z])\.(?=\s[A-Z])", lambda m: m[1]),
    rule(r"(?<!\d)(?<!\d\s)\b(min|max|avg)\.(?=\s[a-z])",
         lambda m: {"min": "minimum", "max": "maximum", "avg": "average"}[m[1].lower()], re.IGNORECASE),
    rule(r"\b(Jan|Mar|Apr|Jun|Jul|Sep)\.(?=\s[a-z])", lambda m: tables.MONTHS[m[1].lower()]),
    rule(r"(?<!\w)w/o\b", lambda m: "without"),
    rule(r"(?<!\w)w/(?=\s|\w)", lambda m: "with "),
    rule(r"(?<!\w)b/c\b", lambda m: "because"),
    rule(r"\bc/o\b", lambda m: "care of"),
    rule(r"\band/or\b", lambda m: "and or"),
    rule(r"\b(N/A|n/a)\b", lambda m: "N-A"),
    rule(r"\bI/O\b", lambda m: "I-O"),
    rule(r"\bTCP/IP\b", lambda m: "T-C-P I-P"),
    # Brands and initialisms.
    rule(r"\b(?P<letters>[A-Z]{1,3}(?:\s?&[A-Z]{1,3}|\s?&\s(?=[A-Z]\b)[A-Z])+)(?P<s>['’]?s)?\b",
         _joined_initials),
    rule(r"\bIoT\b", lambda m: "I-O-T"),
    rule(r"\bIEEE\b", lambda m: "I triple E"),
    rule(r"\bSaaS\b", lambda m: "sass"),
    rule(r"(?<!\w)\.NET\b", lambda m: "dot net"),
    rule(rf"(?<=\w)\.({_EXTENSIONS})\b(?!\.\w)",
         lambda m: f" dot {'net' if m[1] == 'NET' else ' '.join(_spoken_extension(m[1]))}"),
)  # fmt: skip


def _spoken_extension(extension: str) -> list[str]:
    """The ending of a file's name, spelled; its digits as numbers."""
    parts = re.findall(r"\d+|\D+", extension)
    return [cardinal(part) if part.isdigit() else spelled_out(part.upper()) for part in parts]


_INITIALISMS: tuple[Rule, ...] = (
    rule(rf"\b({'|'.join(tables.SPELLED_OUT)})(s?)\b", lambda m: spelled_out(m[1]) + m[2], spells=True),
    rule(rf"\b([A-Z]{{1,4}})([{''.join(tables.PLURAL_LETTERS)}])['’]?s\b(?<!’S)",
         lambda m: f"{spelled_out(m[1])}-{tables.PLURAL_LETTERS[m[2]]}", spells=True),
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    *_ADDRESSES,
    *english_times.RULES,
    *english_references.RULES,
    *_ABBREVIATIONS,
    *english_amounts.RULES,
    *_INITIALISMS,
)
"""Every rule, specific ones before general ones."""
