"""The one reader of sound: recordings and the sound of videos as mono samples at any rate.

A file is surveyed once (which track, how its channels become one, whether there is rumble), then read as
often as needed. Time is kept as in the file: gaps become silence, and the sound of a video starts with its
picture. A clean mono recording comes out sample by sample as it was stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from pipeline.errors import AudioError
from pipeline.video.container import (
    DERIVED_TIMES,
    LONGEST_GAP,
    Decoder,
    loss,
    open_media,
    picture_stream,
    report_loss,
    sound_streams,
    timestamp,
)
from pipeline.video.highpass import Highpass
from pipeline.video.sound_survey import Survey, survey
from pipeline.video.sound_tracks import choose_track
from pipeline.video.timeline import STEP_BACK, timeline

_TIMESTAMP_SLACK = 1 / 50
"""Seconds that time stamps may deviate from the sample count before samples are inserted or dropped."""
_BLOCK = 0.25
"""Seconds of a block; the few milliseconds of a decoded frame would cost more to handle than to decode."""
_FORMATS = "WAV, MP3 or M4A"


@dataclass(frozen=True)
class Sound:
    """A file with sound, surveyed; opened by `open_sound`."""

    path: Path
    track: int
    """Which of the file's `sound_streams`."""
    survey: Survey

    @property
    def damage(self) -> str | None:
        """A sentence where more than a second of it is damaged and left out."""
        return loss(self.path, self.survey.lost)

    def blocks(self, rate: int, *, highpass: bool = True) -> Iterator[np.ndarray]:
        """The sound as consecutive `(N,)` float32 blocks, mono at `rate` Hz, finite, nominally in [-1, 1].

        In a video, sample 0 belongs to the first frame: sound that starts later is preceded by silence, and
        sound before the picture is left out. Damaged packets are skipped.

        Args:
            rate: samples per second.
            highpass: remove a DC offset and rumble, where there is any.

        Raises:
            AudioError: nothing of it can be decoded.
        """
        with _open(self.path) as box:
            stream = sound_streams(box)[self.track]
            clock = _Clock(_origin(box, stream), derived=box.format.name in DERIVED_TIMES)
            resampler = _Resampler(rate, highpass=highpass and self.survey.rumbles)
            cleaner = _Cleaner(self.survey)
            for frame in Decoder(box, stream).frames():
                for samples in cleaner.clean(frame):
                    for piece in clock.fit(samples, frame):
                        yield from resampler.feed(piece, frame.rate)
            yield from resampler.finish()
        if not clock.started:
            raise _undecodable(self.path)


def open_sound(path: Path | str) -> Sound:
    """Survey a file with sound: up to ten minutes of it are decoded once.

    Raises:
        AudioError: the file is missing, unreadable, has no sound track, or nothing of it can be decoded.
    """
    path = Path(path)
    with _open(path) as box:
        track = choose_track(box)
    with _open(path) as box:
        found = survey(box, sound_streams(box)[track])
    report_loss(path, found.lost)
    return Sound(path, track, found)


def read_sound(path: Path | str, rate: int) -> Iterator[np.ndarray]:
    """The sound of a file; see `Sound.blocks`.

    Raises:
        AudioError: the file is missing, unreadable, has no sound track, or nothing of it can be decoded.
    """
    yield from open_sound(path).blocks(rate)


def sound_seconds(path: Path | str) -> float:
    """The length of the sound in seconds, counted from its packets.

    Raises:
        AudioError: the file is missing, unreadable, or has no sound track.
    """
    path = Path(path)
    with _open(path) as box:
        track = choose_track(box)
    return timeline(path, "audio", track=track).seconds


class _Cleaner:
    """Turns decoded frames into mono samples, cleaned as the survey found necessary."""

    def __init__(self, found: Survey) -> None:
        self._survey = found
        self._shape: tuple[str, str, int] | None = None

    def clean(self, frame: av.AudioFrame) -> Iterator[np.ndarray]:
        """The frame's samples at its own rate, `(N,)` float32."""
        shape = (frame.format.name, frame.layout.name, frame.rate)
        if shape != self._shape:
            self._shape = shape
            self._mixer = self._survey.mixer(frame)
        for samples in self._mixer.mix(frame):
            limit = self._survey.limit
            if not np.abs(samples).max(initial=0.0) <= limit:
                samples = np.where(np.abs(samples) <= limit, samples, 0).astype(np.float32)
            yield samples


