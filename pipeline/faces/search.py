"""Face detection anywhere in a photo: rotated, sideways, small or in a corner.

FaceLandmarker's detector sees the picture at 128 × 128 px, where a small face is lost. What the first view
misses is searched for in rotated copies and overlapping tiles; each face found is then detected again upright
and at full size, and everything is mapped back to the photo's own pixels. Smaller faces beside the first are
searched for with the detector alone, in a quarter of the time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import cv2
import numpy as np

from pipeline.errors import NoFaceError
from pipeline.faces.landmarker import Detector, Landmarker
from pipeline.faces.landmarks import CHIN, FOREHEAD
from pipeline.faces.views import VIEW_SIDE, View, square_view, tile_starts, tiles, whole
from pipeline.forks import once_per_process
from pipeline.types import Face

_MIN_FACE = 64
"""Least height of a usable face in px, forehead to chin."""

_ADVICE = (
    "use a photo of one face from the front, well lit and sharp, with nothing in front of it, filling about "
    "a third of the picture"
)

_MAX_FACES = 6
_LARGE = 0.35
"""A face that fills this share of the photo's shorter side is the subject; the corners are not searched."""
_CLOSE = 2.4
"""Side of the second view in face heights."""
_SEARCH_SIDE = 1920
"""Longest side in px at which faces beside the first are searched for: that of the largest video."""
_TILE = 400
"""Side in px of the smallest tile that the detector sees; it finds a face that fills 0.16 of a tile."""
_FACE_PER_BOX = 1.13
"""Height of a face over the side of the detector's box, which spans brows to chin."""
_UPRIGHT = 15.0
"""Roll in degrees up to which the first view's landmarks are as good as any."""
_LARGE_ENOUGH = 160.0
"""Height in px from which they are."""
_STRICT = 0.75
"""Detection score that upright faces reach, photographed or painted, and upside-down faces do not."""


def find(image: np.ndarray, *, others: bool = True) -> list[Face]:
    """Every face in a photo, largest first, in the photo's px.

    `pose` and `matrix` include the face's rotation in the photo, so a sideways face has a roll near ±90; the
    translation in `matrix` belongs to the view that found the face.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        others: search for smaller faces beside the first as well, down to 64 px in the photo or in a
            copy of 1920 px; that takes 25 ms for 512 × 512 px and 0.2 s for 1920 × 1080.

    Raises:
        NoFaceError: there is none, or none at least 64 px high.
    """
    faces = detect_all(image, others=others)
    if not faces:
        raise NoFaceError(f"No face was found in the photo; {_ADVICE}.")
    usable = [face for face in faces if face_height(face) >= _MIN_FACE]
    if not usable:
        raise NoFaceError(
            f"The face is only {face_height(faces[0]):.0f} pixels high, which is too small; it should be "
            f"at least {_MIN_FACE}, ideally 200, so take the photo from nearer or use a larger copy."
        )
    return usable


def face_height(face: Face) -> float:
    """Forehead to chin in px, however the head is rotated in the picture."""
    return float(np.linalg.norm(face.landmarks[FOREHEAD, :2] - face.landmarks[CHIN, :2]))


def face_roll(face: Face) -> float:
    """Clockwise rotation of the face in the picture's plane, -180 to 180 degrees."""
    across, up = face.landmarks[FOREHEAD, :2] - face.landmarks[CHIN, :2]
    return float(np.degrees(np.arctan2(across, -up)))


def detect_all(image: np.ndarray, *, thorough: bool = True, others: bool = False) -> list[Face]:
    """As `find`, but with faces of any height, and an empty list where there is none.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        thorough: also search rotated copies and small tiles, in up to half a second; otherwise only views
            that show what may change between frames of a video, in a tenth of that.
        others: as in `find`; without it, only a face that may be larger than the first is searched for.
    """
    height, width = image.shape[:2]
    found: list[Face] = []
    for views in itertools.islice(_stages(width, height), None if thorough else 2):
        copies: dict[float, np.ndarray] = {}
        for view in views:
            _add(found, _detect(image, view, copies))
        if found:
            break
    if found and others:
        _add(found, _detect_beside(image, found, least=_TILE))
    elif found and max(map(face_height, found)) <= _LARGE * min(height, width):
        _add(found, _detect_beside(image, found, least=max(height, width) / 2))
    return sorted(found, key=face_height, reverse=True)


