"""A photo prepared for rendering: upright, at the size of the video, with the chosen face detected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import NoFaceError, PhotoError
from pipeline.faces.images import read_image
from pipeline.faces.landmarks import CHIN, FOREHEAD
from pipeline.faces.search import face_height, face_roll, find
from pipeline.types import Face, Portrait

_LONG_SIDE, _SHORT_SIDE = 1920, 1080
"""Largest picture in px, landscape or portrait."""

_SIZES = (128, 1080)
"""Smallest and largest side in px of a square portrait."""

_FACE_HEIGHT = 0.55
"""Forehead to chin as a share of a square portrait's height, which leaves room for hair and shoulders."""
_FACE_CENTRE = 0.46
"""Where the face's centre lies in a square portrait, as a share of its height from the top."""


def portrait(source: Path | str | bytes | np.ndarray, *, face: int = 1, size: int | None = None) -> Portrait:
    """The photo of the person who will speak. A photo that lies on its side or upside down is set upright.

    Args:
        source: as in `read_image`.
        face: which face, where there are several; 1 is the largest.
        size: side in px of a square crop around the face, from 128 to 1080; without it the photo keeps its
            framing, scaled down to fit 1920 × 1080 (landscape or portrait) and cut to even sides.

    Raises:
        PhotoError: the photo cannot be used, or `size` is out of range.
        NoFaceError: no usable face, or fewer faces than `face` asks for.
    """
    if size is not None and not _SIZES[0] <= size <= _SIZES[1]:
        low, high = _SIZES
        raise PhotoError(f"size must be from {low} to {high} pixels, not {size}.", parameter="size")
    image = read_image(source)
    others = face > 1
    chosen = _chosen(find(image, others=others), face)
    quarters = _quarters(chosen)
    if quarters:
        image = np.ascontiguousarray(np.rot90(image, quarters))
        chosen = _nearest(find(image, others=others), _turned(chosen, image, quarters))
    image, expected = _framed(image, chosen) if size is None else _cropped(image, chosen, size)
    return Portrait(image=image, face=_nearest(find(image, others=others), expected))


def thumbnails(image: np.ndarray, faces: Sequence[Face], *, size: int = 160) -> list[np.ndarray]:
    """Each face cut out upright as a `(size, size, 3)` picture, in the order of `faces`."""
    return [np.rot90(_cropped(image, face, size)[0], _quarters(face)).copy() for face in faces]


def _quarters(face: Face) -> int:
    """Counter-clockwise quarter turns that set a face upright."""
    return round(face_roll(face) / 90) % 4


def _chosen(faces: list[Face], number: int) -> Face:
    if 1 <= number <= len(faces):
        return faces[number - 1]
    if len(faces) == 1:
        sentence = f"The photo shows only one face, so there is no face {number}; choose 1."
    else:
        sentence = f"The photo shows only {len(faces)} faces; choose a number from 1 to {len(faces)}."
    raise NoFaceError(sentence, parameter="face")


def _nearest(faces: list[Face], expected: np.ndarray) -> Face:
    """The face whose centre is nearest to the `(2,)` px expected."""
    return min(faces, key=lambda face: float(np.linalg.norm(_centre(face) - expected)))


def _centre(face: Face) -> np.ndarray:
    return (face.landmarks[FOREHEAD, :2] + face.landmarks[CHIN, :2]) / 2


def _turned(face: Face, turned: np.ndarray, quarters: int) -> np.ndarray:
    """Where a face's centre is once its photo has become `turned` by `np.rot90(photo, quarters)`."""
    x, y = _centre(face)
    height, width = turned.shape[:2]
    return np.array(
        [(x, y), (y, height - 1 - x), (width - 1 - x, height - 1 - y), (width - 1 - y, x)][quarters]
    )


def _framed(image: np.ndarray, face: Face) -> tuple[np.ndarray, np.ndarray]:
    """The whole photo with even sides, scaled down where it is larger than the video may be."""
    height, width = image.shape[:2]
    scale = min(1.0, _LONG_SIDE / max(height, width), _SHORT_SIDE / min(height, width))
    if scale < 1:
        wanted = (round(width * scale / 2) * 2, round(height * scale / 2) * 2)
        image = cv2.resize(image, wanted, interpolation=cv2.INTER_AREA)
    even = np.ascontiguousarray(image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2])
    return even, _centre(face) * scale


def _cropped(image: np.ndarray, face: Face, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The square around the face at `size` px; smaller than wanted where the photo ends before."""
    height, width = image.shape[:2]
    side = min(round(face_height(face) / _FACE_HEIGHT), height, width)
    x, y = _centre(face)
    left = int(np.clip(round(x - side / 2), 0, width - side))
    top = int(np.clip(round(y - side * _FACE_CENTRE), 0, height - side))
    square = image[top : top + side, left : left + side]
    method = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    scaled = cv2.resize(square, (size, size), interpolation=method)
    return scaled, (np.array([x, y]) - (left, top)) * (size / side)
