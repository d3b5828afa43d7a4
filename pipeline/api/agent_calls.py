"""Calls of the agents' tools: what an agent gets wrong comes back as one sentence that it can act on."""

from __future__ import annotations

import logging
from typing import Any

from mcp.server.fastmcp import FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from pydantic import ValidationError

from pipeline.errors import StudioError, shortened, unknown_name
from pipeline.service.messages import UNFORESEEN

log = logging.getLogger(__name__)

_BOUNDS = {"greater than or equal to": "at least", "less than or equal to": "at most"}
"""What pydantic says of them, and what is said here."""


class Server(FastMCP):
    """The SDK's server; it alone ignores arguments that are unknown, and shows reports of pydantic."""

    async def call_tool(self, name: str, arguments: dict[str, Any]) -> Any:
        """The answer of a tool.

        Raises:
            ToolError: it refuses; the message is one sentence.
        """
        tool = next((each for each in await self.list_tools() if each.name == name), None)
        known = None if tool is None else tool.inputSchema["properties"]
        for given in arguments:
            if known is not None and given not in known:
                raise ToolError(str(unknown_name("parameter", given, known)))
        try:
            return await super().call_tool(name, arguments)
        except ToolError as error:
            if error.__cause__ is None:  # there is no such tool
                raise
            raise ToolError(_sentence(error.__cause__)) from error


def _sentence(cause: BaseException) -> str:
    if isinstance(cause, StudioError):
        return str(cause)
    if isinstance(cause, ValidationError):
        return _refusal(cause)
    log.error("a tool failed", exc_info=cause)
    return UNFORESEEN


def _refusal(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0])
    if first["type"] == "missing":
        return f"{name} is missing; give it."
    if first["type"] == "literal_error" and isinstance(first["input"], str):
        expected = str(first["ctx"]["expected"]).replace(" or ", ", ")
        choices = [choice.strip("'") for choice in expected.split(", ")]
        return str(unknown_name(name, first["input"], choices))
    wanted = first["msg"].partition(", unable")[0].removeprefix("Input should be ").replace(" valid ", " ")
    for said, shown in _BOUNDS.items():
        wanted = wanted.replace(said, shown)
    return f"{name}={shortened(str(first['input']))} is not possible; give {wanted}."
