"""What is heard in speech, in any language: the lower layers of Whisper's encoder, in numpy.

Radford et al. 2022, https://arxiv.org/abs/2212.04356. The network learned to recognise speech in about a
hundred languages, so its lower layers tell sounds apart whoever speaks and whatever the microphone; what lips
do follows from them almost linearly. The weights are those of the embedded recogniser, in the file of
CTranslate2 that its carrier holds; CTranslate2 itself gives the last layer only, which knows words rather
than sounds.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from pipeline import hub
from pipeline.errors import CheckpointError
from pipeline.forks import once_per_process
from pipeline.hub import carriers
from pipeline.threads import one_thread

RATE = 16_000
"""Samples per second that are heard."""
STATES = 50
"""States per second; state k belongs to sample 320 k."""
SIZE = 512
"""Numbers in a state."""
LAYERS = 3
"""Layers that are run, of six: the third predicts lips best, and the later ones ever worse."""

_CHECKPOINT = "recognizer"
_HOP = 160
"""Samples per column of the spectrogram; two columns make a state."""
_WINDOW = 400
"""Samples under a column."""
_BANDS = 80
_HEADS = 8
_DYNAMICS = 8.0
"""Powers of ten below the loudest band at which the spectrogram is cut off."""
_BLOCK, _REACH = 800, 100
"""States that are computed together, and those around them that are heard along: attention grows with the
square, and the network knows places up to 1500."""
_TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
"""Of CTranslate2's files."""


class SoundEncoder:
    """The encoder up to layer `LAYERS`."""

    def __init__(self, weights: Mapping[str, np.ndarray]) -> None:
        """`weights`: the encoder's, by CTranslate2's names without their prefix."""
        self._weights = {name: np.asarray(weights[name], np.float32) for name in _names()}
        for name, values in self._weights.items():
            if name.endswith("weight"):
                self._weights[name] = values.reshape(len(values), -1).T

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """`(N,)` mono samples at `RATE` to `(N // 320 + 1, SIZE)` float32 states."""
        count = len(samples) // (2 * _HOP) + 1
        samples = np.pad(samples, (0, max(_WINDOW - len(samples), 0)))
        with one_thread():
            columns = spectrogram(samples)[: 2 * count]
            blocks = [
                self._states(columns, first, min(first + _BLOCK, count)) for first in range(0, count, _BLOCK)
            ]
        return np.concatenate(blocks)

    def _states(self, columns: np.ndarray, first: int, last: int) -> np.ndarray:
        """States `first` to `last`, heard with what is around them."""
        before = min(_REACH, first)
        hidden = self._stem(columns[2 * (first - before) : 2 * (last + _REACH)])
        for layer in range(LAYERS):
            hidden = self._layer(hidden, f"layer_{layer}")
        return hidden[before : before + last - first]

    def _stem(self, columns: np.ndarray) -> np.ndarray:
        hidden = columns
        for name, step in (("conv1", 1), ("conv2", 2)):
            padded = np.pad(hidden, ((1, 1), (0, 0)))
            windows = np.lib.stride_tricks.sliding_window_view(padded, 3, axis=0)[::step]
            hidden = _gelu(self._linear(windows.reshape(len(windows), -1), name))
        return hidden + self._weights["position_encodings/encodings"][: len(hidden)]

    def _layer(self, hidden: np.ndarray, name: str) -> np.ndarray:
        joined = self._linear(
            self._normed(hidden, f"{name}/self_attention"), f"{name}/self_attention/linear_0"
        )
        hidden = hidden + self._linear(_attention(joined), f"{name}/self_attention/linear_1")
        inner = _gelu(self._linear(self._normed(hidden, f"{name}/ffn"), f"{name}/ffn/linear_0"))
        return hidden + self._linear(inner, f"{name}/ffn/linear_1")

    def _linear(self, hidden: np.ndarray, name: str) -> np.ndarray:
        product: np.ndarray = hidden @ self._weights[f"{name}/weight"]
        product += self._weights[f"{name}/bias"]
        return product

    def _normed(self, hidden: np.ndarray, name: str) -> np.ndarray:
        centred = hidden - hidden.mean(1, keepdims=True)
        centred /= np.sqrt((centred**2).mean(1, keepdims=True) + np.float32(1e-5))
        centred *= self._weights[f"{name}/layer_norm/gamma"]
        centred += self._weights[f"{name}/layer_norm/beta"]
        return centred


def _attention(joined: np.ndarray) -> np.ndarray:
    """Queries, keys and values, `(T, 3 SIZE)`, to `(T, SIZE)`."""
    parts = joined.reshape(len(joined), 3, _HEADS, -1).transpose(1, 2, 0, 3)
    queries, keys, values = (np.ascontiguousarray(part) for part in parts)
    fits = queries @ keys.transpose(0, 2, 1)
    fits *= np.float32(queries.shape[-1] ** -0.5)
    fits -= fits.max(-1, keepdims=True)
    np.exp(fits, out=fits)
    found = (fits @ values) / fits.sum(-1, keepdims=True)
    return found.transpose(1, 0, 2).reshape(len(joined), -1)


