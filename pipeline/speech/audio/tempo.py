"""The pace of sound that is spoken already, at the same pitch: FFmpeg's `atempo`, an overlap-add by likeness.

For voices whose networks set their own pace.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np


def at_pace(samples: np.ndarray, rate: int, pace: float) -> np.ndarray:
    """The same speech at another pace.

    Args:
        samples: `(N,)` float32 mono at `rate` Hz.
        pace: factor on the speed, 0.5 to 2.
    """
    if pace == 1.0 or not len(samples):
        return samples
    import av

    graph = av.filter.Graph()
    source: Any = graph.add_abuffer(
        sample_rate=rate, format="flt", layout="mono", time_base=Fraction(1, rate)
    )
    tempo: Any = graph.add("atempo", f"{pace:.4f}")
    sink: Any = graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[None], np.float32), "flt", "mono")
    frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
    source.push(frame)
    source.push(None)
    return _pulled(sink)


def _pulled(sink: Any) -> np.ndarray:
    """All that comes out of a filter."""
    import av

    pieces = [np.zeros(0, np.float32)]
    while True:
        try:
            pieces.append(sink.pull().to_ndarray()[0])
        except (av.error.EOFError, BlockingIOError):
            return np.concatenate(pieces)
