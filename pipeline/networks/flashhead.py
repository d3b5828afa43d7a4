"""SoulX-FlashHead's denoiser: a video diffusion transformer that listens to speech.

SoulX-FlashHead, 2026 (https://github.com/Soul-AILab/SoulX-FlashHead), after Wan 2.1 (arXiv:2503.20314): the
text is removed and audio is added. It works on windows of 33 frames, in a video autoencoder's latent space.
Latents are `(C, f, h, w)`; N is the number of tokens, D the width of the transformer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.networks.flashhead_audio import latent_windows

FRAMES = 33
"""Frames of a window."""
_EPS = 1e-6
_TIME_BASE = 10_000.0


@dataclass(frozen=True)
class Settings:
    """The hyper-parameters of a variant."""

    channels: int
    """Of a latent."""
    stride: tuple[int, int, int]
    """Frames, rows and columns per latent."""
    patch: tuple[int, int, int]
    """Latents per token."""
    width: int = 1536
    heads: int = 12
    layers: int = 30
    hidden: int = 8960
    frequencies: int = 256
    """Width of the time's sinusoids."""
    audio: tuple[int, int] = (12, 768)
    """Layers of the speech encoder, and their channels."""
    audio_hidden: int = 512
    audio_tokens: int = 32
    """Audio tokens per latent frame."""
    side: int = 512
    """Side in px of the square that is animated."""

    @property
    def overlap(self) -> int:
        """Frames at the end of a window that the next one begins with: those of two latent frames."""
        return self.stride[0] + 1

    @property
    def fresh(self) -> int:
        """Frames of a window that are new."""
        return FRAMES - self.overlap


PRO = Settings(channels=16, stride=(4, 8, 8), patch=(1, 2, 2))
LITE = Settings(channels=128, stride=(8, 32, 32), patch=(1, 1, 1))

Heard = list[tuple[Tensor, Tensor]]
"""Each block's keys and values `(f, heads, audio tokens, D / heads)` of a window's speech."""


def sinusoid(time: float, width: int) -> Tensor:
    """`(width,)` float64: cosines, then sines, of a time in 0..1000."""
    angles = time * _TIME_BASE ** (-torch.arange(width // 2, dtype=torch.float64) / (width // 2))
    return torch.cat([angles.cos(), angles.sin()])


def rotations(grid: tuple[int, int, int], width: int) -> Tensor:
    """`(N, width / 2, 2)` float32: cosine and sine for each pair of a head's channels and each token.

    The channels are shared out to time, rows and columns; positions count from 0 in every window.
    """
    third = width // 3
    tables = []
    for axis, size in enumerate((width - 2 * third, third, third)):
        rates = _TIME_BASE ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
        angles = torch.arange(grid[axis])[:, None] * rates
        shape = [1, 1, 1, -1]
        shape[axis] = grid[axis]
        tables.append(angles.reshape(shape).expand(*grid, -1))
    angles = torch.cat(tables, dim=-1).flatten(0, 2)
    return torch.stack([angles.cos(), angles.sin()], dim=-1).float()


@lru_cache(maxsize=4)
def _rotations(grid: tuple[int, int, int], width: int, where: torch.device) -> Tensor:
    """`rotations` on a device, which are the same for all windows."""
    return rotations(grid, width).to(where)


@lru_cache(maxsize=16)
def _sinusoid(time: float, width: int, where: torch.device, dtype: torch.dtype) -> Tensor:
    """`sinusoid` on a device: all windows have the same times, and each copy would wait for the device."""
    return sinusoid(time, width).to(where, dtype)


def rotate(x: Tensor, by: Tensor) -> Tensor:
    """Queries or keys `(N, …, heads, width)` float32, rotated in adjacent pairs of channels by `rotations`."""
    turns = torch.view_as_complex(by).reshape(len(by), *[1] * (x.ndim - 2), -1)
    return torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2))) * turns).flatten(-2)


