"""Wav2Lip's generator, its expert, its spectrogram and its crop-and-paste, against recorded outputs."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import torch
from parity import filling
from parity.harness import Fixture, enlarge

from pipeline.faces.crops import box_crop
from pipeline.lips.wav2lip.boxes import moving_average
from pipeline.networks.wav2lip import LipSyncExpert, Wav2Lip, face_input, fold_normalisation


def test_expert() -> None:
    fixture = Fixture("wav2lip_syncnet")
    network = fixture.fill(LipSyncExpert())
    sound, face = network(fixture.tensor("audio_sequences"), fixture.tensor("face_sequences"))
    fixture.check("audio_embedding", sound)
    fixture.check("face_embedding", face)
    fixture.check("cosine", (sound * face).sum(1))


def test_generator() -> None:
    fixture = Fixture("wav2lip")
    network = fixture.fill(Wav2Lip())
    mel, faces = fixture.tensor("audio_sequences"), fixture.tensor("face_sequences")
    fixture.check("output", network(mel, faces))
    fixture.check("audio_embedding", network.audio_encoder(mel))
    mel = fixture.tensor("audio_sequences", call="sequence")
    fixture.check("sequence.output", network(mel, fixture.tensor("face_sequences", call="sequence")))


def test_generator_with_folded_norms() -> None:
    fixture = Fixture("wav2lip")
    network = fixture.fill(Wav2Lip())
    fold_normalisation(network)
    assert not any(isinstance(layer, torch.nn.BatchNorm2d) for layer in network.modules())
    network.to(memory_format=torch.channels_last)
    mel, faces = fixture.tensor("audio_sequences"), fixture.tensor("face_sequences")
    fixture.check("output", network(mel, faces))


@pytest.mark.parametrize("count", [3, 4, 5, 6, 12])
def test_boxes(count: int) -> None:
    fixture = Fixture("wav2lip_pipeline")
    boxes = filling.signal(f"wav2lip_pipeline.boxes{count}", (count, 4), 0, 400).astype(int).tolist()
    fixture.check(f"boxes.{count}", np.array(list(moving_average(map(tuple, boxes)))))


def test_pipeline() -> None:
    """Cut, paint and a plain paste give the published program's pictures."""
    fixture = Fixture("wav2lip_pipeline")
    network = Fixture("wav2lip").fill(Wav2Lip())
    frames = enlarge(filling.pixels("wav2lip_pipeline.frames", (2, 15, 20, 3)), (1, 8, 8, 1))
    place = fixture.manifest["inputs"]["box"]
    left, top, right, bottom = place["x1"], place["y1"], place["x2"], place["y2"]
    crop = box_crop((left, top, right, bottom), size=(96, 96))
    faces = torch.from_numpy(np.stack([crop.cut(frames[index]) for index in (0, 1, 0)]))
    faces = faces.permute(0, 3, 1, 2) / 255
    fixture.check("network_input", face_input(faces[:1]))
    mels = [filling.signal(f"wav2lip_pipeline.mel{index}", (1, 80, 16), -4, 4) for index in range(3)]
    painted = network(torch.from_numpy(np.stack(mels)), face_input(faces)).permute(0, 2, 3, 1).cpu().numpy()
    results = frames[[0, 1, 0]].copy()
    for result, paint in zip(results, painted, strict=True):
        large = cv2.resize((paint * 255).astype(np.uint8), (right - left, bottom - top))
        result[top:bottom, left:right] = large
    fixture.check("frames", results)
