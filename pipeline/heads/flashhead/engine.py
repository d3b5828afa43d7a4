"""SoulX-FlashHead as a head: windows of about a second, each denoised from the end of the one before."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager

import numpy as np
import torch
from torch import Tensor

from pipeline.errors import PhotoError
from pipeline.heads.flashhead import Options
from pipeline.heads.flashhead.framing import Framing
from pipeline.heads.flashhead.weights import Networks
from pipeline.heads.flashhead.windows import Memory, Slices
from pipeline.inference.overlap import rendered
from pipeline.inference.transfer import levels, upload
from pipeline.networks.flashhead_audio import FPS
from pipeline.networks.flashhead_sampler import Chain, Sampling
from pipeline.steps import Steps
from pipeline.types import Clip, Footage, Frame, Portrait, Speech, Style


class FlashHead:
    """`protocols.Head` by SoulX-FlashHead, Pro or Lite."""

    def __init__(self, networks: Networks, options: Options, *, sampled: bool = False) -> None:
        """The networks are on their device and in their precision already.

        `sampled`: draw latents from the autoencoder's distribution, where it has one.
        """
        self._networks = networks
        self._options = options
        self._sampling = Sampling(options.steps, options.colour, options.rounded, sampled)

    def animate(
        self, subject: Portrait | Footage, speech: Iterable[Speech], style: Style, *, speaking: bool
    ) -> Clip:
        """A clip of the network's square, or with `framing="full"` of the photo's size.

        The network makes 25 frames per second; at other rates some are shown twice, or left out. It has no
        amplitudes: of `style`, only the seed matters. Without `speaking` it hears silence, so that the mouth
        rests and the head moves little.

        Raises:
            PhotoError: the subject is a video.
        """
        if not isinstance(subject, Portrait):
            raise PhotoError(
                "FlashHead animates a photo, not a video; choose the head 'footage' for a video."
            )
        framing = Framing(subject, self._options.framing, self._networks.denoiser.settings.side)
        settings, steps = self._networks.denoiser.settings, Steps()
        slices = Slices(speech, style.fps, settings.fresh, silent=not speaking)
        performance = _Performance(self._networks, framing.square, style.seed, self._sampling, steps)
        frames = self._frames(framing, slices, performance, style.fps)
        return Clip(framing.size, style.fps, frames, face=framing.landmarks, steps=steps)

    def _frames(
        self, framing: Framing, slices: Slices, performance: _Performance, fps: int
    ) -> Iterator[Frame]:
        # The photo is encoded while the first words are still being spoken, and the next window is made while
        # the frames of the last one are composited and encoded.
        given = itertools.chain((None,), slices)
        windows = rendered(given, performance, framing.compose, size=1, ahead=slices.length)
        shown = 0
        with closing(windows):
            for index, frame in enumerate(windows):
                while shown * FPS < (index + 1) * fps and shown < slices.frames:
                    yield frame
                    shown += 1


class _Performance:
    """One clip's windows, made in order."""

    def __init__(
        self, networks: Networks, square: np.ndarray, seed: int, sampling: Sampling, steps: Steps
    ) -> None:
        self._networks, self._square = networks, square
        self._steps, self._windows = steps, 0
        self._random = torch.Generator().manual_seed(seed)
        self._sampling = sampling
        self._memory = Memory(networks.encoder, networks.where)
        self._chain: Chain | None = None

    def __call__(self, slices: list[np.ndarray | None]) -> Tensor:
        """The new frames `(n, side, side, 3)` uint8 RGB for the next slice of speech, the only one given, on
        the device; none for None, which comes before the first one and lets the clip begin."""
        (samples,) = slices
        with self._same_noise_again():
            self._chain = self._chain or self._started()
        if samples is None:
            return torch.empty(0, *self._square.shape, dtype=torch.uint8)
        with self._same_noise_again():
            video = self._chain.next(self._memory.hear(samples), self._stepped)
        self._memory.keep()
        self._windows += 1
        fresh = video[:, self._networks.denoiser.settings.overlap :]
        return levels((fresh.float() / 2 + 0.5).clamp_(0, 1).transpose(0, 1))

    def _stepped(self, share: float) -> None:
        seconds = self._networks.denoiser.settings.fresh / FPS
        self._steps.reach((self._windows + share) * seconds)

    def _started(self) -> Chain:
        pixels = upload(self._square, self._networks.where)
        photo = (pixels.permute(2, 0, 1) / 255 - 0.5) * 2
        return Chain(self._networks.denoiser, self._networks.vae, photo, self._noise, self._sampling)

    @contextmanager
    def _same_noise_again(self) -> Iterator[None]:
        """Where memory runs out in this block, which is then run again, the same noise is drawn."""
        before = self._random.get_state()
        try:
            yield
        except RuntimeError:
            self._random.set_state(before)
            raise

    def _noise(self, shape: tuple[int, ...]) -> Tensor:
        # Drawn on the CPU, so that a seed gives the same performance on every device.
        return torch.randn(shape, generator=self._random)
