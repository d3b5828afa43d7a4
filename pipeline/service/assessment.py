"""Reviews for the page: of a photo, a video or a recording before a job, and of the finished video."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import NoFaceError
from pipeline.findings import Finding
from pipeline.progress import Result
from pipeline.samples import Sample, sample_of

if TYPE_CHECKING:
    from pipeline.review import Report

_UNDISPLAYABLE = {".heic", ".heif", ".hif", ".tif", ".tiff"}
"""Kinds of photos that people have and browsers do not show."""


_PLAIN = {
    "lips": "The lips follow the words only roughly. Try another version or a slower pace; with a recording, "
    "one without noise.",
    "opening": "The mouth hardly opens. Try the style Lively.",
    "sync": "Lips and sound are slightly out of step. Try another version.",
    "closures": "The lips stay open where they should close. With a recording, add its transcript.",
    "length": "The video is too short to judge the lips well.",
    "head": "The head hardly moves. Try the style Lively.",
    "smoothness": "The head trembles. Try the style Calm.",
    "blinks": "The eyes blink an unusual number of times. Change Blinks under Advanced.",
}
"""What to say on the page about a topic of the review that is not good."""


@dataclass(frozen=True, eq=False)
class PhotoVerdict:
    """What is known of a photo."""

    findings: tuple[Finding, ...]
    thumbnails: tuple[np.ndarray, ...]
    """`(160, 160, 3)` uint8 RGB of each face, to choose among; one for each face found."""
    sample: Sample | None
    """The sample that it is a copy of."""


@dataclass(frozen=True, eq=False)
class VideoVerdict:
    """What is known of a video."""

    seconds: float
    size: tuple[int, int]
    """Width and height in px, upright."""
    thumbnails: tuple[np.ndarray, ...]
    """The faces that it opens with, as in `PhotoVerdict`; none where it opens without."""


def assess_photo(path: Path, *, face: int = 1) -> PhotoVerdict:
    """The review of one face of a photo, and all faces that there are.

    Raises:
        PhotoError, NoFaceError: the photo cannot be used, or has no such face.
    """
    from pipeline import faces, review

    image = faces.read_image(path)
    portrait = faces.portrait(image, face=face)
    findings = review.review_photo(portrait.image, portrait.face)
    return PhotoVerdict(findings, _thumbnails(image), sample_of(path))


def assess_video(path: Path) -> VideoVerdict:
    """Length, size and faces of a video.

    Raises:
        VideoError: it cannot be read.
    """
    from pipeline.video import probe, read_frames

    info = probe(path)
    return VideoVerdict(info.duration, info.size, _thumbnails(next(iter(read_frames(path)))))


def assess_recording(path: Path) -> tuple[Finding, ...]:
    """The review of a recording, or of the first minutes of a long one.

    Raises:
        AudioError: it cannot be read.
    """
    from pipeline import review

    return review.review_recording(path)


def assess_result(made: Result) -> Report:
    """The report on a finished video, measured from the file itself.

    Raises:
        VideoError, NoFaceError: it cannot be judged.
    """
    from pipeline import review

    return review.review_video(made.video, phones=made.phones, face=made.face)


def plainly(report: Report) -> str:
    """What to change about a finished video, in plain words and without the review's terms; "" where nothing
    has to be changed."""
    problems = [found for found in report.findings if found.verdict != "good"]
    advice = [_PLAIN.get(found.topic, found.sentence) for found in problems]
    return " ".join(dict.fromkeys(advice))


def chart(report: Report) -> bytes:
    """The curves behind a report as a PNG."""
    from PIL import Image

    from pipeline import review

    file = io.BytesIO()
    Image.fromarray(review.draw(report)).save(file, "PNG")
    return file.getvalue()


def displayable(photo: Path) -> Path:
    """A photo that browsers can show: itself, or a JPEG beside it where they do not know its kind.

    Raises:
        PhotoError: it cannot be read.
    """
    if photo.suffix.lower() not in _UNDISPLAYABLE:
        return photo
    from PIL import Image

    from pipeline import faces

    made = photo.with_suffix(".jpg")
    Image.fromarray(faces.read_image(photo)).save(made, quality=95, subsampling=0)
    return made


def read_segment(path: Path) -> tuple[bytes, float]:
    """The bytes of a preview's segment and its length in seconds."""
    from pipeline.video import probe

    return path.read_bytes(), probe(path).duration


def _thumbnails(image: np.ndarray) -> tuple[np.ndarray, ...]:
    from pipeline import faces

    try:
        found = faces.find(image)
    except NoFaceError:
        return ()
    return tuple(faces.thumbnails(image, found))
