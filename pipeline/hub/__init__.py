"""Published weights: found on this machine or downloaded from the Hugging Face Hub, and verified.

huggingface_hub does the downloading: it goes on where a connection broke off, shares one cache between all
programs of the machine, and honours `HF_HOME`, `HF_TOKEN`, `HF_HUB_OFFLINE` and `HF_ENDPOINT`. Files can also
be placed by hand, in the folder named by `STUDIO_MODELS`, as `owner/name/path/in/repository`, and some are
carried by an installed package (`pipeline.hub.carriers`). Every file is checksummed before its path is
returned; `pipeline.inference.weights` loads it.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

from pipeline.checksums import sha256
from pipeline.errors import CheckpointError, unknown_name
from pipeline.files import unfinished_in
from pipeline.hub import carriers, pins
from pipeline.hub.checkpoints import CHECKPOINTS, Checkpoint
from pipeline.hub.errors import failure_reason

__all__ = [
    "CHECKPOINTS",
    "FOLDER",
    "Checkpoint",
    "cache_folder",
    "download_bytes",
    "fetch",
    "find",
    "pull",
    "require_connection",
]

log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Called with the bytes downloaded so far and the bytes in all."""

FOLDER = "STUDIO_MODELS"
"""Environment variable naming the folder of files placed by hand."""

_PATIENCE = 5.0
"""Seconds in which the Hub, or a proxy before it, has to take the connection and to answer."""
_POLL = 0.3
"""Seconds between two reports of a download's progress."""

_verified: set[tuple[str, int, int, str | None]] = set()
"""Path, size and modification time of files, and the checksum that they have, computed once per process; None
where none is known."""


def find(key: str | Checkpoint) -> Path | None:
    """The file's path on this machine: placed by hand, in the Hub's cache, or carried by an installed
    package; None where it is not here.

    Raises:
        UnknownNameError: there is no checkpoint of that key.
        CheckpointError: a carried file cannot be put together.
    """
    from huggingface_hub import try_to_load_from_cache

    checkpoint = _checkpoint(key)
    for placed in _places(checkpoint):
        if placed.is_file():
            return placed
    for repo in (checkpoint.repo, *checkpoint.former_repos):
        cached = try_to_load_from_cache(repo, checkpoint.file, revision=checkpoint.revision)
        if isinstance(cached, str):
            return Path(cached)
        latest = try_to_load_from_cache(repo, checkpoint.file)
        if (
            checkpoint.sha256
            and isinstance(latest, str)
            and _cached_sha256(Path(latest)) == checkpoint.sha256
        ):
            return Path(latest)  # the same bytes in a later commit
    return carriers.carried(checkpoint)


def fetch(key: str | Checkpoint, *, progress: Progress | None = None) -> Path:
    """The file's path; the file is downloaded first if need be, or its download resumed, and verified.

    Args:
        key: of `CHECKPOINTS`, or a checkpoint outside the table (a voice).
        progress: told of the bytes while downloading.

    Raises:
        UnknownNameError: there is no checkpoint of that key.
        CheckpointError: the file cannot be had, or is damaged and cannot be replaced; the sentence names the
            file, the repository and where to place it by hand.
    """
    checkpoint = _checkpoint(key)
    path = find(checkpoint)
    if path is not None and not _is_valid(path, checkpoint) and carriers.discard(checkpoint, path):
        path = find(checkpoint)
    if path is not None and _is_valid(path, checkpoint):
        return path
    if path is not None and path in _places(checkpoint):
        raise CheckpointError(f"{path} is damaged or another file; {_mismatch(checkpoint)}; place it again.")
    if path is not None:
        log.warning("%s on this machine is damaged; downloading it again", checkpoint.file)
    try:
        path = _download(checkpoint, progress, damaged=path is not None)
    except CheckpointError as error:
        if path is None or path != carriers.carried(checkpoint):
            raise
        raise CheckpointError(
            f"{checkpoint.file} is damaged; run {carriers.reinstalling(checkpoint)} and try again.",
            parameter=error.parameter,
        ) from error
    if not _is_valid(path, checkpoint):
        path.resolve().unlink(missing_ok=True)
        raise CheckpointError(
            f"{checkpoint.file} from {checkpoint.repo} arrived damaged; {_mismatch(checkpoint)}; try again."
        )
    pins.note(_in_table(key), path)
    return path


def pull(keys: Iterable[str | Checkpoint]) -> Iterator[float]:
    """Download those of these files that are not on this machine, yielding the share that is done.

    Raises:
        CheckpointError: as for `fetch`.
    """
    missing = [key for key in dict.fromkeys(keys) if find(key) is None]
    whole, before = max(download_bytes(missing), 1), 0
    for key in missing:
        counter = _Counter()
        pool = ThreadPoolExecutor(1, thread_name_prefix="download")
        try:
            job = pool.submit(fetch, key, progress=counter.set)
            while not job.done():
                yield min((before + counter.bytes) / whole, 1.0)
                wait([job], timeout=_POLL)
            job.result()
        finally:
            pool.shutdown(wait=False)
        before += download_bytes([key])


class _Counter:
    """The latest progress of a download in another thread."""

    def __init__(self) -> None:
        self.bytes = 0

    def set(self, done: int, _: int) -> None:
        self.bytes = done


def download_bytes(keys: Iterable[str | Checkpoint], *, missing: bool = False) -> int:
    """Size of these files in bytes; with `missing`, only of those that are not on this machine."""
    return sum(_checkpoint(key).size for key in keys if not (missing and find(key)))


