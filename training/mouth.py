"""Train the mouth network: from the painted mouth to the mouth as a camera sees it.

    python -m training.track CLIPS TRACKS                # once for each folder of clips
    python -m training.mouth_pairs CLIPS TRACKS PAIRS
    python -m training.mouth PAIRS --held-out OTHER_PAIRS --work FOLDER [-o assets/models/mouth.onnx]

Takes an hour on one slow core; if stopped, it resumes from the checkpoint in FOLDER. Scores are of pairs of
unseen speakers: PSNR of the inside and of the mouth with its surroundings, and the mean error of brightness
differences between neighbouring pixels, in hundredths of the skin's brightness. Needs the package `onnx`
beside torch, to write the file.
"""

from __future__ import annotations

import argparse
import logging
import math
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.puppet.painting import refiner
from pipeline.puppet.painting.palette import LUMA
from training.mouth_network import MouthNetwork, Pairs, PairSet, batches, load_pairs

_BATCH, _LEARNING_RATE, _WARM_UP_STEPS = 24, 3e-3, 200
_MIN_GAP = 0.02
"""Pairs whose lips are closer than this, in inter-ocular distances, carry no information."""
_STEPS_PER_CHECKPOINT = 200
_SCALE_WEIGHTS = (0.5, 1.0, 1.0)
"""Weights of the loss at full, half and quarter resolution."""
_OUTPUT_PENALTY = 0.01
_MIN_PIXELS = 30
"""Pixels of the inside below which its brightness distribution is not compared."""

log = logging.getLogger(__name__)


