"""The lip network as a torch module, and its weights as `pipeline.motion.lip_network` reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.motion.articulation import PHONETIC_FEATURES
from pipeline.motion.audio_features import BANDS

BLOCKS = ((1, False), (2, False), (4, False), (8, True))
"""Dilation of each block, in fiftieths of a second, and whether it is causal."""


class Block(nn.Module):
    """A residual block with a dilated convolution."""

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
    """From normalised log-mel spectra and phonetic features to the mouth."""

    def __init__(self, outputs: int, *, channels: int, dropout: float) -> None:
        super().__init__()
        self.input_dropout = nn.Dropout(dropout / 2)
        self.input = nn.Conv1d(BANDS + PHONETIC_FEATURES, channels, 5, stride=2, padding=2)
        self.blocks = nn.ModuleList(
            Block(channels, step, causal=causal, dropout=dropout) for step, causal in BLOCKS
        )
        self.output = nn.Conv1d(channels, outputs, 1)

    def forward(self, inputs: Tensor) -> Tensor:
        """`(B, K, BANDS + PHONETIC_FEATURES)` at 100 per second → `(B, K / 2, outputs)` at 50."""
        hidden = F.gelu(self.input(self.input_dropout(inputs.transpose(1, 2))), approximate="tanh")
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
    """Write the members' weights in half precision, with `about` beside them, for `motion.lip_network`."""
    members = list(members)
    arrays: dict[str, np.ndarray] = {
        f"{number}/{name}": _laid_out(name, weight.numpy()).astype(np.float16)
        for number, member in enumerate(members)
        for name, weight in member.items()
    }
    note = {"members": len(members), "blocks": BLOCKS, "outputs": outputs, **about}
    arrays.update({name: values.astype(np.float32) for name, values in scale.items()})
    arrays["about"] = np.array(json.dumps(note))
    path.parent.mkdir(parents=True, exist_ok=True)
    save: Any = np.savez_compressed
    save(path, **arrays)


def _laid_out(name: str, weight: np.ndarray) -> np.ndarray:
    """torch's `(out, in, taps)` as the matrices that numpy multiplies with."""
    if weight.ndim == 1:
        return weight
    if name.startswith("input"):
        return weight.transpose(2, 1, 0).reshape(-1, weight.shape[0])
    return weight[:, :, 0].T if weight.shape[2] == 1 else weight.transpose(2, 1, 0)
