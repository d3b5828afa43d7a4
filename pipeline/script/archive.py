"""Projects as one file: a ZIP with a script and the files that it names.

Anybody may have written such a file. Only plain files are taken out of it, into a folder of their own, after
all of their names and sizes were checked; and its script may name only files that came with it.
"""

from __future__ import annotations

import shutil
import stat
import tempfile
import time
import unicodedata
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import deepcopy
from os import PathLike, utime
from pathlib import Path, PurePosixPath

from pipeline.errors import OutputError, StudioError
from pipeline.files import is_storable, output_error
from pipeline.script.contents import Content, as_yaml, keep_inside
from pipeline.script.document import Script
from pipeline.script.errors import ScriptError
from pipeline.script.located import read_located
from pipeline.script.reading import read_script

SUFFIX = ".zip"
LARGEST = 4_000_000_000
"""Bytes that a project may unpack to."""
_MOST_FILES = 2_000
_LONGEST_NAME = 200
"""Bytes of a part of a file's name; systems have 255."""
_DEEPEST = 12
"""Folders inside folders."""
_SCRIPTS = (".yaml", ".yml", ".json")
_PREFERRED = ("talk", "script")
"""Names of the script, where several files could be it."""
_LEFT_OUT = ("__MACOSX", ".DS_Store", "Thumbs.db")
"""What systems add by themselves."""
_BLOCK = 1 << 20
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)
"""What zipfile raises on damaged files."""
_MISSING = "The script names {}, which is not in the project; add that file."


