"""Pictures of which only a part is known: the rest continued from it, and borrowed parts in its light."""

from __future__ import annotations

import cv2
import numpy as np

_BROAD = 0.15
"""Size of the cells, in inter-ocular distances, over which light is compared."""
_LIGHT_RANGE = 0.4, 2.5
"""Factors by which borrowed skin may become darker or lighter."""
_BLACK = 6.0
"""Grey levels added before light is compared, or noise in the dark would be amplified."""

_GRAIN = 0.05
"""Size of the coarsest grain, in inter-ocular distances."""
_COARSEST = 3.0
"""Medians of its strength above which something is no grain but an object."""


def filled(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The picture `(h, w, C)` float32, continued where `known` `(h, w)` in [0, 1] is less than 1.

    Gortler et al., "The lumigraph", 1996: what is missing is taken from smaller copies, whose pixels are the
    means of known ones. Each gap is as smooth as it is wide.
    """
    return _filled(image, known.astype(np.float32))


def _filled(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    # numpy multiplies arrays of one shape many times as fast as ones that differ in their short last axis
    height, width, colours = image.shape
    weight = cv2.merge([known] * colours).reshape(image.shape)
    if min(height, width) < 4:
        total = float(known.sum())
        mean = (image * weight).sum((0, 1)) / total if total > 0 else image.mean((0, 1))
        return weight * image + (1 - weight) * mean.astype(np.float32)
    share = cv2.pyrDown(known)
    shares = cv2.merge([np.maximum(share, 1e-4)] * colours)
    small = (cv2.pyrDown(image * weight).reshape(shares.shape) / shares).reshape(*share.shape, colours)
    coarse = _filled(small, np.minimum(4 * share, 1))
    larger = cv2.pyrUp(coarse, dstsize=(width, height)).reshape(image.shape)
    return weight * image + (1 - weight) * larger


def continued(image: np.ndarray, known: np.ndarray, ratio: float) -> np.ndarray:
    """What continues smoothly from where a picture `(h, w, 3)` uint8 is `known` `(h, w)`, as large as it.

    `ratio`: of the size of the copy that is filled to the picture's.
    """
    height, width = known.shape
    size = (max(round(width * ratio), 4), max(round(height * ratio), 4))
    share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(image * known[..., None], size, interpolation=cv2.INTER_AREA)
    smooth = filled(small / np.maximum(share, 1e-3)[..., None], np.where(share > 0.02, share, 0))
    return cv2.resize(np.clip(smooth + 0.5, 0, 255).astype(np.uint8), (width, height))


def grain(image: np.ndarray, known: np.ndarray, rim: np.ndarray, scale: float) -> np.ndarray:
    """What is finer than `_GRAIN` in the known part of a picture, mirrored into the rest, `(M, 3)` float32.

    `image` `(h, w, 3)` uint8, of `scale` px per inter-ocular distance; `known` `(h, w)`: how surely each
    of its pixels is; `rim` `(M,)`: the pixels asked for, by number.
    """
    rows, columns = np.nonzero(known >= 1)
    if not len(rows):
        return np.zeros((len(rim), 3), np.float32)
    radius = 2 * round(_GRAIN * scale / 2) + 1
    fine = cv2.subtract(image, cv2.blur(image, (radius, radius)), dtype=cv2.CV_16S)
    _, nearest = cv2.distanceTransformWithLabels(
        (known < 1).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    y, x = np.divmod(rim, known.shape[1])
    edge = nearest.reshape(-1)[rim] - 1
    y = np.clip(2 * rows[edge] - y, 0, known.shape[0] - 1)
    x = np.clip(2 * columns[edge] - x, 0, known.shape[1] - 1)
    most = _COARSEST * float(np.median(np.abs(fine[rows, columns])))
    return (np.clip(fine[y, x], -most, most) * (known[y, x] >= 1)[:, None]).astype(np.float32)


def relit(image: np.ndarray, like: np.ndarray, common: np.ndarray, scale: float) -> np.ndarray:
    """`image` in the light of `like`, both `(h, w, 3)` float32 px of one scale.

    `common` `(h, w)`: how far both show the same thing; `scale`: px per inter-ocular distance.
    """
    cells = [max(round(side / (_BROAD * scale)), 2) for side in common.shape[::-1]]
    weight = np.maximum(cv2.resize(common.astype(np.float32), cells, interpolation=cv2.INTER_AREA), 1e-6)
    levels = [
        cv2.resize(part * common[..., None].astype(np.float32), cells, interpolation=cv2.INTER_AREA)
        / weight[..., None]
        for part in (image, like)
    ]
    gain = np.clip((levels[1] + _BLACK) / (levels[0] + _BLACK), *_LIGHT_RANGE)
    gain = filled(gain.astype(np.float32), np.minimum(4 * weight, 1))
    return image * cv2.resize(gain, common.shape[::-1], interpolation=cv2.INTER_CUBIC)
