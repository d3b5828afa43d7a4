"""Slide decks: what is on each slide, and its picture at the size of the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.errors import DeckError
from pipeline.stage.fitting import fit
from pipeline.stage.office import as_pdf, require_office
from pipeline.stage.pdf import page_count, page_titles, render_page
from pipeline.stage.presentation import read_outlines
from pipeline.stage.slots import Area, Layout, content_area

SUFFIXES = (".pdf", ".pptx")
"""Of files that are slide decks."""

_MARGIN = 0.04
"""Between a slide and the edges of an area smaller than the frame, as a share of its shorter side."""


@dataclass(frozen=True)
class Slide:
    """One slide of a deck."""

    deck: Path
    """The file it is from."""
    index: int
    """Its number, from 1."""
    title: str = ""
    """"" where there is none."""
    notes: str = ""
    """The speaker notes, paragraphs separated by newlines."""
    hidden: bool = False
    """Whether a slide show would leave it out."""
    animated: bool = False
    """Whether it has animations, which are not played: everything on it is shown at once."""
    linked: bool = False
    """Whether it shows something from another file or address, which is not fetched."""

    def check(self) -> None:
        """Make sure that there is such a slide and a program to draw it, without drawing it.

        Raises:
            DeckError: there is none, or the deck cannot be read.
        """
        name = self.deck.name
        if not self.index:
            raise DeckError(f"Slides count from 1, so there is no slide 0 in {name}.")
        pptx = _is_pptx(self.deck)
        count = len(read_outlines(self.deck)) if pptx else page_count(self.deck)
        if self.index > count:
            raise DeckError(f"{name} has {count} slides, so there is no slide {self.index}.")
        if pptx:
            require_office(self.deck)

    def image(self, size: tuple[int, int], *, layout: Layout = Layout.VOICE_OVER) -> np.ndarray:
        """The slide on a matching backdrop: a frame `(H, W, 3)` uint8 RGB.

        Args:
            size: width and height in px.
            layout: its presenter does not hide the slide, where it leaves room beside one.

        Raises:
            DeckError: the slide cannot be drawn.
        """
        whole = Area(0, 0, *size)
        area = content_area(layout, size)
        margin = 0 if area == whole else round(_MARGIN * min(area.width, area.height))
        room = area.width - 2 * margin, area.height - 2 * margin
        pdf = as_pdf(self.deck) if _is_pptx(self.deck) else self.deck
        return fit(render_page(pdf, self.index - 1, room, name=self.deck.name), size, area)


def read_deck(path: Path | str) -> list[Slide]:
    """The slides of a PDF or PPTX, in order, the hidden ones among them.

    Raises:
        DeckError: no slide deck, damaged, behind a password, empty, or too large.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise DeckError(f"{path.name} is not a slide deck; give a PDF or a PPTX.", parameter="background")
    if _is_pptx(path):
        return [Slide(path, number, **vars(outline)) for number, outline in enumerate(read_outlines(path), 1)]
    return [Slide(path, number, title) for number, title in enumerate(page_titles(path), 1)]


def notices(slides: Sequence[Slide]) -> list[str]:
    """What of a deck will not be shown as in a slide show, a sentence each."""
    said = (
        ("hidden", "hidden in the deck and left out"),
        ("animated", "animated; everything on such a slide is shown at once"),
        ("linked", "linked to other files or addresses, which are not fetched"),
    )
    found = (
        (
            words,
            [slide.index for slide in slides if getattr(slide, name) and slide.hidden == (name == "hidden")],
        )
        for name, words in said
    )
    return [f"{_numbered(numbers)} {words}." for words, numbers in found if numbers]


def _numbered(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"Slide {numbers[0]} is"
    shown = ", ".join(map(str, numbers[:-1]))
    return f"Slides {shown} and {numbers[-1]} are"


def _is_pptx(path: Path) -> bool:
    return path.suffix.lower() == ".pptx"
