"""SadTalker's audio networks: speech to expression coefficients, and speech to head poses.

Zhang et al.: "SadTalker: Learning Realistic 3D Motion Coefficients for Stylized Audio-Driven Single Image
Talking Face Animation", CVPR 2023 (arXiv:2211.12194). Sound is the log-mel of `pipeline.networks.mel` at 25
fps, one window around each frame. Tensor names are those of the published file, under its prefixes
`audio2exp.` and `audio2pose.`.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from pipeline.networks import mel
from pipeline.networks.wav2lip import MelEncoder

FPS = 25
EXPRESSION = 64
POSE = 6
"""Three angles and three translations."""
STYLES = 46
"""Pose styles: one per speaker in the training set."""
LATENT = 64
"""Size of the pose network's latent vector."""

_CHUNK = 32
"""Frames whose poses are generated together."""
_BATCH = 256
"""Windows of sound that are encoded at once."""
_EMBEDDING = 512
_WINDOW_OFFSET = -2.0
"""Start of a frame's window of sound, in frames."""


def sound_windows(samples: np.ndarray) -> Tensor:
    """`(n, 1, 80, 16)` float32, the log-mel around each of the n = samples // 640 whole frames.

    `samples` are `(S,)` in [-1, 1] at 16 kHz.
    """
    frames = len(samples) // (mel.RATE // FPS)
    columns = mel.log_mel(samples[: frames * (mel.RATE // FPS)], padding="constant")
    return torch.from_numpy(columns[:, window_columns(frames, columns.shape[1])]).movedim(1, 0)[:, None]


def window_columns(frames: int, columns: int) -> np.ndarray:
    """`(frames, 16)`: indices of the mel columns in each frame's window; the ends are repeated."""
    first = [mel.first_column(frame, FPS, offset=_WINDOW_OFFSET) for frame in range(frames)]
    return np.clip(np.array(first, int)[:, None] + np.arange(mel.COLUMNS), 0, columns - 1)


class AudioToExpression(nn.Module):
    """Sound, a reference expression and the eyelids' closure to the expression of each frame."""

    def __init__(self) -> None:
        super().__init__()
        self.audio_encoder = MelEncoder()
        self.mapping1 = nn.Linear(_EMBEDDING + EXPRESSION + 1, EXPRESSION)

    def forward(self, sound: Tensor, reference: Tensor, blink: Tensor) -> Tensor:
        """`(n, 1, 80, 16)`, `(n, 64)` and `(n, 1)` with 1 for closed eyes, to `(n, 64)`."""
        audio = torch.cat([self.audio_encoder(piece).flatten(1) for piece in sound.split(_BATCH)])
        return self.mapping1(torch.cat([audio, reference, blink], 1))


class AudioToPose(nn.Module):
    """Sound and a style to head poses as offsets from a reference, sampled from a conditional VAE.

    The published file also has the VAE's encoder and the discriminator, which only training uses; `TRAINING`
    are their prefixes.
    """

    TRAINING = ("netG.encoder.", "netD_motion.")

    def __init__(self) -> None:
        super().__init__()
        self.audio_encoder = nn.ModuleDict({"audio_encoder": MelEncoder()})
        self.netG = nn.ModuleDict({"decoder": PoseDecoder()})

    def encode_audio(self, sound: Tensor) -> Tensor:
        """`(n, 1, 80, 16)` to `(n, 512)`, in batches, as a clip may be long."""
        pieces = [self.audio_encoder["audio_encoder"](piece).flatten(1) for piece in sound.split(_BATCH)]
        return torch.cat(pieces)

    def forward(self, sound: Tensor, reference: Tensor, style: int, latents: Iterator[Tensor]) -> Tensor:
        """`(n, 6)` poses for n frames.

        Args:
            sound: `(n, 1, 80, 16)`; the first frame keeps the reference pose, and its sound is not used.
            reference: `(6,)` pose of the photo.
            style: 0 to 45.
            latents: standard normal `(1, 64)`, one for each chunk of 32 frames. Repeating one keeps motion
                consistent; different ones make the head jump where chunks meet.
        """
        audio, rest = self.encode_audio(sound[1:]), reference[None]
        whole, left = divmod(len(audio), _CHUNK)
        chunks = [audio[at * _CHUNK : (at + 1) * _CHUNK] for at in range(whole)]
        offsets = [self.netG["decoder"](next(latents), rest, chunk[None], style)[0] for chunk in chunks]
        if left:
            last = audio[-_CHUNK:]
            last = torch.cat([last[:1].expand(_CHUNK - len(last), -1), last])
            offsets.append(self.netG["decoder"](next(latents), rest, last[None], style)[0, -left:])
        return rest + torch.cat([torch.zeros_like(rest), *offsets])


class PoseDecoder(nn.Module):
    """A latent vector, a style, the reference pose and 32 frames of sound to 32 pose offsets."""

    def __init__(self) -> None:
        super().__init__()
        self.classbias = nn.Parameter(torch.zeros(STYLES, LATENT))
        self.resunet = ResUnet()
        self.MLP = nn.Sequential()
        self.MLP.add_module("L0", nn.Linear(POSE + LATENT + _CHUNK * POSE, 128))
        self.MLP.add_module("A0", nn.ReLU())
        self.MLP.add_module("L1", nn.Linear(128, _CHUNK * POSE))
        self.MLP.add_module("sigmoid", nn.Sigmoid())
        self.pose_linear = nn.Linear(POSE, POSE)
        self.linear_audio = nn.Linear(_EMBEDDING, POSE)

    def forward(self, latent: Tensor, reference: Tensor, audio: Tensor, style: int) -> Tensor:
        """`(B, 64)`, `(B, 6)`, `(B, 32, 512)` to `(B, 32, 6)`."""
        styled = latent + self.classbias[style]
        x = self.MLP(torch.cat([reference, styled, self.linear_audio(audio).flatten(1)], 1))
        return self.pose_linear(self.resunet(x.unflatten(1, (1, _CHUNK, POSE)))[:, 0])


class _Residual(nn.Module):
    """Pre-activation residual block; `halve` downsamples time by 2."""

    def __init__(self, inputs: int, outputs: int, *, halve: bool = False) -> None:
        super().__init__()
        stride = (2, 1) if halve else (1, 1)
        self.conv_block = nn.Sequential(
            nn.BatchNorm2d(inputs),
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, 3, stride, 1),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1),
        )
        self.conv_skip = nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return self.conv_block(x) + self.conv_skip(x)


class _Upsample(nn.Module):
    """Doubles the number of frames."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.upsample = nn.ConvTranspose2d(width, width, (2, 1), (2, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.upsample(x)


class ResUnet(nn.Module):
    """`(B, 1, 32, 6)` poses over time to the same, in [0, 1]; a U-Net that halves time three times."""

    def __init__(self) -> None:
        super().__init__()
        self.input_layer = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1),
        )
        self.input_skip = nn.Sequential(nn.Conv2d(1, 32, 3, padding=1))
        self.residual_conv_1 = _Residual(32, 64, halve=True)
        self.residual_conv_2 = _Residual(64, 128, halve=True)
        self.bridge = _Residual(128, 256, halve=True)
        self.upsample_1 = _Upsample(256)
        self.up_residual_conv1 = _Residual(256 + 128, 128)
        self.upsample_2 = _Upsample(128)
        self.up_residual_conv2 = _Residual(128 + 64, 64)
        self.upsample_3 = _Upsample(64)
        self.up_residual_conv3 = _Residual(64 + 32, 32)
        self.output_layer = nn.Sequential(nn.Conv2d(32, 1, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        fine = self.input_layer(x) + self.input_skip(x)
        middle = self.residual_conv_1(fine)
        coarse = self.residual_conv_2(middle)
        y = self.upsample_1(self.bridge(coarse))
        y = self.upsample_2(self.up_residual_conv1(torch.cat([y, coarse], 1)))
        y = self.upsample_3(self.up_residual_conv2(torch.cat([y, middle], 1)))
        return self.output_layer(self.up_residual_conv3(torch.cat([y, fine], 1)))
