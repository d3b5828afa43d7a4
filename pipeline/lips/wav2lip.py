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
from pipeline.lips.boxes import boxed
from pipeline.lips.paste import Patch, cut
from pipeline.lips.sound import SILENCE, frame_mels
from pipeline.types import Frame, Speech, Style

if TYPE_CHECKING:
    import torch

    from pipeline.networks.wav2lip import Wav2Lip

log = logging.getLogger(__name__)

FACE = 96
"""Side in px of the face that the network sees and paints."""

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
    return Wav2LipLips(network, where=device.pick(), options=options)


class Wav2LipLips:
    """`types.Lips` by Wav2Lip."""

    def __init__(self, network: Wav2Lip, *, where: torch.device, options: Options | None = None) -> None:
        self._options = options or Options()
        self._network = network.to(where).eval()
        self._batch = 4 if where.type == "cpu" else 64

    def sync(self, frames: Iterable[Frame], speech: Iterable[Speech], style: Style) -> Iterator[Frame]:
        """The frames with the mouth saying `speech`; where no face is in sight they pass untouched.

        Frames after the end of the speech are painted silent. What was left untouched is logged.
        """
        heard = frame_mels(speech, style.fps, offset=self._options.offset)
        stream = zip(
            boxed(frames, style.fps), itertools.chain(heard, itertools.repeat(SILENCE)), strict=False
        )
        count = unseen = 0
        try:
            while batch := list(itertools.islice(stream, self._batch)):
                patches = [_cut(frame, box) for (frame, box), _ in batch]
                paints = self._paints(patches, [mel for _, mel in batch])
                for ((frame, _), _), patch in zip(batch, patches, strict=True):
                    count, unseen = count + 1, unseen + (patch is None)
                    yield replace(frame, image=patch.painted(frame.image, next(paints))) if patch else frame
            if next(heard, None) is not None:
                log.warning("The video ends before the words do; the rest of the words is not seen.")
        finally:
            if unseen:
                log.warning("No face in %d of %d frames; these were left as they are.", unseen, count)

    def _paints(self, patches: list[Patch | None], mels: list[np.ndarray]) -> Iterator[np.ndarray]:
        """What the network paints for each patch that is one: `(96, 96, 3)` float32 RGB in 0..255."""
        import torch

        from pipeline.networks.wav2lip import face_input

        seen = [(patch.pixels, mel) for patch, mel in zip(patches, mels, strict=True) if patch]
        if not seen:
            return
        faces, sounds = (torch.from_numpy(np.stack(column)) for column in zip(*seen, strict=True))
        like = next(self._network.parameters())
        with torch.inference_mode():
            bgr = faces.to(like.device).permute(0, 3, 1, 2).flip(1).to(like.dtype) / 255
            painted = self._network(sounds[:, None].to(like), face_input(bgr))
        yield from (painted.float() * 255).flip(1).permute(0, 2, 3, 1).cpu().numpy()


def _cut(frame: Frame, box: np.ndarray | None) -> Patch | None:
    return None if box is None else cut(frame.image, box, FACE)
