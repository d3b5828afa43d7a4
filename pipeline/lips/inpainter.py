"""The loop of a lips engine that repaints faces: crop, encode the audio, inpaint in batches, paste back.

An engine says how it crops a face, encodes the speech and inpaints the crop; all that is the same for every
such engine is here. Each step runs beside the others, in threads of its own (`pipeline.inference.overlap`).
"""

from __future__ import annotations

import itertools
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

import numpy as np

from pipeline.faces.smoothing import steady
from pipeline.inference.overlap import on_workers, overlapped, workers
from pipeline.inference.transfer import shown
from pipeline.lips.face_track import with_landmarks
from pipeline.prefetch import Prefetcher
from pipeline.types import Clip, Frame, Speech, Style

if TYPE_CHECKING:
    from torch import Tensor

log = logging.getLogger(__name__)

FaceInput = TypeVar("FaceInput")
Given = TypeVar("Given")

Cut = Callable[[np.ndarray], FaceInput | None]
"""From a frame's image to its cropped face; None where that is too small."""

Arriving = Callable[[], np.ndarray]
"""The repainted face `(h, w, 3)` uint8 RGB, once it is back from the device."""

_DECODED = 4
"""Frames that are decoded, or made by the head, ahead of the tracker."""


@dataclass(frozen=True)
class Sample(Generic[FaceInput]):
    """One frame with all that the network needs to inpaint it."""

    frame: Frame
    face: FaceInput
    """The face as the engine cropped it."""
    audio: Tensor
    """Features of the sound that the mouth should fit, on the CPU."""


class LipInpainter(ABC, Generic[FaceInput, Given]):
    """`protocols.Lips` for engines that repaint every face they are shown.

    `Given` is what the network is given for a batch of samples.
    """

    independent: ClassVar[bool] = True
    """Whether a frame is the same in any batch; see `overlap.overlapped`."""

    def sync(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Clip:
        """The clip with the mouth saying `speech`.

        Frames without a usable face pass untouched and without landmarks; how many is logged. Frames after
        the end of the speech get a silent mouth.
        """
        return replace(clip, frames=self._synced(clip, speech, style))

    def _synced(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Iterator[Frame]:
        count = untouched = 0
        try:
            with workers() as pool:
                stream = overlapped(
                    self._items(clip, speech, pool),
                    self._prepared,
                    partial(self._inpainted, style=style),
                    self._finished,
                    size=self.batch,
                    pool=pool,
                    independent=self.independent,
                )
                with closing(stream):
                    for item, frame in stream:
                        count += 1
                        untouched += isinstance(item, Frame)
                        yield frame
        finally:
            if untouched:
                log.warning("No usable face in %d of %d frames; these are unchanged.", untouched, count)

    def _items(
        self, clip: Clip, speech: Iterable[Speech], pool: Executor
    ) -> Iterator[Frame | Sample[FaceInput]]:
        """Every frame of the clip, with all that the network needs where there is a face."""
        frames = Prefetcher(clip.frames, _DECODED)
        audio = Prefetcher(self._audio_features(speech, clip.fps), self.batch)
        with closing(frames), closing(audio):
            placed = self._placed(with_landmarks(replace(clip, frames=frames)), clip.fps)
            cropped = on_workers(lambda pair: pair[1] and pair[1](pair[0].image), placed, pool)
            for ((frame, _), face), sound in zip(
                cropped, itertools.chain(audio, self._silence()), strict=False
            ):
                yield frame if face is None else Sample(frame, face, sound)
            if next(audio, None) is not None:
                log.warning("The video ends before the speech does; the rest of the speech is not seen.")

    def _placed(self, frames: Iterable[Frame], fps: int) -> Iterator[tuple[Frame, Cut[FaceInput] | None]]:
        """Each frame with the function that cuts its face out; None where there is no face."""
        for frame, landmarks in steady(frames, fps):
            yield frame, None if landmarks is None else partial(self._crop_face, landmarks=landmarks)

    def _prepared(self, items: list[Frame | Sample[FaceInput]]) -> tuple[list[bool], Given | None]:
        """Which items have a face, and what the network is given for those; None where there are none."""
        samples = [item for item in items if isinstance(item, Sample)]
        return [isinstance(item, Sample) for item in items], self._prepare(samples) if samples else None

    def _inpainted(self, batch: tuple[list[bool], Given | None], *, style: Style) -> list[Arriving | None]:
        """The inpainted face of each item; None for a frame that has no face."""
        faces, given = batch
        mouths = iter(() if given is None else shown(self._inpaint(given, style)))
        return [next(mouths) if face else None for face in faces]

    def _finished(self, item: Frame | Sample[FaceInput], mouth: Arriving | None) -> Frame:
        if isinstance(item, Sample) and mouth is not None:
            return replace(item.frame, image=self._paste_back(item, mouth()))
        frame = item.frame if isinstance(item, Sample) else item
        return replace(frame, landmarks=None)

    def _silence(self) -> Iterator[Tensor]:
        # A generator, so that the network runs only if the frames outlast the speech.
        yield from itertools.repeat(self._silent_features())

    @property
    @abstractmethod
    def batch(self) -> int:
        """How many frames are inpainted at once, memory permitting."""

    @abstractmethod
    def _audio_features(self, speech: Iterable[Speech], fps: int) -> Iterator[Tensor]:
        """The audio features of each frame of the speech."""

    @abstractmethod
    def _silent_features(self) -> Tensor:
        """The audio features of a silent frame."""

    @abstractmethod
    def _crop_face(self, image: np.ndarray, landmarks: np.ndarray) -> FaceInput | None:
        """The face of a frame with steady landmarks `(478, 3)` px; None where it is too small.

        Called in several threads at once, as is `_paste_back`.
        """

    @abstractmethod
    def _prepare(self, samples: list[Sample[FaceInput]]) -> Given:
        """The samples as the network wants them, on the device; called beside the network."""

    @abstractmethod
    def _inpaint(self, given: Given, style: Style) -> Tensor:
        """The repainted faces `(n, 3, h, w)`, RGB in 0..1 on the device, without waiting for them."""

    @abstractmethod
    def _paste_back(self, sample: Sample[FaceInput], mouth: np.ndarray) -> np.ndarray:
        """The sample's frame with the repainted face in it."""