class _SelfAttention(nn.Module):
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
        normed = F.rms_norm(self.qk(x).unflatten(1, (2, -1)), x.shape[-1:], eps=_EPS)
        # Multiplied into float32, in which they are rotated, without a conversion of its own.
        wide = torch.empty_like(normed, dtype=torch.float32)
        torch.mul(normed, self.norm_qk.view(2, -1), out=wide)
        queries, keys = rotate(_heads(wide, self.heads), rotation).to(x).unbind(1)
        attended = _attended(queries, keys, _heads(self.v(x), self.heads))
        return self.o(attended.flatten(1))

    @staticmethod
    def _join(module: nn.Module, state: dict[str, Tensor], prefix: str, *_: object) -> None:
        for joined, parts in _SelfAttention._PARTS.items():
            if all(prefix + part in state for part in parts):
                state[prefix + joined] = torch.cat([state.pop(prefix + part) for part in parts])

    @staticmethod
    def _part(module: nn.Module, state: dict[str, Tensor], prefix: str, _: object) -> None:
        for joined, parts in _SelfAttention._PARTS.items():
            halves = state.pop(prefix + joined).chunk(2)
            state.update(zip((prefix + part for part in parts), halves, strict=True))


class _CrossAttention(nn.Module):
    """Attention to what is heard; normed like `_SelfAttention`."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))
        self.norm_q, self.norm_k = nn.RMSNorm(width, eps=_EPS), nn.RMSNorm(width, eps=_EPS)

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
    swapped = (x.transpose(-3, -2) for x in (queries, keys, values))
    return F.scaled_dot_product_attention(*swapped).transpose(-3, -2)


class _Block(nn.Module):
    def __init__(self, settings: Settings) -> None:
        super().__init__()
        width = settings.width
        self.modulation = nn.Parameter(torch.zeros(1, 6, width))
        self.self_attn = _SelfAttention(width, settings.heads)
        self.cross_attn = _CrossAttention(width, settings.heads)
        self.norm3 = nn.LayerNorm(width, eps=_EPS)
        self.ffn = nn.Sequential(
            nn.Linear(width, settings.hidden), nn.GELU(approximate="tanh"), nn.Linear(settings.hidden, width)
        )

    def forward(self, x: Tensor, time: Tensor, rotation: Tensor, heard: tuple[Tensor, Tensor]) -> Tensor:
        """`(N, D)` to the same; `time` is `(6, D)`, as `_modulated` takes it."""
        shift1, scale1, gate1, shift2, scale2, gate2 = (self.modulation[0] + time).unbind()
        x = torch.addcmul(x, self.self_attn(_modulated(x, shift1, scale1), rotation), gate1)
        x = x + self.cross_attn(self.norm3(x), heard)
        return torch.addcmul(x, self.ffn(_modulated(x, shift2, scale2)), gate2)


class _Head(nn.Module):
    def __init__(self, settings: Settings) -> None:
        super().__init__()
        depth, rows, columns = settings.patch
        self.head = nn.Linear(settings.width, settings.channels * depth * rows * columns)
        self.modulation = nn.Parameter(torch.zeros(1, 2, settings.width))

    def forward(self, x: Tensor, time: Tensor) -> Tensor:
        """`(N, D)` to tokens `(N, patch · C)`; `time` is `(D,)`."""
        shift, scale = (self.modulation[0] + time).unbind()
        return self.head(_modulated(x, shift, 1 + scale))


class _AudioProjection(nn.Module):
    """The speech encoder's features to audio tokens. The first latent frame shows one frame, the others
    several, so each has a layer of its own."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        layers, channels = settings.audio
        hidden, self.tokens = settings.audio_hidden, settings.audio_tokens
        self.proj1 = nn.Linear(5 * layers * channels, hidden)
        self.proj1_vf = nn.Linear((settings.stride[0] + 4) * layers * channels, hidden)
        self.proj2 = nn.Linear(hidden, hidden)
        self.proj3 = nn.Linear(hidden, self.tokens * settings.width)
        self.norm = nn.LayerNorm(settings.width)

    def forward(self, first: Tensor, later: Tensor) -> Tensor:
        """`(1, 5, L, A)` and `(f - 1, s + 4, L, A)` to `(f, tokens, D)`."""
        x = torch.cat([self.proj1(first.flatten(1)), self.proj1_vf(later.flatten(1))])
        x = self.proj3(self.proj2(x.relu()).relu())
        return self.norm(x.unflatten(1, (self.tokens, -1)))


