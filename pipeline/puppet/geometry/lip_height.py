"""How thin lips get: people's keep most of their red when they press or roll them.

The basis moves the edges of all lips alike. Strongly pressed, an emotion on top of a closure, those of a
thin lip changed places: drawn inside out, it was a jagged line as the lips met, and none as they parted.
"""

from __future__ import annotations

import numpy as np

from pipeline.faces.landmarks import INNER_LOWER_LIP, INNER_UPPER_LIP, OUTER_LOWER_LIP, OUTER_UPPER_LIP
from pipeline.types import SHAPE

_MOST_LOST = 0.35
"""Share of a lip's height that pressing it approaches: of 20 tracked speakers, in 99 of 100 frames with
closed lips the upper ones kept 0.75 and the lower ones 0.71 of their usual height."""
_LEAST_HEIGHT = 0.03
"""Height in inter-ocular distances that any lip counts as having."""
_THINNING = [
    SHAPE[name]
    for name in (
        "mouthPressLeft",
        "mouthPressRight",
        "mouthRollLower",
        "mouthRollUpper",
        "mouthShrugLower",
        "mouthShrugUpper",
    )
]
_EDGES = [
    (list(INNER_UPPER_LIP[3:-3]), list(OUTER_UPPER_LIP[3:-3])),
    (list(OUTER_LOWER_LIP[3:-3]), list(INNER_LOWER_LIP[3:-3])),
]
"""The lower and the upper edge of either lip, away from the corners of the mouth."""


class LipHeight:
    """Bounds on the lips of one face."""

    def __init__(self, rest: np.ndarray, down: np.ndarray, shapes: np.ndarray) -> None:
        """`rest` `(478, 3)` inter-ocular distances: the photo's landmarks; `down` `(3,)`: their direction
        towards the chin; `shapes` `(52, 478, 3)`: the basis, of the upright face.
        """
        self._lost_per_score = np.zeros((len(_THINNING), len(_EDGES)), np.float32)
        for k, (below, above) in enumerate(_EDGES):
            height = max(float(((rest[below] - rest[above]) @ down).mean()), _LEAST_HEIGHT)
            grown = (shapes[_THINNING][:, below, 1] - shapes[_THINNING][:, above, 1]).mean(1)
            self._lost_per_score[:, k] = -grown / height

    def bound(self, change: np.ndarray) -> None:
        """Let `change` `(…, 52)` of the scores from the photo's press no lip too thin; in place."""
        lost = (change[..., _THINNING] @ self._lost_per_score).max(-1)
        reach = np.maximum(lost / _MOST_LOST, 1e-3)
        change[..., _THINNING] *= (np.tanh(reach) / reach)[..., None]
