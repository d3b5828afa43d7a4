"""The part of a face's texture around the lips, where the picture changes as these part or close."""

from __future__ import annotations

import numpy as np

from pipeline.faces.landmarks import OUTER_LIPS

_STEPS = 16
"""Strengths of a change that are told apart."""


class LipTexture:
    """A view of a texture around one photo's lips, and what it shows at rest."""

    def __init__(self, texture: np.ndarray, points: np.ndarray, margin: float) -> None:
        """`texture` `(h, w, C)` uint8, whose first three channels change from now on with `show`; `points`
        `(N, 2)`: the mesh's vertices in it; `margin`: px around the lips.
        """
        outline = points[list(OUTER_LIPS)]
        left, top = np.maximum(np.floor(outline.min(0) - margin), 0).astype(int)
        right, bottom = np.ceil(outline.max(0) + margin).astype(int)
        self._view = texture[top:bottom, left:right, :3]
        self._shown = 0
        self.rest = self._view.copy()
        """`(h', w', 3)` uint8: the photo's own lips."""
        self.points = points - np.array([left, top], np.float32)
        """`(N, 2)` px: the vertices in `rest`."""

    def show(self, change: np.ndarray, strength: float) -> None:
        """Add a share (`strength`, 0 to 1) of a `change` `(h', w', 3)`, always the same, to the lips."""
        step = round(_STEPS * strength)
        if step != self._shown:
            lips = self.rest + np.float32(step / _STEPS) * change
            self._view[:] = np.clip(lips + 0.5, 0, 255).astype(np.uint8)
            self._shown = step
