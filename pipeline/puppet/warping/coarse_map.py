"""The coarse map of a face's surroundings: how far its samples have moved, and what lies beneath the face."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from pipeline.puppet.warping.completion import fill

NOWHERE = np.float32(-1e9)
"""Place in the texture of samples that no triangle covers."""
_BESIDE = 4
"""Samples around a face from which its surroundings are continued beneath it."""


@njit(cache=True, nogil=True)
def subtract(places: np.ndarray, still: np.ndarray, bare: np.ndarray) -> None:
    """From `places` `(2, h, w)` to how far they are from the `still` ones, in place; `bare` `(h, w)` tells
    which are `NOWHERE`, and these have not moved."""
    for y in range(bare.shape[0]):
        for x in range(bare.shape[1]):
            bare[y, x] = places[0, y, x] == NOWHERE
            for k in range(2):
                moved = places[k, y, x] - still[k, y, x]
                places[k, y, x] = np.float32(0) if bare[y, x] else moved


def continue_beneath(moved: np.ndarray, bare: np.ndarray, rim: np.ndarray) -> None:
    """Let the surroundings go on beneath the face, in place: were they one skin with it, another part of the
    face would be seen in each gap beside its outline.

    `moved` `(2, h, w)` px: how far samples of the texture have moved; `bare` `(h, w)` bool: those without a
    triangle; `rim` `(K, 2)`: the outline at which the surroundings end, in samples.
    """
    size = bare.shape[::-1]
    left, top = np.clip(rim.min(0).astype(int) - _BESIDE, 0, size).tolist()
    right, bottom = np.clip(rim.max(0).astype(int) + _BESIDE + 1, 0, size).tolist()
    if left >= right or top >= bottom:
        return
    box = np.s_[:, top:bottom, left:right]
    face = np.zeros((bottom - top, right - left), np.uint8)
    cv2.fillPoly(face, [np.rint(rim).astype(np.int32) - (left, top)], 1)
    # triangles of the surroundings that lie in a fold are not drawn, and leave samples beside the rim bare
    beneath = cv2.dilate(face, np.ones((5, 5), np.uint8))
    region = np.ascontiguousarray(moved[box])
    fill(region, (~bare[box[1:]] | (beneath == 0)).astype(np.float32))
    moved[box] = region
