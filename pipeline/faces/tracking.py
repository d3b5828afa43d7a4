"""One person's face followed through a video, frame by frame, without smoothing or delay.

The landmarker looks at a window around the face, not at the whole frame: small faces are seen as well as
large ones, and bystanders stay outside. The window moves rarely, because its own movement would be noise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarker import Landmarker
from pipeline.faces.search import detect_all, face_height
from pipeline.types import Face

_WINDOW = 3.2
"""Side of the window in face heights."""
_DRIFT = 0.6
"""Face heights that the face may be off the window's middle before the window moves."""
_SIZES = (0.7, 1.4)
"""How much smaller or larger the face may get before the window is made anew."""
_STEP = 0.5
"""Face heights that a face may move between frames, per frame since it was last seen."""
_SCENE = 28.0
"""Mean grey-level change of a 32 × 32 px copy that means a cut: motion stays below 15."""


def track(
    frames: Iterable[np.ndarray], fps: int, *, choose: int = 0, near: np.ndarray | None = None
) -> Iterator[Face | None]:
    """The followed face of each `(H, W, 3)` uint8 RGB frame, or None where it is out of sight.

    Args:
        frames: consecutive frames of one size, read one at a time.
        fps: their rate; a lost face is searched for five times a second.
        choose: which face of the first frame that shows any, largest first; the last where there are fewer.
        near: `(2,)` px; the face nearest to this point is followed, instead of one by its size.

    A face is followed by place and size. After a cut, and when it comes back, the face nearest to where it
    was last seen is taken up, but never one that was beside it when it left.
    """
    with Landmarker(faces=2, video=True) as landmarker:
        follower = _Follower(landmarker, choose=choose, near=near, every=max(1, round(fps / 5)))
        for frame in frames:
            yield follower.next(frame)


@dataclass(frozen=True)
class _Window:
    """A rectangle of the frame, in whole px."""

    left: int
    top: int
    right: int
    bottom: int

    def cut(self, frame: np.ndarray) -> np.ndarray:
        return frame[self.top : self.bottom, self.left : self.right]

    def back(self, face: Face) -> Face:
        points = face.landmarks + np.array([self.left, self.top, 0], np.float32)
        return Face(points, face.blendshapes, face.pose, face.matrix)


class _Follower:
    """What is known of the face between one frame and the next."""

    def __init__(self, landmarker: Landmarker, *, choose: int, near: np.ndarray | None, every: int) -> None:
        self._landmarker = landmarker
        self._choose = choose
        self._start = near
        self._every = every
        self._window: _Window | None = None
        self._size = 0.0
        """Face height when the window was made."""
        self._last: Face | None = None
        self._missed = 0
        self._company = 0
        """How many other faces there were when the whole frame was searched last."""
        self._others: list[np.ndarray] = []
        """Where they were when the face was lost; followed from search to search."""
        self._small: np.ndarray | None = None
        self._frames = 0

    def next(self, frame: np.ndarray) -> Face | None:
        """The face in the frame that follows the one given before."""
        self._frames += 1
        if self._is_cut(frame):
            self._window, self._others, self._company, self._missed = None, [], 0, 0
        face = self._look(frame) if self._window else None
        if face is None and self._missed % self._every == 0:
            face = self._search(frame)
        if face is None:
            self._window = None
            self._missed += 1
            return None
        self._last, self._missed = face, 0
        return face

    def _look(self, frame: np.ndarray) -> Face | None:
        window = self._window
        seen = [window.back(face) for face in self._landmarker(window.cut(frame))]
        face = self._same(seen)
        if face is None:
            return None
        moved = _around(face, frame)
        if moved == window or not self._strays(face, window):
            return face
        # The first look in a new window still starts from the old place; the second is exact.
        self._landmarker(moved.cut(frame))
        self._window, self._size = moved, face_height(face)
        return self._same([moved.back(one) for one in self._landmarker(moved.cut(frame))]) or face

    def _strays(self, face: Face, window: _Window) -> bool:
        middle = np.array([window.left + window.right, window.top + window.bottom]) / 2
        off = np.linalg.norm(_middle(face) - middle) / face_height(face)
        return off > _DRIFT or not _SIZES[0] < face_height(face) / self._size < _SIZES[1]

    def _same(self, seen: list[Face]) -> Face | None:
        """The one that can be the face of the last frame."""
        face = min(seen, key=self._distance, default=None)
        return face if face is not None and self._near(face) else None

    def _near(self, face: Face) -> bool:
        return self._distance(face) <= _STEP * face_height(self._last) * (1 + self._missed)

    def _search(self, frame: np.ndarray) -> Face | None:
        """The face looked for in the whole frame: at the start, after a cut, when it was lost."""
        first = self._frames == 1
        several = self._choose > 0 or self._start is not None
        seen = detect_all(frame, thorough=first, others=first and several)
        if not seen:
            return None
        if self._last is None and (start := self._start) is not None:
            face = min(seen, key=lambda one: float(np.linalg.norm(_middle(one) - start)))
        elif self._last is None:
            face = seen[min(self._choose, len(seen) - 1)]
        else:
            face = min(self._strangers(seen), key=self._distance, default=None)
        if face is None:
            return None
        self._company, self._others = len(seen) - 1, []
        window = _around(face, frame)
        self._window, self._size, self._last = window, face_height(face), face
        self._landmarker(window.cut(frame))
        return self._same([window.back(one) for one in self._landmarker(window.cut(frame))]) or face

    def _strangers(self, seen: list[Face]) -> list[Face]:
        """The faces that were not beside the lost one when it left."""
        if self._missed == 0 and self._company:
            by_distance = sorted(seen, key=self._distance)
            beside = [one for one in by_distance[-self._company :] if not self._near(one)]
        else:
            beside = [
                one
                for one in seen
                if any(np.linalg.norm(_middle(one) - other) < face_height(one) for other in self._others)
            ]
        self._others = [_middle(one) for one in beside] or self._others
        return [one for one in seen if all(one is not other for other in beside)]

    def _distance(self, face: Face) -> float:
        return float(np.linalg.norm(_middle(face) - _middle(self._last)))

    def _is_cut(self, frame: np.ndarray) -> bool:
        small = cv2.resize(frame[::4, ::4], (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
        before, self._small = self._small, small
        return before is not None and float(np.abs(small - before).mean()) > _SCENE


def _around(face: Face, frame: np.ndarray) -> _Window:
    """The window for a face, inside the frame; the whole frame where the face is large."""
    height, width = frame.shape[:2]
    half = _WINDOW * face_height(face) / 2
    x, y = _middle(face)
    if 2 * half >= min(width, height):
        half = max(width, height)
    return _Window(
        left=int(max(0, x - half)),
        top=int(max(0, y - half)),
        right=int(min(width, x + half)),
        bottom=int(min(height, y + half)),
    )


def _middle(face: Face) -> np.ndarray:
    return face.landmarks[:, :2].mean(0)
