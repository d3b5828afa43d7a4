"""Spelling to sounds in a hundred languages, by the espeak-ng that piper-tts carries."""

from __future__ import annotations

from functools import cache


def phonemize(text: str, voice: str = "en-us") -> list[str]:
    """The symbols of `text` in one row: IPA letters and marks, spaces between words, punctuation."""
    sentences = _phonemizer().phonemize(voice, text)
    return [symbol for sentence in sentences for symbol in sentence]


@cache
def _phonemizer():
    from piper.phonemize_espeak import EspeakPhonemizer

    return EspeakPhonemizer()
