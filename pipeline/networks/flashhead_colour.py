"""Frames given the colours of a reference picture: mean and deviation of each CIE Lab channel are matched.

Reinhard et al.: Color Transfer between Images, 2001, in CIE Lab under D65. Pictures are sRGB, -1..1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from pipeline.inference.transfer import constant

_TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_TO_RGB = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)
_WHITE = (0.95047, 1.0, 1.08883)
"""XYZ of D65."""
_EPSILON, _KAPPA = 0.008856, 903.3
"""Where CIE Lab's cube root becomes linear, and the slope there."""
_FLAT = 1e-8
"""Deviation below which a channel is only shifted, and the least XYZ."""


def match(video: Tensor, reference: Tensor, strength: float) -> Tensor:
    """Each frame of a video `(3, F, H, W)` with the colours of a picture `(3, H, W)`.

    Args:
        strength: 1 gives the matched frames, 0 the frames as they are.
    """
    if strength == 0:
        return video
    frames = to_lab(video / 2 + 0.5)
    wanted_mean, wanted_std = _statistics(to_lab(reference[:, None] / 2 + 0.5))
    mean, std = _statistics(frames)
    matched = to_rgb((frames - mean) * (wanted_std / std) + wanted_mean)
    return torch.lerp(video, matched * 2 - 1, strength)


def to_lab(video: Tensor) -> Tensor:
    """`(3, …)` sRGB in 0..1, or somewhat beyond, to CIE Lab."""
    linear = torch.where(video > 0.04045, ((video.clamp(min=0) + 0.055) / 1.055) ** 2.4, video / 12.92)
    xyz = (_mixed(linear, _TO_XYZ) / _column(_WHITE, linear)).clamp(_FLAT, 1)
    x, y, z = torch.where(xyz > _EPSILON, xyz ** (1 / 3), (_KAPPA * xyz + 16) / 116)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def to_rgb(lab: Tensor) -> Tensor:
    """`(3, …)` CIE Lab to sRGB, clamped to 0..1."""
    y = (lab[0] + 16) / 116
    roots = torch.stack([y + lab[1] / 500, y, y - lab[2] / 200])
    xyz = torch.where(roots**3 > _EPSILON, roots**3, (116 * roots - 16) / _KAPPA)
    linear = _mixed(xyz * _column(_WHITE, xyz), _TO_RGB)
    curved = 1.055 * linear.clamp(min=0) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curved, 12.92 * linear).clamp(0, 1)


def _statistics(video: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and deviation `(3, F, 1, 1)` of each frame."""
    std, mean = torch.std_mean(video, dim=(-2, -1), correction=0, keepdim=True)
    return mean, torch.where(std < _FLAT, 1, std)


def _mixed(video: Tensor, matrix: tuple[tuple[float, ...], ...]) -> Tensor:
    return torch.einsum("ij,j...->i...", constant(matrix, video.device), video)


def _column(values: tuple[float, ...], like: Tensor) -> Tensor:
    return constant(values, like.device).reshape(-1, *[1] * (like.ndim - 1))
