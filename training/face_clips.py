"""Tracked clips of speakers for the face basis, with the head's pose and each speaker's position removed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.faces.landmarks import EYE_CORNERS, LEFT_EAR, MESH_LANDMARKS, RIGHT_EAR, RIGID
from pipeline.puppet.geometry.face_frame import similarity
from pipeline.types import BLENDSHAPES, SHAPE

_RIGID = [*RIGID, RIGHT_EAR, LEFT_EAR]
_MAX_FRAMES = 150
"""Frames taken of each clip."""
_MIN_FRAMES = 20

MEDIAPIPE_BLENDSHAPES = (
    "_neutral",
    *sorted((name for name in BLENDSHAPES if name != "tongueOut"), key=str.lower),
)
"""FaceLandmarker's own order of the scores: `_neutral`, then the alphabet."""


@dataclass(frozen=True)
class FaceClip:
    """One speaker's tracked frames with the head's pose removed."""

    name: str
    faces: np.ndarray
    """`(T, 478, 3)` in inter-ocular distances: x right, y down, z away from the viewer."""
    blendshapes: np.ndarray
    """`(T, 52)` ordered as `BLENDSHAPES`."""


def read_clip(path: Path) -> FaceClip | None:
    """The valid frames of one track file, rotated upright by the tracker's pose; None with fewer than 20."""
    with np.load(path) as data:
        landmarks = (
            data["landmarks_q"] * float(data["landmarks_scale"])
            if "landmarks_q" in data
            else np.asarray(data["landmarks"])
        ).astype(np.float64)
        names = [str(name) for name in data["names"]] if "names" in data else list(MEDIAPIPE_BLENDSHAPES)
        raw, matrix = np.asarray(data["blendshapes"], np.float64), np.asarray(data["matrix"], np.float64)
        valid = np.isfinite(landmarks).all((1, 2)) & np.isfinite(raw).all(1)
        if "face_ok" in data:
            valid &= data["face_ok"]
    if valid.sum() < _MIN_FRAMES:
        return None
    chosen = np.flatnonzero(valid)
    spread = np.linspace(0, len(chosen) - 1, min(_MAX_FRAMES, len(chosen)))
    chosen = chosen[np.unique(spread.astype(int))]
    blendshapes = np.zeros((len(chosen), len(BLENDSHAPES)))
    for column, name in enumerate(names):
        if name in SHAPE:
            blendshapes[:, SHAPE[name]] = raw[chosen, column]
    return FaceClip(path.stem, np.stack([_upright(landmarks[k], matrix[k]) for k in chosen]), blendshapes)


def align(clips: list[FaceClip], *, rounds: int = 5) -> tuple[np.ndarray, np.ndarray, list[FaceClip]]:
    """Generalised Procrustes analysis on rigid points.

    Returns the mean face `(478, 3)`, the counterpart `(478,)` of each landmark on the other side of the face,
    and the clips fitted to the mean.
    """
    mean = np.mean([clip.faces.mean(0) for clip in clips], 0)
    for number in range(rounds):
        clips = [_fitted(clip, mean) for clip in clips]
        mean = np.mean([clip.faces.mean(0) for clip in clips], 0)
        if number == 0:
            pairs = _mirror_pairs(mean)
        mean = (mean + mirror(mean, pairs)) / 2
        right, left = _eyes(mean)
        mean -= (left + right) / 2
        mean /= np.linalg.norm(left - right)
    return mean, pairs, clips


def mirror(face: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """A face `(478, 3)` in a mirror, renumbered by `pairs` so that each landmark keeps its meaning."""
    return (face * (-1.0, 1.0, 1.0))[pairs]


def _fitted(clip: FaceClip, mean: np.ndarray) -> FaceClip:
    """The clip with the speaker's mean face fitted to `mean` and each frame to the speaker's mean face.

    Fitting frames to the shared mean would turn the differences between people into head motion.
    """
    speaker = clip.faces.mean(0)
    scale, rotation, translation = similarity(speaker[_RIGID], mean[_RIGID])
    speaker = scale * speaker @ rotation.T + translation
    faces = []
    for face in clip.faces:
        scale, rotation, translation = similarity(face[_RIGID], speaker[_RIGID])
        faces.append(scale * face @ rotation.T + translation)
    return FaceClip(clip.name, np.stack(faces), clip.blendshapes)


def _mirror_pairs(face: np.ndarray) -> np.ndarray:
    """`(478,)`: the index of each landmark's counterpart on the other side of a roughly symmetric face."""
    flipped = face * (-1.0, 1.0, 1.0)
    distance = np.linalg.norm(face[:, None] - flipped[None], axis=2)
    # the irises lie in the plane of the eyelids: pair them among themselves
    distance[:MESH_LANDMARKS, MESH_LANDMARKS:] = distance[MESH_LANDMARKS:, :MESH_LANDMARKS] = np.inf
    return distance.argmin(1)


def _upright(landmarks: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    rotation = matrix[:3, :3] / np.linalg.norm(matrix[:3, :3], axis=0)
    flip = np.diag([1.0, -1.0, -1.0])
    right, left = _eyes(landmarks)
    return (landmarks - (left + right) / 2) @ (flip @ rotation @ flip) / np.linalg.norm(left - right)


def _eyes(face: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The centres `(3,)` of the right and the left eye."""
    return face[list(EYE_CORNERS["Right"])].mean(0), face[list(EYE_CORNERS["Left"])].mean(0)
