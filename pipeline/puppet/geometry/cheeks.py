"""Cheeks that rise with a smile: the tracker that the basis is learned from never scores them.

The muscle around the eye lifts the cheek and pushes the lower lid up with it. Without it, a smile is one of
the mouth alone, as for a photographer.
"""

from __future__ import annotations

import numpy as np

from pipeline.faces.landmarks import EYES, IRIS, LID_CREASE, LID_FOLD, UPPER_LID
from pipeline.types import SHAPE

_APPLE, _WIDTH = np.array([0.70, 0.32]), np.array([0.36, 0.24])
"""Where a cheek rises most, sideways and down from the midpoint between the eyes, and how far around it
others follow, in inter-ocular distances."""
_RISE, _OUT = 0.065, 0.012
"""Inter-ocular distances by which it rises, and moves towards the ear, at a score of 1."""


def add_cheeks(shapes: np.ndarray, mean: np.ndarray) -> None:
    """Let `cheekSquint` raise the cheeks in `shapes` `(52, 478, 3)`, in place.

    `mean` `(478, 3)`: the upright mean face; both in inter-ocular distances.
    """
    fixed = [row for eye in EYES for rows in (UPPER_LID, LID_CREASE, LID_FOLD, IRIS) for row in rows[eye]]
    for eye, side in (("Right", -1.0), ("Left", 1.0)):
        off = (mean[:, :2] - _APPLE * [side, 1]) / _WIDTH
        share = np.exp(-(off**2).sum(1))
        share[fixed] = 0
        shapes[SHAPE[f"cheekSquint{eye}"]] += share[:, None] * np.array([side * _OUT, -_RISE, 0])
