"""What all MediaPipe graphs share: a quiet start, image conversion, and the model files."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import numpy as np

from pipeline.assets import MODELS
from pipeline.checksums import sha256
from pipeline.forks import after_fork
from pipeline.inference.weights import loading

Found = TypeVar("Found")

_SHA256 = {
    "face_landmarker.task": "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff",
    "hand_landmarker.tflite": "11c272b891e1a99ab034208e23937a8008388cf11ed2a9d776ed3d01d0ba00e3",
    "palm_detector.tflite": "e9a4aaddf90dda56a87235303cf00e4c2d3fb28725f68fd88772997dac905c18",
    "selfie_segmenter.tflite": "9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
}
"""The models as their makers published them."""
_DRAWING = frozenset(f"mediapipe.tasks.python.vision.drawing_{kind}" for kind in ("styles", "utils"))
"""What draws landmarks into plots."""
_start_lock = threading.Lock()


@after_fork
def _renew_lock() -> None:
    """Another thread may have held the lock while this process was forked."""
    global _start_lock
    _start_lock = threading.Lock()


def model_path(name: str) -> Path:
    """A model file in `assets/models`, verified: MediaPipe crashes on some damaged files.

    Raises:
        CheckpointError: it is missing or damaged.
    """
    return _verified(MODELS / name)


@cache
def _verified(path: Path) -> Path:
    with loading(path):
        if sha256(path) != _SHA256[path.name]:
            raise ValueError(f"the SHA-256 of {path.name} is not the published one")
    return path


class _LateDrawing(MetaPathFinder):
    """Puts off the modules that draw until something is drawn: matplotlib comes in with them."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in _DRAWING:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


@cache
def tasks() -> Any:
    """`mediapipe.tasks.python`, in a tenth of a second instead of a whole one."""
    finder = _LateDrawing()
    sys.meta_path.insert(0, finder)
    try:
        from mediapipe.tasks import python
    finally:
        sys.meta_path.remove(finder)
    return python


def base_options(**model: Any) -> Any:
    """MediaPipe's options of a graph, by `model_asset_path` or `model_asset_buffer`.

    Its library posts to Google once a minute how it is used, and offers no way to turn that off. It is given
    no certificates to trust, so that the connection fails before anything is sent.
    """
    return _silent_options()(**model)


@cache
def _silent_options() -> Any:
    class Silent(tasks().BaseOptions):  # type: ignore[misc, name-defined]  # MediaPipe is not typed
        def to_ctypes(self) -> Any:
            options = super().to_ctypes()
            options.ca_bundle_path = os.devnull.encode()
            return options

    return Silent


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


class FirstRuns:
    """Runs a graph quietly until it has found something: each of its networks may log when it first runs,
    those that look closer only once there is something to look at.
    """

    def __init__(self) -> None:
        self._over = False

    def __call__(self, run: Callable[[], Found], is_found: Callable[[Found], object]) -> Found:
        """What `run` returns."""
        if self._over:
            return run()
        with quiet_start():
            found = run()
        self._over = bool(is_found(found))
        return found
