"""SadTalker as a head: the photo encoded once, then one warp and one decoding per frame, pasted back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from pipeline.errors import PhotoError
from pipeline.faces.crops import Crop, box_crop
from pipeline.faces.masks import box_mask
from pipeline.faces.pasting import paste
from pipeline.heads.sadtalker.align import AlignmentPoints, face_square
from pipeline.heads.sadtalker.coefficients import extract_coefficients, to_tensor
from pipeline.heads.sadtalker.motion import generate_coefficients
from pipeline.inference.caches import LruCache, digest
from pipeline.inference.device_errors import explained
from pipeline.types import Clip, Footage, Frame, Portrait, Speech, Style

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from pipeline.heads.sadtalker import Options
    from pipeline.heads.sadtalker.weights import Networks

_FEATHER = 0.12
"""Softness of the square's border in the photo, as a share of its side."""
_MARGIN = 0.04
"""Share of the square's side that is cropped off, as the renderer leaves dark borders when the face moves."""
_ITEM_BYTES = 800 << 20
"""Peak activation memory of one frame at 256 px."""
_MOST = 32
"""Frames of 256 px at once: they keep a large card busy, and with more the first ones would come later."""
_KEPT = 4
"""Photos whose encoding is kept for later takes: 16 MB each at 512 px."""
_POSITION = 3
"""How many coefficients, the last, give the square's position."""
_MAPPED = 512
"""Frames whose keypoints are computed at once."""


