"""What the endpoints take and give, as the OpenAPI page shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.engines import DEFAULT_VOICE
from pipeline.files import written_whole
from pipeline.options import Options
from pipeline.service.video_file import MEDIA_TYPES
from pipeline.service.views import Problem

_REPORT = "report.json"


class Finding(BaseModel):
    """One result of a review."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    topic: str
    """What was judged."""
    verdict: Literal["good", "fair", "poor"]
    sentence: str
    """What was found and, unless good, what to do about it."""
    value: float | None
    """The measurement behind it."""


class Report(BaseModel):
    """The review of a photo, a recording or a video."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    kind: Literal["photo", "recording", "video"]
    sentence: str
    """The overall result and, unless it is good, what to do about it."""
    lips: float | None
    """Score of the lips, 0 to 100; null unless it is a video."""
    head: float | None
    """Score of everything around them, 0 to 100; null unless it is a video."""
    findings: list[Finding]


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": description}
    for status, description in (
        (401, "A key is needed."),
        (404, "There is no such video."),
        (422, "It cannot be done; the problem names the field."),
        (429, "Too many requests; see Retry-After."),
    )
}
EVENTS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}
FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {} for kind in (*MEDIA_TYPES.values(), "text/vtt", "text/csv")}}
}
SOUND: dict[int | str, dict[str, Any]] = {200: {"content": {"audio/wav": {}, "application/json": {}}}}

VIDEO_EXAMPLE = {
    "subject": "https://example.com/photo.jpg",
    "consent": "permission",
    "text": "Good morning.",
    "captions": "vtt",
}


def body(
    model: type[Options], files: Iterable[str], example: dict[str, Any], several: Iterable[str] = ()
) -> dict[str, Any]:
    """The description of a body that is JSON, or a form in which `files` are uploaded; of those in `several`
    any number."""
    described = model.model_json_schema(ref_template="#/components/schemas/{model}")
    described.pop("$defs", None)
    form = json.loads(json.dumps(described))
    for name in files:
        about = form["properties"][name].get("description", "")
        file = {"type": "string", "format": "binary"}
        kind = {"type": "array", "items": file} if name in several else file
        form["properties"][name] = {**kind, "description": about}
    content = {
        "application/json": {"schema": described, "example": example},
        "multipart/form-data": {"schema": form},
    }
    return {"requestBody": {"required": True, "content": content}}


def report_on(folder: Path) -> dict[str, Any]:
    """The report on the finished video in a folder, made once and kept there.

    Raises:
        VideoError, NoFaceError: it cannot be judged.
    """
    from pipeline.service import assessment, takes

    path = folder / _REPORT
    if path.is_file():
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    take = takes.lying_in(folder)
    if take is None:
        raise FileNotFoundError(folder)
    found = assessment.assess_result(take.result)
    made = described("video", found.sentence, found.findings, found.lips, found.head)
    with written_whole(path) as part:
        part.write_text(json.dumps(made), encoding="utf-8")
    return made


def described(
    kind: str, sentence: str, findings: Iterable[Any], lips: float | None, head: float | None
) -> dict[str, Any]:
    """A review as JSON."""
    listed = [Finding(**vars(found)).model_dump() for found in findings]
    return {"kind": kind, "sentence": sentence, "lips": lips, "head": head, "findings": listed}


class SpeechRequest(Options):
    """What to say, and who says it."""

    text: str = Field()
    """The words, up to 20,000 characters."""
    voice: str = DEFAULT_VOICE
    """Voice that says the text."""
    pronunciations: str = ""
    """How words are said: `SQL=sequel; GIF=/dʒɪf/`."""
    pace: float = Field(1.0, ge=0.5, le=2.0)
    """Speed of the voice: 0.5 is half as fast, 2 twice as fast."""
    seed: int = Field(0, ge=0, le=2**32 - 1)
    """The same text and seed give the same bytes."""
    voice_options: dict[str, Any] = Field({})
    """Options of the voice by name."""


class ReviewRequest(Options):
    """What to review."""

    file: str | None = None
    """A photo, a recording or a video: an upload, or its web address."""
