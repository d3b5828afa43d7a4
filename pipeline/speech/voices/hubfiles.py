"""A voice's files from the Hugging Face Hub, by the same door as the engines' weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline import hub
from pipeline.engines import VoiceCard


def fetch(repo: str, filename: str, card: VoiceCard) -> Path:
    """The local copy of a file of a Hub repository, pulled where it is not here yet; see `hub.fetch`.

    Raises:
        CheckpointError: the file is not here and cannot be had; the sentence says where to place it.
    """
    return hub.fetch(
        hub.Checkpoint(
            repo=repo,
            file=filename,
            size=card.download_bytes,
            licence=card.licence,
            commercial=card.commercial,
            engine=f"voice {card.name}",
        )
    )


def fetch_all(repo: str, filenames: Sequence[str], card: VoiceCard) -> Path:
    """The folder that holds local copies of several files of a Hub repository; see `fetch`."""
    paths = [fetch(repo, filename, card) for filename in filenames]
    return paths[0].parent
