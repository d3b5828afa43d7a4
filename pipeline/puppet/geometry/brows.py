"""How far brows travel: people's skin gives way by a tenth of the distance between the eyes, either way.

Several scores move the brows. Added up, an emotion, an accent and the room that the photo's brows leave drew
them twice as high or low as anybody's, and smeared the skin around. Where the photo shows them lowered, they
may rise by that much more, and where it shows them raised, sink.
"""

from __future__ import annotations

import numpy as np

from pipeline.faces.landmarks import LOWER_BROW, UPPER_BROW
from pipeline.types import SHAPE

_HIGHEST, _LOWEST = 0.14, 0.11
"""Inter-ocular distances that a raised and a lowered brow approach: 20 tracked speakers, few of whom act an
emotion, stay within 0.09 and 0.085 of their usual height in 98 of 100 frames."""


class BrowTravel:
    """Bounds on the brows of one face."""

    def __init__(self, shapes: np.ndarray, rest: np.ndarray) -> None:
        """`shapes` `(52, 478, 3)`: the basis, in inter-ocular distances of the upright face; `rest` `(52,)`:
        the photo's scores."""
        self._sides = [
            [SHAPE["browInnerUp"], SHAPE[f"browOuterUp{side}"], SHAPE[f"browDown{side}"]]
            for side in UPPER_BROW
        ]
        self._down = [
            shapes[scores][:, [*UPPER_BROW[side], *LOWER_BROW[side]], 1].astype(np.float32)
            for scores, side in zip(self._sides, UPPER_BROW, strict=True)
        ]
        shown = [(rest[scores] @ down).mean() for scores, down in zip(self._sides, self._down, strict=True)]
        self._reach = [(_HIGHEST + max(sunk, 0), _LOWEST + max(-sunk, 0)) for sunk in map(float, shown)]

    def bound(self, change: np.ndarray) -> None:
        """Let `change` `(…, 52)` of the scores from the photo's move no brow too far; in place."""
        shares = []
        for scores, down, (up, low) in zip(self._sides, self._down, self._reach, strict=True):
            moved = change[..., scores] @ down
            reach = np.maximum(np.maximum(-moved.min(-1) / up, moved.max(-1) / low), 1e-3)
            shares.append(np.tanh(reach) / reach)
        for scores, share in zip(self._sides, shares, strict=True):
            change[..., scores[1:]] *= share[..., None]
        change[..., SHAPE["browInnerUp"]] *= np.minimum(*shares)
