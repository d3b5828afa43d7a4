"""Grapheme to phoneme in about a hundred languages, by the espeak-ng that piper-tts carries."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from piper.phonemize_espeak import EspeakPhonemizer

_VOICES = {"zh": "cmn", "zh-CN": "cmn", "no": "nb", "pt-BR": "pt-br", "en-US": "en-us", "en-GB": "en-gb"}
"""espeak's voices for the languages that it does not know by their BCP 47 tag."""

_RESPELT = {
    "de": (
        (re.compile("(höch|spr[ie]ch|br[ie]ch|stich)s(?=t)", re.IGNORECASE), r"\1ß"),
        (re.compile(r"\bcirca\b", re.IGNORECASE), "zirka"),
    ),
}
"""By language: what espeak says wrong, here with a k, and a spelling that it says right."""


def phonemize(text: str, language: str = "en-us") -> list[str]:
    """The phonemes of a text, in order: IPA letters and marks, spaces between words, punctuation.

    Args:
        text: one or more sentences in words.
        language: BCP 47 tag, or the name of an espeak voice. An unknown language is read as English.
    """
    for pattern, respelt in _RESPELT.get(language.split("-")[0], ()):
        text = pattern.sub(respelt, text)
    phonemizer = _phonemizer()
    for voice in (_VOICES.get(language, language), language.split("-")[0], "en-us"):
        try:
            sentences = phonemizer.phonemize(voice, text)
        except RuntimeError:
            continue
        return [symbol for sentence in sentences for symbol in sentence]
    return []


@cache
def _phonemizer() -> EspeakPhonemizer:
    from piper.phonemize_espeak import EspeakPhonemizer

    return EspeakPhonemizer()
