"""Lips by Wav2Lip: sharp timing on any face, painted at 96 x 96 px and blended into the frame.

Works on the frames of any head and on any video. The boxes come from the studio's own tracker, are held
steady without lag, and only the lower face is painted over; the published program pastes whole rectangles
that lead or lag the head. Torch runs the network (`pipeline.networks.wav2lip`).
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from pydantic import Field

from pipeline import options
from pipeline.engines import Card
from pipeline.faces.crops import Crop, box_crop, paste
from pipeline.faces.masks import lower_face_mask
from pipeline.lips.detail_transfer import detailed
from pipeline.lips.inpainter import Job, LipInpainter
from pipeline.lips.mel_windows import SILENCE, frame_mels
from pipeline.types import Frame, Speech, Style

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.networks.wav2lip import Wav2Lip

FACE = 96
"""Side in px of the face that the network sees and paints."""
LEAST = 24
"""Side in px of the smallest face that is painted on."""
CHIN = 0.09
"""Room under the chin, as a share of the face's height: an opening jaw needs it."""
PAINTED_CHIN, FEATHER = 0.035, 0.045
"""How much of that room is painted on, and the softness of the paint's edge, in the same unit: together they
stay inside the room."""

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in px."""

_AVERAGED = 5
"""Frames over which the published program averages its boxes."""
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


class Options(options.Options):
    """How Wav2Lip is run."""

    checkpoint: Literal["wav2lip", "wav2lip_gan"] = "wav2lip_gan"
    """`wav2lip_gan` paints the clearer mouth, `wav2lip` keeps the firmer timing."""
    offset: float = Field(0.0, ge=-25, le=25)
    """Frames by which the sound that a frame is painted from begins later than the frame."""
    boxes: Literal["steady", "published"] = "steady"
    """`steady` holds the face still without lag; `published` follows the original program, whose boxes lead a
    moving head by two frames."""


def checkpoints(options: Options) -> tuple[str, ...]:
    """Keys of the published files for these options."""
    return (options.checkpoint,)


def load(options: Options | None = None) -> Wav2LipLips:
    """The engine with its weights, pulled from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or are of another network.
    """
    from pipeline import device, hub
    from pipeline.networks.wav2lip import Wav2Lip
    from pipeline.weights import empty_weights

    options = options or Options()
    state = hub.load_state(hub.fetch(options.checkpoint), part="state_dict", prefix="module.")
    network = empty_weights(Wav2Lip)
    hub.load_into(network, state, name="Wav2Lip")
    # Half precision was measured to move a pixel by half a level at the most.
    return Wav2LipLips(device.place(network, device.pick(), half=True), options)


@dataclass(frozen=True)
class _Mouth:
    """A face as the network sees it, and the way back into its frame."""

    pixels: np.ndarray
    """`(96, 96, 3)` uint8 RGB."""
    whole: Crop
    """The same part of the frame in the frame's own resolution."""
    mask: np.ndarray
    """Where `whole` is painted over."""


class Wav2LipLips(LipInpainter[_Mouth]):
    """`types.Lips` by Wav2Lip."""

    def __init__(self, network: Wav2Lip, options: Options | None = None) -> None:
        """`network` is on its device and in its precision already."""
        self._network = network
        self._options = options or Options()

    @property
    def batch(self) -> int:
        from pipeline import device

        return device.batch_size(next(self._network.parameters()).device, _ITEM_BYTES)

    def _hear(self, speech: Iterable[Speech], fps: int) -> Iterator[Tensor]:
        import torch

        return map(torch.from_numpy, frame_mels(speech, fps, offset=self._options.offset))

    def _quiet(self) -> Tensor:
        import torch

        return torch.from_numpy(SILENCE)

    def _placed(self, frames: Iterable[Frame], fps: int) -> Iterator[tuple[Frame, _Mouth | None]]:
        if self._options.boxes == "steady":
            yield from super()._placed(frames, fps)
            return
        for seen, run in itertools.groupby(frames, lambda frame: frame.landmarks is not None):
            shown, ahead = itertools.tee(run)
            boxes = averaged(_whole(face_box(frame.landmarks)) for frame in ahead) if seen else iter(())
            for frame in shown:
                yield frame, self._cut(frame.image, frame.landmarks, next(boxes)) if seen else None

    def _see(self, image: np.ndarray, landmarks: np.ndarray) -> _Mouth | None:
        return self._cut(image, landmarks, face_box(landmarks))

    def _cut(
        self, image: np.ndarray, landmarks: np.ndarray, box: tuple[float, float, float, float]
    ) -> _Mouth | None:
        size = round(box[2] - box[0]), round(box[3] - box[1])
        if min(size) < LEAST:
            return None
        whole = box_crop(box, size=size)
        mask = lower_face_mask(whole.place(landmarks), size, feather=FEATHER, chin=PAINTED_CHIN)
        return _Mouth(box_crop(box, size=(FACE, FACE)).cut(image), whole, mask)

    def _paint(self, jobs: list[Job[_Mouth]], style: Style) -> Iterable[np.ndarray]:
        import torch

        from pipeline.networks.wav2lip import face_input

        like = next(self._network.parameters())
        faces = torch.from_numpy(np.stack([job.place.pixels for job in jobs]))
        mels = torch.stack([job.heard for job in jobs])[:, None].to(like)
        # The weights were trained on blue, green, red.
        bgr = faces.to(like.device).permute(0, 3, 1, 2).flip(1).to(like.dtype) / 255
        levels = (self._network(mels, face_input(bgr)).float() * 255).round().byte()
        return levels.flip(1).permute(0, 2, 3, 1).cpu().numpy()

    def _put_back(self, job: Job[_Mouth], made: np.ndarray) -> np.ndarray:
        image, mouth = job.frame.image, job.place
        fine = detailed(made, mouth.pixels, mouth.whole.cut(image))
        return paste(image, fine, mouth.whole, mouth.mask)


def face_box(landmarks: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right, bottom in px of what Wav2Lip was trained on: forehead to chin, upright and tight."""
    left, top = (float(edge) for edge in landmarks[:, :2].min(0))
    right, bottom = (float(edge) for edge in landmarks[:, :2].max(0))
    return left, top, right, bottom + CHIN * (bottom - top)


def averaged(boxes: Iterable[Box]) -> Iterator[Box]:
    """Boxes smoothed by the published program's rule: each becomes the mean of itself and the next four.

    At the end, where four are missing, the last five count, as smoothed so far; of three or four boxes in
    all, the rule's arithmetic takes the last two and the last one.
    """
    window: deque[Box] = deque(maxlen=_AVERAGED)
    for box in boxes:
        window.append(box)
        if len(window) == _AVERAGED:
            window[0] = _mean(window)
            yield window[0]
    rows, done = list(window), len(window) == _AVERAGED
    for row in range(done, len(rows)):
        rows[row] = _mean(rows[len(rows) - _AVERAGED :])
        yield rows[row]


def _mean(boxes: Iterable[Box]) -> Box:
    columns = zip(*boxes, strict=True)
    return tuple(int(sum(column) / len(column)) for column in columns)


def _whole(box: tuple[float, float, float, float]) -> Box:
    return tuple(int(edge) for edge in box)
