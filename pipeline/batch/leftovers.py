"""What killed workers left of a batch's videos: unfinished files beside them."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from pipeline.batch.rendering import THUMBNAILS
from pipeline.files import shown_name, unfinished_files


def discard_unfinished(folder: Path, names: Iterable[str]) -> None:
    """Remove what is unfinished of these files, of their captions and their pictures.

    Args:
        folder: the batch's, which nobody else writes these files into.
        names: relative to it, with forward slashes.
    """
    stems = defaultdict[PurePosixPath, set[str]](set)
    for file in map(PurePosixPath, names):
        stems[file.parent].add(shown_name(file.stem))
    for parent, own in stems.items():
        for place in (folder / parent, folder / THUMBNAILS / parent):
            for name, part in unfinished_files(place):
                if not own.isdisjoint(_stems(name)):
                    with suppress(OSError):
                        os.unlink(part)


def _stems(name: str) -> set[str]:
    """The name of a file, and what it begins with up to each of its dots."""
    parts = name.split(".")
    return {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
