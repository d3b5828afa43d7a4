"""Learn the mouth network: the drawn mouth → the mouth as a camera sees it.

    python -m training.track CLIPS TRACKS                # once for each folder of clips
    python -m training.mouth_pairs CLIPS TRACKS PAIRS
    python -m training.mouth PAIRS --held-out OTHER_PAIRS --work FOLDER [-o assets/models/mouth.onnx]

An hour on one slow core; it can be stopped and goes on from FOLDER's checkpoint. Scores are of pairs whose
speakers it has not seen: PSNR of the inside and of the mouth with its surroundings, and the mean error of
brightness differences between neighbouring pixels, in hundredths of the skin's brightness. Needs the package
`onnx` beside torch, to write the file.
"""

from __future__ import annotations

import argparse
import logging
import math
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.puppet.painting import refiner as runtime
from pipeline.puppet.painting.palette import LUMA
from training.mouth_network import Collection, MouthNetwork, Pairs, batches, load_pairs

BATCH, RATE, WARM_UP = 24, 3e-3, 200
LEAST_GAP = 0.02
"""Pairs whose lips are nearer than this, in inter-ocular distances, have nothing to teach."""
SAVE_EVERY = 200
_LEVELS = (0.5, 1.0, 1.0)
_QUIET = 0.01
_FEWEST = 30

log = logging.getLogger(__name__)


def main() -> None:
    """Train, score, write the network."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--held-out", type=Path, required=True, help="pairs of other speakers, for scores")
    parser.add_argument("--work", type=Path, required=True, help="folder for the checkpoint")
    parser.add_argument("-o", "--output", type=Path, default=runtime.MODEL)
    parser.add_argument("--steps", type=int, default=1600)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(1)
    options.work.mkdir(parents=True, exist_ok=True)
    network = train(load_pairs(options.pairs), options.steps, options.work / "mouth.pt")
    log.info("before and after: %s", scores(network, load_pairs(options.held_out)))
    write(network, options.output)


def train(pairs: Collection, steps: int, checkpoint: Path) -> MouthNetwork:
    """The network after `steps` steps, from the checkpoint on where there is one."""
    torch.manual_seed(0)
    network = MouthNetwork()
    optimiser = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(1, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
    )
    done = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        done = state["done"]
        for part, name in ((network, "network"), (optimiser, "optimiser"), (schedule, "schedule")):
            part.load_state_dict(state[name])
    draw = batches(pairs, np.flatnonzero(pairs.gap > LEAST_GAP), BATCH, np.random.default_rng(done))
    for step in range(done, steps):
        batch, inputs = next(draw)
        error = loss(batch, network(inputs))
        optimiser.zero_grad()
        error.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if (step + 1) % SAVE_EVERY == 0 or step + 1 == steps:
            _save(checkpoint, step + 1, network=network, optimiser=optimiser, schedule=schedule)
            log.info("%d/%d: %.4f", step + 1, steps, error.item())
    return network


def loss(batch: Pairs, answers: Tensor) -> Tensor:
    """How far the corrected crops are from the truth; small answers cost a little too.

    Around the mouth at three scales, in values and in differences, the coarser ones weighing more, so that
    light and shade are learned rather than one clip's sharpness. Inside, where a drawing cannot know which
    teeth are seen, pixel by pixel the best answer would be a grey between: there the light of larger places
    counts, and how much of the mouth is how bright.
    """
    corrected, fields = batch.corrected(answers)
    error = (corrected - batch.truth) / batch.unit
    around = (1 - batch.cover) * (0.2 + F.avg_pool2d(F.max_pool2d(batch.cover, 9, 1, 4), 5, 1, 2))
    return (
        _pixels(error, around)
        + _places(error, batch.cover)
        + _amounts(corrected, batch)
        + _QUIET * fields.abs().mean()
    )


def _pixels(error: Tensor, weight: Tensor) -> Tensor:
    total = torch.zeros(())
    for share in _LEVELS:
        down = ((error[:, :, 1:] - error[:, :, :-1]).abs() * weight[:, :, 1:]).sum()
        right = ((error[..., 1:] - error[..., :-1]).abs() * weight[..., 1:]).sum()
        value = ((error**2 + 1e-5).sqrt() * weight).sum()
        total = total + share * (value + 0.5 * (down + right)) / (3 * weight.sum())
        error, weight = F.avg_pool2d(error, 2), F.avg_pool2d(weight, 2)
    return total


def _places(error: Tensor, cover: Tensor) -> Tensor:
    """Error of the inside's mean over squares of a tenth of an inter-ocular distance and more."""
    total = torch.zeros(())
    for side in (8, 14):
        weight = F.avg_pool2d(cover, side, side // 2)
        mean = F.avg_pool2d(error * cover, side, side // 2)
        total = total + mean.abs().sum() / (3 * weight.sum())
    return total


def _amounts(corrected: Tensor, batch: Pairs) -> Tensor:
    """Error of the brightness that each share of the inside has, whatever the place."""
    luma = torch.from_numpy(LUMA)[:, None, None]
    light = torch.stack([corrected, batch.truth], 1) / batch.unit[:, None] * luma
    total = torch.zeros(())
    for pair, cover in zip(light.sum(2), batch.cover[:, 0], strict=True):
        inside = pair[:, cover > 0.5]
        if inside.shape[1] > _FEWEST:
            found, wanted = inside.sort(1).values
            total = total + (found - wanted).abs().mean()
    return total / len(light)


def scores(network: MouthNetwork, pairs: Collection) -> np.ndarray:
    """`(2, 3)`: as drawn and corrected; PSNR in dB inside and all around, and the differences' error."""
    rows = np.flatnonzero(pairs.gap > runtime.PARTED[1])
    found = []
    with torch.no_grad():
        for start in range(0, len(rows), 64):
            batch = pairs.batch(rows[start : start + 64])
            corrected, _ = batch.corrected(network(batch.inputs()))
            found.append(np.stack([_score(picture, batch) for picture in (batch.drawn, corrected)]))
    return np.round(np.concatenate(found, 2).mean(2), 2)


def _score(picture: Tensor, batch: Pairs) -> np.ndarray:
    error = (picture - batch.truth) / batch.unit
    inside = (batch.cover > 0.5).float()
    rows = []
    for mask in (inside, F.max_pool2d(inside, 9, 1, 4)):
        mean = (error**2 * mask).sum((1, 2, 3)) / (3 * mask.sum((1, 2, 3))).clamp(min=1)
        rows.append(-10 * torch.log10(mean + 1e-6))
    steps = (error.diff(dim=2).abs().mean((1, 2, 3)) + error.diff(dim=3).abs().mean((1, 2, 3))) * 100
    return torch.stack([*rows, steps]).numpy()


def write(network: MouthNetwork, path: Path) -> None:
    """The network as an ONNX file with the input `mouth` and the output `fields`."""
    example = torch.zeros(1, 7, runtime.HEIGHT, runtime.WIDTH)
    part = path.with_suffix(".part")
    torch.onnx.export(
        network.eval(), (example,), str(part), input_names=["mouth"], output_names=["fields"],
        opset_version=17, dynamo=False,
    )  # fmt: skip
    part.replace(path)


def _save(path: Path, done: int, **parts: nn.Module | torch.optim.Optimizer) -> None:
    part = path.with_suffix(".part")
    torch.save({"done": done, **{name: value.state_dict() for name, value in parts.items()}}, part)
    part.replace(path)


if __name__ == "__main__":
    main()
