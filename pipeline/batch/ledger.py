"""What is known of a batch while it runs, written down as each row is finished."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from pipeline.batch.outcomes import RESULTS, Outcome, append_outcome, write_outcomes
from pipeline.batch.page import write_page
from pipeline.batch.remote import sent
from pipeline.errors import OptionError

log = logging.getLogger(__name__)

_PAGE_EVERY = 1.0
"""Seconds between two versions of the summary page while the batch runs."""
_SYNC_EVERY = 0.1
"""Seconds between two waits for the disk: if the power fails, the rows of so long are made again."""
_SHARE = 50
"""The table of outcomes and the page are each written after a row unless that takes more than one part in so
many of the time."""


@dataclass
class Ledger:
    """What is known of every row, written down whenever that changes."""

    folder: Path
    title: str
    total: int
    known: dict[str, Outcome]
    remote: str | None = None
    """URL of the folder that has the table and the page as well."""
    page_at: float = 0.0
    page_takes: float = 0.0
    page_lags: bool = False
    """Whether outcomes are not on the page yet."""
    written_at: float = 0.0
    synced_at: float = 0.0
    writing_takes: float = 0.0
    has_failed: bool = False
    """Whether a row failed, which the page says at once."""

    def add(self, outcome: Outcome) -> None:
        """Remember an outcome for good."""
        begun = self.known.get(outcome.output)
        outcome = outcome if begun is None else outcome.owning(begun.own_files)
        self.known[outcome.output] = outcome
        synced = time.monotonic() - self.synced_at >= _SYNC_EVERY
        append_outcome(self.folder, outcome, synced=synced)
        self.synced_at = time.monotonic() if synced else self.synced_at
        if time.monotonic() - self.written_at >= _SHARE * self.writing_takes:
            self.write()
        if outcome.status == "failed" and not self.has_failed:
            self.has_failed = True
            self.show()
            return
        self.page_lags = True

    def write(self) -> None:
        """Write the table of outcomes."""
        started = time.monotonic()
        write_outcomes(self.folder, self.known.values())
        self.written_at = time.monotonic()
        self.writing_takes = self.written_at - started

    def refresh_page(self) -> None:
        """Write the page if there is news, and it was not written just now."""
        patience = max(_PAGE_EVERY, _SHARE * self.page_takes)
        if self.page_lags and time.monotonic() - self.page_at >= patience:
            self.show()

    def show(self) -> None:
        """Write the summary page while the batch runs, which a store that is away for now does not end."""
        try:
            self.write_page()
        except OptionError as error:
            log.warning("The page is sent later: %s", error)

    def write_page(self) -> Path:
        """Write the summary page, with the table where the videos have a URL.

        Raises:
            StudioError: one of them cannot be written.
        """
        started = time.monotonic()
        path = write_page(
            self.folder, self.title, self.known.values(), self.total, sent=self.remote is not None
        )
        try:
            self._send(path)
        finally:
            self.page_at, self.page_lags = time.monotonic(), False
            self.page_takes = self.page_at - started
        return path

    def _send(self, page: Path) -> None:
        """Copy the table and the page to where the videos are."""
        if self.remote is not None:
            self.write()
            for path in (self.folder / RESULTS, page):
                sent(path, f"{self.remote}/{path.name}")
