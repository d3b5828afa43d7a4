"""The YAML header of README.md, where the Hub reads a Space's settings; it is made from the Spacefile."""

from __future__ import annotations

import json
import re
from pathlib import Path

from pipeline.errors import SpaceError
from pipeline.files import written_whole
from pipeline.space.preload import preloaded
from pipeline.space.spacefile import Spacefile

_HEADER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_PLAIN = re.compile(r"[A-Za-z_][\w./ -]*(?<! )")
"""What YAML reads as text without quotation marks."""
_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


def header(spacefile: Spacefile) -> str:
    """The header with its `---` lines.

    Source of the keys: https://huggingface.co/docs/hub/spaces-config-reference
    """
    settings = {
        "title": spacefile.title,
        "emoji": spacefile.emoji,
        "colorFrom": spacefile.color_from,
        "colorTo": spacefile.color_to,
        "sdk": spacefile.sdk,
        "sdk_version": spacefile.sdk_version,
        "python_version": spacefile.python,
        "app_file": spacefile.app,
        "suggested_hardware": spacefile.hardware,
        "startup_duration_timeout": spacefile.startup_timeout,
        "license": spacefile.license,
        "short_description": spacefile.short_description,
    }
    lines = [f"{key}: {_scalar(key, value)}" for key, value in settings.items() if value]
    models = preloaded(spacefile.preload)
    if models:
        lines += ["preload_from_hub:", *(f"  - {model}" for model in models)]
    return "\n".join(["---", *lines, "---", ""])


def with_header(readme: str, spacefile: Spacefile) -> str:
    """The text of a README.md with its header replaced, or put at the top where there is none."""
    rest = _HEADER.sub("", readme, count=1)
    return header(spacefile) + (rest if rest.startswith("\n") else f"\n{rest}")


def write_header(readme: Path, spacefile: Spacefile) -> bool:
    """Bring the header of a README.md up to date; False where it already was.

    Raises:
        SpaceError: the file cannot be read.
        OutputError: it cannot be written.
    """
    try:
        before = readme.read_text(encoding="utf-8")
    except OSError as error:
        raise SpaceError(f"{readme} cannot be read: {error.strerror or error}.") from error
    after = with_header(before, spacefile)
    if after == before:
        return False
    with written_whole(readme) as part:
        part.write_text(after, encoding="utf-8", newline="\n")
    return True


def _scalar(key: str, value: str) -> str:
    """A text as YAML: as it is where YAML cannot mistake it for something else, otherwise quoted."""
    if key == "emoji" or re.fullmatch(r"\d+\.\d+\.\d+|\d+[smh]", value):
        return value
    plain = _PLAIN.fullmatch(value) and value.lower() not in _NOT_TEXT
    return value if plain else json.dumps(value, ensure_ascii=False)
