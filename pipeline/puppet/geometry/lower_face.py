"""Where the skin of the lower face goes: from a frame's own mouth to the one that is wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import FACE_OVAL, INNER_LOWER_LIP, INNER_UPPER_LIP
from pipeline.puppet.geometry import mesh as meshes
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.geometry.rig import Posed
from pipeline.puppet.renderer import PortraitRenderer

NOSE = (1, 2, 4, 98, 327)
"""Points near the mouth that speaking leaves alone: what they are off tells the tracker's bias."""
MARGIN = 0.4
"""How far beyond the chin the neck gives way, in inter-ocular distances."""
EDGE = 0.022
"""How far inside the lips the flesh of an open mouth surely begins, in inter-ocular distances."""
OPEN = 0.05
"""Gap from which that counts in full."""
LOWER_OVAL = FACE_OVAL[FACE_OVAL.index(361) : FACE_OVAL.index(132) + 1]
"""The outline from one ear lobe round the chin to the other."""


@dataclass(frozen=True)
class Wanted:
    """One frame's lower face: where each vertex is in the frame and where it goes."""

    now: np.ndarray
    """`(N, 2)` float32 px in the frame: landmarks, then the ring on the neck."""
    then: np.ndarray
    """`(N, 3)` float32 px with depth: the same vertices with the wanted mouth."""
    posed: Posed
    """The wanted face as the puppet's mouth understands it."""


class LowerFace:
    """The speaker's face, learned from one frame, put into any other frame with other lips."""

    def __init__(self, stage: PortraitRenderer) -> None:
        """`stage`: the frame from which the face is learned."""
        basis = face_basis()
        self.basis, self.mesh, self.rig = basis, stage.mesh, stage.rig
        self.weight = _weights(basis.mean)
        rows = np.arange(len(LOWER_OVAL)) + meshes.LANDMARKS
        neck = meshes.triangle_strip(LOWER_OVAL, tuple(rows))
        skin = np.concatenate([basis.triangles, neck])
        weight = np.concatenate([self.weight, np.zeros(len(rows), np.float32)])
        self.skin = skin[weight[skin].max(1) > 0].astype(np.int32)
        self.moving = np.unique(self.skin)
        self.strip = meshes.triangle_strip(INNER_UPPER_LIP, INNER_LOWER_LIP).astype(np.int32)

    def wanted(self, landmarks: np.ndarray, scores: np.ndarray) -> Wanted:
        """The frame with `landmarks` `(478, 3)` px, its mouth as `scores` `(52,)` ask."""
        still = np.zeros(3, np.float32), np.zeros(2, np.float32)
        posed = self.rig.play(scores, *still)
        here, frame = meshes.frame_of(landmarks, self.basis), self.mesh.frame
        moved, rest = (
            here.place(frame.upright(points[: meshes.LANDMARKS])).astype(np.float32)
            for points in (posed.points, self.mesh.rest)
        )
        nose = list(NOSE)
        bias = (landmarks[nose] - rest[nose]).mean(0)
        goal = landmarks + self.weight[:, None] * (moved + bias - landmarks)
        ring = self._ring(landmarks, here)
        return Wanted(
            now=np.concatenate([self._flesh(landmarks, here), ring[:, :2]]).astype(np.float32),
            then=np.concatenate([goal, ring]).astype(np.float32),
            posed=Posed(goal.astype(np.float32), rest + bias, posed.turn, posed.jaw, posed.gaze, posed.shut),
        )

    def gap(self, points: np.ndarray) -> float:
        """How far the lips of `points` are apart, in inter-ocular distances."""
        eyes = points[[33, 133]].mean(0) - points[[362, 263]].mean(0)
        return float(np.linalg.norm(points[13] - points[14]) / np.linalg.norm(eyes))

    def _flesh(self, landmarks: np.ndarray, here: meshes.Frame3) -> np.ndarray:
        """`(478, 2)` px: the landmarks with an open mouth's inner edges a little inside the lips, as the
        tracked edge has teeth on it."""
        flesh = landmarks[:, :2].copy()
        inset = EDGE * min(self.gap(landmarks) / OPEN, 1.0) * here.scale * here.rotation[:2, 1]
        flesh[list(INNER_UPPER_LIP[1:-1])] -= inset
        flesh[list(INNER_LOWER_LIP[1:-1])] += inset
        return flesh

    def _ring(self, landmarks: np.ndarray, here: meshes.Frame3) -> np.ndarray:
        """`(R, 3)` px: points on the neck and beside the cheeks that stay where they are."""
        outline = landmarks[list(LOWER_OVAL)]
        out = outline - landmarks[[13, 14]].mean(0)
        out[:, 2] = 0
        length = np.linalg.norm(out, axis=1, keepdims=True)
        ring = outline + out / np.maximum(length, 1e-3) * MARGIN * here.scale
        ring[:, 2] = outline[:, 2] + 0.3 * here.scale
        return ring


def _weights(mean: np.ndarray) -> np.ndarray:
    """`(478,)`: 1 around mouth and chin, 0 from the nose up and towards the ears."""
    mouth = mean[[13, 14]].mean(0)
    aside = np.abs(mean[:, 0] - mouth[0])
    below_nose = smoothstep(mean[:, 1], mean[2, 1] - 0.12, (mean[2, 1] + mouth[1]) / 2)
    return (below_nose * (1 - smoothstep(aside, 0.55, 1.0))).astype(np.float32)
