"""Backgrounds: a colour, a picture, a video, a slide or the blurred photo, as an endless stream of frames."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import ImageColor

from pipeline.errors import OptionError, concerning
from pipeline.faces.images import read_image
from pipeline.faces.photo_files import is_photo, is_video
from pipeline.stage.fitting import blurred, cover
from pipeline.stage.slides import SUFFIXES, Slide
from pipeline.stage.slots import Layout
from pipeline.video import probe, read_frames

BLUR = "blur"
"""The background that is the presenter's own photo, out of focus."""

_SLIDE = re.compile(r"(.+\.(?:pdf|pptx))(?:#(\d{1,4}))?", re.IGNORECASE)


def open_background(
    value: str | Path,
    size: tuple[int, int],
    fps: int,
    *,
    layout: Layout = Layout.VOICE_OVER,
    photo: np.ndarray | None = None,
) -> Iterator[np.ndarray]:
    """Frames `(H, W, 3)` uint8 RGB, read-only and without end.

    A still background gives the same array every time, by which `layout.Composer` knows it; a video starts
    again at its end.

    Args:
        value: a colour ("#204060", "navy"), a picture, a video, a slide ("deck.pdf#2", the first one without
            a number), or "blur".
        size: width and height in px.
        fps: frames per second, one of `types.FRAME_RATES`.
        layout: where a slide leaves room for the presenter.
        photo: `(h, w, 3)` uint8 of the presenter, for "blur".

    Raises:
        OptionError: no such colour or file, or there is no photo to blur.
        PhotoError, VideoError, DeckError: the file cannot be used.
    """
    with concerning("background"):
        if is_moving(value):
            return _video(Path(value), size, fps)
        still = _still(str(value), size, layout, photo)
    still.flags.writeable = False
    return itertools.repeat(still)


def check_background(value: str | Path) -> None:
    """Make sure that a background can be opened, as far as that is known without drawing it.

    Raises:
        PhotoError, VideoError, DeckError: the file cannot be used.
    """
    if colour(str(value)) is not None or value == BLUR:
        return
    with concerning("background"):
        if (slide := slide_of(value)) is not None:
            slide.check()
        elif is_video(value):
            probe(value)
        elif not is_photo(value):
            read_image(Path(value))


def is_moving(value: str | Path) -> bool:
    """Whether a background is a video."""
    return colour(str(value)) is None and slide_of(value) is None and is_video(value)


def colour(value: str) -> tuple[int, int, int] | None:
    """The colour that a text names, "#rrggbb" or by CSS; None where it names none."""
    try:
        return ImageColor.getrgb(value.strip())[:3]
    except ValueError:
        return None


def slide_of(value: str | Path) -> Slide | None:
    """The slide that a text such as "deck.pdf#2" names; None where it names none."""
    found = _SLIDE.fullmatch(str(value))
    if found is None:
        return None
    return Slide(Path(found[1]), int(found[2] or 1))


def _still(value: str, size: tuple[int, int], layout: Layout, photo: np.ndarray | None) -> np.ndarray:
    if (rgb := colour(value)) is not None:
        return np.full((size[1], size[0], 3), rgb, np.uint8)
    if value == BLUR:
        if photo is None:
            raise OptionError(f"The background {BLUR!r} needs the photo of a presenter; choose a colour.")
        return blurred(photo, size)
    if (slide := slide_of(value)) is not None:
        if not slide.index:
            slide.check()
        return slide.image(size, layout=layout)
    if not Path(value).exists():
        kinds = f"a colour such as #204060, a picture, a video, a slide (deck{SUFFIXES[0]}#2) or {BLUR!r}"
        raise OptionError(f"There is no background {value!r}; give {kinds}.")
    return cover(read_image(Path(value)), size).copy()


def _video(path: Path, size: tuple[int, int], fps: int) -> Iterator[np.ndarray]:
    """The frames of a video over and over; its first one is decoded at once, so that errors come early."""
    info = probe(path)
    scale = max(size[0] / info.size[0], size[1] / info.size[1])
    side = math.ceil(max(info.size) * scale / 2) * 2 if scale < 1 else None
    repeated = (read_frames(path, fps, max_side=side) for _ in itertools.count())
    return (_shown(frame, size) for frames in repeated for frame in frames)


def _shown(frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    shown = cover(frame, size)
    shown.flags.writeable = False
    return shown
