"""Published weights: found on this machine or pulled from the Hugging Face Hub, and verified.

huggingface_hub does the pulling, as it resumes broken downloads, keeps one cache for all programs of the
machine and honours `HF_HOME`, `HF_TOKEN`, `HF_HUB_OFFLINE` and `HF_ENDPOINT`. A file can also be placed by
hand: under the folder named by `STUDIO_MODELS`, as `owner/name/path/in/repository`. No path is handed out
before the file's sum is right; `pipeline.weights` reads what lies there.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import socket
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.checkpoints import CHECKPOINTS, Checkpoint
from pipeline.errors import CheckpointError, unknown_name
from pipeline.files import sha256
from pipeline.weights import load_into, load_state, read_pickle

__all__ = [
    "CHECKPOINTS",
    "FOLDER",
    "Checkpoint",
    "download_bytes",
    "fetch",
    "find",
    "load_into",
    "load_state",
    "pull",
    "read_pickle",
]

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with the bytes that are here and the bytes in all."""

FOLDER = "STUDIO_MODELS"
"""Environment variable naming the folder of files placed by hand."""

_verified: set[tuple[str, int, int]] = set()
"""Path, size and modification time of files whose sum was right; a sum is taken once a process."""


def find(key: str | Checkpoint) -> Path | None:
    """Where the file lies on this machine, placed by hand or in the Hub's cache; None where it does not.

    Raises:
        UnknownNameError: there is no checkpoint of that key.
    """
    from huggingface_hub import try_to_load_from_cache

    checkpoint = _checkpoint(key)
    placed = _by_hand(checkpoint)
    if placed is not None and placed.is_file():
        return placed
    cached = try_to_load_from_cache(checkpoint.repo, checkpoint.file, revision=checkpoint.revision)
    return Path(cached) if isinstance(cached, str) else None


def fetch(key: str | Checkpoint, *, progress: Progress | None = None) -> Path:
    """The file's path, pulled first if need be (and resumed if a pull broke off), its sum verified.

    Args:
        key: of `CHECKPOINTS`, or a checkpoint outside the table (a voice).
        progress: told of the bytes while pulling.

    Raises:
        UnknownNameError: there is no checkpoint of that key.
        CheckpointError: the file cannot be had, or is damaged and cannot be had anew; the sentence names
            the file, the repository and where to place it by hand.
    """
    checkpoint = _checkpoint(key)
    path = find(checkpoint)
    if path is not None and _right(path, checkpoint):
        return path
    if path is not None and path == _by_hand(checkpoint):
        raise CheckpointError(f"{path} is damaged or another file: {_wrong(checkpoint)}; place it anew.")
    if path is not None:
        log.warning("%s in the Hub's cache is damaged; pulling it again", checkpoint.file)
    path = _pull(checkpoint, progress, again=path is not None)
    if not _right(path, checkpoint):
        path.resolve().unlink(missing_ok=True)
        raise CheckpointError(
            f"{checkpoint.file} from {checkpoint.repo} arrived damaged: {_wrong(checkpoint)}; try again."
        )
    return path


def pull(keys: Iterable[str]) -> Iterator[float]:
    """Pull those of these files that are not on this machine, telling the share of the download that is here.

    Raises:
        CheckpointError: as for `fetch`.
    """
    missing = [key for key in dict.fromkeys(keys) if find(key) is None]
    whole, before = max(download_bytes(missing), 1), 0
    for key in missing:
        here = _Counter()
        pool = ThreadPoolExecutor(1, thread_name_prefix="fetch")
        try:
            job = pool.submit(fetch, key, progress=here.set)
            while not job.done():
                yield min((before + here.bytes) / whole, 1.0)
                wait([job], timeout=0.3)
            job.result()
        finally:
            pool.shutdown(wait=False)
        before += download_bytes([key])


class _Counter:
    """What a download in another thread has told last."""

    def __init__(self) -> None:
        self.bytes = 0

    def set(self, here: int, _: int) -> None:
        self.bytes = here


