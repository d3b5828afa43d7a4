"""MuseTalk on a stream of frames: steady boxes, each picture encoded once, faces inpainted in batches."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from pipeline.faces.crops import Crop, box_crop
from pipeline.faces.landmarks import JAW, LOWER_NOSE_BRIDGE
from pipeline.faces.pasting import paste
from pipeline.inference import device
from pipeline.inference.caches import LruCache, digest
from pipeline.inference.transfer import Download, network_input, upload
from pipeline.lips.detail_transfer import transfer_detail
from pipeline.lips.inpainter import Arriving, LipInpainter, Sample
from pipeline.lips.musetalk.lanczos import resampled
from pipeline.lips.musetalk.mask import Box, expand_box, face_box, feather_mask, lower_region_mask
from pipeline.lips.whisper_features import WhisperFeatures
from pipeline.networks import bisenet
from pipeline.networks.musetalk import SIZE, MuseTalk
from pipeline.types import Speech, Style

_MIN_SIDE = 32
"""Side in px of the smallest face that is repainted."""
_FRAME_BYTES = 700_000_000
"""Peak activation memory of one face, in the autoencoder."""
_PARSED = (bisenet.SIZE, bisenet.SIZE)
_KEPT = 3000
"""Pictures whose encoding is kept, two minutes of video: a clip that loops or is given other words is encoded
once. Each takes 16 kB of the device's memory in half precision, and 32 kB of the computer's."""
_CHIN = 0.04
"""Room under the chin as a share of the box's height. The published 10 px amount to this on a usual face, but
are too much on a small one."""


class EncodedFace:
    """What is computed once per picture: by the network's thread, for those that crop and paste back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latents: Tensor | None = None
        self._classes: Arriving | None = None
        self._packed: np.ndarray | None = None

    @property
    def known(self) -> bool:
        """Whether the networks have run."""
        return self._latents is not None

    @property
    def latents(self) -> Tensor:
        """`(8, 32, 32)` on the device."""
        assert self._latents is not None, "a face is encoded before it is inpainted"
        return self._latents

    def fill(self, latents: Tensor, classes: Arriving) -> None:
        """Take the networks' outputs; `classes` are `(512, 512)` labels of the expanded square."""
        self._classes, self._latents = classes, latents

    def mask(self) -> np.ndarray:
        """`(512, 512)` uint8 in the expanded square: 255 where the repainted face may show."""
        with self._lock:
            if self._packed is None:
                assert self._classes is not None, "a face is encoded before it is pasted back"
                labels, self._classes = self._classes(), None
                self._packed = np.packbits(lower_region_mask(labels), axis=1)
        return 255 * np.unpackbits(self._packed, axis=1)


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
    encoded: EncodedFace
    parsed: np.ndarray | None
    """`(512, 512, 3)` uint8: the square for the face parser; None where the face is encoded already."""


@dataclass(frozen=True)
class Prepared:
    """What the networks are given for a batch of faces, on the device."""

    faces: list[EncodedFace]
    sounds: Tensor
    """`(n, 50, 384)` features."""
    new: list[EncodedFace]
    """Those that were not encoded yet when the batch was prepared, each once."""
    pictures: Tensor | None
    """The new faces `(m, 3, 256, 256)` in 0..1; None where there are none."""
    squares: Tensor | None
    """The squares around them `(m, 3, 512, 512)`, likewise."""


class MuseTalkLips(LipInpainter[FaceInput, Prepared]):
    """`protocols.Lips` by MuseTalk."""

    def __init__(self, network: MuseTalk, features: WhisperFeatures, parser: bisenet.BiSeNet) -> None:
        """The networks are on their device and in their precision already."""
        self._network = network
        self._features = features
        self._parser = parser
        self._encodings = LruCache[EncodedFace](_KEPT)

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
        pixels, surround = network_crop(image, box), square.cut(image)
        encoded = self._encodings.get(digest(pixels), EncodedFace)
        parsed = None if encoded.known else cv2.resize(surround, _PARSED, interpolation=cv2.INTER_LINEAR)
        return FaceInput(pixels, square, surround, (x0, y0, x1, y1), encoded, parsed)

    def _prepare(self, samples: list[Sample[FaceInput]]) -> Prepared:
        like, faces = next(self._network.parameters()), [sample.face for sample in samples]
        sounds = upload(torch.stack([sample.audio for sample in samples]), like.device).to(like)
        new = {id(face.encoded): face for face in faces if not face.encoded.known}
        squares = [face.parsed for face in new.values() if face.parsed is not None]
        return Prepared(
            [face.encoded for face in faces],
            sounds,
            [face.encoded for face in new.values()],
            self._to_tensor([face.pixels for face in new.values()]) if new else None,
            self._to_tensor(squares) if new else None,
        )

    def _inpaint(self, given: Prepared, style: Style) -> Tensor:
        self._encode(given)
        return self._network(torch.stack([face.latents for face in given.faces]), given.sounds)

    @property
    def _on_cuda(self) -> bool:
        return next(self._network.parameters()).device.type == "cuda"

    def _encode(self, given: Prepared) -> None:
        """Encodes the faces that are still new: the batch before may have had the same ones."""
        rows = [row for row, face in enumerate(given.new) if not face.known]
        if not rows or given.pictures is None or given.squares is None:
            return
        # As many as in the batch, where that fixes the shapes; see `minibatches.prepared`.
        lacking = len(given.faces) - len(rows) if self._on_cuda else 0
        chosen = rows + rows[-1:] * lacking
        # A copy of those that are kept: a row would keep all of the filled up batch on the device.
        latents = self._network.latents(_rows(given.pictures, chosen))[: len(rows)].clone()
        classes = Download(self._parser.classes(_rows(given.squares, chosen)))
        for row, its_latents, its_classes in zip(rows, latents, classes.rows(), strict=False):
            given.new[row].fill(its_latents, its_classes)

    def _to_tensor(self, images: list[np.ndarray]) -> Tensor:
        like = next(self._network.parameters())
        return network_input(images, like, lambda levels: levels.to(like.dtype) / 255)

    def _paste_back(self, sample: Sample[FaceInput], mouth: np.ndarray) -> np.ndarray:
        face = sample.face
        left, top, right, bottom = face.inside
        painted = face.surround.copy()
        painted[top:bottom, left:right] = transfer_detail(mouth, face.pixels, painted[top:bottom, left:right])
        mask = cv2.resize(face.encoded.mask(), face.square.size, interpolation=cv2.INTER_LINEAR)
        weights = feather_mask(mask, face.inside).astype(np.float32) / 255
        return paste(sample.frame.image, painted, face.square, weights, original=face.surround)


def network_crop(image: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """`(256, 256, 3)` uint8: the box's picture, resized with a Lanczos kernel as in training."""
    return resampled(image, box, SIZE)


def _rows(values: Tensor, rows: list[int]) -> Tensor:
    """These rows; stacked one by one, since an index from the host would be waited for."""
    return values if rows == list(range(len(values))) else torch.stack([values[row] for row in rows])
