"""Layers of diffusers' video autoencoders for inference, in as few operations as they need.

On a card, each operation of these small layers costs its launch from Python rather than its arithmetic. The
layers keep the names and shapes of their weights. Videos are `(B, C, F, H, W)`.
"""

from __future__ import annotations

from functools import partial
from typing import Any, TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Network = TypeVar("Network", bound=nn.Module)

_TINY = 1e-12
"""What a norm has at least, so that zeros stay zeros."""


def lean(network: Network) -> Network:
    """An autoencoder of diffusers, Wan's or LTX-Video's, itself, with its layers exchanged for these."""
    from diffusers.models.autoencoders import autoencoder_kl_ltx as ltx
    from diffusers.models.autoencoders import autoencoder_kl_wan as wan
    from diffusers.models.normalization import RMSNorm

    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, ltx.LTXVideoCausalConv3d):
                setattr(parent, name, _RepeatingConv(child.conv, causal=child.is_causal))
            elif isinstance(child, RMSNorm) and child.weight is None:
                setattr(parent, name, _PixelNorm(child.eps))
            elif isinstance(child, wan.WanRMS_norm) and child.channel_first and child.bias == 0:
                setattr(parent, name, _ScaledPixelNorm(child.gamma))
            elif isinstance(child, wan.WanCausalConv3d):
                _pad_in_kernel(child)
            elif isinstance(child, wan.WanUpsample):
                setattr(parent, name, nn.Upsample(scale_factor=child.scale_factor, mode=child.mode))
            elif isinstance(child, nn.Dropout):
                setattr(parent, name, nn.Identity())
    return network


class _RepeatingConv(nn.Module):
    """A convolution that sees the first frame, and the last one unless it is causal, repeated."""

    def __init__(self, conv: nn.Conv3d, *, causal: bool) -> None:
        super().__init__()
        self.conv = conv
        around = conv.kernel_size[0] - 1
        self._repeats = (around, 0) if causal else (around // 2, around // 2)

    def forward(self, video: Tensor) -> Tensor:
        if any(self._repeats):
            video = F.pad(video, (0, 0, 0, 0, *self._repeats), mode="replicate")
        return self.conv(video)


class _PixelNorm(nn.Module):
    """The channels, which are last, divided by the root of their mean square."""

    def __init__(self, eps: float) -> None:
        super().__init__()
        self._least = eps**0.5

    def forward(self, x: Tensor) -> Tensor:
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        return _divided(x, length.mul_(x.shape[-1] ** -0.5).clamp_min_(self._least))


class _ScaledPixelNorm(nn.Module):
    """The channels, which are second, divided by the root of their mean square, and scaled."""

    def __init__(self, gamma: nn.Parameter) -> None:
        super().__init__()
        self.gamma = gamma
        self._share = len(gamma) ** -0.5

    def forward(self, x: Tensor) -> Tensor:
        length = torch.linalg.vector_norm(x, dim=1, keepdim=True, dtype=torch.float32)
        # In one operation: the share of the length, and a little.
        return _divided(x, torch.rsub(length, _TINY, alpha=-self._share)).mul_(self.gamma)


def _divided(x: Tensor, length: Tensor) -> Tensor:
    """`x` over a float32 length, in the precision of `x` without a conversion of its own."""
    return torch.div(x, length, out=torch.empty_like(x))


def _pad_in_kernel(conv: Any) -> None:
    """Let Wan's causal convolution pad height and width itself, rather than copy every video for that."""
    across, _, down, _, before, _ = conv._padding
    conv.padding = (0, down, across)
    conv.forward = partial(_causal, conv, before)


def _causal(conv: nn.Conv3d, before: int, video: Tensor, cache_x: Tensor | None = None) -> Tensor:
    """The convolution with so many frames before the video: those of the cache, and zeros for the others."""
    if before and cache_x is not None:
        video = torch.cat([cache_x, video], dim=2)
        before -= cache_x.shape[2]
    if before:
        video = F.pad(video, (0, 0, 0, 0, before, 0))
    return nn.Conv3d.forward(conv, video)
