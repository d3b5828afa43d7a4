"""Security headers for every response, and refusal of requests for foreign hosts or from other sites.

A page that runs on this machine can be reached by any web site that its user visits: a script may post a form
to it, or let a name of its own point here (DNS rebinding) and read the answers. So a server on the loopback
device answers only under names of this machine, and takes nothing that another site sends.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, PlainTextResponse, Response

from pipeline.service.session import is_loopback, on_space
from pipeline.service.views import PROBLEM_TYPE, Problem

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HOSTS = "STUDIO_HOSTS"
"""Environment variable: further names, with commas between them, under which a proxy on this machine asks."""

_SPACE_FRAMES = "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"
_OWN_FRAMES = "frame-ancestors 'self'"
_HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
_FOR_PROGRAMS = ("/api/", "/mcp")
"""How the paths begin that programs ask."""
_ANOTHER_SITE = "A page of another site may not send anything here; send it from a program instead."
_HARMLESS = {"GET", "HEAD", "OPTIONS"}


def middleware() -> Middleware:
    """The guard, to be put around the web application."""
    return Middleware(Guard)


class Guard:
    """ASGI middleware; see above."""

    def __init__(self, app: Application) -> None:
        """`app`: what answers the requests that pass."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not _is_own_name(scope, headers):
            sentence = f"This server does not answer under that name; list it in {HOSTS} if it should."
            await _refusal(scope["path"], 421, sentence)(scope, receive, send)
        elif scope["method"] not in _HARMLESS and _is_from_another_site(headers):
            await _refusal(scope["path"], 403, _ANOTHER_SITE)(scope, receive, send)
        else:
            await self._app(scope, receive, _with_headers(send))


def _refusal(path: str, status: int, sentence: str) -> Response:
    """A sentence, for programs as problem details like every other error that they get."""
    if not path.startswith(_FOR_PROGRAMS):
        return PlainTextResponse(sentence, status)
    problem = Problem(title=HTTPStatus(status).phrase, status=status, detail=sentence)
    return JSONResponse(problem.model_dump(exclude_none=True), status, media_type=PROBLEM_TYPE)


def _with_headers(send: Send) -> Send:
    async def add(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("Content-Security-Policy", _SPACE_FRAMES if on_space() else _OWN_FRAMES)
            if not on_space():  # the older header knows no list of sites
                headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        await send(message)

    return add


def _is_own_name(scope: Scope, headers: Headers) -> bool:
    """Whether a request that came through the loopback device asks for this machine."""
    address = (scope.get("server") or ("",))[0]
    if on_space() or not is_loopback(address):
        return True
    name = urlsplit(f"//{headers.get('host', '')}").hostname or ""
    known = {each.strip().lower() for each in os.environ.get(HOSTS, "").split(",")}
    return name == "localhost" or name.endswith(".localhost") or is_loopback(name) or name in known


def _is_from_another_site(headers: Headers) -> bool:
    """Whether a browser sends this for a page of another site; programs that are no browsers say nothing."""
    if on_space():
        return False
    if (site := headers.get("sec-fetch-site")) is not None:
        return site not in ("same-origin", "none")
    origin = headers.get("origin")
    hosts = (headers.get("host"), headers.get("x-forwarded-host"))
    return origin is not None and urlsplit(origin).netloc not in hosts
