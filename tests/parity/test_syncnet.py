"""SyncNet's towers, its cepstra and the LSE scores, against recorded outputs."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from parity import filling
from parity.harness import Fixture, enlarge

from pipeline.networks.syncnet import SyncNet, SyncScore, distances, mfcc, score

SCORE = Fixture("syncnet_score")


@pytest.fixture(scope="module")
def network() -> SyncNet:
    return Fixture("syncnet").fill(SyncNet())


def sound(name: str, samples: int) -> np.ndarray:
    wave = filling.signal(f"syncnet_score.{name}", (samples,), -0.5, 0.5)
    return np.rint(wave * 32767).astype(np.int16)


def check_score(case: str, result: SyncScore) -> None:
    SCORE.check(f"{case}.mean_distance", result.mean_distance)
    SCORE.check(f"{case}.offset", np.array([result.offset]))
    SCORE.check(f"{case}.min_distance", np.array([result.distance]))
    SCORE.check(f"{case}.confidence", np.array([result.confidence]))
    SCORE.check(f"{case}.framewise_confidence", result.per_window)


def test_towers(network: SyncNet) -> None:
    fixture = Fixture("syncnet")
    frames = fixture.tensor("frames")
    fixture.check("audio_embedding", network.embed_audio(fixture.tensor("mfcc")))
    fixture.check("lip_feature", network.video_features(frames))
    fixture.check("lip_embedding", network.embed_video(frames))


def test_mfcc() -> None:
    SCORE.check("mfcc", mfcc(sound("wav", 16000)))


@pytest.mark.parametrize(("samples", "count"), [(1, 1), (400, 1), (401, 2), (560, 2), (561, 3)])
def test_mfcc_count(samples: int, count: int) -> None:
    assert mfcc(np.ones(samples, np.int16)).shape == (count, 13)


def test_plain_score() -> None:
    audio = torch.from_numpy(filling.signal("syncnet_score.audio", (60, 1024), -1, 1))
    noise = torch.from_numpy(filling.signal("syncnet_score.noise", (60, 1024), -1, 1))
    video = 0.6 * audio.roll(3, 0) + 0.4 * noise
    SCORE.check("plain.distances", distances(video, audio))
    check_score("plain", score(video, audio))


def test_clip(network: SyncNet) -> None:
    frames = enlarge(filling.pixels("syncnet_score.frames", (14, 28, 28, 3)), (1, 8, 8, 1))
    video, audio = network.embed(iter(frames), sound("clip_wav", 8960))
    SCORE.check("clip.lip_embedding", video)
    SCORE.check("clip.audio_embedding", audio)
    SCORE.check("clip.distances", distances(video, audio))
    check_score("clip", score(video, audio))


def test_no_window_in_a_short_clip(network: SyncNet) -> None:
    video, audio = network.embed(np.zeros((5, 224, 224, 3), np.uint8), np.zeros(16000, np.int16))
    assert video.shape == audio.shape == (0, 1024)
