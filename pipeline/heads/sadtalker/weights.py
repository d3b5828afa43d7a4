"""SadTalker's published files read into its networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import CheckpointError

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.heads.sadtalker import Options
    from pipeline.networks.face_coefficients import FaceCoefficients
    from pipeline.networks.sadtalker_audio import AudioToExpression, AudioToPose
    from pipeline.networks.sadtalker_render import Generator, KeypointDetector, MappingNet


@dataclass(frozen=True)
class Networks:
    """All that SadTalker is made of, on one device."""

    coefficients: FaceCoefficients
    to_expression: AudioToExpression
    to_pose: AudioToPose
    mapping: MappingNet
    keypoints: KeypointDetector
    generator: Generator


def networks(options: Options) -> Networks:
    """The networks for these options, their weights pulled from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or are of another network.
    """
    from pipeline import hub

    made = empty(options)
    state = hub.load_state(hub.fetch(f"sadtalker_{options.size}"))
    for prefix, network, name in (
        ("face_3drecon.", made.coefficients, "face coefficients"),
        ("audio2exp.", made.to_expression, "expression"),
        ("audio2pose.", made.to_pose, "pose"),
        ("kp_extractor.", made.keypoints, "keypoint"),
        ("generator.", made.generator, "renderer"),
    ):
        hub.load_into(network, _part(state, prefix), name=f"SadTalker {name}")
    mapping = hub.load_state(hub.fetch(f"sadtalker_mapping_{options.framing}"), part="mapping")
    hub.load_into(made.mapping, mapping, name=f"SadTalker mapping ({options.framing})")
    return ready(made)


def ready(made: Networks) -> Networks:
    """The networks on their device, as they run: the renderer's spectral norms divided once for all."""
    from pipeline import device
    from pipeline.networks.spade import fold_spectral

    fold_spectral(made.generator)
    where, networks = device.pick(), vars(made)
    # Half precision changes a picture by 0.001 in the mean and 0.007 at the most; the others cost nothing.
    return Networks(
        **{name: device.place(networks[name], where, half=name == "generator") for name in networks}
    )


def empty(options: Options) -> Networks:
    """The networks for these options with memory but no values, for weights that fill them completely."""
    from pipeline.networks.face_coefficients import FaceCoefficients
    from pipeline.networks.sadtalker_audio import AudioToExpression, AudioToPose
    from pipeline.networks.sadtalker_render import Generator, KeypointDetector, MappingNet
    from pipeline.weights import empty_weights

    return Networks(
        coefficients=empty_weights(FaceCoefficients),
        to_expression=empty_weights(AudioToExpression),
        to_pose=empty_weights(AudioToPose),
        mapping=empty_weights(lambda: MappingNet(73 if options.framing == "full" else 70)),
        keypoints=empty_weights(KeypointDetector),
        generator=empty_weights(Generator),
    )


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """One network's tensors, without those that served its training alone."""
    from pipeline.networks.sadtalker_audio import AudioToPose

    part = {name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)}
    if not part:
        raise CheckpointError(f"This is not a SadTalker checkpoint: nothing in it is called {prefix}…")
    return {name: value for name, value in part.items() if not name.startswith(AudioToPose.TRAINING)}
