"""How far the lips part at given scores: a small network, because lips stop at each other and part at once.

The linear basis follows real openings with r 0.93, its curve with 0.95, and what neither tells is the first
thing that a viewer reads off a mouth. A hidden layer of two dozen units, learned by `training/opening.py`,
follows speakers it never saw with 0.98 and costs a few microseconds of numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.types import SHAPE

CLOSE_FREE = 0.05
"""`mouthClose` up to which it means what the tracker means by it."""


@dataclass(frozen=True)
class Opening:
    """One hidden layer of soft hinges, from scores to the gap of the inner lips' middle."""

    most: np.ndarray
    """`(52,)` float32: the largest scores that it was taught; what is above counts as that much."""
    weights: np.ndarray
    """`(52, H)` float32."""
    bias: np.ndarray
    """`(H,)` float32."""
    out: np.ndarray
    """`(H,)` float32."""
    base: float
    """Inter-ocular distances."""

    def told(self, scores: np.ndarray) -> np.ndarray:
        """`(…)` inter-ocular distances between the lips at scores `(…, 52)`; below 0 where they press."""
        known = np.minimum(as_tracked(scores), self.most)
        return np.logaddexp(0, known @ self.weights + self.bias) @ self.out + np.float32(self.base)


def as_tracked(scores: np.ndarray) -> np.ndarray:
    """Scores `(…, 52)` in the tracker's manner: lips closed over an open jaw are told as a jaw that is not.

    Capture suites write a hum as `jawOpen` with as much `mouthClose`, which no picture's tracker reports.
    """
    told = np.array(scores, np.float32)
    jaw, close = SHAPE["jawOpen"], SHAPE["mouthClose"]
    free = np.minimum(told[..., close], CLOSE_FREE)
    over = np.minimum(told[..., close], 2 * (told[..., close] - free))
    told[..., jaw] = np.maximum(told[..., jaw] - over, 0)
    told[..., close] = free
    return told


def corrected(told: float, shown: float) -> np.ndarray:
    """Knots `(2, 4)` of the way from a told gap to the one that this face shows.

    A photo whose lips stand `shown` apart where its scores tell of `told` keeps them so; closed lips are
    closed and wide open ones as wide as everybody's, so the difference fades on both sides.
    """
    if shown == 0:
        told = max(told, 0.0)
    start = min(0.0, told - 0.03)
    same = told + max(0.1, 3 * abs(shown - told))
    return np.array([[start, told, same, same + 1], [0.0, shown, same, same + 1]])
