"""Short silent videos for heads that are moved by one, or are one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from pipeline.types import RATE
from pipeline.video import Writer


def film(path: Path, images: Sequence[np.ndarray]) -> Path:
    """Pictures `(H, W, 3)` uint8 as a video of 25 a second with silence; returns its path."""
    with Writer(path, size=images[0].shape[1::-1], fps=25, metadata={}) as writer:
        for image in images:
            writer.write(image)
            writer.sound(np.zeros(RATE // 25, np.float32))
    return path