def _checkpoint(key: str | Checkpoint) -> Checkpoint:
    return pins.pinned(_in_table(key))


def _in_table(key: str | Checkpoint) -> Checkpoint:
    if isinstance(key, Checkpoint):
        return key
    if key not in CHECKPOINTS:
        raise unknown_name("checkpoint", key, CHECKPOINTS)
    return CHECKPOINTS[key]


def _places(checkpoint: Checkpoint) -> list[Path]:
    """Where the file may have been placed by hand."""
    folder = os.environ.get(FOLDER)
    repos = (checkpoint.repo, *checkpoint.former_repos)
    return [Path(folder, repo, checkpoint.file) for repo in repos] if folder else []


def _is_valid(path: Path, checkpoint: Checkpoint) -> bool:
    """Whether the file has the checksum of the table or, without one, that of its name in the Hub's cache."""
    stat = path.stat()
    wanted = checkpoint.sha256 or _cached_sha256(path)
    seen = (str(path), stat.st_size, stat.st_mtime_ns, wanted)
    if seen in _verified:
        return True
    if stat.st_size == 0 or (wanted and sha256(path) != wanted):
        return False
    _verified.add(seen)
    return True


def _download(checkpoint: Checkpoint, progress: Progress | None, *, damaged: bool) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HTTPError, RevisionNotFoundError

    def load(revision: str | None) -> Path:
        with unfinished_in(cache_folder(checkpoint.repo) / "blobs", f"{checkpoint.sha256}.*.incomplete"):
            return Path(
                hf_hub_download(
                    checkpoint.repo,
                    checkpoint.file,
                    revision=revision,
                    force_download=damaged,
                    tqdm_class=_progress_bar(progress),
                )
            )

    try:
        require_connection()
        try:
            return load(checkpoint.revision)
        except RevisionNotFoundError:
            if not _is_still_published(checkpoint):
                raise
            log.warning(
                "Commit %s of %s is gone; taking the file of the latest", checkpoint.revision, checkpoint.repo
            )
            return load(None)
    except (HTTPError, OSError, ValueError) as error:  # HfHubHTTPError is an OSError or an HTTPError
        raise CheckpointError(_failure(checkpoint, error, damaged=damaged)) from error


def _is_still_published(checkpoint: Checkpoint) -> bool:
    """Whether the latest commit has the file with the same bytes, as far as the Hub says."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url

    if checkpoint.sha256 is None:
        return False
    etag = get_hf_file_metadata(hf_hub_url(checkpoint.repo, checkpoint.file)).etag
    # The tag of a small file is no SHA-256; such a one is compared once it is here.
    return etag == checkpoint.sha256 or not _is_sha256(etag or "")


def cache_folder(repo: str) -> Path:
    """The repository's folder in the Hub's cache, which need not exist."""
    from huggingface_hub import constants
    from huggingface_hub.file_download import repo_folder_name

    return Path(constants.HF_HUB_CACHE, repo_folder_name(repo_id=repo, repo_type="model"))


def require_connection() -> None:
    """Raise `OSError` within about 5 s where the Hub cannot be reached.

    huggingface_hub itself tries again for half a minute. It is asked through the same client, and so through
    the proxy of the environment.
    """
    from huggingface_hub import constants
    from huggingface_hub.errors import HTTPError
    from huggingface_hub.utils import get_session

    if constants.HF_HUB_OFFLINE:
        return
    try:
        get_session().head(constants.ENDPOINT, timeout=_PATIENCE)
    except HTTPError as error:
        # Without a cause, since one of this kind stands for a connection that was there and broke off.
        raise ConnectionError(str(error)) from None


def _progress_bar(progress: Progress | None) -> type:
    """A tqdm class for huggingface_hub that draws nothing and calls `progress`."""
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


def _failure(checkpoint: Checkpoint, error: Exception, *, damaged: bool) -> str:
    """Why a download failed, and the ways out: what to do about it, what needs no file, or placing it."""
    reason, advice = failure_reason(error)
    advice += f", {checkpoint.instead}" if checkpoint.instead else ""
    size = f"{_size(checkpoint.size)} " if checkpoint.size else ""  # a shard's may be unknown
    needs = (
        f"{checkpoint.file} in the cache is damaged and needs a new {size}download"
        if damaged
        else f"The {checkpoint.engine} needs a {size}download"
    )
    folder = os.environ.get(FOLDER)
    target = Path(folder or f"${FOLDER}", checkpoint.repo, checkpoint.file)
    hint = "" if folder else f", where {FOLDER} is an environment variable naming a folder of your choice"
    return (
        f"{needs}, but {reason}; {advice}, or download {checkpoint.file} yourself from "
        f"https://huggingface.co/{checkpoint.repo} and place it at {target}{hint}."
    )


def _size(count: int) -> str:
    """A number of bytes as a person reads it: "63 MB", "3.4 GB"."""
    if count >= 10**9:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e6:.0f} MB" if count >= 10**6 else f"{max(count / 1e3, 1):.0f} kB"


def _cached_sha256(path: Path) -> str | None:
    """The checksum by which the Hub's cache names a large file; None for other files."""
    name = path.resolve().name
    return name if _is_sha256(name) else None


def _is_sha256(name: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", name) is not None


def _mismatch(checkpoint: Checkpoint) -> str:
    wanted = f" ({checkpoint.sha256[:12]}…)" if checkpoint.sha256 else ""
    return f"its SHA-256 is not the published one{wanted} of {checkpoint.file} in {checkpoint.repo}"
