"""Money, percentages, measures, fractions, powers and sums."""

from __future__ import annotations

import re
import unicodedata

from pipeline.speech.text.locales.figures import (
    agreement,
    joiner,
    number_pattern,
    signed_pattern,
    spoken_number,
    value,
    whole_number,
)
from pipeline.speech.text.locales.locale import Currency, Locale, Noun
from pipeline.speech.text.rules import Rule, rule

_TO = r"\s?[-–—]\s?"
_FRACTIONS = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
    "⅘": (4, 5), "⅙": (1, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
}  # fmt: skip
_SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
_FEW = 10
"""Hundredths up to this many are named where others are not: "un euro et cinq centimes"."""
_RESOLUTIONS = ("2K", "4K", "5K", "8K")
_ENGLISH_GROUPS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_ENGLISH_CENTS = re.compile(r"\d{1,3}(?:,\d{3})+\.\d\d")
_ENGLISH_SIGNS = ("$", "£", "¥", "₹")
"""Signs of currencies whose amounts are grouped with commas, whatever the language of the text."""


def rules(locale: Locale) -> tuple[Rule, ...]:
    """The rules for amounts of something, specific ones before general ones."""
    return (*_money_rules(locale), *_measure_rules(locale), *_fraction_rules(locale))


def _money_rules(locale: Locale) -> tuple[Rule, ...]:
    number = number_pattern(locale)
    signs = _any_of(locale.currencies)
    codes = "|".join(code for code in locale.currencies if code.isalpha() and code.isupper())
    scale = rf"(?:\s?(?P<scale>{_any_of(locale.scales)})(?![^\W\d_]))?"

    def money(match: re.Match[str]) -> str:
        found = match.groupdict()
        below = f"{locale.minus} " if found["below"] or found.get("below2") else ""
        begin = f"{spoken_number(found['from'], locale)} {joiner(match, locale)} " if found["from"] else ""
        number = found["n"]
        english = found["sign"].endswith(_ENGLISH_SIGNS) and _ENGLISH_GROUPS.fullmatch(number)
        if english or _ENGLISH_CENTS.fullmatch(number):
            number = number.replace(",", "")
        amount = _amount(number, found["scale"], found.get("code") or found["sign"], locale)
        return below + begin + amount + _each(found["per"], locale)

    below = r"(?P<below>(?<![\w)])[-−–]\s?)?"
    each = rf"(?:\s?/\s?(?P<per>{_any_of(locale.units)}|(?:[^\W\d_]|[\u0900-\u0957]){{3,}})(?![\w²³/]|\.\w))?"
    return (
        rule(rf"{below}(?P<sign>{signs})\s?(?P<below2>[-−])?(?:(?P<from>{number}){_TO}(?:(?:{signs})\s?)?)?"
             rf"(?P<n>{number}){scale}(?:\s(?P<code>{codes})(?![^\W\d_]))?{each}", money),
        rule(rf"{below}(?<![\w.,])(?:(?P<from>{number}){_TO})?(?P<n>{number}){scale}\s?"
             rf"(?P<sign>{signs})(?!(?<=[^\W\d_])[^\W\d_]){each}", money),
        rule(rf"(?<![\w.,])(?P<n>{number})\s?(?P<scale>{_any_of(_abbreviated(locale))})(?![\w])",
             lambda m: None if m[0] in _RESOLUTIONS else _scaled(m["n"], m["scale"], locale)),
    )  # fmt: skip


def _measure_rules(locale: Locale) -> tuple[Rule, ...]:
    number, signed = number_pattern(locale), signed_pattern(locale)
    begin = rf"(?:(?<![\w.,])(?P<from>{number})\s?%?{_TO})?"
    units = _any_of(locale.units)
    long_units = _any_of([unit for unit in locale.units if len(unit) > 1])

    def started(match: re.Match[str]) -> str:
        return f"{spoken_number(match['from'], locale)} {joiner(match, locale)} " if match["from"] else ""

    def share(match: re.Match[str]) -> str:
        name = locale.percent if match["sign"] == "%" else locale.permille
        return f"{started(match)}{spoken_number(match['n'], locale)} {name}"

    def measure(match: re.Match[str]) -> str:
        noun = locale.units[match["unit"]]
        per = f" {locale.per} {locale.units[match['per']].singular}" if match["per"] else ""
        return f"{started(match)}{_counted(match['n'], noun, locale)}{per}"

    return (
        rule(rf"{begin}(?P<n>{signed})\s?(?P<sign>[%‰])", share),
        rule(rf"{begin}(?P<n>{signed})[\s-]?(?P<unit>{units})(?:/(?P<per>{units}))?(?![\w²³/'’])", measure),
        rule(rf"(?<=[^\W\d_])\s?/\s?(?P<per>{units})(?![\w²³/.])",
             lambda m: f" {locale.per} {locale.units[m['per']].singular}"),
        rule(rf"(?:(?<=\b{locale.per}\s)|(?<=\bal\s))(?P<per>{long_units})(?![\w²³/'’]|\.\w)",
             lambda m: locale.units[m["per"]].singular),
    )  # fmt: skip


