"""Display matrices: how a stored picture is turned and mirrored to be shown."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import av
import numpy as np


@dataclass(frozen=True)
class Orientation:
    """One of the eight ways to show a picture: transposed first, then flipped."""

    transposed: bool = False
    flipped_x: bool = False
    """Left and right are exchanged."""
    flipped_y: bool = False
    """Top and bottom are exchanged."""

    @property
    def rotation(self) -> int:
        """Clockwise degrees, 0 to 270; of a mirrored picture, those that follow its mirroring."""
        if self.transposed:
            return 90 if self.flipped_x or not self.flipped_y else 270
        return 180 if self.flipped_y else 0

    @property
    def mirrored(self) -> bool:
        """Whether left and right, or top and bottom, are exchanged beside any rotation."""
        return self.transposed ^ self.flipped_x ^ self.flipped_y

    def upright(self, image: np.ndarray) -> np.ndarray:
        """The picture as it is shown; a view of `image`, `(H, W, C)`."""
        if self.transposed:
            image = image.swapaxes(0, 1)
        return image[:: -1 if self.flipped_y else 1, :: -1 if self.flipped_x else 1]


def orientation(frame: av.VideoFrame) -> Orientation:
    """The orientation nearest to the frame's display matrix.

    The matrix `a b u c d v x y w` of FFmpeg's `display.h`, as in MP4, maps a stored point to
    `ax + cy, bx + dy`.
    """
    matrix: Any = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return Orientation()
    a, b, _, c, d = struct.unpack("=5i", bytes(matrix)[:20])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return Orientation(flipped_x=a < 0, flipped_y=d < 0)
    return Orientation(transposed=True, flipped_x=c < 0, flipped_y=b < 0)
