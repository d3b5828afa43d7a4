"""What of a photo FlashHead animates: a square of 512 px around the face, or the middle of the photo."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from pipeline.faces.crops import Crop, box_crop
from pipeline.faces.masks import box_mask
from pipeline.faces.pasting import paste
from pipeline.types import Portrait

_FACE_SIDE, _FACE_DROP = 0.92, 0.05
"""Side of MediaPipe's face box, and how far its centre lies below that of the landmarks' box; shares of the
landmarks' height."""
_FEATHER = 0.12
"""Softness of the square's border in the photo, as a share of its side."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in px."""


def face_square(box: tuple[float, float, float, float]) -> Box:
    """The square twice as wide as a face that MediaPipe finds in `box`, where the photo is large enough."""
    left, top, right, bottom = box
    x, y, width = (left + right) / 2, (top + bottom) / 2, right - left
    return int(x - width), int(y - width * 1.1), int(x + width), int(y + width * 0.9)


def inside(box: Box, size: tuple[int, int]) -> Box:
    """The box made square and moved into a photo of that width and height, and shrunk if it must be."""
    left, top, right, bottom = box
    side = min(right - left, bottom - top, *size)
    x = min(max((left + right - side) // 2, 0), size[0] - side)
    y = min(max((top + bottom - side) // 2, 0), size[1] - side)
    return x, y, x + side, y + side


def cover(size: tuple[int, int], target: tuple[int, int]) -> tuple[tuple[int, int], tuple[int, int]]:
    """How a picture of that width and height fills `target`: the size that it is scaled to, and how many px
    are then cut off at its left and top."""
    scale = max(target[0] / size[0], target[1] / size[1])
    scaled = math.ceil(scale * size[0]), math.ceil(scale * size[1])
    return scaled, (round((scaled[0] - target[0]) / 2), round((scaled[1] - target[1]) / 2))


def fitted(image: np.ndarray, target: tuple[int, int]) -> np.ndarray:
    """The picture `(H, W, 3)` uint8 scaled to fill `target`, its middle: as published, by Pillow."""
    (width, height), (left, top) = cover(image.shape[1::-1], target)
    scaled = Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR)
    return np.array(scaled.crop((left, top, left + target[0], top + target[1])))


@dataclass(frozen=True)
class Framing:
    """The part of a photo that is animated, and the frames made of it."""

    portrait: Portrait
    kind: str
    """"crop", "full" or "centre", as in `Options`."""
    side: int
    """Side in px of the network's square."""

    @cached_property
    def box(self) -> Box:
        """The animated square in px of the photo."""
        height, width = self.portrait.image.shape[:2]
        if self.kind == "centre":
            return inside((0, 0, width, height), (width, height))
        left, top, right, bottom = self.portrait.face.box
        x, y = (left + right) / 2, (top + bottom) / 2 + _FACE_DROP * (bottom - top)
        half = _FACE_SIDE * (bottom - top) / 2
        return inside(face_square((x - half, y - half, x + half, y + half)), (width, height))

    @cached_property
    def square(self) -> np.ndarray:
        """`(side, side, 3)` uint8: what the network sees."""
        left, top, right, bottom = self.box
        part = self.portrait.image if self.kind == "centre" else self.portrait.image[top:bottom, left:right]
        return fitted(np.ascontiguousarray(part), (self.side, self.side))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the frames in px."""
        height, width = self.portrait.image.shape[:2]
        return (width, height) if self.kind == "full" else (self.side, self.side)

    @property
    def landmarks(self) -> np.ndarray:
        """`(478, 2 or 3)` px of the photo's face in the frames."""
        landmarks = self.portrait.face.landmarks
        return landmarks if self.kind == "full" else self._crop.place(landmarks)

    def compose(self, square: np.ndarray) -> np.ndarray:
        """The frame that shows an animated square."""
        if self.kind != "full":
            return square
        return paste(self.portrait.image, square, self._crop, self._mask)

    @cached_property
    def _crop(self) -> Crop:
        return box_crop(self.box, size=(self.side, self.side))

    @cached_property
    def _mask(self) -> np.ndarray:
        """`(side, side)` float32: 1 where the square shows. It fades at its edges but for those that are the
        photo's, too: shoulders that the photo cuts off move all the way down."""
        height, width = self.portrait.image.shape[:2]
        left, top, right, bottom = self.box
        soft = math.ceil(_FEATHER * self.side) + 1
        shared = (left == 0, top == 0, right == width, bottom == height)
        beyond = [soft * edge for edge in shared]
        whole = (self.side + beyond[0] + beyond[2], self.side + beyond[1] + beyond[3])
        mask = box_mask(whole, feather=_FEATHER * self.side / min(whole))
        return mask[beyond[1] :, beyond[0] :][: self.side, : self.side]
