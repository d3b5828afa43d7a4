"""Before a render: will this photo make a good video, and if not, what would make it better?

Everything is measured on the face, upright at 256 px, so that the same thresholds hold for every photo. They
were set on about fifty portraits and video frames of all kinds, some of them degraded on purpose;
`tests/review/test_photo.py` degrades a portrait in the same ways.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.faces.crops import square_crop
from pipeline.faces.landmarks import EYE_CONTOUR, FACE_OVAL, LOWER_LIP, OUTER_LIPS, SKIN_PATCHES, UPPER_LIP
from pipeline.faces.search import face_height, face_roll
from pipeline.findings import Finding, Verdict
from pipeline.review.framing import review_framing
from pipeline.review.hands import hand_distance
from pipeline.types import SHAPE, Face

_SIZE = 256
"""Side in px of the face crop that everything is measured on."""
_SCALE = 1.15
"""Its side over that of the landmarks' box."""

_DIRECTION, _LIGHT_BALANCE, _UNCOVERED = "facing camera", "even light", "nothing in the way"
"""Topics that are worded as what a good photo has."""

_HALF_SHUT, _SHUT = 0.28, 0.42
"""Blink scores that both eyes reach: on frames of twenty real videos, open eyes stay below 0.15, half-closed
ones lie between 0.29 and 0.4, and shut ones reach at least 0.44."""
_FARTHEST_TURN = 32.0
"""Degrees beyond which half of the mouth is hidden from the camera and the moved face looks bent."""
_LEVEL_PITCH = 8.0
"""Pitch in degrees that the landmarker reports for a face looking straight ahead: the median of frontal
portraits."""


def review_photo(image: np.ndarray, faces: Face | Sequence[Face]) -> tuple[Finding, ...]:
    """Judge a photo, topic by topic.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        faces: the face that will speak, or all faces found with that one first.

    Raises:
        PhotoError: the picture's edge cuts off the mouth.
    """
    faces = [faces] if isinstance(faces, Face) else list(faces)
    face = faces[0]
    skin = _Skin(image, face)
    sharpness = _sharpness(skin)
    findings = [
        review_framing(image, face),
        _size(face),
        sharpness,
        _direction(face),
        _light(skin),
        _light_balance(skin),
    ]
    if sharpness.verdict != "poor":
        # On a blurred face, nothing can be said about what covers it.
        findings.append(_occlusion(skin, image, face))
    findings += [_mouth(face), _eyes(face)]
    if len(faces) > 1:
        findings.append(_several_faces(faces))
    return tuple(findings)


