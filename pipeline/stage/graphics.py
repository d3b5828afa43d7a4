"""Titles, lower thirds and logos over the frames of a scene, and the crossfade between two scenes.

Text stands on a panel of its own, so that it can be read over any background, in the font that captions use.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np
from PIL import Image, ImageOps

from pipeline.easing import smoothstep
from pipeline.errors import OptionError, PhotoError, concerning
from pipeline.faces.photo_files import load, open_photo
from pipeline.stage.layout import blend
from pipeline.stage.panels import Colour, text_panel
from pipeline.stage.slots import Area

Corner = Literal["top-left", "top-right", "bottom-left", "bottom-right"]
"""Where a logo stands."""

PANEL: Colour = (18, 22, 30)
"""Colour of a panel where a brand has none."""
ACCENT: Colour = (255, 190, 60)
"""Colour of the strip at the side of a lower third where a brand has none."""
_FADE = 0.35
"""Seconds in which a graphic comes and goes."""
_TITLE, _NAME, _ROLE = 0.058, 0.040, 0.029
"""Height of letters, as a share of the frame's shorter side."""
_TITLE_WIDEST, _WIDEST = 0.70, 0.84
"""Width at the most, as a share of the frame's; a title leaves room for the mark or a logo beside it."""
_MARGIN = 0.05
"""Between a graphic and the frame's edges, as a share of the frame's shorter side."""


@dataclass(frozen=True, eq=False)
class Graphic:
    """A picture that is partly transparent, at a place of the frame and for a while."""

    rgb: np.ndarray
    """`(h, w, 3)` uint8."""
    alpha: np.ndarray
    """`(h, w)` float32 in [0, 1]."""
    left: int
    top: int
    start: float = 0.0
    """Seconds from the start of the scene; it fades in from then."""
    end: float | None = None
    """When it has faded out; None for a graphic that is there from the first frame to the last."""

    @property
    def area(self) -> Area:
        """Where it is drawn."""
        return Area(self.left, self.top, self.alpha.shape[1], self.alpha.shape[0])

    def draw(self, image: np.ndarray, seconds: float) -> np.ndarray:
        """The frame (RGB or RGBA) at a time of the scene, with the graphic on it; a copy where it is."""
        strength = self._strength(seconds)
        if strength <= 0:
            return image
        image = image.copy()
        region = image[self.area.slices]
        blend(self.rgb, self.alpha * np.float32(strength), region)
        return image

    def _strength(self, seconds: float) -> float:
        if self.end is None:
            return 1.0
        fade = min(_FADE, (self.end - self.start) / 2)
        coming, going = (seconds - self.start) / fade, (self.end - seconds) / fade
        return float(smoothstep(min(coming, going), 0, 1))


@concerning("title")
def title(
    text: str,
    size: tuple[int, int],
    *,
    start: float = 0.0,
    end: float | None = None,
    panel: Colour = PANEL,
    font: Path | None = None,
) -> Graphic:
    """A title in the upper left of a frame.

    Args:
        text: in one line, or broken into two.
        size: width and height of the frame in px.
        start: see `Graphic`.
        end: likewise.
        panel: RGB of what the letters stand on; they are white or black, whichever can be read.
        font: a TrueType or OpenType file; without one, the font of captions.

    Raises:
        OptionError: the text is too long, no font has its letters, or the font cannot be read.
    """
    drawing = text_panel([(text, _TITLE, 1.0)], size, panel, None, font, widest=_TITLE_WIDEST)
    margin = round(_MARGIN * min(size))
    return _graphic(drawing, margin, margin, start, end)


