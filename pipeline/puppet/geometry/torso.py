"""The torso below a head that moves: shoulders and chest follow, later and less, and breathe.

The head's shift is mostly the body's own sway and breath, so the torso takes most of it; of a tilt of the
head the shoulders take a third. A second-order filter delays both, as a body follows its head.
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
_SHIFT, _ROLL, _YAW = 0.8, 0.33, 0.012
"""Shares of the head's shift and roll that the torso takes, and its shift sideways in inter-ocular distances
per degree of the head's yaw."""
_BELOW = (1.1, 2.6)
"""Distances below the eyes between which the torso takes over from the head, in inter-ocular distances."""
_PIVOT = 6.0
"""Distance of the hips, about which the torso tilts, below the eyes, in inter-ocular distances."""
_FROM_BORDER = 0.8
"""Distance from the grid's border over which vertices become free to move across it, in inter-ocular
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
    """How much of the torso's motion each grid vertex takes sideways and down, `(E, 2)` in [0, 1].

    Args:
        points: `(E, 3)` px with depth.
        head: `(E,)` how much of the head's motion each takes.
        subject_distance: `(H, W)` inter-ocular distances outside the subject, negative in it.
        frame: the face's.
    """
    if not (subject_distance > 0).any():  # nobody knows what is torso and what is wall
        return np.zeros((len(points), 2), np.float32)
    outside = nearest_pixels(subject_distance, points[:, :2])
    below = smoothstep(frame.to_upright(points)[:, 1], *_BELOW)
    weight = below * (1 - head) * (1 - smoothstep(outside, *FALLOFF))
    x, y = points[:, 0], points[:, 1]
    sideways = smoothstep(np.minimum(x - x.min(), x.max() - x) / frame.scale, 0, _FROM_BORDER)
    down = smoothstep((y.max() - y) / frame.scale, 0, _FROM_BORDER)
    if y.max() < subject_distance.shape[0] - 2:  # the photo goes on below the grid
        sideways = sideways * down
    return (weight[:, None] * np.column_stack([sideways, down])).astype(np.float32)


def displacement(points: np.ndarray, weights: np.ndarray, sway: np.ndarray, frame: FaceFrame) -> np.ndarray:
    """`(T, E, 2)` px by which vertices `points` `(E, 2)` px move with `sway` `(T, 3)` from `Torso.follow`."""
    hips = frame.origin[:2] + np.array([0, _PIVOT * frame.scale])
    arm = points - hips
    shift = sway[:, None, :2] * frame.scale
    turn = np.radians(sway[:, 2])[:, None, None] * np.column_stack([-arm[:, 1], arm[:, 0]])
    return (weights * (shift + turn)).astype(np.float32)
