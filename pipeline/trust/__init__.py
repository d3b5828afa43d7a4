"""Responsible use: by what right a face may speak, and saying openly that a video is AI-generated."""

from pipeline.trust.consent import Consent, Memory, consent_for, ledger
from pipeline.trust.label import Mark, metadata

__all__ = ["Consent", "Mark", "Memory", "consent_for", "ledger", "metadata"]
