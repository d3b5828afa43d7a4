"""One call for anything a person may ask about: is this photo, recording or finished video good?"""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Literal

from pipeline.errors import StudioError, VideoError
from pipeline.faces import find, is_photo, portrait, read_image
from pipeline.findings import Finding
from pipeline.review.photo import review_photo
from pipeline.review.scoring import worst
from pipeline.review.sound import review_recording
from pipeline.review.video import review_video
from pipeline.video import has_picture

Kind = Literal["photo", "recording", "video"]
"""What can be assessed."""


@dataclass(frozen=True)
class Assessment:
    """The review of one file."""

    kind: Kind
    """What the file is, by its content."""
    findings: tuple[Finding, ...]
    """Everything that was judged, good or not."""
    sentence: str
    """The overall result and, unless it is good, what to do about it."""
    lips: float | None = None
    """Score of the lips, 0 to 100; None unless it is a video."""
    head: float | None = None
    """Score of everything around them, 0 to 100; None unless it is a video."""


def assess(path: str | PathLike[str]) -> Assessment:
    """Review a photo (its largest face), a recording, or a finished video.

    Raises:
        StudioError: the file is none of these, or cannot be judged; the sentence says why.
    """
    path = Path(path)
    kind = _kind(path)
    if kind == "video":
        report = review_video(path)
        return Assessment(kind, report.findings, report.sentence, report.lips, report.head)
    if kind == "recording":
        findings = review_recording(path)
        return Assessment(kind, findings, _summary(findings, "This recording sounds good."))
    findings = _photo_findings(path)
    return Assessment(kind, findings, _summary(findings, "This photo looks great."))


def _photo_findings(path: Path) -> tuple[Finding, ...]:
    """The review of the largest face as a render prepares it: upright and at the size of the video."""
    image = read_image(path)
    chosen, others = portrait(image), find(image)[1:]
    return review_photo(chosen.image, [chosen.face, *others])


def _kind(path: Path) -> Kind:
    """What a file is, by its content: FFmpeg takes a photo for a video of one frame, so photos come first."""
    if not path.is_file():
        raise StudioError(f"There is no file at {path}; check the name.")
    if is_photo(path):
        return "photo"
    try:
        return "video" if has_picture(path) else "recording"
    except VideoError as error:
        raise StudioError(
            f"{path.name} is not a photo, a recording or a video, or it is damaged; try JPEG, WAV or MP4."
        ) from error


def _summary(findings: tuple[Finding, ...], praise: str) -> str:
    """The worst finding, or praise where all are good."""
    first = worst(findings)
    return praise if first.verdict == "good" else first.sentence
