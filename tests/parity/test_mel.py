"""The spectrogram of Wav2Lip and SadTalker, both edge paddings, against recorded numbers."""

from __future__ import annotations

import numpy as np
import pytest
from parity.harness import Fixture

from pipeline.networks import mel
from pipeline.networks.mel import MelStream, Padding

FIXTURE = Fixture("wav2lip_mel")


def quiet() -> np.ndarray:
    wave = FIXTURE.input("wav") * np.float32(1e-3)
    wave[4000:9000] = 0
    return wave


@pytest.mark.parametrize(("key", "padding"), [("mel", "reflect"), ("mel_zero_pad", "constant")])
def test_log_mel(key: str, padding: Padding) -> None:
    FIXTURE.check(key, mel.log_mel(FIXTURE.input("wav"), padding=padding))
    FIXTURE.check(f"{key}.quiet", mel.log_mel(quiet(), padding=padding))


def test_filterbank() -> None:
    FIXTURE.check("filterbank", mel.filterbank())


@pytest.mark.parametrize("fps", FIXTURE.manifest["chunk_starts"]["by_fps"])
def test_first_columns(fps: str) -> None:
    published = FIXTURE.manifest["chunk_starts"]["by_fps"][fps]
    ours = [min(mel.first_column(frame, float(fps)), 81 - mel.COLUMNS) for frame in range(len(published))]
    assert ours == published


@pytest.mark.parametrize("padding", ["reflect", "constant"])
def test_stream_is_the_whole(padding: Padding) -> None:
    wave = FIXTURE.input("wav")
    stream = MelStream(padding=padding)
    pieces = [stream.push(piece) for piece in np.split(wave, [1, 2, 300, 402, 1000, 1001, 9000])]
    whole = mel.log_mel(wave, padding=padding)
    assert np.array_equal(np.concatenate([*pieces, stream.finish()]).T, whole)
    assert sum(map(len, pieces[:5])) > 0, "columns come as soon as they are certain"


@pytest.mark.parametrize("samples", [0, 1, 199, 200, 401])
def test_short_sounds(samples: int) -> None:
    assert mel.log_mel(np.full(samples, 0.1), padding="constant").shape == (80, 1 + samples // 200)
