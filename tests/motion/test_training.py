"""Training: lags are found, numpy runs what torch trained, and a readout finds what states determine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from pipeline.motion import lip_network, lip_readout
from pipeline.motion.articulation import PHONETIC_FEATURES
from pipeline.motion.audio_features import BANDS
from pipeline.motion.lip_predictor import SCALE
from training.clips import TARGETS, Clip, in_sync
from training.lip_network import LipNetwork, save_ensemble
from training.lips import OUTPUTS
from training.readout import components, learn, sums


def clip(seed: int, late: float = 0.0) -> Clip:
    """Six seconds in which the mouth opens with the low bands, the sound late by `late` s."""
    random = np.random.default_rng(seed)
    syllables = np.convolve(random.normal(size=800), np.hanning(25), "same")
    syllables /= syllables.std()
    spectra = -6 + 0.2 * random.normal(size=(601, BANDS))
    spectra[:, :10] += 5 * syllables[100:701, None]
    time = np.arange(0.2, 5.6, 0.04)
    opening = np.interp(time + late, np.arange(601) / 100, syllables[100:701])
    measures = np.tile(0.1 + 0.05 * opening[:, None], (1, len(TARGETS)))
    states = random.normal(size=(301, 40))
    states[:, :10] += 5 * syllables[100:701:2, None]
    return Clip(
        f"clip{seed}",
        spectra.astype(np.float32),
        np.zeros((601, PHONETIC_FEATURES), np.float32),
        states.astype(np.float32),
        0.0,
        time,
        measures,
    )


def test_late_sound_is_found_and_unrelated_sound_is_left_out() -> None:
    aligned = [clip(seed) for seed in range(4)]
    late, other = clip(10, late=0.12), clip(11)
    unrelated = replace(other, name="unrelated", measures=clip(12).measures)
    found = {one.name: one.lag for one in in_sync(aligned, [late, unrelated])}
    assert list(found) == ["clip10"]
    assert abs(found["clip10"] - 0.12) <= 0.01


def test_numpy_runs_what_torch_trained(tmp_path: Path) -> None:
    torch.manual_seed(1)
    members = [LipNetwork(len(OUTPUTS), channels=16, dropout=0.1).eval() for _ in range(2)]
    ones = np.ones(len(TARGETS))
    scale = dict.fromkeys(SCALE, ones)
    save_ensemble(tmp_path / "net.npz", [one.state_dict() for one in members], OUTPUTS, scale, absent=["x"])
    loaded = lip_network.load(tmp_path / "net.npz")
    inputs = np.random.default_rng(0).normal(size=(200, BANDS + PHONETIC_FEATURES)).astype(np.float32)
    with torch.no_grad():
        expected = sum(one(torch.from_numpy(inputs[None]))[0].numpy() for one in members) / 2
    assert loaded.absent == ("x",)
    assert np.abs(loaded(inputs) - expected).max() < 5e-3


def test_a_readout_follows_speakers_that_were_left_out(tmp_path: Path) -> None:
    clips = [clip(seed) for seed in range(6)]
    space = components(clips)
    each = {one.name: sums(one, [one.states], space) for one in clips}
    learn(clips, [], each, space, folds=2, work=tmp_path, out=tmp_path / "all.npz")
    held_out = lip_readout.load(tmp_path / "held-out" / "0.npz")
    assert held_out.absent == ("clip0", "clip2", "clip4")
    opening = held_out.read(clips[0].states)[:, 0]
    at = np.interp(clips[0].time, np.arange(301) / 50, opening)
    spoken = clips[0].measures[:, 0]
    assert np.corrcoef(at, spoken)[0, 1] > 0.85
    moved = held_out.gains[0] * held_out.deviation[0] * at.std()
    assert abs(moved / spoken.std() - 1) < 0.15
