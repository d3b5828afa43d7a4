"""Which language a recording is in, and whether part of it is in another one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_RATE, _STEPS = 16_000, 50
"""Samples of sound, and steps of what the network makes of them, per second."""
_WINDOW = 30
"""Seconds that the network reads at once."""
_STRETCH, _HOP = 8, 5
"""Seconds of a stretch whose language is asked for, and from one to the next."""
_SURE = 0.65
"""Probability from which a stretch is in another language: in six mixed recordings the other language came to
0.80 to 0.98, and in none of them, nor in seven of one language, three of these full of foreign names, did any
that was not spoken come to more than 0.17."""
_ALIKE = tuple(map(frozenset, (("hi", "ur"), ("zh", "yue"), ("no", "nn"), ("hr", "sr", "bs"), ("id", "ms"))))
"""Languages that the network takes for each other."""


def spoken_languages(model: WhisperModel, speech: np.ndarray) -> tuple[str, float, tuple[str, ...]]:
    """The language of speech, how probable it is, and other languages that parts of it are in.

    The first half minute decides, by most of its stretches where these are sure: heard as a whole, a little
    Spanish at its end can outweigh the English before. Others are looked for in it and in the last one.

    Args:
        model: the network that writes the speech down.
        speech: float32 mono samples at 16 kHz, without pauses.
    """
    windows = [speech[: _WINDOW * _RATE], *_last(speech)]
    heard = [_heard(model, window) for window in windows]
    language, probability = _foremost(heard[0])
    others = dict.fromkeys(
        code
        for whole, *stretches in heard
        for code, share in (whole, *stretches)
        if share >= _SURE and not _same(code, language)
    )
    return language, probability, tuple(others)


def _foremost(heard: list[tuple[str, float]]) -> tuple[str, float]:
    """The language of most stretches of a window, and its mean probability in them; that of the window where
    they agree with it, or no language is surely in more than half of them.
    """
    whole, *stretches = heard
    sure = [code for code, share in stretches if share >= _SURE]
    for code in dict.fromkeys(sure):
        shares = [share for other, share in stretches if _same(other, code)]
        if not _same(code, whole[0]) and sum(_same(other, code) for other in sure) > len(stretches) / 2:
            return code, sum(shares) / len(stretches)
    return whole


def _last(speech: np.ndarray) -> list[np.ndarray]:
    return [speech[-_WINDOW * _RATE :]] if len(speech) > (_WINDOW + _STRETCH) * _RATE else []


def _heard(model: WhisperModel, window: np.ndarray) -> list[tuple[str, float]]:
    """Language and probability of a window, then of its stretches.

    The decoder hears a language in a part of the encoded sound too, so that a window is encoded only once.
    """
    import ctranslate2
    from faster_whisper.audio import pad_or_trim

    encoded = model.encode(pad_or_trim(model.feature_extractor(window)))
    steps = np.array(encoded.to_device(ctranslate2.Device.cpu)).astype(np.float32)
    cuts = (np.ascontiguousarray(steps[:, start:end]) for start, end in _stretches(len(window) / _RATE))
    views = [encoded, *map(ctranslate2.StorageView.from_array, cuts)]
    return [_likeliest(model.model.detect_language(view)) for view in views]


def _likeliest(detected: Any) -> tuple[str, float]:
    token, probability = detected[0][0]
    return token.strip("<|>"), float(probability)


def _stretches(seconds: float) -> Iterator[tuple[int, int]]:
    """First and last step of each whole stretch."""
    for start in np.arange(0, seconds - _STRETCH + 1e-6, _HOP):
        yield int(start * _STEPS), int((start + _STRETCH) * _STEPS)


def _same(one: str, other: str) -> bool:
    return one == other or any({one, other} <= alike for alike in _ALIKE)
