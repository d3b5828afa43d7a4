"""A video of a person as a `Footage`: read lazily, upright, at a constant rate, the chosen face tracked.

Only landmarks are kept, a few kilobytes per frame; the pictures are decoded again whenever they are needed.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from pipeline.errors import NoFaceError, VideoError
from pipeline.faces.search import find
from pipeline.faces.tracking import track
from pipeline.types import FRAME_RATES, Frame
from pipeline.video import probe, read_frames

MAX_SECONDS = 600
MAX_SIDE = 8192
"""Widest or highest picture in px that is decoded at all."""

_WORKING_SIDE = 1920
"""Larger pictures are scaled down to this longest side: 1080p."""
_PROBES = 12
"""Frames, spread over the video, that are searched before saying that nobody is in it."""
_STEPS = 16
"""Landmarks are kept in sixteenths of a px, a third of the tracker's own jitter, in half the memory."""


def open_footage(path: Path | str, *, fps: int | None = None, choose: int = 0) -> TrackedFootage:
    """The video as a `types.Footage`.

    Args:
        path: any video that FFmpeg reads, up to `MAX_SECONDS` long; over 1080p it is scaled down.
        fps: the rate at which its frames come, one of `FRAME_RATES`; the nearest to its own by default.
        choose: which face of the first frame that shows one, largest first.

    Raises:
        VideoError: not a video, damaged, no picture, too long or too large.
        NoFaceError: nobody can be seen in it.
    """
    path = Path(path)
    info = probe(path)
    if info.duration > MAX_SECONDS:
        raise _too_long(path)
    if max(info.size) > MAX_SIDE:
        raise VideoError(f"{path.name} is {info.size[0]} × {info.size[1]} pixels; scale it down to 1080p.")
    rate = fps or min(FRAME_RATES, key=lambda known: abs(known - info.fps))
    if rate not in FRAME_RATES:
        offered = ", ".join(map(str, FRAME_RATES))
        raise VideoError(f"{rate} frames per second is not offered; choose one of {offered}.")
    count = max(1, round(info.duration * rate)) if info.duration else _counted(path, rate)
    footage = TrackedFootage(path, fps=rate, count=count, choose=choose)
    if not footage.shows_someone():
        raise NoFaceError(
            f"No face was found in {path.name}; use a video in which one person looks towards the camera."
        )
    return footage


def _counted(path: Path, fps: int) -> int:
    """Number of frames of a file that does not say how long it is, as browsers record them."""
    count = 0
    for _ in read_frames(path, fps, max_side=64):
        count += 1
        if count > MAX_SECONDS * fps:
            raise _too_long(path)
    return count


def _too_long(path: Path) -> VideoError:
    minutes = MAX_SECONDS // 60
    return VideoError(f"{path.name} is longer than {minutes} minutes; cut it to the part that shall speak.")


class TrackedFootage:
    """A video file, read on demand; see `types.Footage`. Made by `open_footage`."""

    fps: int
    size: tuple[int, int]
    count: int

    def __init__(self, path: Path, *, fps: int, count: int, choose: int) -> None:
        self.path = path
        self.fps = fps
        self.count = count
        self._choose = choose
        self._tracks: list[np.ndarray | None] | None = None
        """`(478, 3)` int16 per frame, once a pass has come to the end."""
        height, width = next(self._pictures()).shape[:2]
        self.size = (width, height)

    def frames(self) -> Iterator[Frame]:
        """The frames from the first, `landmarks` where the face is in sight; tracked in the first pass."""
        if self._tracks is not None:
            yield from self.read(0, self.count)
            return
        tracks: list[np.ndarray | None] = []
        for image, packed in self._tracked():
            tracks.append(packed)
            yield _frame(image, packed)
        self._tracks, self.count = tracks, len(tracks)

    def read(self, start: int, stop: int) -> Iterator[Frame]:
        """Frames `start` to `stop` (not included), without decoding what lies before their key frame."""
        for packed, image in zip(self.tracks()[start:stop], self._pictures(start), strict=False):
            yield _frame(image, packed)

    def tracks(self) -> list[np.ndarray | None]:
        """Landmarks of every frame, `(478, 3)` int16 in sixteenths of a px; tracks the video if need be."""
        if self._tracks is None:
            self._tracks = [packed for _, packed in self._tracked()]
            self.count = len(self._tracks)
        return self._tracks

    def shows_someone(self) -> bool:
        """Whether a face is found in any of some frames spread over the video."""
        for at in sorted({round(self.count * part / _PROBES) for part in range(_PROBES)}):
            try:
                for image in itertools.islice(self._pictures(at), 1):
                    find(image, others=False)
                    return True
            except NoFaceError:
                continue
        return False

    def _tracked(self) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        shown, tracked = itertools.tee(self._pictures())
        for image, face in zip(shown, track(tracked, self.fps, choose=self._choose), strict=True):
            yield image, None if face is None else _packed(face.landmarks)

    def _pictures(self, start: int = 0) -> Iterator[np.ndarray]:
        for image in read_frames(self.path, self.fps, max_side=_WORKING_SIDE, start=start):
            yield image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]


def _packed(landmarks: np.ndarray) -> np.ndarray:
    limits = np.iinfo(np.int16)
    return np.clip(np.round(landmarks * _STEPS), limits.min, limits.max).astype(np.int16)


def _frame(image: np.ndarray, packed: np.ndarray | None) -> Frame:
    return Frame(image=image, landmarks=None if packed is None else packed.astype(np.float32) / _STEPS)
