"""Files the way the whole studio treats them: summed in blocks, claimed before work starts, written whole."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import OutputError

_FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What the system answers when a file cannot grow: disk, quota or file size limit reached."""

_LONGEST_NAME = 64
"""Characters of a file's name that its unfinished file repeats; a name of 255 bytes leaves no room."""


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex.

    Raises:
        OSError: it cannot be read.
    """
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def unfinished(path: Path) -> Path:
    """A new, empty file beside `path` for what will become `path`; nobody else writes to it.

    Raises:
        OSError: the folder cannot be written to.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:_LONGEST_NAME]}.", suffix=".part", dir=path.parent)
    os.close(handle)
    return Path(name)


def finish(part: Path, path: Path) -> None:
    """Give an unfinished file its name, and the permissions that a new file of this user has.

    Raises:
        OSError: it cannot be renamed.
    """
    mask = os.umask(0)
    os.umask(mask)
    with suppress(OSError):  # a file system without permissions
        part.chmod(0o666 & ~mask)
    os.replace(part, path)


@contextmanager
def written_whole(path: Path) -> Iterator[Path]:
    """A file to write to, which takes the name `path` when the block ends, and vanishes where it fails.

    Raises:
        OutputError: it cannot be written, whatever the block did.
    """
    try:
        part = unfinished(path)
    except OSError as error:
        raise output_error(path, error) from error
    try:
        yield part
        finish(part, path)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        part.unlink(missing_ok=True)


def claim(path: Path, *, overwrite: bool, parameter: str = "path") -> None:
    """Make sure, before any work is done, that a file can be written at `path`.

    Raises:
        OutputError: it exists and may not be overwritten, or its folder is missing or not writable.
    """
    folder = path.parent
    try:
        if path.is_dir():
            example = path / "video.mp4"
            raise OutputError(
                f"{path} is a folder; give the name of a file, such as {example}.", parameter=parameter
            )
        if path.exists() and not path.is_file():
            raise OutputError(f"{path} is not an ordinary file; choose another name.", parameter=parameter)
        if path.exists() and not overwrite:
            raise OutputError(
                f"{path} already exists; choose another name, or allow it to be overwritten.",
                parameter="overwrite",
            )
        if not folder.is_dir():
            raise OutputError(
                f"The folder {folder} does not exist; create it or choose another one.", parameter=parameter
            )
        if not os.access(folder, os.W_OK):
            raise OutputError(
                f"The folder {folder} cannot be written to; choose another one.", parameter=parameter
            )
    except OSError as error:
        raise output_error(path, error) from error


def output_error(path: Path, error: OSError) -> OutputError:
    """The system's complaint about writing `path`, as one sentence."""
    if error.errno in _FULL:
        return OutputError(f"There is no space left to write {path}; free some and try again.")
    if isinstance(error, PermissionError) or error.errno == errno.EACCES:
        return OutputError(f"{path} cannot be written: permission was denied.")
    return OutputError(f"{path} cannot be written: {error.strerror or error}.")
