"""LatentSync on a stream of frames: sixteen faces denoised at a time, and only the mouth pasted back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.faces.crops import Crop
from pipeline.faces.landmarks import LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from pipeline.faces.pasting import paste
from pipeline.inference.transfer import network_input, upload
from pipeline.lips.inpainter import LipInpainter, Sample
from pipeline.lips.latentsync import Options
from pipeline.lips.latentsync.align import blend_mask, face_crop, keep_mask
from pipeline.lips.whisper_features import WhisperFeatures
from pipeline.networks.latentsync import CHUNK, LatentSync
from pipeline.types import Speech, Style

_SIZE = 512
"""Side in px of the face that version 1.6 paints."""
_MIN_EYES = 32
"""Least distance in px between the outer corners of the eyes for a face to be repainted."""


@dataclass(frozen=True)
class FaceInput:
    """A cropped face."""

    pixels: np.ndarray
    """`(512, 512, 3)` uint8 RGB."""
    crop: Crop


class LatentSyncLips(LipInpainter[FaceInput, tuple[Tensor, Tensor]]):
    """`protocols.Lips` by LatentSync."""

    independent = False

    def __init__(self, network: LatentSync, features: WhisperFeatures, options: Options) -> None:
        """The networks are on their device and in their precision already."""
        self._network = network
        self._features = features
        self._options = options

    @property
    def batch(self) -> int:
        # The frames of one chunk attend to each other, so its length is fixed, whatever memory there is.
        return CHUNK

    def _audio_features(self, speech: Iterable[Speech], fps: int) -> Iterator[Tensor]:
        return self._features.frames(speech, fps)

    def _silent_features(self) -> Tensor:
        return self._features.silence()

    def _crop_face(self, image: np.ndarray, landmarks: np.ndarray) -> FaceInput | None:
        if np.linalg.norm(landmarks[RIGHT_EYE_OUTER, :2] - landmarks[LEFT_EYE_OUTER, :2]) < _MIN_EYES:
            return None
        crop = face_crop(landmarks, _SIZE)
        return FaceInput(crop.cut(image), crop)

    def _prepare(self, samples: list[Sample[FaceInput]]) -> tuple[Tensor, Tensor]:
        """Faces `(n, 3, 512, 512)` in -1..1, and their sounds."""
        like = next(self._network.parameters())
        faces = network_input(
            [sample.face.pixels for sample in samples], like, lambda levels: (levels / 127.5).sub_(1)
        )
        return faces, upload(torch.stack([sample.audio for sample in samples]), like.device).to(like)

    def _inpaint(self, given: tuple[Tensor, Tensor], style: Style) -> Tensor:
        (faces, sounds), like = given, next(self._network.parameters())
        random = torch.Generator().manual_seed(style.seed)
        return self._network(
            faces,
            upload(keep_mask(_SIZE), like.device).to(like),
            sounds,
            upload(torch.randn(4, _SIZE // 8, _SIZE // 8, generator=random), like.device).to(like),
            steps=self._options.steps,
            guidance=self._options.guidance,
        )

    def _paste_back(self, sample: Sample[FaceInput], mouth: np.ndarray) -> np.ndarray:
        face = sample.face
        return paste(sample.frame.image, mouth, face.crop, blend_mask(_SIZE), original=face.pixels)
