"""Motion synthesis: lips, head, brows and eyes combined, window by window, as a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from pipeline.easing import smootherstep
from pipeline.motion import statistics
from pipeline.motion.blendshape_groups import MOUTH
from pipeline.motion.emotions import EMOTIONS
from pipeline.motion.expression import Expression
from pipeline.motion.eyes import Eyes
from pipeline.motion.head import HeadMotion
from pipeline.motion.lips import LipMotion
from pipeline.motion.motion_matching import MotionMatcher
from pipeline.motion.personality import draw
from pipeline.motion.prosody import accents
from pipeline.motion.window import SpeechWindow, speech_windows
from pipeline.types import BLENDSHAPES, Face, Motion, Speech, Style

_FADE = 0.6
"""Seconds in which motion leaves the subject's own pose, and returns to it."""
_MOUTH_FADE = 0.16
"""The same for the mouth, which must not miss the first phone."""


def perform(
    speech: Iterable[Speech], style: Style, *, rest: Face | None = None, speaking: bool = True
) -> Iterator[Motion]:
    """Generate the motion of a face that says `speech`, in stretches that together have a row for each frame.

    It begins and ends in the subject's own expression and pose, at rest. The motion of a part of speech comes
    before the next part is read, except for its last 0.8 seconds, which need the next part as look-ahead. The
    same speech, style and rest give the same motion.

    Args:
        speech: consecutive parts, each a whole number of frames.
        style: frame rate, amplitudes, emotion and seed.
        rest: the subject's own face; without it, a neutral one.
        speaking: move the mouth too; otherwise it stays at rest, for a lips engine to replace.
    """
    synthesizer = MotionSynthesizer(rest, style, speaking=speaking)
    for window in speech_windows(speech, style.fps):
        yield synthesizer.generate(window)


class MotionSynthesizer:
    """The layers of one performance, and how they are combined."""

    def __init__(self, rest: Face | None, style: Style, *, speaking: bool) -> None:
        """The arguments are those of `perform`."""
        own = np.zeros(len(BLENDSHAPES), np.float32) if rest is None else rest.blendshapes.astype(np.float32)
        emotion = EMOTIONS[style.emotion]
        tempo = style.tempo * emotion.tempo
        expressive = emotion.over(own, min(style.expression, 1.0))
        # One generator per layer, so that switching one off does not change the motion of the others.
        randoms = np.random.default_rng(style.seed).spawn(5)
        habits = randoms[0] if style.performer is None else np.random.default_rng(style.performer)
        performer = draw(habits, statistics.load())
        self._own, self._expressive = own, expressive
        self._settle = round(style.settle * style.fps)
        opens, widens = performer.articulation.tolist()
        self._lips = (
            LipMotion(
                expressive,
                gain=emotion.mouth,
                smile=emotion.smile,
                held=emotion.held,
                articulation=(opens, widens),
                corners=performer.corners,
            )
            if speaking
            else None
        )
        self._matcher = MotionMatcher(randoms[1], tempo=tempo)
        self._head = HeadMotion(
            randoms[2],
            performer,
            scale=style.head * emotion.head,
            tempo=tempo,
            own=np.zeros(3) if rest is None else rest.pose,
        )
        self._expression = Expression(randoms[3], performer, emotion, scale=style.expression, tempo=tempo)
        self._eyes = Eyes(
            randoms[4], performer, blinks=style.blinks, expression=style.expression, tempo=tempo
        )

    def generate(self, window: SpeechWindow) -> Motion:
        """The motion of one window."""
        if not window.count:
            return Motion(window.fps, *(np.zeros((0, n), np.float32) for n in (len(BLENDSHAPES), 3, 2)))
        stressed, matched = accents(window), self._matcher.generate(window)
        scores = np.tile(self._expressive, (window.count, 1))
        if self._lips:
            scores = self._lips.generate(window, self._expression.smile(matched))
        glance = self._eyes.glance(window)
        pose, shift = self._head.generate(window, stressed, matched[:, :3], glance)
        self._expression.add(window, stressed, matched, scores)
        self._eyes.add(window, pose, scores)
        weight = np.tile(_envelope(window, _FADE, self._settle), (1, len(self._own)))
        weight[:, MOUTH] = _envelope(window, _MOUTH_FADE, self._settle) if self._lips else 0.0
        scores = self._own + weight * (np.clip(scores, 0, 1) - self._own)
        return Motion(
            window.fps,
            np.clip(scores, 0, 1).astype(np.float32),
            (weight[:, :1] * pose).astype(np.float32),
            (weight[:, :1] * shift).astype(np.float32),
        )


def _envelope(window: SpeechWindow, fade: float, settle: int) -> np.ndarray:
    """`(T, 1)`: 0 in the first frame and in the last `settle` + 1 of all, 1 in between, with smooth ramps of
    `fade` seconds.
    """
    frame, end = np.arange(window.count), max(window.count - 1 - (settle if window.last else 0), 0)
    ramp = max(1.0, min(fade * window.fps, end / 2 if window.start == 0 and window.last else end))
    fade_in = np.clip(frame / ramp, 0, 1) if window.start == 0 else np.ones(window.count)
    fade_out = np.clip((end - frame) / ramp, 0, 1) if window.last else np.ones(window.count)
    return smootherstep((fade_in * fade_out)[:, None])
