"""The coordinate frame of a face: a similarity transform between the upright mean face and an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.faces.landmarks import RIGID
from pipeline.puppet.geometry.basis import FaceBasis


@dataclass(frozen=True)
class FaceFrame:
    """Where the upright mean face lies in an image: `x = scale · rotation · face + origin`."""

    scale: float
    """Pixels per inter-ocular distance."""
    rotation: np.ndarray
    """`(3, 3)`."""
    origin: np.ndarray
    """`(3,)` px: the midpoint between the eyes."""

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """Points `(N, 3)` of the upright face in px of the image."""
        return self.scale * points @ self.rotation.T + self.origin

    def rotate(self, vectors: np.ndarray) -> np.ndarray:
        """Displacements `(N, 3)` of the upright face in px of the image."""
        return self.scale * vectors @ self.rotation.T

    def to_upright(self, points: np.ndarray) -> np.ndarray:
        """Points `(N, 3)` px of the image in inter-ocular distances of the upright face."""
        return (points - self.origin) @ self.rotation / self.scale


def fit_face_frame(landmarks: np.ndarray, basis: FaceBasis) -> FaceFrame:
    """The frame of the face with `landmarks` `(478, 3)` px, fitted to the points that the skull carries."""
    rigid = list(RIGID)
    return FaceFrame(*similarity(basis.mean[rigid].astype(np.float64), landmarks[rigid].astype(np.float64)))


def similarity(source: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Scale, rotation `(3, 3)` and translation `(3,)` that best map `source` to `target`, both `(N, 3)`.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991.
    """
    a, b = source.mean(0), target.mean(0)
    u, values, v = np.linalg.svd((target - b).T @ (source - a))
    flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ v))])
    rotation = u @ flip @ v
    scale = float((values * np.diag(flip)).sum() / ((source - a) ** 2).sum())
    return scale, rotation, b - scale * rotation @ a
