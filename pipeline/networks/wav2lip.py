"""Wav2Lip: the mouth of a 96 x 96 face inpainted to match 0.2 s of sound, and the expert that it was
trained with.

Prajwal, Mukhopadhyay, Namboodiri, Jawahar: "A Lip Sync Expert Is All You Need for Speech to Lip Generation
In The Wild", ACM Multimedia 2020. Pictures are BGR in [0, 1], as the published weights were trained; sound
is the log-mel spectrogram of `pipeline.networks.mel`.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

FACE = 96
"""Side in px of the generator's input and output."""

Stride = int | tuple[int, int]


class Conv(nn.Module):
    """Convolution, batch norm, ReLU; `residual` adds the input before the ReLU.

    `upsample` makes it a transposed convolution with that stride instead.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 3,
        *,
        stride: Stride = 1,
        padding: int = 1,
        residual: bool = False,
        upsample: int = 0,
    ) -> None:
        super().__init__()
        self.width = outputs
        if upsample:
            conv: nn.Module = nn.ConvTranspose2d(
                inputs, outputs, kernel, upsample, padding, output_padding=upsample - 1
            )
        else:
            conv = nn.Conv2d(inputs, outputs, kernel, stride, padding)
        self.conv_block = nn.Sequential(conv, nn.BatchNorm2d(outputs))
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv_block(x)
        return F.relu(y + x if self.residual else y, inplace=True)

    def fold(self) -> None:
        """Multiply the batch norm into the convolution, for inference; only rounding differs."""
        if len(self.conv_block) == 2:
            conv, norm = self.conv_block
            assert isinstance(conv, nn.Conv2d | nn.ConvTranspose2d) and isinstance(norm, nn.BatchNorm2d)
            fused = fuse_conv_bn_eval(conv, norm, transpose=isinstance(conv, nn.ConvTranspose2d))
            self.conv_block = nn.Sequential(fused)


def _stage(first: Conv, repeats: int = 0) -> list[Conv]:
    """`first` followed by residual blocks of its width."""
    width = first.width
    return [first, *(Conv(width, width, residual=True) for _ in range(repeats))]


class MelEncoder(nn.Sequential):
    """Log-mel `(B, 1, 80, 16)` to `(B, 512, 1, 1)`; SadTalker uses the same layers.

    `deep` adds the one residual block that the expert has and the generator does not.
    """

    def __init__(self, *, deep: bool = False) -> None:
        super().__init__(
            *_stage(Conv(1, 32), 2),
            *_stage(Conv(32, 64, stride=(3, 1)), 2),
            *_stage(Conv(64, 128, stride=3), 2),
            *_stage(Conv(128, 256, stride=(3, 2)), 2 if deep else 1),
            Conv(256, 512, padding=0),
            Conv(512, 512, 1, padding=0),
        )


class Wav2Lip(nn.Module):
    """The generator (36.3 M parameters; `wav2lip.pth` and `wav2lip_gan.pth` share it)."""

    def __init__(self) -> None:
        super().__init__()
        self.face_encoder_blocks = _sequences(
            _stage(Conv(6, 16, 7, padding=3)),
            _stage(Conv(16, 32, stride=2), 2),
            _stage(Conv(32, 64, stride=2), 3),
            _stage(Conv(64, 128, stride=2), 2),
            _stage(Conv(128, 256, stride=2), 2),
            _stage(Conv(256, 512, stride=2), 1),
            [Conv(512, 512, padding=0), Conv(512, 512, 1, padding=0)],
        )
        self.audio_encoder = MelEncoder()
        self.face_decoder_blocks = _sequences(
            [Conv(512, 512, 1, padding=0)],
            _stage(Conv(1024, 512, padding=0, upsample=1), 1),
            _stage(Conv(1024, 512, upsample=2), 2),
            _stage(Conv(768, 384, upsample=2), 2),
            _stage(Conv(512, 256, upsample=2), 2),
            _stage(Conv(320, 128, upsample=2), 2),
            _stage(Conv(160, 64, upsample=2), 2),
        )
        self.output_block = nn.Sequential(Conv(80, 32), nn.Conv2d(32, 3, 1), nn.Sigmoid())

    def forward(self, mel: Tensor, faces: Tensor) -> Tensor:
        """One face per window of sound.

        Args:
            mel: `(B, 1, 80, 16)`, or `(B, T, 1, 80, 16)` for a sequence.
            faces: `(B, 6, 96, 96)`, or `(B, 6, T, 96, 96)`: the face with its lower half black, then whole,
                each BGR in [0, 1].

        Returns:
            `(B, 3, 96, 96)`, or `(B, 3, T, 96, 96)`, BGR in [0, 1].
        """
        if mel.dim() == 5:
            flat = self(mel.flatten(0, 1), faces.transpose(1, 2).flatten(0, 1))
            return flat.unflatten(0, mel.shape[:2]).transpose(1, 2)
        skips = []
        for block in self.face_encoder_blocks:
            faces = block(faces)
            skips.append(faces)
        x = self.audio_encoder(mel)
        for block in self.face_decoder_blocks:
            x = torch.cat([block(x), skips.pop()], 1)
        return self.output_block(x)


class LipSyncExpert(nn.Module):
    """Scores whether five faces and 0.2 s of sound are in sync (`lipsync_expert.pth`)."""

    def __init__(self) -> None:
        super().__init__()
        self.face_encoder = nn.Sequential(
            Conv(15, 32, 7, padding=3),
            *_stage(Conv(32, 64, 5, stride=(1, 2)), 2),
            *_stage(Conv(64, 128, stride=2), 3),
            *_stage(Conv(128, 256, stride=2), 2),
            *_stage(Conv(256, 512, stride=2), 2),
            Conv(512, 512, stride=2),
            Conv(512, 512, padding=0),
            Conv(512, 512, 1, padding=0),
        )
        self.audio_encoder = MelEncoder(deep=True)

    def forward(self, mel: Tensor, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Normalised embeddings `(B, 512)` of the sound and of the faces; their dot product is in [0, 1].

        Args:
            mel: `(B, 1, 80, 16)`, starting with the first frame.
            faces: `(B, 15, 48, 96)`: the lower halves of five consecutive faces, stacked along the channels.
        """
        sound, face = self.audio_encoder(mel), self.face_encoder(faces)
        return F.normalize(sound.flatten(1)), F.normalize(face.flatten(1))


def fold_normalisation(network: nn.Module) -> None:
    """Fold the batch norms of every `Conv` in a network that has its weights and is in evaluation mode."""
    for layer in network.modules():
        if isinstance(layer, Conv):
            layer.fold()


def _sequences(*blocks: Iterable[nn.Module]) -> nn.ModuleList:
    return nn.ModuleList(nn.Sequential(*block) for block in blocks)


def face_input(faces: Tensor) -> Tensor:
    """The generator's input for faces `(B, 3, 96, 96)`: masked with a black lower half, then whole."""
    masked = faces.clone()
    masked[:, :, FACE // 2 :] = 0
    return torch.cat([masked, faces], 1)
