"""From blendshapes to landmarks, the head held still: expression by the basis, lids and lips by contact."""

from __future__ import annotations

import itertools

import numpy as np

from pipeline.faces.landmarks import (
    BELOW_LIPS,
    EYES,
    INNER_LOWER_LIP,
    IRIS,
    LID_CREASE,
    LID_FOLD,
    LOWER_LID,
    UPPER_LID,
)
from pipeline.puppet.geometry.basis import FaceBasis
from pipeline.puppet.geometry.brows import BrowTravel
from pipeline.puppet.geometry.cheeks import add_cheeks
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.puppet.geometry.lip_contact import MIDDLE, LipContact
from pipeline.puppet.geometry.lip_height import LipHeight
from pipeline.types import SHAPE

_SMILE = [SHAPE["mouthSmileLeft"], SHAPE["mouthSmileRight"]]
_CLOSED_BLINK = 0.55
"""The tracker's blink score from which a lid is shut (real blinks peak between 0.6 and 0.8)."""
_SHUT_REST_BLINK, _WINK = 0.42, 0.2
"""Blink score from which an eye of a photo is shut, and by how much it is greater than that of the other eye
where one winks. What lids hide is unknown: they stay together."""
_LEAST_WAY = 0.14
"""Least difference of the blink score between the photo's eye and a shut one: half-open eyes do not
flutter."""
_UPPER_FACE = "brow", "cheekSquint", "eyeSquint"
"""First parts of the names of scores that move skin on which glasses may lie."""
_EYE_SCORES = "Blink", "LookDown", "LookIn", "LookOut", "LookUp", "Squint", "Wide"
"""What the scores of one eye are called."""
_LOWER_LID_SHARE = 0.1
"""Share of the way to a shut eye that the lower lid covers."""
_CREASE_SHARES = 0.22, 0.08
"""Shares of the upper lid's way that its crease and the skin between crease and brow follow."""
_JAW_SHARE = 0.85
"""Share of the lower lip's motion that the lower teeth follow when only the jaw moves."""
_RESTORED = {"browInnerUp": 1.4, "browOuterUp": 1.4, "eyeSquint": 1.4}
"""Factors on what scores of the upper face move: the basis is a regression, and what it draws is tracked at a
half or less of what was asked (12 portraits)."""
_ROUNDED = 1.4
"""The same for rounded lips: speakers' are 0.84 times as wide as their others (0.77 to 0.93), those drawn by
the basis alone 0.86 and with this 0.83 (3 portraits); seen half as rounded as asked, before a third."""
_MOST_HEADROOM = 1.5
"""The largest further factor by which brows are raised that the photo shows raised, as no more than the rest
of the way to a score of 1 is left to them."""
_MIN_CHIN_HEIGHT = 0.5
"""Share of its height that the skin between lower lip and chin keeps at least."""


