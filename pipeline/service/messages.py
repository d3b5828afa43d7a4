"""Every failure as one sentence for the visitor; what was not foreseen goes to the log instead."""

from __future__ import annotations

import logging

from pipeline.errors import StudioError

log = logging.getLogger(__name__)

UNFORESEEN = (
    "Something went wrong that should not have; it was logged. Please try again with another photo or text."
)


def sentence(error: Exception) -> str:
    """What to tell the visitor about `error`; call it while the error is being handled."""
    if isinstance(error, StudioError):
        return str(error)
    log.error("the page could not finish what it was asked for", exc_info=error)
    return UNFORESEEN
