"""From one frame of a motion to vertices: expression by the basis, lids and lips by contact, head by pose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.heads.puppet import points as at
from pipeline.heads.puppet.basis import FaceBasis
from pipeline.heads.puppet.mesh import LANDMARKS, Mesh
from pipeline.types import SHAPE, Face

CLOSED_BLINK = 0.62
"""The tracker's blink score of a lid that is shut (real blinks peak between 0.6 and 0.8)."""
CAMERA = 14.0
"""Distance of the camera in inter-ocular distances, about 90 cm."""
PIVOT = (0.0, 0.9, 1.6)
"""Where the head turns on the neck, in the upright face's frame: behind the jaw's joint."""
CONTACT = 0.03
"""Gap below which the whole length of the lips closes, not only their middle."""
SHUT = -0.02
"""What the scores tell of the gap when lips are surely closed."""
UPPER_SHARE = 0.4
"""How much of a gap's correction the upper lip makes."""
JAW = 0.85
"""How far the lower teeth go with the lower lip when only the jaw moves."""
MIDDLE = 5
"""The middle pair of the inner lips' rows."""


@dataclass(frozen=True)
class Posed:
    """One frame's vertices."""

    points: np.ndarray
    """`(N, 3)` float32 px with depth: the mesh's vertices."""
    skull: np.ndarray
    """`(478, 3)` float32: where the landmarks would be if only the head had moved."""
    jaw: np.ndarray
    """`(3,)` px of the photo's frame: how far the jaw moved from the photo's, before the head's turn."""
    gaze: np.ndarray
    """`(2, 2)` px of the photo's frame: how far each iris moved, right and left."""
    shut: tuple[float, float]
    """How far each lid is down, right and left, 0 to 1."""


