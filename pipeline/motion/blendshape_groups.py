"""Blendshapes that move together in speech, under one name, and their columns."""

from __future__ import annotations

import numpy as np

from pipeline.types import BLENDSHAPES, SHAPE


def _both(name: str) -> tuple[str, str]:
    return f"{name}Left", f"{name}Right"


GROUPS: dict[str, tuple[str, ...]] = {
    "jaw": ("jawOpen",),
    "close": ("mouthClose",),
    "funnel": ("mouthFunnel",),
    "pucker": ("mouthPucker",),
    "smile": _both("mouthSmile"),
    "frown": _both("mouthFrown"),
    "dimple": _both("mouthDimple"),
    "stretch": _both("mouthStretch"),
    "rollLower": ("mouthRollLower",),
    "rollUpper": ("mouthRollUpper",),
    "shrugLower": ("mouthShrugLower",),
    "shrugUpper": ("mouthShrugUpper",),
    "press": _both("mouthPress"),
    "lower": _both("mouthLowerDown"),
    "upper": _both("mouthUpperUp"),
}
"""The mouth's blendshapes, left and right as one."""

OPENING = ("jaw", "funnel", "lower", "upper")
"""The groups that part the lips."""

MOUTH = tuple(
    index
    for index, name in enumerate(BLENDSHAPES)
    if name.startswith(("jaw", "mouth", "cheekPuff", "tongue"))
)
"""Columns of everything that speech moves."""


def columns(*groups: str) -> list[int]:
    """The columns of all blendshapes in `groups`."""
    return [SHAPE[name] for group in groups for name in GROUPS[group]]


def expand(values: np.ndarray) -> np.ndarray:
    """`(…, len(GROUPS))`, one value per group, to `(…, 52)`, zero elsewhere."""
    return values @ _EXPANSION


_EXPANSION = np.zeros((len(GROUPS), len(BLENDSHAPES)), np.float32)
for _row, _group in enumerate(GROUPS):
    _EXPANSION[_row, columns(_group)] = 1
_EXPANSION.setflags(write=False)
