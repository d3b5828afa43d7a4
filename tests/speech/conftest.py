"""What the tests of the room share: a few sentences, spoken once."""

from pathlib import Path

import numpy as np
import pytest

from pipeline.speech import speak
from pipeline.types import RATE, Speech

TEXT = (
    "Bob put a big paper map up in my room. Maybe people by the harbor buy pumpkin pie! "
    "Five very brave farmers found 25 foxes, didn't they?"
)


@pytest.fixture(scope="session")
def spoken() -> list[Speech]:
    """`TEXT` in the embedded voice, 25 fps."""
    return list(speak(TEXT))


@pytest.fixture
def write(tmp_path: Path):
    """Writes a sound through FFmpeg: `write(name, samples, rate=…, codec=…, layout=…)` gives its path."""

    def write_sound(
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

    return write_sound
