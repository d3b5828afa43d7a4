"""MuseTalk on a stream of frames: steady boxes, features once per picture, faces painted in batches."""

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
from pipeline.lips.detail_transfer import detailed
from pipeline.lips.inpainter import Job, LipInpainter
from pipeline.lips.musetalk.mask import Box, expanded, half_box, region_mask, soft_mask
from pipeline.lips.whisper_features import WhisperFeatures
from pipeline.networks import bisenet
from pipeline.networks.musetalk import SIZE, MuseTalk
from pipeline.types import Speech, Style

LEAST = 32
"""Side in px of the smallest face that is painted on."""
FRAME_BYTES = 700_000_000
"""Memory that one face takes at the autoencoder's widest place."""
KEPT = 250
"""Pictures whose features are kept: a video that is looped to the length of the words is seen once."""

_BRIDGE = 195
"""The landmark on the lower nose bridge: point 29 of the 68 that the network was trained with."""
_JAW = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454)
_CHIN = 0.04
"""Room under the chin as a share of the box's height. The published 10 px are this on a usual face, but too
much on a small one."""


class Features(NamedTuple):
    """What is computed once per picture."""

    latents: Tensor
    """`(8, 32, 32)`"""
    mask: np.ndarray
    """`(512, 512)` uint8 in the expanded square: where the painted face may show."""


@dataclass(frozen=True)
class Place:
    """A face cut out of a frame, and the square around it."""

    pixels: np.ndarray
    """`(256, 256, 3)` uint8 RGB."""
    square: Crop
    """The expanded square at the frame's own resolution."""
    surround: np.ndarray
    """`(n, n, 3)` uint8, what the square holds."""
    inside: Box
    """Where in the square the face is."""

    @cached_property
    def key(self) -> bytes:
        """The same for equal pictures."""
        return blake2b(self.pixels.tobytes(), digest_size=16).digest()


def seen(image: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """`(256, 256, 3)` uint8: what is in the box, scaled by Lanczos's filter as in the training."""
    into = box_crop(box, size=(SIZE, SIZE)).into
    return cv2.warpAffine(
        image, into, (SIZE, SIZE), flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE
    )


class MuseTalkLips(LipInpainter[Place]):
    """`types.Lips` by MuseTalk."""

    def __init__(self, network: MuseTalk, listener: WhisperFeatures, parser: bisenet.BiSeNet) -> None:
        """The networks are on their device and in their precision already."""
        self._network = network
        self._listener = listener
        self._parser = parser
        self._known: OrderedDict[bytes, Features] = OrderedDict()

    @property
    def batch(self) -> int:
        where = next(self._network.parameters()).device
        return device.batch_size(where, FRAME_BYTES, most=20)

    def _hear(self, speech: Iterable[Speech], fps: int) -> Iterator[Tensor]:
        return self._listener.frames(speech, fps)

    def _quiet(self) -> Tensor:
        return self._listener.silence()

    def _see(self, image: np.ndarray, landmarks: np.ndarray) -> Place | None:
        left, top, right, bottom = half_box(landmarks[list(_JAW), :2], float(landmarks[_BRIDGE, 1]))
        box = left, top, right, bottom + _CHIN * (bottom - top)
        if min(right - left, bottom - top) < LEAST:
            return None
        around = expanded(box)
        side = round(around[2] - around[0])
        square = box_crop(around, size=(side, side))
        corners = square.place(np.array([box[:2], box[2:]]) - 0.5) + 0.5
        return Place(
            pixels=seen(image, box),
            square=square,
            surround=square.cut(image),
            inside=tuple(np.rint(corners).astype(int).ravel().tolist()),
        )

    def _paint(self, jobs: list[Job[Place]], style: Style) -> Iterable[np.ndarray]:
        self._learn([job.place for job in jobs])
        latents = torch.stack([self._known[job.place.key].latents for job in jobs])
        heard = torch.stack([job.heard for job in jobs]).to(latents)
        levels = (self._network(latents, heard).float() * 255).round().byte()
        return levels.permute(0, 2, 3, 1).cpu().numpy()

    def _learn(self, places: list[Place]) -> None:
        """Computes the features of those pictures that are new, and forgets those not seen for long."""
        new = {place.key: place for place in places if place.key not in self._known}
        if new:
            self._known.update(zip(new, self._computed(list(new.values())), strict=True))
        for place in places:
            self._known.move_to_end(place.key)
        while len(self._known) > max(KEPT, len(places)):
            self._known.popitem(last=False)

    def _computed(self, places: list[Place]) -> Iterator[Features]:
        latents = self._network.latents(self._pictures([place.pixels for place in places]))
        size = (bisenet.SIZE, bisenet.SIZE)
        squares = [cv2.resize(place.surround, size, interpolation=cv2.INTER_LINEAR) for place in places]
        classes = self._parser.classes(self._pictures(squares)).cpu().numpy()
        return map(Features, latents, map(region_mask, classes))

    def _pictures(self, images: list[np.ndarray]) -> Tensor:
        like = next(self._network.parameters())
        return torch.from_numpy(np.stack(images)).to(like.device).permute(0, 3, 1, 2).to(like.dtype) / 255

    def _put_back(self, job: Job[Place], made: np.ndarray) -> np.ndarray:
        place = job.place
        left, top, right, bottom = place.inside
        painted = place.surround.copy()
        painted[top:bottom, left:right] = detailed(made, place.pixels, painted[top:bottom, left:right])
        mask = cv2.resize(self._known[place.key].mask, place.square.size, interpolation=cv2.INTER_LINEAR)
        weights = soft_mask(mask, place.inside).astype(np.float32) / 255
        return paste(job.frame.image, painted, place.square, weights)
