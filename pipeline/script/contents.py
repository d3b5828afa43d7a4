"""A script as plain values: the files that it names, and the text of its own file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from pipeline.script.errors import ScriptError

Content = dict[str, Any]
"""A script as its file has it."""

_BRAND_FILES = ("font", "logo", "intro", "outro", "music", "background")


_PRESENTER_FILES = ("subject", "voice_from")
"""Fields of a presenter that name one file each."""


def as_yaml(content: Content) -> str:
    """A script's file."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def named_files(content: Content) -> Iterator[tuple[Any, Any]]:
    """Where a script names a file: a mapping or list, and the key in it. Colours and `blur` are no files."""
    for holder, key in _named(content):
        if holder[key] and split_name(str(holder[key])) is not None:
            yield holder, key


def split_name(value: str) -> tuple[str, str] | None:
    """What a script names as file and, of a slide, "#" with its number; None for a colour or `blur`."""
    from pipeline.stage.backgrounds import BLUR, colour, slide_of

    if value == BLUR or colour(value) is not None:
        return None
    slide = slide_of(value)
    if slide is None or "#" not in value:
        return value, ""
    path, mark, number = value.rpartition("#")
    return path, mark + number


def keep_inside(content: Content, folder: Path, *, missing: str) -> None:
    """Make every file that the script names one of the folder, and its name relative to that.

    Args:
        content: changed in place. A path that leads nowhere in the folder stands for a file of that name.
        folder: where its files are; there are no links in it.
        missing: what to say of a file that is not there, with its name for `{}`.

    Raises:
        ScriptError: a file is not there.
    """
    for holder, key in named_files(content):
        path, number = split_name(str(holder[key])) or ("", "")
        found = next((each for each in (path, Path(path).name) if is_inside(each, folder)), None)
        if found is None:
            raise ScriptError(missing.format(path), parameter=str(key))
        holder[key] = Path(os.path.normpath(found)).as_posix() + number


def is_inside(name: str, folder: Path) -> bool:
    """Whether a name, relative to a folder, is that of a file in it."""
    return _stays_inside(name, folder) and Path(os.path.normpath(folder / name)).is_file()


def leads_outside(content: Content, folder: Path) -> bool:
    """Whether the script names a file that is not of the folder; one that has gone from it is."""
    names = ((split_name(str(holder[key])) or ("", ""))[0] for holder, key in named_files(content))
    return not all(_stays_inside(name, folder) for name in names)


def _stays_inside(name: str, folder: Path) -> bool:
    if not name or "\0" in name or Path(name).is_absolute():
        return False
    return Path(os.path.normpath(folder / name)).is_relative_to(os.path.normpath(folder))


def _named(content: Content) -> Iterator[tuple[Any, Any]]:
    holders: list[tuple[Any, tuple[str, ...]]] = [(content.get("brand") or {}, _BRAND_FILES)]
    for presenter in (content.get("presenters") or {}).values():
        several = presenter.get("teeth_from")
        holders.append(
            (presenter, (*_PRESENTER_FILES, *(() if isinstance(several, list) else ("teeth_from",))))
        )
        if isinstance(several, list):
            yield from ((several, number) for number in range(len(several)))
    for scene in content["scenes"]:
        holders.append((scene, ("background",)))
        holders += [(each, ("audio",)) for each in scene.get("lines") or [] if isinstance(each, dict)]
    yield from ((holder, key) for holder, keys in holders for key in keys if key in holder)
