"""Hands in a picture, found by MediaPipe's palm detector and confirmed by its hand landmarker.

The detector alone takes ears, necks and whole faces for palms at any threshold that finds real ones; the
landmarker's confidence tells them apart: on some three hundred frames of seventy videos and nine portraits
every hand that the detector proposed scored above 0.95, and everything else below 0.9.

Both networks (Apache-2.0, embedded in `assets/models`) run in OpenCV: MediaPipe's own graph needs them in a
bundle that no package ships.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from pipeline.faces.mediapipe_runtime import model_path
from pipeline.inference.weights import loading

_SIDE = 192
"""Side in px of the detector's input."""
_GRIDS = ((24, 2), (12, 6))
"""Cells along a side of the detector's grids, and the anchors in each of their cells."""
_CANDIDATE = 0.4
"""Probability from which something is looked at more closely."""
_OVERLAP = 0.3
"""Intersection over union above which two candidates are one."""

_HAND_SIDE = 224
"""Side in px of the landmarker's input."""
_REACH = 2.6
"""Side of the landmarker's view over that of the palm's box."""
_LIFT = 0.5
"""Distance from the palm's centre to the view's, towards the fingers, over the side of the palm's box."""
_WRIST, _MIDDLE_KNUCKLE = 0, 2
"""Keypoints of the detector."""
_CONFIRMED = 0.93
"""Confidence of the landmarker from which it is a hand."""
_CONFIDENCE, _POINTS = 1, 63
"""Values in the landmarker's outputs: the confidence, and 21 points with three coordinates each."""


@dataclass(frozen=True, eq=False)
class _Palm:
    centre: np.ndarray
    """`(2,)` px."""
    side: float
    """Side of its box in px."""
    up: np.ndarray
    """`(2,)` unit vector from the wrist to the middle finger's knuckle."""


def find_hands(image: np.ndarray) -> list[np.ndarray]:
    """The hands in a picture, surest first.

    Args:
        image: `(H, W, 3)` uint8 RGB; a hand should be larger than a tenth of it.

    Returns:
        For each hand 21 landmarks as `(21, 2)` float32 in px, from the wrist to the fingertips.

    Raises:
        CheckpointError: a model file is missing or damaged.
    """
    hands = (_hand(image, palm) for palm in _palms(image))
    return [hand for hand in hands if hand is not None]


def _palms(image: np.ndarray) -> list[_Palm]:
    height, width = image.shape[:2]
    scale = _SIDE / max(height, width)
    small = cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    margin = (np.array([_SIDE, _SIDE]) - small.shape[1::-1]) // 2
    square = np.zeros((_SIDE, _SIDE, 3), np.float32)
    square[margin[1] :, margin[0] :][: small.shape[0], : small.shape[1]] = small / np.float32(255)
    outputs = _network("palm_detector.tflite")(square)
    boxes, logits = sorted(outputs, key=lambda output: -output.shape[-1])
    probabilities = 1 / (1 + np.exp(-np.clip(logits.reshape(-1), -60, 60)))
    chosen = np.flatnonzero(probabilities > _CANDIDATE)
    if not len(chosen):
        return []
    # A box is its centre and size, then seven keypoints, in pixels; places are relative to the anchor.
    values = boxes.reshape(len(probabilities), -1, 2)[chosen]
    values[:, [0, *range(2, values.shape[1])]] += _anchors()[chosen][:, None] * _SIDE
    centres, keypoints = (values[:, 0] - margin) / scale, (values[:, 2:] - margin) / scale
    sizes = np.abs(values[:, 1]) / scale
    corners = np.concatenate([centres - sizes / 2, sizes], axis=1)
    kept = cv2.dnn.NMSBoxes(corners.tolist(), probabilities[chosen].tolist(), _CANDIDATE, _OVERLAP)
    palms = []
    for index in np.asarray(kept, int).reshape(-1):
        along = keypoints[index, _MIDDLE_KNUCKLE] - keypoints[index, _WRIST]
        up = along / max(float(np.linalg.norm(along)), 1e-6)
        palms.append(_Palm(centres[index], float(sizes[index].max()), up))
    return palms


def _hand(image: np.ndarray, palm: _Palm) -> np.ndarray | None:
    """A palm's 21 landmarks, `(21, 2)` float32 px; None if the landmarker sees no hand there."""
    half = palm.side * _REACH / 2
    middle = palm.centre + palm.up * palm.side * _LIFT
    right = np.array([-palm.up[1], palm.up[0]])
    corners = np.array(
        [
            middle + half * (palm.up - right),
            middle + half * (palm.up + right),
            middle - half * (palm.up + right),
        ],
        np.float32,
    )
    targets = np.array([[0, 0], [_HAND_SIDE, 0], [0, _HAND_SIDE]], np.float32)
    to_view = cv2.getAffineTransform(corners, targets)
    view = cv2.warpAffine(image, to_view, (_HAND_SIDE, _HAND_SIDE), borderMode=cv2.BORDER_REPLICATE)
    outputs = _network("hand_landmarker.tflite")(view / np.float32(255))
    # Two outputs have one value: the confidence, then which hand it is. Two have the points, in pixels first.
    confidence = next(output for output in outputs if output.size == _CONFIDENCE)
    if float(confidence.reshape(-1)[0]) < _CONFIRMED:
        return None
    points = next(output for output in outputs if output.size == _POINTS).reshape(-1, 3)[:, :2]
    back = cv2.invertAffineTransform(to_view)
    return np.asarray(points @ back[:, :2].T + back[:, 2], np.float32)


@cache
def _anchors() -> np.ndarray:
    """`(2016, 2)` float32: the centres of the detector's anchors, 0 to 1 over its input."""
    parts = []
    for cells, anchors in _GRIDS:
        centres = (np.arange(cells, dtype=np.float32) + 0.5) / cells
        grid = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)
        parts.append(grid.repeat(anchors, axis=0))
    return np.concatenate(parts)


class _Network:
    """A TFLite network in OpenCV; threads may share it."""

    def __init__(self, name: str) -> None:
        path = model_path(name)
        with loading(path):
            self._network = cv2.dnn.readNetFromTFLite(str(path))
        self._outputs = self._network.getUnconnectedOutLayersNames()
        self._lock = threading.Lock()

    def __call__(self, picture: np.ndarray) -> list[np.ndarray]:
        """Its outputs for an `(S, S, 3)` float32 RGB picture, 0 to 1."""
        with self._lock:
            self._network.setInput(np.ascontiguousarray(picture.transpose(2, 0, 1)[None]))
            return [np.array(output) for output in self._network.forward(self._outputs)]


@cache
def _network(name: str) -> _Network:
    return _Network(name)
