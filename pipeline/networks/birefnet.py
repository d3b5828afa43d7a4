"""BiRefNet: how much of each pixel is the foreground, at high resolution.

Zheng et al.: Bilateral Reference for High-Resolution Dichotomous Image Segmentation, CAAI Artificial
Intelligence Research 2024 (arXiv:2401.03407), with the tensor names of the published checkpoints on Swin-L.
The picture refers to itself twice: every step of the decoder sees its patches again, inwards, and is weighted
by where its gradients are, outwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.inference.transfer import upload
from pipeline.networks.deformable import DeformableConv
from pipeline.networks.swin import Swin

SIZE = 1024
"""Side in px of the pictures that the checkpoint was trained on."""

CALLS = ("alpha",)

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_STRIDE = 32
"""Between the picture and the coarsest features; sides of pictures are multiples of it."""
_KERNELS = (1, 3, 7)
"""Of the deformable convolutions side by side."""


@dataclass(frozen=True)
class Widths:
    """How large the network is; as published unless said otherwise."""

    swin: int = 192
    depths: tuple[int, ...] = (2, 2, 18, 2)
    heads: tuple[int, ...] = (6, 12, 24, 48)
    window: int = 12
    inner: int = 64
    """Channels inside the blocks of the decoder, and inside its views of the picture."""
    pyramid: int = 256
    """Channels of each of the convolutions side by side."""
    gradient: int = 16

    @property
    def features(self) -> list[int]:
        """Channels of the encoder's features, coarse to fine: of the picture and of its half-sized copy."""
        return [2 * self.swin << stage for stage in (3, 2, 1, 0)]


