"""The photo's own colours: whatever is painted into it is mixed from them, in its light and tint."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.faces.landmarks import CHEEKS, EYE_CONTOUR, EYES, FACE_OVAL, HIGHLIGHTS, IRIS, LIP_BODIES

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in brightness (ITU-R BT.601)."""
_ENAMEL_SATURATION = 0.5
"""Saturation of teeth as a share of the skin's."""
_ENAMEL_BRIGHTNESS = 1.30
"""Brightness of teeth as a multiple of that of skin and eyes in the same light."""
_HIGHLIGHT_SHARE = 0.70
"""Brightness of light from everywhere, as teeth get it, as a share of the skin's highlights: on dark and on
shiny skin these are far brighter than teeth become."""
_HIGHLIGHT_ENAMEL = 1.04
"""Most brightness of teeth as a multiple of the lightest skin's: a painting keeps both low."""
_TONGUE_ABSORBS = np.array([0.0, 0.22, 0.10], np.float32)
"""Share of red, green and blue that a tongue takes from the light beyond what skin takes."""
_CAVITY_REDNESS = 2.0
"""Exponent of the lips' tint in the little light at the back of the mouth, which has met flesh again and
again: where it is less than a fifth of the cheeks', the ratio of red to green is three times the skin's (13
speakers)."""
_MAX_ENAMEL = 220.0
"""Brightest teeth, of 255."""


@dataclass(frozen=True)
class Palette:
    """Colours as `(3,)` float32 RGB, 0 to 255."""

    skin: np.ndarray
    lips: np.ndarray
    """Of both."""
    upper_lip: np.ndarray
    lower_lip: np.ndarray
    teeth: np.ndarray
    dark: np.ndarray
    """The darkest colour of the face."""
    cavity: np.ndarray
    """The back of the mouth: as dark, and deep red."""
    tongue: np.ndarray

    @property
    def lip_tint(self) -> np.ndarray:
        """The tint `(3,)` of the lips, its strongest channel 1."""
        return self.lips / max(float(self.lips.max()), 1.0)


def read_palette(image: np.ndarray, landmarks: np.ndarray, scale: float) -> Palette:
    """The palette of the face with `landmarks` `(478, 3)` px and `scale` px between its eyes."""
    skin = np.median([_mean_around(image, landmarks[k], 0.1 * scale) for k in CHEEKS], 0)
    bodies = [landmarks[list(pair)].mean(0) for pair in LIP_BODIES]
    red = np.array([_mean_around(image, point, 0.03 * scale) for point in bodies])
    lips, upper, lower = (np.median(part, 0) for part in (red, *np.split(red, 2)))
    white = _eye_white(image, landmarks, skin)
    dark = _darkest(image, landmarks)
    highlight = _highlight(image, landmarks)
    light = max(_luma(skin) * 0.98, _luma(white), _HIGHLIGHT_SHARE * highlight)
    brightness = min(_ENAMEL_BRIGHTNESS * light, _HIGHLIGHT_ENAMEL * max(highlight, _luma(skin)), _MAX_ENAMEL)
    teeth = np.clip(_enamel_tint(skin) * brightness, 0, 240)
    deep_red = lips * (lips / max(float(lips.max()), 1.0)) ** _CAVITY_REDNESS
    cavity = 0.10 * dark + 0.16 * deep_red
    # a tongue is redder than skin, as far as the photo has colours at all
    chroma = min(float(np.ptp(skin)) / max(float(skin.max()), 1.0) / 0.2, 1.0)
    tongue = 0.52 * lips + 0.44 * skin * (1 - chroma * np.array([0, 0.14, 0.08]))
    tongue = np.minimum(tongue, tongue[0] * _tongue_tint(skin, chroma))
    colours = skin, lips, upper, lower, teeth, dark, cavity, tongue
    return Palette(*(np.asarray(c, np.float32) for c in colours))


def _tongue_tint(skin: np.ndarray, chroma: float) -> np.ndarray:
    """The least red that a tongue is in the light that the skin shows, its red 1: lips under a beard, or
    painted ones, need not be red."""
    tint = skin / max(float(skin[0]), 1.0)
    return np.asarray(tint * (1 - chroma * _TONGUE_ABSORBS))


def _enamel_tint(skin: np.ndarray) -> np.ndarray:
    """The tint of teeth at brightness 1: the photo's light as the skin shows it, paler and more yellow.

    The white of the eyes would show the light too, but small eyes have as much lid in them as white.
    """
    red, green, blue = _ENAMEL_SATURATION * (skin / max(_luma(skin), 1.0) - 1)
    return np.array([1 + 0.7 * red, 1 + green + 0.2 * red, 1 + blue])


def _mean_around(image: np.ndarray, point: np.ndarray, radius: float) -> np.ndarray:
    """Mean colour `(3,)` of a square of `radius` px around a point."""
    height, width = image.shape[:2]
    r = max(round(float(radius)), 1)
    x = int(np.clip(round(float(point[0])), r, width - 1 - r))
    y = int(np.clip(round(float(point[1])), r, height - 1 - r))
    return image[y - r : y + r + 1, x - r : x + r + 1].reshape(-1, 3).astype(np.float32).mean(0)


def _eye_white(image: np.ndarray, landmarks: np.ndarray, skin: np.ndarray) -> np.ndarray:
    """Mean of the brighter pixels inside the lids and outside the irises; `skin` where there are none."""
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
    """Mean of the darkest hundredth of the face: pupils, lashes, nostrils."""
    height, width = image.shape[:2]
    oval = landmarks[list(FACE_OVAL), :2]
    x0, y0 = np.clip(oval.min(0), 0, None).astype(int)
    x1, y1 = np.minimum(oval.max(0), (width, height)).astype(int)
    pixels = image[y0:y1, x0:x1].reshape(-1, 3).astype(np.float32)
    light = pixels @ LUMA
    return pixels[light <= np.percentile(light, 1)].mean(0)


def _highlight(image: np.ndarray, landmarks: np.ndarray) -> float:
    """Brightness of the lightest skin: how strong the light is, whatever the skin's own colour."""
    points = landmarks[list(HIGHLIGHTS), :2]
    return float(np.percentile([_luma(_mean_around(image, point, 2)) for point in points], 85))


def _luma(colour: np.ndarray) -> float:
    return float(colour @ LUMA)
