"""A single video with alpha, read back from its file."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from pipeline import render
from pipeline.errors import OutputError
from pipeline.video.container import alpha_decoder


def test_the_person_is_cut_out_and_speaks(astronaut: Path, tmp_path: Path) -> None:
    result = render(
        astronaut, tmp_path / "talk.webm", text="Hi.", size=256, background="transparent", consent="fictional"
    )
    with av.open(str(result.video)) as box:
        assert {name.lower(): value for name, value in box.metadata.items()}["matting_engine"] == "embedded"
        stream = box.streams.video[0]
        codec = alpha_decoder(stream)
        frames = [frame for packet in box.demux(stream) for frame in codec.decode(packet)]
    assert len(frames) == round(result.duration * 25)
    shown = frames[len(frames) // 2].to_ndarray(format="rgba").astype(int)
    assert shown[4:20, 4:20, 3].max() < 3
    assert shown[110:140, 115:140, 3].min() > 250
    with av.open(str(result.video)) as box:
        heard = np.concatenate([frame.to_ndarray() for frame in box.decode(audio=0)], 1)
    assert heard.shape[1] / 48_000 == pytest.approx(result.duration, abs=0.03)
    assert np.abs(heard).max() > 0.1


def test_an_mp4_is_refused(astronaut: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"not talk\.mp4; call it talk\.webm"):
        render(astronaut, tmp_path / "talk.mp4", text="Hi.", background="transparent", consent="fictional")
    assert not list(tmp_path.iterdir())