class _Clock:
    """Keeps the samples in time with the file's time stamps, to 20 ms."""

    def __init__(self, origin: float, *, derived: bool) -> None:
        self._origin = origin
        self._derived = derived
        self._follows = True
        self._rate = 0
        self._done = 0
        self.started = False
        """Whether any sound came."""

    def fit(self, samples: np.ndarray, frame: av.AudioFrame) -> Iterator[np.ndarray]:
        """The samples after the silence of a gap before them, or without what overlaps the sound so far."""
        if frame.rate != self._rate:
            self._follows = not (self._derived and self._rate)
            self._origin += self._done / self._rate if self._rate else 0.0
            self._rate, self._done = frame.rate, 0
        gap = self._gap(frame)
        if gap > 0:
            yield from _silence(gap, self._rate)
        elif gap < 0:
            samples = samples[-gap:]
        self._done += max(gap, 0) + len(samples)
        self.started = True
        yield samples

    def _gap(self, frame: av.AudioFrame) -> int:
        """Samples that are missing before a frame; negative where it overlaps.

        Leaps of more than `LONGEST_GAP` and steps back to the start of another recording are closed.
        """
        if frame.pts is None or frame.time_base is None or not self._follows:
            return 0
        at = float(frame.pts * frame.time_base)
        gap = round((at - self._origin) * self._rate) - self._done
        seconds = gap / self._rate
        if seconds > LONGEST_GAP or (seconds < -STEP_BACK and self.started) or seconds < -LONGEST_GAP:
            self._origin = at - self._done / self._rate
            return 0
        slack = int(self._rate * _TIMESTAMP_SLACK) if self.started else 0
        return gap if abs(gap) > slack else 0


class _Resampler:
    """Brings samples of any rate to one, in blocks of at least `_BLOCK` seconds; equal rates change nothing.

    Rumble is removed on the way if asked for: before the rate changes, so that an offset does not ring.
    """

    def __init__(self, rate: int, *, highpass: bool) -> None:
        self._rate = rate
        self._filters = highpass
        self._highpass: Highpass | None = None
        self._given = rate
        self._soxr: Any = None
        self._waiting: list[np.ndarray] = []
        self._count = 0

    def feed(self, samples: np.ndarray, rate: int) -> Iterator[np.ndarray]:
        """The blocks that are complete with the next samples, which have this rate."""
        if rate != self._given:
            yield from self.finish()
            self._given = rate
        self._waiting.append(samples)
        self._count += len(samples)
        if self._count >= _BLOCK * rate:
            yield self._block()

    def finish(self) -> Iterator[np.ndarray]:
        """The last block."""
        if self._count:
            yield self._block()
        if self._highpass is not None:
            yield self._resampled(self._highpass.finish())
            self._highpass = None
        if self._soxr is not None:
            yield self._soxr.resample_chunk(np.zeros(0, np.float32), last=True)
            self._soxr = None

    def _block(self) -> np.ndarray:
        samples = self._waiting[0] if len(self._waiting) == 1 else np.concatenate(self._waiting)
        self._waiting, self._count = [], 0
        if self._filters:
            self._highpass = self._highpass or Highpass(self._given)
            samples = self._highpass.feed(samples)
        return self._resampled(samples)

    def _resampled(self, samples: np.ndarray) -> np.ndarray:
        if self._given == self._rate:
            return samples
        if self._soxr is None:
            import soxr

            self._soxr = soxr.ResampleStream(self._given, self._rate, 1, dtype="float32")
        resampled: np.ndarray = self._soxr.resample_chunk(samples)
        return resampled


def _silence(count: int, rate: int) -> Iterator[np.ndarray]:
    """So many zeros, a second at a time."""
    for start in range(0, count, rate):
        yield np.zeros(min(rate, count - start), np.float32)


def _open(path: Path) -> av.container.InputContainer:
    box: av.container.InputContainer = open_media(
        path, AudioError, what="recording", formats=_FORMATS, parameter="audio"
    )
    if not box.streams.audio:
        box.close()
        raise AudioError(
            f"{path.name} has no sound; use a recording, or a video with speech.", parameter="audio"
        )
    if not sound_streams(box):
        box.close()
        raise _undecodable(path)
    return box


def _undecodable(path: Path) -> AudioError:
    return AudioError(
        f"{path.name} is damaged: none of its sound can be read; record it again, or save it as {_FORMATS}.",
        parameter="audio",
    )


def _origin(box: av.container.InputContainer, stream: av.AudioStream) -> float:
    """The file's time in seconds at which it starts: with the picture of a video, else with the sound.

    Encoders put their delay before time 0, where players do not play it.
    """
    leading = picture_stream(box) or stream
    return max(0.0, float(timestamp(leading.start_time, leading.time_base)))
