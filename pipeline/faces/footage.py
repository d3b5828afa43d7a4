"""A video of a person as a `Footage`: read lazily, upright, at a constant frame rate, with one face tracked.

Only landmarks are kept in memory, a few kilobytes a frame; frames are decoded again whenever they are needed.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np

from pipeline.errors import NoFaceError, VideoError
from pipeline.faces.search import find
from pipeline.faces.sparse_tracking import track_sparsely
from pipeline.types import FRAME_RATES, Frame
from pipeline.video import probe, read_frames

_MAX_SECONDS = 600
"""Longest video, in seconds."""
_MAX_SIDE = 8192
"""Longest side in px of a video that is decoded at all."""

_WORKING_SIDE = 1920
"""Larger videos are scaled down to this longest side: 1080p."""
_PROBES = 12
"""Frames, spread over the video, that are searched for a face before the video is refused."""
_STEPS = 16
"""Landmarks are kept in sixteenths of a px: a third of the tracker's own jitter, at half the memory."""


def open_footage(path: Path | str, *, fps: int | None = None, face: int = 1) -> TrackedFootage:
    """A video of a person, with one face tracked.

    Args:
        path: any video that FFmpeg reads, up to ten minutes long; over 1080p it is scaled down.
        fps: frame rate to read it at, one of `FRAME_RATES`; by default the nearest to its own.
        face: which face of the first frame that shows one; 1 is the largest.

    Raises:
        VideoError: not a video, damaged, without picture, too long or too large.
        NoFaceError: no face is found in it.
    """
    path = Path(path)
    info = probe(path)
    if info.duration > _MAX_SECONDS:
        raise _too_long(path)
    if max(info.size) > _MAX_SIDE:
        raise VideoError(
            f"{path.name} is too large, {info.size[0]} × {info.size[1]} pixels; scale it down to 1080p."
        )
    rate = fps or min(FRAME_RATES, key=lambda known: abs(known - info.fps))
    if rate not in FRAME_RATES:
        offered = ", ".join(map(str, FRAME_RATES))
        raise VideoError(
            f"{rate} frames per second is not supported; choose one of {offered}.", parameter="fps"
        )
    count = max(1, round(info.duration * rate)) if info.duration else _counted(path, rate)
    footage = TrackedFootage(path, fps=rate, count=count, face=face)
    if not footage.has_face():
        raise NoFaceError(
            f"No face was found in {path.name}; use a video in which one person looks towards the camera."
        )
    return footage


def _counted(path: Path, fps: int) -> int:
    """Number of frames of a file that does not state its length, such as one recorded by a browser."""
    count = 0
    for _ in read_frames(path, fps, max_side=64):
        count += 1
        if count > _MAX_SECONDS * fps:
            raise _too_long(path)
    return count


def _too_long(path: Path) -> VideoError:
    minutes = _MAX_SECONDS // 60
    return VideoError(f"{path.name} is longer than {minutes} minutes; cut it to the part you need.")


class TrackedFootage:
    """A video file, read on demand; opened by `open_footage`."""

    fps: int
    """Constant frame rate, one of `FRAME_RATES`."""
    size: tuple[int, int]
    """Width and height in px, upright and even."""
    count: int
    """Number of frames at `fps`; exact once the video was read to its end."""

    def __init__(self, path: Path, *, fps: int, count: int, face: int) -> None:
        self.path = path
        self.fps = fps
        self.count = count
        self._face = face
        self._tracks: list[np.ndarray | None] | None = None
        """`(478, 3)` int16 per frame, once the whole video was read."""
        height, width = next(self._images()).shape[:2]
        self.size = (width, height)

    def frames(self) -> Iterator[Frame]:
        """All frames in order, with `landmarks` where the face is in view; the first pass tracks it."""
        if self._tracks is not None:
            yield from self.read(0, self.count)
            return
        tracks: list[np.ndarray | None] = []
        for image, packed in self._tracked():
            tracks.append(packed)
            yield _frame(image, packed)
        self._tracks, self.count = tracks, len(tracks)

    def read(self, start: int, stop: int) -> Generator[Frame, None, None]:
        """Frames from `start` up to `stop`, excluding it, decoded from the keyframe before `start`."""
        for packed, image in zip(self.tracks()[start:stop], self._images(start), strict=False):
            yield _frame(image, packed)

    def tracks(self) -> list[np.ndarray | None]:
        """Landmarks of every frame, `(478, 3)` int16 in sixteenths of a px; tracks the video if needed."""
        if self._tracks is None:
            self._tracks = [packed for _, packed in self._tracked()]
            self.count = len(self._tracks)
        return self._tracks

    def has_face(self) -> bool:
        """Whether a face is found in any of `_PROBES` frames spread over the video."""
        for at in sorted({round(self.count * part / _PROBES) for part in range(_PROBES)}):
            try:
                for image in itertools.islice(self._images(at), 1):
                    find(image, others=False)
                    return True
            except NoFaceError:
                continue
        return False

    def _tracked(self) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        for image, landmarks in track_sparsely(self._images(), self.fps, face=self._face):
            yield image, None if landmarks is None else _packed(landmarks)

    def _images(self, start: int = 0) -> Iterator[np.ndarray]:
        for image in read_frames(self.path, self.fps, max_side=_WORKING_SIDE, start=start):
            yield image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]


def _packed(landmarks: np.ndarray) -> np.ndarray:
    limits = np.iinfo(np.int16)
    return np.clip(np.round(landmarks * _STEPS), limits.min, limits.max).astype(np.int16)


def _frame(image: np.ndarray, packed: np.ndarray | None) -> Frame:
    return Frame(image=image, landmarks=None if packed is None else packed.astype(np.float32) / _STEPS)