def _stages(width: int, height: int) -> Iterator[list[View]]:
    """Views from the likely to the costly; the first stage that shows a face ends the search."""
    yield [whole(width, height)]
    yield tiles(width, height, 2)
    yield [whole(width, height, turn) for turn in (90, -90, 180, 40, -40)]
    yield tiles(width, height, 4)
    yield [tile for turn in (90, -90, 180) for tile in tiles(width, height, 2, turn)]


def _detect_beside(image: np.ndarray, found: list[Face], *, least: float) -> Iterator[Face]:
    """Faces that the detector finds in tiles of at least `least` px, oriented like the largest face found."""
    largest = max(found, key=face_height)
    turn = -90.0 * round(face_roll(largest) / 90)
    view = whole(image.shape[1], image.shape[0], turn, longest=_SEARCH_SIDE)
    back = cv2.invertAffineTransform(view.matrix)
    for x, y, side in _candidates(view.cut(image), min(least, max(view.size) / 2)):
        centre, height = back @ (x, y, 1), side * _FACE_PER_BOX / view.scale
        if not any(_contains(face, centre) for face in found):
            scale = VIEW_SIDE / (_CLOSE * height)
            yield from _detect(image, square_view((centre[0], centre[1]), view.turn, scale, VIEW_SIDE))


def _candidates(image: np.ndarray, least: float) -> Iterator[tuple[float, float, float]]:
    """Centre and side in px of the boxes that the detector finds, in the larger tiles first."""
    height, width = image.shape[:2]
    sides = [least]
    while sides[-1] * 2 < max(height, width):
        sides.append(sides[-1] * 2)
    for side in reversed(sides):
        scale = min(1.0, Detector.SIDE / side)
        for top, left in itertools.product(tile_starts(height, side), tile_starts(width, side)):
            tile = image[int(top) : int(top + side), int(left) : int(left + side)]
            small = cv2.resize(tile, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            for x, y, box in _detector()(small):
                yield left + x / scale, top + y / scale, box / scale


def _detect(image: np.ndarray, view: View, copies: dict[float, np.ndarray] | None = None) -> Iterator[Face]:
    """The faces in a view that a closer view confirms; `copies` as in `View.cut`."""
    for face in _landmarker()(view.cut(image, copies)):
        large = face_height(face) >= _LARGE_ENOUGH
        confirmed = _confirmed(image, view.map_back(face), large=large)
        if confirmed is not None:
            yield confirmed


def _confirmed(image: np.ndarray, face: Face, *, large: bool) -> Face | None:
    """The face detected again close up and upright; None where the first detection was wrong.

    The landmarks of an upside-down face fit upright as well, only with a lower score: so the strict model
    sees the face both ways up before the lenient one does.
    """
    close = _close_up(_strict_landmarker(), image, face, 0)
    flipped = None if close else _close_up(_strict_landmarker(), image, face, 180)
    close = close or flipped or _close_up(_landmarker(), image, face, 0)
    if close and large and not flipped and abs(face_roll(face)) <= _UPRIGHT:
        return face
    return close


def _close_up(model: Landmarker, image: np.ndarray, face: Face, turn: float) -> Face | None:
    """The face in a square view around it, rotated upright and then by `turn` degrees more."""
    (x0, y0, x1, y1), side = face.box, _CLOSE * face_height(face)
    centre = (x0 + x1) / 2, (y0 + y1) / 2
    view = square_view(centre, turn - face_roll(face), VIEW_SIDE / side, VIEW_SIDE)
    fitting = [
        seen
        for seen in model(view.cut(image))
        if np.linalg.norm(seen.landmarks[:, :2].mean(0) - VIEW_SIDE / 2) < VIEW_SIDE / 4
        and abs(face_roll(seen)) < 45
    ]
    return view.map_back(max(fitting, key=face_height)) if fitting else None


def _add(found: list[Face], faces: Iterator[Face]) -> None:
    for face in faces:
        if not any(_contains(other, face.landmarks[:, :2].mean(0)) for other in found):
            found.append(face)


def _contains(face: Face, point: np.ndarray) -> bool:
    """Whether a point of the photo is inside a face."""
    return bool(np.linalg.norm(face.landmarks[:, :2].mean(0) - point) <= 0.5 * face_height(face))


@once_per_process
def _landmarker() -> Landmarker:
    return Landmarker(faces=_MAX_FACES)


@once_per_process
def _detector() -> Detector:
    return Detector()


@once_per_process
def _strict_landmarker() -> Landmarker:
    return Landmarker(faces=2, confidence=_STRICT)
