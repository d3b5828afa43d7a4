"""The line where closed lips meet, found in the photo's pixels.

The tracker places the inner lips a pixel or two beside the dark line between them. Cut at the tracked
landmarks, that line would stay on one lip and the mouth would open through the red of the other, so the line
is searched for.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.faces.landmarks import INNER_LOWER_LIP, INNER_UPPER_LIP, LOWER_LIP, UPPER_LIP

_CLOSED_GAP = 0.045
"""Largest gap between the inner lips, in inter-ocular distances, that counts as a closed mouth."""
_COLUMNS = 41
"""Samples along the lips."""
_STEPS = 23
"""Samples across the lips."""
_SEARCH_RANGE = 0.055
"""How far beside the tracked line the dark line is searched for, in inter-ocular distances."""
_BESIDE = 8
"""How far beside a line the lips are lighter than it, in samples across: 0.04 inter-ocular distances."""


def lips_closed(landmarks: np.ndarray, scale: float) -> bool:
    """Whether the lips of `landmarks` `(478, 3)` px touch; `scale`: px per inter-ocular distance."""
    return float(np.linalg.norm(landmarks[UPPER_LIP] - landmarks[LOWER_LIP])) / scale < _CLOSED_GAP


def snap_to_lip_line(image: np.ndarray, landmarks: np.ndarray, scale: float) -> np.ndarray:
    """The landmarks `(478, 3)` px with both inner lips on the dark line between closed lips.

    `image` `(H, W, 3)` uint8; `scale`: px per inter-ocular distance.
    """
    middle = (landmarks[list(INNER_UPPER_LIP)] + landmarks[list(INNER_LOWER_LIP)]) / 2
    along = np.linspace(0, len(middle) - 1, _COLUMNS)
    line = np.column_stack([np.interp(along, np.arange(len(middle)), middle[:, k]) for k in (0, 1)])
    across = line[-1] - line[0]
    down = np.array([-across[1], across[0]]) / np.linalg.norm(across)
    steps = np.arange(-_BESIDE, _STEPS + _BESIDE) - _STEPS // 2
    offsets = steps * _SEARCH_RANGE / (_STEPS // 2) * scale
    samples = (line[:, None] + offsets[None, :, None] * down).astype(np.float32)
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), max(0.012 * scale, 0.5))
    brightness = cv2.remap(grey.astype(np.float32), samples[..., 0], samples[..., 1], cv2.INTER_LINEAR)
    path = offsets[_BESIDE + _darkest_path(_darker(brightness))]
    # the corners stay where they were tracked
    path *= np.clip(np.minimum(along, len(middle) - 1 - along) / 1.5, 0, 1)
    path = np.convolve(np.pad(path, 2, mode="edge"), np.ones(5) / 5, "valid")
    snapped = landmarks.copy()
    for k in range(1, len(middle) - 1):
        point = middle[k].copy()
        point[:2] += np.interp(k, along, path) * down
        snapped[[INNER_UPPER_LIP[k], INNER_LOWER_LIP[k]]] = point
    return snapped


def _darker(brightness: np.ndarray) -> np.ndarray:
    """`brightness` `(columns, steps + 2 _BESIDE)` against the darker of what is above and below, in standard
    deviations, at most 0: `(columns, steps)`.

    A dark upper lip or a moustache is darker than the place where it meets the lower lip, but is no line.
    """
    beside = np.minimum(brightness[:, : -2 * _BESIDE], brightness[:, 2 * _BESIDE :])
    around = brightness[:, _BESIDE:-_BESIDE]
    return np.minimum(around - beside, 0) / max(float(around.std()), 1.0)


def _darkest_path(darkness: np.ndarray) -> np.ndarray:
    """Row index per column of the lowest smooth path through `(columns, steps)`, by dynamic programming."""
    columns, steps = darkness.shape
    off_centre = np.abs(np.arange(steps) - steps // 2) / (steps // 2)
    cost = darkness + 0.8 * off_centre**2
    jump = 0.6 * np.abs(np.arange(steps)[:, None] - np.arange(steps)[None, :])
    total, previous = cost[0].copy(), np.zeros((columns, steps), int)
    for k in range(1, columns):
        candidates = total[:, None] + jump
        previous[k] = candidates.argmin(0)
        total = candidates.min(0) + cost[k]
    path = [int(total.argmin())]
    for k in range(columns - 1, 0, -1):
        path.append(int(previous[k][path[-1]]))
    return np.array(path[::-1])