class SadTalker:
    """`protocols.Head` by SadTalker."""

    def __init__(self, networks: Networks, options: Options) -> None:
        """`networks` are on their device, ready for inference."""
        self._networks = networks
        self._options = options
        self._sources = LruCache[_Renderer](_KEPT)

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Clip:
        """A clip of the photo's size, or with `framing="crop"` of the square's.

        All of `speech` is read before the first frame. Without `speaking` the mouth rests.

        Raises:
            PhotoError: the subject is a video.
        """
        if not isinstance(subject, Portrait):
            raise PhotoError(
                "SadTalker animates a photo, not a video; choose the head 'footage' for a video."
            )
        source = Source(subject, self._options)
        frames = self._frames(source, speech, style, speaking=speaking)
        return Clip(source.size, style.fps, frames, face=source.landmarks)

    def _frames(
        self, source: Source, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Iterator[Frame]:
        from pipeline.inference import device
        from pipeline.inference.overlap import rendered

        parts = list(speech)
        if not parts:
            return
        key = digest(source.portrait.image, source.portrait.face.landmarks)
        with explained():
            renderer = self._sources.get(key, lambda: self._renderer(source))
            driving = generate_coefficients(
                parts, renderer.photo, self._networks, self._options, style, speaking=speaking
            )
        larger = (self._options.size // 256) ** 2
        size = device.batch_size(renderer.where, _ITEM_BYTES * larger, most=_MOST // larger)
        yield from rendered(renderer.keypoints(driving), renderer.render, source.compose, size=size)

    def _renderer(self, source: Source) -> _Renderer:
        (found,) = extract_coefficients([(source.square, source.five_points)], self._networks.coefficients)
        # Without the square's position where it is not pasted back.
        photo = found if self._options.framing == "full" else found[:-_POSITION]
        return _Renderer(self._networks, source, photo, self._options)


@dataclass(frozen=True)
class Source:
    """The photo, and the square in it that is animated."""

    portrait: Portrait
    options: Options

    @cached_property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of the square in px of the photo."""
        points = AlignmentPoints.of(self.portrait.face.landmarks)
        height, width = self.portrait.image.shape[:2]
        return face_square(points.eyes, points.mouth, (width, height)).box

    @cached_property
    def size(self) -> tuple[int, int]:
        """Width and height of the frames in px."""
        if self.options.framing == "full":
            height, width = self.portrait.image.shape[:2]
            return width, height
        left, top, right, bottom = self.box
        return self.options.size, round(self.options.size * (bottom - top) / (right - left) / 2) * 2

    @cached_property
    def landmarks(self) -> np.ndarray:
        """`(478, 2 or 3)` px of the photo's face in the frames."""
        landmarks = self.portrait.face.landmarks
        return (
            landmarks
            if self.options.framing == "full"
            else box_crop(self.box, size=self.size).place(landmarks)
        )

    @cached_property
    def crop(self) -> Crop:
        return box_crop(self.box, size=(self.options.size, self.options.size))

    @cached_property
    def square(self) -> np.ndarray:
        """`(size, size, 3)` uint8 RGB."""
        return self.crop.cut(self.portrait.image)

    @cached_property
    def five_points(self) -> np.ndarray:
        """`(5, 2)` points of the face in the square, for `align`."""
        return AlignmentPoints.of(self.portrait.face.landmarks).five_points(self.box, self.options.size)

    @cached_property
    def mask(self) -> np.ndarray:
        """`(size, size)` float32: 1 where the animated square shows, 0 at its border."""
        margin = round(_MARGIN * self.options.size)
        side = self.options.size - 2 * margin
        return np.pad(box_mask((side, side), feather=_FEATHER), margin)

    def compose(self, square: np.ndarray) -> np.ndarray:
        """The frame: the square pasted into the photo, or resized to its own proportions."""
        if self.options.framing == "full":
            return paste(self.portrait.image, square, self.crop, self.mask)
        return cv2.resize(square, self.size, interpolation=cv2.INTER_AREA)


class _Renderer:
    """What is computed once per photo, and the frames rendered from it."""

    def __init__(self, networks: Networks, source: Source, photo: np.ndarray, options: Options) -> None:
        """`photo`: the photo's coefficients `(C,)` float32."""
        import torch

        from pipeline.networks.sadtalker_coefficients import pad_ends
        from pipeline.networks.sadtalker_render import transform

        self._networks, self._options, self.photo = networks, options, photo
        with torch.inference_mode():
            self._canonical = networks.keypoints(to_tensor(source.square[None], networks.keypoints))
            rest = networks.mapping(torch.from_numpy(pad_ends(photo[None])).to(self._canonical))
            self._source = transform(self._canonical, rest)
            self._feature = networks.generator.encode(to_tensor(source.square[None], networks.generator))

    @property
    def where(self) -> torch.device:
        return self._feature.device

    def keypoints(self, driving: np.ndarray) -> Iterator[Tensor]:
        """The keypoints `(15, 3)` of each frame, from driving coefficients `(n, C)`."""
        import torch

        from pipeline.networks.sadtalker_coefficients import pad_ends, pose_path
        from pipeline.networks.sadtalker_render import RADIUS, transform

        angles = {
            name: torch.from_numpy(pose_path(stops, len(driving))).to(self._canonical)
            for name in ("yaw", "pitch", "roll")
            if (stops := getattr(self._options, name))
        }
        padded = torch.from_numpy(pad_ends(driving)).to(self._canonical)
        for at in range(0, len(driving), _MAPPED):
            with torch.inference_mode():
                motion = self._networks.mapping(padded[:, at : at + _MAPPED + 2 * RADIUS])
                motion = motion._replace(**{name: angle[at : at + _MAPPED] for name, angle in angles.items()})
                keypoints = transform(self._canonical, motion)
            yield from keypoints

    def render(self, keypoints: list[Tensor]) -> Tensor:
        """`(n, size, size, 3)` uint8 RGB on the device for the keypoints of n frames."""
        import torch

        from pipeline.inference.transfer import levels

        driving = torch.stack(keypoints)
        count = len(driving)
        feature, source = self._feature.expand(count, -1, -1, -1, -1), self._source.expand(count, -1, -1)
        squares = self._networks.generator.render(feature, driving, source)["prediction"]
        return levels(squares)
