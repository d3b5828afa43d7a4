"""The agents' tools that say what can be chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field

from pipeline.api import listings
from pipeline.errors import OptionError

_MOST_VOICES = 40

Tool = Callable[..., Any]


def lists() -> tuple[Tool, Tool]:
    """`list_voices` and `list_engines`."""
    spoken = Field(description='Only those of this language, such as "es" or "en-GB".')

    def list_voices(language: str = "") -> list[listings.Voice]:
        """The voices that create_video takes as voice; at most 40, those that need no download first."""
        wanted = language.lower().replace("_", "-")
        found = [each for each in listings.list_voices() if each.language.lower().startswith(wanted)]
        if not found:
            known = sorted({each.language for each in listings.list_voices()})
            raise OptionError(f"There is no voice for {language!r}; there are {', '.join(known)}.")
        return sorted(found, key=lambda each: each.download_bytes > 0)[:_MOST_VOICES]

    def list_engines() -> list[listings.Engine]:
        """The engines for head and lips of create_video, and their options. The defaults need no GPU."""
        return listings.list_engines()

    list_voices.__annotations__["language"] = Annotated[str, spoken]
    return list_voices, list_engines
