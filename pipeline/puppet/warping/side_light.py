"""The light on a side of a face that turns into view, where a photo shows the shade of an outline.

Skin darkens towards the outline because it faces away from the light, which mostly comes from where the
camera is, and because hair and collar shade it. Stretched over a cheek that turns, that shade is a stain;
taken away without one at the new outline, the cheek is a plate.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.puppet.painting.palette import LUMA
from pipeline.puppet.warping.completion import filled, grain

_TOO_DARK, _TOO_LIGHT = (0.55, 0.75), (1.5, 2.0)
"""Brightness as a share of that of such skin, between which a pixel comes to count, and ceases to."""
_BLENDED = 0.04
"""How far from hair skin is still blended with it, in inter-ocular distances."""
_BLACK = 6.0
"""Grey levels added before brightness is compared."""
_BROAD = 0.05
"""Size of the finest detail of light, in inter-ocular distances: what is finer is the skin itself."""
_LIT = 0.7, 0.85
"""Cosines between skin and the view up to which its light is an outline's, and from which the face's."""
_EVEN = 0.4, 0.8
"""Cosines up to which a cheek takes the light of the face, and from which it has its own."""
_GAIN = 0.75, 1.45
"""The factors within which it does: what is darker still lies in the shadow of hair, which turns along."""
_TINT = 0.92, 1.08
"""The factors within which the colour changes with it."""
_AT_OUTLINE = (0.05, 0.15), (0.3, 0.45)
"""Cosines between which the photo shows the shade that its outline has."""
_DARKEST = 0.7
"""Share of the light that the shade of an outline leaves at least."""
_WIDTH = 0.3
"""Width of that shade, in inter-ocular distances."""
_KNOWN = 0.95
"""How surely a pixel is skin from which its grain is that of skin."""


def likeness(image: np.ndarray, beside: np.ndarray, scale: float) -> np.ndarray:
    """How likely each pixel is skin, `(h, w)` in [0, 1], by the brightness of what is `beside` it.

    Hair, a collar or a wall at the outline is far darker or lighter than the cheek. `scale`: px per
    inter-ocular distance.
    """
    ratio = (image @ LUMA + _BLACK) / (np.maximum(beside @ LUMA, 0) + _BLACK)
    likely = smoothstep(ratio, *_TOO_DARK) * (1 - smoothstep(ratio, *_TOO_LIGHT))
    side = 2 * round(_BLENDED * scale) + 1
    return cv2.erode(likely.astype(np.float32), np.ones((side, side), np.uint8))


def grainy(image: np.ndarray, known: np.ndarray, scale: float) -> np.ndarray:
    """`image` `(h, w, 3)` float32, in place, with the grain that it has where it is `known` `(h, w)`.

    Without it, what the photo does not show would be a smooth plate beside pores, brushwork or noise.
    """
    missing = np.flatnonzero(known < _KNOWN)
    if len(missing):
        sure, pixels = (known >= _KNOWN).astype(np.float32), np.clip(image, 0, 255).astype(np.uint8)
        share = 1 - known.reshape(-1)[missing, None] / _KNOWN
        image.reshape(-1, 3)[missing] += share * grain(pixels, sure, missing, scale)
    return image


def face_light(image: np.ndarray, skin: np.ndarray, cosine: np.ndarray, scale: float) -> np.ndarray:
    """The light of skin that faces the camera, continued over all of it: `(h, w, 3)` float32.

    Args:
        image: `(h, w, 3)` float32.
        skin: `(h, w)`: how surely each pixel is plain skin, 0 to 1.
        cosine: `(h, w)`: between it and the view in the photo.
        scale: px per inter-ocular distance.
    """
    return filled(_broad(image, scale), (skin * smoothstep(cosine, *_LIT)).astype(np.float32))


def evening(
    image: np.ndarray, light: np.ndarray, cosine: np.ndarray, cheek: np.ndarray, scale: float
) -> np.ndarray:
    """The factors `(h, w, 3)` float32 that give the skin of an outline the `light` of the face.

    The arguments are those of `face_light`, its result, and `cheek` `(h, w)`: how surely each pixel lies on
    one.
    """
    light, own = np.maximum(light, 0) + _BLACK, np.maximum(_broad(image, scale), 0) + _BLACK
    gain = np.asarray((light @ LUMA) / (own @ LUMA))[..., None]
    tint = np.clip(light / own / gain, *_TINT)
    share = cheek * (1 - smoothstep(cosine, *_EVEN))
    return np.asarray((np.clip(gain, *_GAIN) * tint) ** share[..., None], np.float32)


def outline_shade(
    image: np.ndarray,
    light: np.ndarray,
    covered: np.ndarray,
    cosine: np.ndarray,
    cheek: np.ndarray,
    scale: float,
) -> np.ndarray:
    """The factors `(h, w, 1)` float32 by which a cheek darkens towards its new outline.

    It does so as at the outline in the photo. `image` `(h, w, 3)`: the photo's pixels; `covered` `(h, w)`: 1
    where the face is; the others are those of `evening`.
    """
    (low, high), (begin, end) = _AT_OUTLINE
    outline = cheek * (1 - smoothstep(cosine, begin, end))
    there = covered * outline * smoothstep(cosine, low, high)
    ratio = (_broad(image, scale) @ LUMA + _BLACK) / (np.maximum(light @ LUMA, 0) + _BLACK)
    shade = filled(np.clip(ratio, _DARKEST, 1)[..., None], there.astype(np.float32))
    within = cv2.distanceTransform((covered > 0).astype(np.uint8), cv2.DIST_L2, 5) / scale
    # a cheek that the photo shows from the side ends at an ear in the same light
    near = outline * (1 - smoothstep(within, 0, _WIDTH))
    return np.asarray(1 - (1 - shade) * near[..., None], np.float32)


def _broad(image: np.ndarray, scale: float) -> np.ndarray:
    """The image without the detail of skin."""
    side = 2 * round(_BROAD * scale / 2) + 1
    return cv2.blur(cv2.blur(image, (side, side)), (side, side))
