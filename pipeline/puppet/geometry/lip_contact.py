"""Contact of the lips: they part as far as people's do at the same blendshapes, meet, and never cross."""

from __future__ import annotations

import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import INNER_LOWER_LIP, INNER_UPPER_LIP, LOWER_LIP, UPPER_LIP
from pipeline.puppet.geometry.basis import FaceBasis
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.puppet.geometry.lip_aperture import TOUCHING, calibration
from pipeline.types import SHAPE

MIDDLE = INNER_LOWER_LIP.index(LOWER_LIP)
"""Index of the middle pair in the rows of the inner lips."""
_CONTACT_GAP = 0.03
"""Gap, in inter-ocular distances, below which the whole length of the lips closes, not only their middle."""
_UPPER_SHARE = 0.4
"""Share of a gap's correction that the upper lip makes."""
_APERTURE_PER_PITCH = 0.014
"""Share by which the tracker sees lips wider apart than they are drawn, per degree that a photo's head is
turned upward; the drawn gap allows for it (17 renderings of 9 portraits; r +0.003)."""
_MAX_PITCH = 15.0
"""Degrees up to which that was measured."""
_PARTING = 0.03
"""Gap in inter-ocular distances within which lips part by what of their opening is hidden."""
_STRAIGHTENED, _ROUNDED, _ROUND_GAP = 0.6, 0.5, 0.10
"""Share of the arch between hanging corners that rounded lips lose, the score of `mouthPucker` from which
they lose it all, and how far they are apart then, in inter-ocular distances: of 17 tracked speakers 15 had
the middle of the mouth below the line between its corners as they rounded their lips, two .24 and .30 of the
gap above it."""
_PRESSED = {
    "mouthPressLeft": 0.6,
    "mouthPressRight": 0.6,
    "mouthShrugLower": 0.3,
    "mouthShrugUpper": 0.3,
}
"""Scores of lips that are pressed together as strongly as can be."""
_PRESSING = 0.02
"""How far below the touch of the lips, in predicted inter-ocular distances, they are pressed so strongly."""


