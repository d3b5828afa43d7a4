"""LatentSync on a stream of frames: sixteen faces at once through the diffusion, only the mouth put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline.faces.crops import Crop, paste
from pipeline.lips.inpainter import Job, LipInpainter
from pipeline.lips.latentsync import Options
from pipeline.lips.latentsync.align import face_crop, kept, shown
from pipeline.lips.whisper_features import WhisperFeatures
from pipeline.networks.latentsync import CHUNK, LatentSync
from pipeline.types import Speech, Style

SIZE = 512
"""Side in px of the face that version 1.6 paints."""
LEAST = 32
"""Px between the eyes' outer corners of the smallest face that is painted on."""


@dataclass(frozen=True)
class Place:
    """A face cut out of a frame."""

    pixels: np.ndarray
    """`(512, 512, 3)` uint8 RGB."""
    crop: Crop


class LatentSyncLips(LipInpainter[Place]):
    """`types.Lips` by LatentSync."""

    def __init__(self, network: LatentSync, listener: WhisperFeatures, options: Options) -> None:
        """The networks are on their device and in their precision already."""
        self._network = network
        self._listener = listener
        self._options = options

    @property
    def batch(self) -> int:
        # Only frames of one chunk see each other, so its length is the network's, whatever memory there is.
        return CHUNK

    def _hear(self, speech: Iterable[Speech], fps: int) -> Iterator[Tensor]:
        return self._listener.frames(speech, fps)

    def _quiet(self) -> Tensor:
        return self._listener.silence()

    def _see(self, image: np.ndarray, landmarks: np.ndarray) -> Place | None:
        if np.linalg.norm(landmarks[33, :2] - landmarks[263, :2]) < LEAST:
            return None
        crop = face_crop(landmarks, SIZE)
        return Place(crop.cut(image), crop)

    def _paint(self, jobs: list[Job[Place]], style: Style) -> Iterable[np.ndarray]:
        like = next(self._network.parameters())
        pixels = torch.from_numpy(np.stack([job.place.pixels for job in jobs])).to(like.device)
        faces = (pixels.permute(0, 3, 1, 2) / 127.5 - 1).to(like.dtype)
        random = torch.Generator().manual_seed(style.seed)
        painted = self._network(
            faces,
            torch.from_numpy(kept(SIZE)).to(like),
            torch.stack([job.heard for job in jobs]).to(like),
            torch.randn(4, SIZE // 8, SIZE // 8, generator=random).to(like),
            steps=self._options.steps,
            guidance=self._options.guidance,
        )
        return (painted.float() * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()

    def _put_back(self, job: Job[Place], made: np.ndarray) -> np.ndarray:
        return paste(job.frame.image, made, job.place.crop, shown(SIZE))
