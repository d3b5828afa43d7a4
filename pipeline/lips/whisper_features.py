"""What Whisper hears around each frame, while the speech is still coming in.

MuseTalk and LatentSync read the same ten states per frame and differ in how they cut the sound for the
encoder and in what lies beyond its ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import soxr
import torch
from torch import Tensor

from pipeline.networks import whisper
from pipeline.types import RATE, Speech

if TYPE_CHECKING:
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

STATES = 10
"""States, 20 ms each, that a frame hears."""
LEAD = 4
"""How many of them come before the frame's own time."""
PER_SECOND = 50


def first_state(frame: int, fps: float, *, lead: int = LEAD) -> int:
    """Index of the first state that a frame hears; it may be negative.

    MuseTalk's program has a `lead` of twice the states per frame, rounded up: what the networks were trained
    with at 25 fps, but off the frame's time at 24 and above 30.
    """
    return int(frame * (PER_SECOND / fps)) - lead


class WhisperFeatures:
    """Whisper's encoder on its device."""

    def __init__(
        self,
        network: WhisperEncoder,
        spectra: Callable[[Tensor], Iterable[Tensor]],
        *,
        repeat_ends: bool = False,
    ) -> None:
        """
        Args:
            spectra: cuts `(N,)` samples at 16 kHz into the encoder's inputs `(80, 3000)`.
            repeat_ends: beyond the sound lie its first and last state, not zeros.
        """
        self._network = network
        self._spectra = spectra
        self._repeat_ends = repeat_ends

    def frames(self, speech: Iterable[Speech], fps: int) -> Iterator[Tensor]:
        """The `(50, 384)` states around every frame of `speech`; parts are read as windows reach them."""
        track, total, frame = _Track(self._repeat_ends), 0, 0
        for part in speech:
            total += part.frames(fps)
            track.add(self.hear(part), until=int(total * PER_SECOND / fps))
            while frame < total and first_state(frame, fps) + STATES <= track.end:
                yield track.window(first_state(frame, fps))
                frame += 1
        while frame < total:
            yield track.window(first_state(frame, fps))
            frame += 1

    def silence(self) -> Tensor:
        """The `(50, 384)` states of a frame in which nothing is heard."""
        states = self.hear(Speech(np.zeros(RATE, np.float32)))
        return states[20 : 20 + STATES].flatten(0, 1)

    def hear(self, part: Speech) -> Tensor:
        """`(n, 5, 384)` states of all of one part, 50 a second."""
        samples = soxr.resample(part.samples, part.rate, whisper.RATE).astype(np.float32)
        like = next(self._network.parameters())
        with torch.inference_mode():
            pieces = [
                whisper.states(self._network, mel[None].to(like))[0]
                for mel in self._spectra(torch.from_numpy(samples).to(like.device))
            ]
        return torch.cat(pieces)


class _Track:
    """The states heard so far; those that no window reaches back to are let go."""

    def __init__(self, repeat_ends: bool) -> None:
        self._repeat_ends = repeat_ends
        self._states: Tensor | None = None
        self._start = 0
        self.end = 0

    def add(self, states: Tensor, *, until: int) -> None:
        """More states, of which those up to the index `until` are real."""
        states = states[: max(0, until - self.end)]
        self._states = states if self._states is None else torch.cat([self._states, states])
        self.end += len(states)

    def window(self, start: int) -> Tensor:
        """`(50, 384)`: ten states from index `start`, the five layers of each behind one another."""
        at = torch.arange(start, start + STATES)
        inside = (at >= 0) & (at < self.end)
        window = self._states[(at - self._start).clamp(0, self.end - self._start - 1)]
        if not self._repeat_ends:
            window = window * inside.to(window)[:, None, None]
        self._drop(start)
        return window.flatten(0, 1)

    def _drop(self, start: int) -> None:
        behind = start - STATES - self._start
        if behind >= 500:
            self._states, self._start = self._states[behind:].clone(), self._start + behind