def unpack(archive: str | PathLike[str], folder: str | PathLike[str], *, largest: int = LARGEST) -> Path:
    """Take a project out of its ZIP, and return its script's file.

    Args:
        archive: the ZIP.
        folder: where to; it must not exist, or be empty. It stays as it is if anything is wrong.
        largest: bytes that it may unpack to.

    Raises:
        ScriptError: the file is no project, is damaged or too large, or holds what is no plain file.
        OutputError: the folder is not empty, or cannot be written to.
    """
    source, target = Path(archive), Path(folder).absolute()
    _claim_folder(target)
    try:
        unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", dir=target.parent))
    except OSError as error:
        raise output_error(target, error) from error
    try:
        name = _extract(source, unfinished, largest)
        unfinished.chmod(0o755)
        with suppress(FileNotFoundError):
            unfinished.chmod(stat.S_IMODE(target.stat().st_mode))  # a visitor's folder stays closed to others
            target.rmdir()
        unfinished.replace(target)
    except OSError as error:
        raise output_error(target, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return target / name


def read_archive(path: Path) -> Script:
    """The script of a project that stays in its ZIP; its film goes beside that.

    The files are unpacked into a temporary folder, which goes when the script is no longer used.

    Raises:
        ScriptError: as for `unpack`.
    """
    folder = _Temporary()
    file = unpack(path, folder.path)
    script = read_script(file)
    film = script.output.model_copy(update={"path": path.absolute().parent / script.output.path.name})
    source = (path / file.name, read_located(file).dotted())
    return script.model_copy(update={"output": film}).within(script.folder, source=source, keeps=folder)


class _Temporary:
    """A folder that is removed with this object, or as the program ends."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="talking-head-studio-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def folded(name: str) -> str:
    """Equal for names that some systems take for one."""
    return unicodedata.normalize("NFC", name).casefold()


def _claim_folder(folder: Path) -> None:
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise OutputError(f"{folder} exists and is not an empty folder; choose another name.")
    except OSError as error:
        raise output_error(folder, error) from error
    if not folder.parent.is_dir():
        raise OutputError(f"The folder {folder.parent} does not exist; create it or choose another one.")


def _extract(source: Path, folder: Path, largest: int) -> str:
    """Unpack into an empty folder, and return the script's name."""
    with _understood(source), zipfile.ZipFile(source) as archive:
        entries = _checked(source, archive, largest)
        script = _script_among(source, entries)
        free = shutil.disk_usage(folder).free
        if sum(entry.file_size for entry in entries.values()) > free:
            raise OutputError(f"There is no space left to unpack {source.name}; free up some space.")
        for name, entry in entries.items():
            _write(archive, entry, folder / name)
    try:
        read_script(folder / script)
    except ScriptError as error:
        raise ScriptError(
            error.sentence, path=source / script, line=error.line, parameter=error.parameter
        ) from error
    before = read_located(folder / script).value
    content: Content = deepcopy(before)
    keep_inside(content, folder, missing=_MISSING)
    if content != before:
        (folder / script).write_text(as_yaml(content), encoding="utf-8", newline="\n")
    return script


def _checked(source: Path, archive: zipfile.ZipFile, largest: int) -> dict[str, zipfile.ZipInfo]:
    """The plain files by their names, without a folder around all of them."""
    found: dict[str, zipfile.ZipInfo] = {}
    seen: set[str] = set()
    for entry in archive.infolist():
        parts = PurePosixPath(entry.filename).parts
        if parts and (parts[0] in _LEFT_OUT or parts[-1] in _LEFT_OUT):
            continue
        _check_entry(source, entry)
        if entry.is_dir():
            continue
        name = folded(entry.filename)
        if name in seen:
            raise _refused(source, f"holds {entry.filename} twice")
        seen.add(name)
        found[PurePosixPath(entry.filename).as_posix()] = entry
        if len(found) > _MOST_FILES:
            raise _refused(source, f"holds more than {_MOST_FILES:,} files")
    if any(str(parent) in seen for name in seen for parent in PurePosixPath(name).parents):
        raise _refused(source, "holds a file and a folder of the same name")
    if sum(entry.file_size for entry in found.values()) > largest:
        raise ScriptError(
            f"{source.name} unpacks to more than {largest / 1e9:g} GB; make its videos smaller.",
            parameter="document",
        )
    return _without_top(found)


def _check_entry(source: Path, entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename
    parts = name.rstrip("/").split("/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & 0x1:
        raise ScriptError(f"{source.name} has a password; save it without one.", parameter="document")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise _refused(source, f"holds {name}, which is a link or no plain file")
    if any(part in ("", ".", "..") for part in parts) or any(mark in name for mark in "\\:\0"):
        raise _refused(source, f"holds {name!r}, which leads out of its folder")
    if not all(map(is_storable, parts)):
        raise ScriptError(
            f"{source.name} holds {name!r}, a name that some systems cannot store; rename that file.",
            parameter="document",
        )
    if len(parts) > _DEEPEST or any(len(part.encode()) > _LONGEST_NAME for part in parts):
        raise _refused(source, "holds a file whose name is too long")


def _without_top(found: dict[str, zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    """Without the folder that all files lie in, as where a folder was made a ZIP by hand."""
    tops = {name.partition("/")[0] for name in found}
    if len(tops) != 1 or any("/" not in name for name in found):
        return found
    return {name.partition("/")[2]: entry for name, entry in found.items()}


def _script_among(source: Path, names: dict[str, zipfile.ZipInfo]) -> str:
    scripts = [name for name in names if "/" not in name and Path(name).suffix.lower() in _SCRIPTS]
    preferred = [name for name in scripts if Path(name).stem.lower() in _PREFERRED]
    for candidates in (preferred, scripts):
        if len(candidates) == 1:
            return candidates[0]
    many = "several scripts" if scripts else "no script"
    raise ScriptError(
        f"There is {many} in {source.name}; a project has one YAML file, called talk.yaml.",
        parameter="document",
    )


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Unpack a file, no further than its size; its time is kept, by which long files are known."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with archive.open(entry) as packed, target.open("xb") as file:
        while block := packed.read(_BLOCK):
            file.write(block)
    with suppress(OSError, ValueError, OverflowError):
        modified = time.mktime((*entry.date_time, 0, 0, -1))
        utime(target, (modified, modified))


@contextmanager
def _understood(source: Path) -> Iterator[None]:
    """Say what is wrong with a file that cannot be unpacked."""
    try:
        yield
    except StudioError:
        raise
    except FileNotFoundError as error:
        raise ScriptError(
            f"There is no project at {source}; check the name.", parameter="document"
        ) from error
    except _UNREADABLE as error:
        raise ScriptError(
            f"{source.name} is no ZIP, or it is damaged; save it again.", parameter="document"
        ) from error


def _refused(source: Path, sentence: str) -> ScriptError:
    return ScriptError(f"{source.name} {sentence}; a project has plain files only.", parameter="document")
