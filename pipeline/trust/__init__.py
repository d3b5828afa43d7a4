"""Responsible use: consent to use a face, and a clear statement that the video is AI-generated."""

from pipeline.trust.consent import consent_for, voice_consent
from pipeline.trust.label import Mark, metadata, sound_metadata, voice_metadata
from pipeline.trust.ledger import Consent, Memory, ledger_path

__all__ = [
    "Consent",
    "Mark",
    "Memory",
    "consent_for",
    "ledger_path",
    "metadata",
    "sound_metadata",
    "voice_consent",
    "voice_metadata",
]
