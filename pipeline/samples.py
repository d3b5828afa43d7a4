"""The portraits that come with the studio: offered on the page with their credit, and free to speak.

Both photographs are works of the United States government and in the public domain, so nobody has to answer
for them; see `assets/portraits/PORTRAITS.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.assets import PORTRAITS


@dataclass(frozen=True)
class Sample:
    """A portrait that ships with the studio."""

    file: str
    name: str
    credit: str

    @property
    def path(self) -> Path:
        """Where the photograph lies."""
        return PORTRAITS / self.file


COLLINS = Sample("astronaut.jpg", "Eileen Collins", "NASA")
HOPPER = Sample("hopper.jpg", "Grace Hopper", "the US Navy")
SAMPLES = (COLLINS, HOPPER)


def sample_of(photo: Path) -> Sample | None:
    """The sample that `photo` is a copy of, if it is one.

    Raises:
        OSError: the file cannot be read.
    """
    length = photo.stat().st_size
    for sample in SAMPLES:
        if sample.path.stat().st_size == length and sample.path.read_bytes() == photo.read_bytes():
            return sample
    return None
