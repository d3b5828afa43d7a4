"""SadTalker playing: the photo is read once, then every frame is one warp and one painting."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.errors import PhotoError
from pipeline.faces.crops import Crop, box_crop, paste
from pipeline.faces.masks import box_mask
from pipeline.heads.sadtalker.align import Anchors, face_square
from pipeline.heads.sadtalker.coefficients import measured, tensor
from pipeline.heads.sadtalker.motion import performance
from pipeline.types import Clip, Footage, Frame, Portrait, Speech, Style

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from pipeline.heads.sadtalker import Options
    from pipeline.heads.sadtalker.weights import Networks

_FEATHER = 0.12
"""Softness of the square's border in the photo, as a share of its side."""
_MARGIN = 0.04
"""Share of the square's side that is not shown: moving, the renderer draws in the dark from beyond it."""
_ITEM_BYTES = 800 << 20
"""Memory that a frame takes at the renderer's widest place at 256 px."""
_PLACE = 3
"""How many of the coefficients say where the square lies: the last."""
_MAPPED = 512
"""Frames whose keypoints are found at once."""


class SadTalker:
    """`types.Head` by SadTalker."""

    def __init__(self, networks: Networks, options: Options) -> None:
        """`networks` are on their device, ready to run."""
        self._networks = networks
        self._options = options

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Clip:
        """A clip of the photo's size (of the square's with `framing="crop"`) for all of `speech`, which is
        heard to its end before the first frame. Without `speaking` the mouth rests.

        Raises:
            PhotoError: the subject is a video.
        """
        if not isinstance(subject, Portrait):
            raise PhotoError(
                "SadTalker animates a photo, not a video; choose the head 'footage' for a video."
            )
        stage = _Stage(subject, self._options)
        return Clip(stage.size, style.fps, self._frames(stage, speech, style, speaking=speaking))

    def _frames(
        self, stage: _Stage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Iterator[Frame]:
        from pipeline import device

        speech = list(speech)
        if not speech:
            return
        source = self._read(stage)
        clip = performance(speech, source, self._networks, self._options, style, speaking=speaking)
        painter = _Painter(self._networks, stage, source, self._options)
        size = device.batch_size(painter.where, _ITEM_BYTES * (self._options.size // 256) ** 2)
        for painted in device.in_batches(painter.paint, painter.driven(clip), size):
            yield Frame(stage.placed(painted))

    def _read(self, stage: _Stage) -> np.ndarray:
        """The photo's coefficients: `(73,)` float32, without the square's place where it is not put back."""
        (found,) = measured([(stage.square, stage.anchors)], self._networks.coefficients)
        return found if self._options.framing == "full" else found[:-_PLACE]


@dataclass(frozen=True)
class _Stage:
    """The photo, and the square in it that is animated."""

    portrait: Portrait
    options: Options

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the square in px of the photo."""
        anchors = Anchors.of(self.portrait.face.landmarks)
        height, width = self.portrait.image.shape[:2]
        return face_square(anchors.eyes, anchors.mouth, (width, height)).box

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height of the frames in px."""
        if self.options.framing == "full":
            height, width = self.portrait.image.shape[:2]
            return width, height
        left, top, right, bottom = self.box
        return self.options.size, round(self.options.size * (bottom - top) / (right - left) / 2) * 2

    @cached_property
    def crop(self) -> Crop:
        return box_crop(self.box, size=(self.options.size, self.options.size))

    @cached_property
    def square(self) -> np.ndarray:
        """`(size, size, 3)` uint8 RGB."""
        return self.crop.cut(self.portrait.image)

    @cached_property
    def anchors(self) -> np.ndarray:
        """`(5, 2)` points of the face in the square, for `align`."""
        return Anchors.of(self.portrait.face.landmarks).within(self.box, self.options.size)

    @cached_property
    def mask(self) -> np.ndarray:
        """`(size, size)` float32: 1 where the painted square is seen, 0 at its border."""
        margin = round(_MARGIN * self.options.size)
        side = self.options.size - 2 * margin
        return np.pad(box_mask((side, side), feather=_FEATHER), margin)

    def placed(self, painted: np.ndarray) -> np.ndarray:
        """The square put back into the photo, or in its own proportions with even sides."""
        if self.options.framing == "full":
            return paste(self.portrait.image, painted, self.crop, self.mask)
        return cv2.resize(painted, self.size, interpolation=cv2.INTER_AREA)


class _Painter:
    """What is the same for every frame of a photo, computed once, and the frames made from it."""

    def __init__(self, networks: Networks, stage: _Stage, source: np.ndarray, options: Options) -> None:
        import torch

        from pipeline.networks.sadtalker_coefficients import clamped
        from pipeline.networks.sadtalker_render import moved

        self._networks, self._options = networks, options
        with torch.inference_mode():
            self._canonical = networks.keypoints(tensor(stage.square[None], networks.keypoints))
            rest = networks.mapping(torch.from_numpy(clamped(source[None])).to(self._canonical))
            self._source = moved(self._canonical, rest)
            self._feature = networks.generator.encode(tensor(stage.square[None], networks.generator))

    @property
    def where(self) -> torch.device:
        return self._feature.device

    def driven(self, clip: np.ndarray) -> Iterator[Tensor]:
        """The keypoints `(15, 3)` of each frame of a clip `(n, C)`."""
        import torch

        from pipeline.networks.sadtalker_coefficients import camera, clamped
        from pipeline.networks.sadtalker_render import RADIUS, moved

        turns = {
            name: torch.from_numpy(camera(stops, len(clip))).to(self._canonical)
            for name in ("yaw", "pitch", "roll")
            if (stops := getattr(self._options, name))
        }
        padded = torch.from_numpy(clamped(clip)).to(self._canonical)
        for at in range(0, len(clip), _MAPPED):
            with torch.inference_mode():
                motion = self._networks.mapping(padded[:, at : at + _MAPPED + 2 * RADIUS])
                motion = motion._replace(**{name: turn[at : at + _MAPPED] for name, turn in turns.items()})
                keypoints = moved(self._canonical, motion)
            yield from keypoints

    def paint(self, keypoints: list[Tensor]) -> np.ndarray:
        """`(n, size, size, 3)` uint8 RGB for the keypoints of n frames."""
        import torch

        driving = torch.stack(keypoints)
        count = len(driving)
        feature, source = self._feature.expand(count, -1, -1, -1, -1), self._source.expand(count, -1, -1)
        painted = self._networks.generator.paint(feature, driving, source)["prediction"]
        return (painted.float() * 255).round().byte().permute(0, 2, 3, 1).cpu().numpy()
