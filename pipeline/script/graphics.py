"""What stands on the frames of a shot: title and lower third, the brand's logo, the visible mark."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image, ImageColor

from pipeline.script.shots import Shot
from pipeline.stage import graphics
from pipeline.stage.graphics import Colour, Graphic
from pipeline.stage.slots import Layout
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


def titles(shot: Shot, seconds: float) -> list[Filter]:
    """The title and the lower third of a shot that opens its scene and lasts so many seconds.

    Raises:
        OptionError: a text is too long, or no font has its letters.
    """
    scene, brand, size = shot.scene, shot.script.brand, shot.script.output.size
    font = None if brand.font is None else shot.script.located(brand.font)
    panel = _rgb(brand.colour)
    found: list[Filter] = []
    if shot.opens and scene.title:
        end = min(_TITLE_END, seconds)
        found.append(
            graphics.title(scene.title, size, start=_TITLE_START, end=end, panel=panel, font=font).draw
        )
    if shot.opens and scene.lower_third:
        name, _, role = scene.lower_third.partition(", ")
        third = graphics.lower_third(
            name,
            role,
            size,
            side="right" if shot.layout is Layout.RIGHT else "left",
            start=min(_THIRD_START, seconds / 4),
            end=min(_THIRD_END, seconds),
            panel=panel,
            accent=_rgb(brand.accent),
            font=font,
        )
        if shot.script.output.captions == "burn":
            third = replace(third, top=third.top - round(_CAPTIONS * size[1]))
        found.append(third.draw)
    return found


def overlays(shot: Shot) -> list[Overlay]:
    """The logo and the mark, which are the same on all frames.

    Raises:
        PhotoError: the logo cannot be read.
    """
    brand, output = shot.script.brand, shot.script.output
    mark = Mark(output.size).overlay if output.mark else None
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
