"""Closed-form matting: how much of each pixel of an unknown band is the person.

Levin, Lischinski and Weiss, "A closed-form solution to natural image matting", 2008: in every window of 3 ×
3 pixels, alpha is taken to be a linear function of the colours, which gives a sparse linear system. It is
written here on SciPy, for the band alone: the library for it, pymatting, compiles for half a minute when it
is first imported, and then takes longer over the same photo.
"""

from __future__ import annotations

from itertools import product

import cv2
import numpy as np
from scipy import sparse

_EPSILON = 1e-6
"""Regularisation of the colours' covariance in a window, for colours in [0, 1]."""
_MOST_STEPS = 900
_PRECISE = 1e-5
"""Residual, relative to the right-hand side, at which the iteration ends."""
_BLOCK = 1 << 14
"""Windows computed at once, so that only their results take memory."""
_NEIGHBOURS = tuple(product((-1, 0, 1), repeat=2))


def solve_alpha(
    image: np.ndarray, trimap: np.ndarray, guess: np.ndarray, *, trust: float = 0.0
) -> np.ndarray:
    """Alpha `(h, w)` float32 in [0, 1].

    Args:
        image: `(h, w, 3)` float32 in [0, 1].
        trimap: `(h, w)`: 1 where alpha is 1, 0 where it is 0, 0.5 where it is sought.
        guess: `(h, w)` float32 from which the iteration starts.
        trust: weight of the guess beside the colours, which decides where they are alike on both sides.
    """
    alpha = trimap.astype(np.float32).ravel()
    unknown, known = np.flatnonzero(alpha == 0.5), np.flatnonzero(alpha == 1)
    if not len(unknown):
        return alpha.reshape(trimap.shape)
    rows = _laplacian(image, trimap == 0.5)[unknown]
    likely = guess.ravel()[unknown].astype(np.float32)
    right = np.float32(trust) * likely - np.asarray(rows[:, known].sum(1), np.float32).ravel()
    trusted = np.float32(trust) * sparse.eye(len(unknown), dtype=np.float32)
    found = _solve((rows[:, unknown] + trusted).tocsr(), right, likely)
    alpha[unknown] = np.clip(found, 0, 1)
    return alpha.reshape(trimap.shape)


def _laplacian(image: np.ndarray, unknown: np.ndarray) -> sparse.csr_matrix:
    """The matting Laplacian of all windows that touch an unknown pixel."""
    height, width = unknown.shape
    near = cv2.dilate(unknown.astype(np.uint8), np.ones((3, 3), np.uint8))
    near[[0, -1]] = 0
    near[:, [0, -1]] = 0
    steps = np.array([down * width + right for down, right in _NEIGHBOURS], np.int32)
    pixels = np.flatnonzero(near).astype(np.int32)[:, None] + steps
    colours = image.reshape(-1, 3)
    entries = np.concatenate(
        [_window(colours[pixels[at : at + _BLOCK]]) for at in range(0, len(pixels), _BLOCK)]
    )
    where = np.repeat(pixels, 9, 1).ravel(), np.tile(pixels, (1, 9)).ravel()
    count = height * width
    return sparse.csr_matrix((entries.ravel(), where), shape=(count, count))


def _window(colours: np.ndarray) -> np.ndarray:
    """What the windows `(n, 9, 3)` of colours add to the Laplacian: `(n, 9, 9)` float32."""
    colours = colours.astype(np.float64)
    colours -= colours.mean(1, keepdims=True)
    across = colours.transpose(0, 2, 1)
    covariance = (across @ colours + _EPSILON * np.eye(3)) / 9
    affinity = (1 + colours @ np.linalg.inv(covariance) @ across) / 9
    return (np.eye(9) - affinity).astype(np.float32)


def _solve(matrix: sparse.csr_matrix, right: np.ndarray, start: np.ndarray) -> np.ndarray:
    """The solution of a symmetric system by conjugate gradients, preconditioned by its diagonal."""
    inverse = 1 / np.maximum(matrix.diagonal(), 1e-6)
    found, residual = start, right - matrix @ start
    scaled = inverse * residual
    direction, product_before = scaled.copy(), residual @ scaled
    enough = _PRECISE * float(np.linalg.norm(right)) + 1e-6
    for _ in range(_MOST_STEPS):
        if float(np.linalg.norm(residual)) < enough:
            break
        moved = matrix @ direction
        step = product_before / (direction @ moved)
        found, residual = found + step * direction, residual - step * moved
        scaled = inverse * residual
        product_now = residual @ scaled
        direction = scaled + (product_now / product_before) * direction
        product_before = product_now
    return found
