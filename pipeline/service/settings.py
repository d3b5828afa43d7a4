"""What the operator of a server decides, from environment variables."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pipeline.errors import OptionError
from pipeline.user_folders import private_folder

_NO = {"", "0", "no", "false", "off"}


@dataclass(frozen=True)
class Settings:
    """Of the programming interfaces beside the page."""

    home: Path
    """Where jobs and their files are kept (`STUDIO_DATA`)."""
    keys: tuple[str, ...] = field(default=(), repr=False)
    """Callers must show one of these, if there are any (`STUDIO_API_KEYS`, with commas between them)."""
    rate: int = 60
    """Requests that make something, per minute and caller (`STUDIO_API_RATE`)."""
    webhook_secret: str = field(default="", repr=False)
    """Signs webhooks; without it there are none (`STUDIO_WEBHOOK_SECRET`)."""
    fetch_from: tuple[str, ...] = ()
    """Hosts of the server's own network from which files may be fetched (`STUDIO_FETCH_HOSTS`)."""
    sharing: bool = False
    """Whether finished videos have public pages (`STUDIO_SHARING`)."""
    root: str = ""
    """Path prefix or whole address under which a proxy publishes the server (`GRADIO_ROOT_PATH`)."""


def from_environment() -> Settings:
    """The settings as the environment has them now.

    Raises:
        OptionError: `STUDIO_API_RATE` is no positive whole number.
    """
    rate = os.environ.get("STUDIO_API_RATE", "").strip() or str(Settings.rate)
    if not rate.isdecimal() or int(rate) < 1:
        raise OptionError(f"STUDIO_API_RATE={rate} is not possible; give requests per minute, such as 60.")
    return Settings(
        home=_home(),
        keys=_listed("STUDIO_API_KEYS"),
        rate=int(rate),
        webhook_secret=os.environ.get("STUDIO_WEBHOOK_SECRET", "").strip(),
        fetch_from=tuple(name.lower() for name in _listed("STUDIO_FETCH_HOSTS")),
        sharing=os.environ.get("STUDIO_SHARING", "").strip().lower() not in _NO,
        root=os.environ.get("GRADIO_ROOT_PATH", "").strip().rstrip("/"),
    )


def _listed(name: str) -> tuple[str, ...]:
    return tuple(filter(None, (each.strip() for each in os.environ.get(name, "").split(","))))


def _home() -> Path:
    named = os.environ.get("STUDIO_DATA", "").strip()
    return Path(named).expanduser().absolute() if named else _temporary_home()


@cache
def _temporary_home() -> Path:
    """A folder that survives the process, but not always the machine."""
    return private_folder("api") or Path(tempfile.mkdtemp())
