"""Speech to LivePortrait's motion by JoyVASA's diffusion, part by part as the words come in.

Each part of the speech is cut into windows of four seconds; what was said and done before goes along as
their history, so that parts join as windows do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import soxr
import torch
from torch import Tensor

from pipeline.networks.joyvasa import RATE, History, MotionGenerator
from pipeline.networks.joyvasa_motion import Performance, decode, resample, smooth
from pipeline.types import Speech

if TYPE_CHECKING:
    from pipeline.heads.liveportrait import Options

LEAD = 2
"""Silent frames heard before the first word. They are not shown: the first is what motion is measured from,
and the published program, which shows them without moving the sound, has lips that lag by 80 ms."""


class JoyVASADriver:
    """JoyVASA's network and statistics, on the device."""

    def __init__(self, network: MotionGenerator, template: dict[str, Tensor], options: Options) -> None:
        self.network = network
        self.template = template
        self.options = options

    def start(self, seed: int) -> Talk:
        """A new clip; the same `seed` and words give the same motion."""
        return Talk(self, seed)


class Talk:
    """One clip being heard. `rest` is the pose before the first word, known once a part was heard."""

    def __init__(self, talker: JoyVASADriver, seed: int) -> None:
        self._talker = talker
        self._network = talker.network
        self._random = torch.Generator().manual_seed(seed)
        self._history = talker.network.start()
        self._start = self._noise()
        self._last: Performance | None = None
        self.rest: Performance | None = None

    def hear(self, part: Speech, fps: int) -> Performance:
        """What the face does while `part` is said: `part.frames(fps)` frames."""
        lead = LEAD if self.rest is None else 0
        own = self._network.settings.fps
        heard = soxr.resample(part.samples, part.rate, RATE).astype(np.float32)
        samples = torch.from_numpy(np.pad(heard, (lead * RATE // own, 0)))
        performance = self._play(samples.to(self._start.device))
        if self.rest is None:
            self.rest = performance.at(slice(1))
        positions = torch.arange(part.frames(fps), device=self._start.device) * (own / fps) + lead
        return resample(performance, positions)

    def _play(self, samples: Tensor) -> Performance:
        """Every frame that `samples` at 16 kHz begin, at the network's rate."""
        settings = self._network.settings
        frames = max(1, -(-len(samples) * settings.fps // RATE))
        vectors = torch.cat(list(self._windows(samples, frames)))
        performance = smooth(
            decode(vectors, self._talker.template), self._talker.options.smoothing, before=self._last
        )
        self._last = performance.at(slice(-1, None))
        return performance

    def _windows(self, samples: Tensor, frames: int) -> Iterator[Tensor]:
        """The motion vectors `(n, M)` of each window, the last cut to the frames there are."""
        for window in self._network.windows(samples):
            audio = self._network.listen(window[None])
            *_, motion = self._network.states(
                audio, self._history, self._noises(), guidance=self._talker.options.guidance
            )
            used = min(frames, motion.shape[1])
            self._history = _after(self._history, motion[:, :used], audio[:, :used])
            yield motion[0, :used]
            frames -= used

    def _noises(self) -> Iterator[Tensor]:
        yield self._start
        while True:
            yield self._noise()

    def _noise(self) -> Tensor:
        settings, like = self._network.settings, self._network.null_audio_feat
        # Drawn on the CPU, so that a seed means the same on every device.
        drawn = torch.randn(1, settings.n_motions, settings.motion_feat_dim, generator=self._random)
        return drawn.to(like)


def _after(history: History, motion: Tensor, audio: Tensor) -> History:
    """The history of the next window: the last frames of what has been."""
    return History(
        *(
            torch.cat([before, now], dim=1)[:, -before.shape[1] :]
            for before, now in zip(history, (motion, audio), strict=True)
        )
    )
