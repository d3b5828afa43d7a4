"""Face alignment for LatentSync, and the masks of what it keeps and what it repaints."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from pipeline.faces.crops import Crop
from pipeline.faces.landmarks import EYES, NOSE_68, UPPER_BROW

_TEMPLATE = np.array([[17, 20], [58, 20], [37.5, 40]])
"""Centres of both brows and of the nose."""
_FRAME = np.array([75, 100])
"""Width and height of the picture in which the template's points lie."""
_SCALE = 2.8
"""Template px to px of a face of 256 px."""

# fmt: off
_REPAINTED = np.array([
    (9, 95), (9, 135), (10, 136), (10, 149), (11, 150), (11, 163), (12, 164), (12, 170), (15, 175),
    (16, 178), (18, 180), (19, 183), (21, 185), (22, 188), (26, 192), (26, 193), (34, 201), (34, 202),
    (40, 208), (41, 208), (45, 212), (46, 212), (49, 215), (50, 215), (52, 217), (55, 218), (60, 222),
    (82, 233), (84, 233), (87, 235), (89, 235), (90, 236), (92, 236), (95, 238), (98, 238), (99, 239),
    (103, 239), (104, 240), (107, 240), (108, 241), (130, 241), (131, 242), (152, 242), (153, 241),
    (156, 241), (157, 240), (160, 240), (161, 239), (164, 239), (169, 236), (171, 236), (176, 233),
    (178, 233), (181, 231), (183, 231), (188, 228), (191, 227), (193, 225), (196, 224), (198, 222),
    (199, 222), (201, 220), (202, 220), (205, 217), (206, 217), (209, 214), (210, 214), (223, 201),
    (223, 200), (228, 195), (228, 194), (230, 192), (230, 191), (232, 189), (232, 188), (234, 186),
    (234, 185), (236, 183), (236, 182), (240, 177), (244, 169), (244, 163), (245, 162), (245, 149),
    (246, 148), (246, 135), (247, 134), (247, 128), (246, 127), (246, 95), (178, 95), (178, 127),
    (177, 128), (78, 128), (77, 127), (77, 95),
])
# fmt: on
"""Outline on 256 x 256 px of the region that the network was trained to repaint: below the eyes, without the
nose."""


def template(size: int) -> np.ndarray:
    """`(3, 2)` px: the target positions of brows and nose for a face of `size` px."""
    return _TEMPLATE * (size / 256 * _SCALE)


def similarity(
    points: np.ndarray, target: np.ndarray, *, before: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The similarity transform that maps `points` onto `target` (Procrustes), and its bias.

    Args:
        points: `(3, 2)` px, the nose last.
        target: `(3, 2)` px.
        before: the previous frame's bias, to smooth over time as the published program does, whose points
            jitter.

    Returns:
        `(2, 3)` and the bias `(2,)`: the nose's residual where both triangles have unit size. The network was
        trained on crops that are shifted by it, as if it were px.
    """
    middles = points.mean(0), target.mean(0)
    centred = [side - middle for side, middle in zip((points, target), middles, strict=True)]
    sizes = [side.std(ddof=1) for side in centred]
    ours, theirs = (side / size for side, size in zip(centred, sizes, strict=True))
    left, _, right = np.linalg.svd(ours.T @ theirs)
    flip = np.diag([1, np.sign(np.linalg.det(left @ right))])
    linear = (left @ flip @ right).T * (sizes[1] / sizes[0])
    bias = theirs[2] - ours[2]
    if before is not None:
        bias = 0.2 * before + 0.8 * bias
    return np.column_stack([linear, middles[1] - linear @ middles[0] + bias]), bias


def alignment_points(landmarks: np.ndarray) -> np.ndarray:
    """`(3, 2)` centres of the right brow, the left brow and the nose, of landmarks `(478, 2 or more)`."""
    points = landmarks[:, :2].astype(np.float64)
    return np.stack([points[list(part)].mean(0) for part in (*(UPPER_BROW[eye] for eye in EYES), NOSE_68)])


def face_crop(landmarks: np.ndarray, size: int) -> Crop:
    """The network's input of `size` px: an aligned crop of a face with landmarks `(478, 3)`.

    The template's picture is taller than wide and is squeezed into a square.
    """
    into, _ = similarity(alignment_points(landmarks), template(size))
    squeeze = size / np.floor(_FRAME * (size / 256 * _SCALE))
    # Pixel centres are mapped as resizing maps them.
    into = into * squeeze[:, None]
    into[:, 2] += 0.5 * squeeze - 0.5
    return Crop(into, (size, size))


@cache
def keep_mask(size: int) -> np.ndarray:
    """`(size, size)` float32: 1 where the face is kept, 0 where it is repainted.

    Beyond 256 px its border is as soft as the resizing makes it: the network was trained and is used with
    that.
    """
    mask = np.full((256, 256), 255, np.uint8)
    cv2.fillPoly(mask, [_REPAINTED.astype(np.int32)], 0)
    return cv2.resize(mask, (size, size), interpolation=cv2.INTER_LANCZOS4).astype(np.float32) / 255


@cache
def blend_mask(size: int) -> np.ndarray:
    """`(size, size)` float32 in [0, 1]: opacity of the new face, feathered inside the repainted region."""
    soft = size // 32
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * soft + 1, 2 * soft + 1))
    inner = cv2.erode((keep_mask(size) < 0.5).astype(np.float32), kernel)
    return cv2.GaussianBlur(inner, (2 * soft + 1, 2 * soft + 1), 0)
