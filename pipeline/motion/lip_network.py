"""The lip network, run in numpy: a hundred thousand multiplications a frame need no framework to start.

A temporal convolution network in the manner of Bai, Kolter and Koltun (2018, arXiv:1803.01271), learned by
`training.lips`. Several members vote; each is a convolution that halves the rate of the spectra, residual
blocks of dilated convolutions, and a linear read-out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.assets import MODELS
from pipeline.threads import one_thread

RATE = 50
"""Outputs per second; output k belongs to spectrum 2 k."""
WEIGHTS = MODELS / "lips.npz"
_KERNEL = 5


@dataclass(frozen=True)
class Network:
    """An ensemble with what is needed to read its outputs."""

    members: tuple[dict[str, np.ndarray], ...]
    blocks: tuple[tuple[int, bool], ...]
    """Dilation of each block in outputs, and whether it looks back only."""
    outputs: tuple[str, ...]
    """What each column means: `aperture`, `width`, the names of `shapes.GROUPS`, `closure`. All but the
    last are in deviations from the speaker's mean; that is the logit of lips that meet for a moment."""
    mean: np.ndarray
    """`(2 + groups,)` opening and width in inter-ocular distances and score of each group in speech."""
    deviation: np.ndarray
    """`(2 + groups,)` their standard deviation within a speaker."""
    quiet: np.ndarray
    """`(2 + groups,)` their values while the lips are closed."""
    follows: np.ndarray
    """`(groups, 2)` opening and width per score."""
    follows_from: np.ndarray
    """`(2,)` opening and width where all scores are zero."""
    absent: tuple[str, ...] = ()
    """Names of the clips that it did not learn from, where it is made to be tested on them."""

    @property
    def before(self) -> int:
        """How many outputs back the network hears."""
        return 1 + sum(2 * step if causal else step for step, causal in self.blocks)

    @property
    def after(self) -> int:
        """How many outputs ahead the network hears: its look-ahead."""
        return 1 + sum(step for step, causal in self.blocks if not causal)

    def __call__(self, heard: np.ndarray) -> np.ndarray:
        """`Heard.inputs`, `(K, inputs)` → `(ceil(K / 2), outputs)` float32, the members' mean."""
        with one_thread():
            return sum(self._run(member, heard) for member in self.members) / np.float32(len(self.members))

    def _run(self, weights: dict[str, np.ndarray], heard: np.ndarray) -> np.ndarray:
        hidden = _gelu(_halved(heard, weights["input.weight"], weights["input.bias"]))
        for number, (step, causal) in enumerate(self.blocks):
            name = f"blocks.{number}"
            inner = _dilated(hidden, weights[f"{name}.wide.weight"], step, causal)
            inner = _gelu(inner + weights[f"{name}.wide.bias"])
            hidden = hidden + inner @ weights[f"{name}.mix.weight"] + weights[f"{name}.mix.bias"]
        return hidden @ weights["output.weight"] + weights["output.bias"]


@cache
def load(path: Path = WEIGHTS) -> Network:
    """Read an ensemble that `training.lips` wrote; kept in memory afterwards."""
    with np.load(path) as stored:
        about = json.loads(str(stored["about"]))
        arrays = {name: stored[name].astype(np.float32) for name in stored.files if name != "about"}
    members = tuple(
        {name.split("/")[1]: array for name, array in arrays.items() if name.startswith(f"{number}/")}
        for number in range(about["members"])
    )
    blocks = tuple((int(step), bool(causal)) for step, causal in about["blocks"])
    scale = {name: arrays[name] for name in ("mean", "deviation", "quiet", "follows", "follows_from")}
    return Network(
        members=members,
        blocks=blocks,
        outputs=tuple(about["outputs"]),
        absent=tuple(about.get("absent", ())),
        **scale,
    )


def _halved(heard: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution of stride 2; `weight` is `(kernel × inputs, channels)`."""
    padded = np.pad(heard, ((_KERNEL // 2, _KERNEL // 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _KERNEL, axis=0)[::2]
    return windows.transpose(0, 2, 1).reshape(len(windows), -1) @ weight + bias


def _dilated(hidden: np.ndarray, weight: np.ndarray, step: int, causal: bool) -> np.ndarray:
    """Convolution of kernel 3; `weight` is `(3, channels, channels)`."""
    padded = np.pad(hidden, ((2 * step, 0) if causal else (step, step), (0, 0)))
    return sum(padded[tap * step :][: len(hidden)] @ weight[tap] for tap in range(3))


def _gelu(x: np.ndarray) -> np.ndarray:
    """Hendrycks and Gimpel's unit by its tanh formula (arXiv:1606.08415)."""
    return 0.5 * x * (1 + np.tanh(np.float32(0.7978846) * (x + np.float32(0.044715) * x * x * x)))
