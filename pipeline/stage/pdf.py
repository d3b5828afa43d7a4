"""Pages of a PDF as pictures and texts, by PDFium: the renderer of Chromium, in one wheel of 4 MB.

PDFium is not thread-safe, so everything that calls it holds one lock. A document is opened for each page
anew: that takes a millisecond, and leaves no file open.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import DeckError
from pipeline.video.container import require_file

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage, PdfTextPage

MOST_SLIDES = 500
"""Largest number of slides in a deck."""
_MAX_BYTES = 512_000_000
"""Largest PDF that is opened."""
_LONGEST_TITLE = 120
"""Characters of a title that are kept."""
_LETTERS = 600
"""Characters of a page among which a title is looked for."""
_AS_LARGE = 0.95
"""Share of the largest letters' height from which letters belong to the same text."""
_PASSWORD_NEEDED = 4
"""PDFium's FPDF_ERR_PASSWORD."""
_FLATTEST = 1 / 20, 20.0
"""Smallest and largest width over height of a page."""

_lock = threading.RLock()


def page_count(path: Path) -> int:
    """How many pages there are. Raises `DeckError` as `page_titles` does."""
    with _opened(path) as document:
        return len(document)


def page_titles(path: Path) -> list[str]:
    """A title for each page: its entry in the outline, or else its largest text; "" without either.

    Raises:
        DeckError: no PDF, damaged, behind a password, without pages or with too many.
    """
    with _opened(path) as document:
        titles: dict[int, str] = {}
        for entry in document.get_toc(max_depth=2):
            target = entry.get_dest()
            if target is not None and (page := target.get_index()) is not None:
                titles.setdefault(page, entry.get_title())
        return [_tidy(titles.get(index) or _largest_text(document[index])) for index in range(len(document))]


def render_page(path: Path, index: int, room: tuple[int, int], *, name: str = "") -> np.ndarray:
    """A page `(h, w, 3)` uint8 RGB, as large as fits into a room.

    Args:
        path: the PDF.
        index: of the page, from 0.
        room: width and height in px.
        name: what errors call the deck, where the PDF was made from another file.

    Raises:
        DeckError: as for `page_titles`, there is no page `index` (from 0), or it cannot be drawn.
    """
    name = name or path.name
    with _opened(path) as document:
        if not 0 <= index < len(document):
            raise DeckError(
                f"{name} has {len(document)} slides, so there is no slide {index + 1}.",
                parameter="background",
            )
        page = _page(document, index, name)
        width, height = page.get_size()
        if not (width > 0 and height > 0 and _FLATTEST[0] <= width / height <= _FLATTEST[1]):
            raise DeckError(f"Slide {index + 1} of {name} is no usable page; export the deck again.")
        scale = min(room[0] / width, room[1] / height)
        # PDFium rounds up; the page is rendered to fit, so that it is never resampled
        fitted = page.render(scale=scale * (1 - 1e-6), rev_byteorder=True, maybe_alpha=False)
        return np.array(fitted.to_numpy()[: room[1], : room[0], :3], order="C")


@contextmanager
def _opened(path: Path) -> Iterator[PdfDocument]:
    from pypdfium2 import PdfDocument, PdfiumError

    require_file(path, DeckError, what="slide deck", parameter="background")
    if path.stat().st_size > _MAX_BYTES:
        raise DeckError(f"{path.name} is larger than {_MAX_BYTES // 1_000_000} MB; export a smaller PDF.")
    with _lock:
        try:
            document = PdfDocument(path)
        except PdfiumError as error:
            raise _unreadable(path, error.err_code) from error
        try:
            if len(document) > MOST_SLIDES:
                raise DeckError(
                    f"{path.name} has {len(document)} pages; the limit is {MOST_SLIDES}, so split it."
                )
            yield document
        finally:
            document.close()


def _unreadable(path: Path, code: int | None) -> DeckError:
    if code == _PASSWORD_NEEDED:
        return DeckError(f"{path.name} is protected by a password; save a copy without one and use that.")
    return DeckError(f"{path.name} is not a PDF, or it is damaged; export it again.")


def _page(document: PdfDocument, index: int, name: str) -> PdfPage:
    from pypdfium2 import PdfiumError

    try:
        return document[index]
    except PdfiumError as error:
        raise DeckError(f"Slide {index + 1} of {name} is damaged; export the deck again.") from error


def _largest_text(page: PdfPage) -> str:
    """The first text in the largest letters: programs write a page's texts in any order, not from the top."""
    text = page.get_textpage()
    letters = text.get_text_range(count=_LETTERS)
    heights = [0.0 if char.isspace() else _height(text, index) for index, char in enumerate(letters)]
    least = _AS_LARGE * max(heights, default=0.0)
    large = ((char, char.isspace() or height >= least) for char, height in zip(letters, heights, strict=True))
    for is_large, run in groupby(large, key=itemgetter(1)):
        title = "".join(char for char, _ in run).strip()
        if is_large and title:
            return title
    return ""


def _height(text: PdfTextPage, index: int) -> float:
    """Of a letter's line, in the page's units."""
    _, bottom, _, top = text.get_charbox(index, loose=True)
    return abs(top - bottom)


def _tidy(title: str) -> str:
    """On one line, without control characters, and not too long."""
    words = "".join(char if char.isprintable() else " " for char in title).split()
    tidy = " ".join(words)
    return tidy if len(tidy) <= _LONGEST_TITLE else tidy[: _LONGEST_TITLE - 1].rstrip() + "…"
