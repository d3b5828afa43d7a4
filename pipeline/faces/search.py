"""Faces in a photo, wherever they are: whole, turned, sideways, small or in a corner.

FaceLandmarker's detector looks at the picture squeezed to 128 × 128 px, so a small face is lost on it. What
the first look misses is searched for in turned copies and in overlapping tiles, each found face is then
looked at again upright and at full size, and everything is mapped back to the photo's own pixels. Whoever
stands smaller beside the first face is searched for with the detector alone, in a quarter of the time.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np

from pipeline.errors import NoFaceError
from pipeline.faces.landmarker import Detector, Landmarker
from pipeline.faces.views import CLOSE_PX, View, back, corners, cut, similarity, tiles, whole
from pipeline.types import Face

MIN_FACE = 64
"""Least height of a usable face in px, forehead to chin."""

GOOD_PHOTO = (
    "a good photo shows one face from the front, well lit and sharp, with nothing in front of it, filling "
    "about a third of the picture"
)

_MAX_FACES = 6
_LARGE = 0.35
"""A face that fills this share of the photo's shorter side is the subject; no need to search the corners."""
_CLOSE = 2.4
"""Side of the second look's square in face heights."""
_FRAMED = 1920
"""Longest side in px at which faces beside the first are searched for: that of the largest video."""
_TILE = 400
"""Side in px of the smallest tile given to the detector, which finds a face that fills 0.16 of it."""
_FACE_OF_BOX = 1.13
"""Height of a face in sides of the detector's box, which spans brows to chin."""
_PLAIN_TURN = 15.0
_PLAIN_HEIGHT = 160.0
"""Up to this turn in degrees and from this height in px the first look's landmarks are as good as any."""
_STRICT = 0.75
"""Detection score that upright faces reach, photographed or painted, and upside-down ones do not."""


def find(image: np.ndarray, *, others: bool = True) -> list[Face]:
    """Every face of an `(H, W, 3)` uint8 RGB photo, largest first.

    Args:
        others: search for smaller faces beside the first as well, down to `MIN_FACE` in the photo or in a
            copy of 1920 px; that takes 25 ms for 512 × 512 px and 0.2 s for 1920 × 1080.

    Landmarks are in the photo's px. `pose` and `matrix` include the face's turn in the photo, so a sideways
    face has a roll near ±90; the matrix's translation belongs to the look that found the face.

    Raises:
        NoFaceError: there is none, or none at least `MIN_FACE` px high.
    """
    faces = detect_all(image, others=others)
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


def detect_all(image: np.ndarray, *, thorough: bool = True, others: bool = False) -> list[Face]:
    """As `find`, but of any height, and an empty list where there is no face.

    Args:
        thorough: also turn the picture and search small tiles, in up to half a second; otherwise only what
            may happen between one frame of a video and another is tried, in a tenth of that.
        others: as in `find`; without, only a face that may be larger than the first is searched for.
    """
    height, width = image.shape[:2]
    found: list[Face] = []
    for looks in itertools.islice(_stages(width, height), None if thorough else 2):
        for look in looks:
            _add(found, _see(image, look))
        if found:
            break
    if found and others:
        _add(found, _beside(image, found, least=_TILE))
    elif found and max(map(face_height, found)) <= _LARGE * min(height, width):
        _add(found, _beside(image, found, least=max(height, width) / 2))
    return sorted(found, key=face_height, reverse=True)


def _stages(width: int, height: int) -> Iterator[list[View]]:
    """From the likely to the costly; the first that shows a face ends the search."""
    yield [whole(width, height)]
    yield tiles(width, height, 2)
    yield [whole(width, height, turn) for turn in (90, -90, 180, 40, -40)]
    yield tiles(width, height, 4)
    yield [tile for turn in (90, -90, 180) for tile in tiles(width, height, 2, turn)]


def _beside(image: np.ndarray, found: list[Face], *, least: float) -> Iterator[Face]:
    """Faces the way up of the largest found, that the detector sees in tiles from `least` px on."""
    largest = max(found, key=face_height)
    look = whole(image.shape[1], image.shape[0], -90.0 * round(face_turn(largest) / 90), longest=_FRAMED)
    unturn = cv2.invertAffineTransform(look.matrix)
    for x, y, side in _suspected(cut(image, look), min(least, max(look.size) / 2)):
        centre, height = unturn @ (x, y, 1), side * _FACE_OF_BOX / look.scale
        if not any(_within(face, centre) for face in found):
            yield from _see(
                image, similarity(tuple(centre), look.turn, CLOSE_PX / (_CLOSE * height), CLOSE_PX)
            )


def _suspected(image: np.ndarray, least: float) -> Iterator[tuple[float, float, float]]:
    """Middle and side in px of the boxes that the detector draws, in the larger tiles first."""
    height, width = image.shape[:2]
    sides = [least]
    while sides[-1] * 2 < max(height, width):
        sides.append(sides[-1] * 2)
    for side in reversed(sides):
        scale = min(1.0, Detector.SIDE / side)
        for top, left in itertools.product(corners(height, side), corners(width, side)):
            tile = image[int(top) : int(top + side), int(left) : int(left + side)]
            small = cv2.resize(tile, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            for x, y, box in _detector()(small):
                yield left + x / scale, top + y / scale, box / scale


def _see(image: np.ndarray, look: View) -> Iterator[Face]:
    for seen in _landmarker()(cut(image, look)):
        sure = _sure(image, back(seen, look), plain=face_height(seen) >= _PLAIN_HEIGHT)
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
    look = similarity(((x0 + x1) / 2, (y0 + y1) / 2), turn - face_turn(face), CLOSE_PX / side, CLOSE_PX)
    fitting = [
        seen
        for seen in model(cut(image, look))
        if np.linalg.norm(seen.landmarks[:, :2].mean(0) - CLOSE_PX / 2) < CLOSE_PX / 4
        and abs(face_turn(seen)) < 45
    ]
    return back(max(fitting, key=face_height), look) if fitting else None


def _add(found: list[Face], faces: Iterator[Face]) -> None:
    for face in faces:
        if not any(_within(other, face.landmarks[:, :2].mean(0)) for other in found):
            found.append(face)


def _within(face: Face, point: np.ndarray) -> bool:
    """Whether a point of the photo lies on a face."""
    return np.linalg.norm(face.landmarks[:, :2].mean(0) - point) <= 0.5 * face_height(face)


@cache
def _landmarker() -> Landmarker:
    return Landmarker(faces=_MAX_FACES)


@cache
def _detector() -> Detector:
    return Detector()


@cache
def _strict() -> Landmarker:
    return Landmarker(faces=2, confidence=_STRICT)
