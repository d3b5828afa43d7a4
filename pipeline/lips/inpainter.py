"""The loop of a lips engine that repaints faces: crop, encode the audio, inpaint in batches, paste back.

An engine says how it crops a face, encodes the speech and inpaints the crop; all that is the same for every
such engine is here.
"""

from __future__ import annotations

import itertools
import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from pipeline import device
from pipeline.faces.crops import steady
from pipeline.lips.face_track import with_landmarks
from pipeline.types import Clip, Frame, Speech, Style

if TYPE_CHECKING:
    from torch import Tensor

log = logging.getLogger(__name__)

FaceInput = TypeVar("FaceInput")


@dataclass(frozen=True)
class Sample(Generic[FaceInput]):
    """One frame with all that the network needs to inpaint it."""

    frame: Frame
    face: FaceInput
    """The face as the engine cropped it."""
    audio: Tensor
    """Features of the sound that the mouth should fit."""


class LipInpainter(ABC, Generic[FaceInput]):
    """`protocols.Lips` for engines that repaint every face they are shown."""

    def sync(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Clip:
        """The clip with the mouth saying `speech`.

        Frames without a usable face pass untouched and without landmarks; how many is logged. Frames after
        the end of the speech get a silent mouth.
        """
        return replace(clip, frames=self._synced(clip, speech, style))

    def _synced(self, clip: Clip, speech: Iterable[Speech], style: Style) -> Iterator[Frame]:
        audio = self._audio_features(speech, clip.fps)
        cropped = self._crop_faces(with_landmarks(clip), clip.fps)
        stream = zip(cropped, itertools.chain(audio, self._silence()), strict=False)
        items = (frame if face is None else Sample(frame, face, sound) for (frame, face), sound in stream)
        count = untouched = 0
        try:
            for item, mouth in device.in_batches(
                partial(self._inpaint_batch, style=style), items, self.batch
            ):
                count += 1
                if isinstance(item, Sample) and mouth is not None:
                    yield replace(item.frame, image=self._paste_back(item, mouth))
                elif isinstance(item, Frame):
                    untouched += 1
                    yield replace(item, landmarks=None)
            if next(audio, None) is not None:
                log.warning("The video ends before the speech does; the rest of the speech is not seen.")
        finally:
            if untouched:
                log.warning("No usable face in %d of %d frames; these are unchanged.", untouched, count)

    def _crop_faces(self, frames: Iterable[Frame], fps: int) -> Iterator[tuple[Frame, FaceInput | None]]:
        """Each frame with its cropped face; None where there is none, or one that is too small."""
        for frame, landmarks in steady(frames, fps):
            yield frame, None if landmarks is None else self._crop_face(frame.image, landmarks)

    def _inpaint_batch(
        self, items: list[Frame | Sample[FaceInput]], *, style: Style
    ) -> Sequence[tuple[Frame | Sample[FaceInput], np.ndarray | None]]:
        """Each item with its inpainted face; None for a frame that has no face."""
        samples = [item for item in items if isinstance(item, Sample)]
        mouths = iter(self._inpaint(samples, style) if samples else ())
        return [(item, next(mouths) if isinstance(item, Sample) else None) for item in items]

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
        """The face of a frame with steady landmarks `(478, 3)` px; None where it is too small."""

    @abstractmethod
    def _inpaint(self, samples: list[Sample[FaceInput]], style: Style) -> Iterable[np.ndarray]:
        """The repainted face of each sample, `(h, w, 3)` uint8 RGB."""

    @abstractmethod
    def _paste_back(self, sample: Sample[FaceInput], mouth: np.ndarray) -> np.ndarray:
        """The sample's frame with the repainted face in it."""
