"""Checkpoints of the lips engines, narrow where the files state their own widths, and clips for them."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np
import torch
from parity import filling
from parity.harness import Fixture

from pipeline.faces.landmarks import UPPER_LID_MIDDLE
from pipeline.networks import bisenet, latentsync, musetalk, stable, whisper
from pipeline.networks.wav2lip import Wav2Lip
from pipeline.protocols import Lips
from pipeline.types import RATE, Clip, Frame, Portrait, Speech, Style


def as_file(config: dict[str, Any]) -> bytes:
    return json.dumps(config).encode()


def state_of(network: torch.nn.Module, draw: filling.Draw = filling.pieces) -> dict[str, torch.Tensor]:
    """A state dict for the network, filled with cheap numbers unless others are asked for."""
    layout = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    return filling.state_dict(layout, draw)


def autoencoder_files() -> dict[str, Any]:
    """A narrow autoencoder in the Hub's layout."""
    narrow = {"block_out_channels": [4, 4, 8, 8], "norm_num_groups": 4, "layers_per_block": 1}
    config = {**Fixture("musetalk_vae").manifest["config"], **narrow}
    return {"vae": state_of(stable.autoencoder(config)), "vae_config": as_file(config)}


@cache
def wav2lip_files() -> dict[str, Any]:
    """Wav2Lip's checkpoint as published; its widths are fixed."""
    state = {f"module.{name}": value for name, value in state_of(Wav2Lip()).items()}
    return {"wav2lip_gan": {"state_dict": state, "optimizer": None, "global_step": 7, "global_epoch": 1}}


@cache
def musetalk_files() -> dict[str, Any]:
    """All checkpoints of MuseTalk, narrow but for the face parser."""
    config = {**Fixture("musetalk_unet").manifest["config"], **NARROW, "layers_per_block": 1}
    return {
        **autoencoder_files(),
        **whisper_files(),
        "musetalk_unet": state_of(musetalk.unet(config)),
        "musetalk_config": as_file(config),
        "face_parsing": state_of(bisenet.BiSeNet()),
    }


@cache
def latentsync_files() -> dict[str, Any]:
    """All checkpoints of LatentSync, narrow."""
    config = {**Fixture("latentsync_unet").manifest["config"], **NARROW}
    return {
        **autoencoder_files(),
        "latentsync_unet": {"global_step": 1, "state_dict": state_of(latentsync.unet(config))},
        "latentsync_whisper": openai_whisper(),
    }


def openai_whisper() -> dict[str, Any]:
    """A narrow Whisper as OpenAI publishes it."""
    names = ("n_audio_state", "n_audio_layer", "n_audio_head", "n_mels", "n_audio_ctx")
    dims = dict(zip(names, (WIDTH, 4, 2, 80, 1500), strict=True))
    renamed = {}
    encoder = whisper.encoder(whisper.openai_config(dims))
    for name, value in state_of(encoder, filling.by_name).items():
        for theirs, ours in whisper._OPENAI.items():
            name = name.replace(ours, theirs)
        renamed[f"encoder.{name}"] = value
    return {"dims": dims, "model_state_dict": renamed | {"decoder.ln.weight": torch.ones(2)}}


WIDTH = 64
"""Of the speech encoder, and so of the UNets' cross-attention."""
NARROW = {"block_out_channels": [32, 32, 32, 32], "cross_attention_dim": WIDTH}
"""The UNets: as few numbers as their kinds of blocks allow."""


def whisper_files() -> dict[str, Any]:
    """A narrow Whisper as transformers publishes it, with a tensor of the unused decoder."""
    config = {
        **Fixture("musetalk_whisper_encoder").manifest["config"],
        "d_model": WIDTH,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": WIDTH,
    }
    state = {f"model.encoder.{name}": value for name, value in state_of(whisper.encoder(config)).items()}
    state["model.decoder.layer_norm.weight"] = torch.ones(WIDTH)
    return {"whisper_tiny": state, "whisper_tiny_config": as_file(config)}


def speech(*frames: int, fps: int = 25, seed: int = 0) -> list[Speech]:
    """Parts of noise, each lasting so many frames."""
    random = np.random.default_rng(seed)
    return [Speech((0.1 * random.standard_normal(n * RATE // fps)).astype(np.float32)) for n in frames]


def still(portrait: Portrait, count: int) -> list[Frame]:
    """A portrait that does not move, as frames with landmarks."""
    return [Frame(portrait.image, portrait.face.landmarks) for _ in range(count)]


def synced(
    engine: Lips, frames: Iterable[Frame], parts: Iterable[Speech], *, fps: int = 25
) -> Iterator[Frame]:
    """The frames of a clip after a lips engine."""
    stream = iter(frames)
    first = next(stream)
    height, width = first.image.shape[:2]
    clip = Clip((width, height), fps, itertools.chain([first], stream))
    out = engine.sync(clip, parts, Style(fps=fps))
    assert (out.size, out.fps) == (clip.size, clip.fps)
    return out.frames


def assert_lower_face(image: np.ndarray, portrait: Portrait, *, aside: float, below: float) -> None:
    """Checks that only pixels of the lower face differ from the portrait's.

    `aside` and `below` are px by which they may reach beyond the face's box.
    """
    left, top, right, bottom = changed(image, portrait.image)
    box, points = portrait.face.box, portrait.face.landmarks
    assert box[0] - aside <= left and right <= box[2] + aside
    lids, upper_lip, lower_lip = points[list(UPPER_LID_MIDDLE.values()), 1], points[0, 1], points[17, 1]
    assert lids.max() < top < upper_lip, "from below the eyes, above the lip"
    assert lower_lip < bottom < box[3] + below, "to below the chin"


def assert_mouth_follows_sound(engine: Lips, portrait: Portrait, *, frames: int) -> None:
    """Checks that equal sounds give equal frames, and other sounds others."""
    one, again, other = (
        [frame.image for frame in synced(engine, still(portrait, frames), speech(frames, seed=seed))]
        for seed in (1, 1, 2)
    )
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def changed(one: np.ndarray, other: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the pixels that differ."""
    rows, columns = np.nonzero((one != other).any(-1))
    return columns.min(), rows.min(), columns.max(), rows.max()
