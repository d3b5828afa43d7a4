"""Phone alphabets: IPA as used in `Phone.label`, and its mapping to and from ARPABET.

A label is one IPA letter, optionally followed by the length mark "ː". Diphthongs and affricates are split
into their two halves; stress and tone are dropped. A phone therefore has the same label whether a voice
synthesised it or the recogniser found it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import replace

from pipeline.types import Phone

ARPABET: dict[str, tuple[str, ...]] = {
    "AA": ("ɑː",), "AE": ("æ",), "AH": ("ʌ",), "AO": ("ɔː",), "AW": ("a", "ʊ"), "AY": ("a", "ɪ"),
    "B": ("b",), "CH": ("t", "ʃ"), "D": ("d",), "DH": ("ð",), "EH": ("ɛ",), "ER": ("ɚ",),
    "EY": ("e", "ɪ"), "F": ("f",), "G": ("ɡ",), "HH": ("h",), "IH": ("ɪ",), "IY": ("iː",),
    "JH": ("d", "ʒ"), "K": ("k",), "L": ("l",), "M": ("m",), "N": ("n",), "NG": ("ŋ",),
    "OW": ("o", "ʊ"), "OY": ("ɔ", "ɪ"), "P": ("p",), "R": ("ɹ",), "S": ("s",), "SH": ("ʃ",), "T": ("t",),
    "TH": ("θ",), "UH": ("ʊ",), "UW": ("uː",), "V": ("v",), "W": ("w",), "Y": ("j",), "Z": ("z",),
    "ZH": ("ʒ",),
}  # fmt: skip
"""ARPABET as the CMU dictionary and pocketsphinx write it, in IPA."""

_TO_ARPABET: dict[str, str] = {
    "a": "AA", "ɑ": "AA", "ɒ": "AA", "æ": "AE", "ɐ": "AH", "ʌ": "AH", "ə": "AH", "ɔ": "AO", "o": "OW",
    "b": "B", "β": "V", "c": "K", "ç": "HH", "d": "D", "ð": "DH", "e": "EH", "ɛ": "EH", "ɜ": "ER",
    "ɚ": "ER", "ɝ": "ER", "f": "F", "ɡ": "G", "g": "G", "ɣ": "G", "h": "HH", "ɦ": "HH", "ħ": "HH", "x": "K",
    "χ": "HH", "ɪ": "IH", "ᵻ": "IH", "ɨ": "IH", "i": "IY", "y": "UW", "ʏ": "UH", "j": "Y", "k": "K",
    "q": "K", "l": "L", "ɬ": "L", "ɫ": "L", "ʎ": "L", "m": "M", "ɱ": "M", "n": "N", "ɲ": "N", "ŋ": "NG",
    "ø": "ER", "œ": "ER", "p": "P", "ɸ": "F", "r": "R", "ɹ": "R", "ɾ": "D", "ʁ": "R", "ʀ": "R", "ɻ": "R",
    "s": "S", "ʃ": "SH", "ʂ": "SH", "ɕ": "SH", "t": "T", "ʈ": "T", "θ": "TH", "u": "UW", "ɯ": "UW",
    "ʉ": "UW", "ʊ": "UH", "v": "V", "ʋ": "V", "w": "W", "ʍ": "W", "ɥ": "W", "z": "Z", "ʒ": "ZH", "ʐ": "ZH",
    "ʑ": "ZH",
}  # fmt: skip
_PAIRS = {("a", "ɪ"): "AY", ("a", "ʊ"): "AW", ("e", "ɪ"): "EY", ("o", "ʊ"): "OW", ("ɔ", "ɪ"): "OY",
          ("t", "ʃ"): "CH", ("d", "ʒ"): "JH"}  # fmt: skip

LENGTH_MARKS = "ːˑ"


def is_phone(symbol: str) -> bool:
    """Whether a symbol of a voice's alphabet is a phone: a letter, not a mark or punctuation."""
    return unicodedata.category(symbol[0]) in ("Ll", "Lo", "Lu")


def to_arpabet(symbols: list[str]) -> list[str]:
    """The nearest ARPABET phones of espeak's symbols: a pronunciation that the recogniser lacks."""
    letters = [symbol for symbol in symbols if is_phone(symbol)]
    phones: list[str] = []
    at = 0
    while at < len(letters):
        pair = _PAIRS.get((letters[at], letters[at + 1])) if at + 1 < len(letters) else None
        phone = pair or _TO_ARPABET.get(letters[at])
        phones += [phone] if phone else []
        at += 2 if pair else 1
    return phones


def merge_silences(phones: Iterable[Phone]) -> tuple[Phone, ...]:
    """The same phones, with consecutive silences merged and phones without duration dropped."""
    merged: list[Phone] = []
    for phone in phones:
        if phone.end <= phone.start:
            continue
        if merged and not phone.label and not merged[-1].label:
            merged[-1] = Phone("", merged[-1].start, phone.end)
        else:
            merged.append(phone)
    return tuple(merged)


def truncate(phones: Iterable[Phone], end: float) -> tuple[Phone, ...]:
    """The phones up to `end` (seconds); one that reaches beyond is shortened."""
    return tuple(replace(phone, end=min(phone.end, end)) for phone in phones if phone.start < end)
