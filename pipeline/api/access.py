"""Who asks, whether they may, and how often."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from starlette.requests import Request

from pipeline.api.problems import ProblemError
from pipeline.api.studio import MOST_WAITING, Studio, studio_of
from pipeline.service import session
from pipeline.service.estimates import ESTIMATES
from pipeline.service.store import Record


@dataclass(frozen=True)
class Caller:
    """Who sent a request."""

    client: str
    """A hash of the key, or of the address where no keys are set."""
    local: bool
    """Whether it came from this machine, whose answers of consent are remembered."""


def admit(request: Request) -> Caller:
    """The caller of a request that only reads.

    Raises:
        ProblemError: keys are set, and none of them was shown.
    """
    studio = studio_of(request)
    keys = studio.settings.keys
    address = request.client.host if request.client else ""
    shown = _shown(request)
    if keys and not _is_known(shown, keys):
        raise ProblemError(401, "A key is needed; send it as Authorization: Bearer KEY.")
    local = session.memory(request, {}) is None
    return Caller(_hash(shown if keys else address), local)


def admit_maker(request: Request) -> Caller:
    """The caller of a request that makes something.

    Raises:
        ProblemError: as for `admit`, or the caller asks too often.
    """
    caller = admit(request)
    seconds = studio_of(request).limits.wait(caller.client)
    if seconds:
        raise ProblemError(429, f"Too many requests; try again in {seconds} s.", retry_after=seconds)
    return caller


def require_room(studio: Studio) -> None:
    """Refuse another job where too many wait."""
    waiting = studio.store.waiting()
    if waiting >= MOST_WAITING:
        seconds = max(round(ESTIMATES.waiting_seconds(waiting) / 2), 30)
        raise ProblemError(503, f"{waiting} videos wait already; try again later.", retry_after=seconds)


def own_job(studio: Studio, caller: Caller, name: str) -> Record:
    """A caller's job.

    Raises:
        ProblemError: there is none of that name, or it belongs to another key.
    """
    record = studio.store.find(name)
    theirs = studio.settings.keys and record is not None and record.client != caller.client
    if record is None or theirs:
        raise ProblemError(404, "There is no video of that id; finished ones are kept for a day.")
    return record


def _shown(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")


def _is_known(shown: str, keys: tuple[str, ...]) -> bool:
    """Compares with every key, in a time that tells nothing of them."""
    return any([hmac.compare_digest(shown.encode(), key.encode()) for key in keys])  # noqa: C419


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:32]
