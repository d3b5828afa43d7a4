"""LatentSync's temporal layers (after AnimateDiff, arXiv:2307.04725): pixels attend to themselves over time.

B is the batch, C the channels, F the frames; videos are `(B, C, F, H, W)`.
"""

from __future__ import annotations

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.networks.positions import sinusoids

HEADS = 8
"""Attention heads."""
_POSITIONS = 24
"""Rows of the position table."""


def per_frame(layer: Callable[[Tensor], Tensor], video: Tensor) -> Tensor:
    """A 2-D layer run on each frame of `(B, C, F, H, W)`."""
    frames = layer(video.transpose(1, 2).flatten(0, 1))
    return frames.unflatten(0, (len(video), video.shape[2])).transpose(1, 2)


class _Positions(nn.Module):
    pe: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.register_buffer("pe", sinusoids(_POSITIONS, width)[None])


class _TemporalAttention(nn.Module):
    """Attention of each pixel to the same pixel in the other frames."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.to_q, self.to_k, self.to_v = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.to_out = nn.ModuleList([nn.Linear(width, width)])
        self.pos_encoder = _Positions(width)

    def forward(self, x: Tensor) -> Tensor:
        """`(n, F, C)` to the same."""
        x = x + self.pos_encoder.pe[:, : x.shape[1]]
        queries, keys, values = (
            layer(x).unflatten(-1, (HEADS, -1)).transpose(1, 2) for layer in (self.to_q, self.to_k, self.to_v)
        )
        attended = F.scaled_dot_product_attention(queries, keys, values)
        return self.to_out[0](attended.transpose(1, 2).flatten(2))


class _TemporalBlock(nn.Module):
    def __init__(self, width: int) -> None:
        from diffusers.models.attention import FeedForward

        super().__init__()
        self.attention_blocks = nn.ModuleList(_TemporalAttention(width) for _ in range(2))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.ff = FeedForward(width, activation_fn="geglu")
        self.ff_norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        for norm, attention in zip(self.norms, self.attention_blocks, strict=True):
            x = x + attention(norm(x))
        return x + self.ff(self.ff_norm(x))


class _TemporalTransformer(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(32, width, eps=1e-6)
        self.proj_in = nn.Linear(width, width)
        self.transformer_blocks = nn.ModuleList([_TemporalBlock(width)])
        self.proj_out = nn.Linear(width, width)

    def forward(self, video: Tensor) -> Tensor:
        batch, _, _, height, width = video.shape
        x = per_frame(self.norm, video).permute(0, 3, 4, 2, 1).flatten(0, 2)
        x = self.proj_out(self.transformer_blocks[0](self.proj_in(x)))
        return video + x.unflatten(0, (batch, height, width)).permute(0, 4, 3, 1, 2)


class TemporalLayers(nn.Module):
    """What follows a residual block, under the name that the checkpoint has for it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.temporal_transformer = _TemporalTransformer(width)

    def forward(self, video: Tensor) -> Tensor:
        return self.temporal_transformer(video)