def _fraction_rules(locale: Locale) -> tuple[Rule, ...]:
    number = number_pattern(locale)
    units = _any_of(locale.units)
    behind = rf"(?:\s?(?P<unit>{units})(?![\w/'’])|(?=(?:\s(?:de\s)?(?P<next>[^\W\d_]+))?))"

    def part(match: re.Match[str], top: int, bottom: int) -> str:
        whole = match["whole"]
        if match["unit"]:
            noun = locale.units[match["unit"]]
            gender, name = noun.gender, f" {noun.plural if whole and whole != '1' else noun.singular}"
        else:
            gender, name = agreement("1", match, locale), ""
        if whole:
            return locale.mixed(int(whole), top, bottom, gender) + name
        return locale.fraction(top, bottom, gender) + name

    def written(match: re.Match[str]) -> str:
        return part(match, int(match["top"]), int(match["bottom"]))

    def power(match: re.Match[str]) -> str:
        plain = unicodedata.normalize("NFKC", match[1]).replace("−", "-")
        named = {"2": locale.powers[0], "3": locale.powers[1]}.get(plain)
        return " " + (named or f"{locale.powers[2]} {spoken_number(plain, locale)}")

    def minus(match: re.Match[str]) -> str:
        return f"{spoken_number(match[1], locale)} {locale.minus} {spoken_number(match[2], locale)}"

    return (
        rule(rf"(?<![\w./])(?:(?P<whole>\d+)\s?)?(?P<sign>[{''.join(_FRACTIONS)}]){behind}",
             lambda m: part(m, *_FRACTIONS[m["sign"]])),
        rule(r"\b24/7\b", lambda m: f"{whole_number('24', locale)} {whole_number('7', locale)}"),
        rule(r"(?<![\w./,])(?:(?P<whole>\d{1,3})\s)?(?P<top>[1-9]\d?)/(?P<bottom>[2-9]|[1-9]\d|100)(?![\w/])"
             + behind, written),
        rule(rf"(?<=[\d)a-zA-Zπ])(?<![A-Za-z]{{3}})([⁻]?[{_SUPERSCRIPTS}]+)", power),
        rule(rf"(?<=[A-Za-z.,!?])[{_SUPERSCRIPTS}]+", lambda m: ""),
        rule(r"(?<=[\w)])\^\(?([-−]?\d+)\)?", power),
        rule(r"(?<=\w)[₀-₉]+", lambda m: f" {whole_number(unicodedata.normalize('NFKC', m[0]), locale)}"),
        rule(rf"(?<![\w.,])({number})\s?[-−–]\s?({number})(?=\s?=)", minus),
        rule(rf"(?<![\w.,])({number})\s?[*]\s?(?=\d)",
             lambda m: f"{spoken_number(m[1], locale)} {locale.signs['×']} "),
        rule(rf"(?<![\w.,])({number})\s?[xX]\s?(?=\d)",
             lambda m: f"{spoken_number(m[1], locale)} {locale.signs['×']} "),
        rule(r"(?<=\d)\s?/\s?(?=\d)", lambda m: f" {locale.signs['÷']} "),
    )  # fmt: skip


def _any_of(table: object) -> str:
    """A pattern of the keys of a table; those of letters stand by themselves."""
    keys = sorted(table, key=len, reverse=True)  # type: ignore[call-overload]
    return "|".join(_own(key) for key in keys) or "(?!)"


def _own(key: str) -> str:
    before = r"(?<![^\W\d_])" if key[0].isalpha() else ""
    after = r"(?![^\W\d_])" if key[-1].isalpha() else ""
    return before + re.escape(key) + after


def _abbreviated(locale: Locale) -> list[str]:
    return [name for name, scale in locale.scales.items() if name not in vars(scale.name).values()]


def _each(unit: str | None, locale: Locale) -> str:
    """What a price is for: a unit by its name, another word as it stands."""
    if not unit:
        return ""
    return f" {locale.per} {locale.units[unit].singular if unit in locale.units else unit}"


def _counted(number: str, noun: Noun, locale: Locale) -> str:
    bare = number.lstrip("-−–+± ")
    name = noun.singular if locale.is_singular(value(bare, locale)) else noun.plural
    return f"{spoken_number(number, locale, noun.gender)} {name}"


def _scaled(number: str, scale: str, locale: Locale) -> str:
    power = locale.scales[scale]
    if not power.is_noun and number == "1":
        return power.name.singular
    return _counted(number, power.name, locale)


def _amount(number: str, scale: str | None, sign: str, locale: Locale) -> str:
    currency = locale.currencies[sign]
    if scale:
        name = currency.whole.plural
        of = locale.of_millions(name) if locale.scales[scale].is_noun else " "
        return f"{_scaled(number, scale, locale)}{of}{name}"
    whole, point, part = re.fullmatch(r"(.*?)(?:([.,])(\d\d))?", number, re.DOTALL).groups()  # type: ignore[union-attr]
    if not point or currency.part is None:
        return _whole_money(number, currency, locale)
    return _with_hundredths(whole, part, currency, locale)


def _whole_money(number: str, currency: Currency, locale: Locale) -> str:
    words = _counted(number, currency.whole, locale)
    count = value(number, locale)
    if count >= 1e6 and count % 1e6 == 0:
        name = currency.whole.plural
        return words.removesuffix(f" {name}") + locale.of_millions(name) + name
    return words


def _with_hundredths(whole: str, part: str, currency: Currency, locale: Locale) -> str:
    assert currency.part is not None
    hundredths = _counted(str(int(part)), currency.part, locale)
    if not int(part):
        return _whole_money(whole, currency, locale)
    if not value(whole, locale):
        return hundredths
    words, _, name = hundredths.rpartition(" ")
    if int(part) < _FEW and "{name}" not in locale.money:
        return f"{_whole_money(whole, currency, locale)} {locale.conjunction} {hundredths}"
    return locale.money.format(whole=_whole_money(whole, currency, locale), part=words, name=name)
