"""The language in which a text is written: by its small words, or its letters, by the package py3langid."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pipeline.speech.text.frequent_words import language_of_frequent_words

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_SURE = 0.95
"""Probability below which nothing is said: names and short greetings belong to no one language."""
_ENOUGH = 2_000
"""Characters that are looked at."""
_LANGUAGES = frozenset({
    "ar", "bn", "ca", "cs", "cy", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu",
    "id", "is", "it", "ja", "ka", "kk", "ko", "lb", "lv", "ml", "ne", "nl", "no", "pl", "pt", "ro",
    "ru", "sk", "sl", "sr", "sv", "sw", "ta", "te", "th", "tr", "uk", "vi", "zh",
})  # fmt: skip
"""ISO 639-1 codes of the languages that are told apart: those that a listed voice speaks."""


def written_language(text: str) -> str | None:
    """The ISO 639-1 code of a text's language; None where it is too short or too mixed to be sure.

    The first text whose small words do not tell takes most of a second, in which the model is loaded.
    """
    if (plain := language_of_frequent_words(text[:_ENOUGH])) is not None:
        return plain
    language, probability = _identifier().classify(text[:_ENOUGH])
    return str(language) if probability >= _SURE else None


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_LANGUAGES.intersection(identifier.labels))
    return identifier
