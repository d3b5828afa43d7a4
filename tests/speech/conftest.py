"""What the room's tests share: a few sentences, synthesised once, and a way to write sound files."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
import pytest

from pipeline.speech import speak
from pipeline.types import RATE, Speech

TEXT = (
    "Bob put a big paper map up in my room. Maybe people by the harbor buy pumpkin pie! "
    "Five very brave farmers found 25 foxes, didn't they?"
)


class SoundWriter(Protocol):
    """Writes a sound file through FFmpeg and returns its path."""

    def __call__(
        self, name: str, samples: np.ndarray, *, rate: int = ..., codec: str = ..., layout: str = ...
    ) -> Path: ...


@pytest.fixture(scope="session")
def parts() -> list[Speech]:
    """`TEXT` in the embedded voice, 25 fps."""
    return list(speak(TEXT))


@pytest.fixture
def write_sound(tmp_path: Path) -> SoundWriter:
    """A writer of files in the test's own folder."""

    def write(
        name: str, samples: np.ndarray, *, rate: int = RATE, codec: str = "pcm_s16le", layout: str = "mono"
    ) -> Path:
        import av

        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=rate, layout=layout)
            channels = 2 if layout == "stereo" else 1
            shaped = np.ascontiguousarray(np.tile(samples.astype(np.float32), (channels, 1)))
            frame = av.AudioFrame.from_ndarray(shaped, format="fltp", layout=layout)
            frame.rate, frame.pts = rate, 0
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return write
