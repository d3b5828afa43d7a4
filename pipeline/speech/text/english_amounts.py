"""English money, shares, formulas, and every other number; measures are in `english_measures`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from pipeline.speech.text import english_measures
from pipeline.speech.text import english_tables as tables
from pipeline.speech.text.english_common import NUMBER, SIGNED, TO, attributive, number, plural, spelled_out
from pipeline.speech.text.english_measures import PER
from pipeline.speech.text.numbers import cardinal, digit_by_digit, ordinal, year
from pipeline.speech.text.rules import Rule, rule

_SCALE = r"(?:\s?(?:thousand|million|billion|trillion|[kKMB]|bn|mn|tn)|m|b|T|MM|mil|mln|bln|Bn)"
_CURRENCY = "|".join(
    rf"(?<![A-Za-z]){re.escape(sign)}" if sign[0].isalpha() else re.escape(sign)
    for sign in sorted(tables.CURRENCIES, key=len, reverse=True)
)
_ISO_CODE = "|".join(code for code in tables.CURRENCIES if code.isalpha())
_SIGNS = "€£¥¢₹₩₽₺₫₪฿₴₦₱"
_AMOUNT = rf"\d{{1,3}}(?:\.\d{{3}})+,\d{{2}}(?![\d,])|\d+,\d{{2}}(?![\d,])|{NUMBER}"
_SHARES = "|".join(("20/20", "9/11", *(f"{share}/{100 - share}" for share in range(5, 96))))
"""Pairs that are read as two numbers: shares of a hundred, and two that everybody knows."""
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"


def _money(amount: str, scale: str | None, sign: str, *, counted: bool = True) -> str:
    """An amount in words; not `counted` where it stands before a noun: "a five dollar coupon"."""
    currency = tables.CURRENCIES[sign]
    if not counted:
        currency = replace(currency, plural=currency.singular, minor_plural=currency.minor_singular)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d\d", amount):
        amount = amount.replace(".", "")
    amount = re.sub(r",(?=\d\d$)", ".", amount)
    amount = re.sub(r"[,\s]", "", amount)
    if scale and scale.strip():
        scale = scale.strip()
        return f"{cardinal(amount)} {tables.SCALES.get(scale, scale)} {currency.plural}"
    whole, _, minor = amount.partition(".")
    if len(minor) == 2 and currency.minor_plural:
        parts = [f"{cardinal(whole)} {currency.unit(whole)}"] if int(whole) or not int(minor) else []
        parts += [f"{cardinal(str(int(minor)))} {currency.minor_unit(minor)}"] if int(minor) else []
        return " and ".join(parts)
    return f"{cardinal(amount)} {currency.unit(amount)}"


def _money_range(match: re.Match[str]) -> str:
    scale = (match["fs"] or "").strip()
    own = scale and scale != (match["s"] or "").strip()
    begin = number(match["from"]) + (f" {tables.SCALES.get(scale, scale)}" if own else "")
    return f"{begin} to {_money(match['n'], match['s'], match['sign'])}"


def _version(text: str) -> str:
    return " point ".join(cardinal(part) for part in text.split("."))


def _power(digits: str) -> str:
    plain = unicodedata.normalize("NFKC", digits).replace("−", "-")
    return {"2": "squared", "3": "cubed"}.get(plain, f"to the power of {number(plain)}")


def _formula(match: re.Match[str]) -> str:
    """A chemical formula: "CO₂" becomes "C-O two"."""
    plain = unicodedata.normalize("NFKC", match[0])
    parts = re.findall(r"[A-Za-z]+|\d+|\W", plain)
    names = [spelled_out(part) if part.isalpha() else part for part in parts]
    return " ".join(cardinal(part) if part.isdigit() else part for part in names if part.strip("()"))


RULES: tuple[Rule, ...] = (
    # Money.
    rule(rf"(?P<sign>{_CURRENCY})\s?(?P<from>{NUMBER})(?P<fs>{_SCALE})?{TO}(?:{_CURRENCY})?\s?"
         rf"(?P<n>{NUMBER})(?P<s>{_SCALE}\b)?",
         _money_range),
    rule(rf"\b(?P<from>{NUMBER})(?P<fs>{_SCALE})?{TO}(?P<n>{NUMBER})(?P<s>{_SCALE})?\s?(?P<sign>"
         rf"[{_SIGNS}]|(?:{_ISO_CODE})\b)",
         _money_range),
    rule(rf"(?P<below>[-−])?(?P<sign>{_CURRENCY})\s?(?P<below2>[-−])?(?P<n>{_AMOUNT})(?P<s>{_SCALE}\b)?",
         lambda m: ("minus " if m["below"] or m["below2"] else "")
         + _money(m["n"], m["s"], m["sign"], counted=not attributive(m))),
    rule(rf"\b(?P<n>{_AMOUNT})(?P<s>{_SCALE})?\s?(?P<sign>[{_SIGNS}]|(?:{_ISO_CODE})\b)",
         lambda m: _money(m["n"], m["s"], m["sign"], counted=not attributive(m))),
    rule(r"\b(\d{1,2})p\b", lambda m: f"{cardinal(m[1])} {'penny' if m[1] == '1' else 'pence'}"),
    rule(rf"(?<=[\dkKMB])\s?/\s?({PER})\b(?!/)", lambda m: f" per {tables.PER[m[1]]}"),
    rule(rf"(?<=\bper\s)({'|'.join(unit for unit in tables.PER if len(unit) > 1)})\b(?!/)",
         lambda m: tables.PER[m[1]]),
    rule(r"(?<![\w.])(\d{1,3})h\s?([0-5]?\d)m(?:in)?\b",
         lambda m: f"{cardinal(m[1])} hour{'' if m[1] == '1' else 's'} {cardinal(str(int(m[2])))} minutes"),
    rule(r"(?<=\d)(\s[a-z]+)/(day|week|month|year|hour|minute|person)\b", lambda m: f"{m[1]} per {m[2]}"),
    *english_measures.RULES,
    # Shares, ordinals.
    rule(rf"(?<![\w./])(?:{_SHARES})(?![\w/])", lambda m: " ".join(map(cardinal, m[0].split("/")))),
    rule(r"(?<![\w./])(\d{3})/(\d{2,3})(?![\w/])", lambda m: f"{cardinal(m[1])} over {cardinal(m[2])}"),
    rule(r"\b(\d[\d,]*)(?:st|nd|rd|th)\b", lambda m: ordinal(m[1].replace(",", ""))),
    # Formulas, powers, codes of letters and digits.
    rule(r"\b(?:[A-Z][a-z]?|\()(?:[A-Z][a-z]?|[()]|[₀-₉])*[₀-₉](?:[A-Z][a-z]?|[()]|[₀-₉])*", _formula),
    rule(r"\b(?=[A-Za-z]*[2-9])(?:(?:[HCNOSFIK]|Na|Cl|Fe|Ca|Al|Si|Mg)[2-9]?){2,}\b(?<![A-Z]{3})(?<!\d[CB]2)",
         _formula),
    rule(rf"(?<=[\d)a-zA-Z])(?<![A-Za-z]{{3}})([⁻]?[{_SUPERSCRIPTS}]+)", lambda m: f" {_power(m[1])}"),
    rule(rf"(?<=[A-Za-z.,!?])[{_SUPERSCRIPTS}]+", lambda m: ""),
    rule(r"(?<=\w)[₀-₉]+", lambda m: f" {cardinal(unicodedata.normalize('NFKC', m[0]))}"),
    rule(r"(?<=[\w)])\^\(?([-−]?\d+)\)?", lambda m: f" {_power(m[1])}"),
    rule(r"(?<![\w.])(\d+(?:\.\d+)?)\s?\*\s?(?=\d)", lambda m: f"{cardinal(m[1])} times "),
    rule(r"(?<!\w)~\s?(?=[\d$€£])", lambda m: "about "),
    rule(r"(?<![\w.])(\d+(?:\.\d+)?)×(?!\s?[\d.])", lambda m: f"{cardinal(m[1])} times"),
    rule(r"\b([hHxX])\.?(26[1-6])\b", lambda m: f"{m[1].upper()} two {cardinal(m[2][1:])}"),
    rule(r"\b(AV|VP)(\d)\b", lambda m: f"{spelled_out(m[1])} {cardinal(m[2])}"),
    rule(r"\b(3M)\b(?!\s[a-z])", lambda m: "three M"),
    rule(rf"(?<![\w.,])({NUMBER})(M|B|bn|mn|tn|k)\b(?!\s[A-Z])", lambda m: f"{number(m[1])} "
         f"{tables.SCALES[m[2]]}"),
    rule(r"(?<![\w.,])(\d)(?!UP\b|AM\b|PM\b)([A-Z]{2,3})\b", lambda m: f"{cardinal(m[1])} "
         f"{spelled_out(m[2])}"),
    rule(r"\b(RTX|GTX|RX|Ryzen \d|i[3579])([ -])(\d\d)(\d\d)\b",
         lambda m: f"{m[1]} {cardinal(m[3])} {'hundred' if m[4] == '00' else cardinal(m[4])}"),
    rule(r"\b(Boeing|Porsche)\s([1-9])([1-9]\d)\b", lambda m: f"{m[1]} {cardinal(m[2])} {cardinal(m[3])}"),
    # All other numbers.
    rule(r"\b(in|since|by|from|until|till|of|year|to|after|before|around|circa|during|early|late|mid|and)\s"
         r"(1[1-9]\d\d|20\d\d)\b(?![.,]\d)", lambda m: f"{m[1]} {year(m[2])}", re.IGNORECASE),
    rule(r"(?<![\w.,$])(19\d\d|20\d\d)(?![\w%]|[.,]\d)", lambda m: year(m[1])),
    rule(rf"(?<![\w.–-])({NUMBER}){TO}({NUMBER})(?![\w-])", lambda m: f"{number(m[1])} to {number(m[2])}"),
    rule(r"(?<=\d)[–—](?=[A-Za-z]{0,3}\d)|(?<=\d[A-Za-z])[–—](?=[A-Za-z]?\d)|(?<=\d[a-z]{2})[–—](?="
         r"[A-Za-z]?\d)",
         lambda m: " to "),
    rule(rf"(?<![\w.])({NUMBER})\s?[x×]\s?({NUMBER})\b", lambda m: f"{number(m[1])} by {number(m[2])}"),
    rule(r"(?<![\d.])(\d+(?:\.\d+){2,})(?!\d)", lambda m: _version(m[1])),
    rule(r"(?<![.\d])(\d+)['’]?s\b", lambda m: plural(cardinal(m[1]))),
    rule(r"(?<![\d.])0\d{4,}\b", lambda m: digit_by_digit(m[0])),
    rule(SIGNED, lambda m: number(m[0])),
)  # fmt: skip
"""Specific rules before general ones."""
