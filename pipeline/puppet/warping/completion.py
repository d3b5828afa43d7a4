"""Pictures of which only a part is known: the rest continued from it, and borrowed parts in its light."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numba import njit

_Scalar = Any
"""float32 once compiled."""

_BROAD = 0.15
"""Size of the cells, in inter-ocular distances, over which light is compared."""
_LIGHT_RANGE = 0.4, 2.5
"""Factors by which borrowed skin may become darker or lighter."""
_BLACK = 6.0
"""Grey levels added before light is compared, or noise in the dark would be amplified."""
_LEAST = 4
"""Side in px below which a copy is not reduced any further."""
_GRAIN = 0.05
"""Size of the coarsest grain, in inter-ocular distances."""
_COARSEST = 3.0
"""Medians of its strength above which something is no grain but an object."""


def filled(image: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The picture `(h, w, C)` float32, continued where `known` `(h, w)` in [0, 1] is less than 1.

    Gortler et al., "The lumigraph", 1996: what is missing is taken from smaller copies, whose pixels are the
    means of known ones. Each gap is as smooth as it is wide.
    """
    planes = image.astype(np.float32).transpose(2, 0, 1).copy()
    fill(planes, known.astype(np.float32))
    return np.ascontiguousarray(planes.transpose(1, 2, 0))


def fill(planes: np.ndarray, known: np.ndarray) -> None:
    """As `filled`, in place, of `planes` `(C, h, w)` float32, where `known` is float32 too."""
    finer = []
    while min(known.shape) >= _LEAST:
        finer.append((planes, known))
        height, width = ((side + 1) // 2 for side in known.shape)
        smaller, share = (
            np.empty((len(planes), height, width), np.float32),
            np.empty((height, width), np.float32),
        )
        _reduce(planes, known, smaller, share)
        planes, known = smaller, share
    total = float(known.sum())
    mean = (planes * known).sum((1, 2)) / total if total > 0 else planes.mean((1, 2))
    planes *= known
    planes += (1 - known) * mean[:, None, None]
    for larger, weight in reversed(finer):
        _continue(larger, weight, planes)
        planes = larger


# Not fastmath, here and below: whether sums are rounded once or twice would then depend on whether the loops
# were compiled in this process or read from the cache, and so would the frames.
@njit(cache=True, nogil=True, error_model="numpy")
def _reduce(planes: np.ndarray, known: np.ndarray, smaller: np.ndarray, share: np.ndarray) -> None:
    """Half the size of the planes, by a binomial of five, into `smaller`, and how far it is known into
    `share`: as `cv2.pyrDown`, the borders mirrored."""
    height, width = known.shape
    line = np.empty(width + 4, np.float32)
    column = line[2:]
    for y in range(share.shape[0]):
        middle = 2 * y
        top, above = abs(middle - 2), abs(middle - 1)
        below, bottom = _mirrored(middle + 1, height), _mirrored(middle + 2, height)
        a, b, c, d, e = known[top], known[above], known[middle], known[below], known[bottom]
        for x in range(width):
            column[x] = a[x] + e[x] + np.float32(4) * (b[x] + d[x]) + np.float32(6) * c[x]
        _halve(line, share[y])
        for k in range(planes.shape[0]):
            plane = planes[k]
            p, q, r, s, t = plane[top], plane[above], plane[middle], plane[below], plane[bottom]
            for x in range(width):
                column[x] = (
                    a[x] * p[x] + e[x] * t[x] + np.float32(4) * (b[x] * q[x] + d[x] * s[x])
                    + np.float32(6) * (c[x] * r[x])
                )  # fmt: skip
            out = smaller[k, y]
            _halve(line, out)
            for x in range(len(out)):
                out[x] /= max(share[y, x], np.float32(1e-4))
        for x in range(share.shape[1]):
            share[y, x] = min(np.float32(4) * share[y, x], np.float32(1))


@njit(cache=True, nogil=True, error_model="numpy")
def _halve(line: np.ndarray, out: np.ndarray) -> None:
    """Every other place of a row weighed by a binomial; it begins two places into `line`, which also has two
    places after it, and has been weighed down the columns without dividing."""
    last = len(line) - 3
    line[0], line[1] = line[4], line[3]
    line[last + 1], line[last + 2] = line[last - 1], line[last - 2]
    for x in range(len(out)):
        out[x] = (
            line[2 * x] + line[2 * x + 4] + np.float32(4) * (line[2 * x + 1] + line[2 * x + 3])
            + np.float32(6) * line[2 * x + 2]
        ) * np.float32(1 / 256)  # fmt: skip


@njit(cache=True, nogil=True, error_model="numpy")
def _continue(planes: np.ndarray, known: np.ndarray, smaller: np.ndarray) -> None:
    """Mix `smaller` `(C, h, w)`, enlarged as by `cv2.pyrUp`, into the planes where they are not `known`."""
    height, width = known.shape
    rows, columns = smaller.shape[1:]
    line = np.empty(columns + 2, np.float32)
    for k in range(planes.shape[0]):
        small = smaller[k]
        for y in range(height):
            middle = y // 2
            here, after = small[middle], small[min(middle + 1, rows - 1)]
            if y % 2:
                for x in range(columns):
                    line[x + 1] = np.float32(4) * (here[x] + after[x])
            else:
                before = small[abs(middle - 1)]
                for x in range(columns):
                    line[x + 1] = before[x] + np.float32(6) * here[x] + after[x]
            line[0], line[columns + 1] = line[2], line[columns]
            out, share = planes[k, y], known[y]
            for x in range(width // 2):
                even = line[x] + np.float32(6) * line[x + 1] + line[x + 2]
                odd = np.float32(4) * (line[x + 1] + line[x + 2])
                out[2 * x] = _mixed(out[2 * x], even, share[2 * x])
                out[2 * x + 1] = _mixed(out[2 * x + 1], odd, share[2 * x + 1])
            if width % 2:
                even = line[columns - 1] + np.float32(6) * line[columns] + line[columns + 1]
                out[width - 1] = _mixed(out[width - 1], even, share[width - 1])


@njit(inline="always")
def _mixed(own: _Scalar, enlarged: _Scalar, share: _Scalar) -> _Scalar:
    return share * own + (np.float32(1) - share) * (enlarged * np.float32(1 / 64))


@njit(inline="always")
def _mirrored(index: int, length: int) -> int:
    """An index that may lie beyond the last one, mirrored about it."""
    return index if index < length else 2 * length - 2 - index


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
