"""What LivePortrait follows instead of JoyVASA: the face in a video, or the look on a face in a picture.

The motion extractor reads every frame of one level crop, as the published program cuts its driving videos.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pipeline import device
from pipeline.errors import NoFaceError
from pipeline.faces import is_video, open_footage, portrait
from pipeline.heads.liveportrait.crop import Crop, cut, level_crop_of
from pipeline.networks import liveportrait_motion as motion
from pipeline.networks.joyvasa_motion import Performance, resample
from pipeline.networks.liveportrait import KEYPOINTS, MotionExtractor
from pipeline.types import Footage

FPS = 25
LONGEST = 30 * FPS
"""Frames of a video that are watched; a clip that lasts longer goes back and forth over them."""

_AT_ONCE = 8


@dataclass(frozen=True)
class DrivingMotion:
    """A performance to follow, at 25 frames a second."""

    played: Performance
    rest: Performance
    """`(1, …)`: what it is measured from."""

    def at(self, start: int, count: int, fps: int) -> Performance:
        """`count` frames at `fps`, from the frame `start` on: there and back, as a start over would jump."""
        last = len(self.played.scale) - 1
        positions = torch.arange(start, start + count, device=self.played.scale.device) * (FPS / fps)
        return resample(self.played, last - (positions % max(2 * last, 1) - last).abs())


def lead(path: Path, extractor: MotionExtractor) -> DrivingMotion:
    """What the face in a video does, or expresses in a picture.

    Raises:
        VideoError, PhotoError: the file cannot be read as either.
        NoFaceError: nobody is seen in it.
    """
    if is_video(path):
        played = _of_video(path, extractor)
        return DrivingMotion(played, played.at(slice(1)))
    subject = portrait(path)
    crop = level_crop_of([subject.face.landmarks])
    played = _extracted(iter([cut(subject.image, crop)]), extractor)
    neutral = torch.tensor(motion.NEUTRAL).to(played.exp)[None]
    return DrivingMotion(played, played._replace(exp=neutral))


def _of_video(path: Path, extractor: MotionExtractor) -> Performance:
    footage = open_footage(path, fps=FPS)
    meshes = [
        frame.landmarks
        for frame in itertools.islice(footage.frames(), LONGEST)
        if frame.landmarks is not None
    ]
    if not meshes:
        raise NoFaceError(f"No face can be followed in {path.name}; choose another video to move by.")
    return _extracted(_squares(footage, level_crop_of(meshes)), extractor)


def _squares(footage: Footage, crop: Crop) -> Iterator[np.ndarray]:
    """The crop of each frame, from the first with a face on; one without shows what was seen last."""
    frames = itertools.islice(footage.frames(), LONGEST)
    seen = None
    for frame in itertools.dropwhile(lambda frame: frame.landmarks is None, frames):
        if frame.landmarks is not None:
            seen = cut(frame.image, crop)
        yield seen


def _extracted(squares: Iterator[np.ndarray], extractor: MotionExtractor) -> Performance:
    """What the faces in squares `(256, 256, 3)` uint8 do."""
    rows = torch.stack(list(device.in_batches(lambda some: _read(some, extractor), squares, _AT_ONCE)))
    exp, *others = rows.split([3 * KEYPOINTS, 1, 3, 1, 1, 1], dim=1)
    return Performance(exp.unflatten(1, (KEYPOINTS, 3)), *others)


def _read(squares: list[np.ndarray], extractor: MotionExtractor) -> Tensor:
    """`(n, 70)`: the parts of a `Performance`, side by side."""
    like = next(extractor.parameters())
    heads = extractor(torch.from_numpy(np.stack(squares)).to(like).permute(0, 3, 1, 2) / 255)
    angles = [motion.degrees(heads[name])[:, None] for name in ("pitch", "yaw", "roll")]
    return torch.cat([heads["exp"], heads["scale"], heads["t"], *angles], dim=1)
