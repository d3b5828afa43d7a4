"""What the engines of the two layers are to the rest of the pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, runtime_checkable

from pipeline.types import Clip, Footage, Motion, Portrait, Speech, Style


class Head(Protocol):
    """Layer 2: everything around the mouth."""

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Clip:
        """A clip of all of `speech` at `style.fps`, whose frames are made on demand.

        `speaking` asks the head to move the mouth too; otherwise the mouth stays as in the subject, for a
        lips engine to replace. A head reads `speech` at most one part ahead, so that a live stream works,
        and yields `part.frames(style.fps)` frames for each part.
        """
        ...


@runtime_checkable
class MotionPlayer(Protocol):
    """A head that plays motion made elsewhere, lips included; its card says `plays_motion`."""

    def play(self, subject: Portrait | Footage, motions: Iterable[Motion]) -> Clip:
        """A clip of the subject going through `motions` one after the other; all have one frame rate."""
        ...


class Lips(Protocol):
    """Layer 1: the mouth, on any frames."""

    def sync(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Clip:
        """The same clip with the mouth speaking `speech`; everything else stays bit-identical."""
        ...
