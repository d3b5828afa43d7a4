"""The mouth network as a torch module, what its answers do to a picture, and the pairs it learns from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.puppet.painting import refiner as runtime
from pipeline.puppet.painting.palette import LUMA

CHANNELS = (16, 32, 48)
FIELDS, INSIDE = 5, 3
COARSE = 4
"""How much coarser the inside's fields are than those around it."""
_LUMA = torch.from_numpy(LUMA)


class MouthNetwork(nn.Module):
    """A small U-Net: crops in, smooth fields at half their size out."""

    def __init__(self, channels: tuple[int, int, int] = CHANNELS) -> None:
        super().__init__()
        fine, middle, coarse = channels
        self.stem = nn.Conv2d(7 * 4, fine, 3, padding=1)
        self.d1 = nn.Conv2d(fine, middle, 3, 2, 1)
        self.m1 = nn.Conv2d(middle, middle, 3, padding=1)
        self.d2 = nn.Conv2d(middle, coarse, 3, 2, 1)
        self.m2 = nn.Conv2d(coarse, coarse, 3, padding=1)
        self.m3 = nn.Conv2d(coarse, coarse, 3, padding=1)
        self.u1 = nn.Conv2d(coarse, middle, 1)
        self.n1 = nn.Conv2d(middle, middle, 3, padding=1)
        self.u0 = nn.Conv2d(middle, fine, 1)
        self.n0 = nn.Conv2d(fine, fine, 3, padding=1)
        self.out = nn.Conv2d(fine, FIELDS, 3, padding=1)
        # no correction at all to begin with
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, crops: Tensor) -> Tensor:
        """`(B, 7, HEIGHT, WIDTH)` → `(B, FIELDS, HEIGHT / 2, WIDTH / 2)`."""
        fine = F.relu(self.stem(F.pixel_unshuffle(crops, 2)))
        middle = F.relu(self.m1(F.relu(self.d1(fine))))
        coarse = F.relu(self.d2(middle))
        coarse = coarse + F.relu(self.m2(coarse))
        coarse = coarse + F.relu(self.m3(coarse))
        middle = F.relu(middle + _larger(self.u1(coarse)))
        middle = middle + F.relu(self.n1(middle))
        fine = F.relu(fine + _larger(self.u0(middle)))
        fine = fine + F.relu(self.n0(fine))
        inside, around = self.out(fine).split((INSIDE, FIELDS - INSIDE), 1)
        # too coarse to take a tooth from beside the dark: what cannot be known would come out as grey between
        inside = F.interpolate(F.avg_pool2d(inside, COARSE), scale_factor=COARSE, mode="bilinear")
        return torch.cat([inside, around], 1)


def _larger(fields: Tensor) -> Tensor:
    return F.interpolate(fields, scale_factor=2, mode="bilinear")


@dataclass(frozen=True)
class Pairs:
    """A batch, or all there is."""

    drawn: Tensor
    """`(B, 3, HEIGHT, WIDTH)` 0 to 255, like `photo` and `truth`."""
    photo: Tensor
    truth: Tensor
    cover: Tensor
    """`(B, 1, HEIGHT, WIDTH)` 0 to 1."""
    gap: Tensor
    """`(B,)` inter-ocular distances."""
    skin: Tensor
    """`(B, 3)` 0 to 255, like `lips`."""
    lips: Tensor

    @property
    def unit(self) -> Tensor:
        """Brightness of the skin, `(B, 1, 1, 1)`."""
        return (self.skin @ _LUMA).clamp(min=runtime.DARKEST)[:, None, None, None]

    def inputs(self) -> Tensor:
        """What the network is shown, as `retouch.Retouch` shows it."""
        pictures = [picture / self.unit - runtime.GREY for picture in (self.drawn, self.photo)]
        return torch.cat([*pictures, self.cover], 1)

    def corrected(self, answers: Tensor) -> tuple[Tensor, Tensor]:
        """The drawn crop after the network's `answers`, and the bounded answers; as `retouch.corrections`."""
        window = torch.from_numpy(runtime.window(*answers.shape[2:]))
        fade = ease(self.gap, *runtime.PARTED)[:, None, None, None]
        fields = torch.tanh(answers) * window * fade
        factor, skin, lips, around, shade = (fields * torch.from_numpy(runtime.MOST)).unbind(1)
        planes = torch.stack([factor.exp(), skin, lips, around.exp(), shade], 1)
        gain, skin, lips, around, shade = _larger(planes)[:, :, None].unbind(1)
        tone = self.skin[:, :, None, None]
        inside = self.drawn * gain + skin * tone + lips * self.lips[:, :, None, None]
        outside = self.drawn * around + shade * tone
        return inside * self.cover + outside * (1 - self.cover), fields


