"""A recording, or the sound of a video, becomes a stream of `Speech`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.speech.audio.recording import Recording, open_recording
from pipeline.speech.recognition import whisper
from pipeline.speech.recognition.aligner import Aligner, make_aligner
from pipeline.speech.recognition.whisper import Transcript
from pipeline.speech.text.language import written_language
from pipeline.speech.text.normalize import normalize
from pipeline.types import RATE, Speech, Word


def listen(
    source: Path | str, *, text: str | None = None, fps: int = 25, recognize: bool = False
) -> Iterator[Speech]:
    """The speech in a recording, in parts of about 3 to 12 s that are cut at pauses and follow without a gap.

    The file is checked, its loudness measured, and its words recognised where that is asked for, before this
    returns.

    Args:
        source: any sound or video file that FFmpeg reads, up to ten minutes long.
        text: the transcript, where it is known: the words are then timed, and the phones more reliable.
        fps: frame rate of the video to be made; each part is a whole number of its frames.
        recognize: find the words of a recording without a transcript; the phones stay those of the sound.

    Raises:
        AudioError: the file cannot be read, has no sound, is silent, too short or too long; or there is no
            speech in it that can be recognised.
        CheckpointError: the recogniser is not installed, or its files cannot be had.
    """
    recording = open_recording(Path(source), fps)
    written = written_language(text) if text else None
    language = written or "en"
    aligner = make_aligner(
        normalize(text or "", language), seconds=recording.length / RATE, language=language
    )
    if text or not recognize:
        return _parts(recording, aligner, written or "und")
    heard = whisper.require_speech(whisper.recognize(source), Path(source).name)
    return _captioned(_parts(recording, aligner, heard.language), heard)


def _parts(recording: Recording, aligner: Aligner, language: str) -> Iterator[Speech]:
    for number, samples in enumerate(recording.parts(), 1):
        phones, words = aligner.align(samples, last=number == len(recording.cuts))
        text = " ".join(word.text for word in words)
        yield Speech(samples, phones, words, text, language, recognised=not words)


def _captioned(parts: Iterator[Speech], heard: Transcript) -> Iterator[Speech]:
    """The same parts with the words that were recognised; a word belongs to the part that it starts in."""
    at = 0.0
    for part in parts:
        end = at + part.duration
        words = tuple(
            Word(word.text, word.start - at, min(word.end, end) - at)
            for word in heard.words
            if at <= word.start < end
        )
        text = " ".join(word.text for word in words)
        yield replace(part, words=words, text=text, incomplete=heard.incomplete)
        at = end
