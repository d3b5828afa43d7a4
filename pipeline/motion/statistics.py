"""How people hold themselves while they talk, as learned by `training.manner`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from pipeline.assets import MODELS

NUMBERS = MODELS / "manner.json"


@dataclass(frozen=True)
class Manner:
    """Statistics of real speakers."""

    hertz: np.ndarray
    """`(B,)` centres of the bands of the spectra."""
    pose: np.ndarray
    """`(3, B)` variance of yaw, pitch, roll in each band, in degrees squared."""
    brows: dict[str, np.ndarray]
    """`(B,)` variance of each brow score in each band, what goes with the head taken out."""
    brows_per_degree: dict[str, np.ndarray]
    """`(3,)` score per degree of yaw, pitch, roll."""
    blinks_per_minute: float
    blink_spread: float
    """Deviation of the logarithm of the time between blinks."""
    blink: tuple[np.ndarray, np.ndarray]
    """Seconds from the moment the lids are shut, and how far they are, 0 to 1."""


@cache
def load(path: Path = NUMBERS) -> Manner:
    """Read the numbers; kept in memory afterwards."""
    stored = json.loads(path.read_text(encoding="utf-8"))
    blinks = stored["blinks"]
    shape = np.array(blinks["shape"])
    return Manner(
        hertz=np.array(stored["hertz"]),
        pose=np.array([stored["pose"][axis] for axis in ("yaw", "pitch", "roll")]),
        brows={name: np.array(power) for name, power in stored["brows"].items()},
        brows_per_degree={name: np.array(slope) for name, slope in stored["brows_per_degree"].items()},
        blinks_per_minute=blinks["per_minute"],
        blink_spread=blinks["log_spread"],
        blink=((np.arange(len(shape)) - blinks["shut_at"]) / blinks["per_second"], shape),
    )
