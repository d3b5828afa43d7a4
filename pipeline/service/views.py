"""The JSON models of a job for its caller: its state, why it failed, and links to its files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from pipeline.service.store import JobStore, Record, State

FILES = ("video", "captions", "motion")
"""What may have been made."""

VIDEOS = "/api/v1/videos"
"""Where jobs are, on this server."""

PROBLEM_TYPE = "application/problem+json"
"""Media type of a `Problem`."""


class _View(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class Problem(_View):
    """What went wrong, as in RFC 9457."""

    type: str = "about:blank"
    title: str
    """The kind of problem."""
    status: int
    detail: str
    """What is wrong and what to do, in one sentence."""
    parameter: str | None = None
    """The field of the request that it is about, where there is one."""
    reason: str | None = None
    """A name for programs: NoFaceError, TextError, FetchError."""


class Note(_View):
    """A finding about the photo."""

    topic: str
    verdict: Literal["good", "fair", "poor"]
    sentence: str


class Made(_View):
    """What was made."""

    seconds: float
    """Length of the video."""
    head: str
    """The head engine that ran."""
    lips: str
    """The lips engine that ran."""
    seed: int
    """Asking again with this seed gives the same video."""
    notes: list[str]
    """What was left out or done differently."""
    findings: list[Note]
    """What the review of the photo had to say."""


class Job(_View):
    """A video that was asked for."""

    id: str
    state: State
    """A job is over when it is done, failed or cancelled."""
    stage: str | None
    """What is being done: download, subject, speech, animation or saving."""
    fraction: float
    """Share of the work that is done, 0 to 1."""
    seconds_left: float | None
    """Until it is done; null where that is not known."""
    ahead: int
    """How many jobs come first, while it is queued."""
    created: datetime
    started: datetime | None
    ended: datetime | None
    problem: Problem | None
    """Why it failed."""
    result: Made | None
    links: dict[str, str]
    """Addresses: `self`, `events` and, once it is done, `video`, `captions`, `motion`, `report`, `page`."""


def job(store: JobStore, record: Record, base: str, *, sharing: bool = False) -> Job:
    """The view of a job.

    Args:
        base: address of this server, as the caller sees it.
        sharing: whether finished videos have public pages.
    """
    waits = record.state == "queued" or record.stage == "waiting"
    return Job(
        id=record.id,
        state="queued" if waits and not record.over else record.state,
        stage=None if waits else record.stage,
        fraction=round(record.fraction, 4),
        seconds_left=None if record.seconds_left is None else round(record.seconds_left, 1),
        ahead=store.ahead(record) if waits and not record.over else 0,
        created=_moment(record.created),
        started=None if record.started is None or waits else _moment(record.started),
        ended=None if record.ended is None else _moment(record.ended),
        problem=_problem(record.problem) if record.problem else None,
        result=_made(record.result) if record.result else None,
        links=_links(record, base, sharing),
    )


def _links(record: Record, base: str, sharing: bool) -> dict[str, str]:
    own = f"{base}{VIDEOS}/{record.id}"
    links = {"self": own, "events": f"{own}/events"}
    links |= {name: f"{own}/{name}" for name in FILES if record.result.get(name)}
    if record.state == "done":
        links["report"] = f"{own}/report"
        if sharing:
            links["page"] = f"{base}/v/{record.id}"
    return links


def _problem(kept: Mapping[str, Any]) -> Problem:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if kept.get("foreseen") else HTTPStatus.INTERNAL_SERVER_ERROR
    return Problem(
        title="The video could not be made",
        status=status,
        detail=kept["sentence"],
        parameter=kept.get("parameter"),
        reason=kept.get("reason"),
    )


def _made(kept: Mapping[str, Any]) -> Made:
    return Made(**{name: kept[name] for name in Made.model_fields})


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(round(seconds, 3), timezone.utc)
