"""Driving motion from a video, or an expression from a picture, in place of JoyVASA's.

The motion extractor runs on every frame of one unrotated crop, as the published program crops driving videos.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from pipeline.errors import NoFaceError
from pipeline.faces import is_video, open_footage, portrait
from pipeline.heads.liveportrait.crop import Crop, driving_crop, network_crop
from pipeline.inference.minibatches import in_batches
from pipeline.networks import liveportrait_motion as motion
from pipeline.networks.joyvasa_motion import FaceMotion, resample
from pipeline.networks.liveportrait import KEYPOINTS, MotionExtractor
from pipeline.types import Footage

FPS = 25
"""Frame rate at which a driving video is read."""
_MAX_FRAMES = 30 * FPS
"""Frames of a driving video that are used; a longer clip loops back and forth over them."""
_BATCH = 8
"""Frames whose motion is extracted at once."""


@dataclass(frozen=True)
class DrivingMotion:
    """A motion to follow, at 25 fps."""

    motion: FaceMotion
    rest: FaceMotion
    """`(1, …)`: the motion's reference frame."""

    def at(self, start: int, count: int, fps: int) -> FaceMotion:
        """`count` frames at `fps` from frame `start` on; looping back and forth, as a restart would jump."""
        last = len(self.motion.scale) - 1
        positions = torch.arange(start, start + count, device=self.motion.scale.device) * (FPS / fps)
        return resample(self.motion, last - (positions % max(2 * last, 1) - last).abs())


def driving_motion(path: Path, extractor: MotionExtractor) -> DrivingMotion:
    """The motion of the face in a video, or the expression of the one in a picture.

    Raises:
        VideoError, PhotoError: the file cannot be read as either.
        NoFaceError: there is no face in it.
    """
    if is_video(path):
        found = _from_video(path, extractor)
        return DrivingMotion(found, found.at(slice(1)))
    subject = portrait(path)
    crop = driving_crop([subject.face.landmarks])
    found = _extract(iter([network_crop(subject.image, crop)]), extractor)
    neutral = torch.tensor(motion.NEUTRAL).to(found.exp)[None]
    return DrivingMotion(found, found._replace(exp=neutral))


def _from_video(path: Path, extractor: MotionExtractor) -> FaceMotion:
    footage = open_footage(path, fps=FPS)
    tracks = [
        frame.landmarks
        for frame in itertools.islice(footage.frames(), _MAX_FRAMES)
        if frame.landmarks is not None
    ]
    if not tracks:
        raise NoFaceError(f"No face can be followed in {path.name}; choose another driving video.")
    return _extract(_crops(footage, driving_crop(tracks)), extractor)


def _crops(footage: Footage, crop: Crop) -> Iterator[np.ndarray]:
    """The crop of each frame, starting with the first that has a face; one without repeats the last crop."""
    frames = itertools.islice(footage.frames(), _MAX_FRAMES)
    last: np.ndarray | None = None
    for frame in frames:
        if frame.landmarks is not None:
            last = network_crop(frame.image, crop)
        if last is not None:
            yield last


def _extract(crops: Iterator[np.ndarray], extractor: MotionExtractor) -> FaceMotion:
    """The motion of the faces in crops `(256, 256, 3)` uint8."""
    rows = torch.stack(list(in_batches(lambda some: _motion_rows(some, extractor), crops, _BATCH)))
    exp, *others = rows.split([3 * KEYPOINTS, 1, 3, 1, 1, 1], dim=1)
    return FaceMotion(exp.unflatten(1, (KEYPOINTS, 3)), *others)


def _motion_rows(crops: list[np.ndarray], extractor: MotionExtractor) -> Tensor:
    """`(n, 70)`: the parts of a `FaceMotion`, concatenated."""
    like = next(extractor.parameters())
    heads = extractor(torch.from_numpy(np.stack(crops)).to(like).permute(0, 3, 1, 2) / 255)
    angles = [motion.degrees(heads[name])[:, None] for name in ("pitch", "yaw", "roll")]
    return torch.cat([heads["exp"], heads["scale"], heads["t"], *angles], dim=1)
