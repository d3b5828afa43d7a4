"""The compiled loop over the pixels of a picture with a high dynamic range or wide colours."""

from __future__ import annotations

import numba
import numpy as np

from pipeline.video.hdr_levels import PEAK


@numba.njit(nogil=True, cache=True)
def convert(
    image: np.ndarray,
    shift: int,
    linear: np.ndarray,
    scene: np.ndarray,
    matrix: np.ndarray,
    knee: np.float32,
    signal: np.ndarray,
    out: np.ndarray,
) -> None:
    """Write `image` `(H, W, 3)`, uint8 or uint16, into `out` `(H, W, 3)` uint8.

    `linear` and `signal` are the tables from codes to light and back, `matrix` goes between the primaries,
    light above the `knee` is compressed, and `scene` is empty but for HLG.
    """
    top = np.float32(len(signal) - 1)
    half, zero, one = np.float32(0.5), np.float32(0), np.float32(1)
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            r = linear[image[i, j, 0] >> shift]
            g = linear[image[i, j, 1] >> shift]
            b = linear[image[i, j, 2] >> shift]
            if len(scene):
                luminance = np.float32(0.2627) * r + np.float32(0.6780) * g + np.float32(0.0593) * b
                gain = scene[int(luminance * np.float32(len(scene) - 1) + half)]
                r, g, b = gain * r, gain * g, gain * b
            x = max(matrix[0, 0] * r + matrix[0, 1] * g + matrix[0, 2] * b, zero)
            y = max(matrix[1, 0] * r + matrix[1, 1] * g + matrix[1, 2] * b, zero)
            z = max(matrix[2, 0] * r + matrix[2, 1] * g + matrix[2, 2] * b, zero)
            peak = max(x, y, z)
            if peak > knee:
                # Scaling all three by the brightest keeps the hue.
                gain = _compressed(peak, knee) / peak
                x, y, z = gain * x, gain * y, gain * z
            out[i, j, 0] = signal[int(min(x, one) * top + half)]
            out[i, j, 1] = signal[int(min(y, one) * top + half)]
            out[i, j, 2] = signal[int(min(z, one) * top + half)]


@numba.njit(inline="always")
def _compressed(light: np.float32, knee: np.float32) -> np.float32:
    """Reinhard's extended curve above the knee: its slope is 1 there, and the peak becomes 1."""
    room = np.float32(1) - knee
    over = (light - knee) / room
    most = (np.float32(PEAK) - knee) / room
    return knee + room * min(
        over * (np.float32(1) + over / (most * most)) / (np.float32(1) + over), np.float32(1)
    )
