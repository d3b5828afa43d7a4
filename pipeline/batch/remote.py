"""Files at URLs that fsspec knows: s3://, gs://, hf:// and others. They are copied here before they are read.

fsspec comes with huggingface_hub, which brings hf:// too; s3:// needs the package s3fs, gs:// gcsfs.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from platformdirs import user_cache_dir

from pipeline.errors import OptionError, StudioError
from pipeline.files import written_whole

_LARGEST = 4_000_000_000
"""Bytes of a file that is copied here."""
_ROOM = 20_000_000_000
"""Bytes that the copies of files, and of results on their way to a URL, may take together."""
_NEEDED_SECONDS = 24 * 60 * 60
"""For which a copy is kept after its last use, whatever room it takes: a batch may still read it."""
_SAME_SECONDS = 60.0
"""For which a file at a URL is taken to be the one that was copied: to ask the store takes a while."""
_NO_FILE = "There is no file at {}; check the address."
_NO_PLACE = "There is no bucket or folder for {}; make it, or check the address."
_URL = re.compile(r"(s3|gs|gcs|hf|abfs|az|file|memory)://\S")
"""What is taken for the URL of a file; a text that is spoken may hold others."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://(?=\S)")
"""How the address of any other system begins; one letter is a drive."""


_copies: dict[str, tuple[float, Path]] = {}
"""When each file was asked for, and its copy."""


def is_remote(text: object) -> bool:
    """Whether this is such a URL."""
    return isinstance(text, str) and _URL.match(text) is not None


def require_known(place: object) -> None:
    """Refuse the address of a system that is not used, such as https://, which would pass for a path.

    Raises:
        OptionError: it is one.
    """
    if isinstance(place, str) and not is_remote(place) and (scheme := _SCHEME.match(place)):
        sentence = (
            f"Files at {scheme[0]} cannot be used; download them, or use s3://, gs://, hf:// or a path."
        )
        raise OptionError(sentence)


def folder_of(url: str) -> str:
    """The URL of the folder that a file lies in."""
    return url.rpartition("/")[0]


def workplace(url: str) -> Path:
    """The folder on this machine for a batch whose results go to a URL.

    It may be lost when it was not used for a day: what counts is at the URL.
    """
    return _cache() / "batches" / hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:16]


def sending_folder() -> Path:
    """The folder of results that are on their way to a URL."""
    return _cache() / "sending"


def fetched(url: str) -> Path:
    """A copy of a file on this machine, made again only where the file has changed.

    Raises:
        StudioError: it cannot be read, or is larger than 4 GB.
    """
    with _answering(url) as (system, path):
        if (system.size(path) or 0) > _LARGEST:
            raise OptionError(f"{url} is larger than {_LARGEST / 1e9:g} GB; make it smaller.")
        version = hashlib.sha256(f"{url} {system.ukey(path)}".encode()).hexdigest()[:24]
        target = _cache() / "fetched" / version / PurePosixPath(path).name
        if not target.is_file():
            _make_room()
            target.parent.mkdir(parents=True, exist_ok=True)
            with written_whole(target) as part:
                system.get_file(path, str(part))
        with suppress(OSError):
            os.utime(target)  # used now
    return target


def copy_of(url: str) -> Path:
    """As `fetched`; asked for again soon, as by each row of a table, the copy is taken to be the same."""
    asked, copy = _copies.get(url, (0.0, None))
    if copy is None or time.monotonic() - asked > _SAME_SECONDS or not copy.is_file():
        copy = fetched(url)
        _copies[url] = time.monotonic(), copy
    return copy


def sent(file: Path, url: str) -> None:
    """Copy a file to a URL; a bucket that is not there is not made, because its name may be mistyped.

    Raises:
        StudioError: it cannot be written.
    """
    with _answering(url, _NO_PLACE) as (system, path):
        if "file" in system.protocol:
            system.makedirs(system._parent(path), exist_ok=True)
        system.put_file(str(file), path)


def files_below(url: str) -> frozenset[str]:
    """The files of a folder and of those in it, relative to it, with forward slashes.

    Raises:
        StudioError: it cannot be read, or its bucket is not there.
    """
    with _answering(url, _NO_PLACE) as (system, path):
        system.invalidate_cache()
        return frozenset(file.removeprefix(path).strip("/") for file in system.find(path))


@contextmanager
def _answering(url: str, missing: str = _NO_FILE) -> Iterator[tuple[Any, str]]:
    """The file system of a URL and the path in it; what goes wrong in the block is one sentence, which is
    `missing` where something is not there.
    """
    import fsspec

    try:
        yield fsspec.core.url_to_fs(url)
    except ImportError as error:
        scheme = url.partition("://")[0]
        sentence = f"{scheme}:// needs a package that is not installed: {error}."
        raise OptionError(sentence) from error
    except StudioError:
        raise
    except FileNotFoundError as error:
        raise OptionError(missing.format(url)) from error
    except Exception as error:  # what the systems' packages raise is their own
        if _is_unreached(error):
            sentence = f"{url} cannot be reached; check the address and your connection."
            raise OptionError(sentence) from error
        reason = " ".join(str(error).split()) or type(error).__name__
        raise OptionError(
            f"{url} cannot be used: {reason[:200]}; check the address and your rights."
        ) from error


def _is_unreached(error: BaseException | None) -> bool:
    """Whether nobody answered, by an error or by those that led to it."""
    while error is not None:
        if isinstance(error, ConnectionError | TimeoutError | socket.gaierror):
            return True
        error = error.__cause__ or error.__context__
    return False


def _make_room() -> None:
    """Remove the copies that were not used for longest, where all of them take more than their room."""
    kept = [
        (max(used), sum(sizes), folder)
        for folder in (*_cache().glob("fetched/*"), *_cache().glob("batches/*"))
        if (found := list(_files(folder)))
        for used, sizes in [zip(*found, strict=True)]
    ]
    total = sum(size for _, size, _ in kept)
    for used, size, folder in sorted(kept):
        if total <= _ROOM or time.time() - used < _NEEDED_SECONDS:
            return
        shutil.rmtree(folder, ignore_errors=True)
        total -= size


def _files(folder: Path) -> Iterator[tuple[float, int]]:
    """When each file of a folder was last used or written, and its size."""
    for path in folder.rglob("*"):
        with suppress(OSError):  # another batch may be tidying too
            if path.is_file():
                about = path.stat()
                yield about.st_mtime, about.st_size


def _cache() -> Path:
    return Path(user_cache_dir("talking-head-studio", appauthor=False))
