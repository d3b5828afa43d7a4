"""Presenters who are seen but do not speak: they look at the speaker, blink, breathe and nod.

The motion is that of a face in silence (`motion.perform`), to which turning to the speaker and nods at the
ends of phrases are added. It begins and ends at rest, or looking at the speaker where the shots before and
after show the same, so that shots join without a jump.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np

from pipeline import engines, spec
from pipeline.easing import smootherstep
from pipeline.motion import perform
from pipeline.protocols import MotionPlayer
from pipeline.script.segments import silence
from pipeline.script.shots import Role, Shot
from pipeline.types import RATE, SHAPE, STYLES, Clip, Footage, Motion, Portrait, Speech, Style

SETTLED = 0.2
"""Seconds before the end of a shot at which its presenters are at rest, so that the torso is too."""
_YAW = 7.0
"""Degrees by which a listener turns to the speaker."""
_GAZE = 0.42
"""Blendshape score of the eyes that look the rest of the way."""
_TURN = 0.7
"""Seconds of turning to the speaker, and back."""
_NOTICED = 0.25
"""Seconds until a listener turns to who begins to speak."""
_NOD = (2.2, 4.5)
"""Degrees of a nod, smallest and largest."""
_NOD_CHANCE = 0.7
"""Of a nod at the end of a phrase."""
_NOD_DELAY = 0.12
"""Seconds from the end of a phrase to its nod."""
_DOWN, _UP = 0.28, 0.42
"""Seconds of a nod's way down, and back up."""


def listening_clip(
    shot: Shot, role: Role, subject: Portrait | Footage, parts: Sequence[Speech], fps: int
) -> Clip:
    """A clip of a presenter who listens to `parts`, or waits through a silent scene."""
    style = _style(shot, role, fps)
    if not isinstance(subject, Portrait):
        return engines.load("head", "footage").animate(subject, parts, style, speaking=False)
    head = engines.load("head", "puppet")
    assert isinstance(head, MotionPlayer), "the embedded head plays motion"
    return head.play(subject, [listening_motion(parts, style, role, subject)])


def listening_motion(parts: Sequence[Speech], style: Style, role: Role, subject: Portrait) -> Motion:
    """The motion of a listener, as many frames as `parts` last."""
    frames = sum(part.frames(style.fps) for part in parts)
    still = list(perform([silence(frames, style.fps)], style, rest=subject.face, speaking=False))
    blendshapes, pose, shift = (
        np.concatenate([getattr(motion, name) for motion in still])
        for name in ("blendshapes", "pose", "shift")
    )
    turned = role.side * _attention(frames, style.fps, *role.attends)
    pose[:, 0] += _YAW * turned
    pose[:, 1] += style.head * _nods(parts, frames, style)
    for sign, names in (
        (1, ("eyeLookOutLeft", "eyeLookInRight")),
        (-1, ("eyeLookInLeft", "eyeLookOutRight")),
    ):
        for name in names:
            blendshapes[:, SHAPE[name]] += _GAZE * np.maximum(sign * turned, 0)
    return Motion(style.fps, np.clip(blendshapes, 0, 1).astype(np.float32), pose.astype(np.float32), shift)


def _style(shot: Shot, role: Role, fps: int) -> Style:
    presenter, line = role.presenter, shot.line
    scene = spec.Scene(
        subject=shot.script.located(presenter.subject),
        text=None if line is None else line.text,
        seed=presenter.seed,
    )
    return replace(
        STYLES[presenter.style],
        fps=fps,
        emotion=presenter.emotion,
        blinks=presenter.blinks,
        seed=scene.seeded().seed or 0,
        settle=SETTLED,
    )


def _attention(frames: int, fps: int, before: bool, after: bool) -> np.ndarray:
    """`(T,)` in [0, 1]: how far a listener has turned to the speaker."""
    times = np.arange(frames) / fps
    end = (frames - 1) / fps - SETTLED
    turn = min(_TURN, max((end - _NOTICED) / 2, 1 / fps))
    there = np.ones(frames) if before else smootherstep(np.clip((times - _NOTICED) / turn, 0, 1))
    back = np.ones(frames) if after else smootherstep(np.clip((end - times) / turn, 0, 1))
    return there * back


def _nods(parts: Iterable[Speech], frames: int, style: Style) -> np.ndarray:
    """`(T,)` degrees of pitch: nods as phrases end, all of them over before the shot is."""
    random = np.random.default_rng([style.seed, 1])
    times = np.arange(frames) / style.fps
    last = (frames - 1) / style.fps - SETTLED - _DOWN - _UP
    pitch = np.zeros(frames)
    for end in _phrase_ends(parts):
        chance, depth = random.random(), random.uniform(*_NOD)
        start = end + _NOD_DELAY
        if chance < _NOD_CHANCE and start <= last:
            down = smootherstep(np.clip((times - start) / _DOWN, 0, 1))
            up = smootherstep(np.clip((times - start - _DOWN) / _UP, 0, 1))
            pitch += depth * (down - up)
    return pitch


def _phrase_ends(parts: Iterable[Speech]) -> list[float]:
    """Seconds at which the last sound of each part ends."""
    listed = list(parts)
    starts = [0, *accumulate(len(part.samples) for part in listed)]
    ends = []
    for part, start in zip(listed, starts, strict=False):
        spoken = [phone.end for phone in part.phones if phone.label]
        if spoken:
            ends.append(start / RATE + spoken[-1])
    return ends
