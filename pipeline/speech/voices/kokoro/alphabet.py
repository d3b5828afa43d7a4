"""Kokoro's phoneme alphabet: IPA with letters of its own for diphthongs and affricates.

The ids are those of `vocab` in the config.json of https://huggingface.co/hexgrad/Kokoro-82M.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from pipeline.protocols import SpokenWord
from pipeline.speech.phonemes import is_phone
from pipeline.speech.text.words import joined
from pipeline.speech.voices.stress import Alone, stressed

RATE = 24_000
"""Samples per second of the sound."""
FRAME_SAMPLES = 600
"""Samples per unit of predicted duration."""

_RUNS: tuple[tuple[int, str], ...] = (
    (1, ';:,.!?'), (9, '—…"()“” ̃ʣʥʦʨᵝꭧAI'), (31, "O"), (33, "Q"), (35, "ST"), (39, "W"), (41, "Yᵊ"),
    (43, "abcdef"), (50, "hijklmnopqrstuvwxyzɑɐɒæ"), (75, "βɔɕç"), (80, "ɖðʤə"), (85, "ɚɛɜ"), (90, "ɟ"),
    (92, "ɡ"), (99, "ɥ"), (101, "ɨɪʝ"), (110, "ɯɰŋɳɲɴø"), (118, "ɸθœ"), (123, "ɹ"), (125, "ɾɻ"),
    (128, "ʁɽʂʃʈʧ"), (135, "ʊʋ"), (138, "ʌɣɤ"), (142, "χʎ"), (147, "ʒʔ"), (156, "ˈˌː"),
    (162, "ʰ"), (164, "ʲ"), (169, "↓"), (171, "→↗↘"), (177, "ᵻ"),
)  # fmt: skip
"""First id and letters of each run of consecutive ids."""

IDS: dict[str, int] = {letter: first + n for first, letters in _RUNS for n, letter in enumerate(letters)}
"""Id of each letter; 0 marks both ends of a phrase."""

_LEAD = 2 * FRAME_SAMPLES / RATE
"""Seconds by which the sound leads the predicted durations. Measured where vowels break off before plosives
and set in after them, against a voice with exact times; the package kokoro subtracts one frame more."""
_COMPOSED: dict[str, str] = {
    "A": "eɪ", "I": "aɪ", "O": "oʊ", "Q": "əʊ", "W": "aʊ", "Y": "ɔɪ", "ʤ": "dʒ", "ʧ": "tʃ", "ʦ": "ts",
    "ʣ": "dz", "ʨ": "tɕ", "ʥ": "dʑ", "ꭧ": "ʈʂ", "S": "ss", "ᵊ": "ə", "T": "ɾ",
}  # fmt: skip
"""Letters of Kokoro's own in IPA, most of them diphthongs and affricates."""
_TRAILING_MARKS = "ʰʲᵝ̃↓→↗↘"
"""Aspiration, palatalisation, nasality and tones: they belong to the phone before them."""


def known(symbols: str) -> str:
    """The symbols that the network knows."""
    return "".join(symbol for symbol in symbols if symbol in IDS)


def timed(symbols: str, frames: Sequence[float]) -> Iterator[tuple[str, float, float]]:
    """IPA symbols with start and end in seconds.

    Args:
        symbols: a phrase in Kokoro's alphabet.
        frames: the duration of each symbol and of the markers at both ends, in units of `FRAME_SAMPLES`.
    """
    borders = np.maximum(np.cumsum(frames) * FRAME_SAMPLES / RATE - _LEAD, 0.0).tolist()
    spans = list(zip(symbols, borders, borders[1:], strict=False))
    for index, (symbol, start, end) in enumerate(spans):
        if symbol in _TRAILING_MARKS:
            continue
        for mark, _, later in spans[index + 1 :]:
            if mark not in _TRAILING_MARKS:
                break
            end = later
        parts = _COMPOSED.get(symbol, symbol)
        inner = np.linspace(start, end, len(parts) + 1).tolist()
        yield from zip(parts, inner, inner[1:], strict=False)


def in_ipa(symbols: str) -> str:
    """The same symbols in IPA, marks and punctuation included."""
    return "".join(_COMPOSED.get(symbol, symbol) for symbol in symbols)


def phones(symbols: str) -> list[str]:
    """The IPA phones among symbols, without marks."""
    return [symbol for symbol in in_ipa(symbols) if is_phone(symbol)]


def read(phrase: Sequence[SpokenWord], front_end: Callable[[str], str]) -> tuple[str, np.ndarray, Alone]:
    """The symbols of a phrase, the weight of emphasis of each, and the phones of each word read alone.

    Args:
        phrase: its words.
        front_end: from words to symbols of this alphabet.
    """
    symbols = front_end(joined((word.spoken, word.goes_on) for word in phrase))
    alone = [phones(front_end(word.spoken)) for word in phrase]
    if not any(word.emphasis for word in phrase):
        return symbols, np.zeros(len(symbols)), alone
    said, weights = stressed(symbols, phones, alone, [word.emphasis for word in phrase])
    return "".join(said), weights, alone
