"""Text on a panel of its own, so that it can be read over any background."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.errors import OptionError, OutputError
from pipeline.types import Word
from pipeline.video.fonts import font_for
from pipeline.video.line_breaking import break_lines

Colour = tuple[int, int, int]

_OPACITY = 0.86
"""Of a panel."""
_SMALLEST = 0.5
"""Share of its size to which a text that is too long is made smaller; beyond that it is refused."""
_LINE = 34
"""Characters after which a text is broken into two lines."""
_SUPERSAMPLING = 4
"""Pillow does not smooth the edges of shapes: they are drawn larger and reduced."""


def text_panel(
    rows: Sequence[tuple[str, float, float]],
    size: tuple[int, int],
    colour: Colour,
    accent: Colour | None,
    font: Path | None,
    *,
    widest: float,
) -> Image.Image:
    """Lines of text on a rounded panel: RGBA.

    Args:
        rows: text, height of its letters as a share of the frame's shorter side, and opacity.
        size: width and height of the frame in px.
        colour: RGB of the panel; letters are white or black, whichever can be read.
        accent: RGB of a strip at its left, or None.
        font: a TrueType or OpenType file; without one, the font of captions.
        widest: width of the panel at the most, as a share of the frame's.

    Raises:
        OptionError: a text is empty or too long, no font has its letters, or the font cannot be read.
    """
    unit = min(size)
    texts = [(_broken(text), round(share * unit), opacity) for text, share, opacity in rows]
    pad, strip = round(0.55 * texts[0][1]), round(0.28 * texts[0][1]) if accent else 0
    room = round(widest * size[0]) - 2 * pad - 2 * strip
    laid = [(text, _fitting_font(text, tall, room, font), opacity) for text, tall, opacity in texts]
    boxes = [_extent(text, face) for text, face, _ in laid]
    gap = round(0.3 * texts[-1][1])
    width = max(box[0] for box in boxes) + 2 * pad + 2 * strip
    height = sum(box[1] for box in boxes) + gap * (len(boxes) - 1) + 2 * round(0.7 * pad)
    drawing = _rounded((width, height), round(0.35 * texts[0][1]), colour, accent, strip)
    brush, y = ImageDraw.Draw(drawing), round(0.7 * pad)
    ink = 0 if _luminance(colour) > 0.4 else 255
    for (text, face, opacity), (_, tall) in zip(laid, boxes, strict=True):
        shade = tuple(round(opacity * ink + (1 - opacity) * channel) for channel in colour)
        brush.multiline_text((pad + 2 * strip, y), text, fill=(*shade, 255), font=face, spacing=_gap(face))
        y += tall + gap
    return drawing


def _rounded(
    size: tuple[int, int], radius: int, colour: Colour, accent: Colour | None, strip: int
) -> Image.Image:
    """A rounded panel with a strip at its left, RGBA, antialiased."""
    times = _SUPERSAMPLING
    mask = Image.new("L", (size[0] * times, size[1] * times))
    corner = (size[0] * times - 1, size[1] * times - 1)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *corner), radius * times, fill=round(255 * _OPACITY))
    mask = mask.resize(size, Image.Resampling.BOX)
    panel = Image.new("RGB", size, colour)
    if accent:
        panel.paste(accent, (0, 0, strip, size[1]))
    panel.putalpha(mask)
    return panel


def _fitting_font(text: str, tall: int, room: int, font: Path | None) -> ImageFont.FreeTypeFont:
    """The font at `tall` px, or smaller where the text would be wider than `room` px."""
    face = _font(text, tall, font)
    wide = _extent(text, face)[0]
    if wide <= room:
        return face
    smaller = int(tall * room / wide)
    if smaller < _SMALLEST * tall:
        raise OptionError(f"The text {text[:40]!r}… is too long for the picture; shorten it.")
    return _font(text, smaller, font)


def check_font(font: Path, tall: int = 16) -> ImageFont.FreeTypeFont:
    """The font in a file, at `tall` px.

    Raises:
        OptionError: the file is missing, or no font.
    """
    try:
        return ImageFont.truetype(str(font), tall)
    except OSError as error:
        sentence = f"{font.name} is missing or no font; give a TrueType or OpenType file."
        raise OptionError(sentence, parameter="font") from error


def _font(text: str, tall: int, font: Path | None) -> ImageFont.FreeTypeFont:
    if font is not None:
        return check_font(font, tall)
    try:
        return font_for(text, tall)
    except OutputError as error:
        raise OptionError(
            f"No font on this machine has all the letters of {text[:40]!r}; install one, such as Noto Sans."
        ) from error


def _extent(text: str, face: ImageFont.FreeTypeFont) -> tuple[int, int]:
    """Width and height in px of lines of text; the height is that of the font, whatever the letters."""
    brush = ImageDraw.Draw(Image.new("L", (1, 1)))
    rise, fall = face.getmetrics()
    lines = text.count("\n") + 1
    width = max(brush.textlength(line, face) for line in text.split("\n"))
    return int(np.ceil(width)), lines * (rise + fall) + (lines - 1) * _gap(face)


def _gap(face: ImageFont.FreeTypeFont) -> int:
    return round(0.1 * face.size)


def _broken(text: str) -> str:
    """The text on one line, or two where it is long; line breaks of its own are kept as spaces."""
    words = [Word(word, 0.0, 0.0) for word in text.split()]
    if not words:
        raise OptionError("The text is empty; write one, or leave the field out.")
    return break_lines(words, max(_LINE, (len(" ".join(text.split())) + 1) // 2 + 8))


def _luminance(colour: Colour) -> float:
    """Relative luminance of a colour, 0 to 1, by the weights of BT.709."""
    red, green, blue = ((channel / 255) ** 2.2 for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
