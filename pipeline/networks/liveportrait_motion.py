"""LivePortrait's motion: how a pose moves the 21 keypoints, and how a driving motion is transferred.

Guo et al., 2024 (arXiv:2407.03168), section 3. In torch, so that a whole clip is one batch on the device.
Frames are the first axis, T; angles are degrees.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from pipeline.networks.liveportrait import KEYPOINTS, Retargeting

LIPS = (6, 12, 14, 17, 19, 20)
"""Keypoints on the lips."""
EYES = (11, 13, 15, 16, 18)
"""Keypoints on the eyes."""

# fmt: off
NEUTRAL = (
    (-9.4524e-05, 0.00024222, -4.00974e-05), (0.000208596, 0.000468054, 1.27464e-05),
    (-0.000124602, 0.000324972, 4.425e-06), (0.000119652, -0.000456624, 5.40852e-05),
    (-0.000265254, -7.4598e-05, -1.5528e-05), (-3.34884e-05, -0.000183036, -3.49404e-06),
    (-4.75428e-07, -4.52466e-07, 1.59498e-06), (-0.000541296, 0.0026328, 7.2486e-06),
    (-1.1694e-05, 5.00502e-06, 9.9888e-06), (8.0286e-07, 5.19132e-06, -0.000409344),
    (0.000166878, -1.9815e-05, -8.8548e-05), (-1.51536e-05, 8.2506e-05, 5.94012e-06),
    (-2.61054e-07, 2.7591e-06, 2.21028e-06), (-6.6282e-05, -6.8286e-05, -3.45318e-06),
    (-0.00083262, -0.00179592, -2.59176e-06), (6.9714e-06, 3.65514e-05, -1.8978e-06),
    (-4.80876e-06, 7.1148e-06, -1.03236e-05), (-0.00063684, -0.0011661, 5.62314e-05),
    (0.00028329, -1.45656e-05, 1.09746e-05), (-4.16022e-06, -0.0150906, -0.0025494),
    (0.000222474, 0.00562788, 0.00272646),
)
# fmt: on
"""`(21, 3)` expression of a neutral face: the reference for a driving picture, which has no first frame."""

_WHOLE = (1, 2, 6, *range(11, 21))
_ABSOLUTE = {0: _WHOLE, 1: (*_WHOLE, 3, 4, 9), 2: (*_WHOLE, 5, 8, 9)}
"""Absolute mode: for each axis, the keypoints that take the driving expression."""


class Pose(NamedTuple):
    """Pose and expression of a face over T frames (or one)."""

    scale: Tensor
    """`(T, 1)`"""
    rotation: Tensor
    """`(T, 3, 3)`, multiplied on the right."""
    expression: Tensor
    """`(T, 21, 3)` offsets of the keypoints before scaling."""
    shift: Tensor
    """`(T, 3)`; z is not used."""

    def at(self, frames: slice) -> Pose:
        """Only those frames."""
        return Pose(*(part[frames] for part in self))


def degrees(logits: Tensor) -> Tensor:
    """`(T, 66)` logits over bins of 3 degrees to the expected angle `(T,)`, from -97.5 up."""
    bins = torch.arange(logits.shape[-1], device=logits.device, dtype=logits.dtype)
    return logits.softmax(dim=-1) @ bins * 3 - 97.5


def rotation(pitch: Tensor, yaw: Tensor, roll: Tensor) -> Tensor:
    """`(T,)` degrees each to `(T, 3, 3)`: the transpose of Rz(roll) Ry(yaw) Rx(pitch)."""
    angles = torch.deg2rad(torch.stack([angle.flatten() for angle in (pitch, yaw, roll)]))
    (cx, cy, cz), (sx, sy, sz) = angles.cos(), angles.sin()
    one, zero = torch.ones_like(cx), torch.zeros_like(cx)
    about_x = _matrix(one, zero, zero, zero, cx, -sx, zero, sx, cx)
    about_y = _matrix(cy, zero, sy, zero, one, zero, -sy, zero, cy)
    about_z = _matrix(cz, -sz, zero, sz, cz, zero, zero, zero, one)
    return (about_z @ about_y @ about_x).transpose(1, 2)


def _matrix(*entries: Tensor) -> Tensor:
    return torch.stack(entries, dim=-1).unflatten(-1, (3, 3))


def parse_motion(heads: dict[str, Tensor]) -> tuple[Tensor, Pose]:
    """The motion extractor's raw outputs to canonical keypoints `(T, 21, 3)` and their pose."""
    turned = rotation(*(degrees(heads[name]) for name in ("pitch", "yaw", "roll")))
    points, expression = (heads[name].unflatten(1, (KEYPOINTS, 3)) for name in ("kp", "exp"))
    return points, Pose(heads["scale"], turned, expression, heads["t"])


