"""One line of a script by itself, to be heard or seen within seconds of typing it."""

from __future__ import annotations

from pathlib import Path

from pipeline.script.document import Output, Scene, Script
from pipeline.script.errors import ScriptError
from pipeline.script.lines import speakers_of, spoken_scene
from pipeline.trust import Memory

_HEIGHT = 480
"""Shorter side of the picture in pixels."""
_PLAIN = {"intro": None, "outro": None, "music": None}
"""What belongs to the whole film only."""


def line_alone(script: Script, scene: int, line: int) -> Script:
    """A script of this line only, small and without captions, for `film.stream`.

    Args:
        script: the whole script.
        scene: number of the scene, from 0.
        line: number of the line in it, from 0.

    Raises:
        ScriptError: there is no such line.
    """
    whole = _scene(script, scene, line)
    said = whole.lines[line].model_copy(update={"presenter": speakers_of(script, whole)[line]})
    opening = {} if line == 0 else {"title": None, "lower_third": None}
    alone = whole.model_copy(update={"lines": (said,), "transition": "cut", **opening})
    small: dict[str, object] = {
        "height": _HEIGHT,
        "captions": None,
        "background": None,
        "path": Path("line.mp4"),
    }
    output: Output = script.output.model_copy(update=small)
    brand = script.brand.model_copy(update=_PLAIN)
    return script.model_copy(update={"scenes": (alone,), "output": output, "brand": brand})


def hear_line(script: Script, scene: int, line: int, output: Path, *, memory: Memory | None = None) -> Path:
    """The sound of a line: its recording, or a WAV in which its voice says it, as in the film.

    Args:
        script: the whole script.
        scene: number of the scene, from 0.
        line: number of the line in it, from 0.
        output: the WAV to write; an older one is replaced.
        memory: answers of consent of one visitor, for a voice that imitates; None for this machine's.

    Raises:
        ScriptError: there is no such line.
        StudioError: the voice cannot say it, or cannot be had.
    """
    from pipeline.voiceover import say

    whole = _scene(script, scene, line)
    said = whole.lines[line]
    if said.audio is not None:
        return script.located(said.audio)
    spoken = spoken_scene(script, script.presenters[speakers_of(script, whole)[line]], said)
    if spoken.subject.is_file():
        spoken = spoken.seeded()
    say(
        spoken.text or "",
        output,
        voice=spoken.voice,
        voice_options=dict(spoken.voice_options),
        pace=spoken.pace,
        seed=spoken.seed or 0,
        pronunciations=script.brand.pronunciation,
        voice_from=spoken.voice_from,
        voice_consent=spoken.voice_consent,
        memory=memory,
        overwrite=True,
    )
    return output


def _scene(script: Script, scene: int, line: int) -> Scene:
    found = script.scenes[scene] if 0 <= scene < len(script.scenes) else None
    if found is None or not 0 <= line < len(found.lines):
        raise ScriptError("This line is empty; type what is said first.", parameter="text")
    return found
