"""A line and its scene in the terms of a single render: whose face, which voice, what is behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline import engines, spec
from pipeline.errors import OptionError
from pipeline.script.document import Line, Presenter, Scene, Script
from pipeline.script.pronunciation import respelled
from pipeline.stage.slots import Layout

_SHARED = (
    "face", "voice", "pace", "style", "emotion", "blinks", "seed", "head", "lips", "head_options",
    "lips_options", "voice_options",
)  # fmt: skip
"""Fields that a presenter shares with `spec.Scene`."""
_LINE_OVERRIDES = ("text", "pace", "style", "emotion")


def background_of(script: Script, scene: Scene) -> str | None:
    """What is behind the presenters of a scene, with a path that can be opened."""
    from pipeline.stage.backgrounds import colour

    value = scene.background
    if value is None:
        if scene.arrangement in (Layout.FULL, Layout.SIDE_BY_SIDE) and (scene.lines or scene.presenters):
            return None
        value = script.brand.background
    if colour(value) is not None or value == "blur":
        return value
    return str(script.located(Path(value)))


def moves(background: str | None) -> bool:
    """Whether what is behind the presenters is a video; a file that is not there is none."""
    from pipeline.stage.backgrounds import colour, is_moving

    if background is None or colour(background) is not None or not Path(background).is_file():
        return False
    return is_moving(background)


def spoken_scene(script: Script, presenter: Presenter, line: Line) -> spec.Scene:
    """A line as the scene of a single render."""
    values: dict[str, Any] = {name: getattr(presenter, name) for name in _SHARED}
    for name in _LINE_OVERRIDES:
        if (own := getattr(line, name)) is not None:
            values[name] = own
    if values.get("text") is not None and line.audio is None:
        values["text"] = respelled(values["text"], script.brand.pronunciation)
    if line.voice is not None or line.language is not None:
        values["voice"] = line.voice or _voice_for(line.language or "", presenter.voice)
        if values["voice"] != presenter.voice:
            values["voice_options"] = {}
    audio = None if line.audio is None else script.located(line.audio)
    return spec.Scene(
        subject=script.located(presenter.subject), audio=audio, consent=presenter.consent, **values
    )


def _voice_for(language: str, own: str) -> str:
    """A voice of a language: the presenter's own where it speaks it, else the first that does.

    Raises:
        OptionError: no voice speaks it.
    """
    wanted = language.lower()
    cards = [engines.voice(own), *engines.voices()]
    for card in cards:
        if card.language.lower() == wanted:
            return card.name
    base = wanted.partition("-")[0]
    for card in cards:
        if card.language.lower().partition("-")[0] == base:
            return card.name
    raise OptionError(f"No voice that is listed speaks {language}; name one as voice.", parameter="language")
