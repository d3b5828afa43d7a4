"""The lips engine Wav2Lip: reliable timing on any face, painted at 96 x 96 px and blended into the frame.

`engine` crops, inpaints and pastes back; `boxes` places the crops. The boxes come from the studio's own
tracker and are smoothed without lag, and only the lower face is painted over; the published program pastes
whole rectangles that run ahead of or behind the head.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from pipeline import options
from pipeline.cards import Card

if TYPE_CHECKING:
    import torch

    from pipeline.lips.wav2lip.engine import Wav2LipLips
    from pipeline.networks.wav2lip import Wav2Lip

__all__ = ["CARD", "Options", "checkpoints", "load"]

CARD = Card(
    name="wav2lip",
    layer="lips",
    title="Wav2Lip",
    summary="The best-known lip sync: reliable timing on any face or video, soft when the face is large.",
    speed="about 5 frames per second on two CPU cores, faster than real time on a GPU",
    code_licence="Apache-2.0 (own implementation)",
    weights_licence="research and personal use only (trained on LRS2)",
    commercial=False,
    paper="https://arxiv.org/abs/2008.10010",
    checkpoints=("wav2lip_gan",),
    memory_gb=1.5,
    gpu_seconds=0.5,
    subjects=("photo", "video"),
)


class Options(options.Options):
    """How Wav2Lip runs."""

    checkpoint: Literal["wav2lip", "wav2lip_gan"] = "wav2lip_gan"
    """`wav2lip_gan` paints a sharper mouth, `wav2lip` has the tighter timing."""
    offset: float = Field(default=0.0, ge=-25, le=25)
    """Shift of the sound against the picture in frames; positive values use later sound."""
    boxes: Literal["steady", "published"] = "steady"
    """`steady` smooths the face box without lag; `published` follows the original program, whose boxes run
    two frames ahead of a moving head."""


def checkpoints(options: Options) -> tuple[str, ...]:
    """Keys of the published files that these options need."""
    return (options.checkpoint,)


def load(options: Options | None = None) -> Wav2LipLips:
    """The engine with its weights, downloaded from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or belong to another network.
    """
    from pipeline import hub
    from pipeline.inference import device
    from pipeline.inference.weights import empty_weights, load_into, load_state
    from pipeline.lips.wav2lip.engine import Wav2LipLips
    from pipeline.networks.wav2lip import Wav2Lip

    options = options or Options()
    state = load_state(hub.fetch(options.checkpoint), part="state_dict", prefix="module.")
    network = empty_weights(Wav2Lip)
    load_into(network, state, name="Wav2Lip")
    return Wav2LipLips(prepare(network, device.pick()), options)


def prepare(network: Wav2Lip, where: torch.device) -> Wav2Lip:
    """The network with its weights, moved to the device for inference.

    On a CPU, a fifth of its time is saved by folded norms and the channels as the last dimension, and two
    thirds of the rest by bfloat16 where the CPU multiplies it.
    """
    import torch

    from pipeline.inference import device
    from pipeline.networks.wav2lip import fold_normalisation

    fold_normalisation(network.eval())
    # float16 changes a pixel by half a grey level at most, bfloat16 by three, and 0.3 on average (measured).
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # not in torch's stubs
    return device.place(network, where, half=True, bfloat16=True)
