"""What a film consists of besides its shots: intro and outro clips, and crossfades between scenes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from pipeline.script.document import Script
from pipeline.script.keys import code_version, file_sum, key_of
from pipeline.script.shots import Shot, shots

CROSSFADE = 0.6
"""Seconds of a crossfade."""


@dataclass(frozen=True, eq=False)
class Clip:
    """A video of the brand, at the size and rate of the film."""

    script: Script
    name: Literal["intro", "outro"]
    file: Path

    @property
    def place(self) -> str:
        """Where it stands in the script."""
        return f"brand.{self.name}"

    @cached_property
    def key(self) -> str:
        """Under which its segment is kept. Raises `ScriptError` where the file is not there."""
        output = self.script.output
        return key_of(
            [code_version(), file_sum(self.file, what=self.place), output.size, output.fps, output.alpha]
        )


@dataclass(frozen=True, eq=False)
class Crossfade:
    """From the last picture of one shot to the first of the next, both of them at rest."""

    script: Script
    before: Shot
    after: Shot

    @property
    def place(self) -> str:
        """Where it stands in the script."""
        return f"scenes.{self.after.scene_number + 1}.transition"

    @property
    def frames(self) -> int:
        """How many frames it lasts."""
        return round(CROSSFADE * self.script.output.fps)

    @cached_property
    def key(self) -> str:
        """Under which its segment is kept."""
        return key_of([code_version(), "crossfade", self.before.key, self.after.key, self.frames])


Piece = Shot | Clip | Crossfade


def pieces(script: Script) -> list[Piece]:
    """All pieces of a film in order.

    Raises:
        ScriptError: as for `shots`.
    """
    found: list[Piece] = []
    last: Shot | None = None
    if script.brand.intro is not None:
        found.append(Clip(script, "intro", script.located(script.brand.intro)))
    for shot in shots(script):
        if last is not None and shot.opens and shot.scene.transition == "crossfade":
            found.append(Crossfade(script, last, shot))
        found.append(shot)
        last = shot
    if script.brand.outro is not None:
        found.append(Clip(script, "outro", script.located(script.brand.outro)))
    return found
