"""The store of finished segments: files by the hash of everything that shaped them.

A segment that is there is never made again, by whichever script or process. Each is one file, written under
another name and renamed when whole, so that a killed render leaves only finished ones behind. A lock for each
hash keeps two renders from making the same segment; the locks are the operating system's, through filelock,
and end with the process that holds them. The segments that were used longest ago leave first when the store
is full.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import OutputError
from pipeline.files import FULL, discard_left, output_error, unfinished_files
from pipeline.user_folders import cache_folder

SUFFIX = ".mp4"
"""Of all segments; of films with alpha, they are Matroska or MOV, as which their content is recognised."""
NOTES_SUFFIX = ".json"
LEVELS_SUFFIX = ".levels"
LIMIT = 20_000_000_000
"""Bytes that a store holds if nothing else is said: about 20 hours at 1080p."""
_LEAST_FREE = 1_000_000_000
"""Bytes that stay free on the disk, as far as forgetting segments can see to it."""
_KEY = re.compile(r"[0-9a-f]{64}")
_PATIENCE = 0.1
"""Seconds between two looks at a lock that another process holds."""
_ABANDONED = 60.0
"""Seconds for which nobody wrote to an unfinished file that is removed; its segment's lock is free."""


def default_folder() -> Path:
    """The store that all scripts of this user share, in the user's cache folder."""
    return cache_folder() / "segments"


class Store:
    """A folder of segments. Any number of processes may use one at the same time."""

    def __init__(self, folder: Path | None = None, *, limit: int = LIMIT) -> None:
        """Open the store, and make its folder if need be.

        Args:
            folder: where it lies; the user's own cache folder where None.
            limit: bytes that it may hold.

        Raises:
            OutputError: the folder cannot be made or written to.
        """
        self.folder = default_folder() if folder is None else Path(folder)
        self._limit = limit
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(self.folder, error, parameter="store") from error
        if not os.access(self.folder, os.W_OK):
            raise OutputError(
                f"The store {self.folder} cannot be written to; choose another folder.", parameter="store"
            )

    def path(self, key: str) -> Path:
        """The path of the segment with this key, whether or not it exists."""
        return self.folder / key[:2] / f"{key}{SUFFIX}"

    def find(self, key: str) -> Path | None:
        """The finished segment with this key, which counts as used now; None where there is none."""
        path = self.path(key)
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def __contains__(self, key: str) -> bool:
        return self.path(key).is_file()

    @contextmanager
    def locked(self, key: str) -> Iterator[Path]:
        """Hold the segment's lock, so that only this block makes it; yields the path to write it to.

        Raises:
            OutputError: the folder cannot be written to, or has no space left for what the block writes.
        """
        path = self.path(key)
        try:
            path.parent.mkdir(exist_ok=True)
            lock = FileLock(path.with_suffix(".lock"), thread_local=False)  # any thread may end the render
            lock.acquire(poll_interval=_PATIENCE)
        except OSError as error:
            raise output_error(path, error, parameter="store") from error
        if not path.is_file():
            discard_left(path)  # by a process that was killed, as its lock is free
        try:
            yield path
        except OutputError as error:
            if not (_is_full(error) and str(path) in str(error)):
                raise
            raise self._full() from error
        finally:
            lock.release()

    def remove(self, keys: Collection[str]) -> int:
        """Forget these segments, and return how many bytes that freed; those in the making stay."""
        return sum(self._forget(self.path(key)) for key in keys if _KEY.fullmatch(key))

    def tidy(self, keep: Collection[str] = ()) -> int:
        """Forget the segments that were used longest ago until the store is within its limit.

        Args:
            keep: keys of segments that are still needed.

        Returns:
            How many bytes that freed.
        """
        self._remove_abandoned()
        kept = {self.path(key) for key in keep}
        found = sorted(self._files(), key=lambda each: each[1])
        total = sum(size for _, _, size in found)
        limit = min(self._limit, total + self._free() - _LEAST_FREE)
        freed = 0
        for path, _, _ in found:
            if total - freed <= limit:
                break
            if path not in kept:
                freed += self._forget(path)
        return freed

    def clear(self) -> int:
        """Forget all segments, and return how many bytes that freed; those in the making stay."""
        return sum(self._forget(path) for path, _, _ in list(self._files()))

    def _files(self) -> Iterator[tuple[Path, float, int]]:
        """Path, time of the last use and bytes of each segment."""
        for path in self.folder.glob(f"??/*{SUFFIX}"):
            with suppress(OSError):
                state = path.stat()
                yield path, state.st_mtime, state.st_size

    def _remove_abandoned(self) -> None:
        """Remove the unfinished files of killed renders, whose locks the system has released."""
        for folder in self.folder.glob("??"):
            for name, part in unfinished_files(folder):
                if not _KEY.match(name):
                    continue
                lock = FileLock((folder / name).with_suffix(".lock"), blocking=False)
                with suppress(OSError, Timeout), lock:
                    if time.time() - part.stat().st_mtime > _ABANDONED:
                        part.unlink()

    def _full(self) -> OutputError:
        """The error for a full disk, which names the store's folder instead of a segment's file."""
        free = f"{self._free() / 1e6:,.1f} MB"
        return OutputError(
            f"There is no space left for finished segments in {self.folder}, which has {free} free; "
            "free up some space, or choose another folder for them.",
            parameter="store",
        )

    def _free(self) -> int:
        return shutil.disk_usage(self.folder).free

    def _forget(self, path: Path) -> int:
        """Remove a segment unless its lock is held; returns the bytes that this freed."""
        lock = FileLock(path.with_suffix(".lock"), blocking=False)
        try:
            with lock:
                size = path.stat().st_size
                path.unlink()  # first, as it stands for both
                for suffix in (NOTES_SUFFIX, LEVELS_SUFFIX):
                    path.with_suffix(suffix).unlink(missing_ok=True)
                return size
        except (OSError, Timeout):
            return 0


def _is_full(error: OutputError) -> bool:
    """Whether a disk has no space left, or a quota is reached."""
    return isinstance(error.__cause__, OSError) and error.__cause__.errno in FULL
