"""LivePortrait as a head: the photo encoded once, then warping and decoding per frame, pasted back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from pipeline.errors import PhotoError
from pipeline.faces.landmarks import LOWER_LIP, MOUTH_CORNERS, UPPER_LIP
from pipeline.heads.liveportrait import Options
from pipeline.heads.liveportrait.audio_driver import JoyVASADriver
from pipeline.heads.liveportrait.crop import PasteBack, face_crop, network_crop
from pipeline.heads.liveportrait.driving import driving_motion
from pipeline.heads.liveportrait.weights import Networks
from pipeline.inference import device
from pipeline.inference.caches import LruCache, digest
from pipeline.inference.device_errors import explained
from pipeline.inference.overlap import rendered
from pipeline.inference.transfer import beside, upload
from pipeline.networks import liveportrait_motion as motion
from pipeline.networks.joyvasa_motion import FaceMotion
from pipeline.types import Clip, Footage, Frame, Portrait, Speech, Style

_FRAME_BYTES = 1_200_000_000
"""Peak activation memory of one frame, in the decoder."""
_KEPT = 4
"""Photos whose encoding is kept for later takes: 8 MB each."""
_CLOSED = 0.03
"""Openness ratio up to which lips count as closed."""


@dataclass(frozen=True)
class _Source:
    """What is computed once per photo."""

    feature: Tensor
    """`(1, 32, 16, 64, 64)`"""
    canonical: Tensor
    """`(1, 21, 3)` keypoints before any pose."""
    pose: motion.Pose
    keypoints: Tensor
    """`(1, 21, 3)` as in the photo."""
    lip_closing: Tensor
    """`(1, 21, 3)` offsets that close an open mouth, where that is asked for."""
    paste: PasteBack


class LivePortrait:
    """`protocols.Head` by LivePortrait and JoyVASA."""

    def __init__(self, networks: Networks, driver: JoyVASADriver, options: Options) -> None:
        """The networks are on their device and in their precision already."""
        self._networks = networks
        self._driver = driver
        self._options = options
        self._sources = LruCache[_Source](_KEPT)

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Clip:
        """A clip of the photo's size. Without `speaking` the keypoints on the lips stay as in the photo.

        Raises:
            PhotoError: the subject is a video.
            VideoError, NoFaceError: the driving video or picture cannot be read, or has no face.
        """
        if not isinstance(subject, Portrait):
            raise PhotoError(
                "LivePortrait animates a photo, not a video; choose the head 'footage' for a video."
            )
        height, width = subject.image.shape[:2]
        frames = self._frames(subject, speech, style, speaking=speaking)
        return Clip((width, height), style.fps, frames, face=subject.face.landmarks)

    def _frames(
        self, portrait: Portrait, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Iterator[Frame]:
        with torch.inference_mode(), explained():
            key = digest(portrait.image, portrait.face.landmarks)
            source = self._sources.get(key, lambda: self._encode_source(portrait))
        yield from rendered(
            self._keypoints(source, speech, style, speaking=speaking),
            partial(self._render, source),
            source.paste,
            size=device.batch_size(source.feature.device, _FRAME_BYTES, most=16),
        )

    def _keypoints(
        self, source: _Source, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Iterator[Tensor]:
        """The keypoints `(21, 3)` of each frame, on the CPU."""
        where, path, shown = source.feature.device, self._options.motion_from, 0
        with torch.inference_mode():
            stream = self._driver.start(style.seed)
            driving = driving_motion(path, self._networks.motion) if path else None
        for part in speech:
            with torch.inference_mode(), beside(where):
                moving, rest = stream.next(part, style.fps)
                if driving is not None:
                    count = part.frames(style.fps)
                    moving = _with_lips(driving.at(shown, count, style.fps), moving)
                    rest, shown = _with_lips(driving.rest, rest), shown + count
                keypoints = self._driven(source, _styled(moving, rest, style), rest, speaking=speaking).cpu()
            yield from keypoints

    def _encode_source(self, portrait: Portrait) -> _Source:
        crop = face_crop(portrait.face.landmarks)
        square = torch.from_numpy(network_crop(portrait.image, crop)).to(device.pick())
        image = square.permute(2, 0, 1)[None] / 255
        canonical, pose = motion.parse_motion(self._networks.motion(image))
        keypoints = motion.transform(canonical, pose)
        return _Source(
            feature=self._networks.appearance(image).to(next(self._networks.warping.parameters())),
            canonical=canonical,
            pose=pose,
            keypoints=keypoints,
            lip_closing=self._lip_closing(keypoints, portrait.face.landmarks),
            paste=PasteBack(portrait.image, crop),
        )

    def _lip_closing(self, keypoints: Tensor, landmarks: np.ndarray) -> Tensor:
        """Offsets `(1, 21, 3)` that close the photo's lips; zeros where they are closed or may stay open."""
        mouth = landmarks[[UPPER_LIP, LOWER_LIP, *MOUTH_CORNERS], None, :2]
        ratio = motion.openness_ratio(*torch.from_numpy(mouth).to(keypoints))
        if not self._options.shut_lips or ratio < _CLOSED:
            return torch.zeros_like(keypoints)
        target = torch.cat([ratio, torch.zeros_like(ratio)], dim=1)
        return motion.retarget(self._networks.lip, keypoints, target)

    def _driven(self, source: _Source, moving: FaceMotion, rest: FaceMotion, *, speaking: bool) -> Tensor:
        """Keypoints `(T, 21, 3)` of the photo under the driving motion."""
        driving = moving.pose()
        if not speaking:
            driving.expression[:, list(motion.LIPS)] = rest.exp[:, list(motion.LIPS)]
        replaced = motion.LIPS if speaking else ()
        pose = motion.relative(source.pose, driving, rest.pose(), replaced=replaced)
        keypoints = motion.transform(source.canonical, pose)
        if self._options.stitching:
            keypoints = motion.stitch(self._networks.stitching, source.keypoints, keypoints)
        moved = keypoints + source.lip_closing - source.keypoints
        return source.keypoints + self._options.multiplier * moved

    def _render(self, source: _Source, keypoints: list[Tensor]) -> Tensor:
        """The squares `(n, 512, 512, 3)` uint8 for the keypoints of n frames, on the device."""
        driving = upload(torch.stack(keypoints), source.feature.device)
        count = len(driving)
        features = self._networks.warping(
            source.feature.expand(count, -1, -1, -1, -1), driving, source.keypoints.expand(count, -1, -1)
        )
        image = self._networks.generator(features).float() * 255
        return image.byte().permute(0, 2, 3, 1).contiguous()


def _with_lips(moving: FaceMotion, speaking: FaceMotion) -> FaceMotion:
    """`moving` with the lips of `speaking`."""
    exp = moving.exp.clone()
    exp[:, list(motion.LIPS)] = speaking.exp[:, list(motion.LIPS)]
    return moving._replace(exp=exp)


def _styled(moving: FaceMotion, rest: FaceMotion, style: Style) -> FaceMotion:
    """The motion with the style's amplitudes of head, eyes and face; the lips are unchanged."""
    gains = torch.full((len(rest.exp[0]), 1), float(style.expression), device=rest.exp.device)
    gains[list(motion.EYES)] = style.blinks
    gains[list(motion.LIPS)] = 1
    moved = {
        name: start + style.head * (getattr(moving, name) - start)
        for name, start in zip(rest._fields, rest, strict=True)
        if name != "exp"
    }
    return FaceMotion(exp=rest.exp + gains * (moving.exp - rest.exp), **moved)
