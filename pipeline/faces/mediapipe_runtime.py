"""What all of MediaPipe's graphs need: a quiet start, its kind of picture, and their model files."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.assets import MODELS
from pipeline.errors import CheckpointError

_starting = threading.Lock()


def model(name: str) -> Path:
    """A model file of `assets/models`.

    Raises:
        CheckpointError: it is missing.
    """
    path = MODELS / name
    if not path.is_file():
        raise CheckpointError(f"The model {name} is missing from {MODELS}; restore it from the repository.")
    return path


def picture(image: np.ndarray) -> Any:
    """An `(H, W, 3)` uint8 RGB picture as MediaPipe takes it."""
    import mediapipe

    return mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image, np.uint8)
    )


@contextlib.contextmanager
def starting() -> Iterator[None]:
    """Graphs start in here, one at a time, the C++ lines that no setting reaches kept off the terminal."""
    with _starting:
        saved = os.dup(2)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(nowhere)
