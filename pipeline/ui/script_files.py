"""The files of a script on the page, which all lie in the folder of its project."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path


def is_video_name(name: str) -> bool:
    """Whether a presenter's file is a video by its name."""
    return Path(name).suffix.lower() in (".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi")


def inside(file: Path, folder: Path) -> str:
    """The name of a file in the folder, after it was copied there if need be; other files keep theirs."""
    if file.is_relative_to(folder):
        return file.relative_to(folder).as_posix()
    target, count = folder / file.name, 1
    while target.exists() and not filecmp.cmp(file, target, shallow=False):
        count += 1
        target = folder / f"{file.stem}-{count}{file.suffix}"
    if not target.exists():
        shutil.copy(file, target)
    return target.name
