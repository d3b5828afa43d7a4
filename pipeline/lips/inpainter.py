"""The loop of a lips engine that repaints faces: see, hear, paint in batches, put back, count.

An engine says how it cuts a face out, what it hears and how it paints; everything that is the same for all
of them is here.
"""

from __future__ import annotations

import itertools
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from pipeline import device
from pipeline.faces.crops import steady
from pipeline.lips.face_track import located
from pipeline.types import Clip, Frame, Speech, Style

if TYPE_CHECKING:
    from torch import Tensor

log = logging.getLogger(__name__)

Place = TypeVar("Place")


@dataclass(frozen=True)
class Job(Generic[Place]):
    """One frame and what is needed to repaint it."""

    frame: Frame
    place: Place | None
    """The face as the engine cut it out; None where there is none."""
    heard: Tensor
    """What the mouth shall fit."""


class LipInpainter(ABC, Generic[Place]):
    """`types.Lips` for engines that repaint each face they see."""

    def sync(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Clip:
        """The clip with the mouth saying `speech`; where no face is in sight frames pass untouched.

        Frames after the end of the speech are painted silent. What was left untouched is logged.
        """
        return replace(clip, frames=self._spoken(clip, speech, style))

    def _spoken(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Iterator[Frame]:
        heard = self._hear(speech, clip.fps)
        placed = self._placed(located(clip.frames, clip.fps), clip.fps)
        stream = zip(placed, itertools.chain(heard, self._silence()), strict=False)
        jobs = (Job(frame, place, sound) for (frame, place), sound in stream)
        count = unseen = 0
        try:
            for frame, painted in self._in_batches(jobs, style):
                count, unseen = count + 1, unseen + (painted is None)
                yield frame if painted is None else replace(frame, image=painted)
            if next(heard, None) is not None:
                log.warning("The video ends before the words do; the rest of the words is not seen.")
        finally:
            if unseen:
                log.warning("No face in %d of %d frames; these were left as they are.", unseen, count)

    def _placed(self, frames: Iterable[Frame], fps: int) -> Iterator[tuple[Frame, Place | None]]:
        """Each frame with the face cut out of it; None where there is none, or too small a one."""
        for frame, landmarks in steady(frames, fps):
            yield frame, None if landmarks is None else self._see(frame.image, landmarks)

    def _in_batches(
        self, jobs: Iterator[Job[Place]], style: Style
    ) -> Iterator[tuple[Frame, np.ndarray | None]]:
        """Each frame with its repainted picture, None where there is nothing to repaint."""
        paint = partial(self._painted, style=style)
        for job, made in device.in_batches(paint, jobs, self.batch):
            yield job.frame, None if made is None else self._put_back(job, made)

    def _painted(self, jobs: list[Job[Place]], style: Style) -> list[tuple[Job[Place], np.ndarray | None]]:
        seen = [job for job in jobs if job.place is not None]
        made = iter(self._paint(seen, style) if seen else ())
        return [(job, None if job.place is None else next(made)) for job in jobs]

    def _silence(self) -> Iterator[Tensor]:
        # Asked for only when the speech has ended before the frames do.
        yield from itertools.repeat(self._quiet())

    @property
    @abstractmethod
    def batch(self) -> int:
        """How many frames are painted at once, memory permitting."""

    @abstractmethod
    def _hear(self, speech: Iterable[Speech], fps: int) -> Iterator[Tensor]:
        """What belongs to each frame of the speech."""

    @abstractmethod
    def _quiet(self) -> Tensor:
        """What belongs to a frame without sound."""

    @abstractmethod
    def _see(self, image: np.ndarray, landmarks: np.ndarray) -> Place | None:
        """The face cut out of a frame, `(478, 3)` steady landmarks given; None where it is too small."""

    @abstractmethod
    def _paint(self, jobs: list[Job[Place]], style: Style) -> Iterable[np.ndarray]:
        """The repainted face of each job, `(h, w, 3)` uint8 RGB."""

    @abstractmethod
    def _put_back(self, job: Job[Place], made: np.ndarray) -> np.ndarray:
        """The job's frame with the repainted face in it."""
