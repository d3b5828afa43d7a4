"""Talking-head studio: turn one photo (or a video) and a few words into a video of that person talking.

    from pipeline import render

    render("photo.jpg", "talk.mp4", text="Hello there.", consent="me")

Importing this package is quick: models and libraries come in with the step that needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any

from pipeline import environment

if TYPE_CHECKING:
    from pipeline import script
    from pipeline.cards import Card, VoiceCard
    from pipeline.errors import StudioError
    from pipeline.localization import Translated, translate
    from pipeline.progress import Chunk, Event, Progress, Result
    from pipeline.review import Assessment, assess
    from pipeline.spec import Output, Scene
    from pipeline.speech.recognition.whisper import Transcript
    from pipeline.voiceover import say, transcribe

__version__ = "0.2.0"

environment.prepare()

_HOMES = {
    "Assessment": "pipeline.review",
    "Card": "pipeline.cards",
    "Chunk": "pipeline.progress",
    "Event": "pipeline.progress",
    "Output": "pipeline.spec",
    "Progress": "pipeline.progress",
    "Result": "pipeline.progress",
    "Scene": "pipeline.spec",
    "StudioError": "pipeline.errors",
    "Transcript": "pipeline.speech.recognition.whisper",
    "Translated": "pipeline.localization",
    "VoiceCard": "pipeline.cards",
    "assess": "pipeline.review",
    "say": "pipeline.voiceover",
    "transcribe": "pipeline.voiceover",
    "translate": "pipeline.localization",
}
"""Where the names that this package lends come from; each is imported when it is first asked for."""

__all__ = [
    "Assessment",
    "Card",
    "Chunk",
    "Event",
    "Output",
    "Progress",
    "Result",
    "Scene",
    "StudioError",
    "Transcript",
    "Translated",
    "VoiceCard",
    "assess",
    "list_engines",
    "list_voices",
    "render",
    "say",
    "script",
    "stream",
    "transcribe",
    "translate",
]


def render(
    subject: str | PathLike[str],
    output: str | PathLike[str],
    *,
    progress: Callable[[Progress], None] | None = None,
    **options: Any,
) -> Result:
    """Make a video of the person in `subject` talking, and return the finished files.

    Args:
        subject: photo or video of the person.
        output: the MP4 to write.
        progress: called whenever the job has come further.
        options: any field of `spec.Scene` and `spec.Output` by name: `text`, `audio`, `voice`, `consent`,
            `style`, `head`, `lips`, `captions`, `overwrite` and so on.

    Raises:
        StudioError: what was asked for cannot be done; the sentence says why, `parameter` which option.
    """
    from pipeline.progress import Result, run_to_end

    return run_to_end(stream(subject, output, **options), Result, progress)


def stream(
    subject: str | PathLike[str], output: str | PathLike[str], *, preview: bool = False, **options: Any
) -> Generator[Event, None, None]:
    """The same as `render`, event by event: `Progress`, `Chunk` where `preview` asks for them, the `Result`.

    Close the iterator to cancel: everything stops and nothing stays behind on disk.

    Raises:
        StudioError: as for `render`; before the first frame wherever that can be known.
    """
    from pipeline import studio
    from pipeline.spec import split

    scene, file = split({"subject": subject, "path": output, **options})
    return studio.stream(scene, file, preview=preview)


def list_engines() -> list[Card]:
    """The cards of the head, lips and matting engines: their needs, speed and licences."""
    from pipeline import engines

    return [*engines.cards("head"), *engines.cards("lips"), *engines.cards("matting")]


def list_voices() -> list[VoiceCard]:
    """The cards of all voices that are known by name, the default first."""
    from pipeline import engines

    return engines.voices()


def __getattr__(name: str) -> Any:
    if name == "script":  # a package whose own functions are `render`, `stream` and so on
        return import_module("pipeline.script")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
