"""One piece of a film becomes one segment of the store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from pipeline import studio
from pipeline.plan import Plan
from pipeline.script.cast import Cast
from pipeline.script.clips import brand_clip, make_crossfade
from pipeline.script.drawing import draw
from pipeline.script.pieces import Clip, Crossfade, Piece
from pipeline.script.segments import Segment, read_segment, write_notes
from pipeline.script.shots import Shot
from pipeline.script.store import Store
from pipeline.script.writing import segment_writer
from pipeline.studio import MakeClip
from pipeline.types import Speech
from pipeline.video import Captions


class Maker:
    """Makes the segments of one film, whose presenters it reads once."""

    def __init__(self, store: Store, make_clip: MakeClip | None = None) -> None:
        """`make_clip`: as for `studio.stream`."""
        self.store = store
        self._make_clip = make_clip or studio.animate
        self._cast = Cast()

    def make(self, piece: Piece, plan: Plan | None, path: Path) -> Iterator[float]:
        """Make a piece, saying on the way how many seconds of it are there; nothing is left if it is closed.

        Args:
            piece: which; what it depends on is in the store.
            plan: of its line; None where nobody speaks.
            path: the file to write, which nobody else writes meanwhile.

        Raises:
            StudioError: it cannot be made.
        """
        if isinstance(piece, Clip):
            return brand_clip(piece, path)
        if isinstance(piece, Crossfade):
            return make_crossfade(piece, path, self.store)
        earlier = [read_segment(self.store.path(shot.key)).frames for shot in piece.earlier]
        return _shot(piece, plan, self._cast, path, sum(earlier), self._make_clip)


def _shot(
    shot: Shot, plan: Plan | None, cast: Cast, path: Path, offset: int, make_clip: MakeClip
) -> Iterator[float]:
    """Make a shot; `offset`: frames of its scene that come before."""
    output = shot.script.output
    making = _Making(shot, plan, path)
    captions = Captions(output.size) if output.captions == "burn" else None
    with (
        ExitStack() as stack,
        segment_writer(path, output, [making.write_notes]) as writer,
    ):
        drawn = draw(shot, plan, cast, stack, offset, make_clip)
        filters = drawn.filters if captions is None else [*drawn.filters, captions.burn]
        for part in drawn.speech:
            if captions is not None:
                captions.add(part)
            making.said.append(replace(part, samples=np.zeros(len(part.samples), np.float32)))
            writer.sound(part.samples)
            for image, found in islice(drawn.frames, part.frames(output.fps)):
                seconds = making.frames / output.fps
                for passed in filters:
                    image = passed(image, seconds)
                with drawn.overlaid(image):
                    writer.write(image)
                making.count(faceless=not found)
                if making.frames % output.fps == 0:
                    yield making.frames / output.fps


class _Making:
    """What is counted and kept of a segment in the making."""

    def __init__(self, shot: Shot, plan: Plan | None, path: Path) -> None:
        self._shot = shot
        self._plan = plan
        self._path = path
        self._started = time.monotonic()
        self._preparing: float | None = None
        self.frames = self.faceless = 0
        self.said: list[Speech] = []

    def count(self, *, faceless: bool) -> None:
        """One more frame is made."""
        if self._preparing is None:
            self._preparing = time.monotonic() - self._started
        self.frames += 1
        self.faceless += faceless

    def write_notes(self, video: Path) -> None:
        """Write the notes file beside the video."""
        seconds = time.monotonic() - self._started
        made = tuple(_made(self._plan, self._shot.matting).items())
        prepared = self._preparing or 0.0
        said = tuple(self.said)
        write_notes(Segment(self._path, self.frames, said, made, seconds, self.faceless, prepared))


def _made(plan: Plan | None, matting: str | None) -> dict[str, str]:
    """What runs for a shot, for the film's metadata."""
    cutting = {} if matting is None else {"matting": matting}
    if plan is None:
        return cutting
    return {
        **cutting,
        "head": plan.head.card.name,
        "lips": plan.lips_name,
        "voice": plan.voice or "none",
        "seed": str(plan.seed),
    }
