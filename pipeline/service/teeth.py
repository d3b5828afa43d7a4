"""What the page shows of a person's teeth before a video is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from pipeline.findings import Finding
from pipeline.puppet.options import Teeth

if TYPE_CHECKING:
    from pipeline.types import Portrait

ROWS: tuple[Teeth, ...] = get_args(Teeth)
"""What can be chosen, in the order of the pictures."""
_SIZE = 384
"""Side in px of the face's crop that is drawn."""


@dataclass(frozen=True, eq=False)
class TeethPreview:
    """A photo's mouth, open, with each row of teeth that can be chosen."""

    pictures: tuple[np.ndarray, ...]
    """`(168, 240, 3)` uint8 RGB of each of `ROWS`."""
    finding: Finding | None
    """What the pictures of the teeth were good for, where there are some."""


def preview_teeth(photo: Path, teeth_from: Sequence[Path] = (), *, face: int = 1) -> TeethPreview:
    """A photo's mouth saying "ah", once for each choice of teeth.

    Args:
        photo: the person.
        teeth_from: other pictures that show their teeth.
        face: which face of the photo, where there are several.

    Raises:
        PhotoError, VideoError, NoFaceError: a file cannot be used, or shows no face.
    """
    from pipeline.puppet.teeth_preview import open_mouths

    portrait, finding = _portrait(photo, teeth_from, face)
    return TeethPreview(tuple(open_mouths(portrait, ROWS)), finding)


def _portrait(photo: Path, teeth_from: Sequence[Path], face: int) -> tuple[Portrait, Finding | None]:
    from pipeline import faces
    from pipeline.review.teeth import review_teeth

    portrait = faces.portrait(photo, face=face, size=_SIZE)
    if not teeth_from:
        return portrait, None
    lines, finding = review_teeth(teeth_from, portrait.face)
    return replace(portrait, teeth=lines), finding
