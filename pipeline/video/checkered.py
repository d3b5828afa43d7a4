"""The live preview of a transparent video: what browsers play of it while it is made, over a checkerboard."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np

from pipeline.video.encode import Encoder

_LARGEST = 640
"""Px of the longer side of the preview, which is encoded for nothing else."""
_TILES = 24
"""Along the longer side."""
_LIGHT, _DARK = 255, 204
"""Levels of the tiles."""


class CheckeredPreview(Encoder):
    """Encodes RGBA frames of any size over a checkerboard, and hands over segments of about a second."""

    def __init__(
        self, *, size: tuple[int, int], fps: int, channels: int, receive: Callable[[Path], None]
    ) -> None:
        """`size`: width and height of the frames in px; else as for `Writer`."""
        scale = min(1.0, _LARGEST / max(size))
        width, height = (max(round(scale * side) // 2 * 2, 2) for side in size)
        self._board = _checkerboard(width, height)
        super().__init__(
            Path(os.devnull),
            size=(width, height),
            fps=fps,
            channels=channels,
            metadata={},
            language=None,
            chunks=receive,
        )

    def _open(self, path: Path) -> av.container.OutputContainer:
        return av.open(str(path), "w", format="null")

    def encode_frame(self, image: np.ndarray) -> None:
        """Encode the next frame, `(H, W, 4)` uint8 RGBA."""
        import cv2

        small = cv2.resize(image, self._board.shape[1::-1], interpolation=cv2.INTER_AREA)
        share = small[..., 3:].astype(np.float32) / 255
        super().encode_frame(np.round(self._board + share * (small[..., :3] - self._board)).astype(np.uint8))


def _checkerboard(width: int, height: int) -> np.ndarray:
    """`(height, width, 1)` float32 levels."""
    tile = max(max(width, height) // _TILES, 1)
    odd = (np.arange(height)[:, None] // tile + np.arange(width) // tile) % 2
    return np.where(odd, _DARK, _LIGHT).astype(np.float32)[..., None]
