"""How far an emphasised word stands out: each sentence said with and without its asterisks.

    python -m benchmarks emphasis [VOICE …]

For each voice, in the mean over the sentences of its language: how many times as long the word is, its level
against the rest of the sentence in dB, how many times as high its voice, and the strength of the accent on
which head and brows act, without emphasis and with it.
"""

from __future__ import annotations

import numpy as np

from pipeline import engines
from pipeline.motion.prosody import accents
from pipeline.motion.window import speech_windows
from pipeline.speech import speak
from pipeline.types import Speech, Word, join

_SENTENCES: dict[str, tuple[str, ...]] = {
    "en": (
        "I think she *never* said that to him.",
        "We need the *second* report by Friday.",
        "This is the *best* coffee in the whole town.",
        "You can *always* ask your teacher for help.",
        "The meeting is on *Monday* and not later.",
        "He *did* close the window last night.",
    ),
    "es": (
        "Ella *nunca* dijo eso.",
        "Es el *mejor* café de la ciudad.",
        "La reunión es el *lunes* por la tarde.",
    ),
    "fr": (
        "Elle ne l'a *jamais* dit.",
        "C'est le *meilleur* café de la ville.",
        "La réunion est *lundi* matin.",
    ),
}
_VOICES = ("hibari:heart", "joe", "kokoro:af_heart", "kokoro:am_michael", "kokoro:ef_dora", "kokoro:ff_siwis")
_COLUMNS = ("voice", "length", "level, dB", "pitch", "accent without", "with")
_HEARD = 0.003
"""Samples below this are not counted as sound."""
_LOWEST, _HIGHEST, _VOICED = 70, 400, 0.5
"""Hz of a voice, and the share of a stretch that repeats itself where it is voiced."""
_NEAR = 0.15
"""Seconds around a word in which an accent belongs to it."""


def main(arguments: list[str]) -> None:
    """Print a Markdown table with a row for each voice that `arguments` name, or of those listed here."""
    print("| " + " | ".join(_COLUMNS) + " |")
    print("|" + "---|" * len(_COLUMNS))
    for name in arguments or _VOICES:
        print("| " + " | ".join([f"`{name}`", *_row(name)]) + " |", flush=True)


def _row(voice: str) -> list[str]:
    measured = []
    for sentence in _SENTENCES[engines.voice(voice).language.split("-")[0]]:
        place = next(at for at, word in enumerate(sentence.split()) if "*" in word)
        plain = _measured(join(speak(sentence.replace("*", ""), voice=voice)), place)
        marked = _measured(join(speak(sentence, voice=voice)), place)
        length, pitch = marked[0] / plain[0], marked[2] / plain[2]
        measured.append((length, marked[1] - plain[1], pitch, plain[3], marked[3]))
    length, level, pitch, before, after = np.nanmean(measured, axis=0)
    return [f"× {length:.2f}", f"{level:+.1f}", f"× {pitch:.2f}", f"{before:.2f}", f"{after:.2f}"]


def _measured(speech: Speech, place: int) -> tuple[float, float, float, float]:
    """Seconds of a word, its level in dB against the rest, its pitch in Hz, the strength of its accent."""
    word = speech.words[place]
    start, end = round(word.start * speech.rate), round(word.end * speech.rate)
    inside, around = speech.samples[start:end], np.r_[speech.samples[:start], speech.samples[end:]]
    level = 10 * np.log10(np.mean(inside**2) / np.mean(around[np.abs(around) > _HEARD] ** 2))
    return word.end - word.start, float(level), _pitch(inside, speech.rate), _accent(speech, word)


def _pitch(samples: np.ndarray, rate: int) -> float:
    """The upper quartile of the pitch in Hz, by autocorrelation; NaN where nothing is voiced."""
    size, lags = rate // 25, slice(rate // _HIGHEST, rate // _LOWEST)
    found = []
    for at in range(0, len(samples) - size, rate // 100):
        part = samples[at : at + size] - samples[at : at + size].mean()
        power = np.correlate(part, part, "full")[size - 1 :]
        lag = lags.start + int(power[lags].argmax())
        if power[lag] > _VOICED * power[0] > 0:
            found.append(rate / lag)
    return float(np.percentile(found, 75)) if found else np.nan


def _accent(speech: Speech, word: Word) -> float:
    """The strength of the strongest accent on a word, 0 where there is none."""
    found = [accent for window in speech_windows([speech], 25) for accent in accents(window)]
    near = [each.strength for each in found if word.start - _NEAR < each.time < word.end + _NEAR]
    return max(near, default=0.0)