@dataclass(frozen=True)
class Collection:
    """All pairs of a folder, as stored."""

    columns: dict[str, np.ndarray]
    clip: np.ndarray
    """`(N,)` number of the clip each pair is from."""

    @property
    def gap(self) -> np.ndarray:
        """`(N,)` gap of the lips of each pair."""
        return self.columns["gap"]

    def batch(self, rows: np.ndarray) -> Pairs:
        """Some of the pairs as tensors."""
        pictures = {
            name: torch.from_numpy(self.columns[name][rows]).permute(0, 3, 1, 2).float()
            for name in ("drawn", "photo", "truth")
        }
        cover = torch.from_numpy(self.columns["cover"][rows])[:, None].float() / 255
        rest = {name: torch.from_numpy(self.columns[name][rows]).float() for name in ("gap", "skin", "lips")}
        return Pairs(**pictures, cover=cover, **rest)


def load_pairs(folder: Path) -> Collection:
    """What `training.mouth_pairs` wrote."""
    files = [np.load(path) for path in sorted(folder.glob("*.npz")) if not path.stem.endswith(".part")]
    columns = {name: np.concatenate([file[name] for file in files]) for name in files[0].files}
    return Collection(columns, np.repeat(np.arange(len(files)), [len(file["gap"]) for file in files]))


def disguised(pairs: Pairs, random: np.random.Generator) -> tuple[Pairs, Tensor]:
    """The pairs in other light, other tints, other lenses and mirrored, and noisier inputs for them."""
    count = len(pairs.gap)
    pictures = [pairs.drawn, pairs.photo, pairs.truth]
    cover = pairs.cover
    if random.random() < 0.5:
        cover, *pictures = (picture.flip(3) for picture in (cover, *pictures))
    change = _light(count, random)
    drawn, photo, truth = (change(picture) for picture in pictures)
    skin, lips = (change(tone[:, :, None, None])[:, :, 0, 0] for tone in (pairs.skin, pairs.lips))
    if random.random() < 0.5:
        width, all_of_it = random.uniform(0.3, 1.5), random.random() < 0.7
        truth = _blurred(truth, width)
        # drawn teeth are sharper than a camera's in one case of three
        drawn, photo = (_blurred(picture, width) if all_of_it else picture for picture in (drawn, photo))
    skin, lips = (tone * _spread(count, 0.08, random)[:, :, 0, 0] for tone in (skin, lips))
    clean = Pairs(drawn, photo, truth, cover, pairs.gap, skin, lips)
    inputs = clean.inputs()
    inputs[:, :3] += torch.randn_like(drawn) * random.uniform(0, 4) / clean.unit
    return clean, inputs


def _light(count: int, random: np.random.Generator) -> Callable[[Tensor], Tensor]:
    """One change of light and tint for each of `count` pairs."""
    tint = torch.cat([_spread(count, 0.08, random) for _ in range(3)], 1)
    gamma = _spread(count, 0.12, random)
    saturation = torch.from_numpy(1 + 0.25 * random.standard_normal(count)).float().clamp(0, 1.6)
    saturation[torch.from_numpy(random.random(count) < 0.1)] = 0
    saturation = saturation[:, None, None, None]

    def change(colours: Tensor) -> Tensor:
        colours = 255 * (colours.clamp(0, 255) / 255) ** gamma
        grey = (colours * _LUMA[:, None, None]).sum(1, keepdim=True)
        return (grey + (colours - grey) * saturation) * tint

    return change


def _spread(count: int, deviation: float, random: np.random.Generator) -> Tensor:
    return torch.from_numpy(np.exp(deviation * random.standard_normal((count, 1, 1, 1)))).float()


def _blurred(pictures: Tensor, width: float) -> Tensor:
    kernel = torch.exp(-(torch.arange(-3.0, 4.0) ** 2) / (2 * width**2))
    kernel = kernel / kernel.sum()
    flat = F.pad(pictures, (3, 3, 3, 3), mode="replicate").flatten(0, 1)[:, None]
    return F.conv2d(F.conv2d(flat, kernel.view(1, 1, 1, 7)), kernel.view(1, 1, 7, 1)).view(pictures.shape)


def ease(x: Tensor, low: float, high: float) -> Tensor:
    """`pipeline.easing.ease` on tensors."""
    t = ((x - low) / (high - low)).clamp(0, 1)
    return t * t * (3 - 2 * t)


def batches(
    pairs: Collection, rows: np.ndarray, size: int, random: np.random.Generator
) -> Iterator[tuple[Pairs, Tensor]]:
    """Disguised batches without end, opened mouths more often."""
    chance = 0.3 + np.clip(pairs.gap[rows] / 0.12, 0, 1)
    chance /= chance.sum()
    while True:
        yield disguised(pairs.batch(random.choice(rows, size, p=chance)), random)