def download_bytes(keys: Iterable[str], *, missing: bool = False) -> int:
    """Bytes of these files in all; with `missing`, only of those that are not on this machine."""
    return sum(CHECKPOINTS[key].size for key in keys if not (missing and find(key)))


def _checkpoint(key: str | Checkpoint) -> Checkpoint:
    if isinstance(key, Checkpoint):
        return key
    if key not in CHECKPOINTS:
        raise unknown_name("checkpoint", key, CHECKPOINTS)
    return CHECKPOINTS[key]


def _by_hand(checkpoint: Checkpoint) -> Path | None:
    folder = os.environ.get(FOLDER)
    return Path(folder, checkpoint.repo, checkpoint.file) if folder else None


def _right(path: Path, checkpoint: Checkpoint) -> bool:
    """Whether the file has the sum of the table; without one, the sum that the Hub's cache calls it by."""
    stat = path.stat()
    seen = (str(path), stat.st_size, stat.st_mtime_ns)
    if seen in _verified:
        return True
    wanted = checkpoint.sha256 or _announced(path)
    if stat.st_size == 0 or (wanted and sha256(path) != wanted):
        return False
    _verified.add(seen)
    return True


def _pull(checkpoint: Checkpoint, progress: Progress | None, *, again: bool) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HfHubHTTPError, HTTPError

    name, bar = checkpoint.file, _bar(progress)
    try:
        _knock()
        return Path(
            hf_hub_download(
                checkpoint.repo, name, revision=checkpoint.revision, force_download=again, tqdm_class=bar
            )
        )
    except HfHubHTTPError as error:
        reason, cause = _refusal(error), error
    except (HTTPError, OSError, ValueError) as error:
        full = getattr(error, "errno", None) == errno.ENOSPC
        reason = (
            "there is no space left for it" if full else "there is no connection to the Hub, or it broke off"
        )
        cause = error
    state = "in the cache is damaged, and" if again else "is not on this machine, and"
    raise CheckpointError(f"{name} {state} {reason}. {_where_to_place(checkpoint)}") from cause


def _knock() -> None:
    """Raises `OSError` at once where the Hub cannot be reached; huggingface_hub itself tries for half a
    minute. Behind a proxy, which cannot be told apart from here, it may."""
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE or urllib.request.getproxies():
        return
    hub = urlsplit(constants.ENDPOINT)
    port = hub.port or (80 if hub.scheme == "http" else 443)
    socket.create_connection((hub.hostname or "", port), timeout=5).close()


def _bar(progress: Progress | None) -> type:
    """A progress bar in huggingface_hub's sense that draws nothing and tells `progress`."""
    from tqdm import tqdm

    class Bar(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "disable": True})
            self.n, self.total = kwargs.get("initial") or 0, kwargs.get("total") or 0

        def update(self, n: float | None = 1) -> None:
            self.n += n or 0
            if progress is not None:
                progress(int(self.n), int(self.total))

    return Bar


def _refusal(error: Exception) -> str:
    from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    if isinstance(error, RepositoryNotFoundError):
        return "the Hub does not show its repository (it is gone, or wants an account's HF_TOKEN)"
    if isinstance(error, EntryNotFoundError | RevisionNotFoundError):
        return "its repository on the Hub no longer has it"
    return "the Hub answered with an error, so try again later"


def _where_to_place(checkpoint: Checkpoint) -> str:
    folder = os.environ.get(FOLDER)
    target = Path(folder or f"${FOLDER}", checkpoint.repo, checkpoint.file)
    hint = "" if folder else f" ({FOLDER} being a folder of your choice, set in the environment)"
    return (
        f"To go on without, take {checkpoint.file} from https://huggingface.co/{checkpoint.repo} "
        f"and place it at {target}{hint}."
    )


def _announced(path: Path) -> str | None:
    name = path.resolve().name
    return name if re.fullmatch(r"[0-9a-f]{64}", name) else None


def _wrong(checkpoint: Checkpoint) -> str:
    wanted = f", {checkpoint.sha256[:12]}…," if checkpoint.sha256 else ""
    return f"its SHA-256 is not the published one{wanted} of {checkpoint.file} in {checkpoint.repo}"
