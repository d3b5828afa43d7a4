"""What a video shows between the lips: the speaker's own mouth from earlier frames, or a painted one."""

from __future__ import annotations

from collections import deque
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

_OPENINGS = np.array([0.08, 0.13, 0.2])
"""Gaps of the lips, in inter-ocular distances, of each of which one frame is kept: lips that part show the
edges of teeth, and others than a mouth that is wide open."""
_MIN_GAP = 0.065
"""Gap from which a frame shows enough of the inside of the mouth to be kept."""
_TYPICAL = 0.6
"""Rank among the frames of such a gap, by how much of the teeth they show, of the one that is kept: a mouth
that shows the most, bared by a smile, does not fit most sounds."""
_SEEN = 150
"""Frames of each gap by which that is judged."""
_NEARER = 0.7
"""Share of the distance to that rank within which a frame replaces the one that is kept."""
_TEETH = 80
"""Percentile of the level between the lips that teeth raise."""
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
    teeth: float
    """Level of the teeth, as a share of it."""


class CapturedMouth:
    """The inside of one speaker's mouth: of openings of several widths, a frame with the usual teeth."""

    def __init__(self, painted: MouthInterior, to_face_units: np.ndarray) -> None:
        """`painted`: what is shown until a frame shows more; `to_face_units` `(2, 2)`: from px of the frame
        from which the speaker was learned."""
        self._painted, self._to_face_units = painted, to_face_units
        self._best: dict[int, _Capture] = {}
        self._seen: dict[int, deque[float]] = {kind: deque(maxlen=_SEEN) for kind in range(len(_OPENINGS))}
        """How much of the teeth the latest frames of each kind showed."""
        self._shown: list[_Capture] = []
        """Those that the present opening is made of, by their gaps."""

    def observe(self, image: np.ndarray, landmarks: np.ndarray) -> None:
        """Capture what a frame shows between the lips if it is more usual of such a gap than that kept."""
        gap = lip_gap(landmarks)
        if gap < _MIN_GAP:
            return
        kind = int(np.abs(np.log(_OPENINGS / gap)).argmin())
        box = compositing.bounding_box(landmarks[list(_EDGE), :2], image.shape[1::-1], 4)
        cutout = compositing.crop(image, box)
        if not cutout.size:
            return
        moved, light = (landmarks[:, :2] - box[:2]).astype(np.float32), _lip_brightness(image, landmarks)
        teeth = _teeth_light(cutout, moved) / max(light, 1.0)
        self._seen[kind].append(teeth)
        usual, known = float(np.quantile(self._seen[kind], _TYPICAL)), self._best.get(kind)
        if known is None or abs(teeth - usual) < _NEARER * abs(known.teeth - usual):
            self._best[kind] = _Capture(cutout.copy(), moved, gap, light, teeth)

    def paint(self, image: np.ndarray, posed: PosedMesh) -> None:
        """Draw the inside of the mouth into the opening of the lips of `posed`, in place."""
        gap = lip_gap(posed.vertices)
        if gap < _CLOSED_GAP or not self._shown:
            # changed only while nobody can see it
            self._shown = sorted(self._best.values(), key=lambda capture: capture.gap)
        share = self._shown[-1].gap / max(gap, 1e-3) if self._shown else 0.0
        alpha = float(np.clip((share - _FADE_IN[0]) / (_FADE_IN[1] - _FADE_IN[0]), 0, 1))
        if alpha < 1:
            opening = posed.vertices[list(INNER_LIPS), :2]
            jaw = self._to_face_units @ posed.jaw_offset[:2]
            lips = posed.rigid_landmarks[list(LIPS), :2]
            self._painted.paint(image, opening, lips, jaw, posed.tongue, posed.rounded)
        if alpha > 0:
            narrow, wide, wider = self._around(gap)
            if wider < 1:
                _draw(narrow, image, posed, alpha)
            if wider > 0:
                _draw(wide, image, posed, alpha * wider)

    def _around(self, gap: float) -> tuple[_Capture, _Capture, float]:
        """The captures below and above a gap, and the share of the latter in it."""
        above = int(np.searchsorted([capture.gap for capture in self._shown], gap))
        narrow = self._shown[max(above - 1, 0)]
        wide = self._shown[min(above, len(self._shown) - 1)]
        if narrow is wide:
            return narrow, wide, 0.0
        return narrow, wide, float(np.log(gap / narrow.gap) / np.log(wide.gap / narrow.gap))


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


def _teeth_light(cutout: np.ndarray, landmarks: np.ndarray) -> float:
    """Level of the white part of what is between the lips of `cutout` `(h, w, 3)` uint8: of what is bright in
    every channel, which neither lips nor tongue are."""
    inside = np.zeros(cutout.shape[:2], np.uint8)
    cv2.fillPoly(inside, [np.round(landmarks[list(INNER_LIPS)]).astype(np.int32)], 1)
    return float(np.percentile(cutout[inside > 0].min(1), _TEETH)) if inside.any() else 0.0


def _lip_brightness(image: np.ndarray, landmarks: np.ndarray) -> float:
    """Mean level of the pixels under the lips' outer edge."""
    edge = np.round(landmarks[list(_EDGE), :2]).astype(int)
    height, width = image.shape[:2]
    x, y = np.clip(edge[:, 0], 0, width - 1), np.clip(edge[:, 1], 0, height - 1)
    return float(image[y, x].mean())
