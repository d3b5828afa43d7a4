"""JoyVASA's motion vectors as LivePortrait's motion: their layout, denormalisation and smoothing.

Cao et al., 2024 (arXiv:2411.09209). A vector's first 63 entries are the expression, then scale, shift (3),
pitch, yaw and roll; the published file has three more, which are unused.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.networks.liveportrait import KEYPOINTS
from pipeline.networks.liveportrait_motion import Pose, rotation

_SMOOTHED = ("scale", "t", "pitch", "yaw", "roll")
"""What is smoothed over time; the expression is not, as it contains the lips."""
_WIDTHS = {"scale": 1, "t": 3, "pitch": 1, "yaw": 1, "roll": 1}


class FaceMotion(NamedTuple):
    """The motion of a face over T frames, in LivePortrait's units."""

    exp: Tensor
    """`(T, 21, 3)`"""
    scale: Tensor
    """`(T, 1)`"""
    t: Tensor
    """`(T, 3)`"""
    pitch: Tensor
    """`(T, 1)` degrees; yaw and roll alike."""
    yaw: Tensor
    roll: Tensor

    def pose(self) -> Pose:
        """The same with rotation matrices for the angles."""
        return Pose(self.scale, rotation(self.pitch, self.yaw, self.roll), self.exp, self.t)

    def at(self, frames: slice) -> FaceMotion:
        """Only those frames."""
        return FaceMotion(*(part[frames] for part in self))


def decode(vectors: Tensor, template: dict[str, Tensor]) -> FaceMotion:
    """Motion vectors `(T, 70 or more)`, denormalised by the statistics of the training set.

    Args:
        template: `mean_exp` and `std_exp` `(63,)`; `min_` and `max_` of scale, t, pitch, yaw and roll.
    """
    exp = vectors[:, : 3 * KEYPOINTS] * template["std_exp"] + template["mean_exp"]
    ends = (3 * KEYPOINTS + torch.tensor([0, *_WIDTHS.values()]).cumsum(0)).tolist()
    parts = vectors.tensor_split(ends, dim=1)[1:]
    ranged = {
        name: part * (template[f"max_{name}"] - template[f"min_{name}"]) + template[f"min_{name}"]
        for name, part in zip(_WIDTHS, parts, strict=False)
    }
    return FaceMotion(exp.unflatten(1, (KEYPOINTS, 3)), **ranged)


def smooth(motion: FaceMotion, share: float, *, before: FaceMotion | None = None) -> FaceMotion:
    """The motion with the head's movement smoothed exponentially.

    Args:
        share: weight of each frame against the smoothed one before it.
        before: the smoothed frame `(1, …)` before these; without it the first frame stays as it is.
    """
    start = motion.at(slice(1)) if before is None else before
    changed = {
        name: _exponential(getattr(motion, name), getattr(start, name)[0], share) for name in _SMOOTHED
    }
    return motion._replace(**changed)


def _exponential(values: Tensor, last: Tensor, share: float) -> Tensor:
    smoothed = []
    for value in values:
        last = share * value + (1 - share) * last
        smoothed.append(last)
    return torch.stack(smoothed)


def resample(motion: FaceMotion, positions: Tensor) -> FaceMotion:
    """The motion at fractional frames `positions (N,)`, interpolated linearly; the last frame is held."""
    last = len(motion.scale) - 1
    below = positions.floor().long().clamp(max=last)
    above = (below + 1).clamp(max=last)
    part = (positions - below).clamp(max=1)

    def between(values: Tensor) -> Tensor:
        weight = part.reshape(-1, *(1,) * (values.ndim - 1)).to(values)
        return values[below].lerp(values[above], weight)

    return FaceMotion(*(between(values) for values in motion))
