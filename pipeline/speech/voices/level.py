"""Every voice at one loudness: the gain of a voice whose model says things as loud as it likes."""

from __future__ import annotations

from pipeline.engines import Voice
from pipeline.speech.audio.loudness import level_gain
from pipeline.speech.text.normalize import normalize


def measured_gain(voice: Voice) -> float:
    """The gain that a spoken row of numbers asks for."""
    trial = voice.say(normalize("1, 2, 3, 4, 5, 6, 7, 8.", voice.card.language), pace=1.0, seed=0)
    return level_gain(trial.samples, trial.rate)
