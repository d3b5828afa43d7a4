"""Spelling to sounds in a hundred languages, by the espeak-ng that piper-tts carries."""

from __future__ import annotations

from functools import cache

_NAMES = {"zh": "cmn", "zh-CN": "cmn", "no": "nb", "pt-BR": "pt-br", "en-US": "en-us", "en-GB": "en-gb"}
"""What espeak calls languages that it does not know by their tag."""


def phonemize(text: str, language: str = "en-us") -> list[str]:
    """The symbols of `text` in one row: IPA letters and marks, spaces between words, punctuation.

    A language that espeak does not know is read as English.
    """
    phonemizer = _phonemizer()
    for voice in (_NAMES.get(language, language), language.split("-")[0], "en-us"):
        try:
            sentences = phonemizer.phonemize(voice, text)
        except RuntimeError:
            continue
        return [symbol for sentence in sentences for symbol in sentence]
    return []


@cache
def _phonemizer():
    from piper.phonemize_espeak import EspeakPhonemizer

    return EspeakPhonemizer()
