"""Text in a rounded box on top of frames, drawn once and blended into each frame in microseconds.

Pillow draws the text, because it shapes every script; `fonts` finds what can draw it.
"""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from pipeline.video.compositing import draw_over
from pipeline.video.fonts import Run, runs_for


class Overlay:
    """A partly transparent picture at a fixed place of every frame."""

    def __init__(self, drawing: Image.Image, left: int, top: int) -> None:
        """`drawing` is RGBA and lies wholly inside the frame, `left` and `top` px from its corner."""
        pixels = np.asarray(drawing, np.uint16)
        alpha = pixels[..., 3:]
        self._drawing = drawing
        self._premultiplied = pixels[..., :3] * alpha + 128
        self._transparency = 255 - alpha
        self._area = np.s_[top : top + drawing.height, left : left + drawing.width]
        self.bottom = top + drawing.height
        """Row of the frame below it."""
        self.box = (left, top, drawing.width, drawing.height)
        """Left, top, width and height in px."""

    def draw(self, image: np.ndarray) -> np.ndarray:
        """A copy of `image`, `(H, W, 3)` uint8 RGB or `(H, W, 4)` RGBA, with the drawing on it."""
        image = image.copy()
        self.paint(image)
        return image

    def paint(self, image: np.ndarray) -> np.ndarray:
        """Draw on `image` itself, as `draw` takes it; returns what was there, for `remove`."""
        before: np.ndarray = image[self._area].copy()
        if image.shape[2] == 4:
            pixels = np.asarray(self._drawing)
            draw_over(pixels[..., :3], pixels[..., 3].astype(np.float32) / 255, image[self._area])
            return before
        mixed = before * self._transparency + self._premultiplied
        image[self._area] = (mixed + (mixed >> 8)) >> 8
        return before

    def remove(self, image: np.ndarray, before: np.ndarray) -> None:
        """Put back what was there before `paint`."""
        image[self._area] = before


def text_box(
    text: str,
    *,
    font_size: float,
    colour: tuple[int, int, int, int],
    background: tuple[int, int, int, int],
) -> Image.Image:
    """Centred lines of text in a rounded box, RGBA.

    Args:
        text: lines separated by newlines.
        font_size: in px.
        colour: RGBA of the letters.
        background: RGBA of the box behind them.

    Raises:
        OutputError: no font on this machine has the letters.
    """
    lines = [runs_for(line, round(font_size)) for line in text.split("\n")]
    gap, pad = round(0.3 * font_size), round(0.42 * font_size)
    metrics = [run.font.getmetrics() for runs in lines for run in runs]
    rise, fall = (max((each[side] for each in metrics), default=0) for side in (0, 1))
    widths = [sum(run.width for run in runs) for runs in lines]
    width = round(max(widths)) + 2 * pad
    tall = len(lines) * (rise + fall) + (len(lines) - 1) * gap + pad
    drawing = Image.new("RGBA", (width, tall), (*colour[:3], 0))
    brush = ImageDraw.Draw(drawing)
    brush.rounded_rectangle((0, 0, width - 1, tall - 1), radius=round(0.35 * font_size), fill=background)
    for number, (runs, wide) in enumerate(zip(lines, widths, strict=True)):
        baseline = pad / 2 + number * (rise + fall + gap) + rise
        _write(brush, runs, ((width - wide) / 2, baseline), colour)
    return drawing


def _write(
    brush: ImageDraw.ImageDraw, runs: list[Run], at: tuple[float, float], colour: tuple[int, int, int, int]
) -> None:
    """Draw a line from its left end on its baseline, px."""
    left, baseline = at
    for run in runs:
        brush.text((left, baseline), run.text, fill=colour, font=run.font, anchor="ls")
        left += run.width
