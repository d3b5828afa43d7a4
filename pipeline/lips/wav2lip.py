"""Lips by Wav2Lip: sharp timing on any face, painted at 96 x 96 px and blended into the frame.

Works on the frames of any head and on any video. The boxes come from the studio's own tracker, are held
steady without lag, and only the lower face is painted over; the published program pastes whole rectangles
that lead or lag the head. Torch runs the network (`pipeline.networks.wav2lip`).
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from pipeline.engines import Card
from pipeline.faces.crops import Crop, box_crop, lower_face_mask, paste, steady
from pipeline.lips.detail import detailed
from pipeline.lips.located import located
from pipeline.lips.sound import SILENCE, frame_mels
from pipeline.types import Frame, Speech, Style

if TYPE_CHECKING:
    from pipeline.networks.wav2lip import Wav2Lip

log = logging.getLogger(__name__)

FACE = 96
"""Side in px of the face that the network sees and paints."""
LEAST = 24
"""Side in px of the smallest face that is painted on."""
CHIN = 0.05
"""Room under the chin, as a share of the face's height: an opening jaw needs it."""

_ITEM_BYTES = 24 << 20
"""Memory that one face takes at the network's widest place."""

CARD = Card(
    name="wav2lip",
    layer="lips",
    title="Wav2Lip",
    summary="The best-known lip sync: firm timing on any face and any video, soft when the face is large.",
    speed="about 5 frames a second on two CPU cores, faster than real time on a GPU",
    code_licence="Apache-2.0 (own implementation)",
    weights_licence="research and personal use only (trained on LRS2)",
    commercial=False,
    paper="https://arxiv.org/abs/2008.10010",
    checkpoints=("wav2lip_gan",),
    memory_gb=1.5,
    subjects=("photo", "video"),
)


@dataclass(frozen=True)
class Options:
    """How Wav2Lip is run."""

    checkpoint: Literal["wav2lip", "wav2lip_gan"] = "wav2lip_gan"
    """`wav2lip_gan` paints the clearer mouth, `wav2lip` keeps the firmer timing."""
    offset: float = 0.0
    """Frames by which the sound that a frame is painted from begins later than the frame."""


def load(options: Options | None = None) -> Wav2LipLips:
    """The engine with its weights, pulled from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or are of another network.
    """
    from pipeline import device, hub
    from pipeline.networks.wav2lip import Wav2Lip

    options = options or Options()
    state = hub.load_state(hub.fetch(options.checkpoint), part="state_dict", prefix="module.")
    network = Wav2Lip()
    hub.load_into(network, state, name="Wav2Lip")
    return Wav2LipLips(device.settle(network, device.pick(), half=True), options)


class Wav2LipLips:
    """`types.Lips` by Wav2Lip."""

    def __init__(self, network: Wav2Lip, options: Options | None = None) -> None:
        """`network` is on its device and in its precision already."""
        self._network = network
        self._options = options or Options()

    def sync(self, frames: Iterable[Frame], speech: Iterable[Speech], style: Style) -> Iterator[Frame]:
        """The frames with the mouth saying `speech`; where no face is in sight they pass untouched.

        Frames after the end of the speech are painted silent. What was left untouched is logged.
        """
        from pipeline import device

        heard = frame_mels(speech, style.fps, offset=self._options.offset)
        found = steady(located(frames, style.fps), style.fps)
        stream = zip(found, itertools.chain(heard, itertools.repeat(SILENCE)), strict=False)
        jobs = (_Job(frame, _Mouth.seen(frame, landmarks), mel) for (frame, landmarks), mel in stream)
        size = device.batch_size(next(self._network.parameters()).device, _ITEM_BYTES)
        count = unseen = 0
        try:
            for job, paint in device.in_batches(self._paint, jobs, size):
                count, unseen = count + 1, unseen + (paint is None)
                yield job.frame if paint is None else replace(job.frame, image=job.painted(paint))
            if next(heard, None) is not None:
                log.warning("The video ends before the words do; the rest of the words is not seen.")
        finally:
            if unseen:
                log.warning("No face in %d of %d frames; these were left as they are.", unseen, count)

    def _paint(self, jobs: list[_Job]) -> list[tuple[_Job, np.ndarray | None]]:
        """Each job with its `(96, 96, 3)` uint8 RGB face repainted, None where no mouth is seen."""
        import torch

        from pipeline.networks.wav2lip import face_input

        seen = [job for job in jobs if job.mouth]
        if not seen:
            return [(job, None) for job in jobs]
        like = next(self._network.parameters())
        faces = torch.from_numpy(np.stack([job.mouth.pixels for job in seen]))
        mels = torch.from_numpy(np.stack([job.mel for job in seen]))[:, None].to(like)
        bgr = faces.to(like.device).permute(0, 3, 1, 2).flip(1).to(like.dtype) / 255
        levels = (self._network(mels, face_input(bgr)).float() * 255).round().byte()
        paints = iter(levels.flip(1).permute(0, 2, 3, 1).cpu().numpy())
        return [(job, next(paints) if job.mouth else None) for job in jobs]


@dataclass(frozen=True)
class _Mouth:
    """A face as the network sees it, and the way back into its frame."""

    pixels: np.ndarray
    """`(96, 96, 3)` uint8 RGB."""
    whole: Crop
    """The same part of the frame in the frame's own resolution."""
    mask: np.ndarray
    """Where `whole` is painted over."""

    @classmethod
    def seen(cls, frame: Frame, landmarks: np.ndarray | None) -> _Mouth | None:
        """None where there is no face, or one too small to paint on."""
        if landmarks is None:
            return None
        box = face_box(landmarks)
        size = round(box[2] - box[0]), round(box[3] - box[1])
        if min(size) < LEAST:
            return None
        whole = box_crop(box, size=size)
        mask = lower_face_mask(whole.place(landmarks), size)
        return cls(box_crop(box, size=(FACE, FACE)).cut(frame.image), whole, mask)


@dataclass(frozen=True)
class _Job:
    """One frame and what is needed to repaint it."""

    frame: Frame
    mouth: _Mouth | None
    mel: np.ndarray
    """`(80, 16)` float32, the sound that the mouth shall fit."""

    def painted(self, paint: np.ndarray) -> np.ndarray:
        """The frame with the `(96, 96, 3)` uint8 RGB face in it."""
        image, mouth = self.frame.image, self.mouth
        fine = detailed(paint, mouth.pixels, mouth.whole.cut(image))
        return paste(image, fine, mouth.whole, mouth.mask)


def face_box(landmarks: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in px of what Wav2Lip was trained on: forehead to chin, upright and tight."""
    left, top = (float(edge) for edge in landmarks[:, :2].min(0))
    right, bottom = (float(edge) for edge in landmarks[:, :2].max(0))
    return left, top, right, bottom + CHIN * (bottom - top)
