"""Checksums of files: the full SHA-256, and a quick fingerprint for long videos."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from pipeline.errors import StudioError

_BLOCK = 1 << 20
"""Bytes read at a time for a checksum, and at either end for a fingerprint."""


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def fingerprint(path: Path) -> bytes:
    """A short digest of a file that is quick for long videos: of its size, its beginning and its end.

    Raises:
        OSError: it cannot be read.
    """
    state = path.stat()
    return _fingerprint_of(path, state.st_size, state.st_mtime_ns)


@lru_cache(512)
def _fingerprint_of(path: Path, size: int, modified: int) -> bytes:
    """The digest, kept as `_sha256_of` keeps its own: as long as the file has this size and time."""
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for start in (0, max(size - _BLOCK, 0)):
            file.seek(start)
            digest.update(file.read(_BLOCK))
    return digest.digest()


def require_sha256(path: Path, error: type[StudioError], parameter: str) -> str:
    """The SHA-256 of a file that somebody gave, in hex.

    Raises:
        StudioError: it cannot be read; of the kind `error`.
    """
    try:
        state = path.stat()
        return _sha256_of(path, state.st_size, state.st_mtime_ns)
    except OSError as cause:
        sentence = f"{path} cannot be read: {cause.strerror or cause}; check its name and permissions."
        raise error(sentence, parameter=parameter) from cause


@lru_cache(512)
def _sha256_of(path: Path, size: int, modified: int) -> str:
    """The sum; asked for again, as by each row of a table, it is computed again only if the file changed."""
    return sha256(path)
