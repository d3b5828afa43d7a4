"""A folder in the layout of the Hub's cache, filled by the tests, for testing the loading of checkpoints.

`place` writes one file as huggingface_hub would have stored it, and returns the checkpoint that describes it;
`use` does so for several keys of `hub.CHECKPOINTS` and points the hub at that folder, offline; `use_other`
puts another file in place of one of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from pipeline import hub
from pipeline.hub.checkpoints import Checkpoint

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def use(patch: pytest.MonkeyPatch, cache: Path, contents: Mapping[str, Any]) -> None:
    """Fill `cache` with a file for each key of `hub.CHECKPOINTS`, and let the hub find nothing else.

    Args:
        contents: for each key what `place` takes.
    """
    point_at(patch, cache, offline=True)
    for key, content in contents.items():
        patch.setitem(hub.CHECKPOINTS, key, place(cache, hub.CHECKPOINTS[key], content))


def use_other(patch: pytest.MonkeyPatch, cache: Path, key: str, content: Any) -> None:
    """Let `hub.CHECKPOINTS[key]` be another file in a folder that `use` has filled, beside the one there."""
    other = place(cache, hub.CHECKPOINTS[key], content, commit=COMMIT[::-1])
    patch.setitem(hub.CHECKPOINTS, key, other)


def point_at(patch: pytest.MonkeyPatch, cache: Path, *, offline: bool, endpoint: str = "") -> None:
    """Point huggingface_hub, which has already read the environment, at another cache (and server)."""
    from huggingface_hub import constants

    patch.delenv(hub.FOLDER, raising=False)
    patch.setattr(constants, "HF_HUB_CACHE", str(cache))
    patch.setattr(constants, "HF_HUB_OFFLINE", offline)
    if endpoint:
        patch.setattr(constants, "ENDPOINT", endpoint)
        patch.setattr(
            constants, "HUGGINGFACE_CO_URL_TEMPLATE", endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        )


def place(cache: Path, checkpoint: Checkpoint, content: Any, *, commit: str = COMMIT) -> Checkpoint:
    """Store `content` as `checkpoint.file`: bytes as they are, anything else as safetensors or pickle,
    depending on the suffix."""
    data = content if isinstance(content, bytes) else serialised(checkpoint.file, content)
    digest = hashlib.sha256(data).hexdigest()
    repo = cache / f"models--{checkpoint.repo.replace('/', '--')}"
    blob, pointer = repo / "blobs" / digest, repo / "snapshots" / commit / checkpoint.file
    for folder in (blob.parent, pointer.parent, repo / "refs"):
        folder.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(data)
    (repo / "refs" / "main").write_text(commit)
    pointer.unlink(missing_ok=True)
    pointer.symlink_to(blob)
    return replace(checkpoint, revision=commit, sha256=digest, size=len(data))


def serialised(name: str, content: Any) -> bytes:
    """The bytes of a checkpoint file called `name` with this content."""
    if name.endswith(".safetensors"):
        from safetensors.torch import save

        return save({key: value.contiguous() for key, value in content.items()})
    import torch

    buffer = BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()