class Expression:
    """How one face deforms with its blendshapes."""

    def __init__(
        self, rest: np.ndarray, frame: FaceFrame, rest_blendshapes: np.ndarray, basis: FaceBasis
    ) -> None:
        """`rest` `(478, 3)` px: the landmarks in `frame` at the scores `rest_blendshapes` `(52,)`."""
        self._rest = np.asarray(rest, np.float32)
        self._rest_blendshapes = np.asarray(rest_blendshapes, np.float32)
        self._down = frame.rotation[:, 1].astype(np.float32)
        shapes = basis.shapes.copy()
        self.open_eyes = _open_eyes(self._rest_blendshapes)
        """Those of `EYES` that are open in the photo."""
        _restore(shapes, self._rest_blendshapes)
        add_cheeks(shapes, basis.mean)
        self._brows = BrowTravel(shapes, self._rest_blendshapes)
        self._lip_height = LipHeight(self._rest / np.float32(frame.scale), self._down, shapes)
        shapes[SHAPE["mouthPucker"]] *= _ROUNDED
        for eye in set(EYES) - set(self.open_eyes):
            _keep_shut(shapes, eye)
        for eye in EYES:
            # a blink is a lid that slides, which a linear displacement cannot express
            lids = list(UPPER_LID[eye] + LOWER_LID[eye] + IRIS[eye] + LID_CREASE[eye] + LID_FOLD[eye])
            shapes[SHAPE[f"eyeBlink{eye}"], lids] = 0
            # the tracker's iris shrinks behind a lid; the real one only turns
            shapes[:, list(IRIS[eye])] = shapes[:, [IRIS[eye][0]]]
        # rotated and scaled once rather than in every frame
        in_image = np.stack([frame.rotate(shape) for shape in shapes]).astype(np.float32)
        self._shapes = in_image.reshape(len(self._rest_blendshapes), -1)
        jaw = [SHAPE[name] for name in ("jawForward", "jawRight", "jawLeft", "jawOpen")]
        self._jaw_shapes = np.zeros((len(self._rest_blendshapes), 3), np.float32)
        self._jaw_shapes[jaw] = _JAW_SHARE * in_image[jaw, INNER_LOWER_LIP[MIDDLE]]
        self._below_lips = [list(row) for row in BELOW_LIPS]
        self.creases_follow = True
        """Whether closing lids draw the skin below the brows down: what lies before it would bend too."""
        self.smile_gain = 1.0
        """Factor on how far smiles move the face that are broader than the photo's."""
        self.lips = LipContact(self._rest, frame, self._rest_blendshapes, basis)

    def hold(self, shares: np.ndarray) -> None:
        """Let brows, squints and cheeks move each landmark by its share `(478,)`, 0 to 1, of what they would.

        What lies in front of the skin, as rims of glasses do, is part of the photo that moves with it, and
        would bend.
        """
        columns = [column for name, column in SHAPE.items() if name.startswith(_UPPER_FACE)]
        held = self._shapes.reshape(len(self._shapes), -1, 3)
        held[columns] *= np.asarray(shares, np.float32)[:, None]

    def deform(self, blendshapes: np.ndarray, pitch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Landmarks `(…, 478, 3)` px for scores `(…, 52)`, and the closure `(…, 2)` of the lids, right first.

        `pitch` `(…)`: degrees by which the head will be turned down from the photo's pose.
        """
        change = blendshapes - self._rest_blendshapes
        self._lip_height.bound(change)
        # what closes the lips of this photo comes on top
        change = self.lips.pressed(change + self._rest_blendshapes, blendshapes) - self._rest_blendshapes
        self._brows.bound(change)
        change[..., _SMILE] *= np.where(change[..., _SMILE] > 0, np.float32(self.smile_gain), np.float32(1))
        displacement = change @ self._shapes
        landmarks = self._rest + displacement.reshape(*blendshapes.shape[:-1], -1, 3)
        self.lips.apply(landmarks, blendshapes, pitch)
        self._keep_chin(landmarks)
        return landmarks, np.stack([self._slide_lid(landmarks, eye, blendshapes) for eye in EYES], -1)

    def jaw_offset(self, blendshapes: np.ndarray) -> np.ndarray:
        """`(…, 3)` px: how far the lower teeth are from where they were at rest."""
        return (blendshapes - self._rest_blendshapes) @ self._jaw_shapes

    def _keep_chin(self, landmarks: np.ndarray) -> None:
        """Keep a descending lower lip from sliding over the chin: the skin below gives way in time."""
        for above, below in itertools.pairwise(self._below_lips):
            minimum = _MIN_CHIN_HEIGHT * ((self._rest[below] - self._rest[above]) @ self._down)
            height = (landmarks[..., below, :] - landmarks[..., above, :]) @ self._down
            landmarks[..., below, :] += np.maximum(minimum - height, 0)[..., None] * self._down

    def _slide_lid(self, landmarks: np.ndarray, eye: str, blendshapes: np.ndarray) -> np.ndarray:
        """Slide one upper lid over the eye towards the lower, which rises a little; returns the closure."""
        column = SHAPE[f"eyeBlink{eye}"]
        if eye not in self.open_eyes:
            return np.zeros(blendshapes.shape[:-1])
        open_score = float(self._rest_blendshapes[column])
        way = max(_CLOSED_BLINK - open_score, _LEAST_WAY)
        closure = np.clip((blendshapes[..., column] - open_score) / way, 0, 1)
        upper, lower = list(UPPER_LID[eye]), list(LOWER_LID[eye])
        gap = landmarks[..., lower, :] - landmarks[..., upper, :]
        crossed = np.minimum(gap @ self._down, 0)
        travel = closure[..., None, None] * gap
        lowered = (1 - _LOWER_LID_SHARE) * travel
        landmarks[..., upper, :] += lowered + crossed[..., None] * self._down
        if self.creases_follow:
            for row, share in zip((LID_CREASE[eye], LID_FOLD[eye]), _CREASE_SHARES, strict=True):
                landmarks[..., list(row), :] += share * lowered[..., 1:-1, :]
        landmarks[..., lower, :] -= _LOWER_LID_SHARE * travel
        return closure


def _open_eyes(rest: np.ndarray) -> tuple[str, ...]:
    """Those of `EYES` that are open in a photo of the scores `rest` `(52,)`: both, or neither, unless one of
    them winks."""
    scores = {eye: float(rest[SHAPE[f"eyeBlink{eye}"]]) for eye in EYES}
    lowest = min(scores.values())
    shut_from = _SHUT_REST_BLINK if lowest >= _SHUT_REST_BLINK else max(_SHUT_REST_BLINK, lowest + _WINK)
    return tuple(eye for eye, score in scores.items() if score < shut_from)


def _restore(shapes: np.ndarray, rest: np.ndarray) -> None:
    """Let the upper face move as far in `shapes` `(52, 478, 3)` as its scores ask for; changed in place.

    `rest` `(52,)`: the photo's scores.
    """
    lids = [row for eye in EYES for row in (UPPER_LID[eye], LOWER_LID[eye], IRIS[eye], LID_CREASE[eye])]
    skin = np.setdiff1d(np.arange(shapes.shape[1]), np.concatenate(lids))
    for name, column in SHAPE.items():
        factor = _RESTORED.get(name.removesuffix("Left").removesuffix("Right"))
        if factor is None:
            continue
        if "Up" in name:
            # the lids below stay: brows do not tear eyes open
            shapes[column, skin] *= factor * min(1 / max(1 - rest[column], 1e-3), _MOST_HEADROOM)
        else:
            shapes[column] *= factor


def _keep_shut(shapes: np.ndarray, eye: str) -> None:
    """Let nothing in `shapes` `(52, 478, 3)` part the lids of one eye; changed in place."""
    upper, lower = list(UPPER_LID[eye]), list(LOWER_LID[eye])
    shapes[[SHAPE[f"eye{name}{eye}"] for name in _EYE_SCORES]] = 0
    shapes[:, upper] = shapes[:, lower] = (shapes[:, upper] + shapes[:, lower]) / 2
