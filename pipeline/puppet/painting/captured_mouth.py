"""What a video shows between the lips: the speaker's own mouth from an earlier frame, or a painted one."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import (
    INNER_LIPS,
    INNER_LOWER_LIP,
    INNER_UPPER_LIP,
    LIPS,
    OUTER_LOWER_LIP,
    OUTER_UPPER_LIP,
)
from pipeline.puppet.geometry.lower_face import lip_gap
from pipeline.puppet.geometry.mesh import triangle_strip
from pipeline.puppet.geometry.rig import PosedMesh
from pipeline.puppet.painting import compositing
from pipeline.puppet.painting.mouth import MouthInterior
from pipeline.puppet.warping.rasterizer import FAR_DEPTH, draw_solid, far

_MIN_GAP = 0.10
"""Gap from which a frame shows enough of the inside of the mouth to capture it, in inter-ocular distances."""
_MIN_GAIN = 1.15
"""How much wider open a mouth must be to replace the captured one."""
_FADE_IN = (0.4, 0.75)
"""Shares of the wanted gap between which a captured mouth replaces the painted one."""
_CLOSED_GAP = 0.02
"""Gap below which nothing is seen between the lips, in inter-ocular distances."""
_EDGE = (*OUTER_UPPER_LIP, *OUTER_LOWER_LIP)
_TRIANGLES = triangle_strip(INNER_UPPER_LIP, INNER_LOWER_LIP)
"""`(20, 3)`: the opening between the lips."""


@dataclass(frozen=True)
class _Capture:
    """The mouth of one frame, cut out."""

    image: np.ndarray
    """`(h, w, 3)` uint8."""
    landmarks: np.ndarray
    """`(478, 2)` float32 px in the image."""
    gap: float
    """Inter-ocular distances."""
    light: float
    """Mean level of the lips around it."""


class CapturedMouth:
    """The inside of one speaker's mouth, captured from the frame that showed most of it so far."""

    def __init__(self, painted: MouthInterior, to_face_units: np.ndarray) -> None:
        """`painted`: what is shown until a frame shows more; `to_face_units` `(2, 2)`: from px of the frame
        from which the speaker was learned."""
        self._painted, self._to_face_units = painted, to_face_units
        self._best: _Capture | None = None
        self._current: _Capture | None = None

    def observe(self, image: np.ndarray, landmarks: np.ndarray) -> None:
        """Capture what a frame shows between the lips if it is more than any frame before."""
        gap = lip_gap(landmarks)
        if gap < _MIN_GAP or (self._best and gap < _MIN_GAIN * self._best.gap):
            return
        box = compositing.bounding_box(landmarks[list(_EDGE), :2], image.shape[1::-1], 4)
        cutout = compositing.crop(image, box).copy()
        if cutout.size:
            moved = (landmarks[:, :2] - box[:2]).astype(np.float32)
            self._best = _Capture(cutout, moved, gap, _lip_brightness(image, landmarks))

    def paint(self, image: np.ndarray, posed: PosedMesh) -> None:
        """Draw the inside of the mouth into the opening of the lips of `posed`, in place."""
        gap = lip_gap(posed.vertices)
        if gap < _CLOSED_GAP or self._current is None:
            self._current = self._best  # changed only while nobody can see it
        share = self._current.gap / max(gap, 1e-3) if self._current else 0.0
        alpha = float(np.clip((share - _FADE_IN[0]) / (_FADE_IN[1] - _FADE_IN[0]), 0, 1))
        if alpha < 1:
            opening = posed.vertices[list(INNER_LIPS), :2]
            jaw = self._to_face_units @ posed.jaw_offset[:2]
            self._painted.paint(image, opening, posed.rigid_landmarks[list(LIPS), :2], jaw, posed.tongue)
        if self._current and alpha > 0:
            _draw(self._current, image, posed, alpha)


def _draw(capture: _Capture, image: np.ndarray, posed: PosedMesh, alpha: float) -> None:
    """Warp the captured mouth into the opening of the lips and blend it over `image`, in place."""
    opening = posed.vertices[list(INNER_LIPS), :2].astype(np.float64)
    box = compositing.bounding_box(opening, image.shape[1::-1], 2)
    shape = (box[3] - box[1], box[2] - box[0])
    if min(shape) < 2:
        return
    map_x, map_y, depth = np.zeros(shape, np.float32), np.zeros(shape, np.float32), far(shape)
    vertices = np.ascontiguousarray(posed.vertices)
    draw_solid(vertices, capture.landmarks, _TRIANGLES, box[0], box[1], map_x, map_y, depth)
    inside = cv2.remap(capture.image, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    gain = np.clip(_lip_brightness(image, posed.vertices) / max(capture.light, 1.0), 0.7, 1.4)
    mask = compositing.polygon_mask(opening, box, 0.7) * alpha * (depth < FAR_DEPTH)
    compositing.blend(image, box, np.clip(inside * np.float32(gain), 0, 255), mask)


def _lip_brightness(image: np.ndarray, landmarks: np.ndarray) -> float:
    """Mean level of the pixels under the lips' outer edge."""
    edge = np.round(landmarks[list(_EDGE), :2]).astype(int)
    height, width = image.shape[:2]
    x, y = np.clip(edge[:, 0], 0, width - 1), np.clip(edge[:, 1], 0, height - 1)
    return float(image[y, x].mean())
