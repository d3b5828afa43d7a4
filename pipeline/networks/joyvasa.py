"""JoyVASA's motion generator: diffusion from speech to LivePortrait's motion.

Cao et al.: JoyVASA: Portrait and Animal Image Animation with Diffusion-Based Audio-Driven Facial Dynamics and
Head Motion Generation, 2024 (arXiv:2411.09209). The denoiser is ours; the audio encoder is transformers'
HuBERT, whose weights the checkpoint includes. B is the batch, N the frames of a window (100, four seconds),
P those of its history (10), M the size of a motion vector (73), C the width (256).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.networks.positions import sinusoids

if TYPE_CHECKING:
    from transformers import HubertConfig

RATE = 16_000
"""Sample rate of the audio encoder in Hz."""
CALLS = ("audio_encoder.forward", "denoising_net.forward")
"""What is called for every window, or every step of one."""
_HUBERT_EDGE = 80
"""Samples that HuBERT needs beyond 320 per feature."""


@dataclass(frozen=True)
class Settings:
    """The hyper-parameters that a checkpoint keeps under `args`."""

    motion_feat_dim: int = 73
    n_motions: int = 100
    n_prev_motions: int = 10
    feature_dim: int = 256
    n_diff_steps: int = 50
    fps: int = 25
    pad_mode: str = "zero"
    """How the last window is padded: "zero", or else with the last sample."""

    @property
    def window(self) -> int:
        """Samples in one window."""
        return self.n_motions * RATE // self.fps


class History(NamedTuple):
    """The frames before a window."""

    motion: Tensor
    """`(B, P, M)`"""
    audio: Tensor
    """`(B, P, C)`"""


class _Table(nn.Module):
    """A sinusoidal table `pe (1, rows, width)`: sine on even, cosine on odd channels."""

    pe: Tensor

    def __init__(self, rows: int, width: int) -> None:
        super().__init__()
        self.register_buffer("pe", sinusoids(rows, width)[None])


class _Layer(nn.Module):
    """A post-norm transformer decoder layer whose cross-attention is limited to one memory entry per frame.

    The softmax over a single entry is 1, so this attention is a linear map of the memory: `attend` computes
    it once for all diffusion steps.
    """

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.multihead_attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.linear1, self.linear2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.norm1, self.norm2, self.norm3 = (nn.LayerNorm(width) for _ in range(3))

    def attend(self, memory: Tensor) -> Tensor:
        """`(B, P+N, C)` audio features to the output of the cross-attention."""
        attention = self.multihead_attn
        weight, bias = attention.in_proj_weight.chunk(3)[2], attention.in_proj_bias.chunk(3)[2]
        return attention.out_proj(F.linear(memory, weight, bias))

    def forward(self, x: Tensor, attended: Tensor) -> Tensor:
        x = self.norm1(x + self.self_attn(x, x, x, need_weights=False)[0])
        x = self.norm2(x + attended)
        return self.norm3(x + self.linear2(F.gelu(self.linear1(x))))


class _Layers(nn.Module):
    def __init__(self, count: int, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(_Layer(width, heads, hidden) for _ in range(count))

    def __iter__(self) -> Iterator[_Layer]:
        return (layer for layer in self.layers if isinstance(layer, _Layer))


class Denoiser(nn.Module):
    """A noisy motion, conditioned on audio, to the clean motion.

    `constant_position` gives every frame the same row of the position table. The published code did so until
    December 2025; the published weights (November 2024) were trained that way.
    """

    _HEADS, _LAYERS, _HIDDEN = 8, 8, 4
    _STEPS, _POSITIONS = 501, 600

    def __init__(self, settings: Settings, *, constant_position: bool = True) -> None:
        super().__init__()
        width, frames = settings.feature_dim, settings.n_prev_motions + settings.n_motions
        self.constant_position = constant_position
        self.register_buffer("alignment_mask", ~torch.eye(frames, dtype=torch.bool))
        self.TE, self.PE = _Table(self._STEPS, width), _Table(self._POSITIONS, width)
        self.diff_step_map = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.Linear(width, width))
        self.feature_proj = nn.Linear(settings.motion_feat_dim, width)
        self.transformer = _Layers(self._LAYERS, width, self._HEADS, self._HIDDEN * width)
        self.motion_dec = nn.Sequential(
            nn.Linear(width, width // 2), nn.GELU(), nn.Linear(width // 2, settings.motion_feat_dim)
        )

    def condition(self, audio: Tensor, before: Tensor) -> list[Tensor]:
        """Each layer's audio conditioning, from the window's `(B, N, C)` and the history's `(B, P, C)`."""
        memory = torch.cat([before, audio], dim=1)
        return [layer.attend(memory) for layer in self.transformer]

    def forward(self, motion: Tensor, before: Tensor, condition: list[Tensor], step: Tensor) -> Tensor:
        """The clean motion `(B, P+N, M)`; its last N frames are the prediction.

        Args:
            motion: `(B, N, M)` noisy.
            before: `(B, P, M)` history.
            condition: the list that `condition` returns.
            step: `(B,)`, of the diffusion.
        """
        x = self.feature_proj(torch.cat([before, motion], dim=1))
        rows = slice(x.shape[1], x.shape[1] + 1) if self.constant_position else slice(x.shape[1])
        x = x + self.PE.pe[:, rows] + self.diff_step_map(self.TE.pe[0, step])[:, None]
        for layer, attended in zip(self.transformer, condition, strict=True):
            x = layer(x, attended)
        return self.motion_dec(x)


