"""`/api/v1/videos`: ask for a video, watch it being made, fetch its files, remove it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse

from pipeline.api import bodies, schema
from pipeline.api.access import Caller, admit, admit_maker, own_job, require_room
from pipeline.api.problems import ProblemError
from pipeline.api.studio import Studio, base_of, studio_of, wait_for
from pipeline.service import jobs, submission, views
from pipeline.service.messages import named_as_sent
from pipeline.service.store import Record
from pipeline.service.video_file import MEDIA_TYPES
from pipeline.spec import FILES, SEVERAL

router = APIRouter(prefix=views.VIDEOS, tags=["videos"], responses=schema.PROBLEMS)

_KINDS = {**MEDIA_TYPES, ".csv": "text/csv", ".srt": "application/x-subrip", ".vtt": "text/vtt"}
"""Media types by the ending of the file."""
_LOOK_SECONDS = 0.5
"""Between looks at how far a job is whose events are read; its end is told at once."""
_SILENCE_SECONDS = 15.0
"""After which a comment tells proxies that the connection lives."""
_LONGEST_KEY = 200

Maker = Annotated[Caller, Depends(admit_maker)]
Reader = Annotated[Caller, Depends(admit)]


@router.post(
    "",
    status_code=202,
    response_model=views.Job,
    openapi_extra=schema.body(submission.request_model(), FILES, schema.VIDEO_EXAMPLE, SEVERAL),
)
async def create(request: Request, caller: Maker) -> JSONResponse:
    """Ask for a video.

    The subject, a recording and a motion file are uploaded in a form, or named by web addresses in JSON. The
    answer is a job: watch its `state`, read its `events`, or name a `webhook`. Send an `Idempotency-Key` to
    ask again safely after a broken connection.
    """
    studio = studio_of(request)
    require_room(studio)
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= _LONGEST_KEY:
        raise ProblemError(422, f"An Idempotency-Key has 1 to {_LONGEST_KEY} characters.")
    folder = await run_in_threadpool(studio.store.new_folder)
    kept = None
    try:
        body = await bodies.read(request, folder / "given", FILES)
        work = partial(_submit, studio, caller, folder, body, base_of(request), key)
        with named_as_sent(folder / "given"):
            kept = await run_in_threadpool(work)
    finally:
        if kept is None or kept.id != folder.name:  # refused, or a repetition
            await run_in_threadpool(jobs.discard, folder)
    seen = _seen(request, kept)
    return JSONResponse(seen.model_dump(mode="json"), 202, {"Location": seen.links["self"]})


def _submit(
    studio: Studio, caller: Caller, folder: Path, body: bodies.Body, base: str, key: str | None
) -> Record:
    before = None if key is None else studio.store.repeated(caller.client, key)
    if before is None:
        record = submission.submit(
            studio.store,
            studio.settings,
            folder,
            body.given,
            body.uploads,
            client=caller.client,
            local=caller.local,
            base=base,
            repeat_key=key,
            digest=body.digest,
        )
        studio.worker.notice(record)
        return record
    if before.digest != body.digest:
        raise ProblemError(422, "This Idempotency-Key belongs to another request; send a new one.")
    return before


@router.get("/{name}", response_model=views.Job)
def show(name: str, request: Request, caller: Reader) -> views.Job:
    """Where a video stands."""
    return _seen(request, own_job(studio_of(request), caller, name))


@router.delete("/{name}", status_code=204)
def remove(name: str, request: Request, caller: Reader) -> Response:
    """Cancel a job that is not over; remove one that is, with its files."""
    studio = studio_of(request)
    record = own_job(studio, caller, name)
    if record.over:
        studio.store.remove(name)
    else:
        studio.store.end(name, "cancelled")
    return Response(status_code=204)


@router.get("/{name}/events", response_class=StreamingResponse, responses=schema.EVENTS)
def events(name: str, request: Request, caller: Reader) -> StreamingResponse:
    """The job whenever it changes, as server-sent events.

    Each is called `progress`, the last one `done`, `failed` or `cancelled`; its data is the job.
    """
    own_job(studio_of(request), caller, name)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_changes(request, name), media_type="text/event-stream", headers=headers)


async def _changes(request: Request, name: str) -> AsyncIterator[str]:
    studio = studio_of(request)
    last, silence = "", 0.0
    with studio.ending(name) as ended:
        while (record := await run_in_threadpool(studio.store.find, name)) is not None:
            data = json.dumps(_seen(request, record).model_dump(mode="json"), ensure_ascii=False)
            if data != last:
                last, silence = data, 0.0
                yield f"event: {record.state if record.over else 'progress'}\ndata: {data}\n\n"
            if record.over:
                return
            silence += _LOOK_SECONDS
            if silence > _SILENCE_SECONDS:
                silence = 0.0
                yield ": still here\n\n"
            await wait_for(ended, _LOOK_SECONDS)


@router.get("/{name}/report", response_model=schema.Report)
async def report(name: str, request: Request, caller: Reader) -> Any:
    """How the lips and the head came out, measured from the finished video; takes some seconds at first."""
    studio = studio_of(request)
    record = _finished(studio, caller, name)
    return await studio.at_once(partial(schema.report_on, studio.store.folder(record.id) / "made"))


@router.get("/{name}/{file}", response_class=FileResponse, responses=schema.FILES)
def download(
    name: str, file: Literal["video", "captions", "motion"], request: Request, caller: Reader
) -> FileResponse:
    """A file of a finished video."""
    studio = studio_of(request)
    record = _finished(studio, caller, name)
    called = record.result.get(file)
    path = studio.store.folder(name) / "made" / str(called)
    if not called or not path.is_file():
        raise ProblemError(404, f"This video has no {file}.")
    return FileResponse(path, media_type=_KINDS[path.suffix], filename=called)


def _finished(studio: Studio, caller: Caller, name: str) -> Record:
    record = own_job(studio, caller, name)
    if record.state != "done":
        state = "is not finished yet" if not record.over else f"was {record.state}"
        raise ProblemError(409, f"This video {state}, so it has no files.")
    return record


def _seen(request: Request, record: Record) -> views.Job:
    studio = studio_of(request)
    return views.job(studio.store, record, base_of(request), sharing=studio.settings.sharing)
