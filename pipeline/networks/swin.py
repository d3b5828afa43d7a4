"""Swin Transformer: features of a picture at four sizes, by attention inside windows that shift.

Liu et al.: Swin Transformer: Hierarchical Vision Transformer using Shifted Windows, ICCV 2021
(arXiv:2103.14030), for pictures of any size and with a norm for each output, as dense prediction uses it,
with the tensor names of the published checkpoints.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_PATCH = 4
"""Side in px of the patches that become tokens."""
_APART = -100.0
"""Added to the attention between tokens of one window that the shift brought together."""


class Swin(nn.Module):
    """`(B, 3, H, W)` to features at a 4th, 8th, 16th and 32nd of the size, each twice as wide as before."""

    def __init__(self, width: int, depths: Sequence[int], heads: Sequence[int], window: int) -> None:
        super().__init__()
        self.patch_embed = _Patches(width)
        widths = [width << stage for stage in range(len(depths))]
        self.layers = nn.ModuleList(
            _Stage(inner, depth, count, window, last=inner == widths[-1])
            for inner, depth, count in zip(widths, depths, heads, strict=True)
        )
        for stage, inner in enumerate(widths):
            self.add_module(f"norm{stage}", nn.LayerNorm(inner))

    def forward(self, image: Tensor) -> list[Tensor]:
        x, outputs = self.patch_embed(image), []
        for stage, layer in enumerate(self.layers):
            features, x = layer(x)
            norm = self.get_submodule(f"norm{stage}")
            outputs.append(norm(features).permute(0, 3, 1, 2).contiguous())
        return outputs


class _Patches(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.proj = nn.Conv2d(3, width, _PATCH, stride=_PATCH)
        self.norm = nn.LayerNorm(width)

    def forward(self, image: Tensor) -> Tensor:
        """`(B, 3, H, W)` to tokens `(B, H / 4, W / 4, C)`."""
        height, width = image.shape[-2:]
        image = F.pad(image, (0, -width % _PATCH, 0, -height % _PATCH))
        return self.norm(self.proj(image).permute(0, 2, 3, 1))


class _Stage(nn.Module):
    """Blocks of one size, every second one shifted, and the step to half that size."""

    def __init__(self, width: int, depth: int, heads: int, window: int, *, last: bool) -> None:
        super().__init__()
        self.window = window
        self.blocks = nn.ModuleList(
            _Block(width, heads, window, shift=window // 2 if number % 2 else 0) for number in range(depth)
        )
        self.downsample = None if last else _Merging(width)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens `(B, h, w, C)` to features of the same shape, and the tokens of the next stage."""
        mask = _shift_mask(x, self.window)
        for block in self.blocks:
            x = block(x, mask)
        return x, x if self.downsample is None else self.downsample(x)


class _Block(nn.Module):
    def __init__(self, width: int, heads: int, window: int, *, shift: int) -> None:
        super().__init__()
        self.window, self.shift = window, shift
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.attn = _Attention(width, heads, window)
        self.mlp = _Perceptron(width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        inner = F.pad(self.norm1(x), (0, 0, 0, -width % self.window, 0, -height % self.window))
        size = inner.shape[1:3]
        inner = inner.roll((-self.shift, -self.shift), (1, 2))
        inner = self.attn(_windows(inner, self.window), mask if self.shift else None)
        inner = _joined(inner, self.window, size).roll((self.shift, self.shift), (1, 2))
        x = x + inner[:, :height, :width]
        return x + self.mlp(self.norm2(x))


class _Attention(nn.Module):
    """Attention inside each window, with a learned bias for every relative position."""

    def __init__(self, width: int, heads: int, window: int) -> None:
        super().__init__()
        self.heads = heads
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * window - 1) ** 2, heads))
        self.relative_position_index: Tensor
        self.register_buffer("relative_position_index", _relative_positions(window))
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """Tokens `(B * windows, n, C)`; `mask`: `(windows, 1, n, n)`, added to the attention."""
        count, tokens, width = x.shape
        query, key, value = self.qkv(x).reshape(count, tokens, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        bias = self.relative_position_bias_table[self.relative_position_index.flatten()]
        bias = bias.reshape(1, tokens, tokens, self.heads).permute(0, 3, 1, 2)
        if mask is not None:
            bias = (bias + mask).repeat(count // len(mask), 1, 1, 1)
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        return self.proj(attended.transpose(1, 2).reshape(count, tokens, width))


class _Perceptron(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc2(F.gelu(self.fc1(x)))


class _Merging(nn.Module):
    """Two by two tokens become one, twice as wide."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.reduction = nn.Linear(4 * width, 2 * width, bias=False)
        self.norm = nn.LayerNorm(4 * width)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        x = F.pad(x, (0, 0, 0, width % 2, 0, height % 2))
        corners = [x[:, down::2, right::2] for right in (0, 1) for down in (0, 1)]
        return self.reduction(self.norm(torch.cat(corners, dim=-1)))


def _windows(x: Tensor, window: int) -> Tensor:
    """`(B, h, w, C)` to `(B * windows, window², C)`."""
    batch, height, width, channels = x.shape
    x = x.reshape(batch, height // window, window, width // window, window, channels)
    return x.transpose(2, 3).reshape(-1, window * window, channels)


def _joined(x: Tensor, window: int, size: Sequence[int]) -> Tensor:
    """The inverse of `_windows`, for `size` `(h, w)`."""
    down, across = size[0] // window, size[1] // window
    x = x.reshape(-1, down, across, window, window, x.shape[-1])
    return x.transpose(2, 3).reshape(x.shape[0], *size, x.shape[-1])


def _shift_mask(x: Tensor, window: int) -> Tensor:
    """What keeps apart the tokens that a shift by half a window brings together: `(windows, 1, n, n)`."""
    rows, columns = (
        (at >= len(at) - window).int() + (at >= len(at) - window // 2).int()
        for at in (torch.arange(side + -side % window, device=x.device) for side in x.shape[1:3])
    )
    regions = _windows((3 * rows[:, None] + columns)[None, ..., None], window)[..., 0]
    apart = regions[:, None, :] != regions[:, :, None]
    return (_APART * apart).to(x.dtype)[:, None]


def _relative_positions(window: int) -> Tensor:
    """The row of the bias table for each pair of tokens: `(window², window²)`."""
    rows, columns = torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")
    down, right = (at.flatten()[:, None] - at.flatten() + window - 1 for at in (rows, columns))
    return (2 * window - 1) * down + right
