"""The shade of the skin that folds beside a smiling mouth.

A photo warped to a smile has the skin of a face at rest. A map learned from tracked speakers
(`training/folds.py`) says how much darker the skin beside the mouth gets; the photo keeps the folds that it
shows. Lowered and raised brows left no lines that could be told from errors of the tracker.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numba import njit

from pipeline.assets import MODELS
from pipeline.faces.landmarks import LANDMARKS
from pipeline.inference.weights import loading, read_arrays
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.warping.rasterizer import draw_solid, far
from pipeline.types import SHAPE

PATH = MODELS / "folds.npz"
"""The shipped map."""
WIDTH, HEIGHT = 112, 136
PER_UNIT, ORIGIN = 40.0, np.array([56.0, 56.0])
"""Size of the map; px of it in an inter-ocular distance, and where the midpoint between the eyes is."""
_CELL = 1 / 32
"""Inter-ocular distances between two samples of the map on a photo."""
_STRONGEST = 0.22
"""Change of log light that is never exceeded: the clips' scores are small, and their slopes lead too far."""
_UNSEEN = 0.004
"""Change of log light, half a grey level on light skin, below which nothing is drawn."""
_ONE = 256
"""What stands for an unchanged pixel."""


@cache
def load(path: Path = PATH) -> np.ndarray:
    """The map `(HEIGHT, WIDTH)` float32: log ratio of light per unit of smile; it stays in memory.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    stored = read_arrays(path)
    with loading(path):
        return stored["map"].astype(np.float32).reshape(HEIGHT, WIDTH)


class Folds:
    """The folds of one photo."""

    def __init__(self, points: np.ndarray, scale: float) -> None:
        """`points` `(N, 2)`: the mesh's vertices in the texture, the landmarks first; `scale` px of it in an
        inter-ocular distance."""
        self._cell = np.float32(_CELL * scale)
        landmarks = points[:LANDMARKS]
        corner = landmarks.min(0).astype(np.float32)
        triangles = face_basis().triangles
        cells = ((landmarks - corner) / self._cell).astype(np.float32)
        light = _on_photo(cells, triangles)
        rows, columns = (np.flatnonzero(light.any(axis)) for axis in (1, 0))
        first = np.maximum([columns[0] - 1, rows[0] - 1], 0)
        end = np.array([columns[-1] + 2, rows[-1] + 2])
        self._light = np.ascontiguousarray(light[first[1] : end[1], first[0] : end[0]])
        self._corner = corner + first.astype(np.float32) * self._cell
        around = cells[triangles]
        self._near = np.unique(triangles[((around.max(1) >= first) & (around.min(1) <= end)).all(1)])

    def shade(
        self, layer: np.ndarray, map_x: np.ndarray, map_y: np.ndarray, places: np.ndarray, change: float
    ) -> None:
        """Shade `layer` `(h, w, 4)` uint8, in place, whose pixels are from `map_x`, `map_y` in the texture.

        `places` `(N, 2)`: px of the vertices in the layer; `change`: of the smile's score from the photo's.
        """
        light = change * self._light
        if np.abs(light).max() > _UNSEEN:
            ratio = (_ONE * np.exp(_STRONGEST * np.tanh(light / _STRONGEST))).astype(np.float32)
            near = places[self._near]
            left, top = np.maximum(np.floor(near.min(0)), 0).astype(int).tolist()
            right, bottom = np.maximum(np.ceil(near.max(0)) + 1, 0).astype(int).tolist()
            box = np.s_[top:bottom, left:right]
            x, y = self._corner
            _shade(layer[box], map_x[box], map_y[box], x, y, np.float32(1) / self._cell, ratio)


def smile(blendshapes: np.ndarray) -> float:
    """The score that folds follow, of scores `(52,)`."""
    return float(blendshapes[[SHAPE["mouthSmileLeft"], SHAPE["mouthSmileRight"]]].mean())


def _on_photo(cells: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """`(h, w)`: the map where a photo has its landmarks at `cells` `(N, 2)`."""
    width, height = (np.ceil(cells.max(0)).astype(int) + 1).tolist()
    map_x, map_y = np.full((2, height, width), -1, np.float32)
    flat = (face_basis().mean[:, :2] * PER_UNIT + ORIGIN).astype(np.float32)
    solid = np.column_stack([cells, np.zeros(LANDMARKS, np.float32)])
    draw_solid(solid, flat, triangles, 0, 0, map_x, map_y, far((height, width)))
    return np.asarray(cv2.remap(load(), map_x, map_y, cv2.INTER_LINEAR))


@njit(cache=True, nogil=True, fastmath=True, error_model="numpy")
def _shade(
    layer: np.ndarray, map_x: np.ndarray, map_y: np.ndarray,
    left: np.float32, top: np.float32, per_cell: np.float32, ratio: np.ndarray,
) -> None:  # fmt: skip
    """Multiply the colours of `layer` by `ratio` `(h, w)` in parts of `_ONE`, between its samples, all of it
    in float32."""
    rows, columns = ratio.shape
    right, bottom = np.float32(columns - 1), np.float32(rows - 1)
    for y in range(layer.shape[0]):
        for x in range(layer.shape[1]):
            across, down = (map_x[y, x] - left) * per_cell, (map_y[y, x] - top) * per_cell
            if not (np.float32(0) <= across < right and np.float32(0) <= down < bottom):
                continue
            column, row = np.uint32(across), np.uint32(down)
            u, v = across - np.float32(column), down - np.float32(row)
            upper = ratio[row, column] + u * (ratio[row, column + 1] - ratio[row, column])
            lower = ratio[row + 1, column] + u * (ratio[row + 1, column + 1] - ratio[row + 1, column])
            factor = (upper + v * (lower - upper)) * np.float32(1 / _ONE)
            for channel in range(3):
                lit = np.float32(layer[y, x, channel]) * factor + np.float32(0.5)
                layer[y, x, channel] = np.uint8(min(lit, np.float32(255)))
