"""A script and the files that it names become a project: one ZIP, which `archive` unpacks."""

from __future__ import annotations

import zipfile
from copy import deepcopy
from os import PathLike
from pathlib import Path

from pipeline.cards import Layer
from pipeline.errors import OutputError
from pipeline.files import claim, is_storable, storable, written_whole
from pipeline.script.archive import SUFFIX
from pipeline.script.contents import Content, as_yaml, named_files, split_name
from pipeline.script.errors import ScriptError
from pipeline.script.located import read_located
from pipeline.script.reading import read_script
from pipeline.zips import folded

_ELSEWHERE = "files"
"""Folder of the files that do not lie beside the script."""
_PACKED = (".jpg", ".jpeg", ".png", ".webp", ".mp4", ".mov", ".m4v", ".webm", ".mp3", ".m4a", ".pptx", ".pdf")
"""Ends of names of files that become no smaller."""


def pack(script: str | PathLike[str], output: str | PathLike[str], *, overwrite: bool = False) -> Path:
    """Write a script with all the files that it names into one ZIP, which `unpack` and `render` take.

    Args:
        script: its file.
        output: the ZIP to write.
        overwrite: whether an existing file may be replaced.

    Raises:
        ScriptError: the script cannot be read, or a file that it names is not there.
        OutputError: the file cannot be written, or exists.
    """
    source, target = Path(script), Path(output)
    if target.suffix.lower() != SUFFIX:
        raise OutputError(f"A project is a ZIP file; call it {target.with_suffix(SUFFIX).name}.")
    claim(target, overwrite=overwrite)
    read_script(source)
    content: Content = deepcopy(read_located(source).value)
    files = _gathered(content, source.parent)
    whole = written_whole(target, overwrite=overwrite)
    with whole as part, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{storable(source.stem)}.yaml", as_yaml(content))
        for name, path in files.items():
            how = zipfile.ZIP_STORED if path.suffix.lower() in _PACKED else zipfile.ZIP_DEFLATED
            archive.write(path, name, how)
    return target


def _gathered(content: Content, folder: Path) -> dict[str, Path]:
    """The files of a script by their names in the ZIP, which it names them by from now on."""
    files, taken = dict[str, Path](), dict[str, Path]()
    for presenter in (content.get("presenters") or {}).values():
        _refuse_file_options(presenter)
    for holder, key in named_files(content):
        value, number = split_name(str(holder[key])) or ("", "")
        path = (folder / Path(value).expanduser()).resolve()
        if not path.is_file():
            raise ScriptError(f"There is no file {folder / value}; check the name.", parameter=str(key))
        name = _name_in_archive(path, folder.resolve())
        stem, count = name.stem, 1
        while taken.setdefault(folded(name.as_posix()), path) != path:
            count += 1
            name = Path(_ELSEWHERE, f"{stem}-{count}{name.suffix}")
        files[name.as_posix()] = path
        holder[key] = name.as_posix() + number
    return files


def _name_in_archive(path: Path, home: Path) -> Path:
    """Where a file goes: where it lies beside the script, if every system can store that."""
    if path.is_relative_to(home) and all(map(is_storable, path.relative_to(home).parts)):
        return path.relative_to(home)
    return Path(_ELSEWHERE, storable(path.name))


def _refuse_file_options(presenter: Content) -> None:
    """A project carries no files that options of engines name."""
    from pipeline import engines, options

    layers: tuple[Layer, ...] = ("head", "lips")
    for layer in layers:
        engine, given = presenter.get(layer), presenter.get(f"{layer}_options") or {}
        if engine not in engines.ENGINES[layer]:
            continue
        for field in options.fields(engines.option_type(layer, engine)):
            if field.kind == "file" and field.name in given:
                raise ScriptError(
                    f"{field.name} names a file, which a project cannot carry; leave it out.",
                    parameter=f"{layer}_options",
                )
