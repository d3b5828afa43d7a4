"""SyncNet: embeddings of 0.2 s of video and of sound, close to each other where the two are in sync.

Chung, Zisserman: "Out of Time: Automated Lip Sync in the Wild", ACCV Workshops 2016. From their distances
follow the offset between sound and picture and the two metrics for lip sync since Wav2Lip: LSE-D (distance,
lower is better) and LSE-C (confidence, higher is better). The cepstra are computed with NumPy.
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
"""Frames in a window; the same time is 20 cepstra."""
_CEPSTRA = 20
_MAX_SHIFT = 15
"""Largest shift of the sound that is tried, in frames."""

_STEP, _WINDOW, _FFT = 160, 400, 512
_FILTERS, _KEPT, _LIFTER = 26, 13, 22
_PER_FRAME = RATE // _STEP // FPS


class SyncNet(nn.Module):
    """Both towers (13.6 M parameters; `syncnet_v2.model`). Embeddings are `(B, 1024)`, not normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.netcnnaud = nn.Sequential(
            *_block(nn.Conv2d(1, 64, 3, padding=1)),
            nn.Identity(),  # stands for a 1x1 pooling of the published network, which only takes an index
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

    def embed_audio(self, cepstra: Tensor) -> Tensor:
        """`(B, 1, 13, 20)` cepstra, coefficients by time, to `(B, 1024)`."""
        return self.netfcaud(self.netcnnaud(cepstra).flatten(1))

    def video_features(self, frames: Tensor) -> Tensor:
        """`(B, 3, 5, 224, 224)` BGR in 0..255 to `(B, 512)`: the layer before the embedding."""
        return self.netcnnlip(frames).flatten(1)

    def embed_video(self, frames: Tensor) -> Tensor:
        """`(B, 3, 5, 224, 224)` BGR in 0..255 to `(B, 1024)`."""
        return self.netfclip(self.video_features(frames))

    def embed(self, faces: Iterable[np.ndarray], samples: np.ndarray) -> tuple[Tensor, Tensor]:
        """Embeddings of every window of a clip: `(N, 1024)` of the video and of the sound.

        Args:
            faces: `(224, 224, 3)` uint8 BGR crops at 25 fps, read one at a time.
            samples: `(S,)` int16 at 16 kHz.

        As in the published score, the last full window is left out: N is the shorter of both less 5.
        """
        like = next(self.parameters())
        sound = torch.from_numpy(mfcc(samples).astype(np.float32)).to(like)
        recent: list[Tensor] = []
        video, audio = [], []
        for index, face in enumerate(faces):
            if index >= len(samples) // (RATE // FPS):
                break
            recent = [*recent[-FRAMES:], torch.from_numpy(face).to(like).permute(2, 0, 1)]
            if len(recent) > FRAMES:
                first = _PER_FRAME * (index - FRAMES)
                video.append(self.embed_video(torch.stack(recent[:FRAMES], 1)[None]))
                audio.append(self.embed_audio(sound[first : first + _CEPSTRA].T[None, None]))
        empty = like.new_zeros(0, 1024)
        return torch.cat([empty, *video]), torch.cat([empty, *audio])


@dataclass(frozen=True)
class SyncScore:
    """How well the sound and the picture of a clip are in sync."""

    offset: int
    """Frames by which the sound precedes the picture."""
    distance: float
    """LSE-D: mean distance at the best offset."""
    confidence: float
    """LSE-C: median of the mean distances over all offsets, less the smallest."""
    per_window: np.ndarray
    """`(N,)` confidence over time, median-filtered over nine windows."""
    mean_distance: np.ndarray
    """`(31,)` mean distance at each offset, the sound from 15 frames earlier to 15 later."""


def score(video: Tensor, audio: Tensor) -> SyncScore:
    """The scores for the embeddings `(N, 1024)` of consecutive windows of one clip, N at least 1."""
    by_offset = distances(video, audio)
    mean = by_offset.mean(0)
    best = int(mean.argmin())
    median = float(np.median(mean))
    return SyncScore(
        offset=_MAX_SHIFT - best,
        distance=float(mean[best]),
        confidence=median - float(mean[best]),
        per_window=_median_of_nine(median - by_offset[:, best]),
        mean_distance=mean,
    )


def distances(video: Tensor, audio: Tensor) -> np.ndarray:
    """`(N, 31)`: distance of every window's video to the sound from 15 frames earlier to 15 later.

    The sound is padded with zeros at both ends, as in the published score.
    """
    around = nn.functional.pad(audio, (0, 0, _MAX_SHIFT, _MAX_SHIFT)).unfold(0, 2 * _MAX_SHIFT + 1, 1)
    return nn.functional.pairwise_distance(video[:, None], around.transpose(1, 2)).cpu().numpy()


def mfcc(samples: np.ndarray) -> np.ndarray:
    """`(T, 13)` float64 mel cepstra, 100 a second, of `(S,)` int16 samples at 16 kHz.

    Rectangular windows of 25 ms; the first coefficient is the logarithm of the window's energy.
    """
    wave = np.asarray(samples, np.float64)
    wave = np.concatenate([wave[:1], wave[1:] - 0.97 * wave[:-1]])
    count = 1 + max(0, -(-(len(wave) - _WINDOW) // _STEP))
    wave = np.pad(wave, (0, (count - 1) * _STEP + _WINDOW - len(wave)))
    windows = np.lib.stride_tricks.sliding_window_view(wave, _WINDOW)[::_STEP]
    power = np.abs(np.fft.rfft(windows, _FFT)) ** 2 / _FFT
    bands = np.log(_nonzero(power @ _triangles().T))
    cepstra = bands @ _cosines().T
    cepstra[:, 0] = np.log(_nonzero(power.sum(1)))
    return cepstra


@cache
def _triangles() -> np.ndarray:
    """`(26, 257)` filters evenly spaced in mel from 0 to 8000 Hz, with corners at whole bins."""
    mel = np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), _FILTERS + 2)
    corners = np.floor((_FFT + 1) * 700 * (10 ** (mel / 2595) - 1) / RATE)
    left, middle, right = (corners[at : at + _FILTERS, None] for at in range(3))
    bins = np.arange(_FFT // 2 + 1)
    return np.maximum(0, np.minimum((bins - left) / (middle - left), (right - bins) / (right - middle)))


@cache
def _cosines() -> np.ndarray:
    """`(13, 26)`: orthonormal DCT-II and the lifter, which equalises the coefficients."""
    order = np.arange(_KEPT)[:, None]
    basis = np.cos(np.pi * order * (np.arange(_FILTERS) + 0.5) / _FILTERS) * np.sqrt(2 / _FILTERS)
    basis[0] /= np.sqrt(2)
    return basis * (1 + _LIFTER / 2 * np.sin(np.pi * order / _LIFTER))


def _nonzero(values: np.ndarray) -> np.ndarray:
    return np.where(values == 0, np.finfo(np.float64).eps, values)


def _median_of_nine(values: np.ndarray) -> np.ndarray:
    """Median filter over nine values, padded with zeros."""
    return np.median(np.lib.stride_tricks.sliding_window_view(np.pad(values, 4), 9), axis=1)


def _block(conv: nn.Conv2d | nn.Conv3d) -> tuple[nn.Module, ...]:
    norm = nn.BatchNorm2d if isinstance(conv, nn.Conv2d) else nn.BatchNorm3d
    return conv, norm(conv.out_channels), nn.ReLU()


def _head() -> nn.Sequential:
    return nn.Sequential(nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 1024))
