"""The store, its worker and the limits of one server, as every endpoint gets them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from pipeline.api.limits import Limits
from pipeline.api.problems import ProblemError
from pipeline.service.settings import Settings
from pipeline.service.store import JobStore
from pipeline.service.worker import Worker

MOST_WAITING = 100
"""Jobs that may wait in all."""
_MOST_ASKING = 8
"""Requests that may wait for work that is done while the caller waits."""
_BUSY_SECONDS = 15

Value = TypeVar("Value")


@dataclass
class Studio:
    """One server's."""

    settings: Settings
    store: JobStore
    worker: Worker
    page_files: Path
    """Where the page keeps what was made on it."""
    limits: Limits
    _one: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    _asking: int = 0

    @classmethod
    def open(cls, settings: Settings, page_files: Path) -> Studio:
        """Open the store and begin to work through it."""
        store = JobStore(settings.home)
        worker = Worker(store, settings)
        worker.start()
        return cls(settings, store, worker, page_files, Limits(settings.rate))

    def close(self) -> None:
        """Stop working; jobs that are not finished start again with the next process."""
        self.worker.stop()
        self.store.close()

    async def at_once(self, work: Callable[[], Value]) -> Value:
        """Work that takes seconds and whose caller waits: one piece at a time.

        Raises:
            ProblemError: too many wait already.
        """
        if self._asking >= _MOST_ASKING:
            raise ProblemError(
                503, "Too many requests of this kind wait; try again in a moment.", retry_after=_BUSY_SECONDS
            )
        self._asking += 1
        try:
            async with self._one:
                return await run_in_threadpool(work)
        finally:
            self._asking -= 1

    @contextmanager
    def ending(self, name: str) -> Iterator[asyncio.Event]:
        """An event that is set when a job ends or is removed in this process; nobody has to look often."""
        loop, event = asyncio.get_running_loop(), asyncio.Event()

        def told() -> None:
            with suppress(RuntimeError):  # the loop has closed: nobody waits any more
                loop.call_soon_threadsafe(event.set)

        with self.store.watching(name, told):
            yield event


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Until an event is set, or so many seconds have passed."""
    with suppress(asyncio.TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def studio_of(request: Request) -> Studio:
    """The studio behind a request."""
    found: Studio = request.app.state.studio
    return found


def base_of(request: Request) -> str:
    """This server's address as the caller sees it, behind whatever proxy, without a slash at the end."""
    root = studio_of(request).settings.root
    if root.startswith(("http://", "https://")):
        return root
    headers = request.headers
    scheme = headers.get("x-forwarded-proto", request.url.scheme).partition(",")[0].strip()
    host = headers.get("x-forwarded-host", headers.get("host", "")).partition(",")[0].strip()
    return f"{scheme}://{host}{root and '/' + root.strip('/')}"
