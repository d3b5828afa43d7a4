"""What is seen between the lips: the speaker's own mouth as an earlier frame showed it, or a drawn one."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import INNER_LIPS, OUTER_LOWER_LIP, OUTER_UPPER_LIP
from pipeline.puppet.geometry.lower_face import LowerFace
from pipeline.puppet.geometry.rig import Posed
from pipeline.puppet.painting import compositing
from pipeline.puppet.painting.mouth import LIPS
from pipeline.puppet.renderer import PortraitRenderer
from pipeline.puppet.warping import rasterizer

WIDE = 0.10
"""Gap from which a frame shows enough of the mouth's inside to be kept, in inter-ocular distances."""
ENOUGH = (0.4, 0.75)
"""Share of the wanted gap that a kept inside must have: below the first it is not used at all."""
CLOSED = 0.02


@dataclass(frozen=True)
class _Kept:
    """A frame's own mouth, cut out."""

    picture: np.ndarray
    """`(h, w, 3)` uint8."""
    points: np.ndarray
    """`(478, 2)` float32 px in the picture."""
    gap: float
    light: float
    """Mean level of the lips around it."""


class Inside:
    """The mouth's inside of one speaker, better known the more the frames have shown of it."""

    def __init__(self, stage: PortraitRenderer, face: LowerFace) -> None:
        self._stage, self._face = stage, face
        self._best: _Kept | None = None
        self._used: _Kept | None = None

    def see(self, image: np.ndarray, landmarks: np.ndarray) -> None:
        """Keep what this frame shows between the lips if it is more than any frame before."""
        gap = self._face.gap(landmarks)
        if gap < WIDE or (self._best and gap < 1.15 * self._best.gap):
            return
        lips = landmarks[list(OUTER_UPPER_LIP + OUTER_LOWER_LIP), :2]
        box = compositing.box_of(lips, image.shape[1::-1], 4)
        picture = image[box[1] : box[3], box[0] : box[2]].copy()
        if picture.size:
            points = (landmarks[:, :2] - box[:2]).astype(np.float32)
            self._best = _Kept(picture, points, gap, _light(image, landmarks))

    def paint(self, image: np.ndarray, posed: Posed) -> None:
        """Lay the inside into the opening of the lips of `posed`, in place."""
        gap = self._face.gap(posed.points)
        if gap < CLOSED or self._used is None:
            self._used = self._best  # changed only while nobody can see it
        share = self._used.gap / max(gap, 1e-3) if self._used else 0.0
        own = float(np.clip((share - ENOUGH[0]) / (ENOUGH[1] - ENOUGH[0]), 0, 1))
        if own < 1:
            opening = posed.points[list(INNER_LIPS), :2]
            jaw = self._stage.axes @ posed.jaw[:2]
            self._stage.mouth.paint(image, opening, posed.skull[list(LIPS), :2], jaw)
        if own > 0:
            self._lay_own(image, posed, own)

    def _lay_own(self, image: np.ndarray, posed: Posed, share: float) -> None:
        opening = posed.points[list(INNER_LIPS), :2].astype(np.float64)
        box = compositing.box_of(opening, image.shape[1::-1], 2)
        shape = (box[3] - box[1], box[2] - box[0])
        if min(shape) < 2:
            return
        map_x, map_y, depth = (np.empty(shape, np.float32) for _ in range(3))
        kept = self._used
        points = np.ascontiguousarray(posed.points)
        triangles = self._face.strip, rasterizer.NO_TRIANGLES
        rasterizer.raster(points, kept.points, kept.points, *triangles, *box[:2], map_x, map_y, depth)
        seen = cv2.remap(kept.picture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        light = np.clip(_light(image, posed.points) / max(kept.light, 1.0), 0.7, 1.4)
        cover = compositing.coverage(opening, box, 0.7) * share * (depth < rasterizer.FAR)
        compositing.blend(image, box, np.clip(seen * np.float32(light), 0, 255), cover)


def _light(image: np.ndarray, points: np.ndarray) -> float:
    """Mean level of the pixels under the lips' outer edge."""
    edge = np.round(points[list(OUTER_UPPER_LIP + OUTER_LOWER_LIP), :2]).astype(int)
    height, width = image.shape[:2]
    x, y = np.clip(edge[:, 0], 0, width - 1), np.clip(edge[:, 1], 0, height - 1)
    return float(image[y, x].mean())