class Schedule(nn.Module):
    """The cosine schedule of Nichol and Dhariwal (arXiv:2102.09672) as tables over the steps 0..T."""

    alphas: Tensor
    alpha_bars: Tensor
    sigmas_inflex: Tensor

    def __init__(self, steps: int) -> None:
        super().__init__()
        betas = self._betas(steps)
        alphas = 1 - betas
        bars = alphas.log().cumsum(0).exp()
        fixed = torch.zeros_like(betas)
        fixed[1:] = ((1 - bars[:-1]) / (1 - bars[1:]) * betas[1:]).sqrt()
        tables = {"betas": betas, "alphas": alphas, "alpha_bars": bars}
        tables |= {"sigmas_flex": betas.sqrt(), "sigmas_inflex": fixed}
        for name, table in tables.items():
            self.register_buffer(name, table)

    @staticmethod
    def _betas(steps: int) -> Tensor:
        wave = torch.cos((torch.arange(steps + 1) / steps + 0.008) / 1.008 * torch.pi / 2) ** 2
        bars = wave / wave[0]
        return F.pad((1 - bars[1:] / bars[:-1]).clip(1e-4, 0.999), (1, 0))

    def step(self, step: int, noisy: Tensor, clean: Tensor, noise: Tensor) -> Tensor:
        """The motion at `step - 1`, from the noisy one at `step`, its clean prediction and fresh noise."""
        alpha, bar, bar_next = self.alphas[step], self.alpha_bars[step], self.alpha_bars[step - 1]
        keep = alpha.sqrt() * (1 - bar_next) / (1 - bar)
        take = bar_next.sqrt() * (1 - alpha) / (1 - bar)
        return keep * noisy + take * clean + self.sigmas_inflex[step] * noise


