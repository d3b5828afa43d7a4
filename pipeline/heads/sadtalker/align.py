"""From the photo to SadTalker's two squares: the one that is animated, and the one that is measured.

The geometry is that of the published program (FFHQ's crop without the turn, and a five-point alignment to
224 x 224 px), with its slips mended: boxes stay inside the photo and live in its own pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

_RIGHT_EYE, _LEFT_EYE = (33, 160, 158, 133, 153, 144), (362, 385, 387, 263, 373, 380)
_NOSE, _MOUTH = 4, (61, 291)
"""The points of MediaPipe's mesh that stand for the 68-point scheme's: left is the picture's right."""

_LARGEST = 1024
"""A face's square is worked on at this size at most."""
_SIDE, _SPAN = 224, 102.0
_SHAPE = np.array(
    [
        [-0.31148657, 0.29036078, 0.13377953],
        [0.30979887, 0.28972036, 0.13179526],
        [0.0032534988, -0.046179324, 0.55244243],
        [-0.25216928, -0.38133916, 0.22405732],
        [0.2484662, -0.38128236, 0.22235769],
    ]
)
"""The average face's eyes, nose and mouth corners, x right, y up, z nearer."""


@dataclass(frozen=True)
class Anchors:
    """The few points of a face, in px, that everything here is placed by."""

    eyes: np.ndarray
    """`(2, 2)` centres of the outlines of both eyes, the picture's left first."""
    corners: np.ndarray
    """`(2, 2)` centres between both corners of each eye."""
    nose: np.ndarray
    """`(2,)` tip."""
    mouth: np.ndarray
    """`(2, 2)` corners."""

    @classmethod
    def of(cls, landmarks: np.ndarray) -> Anchors:
        """From MediaPipe's `(478, 3)`."""
        mesh = np.asarray(landmarks, np.float64)[:, :2]
        outlines = [mesh[list(eye)] for eye in (_RIGHT_EYE, _LEFT_EYE)]
        return cls(
            eyes=np.array([eye.mean(0) for eye in outlines]),
            corners=np.array([eye[[0, 3]].mean(0) for eye in outlines]),
            nose=mesh[_NOSE],
            mouth=mesh[list(_MOUTH)],
        )

    def within(self, box: tuple[int, int, int, int], size: int) -> np.ndarray:
        """`(5, 2)` of `align`: eyes, nose and mouth in a box that is stretched to `size` px, y upwards."""
        left, top, right, bottom = box
        points = np.array([*self.corners, self.nose, *self.mouth])
        scaled = (points - [left, top]) * [size / (right - left), size / (bottom - top)]
        return np.column_stack([scaled[:, 0], size - 1 - scaled[:, 1]])


@dataclass(frozen=True)
class Square:
    """Where the animated face lies in a photo that is shrunk `shrink` times."""

    shrink: int
    outer: tuple[int, int, int, int]
    """Left, top, right, bottom in px of the face with a margin."""
    corners: tuple[float, float, float, float]
    """The face's own corners inside `outer`."""

    @property
    def inner(self) -> tuple[int, int, int, int]:
        """The face's own box in px of the shrunk photo."""
        left, top = self.outer[:2]
        x0, y0, x1, y1 = (int(corner) for corner in self.corners)
        return left + x0, top + y0, left + x1, top + y1

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The face's own box in px of the photo."""
        return tuple(edge * self.shrink for edge in self.inner)


def face_square(eyes: np.ndarray, mouth: np.ndarray, size: tuple[int, int]) -> Square:
    """The square around a face, as FFHQ is cut (Karras et al., CVPR 2019) but never turned.

    Args:
        eyes: `(2, 2)` centres of the eyes in px.
        mouth: `(2, 2)` corners of the mouth in px.
        size: width and height of the photo.
    """
    between, across = eyes.mean(0), eyes[1] - eyes[0]
    down = mouth.mean(0) - between
    x = across + np.array([down[1], -down[0]])
    x *= max(2 * np.hypot(*across), 1.8 * np.hypot(*down)) / np.hypot(*x)
    y, centre = np.array([-x[1], x[0]]), between + 0.1 * down
    corners = np.array([centre - x - y, centre - x + y, centre + x + y, centre + x - y])
    side = 2 * np.hypot(*x)
    shrink = max(int(side / _LARGEST), 1)
    return _cut(corners / shrink, side / shrink, tuple(round(edge / shrink) for edge in size), shrink)


def _cut(corners: np.ndarray, side: float, size: tuple[int, int], shrink: int) -> Square:
    border = max(int(np.rint(side * 0.1)), 3)
    low, high = np.floor(corners.min(0)) - border, np.ceil(corners.max(0)) + border
    outer = (*np.maximum(low, 0).astype(int).tolist(), *np.minimum(high, size).astype(int).tolist())
    width, height = outer[2] - outer[0], outer[3] - outer[1]
    if width < size[0] or height < size[1]:
        corners = corners - outer[:2]
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = (corners + 0.5).tolist()
    inside = (
        max(min(x0, x1), 0.0),
        max(min(y0, y3), 0.0),
        min(max(x2, x3), float(width)),
        min(max(y1, y2), float(height)),
    )
    return Square(shrink, outer, inside)


def align(picture: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The face measured: scaled and shifted so that it stands where the measuring network expects it.

    Args:
        picture: `(H, W, 3)` uint8 RGB.
        points: `(5, 2)` px of eyes, nose and mouth corners, y upwards from the last row.

    Returns:
        `(224, 224, 3)` uint8, black where the picture ends, and the scale and shift `(3,)` float32.
    """
    height, width = picture.shape[:2]
    scale, shift = _fit(points)
    wide, tall = int(width * scale), int(height * scale)
    left = int(wide / 2 - _SIDE / 2 + (shift[0] - width / 2) * scale)
    top = int(tall / 2 - _SIDE / 2 + (height / 2 - shift[1]) * scale)
    resized = Image.fromarray(picture).resize((wide, tall), Image.Resampling.BICUBIC)
    aligned = resized.crop((left, top, left + _SIDE, top + _SIDE))
    return np.array(aligned), np.array([scale, *shift], np.float32)


def _fit(points: np.ndarray) -> tuple[float, np.ndarray]:
    """The average face's scale, which makes it `_SPAN` px, and its place, by least squares."""
    solved = np.linalg.lstsq(np.column_stack([_SHAPE, np.ones(5)]), points, rcond=None)[0]
    return 2 * _SPAN / float(np.linalg.norm(solved[:3], axis=0).sum()), solved[3]
