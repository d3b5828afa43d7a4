"""The photo's own colours: what is drawn into it is mixed from them, whatever its light and tint."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import EYE_CONTOUR, EYES, FACE_OVAL, IRIS

LUMA = np.float32([0.299, 0.587, 0.114])
"""Weights of red, green and blue in brightness."""
ENAMEL = 0.6
"""Saturation of teeth as a share of the skin's."""
PALE = 1.27
"""How much brighter than skin and eyes teeth are in the same light."""
_CHEEKS = (50, 205, 101, 280, 425, 330)
_LIP_BODIES = ((0, 13), (37, 82), (267, 312), (17, 14), (84, 87), (314, 317))


@dataclass(frozen=True)
class Tones:
    """Colours as `(3,)` float32 RGB, 0 to 255."""

    skin: np.ndarray
    lips: np.ndarray
    teeth: np.ndarray
    dark: np.ndarray
    """The darkest tone of the face."""
    cavity: np.ndarray
    """The bottom of the mouth: as dark, with some of the lips' red."""
    tongue: np.ndarray

    @property
    def flesh(self) -> np.ndarray:
        """The tint `(3,)` of the lips, its strongest channel 1."""
        return self.lips / max(float(self.lips.max()), 1.0)


def read(image: np.ndarray, landmarks: np.ndarray, scale: float) -> Tones:
    """The tones of a face with `landmarks` `(478, 3)` and `scale` px between its eyes."""
    skin = np.median([_around(image, landmarks[k], 0.1 * scale) for k in _CHEEKS], 0)
    lips = np.median([_around(image, landmarks[[a, b]].mean(0), 0.03 * scale) for a, b in _LIP_BODIES], 0)
    white = _eye_white(image, landmarks, skin)
    dark = _darkest(image, landmarks)
    light = max(_luma(skin) * 0.98, _luma(white), 0.82 * _highlight(image, landmarks))
    teeth = np.clip(_enamel_hue(skin) * min(PALE * light, 220.0), 0, 240)
    cavity = 0.52 * dark + 0.13 * lips
    # a tongue is redder than skin as far as the photo has colours at all
    red = min(float(np.ptp(skin)) / max(float(skin.max()), 1.0) / 0.2, 1.0)
    tongue = 0.43 * lips + 0.38 * skin * (1 - 0.24 * red * np.array([0, 1, 1]))
    return Tones(*(np.asarray(c, np.float32) for c in (skin, lips, teeth, dark, cavity, tongue)))


def _enamel_hue(skin: np.ndarray) -> np.ndarray:
    """The tint of teeth at brightness 1: the photo's light as the skin shows it, paler and more yellow.

    The eyes' white would tell the light too, but small eyes have as much lid in them as white.
    """
    red, green, blue = ENAMEL * (skin / max(_luma(skin), 1.0) - 1)
    return np.array([1 + 0.7 * red, 1 + green + 0.2 * red, 1 + blue])


def _around(image: np.ndarray, point: np.ndarray, radius: float) -> np.ndarray:
    height, width = image.shape[:2]
    r = max(round(float(radius)), 1)
    x = int(np.clip(round(float(point[0])), r, width - 1 - r))
    y = int(np.clip(round(float(point[1])), r, height - 1 - r))
    return image[y - r : y + r + 1, x - r : x + r + 1].reshape(-1, 3).astype(np.float32).mean(0)


def _eye_white(image: np.ndarray, landmarks: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Mean of the brighter pixels inside the lids, outside the irises."""
    mask = np.zeros(image.shape[:2], np.uint8)
    for eye in EYES:
        contour = landmarks[list(EYE_CONTOUR[eye]), :2]
        cv2.fillPoly(mask, [np.round(contour).astype(np.int32)], 1)
        iris = landmarks[list(IRIS[eye]), :2]
        radius = np.linalg.norm(iris[1:] - iris[0], axis=1).mean()
        cv2.circle(mask, tuple(np.round(iris[0]).astype(int).tolist()), int(np.ceil(radius)), 0, -1)
    pixels = image[mask > 0].astype(np.float32)
    if len(pixels) < 8:
        return skin
    light = pixels @ LUMA
    return pixels[light >= np.percentile(light, 60)].mean(0)


def _darkest(image: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Mean of the face's darkest hundredth: pupils, lashes, nostrils."""
    height, width = image.shape[:2]
    inner = landmarks[list(FACE_OVAL), :2]
    x0, y0 = np.clip(inner.min(0), 0, None).astype(int)
    x1, y1 = np.minimum(inner.max(0), (width, height)).astype(int)
    pixels = image[y0:y1, x0:x1].reshape(-1, 3).astype(np.float32)
    light = pixels @ LUMA
    return pixels[light <= np.percentile(light, 1)].mean(0)


def _highlight(image: np.ndarray, landmarks: np.ndarray) -> float:
    """Brightness of the lightest skin: how strong the light is, whatever the skin's own colour."""
    spots = landmarks[[9, 151, 4, 5, 195, 117, 346, 50, 280], :2]
    return float(np.percentile([_luma(_around(image, spot, 2)) for spot in spots], 85))


def _luma(colour: np.ndarray) -> float:
    return float(colour @ LUMA)
