"""The agents' tools over streamable HTTP, at `/mcp`; they are loaded when the first agent calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from pipeline.api import access, agents, problems
from pipeline.api.agents import Agents
from pipeline.api.studio import Studio
from pipeline.errors import StudioError
from pipeline.service.guard import Receive, Scope, Send

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager


class AgentServer:
    """ASGI application."""

    def __init__(self, studio: Studio) -> None:
        """`studio`: what the tools work with."""
        self._agents = Agents(studio, local=False)
        self._starting = asyncio.Lock()
        self._manager: StreamableHTTPSessionManager | None = None
        self._holding: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            access.admit(Request(scope))
        except StudioError as error:
            await problems.answer(error)(scope, receive, send)
            return
        manager = await self._started()
        await manager.handle_request(scope, receive, send)

    async def _started(self) -> StreamableHTTPSessionManager:
        async with self._starting:
            if self._manager is None:
                server = await run_in_threadpool(agents.server, self._agents)
                server.streamable_http_app()  # makes the manager
                running = asyncio.Event()
                self._holding = asyncio.create_task(_hold(server.session_manager, running))
                await running.wait()
                self._manager = server.session_manager
            return self._manager


async def _hold(manager: StreamableHTTPSessionManager, running: asyncio.Event) -> None:
    """Keep a manager running; what it starts has to end in the task that began it."""
    async with manager.run():
        running.set()
        await asyncio.Event().wait()
