"""Which pixels of a picture are a person, by MediaPipe's selfie segmentation.

Chosen because a quarter of a megabyte (Apache-2.0, embedded in `assets/models`) finds head, hair and
shoulders in 10 ms on one core, however narrow the picture's margin and whatever the colours behind.
"""

from __future__ import annotations

import threading
from functools import cache

import numpy as np

from pipeline.faces.mediapipe_runtime import model, picture, starting


def person(image: np.ndarray) -> np.ndarray:
    """How surely each pixel of an `(H, W, 3)` uint8 RGB picture is a person's, `(H, W)` float32, 0 to 1.

    The network looks at the picture at 256×256 px, whatever its size and shape.

    Raises:
        CheckpointError: the model file is missing.
    """
    return _segmenter()(image)


class _Segmenter:
    """One ImageSegmenter graph. Threads may share it."""

    def __init__(self) -> None:
        from mediapipe.tasks.python import BaseOptions, vision

        class Lasting(vision.ImageSegmenter):
            """Not closed at the process's very end, when the modules that do it are gone."""

            def __del__(self) -> None: ...

        options = vision.ImageSegmenterOptions(
            base_options=BaseOptions(model_asset_path=str(model("selfie_segmenter.tflite"))),
            output_confidence_masks=True,
            output_category_mask=False,
        )
        self._lock = threading.Lock()
        with starting():
            self._graph = Lasting.create_from_options(options)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        with self._lock:
            masks = self._graph.segment(picture(image)).confidence_masks
            return np.array(masks[0].numpy_view()[..., 0], np.float32)


@cache
def _segmenter() -> _Segmenter:
    return _Segmenter()
