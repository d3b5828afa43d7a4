"""Names of files, checks before any work starts, and atomic writes: a file appears whole or not at all."""

from __future__ import annotations

import atexit
import errno
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import OutputError, StudioError

FULL = {errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""Error numbers of a file that cannot grow: the disk is full, or a quota or file size limit is reached."""

_LONGEST_NAME = 64
"""Bytes of the final name that its unfinished file repeats: a name may have 255 bytes in all."""

_FORBIDDEN = re.compile(
    r'[<>:"|?*\\/\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]'
)
"""Characters that no file may have on some system, that part its name in two lines, or that show it in
another order."""
_RESERVED = re.compile(r"(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(\..*)?", re.IGNORECASE)
"""Names of devices on Windows."""

_UNFINISHED = re.compile(r"\.(.+)\.[0-9a-f]{8}\.part", re.DOTALL)
"""Names of unfinished files."""

_in_progress: set[Path] = set()
"""Unfinished files of this process."""
_others: set[tuple[Path, str, frozenset[Path]]] = set()
"""Where a library has unfinished files for this process: the folder, the pattern of their names, and which
were there before."""
_folders: set[Path] = set()
"""Folders of this process that are removed when it exits, unless their block has kept them."""


def is_storable(name: str) -> bool:
    """Whether every system can have a file or folder of this name; Windows drops dots and spaces at ends."""
    return not (_FORBIDDEN.search(name) or name.endswith((" ", ".")) or _RESERVED.fullmatch(name))


def storable(name: str) -> str:
    """A name like this one that every system can store."""
    plain = _FORBIDDEN.sub("-", name).rstrip(" .")
    return plain if plain and is_storable(plain) else f"_{plain}"


def unfinished(path: Path) -> Path:
    """Create an empty file beside `path` for what will become `path`; nobody else writes to it.

    It gets the permissions that any new file of this user gets, unlike one made by `tempfile`. Its path is
    absolute: FFmpeg takes a relative one such as `pipe:1` for the name of a protocol.

    Raises:
        OSError: the folder cannot be written to.
    """
    while True:
        part = path.absolute().with_name(f".{shown_name(path.name)}.{secrets.token_hex(4)}.part")
        _in_progress.add(part)
        try:
            os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            _in_progress.discard(part)
            continue
        return part


def shown_name(name: str) -> str:
    """As much of a name as the name of its unfinished file carries."""
    return os.fsencode(name)[:_LONGEST_NAME].decode(errors="ignore")


def unfinished_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The unfinished files of other processes in a folder, with what they carry of their names."""
    with suppress(OSError), os.scandir(folder.absolute()) as entries:
        for entry in entries:
            found = _UNFINISHED.fullmatch(entry.name)
            if found is not None and Path(entry.path) not in _in_progress:
                yield found[1], Path(entry.path)


def discard_left(path: Path) -> None:
    """Remove the unfinished files that a killed process left beside `path`; the caller knows that no other
    process is writing `path`.
    """
    for name, left in unfinished_files(path.parent):
        if name == shown_name(path.name):
            with suppress(OSError):
                left.unlink()


def discard(part: Path) -> None:
    """Remove an unfinished file, unless it has got its final name.

    Raises:
        OSError: it cannot be removed.
    """
    part.unlink(missing_ok=True)
    _in_progress.discard(part)


@atexit.register
def discard_all() -> None:
    """Remove this process's unfinished files; done when it exits, as an interrupt may come between the making
    of a file and the block that would remove it.
    """
    for part in list(_in_progress):
        with suppress(OSError):
            discard(part)
    for folder, pattern, before in list(_others):
        for part in set(folder.glob(pattern)) - before:
            with suppress(OSError):
                part.unlink()
    for folder in list(_folders):
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def unfinished_folder(folder: Path) -> Iterator[Callable[[], None]]:
    """A folder that is removed at the end of the block, or when the process exits before it, unless the block
    calls what it gets.
    """
    _folders.add(folder)
    try:
        yield lambda: _folders.discard(folder)
    finally:
        if folder in _folders:
            shutil.rmtree(folder, ignore_errors=True)
            _folders.discard(folder)


@contextmanager
def unfinished_in(folder: Path, pattern: str) -> Iterator[None]:
    """In this block a library has unfinished files in `folder`, by names of its own that match `pattern` (as
    of `Path.glob`). It removes them itself, unless the process exits meanwhile.
    """
    entry = folder, pattern, frozenset(folder.glob(pattern))
    _others.add(entry)
    try:
        yield
    finally:
        _others.discard(entry)


def finish(part: Path, path: Path, *, overwrite: bool = True) -> None:
    """Give an unfinished file its final name.

    Args:
        overwrite: whether it replaces what has that name by now.

    Raises:
        OutputError: something has that name and may not be replaced.
        OSError: it cannot be renamed.
    """
    if overwrite:
        os.replace(part, path)
        return
    try:
        os.link(part, path)  # unlike renaming, this fails where the name is taken
    except FileExistsError:
        raise _taken(path) from None
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise _taken(path) from None
        os.replace(part, path)
    else:
        os.unlink(part)


@contextmanager
def written_whole(path: Path, *, overwrite: bool = True) -> Iterator[Path]:
    """Write `path` atomically: the block gets an unfinished file, which takes the name `path` when it ends.

    If the block raises, the unfinished file is removed and what was at `path` stays.

    Args:
        path: the file to write.
        overwrite: whether it replaces what has that name when the block ends.

    Raises:
        OutputError: it cannot be written, or something has that name and may not be replaced.
    """
    try:
        part = unfinished(path)
    except OSError as error:
        raise output_error(path, error) from error
    try:
        yield part
        finish(part, path, overwrite=overwrite)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        discard(part)


def claim(path: Path, *, overwrite: bool, parameter: str = "path") -> None:
    """Check, before any work is done, that a file can be written at `path`.

    Args:
        overwrite: whether an existing file may be replaced.
        parameter: the field of `pipeline.spec` that named the file, for the error.

    Raises:
        OutputError: it exists and may not be overwritten, or its folder is missing or not writable.
    """
    folder = path.parent
    if "\0" in str(path):
        raise OutputError("A file name cannot contain a zero byte; choose another name.", parameter=parameter)
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            path.lstat()  # `is_dir` and `exists` keep it to themselves when a name is too long
        if path.is_dir():
            example = path / "video.mp4"
            raise OutputError(
                f"{path} is a folder; give the name of a file, such as {example}.", parameter=parameter
            )
        if path.exists() and not path.is_file():
            raise OutputError(f"{path} is not an ordinary file; choose another name.", parameter=parameter)
        if path.exists() and not overwrite:
            raise _taken(path)
        if not folder.is_dir():
            raise OutputError(
                f"The folder {folder} does not exist; create it or choose another one.", parameter=parameter
            )
        if not os.access(folder, os.W_OK):
            raise OutputError(
                f"The folder {folder} cannot be written to; choose another one.", parameter=parameter
            )
    except OSError as error:
        raise output_error(path, error, parameter=parameter) from error


def _taken(path: Path) -> OutputError:
    sentence = f"{path} already exists; choose another name, or allow it to be overwritten."
    return OutputError(sentence, parameter="overwrite")


def output_error(path: Path, error: OSError, *, parameter: str | None = None) -> OutputError:
    """The system's error on writing `path`, as a sentence that says what to do."""
    if error.errno in FULL:
        sentence = f"There is no space left to write {path}; free up some space and try again."
    elif isinstance(error, PermissionError):
        sentence = f"You may not write {path}; choose another folder, or change its permissions."
    else:
        sentence = f"{path} cannot be written: {error.strerror or error}; choose another name or folder."
    return OutputError(sentence, parameter=parameter)


def without_folder(sentence: str, folder: Path) -> str:
    """A sentence that names the files of a folder without it, as somebody does who never saw it."""
    return sentence.replace(f"{folder}{os.sep}", "")


def require_file(path: Path, noun: str, error: type[StudioError], parameter: str) -> None:
    """Refuse a file that is not there, and pipes and devices, which may never end.

    Raises:
        StudioError: of the kind `error`.
    """
    if not os.path.exists(path):  # which, unlike that of the path, does not raise where the name is too long
        raise error(f"There is no {noun} at {path}; check the name.", parameter=parameter)
    if not path.is_file():
        raise error(f"There is a folder or device at {path}; give a {noun}.", parameter=parameter)
