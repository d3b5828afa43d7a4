"""What all of MediaPipe's graphs need: a quiet start, its kind of picture, and their model files."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from pipeline.errors import CheckpointError

MODELS = Path(__file__).resolve().parents[2] / "assets" / "models"

Graph = TypeVar("Graph")

_creating = threading.Lock()


def model(name: str) -> Path:
    """A model file of `assets/models`.

    Raises:
        CheckpointError: it is missing.
    """
    path = MODELS / name
    if not path.is_file():
        raise CheckpointError(f"The model {name} is missing from {MODELS}; restore it from the repository.")
    return path


def create(make: Callable[[], Graph]) -> Graph:
    """The graph that `make` starts, its C++ lines, which no setting reaches, kept off the user's terminal."""
    with _creating, _stderr_closed():
        return make()


def picture(image: np.ndarray) -> Any:
    """An `(H, W, 3)` uint8 RGB picture as MediaPipe takes it."""
    import mediapipe

    return mediapipe.Image(
        image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(image, np.uint8)
    )


@contextlib.contextmanager
def _stderr_closed() -> Iterator[None]:
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)