def main() -> None:
    """Train, score and write the network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--held-out", type=Path, required=True, help="pairs of other speakers, for scores")
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("-o", "--output", type=Path, default=refiner.MODEL)
    parser.add_argument("--steps", type=int, default=1600)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    options.work.mkdir(parents=True, exist_ok=True)
    network = train(load_pairs(options.pairs), options.steps, options.work / "mouth.pt")
    log.info("before and after: %s", scores(network, load_pairs(options.held_out)))
    write(network, options.output)


def train(pairs: PairSet, steps: int, checkpoint: Path) -> MouthNetwork:
    """The network after `steps` steps, resumed from the checkpoint if there is one."""
    torch.manual_seed(0)
    network = MouthNetwork()
    optimizer = torch.optim.AdamW(network.parameters(), _LEARNING_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _rate(step, steps))
    done = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        done = state["done"]
        for part, name in ((network, "network"), (optimizer, "optimizer"), (schedule, "schedule")):
            part.load_state_dict(state[name])
    draw = batches(pairs, np.flatnonzero(pairs.gap > _MIN_GAP), _BATCH, np.random.default_rng(done))
    for step in range(done, steps):
        batch, inputs = next(draw)
        error = loss(batch, network(inputs))
        optimizer.zero_grad()
        error.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if (step + 1) % _STEPS_PER_CHECKPOINT == 0 or step + 1 == steps:
            _save(checkpoint, step + 1, network=network, optimizer=optimizer, schedule=schedule)
            log.info("%d/%d: %.4f", step + 1, steps, error.item())
    return network


def _rate(step: int, steps: int) -> float:
    """The factor on the learning rate: linear warm-up, then a cosine down to 0."""
    return min(1, (step + 1) / _WARM_UP_STEPS) * (0.5 + 0.5 * math.cos(math.pi * step / steps))


def loss(batch: Pairs, outputs: Tensor) -> Tensor:
    """How far the corrected crops are from the truth, and a small penalty on the outputs themselves.

    Around the mouth at three scales, in values and in differences, the coarser ones weighing more, so that
    light and shade are learned rather than one clip's sharpness. Inside, where a painting cannot know which
    teeth are visible, the best value pixel by pixel would be their grey mean: there the light of larger
    regions counts, and the distribution of brightness.
    """
    corrected, fields = batch.corrected(outputs)
    error = (corrected - batch.truth) / batch.unit
    around = (1 - batch.cover) * (0.2 + F.avg_pool2d(F.max_pool2d(batch.cover, 9, 1, 4), 5, 1, 2))
    return (
        _pixel_loss(error, around)
        + _region_loss(error, batch.cover)
        + _histogram_loss(corrected, batch)
        + _OUTPUT_PENALTY * fields.abs().mean()
    )


def _pixel_loss(error: Tensor, weight: Tensor) -> Tensor:
    """Error of values and of differences between neighbours, at three scales."""
    total = torch.zeros(())
    for share in _SCALE_WEIGHTS:
        down = ((error[:, :, 1:] - error[:, :, :-1]).abs() * weight[:, :, 1:]).sum()
        right = ((error[..., 1:] - error[..., :-1]).abs() * weight[..., 1:]).sum()
        value = ((error**2 + 1e-5).sqrt() * weight).sum()
        total = total + share * (value + 0.5 * (down + right)) / (3 * weight.sum())
        error, weight = F.avg_pool2d(error, 2), F.avg_pool2d(weight, 2)
    return total


def _region_loss(error: Tensor, cover: Tensor) -> Tensor:
    """Error of the inside's mean over squares of a tenth of an inter-ocular distance and more."""
    total = torch.zeros(())
    for side in (8, 14):
        weight = F.avg_pool2d(cover, side, side // 2)
        mean = F.avg_pool2d(error * cover, side, side // 2)
        total = total + mean.abs().sum() / (3 * weight.sum())
    return total


def _histogram_loss(corrected: Tensor, batch: Pairs) -> Tensor:
    """Error of the sorted brightness of the inside, wherever it is (1-D Wasserstein distance)."""
    luma = torch.from_numpy(LUMA)[:, None, None]
    light = torch.stack([corrected, batch.truth], 1) / batch.unit[:, None] * luma
    total = torch.zeros(())
    for pair, cover in zip(light.sum(2), batch.cover[:, 0], strict=True):
        inside = pair[:, cover > 0.5]
        if inside.shape[1] > _MIN_PIXELS:
            found, wanted = inside.sort(1).values
            total = total + (found - wanted).abs().mean()
    return total / len(light)


def scores(network: MouthNetwork, pairs: PairSet) -> np.ndarray:
    """`(2, 3)`: as painted and corrected; PSNR in dB inside and all around, and the differences' error."""
    rows = np.flatnonzero(pairs.gap > refiner.FADE_IN_GAPS[1])
    found = []
    with torch.no_grad():
        for start in range(0, len(rows), 64):
            batch = pairs.batch(rows[start : start + 64])
            corrected, _ = batch.corrected(network(batch.inputs()))
            found.append(np.stack([_score(crops, batch) for crops in (batch.drawn, corrected)]))
    return np.round(np.concatenate(found, 2).mean(2), 2)


def _score(crops: Tensor, batch: Pairs) -> np.ndarray:
    error = (crops - batch.truth) / batch.unit
    inside = (batch.cover > 0.5).float()
    rows = []
    for mask in (inside, F.max_pool2d(inside, 9, 1, 4)):
        mean = (error**2 * mask).sum((1, 2, 3)) / (3 * mask.sum((1, 2, 3))).clamp(min=1)
        rows.append(-10 * torch.log10(mean + 1e-6))
    steps = (error.diff(dim=2).abs().mean((1, 2, 3)) + error.diff(dim=3).abs().mean((1, 2, 3))) * 100
    return torch.stack([*rows, steps]).numpy()


def write(network: MouthNetwork, path: Path) -> None:
    """The network as an ONNX file with the input `mouth` and the output `fields`."""
    example = torch.zeros(1, 7, refiner.HEIGHT, refiner.WIDTH)
    part = path.with_suffix(".part")
    torch.onnx.export(
        network.eval(), (example,), str(part), input_names=["mouth"], output_names=["fields"],
        opset_version=17, dynamo=False,
    )  # fmt: skip
    part.replace(path)


def _save(path: Path, done: int, **parts: Any) -> None:
    part = path.with_suffix(".part")
    torch.save({"done": done, **{name: value.state_dict() for name, value in parts.items()}}, part)
    part.replace(path)


if __name__ == "__main__":
    main()
