"""A real server on a free port, with the interface in front of a page that says one word."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from pipeline import api
from pipeline.api import Studio
from pipeline.samples import HOPPER
from pipeline.service import guard
from pipeline.service.settings import Settings


@dataclass
class Api:
    """A running server, and a client of it."""

    web: httpx.Client
    studio: Studio
    address: str

    def ask(self, **given: Any) -> httpx.Response:
        """Ask for a short video of the sample, small."""
        with HOPPER.path.open("rb") as photo:
            form = {"text": "Hi.", "size": "128", **{name: str(value) for name, value in given.items()}}
            return self.web.post("/api/v1/videos", data=form, files={"subject": ("ada.jpg", photo)})

    def wait(self, name: str, *, seconds: float = 240) -> dict[str, Any]:
        """The job when it is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            job: dict[str, Any] = self.web.get(f"/api/v1/videos/{name}").json()
            if job["state"] not in ("queued", "running"):
                return job
            time.sleep(0.05)
        raise AssertionError(f"still {job}")


@contextmanager
def serving(home: Path, **chosen: Any) -> Iterator[Api]:
    """A server with these settings."""
    studio = Studio.open(Settings(home / "api", **chosen), home / "page")
    page = Starlette(routes=[Route("/", lambda request: PlainTextResponse("the page"))])
    for each in (api.middleware(studio), guard.middleware()):
        page.add_middleware(each.cls, *each.args, **each.kwargs)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()  # so that who asks before the server runs waits instead of being refused
        port = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(page, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            address = f"http://127.0.0.1:{port}"
            with httpx.Client(base_url=address, timeout=240, trust_env=False) as web:
                yield Api(web, studio, address)
        finally:
            server.should_exit = True
            thread.join()
            studio.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server that anybody may use."""
    with serving(tmp_path_factory.mktemp("server"), sharing=True, rate=10_000) as running:
        yield running


@pytest.fixture(scope="module")
def made(server: Api) -> dict[str, Any]:
    """A finished job of about a second."""
    return server.wait(server.ask(text="Good morning.", captions="vtt").json()["id"])


@pytest.fixture
def starting(tmp_path: Path) -> Callable[..., Any]:
    """Starts further servers: `with starting(keys=("a",)) as server`."""
    return lambda **chosen: serving(chosen.pop("home", tmp_path), **chosen)
