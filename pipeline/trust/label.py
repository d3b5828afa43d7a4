"""Saying that a video is AI-generated: in words in the file's header, and in a small sign on the picture."""

from __future__ import annotations

import numpy as np

from pipeline.trust.consent import Consent
from pipeline.video.overlay import Overlay, lettering

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
"""IPTC's term for a captured picture together with what a learned model made of it."""

SIGN = "AI-generated"

_RIGHTS: dict[str, str] = {
    "me": "the person shown made this video",
    "permission": "the person shown gave permission",
    "fictional": "the face belongs to no real person",
    "sample": "the face is a public-domain photograph that ships with the studio as a sample",
}


def metadata(
    consent: Consent, *, head: str, lips: str, voice: str | None, motion: bool = False
) -> dict[str, str]:
    """What the finished file says of itself; the same inputs give the same words, so it holds no date.

    Args:
        consent: why the face may be used.
        head: name of the engine that moved the head.
        lips: name of the engine that moved the lips.
        voice: name of the voice, or "recording"; None for a silent video.
        motion: whether the head played a motion file.
    """
    from pipeline import __version__

    made = f"Talking-head studio {__version__}"
    source = "from a motion file" if motion else "by software"
    sounds = {None: "without sound", "recording": "to a recording"}
    sound = sounds.get(voice, f"to the synthetic voice {voice!r}")
    return {
        "title": "AI-generated talking head",
        "comment": f"This video is AI-generated: its movements were made {source}, {sound}. "
        f"Declared by its maker: {_RIGHTS[consent.basis]}.",
        "software": made,
        "DigitalSourceType": SOURCE_TYPE,
        "ai_generated": "true",
        "consent": consent.basis,
        "head_engine": head,
        "lips_engine": lips,
        "voice": voice or "none",
        "motion": "file" if motion else "generated",
    }


class Mark:
    """The sign in the frame's upper right corner, legible on light and on dark."""

    def __init__(self, size: tuple[int, int]) -> None:
        """`size` is width and height of the frames in px."""
        width, height = size
        letter = max(9.0, 0.024 * min(max(size), 1.6 * min(size)))
        drawing = lettering(SIGN, height=letter, ink=(255, 255, 255, 225), box=(0, 0, 0, 125))
        drawing.thumbnail((width, height))
        margin = min(round(0.02 * min(size)), width - drawing.width, height - drawing.height)
        self._overlay = Overlay(drawing, width - drawing.width - margin, margin)

    def draw(self, image: np.ndarray) -> np.ndarray:
        """A copy of the frame, `(H, W, 3)` uint8 RGB of the announced size, with the sign on it."""
        return self._overlay.draw(image)
