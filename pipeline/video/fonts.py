"""Which font draws a text: one that ships where there is one, else one of this machine.

DejaVu Sans, which comes with matplotlib, covers Latin, Cyrillic, Greek, Hebrew, Armenian, Georgian and Arabic
without Urdu's letters. Noto Sans, in `assets/fonts/`, covers those, the scripts of India and Sri Lanka, Thai,
Lao, Khmer, Burmese, Ethiopic, Chinese, Japanese and Korean. For other scripts the system's fonts are
searched, so that nobody gets a row of empty boxes.
"""

from __future__ import annotations

import itertools
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

from pipeline.assets import FONTS
from pipeline.errors import OutputError

_ABSENT = "\U0010fffe"
"""A code point that no font has: drawing it gives the font's glyph for missing characters."""

_NO_SIGNS = ("Cc", "Cn", "Co", "Cs")
"""Categories of characters that nobody has agreed on a sign for."""


@dataclass(frozen=True)
class Run:
    """A stretch of a line in one font."""

    text: str
    font: ImageFont.FreeTypeFont

    @property
    def width(self) -> float:
        """In px."""
        return self.font.getlength(self.text)


@lru_cache(64)
def font_for(text: str, size: int) -> ImageFont.FreeTypeFont:
    """A font of `size` px that has every letter of `text`.

    Raises:
        OutputError: there is none on this machine.
    """
    font = next((font for font in _fonts(text, size) if not _missing(font, text)), None)
    if font is not None:
        return font
    raise _unknown(_missing(ImageFont.truetype(str(_bundled_font()), size), text))


def runs_for(line: str, size: int) -> list[Run]:
    """A line of text from left to right, in stretches that one font each can draw.

    One font draws the whole line where there is one. Signs that no font has are left out.

    Raises:
        OutputError: no font on this machine has one of its letters.
    """
    drawable, lacking = _drawable(line, size)
    if letters := [char for char in lacking if char.isalnum()]:
        raise _unknown("".join(letters))
    whole = next((font for font in _fonts(line, size) if not _missing(font, drawable)), None)
    if whole is not None:
        return [Run(drawable, whole)] if drawable else []
    runs = list[Run]()
    for char in drawable:
        # Spaces, figures and marks stay with the letters before them.
        if runs and not _missing(runs[-1].font, char):
            runs[-1] = Run(runs[-1].text + char, runs[-1].font)
        else:
            runs.append(Run(char, next(font for font in _fonts(char, size) if not _missing(font, char))))
    return runs[::-1] if _is_right_to_left(line) else runs


def _drawable(line: str, size: int) -> tuple[str, str]:
    """The text without what no font has, and that."""
    fonts = _fonts(line, size)
    line = "".join(char for char in line if unicodedata.category(char) not in _NO_SIGNS)
    lacking = set(line)
    for font in fonts:
        lacking = set(_missing(font, "".join(lacking)))
        if not lacking:
            return line, ""
    text = "".join(char for char in line if char not in lacking)
    return " ".join(text.split()), "".join(sorted(lacking))


def _is_right_to_left(line: str) -> bool:
    """Whether the first letter that has a direction runs to the left."""
    strong = (unicodedata.bidirectional(char) for char in line)
    return next((kind for kind in strong if kind in ("L", "R", "AL")), "L") != "L"


def _fonts(text: str, size: int) -> Iterator[ImageFont.FreeTypeFont]:
    """All fonts, in the order in which `text` wants them."""
    # DejaVu has Lao letters, but does not know where their signs stand.
    first = (FONTS / "noto-lao.ttf",) if re.search("[\u0e80-\u0eff]", text) else ()
    for path in itertools.chain(first, (_bundled_font(),), _noto_fonts(text), _system_fonts()):
        yield _opened(path, size)


@lru_cache(64)
def _opened(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)


def _unknown(lacking: str) -> OutputError:
    return OutputError(
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
        "kannada", "malayalam", "tamil", "telugu", "oriya", "sinhala", "khmer", "myanmar", "lao", "ethiopic",
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
