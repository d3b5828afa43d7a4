"""How one performer moves: drawn per seed from the spread of real speakers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.motion.statistics import MotionStatistics

_SPREAD = {
    "yaw": 1.45, "pitch": 1.1, "roll": 1.0, "brows": 0.5, "squint": 0.7, "smile": 1.9, "blinks": 0.85,
}  # fmt: skip
"""Share of real speakers' spread that is drawn: the most restless and the stiffest make poor presenters. The
spread of smiles is mostly in who smiles at all."""
_BROWS = 1.06
"""Factor on the brows of the tracked speakers: within a quarter of their median, on the side of other groups'
(`benchmarks/README.md`)."""
_HIGHEST = 0.15
"""Standard deviation of the brows' scores beyond which nobody is drawn: motion spreads farther than that, and
nine of ten speakers stay below .2."""
_ARTICULATION = np.array([1.0, 1.12])
"""Median factors on the lips' opening and widening: contacts take from the width what people keep."""
_ARTICULATION_SPREAD = np.array([0.22, 0.36])
"""Standard deviation between performers of the logarithm of the lips' opening and widening."""
_CORNERS, _CORNERS_SPREAD = 0.85, 0.5
"""The same of how far the corners are drawn up as lips widen: who smiles much does so in speech, too."""
_TAILS = 2.2
"""Exponent that thickens the tails: most people are near the usual, a few far from it."""
_FARTHEST = 1.7
"""Standard deviations beyond which nobody is drawn."""
_WIDEST = 5.6
"""Degrees of standard deviation beyond which a head would seem to be thrown about."""
_SHARED = 0.6
"""Share of the spread of head, brows and smile that is common: who moves a lot does so everywhere."""


@dataclass(frozen=True)
class Personality:
    """The habits of one performer."""

    turns: np.ndarray
    """`(3,)` standard deviation of yaw, pitch and roll in degrees."""
    brows: float
    """Standard deviation of the brows' scores."""
    squint: float
    """Factor on the lids' squint."""
    smile: float
    """Factor on passing smiles."""
    corners: float
    """Factor on the smile of lips that widen in speech."""
    blinks: float
    """Blinks a minute."""
    beats: np.ndarray
    """`(4,)` shares of nods, lifts of the chin, tilts and turns among the head's beats."""
    brow_flashes: float
    """Probability that brows rise on an ordinary accent."""
    frowns: float
    """Probability that a brow's beat is a frown instead."""
    aversion: float
    """Probability that the gaze leaves the camera at a new fixation in speech."""
    articulation: np.ndarray
    """`(2,)` factors on how far the lips open and widen."""


def draw(random: np.random.Generator, statistics: MotionStatistics) -> Personality:
    """A performer."""
    shared = random.standard_normal()

    def deviation(common: float = _SHARED) -> float:
        own = common * shared + np.sqrt(1 - common**2) * random.standard_normal()
        return float(np.clip(np.sign(own) * np.abs(own) ** _TAILS, -_FARTHEST, _FARTHEST))

    def drawn(name: str, common: float = _SHARED) -> float:
        return scaled(name, deviation(common))

    def scaled(name: str, by: float) -> float:
        habit, spread = statistics.habits[name], _SPREAD[name]
        return float(habit.median * np.exp(spread * habit.spread * by))

    return Personality(
        turns=np.minimum([drawn(axis) for axis in ("yaw", "pitch", "roll")], _WIDEST),
        brows=min(_BROWS * drawn("brows"), _HIGHEST),
        squint=drawn("squint", common=0.2),
        smile=scaled("smile", smiling := deviation()),
        corners=float(_CORNERS * np.exp(_CORNERS_SPREAD * smiling)),
        blinks=drawn("blinks", common=0.0),
        beats=random.dirichlet([4.0, 1.5, 1.5, 1.0]),
        brow_flashes=float(random.uniform(0.2, 0.65)),
        frowns=float(random.beta(1.0, 3.0)),
        aversion=float(random.uniform(0.2, 0.5)),
        articulation=_ARTICULATION * np.exp(_ARTICULATION_SPREAD * [deviation(), deviation()]),
    )
