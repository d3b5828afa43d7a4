"""Subject and background: what moves with the head, and what stays behind it.

A segmentation network (`faces.person`) tells people from what is behind them; the subject is the part that
hangs together with this face. Its edge is widened and softened: a thin seam of background goes along with the
hair, so that no strand is ever left behind, and farther out the photo stands still. What the head uncovers is
filled with the colours beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.easing import smoothstep
from pipeline.faces.landmarks import CHIN, FACE_OVAL
from pipeline.faces.segmentation import person
from pipeline.puppet.geometry.mesh import GONE, Frame3

RESOLUTION = 20
"""Pixels per inter-ocular distance of the copies that are cut and filled."""
SEEN = 256
"""Longer side in px of the copy that the network is shown: what it looks at itself."""
SURE = 0.5
"""How sure the network must be."""
KEEP = 0.06
"""Inter-ocular distances outside the cut up to which pixels wholly go with the subject; see `mesh.GONE`."""
KNOWN = 0.10
"""Distance from which a pixel is surely background and may be used to fill what the head uncovers."""
SIDES = 3.2
"""How far around the face the cut is made, in inter-ocular distances."""


@dataclass(frozen=True)
class Split:
    """The photo in two layers."""

    subject: np.ndarray
    """`(H, W)` float32: how much each pixel belongs to the moving layer."""
    distance: np.ndarray
    """`(H, W)` float32: inter-ocular distances outside the cut, negative in the subject."""
    behind: np.ndarray
    """`(H, W, 3)` uint8: the photo with the subject's rim filled by background."""


def split(image: np.ndarray, landmarks: np.ndarray, frame: Frame3) -> Split:
    """The layers of a photo; where no cut can be trusted, everything is the subject."""
    height, width = image.shape[:2]
    outline = landmarks[list(FACE_OVAL), :2]
    low = np.maximum(outline.min(0) - SIDES * frame.scale, 0).astype(int)
    high = np.minimum(outline.max(0) + SIDES * frame.scale, (width, height)).astype(int)
    crop = image[low[1] : high[1], low[0] : high[0]]
    mask = _cut(crop, landmarks[:, :2] - low, frame)
    if mask is None:
        return Split(np.ones((height, width), np.float32), np.full((height, width), -GONE, np.float32), image)
    out, deep = (cv2.distanceTransform(side, cv2.DIST_L2, 5) for side in (1 - mask, mask))
    small = (out - np.maximum(deep - 1, 0)) / RESOLUTION
    away = cv2.resize(small, (crop.shape[1], crop.shape[0]), interpolation=cv2.INTER_LINEAR)
    distance = np.full((height, width), GONE, np.float32)
    region = slice(low[1], high[1]), slice(low[0], high[0])
    distance[region] = away
    behind = image.copy()
    behind[region] = fill(crop, away < KNOWN, RESOLUTION / frame.scale)
    return Split((1 - smoothstep(distance, KEEP, GONE)).astype(np.float32), distance, behind)


def fill(image: np.ndarray, hole: np.ndarray, ratio: float) -> np.ndarray:
    """The picture with `hole` `(H, W)` filled from its rim inwards, in a copy `ratio` times as large.

    Telea, "An image inpainting technique based on the fast marching method", 2004. What is uncovered is a
    sliver beside a moving head, mostly out of focus: a coarse filling does.
    """
    height, width = hole.shape
    size = (max(round(width * ratio), 4), max(round(height * ratio), 4))
    # a small pixel counts as known only where all of it is
    mask = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    whole = cv2.inpaint(small, mask.astype(np.uint8), 4, cv2.INPAINT_TELEA)
    whole = cv2.resize(whole, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.where(hole[..., None], whole, image)


def _cut(crop: np.ndarray, landmarks: np.ndarray, frame: Frame3) -> np.ndarray | None:
    """The subject `(h, w)` uint8 0 or 1 in a small copy; None if it does not look like a head and a torso."""
    ratio = RESOLUTION / frame.scale
    size = (max(round(crop.shape[1] * ratio), 8), max(round(crop.shape[0] * ratio), 8))
    shown = SEEN / max(crop.shape[:2])
    seen = person(cv2.resize(crop, None, fx=shown, fy=shown, interpolation=cv2.INTER_AREA))
    mask = (cv2.resize(seen, size, interpolation=cv2.INTER_LINEAR) > SURE).astype(np.uint8)
    skull, others = _places(size, landmarks * (np.array(size) / (crop.shape[1], crop.shape[0])))
    if mask[skull].mean() < 0.8:
        return None
    mask = _connected(np.where(others, 0, mask | skull), skull)
    return mask if mask.mean() < 0.97 else None


def _places(size: tuple[int, int], landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the skull surely is, `(h, w)` bool, and where only others can be: far aside at its height."""
    width, height = size
    top, chin = landmarks[10], landmarks[CHIN]
    tall = float(np.linalg.norm(top - chin)) / 2
    wide = max(float(np.linalg.norm(landmarks[234] - landmarks[454])) / 2, 0.6 * tall)
    up, middle = (top - chin) / (2 * tall), (top + chin) / 2
    y, x = np.mgrid[:height, :width]
    rise = (x - middle[0]) * up[0] + (y - middle[1]) * up[1]
    aside = np.abs((x - middle[0]) * -up[1] + (y - middle[1]) * up[0])
    skull = np.zeros((height, width), np.uint8)
    cv2.fillPoly(skull, [np.round(landmarks[list(FACE_OVAL)]).astype(np.int32)], 1)
    return skull > 0, (aside > 3.0 * wide) & (rise > -0.6 * tall)


def _connected(mask: np.ndarray, skull: np.ndarray) -> np.ndarray:
    """The part of the mask that hangs together with the skull, without holes."""
    _, labels = cv2.connectedComponents(mask)
    own = np.bincount(labels[skull], minlength=2)
    own[0] = 0
    mask = (labels == own.argmax()).astype(np.uint8)
    _, labels = cv2.connectedComponents(1 - mask)
    rim = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return (~np.isin(labels, rim[rim > 0])).astype(np.uint8)
