"""The tables of a language, from the file that is named by its ISO 639-1 code.

Words are separated by white space, pairs of a key and a value by semicolons. A noun that begins with "+" is
feminine; its plural stands behind a bar where it is not regular.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import tomllib

from pipeline.speech.text.locales.locale import Currency, Grammar, Locale, Noun, Scale, Tables

Plural = Callable[[str], str]
"""The regular plural of a noun."""
_NEVER = "(?!)"
_PATTERNS = (
    "number", "ordinal", "day", "of", "year", "time", "dotted", "counted", "reigning", "century", "roman",
)  # fmt: skip
_WORDS = ("digits", "months", "before_date")
_SETS = ("spelled", "acronyms", "spelled_domains", "labels", "function_words", "enders", "between")
_PAIRS = ("points", "weekdays", "abbreviations", "titles", "letters", "signs", "address")
_PHRASES = (
    "minus", "plus", "to", "per", "percent", "permille", "conjunction", "hashtag", "number", "money",
)  # fmt: skip


def build(code: str, grammar: Grammar, plural: Plural) -> Locale:
    """A language of its tables and its grammar."""
    return Locale(code=code, **vars(grammar), **vars(_tables(read(code), plural)))


def read(code: str) -> dict[str, str]:
    """The file of a language, each entry as it is written."""
    text = files(__package__).joinpath(f"{code}.toml").read_text(encoding="utf-8")
    return tomllib.loads(unicodedata.normalize("NFC", text))


def words(text: str) -> frozenset[str]:
    """The words of an entry."""
    return frozenset(text.split())


def _tables(written: dict[str, str], plural: Plural) -> Tables:
    def nouns(text: str) -> list[Noun]:
        return [_noun(part.strip(), plural) for part in text.split(",")]

    currencies = {sign: nouns(names) for sign, names in pairs(written["currencies"]).items()}
    fields: dict[str, Any] = {name: written[name] for name in _PHRASES}
    fields["century_name"] = written.get("century_name", "")
    fields |= {f"{name}_pattern": pattern(written.get(f"{name}_pattern", _NEVER)) for name in _PATTERNS}
    fields |= {name: tuple(_unjoined(word) for word in written[name].split()) for name in _WORDS}
    fields |= {name: words(written.get(name, "")) for name in _SETS}
    fields |= {name: pairs(written[name]) for name in _PAIRS}
    return Tables(
        **fields,
        short_months={name: int(at) for name, at in pairs(written["short_months"]).items()},
        lengths=tuple(nouns(written["lengths"])),
        currencies={
            sign: Currency(names[0], names[1] if names[1:] else None) for sign, names in currencies.items()
        },
        scales={sign: _scale(name, plural) for sign, name in pairs(written["scales"]).items()},
        units={sign: _noun(name, plural) for sign, name in pairs(written["units"]).items()},
        powers=tuple(part.strip() for part in written["powers"].split(",")),
    )


def pairs(text: str) -> dict[str, str]:
    """The keys and values of an entry; "_" in a value is a space."""
    parts = [part.strip().partition(" =") for part in re.split(r";\s", text + "\n") if part.strip()]
    return {key: _unjoined(value.strip()) for key, _, value in parts}


def _unjoined(word: str) -> str:
    return word.replace("_", " ")


def pattern(text: str) -> str:
    """A regular expression that may be broken over lines."""
    return re.sub(r"\n\s*", "", text)


def _noun(text: str, plural: Plural) -> Noun:
    singular, _, several = text.lstrip("+").partition("|")
    head, space, rest = singular.partition(" ")
    regular = f"{plural(head)}{space}{rest}"
    return Noun(singular, several or regular, "f" if text.startswith("+") else "m")


def _scale(text: str, plural: Plural) -> Scale:
    """A name behind "=" takes neither "of" nor "one"."""
    return Scale(_noun(text.lstrip("="), plural), not text.startswith("="))


def feminine_by(listed: Mapping[str, str]) -> Callable[[str], bool]:
    """Whether a noun is feminine: by a language's lists of words, else by its ending.

    Args:
        listed: with "masculine", "feminine" and "feminine_endings", the first one first.
    """
    names, endings = words(listed["feminine"]), tuple(listed["feminine_endings"].split())
    masculine = words(listed["masculine"])
    return lambda word: word not in masculine and (word in names or word.endswith(endings))