class LipContact:
    """Moves the lips of one face to the right gap; a mouth closes however the photo's own mouth stands."""

    def __init__(
        self, rest: np.ndarray, frame: FaceFrame, rest_blendshapes: np.ndarray, basis: FaceBasis
    ) -> None:
        """`rest` `(478, 3)` px: the landmarks in `frame` at the scores `rest_blendshapes` `(52,)`."""
        self._upper, self._lower = list(INNER_UPPER_LIP), list(INNER_LOWER_LIP)
        self._across, self._down = frame.rotation[:, 0], frame.rotation[:, 1]
        self._scale = frame.scale
        self._aperture = basis.aperture
        jaw = (basis.shapes[:, self._lower, 1] - basis.shapes[:, self._upper, 1])[SHAPE["jawOpen"]]
        self._profile = np.clip(jaw / jaw[MIDDLE], 0, 1)
        self._falloff = self._skin_falloff(rest, basis.mean)
        gap = float(self._gaps(rest)[MIDDLE])
        predicted = self._aperture.predict(rest_blendshapes)
        self._rest_gap = gap if gap > _CONTACT_GAP / 2 else 0.0
        self._calibration = calibration(predicted, self._rest_gap)
        self.gain = 1.0
        """Factor on what the lips part beyond the photo's own gap."""
        self.hidden = 0.0
        """Inter-ocular distances of an opening that are not seen, under a moustache for example: lips that
        the photo shows closed part by so much more."""
        self.pressure = 0.0
        """0 to 1: how much more strongly than scores ask for it lips that meet are pressed together."""
        self._touching = min(float(predicted), TOUCHING)

    def pressed(self, drawn: np.ndarray, blendshapes: np.ndarray) -> np.ndarray:
        """The scores `drawn` `(…, 52)` as they are, but pressed together with `pressure` where lips meet at
        the scores that were asked for, `blendshapes`."""
        if not self.pressure:
            return drawn
        meeting = smoothstep(self._touching - self._aperture.predict(blendshapes), 0.0, _PRESSING)
        pressed = np.array(drawn, np.float32)
        for name, score in _PRESSED.items():
            column = SHAPE[name]
            pressed[..., column] += self.pressure * meeting * np.maximum(score - pressed[..., column], 0)
        return pressed

    def apply(self, landmarks: np.ndarray, blendshapes: np.ndarray, pitch: np.ndarray) -> None:
        """Give the lips of `landmarks` `(…, 478, 3)` px, in place, the gap that `(…, 52)` scores ask for.

        `pitch` `(…)`: degrees by which the head will be turned down from the photo's pose.
        """
        gaps = self._gaps(landmarks)
        wanted = np.interp(self._aperture.predict(blendshapes), *self._calibration) * _foreshortening(pitch)
        wanted = wanted + (self.gain - 1) * np.maximum(wanted - self._rest_gap, 0)
        if not self._rest_gap:
            wanted = wanted + self.hidden * np.clip(wanted / _PARTING, 0, 1)
        wanted = wanted[..., None]
        target = np.maximum(gaps + (wanted - gaps[..., [MIDDLE]]) * self._profile, 0)
        openness = np.minimum(wanted / _CONTACT_GAP, 1.0)
        between = landmarks[..., self._lower, :] - landmarks[..., self._upper, :]
        down = self._scale * self._down
        sideways = between - gaps[..., None] * down
        # an open jaw has the lower lip behind the upper one: less so, the less it is open
        aside = np.minimum(wanted / max(self._rest_gap, _CONTACT_GAP), 1.0)
        missing = (openness * target - gaps)[..., None] * down + (aside - 1)[..., None] * sideways
        lowered = self._straightened(landmarks, blendshapes, wanted)[..., None] * self._down
        for falloff, share in zip(self._falloff, (-_UPPER_SHARE, 1 - _UPPER_SHARE), strict=True):
            landmarks += falloff @ (share * missing + lowered).astype(np.float32)

    def _straightened(self, landmarks: np.ndarray, blendshapes: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """How far down `(…, 11)` px both lips go as they round to the gap `wanted` `(…, 1)`.

        The corners of closed lips may hang below their middle. Opened along that arch, rounded lips are a
        slanting parallelogram, whose lower edge is straight; people's lower lip sinks between the corners.
        """
        middle = (landmarks[..., self._upper, :] + landmarks[..., self._lower, :]) / 2
        middle = middle - middle[..., :1, :]
        along, height = middle @ self._across, middle @ self._down
        chord = along / along[..., -1:] * height[..., -1:]
        rounded = np.clip(blendshapes[..., SHAPE["mouthPucker"], None] / _ROUNDED, 0, 1)
        share = _STRAIGHTENED * rounded * smoothstep(wanted, 0.0, _ROUND_GAP)
        return share * np.maximum(chord - height, 0)

    def _gaps(self, landmarks: np.ndarray) -> np.ndarray:
        """`(…, 11)` inter-ocular distances between facing points of the inner lips."""
        return (landmarks[..., self._lower, :] - landmarks[..., self._upper, :]) @ self._down / self._scale

    def _skin_falloff(self, rest: np.ndarray, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Two `(478, 11)`: how much of each lip edge's correction the skin above and below takes."""
        face = rest.astype(np.float64)
        side = (mean - mean[[UPPER_LIP, LOWER_LIP]].mean(0))[:, 1]
        falloffs = []
        for edge, sign in ((self._upper, -1), (self._lower, 1)):
            distance = np.linalg.norm(face[:, None, :2] - face[None, edge, :2], axis=2) / self._scale
            near = np.exp(-((distance / 0.3) ** 2)) * (sign * side > 0)[:, None]
            near[list(self._lower if sign < 0 else self._upper)] = 0
            falloff = near / np.maximum(near.sum(1, keepdims=True), 1.0)
            falloff[edge] = np.eye(len(edge))
            falloff[[edge[0], edge[-1]]] = 0
            falloffs.append(falloff.astype(np.float32))
        return falloffs[0], falloffs[1]


def _foreshortening(pitch: np.ndarray) -> np.ndarray:
    """Factor on the gap with which the tracker, at that `pitch`, sees the gap that was asked for."""
    return 1 + _APERTURE_PER_PITCH * np.clip(pitch, -_MAX_PITCH, _MAX_PITCH)
