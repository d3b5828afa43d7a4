"""SadTalker's published files, loaded into its networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import CheckpointError
from pipeline.inference.weights import OTHER

if TYPE_CHECKING:
    from torch import Tensor

    from pipeline.heads.sadtalker import Options
    from pipeline.networks.face_coefficients import FaceCoefficients
    from pipeline.networks.sadtalker_audio import AudioToExpression, AudioToPose
    from pipeline.networks.sadtalker_render import Generator, KeypointDetector, MappingNet


@dataclass(frozen=True)
class Networks:
    """SadTalker's networks, on one device."""

    coefficients: FaceCoefficients
    to_expression: AudioToExpression
    to_pose: AudioToPose
    mapping: MappingNet
    keypoints: KeypointDetector
    generator: Generator


def load_networks(options: Options) -> Networks:
    """The networks for these options, with weights downloaded from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or belong to another network.
    """
    from pipeline import hub
    from pipeline.inference.weights import load_into, load_state

    made = empty_networks(options)
    state = load_state(hub.fetch(f"sadtalker_{options.size}"))
    for prefix, network, name in (
        ("face_3drecon.", made.coefficients, "face coefficients"),
        ("audio2exp.", made.to_expression, "expression"),
        ("audio2pose.", made.to_pose, "pose"),
        ("kp_extractor.", made.keypoints, "keypoint"),
        ("generator.", made.generator, "renderer"),
    ):
        load_into(network, _part(state, prefix), name=f"SadTalker {name}")
    mapping = load_state(hub.fetch(f"sadtalker_mapping_{options.framing}"), part="mapping")
    load_into(made.mapping, mapping, name=f"SadTalker mapping ({options.framing})")
    return prepare(made)


def prepare(made: Networks) -> Networks:
    """The networks moved to the device for inference, with the renderer's spectral norms folded."""
    from pipeline.inference import device
    from pipeline.networks.spade import fold_spectral_norm

    fold_spectral_norm(made.generator)
    where, networks = device.pick(), vars(made)
    # Half precision changes a picture by 0.001 on average and by 0.007 at most; the others run once a photo,
    # or once in hundreds of frames.
    placed = {
        name: device.place(part, where, calls=()) for name, part in networks.items() if name != "generator"
    }
    return Networks(generator=device.place(made.generator, where, half=True, calls=("render",)), **placed)


def empty_networks(options: Options) -> Networks:
    """The networks for these options, uninitialised, for weights that fill them completely."""
    from pipeline.inference.weights import empty_weights
    from pipeline.networks.face_coefficients import FaceCoefficients
    from pipeline.networks.sadtalker_audio import AudioToExpression, AudioToPose
    from pipeline.networks.sadtalker_render import Generator, KeypointDetector, MappingNet

    return Networks(
        coefficients=empty_weights(FaceCoefficients),
        to_expression=empty_weights(AudioToExpression),
        to_pose=empty_weights(AudioToPose),
        mapping=empty_weights(lambda: MappingNet(73 if options.framing == "full" else 70)),
        keypoints=empty_weights(KeypointDetector),
        generator=empty_weights(Generator),
    )


def _part(state: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """One network's tensors, without those that only its training used."""
    from pipeline.networks.sadtalker_audio import AudioToPose

    part = {name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)}
    if not part:
        raise CheckpointError(
            f"This is not a SadTalker checkpoint: it has no tensors named {prefix}…; {OTHER}."
        )
    return {name: value for name, value in part.items() if not name.startswith(AudioToPose.TRAINING)}
