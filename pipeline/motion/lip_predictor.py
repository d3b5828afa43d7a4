"""What any predictor of the lips gives: curves in a speaker's own deviations, and the scale to undo them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    from pipeline.motion.window import SpeechWindow

SCALE = ("mean", "deviation", "quiet", "measures_per_score", "measures_at_zero", "gains")
"""The arrays of a predictor that its kind does not matter to."""


@dataclass(frozen=True, eq=False, kw_only=True)
class LipPredictor(ABC):
    """From speech to the mouth of an average speaker."""

    TRUST: ClassVar[tuple[float, float]]
    """Strength of a contact, and of rounding, whose phone was only recognised, not known from a text."""

    mean: np.ndarray
    """`(2 + groups,)` means in speech: opening and width in inter-ocular distances, score of each group."""
    deviation: np.ndarray
    """`(2 + groups,)` their standard deviations within a speaker."""
    quiet: np.ndarray
    """`(2 + groups,)` their values with closed lips."""
    measures_per_score: np.ndarray
    """`(groups, 2)` opening and width per score of each group."""
    measures_at_zero: np.ndarray
    """`(2,)` opening and width where all scores are zero."""
    gains: np.ndarray
    """`(2,)` factors on opening and width after which they move as much as a speaker's: what can be predicted
    is the mean over speakers, which moves less than any one of them."""
    absent: tuple[str, ...] = ()
    """Clips that it was not trained on, where it is meant to be tested on them."""

    @abstractmethod
    def curves(self, window: SpeechWindow) -> np.ndarray:
        """`(count, 2 + groups)` float32 at the window's frames: opening, width and the groups in standard
        deviations from the speaker's mean."""
