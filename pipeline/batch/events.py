"""What a batch tells while it runs, and in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.batch.outcomes import Outcome


@dataclass(frozen=True)
class BatchCheck:
    """How many rows are checked; nothing is rendered before all are."""

    done: int
    """Rows checked so far, those with mistakes included."""
    total: int
    """Rows of the table."""

    @property
    def fraction(self) -> float:
        """Share of them, 0 to 1."""
        return self.done / self.total


@dataclass(frozen=True)
class BatchProgress:
    """How far a batch is."""

    done: int
    """Rows that are finished, failed ones too."""
    total: int
    """Rows that are to be made in this run."""
    fraction: float
    """Share of them, 0 to 1."""
    seconds_left: float | None = None
    making: Mapping[int, float] = field(default_factory=dict)
    """The rows that are being made, and how much of each is done, 0 to 1."""


@dataclass(frozen=True)
class Batch:
    """The finished batch."""

    outcomes: tuple[Outcome, ...]
    """Of every row, in order."""
    made: int
    """How many videos were made in this run."""
    kept: int
    """How many were there already, and unchanged."""
    results: Path
    """The table of outcomes."""
    page: Path
    """The summary page."""
    url: str | None = None
    """Of the folder that has both as well, if the videos are at a URL."""

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The rows without a video."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "failed")


BatchEvent = BatchCheck | BatchProgress | Outcome | Batch
