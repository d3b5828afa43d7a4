"""Whisper's features around each frame, while the speech is still coming in.

MuseTalk and LatentSync use the same ten encoder states per frame; they differ in how they cut the sound for
the encoder and in what they pad with beyond its ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import soxr
import torch
from torch import Tensor

from pipeline.inference.transfer import beside, upload
from pipeline.networks import whisper
from pipeline.types import RATE, Speech

if TYPE_CHECKING:
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

STATES = 10
"""Encoder states, 20 ms each, in the window of a frame."""
_LEAD = 4
"""How many of them precede the frame's own time."""
_PER_SECOND = 50
_DROP_AT = 500
"""States that no window reaches any more are dropped once there are this many of them (10 s)."""


def first_state(frame: int, fps: float, *, lead: int = _LEAD) -> int:
    """Index of the first state in a frame's window; it may be negative.

    MuseTalk's program uses a `lead` of twice the states per frame, rounded up: what the networks were trained
    with at 25 fps, but off the frame's time at 24 fps and above 30.
    """
    return int(frame * (_PER_SECOND / fps)) - lead


class WhisperFeatures:
    """Whisper's encoder on its device."""

    def __init__(
        self,
        network: WhisperEncoder,
        segments: Callable[[Tensor], Iterable[Tensor]],
        *,
        repeat_ends: bool = False,
    ) -> None:
        """
        Args:
            segments: cuts `(N,)` samples at 16 kHz into the encoder's inputs, log-mel `(80, 3000)`.
            repeat_ends: pad beyond the sound with its first and last state instead of zeros.
        """
        self._network = network
        self._segments = segments
        self._repeat_ends = repeat_ends

    def frames(self, speech: Iterable[Speech], fps: int) -> Iterator[Tensor]:
        """The `(50, 384)` features of every frame of `speech`; parts are read when windows reach them."""
        buffer, total, frame = _StateBuffer(self._repeat_ends), 0, 0
        for part in speech:
            total += part.frames(fps)
            buffer.append(self.encode(part), until=int(total * _PER_SECOND / fps))
            while frame < total and first_state(frame, fps) + STATES <= buffer.end:
                yield buffer.window(first_state(frame, fps))
                frame += 1
        while frame < total:
            yield buffer.window(first_state(frame, fps))
            frame += 1

    def silence(self) -> Tensor:
        """The `(50, 384)` features of a silent frame."""
        states = self.encode(Speech(np.zeros(RATE, np.float32)))
        return states[20 : 20 + STATES].flatten(0, 1)

    def encode(self, part: Speech) -> Tensor:
        """`(n, 5, 384)` encoder states of one part, 50 per second, from all five layers, on the CPU.

        A window is cut per frame: on the device that would queue behind the frames' network.
        """
        samples = soxr.resample(part.samples, part.rate, whisper.RATE).astype(np.float32)
        like = next(self._network.parameters())
        with torch.inference_mode(), beside(like.device):
            pieces = [
                whisper.hidden_states(self._network, mel[None].to(like))[0]
                for mel in self._segments(upload(samples, like.device))
            ]
            return torch.cat(pieces).cpu()


class _StateBuffer:
    """The states so far; those that no window reaches back to are dropped."""

    def __init__(self, repeat_ends: bool) -> None:
        self._repeat_ends = repeat_ends
        self._states: Tensor | None = None
        self._start = 0
        self.end = 0

    def append(self, states: Tensor, *, until: int) -> None:
        """More states; those from the index `until` on are padding of the encoder and left out."""
        states = states[: max(0, until - self.end)]
        self._states = states if self._states is None else torch.cat([self._states, states])
        self.end += len(states)

    def window(self, start: int) -> Tensor:
        """`(50, 384)`: ten states from index `start`, the five layers of each one after another."""
        assert self._states is not None, "a window is asked for only after states have come in"
        at = torch.arange(start, start + STATES)
        inside = (at >= 0) & (at < self.end)
        window = self._states[(at - self._start).clamp(0, self.end - self._start - 1)]
        if not self._repeat_ends:
            window = window * inside.to(window)[:, None, None]
        self._drop_before(start - STATES)
        return window.flatten(0, 1)

    def _drop_before(self, index: int) -> None:
        count = index - self._start
        if self._states is not None and count >= _DROP_AT:
            self._states, self._start = self._states[count:].clone(), index
