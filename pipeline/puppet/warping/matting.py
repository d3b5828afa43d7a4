"""Subject and background: what moves with the head, and what stays behind it.

A segmentation network (`faces.segmentation`) tells people from what is behind them; the subject is the part
that is connected to this face. Around its edge, matting (`soft_edge`) finds each strand of hair and its own
colour, so that hair moves over a wall that stands still. What the head uncovers is filled with the colours
and the grain of what is beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import CHIN, EYE_CORNERS, FACE_OVAL, FOREHEAD, LEFT_EAR, RIGHT_EAR
from pipeline.faces.segmentation import person
from pipeline.puppet.geometry.face_frame import FaceFrame
from pipeline.puppet.geometry.grid import BODY, EXTENT, STATIC_DISTANCE
from pipeline.puppet.geometry.sampling import depth_inside
from pipeline.puppet.warping.completion import continued, grain
from pipeline.puppet.warping.soft_edge import own_colours, soft_alpha

_RESOLUTION = 20
"""Pixels per inter-ocular distance of the copy that is segmented."""
_NETWORK_INPUT = 256
"""Longer side in px of the copy for the network, which works at this size itself."""
_THRESHOLD = 0.5
"""Probability from which a pixel is a person's."""
_STRANDS = 0.06
"""Opacity from which a pixel of a cut-out photo is the person's: of a single hair, which moves along."""
_MIN_FACE_SHARE = 0.8
"""Share of the face's oval that the mask must contain to be trusted."""
_MAX_SUBJECT_SHARE = 0.97
"""Share of the crop above which the mask separates nothing."""
_OPAQUE = 0.06, 0.26
"""Distances outside a cut-out subject up to which pixels wholly move with it, and from which they stand
still, in inter-ocular distances."""
_KNOWN = 0.10, 0.17
"""Distances outside a cut-out subject from which a pixel may be background, and surely is: only that may fill
what is uncovered."""
_HAZE = 0.12
"""Alpha from which a pixel says nothing about the background."""
_FILL_RESOLUTION = 40
"""Pixels per inter-ocular distance of the copy that is filled."""
_DEEPEST = 0.5
"""How far inside the subject, in inter-ocular distances, the background may be uncovered."""
_LENS = 0.62
"""How far glasses reach from the middle of an eye, in inter-ocular distances."""
_BESIDE_NOTHING = 0.22
"""Distance of an eye's outer corner from the face's outline, in inter-ocular distances, below which glasses
stand out beyond it."""
_JOINED = 0.8
"""Distance over which the head's segmentation passes into that of the whole body, in inter-ocular
distances."""


@dataclass(frozen=True)
class Matte:
    """The photo in two layers."""

    alpha: np.ndarray
    """`(H, W)` float32 in [0, 1]: how much each pixel belongs to the moving layer."""
    distance: np.ndarray
    """`(H, W)` float32: inter-ocular distances outside the subject, negative in it."""
    colours: np.ndarray
    """`(H, W, 3)` uint8: those of the moving layer, without what is behind it."""
    background: np.ndarray
    """`(H, W, 3)` uint8: the photo with the subject's rim filled by background."""


def extract_matte(
    image: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, cut_out: np.ndarray | None = None
) -> Matte:
    """The layers of a photo `(H, W, 3)`; where no mask can be trusted, everything is the subject.

    `cut_out` `(H, W)` uint8: the person's alpha, where it is known.
    """
    height, width = image.shape[:2]
    oval = landmarks[list(FACE_OVAL), :2]
    low = np.maximum(oval.min(0) - EXTENT * frame.scale, 0).astype(int)
    reach = frame.scale * np.array([EXTENT, BODY])
    high = np.minimum(oval.max(0) + reach, (width, height)).astype(int)
    crop = image[low[1] : high[1], low[0] : high[0]]
    known = None if cut_out is None else cut_out[low[1] : high[1], low[0] : high[0]]
    mask = _subject_mask(crop, landmarks[:, :2] - low, frame, known)
    if mask is None:
        distance = np.full((height, width), -STATIC_DISTANCE, np.float32)
        return Matte(np.ones((height, width), np.float32), distance, image, image)
    outside, inside = (cv2.distanceTransform(side, cv2.DIST_L2, 5) for side in (1 - mask, mask))
    small = (outside - np.maximum(inside - 1, 0)) / _RESOLUTION
    signed = cv2.resize(small, (crop.shape[1], crop.shape[0]), interpolation=cv2.INTER_LINEAR)
    distance = np.full((height, width), STATIC_DISTANCE, np.float32)
    region = slice(low[1], high[1]), slice(low[0], high[0])
    distance[region] = signed
    alpha = (1 - smoothstep(distance, *_OPAQUE)).astype(np.float32)
    background, colours = image.copy(), image.copy()
    if cut_out is None:
        alpha[region] = soft_alpha(crop, signed, frame.scale)
        known = 1 - smoothstep(alpha[region], 0.0, _HAZE)
        background[region] = _fill(crop, known, signed, frame.scale)
        colours[region] = own_colours(crop, alpha[region], background[region], frame.scale)
    else:
        background[region] = _fill(crop, smoothstep(signed, *_KNOWN), signed, frame.scale)
    return Matte(alpha, distance, colours, background)


