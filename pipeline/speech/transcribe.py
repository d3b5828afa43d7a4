"""A recording, or the sound of a video, becomes a stream of `Speech`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.speech.audio.recording import Recording, open_recording
from pipeline.speech.recognition.aligner import Aligner, make_aligner
from pipeline.speech.text.normalize import normalize
from pipeline.types import RATE, Speech


def listen(source: Path | str, *, text: str | None = None, fps: int = 25) -> Iterator[Speech]:
    """The speech in a recording, in parts of about 3 to 12 s that are cut at pauses and follow without a gap.

    The file is checked, and its loudness measured, before this returns.

    Args:
        source: any sound or video file that FFmpeg reads, up to ten minutes long.
        text: the transcript, where it is known: the words are then timed, and the phones more reliable.
        fps: frame rate of the video to be made; each part is a whole number of its frames.

    Raises:
        AudioError: the file cannot be read, has no sound, is silent, too short or too long.
    """
    recording = open_recording(Path(source), fps)
    return _parts(recording, make_aligner(normalize(text or ""), seconds=recording.length / RATE))


def _parts(recording: Recording, aligner: Aligner) -> Iterator[Speech]:
    for number, samples in enumerate(recording.parts(), 1):
        phones, words = aligner.align(samples, last=number == len(recording.cuts))
        text = " ".join(word.text for word in words)
        yield Speech(samples, phones, words, text, language="en" if words else "und")
