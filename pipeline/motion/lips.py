"""Speech to the mouth's blendshapes: predicted curves, applied to the subject's own mouth.

What is predicted is how far a mouth opens and widens and how each group of blendshapes moves, in standard
deviations from the speaker's mean. Here these become scores relative to the subject's expression: a smile
stays a smile in speech, but lets the lips meet where they must.
"""

from __future__ import annotations

import numpy as np

from pipeline.motion import lip_network, lip_readout, sound_encoder
from pipeline.motion.articulation import Articulation, articulation
from pipeline.motion.blendshape_groups import GROUPS, MOUTH, OPENING, columns, expand
from pipeline.motion.lip_predictor import LipPredictor
from pipeline.motion.smiles import as_spoken
from pipeline.motion.window import SpeechWindow
from pipeline.types import SHAPE

SMILE = 0.6
"""Share of the subject's own smile that stays in speech: nobody talks with a full grin."""
_OPEN_COLUMNS = columns(*OPENING)
_SMILE_COLUMNS = columns("smile", "dimple", "stretch")

# Scores per group that the tracker gives a mouth in these positions.
_BILABIAL = {"press": 0.16, "rollLower": 0.14, "rollUpper": 0.10, "shrugLower": 0.10}
_RAISED_PER_SMILE, _PRESSED_PER_SMILE = 0.25, 0.35
"""Scores of the raised lower lip, and of pressed lips, per score of a smile that lips meet in, which draws
the upper one up: with them they meet as firmly in a broad smile as without one."""
_LABIODENTAL = {"rollLower": 0.30, "upper": 0.15}
_ROUNDED = {"pucker": 0.95, "funnel": 0.10}

# Weights by which groups share a correction of the opening or the width.
_OPENING_GROUPS = {"jaw": 0.06, "lower": 0.08, "upper": 0.05}
_WIDTH_GROUPS = {"smile": 0.09, "stretch": 0.03, "pucker": -0.14}
_CORRECTIONS = 2 * ((1, _WIDTH_GROUPS), (0, _OPENING_GROUPS))
"""Columns of the width and the opening, twice: each disturbs the other."""


class LipMotion:
    """The mouth of one subject."""

    def __init__(
        self,
        rest: np.ndarray,
        *,
        gain: float = 1.0,
        smile: float = SMILE,
        held: float = 0.0,
        articulation: tuple[float, float] = (1.0, 1.0),
        corners: float = 1.0,
        predictor: LipPredictor | None = None,
    ) -> None:
        """Prepare the mouth of a subject.

        Args:
            rest: the subject's own `(52,)` blendshapes.
            gain: factor on the amplitude of articulation.
            smile: share of the smile in `rest` that stays in speech.
            held: score of a smile that rounded lips leave as it is.
            articulation: the performer's own factors on how far the lips open and widen.
            corners: factor on how far the corners of widening lips are drawn up; stretching makes up for it.
            predictor: another one than the best on this machine.
        """
        self._predictor = predictor or _best()
        self._corners = corners
        self._held = held
        self._gains = gain * self._predictor.gains * articulation
        quiet = expand(self._predictor.quiet[2:])
        self._closed = rest.copy()
        self._closed[_OPEN_COLUMNS] = np.minimum(rest, quiet)[_OPEN_COLUMNS]
        self._closed[_SMILE_COLUMNS] *= smile

    def generate(self, window: SpeechWindow, smile: np.ndarray | float = 0.0) -> np.ndarray:
        """`(T, 52)` blendshapes; those outside the mouth are the subject's own.

        `smile`: `(T,)` score of a passing smile, which gives way to contacts and rounding.
        """
        required = articulation(window.phones, window.times, window.fps)
        moved = expand(self._predicted(window) - self._predictor.quiet[2:])
        if not window.exact:
            required = _weakened(required, *self._predictor.TRUST)
        speaking = window.at_frames(window.speaking)[:, None]
        closed = np.tile(self._closed, (window.count, 1))
        closed[:, columns("smile")] += np.asarray(smile).reshape(-1, 1)
        wanted = _with_contacts(np.clip(closed + speaking * moved, 0, 1), required, self._held)
        wanted = as_spoken(wanted, self._predictor, self._held)
        scores = np.tile(self._closed, (window.count, 1))
        scores[:, MOUTH] = wanted[:, MOUTH]
        scores[:, SHAPE["tongueOut"]] = required.tongue
        return scores

    def _predicted(self, window: SpeechWindow) -> np.ndarray:
        """`(T, groups)` scores of an average speaker with the predicted opening and width."""
        predictor, found = self._predictor, self._predictor.curves(window)
        gains = np.full(found.shape[1], self._gains[0], np.float32)
        gains[1] = self._gains[1]
        wanted = predictor.mean + gains * predictor.deviation * found
        wanted[:, 0] += predictor.LIFT
        per_score = predictor.measures_per_score
        scores = np.maximum(wanted[:, 2:], 0)
        for measure, weights in _CORRECTIONS:
            share = np.array([weights.get(group, 0.0) for group in GROUPS], np.float32)
            share /= share @ per_score[:, measure]
            reached = predictor.measures_at_zero[measure] + scores @ per_score[:, measure]
            scores = np.maximum(scores + (wanted[:, measure] - reached)[:, None] * share, 0)
        self._share_width(scores)
        return self._press(scores, wanted[:, 0])

    def _share_width(self, scores: np.ndarray) -> None:
        """Widen the lips by the performer's share of smiling and stretching, in place, as far as before."""
        smile, stretch = (list(GROUPS).index(group) for group in ("smile", "stretch"))
        width = self._predictor.measures_per_score[:, 1]
        exchange = width[smile] / width[stretch]
        more = np.minimum((self._corners - 1) * scores[:, smile], scores[:, stretch] / exchange)
        scores[:, smile] += more
        scores[:, stretch] -= exchange * more

    def _press(self, scores: np.ndarray, opening: np.ndarray) -> np.ndarray:
        """Press the lips together where they are still too far apart and nothing is left to close."""
        pressed = np.array([_BILABIAL.get(group, 0.0) for group in GROUPS], np.float32)
        predictor = self._predictor
        parted = predictor.measures_at_zero[0] + scores @ predictor.measures_per_score[:, 0] - opening
        strength = np.clip(parted / -(pressed @ predictor.measures_per_score[:, 0]), 0, 1)
        return np.maximum(scores, strength[:, None] * pressed)


