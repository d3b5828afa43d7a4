"""The lip network, in numpy, for machines without the embedded recogniser: from spectra and phones.

For a hundred thousand multiplications a frame, no framework need start.

A temporal convolutional network after Bai, Kolter and Koltun (2018, arXiv:1803.01271), trained by
`training.lips`. It is an ensemble; each member is a convolution that halves the rate of the spectra, residual
blocks of dilated convolutions, and a linear output layer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.assets import MODELS
from pipeline.inference.weights import loading, read_arrays
from pipeline.motion.lip_predictor import SCALE, LipPredictor
from pipeline.motion.window import SpeechWindow
from pipeline.threads import one_thread

RATE = 50
"""Outputs per second; output k belongs to spectrum 2 k."""
PATH = MODELS / "lips.npz"
"""The shipped weights."""
_KERNEL = 5
"""Width of the first convolution in spectra."""
_APART = 0.08
"""Inter-ocular distances between lips that certainly do not meet; the less certain, the closer they come."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Network(LipPredictor):
    """An ensemble, and the scale of its outputs."""

    LIFT = 0.028
    TRUST = (0.6, 0.45)

    members: tuple[dict[str, np.ndarray], ...]
    """Weights by name."""
    blocks: tuple[tuple[int, bool], ...]
    """Dilation of each block in outputs, and whether it is causal."""
    outputs: tuple[str, ...]
    """Meaning of each column: `aperture`, `width`, the names of `blendshape_groups.GROUPS`, `closure`. All
    but the last are in standard deviations from the speaker's mean; the last is the logit of a brief lip
    closure."""

    def curves(self, window: SpeechWindow) -> np.ndarray:
        """From the window's spectra and phones; see `LipPredictor.curves`.

        The lips stay apart where no closure is heard: so sure is this network of those alone.
        """
        found = window.at_frames(self(window.inputs), RATE)
        meeting = 1 / (1 + np.exp(-1.5 * (found[:, -1] - 0.5)))
        least = (_APART * (1 - meeting) - self.mean[0]) / (self.gains[0] * self.deviation[0])
        found[:, 0] = np.maximum(found[:, 0], least)
        return found[:, :-1]

    @property
    def before(self) -> int:
        """Receptive field backwards, in outputs."""
        return 1 + sum(2 * step if causal else step for step, causal in self.blocks)

    @property
    def after(self) -> int:
        """Receptive field forwards, in outputs: the look-ahead."""
        return 1 + sum(step for step, causal in self.blocks if not causal)

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """The members' mean output: `SpeechWindow.inputs`, `(K, inputs)`, to `(ceil(K / 2), outputs)`
        float32."""
        with one_thread():
            total: np.ndarray = sum(self._run(member, inputs) for member in self.members)  # type: ignore[assignment]
            return total / np.float32(len(self.members))

    def _run(self, weights: dict[str, np.ndarray], inputs: np.ndarray) -> np.ndarray:
        hidden = _gelu(_strided(inputs, weights["input.weight"], weights["input.bias"]))
        for number, (step, causal) in enumerate(self.blocks):
            name = f"blocks.{number}"
            inner = _dilated(hidden, weights[f"{name}.wide.weight"], step, causal)
            inner = _gelu(inner + weights[f"{name}.wide.bias"])
            hidden = hidden + inner @ weights[f"{name}.mix.weight"] + weights[f"{name}.mix.bias"]
        return hidden @ weights["output.weight"] + weights["output.bias"]


@cache
def load(path: Path = PATH) -> Network:
    """Read an ensemble written by `training.lips`; it stays in memory.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    stored = read_arrays(path)
    with loading(path):
        about = json.loads(str(stored.pop("about")))
        arrays = {name: array.astype(np.float32) for name, array in stored.items()}
    members = tuple(
        {name.split("/")[1]: array for name, array in arrays.items() if name.startswith(f"{number}/")}
        for number in range(about["members"])
    )
    blocks = tuple((int(step), bool(causal)) for step, causal in about["blocks"])
    return Network(
        members=members,
        blocks=blocks,
        outputs=tuple(about["outputs"]),
        **{name: arrays[name] for name in SCALE},
        absent=tuple(about.get("absent", ())),
    )


def _strided(inputs: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution with stride 2; `weight` is `(kernel × inputs, channels)`."""
    padded = np.pad(inputs, ((_KERNEL // 2, _KERNEL // 2), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, _KERNEL, axis=0)[::2]
    return windows.transpose(0, 2, 1).reshape(len(windows), -1) @ weight + bias


def _dilated(hidden: np.ndarray, weight: np.ndarray, step: int, causal: bool) -> np.ndarray:
    """Dilated convolution of kernel 3; `weight` is `(3, channels, channels)`."""
    padded = np.pad(hidden, ((2 * step, 0) if causal else (step, step), (0, 0)))
    return sum(padded[tap * step :][: len(hidden)] @ weight[tap] for tap in range(3))


def _gelu(x: np.ndarray) -> np.ndarray:
    """Gaussian error linear unit in its tanh approximation (arXiv:1606.08415)."""
    return 0.5 * x * (1 + np.tanh(np.float32(0.7978846) * (x + np.float32(0.044715) * x * x * x)))