class BiRefNet(nn.Module):
    """`(B, 3, H, W)` normalised pictures to logits `(B, 1, H, W)`; H and W are multiples of 32."""

    def __init__(self, widths: Widths | None = None) -> None:
        super().__init__()
        widths = widths or Widths()
        features = widths.features
        self.bb = Swin(widths.swin, widths.depths, widths.heads, widths.window)
        self.squeeze_module = nn.Sequential(_Block(sum(features), features[0], widths))
        self.decoder = _Decoder(features, widths)

    def forward(self, image: Tensor) -> Tensor:
        height, width = image.shape[-2:]
        half = _resized(image, (height // 2, width // 2))
        fine = [
            torch.cat([large, _resized(small, large.shape[-2:])], dim=1)
            for large, small in zip(self.bb(image), self.bb(half), strict=True)
        ]
        coarsest = fine.pop()
        context = [_resized(each, coarsest.shape[-2:]) for each in fine]
        return self.decoder(image, fine, self.squeeze_module(torch.cat([*context, coarsest], dim=1)))

    def alpha(self, image: Tensor) -> Tensor:
        """`(B, 3, 1024, 1024)` RGB in 0..1 to alpha in 0..1, `(B, 1, 1024, 1024)` float32."""
        constants = upload(np.array([_MEAN, _DEVIATION], np.float32), image.device).to(image)
        mean, deviation = constants[:, :, None, None]
        return self((image - mean) / deviation).float().sigmoid()


class _Decoder(nn.Module):
    """From coarse to fine; `conv_ms_spvn_*` and `gdt_convs_pred_*` are outputs that only training uses."""

    def __init__(self, features: Sequence[int], widths: Widths) -> None:
        super().__init__()
        views = [features[0] // 8, *(width // 8 for width in features)]
        outputs = [*features[1:], features[3] // 2]
        for step, level in enumerate((4, 3, 2, 1)):
            patches = 3 * (_STRIDE >> step) ** 2
            self.add_module(f"ipt_blk{level + 1}", _View(patches, views[step], widths.inner))
            block = _Block(features[step] + views[step], outputs[step], widths)
            self.add_module(f"decoder_block{level}", block)
        self.ipt_blk1 = _View(3, views[4], widths.inner)
        self.conv_out1 = nn.Sequential(nn.Conv2d(outputs[3] + views[4], 1, 1))
        for level, width in zip((4, 3, 2), features[1:], strict=True):
            self.add_module(f"lateral_block{level}", _Lateral(width))
            self.add_module(f"conv_ms_spvn_{level}", nn.Conv2d(width, 1, 1))
            self.add_module(f"gdt_convs_{level}", _gradient(width, widths.gradient))
            for kind in ("pred", "attn"):
                last = nn.Sequential(nn.Conv2d(widths.gradient, 1, 1))
                self.add_module(f"gdt_convs_{kind}_{level}", last)

    def forward(self, image: Tensor, fine: Sequence[Tensor], x: Tensor) -> Tensor:
        """`fine`: the encoder's features, fine to coarse; `x`: what was made of the coarsest."""
        for level, features in zip((4, 3, 2), reversed(fine), strict=True):
            x = self._step(level, image, x)
            x = x * self._part("gdt_convs_attn_", level)(self._part("gdt_convs_", level)(x)).sigmoid()
            x = _resized(x, features.shape[-2:]) + self._part("lateral_block", level)(features)
        x = _resized(self._step(1, image, x), image.shape[-2:])
        return self.conv_out1(torch.cat([x, self.ipt_blk1(image)], dim=1))

    def _step(self, level: int, image: Tensor, x: Tensor) -> Tensor:
        view = self._part("ipt_blk", level + 1)(_patches(image, x.shape[-2:]))
        return self._part("decoder_block", level)(torch.cat([x, view], dim=1))

    def _part(self, name: str, level: int) -> nn.Module:
        return self.get_submodule(f"{name}{level}")


class _Block(nn.Module):
    def __init__(self, inputs: int, outputs: int, widths: Widths) -> None:
        super().__init__()
        self.conv_in = nn.Conv2d(inputs, widths.inner, 3, padding=1)
        self.bn_in = nn.BatchNorm2d(widths.inner)
        self.dec_att = _Pyramid(widths.inner, widths.pyramid)
        self.conv_out = nn.Conv2d(widths.inner, outputs, 3, padding=1)
        self.bn_out = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = self.dec_att(F.relu(self.bn_in(self.conv_in(x))))
        return self.bn_out(self.conv_out(x))


class _Pyramid(nn.Module):
    """Surroundings of several sizes and the mean of the whole, side by side (ASPP)."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.aspp1 = _Surroundings(width, inner, 1)
        self.aspp_deforms = nn.ModuleList(_Surroundings(width, inner, kernel) for kernel in _KERNELS)
        self.global_avg_pool = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(width, inner, 1, bias=False), nn.BatchNorm2d(inner), nn.ReLU()
        )
        self.conv1 = nn.Conv2d((2 + len(_KERNELS)) * inner, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        mean = self.global_avg_pool(x).expand(-1, -1, *x.shape[-2:])
        views = [self.aspp1(x), *(surroundings(x) for surroundings in self.aspp_deforms), mean]
        return F.relu(self.bn1(self.conv1(torch.cat(views, dim=1))))


class _Surroundings(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int) -> None:
        super().__init__()
        self.atrous_conv = DeformableConv(inputs, outputs, kernel)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.atrous_conv(x)))


class _View(nn.Module):
    """The picture, seen at the size of the features."""

    def __init__(self, inputs: int, outputs: int, inner: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, inner, 3, padding=1)
        self.conv_out = nn.Conv2d(inner, outputs, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv_out(self.conv1(x))


class _Lateral(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


def _gradient(width: int, inner: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(width, inner, 3, padding=1), nn.BatchNorm2d(inner), nn.ReLU())


def _patches(image: Tensor, size: Sequence[int]) -> Tensor:
    """The picture cut into tiles of `size` `(h, w)`, stacked in the channels: `(B, 3 * tiles, h, w)`."""
    batch, channels, height, width = image.shape
    tiles = image.reshape(batch, channels, height // size[0], size[0], width // size[1], size[1])
    return tiles.transpose(3, 4).reshape(batch, -1, *size)


def _resized(x: Tensor, size: Sequence[int]) -> Tensor:
    return F.interpolate(x, size=tuple(size), mode="bilinear", align_corners=True)
