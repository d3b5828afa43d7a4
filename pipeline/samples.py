"""The sample portraits that ship with the studio and need no consent.

Both photographs are works of the United States government and in the public domain; see
`assets/portraits/PORTRAITS.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.assets import PORTRAITS


@dataclass(frozen=True)
class Sample:
    """A portrait that ships with the studio."""

    file: str
    """File name in `assets/portraits`."""
    name: str
    """The person shown."""
    credit: str
    """Who took the photograph."""

    @property
    def path(self) -> Path:
        """The photograph."""
        return PORTRAITS / self.file


COLLINS = Sample("astronaut.jpg", "Eileen Collins", "NASA")
HOPPER = Sample("hopper.jpg", "Grace Hopper", "the US Navy")
SAMPLES = (COLLINS, HOPPER)


def sample_of(photo: Path) -> Sample | None:
    """The sample that `photo` is a byte-for-byte copy of, or None.

    Raises:
        OSError: the file cannot be read.
    """
    length = photo.stat().st_size
    for sample in SAMPLES:
        if sample.path.stat().st_size == length and sample.path.read_bytes() == photo.read_bytes():
            return sample
    return None
