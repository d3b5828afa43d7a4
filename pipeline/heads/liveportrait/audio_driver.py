"""JoyVASA's diffusion from speech to LivePortrait's motion, part by part as the speech comes in.

Each part is cut into windows of four seconds; the speech and motion before a window are its history, so that
parts join as seamlessly as windows do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import soxr
import torch
from torch import Tensor

from pipeline.inference.transfer import upload
from pipeline.networks.joyvasa import RATE, History, MotionGenerator
from pipeline.networks.joyvasa_motion import FaceMotion, decode, resample, smooth
from pipeline.types import Speech

if TYPE_CHECKING:
    from pipeline.heads.liveportrait import Options

LEAD_IN = 2
"""Silent frames before the speech. They are not shown: the first is the reference of the relative motion. The
published program shows them without moving the sound, so its lips lag by 80 ms."""


class JoyVASADriver:
    """JoyVASA's network and the statistics of its training set, on the device."""

    def __init__(self, network: MotionGenerator, template: dict[str, Tensor], options: Options) -> None:
        self.network = network
        self.template = template
        self.options = options

    def start(self, seed: int) -> MotionStream:
        """The motion of a new clip; the same `seed` and speech give the same motion."""
        return MotionStream(self, seed)


class MotionStream:
    """The motion of one clip, generated part by part."""

    def __init__(self, driver: JoyVASADriver, seed: int) -> None:
        self._driver = driver
        self._network = driver.network
        self._random = torch.Generator().manual_seed(seed)
        self._history = driver.network.initial_history()
        self._start = self._noise()
        self._last: FaceMotion | None = None
        self._rest: FaceMotion | None = None

    def next(self, part: Speech, fps: int) -> tuple[FaceMotion, FaceMotion]:
        """`part.frames(fps)` frames of motion for `part`, and their reference, the pose before the clip."""
        lead_in = LEAD_IN if self._rest is None else 0
        own_fps = self._network.settings.fps
        resampled = soxr.resample(part.samples, part.rate, RATE).astype(np.float32)
        samples = torch.from_numpy(np.pad(resampled, (lead_in * RATE // own_fps, 0)))
        motion = self._generate(upload(samples, self._start.device))
        self._rest = self._rest or motion.at(slice(1))
        positions = torch.arange(part.frames(fps), device=self._start.device) * (own_fps / fps) + lead_in
        return resample(motion, positions), self._rest

    def _generate(self, samples: Tensor) -> FaceMotion:
        """Every frame that starts within `samples` at 16 kHz, at the network's rate."""
        settings = self._network.settings
        frames = max(1, -(-len(samples) * settings.fps // RATE))
        vectors = torch.cat(list(self._windows(samples, frames)))
        motion = smooth(
            decode(vectors, self._driver.template), self._driver.options.smoothing, before=self._last
        )
        self._last = motion.at(slice(-1, None))
        return motion

    def _windows(self, samples: Tensor, frames: int) -> Iterator[Tensor]:
        """The motion vectors `(n, M)` of each window, `frames` in all."""
        for window in self._network.windows(samples):
            audio = self._network.encode_audio(window[None])
            *_, motion = self._network.denoise(
                audio, self._history, self._noises(), guidance=self._driver.options.guidance
            )
            used = min(frames, motion.shape[1])
            self._history = _continued(self._history, motion[:, :used], audio[:, :used])
            yield motion[0, :used]
            frames -= used

    def _noises(self) -> Iterator[Tensor]:
        yield self._start
        while True:
            yield self._noise()

    def _noise(self) -> Tensor:
        settings, like = self._network.settings, self._network.null_audio_feat
        # Drawn on the CPU, so that a seed gives the same motion on every device.
        drawn = torch.randn(1, settings.n_motions, settings.motion_feat_dim, generator=self._random)
        return upload(drawn, like.device).to(like)


def _continued(history: History, motion: Tensor, audio: Tensor) -> History:
    """The history of the next window: the last frames up to the end of this one."""
    return History(
        *(
            torch.cat([before, now], dim=1)[:, -before.shape[1] :]
            for before, now in zip(history, (motion, audio), strict=True)
        )
    )
