"""A small picture of a portrait with its mouth open, to choose by which teeth show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from pipeline.faces.landmarks import LIPS
from pipeline.puppet.options import Teeth
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.threads import opencv_on_one_thread
from pipeline.types import SHAPE, Portrait

_OPEN = 0.45
"""How far the jaw is open, as a score: a clear "ah"."""
_WIDTH, _HEIGHT = 240, 168
"""Size of the picture in px."""
_ACROSS = 1.3
"""Its width in inter-ocular distances."""


@opencv_on_one_thread()
def open_mouths(portrait: Portrait, rows: Sequence[Teeth]) -> Iterator[np.ndarray]:
    """The lower face saying "ah", `(168, 240, 3)` uint8 RGB, once with each of these rows of teeth."""
    renderer = PortraitRenderer(portrait)
    renderer.calibrate()
    scores = portrait.face.blendshapes.copy()
    scores[SHAPE["jawOpen"]] = max(float(scores[SHAPE["jawOpen"]]), _OPEN)
    scores[SHAPE["mouthClose"]] = 0
    for row in rows:
        renderer.show_teeth(row, portrait.teeth)
        image, landmarks = renderer.render_frame(scores, np.zeros(3), np.zeros(2))
        yield _cut(image, landmarks[list(LIPS), :2].mean(0), _WIDTH / (_ACROSS * portrait.face.interocular))


def _cut(image: np.ndarray, middle: np.ndarray, share: float) -> np.ndarray:
    """The picture around a place `(2,)` px, `share` times as large."""
    left, top = np.array([_WIDTH, _HEIGHT]) / 2 - share * middle
    return cv2.warpAffine(
        image,
        np.array([[share, 0, left], [0, share, top]]),
        (_WIDTH, _HEIGHT),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
