"""The lip network as a torch module, and its weights as `pipeline.motion.lip_network` reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.motion.articulation import TRAITS
from pipeline.motion.audio_features import BANDS

BLOCKS = ((1, False), (2, False), (4, False), (8, True))
"""Dilation of each block, in fiftieths of a second, and whether it looks back only."""


class Block(nn.Module):
    """A dilated convolution around which the signal passes unchanged."""

    def __init__(self, channels: int, step: int, *, causal: bool, dropout: float) -> None:
        super().__init__()
        self.pad = (2 * step, 0) if causal else (step, step)
        self.wide = nn.Conv1d(channels, channels, 3, dilation=step)
        self.mix = nn.Conv1d(channels, channels, 1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor) -> Tensor:
        """`(B, channels, T)` → the same."""
        inner = F.gelu(self.wide(F.pad(hidden, self.pad)), approximate="tanh")
        return hidden + self.dropout(self.mix(inner))


class LipNetwork(nn.Module):
    """Normalised log-mel spectra, and how the sounds found in them are made → the mouth."""

    def __init__(self, outputs: int, *, channels: int, dropout: float) -> None:
        super().__init__()
        self.ear = nn.Dropout(dropout / 2)
        self.input = nn.Conv1d(BANDS + TRAITS, channels, 5, stride=2, padding=2)
        self.blocks = nn.ModuleList(
            Block(channels, step, causal=causal, dropout=dropout) for step, causal in BLOCKS
        )
        self.output = nn.Conv1d(channels, outputs, 1)

    def forward(self, heard: Tensor) -> Tensor:
        """`(B, K, BANDS + TRAITS)` at 100 per second → `(B, K / 2, outputs)` at 50."""
        hidden = F.gelu(self.input(self.ear(heard.transpose(1, 2))), approximate="tanh")
        for block in self.blocks:
            hidden = block(hidden)
        return self.output(hidden).transpose(1, 2)


def save_ensemble(
    path: Path,
    members: Iterable[dict[str, Tensor]],
    outputs: tuple[str, ...],
    scale: dict[str, np.ndarray],
    **about: object,
) -> None:
    """Write members' states in half precision for the product; `about` is kept beside them."""
    members = list(members)
    arrays = {
        f"{number}/{name}": _laid_out(name, weight.numpy()).astype(np.float16)
        for number, member in enumerate(members)
        for name, weight in member.items()
    }
    note = {"members": len(members), "blocks": BLOCKS, "outputs": outputs, **about}
    scale = {name: values.astype(np.float32) for name, values in scale.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, about=json.dumps(note), **arrays, **scale)


def _laid_out(name: str, weight: np.ndarray) -> np.ndarray:
    """Torch's `(out, in, taps)` as the matrices that numpy multiplies with."""
    if weight.ndim == 1:
        return weight
    if name.startswith("input"):
        return weight.transpose(2, 1, 0).reshape(-1, weight.shape[0])
    return weight[:, :, 0].T if weight.shape[2] == 1 else weight.transpose(2, 1, 0)
