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
from pipeline.heads.liveportrait.crop import Paste, crop_of, cut
from pipeline.heads.liveportrait.talking import Talker
from pipeline.heads.liveportrait.weights import Painter
from pipeline.networks import liveportrait_motion as motion
from pipeline.networks.joyvasa_motion import Performance
from pipeline.types import Footage, Frame, Portrait, Speech, Style

FRAME_BYTES = 1_200_000_000
"""Memory that painting one frame takes at the decoder's widest place."""


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
    paste: Paste


class LivePortrait:
    """`types.Head` by LivePortrait and JoyVASA."""

    def __init__(self, painter: Painter, talker: Talker, options: Options) -> None:
        self._painter = painter
        self._talker = talker
        self._options = options

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Iterator[Frame]:
        """See `types.Head`. Without `speaking` the keypoints on the lips stay as in the photo.

        Raises:
            PhotoError: the subject is a video.
        """
        if not isinstance(subject, Portrait):
            raise PhotoError("LivePortrait brings a photo to life; give a photo, not a video.")
        with torch.inference_mode():
            source, talk = self._look(subject), self._talker.start(style.seed)
        for part in speech:
            with torch.inference_mode():
                played = talk.hear(part, style.fps)
                points = self._driven(source, _styled(played, talk.rest, style), talk.rest, speaking)
            for painted in self._paint(source, points):
                yield Frame(source.paste(painted))

    def _look(self, portrait: Portrait) -> _Source:
        place = crop_of(portrait.face.landmarks)
        square = torch.from_numpy(cut(portrait.image, place)).to(device.pick())
        image = square.permute(2, 0, 1)[None] / 255
        canonical, pose = motion.pose_of(self._painter.motion(image))
        return _Source(
            feature=self._painter.appearance(image).to(next(self._painter.warping.parameters())),
            canonical=canonical,
            pose=pose,
            points=motion.place(canonical, pose),
            paste=Paste(portrait.image, place),
        )

    def _driven(self, source: _Source, played: Performance, rest: Performance, speaking: bool) -> Tensor:
        """Keypoints `(T, 21, 3)` of the photo doing what was played."""
        driving = played.pose()
        if not speaking:
            driving.expression[:, list(motion.LIPS)] = rest.exp[:, list(motion.LIPS)]
        replaced = motion.LIPS if speaking else ()
        pose = motion.relative(source.pose, driving, rest.pose(), replaced=replaced)
        points = motion.place(source.canonical, pose)
        if not self._options.stitching:
            return points
        return motion.stitch(self._painter.stitching, source.points, points)

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
