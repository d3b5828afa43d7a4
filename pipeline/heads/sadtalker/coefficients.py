"""SadTalker's reading of faces: the 3D coefficients of a photo's square, and of a video frame by frame."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import NoFaceError
from pipeline.faces.crops import box_crop
from pipeline.heads.sadtalker.align import Anchors, align, face_square

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from pipeline.networks.face_coefficients import FaceCoefficients
    from pipeline.types import Frame

_AT_ONCE = 8


def measured(squares: Sequence[tuple[np.ndarray, np.ndarray]], network: FaceCoefficients) -> np.ndarray:
    """The coefficients `(n, 73)` float32: expression 64, angles 3, translation 3, the alignment's scale and
    shift 3.

    Args:
        squares: each face's `(size, size, 3)` uint8 RGB picture and its five points, as `align` takes them.
    """
    import torch

    from pipeline.networks import face_coefficients as parts

    pictures, places = zip(*(align(*square) for square in squares), strict=True)
    with torch.inference_mode():
        found = network(tensor(np.stack(pictures), network)).float().cpu().numpy()
    kept = (found[:, part] for part in (parts.EXPRESSION, parts.ANGLES, parts.TRANSLATION))
    return np.concatenate([*kept, np.stack(places)], 1)


def measured_video(path: Path, network: FaceCoefficients, *, size: int, most: int) -> np.ndarray:
    """The coefficients `(n, 70)` float32 of up to `most` frames of a video, 25 a second, from the first with
    a face on. A frame without one keeps what the frame before it has.

    Args:
        size: side in px of the face's square, which stays where it is in the first frame.

    Raises:
        VideoError: this is no video, or too long a one.
        NoFaceError: nobody can be followed in it.
    """
    from pipeline import device
    from pipeline.faces import open_footage
    from pipeline.networks.sadtalker_audio import EXPRESSION, FPS, POSE

    frames = open_footage(path, fps=FPS).frames()
    shown = itertools.islice(itertools.dropwhile(lambda frame: frame.landmarks is None, frames), most)
    found = list(device.in_batches(lambda some: measured(some, network), _squares(shown, size), _AT_ONCE))
    if not found:
        raise NoFaceError(f"No face can be followed in {path.name}; choose another video to move by.")
    return np.stack(found)[:, : EXPRESSION + POSE]


def tensor(pictures: np.ndarray, network: torch.nn.Module) -> Tensor:
    """`(n, 3, H, W)` in [0, 1] where the network is, of `(n, H, W, 3)` uint8."""
    import torch

    like = next(network.parameters())
    return torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).to(like) / 255


def _squares(frames: Iterator[Frame], size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The first face's square in every frame, and where the face's points are in it."""
    box = found = None
    for frame in frames:
        if frame.landmarks is not None:
            anchors = Anchors.of(frame.landmarks)
            if box is None:
                box = face_square(anchors.eyes, anchors.mouth, frame.image.shape[1::-1]).box
            square = box_crop(box, size=(size, size)).cut(frame.image)
            found = square, anchors.within(box, size)
        yield found
