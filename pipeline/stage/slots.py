"""The layouts, and the rectangle that each of them gives to a presenter and to what is shown.

All measures are shares of the frame, so that a layout looks the same at every resolution. A frame that is
clearly wider than tall is divided into columns; a square or tall one into rows, because a third of its width
is too narrow for a head with shoulders.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from pipeline.errors import OptionError

_WIDE = 1.2
"""Width over height from which a frame is divided into columns."""
_COLUMN = 1 / 3
"""Share of a wide frame's width for a presenter at its side."""
_ROW = 0.44
"""Share of a tall frame's height for a presenter below what is shown."""
_BLOCK = 0.6
"""Share of a tall frame's width for a cut-out there; a picture with its own background is a square."""
_TALLEST = 1.5
"""Height of two cut-outs side by side over half the frame's width: in a tall frame they stand in its lower
part."""
_CIRCLE = 0.30
"""Diameter of the corner's circle, as a share of the frame's shorter side."""
_CIRCLE_MARGIN = 0.04
"""Between the circle and the frame's edges, as a share of the shorter side."""


class Layout(str, Enum):
    """How presenters and background share the frame."""

    FULL = "full"
    """One presenter, over the whole frame."""
    LEFT = "left"
    """One presenter in the left third; in a square or tall frame, below on the left."""
    RIGHT = "right"
    """One presenter in the right third; in a square or tall frame, below on the right."""
    CORNER = "corner"
    """One presenter in a circle in the lower right corner."""
    VOICE_OVER = "voice-over"
    """The background alone."""
    SIDE_BY_SIDE = "side-by-side"
    """Two presenters, each in a half of the frame."""

    def __str__(self) -> str:
        return self.value

    @property
    def presenters(self) -> int:
        """How many presenters it shows."""
        return {Layout.VOICE_OVER: 0, Layout.SIDE_BY_SIDE: 2}.get(self, 1)


@dataclass(frozen=True)
class Area:
    """A rectangle of the frame, in whole px."""

    left: int
    top: int
    width: int
    height: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The rows and the columns, to index a frame."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    def meets(self, other: Area) -> bool:
        """Whether the two have pixels in common."""
        across = self.left < other.left + other.width and other.left < self.left + self.width
        return across and self.top < other.top + other.height and other.top < self.top + self.height


@dataclass(frozen=True)
class Slot:
    """The place of one presenter in a layout, and the size of the head there."""

    area: Area
    face: float
    """Height from forehead to chin as a share of the area's height."""
    breadth: float
    """Largest such height as a share of the area's width, so that the shoulders fit."""
    level: float
    """The face's centre, as a share of the area's height from its top."""
    hang: float = 0.0
    """How far below `level` a cut-out may hang, likewise, so that its lower edge reaches that of the area."""
    circle: bool = False
    """Whether the area is cut to a circle."""
    spills: bool = False
    """Whether a cut-out may reach beyond the area, up to the frame's edges."""


_FULL = Slot(Area(0, 0, 0, 0), face=0.36, breadth=0.55, level=0.44, hang=0.14)
_SIDE = Slot(Area(0, 0, 0, 0), face=0.25, breadth=0.46, level=0.45, hang=0.2, spills=True)
_HALF = Slot(Area(0, 0, 0, 0), face=0.27, breadth=0.42, level=0.44, hang=0.18)
_LOWER = Slot(Area(0, 0, 0, 0), face=0.40, breadth=0.40, level=0.46, hang=0.14, spills=True)
_ROUND = Slot(Area(0, 0, 0, 0), face=0.54, breadth=0.54, level=0.48, circle=True)


def slots(layout: Layout, size: tuple[int, int], *, cut_out: bool) -> list[Slot]:
    """A slot for each presenter of the layout, from left to right or from top to bottom.

    Args:
        layout: which.
        size: width and height of the frame in px.
        cut_out: whether presenters come without their own background; those with it fill their area.
    """
    width, height = size
    if layout is Layout.FULL:
        return [replace(_FULL, area=Area(0, 0, width, height))]
    if layout is Layout.CORNER:
        return [replace(_ROUND, area=_corner(size))]
    if layout is Layout.SIDE_BY_SIDE:
        return _halves(size, cut_out=cut_out)
    if layout is Layout.VOICE_OVER:
        return []
    return [_aside(layout, size, cut_out=cut_out)]


def content_area(layout: Layout, size: tuple[int, int]) -> Area:
    """What the presenter of a layout leaves free: where a slide is shown."""
    width, height = size
    if layout not in (Layout.LEFT, Layout.RIGHT):
        return Area(0, 0, width, height)
    if not is_wide(size):
        return Area(0, 0, width, height - round(_ROW * height))
    column = round(_COLUMN * width)
    return Area(column if layout is Layout.LEFT else 0, 0, width - column, height)


def is_wide(size: tuple[int, int]) -> bool:
    """Whether a frame of this width and height is divided into columns."""
    return size[0] >= _WIDE * size[1]


def require_presenters(layout: Layout, count: int) -> None:
    """Check that a layout shows `count` presenters.

    Raises:
        OptionError: it shows more, or fewer.
    """
    wanted = layout.presenters
    if count == wanted:
        return
    shows = {0: "no presenter", 1: "one presenter"}.get(wanted, f"{wanted} presenters")
    fitting = {0: Layout.VOICE_OVER, 1: Layout.FULL, 2: Layout.SIDE_BY_SIDE}.get(count)
    hint = f"choose the layout {fitting} for {count}" if fitting else "put them into scenes of their own"
    raise OptionError(f"The layout {layout} shows {shows}, not {count}; {hint}.", parameter="layout")


def _corner(size: tuple[int, int]) -> Area:
    width, height = size
    short = min(size)
    side, margin = round(_CIRCLE * short / 2) * 2, round(_CIRCLE_MARGIN * short)
    return Area(width - side - margin, height - side - margin, side, side)


def _aside(layout: Layout, size: tuple[int, int], *, cut_out: bool) -> Slot:
    width, height = size
    if is_wide(size):
        column = round(_COLUMN * width)
        left = 0 if layout is Layout.LEFT else width - column
        return replace(_SIDE, area=Area(left, 0, column, height))
    row = round(_ROW * height)
    across = min(round(_BLOCK * width) if cut_out else row, width)
    left = 0 if layout is Layout.LEFT else width - across
    return replace(_LOWER, area=Area(left, height - row, across, row))


def _halves(size: tuple[int, int], *, cut_out: bool) -> list[Slot]:
    width, height = size
    if width >= height or cut_out:
        half = width // 2
        tall = min(height, round(_TALLEST * half)) if cut_out else height
        areas = [Area(left, height - tall, half, tall) for left in (0, width - half)]
    else:
        half = height // 2
        areas = [Area(0, 0, width, half), Area(0, half, width, height - half)]
    return [replace(_HALF, area=area, spills=cut_out) for area in areas]
