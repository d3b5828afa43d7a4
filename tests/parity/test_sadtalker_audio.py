"""SadTalker's audio networks: sound windows, expressions and poses, against recorded outputs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from parity import filling
from parity.harness import DEVICE, Fixture

from pipeline.networks import mel
from pipeline.networks.sadtalker_audio import AudioToExpression, AudioToPose, sound_windows, window_columns

POSE = Fixture("sadtalker_audio2pose")


@pytest.fixture(scope="module")
def to_pose() -> AudioToPose:
    state = filling.state_dict(
        {name: shape for name, shape in POSE.shapes().items() if not name.startswith(AudioToPose.TRAINING)}
    )
    network = AudioToPose()
    network.load_state_dict(state, strict=True)
    return network.eval().to(DEVICE)


def test_sound_windows() -> None:
    fixture = Fixture("sadtalker_audio")
    wave = fixture.input("wav")
    windows = sound_windows(wave)
    fixture.check("indiv_mels", windows[None])
    columns = mel.log_mel(wave[: 34 * 640], padding="constant")
    fixture.check("mel", columns)
    fixture.check("columns", window_columns(34, columns.shape[1]))
    for samples, _, frames in fixture.golden["counts"].astype(int):
        assert len(sound_windows(np.zeros(samples, np.float32))) == frames


def test_expression() -> None:
    fixture = Fixture("sadtalker_audio2exp")
    network = fixture.fill(AudioToExpression())
    output = network(fixture.tensor("x"), fixture.tensor("ref")[0], fixture.tensor("ratio")[0])
    fixture.check("output", output[None])
    sound, reference, blink = (
        fixture.tensor(name, call="clip")[0] for name in ("indiv_mels", "ref", "ratio_gt")
    )
    fixture.check("clip.exp", network(sound, reference[:, :64], blink)[None])


def test_only_training_is_left_out() -> None:
    assert list(AudioToPose.TRAINING) == POSE.manifest["unused_at_inference"]


def test_pose_decoder(to_pose: AudioToPose) -> None:
    mels = filling.signal("sadtalker_audio2pose.mels", (32, 1, 80, 16), -4, 4)
    POSE.check("audio_emb", to_pose.encode_audio(torch.from_numpy(mels))[None])
    decode = to_pose.netG["decoder"]
    offsets = decode(
        POSE.tensor("z"), POSE.tensor("ref"), POSE.tensor("audio_emb"), POSE.manifest["inputs"]["class"]
    )
    POSE.check("pose_motion", offsets)


@pytest.mark.parametrize("call", ["t20", "t40", "t65"])
def test_pose_of_a_clip(to_pose: AudioToPose, call: str) -> None:
    def latents() -> Iterator[torch.Tensor]:
        for index in range(POSE.manifest["more_calls"][call]["z"]["draws"]):
            made = filling.signal(f"sadtalker_audio2pose.{call}.z{index}", (1, 64), -1.7, 1.7)
            yield torch.from_numpy(made)

    sound = POSE.tensor("indiv_mels", call=call)[0]
    reference = POSE.tensor("ref", call=call)[0, 0, 64:]
    style = POSE.manifest["more_calls"][call]["class"]
    POSE.check(f"{call}.pose", to_pose(sound, reference, style, latents())[None])
