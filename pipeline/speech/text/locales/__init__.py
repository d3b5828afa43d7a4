"""Text normalisation of the languages but English and Japanese that have embedded voices, and of German."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from unicodedata import decimal

from pipeline.speech.text.locales.locale import Locale
from pipeline.speech.text.rules import Rule

_MODULES = {
    "de": "german", "es": "spanish", "fr": "french", "hi": "hindi", "it": "italian", "pt": "portuguese",
}  # fmt: skip
"""The module of each language's tables, by ISO 639-1 code."""


@cache
def locale_of(language: str) -> Locale | None:
    """How a language (ISO 639-1) reads figures and signs; None for one without tables of its own."""
    if language not in _MODULES:
        return None
    locale: Locale = import_module(f"{__name__}.{_MODULES[language]}").LOCALE
    return locale


def signs_of(language: str) -> Mapping[str, str]:
    """The names of signs in a language (ISO 639-1); none without tables."""
    if language == "zh":
        from pipeline.speech.text.locales import mandarin

        return mandarin.SIGNS
    locale = locale_of(language)
    return {} if locale is None else locale.signs


def european_digits(text: str) -> str:
    """A text with every decimal digit as one of 0 to 9, of the same length."""
    if text.isascii():
        return text
    return "".join(str(decimal(sign)) if sign.isdecimal() else sign for sign in text)


@cache
def rules_of(language: str) -> tuple[Rule, ...]:
    """Every rule of a language (ISO 639-1), an earlier one wins over a later; none without tables."""
    if language == "zh":
        from pipeline.speech.text.locales import mandarin

        return mandarin.RULES
    locale = locale_of(language)
    if locale is None:
        return ()
    from pipeline.speech.text.locales import addresses, amounts, counts, dates, letters, ordinals, times

    before, behind = (addresses, dates, times, letters), (ordinals, amounts, counts)
    return (
        *(rule for module in before for rule in module.rules(locale)),
        *locale.extra,
        *(rule for module in behind for rule in module.rules(locale)),
        *letters.initialisms(locale),
    )
