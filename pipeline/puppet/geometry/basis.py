"""How the vertices of a face move with its blendshapes: the linear basis trained by `training/basis.py`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pipeline.assets import MODELS
from pipeline.inference.weights import loading, read_arrays
from pipeline.puppet.geometry.lip_aperture import LipAperture

_MODEL = MODELS / "face_basis.npz"


@dataclass(frozen=True)
class FaceBasis:
    """A mean face and its linear deformations, in inter-ocular distances: x right, y down, z away."""

    mean: np.ndarray
    """`(478, 3)` float32, upright, with the midpoint between the eyes at the origin."""
    shapes: np.ndarray
    """`(52, 478, 3)` float32: displacement per unit of each blendshape."""
    aperture: LipAperture
    """How far the lips part, which is not linear."""
    triangles: np.ndarray
    """`(852, 3)` int32: MediaPipe's face mesh with holes for the eyes and the mouth."""


@cache
def face_basis() -> FaceBasis:
    """The trained basis from `assets/models`, loaded once.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    data = read_arrays(_MODEL)
    with loading(_MODEL):
        return FaceBasis(
            mean=data["mean"].astype(np.float32),
            shapes=data["basis"].astype(np.float32),
            aperture=LipAperture(
                ceiling=data["opening_most"].astype(np.float32),
                weights=data["opening_weights"].astype(np.float32),
                bias=data["opening_bias"].astype(np.float32),
                out_weights=data["opening_out"].astype(np.float32),
                out_bias=float(data["opening_base"]),
            ),
            triangles=data["triangles"].astype(np.int32),
        )
