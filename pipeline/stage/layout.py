"""Presenters and a background become one frame.

A `Composer` makes the frames of a scene: behind a still background, only the presenters' rectangles are drawn
again. `place` composes a single frame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

from pipeline.stage.framing import FaceBox, Placement, Subject, placements
from pipeline.stage.slots import Area, Layout
from pipeline.video.compositing import draw_over

__all__ = ["Composer", "Layout", "PresenterFrame", "place", "place_transparent"]

_RING = (255, 255, 255)
"""Colour of the hairline around the circle."""
_RING_OPACITY = 0.9
_RING_WIDTH = 0.008
"""Of the circle's diameter, at least 1 px."""


@dataclass(frozen=True, eq=False)
class PresenterFrame:
    """One presenter in one frame."""

    rgb: np.ndarray
    """`(h, w, 3)` uint8; with `alpha`, the presenter's own colours, free of what was behind."""
    alpha: np.ndarray | None = None
    """`(h, w)` float32 in [0, 1]: how much of each pixel is the presenter; None shows the whole picture."""
    face: FaceBox | None = None
    """Of the face at rest, the same in all frames of a clip, so that the presenter does not wander; without
    it, the head is taken to be where a square portrait has it."""

    @property
    def subject(self) -> Subject:
        """What its place in the frame depends on."""
        height, width = self.rgb.shape[:2]
        return Subject((width, height), self.face, self.alpha is not None)


def place(presenters: Sequence[PresenterFrame], background: np.ndarray, layout: Layout) -> np.ndarray:
    """One frame, `(H, W, 3)` uint8 RGB, a new array.

    Args:
        presenters: as many as the layout shows, from left to right.
        background: `(H, W, 3)` uint8 RGB; decides the size.
        layout: how they share the frame.

    Raises:
        OptionError: the layout shows another number of presenters.
    """
    canvas = background.copy()
    _draw(presenters, background, layout, canvas)
    return canvas


def place_transparent(
    presenters: Sequence[PresenterFrame], size: tuple[int, int], layout: Layout
) -> np.ndarray:
    """One frame without a background: `(H, W, 4)` uint8 RGBA, its colours not multiplied by alpha.

    Args:
        presenters: as many as the layout shows; those with an alpha of their own are transparent around.
        size: width and height in px.
        layout: how they share the frame.

    Raises:
        OptionError: the layout shows another number of presenters.
    """
    frame = np.zeros((size[1], size[0], 4), np.uint8)
    places = placements(layout, size, tuple(presenter.subject for presenter in presenters))
    for presenter, placement in zip(presenters, places, strict=True):
        shown, alpha = _shown(presenter, placement)
        draw_over(shown, alpha, frame[placement.target.slices])
    return frame


class Composer:
    """Composes the frames of one scene; not thread-safe."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._canvas: np.ndarray | None = None
        self._background: np.ndarray | None = None
        self._drawn: list[Area] = []

    def compose(self, presenters: Sequence[PresenterFrame], background: np.ndarray) -> np.ndarray:
        """One frame, as `place` gives it; the array is used again by the next call.

        A background that is the same array as in the last call must not have changed since.

        Raises:
            OptionError: the layout shows another number of presenters.
        """
        if self._canvas is None or self._canvas.shape != background.shape:
            self._canvas = background.copy()
        elif background is not self._background:
            np.copyto(self._canvas, background)
        else:
            for area in self._drawn:
                self._canvas[area.slices] = background[area.slices]
        self._background = background
        self._drawn = _draw(presenters, background, self._layout, self._canvas)
        return self._canvas


def _draw(
    presenters: Sequence[PresenterFrame], background: np.ndarray, layout: Layout, canvas: np.ndarray
) -> list[Area]:
    """Draw the presenters in place; the areas that changed."""
    size = (background.shape[1], background.shape[0])
    places = placements(layout, size, tuple(presenter.subject for presenter in presenters))
    for presenter, placement in zip(presenters, places, strict=True):
        _draw_one(presenter, placement, canvas)
    return [placement.target for placement in places]


def _draw_one(presenter: PresenterFrame, placement: Placement, canvas: np.ndarray) -> None:
    region = canvas[placement.target.slices]
    if presenter.alpha is None and not placement.slot.circle:
        region[:] = placement.scaled(presenter.rgb)
    else:
        blend(*_shown(presenter, placement), region)


def _shown(presenter: PresenterFrame, placement: Placement) -> tuple[np.ndarray, np.ndarray]:
    """The presenter at the size of its place: `(h, w, 3)` uint8, and alpha `(h, w)` float32 in [0, 1]."""
    image = placement.scaled(presenter.rgb)
    if placement.slot.circle:
        disc, ring, colour = _circle(placement.target.width)
        return cv2.blendLinear(colour, image, ring, 1 - ring), disc
    if presenter.alpha is None:
        return image, np.ones(image.shape[:2], np.float32)
    alpha = placement.scaled(presenter.alpha)
    return image, alpha if placement.edges is None else alpha * placement.edges


def blend(front: np.ndarray, alpha: np.ndarray, region: np.ndarray) -> None:
    """Draw `front` `(h, w, 3)` uint8 over `region`, RGB or RGBA, in place, by `alpha` `(h, w)` float32."""
    if region.shape[2] == 4:
        draw_over(front, alpha, region)
        return
    region[:] = cv2.blendLinear(front, np.ascontiguousarray(region), alpha, 1 - alpha)


@lru_cache(4)
def _circle(diameter: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The disc and the ring in it, `(d, d)` float32 in [0, 1] and soft over a pixel; the ring's colour."""
    radius = diameter / 2
    at = np.arange(diameter, dtype=np.float32) + 0.5 - radius
    inside = radius - 0.5 - np.hypot(at[:, None], at[None])
    width = max(1.0, _RING_WIDTH * diameter)
    disc = np.clip(inside + 0.5, 0, 1)
    ring = _RING_OPACITY * np.clip(width + 0.5 - inside, 0, 1)
    colour = np.full((diameter, diameter, 3), _RING, np.uint8)
    return disc.astype(np.float32), ring.astype(np.float32), colour
