"""Which network writes down what is said: Whisper large-v3-turbo where there is a card for it, else base.

Base is installed with the package and quick on two CPU cores. The large one needs a card of NVIDIA; it is
downloaded at the first recording.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline import hub
from pipeline.errors import CheckpointError
from pipeline.inference.device import DEVICE

if TYPE_CHECKING:
    from faster_whisper import WhisperModel

_LOG = logging.getLogger(__name__)
_THREADS = 2
_RATE = 16_000
"""Samples per second that the network hears."""


@dataclass(frozen=True)
class Network:
    """A published size of Whisper."""

    name: str
    """As a transcript names it."""
    checkpoints: tuple[str, ...]
    """Keys of `hub.CHECKPOINTS`: the weights first, then the files that describe them."""
    device: str
    """CTranslate2's name of what it runs on."""
    precision: str
    """CTranslate2's name of what it computes in."""


BASE = Network(
    "whisper-base",
    ("recognizer", "recognizer_config", "recognizer_tokenizer", "recognizer_vocabulary"),
    "cpu",
    "int8",
)
LARGE = Network(
    "whisper-large-v3-turbo",
    (
        "recognizer_large",
        "recognizer_large_config",
        "recognizer_large_sound",
        "recognizer_large_tokenizer",
        "recognizer_large_vocabulary",
    ),
    "cuda",
    "float16",
)


def fitting() -> Network:
    """The best network that this machine runs well: the large one on a card that CTranslate2 can use.

    `STUDIO_DEVICE` rules it as it rules all other networks.
    """
    import ctranslate2

    wanted = os.environ.get(DEVICE, "")
    if wanted and not wanted.startswith("cuda"):
        return BASE
    return LARGE if ctranslate2.get_cuda_device_count() else BASE


def load_fitting() -> tuple[Network, WhisperModel]:
    """The fitting network, loaded; base with a warning where the large one cannot be had or does not run.

    Raises:
        CheckpointError: the files of base cannot be had, or do not fit the installed packages.
    """
    network = fitting()
    if network is not BASE:
        try:
            return network, load(network)
        except CheckpointError as error:
            _LOG.warning("%s Recordings are written down by %s instead.", error, BASE.name)
    return BASE, load(BASE)


def load(network: Network) -> WhisperModel:
    """A network in memory.

    Raises:
        CheckpointError: its files cannot be had, or do not fit the installed packages.
    """
    from pipeline.speech.recognition.repetition import PatientModel

    paths = {Path(hub.CHECKPOINTS[key].file).name: hub.fetch(key) for key in network.checkpoints}
    contents: dict[str, Any] = {name: path.read_bytes() for name, path in paths.items()}
    try:
        model = PatientModel(
            network.name,
            device=network.device,
            compute_type=network.precision,
            cpu_threads=_THREADS,
            files=contents,
        )
        if network.device != "cpu":
            model.detect_language(
                np.zeros(_RATE, np.float32)
            )  # CUDA's libraries are asked for here, not before
        return model
    except (RuntimeError, ValueError) as error:
        raise CheckpointError(
            f"{paths['model.bin']} does not fit the installed faster-whisper; update that package.",
            parameter="audio",
        ) from error
