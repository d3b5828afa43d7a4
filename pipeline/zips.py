"""Files out of a ZIP that anybody may have written.

Only plain files are taken out, into a folder of their own, after all of their names and sizes were checked.
"""

from __future__ import annotations

import shutil
import stat
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from os import utime
from pathlib import Path, PurePosixPath

from pipeline.errors import OutputError, StudioError
from pipeline.files import is_storable, output_error

_MOST_FILES = 5_000
_LONGEST_NAME = 200
"""Bytes of a part of a file's name; systems have 255."""
_DEEPEST = 12
"""Folders inside folders."""
_LEFT_OUT = ("__MACOSX", ".DS_Store", "Thumbs.db")
"""What systems add by themselves."""
_BLOCK = 1 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What zipfile raises on damaged files."""

Refusal = Callable[[str], StudioError]
"""Makes an error of a sentence."""


@dataclass(frozen=True)
class Opened:
    """A ZIP whose names and sizes were checked."""

    source: Path
    archive: zipfile.ZipFile
    entries: Mapping[str, zipfile.ZipInfo]
    """Its plain files, by their names."""

    def write(self, folder: Path, names: Mapping[str, str]) -> None:
        """Unpack files.

        Args:
            names: of the files to write below `folder`, each with its name in the ZIP.

        Raises:
            OutputError: there is no room, or they cannot be written.
        """
        entries = {name: self.entries[inside] for name, inside in names.items()}
        if sum(entry.file_size for entry in entries.values()) > shutil.disk_usage(folder).free:
            raise OutputError(f"There is no space left to unpack {self.source.name}; free up some space.")
        for name, entry in entries.items():
            self._write(entry, folder / name)

    def _write(self, entry: zipfile.ZipInfo, target: Path) -> None:
        """Unpack a file, no further than its size; its time is kept, by which long files are known."""
        with self.archive.open(entry) as packed, _writing(target) as file:
            while block := packed.read(_BLOCK):
                file(block)
        with suppress(OSError, ValueError, OverflowError):
            modified = time.mktime((*entry.date_time, 0, 0, -1))
            utime(target, (modified, modified))


@contextmanager
def opened(source: Path, refused: Refusal, *, largest: int) -> Iterator[Opened]:
    """A ZIP, for as long as the block runs; what is wrong with it in the block is one sentence.

    Args:
        refused: makes the error for what is wrong with the ZIP.
        largest: bytes that it may unpack to.

    Raises:
        StudioError: of `refused`: there is none, it is damaged or too large, or holds what is no plain file.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            yield Opened(source, archive, _checked(source, archive, refused, largest))
    except StudioError:
        raise
    except FileNotFoundError as error:
        raise refused(f"There is no ZIP at {source}; check the name.") from error
    except _UNREADABLE as error:
        raise refused(f"{source.name} is no ZIP, or it is damaged; save it again.") from error


def folded(name: str) -> str:
    """Equal for names that some systems take for one."""
    return unicodedata.normalize("NFC", name).casefold()


def _checked(
    source: Path, archive: zipfile.ZipFile, refused: Refusal, largest: int
) -> dict[str, zipfile.ZipInfo]:
    found: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for entry in archive.infolist():
        parts = PurePosixPath(entry.filename).parts
        if parts and (parts[0] in _LEFT_OUT or parts[-1] in _LEFT_OUT):
            continue
        if (wrong := _fault(entry)) is not None:
            raise refused(f"{source.name} {wrong}")
        if entry.is_dir():
            continue
        name = folded(entry.filename)
        if name in seen:
            raise refused(f"{source.name} holds {entry.filename} twice; leave one of them out.")
        seen.add(name)
        found[PurePosixPath(entry.filename).as_posix()] = entry
        if len(found) > _MOST_FILES:
            raise refused(f"{source.name} holds more than {_MOST_FILES:,} files; leave out what is not used.")
    if any(str(parent) in seen for name in seen for parent in PurePosixPath(name).parents):
        raise refused(f"{source.name} holds a file and a folder of the same name; rename one of them.")
    if sum(entry.file_size for entry in found.values()) > largest:
        raise refused(f"{source.name} unpacks to more than {largest / 1e9:g} GB; make its videos smaller.")
    return found


def _fault(entry: zipfile.ZipInfo) -> str | None:
    """What speaks against unpacking an entry; None for nothing."""
    name = entry.orig_filename
    parts = name.rstrip("/").split("/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & 0x1:
        return "has a password; save it without one."
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return f"holds {name}, which is a link or no plain file; only plain files are unpacked."
    if any(part in ("", ".", "..") for part in parts) or any(mark in name for mark in "\\:\0"):
        return f"holds {name!r}, which leads out of its folder; only plain files are unpacked."
    if not all(map(is_storable, parts)):
        return f"holds {name!r}, a name that some systems cannot store; rename that file."
    if len(parts) > _DEEPEST or any(len(part.encode()) > _LONGEST_NAME for part in parts):
        return "holds a file whose name is too long; rename that file."
    return None


@contextmanager
def _writing(target: Path) -> Iterator[Callable[[bytes], None]]:
    """Write a file; that it cannot be written is not the ZIP's fault."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        file = target.open("wb")
    except OSError as error:
        raise output_error(target, error) from error

    def write(block: bytes) -> None:
        try:
            file.write(block)
        except OSError as error:
            raise output_error(target, error) from error

    with file:
        yield write
