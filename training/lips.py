"""Train the lip network, which predicts from anybody's speech how the mouth moves, on tracked clips.

    python -m training.track CLIPS TRACKS            # once for each folder of clips
    python -m training.lips ALIGNED_TRACKS [--others TRACKS …] --work FOLDER

`ALIGNED_TRACKS` are of clips that are in sync, one speaker each; the lag of the others is found first. Every
aligned speaker is left out of one fold. The networks of all folds are the ensemble that is shipped; those of
each fold are written to `FOLDER/held-out`, so that `python -m benchmarks lips` can score every speaker with
weights that were not trained on them. Checkpoints stay in FOLDER: the command can be stopped and started
again. Ten minutes of speech are little: dropout, augmentation, and targets in standard deviations from each
speaker's own mean keep the network from fitting speakers instead of sounds.
"""

from __future__ import annotations

import argparse
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.motion import sound_encoder
from pipeline.motion.audio_features import BANDS, SpeakerNormalizer
from pipeline.motion.blendshape_groups import GROUPS
from pipeline.motion.lip_network import PATH
from training.augment import augmented, time_stretched
from training.clips import TARGETS, Clip, from_track, in_sync
from training.lip_network import LipNetwork, save_ensemble
from training.track import load_tracks

OUTPUTS = (*TARGETS, "closure")
"""Columns of the network's output."""
_LOSS_WEIGHTS = torch.tensor([3.0, 2.0, *[0.3] * len(GROUPS)])
"""Of opening, width and each group in the squared error."""
_GAINS = np.array([1.25, 2.2])
"""Factors on opening and width that restore the amplitude of one speaker; chosen by eye."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """How a member is trained."""

    channels: int = 96
    dropout: float = 0.3
    steps: int = 600
    batch: int = 16
    outputs: int = 120
    """Length of an example in outputs, at 50 per second."""
    rate: float = 2e-3
    decay: float = 0.05
    closure: float = 0.2
    """Weight of the closures' cross-entropy."""
    phonetics: float = 0.8
    """Probability that the phones are known."""
    pace: float = 0.15
    """Largest change of pace."""


Example = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Inputs `(K, BANDS + PHONETIC_FEATURES)`; targets, closures and weights at every second of their steps."""


def train(clips: list[Clip], settings: Settings, seed: int) -> dict[str, Tensor]:
    """Train one member and return its weights."""
    random = np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = LipNetwork(len(OUTPUTS), channels=settings.channels, dropout=settings.dropout)
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.rate, weight_decay=settings.decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, settings.rate, total_steps=settings.steps, pct_start=0.15
    )
    draw = _examples(clips, settings, random)
    for _ in range(settings.steps):
        loss = _loss(network, draw(), settings)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
    return network.state_dict()


def _loss(network: LipNetwork, batch: tuple[Tensor, ...], settings: Settings) -> Tensor:
    inputs, targets, closed, weight = batch
    found = network(inputs)
    error = ((found[..., :-1] - targets) ** 2 * _LOSS_WEIGHTS).sum(-1) / _LOSS_WEIGHTS.sum()
    missed = F.binary_cross_entropy_with_logits(
        found[..., -1], closed, reduction="none", pos_weight=torch.tensor(2.0)
    )
    return ((error + settings.closure * missed) * weight).sum() / weight.sum()


def _examples(
    clips: list[Clip], settings: Settings, random: np.random.Generator
) -> Callable[[], tuple[Tensor, ...]]:
    """A source of batches: excerpts of augmented clips, drawn by the square root of their lengths."""
    share = np.sqrt([len(clip.spectra) for clip in clips])
    share /= share.sum()
    outputs = [clip.at_outputs() for clip in clips]
    pool: list[Example] = []
    drawn = 0

    def draw() -> tuple[Tensor, ...]:
        nonlocal pool, drawn
        if drawn % 10 == 0:
            chosen = random.choice(len(clips), 3 * settings.batch, p=share)
            pool = [_augmented(clips[one], outputs[one], settings, random) for one in chosen]
        drawn += 1
        cuts = [
            _cut(pool[random.integers(len(pool))], settings.outputs, random) for _ in range(settings.batch)
        ]
        return tuple(torch.from_numpy(np.stack(parts)) for parts in zip(*cuts, strict=True))

    return draw


def _augmented(
    clip: Clip, outputs: tuple[np.ndarray, ...], settings: Settings, random: np.random.Generator
) -> Example:
    """A clip in another voice, room and pace; its phones are slightly off in time, or unknown."""
    pace = random.uniform(1 - settings.pace, 1 + settings.pace)
    spectra = time_stretched(augmented(clip.spectra, random), pace)
    phonetics = time_stretched(np.roll(clip.phonetics, random.integers(-2, 3), axis=0), pace)
    phonetics *= random.random() < settings.phonetics
    spectra = SpeakerNormalizer().updated(spectra).normalize(spectra)
    targets, closed, weight = (time_stretched(values, pace) for values in outputs)
    return np.concatenate([spectra, phonetics], 1), targets, closed, weight


def _cut(example: Example, outputs: int, random: np.random.Generator) -> Example:
    """An excerpt, padded with frames of no weight; some bands may be masked."""
    inputs, targets, closed, weight = example
    usable = min(len(targets), len(inputs) // 2)
    start = int(random.integers(0, max(1, usable - outputs + 1)))
    length = min(outputs, usable - start)
    fill = ((0, outputs - length),)
    inputs = np.pad(inputs[2 * start : 2 * (start + length)], ((0, 2 * (outputs - length)), (0, 0)))
    if random.random() < 0.5:
        width = int(random.integers(1, 7))
        first = int(random.integers(0, BANDS - width))
        inputs[:, first : first + width] = 0
    stretch = slice(start, start + length)
    weight = np.pad(weight[stretch], fill)
    weight[:10] *= 0.2  # The first outputs lack context before the excerpt.
    return inputs, np.pad(targets[stretch], (*fill, (0, 0))), np.pad(closed[stretch], fill), weight


def scale(clips: list[Clip]) -> dict[str, np.ndarray]:
    """What turns deviations into scores: each target's mean, deviation and closed-lips value over speech,
    and how opening and width, `(2,)`, follow from the groups' scores, `(G, 2)`."""
    spoken = [clip.measures[clip.speaking] for clip in clips]
    shut = [
        clip.measures[np.searchsorted(clip.time, clip.closures())].mean(0)
        for clip in clips
        if len(clip.closures())
    ]
    mean = np.mean([one.mean(0) for one in spoken], 0)
    moved = np.concatenate([one - one.mean(0) for one in spoken])
    measures, scores = moved[:, :2], moved[:, 2:]
    follows = np.linalg.solve(scores.T @ scores + np.eye(len(GROUPS)), scores.T @ measures)
    return {
        "mean": mean,
        "deviation": moved.std(0),
        "quiet": np.median(shut, 0),
        "measures_per_score": follows,
        "measures_at_zero": mean[:2] - mean[2:] @ follows,
    }


