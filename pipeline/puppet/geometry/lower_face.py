"""Where the skin of the lower face goes: from the mouth that a frame shows to the one that is wanted."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import (
    EYE_CORNERS,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LANDMARKS,
    LOWER_JAW,
    LOWER_LIP,
    NOSE_BASE,
    SUBNASALE,
    UPPER_LIP,
)
from pipeline.puppet.geometry.basis import FaceBasis
from pipeline.puppet.geometry.face_frame import FaceFrame, fit_face_frame
from pipeline.puppet.geometry.mesh import Mesh, triangle_strip
from pipeline.puppet.geometry.rig import PosedMesh, Rig

_NECK_MARGIN = 0.4
"""How far beyond the chin the neck gives way, in inter-ocular distances."""
_LIP_INSET = 0.022
"""How far inside the tracked lip edges the flesh of an open mouth begins, in inter-ocular distances."""
_OPEN_GAP = 0.05
"""Gap of the lips, in inter-ocular distances, from which the inset applies in full."""


@dataclass(frozen=True)
class LowerFaceWarp:
    """One frame's lower face: where each vertex is in the frame and where it goes."""

    source: np.ndarray
    """`(N, 2)` float32 px in the frame: landmarks, then the ring on the neck."""
    target: np.ndarray
    """`(N, 3)` float32 px with depth: the same vertices with the wanted mouth."""
    posed: PosedMesh
    """The face with the wanted mouth, as the painting of the mouth takes it."""


class LowerFace:
    """The face of one speaker, learned from one frame, that gives any other frame another mouth."""

    def __init__(self, mesh: Mesh, rig: Rig, basis: FaceBasis) -> None:
        """`mesh` and `rig`: those of the frame from which the face is learned."""
        self._mesh, self._rig, self._basis = mesh, rig, basis
        self._weights = _vertex_weights(basis.mean)
        ring = np.arange(len(LOWER_JAW)) + LANDMARKS
        skin = np.concatenate([basis.triangles, triangle_strip(LOWER_JAW, tuple(ring))])
        weights = np.concatenate([self._weights, np.zeros(len(ring), np.float32)])
        self.skin_triangles = skin[weights[skin].max(1) > 0].astype(np.int32)
        """`(M, 3)`: the skin that moves."""
        self.skin_vertices = np.unique(self.skin_triangles)

    def pose(self, blendshapes: np.ndarray) -> list[PosedMesh]:
        """The learned face with the mouths of the scores `(T, 52)`, its head still; for `retarget`."""
        still = np.zeros((len(blendshapes), 3), np.float32)
        return self._rig.pose_batch(blendshapes, still, still[:, :2])

    def retarget(self, landmarks: np.ndarray, posed: PosedMesh) -> LowerFaceWarp:
        """The warp that gives the face at `landmarks` `(478, 3)` px the mouth of a face from `pose`."""
        frame, learned = fit_face_frame(landmarks, self._basis), self._mesh.frame
        moved, rest = (
            frame.to_image(learned.to_upright(points[:LANDMARKS])).astype(np.float32)
            for points in (posed.vertices, self._mesh.rest)
        )
        # what the still base of the nose is off is the bias of the tracker
        nose = list(NOSE_BASE)
        bias = (landmarks[nose] - rest[nose]).mean(0)
        target = landmarks + self._weights[:, None] * (moved + bias - landmarks)
        ring = _neck_ring(landmarks, frame)
        return LowerFaceWarp(
            source=np.concatenate([_flesh(landmarks, frame), ring[:, :2]]).astype(np.float32),
            target=np.concatenate([target, ring]).astype(np.float32),
            posed=replace(posed, vertices=target.astype(np.float32), rigid_landmarks=rest + bias),
        )


def lip_gap(landmarks: np.ndarray) -> float:
    """How far the lips of `landmarks` `(478, 2 or 3)` are apart, in inter-ocular distances."""
    right, left = (landmarks[list(EYE_CORNERS[eye])].mean(0) for eye in ("Right", "Left"))
    between = landmarks[UPPER_LIP] - landmarks[LOWER_LIP]
    return float(np.linalg.norm(between) / np.linalg.norm(right - left))


def _flesh(landmarks: np.ndarray, frame: FaceFrame) -> np.ndarray:
    """`(478, 2)` px: the landmarks with an open mouth's inner edges a little inside the lips, because the
    tracked edge has teeth on it."""
    flesh = landmarks[:, :2].copy()
    inset = _LIP_INSET * min(lip_gap(landmarks) / _OPEN_GAP, 1.0) * frame.scale * frame.rotation[:2, 1]
    flesh[list(INNER_UPPER_LIP[1:-1])] -= inset
    flesh[list(INNER_LOWER_LIP[1:-1])] += inset
    return flesh


def _neck_ring(landmarks: np.ndarray, frame: FaceFrame) -> np.ndarray:
    """`(R, 3)` px: points on the neck and beside the cheeks that stay where they are."""
    outline = landmarks[list(LOWER_JAW)]
    outward = outline - landmarks[[UPPER_LIP, LOWER_LIP]].mean(0)
    outward[:, 2] = 0
    length = np.linalg.norm(outward, axis=1, keepdims=True)
    ring = outline + outward / np.maximum(length, 1e-3) * _NECK_MARGIN * frame.scale
    ring[:, 2] = outline[:, 2] + 0.3 * frame.scale
    return ring


def _vertex_weights(mean: np.ndarray) -> np.ndarray:
    """`(478,)`: 1 around mouth and chin, falling to 0 from the nose up and towards the ears."""
    mouth, nose = mean[[UPPER_LIP, LOWER_LIP]].mean(0), mean[SUBNASALE]
    sideways = np.abs(mean[:, 0] - mouth[0])
    below_nose = smoothstep(mean[:, 1], nose[1] - 0.12, (nose[1] + mouth[1]) / 2)
    return (below_nose * (1 - smoothstep(sideways, 0.55, 1.0))).astype(np.float32)
