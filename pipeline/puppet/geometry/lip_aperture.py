"""How far the lips part for given blendshapes: a small network, as lips stop at each other and part abruptly.

The linear basis follows real apertures with r 0.93 and its fitted curve with 0.95, and the error of both is
the first thing that a viewer reads off a mouth. One hidden layer of two dozen units, trained by
`training/lip_aperture.py`, follows unseen speakers with 0.98 and costs a few microseconds of numpy.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.types import SHAPE

_MAX_MOUTH_CLOSE = 0.05
"""`mouthClose` score up to which the tracker's own meaning applies."""

TOUCHING = 0.013
"""Predicted gap, in inter-ocular distances, at which people's lips touch (median of 560 frames of 20 speakers
with closed lips: 0.010)."""

_NEARLY, _PARTED = (0.032, 0.008), 0.075
"""Predicted gap of nineteen in twenty of those frames (0.026) and a little, and how wide lips are drawn there
that a photo shows open; and the predicted gap from which they are surely apart."""


@dataclass(frozen=True)
class LipAperture:
    """One hidden softplus layer, from blendshapes to the gap between the middles of the inner lips."""

    ceiling: np.ndarray
    """`(52,)` float32: the largest scores in the training data; higher ones are clipped to it."""
    weights: np.ndarray
    """`(52, H)` float32."""
    bias: np.ndarray
    """`(H,)` float32."""
    out_weights: np.ndarray
    """`(H,)` float32."""
    out_bias: float
    """Inter-ocular distances."""

    def predict(self, blendshapes: np.ndarray) -> np.ndarray:
        """`(…)` inter-ocular distances between the lips for `(…, 52)` scores; negative where they press."""
        known = np.minimum(as_tracked(blendshapes), self.ceiling)
        hidden = np.logaddexp(0, known @ self.weights + self.bias)
        return hidden @ self.out_weights + np.float32(self.out_bias)


def as_tracked(blendshapes: np.ndarray) -> np.ndarray:
    """`(…, 52)` scores as the face tracker would give them: lips closed over an open jaw as a closed jaw.

    Capture suites write a hum as `jawOpen` with as much `mouthClose`, which no image-based tracker reports.
    """
    tracked = np.array(blendshapes, np.float32)
    jaw, close = SHAPE["jawOpen"], SHAPE["mouthClose"]
    kept = np.minimum(tracked[..., close], _MAX_MOUTH_CLOSE)
    excess = np.minimum(tracked[..., close], 2 * (tracked[..., close] - kept))
    tracked[..., jaw] = np.maximum(tracked[..., jaw] - excess, 0)
    tracked[..., close] = kept
    return tracked


def calibration(predicted: float | np.ndarray, actual: float) -> np.ndarray:
    """Knots `(2, K)` of the piecewise linear curve from predicted gaps to the gaps that one face shows.

    A photo whose lips are `actual` apart where its scores predict `predicted` keeps that gap; closed lips
    are closed and wide open ones as wide as everybody's, so the correction fades out on both sides. Scores of
    lips that all but touch leave those of a photo of an open mouth touching too.
    """
    if actual == 0:
        predicted = max(predicted, 0.0)
    start = min(TOUCHING if actual else 0.0, predicted - 0.03)
    end = predicted + np.maximum(0.1, 3 * np.abs(actual - predicted))
    knots = [[start, predicted, end, end + 1], [0.0, actual, end, end + 1]]
    if actual and predicted > 2 * _PARTED:
        # from there on the line to the photo's own gap
        parted = actual * (_PARTED - start) / (predicted - start)
        knots = [[start, *_NEARLY[:1], _PARTED, *knots[0][1:]], [0.0, *_NEARLY[1:], parted, *knots[1][1:]]]
    return np.array(knots)
