"""Resolves the defaults of scenes and lines: who speaks, who is seen, which voice, which background."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from pipeline import engines, spec
from pipeline.script.document import Line, Presenter, Scene, Script
from pipeline.script.errors import ScriptError
from pipeline.stage.slots import Layout
from pipeline.translation.voices import voice_for

_SHARED = (
    "face", "voice", "pace", "style", "emotion", "blinks", "seed", "head", "lips", "head_options",
    "lips_options", "voice_options",
)  # fmt: skip
"""Fields that a presenter shares with `spec.Scene`."""
_LINE_OVERRIDES = ("text", "pace", "style", "emotion")


def speakers_of(script: Script, scene: Scene) -> list[str]:
    """Who says each line: who is named, else who spoke before, else the scene's or the script's first."""
    current = scene.presenters[0] if scene.presenters else next(iter(script.presenters), "")
    found = []
    for line in scene.lines:
        current = line.presenter or current
        found.append(current)
    return found


def seen_in(script: Script, scene: Scene, speakers: list[str], number: int) -> tuple[str, ...]:
    """Who is seen in a scene, from left to right; `number` is the scene's, from 0.

    Raises:
        ScriptError: the layout shows two presenters, and others are named or speak.
    """
    if scene.arrangement is Layout.VOICE_OVER:
        return ()
    named = scene.presenters or tuple(dict.fromkeys(speakers))
    if scene.arrangement is not Layout.SIDE_BY_SIDE:
        return named[:1] if not speakers else named
    if len(named) == 1:
        named += tuple(name for name in script.presenters if name not in named)[:1]
    if len(named) != 2 or not set(speakers) <= set(named):
        raise ScriptError(
            f"scenes.{number + 1}: the layout side-by-side shows two presenters, and only they speak; name "
            "two in presenters.",
            parameter=f"scenes.{number + 1}.presenters",
        )
    return named


def background_of(script: Script, scene: Scene) -> str | None:
    """What is behind the presenters of a scene, with a path that can be opened."""
    from pipeline.stage.backgrounds import colour

    value = scene.background
    if value is None:
        if scene.arrangement in (Layout.FULL, Layout.SIDE_BY_SIDE) and (scene.lines or scene.presenters):
            return None
        if script.output.background is not None:
            return None
        value = script.brand.background
    if colour(value) is not None or value == "blur":
        return value
    return str(script.located(Path(value)))


def is_film(background: str | None) -> bool:
    """Whether a background or the picture of a presenter is a video; a file that is not there is none."""
    from pipeline.stage.backgrounds import colour

    if background is None or colour(background) is not None or not Path(background).is_file():
        return False
    return _is_video(background, Path(background).stat().st_mtime_ns)


@lru_cache(256)
def _is_video(path: str, modified: int) -> bool:
    from pipeline.faces import is_video

    return is_video(path)


def spoken_scene(script: Script, presenter: Presenter, line: Line) -> spec.Scene:
    """A line as the scene of a single render."""
    values: dict[str, Any] = {name: getattr(presenter, name) for name in _SHARED}
    for name in _LINE_OVERRIDES:
        if (own := getattr(line, name)) is not None:
            values[name] = own
    if values.get("text") is not None and line.audio is None:
        values["pronunciations"] = script.brand.pronunciation
    if line.voice is not None or line.language is not None:
        values["voice"] = line.voice or voice_for(line.language or "", presenter.voice)
        if values["voice"] != presenter.voice:
            values["voice_options"] = {}
    audio = None if line.audio is None else script.located(line.audio)
    if presenter.voice_from is not None and audio is None and engines.voice(values["voice"]).imitates:
        values["voice_from"] = script.located(presenter.voice_from)
        values["voice_consent"] = presenter.voice_consent
    return spec.Scene(
        subject=script.located(presenter.subject),
        teeth_from=tuple(map(script.located, presenter.teeth_from)),
        audio=audio,
        consent=presenter.consent,
        **values,
    )
