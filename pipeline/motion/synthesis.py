"""The whole performance: the layers laid over one another, stretch by stretch, in a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.motion.blendshape_groups import MOUTH
from pipeline.motion.expression import EMOTIONS, Brows
from pipeline.motion.eyes import Eyes
from pipeline.motion.head import HeadMotion
from pipeline.motion.lips import LipMotion
from pipeline.motion.prosody import accents
from pipeline.motion.window import SpeechWindow, hear
from pipeline.types import BLENDSHAPES, Face, Motion, Speech, Style

FADE = 0.6
"""Seconds in which a performance leaves the subject's own pose, and returns to it."""
FADE_MOUTH = 0.16
"""The same for the mouth, which must not miss the first sound."""


def perform(
    speech: Iterable[Speech], style: Style, *, rest: Face | None = None, speaking: bool = True
) -> Iterator[Motion]:
    """What the face does while it says `speech`, in stretches that together have a row for each frame.

    The stream begins and ends in the subject's own expression and pose, at rest. What a part of speech
    gives comes before the next part is read, but for its last `heard.HELD` seconds, which already look
    towards that. It is the same for the same speech, style and rest.

    Args:
        speech: consecutive parts; each is a whole number of frames.
        style: frame rate, amplitudes, emotion and seed.
        rest: the subject's face as it is; without it, a neutral one.
        speaking: move the mouth too. Otherwise it stays as it is, for another engine to fill.
    """
    own = np.zeros(len(BLENDSHAPES), np.float32) if rest is None else rest.blendshapes.astype(np.float32)
    actor = MotionSynthesizer(own, style, speaking=speaking)
    for heard in hear(speech, style.fps):
        yield actor.play(heard)


class MotionSynthesizer:
    def __init__(self, own: np.ndarray, style: Style, *, speaking: bool) -> None:
        emotion = EMOTIONS[style.emotion]
        coloured = np.clip(own + emotion.offset() * min(style.expression, 1.0), 0, 1)
        # One generator per layer, so that switching one off leaves the others' motion as it was.
        for_head, for_eyes, for_brows = np.random.default_rng(style.seed).spawn(3)
        self._own, self._coloured = own, coloured
        self._lips = LipMotion(coloured, gain=emotion.mouth) if speaking else None
        self._head = HeadMotion(for_head, scale=style.head * emotion.head)
        self._brows = Brows(for_brows, scale=style.expression * emotion.brows)
        self._eyes = Eyes(for_eyes, blinks=style.blinks, expression=style.expression)

    def play(self, heard: SpeechWindow) -> Motion:
        """The motion of one stretch."""
        stressed = accents(heard)
        scores = np.tile(self._coloured, (heard.count, 1))
        if self._lips:
            scores = self._lips.play(heard)
        pose, shift = self._head.play(heard, stressed)
        self._brows.play(heard, stressed, pose, scores)
        self._eyes.play(heard, pose, scores)
        away = np.tile(_envelope(heard, FADE), (1, len(self._own)))
        away[:, MOUTH] = _envelope(heard, FADE_MOUTH) if self._lips else 0.0
        scores = self._own + away * (np.clip(scores, 0, 1) - self._own)
        return Motion(
            heard.fps,
            np.clip(scores, 0, 1).astype(np.float32),
            (away[:, :1] * pose).astype(np.float32),
            (away[:, :1] * shift).astype(np.float32),
        )


def _envelope(heard: SpeechWindow, fade: float) -> np.ndarray:
    """`(T, 1)`: 0 in the stream's first and last frame, 1 within, without a corner."""
    frame, end = np.arange(heard.count), heard.count - 1
    ramp = max(1.0, min(fade * heard.fps, end / 2 if heard.start == 0 and heard.last else end))
    entered = np.clip(frame / ramp, 0, 1) if heard.start == 0 else np.ones(heard.count)
    staying = np.clip((end - frame) / ramp, 0, 1) if heard.last else np.ones(heard.count)
    both = (entered * staying)[:, None]
    return both * both * both * (both * (6 * both - 15) + 10)
