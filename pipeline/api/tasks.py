"""`/api/v1/speech` and `/api/v1/reviews`: work of some seconds, whose caller waits for the answer."""

from __future__ import annotations

import base64
import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from pipeline import engines
from pipeline.api import bodies, schema
from pipeline.api.access import Caller, admit_maker
from pipeline.api.studio import Studio, studio_of
from pipeline.errors import OptionError, concerning
from pipeline.service import fetching, form
from pipeline.service.messages import named_as_sent

router = APIRouter(prefix="/api/v1", tags=["speech and reviews"], responses=schema.PROBLEMS)

Maker = Annotated[Caller, Depends(admit_maker)]


@router.post(
    "/speech",
    response_class=Response,
    responses=schema.SOUND,
    openapi_extra=schema.body(schema.SpeechRequest, (), {"text": "Good morning.", "voice": "joe"}),
)
async def speech(request: Request, caller: Maker) -> Response:
    """Say a text, without a face: a WAV file of 48 kHz, mono.

    Ask with `Accept: application/json` for the times of its words and sounds beside it, in base64.
    """
    with tempfile.TemporaryDirectory() as folder:
        body = await bodies.read(request, Path(folder), ())
        asked = schema.SpeechRequest(**body.given)
        form.refuse_files(asked.model_dump())
        _require_own_voice(asked.voice)
        timed = "application/json" in request.headers.get("accept", "")
        return await studio_of(request).at_once(partial(_said, asked, Path(folder), timed))


def _require_own_voice(name: str) -> None:
    """Refuse a voice that imitates a recording, which only a job of a video takes."""
    if engines.voice(name).imitates:
        raise OptionError(
            f"The voice {name!r} speaks in the voice of a recording, which only a video takes; ask for one "
            "at /api/v1/videos, or choose another voice.",
            parameter="voice",
        )


@concerning("text")
def _said(asked: schema.SpeechRequest, folder: Path, timed: bool) -> Response:
    from pipeline.voiceover import say

    sound, times = folder / "speech.wav", folder / "speech.json"
    say(asked.text, sound, times=times, **asked.model_dump(exclude={"text"}))
    if not timed:
        return Response(sound.read_bytes(), media_type="audio/wav")
    content = {**json.loads(times.read_text("utf-8")), "audio": base64.b64encode(sound.read_bytes()).decode()}
    return Response(json.dumps(content, ensure_ascii=False), media_type="application/json")


@router.post(
    "/reviews",
    response_model=schema.Report,
    openapi_extra=schema.body(schema.ReviewRequest, ("file",), {"file": "https://example.com/photo.jpg"}),
)
async def reviews(request: Request, caller: Maker) -> Any:
    """Judge a photo or a recording before a video is made of it, or the lips and the head of a video."""
    studio = studio_of(request)
    with tempfile.TemporaryDirectory() as folder:
        body = await bodies.read(request, Path(folder), ("file",))
        asked = schema.ReviewRequest(**body.given)
        work = partial(_reviewed, studio, body.upload("file"), asked.file, Path(folder))
        with named_as_sent(Path(folder)):
            return await studio.at_once(work)


def _reviewed(studio: Studio, upload: Path | None, url: str | None, folder: Path) -> dict[str, Any]:
    if upload is None and not url:
        raise OptionError("Give a photo, a recording or a video as file.", parameter="file")
    path = upload or fetching.fetch(str(url), folder, "file", inside=studio.settings.fetch_from)
    return review_file(path)


@concerning("file")
def review_file(path: Path) -> dict[str, Any]:
    """The review of a file.

    Raises:
        StudioError: it is neither a photo nor a recording nor a video, or cannot be judged.
    """
    from pipeline.review import assess

    found = assess(path)
    return schema.described(found.kind, found.sentence, found.findings, found.lips, found.head)
