"""Measures a finished video as its viewers get it: what its face does and how it sounds, and nothing else.

Long videos are sampled: some stretches spread over them say as much as the whole, at a bounded cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from pipeline.errors import AudioError, VideoError
from pipeline.faces import track
from pipeline.faces.landmarks import EYE_CORNERS, LOWER_LIP, UPPER_LIP
from pipeline.types import SHAPE, Face
from pipeline.video import probe, read_frames, read_sound

SOUND_RATE = 16_000
"""Samples per second of the sound that is analysed."""

_WHOLE = 90.0
_STRETCHES, _SECONDS = 6, 15.0
"""Videos up to `_WHOLE` seconds are analysed as a whole, longer ones in this many stretches of so many
seconds."""
_MARGIN = 0.5
"""Seconds of sound kept on either side of a stretch, so that lips may be early or late."""
_RATES = (24, 25, 30)
"""Frame rates at which videos are analysed."""


@dataclass(frozen=True)
class Stretch:
    """Some seconds of a video; frames without a face in view are left out."""

    fps: int
    """Frame rate of the analysis."""
    start: float
    """When it begins, in s of the video."""
    time: np.ndarray
    """`(T,)` s of each frame in the video."""
    aperture: np.ndarray
    """`(T,)` gap between the inner lips in inter-ocular distances."""
    pose: np.ndarray
    """`(T, 3)` yaw, pitch, roll in degrees."""
    position: np.ndarray
    """`(T, 2)` midpoint of the eyes in inter-ocular distances."""
    blink: np.ndarray
    """`(T,)` how far both eyes are closed, in [0, 1]."""
    sound: np.ndarray
    """`(N,)` float32 mono at `SOUND_RATE`; its first sample is at `sound_start`."""
    frames: int
    """Frames analysed, with a face or without."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.frames / self.fps

    @property
    def sound_start(self) -> float:
        """When the first sample of `sound` is played, in s of the video."""
        return self.start - _MARGIN


def sample_video(path: Path | str, *, face: int = 1) -> list[Stretch]:
    """Track the face and read the sound of a video, as a whole or, where it is long, in stretches.

    Args:
        path: any video with sound.
        face: which face, where there are several; 1 is the largest.

    Raises:
        VideoError: it cannot be read, or has no sound.
    """
    path = Path(path)
    info = probe(path)
    if not info.has_sound:
        raise VideoError(
            f"{path.name} has no sound, so its lip sync cannot be judged; use a video with sound."
        )
    fps = min(_RATES, key=lambda rate: abs(rate - min(info.fps, 30)))
    if info.duration <= _WHOLE:
        # Files that do not state their length, such as those recorded by browsers, are read from the start.
        spans = [(0.0, info.duration or _WHOLE)]
    else:
        spans = [(float(at), _SECONDS) for at in np.linspace(0, info.duration - _SECONDS, _STRETCHES)]
    sounds = _sounds(path, [(start - _MARGIN, start + seconds + _MARGIN) for start, seconds in spans])
    return [
        _stretch(path, fps, start, seconds, sound, face)
        for (start, seconds), sound in zip(spans, sounds, strict=True)
    ]


def _stretch(path: Path, fps: int, start: float, seconds: float, sound: np.ndarray, face: int) -> Stretch:
    first = round(start * fps)
    frames = islice(read_frames(path, fps, start=first), max(1, round(seconds * fps)))
    rows, count = [], 0
    for count, found in enumerate(track(frames, fps, face=face), start=1):
        if found is not None:
            rows.append(np.concatenate([[(first + count - 1) / fps], _measures(found)]))
    table = np.array(rows, np.float64).reshape(-1, 8)
    return Stretch(
        fps=fps,
        start=start,
        time=table[:, 0],
        aperture=table[:, 1],
        pose=table[:, 2:5],
        position=table[:, 5:7],
        blink=table[:, 7],
        sound=sound,
        frames=count,
    )


def aperture(landmarks: np.ndarray) -> np.ndarray:
    """`(T,)` gap between the inner lips in inter-ocular distances, of `(T, 478, 3)` landmarks."""
    right, left = (landmarks[:, list(corners)].mean(1) for corners in EYE_CORNERS.values())
    gap = landmarks[:, UPPER_LIP] - landmarks[:, LOWER_LIP]
    return np.linalg.norm(gap, axis=1) / np.linalg.norm(right - left, axis=1)


def _measures(face: Face) -> np.ndarray:
    """Aperture, yaw, pitch, roll, position (2) and blink: a row of `Stretch`."""
    corners = [corner for eye in EYE_CORNERS.values() for corner in eye]
    eyes = face.landmarks[corners, :2].mean(0)
    closed = face.blendshapes[[SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]].mean()
    return np.concatenate(
        [aperture(face.landmarks[None]), face.pose, eyes / max(face.interocular, 1e-6), [closed]]
    )


def _sounds(path: Path, spans: list[tuple[float, float]]) -> list[np.ndarray]:
    """The sound of each span (in s); silence where it reaches beyond the video."""
    pieces = [np.zeros(round((stop - start) * SOUND_RATE), np.float32) for start, stop in spans]
    for at, block in _blocks(path):
        for piece, (start, _) in zip(pieces, spans, strict=True):
            offset = at - round(start * SOUND_RATE)
            low, high = max(offset, 0), min(offset + len(block), len(piece))
            if low < high:
                piece[low:high] = block[low - offset : high - offset]
    return pieces


def _blocks(path: Path) -> Iterator[tuple[int, np.ndarray]]:
    """Blocks of sound with the index of their first sample."""
    at = 0
    try:
        for block in read_sound(path, SOUND_RATE):
            yield at, block
            at += len(block)
    except AudioError as error:
        raise VideoError(
            f"The sound of {path.name} cannot be read, so its lips cannot be judged; export the video again."
        ) from error
