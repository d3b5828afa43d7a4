"""A video that goes on after its end: the moment at which it is most like its end, and a dissolve to it.

After Schödl et al., "Video textures", 2000. During the dissolve both pictures are moved so that the heads lie
on each other, or there would be two of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import (
    BROWS,
    CHEEKS,
    CHIN,
    EYE_CONTOUR,
    EYE_CORNERS,
    FACE_OVAL,
    FOREHEAD,
    LOWER_LID_MIDDLE,
    MESH_LANDMARKS,
    NOSE_TIP,
    UPPER_LID_MIDDLE,
)
from pipeline.threads import one_thread
from pipeline.types import Frame

_FADE = 0.32
"""Seconds of the dissolve."""
_SHORTEST = 1.5, 4.0, 0.45
"""Seconds that are played at least between two dissolves; from as many on they are enough; and between these
the share of the video. A short loop would be noticed for its repetition."""
_LEAVE, _ENTER = 5.0, 15.0
"""Seconds at the end and at the beginning of a video in which it is left and entered."""
_LARGEST = 0.13
"""Mean distance of the landmarks, in inter-ocular distances, above which a dissolve would be seen."""
_LIDS = 3.0
"""Weight of how far the eyes are open: a blink dissolves into an open eye as a shadow."""
_COMPARED = [*FACE_OVAL[::3], *BROWS, *CHEEKS, CHIN, FOREHEAD, NOSE_TIP]
_COMPARED += [vertex for contour in EYE_CONTOUR.values() for vertex in contour]
"""Landmarks by which two moments are compared: lids among them, but not the lips, which are replaced."""
_RIGID = [*FACE_OVAL[::3], NOSE_TIP, FOREHEAD, *(corner for pair in EYE_CORNERS.values() for corner in pair)]
"""Landmarks by which the heads are laid on each other."""
_WHOLE, _STILL = 0.75, 1.9
"""Distances from the middle of the face, in face heights, up to which a picture moves as a whole, and from
which it does not move at all."""
_CELL = 0.04
"""Distance between the samples of that motion, in face heights."""
_FEATURE = 0.05
"""Face heights around a landmark that follow it beyond the motion of the whole head."""
_FAINT = 0.05
"""Weight of the head's motion among those of the landmarks."""


@dataclass(frozen=True)
class Joint:
    """Two stretches of a video, `frames` long, that can be dissolved into each other."""

    leave: int
    """First frame of the earlier picture."""
    enter: int
    """First frame of the later one, which lies before it in the video."""
    frames: int


def fade_frames(fps: int) -> int:
    """How many frames a dissolve lasts."""
    return max(2, round(_FADE * fps))


