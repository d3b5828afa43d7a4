"""A recording, or a video's sound, becomes a stream of `Speech`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipeline.speech.audio.recording import Recording, open_recording
from pipeline.speech.recognition.aligner import PhoneAligner
from pipeline.speech.text.normalize import normalize
from pipeline.types import Speech


def listen(source: Path, *, text: str | None = None, fps: int = 25) -> Iterator[Speech]:
    """What a recording says, in parts of some 3 to 12 s that are cut at pauses and follow without a gap.

    The file is checked, and its loudness measured, before this returns.

    Args:
        source: any sound or video file that FFmpeg reads, up to ten minutes.
        text: what is said in it, where that is known: words get times then, and phones are surer.
        fps: frame rate of the video to be made; each part is a whole number of its frames.

    Raises:
        AudioError: the file cannot be read, has no sound, is silent, too short or too long.
    """
    return _heard(open_recording(Path(source), fps), PhoneAligner(normalize(text or "")))


def _heard(recording: Recording, listener: PhoneAligner) -> Iterator[Speech]:
    for number, samples in enumerate(recording.parts(), 1):
        phones, words = listener.hear(samples, last=number == len(recording.cuts))
        said = " ".join(word.text for word in words)
        yield Speech(samples, phones, words, said, language="en" if words else "und")
