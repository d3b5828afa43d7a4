"""The gain that brings a voice to the common loudness."""

from __future__ import annotations

from pipeline.protocols import Voice
from pipeline.speech.audio.loudness import target_gain
from pipeline.speech.text.normalize import normalize


def measured_gain(voice: Voice) -> float:
    """The gain that brings a trial utterance, the numbers from one to eight, to the target loudness."""
    trial = voice.say(normalize("1, 2, 3, 4, 5, 6, 7, 8.", voice.card.language), pace=1.0, seed=0)
    return target_gain(trial.samples, trial.rate)
