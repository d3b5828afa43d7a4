"""A photo made ready: upright, at the size of the video, with the chosen person's face known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from pipeline.errors import NoFaceError, PhotoError
from pipeline.faces.images import read_image
from pipeline.faces.search import face_height, face_turn, find
from pipeline.types import Face, Portrait

LONG_SIDE, SHORT_SIDE = 1920, 1080
"""The largest picture made, either way up."""

SIZES = (128, 1080)
"""Least and largest side in px of a square portrait."""

_FACE_SHARE = 0.55
"""Share of a square portrait's height that forehead to chin takes: hair and shoulders stay in."""
_FACE_MIDDLE = 0.46
"""Where the face's middle lies in a square portrait, from the top."""


def portrait(
    source: Path | str | bytes | np.ndarray, *, choose: int = 0, size: int | None = None
) -> Portrait:
    """The photo of the person who shall speak.

    Args:
        source: as in `read_image`.
        choose: which face, largest first, where there are several.
        size: side in px of a square crop around the face; without it the photo's framing is kept, scaled
            down to fit 1920 × 1080 (either way up) where it is larger, and cut to even sides.

    A photo that lies on its side or upside down is turned by right angles.

    Raises:
        PhotoError: the photo cannot be used, or `size` is outside `SIZES`.
        NoFaceError: no usable face, or fewer faces than `choose` asks for.
    """
    if size is not None and not SIZES[0] <= size <= SIZES[1]:
        raise PhotoError(f"A size of {size} pixels cannot be made; choose from {SIZES[0]} to {SIZES[1]}.")
    image = read_image(source)
    others = choose > 0
    face = _chosen(find(image, others=others), choose)
    quarters = _quarters(face)
    if quarters:
        image = np.ascontiguousarray(np.rot90(image, quarters))
        face = _nearest(find(image, others=others), _turned(face, image, quarters))
    image, expected = _framed(image, face) if size is None else _cropped(image, face, size)
    return Portrait(image=image, face=_nearest(find(image, others=others), expected))


def thumbnails(image: np.ndarray, faces: Sequence[Face], *, size: int = 160) -> list[np.ndarray]:
    """Each face cut out upright as a `(size, size, 3)` picture, in the order of `faces`, to choose among."""
    return [np.rot90(_cropped(image, face, size)[0], _quarters(face)).copy() for face in faces]


def _quarters(face: Face) -> int:
    """Quarter turns counter-clockwise that set a face upright."""
    return round(face_turn(face) / 90) % 4


def _chosen(faces: list[Face], choose: int) -> Face:
    if not 0 <= choose < len(faces):
        if len(faces) == 1:
            raise NoFaceError("The photo shows only one face; no other can be chosen.")
        raise NoFaceError(f"The photo shows only {len(faces)} faces; choose one of these.")
    return faces[choose]


def _nearest(faces: list[Face], expected: np.ndarray) -> Face:
    """The face whose middle is nearest to the `(2,)` px expected."""
    return min(faces, key=lambda face: float(np.linalg.norm(_middle(face) - expected)))


def _middle(face: Face) -> np.ndarray:
    return (face.landmarks[10, :2] + face.landmarks[152, :2]) / 2


def _turned(face: Face, turned: np.ndarray, quarters: int) -> np.ndarray:
    """Where the middle of a face goes when its photo becomes `turned` by `np.rot90(photo, quarters)`."""
    x, y = _middle(face)
    height, width = turned.shape[:2]
    return np.array(
        [(x, y), (y, height - 1 - x), (width - 1 - x, height - 1 - y), (width - 1 - y, x)][quarters]
    )


def _framed(image: np.ndarray, face: Face) -> tuple[np.ndarray, np.ndarray]:
    """The whole photo, scaled down where larger than the video may be; even sides."""
    height, width = image.shape[:2]
    scale = min(1.0, LONG_SIDE / max(height, width), SHORT_SIDE / min(height, width))
    if scale < 1:
        wanted = (round(width * scale / 2) * 2, round(height * scale / 2) * 2)
        image = cv2.resize(image, wanted, interpolation=cv2.INTER_AREA)
    even = np.ascontiguousarray(image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2])
    return even, _middle(face) * scale


def _cropped(image: np.ndarray, face: Face, size: int) -> tuple[np.ndarray, np.ndarray]:
    """The square around the face at `size` px; inside the photo, so smaller than wished where it must."""
    height, width = image.shape[:2]
    side = min(round(face_height(face) / _FACE_SHARE), height, width)
    x, y = _middle(face)
    left = int(np.clip(round(x - side / 2), 0, width - side))
    top = int(np.clip(round(y - side * _FACE_MIDDLE), 0, height - side))
    square = image[top : top + side, left : left + side]
    method = cv2.INTER_AREA if side > size else cv2.INTER_CUBIC
    scaled = cv2.resize(square, (size, size), interpolation=method)
    return scaled, (np.array([x, y]) - (left, top)) * (size / side)
