"""Wav2Lip on a stream of frames: faces cropped to 96 px, inpainted in batches, the lower face pasted back."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from pipeline.faces.crops import Crop, box_crop
from pipeline.faces.masks import lower_face_mask
from pipeline.faces.pasting import paste
from pipeline.inference import device
from pipeline.inference.transfer import upload
from pipeline.lips.detail_transfer import transfer_detail
from pipeline.lips.inpainter import Cut, LipInpainter, Sample
from pipeline.lips.mel_windows import SILENCE, frame_mels
from pipeline.lips.wav2lip import Options
from pipeline.lips.wav2lip.boxes import face_box, moving_average, whole
from pipeline.networks.wav2lip import FACE, Wav2Lip, face_input
from pipeline.types import Frame, Speech, Style

_MIN_SIDE = 24
"""Side in px of the smallest face that is repainted."""
_CHIN, _FEATHER = 0.035, 0.045
"""How far below the chin is painted, and the softness of the mask's edge, as shares of the face's height;
together they stay inside the room that `boxes.face_box` leaves there."""
_ITEM_BYTES = 24 << 20
"""Peak activation memory of one face."""
_MOST = 16
"""Faces at once on a GPU: more would be no quicker, and the first frames would wait for the last of them."""
_ON_CPU = 8
"""Faces at once on a CPU: the weights are read once a batch, so four take an eighth longer each."""


@dataclass(frozen=True)
class FaceInput:
    """A cropped face, and how to paste it back."""

    pixels: np.ndarray
    """`(96, 96, 3)` uint8 RGB."""
    full: Crop
    """The same part of the frame at the frame's own resolution."""
    mask: np.ndarray
    """Weights in [0, 1] with which `full` is painted over."""


class Wav2LipLips(LipInpainter[FaceInput, tuple[Tensor, Tensor]]):
    """`protocols.Lips` by Wav2Lip."""

    def __init__(self, network: Wav2Lip, options: Options | None = None) -> None:
        """`network` is on its device and in its precision already."""
        self._network = network
        self._options = options or Options()

    @property
    def batch(self) -> int:
        where = next(self._network.parameters()).device
        return device.batch_size(where, _ITEM_BYTES, most=_MOST, on_cpu=_ON_CPU)

    def _audio_features(self, speech: Iterable[Speech], fps: int) -> Iterator[Tensor]:
        return map(torch.from_numpy, frame_mels(speech, fps, offset=self._options.offset))

    def _silent_features(self) -> Tensor:
        return torch.from_numpy(SILENCE)

    def _placed(self, frames: Iterable[Frame], fps: int) -> Iterator[tuple[Frame, Cut[FaceInput] | None]]:
        if self._options.boxes == "steady":
            yield from super()._placed(frames, fps)
            return
        for found, run in itertools.groupby(frames, lambda frame: frame.landmarks is not None):
            if found:
                yield from self._placed_as_published(run)
            else:
                yield from ((frame, None) for frame in run)

    def _placed_as_published(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Cut[FaceInput]]]:
        """Consecutive frames that have landmarks, with the published program's boxes."""
        pairs = ((frame, frame.landmarks) for frame in frames)
        shown, ahead = itertools.tee((frame, marks) for frame, marks in pairs if marks is not None)
        boxes = moving_average(whole(face_box(landmarks)) for _, landmarks in ahead)
        for (frame, landmarks), box in zip(shown, boxes, strict=True):
            yield frame, partial(self._crop, landmarks=landmarks, box=box)

    def _crop_face(self, image: np.ndarray, landmarks: np.ndarray) -> FaceInput | None:
        return self._crop(image, landmarks, face_box(landmarks))

    def _crop(
        self, image: np.ndarray, landmarks: np.ndarray, box: tuple[float, float, float, float]
    ) -> FaceInput | None:
        size = round(box[2] - box[0]), round(box[3] - box[1])
        if min(size) < _MIN_SIDE:
            return None
        full = box_crop(box, size=size)
        mask = lower_face_mask(full.place(landmarks), size, feather=_FEATHER, chin=_CHIN)
        return FaceInput(box_crop(box, size=(FACE, FACE)).cut(image), full, mask)

    def _prepare(self, samples: list[Sample[FaceInput]]) -> tuple[Tensor, Tensor]:
        """Spectrograms `(n, 1, 80, 16)`, and the network's faces."""
        like = next(self._network.parameters())
        faces = upload(np.stack([sample.face.pixels for sample in samples]), like.device)
        mels = upload(torch.stack([sample.audio for sample in samples])[:, None], like.device).to(like)
        # The weights were trained on BGR.
        bgr = faces.permute(0, 3, 1, 2).flip(1).to(like.dtype) / 255
        return mels, face_input(bgr)

    def _inpaint(self, given: tuple[Tensor, Tensor], style: Style) -> Tensor:
        return self._network(*given).flip(1)

    def _paste_back(self, sample: Sample[FaceInput], mouth: np.ndarray) -> np.ndarray:
        image, face = sample.frame.image, sample.face
        original = face.full.cut(image)
        fine = transfer_detail(mouth, face.pixels, original)
        return paste(image, fine, face.full, face.mask, original=original)
