"""SadTalker's 3-D face coefficients, extracted from a photo's square or from a video frame by frame."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import NoFaceError
from pipeline.faces.crops import box_crop
from pipeline.heads.sadtalker.align import AlignmentPoints, align, face_square

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from pipeline.networks.face_coefficients import FaceCoefficients
    from pipeline.types import Frame

_BATCH = 8
"""Faces that the network takes at once."""


def extract_coefficients(
    squares: Sequence[tuple[np.ndarray, np.ndarray]], network: FaceCoefficients
) -> np.ndarray:
    """The coefficients `(n, 73)` float32: expression 64, angles 3, translation 3, the alignment's scale and
    shift 3.

    Args:
        squares: the `(size, size, 3)` uint8 RGB picture of each face, and its five points as for `align`.
    """
    import torch

    from pipeline.networks import face_coefficients as parts

    pictures, places = zip(*(align(*square) for square in squares), strict=True)
    with torch.inference_mode():
        found = network(to_tensor(np.stack(pictures), network)).float().cpu().numpy()
    kept = (found[:, part] for part in (parts.EXPRESSION, parts.ANGLES, parts.TRANSLATION))
    return np.concatenate([*kept, np.stack(places)], 1)


def extract_video_coefficients(path: Path, network: FaceCoefficients, *, size: int, most: int) -> np.ndarray:
    """The coefficients `(n, 70)` float32 of up to `most` frames of a video at 25 fps, from the first with a
    face. A frame without a face repeats those before it.

    Args:
        size: side in px of the face's square, which is fixed at its place in the first frame.

    Raises:
        VideoError: this is not a video, or it is too long.
        NoFaceError: there is no face in it.
    """
    from pipeline.faces import open_footage
    from pipeline.inference.minibatches import in_batches
    from pipeline.networks.sadtalker_audio import EXPRESSION, FPS, POSE

    frames = open_footage(path, fps=FPS).frames()
    shown = itertools.islice(itertools.dropwhile(lambda frame: frame.landmarks is None, frames), most)
    found = list(in_batches(lambda some: extract_coefficients(some, network), _squares(shown, size), _BATCH))
    if not found:
        raise NoFaceError(f"No face can be followed in {path.name}; choose another driving video.")
    return np.stack(found)[:, : EXPRESSION + POSE]


def to_tensor(pictures: np.ndarray, network: torch.nn.Module) -> Tensor:
    """`(n, 3, H, W)` in [0, 1] on the network's device and in its precision, of `(n, H, W, 3)` uint8."""
    import torch

    like = next(network.parameters())
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).to(like) / 255


def _squares(frames: Iterator[Frame], size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The face's square in every frame from the first with a face on, and its five points."""
    box: tuple[int, int, int, int] | None = None
    last: tuple[np.ndarray, np.ndarray] | None = None
    for frame in frames:
        if frame.landmarks is not None:
            points = AlignmentPoints.of(frame.landmarks)
            height, width = frame.image.shape[:2]
            box = box or face_square(points.eyes, points.mouth, (width, height)).box
            last = box_crop(box, size=(size, size)).cut(frame.image), points.five_points(box, size)
        if last is not None:
            yield last