class Denoiser(nn.Module):
    """The transformer. One window at a time; all its frames share one diffusion time."""

    UNUSED = ("text_embedding.", "audio_emb.")
    """Prefixes of tensors that the published files contain without using them."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        width = settings.width
        self.patch_embedding = nn.Conv3d(
            2 * settings.channels, width, kernel_size=settings.patch, stride=settings.patch
        )
        self.time_embedding = nn.Sequential(
            nn.Linear(settings.frequencies, width), nn.SiLU(), nn.Linear(width, width)
        )
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))
        self.audio_proj = _AudioProjection(settings)
        self.blocks = nn.ModuleList(_Block(settings) for _ in range(settings.layers))
        self.head = _Head(settings)

    @property
    def calls(self) -> tuple[str, ...]:
        """What runs in every step: the blocks, which share their code."""
        return tuple(f"blocks.{index}.forward" for index in range(self.settings.layers))

    def listen(self, audio: Tensor) -> Heard:
        """What each block attends to, computed once per window: of features `(33, 5, L, A)`."""
        first, later = latent_windows(audio.to(self.head.modulation.dtype), self.settings.stride[0])
        tokens = self.audio_proj(first, later)
        return [block.cross_attn.listen(tokens) for block in self.blocks]  # type: ignore[union-attr, operator]

    def forward(self, noisy: Tensor, reference: Tensor, time: float, heard: Heard) -> Tensor:
        """The flow from the clean latents to the noise.

        Args:
            noisy: `(C, f, h, w)`, the first frames clean where they are known.
            reference: `(C, f, h, w)`, latents of the photo.
            time: 0 (clean) to 1000 (noise).
            heard: from `listen`.

        Returns:
            `(C, f, h, w)`
        """
        grid = self.patch_embedding(torch.cat([noisy, reference]).to(self.head.modulation.dtype)[None])[0]
        x = grid.flatten(1).T.contiguous()
        moment = self.time_embedding(_sinusoid(time, self.settings.frequencies, x.device, x.dtype))
        modulation = self.time_projection(moment).unflatten(0, (6, -1)) + _scales(x.device, x.dtype)
        rotation = _rotations(tuple(grid.shape[1:]), self.settings.width // self.settings.heads, x.device)
        for block, keys in zip(self.blocks, heard, strict=True):
            x = block(x, modulation, rotation, keys)
        return self._unpatch(self.head(x, moment), grid.shape[1:])

    def _unpatch(self, tokens: Tensor, grid: tuple[int, ...]) -> Tensor:
        """Tokens, whose channels vary fastest, to `(C, f, h, w)`."""
        patches = tokens.unflatten(1, (*self.settings.patch, -1)).unflatten(0, grid)
        latents = patches.permute(6, 0, 3, 1, 4, 2, 5)
        return latents.flatten(1, 2).flatten(2, 3).flatten(3, 4)


@lru_cache(maxsize=4)
def _scales(where: torch.device, dtype: torch.dtype) -> Tensor:
    """`(6, 1)`: 1 for the two scales among a block's modulations, which are relative to 1."""
    relative = torch.zeros(6, 1, device=where, dtype=dtype)
    relative[1::3] = 1
    return relative


def _modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    """Normed tokens, scaled and shifted alike: all frames of a window have the same time."""
    return F.layer_norm(x, x.shape[-1:], scale, shift, eps=_EPS)
