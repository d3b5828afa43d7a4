"""What a look at a whole sound track finds: channels that cancel, rumble, impossible samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np

from pipeline.video.container import Decoder

_SURVEYED = 600
"""Seconds that are surveyed at the most."""
_CANCELLED = 0.1
"""Power of the mono mix over that of its channels below which they cancel (10 dB; equal channels have 1)."""
_CANCELLED_MANY = 0.01
"""The same over the loudest of more than two channels, whose mix holds each at a lower level."""
_RUMBLE_BELOW = 40.0
"""Hz below which speech has nothing to say."""
_RUMBLE = 0.01
"""Power below it over the power above it from which it is removed (-20 dB)."""
_SPIKE = 300.0
"""Peak over the median peak of all frames from which samples are errors, such as 1e30 in a float WAV."""

_ROOM = 8.0
"""What samples may reach in any case, 18 dB over full scale: sums of loud channels, unlimited floats."""
_PEAK_STEP = 1000
"""Samples of which one peak is kept."""


@dataclass(frozen=True)
class Survey:
    """How a sound track becomes clean mono."""

    channel: int | None = None
    """The one channel to use, where the mix cancels itself; None mixes them."""
    difference: bool = False
    """Use half the difference of two channels, because their sum cancels."""
    rumbles: bool = False
    """Whether there is a DC offset or rumble to be removed."""
    limit: float = _ROOM
    """Samples beyond it are errors."""
    lost: float = 0.0
    """Seconds that are damaged."""

    def mixer(self, frame: av.AudioFrame) -> Mixer:
        """The mixer for frames of this one's format."""
        count = frame.layout.nb_channels
        if self.difference and count == 2:
            return Mixer(frame, np.array([0.5, -0.5], np.float32))
        if self.channel is not None and self.channel < count:
            return Mixer(frame, np.eye(count, dtype=np.float32)[self.channel])
        return Mixer(frame)


class Mixer:
    """Mixes frames of one format to mono: with given weights, or as FFmpeg does."""

    def __init__(self, frame: av.AudioFrame, weights: np.ndarray | None = None) -> None:
        layout = "mono" if weights is None else frame.layout.name
        self._weights = weights
        # Interleaved: beyond eight channels, PyAV finds no memory behind the planes of planar samples.
        self._resampler = av.AudioResampler(format="flt", layout=layout, rate=frame.rate)

    def mix(self, frame: av.AudioFrame) -> Iterator[np.ndarray]:
        """The frame's samples, `(N,)` float32."""
        for piece in self._resampler.resample(frame):
            samples = piece.to_ndarray()
            if self._weights is None:
                yield samples[0]
            else:
                yield self._weights @ samples.reshape(-1, piece.layout.nb_channels).T


def survey(box: av.container.InputContainer, stream: av.AudioStream) -> Survey:
    """Decode a track, up to `_SURVEYED` seconds, and measure it."""
    decoder, measures, seconds = Decoder(box, stream), _Measures(), 0.0
    for frame in decoder.frames():
        measures.add(frame)
        seconds += frame.samples / frame.rate
        if seconds > _SURVEYED:
            break
    return measures.survey(decoder.lost)


class _Measures:
    """Adds up the powers of a track's channels, of their mix, and of its lowest frequencies."""

    def __init__(self) -> None:
        self._shape: tuple[str, str, int] | None = None
        self._peaks: list[float] = []
        self._channels = np.zeros(1)
        self._sum = self._difference = 0.0
        self._low = self._all = 0.0
        self._channel_pieces: list[np.ndarray] = []
        self._mono_pieces: list[np.ndarray] = []

    def add(self, frame: av.AudioFrame) -> None:
        """Measure the next frame, together with some others."""
        shape = (frame.format.name, frame.layout.name, frame.rate)
        if shape != self._shape:
            self._measure()
            self._shape = shape
            count = frame.layout.nb_channels
            # FFmpeg mixes two channels as their sum, up to a factor; more of them need its weights.
            self._split = Mixer(frame, np.eye(count, dtype=np.float32)) if count > 1 else Mixer(frame)
            self._mono = Mixer(frame) if count > 2 else None
            self._lowpass = _Lowpass(frame.rate)
        self._channel_pieces += map(np.atleast_2d, self._split.mix(frame))
        if self._mono is not None:
            self._mono_pieces += self._mono.mix(frame)
        if sum(piece.shape[1] for piece in self._channel_pieces) >= frame.rate:
            self._measure()

    def _measure(self) -> None:
        """Measure the frames that wait."""
        if not any(piece.size for piece in self._channel_pieces):
            return
        channels = np.concatenate(self._channel_pieces, axis=1)
        mono = np.concatenate(self._mono_pieces) if self._mono_pieces else channels.mean(0)
        self._channel_pieces, self._mono_pieces = [], []
        channels, mono = _finite(channels), _finite(mono)
        self._peaks += np.abs(_in_steps(channels)).max((0, 2)).tolist()
        centred = channels - channels.mean(1, keepdims=True)  # an offset says nothing about what cancels
        powers = np.einsum("cn,cn->c", centred, centred, dtype=np.float64)
        width = max(len(powers), len(self._channels))
        self._channels = np.pad(self._channels, (0, width - len(self._channels)))
        self._channels[: len(powers)] += powers
        self._sum += _power(mono - mono.mean())
        signal = mono
        if len(channels) == 2:
            difference = 0.5 * (channels[0] - channels[1])
            self._difference += _power(difference - difference.mean())
            # Offsets of opposite sign cancel in the sum, but not in the channel that is used.
            signal = mono if self._sum >= self._difference else difference
        self._all += _power(signal)
        self._low += _power(self._lowpass(signal))

    def survey(self, lost: float) -> Survey:
        """What follows from the measurements."""
        self._measure()
        peaks = np.array([peak for peak in self._peaks if peak > 0])
        limit = max(_ROOM, _SPIKE * float(np.median(peaks))) if len(peaks) else _ROOM
        rumbles = self._low > _RUMBLE * max(self._all - self._low, 0.0)
        count, loudest = len(self._channels), int(self._channels.argmax())
        difference = count == 2 and self._sum < _CANCELLED * self._channels.mean()
        alone = count > 2 and self._sum < _CANCELLED_MANY * self._channels[loudest]
        return Survey(loudest if alone else None, bool(difference), bool(rumbles), limit, lost)


class _Lowpass:
    """What lies below `_RUMBLE_BELOW`, block by block."""

    def __init__(self, rate: int) -> None:
        from scipy.signal import butter

        self._sections = butter(4, min(_RUMBLE_BELOW, 0.2 * rate), fs=rate, output="sos")
        self._state = np.zeros((len(self._sections), 2))

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        from scipy.signal import sosfilt

        filtered, self._state = sosfilt(self._sections, samples, zi=self._state)
        return filtered


def _in_steps(channels: np.ndarray) -> np.ndarray:
    """`(C, T, _PEAK_STEP)`: `(C, N)` samples in steps; a last shorter one is left out."""
    count, length = channels.shape
    step = min(_PEAK_STEP, length)
    return channels[:, : length // step * step].reshape(count, -1, step)


def _finite(samples: np.ndarray) -> np.ndarray:
    """Without NaN, infinities and values that no recorder makes."""
    most = np.float32(2.0**32)
    if np.abs(samples).max(initial=0.0) <= most:
        return samples
    return np.where(np.abs(samples) <= most, samples, 0).astype(np.float32)


def _power(samples: np.ndarray) -> float:
    return float(np.square(samples).sum(dtype=np.float64))