def _member(path: Path, clips: list[Clip], settings: Settings, seed: int) -> dict[str, Tensor]:
    """The member stored at `path`, trained first if need be."""
    if not path.exists():
        state = train(clips, settings, seed)
        part = path.with_suffix(".part")
        torch.save(state, part)
        part.replace(path)
        log.info("%s is trained", path.name)
    return torch.load(path, weights_only=True)


def learn(
    aligned: list[Clip], others: list[Clip], work: Path, settings: Settings, *, folds: int, seeds: int
) -> list[dict[str, Tensor]]:
    """The members of the ensemble: `seeds` for each fold; each fold's are written to `work/held-out` too."""
    numbers = {**scale([*aligned, *others]), "gains": _GAINS}
    ensemble = []
    for fold in range(folds):
        absent = [clip.name for clip in aligned[fold::folds]]
        clips = [*(clip for clip in aligned if clip.name not in absent), *others]
        members = [
            _member(work / f"fold{fold}-{seed}.pt", clips, settings, 100 * seed + fold)
            for seed in range(seeds)
        ]
        save_ensemble(work / "held-out" / f"{fold}.npz", members, OUTPUTS, numbers, absent=absent)
        ensemble += members
    return ensemble


def main() -> None:
    """Find the lags, train the folds, and write the ensemble."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("aligned", type=Path, help="tracks of clips that are in sync")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="tracks of clips that may not be")
    parser.add_argument("--work", type=Path, required=True, help="folder for what is trained on the way")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1, help="networks for each fold")
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=PATH)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    encoder = sound_encoder.load()
    aligned = [from_track(track, encoder) for track in load_tracks(options.aligned)]
    late = [from_track(track, encoder) for folder in options.others for track in load_tracks(folder)]
    others = in_sync(aligned, late)
    log.info("%d of %d clips have a certain lag", len(others), len(late))
    settings = replace(Settings(), steps=options.steps)
    members = learn(aligned, others, options.work, settings, folds=options.folds, seeds=options.seeds)
    numbers = {**scale([*aligned, *others]), "gains": _GAINS}
    save_ensemble(options.out, members, OUTPUTS, numbers)
    log.info("%s: %d members, %d kB", options.out, len(members), options.out.stat().st_size // 1000)


if __name__ == "__main__":
    main()
