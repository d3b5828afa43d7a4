"""The embedded head: a photo whose skin, lids, lips and head follow a motion (`pipeline.puppet`)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from pipeline.cards import Card
from pipeline.errors import PhotoError
from pipeline.puppet.options import Options
from pipeline.types import Clip, Footage, Motion, Portrait, Speech, Style

CARD = Card(
    name="puppet",
    layer="head",
    title="Puppet",
    summary="Moves the photo itself, in full resolution, and speaks in the same pass.",
    speed="faster than real time on two CPU cores",
    code_licence="Apache-2.0",
    weights_licence="Apache-2.0",
    commercial=True,
    memory_gb=0.0,
    speaks=True,
    plays_motion=True,
    paints_teeth=True,
)


def load(options: Options | None = None) -> PuppetHead:
    """The engine; its one small model file is part of the repository."""
    return PuppetHead(options or Options())


class PuppetHead:
    """The embedded head; a `protocols.Head`."""

    def __init__(self, options: Options) -> None:
        self._teeth = options.teeth

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Clip:
        """A clip of the portrait performing `speech`, with its own lips if `speaking`.

        Raises:
            PhotoError: the subject is a video.
        """
        from pipeline.motion import perform

        portrait = _portrait(subject)
        motions = perform(speech, style, rest=portrait.face, speaking=speaking)
        return self._clip(portrait, style.fps, motions)

    def play(self, subject: Portrait | Footage, motions: Iterable[Motion]) -> Clip:
        """A clip of the portrait going through `motions` one after the other; see `protocols.MotionPlayer`.

        Raises:
            PhotoError: the subject is a video.
        """
        motions = iter(motions)
        first = next(motions)
        return self._clip(_portrait(subject), first.fps, itertools.chain([first], motions))

    def _clip(self, portrait: Portrait, fps: int, motions: Iterable[Motion]) -> Clip:
        from pipeline.puppet import renderer

        height, width = portrait.image.shape[:2]
        return Clip((width, height), fps, renderer.render(portrait, motions, self._teeth))


def _portrait(subject: Portrait | Footage) -> Portrait:
    if not isinstance(subject, Portrait):
        raise PhotoError("The puppet moves a photo, not a video; choose the head 'footage' for a video.")
    return subject
