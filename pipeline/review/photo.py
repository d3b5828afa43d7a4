"""Before a render: will this photo make a good video, and if not, what would make it better?

Everything is measured on the face brought upright to 256 px, so that the same thresholds hold for every
photo. They were set on some fifty portraits and video frames of all sorts, sound and deliberately spoilt;
`tests/review/test_photo.py` spoils a portrait in the same ways.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from pipeline.faces.crops import OVAL, square_crop
from pipeline.faces.search import face_height, face_turn
from pipeline.types import SHAPE, Face, Finding

_SIZE = 256
_SCALE = 1.15

# fmt: off
_EYES = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249),
)
_MOUTH = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
_RIGHT_SIDE = ((50, 205, 36), (214, 210, 135), (119, 118, 101))
_LEFT_SIDE = ((280, 425, 266), (434, 430, 364), (348, 347, 330))
# fmt: on
"""Patches of skin on either side: cheek, jaw, under the eye."""

_LEVEL_PITCH = 8.0
"""Degrees that the tracker reports for a face looking straight ahead: median of frontal portraits."""


def review_photo(image: np.ndarray, faces: Face | Sequence[Face]) -> tuple[Finding, ...]:
    """What to expect of a photo, topic by topic.

    Args:
        image: `(H, W, 3)` uint8 RGB.
        faces: the face that shall speak, or all faces found, that one first.
    """
    faces = [faces] if isinstance(faces, Face) else list(faces)
    face = faces[0]
    skin = _Skin(image, face)
    sharpness = _sharpness(skin)
    findings = [_size(face), sharpness, _direction(face), _light(skin), _evenness(skin)]
    if sharpness.verdict != "poor":
        # On a blurred face nothing can be told of what lies over it.
        findings.append(_cover(skin))
    findings += [_mouth(face), _eyes(face)]
    if len(faces) > 1:
        findings.append(_company(faces))
    return tuple(findings)


class _Skin:
    """The face upright at `_SIZE` px, in CIE Lab."""

    def __init__(self, image: np.ndarray, face: Face) -> None:
        crop = square_crop(face.landmarks, size=_SIZE, scale=_SCALE)
        self.rgb = crop.cut(image)
        self.light = cv2.cvtColor(self.rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[:, :, 0]
        self.points = crop.place(face.landmarks)
        self.oval = self.inside(OVAL, 0.95)
        self.low, self.high = np.percentile(self.light[self.oval], [5, 95])

    def inside(self, outline: Sequence[int], grow: float = 1.0) -> np.ndarray:
        """`(256, 256)` bool: within the polygon of these landmarks, grown about its middle."""
        points = self.points[list(outline)]
        middle = points.mean(0)
        mask = np.zeros((_SIZE, _SIZE), np.uint8)
        cv2.fillPoly(mask, [np.round(middle + grow * (points - middle)).astype(np.int32)], 1)
        return mask > 0

    def patch(self, around: Sequence[int]) -> float:
        """Median lightness, 0 to 100, of a small disc in the middle of these landmarks."""
        mask = np.zeros((_SIZE, _SIZE), np.uint8)
        cv2.circle(mask, tuple(int(v) for v in self.points[list(around)].mean(0)), 9, 1, -1)
        seen = self.light[mask > 0]
        return float(np.median(seen)) if len(seen) else 0.0


def _size(face: Face) -> Finding:
    height = round(face_height(face))
    if height >= 160:
        return Finding("face size", "good", f"The face is {height} pixels high.", height)
    verdict = "fair" if height >= 100 else "poor"
    return Finding(
        "face size",
        verdict,
        f"The face is only {height} pixels high; a photo taken from nearer would look sharper.",
        height,
    )


def _sharpness(skin: _Skin) -> Finding:
    """After Crété et al., "The blur effect" (SPIE 2007): blurring changes little what is blurred already."""
    middle = skin.light[60:220, 50:206]
    blur = max(_reblurred(middle), _reblurred(middle.T))
    if blur < 0.68:
        return Finding("sharpness", "good", "The face is sharp.", blur)
    if blur < 0.78:
        return Finding("sharpness", "fair", "The face is a little soft; a sharper photo would help.", blur)
    return Finding(
        "sharpness",
        "poor",
        "The face is blurred, so the video will be too; hold the camera still, or use a larger original.",
        blur,
    )


def _reblurred(light: np.ndarray) -> float:
    """Share of the differences between neighbouring rows that survives a blur down the columns."""
    before = np.abs(np.diff(light, axis=0))
    after = np.abs(np.diff(cv2.blur(light, (1, 9)), axis=0))
    return float(1 - np.maximum(0, before - after).sum() / max(before.sum(), 1e-6))


def _direction(face: Face) -> Finding:
    yaw, pitch = float(face.pose[0]), float(face.pose[1]) - _LEVEL_PITCH
    turned = max(abs(yaw), 1.2 * abs(pitch), 0.8 * abs(face_turn(face)))
    if turned <= 18:
        return Finding("direction", "good", "The face looks towards the camera.", turned)
    way = f"{abs(yaw):.0f}° to the side" if abs(yaw) >= abs(pitch) else "down" if pitch > 0 else "up"
    if abs(face_turn(face)) * 0.8 == turned:
        way = "leaning over"
    advice = "a photo from the front moves more naturally"
    return Finding(
        "direction", "fair" if turned <= 32 else "poor", f"The face is turned {way}; {advice}.", turned
    )


def _light(skin: _Skin) -> Finding:
    burnt = float((skin.rgb[skin.oval].max(1) >= 253).mean())
    if burnt > 0.05:
        verdict = "poor" if burnt > 0.25 else "fair"
        sentence = f"{burnt:.0%} of the face is burnt out to white; take it with less light or exposure."
        return Finding("light", verdict, sentence, burnt)
    # Skin of every colour has highlights; where even those are dark, light is missing.
    if skin.high < 45:
        verdict = "poor" if skin.high < 30 else "fair"
        return Finding("light", verdict, "The face is dark; turn it towards a window or a lamp.", skin.high)
    if skin.high - skin.low < 15:
        return Finding(
            "light", "fair", "The face is flat and hazy; clean the lens, avoid light from behind.", skin.high
        )
    return Finding("light", "good", "The face is well lit.", float(skin.high))


def _evenness(skin: _Skin) -> Finding:
    right, left = (sum(skin.patch(part) for part in side) for side in (_RIGHT_SIDE, _LEFT_SIDE))
    ratio = float(np.log((left + 1) / (right + 1)))
    if abs(ratio) < 0.5:
        return Finding("evenness", "good", "The light is even on both sides.", abs(ratio))
    verdict = "fair" if abs(ratio) < 1.2 else "poor"
    return Finding(
        "evenness",
        verdict,
        "One side of the face lies in shadow, which will not move with it; light it from the front.",
        abs(ratio),
    )


def _cover(skin: _Skin) -> Finding:
    mouth = skin.light[skin.inside(_MOUTH, 1.1)]
    eyes = skin.light[skin.inside(_EYES[0]) | skin.inside(_EYES[1])]
    # A mouth shows at least the dark line between its lips, an open eye its white and its pupil.
    if np.ptp(np.percentile(mouth, [3, 97])) < 0.2 * skin.high:
        return Finding(
            "cover", "poor", "Something seems to cover the mouth; it must be in sight to speak.", 1.0
        )
    if np.ptp(np.percentile(eyes, [5, 95])) < 0.2 * skin.high and np.median(eyes) < 0.25 * skin.high:
        return Finding("cover", "poor", "The eyes are hidden, by sunglasses or hair; show them.", 1.0)
    return Finding("cover", "good", "Eyes and mouth are in sight.", 0.0)


def _mouth(face: Face) -> Finding:
    gap = float(np.linalg.norm(face.landmarks[13] - face.landmarks[14])) / max(face.interocular, 1e-6)
    if gap < 0.06:
        return Finding("mouth", "good", "The mouth is closed.", gap)
    verdict = "fair" if gap < 0.25 else "poor"
    return Finding("mouth", verdict, "The mouth is open; a closed, relaxed mouth gives the best lips.", gap)


def _eyes(face: Face) -> Finding:
    closed = float(face.blendshapes[[SHAPE["eyeBlinkLeft"], SHAPE["eyeBlinkRight"]]].min())
    if closed < 0.45:
        return Finding("eyes", "good", "The eyes are open.", closed)
    verdict = "fair" if closed < 0.65 else "poor"
    return Finding(
        "eyes", verdict, "The eyes are closed or look down; open eyes come to life better.", closed
    )


def _company(faces: Sequence[Face]) -> Finding:
    return Finding(
        "faces",
        "fair",
        f"There are {len(faces)} faces in the photo; only the chosen one will speak.",
        len(faces),
    )
