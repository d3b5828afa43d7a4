"""Speech to the mouth's blendshapes: the lip network's curves, applied to the subject's own mouth.

The network predicts how far a mouth opens and widens and how each group of blendshapes moves, in standard
deviations from the speaker's mean. Here these become scores relative to the subject's expression: a smile
stays a smile in speech, but lets the lips meet where they must.
"""

from __future__ import annotations

import numpy as np

from pipeline.motion import lip_network
from pipeline.motion.articulation import Articulation, articulation
from pipeline.motion.blendshape_groups import GROUPS, MOUTH, OPENING, columns, expand
from pipeline.motion.window import SpeechWindow
from pipeline.types import SHAPE

_GAIN = 1.25
"""The mean over speakers moves less than any one of them; this restores the amplitude."""
_WIDTH_GAIN = 1.75
"""Further factor on the width, which the network predicts less surely and therefore flatter."""
_LIFT = 0.028
"""Inter-ocular distances by which the mouth opens more on average, so that fewer minima end in contact."""
_SMILE = 0.6
"""Share of the subject's own smile that stays in speech: nobody talks with a full grin."""
_APART = 0.11
"""Inter-ocular distances between lips that certainly do not meet; the less certain, the closer they come."""
_RECOGNISED, _RECOGNISED_ROUNDING = 0.6, 0.45
"""Strength of a contact, and of rounding, whose phone was only recognised, not known from a text."""
_OPEN_COLUMNS = columns(*OPENING)
_SMILE_COLUMNS = columns("smile", "dimple", "stretch")

# Scores per group that the tracker gives a mouth in these positions.
_BILABIAL = {"press": 0.16, "rollLower": 0.14, "rollUpper": 0.10, "shrugLower": 0.10}
_LABIODENTAL = {"rollLower": 0.30, "upper": 0.15}
_ROUNDED = {"pucker": 0.95, "funnel": 0.10}

# Weights by which groups share a correction of the opening or the width.
_OPENING_GROUPS = {"jaw": 0.06, "lower": 0.08, "upper": 0.05}
_WIDTH_GROUPS = {"smile": 0.09, "stretch": 0.03, "pucker": -0.14}


class LipMotion:
    """The mouth of one subject."""

    def __init__(
        self,
        rest: np.ndarray,
        *,
        gain: float = 1.0,
        articulation: tuple[float, float] = (1.0, 1.0),
        net: lip_network.Network | None = None,
    ) -> None:
        """Prepare the mouth of a subject.

        Args:
            rest: the subject's own `(52,)` blendshapes.
            gain: factor on the amplitude of articulation.
            articulation: the performer's own factors on how far the lips open and widen.
            net: other weights than the shipped ones.
        """
        self._network = net or lip_network.load()
        self._gain = _GAIN * gain * articulation[0]
        self._width_gain = _WIDTH_GAIN * articulation[1] / articulation[0]
        quiet = expand(self._network.quiet[2:])
        self._closed = rest.copy()
        self._closed[_OPEN_COLUMNS] = np.minimum(rest, quiet)[_OPEN_COLUMNS]
        self._closed[_SMILE_COLUMNS] *= _SMILE

    def generate(self, window: SpeechWindow, smile: np.ndarray | float = 0.0) -> np.ndarray:
        """`(T, 52)` blendshapes; those outside the mouth are the subject's own.

        `smile`: `(T,)` score of a passing smile, which gives way to contacts and rounding.
        """
        required = articulation(window.phones, window.times, window.fps)
        moved = expand(self._predicted(window, required) - self._network.quiet[2:])
        if not window.exact:
            required = _weakened(required)
        speaking = window.at_frames(window.speaking)[:, None]
        closed = np.tile(self._closed, (window.count, 1))
        closed[:, columns("smile")] += np.asarray(smile).reshape(-1, 1)
        wanted = _with_contacts(np.clip(closed + speaking * moved, 0, 1), required)
        scores = np.tile(self._closed, (window.count, 1))
        scores[:, MOUTH] = wanted[:, MOUTH]
        scores[:, SHAPE["tongueOut"]] = required.tongue
        return scores

    def _predicted(self, window: SpeechWindow, required: Articulation) -> np.ndarray:
        """`(T, groups)` scores of an average speaker with the predicted opening and width."""
        net = self._network
        found = window.at_frames(net(window.inputs), lip_network.RATE)
        wanted = net.mean + self._gain * net.deviation * found[:, : len(net.mean)]
        wanted[:, 1] += (self._width_gain - 1) * (wanted[:, 1] - net.mean[1])
        meeting = 1 / (1 + np.exp(-1.5 * (found[:, -1] - 0.5)))
        meeting = np.maximum(meeting, np.maximum(required.bilabial, 0.7 * required.labiodental))
        wanted[:, 0] = np.maximum(wanted[:, 0] + _LIFT, _APART * (1 - meeting))
        scores = np.maximum(wanted[:, 2:], 0)
        for measure, weights in ((1, _WIDTH_GROUPS), (0, _OPENING_GROUPS)):
            share = np.array([weights.get(group, 0.0) for group in GROUPS], np.float32)
            share /= share @ net.measures_per_score[:, measure]
            missing = (
                wanted[:, measure]
                - net.measures_at_zero[measure]
                - scores @ net.measures_per_score[:, measure]
            )
            scores = np.maximum(scores + missing[:, None] * share, 0)
        return self._press(scores, wanted[:, 0])

    def _press(self, scores: np.ndarray, opening: np.ndarray) -> np.ndarray:
        """Press the lips together where they are still too far apart and nothing is left to close."""
        net, pressed = self._network, np.array([_BILABIAL.get(group, 0.0) for group in GROUPS], np.float32)
        parted = net.measures_at_zero[0] + scores @ net.measures_per_score[:, 0] - opening
        strength = np.clip(parted / -(pressed @ net.measures_per_score[:, 0]), 0, 1)
        return np.maximum(scores, strength[:, None] * pressed)


def _weakened(required: Articulation) -> Articulation:
    """The gestures of phones that may be misrecognised: weaker contacts and rounding."""
    return Articulation(
        bilabial=_RECOGNISED * required.bilabial,
        labiodental=_RECOGNISED * required.labiodental,
        rounded=_RECOGNISED_ROUNDING * required.rounded,
        tongue=_RECOGNISED * required.tongue,
    )


def _with_contacts(wanted: np.ndarray, required: Articulation) -> np.ndarray:
    """`wanted` with rounded lips, then labiodental, then bilabial contact wherever they are required."""
    rounded = required.rounded[:, None]
    wanted = np.maximum(wanted, rounded * _scores(_ROUNDED))
    wanted[:, _SMILE_COLUMNS] *= 1 - 0.7 * rounded
    wanted = _drawn_towards(wanted, required.labiodental[:, None], _LABIODENTAL)
    return _drawn_towards(wanted, required.bilabial[:, None], _BILABIAL)


def _drawn_towards(wanted: np.ndarray, strength: np.ndarray, target: dict[str, float]) -> np.ndarray:
    """Lips moved by `strength`, `(T, 1)`, towards `target`; a smile is reduced as far as needed."""
    goal = np.maximum(wanted, _scores(target))
    goal[:, _OPEN_COLUMNS] = _scores(target)[_OPEN_COLUMNS]
    goal[:, _SMILE_COLUMNS] = wanted[:, _SMILE_COLUMNS] * 0.6
    return wanted + strength * (goal - wanted)


def _scores(target: dict[str, float]) -> np.ndarray:
    """`(52,)` of scores per group."""
    return expand(np.array([target.get(group, 0.0) for group in GROUPS], np.float32))