def _fill(image: np.ndarray, known: np.ndarray, distance: np.ndarray, scale: float) -> np.ndarray:
    """The image with what is not `known` `(h, w)` as background filled from beyond, `distance` `(h, w)`
    inter-ocular distances of `scale` px outside the subject.

    The colours continue smoothly; the grain is that of the background as far on the other side of the edge.
    """
    known = known.astype(np.float32)
    smooth = continued(image, known, min(_FILL_RESOLUTION / scale, 1.0))
    whole = np.where((known > 0)[..., None], image, smooth)
    rim = np.flatnonzero((known < 1) & (distance > -_DEEPEST))
    weight, pixels = known.reshape(-1)[rim, None], whole.reshape(-1, 3)
    filling = smooth.reshape(-1, 3)[rim] + grain(image, known, rim, scale)
    pixels[rim] = np.clip(filling + weight * (pixels[rim] - filling) + 0.5, 0, 255).astype(np.uint8)
    return whole


def _subject_mask(
    crop: np.ndarray, landmarks: np.ndarray, frame: FaceFrame, cut_out: np.ndarray | None
) -> np.ndarray | None:
    """The subject `(h, w)` uint8 0 or 1 in a small copy; None if it does not look like a head and a torso."""
    ratio = _RESOLUTION / frame.scale
    size = (max(round(crop.shape[1] * ratio), 8), max(round(crop.shape[0] * ratio), 8))
    if cut_out is None:
        below_head = (landmarks[list(FACE_OVAL), 1].max() + EXTENT * frame.scale) * ratio
        mask = (_people(crop, size, below_head) > _THRESHOLD).astype(np.uint8)
    else:
        opacity = cv2.resize(cut_out, size, interpolation=cv2.INTER_AREA)
        mask = (opacity > _STRANDS * 255).astype(np.uint8)
    face, others = _face_and_others(size, landmarks * (np.array(size) / (crop.shape[1], crop.shape[0])))
    if mask[face].mean() < _MIN_FACE_SHARE:
        return None
    mask = _connected(np.where(others, 0, mask | face), face)
    return mask if mask.mean() < _MAX_SUBJECT_SHARE else None


def _people(crop: np.ndarray, size: tuple[int, int], below_head: float) -> np.ndarray:
    """Confidence `(h, w)` that each pixel of a small copy of `size` shows a person.

    The network sees 256 px, so what is above `below_head` px of the copy, the head, is segmented by itself.
    """
    whole, rows = _confidence(crop, size), round(below_head)
    if rows >= size[1]:
        return whole
    head = _confidence(crop[: round(rows * len(crop) / size[1])], (size[0], rows))
    share = smoothstep((rows - np.arange(rows)) / _RESOLUTION, 0, _JOINED)[:, None]
    whole[:rows] += share * (head - whole[:rows])
    return whole


def _confidence(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`person` of a picture, brought to `size`."""
    shrink = _NETWORK_INPUT / max(image.shape[:2])
    people = person(cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA))
    return cv2.resize(people, size, interpolation=cv2.INTER_LINEAR)


def _face_and_others(size: tuple[int, int], landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the face surely is, with glasses that stand out beside it, `(h, w)` bool, and where only other
    people can be: far beside the head."""
    width, height = size
    top, chin = landmarks[FOREHEAD], landmarks[CHIN]
    half_height = float(np.linalg.norm(top - chin)) / 2
    half_width = max(float(np.linalg.norm(landmarks[RIGHT_EAR] - landmarks[LEFT_EAR])) / 2, 0.6 * half_height)
    up, middle = (top - chin) / (2 * half_height), (top + chin) / 2
    y, x = np.mgrid[:height, :width]
    rise = (x - middle[0]) * up[0] + (y - middle[1]) * up[1]
    sideways = np.abs((x - middle[0]) * -up[1] + (y - middle[1]) * up[0])
    face = np.zeros((height, width), np.uint8)
    cv2.fillPoly(face, [np.round(landmarks[list(FACE_OVAL)]).astype(np.int32)], 1)
    for outer, inner in EYE_CORNERS.values():
        if depth_inside(landmarks[[outer]], landmarks[list(FACE_OVAL)])[0] < _BESIDE_NOTHING * _RESOLUTION:
            eye = np.round(landmarks[[outer, inner]].mean(0)).astype(int).tolist()
            cv2.circle(face, eye, round(_LENS * _RESOLUTION), 1, -1)
    return face > 0, (sideways > 3.0 * half_width) & (rise > -0.6 * half_height)


def _connected(mask: np.ndarray, face: np.ndarray) -> np.ndarray:
    """The connected component of the mask that holds the face, without holes."""
    _, labels = cv2.connectedComponents(mask)
    counts = np.bincount(labels[face], minlength=2)
    counts[0] = 0
    mask = (labels == counts.argmax()).astype(np.uint8)
    _, labels = cv2.connectedComponents(1 - mask)
    border = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return (~np.isin(labels, border[border > 0])).astype(np.uint8)
