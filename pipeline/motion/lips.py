"""Speech → the mouth's blendshapes: the network's curves, put on the subject's own closed mouth.

The network tells how far a mouth is open and wide and how each of its shapes moves, in deviations from what
the speaker does on average. Here that becomes scores that start from the subject's expression: a smile stays
a smile while it speaks, but lets the lips meet where they must.
"""

from __future__ import annotations

import numpy as np

from pipeline.motion import lip_network
from pipeline.motion.articulation import Articulation, demands
from pipeline.motion.blendshape_groups import GROUPS, MOUTH, OPENING, columns, expand
from pipeline.motion.window import SpeechWindow

GAIN = 1.25
"""An average over what speakers may do moves less than any one of them; this restores their amplitude."""
LIFT = 0.028
"""Inter-ocular distances that this opens the mouth further on average, so that fewer dips end in contact."""
SMILE = 0.6
"""How much of the subject's own smile stays while it talks: a full grin and speech do not go together."""
APART = 0.11
"""Inter-ocular distances between lips that surely do not meet; the less sure, the nearer they may come."""
HEARSAY = 0.6
"""How far a contact is carried out whose phone was only recognised, not known from a text."""
_OPEN = columns(*OPENING)
_SMILE = columns("smile", "dimple", "stretch")

# How a mouth looks to the tracker when it does what the phones ask for.
_CLOSED = {"press": 0.16, "rollLower": 0.14, "rollUpper": 0.10, "shrugLower": 0.10}
_BITTEN = {"rollLower": 0.30, "upper": 0.08, "press": 0.10}
_ROUNDED = {"pucker": 0.60, "funnel": 0.12}

# Which groups give way, and how much of it each takes, where opening or width must be corrected.
_PARTS_LIPS = {"jaw": 0.06, "lower": 0.08, "upper": 0.05}
_WIDENS = {"smile": 0.09, "stretch": 0.03, "pucker": -0.14}


class LipMotion:
    """The mouth of one subject, part by part."""

    def __init__(
        self, rest: np.ndarray, *, gain: float = 1.0, net: lip_network.Network | None = None
    ) -> None:
        """`rest`: the subject's own `(52,)` scores. `gain`: how large it articulates, 1 is natural."""
        self._network = net or lip_network.load()
        self._gain = GAIN * gain
        quiet = expand(self._network.quiet[2:])
        self._closed = rest.copy()
        self._closed[_OPEN] = np.minimum(rest, quiet)[_OPEN]
        self._closed[_SMILE] *= SMILE

    def play(self, heard: SpeechWindow) -> np.ndarray:
        """`(T, 52)` scores of the mouth (`shapes.MOUTH`); the other columns are the subject's own."""
        asked = demands(heard.phones, heard.times, heard.fps)
        moved = expand(self._spoken(heard, asked) - self._network.quiet[2:])
        if not heard.exact:
            asked = _doubted(asked)
        speaking = heard.at_frames(heard.speaking)[:, None]
        wanted = _touched(np.clip(self._closed + speaking * moved, 0, 1), asked)
        scores = np.tile(self._closed, (heard.count, 1))
        scores[:, MOUTH] = wanted[:, MOUTH]
        return scores

    def _spoken(self, heard: SpeechWindow, asked: Articulation) -> np.ndarray:
        """`(T, groups)` scores of an average speaker saying it, open and wide as the network wants."""
        net = self._network
        found = heard.at_frames(net(heard.inputs), lip_network.RATE)
        wanted = net.mean + self._gain * net.deviation * found[:, : len(net.mean)]
        meeting = 1 / (1 + np.exp(-1.5 * (found[:, -1] - 0.5)))
        meeting = np.maximum(meeting, np.maximum(asked.closed, 0.7 * asked.bitten))
        wanted[:, 0] = np.maximum(wanted[:, 0] + LIFT, APART * (1 - meeting))
        scores = np.maximum(wanted[:, 2:], 0)
        for measure, takes in ((1, _WIDENS), (0, _PARTS_LIPS)):
            share = np.array([takes.get(group, 0.0) for group in GROUPS], np.float32)
            share /= share @ net.follows[:, measure]
            missing = wanted[:, measure] - net.follows_from[measure] - scores @ net.follows[:, measure]
            scores = np.maximum(scores + missing[:, None] * share, 0)
        return self._pressed(scores, wanted[:, 0])

    def _pressed(self, scores: np.ndarray, opening: np.ndarray) -> np.ndarray:
        """Lips pressed together where nothing is left to close and they still are too far apart."""
        net, pressed = self._network, np.array([_CLOSED.get(group, 0.0) for group in GROUPS], np.float32)
        parted = net.follows_from[0] + scores @ net.follows[:, 0] - opening
        strength = np.clip(parted / -(pressed @ net.follows[:, 0]), 0, 1)
        return np.maximum(scores, strength[:, None] * pressed)


def _doubted(asked: Articulation) -> Articulation:
    """Demands of phones that a recogniser may have misheard."""
    return Articulation(HEARSAY * asked.closed, HEARSAY * asked.bitten, rounded=np.zeros_like(asked.rounded))


def _touched(wanted: np.ndarray, asked: Articulation) -> np.ndarray:
    """`wanted` with rounding, then bitten, then closed lips wherever they are asked for."""
    rounded = asked.rounded[:, None]
    wanted = np.maximum(wanted, rounded * _scores(_ROUNDED))
    wanted[:, _SMILE] *= 1 - 0.7 * rounded
    wanted = _drawn(wanted, asked.bitten[:, None], _BITTEN)
    return _drawn(wanted, asked.closed[:, None], _CLOSED)


def _drawn(wanted: np.ndarray, strength: np.ndarray, target: dict[str, float]) -> np.ndarray:
    """Lips drawn together by `strength`, `(T, 1)`, towards `target`; a smile gives way as far as it must."""
    goal = np.maximum(wanted, _scores(target))
    goal[:, _OPEN] = _scores(target)[_OPEN]
    goal[:, _SMILE] = wanted[:, _SMILE] * 0.6
    return wanted + strength * (goal - wanted)


def _scores(target: dict[str, float]) -> np.ndarray:
    return expand(np.array([target.get(group, 0.0) for group in GROUPS], np.float32))
