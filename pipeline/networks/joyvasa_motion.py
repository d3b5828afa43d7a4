"""JoyVASA's motion vectors as LivePortrait's motion: what the numbers mean, and how they are smoothed.

Cao et al., 2024 (arXiv:2411.09209). A vector's first 63 entries are the expression, then scale, shift (3),
pitch, yaw and roll; the published file has three more, which nothing reads.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.networks.liveportrait import KEYPOINTS
from pipeline.networks.liveportrait_motion import Pose, rotation

SMOOTHED = ("scale", "t", "pitch", "yaw", "roll")
"""What is smoothed over time; the expression, which carries the lips, is not."""
_WIDTHS = {"scale": 1, "t": 3, "pitch": 1, "yaw": 1, "roll": 1}


class Performance(NamedTuple):
    """What a face does over T frames, in LivePortrait's units."""

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
        """The same with its angles as rotations."""
        return Pose(self.scale, rotation(self.pitch, self.yaw, self.roll), self.exp, self.t)

    def at(self, frames: slice) -> Performance:
        """Only those frames."""
        return Performance(*(part[frames] for part in self))


def decode(vectors: Tensor, template: dict[str, Tensor]) -> Performance:
    """Motion vectors `(T, 70 or more)` to a performance, by the statistics of the training set.

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
    return Performance(exp.unflatten(1, (KEYPOINTS, 3)), **ranged)


def smooth(performance: Performance, share: float, *, before: Performance | None = None) -> Performance:
    """Head movement drawn out exponentially: each frame takes `share` of its own and the rest of the last.

    Args:
        before: the smoothed frame `(1, …)` ahead of these; without it the first frame stays as it is.
    """
    start = performance.at(slice(1)) if before is None else before
    changed = {
        name: _drawn_out(getattr(performance, name), getattr(start, name)[0], share) for name in SMOOTHED
    }
    return performance._replace(**changed)


def _drawn_out(values: Tensor, last: Tensor, share: float) -> Tensor:
    smoothed = []
    for value in values:
        last = share * value + (1 - share) * last
        smoothed.append(last)
    return torch.stack(smoothed)


def resample(performance: Performance, positions: Tensor) -> Performance:
    """The performance at fractional frames `positions (N,)`, linearly between its own; held at the end."""
    last = len(performance.scale) - 1
    below = positions.floor().long().clamp(max=last)
    above = (below + 1).clamp(max=last)
    part = (positions - below).clamp(max=1)

    def between(values: Tensor) -> Tensor:
        weight = part.reshape(-1, *(1,) * (values.ndim - 1)).to(values)
        return values[below].lerp(values[above], weight)

    return Performance(*(between(values) for values in performance))
