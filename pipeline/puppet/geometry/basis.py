"""How the face's vertices move with the scores: the linear basis that `training/basis.py` learns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.assets import MODELS
from pipeline.errors import CheckpointError
from pipeline.puppet.geometry.lip_aperture import Opening

MODEL = MODELS / "face_basis.npz"


@dataclass(frozen=True)
class FaceBasis:
    """A mean face and its linear motions, in inter-ocular distances: x right, y down, z away."""

    mean: np.ndarray
    """`(478, 3)` float32, upright, the middle between the eyes at the origin."""
    shapes: np.ndarray
    """`(52, 478, 3)` float32: displacement per unit of each score."""
    opening: Opening
    """How far the lips part, which is not linear."""
    triangles: np.ndarray
    """`(852, 3)` int32 of the mesh without the eyes' and the mouth's openings."""


@cache
def face_basis() -> FaceBasis:
    """The learned basis from `assets/models`.

    Raises:
        CheckpointError: the file is missing.
    """
    if not MODEL.is_file():
        raise CheckpointError(f"The face basis {MODEL.name} is missing from {MODEL.parent}; restore it.")
    with np.load(MODEL) as data:
        return FaceBasis(
            mean=data["mean"].astype(np.float32),
            shapes=data["basis"].astype(np.float32),
            opening=Opening(
                most=data["opening_most"].astype(np.float32),
                weights=data["opening_weights"].astype(np.float32),
                bias=data["opening_bias"].astype(np.float32),
                out=data["opening_out"].astype(np.float32),
                base=float(data["opening_base"]),
            ),
            triangles=data["triangles"].astype(np.int32),
        )


def similarity(source: np.ndarray, target: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Scale, rotation `(3, 3)` and shift `(3,)` bringing `source` nearest to `target`, both `(N, 3)`.

    Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991.
    """
    a, b = source.mean(0), target.mean(0)
    u, values, v = np.linalg.svd((target - b).T @ (source - a))
    flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ v))])
    rotation = u @ flip @ v
    scale = float((values * np.diag(flip)).sum() / ((source - a) ** 2).sum())
    return scale, rotation, b - scale * rotation @ a
