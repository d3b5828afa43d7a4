"""The mouth network as a torch module, what its output does to an image, and the pairs it is trained on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from pipeline.easing import hermite
from pipeline.puppet.painting import refiner
from pipeline.puppet.painting.palette import LUMA

_CHANNELS = (16, 32, 48)
_FIELDS, _INSIDE_FIELDS = 5, 3
_INSIDE_STRIDE = 4
"""How much coarser the fields of the inside are than those around it."""
_LUMA = torch.from_numpy(LUMA)


class MouthNetwork(nn.Module):
    """A small U-Net: crops in, smooth fields at half their size out."""

    def __init__(self, channels: tuple[int, int, int] = _CHANNELS) -> None:
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
        self.out = nn.Conv2d(fine, _FIELDS, 3, padding=1)
        # start without any correction
        for parameter in self.out.parameters():
            nn.init.zeros_(parameter)

    def forward(self, crops: Tensor) -> Tensor:
        """`(B, 7, HEIGHT, WIDTH)` to `(B, 5, HEIGHT / 2, WIDTH / 2)`."""
        fine = F.relu(self.stem(F.pixel_unshuffle(crops, 2)))
        middle = F.relu(self.m1(F.relu(self.d1(fine))))
        coarse = F.relu(self.d2(middle))
        coarse = coarse + F.relu(self.m2(coarse))
        coarse = coarse + F.relu(self.m3(coarse))
        middle = F.relu(middle + _upsampled(self.u1(coarse)))
        middle = middle + F.relu(self.n1(middle))
        fine = F.relu(fine + _upsampled(self.u0(middle)))
        fine = fine + F.relu(self.n0(fine))
        inside, around = self.out(fine).split((_INSIDE_FIELDS, _FIELDS - _INSIDE_FIELDS), 1)
        # too coarse to tell a tooth from the dark beside it: what cannot be known would come out as grey
        inside = F.avg_pool2d(inside, _INSIDE_STRIDE)
        inside = F.interpolate(inside, scale_factor=_INSIDE_STRIDE, mode="bilinear")
        return torch.cat([inside, around], 1)


def _upsampled(fields: Tensor) -> Tensor:
    return F.interpolate(fields, scale_factor=2, mode="bilinear")


@dataclass(frozen=True)
class Pairs:
    """A batch of crops."""

    drawn: Tensor
    """`(B, 3, HEIGHT, WIDTH)` 0 to 255, like `photo` and `truth`: the painted mouth."""
    photo: Tensor
    truth: Tensor
    cover: Tensor
    """`(B, 1, HEIGHT, WIDTH)` 0 to 1: the mask of the inside."""
    gap: Tensor
    """`(B,)` inter-ocular distances."""
    skin: Tensor
    """`(B, 3)` 0 to 255, like `lips`."""
    lips: Tensor

    @property
    def unit(self) -> Tensor:
        """Brightness of the skin, `(B, 1, 1, 1)`."""
        return (self.skin @ _LUMA).clamp(min=refiner.MIN_SKIN_BRIGHTNESS)[:, None, None, None]

    def inputs(self) -> Tensor:
        """The network's inputs, as `refiner.MouthRefiner` prepares them."""
        crops = [crop / self.unit - refiner.INPUT_OFFSET for crop in (self.drawn, self.photo)]
        return torch.cat([*crops, self.cover], 1)

    def corrected(self, outputs: Tensor) -> tuple[Tensor, Tensor]:
        """The drawn crops after the network's `outputs`, and the bounded outputs.

        As `refiner.correction_fields` and its application, in tensors.
        """
        window = torch.from_numpy(refiner.border_window(*outputs.shape[2:]))
        low, high = refiner.FADE_IN_GAPS
        fade = hermite(((self.gap - low) / (high - low)).clamp(0, 1))[:, None, None, None]
        fields = torch.tanh(outputs) * window * fade
        bounded = fields * torch.from_numpy(refiner.MAX_CORRECTION)
        log_gain, skin, lips, log_around, shade = bounded.unbind(1)
        planes = torch.stack([log_gain.exp(), skin, lips, log_around.exp(), shade], 1)
        gain, skin, lips, around, shade = _upsampled(planes)[:, :, None].unbind(1)
        tone = self.skin[:, :, None, None]
        inside = self.drawn * gain + skin * tone + lips * self.lips[:, :, None, None]
        outside = self.drawn * around + shade * tone
        return inside * self.cover + outside * (1 - self.cover), fields


