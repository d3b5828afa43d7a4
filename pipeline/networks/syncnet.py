"""SyncNet: 0.2 s of mouth and of sound as points in one space, near each other where they belong together.

Chung, Zisserman: "Out of Time: Automated Lip Sync in the Wild", ACCV Workshops 2016. From the distances come
the offset between sound and picture and the two figures by which talking heads are compared since Wav2Lip:
LSE-D (distance, lower is better) and LSE-C (confidence, higher is better). The cepstra are NumPy.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn

RATE = 16_000
FPS = 25
SIDE = 224
"""Side of the face crop in px."""
FRAMES = 5
"""Frames in a window; as much sound is 20 cepstra."""
CEPSTRA = 20
REACH = 15
"""Frames that the sound is tried earlier and later."""

_STEP, _WINDOW, _FFT = 160, 400, 512
_FILTERS, _KEPT, _LIFTER = 26, 13, 22
_PER_FRAME = RATE // _STEP // FPS


class SyncNet(nn.Module):
    """Both towers (13.6 M parameters; `syncnet_v2.model`). Embeddings have 1024 numbers and any length."""

    def __init__(self) -> None:
        super().__init__()
        self.netcnnaud = nn.Sequential(
            *_block(nn.Conv2d(1, 64, 3, padding=1)),
            nn.Identity(),  # the published network pools 1x1 here, which takes a number and does nothing
            *_block(nn.Conv2d(64, 192, 3, padding=1)),
            nn.MaxPool2d(3, (1, 2)),
            *_block(nn.Conv2d(192, 384, 3, padding=1)),
            *_block(nn.Conv2d(384, 256, 3, padding=1)),
            *_block(nn.Conv2d(256, 256, 3, padding=1)),
            nn.MaxPool2d(3, 2),
            *_block(nn.Conv2d(256, 512, (5, 4))),
        )
        self.netfcaud = _head()
        self.netfclip = _head()
        self.netcnnlip = nn.Sequential(
            *_block(nn.Conv3d(3, 96, (5, 7, 7), (1, 2, 2))),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            *_block(nn.Conv3d(96, 256, (1, 5, 5), (1, 2, 2), (0, 1, 1))),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1)),
            *_block(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1))),
            *_block(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1))),
            *_block(nn.Conv3d(256, 256, (1, 3, 3), padding=(0, 1, 1))),
            nn.MaxPool3d((1, 3, 3), (1, 2, 2)),
            *_block(nn.Conv3d(256, 512, (1, 6, 6))),
        )

    def hear(self, cepstra: Tensor) -> Tensor:
        """`(B, 1, 13, 20)` cepstra, coefficient down and time across, to `(B, 1024)`."""
        return self.netfcaud(self.netcnnaud(cepstra).flatten(1))

    def feature(self, frames: Tensor) -> Tensor:
        """`(B, 3, 5, 224, 224)` BGR in 0..255 to `(B, 512)`: the mouth before it is placed in the space."""
        return self.netcnnlip(frames).flatten(1)

    def see(self, frames: Tensor) -> Tensor:
        """`(B, 3, 5, 224, 224)` BGR in 0..255 to `(B, 1024)`."""
        return self.netfclip(self.feature(frames))

    def embed(self, faces: Iterable[np.ndarray], samples: np.ndarray) -> tuple[Tensor, Tensor]:
        """Every window of a clip: `(N, 1024)` of the picture and of the sound.

        Args:
            faces: `(224, 224, 3)` uint8 BGR crops at 25 fps, read one at a time.
            samples: `(S,)` int16 at 16 kHz.

        As in the published score, the last full window is left out: N is the shorter of both less 5.
        """
        like = next(self.parameters())
        sound = torch.from_numpy(mfcc(samples).astype(np.float32)).to(like)
        recent: list[Tensor] = []
        seen, heard = [], []
        for index, face in enumerate(faces):
            if index >= len(samples) // (RATE // FPS):
                break
            recent = [*recent[-FRAMES:], torch.from_numpy(face).to(like).permute(2, 0, 1)]
            if len(recent) > FRAMES:
                first = _PER_FRAME * (index - FRAMES)
                seen.append(self.see(torch.stack(recent[:FRAMES], 1)[None]))
                heard.append(self.hear(sound[first : first + CEPSTRA].T[None, None]))
        empty = like.new_zeros(0, 1024)
        return torch.cat([empty, *seen]), torch.cat([empty, *heard])


@dataclass(frozen=True)
class SyncScore:
    """How well sound and picture of a clip belong together."""

    offset: int
    """Frames by which the matching sound comes earlier than the picture."""
    distance: float
    """LSE-D: mean distance at the best offset."""
    confidence: float
    """LSE-C: by how much the best offset is better than the middling one."""
    per_window: np.ndarray
    """`(N,)` confidence over time, median-filtered over nine windows."""
    mean_distance: np.ndarray
    """`(31,)` mean distance at each offset, the sound from 15 frames earlier to 15 later."""


def score(seen: Tensor, heard: Tensor) -> SyncScore:
    """The figures for the embeddings `(N, 1024)` of consecutive windows of one clip, N at least 1."""
    apart = distances(seen, heard)
    mean = apart.mean(0)
    best = int(mean.argmin())
    median = float(np.median(mean))
    return SyncScore(
        offset=REACH - best,
        distance=float(mean[best]),
        confidence=median - float(mean[best]),
        per_window=_median_of_nine(median - apart[:, best]),
        mean_distance=mean,
    )


def distances(seen: Tensor, heard: Tensor) -> np.ndarray:
    """`(N, 31)`: of every window's picture to the sound from 15 frames earlier to 15 later.

    Beyond both ends the sound is all zeros, as in the published score.
    """
    around = nn.functional.pad(heard, (0, 0, REACH, REACH)).unfold(0, 2 * REACH + 1, 1)
    return nn.functional.pairwise_distance(seen[:, None], around.transpose(1, 2)).cpu().numpy()


def mfcc(samples: np.ndarray) -> np.ndarray:
    """`(T, 13)` float64 mel cepstra, 100 a second, of `(S,)` int16 samples at 16 kHz.

    Windows of 25 ms without a taper; the first coefficient is the logarithm of the window's energy.
    """
    wave = np.asarray(samples, np.float64)
    wave = np.concatenate([wave[:1], wave[1:] - 0.97 * wave[:-1]])
    count = 1 + max(0, -(-(len(wave) - _WINDOW) // _STEP))
    wave = np.pad(wave, (0, (count - 1) * _STEP + _WINDOW - len(wave)))
    windows = np.lib.stride_tricks.sliding_window_view(wave, _WINDOW)[::_STEP]
    power = np.abs(np.fft.rfft(windows, _FFT)) ** 2 / _FFT
    bands = np.log(_not_zero(power @ _triangles().T))
    cepstra = bands @ _cosines().T
    cepstra[:, 0] = np.log(_not_zero(power.sum(1)))
    return cepstra


@cache
def _triangles() -> np.ndarray:
    """`(26, 257)` filters evenly spaced in mel from 0 to 8000 Hz, their corners at whole bins."""
    mel = np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), _FILTERS + 2)
    corners = np.floor((_FFT + 1) * 700 * (10 ** (mel / 2595) - 1) / RATE)
    left, middle, right = (corners[at : at + _FILTERS, None] for at in range(3))
    bins = np.arange(_FFT // 2 + 1)
    return np.maximum(0, np.minimum((bins - left) / (middle - left), (right - bins) / (right - middle)))


@cache
def _cosines() -> np.ndarray:
    """`(13, 26)`: orthonormal DCT-II and the lifter that evens out the coefficients."""
    order = np.arange(_KEPT)[:, None]
    basis = np.cos(np.pi * order * (np.arange(_FILTERS) + 0.5) / _FILTERS) * np.sqrt(2 / _FILTERS)
    basis[0] /= np.sqrt(2)
    return basis * (1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER))


def _not_zero(values: np.ndarray) -> np.ndarray:
    return np.where(values == 0, np.finfo(np.float64).eps, values)


def _median_of_nine(values: np.ndarray) -> np.ndarray:
    """With zeros beyond both ends."""
    return np.median(np.lib.stride_tricks.sliding_window_view(np.pad(values, 4), 9), axis=1)


def _block(conv: nn.Conv2d | nn.Conv3d) -> tuple[nn.Module, ...]:
    norm = nn.BatchNorm2d if isinstance(conv, nn.Conv2d) else nn.BatchNorm3d
    return conv, norm(conv.out_channels), nn.ReLU()


def _head() -> nn.Sequential:
    return nn.Sequential(nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 1024))
