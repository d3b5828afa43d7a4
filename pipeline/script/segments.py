"""Segments: the finished file of a shot, with its speech and the engines that made it.

Beside the video with its lossless sound lies a JSON file, written before the video gets its name: where there
is a video, there is all that the film needs to know of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.errors import VideoError
from pipeline.files import written_whole
from pipeline.script.store import NOTES_SUFFIX
from pipeline.types import RATE, Phone, Speech, Word


@dataclass(frozen=True)
class Segment:
    """A finished shot."""

    path: Path
    """MP4 with H.264 in closed GOPs and FLAC; of a film with alpha, Matroska with VP9, or MOV with ProRes."""
    frames: int
    speech: tuple[Speech, ...] = ()
    """What is said, part by part; silent, because the sound stands in the file."""
    made: tuple[tuple[str, str], ...] = ()
    """What ran: "head", "lips", "voice", "seed", "matting"; nothing for a shot without a presenter."""
    seconds: float = 0.0
    """How long it took to make."""
    faceless: int = 0
    """Frames in which the lips engine found no usable face."""
    preparing: float = 0.0
    """How many of these seconds passed before its first frame, while presenters and engines were read."""
    channels: int = 1
    """Of its sound: 2 for clips that were made elsewhere."""


def write_notes(segment: Segment) -> None:
    """Write the notes file beside the video. Raises `OutputError` if that fails."""
    content = {
        "frames": segment.frames,
        "speech": [_noted(part) for part in segment.speech],
        "made": dict(segment.made),
        "seconds": round(segment.seconds, 2),
        "preparing": round(segment.preparing, 2),
        "faceless": segment.faceless,
        "channels": segment.channels,
    }
    with written_whole(segment.path.with_suffix(NOTES_SUFFIX)) as part:
        part.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def read_segment(path: Path) -> Segment:
    """The segment with this video.

    Raises:
        VideoError: what stands beside it is gone or damaged.
    """
    try:
        content = json.loads(path.with_suffix(NOTES_SUFFIX).read_text(encoding="utf-8"))
        return Segment(
            path,
            int(content["frames"]),
            tuple(_said(part) for part in content["speech"]),
            tuple(content["made"].items()),
            float(content["seconds"]),
            int(content["faceless"]),
            float(content.get("preparing", 0.0)),
            int(content["channels"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise VideoError(f"The segment {path.name} is damaged; clean the script to make it again.") from error


def read_segment_sound(segment: Segment, fps: int) -> Iterator[np.ndarray]:
    """Its sound, `(N, channels)` float32 blocks, exactly as long as its frames.

    Raises:
        VideoError: it cannot be read.
    """
    import av

    wanted = segment.frames * RATE // fps
    try:
        with av.open(str(segment.path)) as box:
            for frame in box.decode(audio=0):
                samples = frame.to_ndarray().reshape(-1, segment.channels)[:wanted]
                block = samples.astype(np.float32) / np.float32(2**31)
                wanted -= len(block)
                yield block
    except (av.FFmpegError, OSError, IndexError) as error:
        raise VideoError(
            f"The segment {segment.path.name} is damaged; clean the script to make it again."
        ) from error
    if wanted:
        yield np.zeros((wanted, segment.channels), np.float32)


def silence(frames: int, fps: int, language: str = "und") -> Speech:
    """Silence that lasts so many frames."""
    samples = np.zeros(frames * RATE // fps, np.float32)
    return Speech(samples, (Phone("", 0.0, len(samples) / RATE),), language=language)


def _noted(part: Speech) -> dict[str, Any]:
    return {
        "samples": len(part.samples),
        "phones": [list(asdict(phone).values()) for phone in part.phones],
        "words": [list(asdict(word).values()) for word in part.words],
        "text": part.text,
        "language": part.language,
    }


def _said(noted: dict[str, Any]) -> Speech:
    return Speech(
        np.zeros(int(noted["samples"]), np.float32),
        tuple(Phone(*phone) for phone in noted["phones"]),
        tuple(Word(*word) for word in noted["words"]),
        str(noted["text"]),
        str(noted["language"]),
    )