@concerning("lower_third")
def lower_third(
    name: str,
    role: str,
    size: tuple[int, int],
    *,
    side: Literal["left", "right"] = "left",
    start: float = 0.0,
    end: float | None = None,
    panel: Colour = PANEL,
    accent: Colour = ACCENT,
    font: Path | None = None,
) -> Graphic:
    """A presenter's name, and below it a role unless that is empty.

    Args:
        name: of the presenter.
        role: or any second line.
        size: width and height of the frame in px.
        side: of the frame.
        start: see `Graphic`.
        end: likewise.
        panel: as for `title`.
        accent: RGB of the strip at its side.
        font: as for `title`.

    Raises:
        OptionError: as for `title`.
    """
    rows = [(name, _NAME, 1.0)] + ([(role, _ROLE, 0.82)] if role else [])
    drawing = text_panel(rows, size, panel, accent, font, widest=_WIDEST)
    margin = round(_MARGIN * min(size))
    left = margin if side == "left" else size[0] - margin - drawing.width
    top = size[1] - margin - drawing.height
    return _graphic(drawing, left, top, start, end)


def logo(path: Path, size: tuple[int, int], *, corner: Corner = "top-right", height: float = 0.09) -> Graphic:
    """A logo in a corner of all frames, transparent where its file is.

    Args:
        path: a PNG, WebP or any other picture.
        size: width and height of the frame in px.
        corner: one of `Corner`.
        height: of the logo, as a share of the frame's shorter side, from 0.02 to 0.5.

    Raises:
        PhotoError: the file is missing or no picture.
        OptionError: `height` is out of range, or there is no such corner.
    """
    if not 0.02 <= height <= 0.5:
        raise OptionError(
            f"A logo's height is from 0.02 to 0.5 of the frame, not {height}.", parameter="logo"
        )
    if corner not in get_args(Corner):
        places = ", ".join(get_args(Corner))
        raise OptionError(f"There is no corner {corner!r}; choose one of: {places}.", parameter="logo")
    drawing = _read_logo(path)
    tall = height * min(size)
    scale = min(tall / drawing.height, _WIDEST * size[0] / drawing.width)
    wanted = max(round(scale * drawing.width), 1), max(round(scale * drawing.height), 1)
    drawing = drawing.resize(wanted, Image.Resampling.LANCZOS)
    margin = round(_MARGIN * min(size))
    left = margin if corner.endswith("left") else size[0] - margin - drawing.width
    top = margin if corner.startswith("top") else size[1] - margin - drawing.height
    return _graphic(drawing, left, top, 0.0, None)


def crossfade(before: np.ndarray, after: np.ndarray, share: float) -> np.ndarray:
    """Two frames mixed, `(H, W, 3)` uint8 RGB or `(H, W, 4)` RGBA: the first at a `share` of 0, the second
    at 1."""
    weight = float(smoothstep(share, 0, 1))
    if before.shape[2] == 4:
        return _transparent_mix(before, after, weight)
    return cv2.addWeighted(before, 1 - weight, after, weight, 0)


def _transparent_mix(before: np.ndarray, after: np.ndarray, weight: float) -> np.ndarray:
    """RGBA frames mixed; a colour counts as much as it can be seen."""
    seen_before = before[..., 3:] * np.float32(1 - weight)
    seen_after = after[..., 3:] * np.float32(weight)
    alpha = seen_before + seen_after
    colours = (before[..., :3] * seen_before + after[..., :3] * seen_after) / np.maximum(alpha, 1e-6)
    return np.round(np.concatenate([colours, alpha], 2)).astype(np.uint8)


def _graphic(drawing: Image.Image, left: int, top: int, start: float, end: float | None) -> Graphic:
    pixels = np.asarray(drawing)
    alpha = pixels[..., 3].astype(np.float32) / 255
    return Graphic(np.ascontiguousarray(pixels[..., :3]), alpha, max(left, 0), max(top, 0), start, end)


def _read_logo(path: Path) -> Image.Image:
    try:
        picture = open_photo(load(path))
        drawing = picture if isinstance(picture, Image.Image) else picture.to_pillow()
        return ImageOps.exif_transpose(drawing).convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PhotoError(
            f"The logo {path.name} is not an image, or it is damaged.", parameter="logo"
        ) from error
