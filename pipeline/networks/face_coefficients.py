"""A face as 257 coefficients of a 3-D morphable model: identity, expression, texture, pose and lighting.

Deng et al.: "Accurate 3D Face Reconstruction with Weakly-Supervised Learning", CVPR Workshops 2019
(arXiv:1903.08527), on a ResNet-50 (He et al., CVPR 2016). Prefix in SadTalker's file: `face_3drecon.`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

IDENTITY, EXPRESSION, TEXTURE = slice(0, 80), slice(80, 144), slice(144, 224)
ANGLES, LIGHT, TRANSLATION = slice(224, 227), slice(227, 254), slice(254, 257)
SIDE = 224
"""Side of the aligned face in px."""

_HEADS = (80, 64, 80, 3, 27, 2, 1)


class FaceCoefficients(nn.Module):
    """`(B, 3, 224, 224)` RGB in [0, 1] to `(B, 257)`; the slices of this module name the parts."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ResNet50()
        self.final_layers = nn.ModuleList(nn.Conv2d(2048, count, 1) for count in _HEADS)

    def forward(self, face: Tensor) -> Tensor:
        pooled = self.backbone(face).mean((2, 3), keepdim=True)
        return torch.cat([head(pooled) for head in self.final_layers], 1).flatten(1)


class ResNet50(nn.Module):
    """`(B, 3, H, W)` to `(B, 2048, H/32, W/32)`."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = _layer(64, 64, blocks=3)
        self.layer2 = _layer(256, 128, blocks=4, stride=2)
        self.layer3 = _layer(512, 256, blocks=6, stride=2)
        self.layer4 = _layer(1024, 512, blocks=3, stride=2)

    def forward(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.layer4(self.layer3(self.layer2(self.layer1(x))))


class _Bottleneck(nn.Module):
    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        outputs = 4 * width
        self.conv1 = nn.Conv2d(inputs, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, outputs, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(outputs)
        self.downsample = nn.Sequential()
        if inputs != outputs:
            self.downsample.append(nn.Conv2d(inputs, outputs, 1, stride, bias=False))
            self.downsample.append(nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = F.relu(self.bn2(self.conv2(y)))
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x))


def _layer(inputs: int, width: int, *, blocks: int, stride: int = 1) -> nn.Sequential:
    rest = [_Bottleneck(4 * width, width, 1) for _ in range(blocks - 1)]
    return nn.Sequential(_Bottleneck(inputs, width, stride), *rest)
