"""From scores to landmarks, the head held still: expression by the basis, lids and lips by contact."""

from __future__ import annotations

import itertools

import numpy as np

from pipeline.faces.landmarks import (
    BELOW_LIPS,
    EYES,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    IRIS,
    LOWER_LID,
    UPPER_LID,
)
from pipeline.puppet.geometry.basis import FaceBasis
from pipeline.puppet.geometry.lip_aperture import corrected
from pipeline.puppet.geometry.mesh import Frame3
from pipeline.types import SHAPE

CLOSED_BLINK = 0.55
"""The tracker's blink score from which a lid is shut (real blinks peak between 0.6 and 0.8)."""
LOWER_LID_SHARE = 0.06
"""How much of the way to a shut eye the lower lid makes."""
CONTACT = 0.03
"""Gap below which the whole length of the lips closes, not only their middle."""
UPPER_SHARE = 0.4
"""How much of a gap's correction the upper lip makes."""
FROM_BELOW = 0.014
"""Share by which the tracker sees lips wider apart than they are drawn, per degree that a photo's head is
turned upward: what the scores ask for is what it shall see (17 renderings of 9 portraits; r +0.003)."""
STEEP = 15.0
"""Degrees up to which that was seen."""
JAW = 0.85
"""How far the lower teeth go with the lower lip when only the jaw moves."""
SQUEEZE = 0.5
"""How much of its height the skin between lower lip and chin keeps at least."""
MIDDLE = 5
"""The middle pair of the inner lips' rows."""


