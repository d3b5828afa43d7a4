"""Convolution whose taps are moved and weighted by the picture itself.

Zhu et al.: Deformable ConvNets v2: More Deformable, Better Results, CVPR 2019 (arXiv:1811.11168), of torch's
own operations, so that it runs on every device.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DeformableConv(nn.Module):
    """`(B, C, H, W)` to `(B, outputs, H, W)`, with offsets and weights of the taps from `(B, C, H, W)`."""

    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        taps, padding = kernel * kernel, kernel // 2
        self.offset_conv = nn.Conv2d(inputs, 2 * taps, kernel, padding=padding)
        self.modulator_conv = nn.Conv2d(inputs, taps, kernel, padding=padding)
        self.regular_conv = nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        weights = 2 * self.modulator_conv(x).sigmoid()
        return deformed_convolution(x, self.offset_conv(x), weights, self.regular_conv.weight)


def deformed_convolution(x: Tensor, offsets: Tensor, weights: Tensor, kernel: Tensor) -> Tensor:
    """A convolution of stride 1 and of the input's size, sampled bilinearly, with zeros outside the picture.

    Args:
        x: `(B, C, H, W)`.
        offsets: `(B, 2 * k * k, H, W)` px: down and right, for each tap by rows.
        weights: `(B, k * k, H, W)` by which the taps are multiplied.
        kernel: `(outputs, C, k, k)`, k odd.
    """
    side = kernel.shape[-1]
    batch, channels, height, width = x.shape
    offsets = offsets.unflatten(1, (side, side, 2)).float()
    weights = weights.unflatten(1, (side, side))
    # Places between pixels need more digits than half precision has.
    source = x.float()
    total: Tensor | None = None
    for row in range(side):  # one row of taps at once, as all of them take a lot of memory
        places = _grid(offsets[:, row], row - side // 2)
        taken = F.grid_sample(source, places.flatten(1, 2), align_corners=False)
        taken = taken.unflatten(2, (side, height)).to(x.dtype) * weights[:, row, None]
        taken = taken.transpose(1, 2).reshape(batch, side * channels, height, width)
        mixed = F.conv2d(taken, kernel[:, :, row].transpose(1, 2).flatten(1)[..., None, None])
        total = mixed if total is None else total + mixed
    assert total is not None
    return total


def _grid(offsets: Tensor, down: int) -> Tensor:
    """Where a row of taps looks, for `grid_sample`: `(B, k, H, W, 2)`, by its offsets `(B, k, 2, H, W)`."""
    side, (height, width) = offsets.shape[1], offsets.shape[-2:]
    device = offsets.device
    right = torch.arange(side, device=device)[:, None, None] - side // 2
    rows = torch.arange(height, device=device)[:, None] + down + offsets[:, :, 0]
    columns = torch.arange(width, device=device) + right + offsets[:, :, 1]
    # -1 and 1 are the outer edges of the outermost pixels.
    return torch.stack([(2 * columns + 1) / width - 1, (2 * rows + 1) / height - 1], dim=-1)
