"""Learn the lip network: spectra of anybody's speech → how the mouth moves, from tracked clips.

    python -m training.track CLIPS TRACKS            # once for each folder of clips
    python -m training.lips ALIGNED_TRACKS [--others TRACKS …] --work FOLDER

`ALIGNED_TRACKS` are of clips whose sound is in sync, one speaker each; the lag of the others is found first.
Every aligned speaker is left out of one fold. The folds' networks together are the ensemble that is shipped;
each fold's alone goes to `FOLDER/held-out`, so that `python -m benchmarks lips` can score every speaker with
weights that never met them. What is trained stays in FOLDER: the command can be stopped and started again.
Ten minutes of speech are little: dropout, disguised voices, and targets in deviations from each speaker's own
mean keep the network from learning people instead of sounds.
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

from pipeline.motion.audio_features import BANDS, SpeakerNormalizer
from pipeline.motion.blendshape_groups import GROUPS
from pipeline.motion.lip_network import WEIGHTS
from training.augment import disguised, paced
from training.clips import TARGETS, Clip, from_track, in_sync
from training.lip_network import LipNetwork, save_ensemble
from training.track import load_tracks

OUTPUTS = (*TARGETS, "closure")
_IMPORTANCE = torch.tensor([3.0, 2.0, *[0.3] * len(GROUPS)])

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Settings:
    """How a member is trained."""

    channels: int = 96
    dropout: float = 0.3
    steps: int = 600
    batch: int = 16
    outputs: int = 120
    """Outputs in one example, at 50 per second."""
    rate: float = 2e-3
    decay: float = 0.05
    closure: float = 0.2
    """Weight of the closures' cross-entropy."""
    sounds: float = 0.8
    """How often the sounds are known."""
    pace: float = 0.15
    """How much faster or slower an example may be played."""


Example = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""What is heard `(K, BANDS + TRAITS)`; targets, closures and weights at every second of its steps."""


def train(clips: list[Clip], settings: Settings, seed: int) -> dict[str, Tensor]:
    """One member's weights."""
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
    heard, targets, closed, weight = batch
    found = network(heard)
    away = ((found[..., :-1] - targets) ** 2 * _IMPORTANCE).sum(-1) / _IMPORTANCE.sum()
    missed = F.binary_cross_entropy_with_logits(
        found[..., -1], closed, reduction="none", pos_weight=torch.tensor(2.0)
    )
    return ((away + settings.closure * missed) * weight).sum() / weight.sum()


def _examples(
    clips: list[Clip], settings: Settings, random: np.random.Generator
) -> Callable[[], tuple[Tensor, ...]]:
    """A source of batches: stretches of disguised clips, a clip drawn by the root of its length."""
    share = np.sqrt([len(clip.spectra) for clip in clips])
    share /= share.sum()
    answers = [clip.at_outputs() for clip in clips]
    pool: list[Example] = []
    drawn = 0

    def draw() -> tuple[Tensor, ...]:
        nonlocal pool, drawn
        if drawn % 10 == 0:
            chosen = random.choice(len(clips), 3 * settings.batch, p=share)
            pool = [_disguised(clips[one], answers[one], settings, random) for one in chosen]
        drawn += 1
        cuts = [
            _cut(pool[random.integers(len(pool))], settings.outputs, random) for _ in range(settings.batch)
        ]
        return tuple(torch.from_numpy(np.stack(parts)) for parts in zip(*cuts, strict=True))

    return draw


def _disguised(
    clip: Clip, answers: tuple[np.ndarray, ...], settings: Settings, random: np.random.Generator
) -> Example:
    """A clip in another voice, room and pace; its sounds are placed inexactly, or not known at all."""
    pace = random.uniform(1 - settings.pace, 1 + settings.pace)
    spectra = paced(disguised(clip.spectra, random), pace)
    sounds = paced(np.roll(clip.sounds, random.integers(-2, 3), axis=0), pace)
    sounds *= random.random() < settings.sounds
    heard = np.concatenate([SpeakerNormalizer().heard(spectra).normal(spectra), sounds], 1)
    return heard, *(paced(values, pace) for values in answers)


def _cut(example: Example, outputs: int, random: np.random.Generator) -> Example:
    """A stretch of an example, filled up with silence that does not count; some bands may be missing."""
    heard, targets, closed, weight = example
    usable = min(len(targets), len(heard) // 2)
    start = int(random.integers(0, max(1, usable - outputs + 1)))
    length = min(outputs, usable - start)
    fill = ((0, outputs - length),)
    heard = np.pad(heard[2 * start : 2 * (start + length)], ((0, 2 * (outputs - length)), (0, 0)))
    if random.random() < 0.5:
        width = int(random.integers(1, 7))
        first = int(random.integers(0, BANDS - width))
        heard[:, first : first + width] = 0
    stretch = slice(start, start + length)
    weight = np.pad(weight[stretch], fill)
    weight[:10] *= 0.2  # The first outputs lack the sound before the cut.
    return heard, np.pad(targets[stretch], (*fill, (0, 0))), np.pad(closed[stretch], fill), weight


def scale(clips: list[Clip]) -> dict[str, np.ndarray]:
    """What turns deviations into scores: each target's mean, deviation and closed-lips value over speakers,
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
        "deviation": np.mean([one.std(0) for one in spoken], 0),
        "quiet": np.median(shut, 0),
        "follows": follows,
        "follows_from": mean[:2] - mean[2:] @ follows,
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
    numbers = scale([*aligned, *others])
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
    """Find the lags, train the folds, ship them together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("aligned", type=Path, help="tracks of clips that are in sync")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="tracks of clips that may not be")
    parser.add_argument("--work", type=Path, required=True, help="folder for what is trained on the way")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, default=1, help="networks for each fold")
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    options.work.mkdir(parents=True, exist_ok=True)
    aligned = [from_track(track) for track in load_tracks(options.aligned)]
    late = [from_track(track) for folder in options.others for track in load_tracks(folder)]
    others = in_sync(aligned, late)
    log.info("%d of %d clips have a sure lag", len(others), len(late))
    settings = replace(Settings(), steps=options.steps)
    members = learn(aligned, others, options.work, settings, folds=options.folds, seeds=options.seeds)
    save_ensemble(options.out, members, OUTPUTS, scale([*aligned, *others]))
    log.info("%s: %d members, %d kB", options.out, len(members), options.out.stat().st_size // 1000)


if __name__ == "__main__":
    main()
