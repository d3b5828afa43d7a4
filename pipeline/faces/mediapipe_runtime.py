"""What all MediaPipe graphs share: a quiet start, image conversion, and the model files."""

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

_start_lock = threading.Lock()


def model_path(name: str) -> Path:
    """A model file in `assets/models`.

    Raises:
        CheckpointError: it is missing.
    """
    path = MODELS / name
    if not path.is_file():
        raise CheckpointError(f"The model {name} is missing from {MODELS}; restore it from the repository.")
    return path


def to_mediapipe(image: np.ndarray) -> Any:
    """An `(H, W, 3)` uint8 RGB array as a MediaPipe image."""
    import mediapipe

    return mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image, np.uint8)
    )


@contextlib.contextmanager
def quiet_start() -> Iterator[None]:
    """Start a graph in this block, one at a time: its C++ code logs to standard error whatever is set."""
    with _start_lock:
        try:
            saved = os.dup(2)
        except OSError:  # a process without a terminal may have no standard error
            yield
            return
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, 2)
            yield
        finally:
            os.dup2(saved, 2)
            os.close(saved)
            os.close(nowhere)
