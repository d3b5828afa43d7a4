"""The speech as FlashHead hears it: slices of about a second, each with the eight seconds before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr
import torch
from torch import Tensor

from pipeline.inference.transfer import upload
from pipeline.networks.flashhead import FRAMES
from pipeline.networks.flashhead_audio import FPS, RATE, SpeechEncoder, frame_windows
from pipeline.types import Speech

SAMPLES = RATE // FPS
"""Samples of one frame."""
_ROUNDING = 16
"""Samples that resampling may leave over; one frame of the quickest video has 267."""
_MEMORY = 8 * RATE
"""Samples that are heard at once, the newest last."""


class Slices:
    """A stream of speech in slices of so many frames at 25 fps, the last one filled up with silence.

    It is read no further than the next slice needs.
    """

    def __init__(self, speech: Iterable[Speech], fps: int, frames: int, *, silent: bool) -> None:
        """`fps`: of the video, in whose frames `self.frames` counts; `silent`: hear nothing of it."""
        self._speech, self._fps = speech, fps
        self.length, self._silent = frames, silent
        self.frames = 0
        """Frames at the video's rate in what was read so far."""

    def __iter__(self) -> Iterator[np.ndarray]:
        """Each slice, `(frames · 640,)` float32."""
        held, size = np.zeros(0, np.float32), self.length * SAMPLES
        for samples in self._resampled():
            held = np.concatenate([held, samples])
            while len(held) >= size:
                yield held[:size]
                held = held[size:]
        if len(held) > _ROUNDING:
            yield np.pad(held, (0, size - len(held)))

    def _resampled(self) -> Iterator[np.ndarray]:
        stream = None
        for part in self._speech:
            self.frames += part.frames(self._fps)
            stream = stream or soxr.ResampleStream(part.rate, RATE, 1, dtype="float32")
            samples = np.zeros_like(part.samples) if self._silent else part.samples
            yield stream.resample_chunk(samples.astype(np.float32))
        if stream is not None:
            yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


class Memory:
    """The last eight seconds of the speech, silence before its start.

    What was heard is remembered only once its frames are made: where memory runs out, they are made again.
    """

    def __init__(self, encoder: SpeechEncoder, where: torch.device) -> None:
        self._encoder = encoder
        self._samples = self._heard = torch.zeros(_MEMORY, device=where)

    def hear(self, samples: np.ndarray) -> Tensor:
        """Features `(33, 5, L, A)` for a window's frames, the last of which ends with these samples."""
        new = upload(samples, self._samples.device).to(self._samples)
        self._heard = torch.cat([self._samples[len(new) :], new])
        features = self._encoder(self._heard)
        end = len(features)
        return features[upload(frame_windows(end - FRAMES, FRAMES, end), features.device)]

    def keep(self) -> None:
        """Remember what was heard last."""
        self._samples = self._heard
