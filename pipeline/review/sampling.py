"""A finished video as its viewers get it: what its face does and how it sounds, and nothing else.

Long videos are sampled: some stretches spread over them say as much as all of it, at a bounded cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from pipeline.errors import AudioError, VideoError
from pipeline.faces import track
from pipeline.types import SHAPE, Face
from pipeline.video import probe, read_frames, read_sound

SOUND_RATE = 16_000
"""Samples per second at which the sound is heard."""

_WHOLE = 90.0
_STRETCHES, _SECONDS = 6, 15.0
"""Videos up to `_WHOLE` seconds are watched from end to end, longer ones in this many stretches."""
_MARGIN = 0.5
"""Seconds of sound kept on either side of a stretch, so that lips may be early or late."""
_RATES = (24, 25, 30)

_EYES = ((33, 133), (362, 263))
_INNER_LIPS = (13, 14)


@dataclass(frozen=True)
class Stretch:
    """Some seconds of a video; rows without a face in sight are left out."""

    fps: int
    start: float
    """Where in the video it begins, in s."""
    time: np.ndarray
    """`(T,)` s of each frame in the video."""
    aperture: np.ndarray
    """`(T,)` gap between the inner lips in inter-ocular distances."""
    pose: np.ndarray
    """`(T, 3)` yaw, pitch, roll in degrees."""
    place: np.ndarray
    """`(T, 2)` middle of the eyes in inter-ocular distances."""
    blink: np.ndarray
    """`(T,)` how far both eyes are closed, in [0, 1]."""
    sound: np.ndarray
    """`(N,)` float32 mono at `SOUND_RATE`; its first sample is heard at `heard_from`."""
    frames: int
    """Frames watched, with a face or without."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.frames / self.fps

    @property
    def heard_from(self) -> float:
        """When the first sample of `sound` is heard, in s of the video."""
        return self.start - _MARGIN


def watch(path: Path | str, *, choose: int = 0) -> list[Stretch]:
    """Track and hear a video, from end to end or, where it is long, in stretches.

    Args:
        choose: which face, largest first, where there are several.

    Raises:
        VideoError: it cannot be read, or has no sound.
    """
    path = Path(path)
    info = probe(path)
    if not info.has_sound:
        raise VideoError(f"{path.name} has no sound, so its lips cannot be judged; give a video that speaks.")
    fps = min(_RATES, key=lambda rate: abs(rate - min(info.fps, 30)))
    if info.duration <= _WHOLE:
        # Files that do not say how long they are, as browsers record them, are watched from the start.
        spans = [(0.0, info.duration or _WHOLE)]
    else:
        spans = [(float(at), _SECONDS) for at in np.linspace(0, info.duration - _SECONDS, _STRETCHES)]
    sounds = _sounds(path, [(start - _MARGIN, start + seconds + _MARGIN) for start, seconds in spans])
    return [
        _stretch(path, fps, start, seconds, sound, choose)
        for (start, seconds), sound in zip(spans, sounds, strict=True)
    ]


def _stretch(path: Path, fps: int, start: float, seconds: float, sound: np.ndarray, choose: int) -> Stretch:
    first = round(start * fps)
    frames = islice(read_frames(path, fps, start=first), max(1, round(seconds * fps)))
    rows, count = [], 0
    for count, face in enumerate(track(frames, fps, choose=choose), start=1):
        if face is not None:
            rows.append(np.concatenate([[(first + count - 1) / fps], _measures(face)]))
    table = np.array(rows, np.float64).reshape(-1, 8)
    return Stretch(
        fps=fps,
        start=start,
        time=table[:, 0],
        aperture=table[:, 1],
        pose=table[:, 2:5],
        place=table[:, 5:7],
        blink=table[:, 7],
        sound=sound,
        frames=count,
    )


def aperture(landmarks: np.ndarray) -> np.ndarray:
    """`(T,)` gap between the inner lips over the distance of the eye centres, of `(T, 478, 3)` landmarks."""
    right, left = (landmarks[:, list(eye)].mean(1) for eye in _EYES)
    upper, lower = (landmarks[:, index] for index in _INNER_LIPS)
    return np.linalg.norm(upper - lower, axis=1) / np.linalg.norm(right - left, axis=1)


def _measures(face: Face) -> np.ndarray:
    eyes = face.landmarks[[index for eye in _EYES for index in eye], :2].mean(0)
    closed = face.blendshapes[[SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]].mean()
    return np.concatenate(
        [aperture(face.landmarks[None]), face.pose, eyes / max(face.interocular, 1e-6), [closed]]
    )


def _sounds(path: Path, spans: list[tuple[float, float]]) -> list[np.ndarray]:
    """The sound of each span in s; silence where it reaches beyond the video."""
    pieces = [np.zeros(round((stop - start) * SOUND_RATE), np.float32) for start, stop in spans]
    for at, block in _blocks(path):
        for piece, (start, _) in zip(pieces, spans, strict=True):
            offset = at - round(start * SOUND_RATE)
            low, high = max(offset, 0), min(offset + len(block), len(piece))
            if low < high:
                piece[low:high] = block[low - offset : high - offset]
    return pieces


def _blocks(path: Path) -> Iterator[tuple[int, np.ndarray]]:
    at = 0
    try:
        for block in read_sound(path, SOUND_RATE):
            yield at, block
            at += len(block)
    except AudioError as error:
        raise VideoError(f"The sound of {path.name} cannot be read, so its lips cannot be judged.") from error
