"""The lips engine MuseTalk 1.5: one step of a latent UNet per frame, a sharp mouth at 256 x 256 px.

`engine` crops, inpaints and pastes back; `mask` makes the blending mask. The crops come from the studio's own
landmarks, so neither the pose network nor the face detector of the published program is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.cards import Card

if TYPE_CHECKING:
    from pipeline.lips.musetalk.engine import MuseTalkLips

__all__ = ["CARD", "load"]

CARD = Card(
    name="musetalk",
    layer="lips",
    title="MuseTalk 1.5",
    summary="A clear mouth with teeth on any face and any video, free for commercial use.",
    speed="faster than real time on a large GPU; about 20 seconds per frame on two CPU cores",
    code_licence="Apache-2.0 (own implementation)",
    weights_licence="any purpose, commercial included, says its README; its card says CreativeML OpenRAIL-M",
    commercial=True,
    paper="https://arxiv.org/abs/2410.10122",
    checkpoints=(
        "musetalk_unet",
        "musetalk_config",
        "vae",
        "vae_config",
        "whisper_tiny",
        "whisper_tiny_config",
        "face_parsing",
    ),
    memory_gb=6.0,
    gpu_seconds=1.0,
    subjects=("photo", "video"),
)


def load() -> MuseTalkLips:
    """The engine with its weights, downloaded from the Hub on first use.

    Raises:
        CheckpointError: the weights cannot be had, or belong to another network.
    """
    from pipeline import hub
    from pipeline.inference import device
    from pipeline.inference.weights import empty_weights, load_into, load_state
    from pipeline.lips import pretrained
    from pipeline.lips.musetalk.engine import MuseTalkLips
    from pipeline.lips.whisper_features import WhisperFeatures
    from pipeline.networks import bisenet, musetalk, whisper

    config = pretrained.read_config("musetalk_config")
    unet = empty_weights(lambda: musetalk.unet(config))
    load_into(unet, load_state(hub.fetch("musetalk_unet")), name="MuseTalk")
    encoder = whisper.encoder(pretrained.read_config("whisper_tiny_config"))
    state = load_state(hub.fetch("whisper_tiny"), prefix="model.encoder.")
    load_into(encoder, state, name="Whisper tiny")
    parser = bisenet.BiSeNet()
    load_into(parser, load_state(hub.fetch("face_parsing")), name="face parsing")
    where = device.pick()
    return MuseTalkLips(
        device.place(
            musetalk.MuseTalk(unet, pretrained.autoencoder()), where, half=True, calls=musetalk.CALLS
        ),
        WhisperFeatures(device.place(encoder, where, half=True), musetalk.log_mel_segments),
        device.place(parser, where, half=True),
    )
