"""What an operator's tools ask: is it alive, can it work, how much does it do."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from pipeline.api.studio import studio_of
from pipeline.service import metrics, running_jobs, warmup

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
def readiness(request: Request) -> JSONResponse:
    """Whether jobs sent here start at once: models are loaded, and the server is not stopping."""
    ready = warmup.is_over() and not running_jobs.is_stopping()
    status = "ready" if ready else "stopping" if running_jobs.is_stopping() else "loading"
    return JSONResponse(
        {"status": status, "waiting": studio_of(request).store.waiting()}, 200 if ready else 503
    )


@router.get("/metrics")
def figures() -> Response:
    """For Prometheus."""
    return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
