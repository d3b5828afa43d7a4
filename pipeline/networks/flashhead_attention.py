"""Attention of SoulX-FlashHead's transformer, to the window's tokens and to what is heard, and its positions.

See `pipeline.networks.flashhead`. N is the number of tokens, D the width of the transformer.
"""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPS = 1e-6
"""Of all norms of the transformer."""
TIME_BASE = 10_000.0
"""Of the wavelengths of all its sinusoids."""


def rotations(grid: tuple[int, int, int], width: int) -> Tensor:
    """`(2, N, width)` float32: for each token and channel of a head the cosine, and the sine that the other
    channel of the pair is multiplied by, which is negative in the first of the two.

    The channels are shared out to time, rows and columns; positions count from 0 in every window.
    """
    third = width // 3
    tables = []
    for axis, size in enumerate((width - 2 * third, third, third)):
        rates = TIME_BASE ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
        angles = torch.arange(grid[axis])[:, None] * rates
        shape = [1, 1, 1, -1]
        shape[axis] = grid[axis]
        tables.append(angles.reshape(shape).expand(*grid, -1))
    angles = torch.cat(tables, dim=-1).flatten(0, 2)
    cosines, sines = angles.cos(), angles.sin()
    pairs = torch.stack([cosines, cosines]), torch.stack([-sines, sines])
    return torch.stack([pair.movedim(0, -1).flatten(-2) for pair in pairs]).float()


def rotate(x: Tensor, by: Tensor) -> Tensor:
    """Queries or keys `(N, …, heads, width)` float32, turned in adjacent pairs of channels by `rotations`.

    In real numbers: torch's compiler makes no code of complex ones.
    """
    cosines, sines = by.reshape(2, len(x), *[1] * (x.ndim - 2), -1)
    swapped = x.unflatten(-1, (-1, 2)).flip(-1).flatten(-2)
    return torch.addcmul(x * cosines, swapped, sines)


class SelfAttention(nn.Module):
    """Attention whose queries and keys are normed over the full width, not per head.

    One layer makes both, since every operation is a launch. The published files have a layer for each, so
    these are joined where weights are loaded, and parted where they are given out.
    """

    _PARTS: ClassVar = {
        "qk.weight": ("q.weight", "k.weight"),
        "qk.bias": ("q.bias", "k.bias"),
        "norm_qk": ("norm_q.weight", "norm_k.weight"),
    }

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qk, self.v, self.o = (
            nn.Linear(width, 2 * width),
            nn.Linear(width, width),
            nn.Linear(width, width),
        )
        self.norm_qk = nn.Parameter(torch.ones(2 * width))
        self.register_load_state_dict_pre_hook(self._join)
        self.register_state_dict_post_hook(self._part)

    def forward(self, x: Tensor, rotation: Tensor) -> Tensor:
        """`(N, D)` to the same; every token attends to all."""
        normed = F.rms_norm(self.qk(x).unflatten(1, (2, -1)), x.shape[-1:], eps=EPS)
        # Multiplied into float32, in which they are rotated, without a conversion of its own.
        wide = torch.empty_like(normed, dtype=torch.float32)
        torch.mul(normed, self.norm_qk.view(2, -1), out=wide)
        queries, keys = rotate(_heads(wide, self.heads), rotation).to(x).unbind(1)
        attended = _attended(queries, keys, _heads(self.v(x), self.heads))
        return self.o(attended.flatten(1))

    @staticmethod
    def _join(module: nn.Module, state: dict[str, Tensor], prefix: str, *_: object) -> None:
        for joined, parts in SelfAttention._PARTS.items():
            if all(prefix + part in state for part in parts):
                state[prefix + joined] = torch.cat([state.pop(prefix + part) for part in parts])

    @staticmethod
    def _part(module: nn.Module, state: dict[str, Tensor], prefix: str, _: object) -> None:
        for joined, parts in SelfAttention._PARTS.items():
            halves = state.pop(prefix + joined).chunk(2)
            state.update(zip((prefix + part for part in parts), halves, strict=True))


class CrossAttention(nn.Module):
    """Attention to what is heard; normed like `SelfAttention`."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.norm_q, self.norm_k = nn.RMSNorm(width, eps=EPS), nn.RMSNorm(width, eps=EPS)

    def listen(self, audio: Tensor) -> tuple[Tensor, Tensor]:
        """Keys and values of audio tokens `(f, n, D)`, which are the same in all steps of a window."""
        return _heads(self.norm_k(self.k(audio)), self.heads), _heads(self.v(audio), self.heads)

    def forward(self, x: Tensor, heard: tuple[Tensor, Tensor]) -> Tensor:
        """`(N, D)` to the same; the tokens of a latent frame attend to that frame's audio."""
        keys, values = heard
        queries = _heads(self.norm_q(self.q(x)), self.heads).unflatten(0, (len(keys), -1))
        return self.o(_attended(queries, keys, values).flatten(0, 1).flatten(1))


def _heads(x: Tensor, count: int) -> Tensor:
    """`(…, D)` to `(…, heads, D / heads)`."""
    return x.unflatten(-1, (count, -1))


def _attended(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """`(…, n, heads, D / heads)` each to the same of the queries."""
    queries, keys, values = (x.transpose(-3, -2) for x in (queries, keys, values))
    return F.scaled_dot_product_attention(queries, keys, values).transpose(-3, -2)
