"""Writes the video of one segment."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pipeline.script.document import Output
from pipeline.video import Writer


def segment_writer(
    path: Path, output: Output, finalizers: Sequence[Callable[[Path], object]], *, channels: int = 1
) -> Writer:
    """A writer of frames as the film has them, RGB or RGBA, and of sound without loss.

    Args:
        path: the segment's; the name says nothing of its kind.
        output: of the film.
        finalizers: as for `Writer`.
        channels: of the sound.
    """
    return Writer(
        path,
        size=output.size,
        fps=output.fps,
        channels=channels,
        alpha=output.alpha,
        overwrite=True,
        lossless=True,
        finalizers=finalizers,
    )
