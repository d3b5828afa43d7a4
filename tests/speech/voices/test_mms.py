"""MMS voices: speaking from files."""

import json
from pathlib import Path

import pytest

from pipeline import engines
from pipeline.errors import CheckpointError
from pipeline.speech.text.normalize import normalize
from pipeline.speech.voices.mms.voice import VitsVoice

CARD = engines.voice("mms:eng")


@pytest.fixture(scope="module")
def vits_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A VITS network with random weights in the layout of facebook/mms-tts-*."""
    import torch
    from transformers import VitsConfig, VitsModel

    folder = tmp_path_factory.mktemp("vits")
    vocabulary = {letter: index for index, letter in enumerate("_ abcdefghijklmnopqrstuvwxyz'")}
    torch.manual_seed(0)
    config = VitsConfig(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, ffn_dim=16,
        flow_size=16, spectrogram_bins=9, upsample_initial_channel=16, upsample_rates=[8, 8],
        upsample_kernel_sizes=[16, 16], resblock_kernel_sizes=[3], resblock_dilation_sizes=[[1]],
        duration_predictor_flow_bins=4, duration_predictor_filter_channels=16, prior_encoder_num_flows=1,
        posterior_encoder_num_wavenet_layers=1, prior_encoder_num_wavenet_layers=1,
        depth_separable_num_layers=1, duration_predictor_num_flows=1, sampling_rate=16_000,
    )  # fmt: skip
    VitsModel(config).save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    reader = {"tokenizer_class": "VitsTokenizer", "pad_token": "_", "unk_token": "_", "phonemize": False}
    (folder / "tokenizer_config.json").write_text(
        json.dumps({**reader, "is_uroman": False, "language": "eng"})
    )
    return folder


def test_words_are_in_time_and_a_seed_gives_the_same_bytes(vits_folder: Path) -> None:
    voice = VitsVoice(CARD, vits_folder)
    phrase = normalize("Hello 3 worlds, my friend.")
    said = voice.say(phrase, pace=1.0, seed=3)
    assert said.phones is None and said.words is not None
    assert len(said.words) == len(phrase)
    assert all(a <= b for a, b in said.words)
    assert said.words[-1][1] <= len(said.samples) / said.rate + 0.01
    assert said.samples.tobytes() == voice.say(phrase, pace=1.0, seed=3).samples.tobytes()
    slow = voice.say(phrase, pace=0.5, seed=3)
    assert len(slow.samples) > 1.3 * len(said.samples)


def test_a_damaged_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="damaged"):
        VitsVoice(CARD, tmp_path)
