"""How far brows travel: people's skin gives way by a tenth of the distance between the eyes, either way.

Several scores move the brows. Added up, an emotion, an accent and the room that the photo's brows leave drew
them twice as high or low as anybody's, and smeared the skin around.
"""

from __future__ import annotations

import numpy as np

from pipeline.faces.landmarks import LOWER_BROW, UPPER_BROW
from pipeline.types import SHAPE

_HIGHEST, _LOWEST = 0.14, 0.09
"""Inter-ocular distances that a raised and a lowered brow approach: 20 tracked speakers stay within 0.09 and
0.085 of their usual height in 98 of 100 frames."""


class BrowTravel:
    """Bounds on the brows of one face."""

    def __init__(self, shapes: np.ndarray) -> None:
        """`shapes` `(52, 478, 3)`: the basis, in inter-ocular distances of the upright face."""
        self._sides = [
            (
                [SHAPE["browInnerUp"], SHAPE[f"browOuterUp{side}"], SHAPE[f"browDown{side}"]],
                [*UPPER_BROW[side], *LOWER_BROW[side]],
            )
            for side in UPPER_BROW
        ]
        self._down = [shapes[scores][:, brow, 1].astype(np.float32) for scores, brow in self._sides]

    def bound(self, change: np.ndarray) -> None:
        """Let `change` `(…, 52)` of the scores from the photo's move no brow too far; in place."""
        shares = []
        for (scores, _), down in zip(self._sides, self._down, strict=True):
            moved = change[..., scores] @ down
            shares.append(_share(-moved.min(-1), moved.max(-1)))
        for (scores, _), share in zip(self._sides, shares, strict=True):
            change[..., scores[1:]] *= share[..., None]
        change[..., SHAPE["browInnerUp"]] *= np.minimum(*shares)


def _share(raised: np.ndarray, lowered: np.ndarray) -> np.ndarray:
    """The share of what is asked that is drawn where the parts of a brow rise and sink by up to that much."""
    reach = np.maximum(np.maximum(raised / _HIGHEST, lowered / _LOWEST), 1e-3)
    return np.asarray(np.tanh(reach) / reach)
