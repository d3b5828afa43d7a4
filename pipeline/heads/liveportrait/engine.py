"""LivePortrait as a head: the photo's features once, then two networks per frame, and the square put back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pipeline import device
from pipeline.errors import PhotoError
from pipeline.heads.liveportrait import Options
from pipeline.heads.liveportrait.audio_driver import JoyVASADriver
from pipeline.heads.liveportrait.crop import Paste, crop_of, cut
from pipeline.heads.liveportrait.driving import lead
from pipeline.heads.liveportrait.weights import Painter
from pipeline.networks import liveportrait_motion as motion
from pipeline.networks.joyvasa_motion import Performance
from pipeline.types import Clip, Footage, Frame, Portrait, Speech, Style

FRAME_BYTES = 1_200_000_000
"""Memory that painting one frame takes at the decoder's widest place."""

_MOUTH = (13, 14, 61, 291)
"""The middles of both lips' inner edges and the corners, in MediaPipe's numbering."""
_SHUT = 0.03
"""Openness of lips that count as shut."""


@dataclass(frozen=True)
class _Source:
    """What is computed once per photo."""

    feature: Tensor
    """`(1, 32, 16, 64, 64)`"""
    canonical: Tensor
    """`(1, 21, 3)` keypoints before any pose."""
    pose: motion.Pose
    points: Tensor
    """`(1, 21, 3)` keypoints as in the photo."""
    shutting: Tensor
    """`(1, 21, 3)` what shuts an open mouth, where that is asked for."""
    paste: Paste


class LivePortrait:
    """`types.Head` by LivePortrait and JoyVASA."""

    def __init__(self, painter: Painter, talker: JoyVASADriver, options: Options) -> None:
        self._painter = painter
        self._talker = talker
        self._options = options

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Clip:
        """See `types.Head`. Without `speaking` the keypoints on the lips stay as in the photo.

        Raises:
            PhotoError: the subject is a video.
            VideoError, NoFaceError: the file to take the motion from cannot be read, or shows nobody.
        """
        if not isinstance(subject, Portrait):
            raise PhotoError("LivePortrait brings a photo to life; give a photo, not a video.")
        height, width = subject.image.shape[:2]
        return Clip((width, height), style.fps, self._frames(subject, speech, style, speaking=speaking))

    def _frames(
        self, portrait: Portrait, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Iterator[Frame]:
        with torch.inference_mode():
            source, talk = self._look(portrait), self._talker.start(style.seed)
            leader = lead(path, self._painter.motion) if (path := self._options.motion_from) else None
        shown = 0
        for part in speech:
            with torch.inference_mode():
                played, rest = talk.hear(part, style.fps), talk.rest
                if leader is not None:
                    count = part.frames(style.fps)
                    played = _with_lips(leader.at(shown, count, style.fps), played)
                    rest, shown = _with_lips(leader.rest, rest), shown + count
                points = self._driven(source, _styled(played, rest, style), rest, speaking)
            for painted in self._paint(source, points):
                yield Frame(source.paste(painted))

    def _look(self, portrait: Portrait) -> _Source:
        place = crop_of(portrait.face.landmarks)
        square = torch.from_numpy(cut(portrait.image, place)).to(device.pick())
        image = square.permute(2, 0, 1)[None] / 255
        canonical, pose = motion.pose_of(self._painter.motion(image))
        points = motion.place(canonical, pose)
        return _Source(
            feature=self._painter.appearance(image).to(next(self._painter.warping.parameters())),
            canonical=canonical,
            pose=pose,
            points=points,
            shutting=self._shutting(points, portrait.face.landmarks),
            paste=Paste(portrait.image, place),
        )

    def _shutting(self, points: Tensor, landmarks: np.ndarray) -> Tensor:
        """What shuts the photo's lips, `(1, 21, 3)`; zeros where that is not asked for, or they are shut."""
        marks = torch.from_numpy(landmarks[list(_MOUTH), None, :2]).to(points)
        ratio = motion.openness(*marks)
        if not self._options.shut_lips or ratio < _SHUT:
            return torch.zeros_like(points)
        return motion.retarget(self._painter.lip, points, torch.cat([ratio, torch.zeros_like(ratio)], dim=1))

    def _driven(self, source: _Source, played: Performance, rest: Performance, speaking: bool) -> Tensor:
        """Keypoints `(T, 21, 3)` of the photo doing what was played."""
        driving = played.pose()
        if not speaking:
            driving.expression[:, list(motion.LIPS)] = rest.exp[:, list(motion.LIPS)]
        replaced = motion.LIPS if speaking else ()
        pose = motion.relative(source.pose, driving, rest.pose(), replaced=replaced)
        points = motion.place(source.canonical, pose)
        if self._options.stitching:
            points = motion.stitch(self._painter.stitching, source.points, points)
        return points + source.shutting

    def _paint(self, source: _Source, points: Tensor) -> Iterator[np.ndarray]:
        """The square `(512, 512, 3)` uint8 for each frame's keypoints."""

        def paint(some: list[Tensor]) -> np.ndarray:
            driving = torch.stack(some)
            many = len(driving)
            guide = self._painter.warping(
                source.feature.expand(many, -1, -1, -1, -1), driving, source.points.expand(many, -1, -1)
            )
            image = self._painter.generator(guide).float() * 255
            return image.byte().permute(0, 2, 3, 1).cpu().numpy()

        size = device.batch_size(points.device, FRAME_BYTES, most=16)
        return device.in_batches(paint, points, size)


def _with_lips(played: Performance, talking: Performance) -> Performance:
    """`played` with the lips of `talking`."""
    exp = played.exp.clone()
    exp[:, list(motion.LIPS)] = talking.exp[:, list(motion.LIPS)]
    return played._replace(exp=exp)


def _styled(played: Performance, rest: Performance, style: Style) -> Performance:
    """Amplitudes as the style asks: of head, eyes, and the rest of the face but the lips."""
    gains = torch.full((len(rest.exp[0]), 1), float(style.expression), device=rest.exp.device)
    gains[list(motion.EYES)] = style.blinks
    gains[list(motion.LIPS)] = 1
    moved = {
        name: start + style.head * (getattr(played, name) - start)
        for name, start in zip(rest._fields, rest, strict=True)
        if name != "exp"
    }
    return Performance(exp=rest.exp + gains * (played.exp - rest.exp), **moved)
