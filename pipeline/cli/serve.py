"""The shell's commands that serve: `serve` for people and programs, `mcp` for an agent on this machine."""

from __future__ import annotations

import os
from typing import Any

import click

from pipeline import environment
from pipeline.cli.flags import Flag
from pipeline.cli.shell import command
from pipeline.stopping import leave

_SERVER = "Server"


@command(
    "serve",
    [
        Flag(
            ["--host"], metavar="ADDRESS", default="127.0.0.1", group=_SERVER,
            help="Address to listen at; 0.0.0.0 for all of this machine's. [default: 127.0.0.1]",
        ),
        Flag(
            ["--port"], metavar="N", type=click.IntRange(1, 65535), default=7860, group=_SERVER,
            help="Port to listen at. [default: 7860]",
        ),
        Flag(
            ["--root-path"], metavar="PATH", group=_SERVER,
            help="Path, or whole address, under which a proxy publishes the server: /studio.",
        ),
        Flag(
            ["--share-pages"], is_flag=True, group=_SERVER,
            help="Give every finished video a public page at /v/ID.",
        ),
    ],
    examples="talking-head serve\n"
    "talking-head serve --host 0.0.0.0 --port 8000\n"
    "talking-head serve --root-path /studio --share-pages",
)  # fmt: skip
def _serve(host: str, port: int, root_path: str | None, share_pages: bool) -> None:
    """Serve the page, the HTTP API and the agents' tools until stopped."""
    from pipeline.service import settings

    settings.from_environment()  # what is not possible is told before the page is drawn, which takes seconds
    named = {"GRADIO_SERVER_NAME": host, "GRADIO_SERVER_PORT": str(port)}
    if root_path:
        named["GRADIO_ROOT_PATH"] = root_path
    if share_pages:
        named["STUDIO_SHARING"] = "1"
    os.environ.update(named)  # read by Gradio as it is imported
    environment.name_page_folder()
    from pipeline import ui

    ui.serve(ui.build())
    leave(0)


@command("mcp", [], examples="talking-head mcp")
def _mcp(**values: Any) -> None:
    """Serve the agents' tools (MCP) on standard input and output."""
    import asyncio

    from pipeline.api.agents import Agents, server
    from pipeline.api.studio import Studio
    from pipeline.service import running_jobs, settings

    chosen = settings.from_environment()
    studio = Studio.open(chosen, chosen.home)
    try:
        asyncio.run(server(Agents(studio, local=True)).run_stdio_async())
    finally:
        running_jobs.stop_all()
        studio.close()
