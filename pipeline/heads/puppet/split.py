"""Subject and background: what moves with the head, and what stays behind it.

GrabCut (Rother et al., "GrabCut: interactive foreground extraction using iterated graph cuts", 2004) on a
small copy, seeded by the face's geometry, tells the subject from the background. Its edge is widened and
softened: a thin seam of background goes along with the hair, so that no strand is ever left behind, and
farther out the photo stands still. What the head uncovers is filled with the colours beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from pipeline.heads.puppet import points as at
from pipeline.heads.puppet.ease import ease
from pipeline.heads.puppet.mesh import Frame3

RESOLUTION = 20
"""Pixels per inter-ocular distance of the copy that is cut."""
KEEP, GONE = 0.06, 0.26
"""Inter-ocular distances outside the cut up to which pixels wholly, and at all, go with the subject."""
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
    """`(H, W)` float32: inter-ocular distances outside the cut; 0 in the subject."""
    behind: np.ndarray
    """`(H, W, 3)` uint8: the photo with the subject's rim filled by background."""


def split(image: np.ndarray, landmarks: np.ndarray, frame: Frame3) -> Split:
    """The layers of a photo; where no cut can be trusted, everything is the subject."""
    height, width = image.shape[:2]
    outline = landmarks[list(at.OVAL), :2]
    low = np.maximum(outline.min(0) - SIDES * frame.scale, 0).astype(int)
    high = np.minimum(outline.max(0) + SIDES * frame.scale, (width, height)).astype(int)
    crop = image[low[1] : high[1], low[0] : high[0]]
    mask = _cut(crop, landmarks[:, :2] - low, frame)
    if mask is None:
        return Split(np.ones((height, width), np.float32), np.zeros((height, width), np.float32), image)
    small = cv2.distanceTransform((mask == 0).astype(np.uint8), cv2.DIST_L2, 5) / RESOLUTION
    inside = cv2.resize(small, (crop.shape[1], crop.shape[0]), interpolation=cv2.INTER_LINEAR)
    distance = np.full((height, width), GONE, np.float32)
    region = slice(low[1], high[1]), slice(low[0], high[0])
    distance[region] = inside
    behind = image.copy()
    behind[region] = fill(crop, inside < KNOWN, RESOLUTION / frame.scale)
    return Split((1 - ease(distance, KEEP, GONE)).astype(np.float32), distance, behind)


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
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    ratios = np.array(size) / (crop.shape[1], crop.shape[0])
    seeds, skull = _seeds(size, landmarks * ratios)
    background = (seeds == cv2.GC_BGD) | (seeds == cv2.GC_PR_BGD)
    if background.mean() < 0.03:
        return None
    # GrabCut clusters colours from a random start
    cv2.setRNGSeed(0)
    cv2.grabCut(small, seeds, None, np.zeros((1, 65)), np.zeros((1, 65)), 3, cv2.GC_INIT_WITH_MASK)
    mask = ((seeds == cv2.GC_FGD) | (seeds == cv2.GC_PR_FGD)).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    mask = _connected(mask, skull)
    hair = skull & (mask > 0)
    return mask if hair.sum() > 0.8 * skull.sum() and mask.mean() < 0.97 else None


def _seeds(size: tuple[int, int], landmarks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """GrabCut's labels `(h, w)`, and the ellipse that the skull surely fills."""
    width, height = size
    top, chin = landmarks[10], landmarks[at.CHIN]
    tall = float(np.linalg.norm(top - chin)) / 2
    wide = max(float(np.linalg.norm(landmarks[234] - landmarks[454])) / 2, 0.6 * tall)
    up, middle = (top - chin) / (2 * tall), (top + chin) / 2
    angle = float(np.degrees(np.arctan2(up[0], -up[1])))
    seeds = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    y, x = np.mgrid[:height, :width]
    rise = (x - middle[0]) * up[0] + (y - middle[1]) * up[1]
    aside = np.abs((x - middle[0]) * -up[1] + (y - middle[1]) * up[0])
    seeds[((aside > 3.0 * wide) & (rise > -0.6 * tall)) | (rise > 2.9 * tall)] = cv2.GC_BGD

    def ellipse(centre: np.ndarray, axes: tuple[float, float], mask: np.ndarray, value: int) -> None:
        spot = tuple(np.round(centre).astype(int).tolist())
        cv2.ellipse(mask, spot, (round(axes[0]), round(axes[1])), angle, 0, 360, value, -1)

    ellipse(middle + 0.2 * tall * up, (1.9 * wide, 1.6 * tall), seeds, cv2.GC_PR_FGD)
    neck = middle - tall * up
    slope = np.array([(-0.6, 0), (0.6, 0), (2.4, 1.4), (3.0, 99), (-3.0, 99), (-2.4, 1.4)]) * (wide, tall)
    torso = np.minimum(neck + slope, (4 * width, height + 9))
    cv2.fillPoly(seeds, [np.round(torso).astype(np.int32)], cv2.GC_PR_FGD)
    skull = np.zeros((height, width), np.uint8)
    ellipse(middle + 0.22 * tall * up, (1.02 * wide, 1.16 * tall), skull, 1)
    cv2.fillPoly(skull, [np.round(landmarks[list(at.OVAL)]).astype(np.int32)], 1)
    seeds[skull > 0] = cv2.GC_FGD
    return seeds, skull > 0


def _connected(mask: np.ndarray, skull: np.ndarray) -> np.ndarray:
    """The part of the mask that hangs together with the skull, without holes."""
    _, labels = cv2.connectedComponents(mask)
    own = np.bincount(labels[skull], minlength=2)
    own[0] = 0
    mask = (labels == own.argmax()).astype(np.uint8)
    _, labels = cv2.connectedComponents(1 - mask)
    rim = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    return (~np.isin(labels, rim[rim > 0])).astype(np.uint8)
