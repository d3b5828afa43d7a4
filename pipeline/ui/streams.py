"""The streams of events to the page's browsers: a new one takes over from the last instead of dying with it.

A browser closes its stream when it waits for nothing any more, and opens another for its next call. A call
made in between belongs to the session whose stream is just closing: Gradio would drop it with all messages of
that session, the new stream would be told that its session is unknown, and the page would say that the
connection was lost. Here a session's calls and messages are given up only when no stream has followed within
a moment, and a stream begins once the one before it has ended, as both take from the same messages.
"""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from gradio.queueing import Queue
from gradio.utils import LRUCache
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from pipeline.service.guard import Application, Receive, Scope, Send

_BROWSERS = "/queue/data"
"""How the path of a browser's stream ends."""

_PROGRAMS = "/call/"
"""What the path of a program's stream contains."""

_GRACE_SECONDS = 5.0
"""In which a browser that only changes streams has opened its next one, over a slow line too."""


class Streams:
    """The open streams of a page, by session."""

    def __init__(self, queue: Queue) -> None:
        """`queue`: of the page; from now on, it asks here before it gives up a session."""
        self._queue = queue
        self._open: dict[str, _Stream] = {}
        self._watches: set[asyncio.Task[None]] = set()
        self._messages: _Messages = _Messages(queue.pending_messages_per_session.max_size)
        self._clean = queue.clean_events
        queue.pending_messages_per_session = self._messages
        queue.clean_events = self._left  # type: ignore[method-assign]

    def middleware(self) -> Middleware:
        """What the requests of the page go through."""
        return Middleware(_StreamsInTurn, streams=self)

    async def follow(self, session: str) -> _Stream:
        """A new stream of a session, once the one before it has ended."""
        before = self._open.get(session)
        stream = self._open[session] = _Stream()
        if before is not None:
            before.superseded.set()
            await before.ended.wait()
        return stream

    def end(self, session: str, stream: _Stream) -> None:
        """A stream that `follow` gave has ended."""
        stream.ended.set()
        if self._open.get(session) is stream:
            del self._open[session]

    async def _left(self, *, session_hash: str | None = None, event_id: str | None = None) -> None:
        """In place of the queue's `clean_events`: a stream was closed, or one call was given up."""
        if session_hash is None or event_id is not None:
            await self._clean(session_hash=session_hash, event_id=event_id)
            return
        watch = asyncio.create_task(self._give_up(session_hash))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)

    async def _give_up(self, session: str) -> None:
        known = None
        while known != (known := frozenset(self._queue.pending_event_ids_session.get(session, ()))):
            await asyncio.sleep(_GRACE_SECONDS)  # a call made meanwhile gets as long for its own stream
            if session in self._open:
                return
        self._messages.remove(session)
        await self._clean(session_hash=session)


class _Stream:
    def __init__(self) -> None:
        self.superseded = asyncio.Event()
        self.ended = asyncio.Event()


class _Messages(LRUCache[str, Any]):
    """The messages of sessions, which outlive the stream that would have taken them."""

    def __delitem__(self, session: str) -> None:
        """Gradio's wish at the end of a stream, which `remove` grants later."""

    def remove(self, session: str) -> None:
        """Forget a session's messages."""
        with suppress(KeyError):
            super().__delitem__(session)


class _StreamsInTurn:
    """ASGI middleware; see above."""

    def __init__(self, app: Application, streams: Streams) -> None:
        self._app, self._streams = app, streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path.endswith(_BROWSERS):
            query = parse_qs(scope["query_string"].decode("latin-1"))
            await self._in_turn("".join(query.get("session_hash", [])), scope, receive, send)
        elif _PROGRAMS in path:
            await self._answer(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _in_turn(self, session: str, scope: Scope, receive: Receive, send: Send) -> None:
        stream = await self._streams.follow(session)
        answer = asyncio.create_task(self._answer(scope, receive, send))
        superseded = asyncio.create_task(stream.superseded.wait())
        try:
            await asyncio.wait({answer, superseded}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            superseded.cancel()
            answer.cancel()  # which does nothing to one that has ended
            try:
                await answer
            except asyncio.CancelledError:
                if not stream.superseded.is_set():
                    raise
            finally:
                self._streams.end(session, stream)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An unknown session, as after a restart, is told so; what is raised afterwards helps nobody."""
        begun = ended = False

        async def noting(message: MutableMapping[str, Any]) -> None:
            nonlocal begun, ended
            begun = True
            ended = message["type"] == "http.response.body" and not message.get("more_body", False)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except RuntimeError as error:
            if not (begun and isinstance(error.__cause__, HTTPException)):
                raise
        finally:
            if begun and not ended:
                await send({"type": "http.response.body", "body": b"", "more_body": False})
