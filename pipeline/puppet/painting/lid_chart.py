"""The skin of an upper lid laid out flat: columns along the eye, rows by height above the lid's edge.

In this chart the lid's edge is a level line wherever the eye is, so that lashes and skin can be told apart by
rows and columns, and a closing lid is a matter of heights alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import CREASE_ENDS, LID_CREASE, LOWER_LID, UPPER_LID
from pipeline.puppet.painting.curves import tabulate

FIRST_SHARE, LAST_SHARE = -0.3, 1.12
"""Ends of a chart as shares of the eye's width from its outer corner: lashes reach beyond the corners."""
COLUMNS = 96
"""Places along the eye at which its curves are tabulated."""
SHARES = np.linspace(FIRST_SHARE, LAST_SHARE, COLUMNS)
"""Where those places lie."""
_NO_STEP = 1e-3
"""Share of the eye's width by which the points of a curve advance at least."""
_BELOW = np.linspace(0.1, 0.25, 4)
"""How far below an eye its skin is read, in inter-ocular distances."""


class EyeAxes:
    """Eye coordinates: the share of the eye's width from its outer corner, and px below the corners' line."""

    def __init__(self, edge: np.ndarray) -> None:
        """`edge` `(K, 2)`: the upper lid's edge from the outer corner to the inner."""
        self.corner = edge[0]
        across, fall = (edge[-1] - edge[0]).tolist()
        self.width = max(math.hypot(across, fall), 1e-3)
        self.axis = np.array([across, fall]) / self.width
        sign = 1 if across >= 0 else -1
        self.down = np.array([-fall, across]) * sign / self.width
        rows = np.stack([self.axis / self.width, self.down])
        self.to_eye = np.column_stack([rows, -rows @ self.corner])
        """Affine `(2, 3)` from px of the image."""

    def curve(self, row: np.ndarray) -> np.ndarray:
        """How far below the corners' line the points `(K, 2)` px lie at each of `SHARES`, smoothed."""
        points = (row - self.corner) @ self.to_eye[:, :2].T
        # from left to right, wherever the tracker saw its points: skin would tear at the step that an end
        # which folds back is
        points = points[points[:, 0].argmin() : points[:, 0].argmax() + 1]
        points[:, 0] = np.maximum.accumulate(points[:, 0]) + _NO_STEP * np.arange(len(points))
        heights = np.empty(COLUMNS)
        tabulate(points, SHARES, heights)
        return heights


@dataclass(frozen=True)
class LidChart:
    """Where the chart of one lid of a photo lies."""

    axes: EyeAxes
    shares: np.ndarray
    """`(w,)`: each column's share of the eye's width."""
    heights: np.ndarray
    """`(h,)` px of the photo above the lid's edge, increasing."""
    edge: np.ndarray
    """`(w,)` px: the lid's edge below the line of the corners."""
    crease: np.ndarray
    """`(w,)` px: the crease above the edge."""

    def unroll(self, image: np.ndarray) -> np.ndarray:
        """What an image of the size of the photo shows there, `(h, w)` or `(h, w, C)` float32."""
        down = self.edge - self.heights[:, None]
        along = self.axes.corner + (self.shares * self.axes.width)[:, None] * self.axes.axis
        points = (along + down[..., None] * self.axes.down).astype(np.float32)
        cubic, border = cv2.INTER_CUBIC, cv2.BORDER_REPLICATE
        return np.asarray(
            cv2.remap(image, points[..., 0], points[..., 1], cubic, borderMode=border), np.float32
        )

    def rolled(self, values: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
        """The `values` `(h, w)` float32 of the chart at the pixels of `box` of the photo; 0 outside it."""
        x, y = np.meshgrid(np.arange(box[0], box[2]), np.arange(box[1], box[3]))
        share, down = (row[0] * x + row[1] * y + row[2] for row in self.axes.to_eye)
        column = (share - self.shares[0]) / (self.shares[1] - self.shares[0])
        row = np.interp(share, self.shares, self.edge) - down - self.heights[0]
        return cv2.remap(values, column.astype(np.float32), row.astype(np.float32), cv2.INTER_LINEAR)


def lid_rows(eye: str) -> tuple[list[int], list[int]]:
    """The landmarks of a lid's edge and of its crease, both from the outer end to the inner."""
    # at its outer end the tracked crease turns back below the corner, on some frames and not on others
    return list(UPPER_LID[eye]), [*LID_CREASE[eye], CREASE_ENDS[eye][1]]


def chart_of(rest: np.ndarray, eye: str, low: float, high: float) -> LidChart:
    """The chart of one lid from `low` to `high` px above its edge; `rest` `(N, 3)` px: landmarks first."""
    edge, crease = (rest[row, :2].astype(np.float64) for row in lid_rows(eye))
    axes = EyeAxes(edge)
    columns = max(round((LAST_SHARE - FIRST_SHARE) * axes.width), 16)
    shares = np.linspace(FIRST_SHARE, LAST_SHARE, columns)
    edge_down, crease_down = (np.interp(shares, SHARES, axes.curve(row)) for row in (edge, crease))
    heights = np.arange(math.floor(low), math.ceil(high) + 1, dtype=np.float64)
    return LidChart(axes, shares, heights, edge_down, np.maximum(edge_down - crease_down, 1.0))


def skin_below(image: np.ndarray, rest: np.ndarray, eye: str, scale: float) -> np.ndarray:
    """Colour of the skin below one eye of a photo at each of `SHARES`, `(COLUMNS, 3)`: that of its lids in
    the open.

    `image` `(H, W, 3)` uint8; `rest` `(N, 3)` px, landmarks first; `scale`: px between the eyes.
    """
    row = rest[list(LOWER_LID[eye]), :2].astype(np.float64)
    axes = EyeAxes(row)
    line = axes.corner + (SHARES * axes.width)[:, None] * axes.axis + axes.curve(row)[:, None] * axes.down
    points = (line + _BELOW[:, None, None] * scale * axes.down).astype(np.float32)
    smooth = cv2.GaussianBlur(image, (0, 0), max(0.04 * scale, 0.6)).astype(np.float32)
    colours = cv2.remap(
        smooth, points[..., 0], points[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    # bags and rims of glasses are darker
    return np.maximum(np.quantile(colours, 0.6, axis=0), 1)
