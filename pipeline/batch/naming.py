"""The names of a batch's files: within its folder, each once, and such as every system can store."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath

from pipeline.batch.errors import BatchError
from pipeline.batch.outcomes import RESULTS
from pipeline.files import is_storable

OUTPUT = "output"
"""The column that names the videos."""
SUFFIXES = (".mp4", ".m4v", ".webm", ".mov")
"""Of videos; the last two where the background is transparent, which the check of each row requires."""

_LONGEST = 200
"""Characters of a name with its folders, of which Windows stores 260, and bytes of each of its parts, of
which others store 255; both leave room for the folder of the batch and what is appended.
"""


def stored_name(text: str, row: int, column: str, *, suffixes: tuple[str, ...]) -> str:
    """A name within the folder, with forward slashes, that every system can store.

    Args:
        text: as the cell has it.
        row: the cell's, for errors, as is its `column`.
        suffixes: those that it may end in; the first is suggested.

    Raises:
        BatchError: it leaves the folder, is no name for a file, or ends in something else.
    """
    text = unicodedata.normalize("NFC", text)
    path = PurePosixPath(text.replace("\\", "/"))
    if len(text) > _LONGEST or any(
        len(part.encode(errors="surrogatepass")) > _LONGEST for part in path.parts
    ):
        raise BatchError("the name is too long; give a shorter one.", row=row, column=column)
    shown = text if text.isprintable() else repr(text)
    if path.is_absolute() or PureWindowsPath(text).drive or ".." in path.parts:
        raise BatchError(f"{shown} leaves the folder; give a name within it.", row=row, column=column)
    for part in path.parts:
        if part.startswith((".", "~")) or not is_storable(part):
            fault = _fault(part)
            raise BatchError(f"{shown} is no name for a file: {fault}.", row=row, column=column)
    if path.suffix.lower() not in suffixes:
        right = path.with_suffix(suffixes[0]).name if path.name else f"video{suffixes[0]}"
        kind = "a video" if column == OUTPUT else "a motion file"
        raise BatchError(f"{shown} is not the name of {kind}; call it {right}.", row=row, column=column)
    if str(path).casefold() == RESULTS:
        raise BatchError(f"{shown} is the batch's own file; give another name.", row=row, column=column)
    return str(path)


def _fault(part: str) -> str:
    """Why not every system can store a file or folder of this name, and what to do."""
    if part.startswith((".", "~")):
        return f"it begins with {part[0]}, as hidden files do; begin with a letter or digit"
    if part.endswith((" ", ".")):
        return "Windows drops spaces and dots at the end; remove them"
    if is_storable(f"_{part}"):
        return f"Windows keeps {part.partition('.')[0].strip()} for itself; give another name"
    return "it has characters that some systems do not store; use letters and digits"


def require_within(files: list[str], folder: Path, row: int) -> None:
    """Refuse files that a link in the folder would carry out of it.

    Args:
        files: those that the row names, relative to the folder, its video first.
        folder: the batch's.
        row: its number, for errors.

    Raises:
        BatchError: there is one.
    """
    for name in files:
        place = (folder / name).parent
        if place != folder and not place.resolve().is_relative_to(folder.resolve()):
            sentence = f"{name} leaves the folder through a link in it; give another name."
            raise BatchError(sentence, row=row, column=OUTPUT if name == files[0] else "motion")


def require_unique(files: list[str], row: int, taken: dict[str, int]) -> None:
    """Refuse files that would be written twice, also where a system ignores case, and those named like the
    folder of another.

    Args:
        files: those that the row names, relative to the folder, its video first.
        row: its number.
        taken: row of each name before, and of each folder, with a slash behind it; gets those of this one.

    Raises:
        BatchError: there is one.
    """
    video = files[0]
    stem = PurePosixPath(video).with_suffix("").as_posix() + "."  # their captions would have the same name
    parents = (folder for name in files for folder in PurePosixPath(name).parents)
    folders = [folder.as_posix() for folder in parents if folder.name]
    for name, key in [*((name, f"{name}/") for name in files), *((name, name) for name in folders)]:
        if (other := taken.get(key.casefold(), row)) != row:
            sentence = f"{name} is a folder here and a video in row {other}; give another name."
            if name in files:
                sentence = f"{name} is a video here and a folder in row {other}; give another name."
            raise BatchError(sentence, row=row, column=OUTPUT)
    for name in (*files, stem):
        other = taken.get(name.casefold(), row)
        if other == row:
            continue
        sentence = f"{name} is also the name of row {other}; give each video its own."
        if name == stem:
            sentence = f"{video} differs from row {other} only in its ending; give each video its own name."
        raise BatchError(sentence, row=row, column=OUTPUT)
    taken |= {name.casefold(): row for name in (*files, stem, *(f"{folder}/" for folder in folders))}