def find_joint(tracks: list[np.ndarray | None], fps: int, *, at_end: bool) -> Joint | None:
    """The best place to go back to an earlier moment, or None where it would be seen.

    Args:
        tracks: landmarks `(478, 3)` of each frame in any unit; None where no face is in view.
        fps: their rate.
        at_end: leave exactly where the video ends, rather than where it is best.
    """
    fade, count = fade_frames(fps), len(tracks)
    last = count - fade
    leaves = np.arange(last if at_end else max(last - round(_LEAVE * fps), last // 2), last + 1)
    least, enough, share = _SHORTEST
    apart = round(max(least * fps, min(enough * fps, share * count)))
    enters = np.arange(max(min(round(_ENTER * fps), last - apart + 1), 0))
    if last < 1 or not len(enters):
        return None
    outlines = np.full((count, len(_COMPARED), 2), np.nan, np.float32)
    for outline, track in zip(outlines, tracks, strict=True):
        if track is not None:
            outline[:] = track[_COMPARED, :2]
    distance = np.mean(
        [
            np.linalg.norm(outlines[leaves + step, None] - outlines[enters + step], axis=3).mean(2)
            for step in range(fade)
        ],
        0,
    )
    lids = _lid_openings(tracks)
    distance += _LIDS * np.abs(
        sum(lids[leaves + step, None] - lids[enters + step] for step in range(fade)) / np.float32(fade)
    )
    distance[leaves[:, None] - enters < apart] = np.nan
    if np.isnan(distance).all():
        return None
    row, column = np.unravel_index(np.nanargmin(distance), distance.shape)
    seen = tracks[int(leaves[row])]
    if seen is None or distance[row, column] > _LARGEST * _interocular(seen):
        return None
    return Joint(int(leaves[row]), int(enters[column]), fade)


def dissolve(leaving: Iterator[Frame], entering: Iterator[Frame], frames: int) -> Iterator[Frame]:
    """`frames` frames in which the video `leaving` passes into the one `entering`."""
    for step, (one, other) in enumerate(zip(leaving, entering, strict=False)):
        yield _mixed(one, other, float(smoothstep((step + 1) / (frames + 1), 0.0, 1.0)))


def _lid_openings(tracks: list[np.ndarray | None]) -> np.ndarray:
    """`(T,)` how far both lids are apart in the tracks' unit; NaN where no face is in view."""
    openings = np.full(len(tracks), np.nan, np.float32)
    for index, track in enumerate(tracks):
        if track is not None:
            lids = [track[list(row.values()), :2] for row in (UPPER_LID_MIDDLE, LOWER_LID_MIDDLE)]
            openings[index] = np.linalg.norm(lids[0].astype(np.float32) - lids[1], axis=1).mean()
    return openings


def _interocular(landmarks: np.ndarray) -> float:
    right, left = (landmarks[list(pair), :2].mean(0) for pair in EYE_CORNERS.values())
    return float(np.linalg.norm(right - left))


def _mixed(one: Frame, other: Frame, share: float) -> Frame:
    if one.landmarks is None or other.landmarks is None:
        return Frame(cv2.addWeighted(one.image, 1 - share, other.image, share, 0))
    landmarks = one.landmarks + np.float32(share) * (other.landmarks - one.landmarks)
    with one_thread():  # of products so small, more threads make ten times the work
        images = [_moved(frame.image, frame.landmarks, landmarks) for frame in (one, other)]
    return Frame(cv2.addWeighted(images[0], 1 - share, images[1], share, 0), landmarks)


def _moved(image: np.ndarray, source: np.ndarray | None, target: np.ndarray) -> np.ndarray:
    """`image` with the head from `source` at `target`, both landmarks `(478, 3)` px."""
    if source is None:
        return image
    to_source, _ = cv2.estimateAffinePartial2D(target[_RIGID, :2], source[_RIGID, :2], method=cv2.LMEDS)
    if to_source is None:
        return image
    height, width = image.shape[:2]
    face = float(np.linalg.norm(target[FOREHEAD, :2] - target[CHIN, :2]))
    cells = [round(side / (_CELL * face)) + 2 for side in (width, height)]
    x, y = np.meshgrid(np.linspace(0, width - 1, cells[0]), np.linspace(0, height - 1, cells[1]))
    points = np.stack([x, y], -1)
    shift = points @ to_source[:, :2].T + to_source[:, 2] - points
    away = np.linalg.norm(points - target[_RIGID, :2].mean(0), axis=2) / face
    shift *= (1 - smoothstep(away, _WHOLE, _STILL))[..., None]
    # The features, one by one. A Gaussian of both axes is the product of two, one for each.
    places = target[:MESH_LANDMARKS, :2]
    rest = source[:MESH_LANDMARKS, :2] - places @ to_source[:, :2].T - to_source[:, 2]
    along, down = (
        np.exp(-(((line[:, None] - places[:, axis]) / (_FEATURE * face)) ** 2))
        for axis, line in enumerate((x[0], y[:, 0]))
    )
    near = down @ along.T
    for axis in range(2):
        shift[..., axis] += (down * rest[:, axis]) @ along.T / (near + _FAINT)
    fine = cv2.resize(shift.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    fine[..., 0] += np.arange(width, dtype=np.float32)
    fine[..., 1] += np.arange(height, dtype=np.float32)[:, None]
    return cv2.remap(image, fine, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
