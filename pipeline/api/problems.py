"""Every failure as problem details (RFC 9457), in the sentences of the shell and the page."""

from __future__ import annotations

import logging
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from pipeline.errors import StudioError
from pipeline.service.messages import UNFORESEEN
from pipeline.service.running_jobs import CancelledError
from pipeline.service.views import PROBLEM_TYPE, Problem

log = logging.getLogger(__name__)

_SENTENCES = {
    404: "There is nothing at this address; the addresses are listed at /api/docs.",
    405: "This address does not take that method; see /api/docs.",
}


class ProblemError(StudioError):
    """A request that is refused with a status of its own."""

    def __init__(
        self, status: int, sentence: str, *, parameter: str | None = None, retry_after: int | None = None
    ) -> None:
        """`retry_after`: seconds after which asking again makes sense."""
        super().__init__(sentence, parameter=parameter)
        self.status = status
        self.headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        if status == HTTPStatus.UNAUTHORIZED:
            self.headers["WWW-Authenticate"] = "Bearer"


def install(app: FastAPI) -> None:
    """Let an application answer every failure in this way."""
    app.add_exception_handler(StudioError, _studio)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unforeseen)


def answer(error: StudioError) -> JSONResponse:
    """A typed error as an answer."""
    if isinstance(error, ProblemError):
        return _answer(error.status, str(error), error.parameter, headers=error.headers)
    if isinstance(error, CancelledError):
        return _answer(503, str(error), headers={"Retry-After": "60"})
    return _answer(422, str(error), error.parameter, type(error).__name__)


async def _studio(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StudioError)
    return answer(error)


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["loc"][0] == "path":
        return _answer(404, _SENTENCES[404])
    name = str(first["loc"][-1])
    return _answer(422, f"{name} is not possible: {first['msg']}.", name)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _answer(error.status_code, _SENTENCES.get(error.status_code, str(error.detail)))


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    log.error("a request failed", exc_info=error)
    return _answer(500, UNFORESEEN)


def _answer(
    status: int,
    sentence: str,
    parameter: str | None = None,
    reason: str | None = None,
    *,
    headers: dict[str, str] | None = None,
) -> JSONResponse:
    problem = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=sentence, parameter=parameter, reason=reason
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status,
        headers=headers,
        media_type=PROBLEM_TYPE,
    )
