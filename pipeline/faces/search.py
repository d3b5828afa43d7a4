"""Faces in a photo, wherever they are: whole, turned, sideways, small or in a corner.

FaceLandmarker's detector looks at the picture squeezed to 128 × 128 px, so a small face is lost on it. What
the first look misses is searched for in turned copies and in overlapping tiles, each found face is then
looked at again upright and at full size, and everything is mapped back to the photo's own pixels.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from pipeline.errors import NoFaceError
from pipeline.faces.landmarker import Landmarker, angles
from pipeline.types import Face

MIN_FACE = 64
"""Least height of a usable face in px, forehead to chin."""

GOOD_PHOTO = (
    "a good photo shows one face from the front, well lit and sharp, with nothing in front of it, filling "
    "about a third of the picture"
)

_MAX_FACES = 6
_LONGEST = 1280
"""Longest side in px of a picture given to the detector: beyond it, only time is lost."""
_LARGE = 0.35
"""A face that fills this share of the photo's shorter side is the subject; no need to search the corners."""
_CLOSE = 2.4
"""Side of the second look's square in face heights, and its size in px."""
_CLOSE_PX = 512
_PLAIN_TURN = 15.0
_PLAIN_HEIGHT = 160.0
"""Up to this turn in degrees and from this height in px the first look's landmarks are as good as any."""
_STRICT = 0.75
"""Detection score that upright faces reach, photographed or painted, and upside-down ones do not."""


@dataclass(frozen=True)
class _Look:
    """A turned and scaled cut-out of the photo."""

    matrix: np.ndarray
    """`(2, 3)` photo px to look px; a similarity."""
    size: tuple[int, int]

    @property
    def scale(self) -> float:
        return float(np.hypot(*self.matrix[:, 0]))

    @property
    def turn(self) -> float:
        """Degrees by which the photo was turned clockwise."""
        return float(np.degrees(np.arctan2(self.matrix[1, 0], self.matrix[0, 0])))


def find(image: np.ndarray) -> list[Face]:
    """Every face of an `(H, W, 3)` uint8 RGB photo, largest first.

    Landmarks are in the photo's px. `pose` and `matrix` include the face's turn in the photo, so a sideways
    face has a roll near ±90; the matrix's translation belongs to the look that found the face.

    Raises:
        NoFaceError: there is none, or none at least `MIN_FACE` px high.
    """
    faces = look_for(image)
    if not faces:
        raise NoFaceError(f"No face was found in the photo; {GOOD_PHOTO}.")
    usable = [face for face in faces if face_height(face) >= MIN_FACE]
    if not usable:
        raise NoFaceError(
            f"The face is only {face_height(faces[0]):.0f} pixels high, too small to speak; it should be at "
            f"least {MIN_FACE}, better 200, so take the photo from nearer or use a larger copy."
        )
    return usable


def face_height(face: Face) -> float:
    """Forehead to chin in px, however the head is turned in the picture."""
    return float(np.linalg.norm(face.landmarks[10, :2] - face.landmarks[152, :2]))


def face_turn(face: Face) -> float:
    """Clockwise degrees by which the face leans in the picture, -180 to 180."""
    across, up = face.landmarks[10, :2] - face.landmarks[152, :2]
    return float(np.degrees(np.arctan2(across, -up)))


def look_for(image: np.ndarray, *, thorough: bool = True) -> list[Face]:
    """As `find`, but of any height, and an empty list where there is no face.

    Args:
        thorough: also turn the picture and search small tiles, in up to half a second; otherwise only what
            may happen between one frame of a video and another is tried, in a tenth of that.
    """
    shorter = min(image.shape[:2])
    found: list[Face] = []
    stages = _stages(image.shape[1], image.shape[0])
    for stage, looks in enumerate(stages if thorough else itertools.islice(stages, 2)):
        for look in looks:
            _add(found, _see(image, look))
        if found and (stage > 0 or max(map(face_height, found)) > _LARGE * shorter):
            break
    return sorted(found, key=face_height, reverse=True)


def _stages(width: int, height: int) -> Iterator[list[_Look]]:
    """From the likely to the costly; the first that shows a face ends the search."""
    yield [_turned(width, height, 0)]
    yield _tiles(width, height, 2)
    yield [_turned(width, height, turn) for turn in (90, -90, 180, 40, -40)]
    yield _tiles(width, height, 4)
    yield [tile for turn in (90, -90, 180) for tile in _tiles(width, height, 2, turn)]


def _see(image: np.ndarray, look: _Look) -> Iterator[Face]:
    for seen in _landmarker()(_cut(image, look)):
        sure = _sure(image, _back(seen, look), plain=face_height(seen) >= _PLAIN_HEIGHT)
        if sure is not None:
            yield sure


