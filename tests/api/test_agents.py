"""The agents' tools, called by the real MCP client over HTTP and over standard input and output."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from pipeline.samples import HOPPER
from pipeline.spec import Scene

if TYPE_CHECKING:
    from mcp import ClientSession

ROOT = Path(__file__).parents[2]
TOOLS = {
    "create_video",
    "get_video",
    "cancel_video",
    "list_voices",
    "list_engines",
    "review_photo",
    "review_video",
    "translate_script",
}


@asynccontextmanager
async def over_http(address: str) -> AsyncIterator[ClientSession]:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(f"{address}/mcp") as (read, write, _),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        yield session


@asynccontextmanager
async def over_stdio(home: Path) -> AsyncIterator[ClientSession]:
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    environment = {**os.environ, "STUDIO_DATA": str(home)}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "pipeline", "mcp"], env=environment, cwd=ROOT
    )
    async with stdio_client(server) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        yield session


def said(result: Any) -> str:
    return str(result.content[0].text)


def test_translations_and_reviews_count_for_the_rate(starting: Callable[..., Any]) -> None:
    async def work(address: str) -> None:
        async with over_http(address) as session:
            for tool, given in (
                ("translate_script", {"text": "", "to": "es"}),
                ("review_photo", {"photo": "http://127.0.0.1/a.jpg"}),
            ):
                assert "try again in" not in said(await session.call_tool(tool, given))
            last = await session.call_tool("translate_script", {"text": "", "to": "es"})
            assert last.isError and "try again in" in said(last)
            assert not (await session.call_tool("list_engines", {})).isError  # reading is free

    with starting(rate=2) as server:
        anyio.run(work, server.address)


def test_tools_tell_an_agent_what_it_may_choose(server: Any) -> None:
    async def work() -> None:
        async with over_http(server.address) as session:
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            assert set(tools) == TOOLS
            schema = tools["create_video"].inputSchema
            assert schema["required"] == ["subject"]
            assert set(Scene.model_fields) <= set(schema["properties"])
            assert "lively" in str(schema["properties"]["style"])
            assert "fictional" in str(schema["properties"]["consent"])
            assert schema["properties"]["pace"]["maximum"] == 2
            for tool in tools.values():
                assert len(tool.description or "") > 40
            assert all(about.get("description") for about in schema["properties"].values())

    anyio.run(work)


def test_lists_and_refusals_over_http(server: Any) -> None:
    async def work() -> None:
        async with over_http(server.address) as session:
            voices = await session.call_tool("list_voices", {"language": "es"})
            spoken = {voice["language"] for voice in voices.structuredContent["result"]}
            assert spoken and all(language.startswith("es") for language in spoken)
            engines = (await session.call_tool("list_engines", {})).structuredContent["result"]
            assert engines[0]["name"] == "puppet"
            refused = await session.call_tool("create_video", {"subject": str(HOPPER.path), "text": "Hi."})
            assert refused.isError and "Only web addresses" in said(refused)
            inside = {"subject": "http://127.0.0.1/a.jpg", "text": "Hi.", "consent": "me"}
            assert "not on the public internet" in said(await session.call_tool("create_video", inside))
            for wrong, sentence in (
                ({"style": "wild"}, "There is no style called 'wild'; choose one of: calm, lively, still."),
                ({"txet": "Hi."}, "There is no parameter called 'txet'; did you mean 'text'?"),
                ({"pace": "fast"}, "pace=fast is not possible; give a number."),
                ({"pace": 9}, "pace=9 is not possible; give at most 2."),
            ):
                answer = await session.call_tool("create_video", {**inside, **wrong})
                assert answer.isError and said(answer) == sentence
            missing = await session.call_tool("get_video", {"id": "none"})
            assert missing.isError and "no video of that id" in said(missing)

    anyio.run(work)


def test_an_agent_follows_a_video_over_http(server: Any) -> None:
    async def work() -> None:
        heard: list[float] = []

        async def progress(done: float, total: float | None, message: str | None) -> None:
            heard.append(done)

        name = server.ask(text="Good morning to you all.").json()["id"]
        async with over_http(server.address) as session:
            asked = {"id": name, "wait_seconds": 60}
            result = await session.call_tool("get_video", asked, progress_callback=progress)
        job = result.structuredContent
        assert job["state"] == "done" and heard
        assert server.web.get(job["links"]["video"]).headers["content-type"] == "video/mp4"

    anyio.run(work)


def test_an_agent_stops_a_video_and_keeps_a_finished_one(server: Any) -> None:
    async def work() -> None:
        long = server.ask(text="This goes on for quite some time. " * 40).json()["id"]
        short = server.ask(text="Hi.").json()["id"]
        async with over_http(server.address) as session:
            stopped = await session.call_tool("cancel_video", {"id": long})
            assert stopped.structuredContent["state"] == "cancelled"
            done = await session.call_tool("get_video", {"id": short, "wait_seconds": 60})
            kept = await session.call_tool("cancel_video", {"id": short})
            assert done.structuredContent["state"] == kept.structuredContent["state"] == "done"
            nobody = await session.call_tool("cancel_video", {"id": "none"})
            assert nobody.isError and "no video of that id" in said(nobody)

    anyio.run(work)


def test_an_agent_on_this_machine_makes_a_video_of_a_file(tmp_path: Path) -> None:
    async def work() -> None:
        heard: list[str | None] = []

        async def progress(done: float, total: float | None, message: str | None) -> None:
            heard.append(message)

        async with over_stdio(tmp_path) as session:
            asked = {"subject": str(HOPPER.path), "text": "Hi.", "size": 128, "wait_seconds": 120}
            result = await session.call_tool("create_video", asked, progress_callback=progress)
            assert not result.isError, said(result)
            job = result.structuredContent
            assert job["state"] == "done" and heard
            assert Path(job["links"]["video"]).read_bytes()[4:8] == b"ftyp"
            review = await session.call_tool("review_photo", {"photo": str(HOPPER.path)})
            assert review.structuredContent["kind"] == "photo"

    anyio.run(work)


def test_agents_need_a_key_where_keys_are_set(starting: Callable[..., Any]) -> None:
    with starting(keys=("secret",)) as server:
        answer = server.web.post("/mcp", json={}, headers={"Accept": "application/json"})
        assert answer.status_code == 401


@pytest.mark.parametrize("tool", ["create_video", "get_video"])
def test_a_tool_refuses_values_of_another_kind(server: Any, tool: str) -> None:
    async def work() -> None:
        async with over_http(server.address) as session:
            result = await session.call_tool(tool, {"subject": 5, "id": 5, "wait_seconds": "long"})
            assert result.isError

    anyio.run(work)
