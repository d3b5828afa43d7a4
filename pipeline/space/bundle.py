"""The files of a Space: those of the checkout that git tracks and the Spacefile includes."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from pipeline.errors import SpaceError
from pipeline.space.header import with_header
from pipeline.space.spacefile import Spacefile

LARGEST_BYTES = 1_000_000_000
"""Size of a Space's repository that the Hub accepts; weights belong in `preload` or a volume."""

_MB = 1e6
_WILDCARD = re.compile(r"[*?\[]")


def stage(spacefile: Spacefile, path: Path, folder: Path) -> None:
    """Copy a Space's files into an empty folder: README.md with its header from the Spacefile, and that too.

    Args:
        path: where the Spacefile is; its folder is the checkout.

    Raises:
        SpaceError: it is not a git checkout, its files are too large for a Space, one without which there is
            no Space is not among them, or a link leads to what git does not track.
    """
    root = path.absolute().parent
    known = tracked(root)
    names = [name for name in known if is_included(name, spacefile)]
    for needed in ("README.md", "requirements.txt", spacefile.app):
        if needed not in names:
            raise SpaceError(
                f"The Space needs {needed}, which git does not track here or the Spacefile does not include."
            )
    _check_links(root, names, known)
    _check_size(root, names)
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, target)
    shutil.copyfile(path, folder / "Spacefile")
    readme = folder / "README.md"
    text = with_header(readme.read_text(encoding="utf-8"), spacefile)
    readme.write_text(text, encoding="utf-8", newline="\n")


def tracked(root: Path) -> list[str]:
    """Paths, relative to `root` and with slashes, of the files that git tracks and that are there.

    Raises:
        SpaceError: git is missing, or `root` is not a checkout.
    """
    command = ["git", "-C", os.fspath(root), "ls-files", "-z", "--cached"]
    try:
        listed = subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError as error:
        raise SpaceError("A Space holds what git tracks, and git is not installed; install it.") from error
    except subprocess.CalledProcessError as error:
        raise SpaceError(
            f"A Space holds what git tracks, and {root} is not a git checkout; clone the repository."
        ) from error
    names = [os.fsdecode(name) for name in listed.stdout.split(b"\0") if name]
    return sorted({name for name in names if (root / name).is_file()})


def is_included(name: str, spacefile: Spacefile) -> bool:
    """Whether the Spacefile wants a file in the Space."""
    return _matches(name, spacefile.include) and not _matches(name, spacefile.exclude)


def digest(path: Path, *, large: bool) -> str:
    """A file's checksum as the Hub lists it: SHA-256 of a large file, of others git's SHA-1 of the blob."""
    data = path.read_bytes()
    if large:
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0%b" % (len(data), data), usedforsecurity=False).hexdigest()


def _matches(name: str, patterns: Iterable[str]) -> bool:
    """Whether a file is one of these, lies in one of these folders, or fits one of these patterns.

    A pattern without a slash fits files of that kind in every folder.
    """
    base = name.rpartition("/")[2]

    def fits(pattern: str) -> bool:
        if pattern.endswith("/"):
            return name.startswith(pattern)
        anywhere = _WILDCARD.search(pattern) and "/" not in pattern
        return fnmatchcase(base if anywhere else name, pattern)

    return any(fits(pattern) for pattern in patterns)


def _check_links(root: Path, names: list[str], known: list[str]) -> None:
    """Refuse links out of what git tracks: the Space would get, and show, a file that nobody chose for it."""
    links = [name for name in names if (root / name).is_symlink()]
    files = {(root / name).resolve() for name in known if not (root / name).is_symlink()} if links else set()
    for name in links:
        if (root / name).resolve() not in files:
            raise SpaceError(
                f"{name} is a link to a file that git does not track here; exclude it, or add the file.",
                parameter="exclude",
            )


def _check_size(root: Path, names: list[str]) -> None:
    sizes = {name: (root / name).stat().st_size for name in names}
    total = sum(sizes.values())
    if total > LARGEST_BYTES:
        largest = max(sizes, key=sizes.__getitem__)
        raise SpaceError(
            f"The files of the Space have {total / _MB:,.0f} MB, more than the {LARGEST_BYTES / _MB:,.0f} MB "
            f"that a Space may hold; exclude the largest, {largest} ({sizes[largest] / _MB:,.0f} MB).",
            parameter="exclude",
        )
