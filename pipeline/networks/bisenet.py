"""BiSeNet: semantic segmentation of a face in 19 classes.

Yu et al.: BiSeNet: Bilateral Segmentation Network for Real-time Semantic Segmentation, ECCV 2018
(arXiv:1808.00897), over ResNet-18 (He et al., arXiv:1512.03385), with the tensor names of the published
face-parsing checkpoint `79999_iter.pth`.
"""

from __future__ import annotations

import itertools

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pipeline.inference.transfer import upload

CLASSES = 19
SIZE = 512
"""Side in px of the training pictures."""

_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class _Residual(nn.Module):
    """ResNet's basic block."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))
            if stride > 1
            else nn.Identity()
        )

    def forward(self, x: Tensor) -> Tensor:
        inner = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(self.downsample(x) + inner)


class _ResNet18(nn.Module):
    """`(B, 3, H, W)` to features at an eighth, a sixteenth and a thirty-second of the size."""

    _WIDTHS = (64, 64, 128, 256, 512)

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1, self.layer2, self.layer3, self.layer4 = (
            nn.Sequential(_Residual(before, after, stride), _Residual(after, after, 1))
            for (before, after), stride in zip(itertools.pairwise(self._WIDTHS), (1, 2, 2, 2), strict=True)
        )

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(image))), 3, stride=2, padding=1)
        eighth = self.layer2(self.layer1(x))
        sixteenth = self.layer3(eighth)
        return eighth, sixteenth, self.layer4(sixteenth)


class _ConvNorm(nn.Module):
    def __init__(self, inputs: int, outputs: int, kernel: int = 3) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(x)))


class _Attention(nn.Module):
    """Channel attention from the global average."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = _ConvNorm(inputs, outputs)
        self.conv_atten = nn.Conv2d(outputs, outputs, 1, bias=False)
        self.bn_atten = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        return x * self.bn_atten(self.conv_atten(_mean(x))).sigmoid()


class _ContextPath(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.resnet = _ResNet18()
        self.arm16, self.arm32 = _Attention(256, 128), _Attention(512, 128)
        self.conv_head32, self.conv_head16 = _ConvNorm(128, 128), _ConvNorm(128, 128)
        self.conv_avg = _ConvNorm(512, 128, 1)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Fine and coarse features of the picture, at the same size."""
        eighth, sixteenth, last = self.resnet(image)
        x = self.arm32(last) + self.conv_avg(_mean(last))
        x = self.conv_head32(F.interpolate(x, size=sixteenth.shape[-2:]))
        x = self.arm16(sixteenth) + x
        return eighth, self.conv_head16(F.interpolate(x, size=eighth.shape[-2:]))


class _Fusion(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.convblk = _ConvNorm(256, 256, 1)
        self.conv1 = nn.Conv2d(256, 64, 1, bias=False)
        self.conv2 = nn.Conv2d(64, 256, 1, bias=False)

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        x = self.convblk(torch.cat([fine, coarse], dim=1))
        return x + x * self.conv2(F.relu(self.conv1(_mean(x)))).sigmoid()


class _Output(nn.Module):
    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.conv = _ConvNorm(inputs, hidden)
        self.conv_out = nn.Conv2d(hidden, CLASSES, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv_out(self.conv(x))


class BiSeNet(nn.Module):
    """`(B, 3, H, W)` normalised pictures to logits `(B, 19, H, W)`.

    The checkpoint includes two more outputs, `conv_out16` and `conv_out32`, which only training uses.
    """

    def __init__(self) -> None:
        super().__init__()
        self.cp = _ContextPath()
        self.ffm = _Fusion()
        self.conv_out = _Output(256, 256)
        self.conv_out16, self.conv_out32 = _Output(128, 64), _Output(128, 64)

    def forward(self, image: Tensor) -> Tensor:
        logits = self.conv_out(self.ffm(*self.cp(image)))
        return F.interpolate(logits, size=image.shape[-2:], mode="bilinear", align_corners=True)

    def classes(self, image: Tensor) -> Tensor:
        """`(B, 3, 512, 512)` RGB in 0..1 to the class of each pixel, `(B, 512, 512)` uint8."""
        constants = upload(np.array([_MEAN, _DEVIATION], np.float32), image.device).to(image)
        mean, deviation = constants[:, :, None, None]
        return self((image - mean) / deviation).argmax(dim=1).byte()


def _mean(x: Tensor) -> Tensor:
    return x.mean(dim=(2, 3), keepdim=True)