def _best() -> LipPredictor:
    """The readout where the embedded recogniser is on this machine, otherwise the network."""
    return lip_readout.load() if sound_encoder.available() else lip_network.load()


def _weakened(required: Articulation, contact: float, rounding: float) -> Articulation:
    """The gestures of phones that may be misrecognised: weaker contacts and rounding."""
    return Articulation(
        bilabial=contact * required.bilabial,
        labiodental=contact * required.labiodental,
        rounded=rounding * required.rounded,
        tongue=contact * required.tongue,
    )


def _with_contacts(wanted: np.ndarray, required: Articulation, held: float) -> np.ndarray:
    """`wanted` with rounded lips, then labiodental, then bilabial contact wherever they are required.

    `held`: score of a smile that rounded lips leave as it is.
    """
    rounded = required.rounded[:, None]
    wanted = np.maximum(wanted, rounded * _scores(_ROUNDED))
    smile = wanted[:, _SMILE_COLUMNS]
    wanted[:, _SMILE_COLUMNS] = np.maximum(smile * (1 - rounded), np.minimum(smile, held))
    wanted = _drawn_towards(wanted, required.labiodental[:, None], _LABIODENTAL)
    met = _drawn_towards(wanted, required.bilabial[:, None], _BILABIAL)
    smiling = required.bilabial[:, None] * met[:, columns("smile")].mean(1, keepdims=True)
    met[:, columns("shrugLower")] += _RAISED_PER_SMILE * smiling
    met[:, columns("press")] += _PRESSED_PER_SMILE * smiling
    return met


def _drawn_towards(wanted: np.ndarray, strength: np.ndarray, target: dict[str, float]) -> np.ndarray:
    """Lips moved by `strength`, `(T, 1)`, towards `target`; a smile is reduced as far as needed."""
    goal = np.maximum(wanted, _scores(target))
    goal[:, _OPEN_COLUMNS] = _scores(target)[_OPEN_COLUMNS]
    goal[:, _SMILE_COLUMNS] = wanted[:, _SMILE_COLUMNS] * 0.6
    return wanted + strength * (goal - wanted)


def _scores(target: dict[str, float]) -> np.ndarray:
    """`(52,)` of scores per group."""
    return expand(np.array([target.get(group, 0.0) for group in GROUPS], np.float32))
