"""Web and mail addresses, names of accounts, hashtags, telephone numbers, numbers of identities."""

from __future__ import annotations

import re

from pipeline.speech.text.locales.figures import digit_by_digit, whole_number
from pipeline.speech.text.locales.locale import Locale
from pipeline.speech.text.rules import Rule, rule

_DOMAINS = (
    "com|org|net|edu|gov|io|ai|info|dev|app|tv|eu|es|fr|de|it|br|pt|in|cn|mx|ar|cl|pe|ch|at|be|uk|us|ca|jp"
)
_VOWELLESS = re.compile("[bcdfghjklmnpqrstvwxz]{1,4}", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[^\W\d_A-ZÀ-Þ])(?=[A-ZÀ-Þ])")
"""Where a word of a hashtag begins: "#AprendeMás"."""
_DATE = r"\d\d?[./-]\d\d?(?:[./-](?:\d{4}|\d\d))?(?![./-]?\d)"
_TELEPHONE = "|".join(
    rf"(?<=\b{word}\s)"
    for word in (
        r"[Tt]el\.", r"[Tt]el\.:", r"[Tt]él\.", r"[Tt]el", r"[Tt]el:", r"[Tt]eléfono",
        r"[Tt]eléfono:",
        r"[Tt]éléphone", r"[Tt]elefone", r"[Tt]elefono", r"[Tt]elefono:", r"[Tt]elefon",
        r"WhatsApp", r"[Cc]ell\.", r"[Cc]el\.",
    )
)  # fmt: skip
"""Words before a telephone number, whatever its grouping."""
_NAME = r"[\w\u0900-\u0957]"
"""Letters of the name of an account or of a hashtag, the vowel signs of Devanagari among them."""
_FILES = "pdf|docx?|xlsx?|pptx?|csv|txt|json|xml|html?|zip|mp3|mp4|wav|mov|png|jpe?g|gif|svg|py|js|md"


def rules(locale: Locale) -> tuple[Rule, ...]:
    """The rules for what is dialled, typed or clicked."""

    def address(match: re.Match[str]) -> str:
        return _address(match[0], locale)

    def telephone(match: re.Match[str]) -> str:
        return _telephone(match[0], locale)

    def hashtag(match: re.Match[str]) -> str:
        words = _CAMEL.sub(" ", match[1]).replace("_", " ")
        return f"{locale.hashtag} {_with_numbers(words, locale)}"

    at = locale.address["@"]
    return (
        rule(r"\b(?:https?://|ftp://|www\.)[^\s<>\"«»]*[\w/]", address),
        rule(r"(?<!\w)[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b", address),
        rule(rf"\b[a-zA-Z0-9][\w-]*(?:\.[\w-]+)*\.(?:{_DOMAINS})\b(?:/[^\s<>\"]*[\w/])?", address),
        rule(rf"\b[\w-]+\.(?:{_FILES})\b", address),
        rule(rf"(?<!\w)@({_NAME}+)", lambda m: f"{at} {_address(m[1], locale)}"),
        rule(r"(?<!\w)#(\d+)\b", lambda m: f"{locale.number} {whole_number(m[1], locale)}"),
        rule(rf"(?<!\w)#({_NAME}+)", hashtag),
        rule(r"(?<!\w)(?:\+|00)\d{1,3}(?:[\s.()-]{1,2}\d{1,5}){2,6}(?![\d.,]*\d)", telephone),
        rule(r"(?<!\w)\+\d{8,14}\b", telephone),
        rule(rf"(?<![\w.,/-])(?<!\d\s)(?!{_DATE})\(?0\d{{1,4}}\)?(?:[\s./-]{{1,2}}\d{{2,8}}){{1,5}}"
             r"(?![.,/-]?\d)", telephone),
        rule(r"(?<![\w.,])\(\d{2,4}\)\s?\d{3,5}[\s.-]?\d{3,5}\b", telephone),
        rule(r"(?<![\w.,-])(?!\d{3}[\s-]?(?:\d{3})?[\s-]000)[6-9]\d\d[\s-]\d{3}[\s-]\d{3}(?![.,-]?\d)",
             telephone),
        rule(r"(?<![\w.,-])[89]\d\s\d{3}\s\d\d\s\d\d(?![.,-]?\d)", telephone),
        rule(rf"(?:{_TELEPHONE})\+?\d[\d\s().-]{{4,}}\d(?![.,]?\d)", telephone),
        rule(r"(?<![\w.,-])[5-9]\d\d[\s-]\d\d[\s-]\d\d[\s-]\d\d(?![.,-]?\d)", telephone),
        rule(r"(?<![\w.,-])\d{3}-\d{3}-\d{3,4}(?![.,-]?\d)|(?<![\w.,-])\d{3,5}-\d{4}(?![.,-]?\d)(?<!\d{4}-\d{4})",
             telephone),
        rule(r"\b\d{4}(?:[ -]\d{4}){2,4}\b|\b97[89](?:-\d+){3,4}\b", telephone),
        rule(r"(?<![\w.,])\d{5}-\d{3}\b", telephone),
        rule(r"(?<![\w.,])0\d{4,}\b", lambda m: digit_by_digit(m[0], locale)),
    )  # fmt: skip


def _address(text: str, locale: Locale) -> str:
    """The parts of an address in words, its signs by name; a part without vowels is spelled."""
    text = re.sub(r"^(?:https?|ftp)://(?:www\.)?|^www\.", "", text).rstrip("/")
    parts = re.findall(r"[^\W\d_]+|\d+|[\W_]", text)
    ending = len(parts) - 1 if len(parts) > 2 and parts[-2] == "." else -1
    said = []
    for index, part in enumerate(parts):
        if part.isdigit():
            said.append(whole_number(part, locale))
        elif part.isalpha():
            spelled = _VOWELLESS.fullmatch(part) or (index == ending and part in locale.spelled_domains)
            said.append(spell(part, locale) if spelled else part)
        else:
            said.append(locale.address.get(part, ""))
    return " ".join(" ".join(said).split())


def spell(letters: str, locale: Locale) -> str:
    """Each letter by its name."""
    return " ".join(locale.letters.get(letter, letter) for letter in letters.upper())


def _with_numbers(words: str, locale: Locale) -> str:
    return " ".join(re.sub(r"\d+", lambda m: f" {whole_number(m[0], locale)} ", words).split())


def _telephone(text: str, locale: Locale) -> str:
    groups = re.findall(r"\d+", text)
    if locale.telephone is None:
        said = [digit_by_digit(group, locale) for group in groups]
    else:
        said = [locale.telephone(group) for group in groups]
    plus = f"{locale.plus} " if text.lstrip("( ").startswith("+") else ""
    return plus + ", ".join(said)
