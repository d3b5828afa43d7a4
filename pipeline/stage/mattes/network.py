"""Matting by BiRefNet: single hairs and fine edges, found by a large network.

What it gives at 1024 × 1024 px is brought to the picture's size along the picture's edges. It finds whatever
is in front, so that things which are apart from the person are left out by the embedded segmentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.faces.segmentation import person
from pipeline.stage.mattes.enlarging import enlarged

if TYPE_CHECKING:
    from pipeline.networks.birefnet import BiRefNet

_NONE, _ALL = 0.05, 0.97
"""What the network gives that counts as no alpha and as all."""
_THING = 0.05
"""Alpha from which pixels that touch each other are one thing."""
_NEAR = 0.08
"""How far from the segmented person a thing may be and still be a strand of hair, as a share of the picture's
longer side."""


class BiRefNetMatting:
    """See `pipeline.protocols.Matting`."""

    longest = 1024

    def __init__(self, network: BiRefNet) -> None:
        self._network = network

    def photo(self, image: np.ndarray, unit: float) -> np.ndarray:
        small = _reduced(image, self.longest)
        return self.finished(self.frame(small), small, image)

    def frame(self, small: np.ndarray) -> np.ndarray:
        from pipeline.inference.minibatches import in_batches

        alpha = next(in_batches(self._alphas, [small], 1))
        height, width = small.shape[:2]
        return _of_person(cv2.resize(alpha, (width, height), interpolation=cv2.INTER_LINEAR), person(small))

    def finished(self, alpha: np.ndarray, small: np.ndarray, image: np.ndarray) -> np.ndarray:
        stretched = np.clip((alpha - _NONE) / (_ALL - _NONE), 0, 1)
        return stretched if alpha.shape == image.shape[:2] else enlarged(stretched, image)

    def _alphas(self, images: list[np.ndarray]) -> list[np.ndarray]:
        """Alpha `(1024, 1024)` float32 of each picture, which is squeezed into a square, as in training."""
        from pipeline.inference.transfer import upload
        from pipeline.networks.birefnet import SIZE

        weight = next(self._network.parameters())
        squares = np.stack([cv2.resize(each, (SIZE, SIZE), interpolation=cv2.INTER_AREA) for each in images])
        pictures = upload(squares, weight.device).permute(0, 3, 1, 2).to(weight.dtype) / 255
        return list(self._network.alpha(pictures)[:, 0].cpu().numpy())


def _reduced(image: np.ndarray, longest: int) -> np.ndarray:
    """The picture at no more than `longest` px along its longer side."""
    scale = min(1.0, longest / max(image.shape))
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


def _of_person(alpha: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """Alpha without the things that are nowhere near the person; both `(h, w)` float32."""
    reach = 2 * round(_NEAR * max(alpha.shape)) + 1
    near = cv2.dilate((confidence > 0.5).astype(np.uint8), np.ones((reach, reach), np.uint8))
    _, things = cv2.connectedComponents((alpha > _THING).astype(np.uint8))
    kept = np.unique(things[near > 0])
    return np.where(np.isin(things, kept), alpha, 0).astype(np.float32)