def _gelu(x: np.ndarray) -> np.ndarray:
    """Gaussian error linear unit in its tanh approximation, within 0.001 of the exact one."""
    inner = x * x
    inner *= np.float32(0.7978846 * 0.044715)
    inner += np.float32(0.7978846)
    inner *= x
    np.tanh(inner, out=inner)
    inner += 1
    inner *= np.float32(0.5)
    inner *= x
    return inner


def spectrogram(samples: np.ndarray) -> np.ndarray:
    """Whisper's spectrogram: `(N // 160 + 2, 80)` float32 log power in mel bands, 100 per second."""
    padded = np.pad(np.asarray(samples, np.float32), _WINDOW // 2, mode="reflect")
    padded = np.pad(padded, (0, _HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    spectrum = np.fft.rfft(frames * window, axis=1)
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32) @ _filters()
    levels = np.log10(np.maximum(power, 1e-10))
    return (np.maximum(levels, levels.max() - _DYNAMICS) + 4) / 4


@cache
def _filters() -> np.ndarray:
    """`(201, 80)`: triangles of equal area on Slaney's mel scale, linear to 1 kHz and logarithmic above."""
    top = 15 + np.log(RATE / 2 / 1000) * 27 / np.log(6.4)
    marks = np.linspace(0, top, _BANDS + 2)
    hz = np.where(marks < 15, marks * 200 / 3, 1000 * np.exp((marks - 15) * np.log(6.4) / 27))
    bins = np.linspace(0, RATE / 2, _WINDOW // 2 + 1)[:, None]
    rising = (bins - hz[:-2]) / np.diff(hz)[:-1]
    falling = (hz[2:] - bins) / np.diff(hz)[1:]
    triangles = np.maximum(0, np.minimum(rising, falling))
    return (triangles * 2 / (hz[2:] - hz[:-2])).astype(np.float32)


def _names() -> list[str]:
    """Of the weights that are used."""
    stem = [f"conv{number}/{kind}" for number in (1, 2) for kind in ("weight", "bias")]
    parts = [
        *(f"{block}/layer_norm/{kind}" for block in ("self_attention", "ffn") for kind in ("gamma", "beta")),
        *(
            f"{block}/linear_{number}/{kind}"
            for block in ("self_attention", "ffn")
            for number in (0, 1)
            for kind in ("weight", "bias")
        ),
    ]
    layers = [f"layer_{layer}/{part}" for layer in range(LAYERS) for part in parts]
    return [*stem, "position_encodings/encodings", *layers]


def available() -> bool:
    """Whether the embedded recogniser's file is on this machine; it is not downloaded for the lips."""
    return carriers.installed(hub.CHECKPOINTS[_CHECKPOINT]) or hub.find(_CHECKPOINT) is not None


def prepare() -> None:
    """Begin to load the encoder in a thread, while the first words are being synthesised."""
    _loading()


def load() -> SoundEncoder:
    """The encoder from the embedded recogniser's file.

    Raises:
        CheckpointError: the file is damaged, or not on this machine.
    """
    return _loading().result()


@once_per_process
def _loading() -> Future[SoundEncoder]:
    pool = ThreadPoolExecutor(1, thread_name_prefix="sound encoder")
    future = pool.submit(_load)
    pool.shutdown(wait=False)
    return future


def _load() -> SoundEncoder:
    if not available():
        raise CheckpointError("This needs the embedded recogniser; install the packages of requirements.txt.")
    path = hub.fetch(_CHECKPOINT)
    stored = read_variables(path, prefix="encoder/")
    if missing := [name for name in _names() if name not in stored]:
        raise CheckpointError(f"{path} is not the expected network: it has no {missing[0]}.")
    return SoundEncoder(stored)


def read_variables(path: Path, *, prefix: str = "") -> dict[str, np.ndarray]:
    """The arrays of a CTranslate2 model file whose names begin with `prefix`, which is stripped.

    They are mapped from the file and read where they are used. The layout is CTranslate2's binary version 6:
    its version, the model's name and revision, then every variable with name, shape, type and bytes.
    """
    content: Any = np.memmap(path, np.uint8, "r")
    at = 0

    def number(kind: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from(f"<{kind}", content, at)
        at += struct.calcsize(f"<{kind}")
        return int(value)

    def text() -> str:
        nonlocal at
        length = number("H")
        at += length
        return content[at - length : at - 1].tobytes().decode()

    found = {}
    number("I"), text(), number("I")
    for _ in range(number("I")):
        name = text()
        shape = [number("I") for _ in range(number("B"))]
        kind = np.dtype(_TYPES[number("B")])
        size = number("I")
        if name.startswith(prefix):
            found[name[len(prefix) :]] = content[at : at + size].view(kind).reshape(shape)
        at += size
    return found