class _Skin:
    """The face, upright at `_SIZE` px, and its lightness in CIE Lab."""

    def __init__(self, image: np.ndarray, face: Face) -> None:
        crop = square_crop(face.landmarks, size=_SIZE, scale=_SCALE)
        self.rgb = crop.cut(image, filtered=True)
        self.light = cv2.cvtColor(self.rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[:, :, 0]
        self.points = crop.place(face.landmarks)
        self.oval = self.inside(FACE_OVAL, 0.95)
        self.low, self.high = np.percentile(self.light[self.oval], [5, 95])

    def inside(self, outline: Sequence[int], grow: float = 1.0) -> np.ndarray:
        """`(256, 256)` bool: inside the polygon of these landmarks, scaled by `grow` about its centre."""
        points = self.points[list(outline)]
        middle = points.mean(0)
        mask = np.zeros((_SIZE, _SIZE), np.uint8)
        cv2.fillPoly(mask, [np.round(middle + grow * (points - middle)).astype(np.int32)], 1)
        return mask > 0

    def patch(self, around: Sequence[int]) -> float:
        """Median lightness, 0 to 100, of a small disc at the centre of these landmarks."""
        mask = np.zeros((_SIZE, _SIZE), np.uint8)
        x, y = self.points[list(around)].mean(0)
        cv2.circle(mask, (int(x), int(y)), 9, 1, -1)
        seen = self.light[mask > 0]
        return float(np.median(seen)) if len(seen) else 0.0


def _size(face: Face) -> Finding:
    height = round(face_height(face))
    if height >= 160:
        return Finding("face size", "good", f"The face is {height} pixels high.", height)
    verdict: Verdict = "fair" if height >= 100 else "poor"
    return Finding(
        "face size",
        verdict,
        f"The face is only {height} pixels high; a photo taken from nearer would look sharper.",
        height,
    )


def _sharpness(skin: _Skin) -> Finding:
    """After Crété et al., "The blur effect" (SPIE 2007): blurring hardly changes what is already blurred."""
    middle = skin.light[60:220, 50:206]
    blur = max(_reblurred(middle), _reblurred(middle.T))
    if blur < 0.68:
        return Finding("sharpness", "good", "The face is sharp.", blur)
    if blur < 0.78:
        return Finding("sharpness", "fair", "The face is a little soft; a sharper photo would help.", blur)
    return Finding(
        "sharpness",
        "poor",
        "The face is blurred, and the video will be too; hold the camera still, or use a larger original.",
        blur,
    )


def _reblurred(light: np.ndarray) -> float:
    """Share of the differences between neighbouring rows that a vertical blur leaves."""
    before = np.abs(np.diff(light, axis=0))
    after = np.abs(np.diff(cv2.blur(light, (1, 9)), axis=0))
    return float(1 - np.maximum(0, before - after).sum() / max(before.sum(), 1e-6))


def _direction(face: Face) -> Finding:
    yaw, pitch = float(face.pose[0]), float(face.pose[1]) - _LEVEL_PITCH
    turned = max(abs(yaw), 1.2 * abs(pitch), 0.8 * abs(face_roll(face)))
    if turned <= 18:
        return Finding(_DIRECTION, "good", "The face looks at the camera.", turned)
    way = f"turned {abs(yaw):.0f}° to the side"
    if abs(pitch) > abs(yaw):
        way = "turned down" if pitch > 0 else "turned up"
    if abs(face_roll(face)) * 0.8 == turned:
        way = "tilted"
    if turned <= _FARTHEST_TURN:
        advice = "a photo taken from the front gives more natural motion"
        return Finding(_DIRECTION, "fair", f"The face is {way}; {advice}.", turned)
    sentence = f"The face is {way}, too far for natural motion; use a photo taken from the front."
    return Finding(_DIRECTION, "poor", sentence, turned)


def _light(skin: _Skin) -> Finding:
    overexposed = float((skin.rgb[skin.oval].max(1) >= 253).mean())
    if overexposed > 0.05:
        verdict: Verdict = "poor" if overexposed > 0.25 else "fair"
        sentence = (
            f"{overexposed:.0%} of the face is overexposed; take the photo with less light or exposure."
        )
        return Finding("light", verdict, sentence, overexposed)
    # Skin of every colour has highlights; where even those are dark, there is too little light.
    if skin.high < 45:
        verdict = "poor" if skin.high < 30 else "fair"
        return Finding("light", verdict, "The face is dark; turn it towards a window or a lamp.", skin.high)
    if skin.high - skin.low < 15:
        return Finding(
            "light",
            "fair",
            "The face is flat and hazy; clean the lens and avoid light from behind.",
            skin.high,
        )
    return Finding("light", "good", "The face is well lit.", float(skin.high))


def _light_balance(skin: _Skin) -> Finding:
    right, left = (
        sum(skin.patch(part) for part in side) for side in (SKIN_PATCHES["Right"], SKIN_PATCHES["Left"])
    )
    ratio = float(np.log((left + 1) / (right + 1)))
    if abs(ratio) < 0.5:
        return Finding(_LIGHT_BALANCE, "good", "The light is even on both sides.", abs(ratio))
    verdict: Verdict = "fair" if abs(ratio) < 1.2 else "poor"
    return Finding(
        _LIGHT_BALANCE,
        verdict,
        "One side of the face is in shadow, which will not move with it; light the face from the front.",
        abs(ratio),
    )


def _occlusion(skin: _Skin, image: np.ndarray, face: Face) -> Finding:
    mouth = skin.light[skin.inside(OUTER_LIPS, 1.1)]
    eyes = skin.light[skin.inside(EYE_CONTOUR["Right"]) | skin.inside(EYE_CONTOUR["Left"])]
    # A mouth shows at least the dark line between its lips, and an open eye its white and its pupil.
    if np.ptp(np.percentile(mouth, [3, 97])) < 0.2 * skin.high:
        return Finding(
            _UNCOVERED, "poor", "Something seems to cover the mouth; use a photo that shows all of it.", 1.0
        )
    if np.ptp(np.percentile(eyes, [5, 95])) < 0.2 * skin.high and np.median(eyes) < 0.25 * skin.high:
        return Finding(
            _UNCOVERED, "poor", "The eyes are hidden by sunglasses or hair; use a photo that shows them.", 1.0
        )
    hand = hand_distance(image, face)
    if hand is not None:
        verdict: Verdict = "poor" if hand == 0 else "fair"
        place = "on the face" if hand == 0 else "next to the face"
        sentence = f"A hand is {place} and will bend with it; use a photo with the hands lower."
        return Finding(_UNCOVERED, verdict, sentence, 1 - hand)
    return Finding(_UNCOVERED, "good", "Eyes and mouth are visible.", 0.0)


def _mouth(face: Face) -> Finding:
    gap = float(np.linalg.norm(face.landmarks[UPPER_LIP] - face.landmarks[LOWER_LIP])) / max(
        face.interocular, 1e-6
    )
    if gap < 0.06:
        return Finding("mouth", "good", "The mouth is closed.", gap)
    verdict: Verdict = "fair" if gap < 0.25 else "poor"
    return Finding(
        "mouth", verdict, "The mouth is open; a closed, relaxed mouth gives the best lip movement.", gap
    )


def _eyes(face: Face) -> Finding:
    closed = float(face.blendshapes[[SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]].min())
    if closed < _HALF_SHUT:
        return Finding("eyes", "good", "The eyes are open.", closed)
    if closed < _SHUT:
        sentence = "The eyes are half closed or look down; open eyes give a livelier video."
        return Finding("eyes", "fair", sentence, closed)
    sentence = "The eyes are shut and will not open in the video; use a photo with open eyes."
    return Finding("eyes", "poor", sentence, closed)


def _several_faces(faces: Sequence[Face]) -> Finding:
    return Finding(
        "faces",
        "fair",
        f"There are {len(faces)} faces in the photo; only the chosen one will speak.",
        len(faces),
    )
