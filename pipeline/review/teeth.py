"""The pictures from which a person's teeth are read: where they hang, and whether they serve."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Generator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from pipeline.errors import NoFaceError, concerning
from pipeline.faces import find, is_video, read_image, track
from pipeline.faces.landmarks import FACE_OVAL, LOWER_LIP, RIGID, UPPER_LIP
from pipeline.findings import Finding
from pipeline.puppet.geometry.basis import face_basis
from pipeline.puppet.geometry.face_frame import fit_face_frame
from pipeline.puppet.tooth_lines import cut_face, read_tooth_lines
from pipeline.types import Face, ToothLines
from pipeline.video import read_frames

_RATE, _SECONDS = 10, 30
"""Frames per second at which a video is searched for open mouths, and how much of it."""
_MAX_SIDE = 1280
"""Longest side in px at which it is searched."""
_PICTURES = 8
"""The most open mouths that are kept."""
_APART = 2
"""Frames between two of them at least: neighbours tell the same."""
_MIN_GAP = 0.05
"""Least gap of the lips, in inter-ocular distances, that shows what is behind them."""
_STRANGER = 0.075
"""Mean distance of two faces' outlines, in inter-ocular distances, from which they are two people: of 65
speakers 1 in 100 differs as much from themselves, and four in ten pairs differ more."""
_TOPIC = "teeth"

Seen = tuple[np.ndarray, Face]
"""A picture `(H, W, 3)` uint8 and its face."""


@concerning("teeth_from")
def review_teeth(paths: Sequence[Path], person: Face) -> tuple[ToothLines | None, Finding]:
    """Read where a person's teeth hang, and say what the pictures were good for.

    Args:
        paths: photos or videos that show them, one at least.
        person: the face that will speak.

    Returns:
        The lines, None where none can be read, and the finding.

    Raises:
        PhotoError, VideoError, NoFaceError: a file cannot be used, or shows no face.
    """
    shown = [(path, _open_mouths(path)) for path in paths]
    lines = read_tooth_lines(each for _, seen in shown for each in seen)
    if lines is None:
        verb = "shows" if len(paths) == 1 else "show"
        sentence = f"{_names(paths)} {verb} no teeth; give a photo or a video of an open mouth or a smile."
        return None, Finding(_TOPIC, "fair", sentence)
    used = [path for path, seen in shown if seen]
    others = [path for path, seen in shown if seen and _is_stranger(seen, person)]
    if others:
        verb = "seems" if len(others) == 1 else "seem"
        sentence = f"{_names(others)} {verb} to show another person; the teeth are drawn as seen there."
        return lines, Finding(_TOPIC, "fair", sentence)
    return lines, Finding(_TOPIC, "good", f"The teeth are drawn as seen in {_names(used)}.")


@concerning("teeth_from")
def check_teeth(path: Path) -> None:
    """Make sure that a photo or a video of teeth can be read and shows a face; of a video, up to the first.

    Raises:
        PhotoError, VideoError, NoFaceError: as for `review_teeth`.
    """
    with closing(_faces(path)) as seen:
        next(seen)


def _names(paths: Sequence[Path]) -> str:
    """Names of files as they stand in a sentence."""
    *others, last = (path.name for path in paths)
    return f"{', '.join(others)} and {last}" if others else last


def _is_stranger(seen: list[Seen], person: Face) -> bool:
    return min(_distance(face, person) for _, face in seen) > _STRANGER


def _open_mouths(path: Path) -> list[Seen]:
    """The faces of a file whose mouths are open farthest, cut out; none where all are shut."""
    kept: list[tuple[float, int, Seen]] = []
    for number, (image, face) in enumerate(_faces(path)):
        gap = _gap(face)
        if gap < _MIN_GAP:
            continue
        near = next((one for one in kept if number - one[1] < _APART), None)
        if near is not None:
            if near[0] >= gap:
                continue
            kept.remove(near)
            heapq.heapify(kept)
        heapq.heappush(kept, (gap, number, cut_face(image, face)))
        if len(kept) > _PICTURES:
            heapq.heappop(kept)
    return [seen for _, _, seen in sorted(kept, key=lambda one: one[1])]


def _faces(path: Path) -> Generator[Seen]:
    """The largest face in a photo, or the face tracked through a video.

    Raises:
        NoFaceError: there is none.
    """
    if not is_video(path):
        image = read_image(path)
        yield image, find(image, others=False)[0]
        return
    frames = itertools.islice(read_frames(path, _RATE, max_side=_MAX_SIDE), _RATE * _SECONDS)
    shown, tracked = itertools.tee(frames)
    found = False
    for image, face in zip(shown, track(tracked, _RATE), strict=False):
        if face is not None:
            found = True
            yield image, face
    if not found:
        raise NoFaceError(f"No face is found in {path.name}; give a photo or a video of the person's face.")


def _gap(face: Face) -> float:
    """How far the lips are apart, in inter-ocular distances."""
    return float(np.linalg.norm(face.landmarks[UPPER_LIP] - face.landmarks[LOWER_LIP])) / face.interocular


def _distance(one: Face, other: Face) -> float:
    """Of two faces' outlines and bones, without expression, in inter-ocular distances."""
    first, second = _shape(one), _shape(other)
    return float(np.linalg.norm(first - second, axis=1).mean())


def _shape(face: Face) -> np.ndarray:
    """`(K, 2)`: where outline and bones of the upright face are without its expression."""
    basis = face_basis()
    upright = fit_face_frame(face.landmarks, basis).to_upright(face.landmarks)
    neutral = upright - np.tensordot(face.blendshapes, basis.shapes, 1)
    return neutral[[*RIGID, *FACE_OVAL], :2]
