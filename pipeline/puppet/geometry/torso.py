"""The torso below a head that moves: shoulders and chest follow, later and less, and breathe.

The head's shift is mostly the body's own sway and breath, so the torso takes much of it; of a tilt of the
head the shoulders take a third. A second-order filter delays both, as a body follows its head. The torso
leans over its hips, and goes on beyond the borders of the photo.
"""

from __future__ import annotations

import numpy as np

from pipeline.easing import smoothstep
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.puppet.geometry.grid import FALLOFF
from pipeline.puppet.geometry.sampling import nearest_pixels
from pipeline.types import Motion

_DELAY = 0.15
"""Seconds by which the torso follows the head."""
_SHIFT, _ROLL, _YAW = np.array([0.66, 0.8]), 0.33, 0.012
"""Shares of the head's shift, sideways and down, and of its roll that the torso takes, and its shift sideways
in inter-ocular distances per degree of the head's yaw."""
_BELOW = (1.1, 2.6)
"""Distances below the eyes between which the torso takes over from the head, in inter-ocular distances."""
_SHOULDERS, _WAIST, _HIPS = 2.0, 6.0, 10.0
"""Distances below the eyes, in inter-ocular distances: the torso tilts above its waist, and leans over its
hips, which stand still."""
_FROM_BORDER = 0.8
"""Distance from where the grid ends within the photo over which vertices become free to move, in inter-ocular
distances."""


class Torso:
    """The movement of one portrait's torso."""

    def __init__(self) -> None:
        self._state: tuple[np.ndarray, np.ndarray] | None = None

    def follow(self, motion: Motion) -> np.ndarray:
        """`(T, 3)` shift right and down in inter-ocular distances, and roll in degrees.

        Called with consecutive stretches of one performance, it goes on where the last one ended. It begins
        where it comes to rest below the first pose.
        """
        sway = np.column_stack([_SHIFT * motion.shift, _ROLL * motion.pose[:, 2]])
        sway[:, 0] += _YAW * motion.pose[:, 0]
        share = 1 - np.exp(-2 / (_DELAY * motion.fps))
        followed = np.empty_like(sway)
        for row, goal in enumerate(sway):
            first, second = self._state or (goal, goal)
            first = first + share * (goal - first)
            second = second + share * (first - second)
            followed[row], self._state = second, (first, second)
        return followed


def torso_weights(
    points: np.ndarray, head: np.ndarray, subject_distance: np.ndarray, frame: FaceFrame
) -> np.ndarray:
    """How much of the torso's motion each grid vertex takes, `(E,)` in [0, 1].

    Args:
        points: `(E, 3)` px with depth.
        head: `(E,)` how much of the head's motion each takes.
        subject_distance: `(H, W)` inter-ocular distances outside the subject, negative in it.
        frame: the face's.
    """
    if not (subject_distance > 0).any():  # nobody knows what is torso and what is wall
        return np.zeros(len(points), np.float32)
    outside = nearest_pixels(subject_distance, points[:, :2])
    below = smoothstep(frame.to_upright(points)[:, 1], *_BELOW)
    weight = below * (1 - head) * (1 - smoothstep(outside, *FALLOFF))
    last = np.array(subject_distance.shape[::-1]) - 1
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    borders = (0, low[0], low[0] < 0), (0, high[0], high[0] > last[0]), (1, high[1], high[1] > last[1])
    for axis, border, outside_photo in borders:
        if not outside_photo:  # the photo goes on there, and stands still
            distance = np.abs(points[:, axis] - border) / frame.scale
            weight = weight * smoothstep(distance, 0, _FROM_BORDER)
    return weight.astype(np.float32)


def displacement(points: np.ndarray, weights: np.ndarray, sway: np.ndarray, frame: FaceFrame) -> np.ndarray:
    """`(T, E, 2)` px by which vertices `points` `(E, 2)` px move with `sway` `(T, 3)` from `Torso.follow`."""
    across, below = ((points - frame.origin[:2]) / frame.scale).T
    leaning = np.clip((_HIPS - below) / (_HIPS - _SHOULDERS), 0, 1)
    above_waist = np.maximum(_WAIST - below, 0)
    tilting = np.clip(above_waist / (_WAIST - _SHOULDERS), 0, 1)
    shift = sway[:, None, :2] * leaning[:, None]
    turn = np.radians(sway[:, 2])[:, None, None] * np.column_stack([above_waist, tilting * across])
    return (weights[:, None] * frame.scale * (shift + turn)).astype(np.float32)
