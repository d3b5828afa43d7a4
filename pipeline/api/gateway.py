"""Requests for programs go to the interface, all others to the page that it stands in front of."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from pipeline import __version__
from pipeline.api import listings, operations, problems, sharing, tasks, translations, videos
from pipeline.api.agent_http import AgentServer
from pipeline.api.studio import Studio, base_of
from pipeline.service.guard import Application, Receive, Scope, Send

_TITLE = "Talking-head studio"
_ABOUT = """Turn one photo (or a video) and a few words into a video of that person talking.

Failures are problem details (RFC 9457) whose `detail` says in one sentence what is wrong and what to do."""

_OURS = ("/api", "/mcp", "/v", "/oembed", "/healthz", "/readyz", "/metrics")
"""Paths that are not the page's, with everything below them."""

_DOCS_FILES = "docs-files"
"""Where Swagger UI's own files are served, below `/api/`: the documentation needs no network."""


def middleware(studio: Studio) -> Middleware:
    """The interface, to be put in front of the page's application."""
    return Middleware(Gateway, ours=application(studio))


class Gateway:
    """ASGI middleware; see above."""

    def __init__(self, app: Application, ours: Application) -> None:
        """`app`: the page; `ours`: what programs call."""
        self._app, self._ours = app, ours

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        mine = scope["type"] == "http" and _is_ours(scope["path"])
        if mine and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}  # the server itself leaves the body out
        await (self._ours if mine else self._app)(scope, receive, send)


def application(studio: Studio) -> FastAPI:
    """Everything that programs call over HTTP."""
    app = FastAPI(
        title=_TITLE,
        version=__version__,
        description=_ABOUT,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.studio = studio
    problems.install(app)
    for part in (videos, listings, tasks, translations, operations, sharing):
        app.include_router(part.router)
    app.router.routes.append(Route("/mcp", AgentServer(studio), methods=["GET", "POST", "DELETE"]))
    viewer = StaticFiles(packages=[("fastapi_offline", "static")])
    app.router.routes.append(Mount(f"/api/{_DOCS_FILES}", viewer))
    app.add_api_route("/api/docs", _docs, include_in_schema=False)
    app.add_api_route("/api/openapi.json", _schema, include_in_schema=False)
    return app


def _docs() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title=_TITLE,
        swagger_js_url=f"{_DOCS_FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{_DOCS_FILES}/swagger-ui.css",
        swagger_favicon_url=f"{_DOCS_FILES}/favicon.png",
    )


def _schema(request: Request) -> JSONResponse:
    described: dict[str, Any] = request.app.openapi()
    return JSONResponse({**described, "servers": [{"url": base_of(request)}]})


def _is_ours(path: str) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in _OURS)