class Rig:
    """The strings of one portrait's puppet."""

    def __init__(self, mesh: Mesh, face: Face, basis: FaceBasis) -> None:
        self.mesh, self.basis = mesh, basis
        self.own = np.asarray(face.blendshapes, np.float32)
        self.turn = _euler(face.pose)
        self.pose = np.asarray(face.pose, np.float32)
        self.pivot = mesh.frame.place(np.array([PIVOT]))[0]
        self.shapes = basis.shapes.copy()
        for eye in at.EYES:
            # a blink is a lid that slides, which the mean of its pictures is not
            self.shapes[SHAPE[f"eyeBlink{eye}"], list(at.UPPER_LID[eye] + at.LOWER_LID[eye])] = 0
        jaw = [SHAPE[name] for name in ("jawForward", "jawRight", "jawLeft", "jawOpen")]
        self.jaw = np.zeros((len(self.own), 3), np.float32)
        self.jaw[jaw] = JAW * self.shapes[jaw, at.INNER_LOWER[MIDDLE]]
        # turned and scaled to the photo once, not in every frame
        turned = np.stack([mesh.frame.turn(shape) for shape in self.shapes])
        self.flat = turned.reshape(len(self.own), -1).astype(np.float32)
        self.lips = _Lips(mesh, basis, self.own)

    def play(self, scores: np.ndarray, pose: np.ndarray, shift: np.ndarray) -> Posed:
        """Vertices for scores `(52,)`, pose `(3,)` degrees and shift `(2,)` relative to the photo's."""
        moved, shut = self._express(np.asarray(scores, np.float32))
        jaw = self.mesh.frame.turn((scores - self.own)[None, :] @ self.jaw)[0]
        turn = self._turn(pose, shift)
        points, skull = turn(moved, self.mesh.head[:, None]), turn(self.mesh.rest[:LANDMARKS], 1.0)
        gaze = np.stack([(moved - self.mesh.rest)[at.IRIS[eye][0], :2] for eye in at.EYES])
        return Posed(points, skull, jaw, gaze, shut)

    def _express(self, scores: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
        mesh, rest = self.mesh, self.mesh.rest
        moved = rest.copy()
        moved[:LANDMARKS] += ((scores - self.own) @ self.flat).reshape(-1, 3)
        self.lips.meet(moved, scores)
        shut = tuple(self._lid(moved, eye, scores) for eye in at.EYES)
        lash = slice(LANDMARKS, LANDMARKS + len(mesh.lash_of))
        moved[lash] += moved[mesh.lash_of] - rest[mesh.lash_of]
        moved[mesh.grid] += mesh.follow @ (moved[list(at.OVAL)] - rest[list(at.OVAL)])
        return moved, shut

    def _lid(self, moved: np.ndarray, eye: str, scores: np.ndarray) -> float:
        """Slide one upper lid over the eye towards the lower, which rises a little; returns how far."""
        column = SHAPE[f"eyeBlink{eye}"]
        own = min(float(self.own[column]), 0.35)
        shut = float(np.clip((scores[column] - own) / (CLOSED_BLINK - own), 0, 1))
        upper, lower = list(at.UPPER_LID[eye]), list(at.LOWER_LID[eye])
        down = self.mesh.frame.rotation[:, 1]
        gap = np.maximum((moved[lower] - moved[upper]) @ down, 0)
        lift = np.outer(gap, down)
        moved[upper] = moved[lower] - (1 - 0.86 * shut) * lift
        moved[lower] -= 0.14 * shut * lift
        return shut

    def _turn(
        self, pose: np.ndarray, shift: np.ndarray
    ) -> Callable[[np.ndarray, np.ndarray | float], np.ndarray]:
        """The head's turn about the neck, seen by a camera at `CAMERA`, for vertices by their weights."""
        frame = self.mesh.frame
        turn = (_euler(self.pose + pose) @ self.turn.T).T.astype(np.float32)
        origin = frame.origin.astype(np.float32)
        arm = (self.pivot - frame.origin).astype(np.float32)
        after = arm - arm @ turn + np.array([*(np.asarray(shift) * frame.scale), 0], np.float32)
        near = np.float32(1 / (CAMERA * frame.scale))

        def apply(points: np.ndarray, weight: np.ndarray | float) -> np.ndarray:
            solid = points - origin
            solid[:, :2] *= 1 + solid[:, 2:] * near
            solid = solid @ turn + after
            solid[:, :2] /= 1 + solid[:, 2:] * near
            return points + weight * (solid + origin - points)

        return apply


class _Lips:
    """Contact of the lips: a mouth that shall be closed is, however the photo's own mouth stands."""

    def __init__(self, mesh: Mesh, basis: FaceBasis, own: np.ndarray) -> None:
        self.upper, self.lower = list(at.INNER_UPPER), list(at.INNER_LOWER)
        self.down = mesh.frame.rotation[:, 1]
        self.scale = mesh.frame.scale
        opening = basis.shapes[:, self.lower, 1] - basis.shapes[:, self.upper, 1]
        self.slope = opening[:, MIDDLE]
        self.curve = basis.gap
        jaw = opening[SHAPE["jawOpen"]]
        self.profile = np.clip(jaw / jaw[MIDDLE], 0, 1)
        self.reach = self._reach(mesh)
        self.rest_gap = float(self._gaps(mesh.rest)[MIDDLE])
        self.own = self._told(own)
        self.bias = self._told_for(self.rest_gap) - self.own

    def meet(self, moved: np.ndarray, scores: np.ndarray) -> None:
        """Give the lips the gap that people show at these scores; they meet, and never pass through."""
        gaps = self._gaps(moved)
        target = self._target(scores)
        wanted = np.maximum(gaps + (target - gaps[MIDDLE]) * self.profile, 0)
        parted = min(target / CONTACT, 1.0)
        apart = moved[self.lower] - moved[self.upper]
        aside = apart - np.outer(gaps * self.scale, self.down)
        missing = np.outer((parted * wanted - gaps) * self.scale, self.down) + (parted - 1) * aside
        for reach, share in zip(self.reach, (-UPPER_SHARE, 1 - UPPER_SHARE), strict=True):
            moved[:LANDMARKS] += reach @ (share * missing)

    def _target(self, scores: np.ndarray) -> float:
        told = self._told(scores)
        # the photo's own deviation counts in full at its own expression and not at all for closed lips
        trust = np.clip((told - SHUT) / max(self.own - SHUT, 0.03), 0, 1) if self.bias > 0 else 1.0
        return float(np.interp(told + trust * self.bias, *self.curve))

    def _told(self, scores: np.ndarray) -> float:
        return float(scores @ self.slope)

    def _told_for(self, gap: float) -> float:
        """What the scores would tell of a mouth open by `gap`; for a closed one, at the most what they do."""
        told, shown = self.curve
        if gap < CONTACT / 2:
            return min(self.own, float(told[shown <= 0].max()))
        return float(np.interp(gap, shown, told))

    def _gaps(self, points: np.ndarray) -> np.ndarray:
        return (points[self.lower] - points[self.upper]) @ self.down / self.scale

    def _reach(self, mesh: Mesh) -> tuple[np.ndarray, np.ndarray]:
        """Two `(478, 11)`: how much of each lip edge's correction the skin above and below takes."""
        face = mesh.rest[:LANDMARKS].astype(np.float64)
        side = (mesh.canonical - mesh.canonical[[13, 14]].mean(0))[:, 1]
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


def _euler(pose: np.ndarray) -> np.ndarray:
    """Rotation `(3, 3)` of yaw, pitch, roll in degrees, on points with y down and z away."""
    yaw, pitch, roll = np.radians(np.asarray(pose, np.float64))
    cy, sy, cp, sp, cr, sr = (
        np.cos(yaw),
        np.sin(yaw),
        np.cos(pitch),
        np.sin(pitch),
        np.cos(roll),
        np.sin(roll),
    )
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
    flip = np.diag([1.0, -1.0, -1.0])
    return flip @ about_y @ about_x @ about_z @ flip
