"""The shade of skin that folds as a face moves: beside a smiling mouth, between lowered brows.

A photo warped to a smile has the skin of a face at rest. For each score, a map learned from tracked speakers
(`training/folds.py`) says how much lighter or darker the skin gets; the photo keeps the folds that it shows.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numba import njit

from pipeline.assets import MODELS
from pipeline.faces.landmarks import LANDMARKS
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.warping.rasterizer import draw_solid, far
from pipeline.types import SHAPE
from pipeline.weights import loading, read_arrays

PATH = MODELS / "folds.npz"
"""The shipped maps."""
SCORES = ("mouthSmile", "browDown")
"""The scores that have a map, by the mean of both sides; raised brows left no lines that could be told."""
WIDTH, HEIGHT = 112, 136
PER_UNIT, ORIGIN = 40.0, np.array([56.0, 56.0])
"""Size of a map; px of it in an inter-ocular distance, and where the midpoint between the eyes is."""
_CELL = 1 / 32
"""Inter-ocular distances between two samples of the maps on a photo."""
_STRONGEST = 0.22
"""Change of log light that is never exceeded: the clips' scores are small, and their slopes lead too far."""
_UNSEEN = 0.004
"""Change of log light, half a grey level on light skin, below which nothing is drawn."""
_ONE = 256
"""What stands for an unchanged pixel."""


@cache
def load(path: Path = PATH) -> np.ndarray:
    """The maps `(len(SCORES), HEIGHT, WIDTH)` float32: log ratio of light per unit; they stay in memory.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    stored = read_arrays(path)
    with loading(path):
        return stored["maps"].astype(np.float32).reshape(len(SCORES), HEIGHT, WIDTH)


def strengths(blendshapes: np.ndarray) -> np.ndarray:
    """`(T, len(SCORES))` float32 of scores `(T, 52)`."""
    sides = [[SHAPE[f"{name}Left"], SHAPE[f"{name}Right"]] for name in SCORES]
    return np.stack([blendshapes[:, columns].mean(1) for columns in sides], 1).astype(np.float32)


class Folds:
    """The folds of one photo."""

    def __init__(self, points: np.ndarray, scale: float) -> None:
        """`points` `(N, 2)`: the mesh's vertices in the texture, the landmarks first; `scale` px of it in an
        inter-ocular distance."""
        self._cell = np.float32(_CELL * scale)
        landmarks = points[:LANDMARKS]
        self._corner = landmarks.min(0).astype(np.float32)
        basis = face_basis()
        cells = ((landmarks - self._corner) / self._cell).astype(np.float32)
        width, height = (np.ceil(cells.max(0)).astype(int) + 1).tolist()
        map_x, map_y = np.full((2, height, width), -1, np.float32)
        flat = (basis.mean[:, :2] * PER_UNIT + ORIGIN).astype(np.float32)
        solid = np.column_stack([cells, np.zeros(LANDMARKS, np.float32)])
        draw_solid(solid, flat, basis.triangles, 0, 0, map_x, map_y, far((height, width)))
        self._maps = np.stack([cv2.remap(each, map_x, map_y, cv2.INTER_LINEAR) for each in load()])

    def shade(self, layer: np.ndarray, map_x: np.ndarray, map_y: np.ndarray, change: np.ndarray) -> None:
        """Shade `layer` `(h, w, 4)` uint8, in place, whose pixels are from `map_x`, `map_y` in the texture.

        `change` `(len(SCORES),)`: of the scores from the photo's.
        """
        light = np.tensordot(change.astype(np.float32), self._maps, 1)
        if np.abs(light).max() > _UNSEEN:
            ratio = _ONE * np.exp(_STRONGEST * np.tanh(light / _STRONGEST))
            left, top = self._corner.tolist()
            _shade(layer, map_x, map_y, left, top, float(1 / self._cell), ratio)


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _shade(
    layer: np.ndarray, map_x: np.ndarray, map_y: np.ndarray, left: float, top: float, per_cell: float,
    ratio: np.ndarray,
) -> None:  # fmt: skip
    """Multiply the colours of `layer` by `ratio` `(h, w)` in parts of `_ONE`, between its samples."""
    rows, columns = ratio.shape
    for y in range(layer.shape[0]):
        for x in range(layer.shape[1]):
            across, down = (map_x[y, x] - left) * per_cell, (map_y[y, x] - top) * per_cell
            if not (0 <= across < columns - 1 and 0 <= down < rows - 1):
                continue
            column, row = int(across), int(down)
            u, v = across - column, down - row
            upper = ratio[row, column] + u * (ratio[row, column + 1] - ratio[row, column])
            lower = ratio[row + 1, column] + u * (ratio[row + 1, column + 1] - ratio[row + 1, column])
            factor = (upper + v * (lower - upper)) * np.float32(1 / _ONE)
            for channel in range(3):
                layer[y, x, channel] = min(layer[y, x, channel] * factor + np.float32(0.5), np.float32(255))
