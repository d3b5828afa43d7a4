"""The lips from what Whisper hears: a linear readout of the encoder's states, trained by `training.readout`.

Six minutes of tracked speech are far too few to learn how speech sounds, but enough to learn how the lips
move with the sounds that a large network tells apart, in whatever language.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.assets import MODELS
from pipeline.inference.weights import loading, read_arrays
from pipeline.motion import sound_encoder
from pipeline.motion.lip_predictor import SCALE, LipPredictor
from pipeline.motion.window import SpeechWindow

PATH = MODELS / "lip_readout.npz"
"""The shipped weights."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Readout(LipPredictor):
    """Linear weights on the encoder's states."""

    LIFT = 0.04
    TRUST = (0.3, 0.2)

    offsets: tuple[int, ...]
    """The states that are read, in fiftieths of a second from the moment."""
    weights: np.ndarray
    """`(offsets, SIZE, 2 + groups)` of the states."""
    bias: np.ndarray
    """`(2 + groups,)`."""

    def curves(self, window: SpeechWindow) -> np.ndarray:
        """From the window's sound; see `LipPredictor.curves`."""
        found = self.read(sound_encoder.load()(window.sound(sound_encoder.RATE)))
        return window.at_frames(found, sound_encoder.STATES)

    def read(self, states: np.ndarray) -> np.ndarray:
        """`(K, SIZE)` states to `(K, 2 + groups)` outputs; the states at the ends are extended."""
        known = np.arange(len(states))
        found = np.tile(self.bias, (len(states), 1))
        for offset, weights in zip(self.offsets, self.weights, strict=True):
            found += (states @ weights)[np.clip(known + offset, 0, len(states) - 1)]
        return found


@cache
def load(path: Path = PATH) -> Readout:
    """Read weights written by `training.readout`, which stay in memory, and begin to load the encoder's.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    sound_encoder.prepare()
    stored = read_arrays(path)
    with loading(path):
        about = json.loads(str(stored.pop("about")))
        arrays = {name: array.astype(np.float32) for name, array in stored.items()}
        return Readout(
            offsets=tuple(about["offsets"]),
            weights=arrays["weights"],
            bias=arrays["bias"],
            **{name: arrays[name] for name in SCALE},
            absent=tuple(about["absent"]),
        )
