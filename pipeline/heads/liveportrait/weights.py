"""The published files of LivePortrait and JoyVASA, loaded into the networks.

JoyVASA's checkpoint has its hyper-parameters in an `argparse.Namespace` and its statistics in a bare pickle;
both are read by unpicklers that allow nothing but those and arrays.
"""

from __future__ import annotations

import argparse
import pathlib
import pickle
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline import hub
from pipeline.errors import CheckpointError
from pipeline.inference import device
from pipeline.inference.weights import OTHER, empty_weights, load_into, load_state, read_pickle
from pipeline.networks import joyvasa, liveportrait
from pipeline.networks.spade import fold_spectral_norm

if TYPE_CHECKING:
    from torch import Tensor, nn

    from pipeline.heads.liveportrait import Options
    from pipeline.heads.liveportrait.audio_driver import JoyVASADriver

_FILES = ("appearance", "motion", "warping", "generator")
_PARTS = {"stitching": "retarget_shoulder", "lip": "retarget_mouth"}
"""Networks in the stitching file that are used, with their keys there."""
TEMPLATE = (
    "mean_exp",
    "std_exp",
    *(f"{end}_{name}" for end in ("min", "max") for name in ("scale", "t", "pitch", "yaw", "roll")),
)
"""Statistics in JoyVASA's motion template that are used."""

_PATHS = [(pathlib.PurePosixPath, f"{module}.PosixPath") for module in ("pathlib", "pathlib._local")]
"""JoyVASA's settings contain paths of the machine that trained it, which cannot be made on Windows."""


@dataclass(frozen=True)
class Networks:
    """LivePortrait's networks, on the device."""

    appearance: liveportrait.AppearanceExtractor
    motion: liveportrait.MotionExtractor
    warping: liveportrait.WarpingModule
    generator: liveportrait.SpadeGenerator
    stitching: liveportrait.Retargeting
    lip: liveportrait.Retargeting


def load_networks() -> Networks:
    """LivePortrait's networks with the published weights.

    Raises:
        CheckpointError: a file cannot be had, or belongs to another network.
    """
    networks = empty_networks()
    path = hub.fetch("liveportrait_stitching")
    for name, part in _PARTS.items():
        state = load_state(path, part=part, prefix="module.")
        load_into(networks[name], state, name=f"LivePortrait {name}")
    for name in _FILES:
        state = load_state(hub.fetch(f"liveportrait_{name}"))
        load_into(networks[name], state, name=f"LivePortrait {name}")
    return prepare(networks)


def empty_networks() -> dict[str, nn.Module]:
    """LivePortrait's networks by the names in `Networks`, on the CPU and uninitialised."""
    makers: dict[str, Callable[[], nn.Module]] = {
        "appearance": liveportrait.AppearanceExtractor,
        "motion": liveportrait.MotionExtractor,
        "warping": liveportrait.WarpingModule,
        "generator": liveportrait.SpadeGenerator,
        "stitching": lambda: liveportrait.retargeting()["stitching"],
        "lip": lambda: liveportrait.retargeting()["lip"],
    }
    return {name: empty_weights(maker) for name, maker in makers.items()}


def prepare(networks: dict[str, nn.Module]) -> Networks:
    """Networks with their weights, moved to the device for inference.

    The renderer runs in half precision where that is quicker: pictures then differ by 0.0002 of their range
    on average and by 0.0013 at most (filled weights). Keypoints are few and stay in single precision;
    they are extracted once a photo.
    """
    fold_spectral_norm(networks["generator"])
    where, halves = device.pick(), ("warping", "generator")
    placed: dict[str, Any] = {
        name: device.place(part, where, half=name in halves, calls=("forward",) if name in halves else ())
        for name, part in networks.items()
    }
    return Networks(**placed)


def load_audio_driver(options: Options) -> JoyVASADriver:
    """JoyVASA's motion generator with the published weights.

    Raises:
        CheckpointError: a file cannot be had, or belongs to another network.
    """
    from pipeline.heads.liveportrait.audio_driver import JoyVASADriver

    where = device.pick()
    path = hub.fetch("joyvasa_motion")
    content = read_pickle(path, allow=(argparse.Namespace, *_PATHS))
    if not {"args", "model"} <= content.keys():
        raise CheckpointError(
            f"{path.name} is not a JoyVASA motion generator: it has no 'args' or no 'model'; {OTHER}."
        )
    state = _state(content["model"])
    try:
        hubert = joyvasa.infer_hubert_config(state)
    except KeyError as error:
        raise CheckpointError(
            f"{path.name} is not a JoyVASA motion generator: it has no {error}; {OTHER}."
        ) from error
    settings = _settings(content["args"])
    network = joyvasa.MotionGenerator(settings, hubert, constant_position=options.constant_position)
    # A table whose length depends on the training run; the network computes the rows that it needs.
    state.pop("denoising_net.TE.pe", None)
    load_into(network, state, name="JoyVASA motion generator", may_lack=("TE.pe",))
    template = {name: value.to(where) for name, value in _template(hub.fetch("joyvasa_template")).items()}
    # In single precision, as its errors add up over fifty steps and it is a hundredth of the renderer's work.
    network = device.place(network, where, calls=joyvasa.CALLS)
    return JoyVASADriver(network, template, options)


def _settings(arguments: argparse.Namespace) -> joyvasa.Settings:
    stated = vars(arguments)
    return joyvasa.Settings(**{f.name: stated[f.name] for f in fields(joyvasa.Settings) if f.name in stated})


def _state(model: dict[str, Tensor]) -> dict[str, Tensor]:
    """The state dict with the present names of a weight-normed convolution's parameters."""
    new = {"conv.weight_g": "original0", "conv.weight_v": "original1"}
    for old, name in new.items():
        for key in [key for key in model if key.endswith(f"pos_conv_embed.{old}")]:
            model[key.replace(old, f"conv.parametrizations.weight.{name}")] = model.pop(key)
    return model


def _template(path: pathlib.Path) -> dict[str, Tensor]:
    import torch

    try:
        with path.open("rb") as file:
            arrays = _ArrayUnpickler(file).load()
        return {name: torch.as_tensor(np.asarray(arrays[name], np.float32).ravel()) for name in TEMPLATE}
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError) as error:
        raise CheckpointError(
            f"{path.name} is damaged or contains more than arrays, so it was not loaded; download it again."
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            f"{path.name} is not a JoyVASA motion template: it has no {error}; {OTHER}."
        ) from error


class _ArrayUnpickler(pickle.Unpickler):
    """Reads a pickle of NumPy arrays and refuses every other class and function."""

    _ALLOWED = frozenset(
        {("numpy", "ndarray"), ("numpy", "dtype"), ("_codecs", "encode")}
        | {
            (f"numpy.{core}.{module}", name)
            for core in ("core", "_core")
            for module, name in (
                ("multiarray", "_reconstruct"),
                ("multiarray", "scalar"),
                ("numeric", "_frombuffer"),
            )
        }
    )

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self._ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not an array")
        return super().find_class(module, name)
