"""The error of a translation: one sentence."""

from __future__ import annotations

from pipeline.errors import StudioError


class TranslationError(StudioError):
    """Something cannot be translated: no network knows the languages, or the lines do not fit each other."""
