"""SadTalker for tests: all networks are real but the renderer, which returns the photo unchanged."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from parity import filling
from torch import Tensor, nn

from pipeline.heads.sadtalker import weights
from pipeline.inference.weights import empty_weights
from pipeline.networks.face_coefficients import FaceCoefficients
from pipeline.networks.sadtalker_audio import AudioToExpression, AudioToPose
from pipeline.networks.sadtalker_render import MappingNet
from pipeline.types import RATE, Speech


class CentredKeypoints(nn.Module):
    """A keypoint detector that places all keypoints in the middle."""

    def __init__(self) -> None:
        super().__init__()
        self.place = nn.Parameter(torch.zeros(1, 15, 3))

    def forward(self, photo: Tensor) -> Tensor:
        return self.place


class Echo(nn.Module):
    """A renderer that returns the photo's square and records the keypoints."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.rendered: list[Tensor] = []

    def encode(self, photo: Tensor) -> Tensor:
        return photo[:, :, None]

    def render(self, feature: Tensor, driving: Tensor, source: Tensor) -> dict[str, Tensor]:
        self.rendered += list(driving)
        return {"prediction": feature[:, :, 0]}


def audio_networks() -> dict[str, nn.Module]:
    """The networks before the renderer, with cheap numbers, and the mapping network of each framing."""
    torch.set_num_threads(1)
    return {name: filling.fill(network, draw=filling.pieces) for name, network in unfilled().items()}


def unfilled() -> dict[str, nn.Module]:
    """The same networks without values."""
    makers: dict[str, Callable[[], nn.Module]] = {
        "coefficients": FaceCoefficients,
        "to_expression": AudioToExpression,
        "to_pose": AudioToPose,
        "full": lambda: MappingNet(73),
        "crop": lambda: MappingNet(70),
    }
    return {name: empty_weights(maker) for name, maker in makers.items()}


def networks(parts: dict[str, nn.Module], framing: str = "full") -> weights.Networks:
    real = {name: parts[name] for name in ("coefficients", "to_expression", "to_pose")}
    return weights.Networks(**real, mapping=parts[framing], keypoints=CentredKeypoints(), generator=Echo())


def speech(*frames: int, fps: int = 25, seed: int = 0) -> list[Speech]:
    rng = np.random.default_rng(seed)
    return [Speech((0.1 * rng.standard_normal(count * RATE // fps)).astype(np.float32)) for count in frames]


def files(parts: weights.Networks, mappings: dict[str, nn.Module]) -> dict[str, object]:
    """The published files of networks: one with five of them, and the mapping network of each framing."""
    prefixes = {
        "face_3drecon.": parts.coefficients,
        "audio2exp.": parts.to_expression,
        "audio2pose.": parts.to_pose,
        "kp_extractor.": parts.keypoints,
        "generator.": parts.generator,
    }
    state = {
        prefix + name: value
        for prefix, network in prefixes.items()
        for name, value in network.state_dict().items()
    }
    return {
        "sadtalker_256": state,
        **{f"sadtalker_mapping_{name}": {"mapping": net.state_dict()} for name, net in mappings.items()},
    }
