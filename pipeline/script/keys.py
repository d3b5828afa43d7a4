"""The keys of the store: a hash of a request with the sums of its files and the version of what draws."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from pipeline import __version__, assets
from pipeline.checksums import fingerprint, sha256
from pipeline.hub.checkpoints import CHECKPOINTS, Checkpoint
from pipeline.script.errors import ScriptError

_DRAWING = (
    "easing.py", "faces", "heads", "inference", "lips", "motion", "networks", "puppet", "recording.py",
    "script", "speech", "stage", "studio.py", "trust/label.py", "types.py", "video",
)  # fmt: skip
"""What decides about pictures and sound, inside the package."""
_LIBRARIES = ("av", "mediapipe", "onnxruntime", "opencv-contrib-python", "pillow", "piper-tts")
"""Packages whose version decides about them too."""
_WHOLE = 32_000_000
"""Bytes of a file up to which all of it is summed; of longer ones, size, time, beginning and end."""


def key_of(request: Any) -> str:
    """The key, in hex, of a request made of plain values."""
    text = json.dumps(request, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def file_sum(path: Path, *, what: str) -> str:
    """A digest of a file's content.

    Args:
        path: the file.
        what: what it is, for the error: "background", "subject of 'host'".

    Raises:
        ScriptError: it is not there, or cannot be read.
    """
    try:
        state = path.stat()
        if not path.is_file():
            raise ScriptError(f"{what}: {path} is not a file; check the name.", parameter=what)
        return _sum(path, state.st_size, state.st_mtime_ns)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        sentence = (
            f"there is no file {path}; check the name."
            if missing
            else (f"{path} cannot be read: {error.strerror or error}.")
        )
        raise ScriptError(f"{what}: {sentence}", parameter=what) from error


@lru_cache(512)
def _sum(path: Path, size: int, modified: int) -> str:
    """The digest; asked for again, it is computed again only if the file has changed."""
    return sha256(path) if size <= _WHOLE else f"{size}:{modified}:{fingerprint(path).hex()}"


def models(checkpoints: Iterable[str | Checkpoint]) -> list[str]:
    """The published files that something needs, with their revisions."""
    found = [CHECKPOINTS[each] if isinstance(each, str) else each for each in checkpoints]
    return sorted(f"{each.repo}/{each.file}@{each.sha256 or each.revision}" for each in found)


@cache
def code_version() -> str:
    """A digest of the code and the small models that draw and speak.

    Where the source is not there to be read, the version of the package stands for it.
    """
    package = Path(__file__).parents[1]
    digest = hashlib.sha256(__version__.encode())
    for name in _DRAWING:
        found = package / name
        for path in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes() if path.is_file() else b"")
    for path in sorted(assets.MODELS.glob("*")):
        if path.suffix != ".md":
            digest.update(path.name.encode() + fingerprint(path))
    for library in _LIBRARIES:
        digest.update(_version(library).encode())
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return ""
