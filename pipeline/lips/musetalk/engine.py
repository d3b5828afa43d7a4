"""MuseTalk on a stream of frames: steady boxes, each picture encoded once, faces inpainted in batches."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import Tensor

from pipeline import device
from pipeline.faces.crops import Crop, box_crop, paste
from pipeline.faces.landmarks import JAW, LOWER_NOSE_BRIDGE
from pipeline.lips.detail_transfer import transfer_detail
from pipeline.lips.inpainter import LipInpainter, Sample
from pipeline.lips.musetalk.mask import Box, expand_box, face_box, feather_mask, region_mask
from pipeline.lips.whisper_features import WhisperFeatures
from pipeline.networks import bisenet
from pipeline.networks.musetalk import SIZE, MuseTalk
from pipeline.types import Speech, Style

_MIN_SIDE = 32
"""Side in px of the smallest face that is repainted."""
_FRAME_BYTES = 700_000_000
"""Peak activation memory of one face, in the autoencoder."""
_CACHED = 250
"""Pictures whose encoding is cached: a video that loops to the length of the speech is encoded once."""
_CHIN = 0.04
"""Room under the chin as a share of the box's height. The published 10 px amount to this on a usual face, but
are too much on a small one."""


class EncodedFace(NamedTuple):
    """What is computed once per picture."""

    latents: Tensor
    """`(8, 32, 32)`"""
    mask: np.ndarray
    """`(512, 512)` uint8 in the expanded square: 255 where the repainted face may show."""


@dataclass(frozen=True)
class FaceInput:
    """A cropped face, and the square around it."""

    pixels: np.ndarray
    """`(256, 256, 3)` uint8 RGB."""
    square: Crop
    """The expanded square at the frame's own resolution."""
    surround: np.ndarray
    """`(n, n, 3)` uint8, the picture in the square."""
    inside: Box
    """Where in the square the face lies."""

    @cached_property
    def key(self) -> bytes:
        """Digest of the picture, for the cache."""
        return blake2b(self.pixels.tobytes(), digest_size=16).digest()


class MuseTalkLips(LipInpainter[FaceInput]):
    """`protocols.Lips` by MuseTalk."""

    def __init__(self, network: MuseTalk, features: WhisperFeatures, parser: bisenet.BiSeNet) -> None:
        """The networks are on their device and in their precision already."""
        self._network = network
        self._features = features
        self._parser = parser
        self._cache: OrderedDict[bytes, EncodedFace] = OrderedDict()

    @property
    def batch(self) -> int:
        where = next(self._network.parameters()).device
        return device.batch_size(where, _FRAME_BYTES, most=20)

    def _audio_features(self, speech: Iterable[Speech], fps: int) -> Iterator[Tensor]:
        return self._features.frames(speech, fps)

    def _silent_features(self) -> Tensor:
        return self._features.silence()

    def _crop_face(self, image: np.ndarray, landmarks: np.ndarray) -> FaceInput | None:
        left, top, right, bottom = face_box(landmarks[list(JAW), :2], float(landmarks[LOWER_NOSE_BRIDGE, 1]))
        box = left, top, right, bottom + _CHIN * (bottom - top)
        if min(right - left, bottom - top) < _MIN_SIDE:
            return None
        around = expand_box(box)
        side = round(around[2] - around[0])
        square = box_crop(around, size=(side, side))
        corners = square.place(np.array([box[:2], box[2:]]) - 0.5) + 0.5
        x0, y0, x1, y1 = np.rint(corners).astype(int).ravel().tolist()
        return FaceInput(network_crop(image, box), square, square.cut(image), inside=(x0, y0, x1, y1))

    def _inpaint(self, samples: list[Sample[FaceInput]], style: Style) -> Iterable[np.ndarray]:
        self._encode([sample.face for sample in samples])
        latents = torch.stack([self._cache[sample.face.key].latents for sample in samples])
        audio = torch.stack([sample.audio for sample in samples]).to(latents)
        levels = (self._network(latents, audio).float() * 255).round().byte()
        return levels.permute(0, 2, 3, 1).cpu().numpy()

    def _encode(self, faces: list[FaceInput]) -> None:
        """Encodes the pictures that are new, and evicts those that were used longest ago."""
        new = {face.key: face for face in faces if face.key not in self._cache}
        if new:
            self._cache.update(zip(new, self._encoded(list(new.values())), strict=True))
        for face in faces:
            self._cache.move_to_end(face.key)
        while len(self._cache) > max(_CACHED, len(faces)):
            self._cache.popitem(last=False)

    def _encoded(self, faces: list[FaceInput]) -> Iterator[EncodedFace]:
        latents = self._network.latents(self._to_tensor([face.pixels for face in faces]))
        size = (bisenet.SIZE, bisenet.SIZE)
        squares = [cv2.resize(face.surround, size, interpolation=cv2.INTER_LINEAR) for face in faces]
        classes = self._parser.classes(self._to_tensor(squares)).cpu().numpy()
        return map(EncodedFace, latents, map(region_mask, classes))

    def _to_tensor(self, images: list[np.ndarray]) -> Tensor:
        like = next(self._network.parameters())
        return torch.from_numpy(np.stack(images)).to(like.device).permute(0, 3, 1, 2).to(like.dtype) / 255

    def _paste_back(self, sample: Sample[FaceInput], mouth: np.ndarray) -> np.ndarray:
        face = sample.face
        left, top, right, bottom = face.inside
        painted = face.surround.copy()
        painted[top:bottom, left:right] = transfer_detail(mouth, face.pixels, painted[top:bottom, left:right])
        mask = cv2.resize(self._cache[face.key].mask, face.square.size, interpolation=cv2.INTER_LINEAR)
        weights = feather_mask(mask, face.inside).astype(np.float32) / 255
        return paste(sample.frame.image, painted, face.square, weights)


def network_crop(image: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """`(256, 256, 3)` uint8: the box's picture, resized with a Lanczos kernel as in training."""
    into = box_crop(box, size=(SIZE, SIZE)).into
    return cv2.warpAffine(
        image, into, (SIZE, SIZE), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
    )