class MotionGenerator(nn.Module):
    """The audio of a window and its history to the window's motion."""

    def __init__(
        self, settings: Settings, hubert: HubertConfig | None = None, *, constant_position: bool = True
    ) -> None:
        """`hubert`: configuration of the audio encoder; without it the network takes features only."""
        super().__init__()
        width, before = settings.feature_dim, settings.n_prev_motions
        self.settings = settings
        self.start_audio_feat = nn.Parameter(torch.zeros(1, before, width))
        self.start_motion_feat = nn.Parameter(torch.zeros(1, before, settings.motion_feat_dim))
        self.null_audio_feat = nn.Parameter(torch.zeros(1, 1, width))
        self.audio_feature_map = nn.Linear(768, width)
        self.denoising_net = Denoiser(settings, constant_position=constant_position)
        self.diffusion_sched = Schedule(settings.n_diff_steps)
        if hubert is not None:
            from transformers import HubertModel

            self.audio_encoder = HubertModel(hubert)

    def windows(self, samples: Tensor) -> Tensor:
        """`(L,)` samples to `(W, 64000)`: as many windows as all whole frames need, the last one padded."""
        length = self.settings.window
        frames = int(len(samples) / RATE * self.settings.fps)
        lacking = max(1, -(-frames // self.settings.n_motions)) * length - len(samples)
        mode = "constant" if self.settings.pad_mode == "zero" or lacking < 0 else "replicate"
        return F.pad(samples[None], (0, lacking), mode=mode)[0].unflatten(0, (-1, length))

    def encode_audio(self, samples: Tensor) -> Tensor:
        """`(B, 64000)` samples at 16 kHz to `(B, 100, C)` features, one per frame."""
        states = self.audio_encoder(pad_for_hubert(samples)).last_hidden_state
        halved = F.interpolate(states.transpose(1, 2), self.settings.n_motions, mode="linear")
        return self.audio_feature_map(halved.transpose(1, 2))

    def initial_history(self) -> History:
        """The learned history of the first window."""
        return History(self.start_motion_feat, self.start_audio_feat)

    def denoise(
        self, audio: Tensor, history: History, noise: Iterator[Tensor], *, guidance: float = 2.8
    ) -> Iterator[Tensor]:
        """The motion `(1, N, M)` after each diffusion step; the last one is clean.

        Args:
            audio: `(1, N, C)` features of the window.
            history: motion and audio before it.
            noise: standard normal `(1, N, M)`: the start, then one for each step but the last.
            guidance: scale of classifier-free guidance; 1 uses the conditional prediction alone.
        """
        condition = self.denoising_net.condition(
            torch.cat([self.null_audio_feat.expand_as(audio), audio]), history.audio.repeat(2, 1, 1)
        )
        before, motion = history.motion.repeat(2, 1, 1), next(noise)
        for step in range(self.settings.n_diff_steps, 0, -1):
            both = torch.full((2,), step, device=audio.device)
            clean = self.denoising_net(motion.repeat(2, 1, 1), before, condition, both)
            unconditional, conditional = clean[:, -motion.shape[1] :].chunk(2)
            clean = unconditional + guidance * (conditional - unconditional)
            fresh = next(noise) if step > 1 else torch.zeros_like(motion)
            motion = self.diffusion_sched.step(step, motion, clean, fresh)
            yield motion


def pad_for_hubert(samples: Tensor) -> Tensor:
    """`(B, n)` reflected at both ends so that HuBERT gives one feature per 320 of the n samples."""
    side = -(-(_HUBERT_EDGE - samples.shape[1] % 320) // 2)
    if side < 0:
        return samples
    for _ in range(2):
        samples = F.pad(samples[:, None], (side // 2,) * 2, mode="reflect")[:, 0]
    return F.pad(samples[:, None], (1, 1), mode="replicate")[:, 0] if side % 2 else samples


def infer_hubert_config(state: dict[str, Tensor]) -> Any:
    """The `HubertConfig` of the model whose tensors are named `audio_encoder.…` in `state`."""
    from transformers import HubertConfig

    encoder = "audio_encoder.encoder.layers."
    convolutions = [
        name
        for name in state
        if name.startswith("audio_encoder.feature_extractor") and name.endswith("conv.weight")
    ]
    hidden, intermediate = state[f"{encoder}0.feed_forward.output_dense.weight"].shape
    return HubertConfig(
        hidden_size=hidden,
        num_hidden_layers=len({name.split(".")[3] for name in state if name.startswith(encoder)}),
        num_attention_heads=hidden // 64,
        intermediate_size=intermediate,
        conv_dim=[state[name].shape[0] for name in convolutions],
    )