def _sure(image: np.ndarray, face: Face, *, plain: bool) -> Face | None:
    """The face seen again near and upright; None where the first look was mistaken.

    The landmarks fit themselves upright on an upside-down face too, only less surely: so the strict model
    is asked about both ways up before the lenient one.
    """
    near = _near(_strict(), image, face, 0)
    flipped = None if near else _near(_strict(), image, face, 180)
    near = near or flipped or _near(_landmarker(), image, face, 0)
    if near and plain and not flipped and abs(face_turn(face)) <= _PLAIN_TURN:
        return face
    return near


def _near(model: Landmarker, image: np.ndarray, face: Face, turn: float) -> Face | None:
    (x0, y0, x1, y1), side = face.box, _CLOSE * face_height(face)
    look = _similarity(((x0 + x1) / 2, (y0 + y1) / 2), turn - face_turn(face), _CLOSE_PX / side, _CLOSE_PX)
    fitting = [
        seen
        for seen in model(_cut(image, look))
        if np.linalg.norm(seen.landmarks[:, :2].mean(0) - _CLOSE_PX / 2) < _CLOSE_PX / 4
        and abs(face_turn(seen)) < 45
    ]
    return _back(max(fitting, key=face_height), look) if fitting else None


def _add(found: list[Face], faces: Iterator[Face]) -> None:
    for face in faces:
        centre = face.landmarks[:, :2].mean(0)
        if all(
            np.linalg.norm(other.landmarks[:, :2].mean(0) - centre) > 0.5 * face_height(other)
            for other in found
        ):
            found.append(face)


def _turned(width: int, height: int, turn: float) -> _Look:
    """The whole photo, turned clockwise."""
    scale = min(1.0, _LONGEST / max(width, height))
    if turn == 0:
        matrix = np.array([[scale, 0, 0], [0, scale, 0]], np.float64)
        return _Look(matrix, (round(width * scale), round(height * scale)))
    return _similarity((width / 2, height / 2), turn, scale, round(max(width, height) * scale))


def _tiles(width: int, height: int, parts: int, turn: float = 0) -> list[_Look]:
    """Squares of the longer side / `parts`, half overlapping, each shown at 512 px."""
    side = max(width, height) / parts
    scale = _CLOSE_PX / side
    return [
        _similarity((x, y), turn, scale, _CLOSE_PX)
        for y in np.linspace(side / 2, max(side / 2, height - side / 2), _count(height, side))
        for x in np.linspace(side / 2, max(side / 2, width - side / 2), _count(width, side))
    ]


def _count(length: float, side: float) -> int:
    return max(1, int(np.ceil(2 * (length - side) / side)) + 1)


def _similarity(centre: tuple[float, float], turn: float, scale: float, size: int) -> _Look:
    """A square look of `size` px whose middle is `centre`, the photo turned clockwise and scaled."""
    cos, sin = scale * np.cos(np.radians(turn)), scale * np.sin(np.radians(turn))
    linear = np.array([[cos, -sin], [sin, cos]])
    return _Look(np.column_stack([linear, size / 2 - linear @ np.array(centre)]), (size, size))


def _cut(image: np.ndarray, look: _Look) -> np.ndarray:
    shrink = min(1.0, 1.5 * look.scale)
    matrix = look.matrix
    if shrink < 0.75:
        # A warp only samples: shrink by areas first, or fine hair turns to noise.
        image = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        matrix = matrix * np.array([1 / shrink, 1 / shrink, 1])
    if np.array_equal(matrix, np.eye(2, 3)):
        return image
    return cv2.warpAffine(image, matrix, look.size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def _back(face: Face, look: _Look) -> Face:
    """A face seen in a look, in the photo's px and turn."""
    inverse = cv2.invertAffineTransform(look.matrix)
    points = face.landmarks.copy()
    points[:, :2] = points[:, :2] @ inverse[:, :2].T + inverse[:, 2]
    points[:, 2] /= look.scale
    lean = np.radians(look.turn)
    unturn = np.eye(4)
    # MediaPipe's camera has y up, so turning the picture back by -turn is a turn by +turn here.
    unturn[:2, :2] = [[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]]
    matrix = (unturn @ face.matrix).astype(np.float32)
    return Face(
        landmarks=points.astype(np.float32),
        blendshapes=face.blendshapes,
        pose=angles(matrix),
        matrix=matrix,
    )


@cache
def _landmarker() -> Landmarker:
    return Landmarker(faces=_MAX_FACES)


@cache
def _strict() -> Landmarker:
    return Landmarker(faces=2, confidence=_STRICT)
