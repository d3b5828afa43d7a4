"""Small drawings on top of frames: text in a rounded box, prepared once, blended in microseconds.

Pillow draws the text, as it shapes every script. The font is DejaVu Sans, which comes with matplotlib (a
dependency of mediapipe) and covers Latin, Cyrillic, Greek, Arabic and Hebrew; for other scripts the
machine's own fonts are searched, so that nobody gets a row of boxes.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.errors import OutputError

_ABSENT = "\U0010fffe"
"""A code point that no font has: what it draws is the font's box for missing signs."""


class Overlay:
    """A drawing with transparency at a fixed place of every frame."""

    def __init__(self, drawing: Image.Image, left: int, top: int) -> None:
        """`drawing` is RGBA; `left` and `top` say where in the frame it goes, in px, all of it inside."""
        pixels = np.asarray(drawing, np.uint16)
        alpha = pixels[..., 3:]
        self._ink = pixels[..., :3] * alpha + 128
        self._keep = 255 - alpha
        self._area = np.s_[top : top + drawing.height, left : left + drawing.width]

    def draw(self, image: np.ndarray) -> np.ndarray:
        """A copy of `image`, `(H, W, 3)` uint8, with the drawing on it."""
        image = image.copy()
        mixed = image[self._area] * self._keep + self._ink
        image[self._area] = (mixed + (mixed >> 8)) >> 8
        return image


def lettering(
    text: str, *, height: float, ink: tuple[int, int, int, int], box: tuple[int, int, int, int]
) -> Image.Image:
    """Centred lines of text on a rounded box, RGBA.

    Args:
        text: lines separated by newlines.
        height: font size in px.
        ink: RGBA of the letters.
        box: RGBA of the box behind them.

    Raises:
        OutputError: no font on this machine has the letters.
    """
    font = font_for(text, round(height))
    gap, pad = round(0.3 * height), round(0.42 * height)
    bounds = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), text, font, spacing=gap)
    rise, fall = font.getmetrics()
    lines = text.count("\n") + 1
    width = round(bounds[2] - bounds[0]) + 2 * pad
    tall = lines * (rise + fall) + (lines - 1) * gap + pad
    drawing = Image.new("RGBA", (width, tall), (*ink[:3], 0))
    brush = ImageDraw.Draw(drawing)
    brush.rounded_rectangle((0, 0, width - 1, tall - 1), radius=round(0.35 * height), fill=box)
    for number, line in enumerate(text.split("\n")):
        y = pad / 2 + number * (rise + fall + gap)
        brush.text((width / 2, y), line, fill=ink, font=font, anchor="ma")
    return drawing


@lru_cache(64)
def font_for(text: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of `size` px that has every letter of `text`.

    Raises:
        OutputError: there is none on this machine.
    """
    for path in (_shipped(), *_installed()):
        font = ImageFont.truetype(str(path), size)
        if not _missing(font, text):
            return font
    lacking = _missing(ImageFont.truetype(str(_shipped()), size), text)
    raise OutputError(
        f"No font on this machine can draw {lacking[:1]!r}; install one (Noto Sans, say) or write the "
        "captions to a file with --captions srt."
    )


def _missing(font: ImageFont.FreeTypeFont, text: str) -> str:
    box = bytes(font.getmask(_ABSENT))
    return "".join(
        sign for sign in sorted(set(text)) if sign.isprintable() and bytes(font.getmask(sign)) == box
    )


def _shipped() -> Path:
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise OutputError("The font for captions comes with matplotlib, which is not installed.")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"


@lru_cache(1)
def _installed() -> tuple[Path, ...]:
    """The machine's own fonts, upright sans-serif ones first."""
    home = Path.home()
    folders = {
        "win32": [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"],
        "darwin": [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"],
    }.get(
        sys.platform, [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts"]
    )
    fonts = [
        path for folder in folders for kind in ("ttf", "ttc", "otf") for path in folder.rglob(f"*.{kind}")
    ]
    return tuple(sorted(fonts, key=_plainness))


def _plainness(path: Path) -> tuple[bool, bool, str]:
    name = path.stem.lower()
    return "sans" not in name, any(word in name for word in ("italic", "oblique", "mono", "serif")), name
