"""The matting engine BiRefNet, for a GPU; `network` is what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cards import Card

if TYPE_CHECKING:
    from pipeline.stage.mattes.network import BiRefNetMatting

CARD = Card(
    name="birefnet",
    layer="matting",
    title="BiRefNet",
    summary="Cuts out single hairs, in photos and in every frame of a video.",
    speed="as fast as the video plays on a large GPU; about a minute per picture on two CPU cores",
    code_licence="Apache-2.0 (own implementation)",
    weights_licence="MIT",
    commercial=True,
    paper="https://arxiv.org/abs/2401.03407",
    checkpoints=("birefnet",),
    memory_gb=4.0,
    gpu_seconds=1.5,
    subjects=("photo", "video"),
)


def load() -> BiRefNetMatting:
    """The engine with its weights, downloaded from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or belong to another network.
    """
    from pipeline import hub
    from pipeline.inference import device
    from pipeline.inference.weights import empty_weights, load_into, load_state
    from pipeline.networks import birefnet
    from pipeline.stage.mattes.network import BiRefNetMatting

    network = empty_weights(birefnet.BiRefNet)
    load_into(network, load_state(hub.fetch("birefnet")), name="BiRefNet")
    return BiRefNetMatting(device.place(network, device.pick(), half=True, calls=birefnet.CALLS))