def transform(points: Tensor, pose: Pose) -> Tensor:
    """Canonical keypoints `(1 or T, 21, 3)` transformed by `pose`: `(T, 21, 3)`."""
    moved = pose.scale[:, None] * (points @ pose.rotation + pose.expression)
    return moved + pose.shift[:, None] * moved.new_tensor([1, 1, 0])


def relative(source: Pose, driving: Pose, first: Pose, *, replaced: tuple[int, ...] = ()) -> Pose:
    """The source's pose plus the change of the driving pose since its `first` frame.

    `replaced` are keypoints that take the driving expression itself instead of its change.
    """
    expression = source.expression + driving.expression - first.expression
    expression[:, list(replaced)] = driving.expression[:, list(replaced)]
    return Pose(
        source.scale * driving.scale / first.scale,
        driving.rotation @ first.rotation.transpose(1, 2) @ source.rotation,
        expression,
        source.shift + driving.shift - first.shift,
    )


def absolute(source: Pose, driving: Pose) -> Pose:
    """The driving pose and expression with the source's scale and part of its expression."""
    expression = source.expression.repeat(len(driving.expression), 1, 1)
    for axis, points in _ABSOLUTE.items():
        expression[:, list(points), axis] = driving.expression[:, list(points), axis]
    scale = source.scale.expand(len(expression), 1)
    return Pose(scale, driving.rotation, expression, driving.shift)


def start_at_source(driven: Tensor, source: Tensor, multiplier: float) -> Tensor:
    """Driven keypoints `(T, 21, 3)`, shifted to start at the source's, moving `multiplier` times as far."""
    return (driven - driven[:1]) * multiplier + source


def motion_multiplier(source: Tensor, first: Tensor) -> float:
    """Ratio of source to driving motion, from the convex hulls of keypoints `(1, 21, 3)`."""
    from scipy.spatial import ConvexHull

    ours, theirs = (ConvexHull(points[0].cpu().numpy()).volume for points in (source, first))
    return float((ours / theirs) ** 0.5)


def stitch(network: Retargeting, source: Tensor, driven: Tensor) -> Tensor:
    """Driven keypoints `(T, 21, 3)`, corrected so that the crop's border stays where it is in the photo."""
    pairs = torch.cat([source.expand_as(driven).flatten(1), driven.flatten(1)], dim=1)
    offsets = network(pairs)
    moved = driven + offsets[:, :-2].unflatten(1, (KEYPOINTS, 3))
    return torch.cat([moved[..., :2] + offsets[:, None, -2:], moved[..., 2:]], dim=-1)


def openness_ratio(upper: Tensor, lower: Tensor, one: Tensor, other: Tensor) -> Tensor:
    """How far eyes or lips are open, `(T, 1)`: distance of their middles over distance of their corners.

    The four points are `(T, 2)` px.
    """
    gap, width = (upper - lower).norm(dim=1, keepdim=True), (one - other).norm(dim=1, keepdim=True)
    return gap / (width + 1e-6)


def retarget(network: Retargeting, source: Tensor, ratios: Tensor) -> Tensor:
    """Offsets `(T, 21, 3)` that open the eyes or lips to a target openness.

    `ratios` are, for the eyes, the left, the right and the target openness `(T, 3)`; for the lips, the
    source's and the target `(T, 2)`.
    """
    return network(torch.cat([source.flatten(1), ratios], dim=1)).unflatten(1, (KEYPOINTS, 3))
