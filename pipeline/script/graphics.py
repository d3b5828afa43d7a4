"""Graphics over the frames of a shot: title and lower third, the brand's logo, the visible mark."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageColor

from pipeline.script.shots import Shot
from pipeline.stage import graphics
from pipeline.stage.graphics import Colour, Graphic
from pipeline.stage.slots import Area, Layout
from pipeline.trust import Mark
from pipeline.video.overlay import Overlay

Filter = Callable[[np.ndarray, float], np.ndarray]
"""From a frame, `(H, W, 3)` uint8 RGB or RGBA, and its time in seconds to the frame with something on it."""

_TITLE_START, _TITLE_END = 0.1, 4.0
"""Seconds of a scene from which and to which a title is shown; it ends with the first line at the latest."""
_THIRD_START, _THIRD_END = 0.6, 5.0
"""The same for a lower third."""
_CAPTIONS = 0.09
"""By how much a lower third stands higher above captions of two lines, as a share of the frame's height."""


_STEP = 0.02
"""In which steps a place for them is looked for, as a share of the frame's height."""
_TITLE_LOWEST = 0.25
"""Top of a title at the lowest, likewise."""


def titles(
    shot: Shot, seconds: float, faces: Sequence[Area] = (), lying: Sequence[Overlay] = ()
) -> list[Filter]:
    """The title and the lower third of a shot that opens its scene.

    Args:
        shot: which.
        seconds: how long it is.
        faces: where in the frame faces are; a lower third covers none, as far as there is room.
        lying: what else lies on the frames.

    Raises:
        OptionError: a text is too long, or no font has its letters.
    """
    scene, brand, size = shot.scene, shot.script.brand, shot.script.output.size
    font = None if brand.font is None else shot.script.located(brand.font)
    panel = _rgb(brand.colour)
    found: list[Filter] = []
    logos = [Area(*overlay.box) for overlay in lying]
    if shot.opens and scene.title:
        end = min(_TITLE_END, seconds)
        shown = graphics.title(scene.title, size, start=_TITLE_START, end=end, panel=panel, font=font)
        lowest = max(shown.top, round(_TITLE_LOWEST * size[1]))
        places = ((shown.left, top) for top in range(shown.top, lowest + 1, _step(size)))
        found.append(_moved(shown, places, logos).draw)
    if shot.opens and scene.lower_third:
        third = _lower_third(shot, seconds, panel, font)
        sides = _margins(third, size, right=shot.layout is Layout.RIGHT)
        places = ((left, top) for top in range(third.top, 0, -_step(size)) for left in sides)
        found.append(_moved(third, places, [*faces, *logos]).draw)
    return found


def _lower_third(shot: Shot, seconds: float, panel: Colour, font: Path | None) -> Graphic:
    size = shot.script.output.size
    name, _, role = (shot.scene.lower_third or "").partition(", ")
    third = graphics.lower_third(
        name,
        role,
        size,
        side="right" if shot.layout is Layout.RIGHT else "left",
        start=min(_THIRD_START, seconds / 4),
        end=min(_THIRD_END, seconds),
        panel=panel,
        accent=_rgb(shot.script.brand.accent),
        font=font,
    )
    if shot.script.output.captions == "burn":
        return replace(third, top=third.top - round(_CAPTIONS * size[1]))
    return third


def _step(size: tuple[int, int]) -> int:
    return max(round(_STEP * size[1]), 1)


def _margins(third: Graphic, size: tuple[int, int], *, right: bool) -> tuple[int, int]:
    """Where a lower third can begin: at its own side, or at the other one."""
    margin = size[0] - third.area.width - third.left if right else third.left
    other = margin if right else size[0] - margin - third.area.width
    return third.left, other


def _moved(graphic: Graphic, places: Iterable[tuple[int, int]], kept_free: Sequence[Area]) -> Graphic:
    """The graphic at the first place where it covers nothing, or else where it is."""
    for left, top in places:
        moved = replace(graphic, left=left, top=top)
        if not any(moved.area.meets(area) for area in kept_free):
            return moved
    return graphic


def overlays(shot: Shot) -> list[Overlay]:
    """The logo and the mark, which are the same on all frames.

    Raises:
        PhotoError: the logo cannot be read.
    """
    brand, output = shot.script.brand, shot.script.output
    mark = Mark(output.size, shot.language).overlay if output.mark else None
    found = []
    if brand.logo is not None:
        path = shot.script.located(brand.logo)
        logo = graphics.logo(path, output.size, corner=brand.logo_place, height=brand.logo_size)
        below = mark.bottom if mark is not None and brand.logo_place == "top-right" else 0
        found.append(_overlay(logo, below))
    return found if mark is None else [*found, mark]


def _overlay(graphic: Graphic, below: int) -> Overlay:
    """A graphic that is always there as an overlay; no higher than `below` px from the top."""
    alpha = np.round(255 * graphic.alpha).astype(np.uint8)
    drawing = Image.fromarray(np.dstack([graphic.rgb, alpha]), "RGBA")
    return Overlay(drawing, graphic.left, max(graphic.top, below + graphic.top // 2 if below else 0))


def _rgb(colour: str) -> Colour:
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue
