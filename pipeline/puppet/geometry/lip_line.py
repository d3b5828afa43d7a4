"""The line where closed lips meet, found in the photo's pixels.

The tracker puts the inner lips a pixel or two beside the dark line between them. Cut there, that line would
stay on one lip and the mouth would open through the red of the other, so the line is looked for.
"""

from __future__ import annotations

import cv2
import numpy as np

from pipeline.faces.landmarks import INNER_LOWER_LIP, INNER_UPPER_LIP

CLOSED = 0.045
"""Largest gap of the inner lips, in inter-ocular distances, that counts as a closed mouth."""
COLUMNS = 41
REACH = 0.055
"""How far beside the tracked line the dark line is looked for, in inter-ocular distances."""
STEPS = 23


def closed(landmarks: np.ndarray, scale: float) -> bool:
    """Whether the photo's lips touch; `scale`: px per inter-ocular distance."""
    return float(np.linalg.norm(landmarks[13] - landmarks[14])) / scale < CLOSED


def snap(image: np.ndarray, landmarks: np.ndarray, scale: float) -> np.ndarray:
    """The landmarks `(478, 3)` with both inner lips on the dark line between closed lips."""
    middle = (landmarks[list(INNER_UPPER_LIP)] + landmarks[list(INNER_LOWER_LIP)]) / 2
    along = np.linspace(0, len(middle) - 1, COLUMNS)
    line = np.column_stack([np.interp(along, np.arange(len(middle)), middle[:, k]) for k in (0, 1)])
    across = line[-1] - line[0]
    down = np.array([-across[1], across[0]]) / np.linalg.norm(across)
    offsets = np.linspace(-REACH, REACH, STEPS) * scale
    places = (line[:, None] + offsets[None, :, None] * down).astype(np.float32)
    grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (0, 0), max(0.012 * scale, 0.5))
    light = cv2.remap(grey.astype(np.float32), places[..., 0], places[..., 1], cv2.INTER_LINEAR)
    path = offsets[_darkest_path(light)]
    # the corners stay where they were tracked
    path *= np.clip(np.minimum(along, len(middle) - 1 - along) / 1.5, 0, 1)
    path = np.convolve(np.pad(path, 2, mode="edge"), np.ones(5) / 5, "valid")
    snapped = landmarks.copy()
    for k in range(1, len(middle) - 1):
        spot = middle[k].copy()
        spot[:2] += np.interp(k, along, path) * down
        snapped[[INNER_UPPER_LIP[k], INNER_LOWER_LIP[k]]] = spot
    return snapped


def _darkest_path(light: np.ndarray) -> np.ndarray:
    """Index per column of the smooth path of least light through `(columns, steps)` (dynamic programming)."""
    columns, steps = light.shape
    beside = np.abs(np.arange(steps) - steps // 2) / (steps // 2)
    cost = light / max(float(light.std()), 1.0) + 0.8 * beside**2
    jump = 0.6 * np.abs(np.arange(steps)[:, None] - np.arange(steps)[None, :])
    total, back = cost[0].copy(), np.zeros((columns, steps), int)
    for k in range(1, columns):
        way = total[:, None] + jump
        back[k] = way.argmin(0)
        total = way.min(0) + cost[k]
    path = [int(total.argmin())]
    for k in range(columns - 1, 0, -1):
        path.append(int(back[k][path[-1]]))
    return np.array(path[::-1])
