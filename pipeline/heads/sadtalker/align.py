"""SadTalker's two squares of a photo: the one to animate, and the one for extracting coefficients.

The geometry is that of the published program (FFHQ's crop without rotation, and a five-point alignment to
224 x 224 px) with its errors corrected: boxes stay inside the photo and are in the photo's own pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from pipeline.faces.landmarks import EYE_68, EYES, MOUTH_CORNERS, NOSE_TIP

_MAX_SIDE = 1024
"""Side in px from which a face's square is shrunk by whole factors."""
_SIDE, _SPAN = 224, 102.0
"""Side in px of the aligned face, and the size in px of the mean face in it."""
_MEAN_FACE = np.array(
    [
        [-0.31148657, 0.29036078, 0.13377953],
        [0.30979887, 0.28972036, 0.13179526],
        [0.0032534988, -0.046179324, 0.55244243],
        [-0.25216928, -0.38133916, 0.22405732],
        [0.2484662, -0.38128236, 0.22235769],
    ]
)
"""Eyes, nose and mouth corners of the mean face; x right, y up, z towards the viewer."""


@dataclass(frozen=True)
class AlignmentPoints:
    """The few points of a face, in px, that the alignments use."""

    eyes: np.ndarray
    """`(2, 2)` centres of both eyes' contours, the image's left first."""
    corners: np.ndarray
    """`(2, 2)` midpoints between the corners of each eye."""
    nose: np.ndarray
    """`(2,)` tip."""
    mouth: np.ndarray
    """`(2, 2)` corners."""

    @classmethod
    def of(cls, landmarks: np.ndarray) -> AlignmentPoints:
        """From landmarks `(478, 2 or more)`."""
        points = np.asarray(landmarks, np.float64)[:, :2]
        contours = [points[list(EYE_68[eye])] for eye in EYES]
        return cls(
            eyes=np.array([eye.mean(0) for eye in contours]),
            corners=np.array([eye[[0, 3]].mean(0) for eye in contours]),
            nose=points[NOSE_TIP],
            mouth=points[list(MOUTH_CORNERS)],
        )

    def five_points(self, box: tuple[int, int, int, int], size: int) -> np.ndarray:
        """`(5, 2)` for `align`: eyes, nose and mouth in a box resized to `size` px, y upwards."""
        left, top, right, bottom = box
        points = np.array([*self.corners, self.nose, *self.mouth])
        scaled = (points - [left, top]) * [size / (right - left), size / (bottom - top)]
        return np.column_stack([scaled[:, 0], size - 1 - scaled[:, 1]])


@dataclass(frozen=True)
class FaceSquare:
    """The square to animate, in a photo that is shrunk by a whole factor."""

    shrink: int
    outer: tuple[int, int, int, int]
    """Left, top, right, bottom in px of the square with a margin."""
    corners: tuple[float, float, float, float]
    """Left, top, right, bottom of the square inside `outer`."""

    @property
    def inner(self) -> tuple[int, int, int, int]:
        """The square's box in px of the shrunk photo."""
        left, top = self.outer[:2]
        x0, y0, x1, y1 = (int(corner) for corner in self.corners)
        return left + x0, top + y0, left + x1, top + y1

    @property
    def box(self) -> tuple[int, int, int, int]:
        """The square's box in px of the photo."""
        left, top, right, bottom = (edge * self.shrink for edge in self.inner)
        return left, top, right, bottom


def face_square(eyes: np.ndarray, mouth: np.ndarray, size: tuple[int, int]) -> FaceSquare:
    """The square around a face, cropped as FFHQ (Karras et al., CVPR 2019) but not rotated.

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
    shrink = max(int(side / _MAX_SIDE), 1)
    shrunk = round(size[0] / shrink), round(size[1] / shrink)
    return _inside(corners / shrink, side / shrink, shrunk, shrink)


def _inside(corners: np.ndarray, side: float, size: tuple[int, int], shrink: int) -> FaceSquare:
    """The square with these corners `(4, 2)`, cropped to a photo of that size."""
    border = max(int(np.rint(side * 0.1)), 3)
    low, high = np.floor(corners.min(0)) - border, np.ceil(corners.max(0)) + border
    left, top = np.maximum(low, 0).astype(int).tolist()
    right, bottom = np.minimum(high, size).astype(int).tolist()
    width, height = right - left, bottom - top
    if width < size[0] or height < size[1]:
        corners = corners - (left, top)
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = (corners + 0.5).tolist()
    inside = (
        max(min(x0, x1), 0.0),
        max(min(y0, y3), 0.0),
        min(max(x2, x3), float(width)),
        min(max(y1, y2), float(height)),
    )
    return FaceSquare(shrink, (left, top, right, bottom), inside)


def align(picture: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The face scaled and translated to where the coefficient network expects it.

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
    """Scale and translation that fit the points to the mean face of `_SPAN` px, by least squares."""
    solved = np.linalg.lstsq(np.column_stack([_MEAN_FACE, np.ones(5)]), points, rcond=None)[0]
    return 2 * _SPAN / float(np.linalg.norm(solved[:3], axis=0).sum()), solved[3]
