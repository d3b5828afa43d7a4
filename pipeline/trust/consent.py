"""Why a face may be used, or a voice imitated: asked once for each file, remembered by its checksum.

What is remembered (basis, day, SHA-256 of the file) is kept by `pipeline.trust.ledger`, or in a visitor's own
memory where several people share the machine; neither the picture nor its name is kept.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import get_args

from pipeline.checksums import require_sha256
from pipeline.errors import AudioError, ConsentError, PhotoError, unknown_name
from pipeline.samples import sample_of
from pipeline.trust.ledger import Consent, Memory, recall, remember
from pipeline.types import ConsentBasis

_VOICE = "voice:"
"""What a recording's checksum is kept under, so that no answer for a face counts for a voice."""


def voice_consent(recording: Path, basis: ConsentBasis | None, *, memory: Memory | None = None) -> Consent:
    """The answer for a recording whose voice is imitated; as for `consent_for`.

    A video's face and its voice are asked for each: who may show the one may not imitate the other by that.

    Raises:
        ConsentError: nobody has answered for this recording yet.
        AudioError: the file cannot be read.
        UnknownNameError: there is no such basis.
    """
    _require_basis(basis, "voice_consent")
    digest = require_sha256(recording, AudioError, "voice_from")
    answer = _answer(f"{_VOICE}{digest}", basis, memory)
    if answer is None:
        raise ConsentError(
            f"Please confirm that you may imitate the voice in {recording.name}: it is yours (me), you have "
            "the person's permission (permission), or the person is not real (fictional).",
            parameter="voice_consent",
        )
    return replace(answer, checksum=digest)


def consent_for(picture: Path, basis: ConsentBasis | None, *, memory: Memory | None = None) -> Consent:
    """The answer for a picture: `basis` where it is given now, else what was answered for it before.

    Args:
        picture: the photo's or video's file.
        basis: the answer given now; None where it was answered for this very picture before.
        memory: answers of one visitor, known and kept instead of this machine's, which all its users share.

    Raises:
        ConsentError: nobody has answered for this picture yet.
        PhotoError: the file cannot be read.
        UnknownNameError: there is no such basis.
    """
    _require_basis(basis, "consent")
    digest = require_sha256(picture, PhotoError, "subject")
    return _answer(digest, basis, memory) or _sample_consent(picture, digest)


def _require_basis(basis: str | None, parameter: str) -> None:
    if basis is not None and basis not in get_args(ConsentBasis):
        raise unknown_name("basis of consent", basis, get_args(ConsentBasis), parameter=parameter)


def _answer(key: str, basis: ConsentBasis | None, memory: Memory | None) -> Consent | None:
    """What is answered now, which is remembered, else what was answered before."""
    before = recall(key) if memory is None else memory.get(key)
    if basis is None:
        return before
    if before is not None and before.basis == basis:
        return before
    consent = Consent(basis, date.today().isoformat(), key)
    if memory is None:
        remember(consent)
    else:
        memory[key] = consent
    return consent


def _sample_consent(picture: Path, digest: str) -> Consent:
    """The sample portraits are free to use; any other picture needs an answer."""
    if sample_of(picture) is None:
        raise ConsentError(
            f"Please confirm that you may use the face in {picture.name}: it is you (me), you have the "
            "person's permission (permission), or the person is not real (fictional).",
            parameter="consent",
        )
    return Consent("sample", "", digest)
