"""Projects as one file: a ZIP with a script and the files that it names.

Anybody may have written such a file, so its script may name only files that came with it.
"""

from __future__ import annotations

import shutil
import stat
import tempfile
import weakref
from collections.abc import Iterable
from contextlib import suppress
from copy import deepcopy
from os import PathLike
from pathlib import Path

from pipeline import zips
from pipeline.errors import OutputError
from pipeline.files import output_error
from pipeline.script.contents import Content, as_yaml, keep_inside
from pipeline.script.document import Script
from pipeline.script.errors import ScriptError
from pipeline.script.located import read_located
from pipeline.script.reading import read_script

SUFFIX = ".zip"
LARGEST = 4_000_000_000
"""Bytes that a project may unpack to."""
_SCRIPTS = (".yaml", ".yml", ".json")
_PREFERRED = ("talk", "script")
"""Names of the script, where several files could be it."""
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
    if not source.is_file():
        raise _refused(f"There is no project at {source}; check the name.")
    with zips.opened(source, _refused, largest=largest) as archive:
        names = _without_top(archive.entries)
        script = _script_among(source, names)
        archive.write(folder, names)
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


def _without_top(found: Iterable[str]) -> dict[str, str]:
    """The names without the folder that all files lie in, as where a folder was made a ZIP by hand."""
    tops = {name.partition("/")[0] for name in found}
    if len(tops) != 1 or any("/" not in name for name in found):
        return {name: name for name in found}
    return {name.partition("/")[2]: name for name in found}


def _script_among(source: Path, names: Iterable[str]) -> str:
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


def _refused(sentence: str) -> ScriptError:
    return ScriptError(sentence, parameter="document")