class Expression:
    """How one face moves with the scores."""

    def __init__(self, rest: np.ndarray, frame: Frame3, own: np.ndarray, basis: FaceBasis) -> None:
        """`rest` `(478, 3)`: landmarks at the scores `own` `(52,)`, lying in `frame`."""
        self.rest = np.asarray(rest, np.float32)
        self.own = np.asarray(own, np.float32)
        self.down = frame.rotation[:, 1].astype(np.float32)
        shapes = basis.shapes.copy()
        for eye in EYES:
            # a blink is a lid that slides, which the mean of its pictures is not
            still = list(UPPER_LID[eye] + LOWER_LID[eye] + IRIS[eye])
            shapes[SHAPE[f"eyeBlink{eye}"], still] = 0
            # the tracker's iris shrinks behind a lid; the real one only turns
            shapes[:, list(IRIS[eye])] = shapes[:, [IRIS[eye][0]]]
        # turned and scaled once, not in every frame
        turned = np.stack([frame.turn(shape) for shape in shapes]).astype(np.float32)
        self.shapes = turned.reshape(len(self.own), -1)
        jaw = [SHAPE[name] for name in ("jawForward", "jawRight", "jawLeft", "jawOpen")]
        self.jaw_shapes = np.zeros((len(self.own), 3), np.float32)
        self.jaw_shapes[jaw] = JAW * turned[jaw, INNER_LOWER_LIP[MIDDLE]]
        self.below_lips = [list(row) for row in BELOW_LIPS]
        self.lips = _Lips(self.rest, frame, self.own, basis)

    def play(self, scores: np.ndarray, pitch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Landmarks `(…, 478, 3)` for scores `(…, 52)`; how far each lid is down `(…, 2)`, right and left.

        `pitch` `(…)`: degrees that the head will be turned down from the photo's pose.
        """
        moved = self.rest + ((scores - self.own) @ self.shapes).reshape(*scores.shape[:-1], -1, 3)
        self.lips.meet(moved, scores, pitch)
        self._unfold(moved)
        return moved, np.stack([self._lid(moved, eye, scores) for eye in EYES], -1)

    def jaw(self, scores: np.ndarray) -> np.ndarray:
        """`(…, 3)`: how far the lower teeth are from where they were at rest."""
        return (scores - self.own) @ self.jaw_shapes

    def _unfold(self, moved: np.ndarray) -> None:
        """Keep a lip that comes down from sliding over the chin: the skin below gives way in time."""
        for above, below in itertools.pairwise(self.below_lips):
            least = SQUEEZE * ((self.rest[below] - self.rest[above]) @ self.down)
            lacking = np.maximum(least - (moved[..., below, :] - moved[..., above, :]) @ self.down, 0)
            moved[..., below, :] += lacking[..., None] * self.down

    def _lid(self, moved: np.ndarray, eye: str, scores: np.ndarray) -> np.ndarray:
        """Slide one upper lid over the eye towards the lower, which rises a little; returns how far."""
        column = SHAPE[f"eyeBlink{eye}"]
        own = min(float(self.own[column]), 0.35)
        shut = np.clip((scores[..., column] - own) / (CLOSED_BLINK - own), 0, 1)
        upper, lower = list(UPPER_LID[eye]), list(LOWER_LID[eye])
        apart = moved[..., lower, :] - moved[..., upper, :]
        crossed = np.minimum(apart @ self.down, 0)
        way = shut[..., None, None] * apart
        moved[..., upper, :] += (1 - LOWER_LID_SHARE) * way + crossed[..., None] * self.down
        moved[..., lower, :] -= LOWER_LID_SHARE * way
        return shut


class _Lips:
    """Contact of the lips: a mouth that shall be closed is, however the photo's own mouth stands."""

    def __init__(self, rest: np.ndarray, frame: Frame3, own: np.ndarray, basis: FaceBasis) -> None:
        self.upper, self.lower = list(INNER_UPPER_LIP), list(INNER_LOWER_LIP)
        self.down = frame.rotation[:, 1]
        self.scale = frame.scale
        self.opening = basis.opening
        jaw = (basis.shapes[:, self.lower, 1] - basis.shapes[:, self.upper, 1])[SHAPE["jawOpen"]]
        self.profile = np.clip(jaw / jaw[MIDDLE], 0, 1)
        self.reach = self._reach(rest, basis.mean)
        gap = float(self._gaps(rest)[MIDDLE])
        self.bend = corrected(self.opening.told(own), gap if gap > CONTACT / 2 else 0.0)

    def meet(self, moved: np.ndarray, scores: np.ndarray, pitch: np.ndarray) -> None:
        """Give the lips the gap that people show at these scores; they meet, and never pass through."""
        gaps = self._gaps(moved)
        target = (np.interp(self.opening.told(scores), *self.bend) * self._seen(pitch))[..., None]
        wanted = np.maximum(gaps + (target - gaps[..., [MIDDLE]]) * self.profile, 0)
        parted = np.minimum(target / CONTACT, 1.0)
        apart = moved[..., self.lower, :] - moved[..., self.upper, :]
        down = self.scale * self.down
        aside = apart - gaps[..., None] * down
        missing = (parted * wanted - gaps)[..., None] * down + (parted - 1)[..., None] * aside
        for reach, share in zip(self.reach, (-UPPER_SHARE, 1 - UPPER_SHARE), strict=True):
            moved += reach @ (share * missing).astype(np.float32)

    @staticmethod
    def _seen(pitch: np.ndarray) -> np.ndarray:
        """How much more or less a mouth must open for the tracker to see what was asked."""
        return 1 + FROM_BELOW * np.clip(pitch, -STEEP, STEEP)

    def _gaps(self, points: np.ndarray) -> np.ndarray:
        return (points[..., self.lower, :] - points[..., self.upper, :]) @ self.down / self.scale

    def _reach(self, rest: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Two `(478, 11)`: how much of each lip edge's correction the skin above and below takes."""
        face = rest.astype(np.float64)
        side = (mean - mean[[13, 14]].mean(0))[:, 1]
        reaches = []
        for edge, sign in ((self.upper, -1), (self.lower, 1)):
            apart = np.linalg.norm(face[:, None, :2] - face[None, edge, :2], axis=2) / self.scale
            near = np.exp(-((apart / 0.3) ** 2)) * (sign * side > 0)[:, None]
            near[list(self.lower if sign < 0 else self.upper)] = 0
            reach = near / np.maximum(near.sum(1, keepdims=True), 1.0)
            reach[edge] = np.eye(len(edge))
            reach[[edge[0], edge[-1]]] = 0
            reaches.append(reach.astype(np.float32))
        return reaches[0], reaches[1]
