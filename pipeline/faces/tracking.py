"""Face tracking through a video, frame by frame, without smoothing or delay.

The landmarker sees a window around the face, not the whole frame: small faces are tracked as well as large
ones, and bystanders stay outside. The window moves rarely, because its own movement would be noise.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarker import Landmarker
from pipeline.faces.search import detect_all, face_height
from pipeline.types import Face

_WINDOW = 3.2
"""Side of the window in face heights."""
_DRIFT = 0.6
"""Face heights that the face may be off the window's centre before the window moves."""
_SIZES = (0.7, 1.4)
"""How much smaller or larger the face may get before the window is replaced."""
_STEP = 0.5
"""Face heights that a face may move per frame since it was last in view."""
_CUT = 28.0
"""Mean grey-level change of a 32 × 32 px copy that means a cut; motion stays below 15."""


def track(
    frames: Iterable[np.ndarray], fps: int, *, face: int = 1, near: np.ndarray | None = None
) -> Generator[Face | None, None, None]:
    """The tracked face in each `(H, W, 3)` uint8 RGB frame, or None where it is out of view.

    A face is tracked by place and size. After a cut, and when it comes back, tracking continues with the face
    nearest to where it was last in view, but never with one that was beside it when it left.

    Args:
        frames: consecutive frames of one size, read one at a time.
        fps: their rate; a lost face is searched for five times a second.
        face: which face of the first frame that shows any, 1 being the largest; the smallest where there are
            fewer.
        near: `(2,)` px; the face nearest to this point is tracked, instead of one chosen by its size.
    """
    with Landmarker(faces=2, video=True) as landmarker:
        tracker = _Tracker(landmarker, face=face, near=near, every=max(1, round(fps / 5)))
        for frame in frames:
            yield tracker.next(frame)


@dataclass(frozen=True)
class _Window:
    """A rectangle of the frame, in whole px."""

    left: int
    top: int
    right: int
    bottom: int

    def cut(self, frame: np.ndarray) -> np.ndarray:
        return frame[self.top : self.bottom, self.left : self.right]

    def map_back(self, face: Face) -> Face:
        """A face found in the window, in the frame's px."""
        points = face.landmarks + np.array([self.left, self.top, 0], np.float32)
        return Face(points, face.blendshapes, face.pose, face.matrix)


class _Tracker:
    """What is known of the face between one frame and the next."""

    def __init__(self, landmarker: Landmarker, *, face: int, near: np.ndarray | None, every: int) -> None:
        self._landmarker = landmarker
        self._wanted = face
        self._start = near
        self._every = every
        self._window: _Window | None = None
        self._size = 0.0
        """Face height when the window was placed."""
        self._last: Face | None = None
        self._missed = 0
        """Frames since it was last in view."""
        self._company = 0
        """How many other faces there were when the whole frame was last searched."""
        self._others: list[np.ndarray] = []
        """Where they were when the face was lost; updated with every search."""
        self._small: np.ndarray | None = None
        """The last frame at 32 × 32 px."""
        self._frames = 0

    def next(self, frame: np.ndarray) -> Face | None:
        """The face in the frame that follows the last one."""
        self._frames += 1
        if self._is_cut(frame):
            self._window, self._others, self._company, self._missed = None, [], 0, 0
        face = self._follow(frame, self._window) if self._window else None
        if face is None and self._missed % self._every == 0:
            face = self._search(frame)
        if face is None:
            self._window = None
            self._missed += 1
            return None
        self._last, self._missed = face, 0
        return face

    def _follow(self, frame: np.ndarray, window: _Window) -> Face | None:
        """The face in the window, which moves along where the face leaves its middle."""
        face = self._same(self._detect(frame, window))
        if face is None:
            return None
        moved = _window_around(face, frame)
        if moved == window or not self._strays(face, window):
            return face
        return self._moved(frame, face, moved)

    def _moved(self, frame: np.ndarray, face: Face, window: _Window) -> Face:
        """The face in a new window, which replaces the old one."""
        # The first detection in a new window still starts from the old place; the second is exact.
        self._landmarker(window.cut(frame))
        self._window, self._size = window, face_height(face)
        return self._same(self._detect(frame, window)) or face

    def _detect(self, frame: np.ndarray, window: _Window) -> list[Face]:
        return [window.map_back(face) for face in self._landmarker(window.cut(frame))]

    def _strays(self, face: Face, window: _Window) -> bool:
        """Whether the face is no longer near the window's centre, or of another size."""
        centre = np.array([window.left + window.right, window.top + window.bottom]) / 2
        off = float(np.linalg.norm(_centre(face) - centre)) / face_height(face)
        return off > _DRIFT or not _SIZES[0] < face_height(face) / self._size < _SIZES[1]

    def _same(self, faces: list[Face]) -> Face | None:
        """The one that can be the face of the last frame."""
        face = min(faces, key=self._distance, default=None)
        return face if face is not None and self._is_near(face) else None

    def _is_near(self, face: Face) -> bool:
        if self._last is None:
            return False
        return self._distance(face) <= _STEP * face_height(self._last) * (1 + self._missed)

    def _search(self, frame: np.ndarray) -> Face | None:
        """Search the whole frame: at the start, after a cut, and when the face is lost."""
        first = self._frames == 1
        several = self._wanted > 1 or self._start is not None
        faces = detect_all(frame, thorough=first, others=first and several)
        face = self._candidate(faces)
        if face is None:
            return None
        self._company, self._others = len(faces) - 1, []
        self._last = face
        return self._moved(frame, face, _window_around(face, frame))

    def _candidate(self, faces: list[Face]) -> Face | None:
        """The face to track from now on: the chosen one, or the nearest that was not beside the lost one."""
        if not faces:
            return None
        if self._last is None and (start := self._start) is not None:
            return min(faces, key=lambda face: float(np.linalg.norm(_centre(face) - start)))
        if self._last is None:
            return faces[min(self._wanted, len(faces)) - 1]
        return min(self._without_bystanders(faces), key=self._distance, default=None)

    def _without_bystanders(self, faces: list[Face]) -> list[Face]:
        """The faces that were not beside the lost one when it left."""
        if self._missed == 0 and self._company:
            by_distance = sorted(faces, key=self._distance)
            bystanders = [face for face in by_distance[-self._company :] if not self._is_near(face)]
        else:
            bystanders = [
                face
                for face in faces
                if any(np.linalg.norm(_centre(face) - other) < face_height(face) for other in self._others)
            ]
        self._others = [_centre(face) for face in bystanders] or self._others
        return [face for face in faces if all(face is not bystander for bystander in bystanders)]

    def _distance(self, face: Face) -> float:
        """Px between a face and where the tracked one was last in view."""
        return 0.0 if self._last is None else float(np.linalg.norm(_centre(face) - _centre(self._last)))

    def _is_cut(self, frame: np.ndarray) -> bool:
        small = cv2.resize(frame[::4, ::4], (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
        before, self._small = self._small, small
        return before is not None and float(np.abs(small - before).mean()) > _CUT


def _window_around(face: Face, frame: np.ndarray) -> _Window:
    """The window for a face, inside the frame; the whole frame where the face is large."""
    height, width = frame.shape[:2]
    half = _WINDOW * face_height(face) / 2
    x, y = _centre(face)
    if 2 * half >= min(width, height):
        half = max(width, height)
    return _Window(
        left=int(max(0, x - half)),
        top=int(max(0, y - half)),
        right=int(min(width, x + half)),
        bottom=int(min(height, y + half)),
    )


def _centre(face: Face) -> np.ndarray:
    return face.landmarks[:, :2].mean(0)
