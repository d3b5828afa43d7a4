"""Why a face may be used: asked once for each picture, remembered by the picture's sum alone.

What is remembered (basis, day, SHA-256 of the file) lies in one small file in the user's own state folder, or
in a visitor's own memory where several people share the machine; neither the picture nor its name is kept.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from pipeline.errors import ConsentError, PhotoError, unknown_name
from pipeline.files import sha256
from pipeline.samples import sample_of
from pipeline.types import ConsentBasis

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Consent:
    """What was answered for one picture."""

    basis: ConsentBasis | Literal["sample"]
    given: str
    """Day of the answer, YYYY-MM-DD; empty for a sample."""
    picture: str
    """SHA-256 of the picture's or video's file."""


Memory = MutableMapping[str, Consent]
"""Answers by the picture's sum."""


def consent_for(picture: Path, basis: ConsentBasis | None, *, memory: Memory | None = None) -> Consent:
    """The answer for a picture: `basis` where it is given now, else what was answered for it before.

    Args:
        basis: the answer given now; None where it was answered for this very picture before.
        memory: answers of one visitor, known and kept instead of this machine's, which all its users share.

    Raises:
        ConsentError: nobody has answered for this picture yet.
        PhotoError: the file cannot be read.
        UnknownNameError: there is no such basis.
    """
    if basis is not None and basis not in get_args(ConsentBasis):
        raise unknown_name("basis of consent", basis, get_args(ConsentBasis), parameter="consent")
    digest = _fingerprint(picture)
    known = _remembered() if memory is None else memory
    before = known.get(digest)
    if basis is None:
        if before is None and sample_of(picture) is not None:
            return Consent("sample", "", digest)
        if before is None:
            raise ConsentError(
                f"Please confirm that you may use the face in {picture.name}: it is you, the person gave "
                "permission, or the person is not real.",
                parameter="consent",
            )
        return before
    if before is not None and before.basis == basis:
        return before
    known[digest] = Consent(basis, date.today().isoformat(), digest)
    if memory is None:
        _remember(known)
    return known[digest]


def ledger() -> Path:
    """The file that remembers the answers, in the user's state folder (`XDG_STATE_HOME` is honoured)."""
    home = Path.home()
    folder = {"win32": home / "AppData/Local", "darwin": home / "Library/Application Support"}.get(
        sys.platform, home / ".local/state"
    )
    return Path(os.environ.get("XDG_STATE_HOME") or folder) / "talking-head-studio" / "consent.json"


def _remembered() -> dict[str, Consent]:
    """Everything answered so far; entries that make no sense count as not answered."""
    try:
        known = json.loads(ledger().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read, so earlier answers are not known: %s", ledger(), error)
        return {}
    if not isinstance(known, dict):
        return {}
    return {
        digest: Consent(entry["basis"], entry["given"], digest)
        for digest, entry in known.items()
        if _sensible(entry)
    }


def _sensible(entry: object) -> bool:
    return (
        isinstance(entry, dict)
        and entry.get("basis") in get_args(ConsentBasis)
        and isinstance(entry.get("given"), str)
    )


def _remember(known: Memory) -> None:
    """Writes the answers beside the file and renames, so that it is never half written."""
    path = ledger()
    entries = {digest: {"basis": each.basis, "given": each.given} for digest, each in known.items()}
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(entries, indent=1, sort_keys=True), encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        log.warning("The answer cannot be remembered in %s: %s", path, error)


def _fingerprint(picture: Path) -> str:
    try:
        return sha256(picture)
    except OSError as error:
        raise PhotoError(f"The picture {picture} cannot be read: {error.strerror or error}.") from error
