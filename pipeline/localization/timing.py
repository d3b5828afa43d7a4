"""A translated script whose lines take as long as they did, for films whose slides or music have times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipeline import engines
from pipeline.imitation import with_recording
from pipeline.script.document import Line, Presenter, Script
from pipeline.script.lines import speakers_of, spoken_scene
from pipeline.types import join

_SHORTER = 0.1
"""Seconds by which a line may be longer than it was, before that is said."""
_LONGEST_PAUSE = 30.0
"""Seconds, as in `script.document.Line`."""


def keep_times(
    before: Script, after: Script, values: dict[str, Any], told: Callable[[float], None]
) -> tuple[str, ...]:
    """Set pace and pause of each translated line so that it takes as long as the original.

    The pace stays within 0.85 and 1.25, and the pause after a line makes up for what is left.

    Args:
        before, after: the script and its translation.
        values: those of `after`, which are changed.
        told: called with the share that is done; every line is spoken twice for this.

    Returns:
        A sentence for each line that is longer even so.

    Raises:
        StudioError: a line cannot be spoken.
    """
    notes = []
    total = sum(len(scene.lines) for scene in before.scenes)
    done = 0
    for number, (scene, other) in enumerate(zip(before.scenes, after.scenes, strict=True)):
        for index, name in enumerate(speakers_of(before, scene)):
            line, changed = scene.lines[index], other.lines[index]
            if line.text is not None and line != changed:
                wanted = _seconds(before, before.presenters[name], line)
                pace, left = _fitted(after, after.presenters[name], changed, wanted)
                lines = values["scenes"][number]["lines"]
                lines[index] = _timed(lines[index], pace, line.pause, left)
                if left < -_SHORTER:
                    notes.append(
                        f"scenes.{number + 1}.lines.{index + 1} takes {-left:.1f} s longer than it did, even "
                        f"as fast as sounds natural; shorten “{changed.text}”."
                    )
            done += 1
            told(done / total)
    return tuple(notes)


def _fitted(script: Script, presenter: Presenter, line: Line, wanted: float) -> tuple[float, float]:
    """The pace at which a line fits its time, and the seconds that are left."""
    from pipeline.speech.timed import fitting_pace

    natural = _seconds(script, presenter, line.model_copy(update={"pace": 1.0}))
    pace = round(fitting_pace(natural, wanted), 2)
    return pace, wanted - natural / pace


def _seconds(script: Script, presenter: Presenter, line: Line) -> float:
    """How long a line is spoken, or its recording is."""
    from pipeline.speech import speak
    from pipeline.speech.timed import spoken_seconds
    from pipeline.video import sound_seconds

    scene = spoken_scene(script, presenter, line)
    if scene.audio is not None:
        return sound_seconds(scene.audio)
    chosen = engines.options("voice", engines.voice(scene.voice).family, scene.voice_options)
    parts = speak(
        scene.text or "",
        voice=scene.voice,
        options=with_recording(scene.voice, scene.voice_from, chosen),
        pace=scene.pace,
        pronunciations=scene.dictionary,
    )
    return spoken_seconds(join(parts))


def _timed(line: Any, pace: float, pause: float, left: float) -> dict[str, Any]:
    """A line's values with another pace and pause."""
    own = dict(line) if isinstance(line, dict) else {"text": str(line)}
    return {**own, "pace": pace, "pause": round(min(pause + max(left, 0.0), _LONGEST_PAUSE), 2)}
