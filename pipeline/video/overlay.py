"""Text in a rounded box on top of frames, drawn once and blended into each frame in microseconds.

Pillow draws the text, because it shapes every script. The font is DejaVu Sans, which comes with matplotlib
and covers Latin, Cyrillic, Greek, Hebrew and Arabic without Urdu's letters; Noto Sans, in `assets/fonts/`,
covers those, the larger scripts of India, Thai, Chinese, Japanese and Korean; for other scripts the system's
fonts are searched, so that nobody gets a row of empty boxes.
"""

from __future__ import annotations

import itertools
import os
import re
import sys
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from pipeline.assets import FONTS
from pipeline.errors import OutputError
from pipeline.video.compositing import draw_over

_ABSENT = "\U0010fffe"
"""A code point that no font has: drawing it gives the font's glyph for missing characters."""


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
    font = font_for(text, round(font_size))
    gap, pad = round(0.3 * font_size), round(0.42 * font_size)
    bounds = ImageDraw.Draw(Image.new("L", (1, 1))).multiline_textbbox((0, 0), text, font, spacing=gap)
    rise, fall = font.getmetrics()
    lines = text.count("\n") + 1
    width = round(bounds[2] - bounds[0]) + 2 * pad
    tall = lines * (rise + fall) + (lines - 1) * gap + pad
    drawing = Image.new("RGBA", (width, tall), (*colour[:3], 0))
    brush = ImageDraw.Draw(drawing)
    brush.rounded_rectangle((0, 0, width - 1, tall - 1), radius=round(0.35 * font_size), fill=background)
    for number, line in enumerate(text.split("\n")):
        y = pad / 2 + number * (rise + fall + gap)
        brush.text((width / 2, y), line, fill=colour, font=font, anchor="ma")
    return drawing


@lru_cache(64)
def font_for(text: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of `size` px that has every letter of `text`.

    Raises:
        OutputError: there is none on this machine.
    """
    for path in itertools.chain((_bundled_font(),), _noto_fonts(text), _system_fonts()):
        font = ImageFont.truetype(str(path), size)
        if not _missing(font, text):
            return font
    lacking = _missing(ImageFont.truetype(str(_bundled_font()), size), text)
    raise OutputError(
        f"No font on this machine can draw {_telling(lacking)!r}; install one, such as Noto Sans, or write "
        "the captions to a file (srt or vtt).",
        parameter="captions",
    )


def _telling(lacking: str) -> str:
    """The character that says best which script is meant: a letter before a mark that several share."""
    return next((char for char in lacking if char.isalpha()), lacking[:1])


def _missing(font: ImageFont.FreeTypeFont, text: str) -> str:
    """The characters of `text` that the font does not have."""
    absent = bytes(font.getmask(_ABSENT))
    return "".join(
        char for char in sorted(set(text)) if char.isprintable() and bytes(font.getmask(char)) == absent
    )


def _bundled_font() -> Path:
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise OutputError("The font for captions comes with matplotlib, which is not installed; install it.")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans-Bold.ttf"


def _noto_fonts(text: str) -> list[Path]:
    """The fonts that ship with the studio, in the order in which `text` wants them.

    Han characters have national forms: they are Japanese where kana stands beside them, else Chinese.
    """
    scripts = [
        "devanagari", "thai", "chinese", "japanese", "korean", "arabic", "bengali", "gujarati", "gurmukhi",
        "kannada", "malayalam", "tamil", "telugu",
    ]  # fmt: skip
    if re.search("[\u3040-\u30ff]", text):
        scripts.insert(0, "japanese")
    return [FONTS / f"noto-{script}.ttf" for script in scripts]


@lru_cache(1)
def _system_fonts() -> tuple[Path, ...]:
    """The fonts of this machine, upright sans-serif ones first."""
    home = Path(os.path.expanduser("~"))  # unlike Path.home(), never fails
    folders = {
        "win32": [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"],
        "darwin": [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"],
    }.get(
        sys.platform, [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), home / ".local/share/fonts"]
    )
    fonts = [
        path for folder in folders for kind in ("ttf", "ttc", "otf") for path in folder.rglob(f"*.{kind}")
    ]
    return tuple(sorted(fonts, key=_sort_key))


def _sort_key(path: Path) -> tuple[bool, bool, str]:
    name = path.stem.lower()
    return "sans" not in name, any(word in name for word in ("italic", "oblique", "mono", "serif")), name
