"""Whole folders of a repository on the Hugging Face Hub, for models published in many files (shards).

`pipeline.hub` finds, downloads and verifies the files; which ones there are, the Hub says, or an index among
them that names all shards. Without a connection, what is on this machine is used, if it is whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path

from pipeline import hub
from pipeline.errors import CheckpointError
from pipeline.hub.checkpoints import Checkpoint
from pipeline.hub.errors import failure_reason
from pipeline.inference.weights import damaged

_INDEX = ".index.json"
"""Ending of the name of a file that lists shards."""


def snapshot(
    repo: str,
    revision: str,
    patterns: Sequence[str],
    *,
    engine: str,
    progress: hub.Progress | None = None,
) -> Path:
    """A folder with all files of a repository that match, in their places.

    Args:
        repo: `owner/name`.
        revision: a commit, so that the files are always the same.
        patterns: shell patterns of paths in the repository: "config.json", "transformer/*". Each is needed.
        engine: what needs it, as a noun for a sentence: "head engine x".
        progress: told of the bytes, of one file after the other, while downloading.

    Raises:
        CheckpointError: a file cannot be had, or is damaged and cannot be replaced.
    """
    here = _local_files(repo, revision, patterns)
    local = [Checkpoint(repo, name, 0, "", False, engine, revision) for name in here]
    files = local if _is_whole(local, patterns) else _listed(repo, revision, patterns, engine)
    paths = [hub.fetch(file, progress=progress) for file in files]
    return _root(paths[0], files[0].file)


def _local_files(repo: str, revision: str, patterns: Sequence[str]) -> list[str]:
    """Those that are on this machine."""
    for folder in _local_folders(repo, revision):
        found = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
        if found := [name for name in found if _matches(name, patterns)]:
            return found
    return []


def _local_folders(repo: str, revision: str) -> list[Path]:
    """Where files may lie: placed by hand, or in the Hub's cache."""
    placed = os.environ.get(hub.FOLDER)
    return [*([Path(placed, repo)] if placed else []), hub.cache_folder(repo) / "snapshots" / revision]


def _is_whole(local: list[Checkpoint], patterns: Sequence[str]) -> bool:
    """Whether nothing can be missing of what is here: every pattern is met, and every shard that an index
    names is there."""
    names = {file.file for file in local}
    if _unmet(names, patterns):
        return False
    indices = [file for file in local if file.file.endswith(_INDEX)]
    shards = {shard for index in indices for shard in _shards(index)}
    return shards <= names and (bool(indices) or names == set(patterns))


def _shards(index: Checkpoint) -> set[str]:
    """The paths in the repository of the shards that an index names."""
    path = hub.fetch(index)
    try:
        named = set(json.loads(path.read_text(encoding="utf-8"))["weight_map"].values())
        return {(Path(index.file).parent / name).as_posix() for name in named}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(path) from error


def _listed(repo: str, revision: str, patterns: Sequence[str], engine: str) -> list[Checkpoint]:
    """The files that match, as the Hub lists them, with the checksums of the large ones."""
    from huggingface_hub import HfApi, constants
    from huggingface_hub.errors import HTTPError
    from huggingface_hub.hf_api import RepoFile

    try:
        hub.require_connection()
        listed = HfApi(endpoint=constants.ENDPOINT).list_repo_tree(repo, revision=revision, recursive=True)
        files = [entry for entry in listed if isinstance(entry, RepoFile) and _matches(entry.path, patterns)]
    except (HTTPError, OSError, ValueError) as error:  # HfHubHTTPError is an OSError or an HTTPError
        reason, advice = failure_reason(error)
        raise CheckpointError(f"The {engine} needs {repo} from the Hub, but {reason}; {advice}.") from error
    if lacking := _unmet({file.path for file in files}, patterns):
        raise CheckpointError(f"{repo} on the Hub has no {lacking[0]}; update this program.")
    sums = [file.lfs.sha256 if file.lfs else None for file in files]
    return [
        Checkpoint(repo, file.path, file.size, "", False, engine, revision, checksum)
        for file, checksum in zip(files, sums, strict=True)
    ]


def _unmet(names: set[str], patterns: Sequence[str]) -> list[str]:
    """The patterns that no file matches."""
    return [pattern for pattern in patterns if not any(fnmatch(name, pattern) for name in names)]


def _matches(name: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _root(path: Path, name: str) -> Path:
    """The folder in which a file lies under its name in the repository."""
    return path.parents[len(Path(name).parts) - 1]
