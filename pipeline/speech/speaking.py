"""A text, said by a voice, becomes a stream of `Speech`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pipeline.errors import TextError
from pipeline.speech.align import Listener
from pipeline.speech.level import apply_limiter, levels
from pipeline.speech.phonemes import merge_silences
from pipeline.speech.sentences import Line, lines
from pipeline.speech.text import normalise
from pipeline.speech.voices import DEFAULT, Utterance, Voice, load
from pipeline.types import RATE, Phone, Speech, Word

_FADE = RATE // 200
"""Samples over which a part fades in and out: 5 ms, so that no join clicks."""


def speak(
    text: str, *, voice: str = DEFAULT, fps: int = 25, pace: float = 1.0, seed: int = 0
) -> Iterator[Speech]:
    """A text as a voice says it, a sentence at a time (long ones in clauses).

    The text is checked, and the voice loaded, before this returns.

    Args:
        text: up to 20,000 characters; numbers, dates and abbreviations are said as a person would.
        voice: the name of a voice; see `voices`.
        fps: frame rate of the video to be made; each part is a whole number of its frames.
        pace: factor on the speed of speech, 0.5 to 2.
        seed: the same text and seed give the same bytes.

    Raises:
        TextError: nothing to say, too much of it, or a language that the voice cannot speak.
        UnknownNameError: there is no such voice.
        CheckpointError: the voice's files cannot be had.
    """
    if not any(letter.isalnum() for letter in text):
        raise TextError("There are no words to say; write what the person shall say.")
    chosen = load(voice)
    said = normalise(text, chosen.card.language)
    return (_part(chosen, line, fps, pace, seed) for line in lines(said))


def _part(voice: Voice, line: Line, fps: int, pace: float, seed: int) -> Speech:
    said = voice.say(line.said, pace=pace, seed=seed)
    samples = _finished(said, voice.gain, line.pause / pace, RATE // fps)
    text = " ".join(item.written for item in line.said)
    if said.phones is None or said.words is None:
        phones, words = Listener(list(line.said)).hear(samples)
    else:
        phones = merge_silences([*said.phones, Phone("", said.phones[-1].end, len(samples) / RATE)])
        spans = zip(line.said, said.words, strict=True)
        words = tuple(Word(item.written, *span) for item, span in spans if span[1] > span[0])
    return Speech(samples, phones, words, text, voice.card.language)


def _finished(said: Utterance, gain: float, pause: float, frame: int) -> np.ndarray:
    """The sound at `RATE`, levelled, with its pause, a whole number of frames long."""
    import soxr

    samples = soxr.resample(said.samples, said.rate, RATE)
    samples = apply_limiter(samples, levels(samples).limiter(gain))
    ramp = np.linspace(0.0, 1.0, _FADE, dtype=np.float32)
    samples[:_FADE] *= ramp
    samples[-_FADE:] *= ramp[::-1]
    length = -(-(len(samples) + round(pause * RATE)) // frame) * frame
    return np.pad(samples, (0, length - len(samples)))
