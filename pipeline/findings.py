"""What a review of a photo, a sound or a video finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["good", "fair", "poor"]


@dataclass(frozen=True)
class Finding:
    """One result of a review."""

    topic: str
    """What was judged: "face size", "sharpness", "level"."""
    verdict: Verdict
    sentence: str
    """What was found and, unless good, what to do about it."""
    value: float | None = None
    """The measurement behind the verdict."""
