"""SoulX-FlashHead's denoiser: a video diffusion transformer that listens to speech.

SoulX-FlashHead, 2026 (https://github.com/Soul-AILab/SoulX-FlashHead), after Wan 2.1 (arXiv:2503.20314): the
text is removed and audio is added. It works on windows of 33 frames, in a video autoencoder's latent space.
Latents are `(C, f, h, w)`; N is the number of tokens, D the width of the transformer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.networks.flashhead_attention import EPS, TIME_BASE, CrossAttention, SelfAttention, rotations
from pipeline.networks.flashhead_audio import latent_windows

FRAMES = 33
"""Frames of a window."""


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
    angles = time * TIME_BASE ** (-torch.arange(width // 2, dtype=torch.float64) / (width // 2))
    return torch.cat([angles.cos(), angles.sin()])


@lru_cache(maxsize=4)
def _rotations(grid: tuple[int, int, int], width: int, where: torch.device) -> Tensor:
    """`rotations` on a device, which are the same for all windows."""
    return rotations(grid, width).to(where)


@lru_cache(maxsize=16)
def _sinusoid(time: float, width: int, where: torch.device, dtype: torch.dtype) -> Tensor:
    """`sinusoid` on a device: all windows have the same times, and each copy would wait for the device."""
    return sinusoid(time, width).to(where, dtype)


class _Block(nn.Module):
    def __init__(self, settings: Settings) -> None:
        super().__init__()
        width = settings.width
        self.modulation = nn.Parameter(torch.zeros(1, 6, width))
        self.self_attn = SelfAttention(width, settings.heads)
        self.cross_attn = CrossAttention(width, settings.heads)
        self.norm3 = nn.LayerNorm(width, eps=EPS)
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
    return F.layer_norm(x, x.shape[-1:], scale, shift, eps=EPS)
