"""The files of the Hub that a Space downloads while it is built, so that nobody waits for them afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from pipeline import engines
from pipeline.cards import Layer
from pipeline.errors import OptionError, unknown_name
from pipeline.hub import CHECKPOINTS
from pipeline.hub.checkpoints import Checkpoint

_KINDS: tuple[Layer, ...] = ("head", "lips", "voice", "matting")


def needed_files(model: str) -> list[Checkpoint]:
    """The published files that an engine (with its default options) or a voice needs.

    Args:
        model: `head:NAME`, `lips:NAME`, `voice:NAME` or `matting:NAME`.

    Returns:
        none where they come with the package.

    Raises:
        OptionError: it is not of that form.
        UnknownNameError: there is no such engine or voice.
    """
    kind, separator, name = model.partition(":")
    if not separator:
        raise OptionError("Give head:NAME, lips:NAME, voice:NAME or matting:NAME.")
    if kind not in _KINDS:
        raise unknown_name("kind of model", kind, _KINDS)
    if kind == "voice":
        files = engines.voice(name).checkpoints
    else:
        files = tuple(CHECKPOINTS[key] for key in engines.card(cast(Layer, kind), name).checkpoints)
    return [file for file in files if not file.carrier]


def preloaded(models: Iterable[str]) -> list[str]:
    """The entries of `preload_from_hub`: `repository file,file revision`, one per repository and revision."""
    files: dict[tuple[str, str | None], list[str]] = {}
    for model in models:
        for checkpoint in needed_files(model):
            wanted = files.setdefault((checkpoint.repo, checkpoint.revision), [])
            if checkpoint.file not in wanted:
                wanted.append(checkpoint.file)
    return [
        " ".join(part for part in (repo, ",".join(names), revision) if part)
        for (repo, revision), names in files.items()
    ]
