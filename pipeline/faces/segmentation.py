"""Person segmentation by MediaPipe's selfie segmenter.

Chosen because its model of a quarter of a megabyte (Apache-2.0, embedded in `assets/models`) finds head, hair
and shoulders in 10 ms on one core, however narrow the margin and whatever the background.
"""

from __future__ import annotations

import threading

import numpy as np

from pipeline.faces.mediapipe_runtime import (
    FirstRuns,
    base_options,
    model_path,
    quiet_start,
    tasks,
    to_mediapipe,
)
from pipeline.forks import once_per_process


def person(image: np.ndarray) -> np.ndarray:
    """Confidence that each pixel of an `(H, W, 3)` uint8 RGB picture shows a person: `(H, W)` float32, 0 to
    1.

    The network sees the picture at 256 × 256 px, whatever its size and shape.

    Raises:
        CheckpointError: the model file is missing or damaged.
    """
    return _segmenter()(image)


class _Segmenter:
    """One ImageSegmenter graph; threads may share it."""

    def __init__(self) -> None:
        vision = tasks().vision

        class UnclosedSegmenter(vision.ImageSegmenter):  # type: ignore[misc, name-defined]  # MediaPipe is not typed
            """Not closed when the interpreter exits: the modules that close it are gone by then."""

            def __del__(self) -> None: ...

        options = vision.ImageSegmenterOptions(
            base_options=base_options(model_asset_path=str(model_path("selfie_segmenter.tflite"))),
            output_confidence_masks=True,
            output_category_mask=False,
        )
        self._lock = threading.Lock()
        self._quietly = FirstRuns()
        with quiet_start():
            self._graph = UnclosedSegmenter.create_from_options(options)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        with self._lock:
            seen = self._quietly(lambda: self._graph.segment(to_mediapipe(image)), lambda seen: True)
            masks = seen.confidence_masks
            return np.array(masks[0].numpy_view()[..., 0], np.float32)


@once_per_process
def _segmenter() -> _Segmenter:
    return _Segmenter()