@dataclass(frozen=True)
class PairSet:
    """All pairs of a folder, as stored."""

    columns: dict[str, np.ndarray]
    clip: np.ndarray
    """`(N,)`: the number of each pair's clip."""

    @property
    def gap(self) -> np.ndarray:
        """`(N,)` gap of the lips of each pair."""
        return self.columns["gap"]

    def batch(self, rows: np.ndarray) -> Pairs:
        """Some of the pairs as tensors."""
        crops = {
            name: torch.from_numpy(self.columns[name][rows]).permute(0, 3, 1, 2).float()
            for name in ("drawn", "photo", "truth")
        }
        cover = torch.from_numpy(self.columns["cover"][rows])[:, None].float() / 255
        rest = {name: torch.from_numpy(self.columns[name][rows]).float() for name in ("gap", "skin", "lips")}
        return Pairs(**crops, cover=cover, **rest)


def load_pairs(folder: Path) -> PairSet:
    """The pairs that `training.mouth_pairs` wrote."""
    files = [np.load(path) for path in sorted(folder.glob("*.npz")) if not path.stem.endswith(".part")]
    columns = {name: np.concatenate([file[name] for file in files]) for name in files[0].files}
    return PairSet(columns, np.repeat(np.arange(len(files)), [len(file["gap"]) for file in files]))


def augmented(pairs: Pairs, random: np.random.Generator) -> tuple[Pairs, Tensor]:
    """The pairs with varied light, tint, sharpness and side, and noisy inputs for them."""
    count = len(pairs.gap)
    crops = [pairs.drawn, pairs.photo, pairs.truth]
    cover = pairs.cover
    if random.random() < 0.5:
        cover, *crops = (crop.flip(3) for crop in (cover, *crops))
    change = _light_change(count, random)
    drawn, photo, truth = (change(crop) for crop in crops)
    skin, lips = (change(tone[:, :, None, None])[:, :, 0, 0] for tone in (pairs.skin, pairs.lips))
    if random.random() < 0.5:
        width, blur_all = random.uniform(0.3, 1.5), random.random() < 0.7
        truth = _blurred(truth, width)
        # in three cases of ten the drawn teeth are sharper than the camera's
        drawn, photo = (_blurred(crop, width) if blur_all else crop for crop in (drawn, photo))
    skin, lips = (tone * _random_factors(count, 0.08, random)[:, :, 0, 0] for tone in (skin, lips))
    clean = Pairs(drawn, photo, truth, cover, pairs.gap, skin, lips)
    inputs = clean.inputs()
    inputs[:, :3] += torch.randn_like(drawn) * random.uniform(0, 4) / clean.unit
    return clean, inputs


def _light_change(count: int, random: np.random.Generator) -> Callable[[Tensor], Tensor]:
    """One change of light and tint for each of `count` pairs."""
    tint = torch.cat([_random_factors(count, 0.08, random) for _ in range(3)], 1)
    gamma = _random_factors(count, 0.12, random)
    saturation = torch.from_numpy(1 + 0.25 * random.standard_normal(count)).float().clamp(0, 1.6)
    saturation[torch.from_numpy(random.random(count) < 0.1)] = 0
    saturation = saturation[:, None, None, None]

    def change(colours: Tensor) -> Tensor:
        colours = 255 * (colours.clamp(0, 255) / 255) ** gamma
        grey = (colours * _LUMA[:, None, None]).sum(1, keepdim=True)
        return (grey + (colours - grey) * saturation) * tint

    return change


def _random_factors(count: int, deviation: float, random: np.random.Generator) -> Tensor:
    return torch.from_numpy(np.exp(deviation * random.standard_normal((count, 1, 1, 1)))).float()


def _blurred(images: Tensor, width: float) -> Tensor:
    kernel = torch.exp(-(torch.arange(-3.0, 4.0) ** 2) / (2 * width**2))
    kernel = kernel / kernel.sum()
    flat = F.pad(images, (3, 3, 3, 3), mode="replicate").flatten(0, 1)[:, None]
    return F.conv2d(F.conv2d(flat, kernel.view(1, 1, 1, 7)), kernel.view(1, 1, 7, 1)).view(images.shape)


def batches(
    pairs: PairSet, rows: np.ndarray, size: int, random: np.random.Generator
) -> Iterator[tuple[Pairs, Tensor]]:
    """Endless augmented batches, in which open mouths are more frequent."""
    chance = 0.3 + np.clip(pairs.gap[rows] / 0.12, 0, 1)
    chance /= chance.sum()
    while True:
        yield augmented(pairs.batch(random.choice(rows, size, p=chance)), random)
