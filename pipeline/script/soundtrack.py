"""The sound of a film: every line in its place, at one loudness over the whole.

The segments keep their sound without loss, so it is read twice: once to measure, once to be encoded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from pipeline.script.document import Script
from pipeline.script.segments import Segment, read_segment_sound


@contextmanager
def soundtrack(script: Script, segments: list[Segment]) -> Iterator[tuple[Iterator[np.ndarray], int]]:
    """The sound in blocks, `(N,)` or `(N, 2)` float32 at 48 kHz, and its number of channels."""
    yield _speech(segments, script.output.fps), 1


def _speech(segments: list[Segment], fps: int) -> Iterator[np.ndarray]:
    for segment in segments:
        yield from read_segment_sound(segment, fps)
