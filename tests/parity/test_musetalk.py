"""MuseTalk's parts, from diffusers and transformers or our own, give the published numbers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from parity import filling
from parity.harness import Fixture

from pipeline.inference.weights import empty_weights
from pipeline.networks import bisenet, musetalk, stable, whisper

TOLERANCE = 5e-5


def test_unet() -> None:
    fixture = Fixture("musetalk_unet")
    network = fixture.fill(musetalk.unet(fixture.manifest["config"]))
    audio_positioned = musetalk.MuseTalk(network, None).add_positions(fixture.tensor("audio"))
    fixture.check("audio_positioned", audio_positioned, tolerance=1e-5)
    made = network(fixture.tensor("latents"), torch.tensor(0), encoder_hidden_states=audio_positioned).sample
    fixture.check("sample", made, tolerance=TOLERANCE)


@pytest.mark.slow  # 3.4 GB of weights take a minute to fill
def test_unet_of_the_published_width() -> None:
    fixture = Fixture("musetalk_unet")
    network = empty_weights(lambda: musetalk.unet(fixture.manifest["published_config"]))
    filling.fill(network)
    assert {key: tuple(value.shape) for key, value in network.state_dict().items()} == fixture.shapes(
        "published_tensors"
    )
    latents, audio = (fixture.tensor(name, call="published") for name in ("latents", "audio"))
    audio_positioned = musetalk.MuseTalk(network, None).add_positions(audio)
    made = network(latents, torch.tensor(0), encoder_hidden_states=audio_positioned).sample
    fixture.check("published/sample", made, tolerance=TOLERANCE)


def test_published_layout() -> None:
    fixture = Fixture("musetalk_unet")
    with torch.device("meta"):
        network = musetalk.unet(fixture.manifest["published_config"])
    shapes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    assert shapes == fixture.shapes("published_tensors")


@pytest.fixture(scope="module")
def muse() -> musetalk.MuseTalk:
    fixture = Fixture("musetalk_vae")
    vae = fixture.fill(stable.autoencoder(fixture.manifest["config"]))
    unet = filling.fill(musetalk.unet(Fixture("musetalk_unet").manifest["config"]))
    return musetalk.MuseTalk(unet, vae)


def test_encoding(muse: musetalk.MuseTalk) -> None:
    fixture = Fixture("musetalk_vae")
    bgr = torch.from_numpy(np.floor(fixture.input("face_bgr"))).permute(2, 0, 1)[None]
    face = bgr.flip(1) / 255
    fixture.check("masked_input", musetalk.mask_lower_half(face) * 2 - 1, tolerance=1e-6)
    posteriors = [
        muse.vae.encode(image * 2 - 1).latent_dist for image in (musetalk.mask_lower_half(face), face)
    ]
    fixture.check("posterior_mean", posteriors[1].mean, tolerance=TOLERANCE)
    fixture.check("posterior_logvar", posteriors[1].logvar, tolerance=TOLERANCE)
    noises = [fixture.tensor(f"noise of the {which} encode") for which in ("masked", "reference")]
    drawn = [part.mean + part.std * noise for part, noise in zip(posteriors, noises, strict=True)]
    fixture.check("latents_for_unet", stable.LATENT_SCALE * torch.cat(drawn, dim=1), tolerance=TOLERANCE)
    means = stable.LATENT_SCALE * torch.cat([part.mean for part in posteriors], dim=1)
    torch.testing.assert_close(muse.latents(face), means, atol=1e-5, rtol=0)


def test_decoding(muse: musetalk.MuseTalk) -> None:
    fixture = Fixture("musetalk_vae")
    latents = fixture.tensor("pred_latents")
    fixture.check("decoded", muse.vae.decode(latents / stable.LATENT_SCALE).sample, tolerance=2e-4)
    levels = (stable.decode(muse.vae, latents) * 255).round()
    fixture.check("frame_bgr_uint8", levels.flip(1).permute(0, 2, 3, 1), tolerance=1)


def test_older_attention_names() -> None:
    shapes = Fixture("musetalk_vae").shapes()
    new = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}
    old = set()
    for key in shapes:
        for name, before in new.items():
            key = key.replace(name, before)
        old.add(key)
    assert old != set(shapes)
    assert set(stable.rename_attention(dict.fromkeys(old))) == set(shapes)


def whisper_encoder() -> torch.nn.Module:
    fixture = Fixture("musetalk_whisper_encoder")
    network = whisper.encoder(fixture.manifest["config"])
    state = filling.state_dict(fixture.shapes())
    network.load_state_dict(
        {key.removeprefix("encoder."): value for key, value in state.items()}, strict=True
    )
    return network.eval()


def test_whisper_states() -> None:
    fixture = Fixture("musetalk_whisper_encoder")
    made = whisper.hidden_states(whisper_encoder(), fixture.tensor("input_features"))
    fixture.check("hidden_states", made, tolerance=1e-4)


def test_whisper_under_openais_names() -> None:
    ours = dict.fromkeys(whisper_encoder().state_dict())
    theirs = []
    for key in ours:
        for old, new in whisper._OPENAI.items():
            key = key.replace(new, old)
        theirs.append(key)
    assert "blocks.0.attn.query.weight" in theirs
    assert whisper.from_openai(dict.fromkeys(theirs)) == ours


def test_spectrogram_is_whispers() -> None:
    from transformers import WhisperFeatureExtractor

    samples = filling.signal("sound", (20_000,), -0.4, 0.4)
    wanted = WhisperFeatureExtractor()(samples, sampling_rate=16_000).input_features[0]
    padded = torch.nn.functional.pad(torch.from_numpy(samples), (0, 480_000 - len(samples)))
    assert np.abs(whisper.log_mel(padded).cpu().numpy() - wanted).max() < 2e-4


def test_face_parsing() -> None:
    fixture = Fixture("musetalk_face_parsing")
    network = fixture.fill(bisenet.BiSeNet())
    fixture.check("out", network(fixture.tensor("image")), tolerance=2e-4)


def test_face_parsing_heads_of_the_training() -> None:
    """The two coarser outputs, which nothing here uses, show where the features between them differ."""
    fixture = Fixture("musetalk_face_parsing")
    network = fixture.fill(bisenet.BiSeNet())
    coarsest = []
    network.cp.conv_head32.register_forward_hook(lambda *call: coarsest.append(call[-1]))
    _, coarse = network.cp(fixture.tensor("image"))
    for key, logits in (("out16", network.conv_out16(coarse)), ("out32", network.conv_out32(coarsest[0]))):
        fixture.check(
            key, F.interpolate(logits, (128, 128), mode="bilinear", align_corners=True), tolerance=2e-4
        )
