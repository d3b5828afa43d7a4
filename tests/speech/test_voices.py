"""Voices: their cards, loading them from files, and what is said when they cannot be had."""

import json
import subprocess
import sys
from pathlib import Path

import hubrepo
import numpy as np
import pytest
from speech.tinyvoice import HOP, RATE, write_voice

from pipeline.errors import CheckpointError, UnknownNameError
from pipeline.speech.audio.loudness import levels
from pipeline.speech.text.normalize import normalize
from pipeline.speech.voices.catalog import card, load, voices
from pipeline.speech.voices.hubfiles import fetch
from pipeline.speech.voices.onnx_graph import open_graph
from pipeline.speech.voices.piper import PiperVoice


def test_cards_say_what_a_person_has_to_know() -> None:
    cards = voices()
    assert cards[0].name == "joe"
    assert cards[0].download_bytes == 0
    assert len({item.name for item in cards}) == len(cards)
    for item in cards:
        assert item.title and item.licence and item.source and item.language
        assert item.commercial is False or "NC" not in item.licence
    assert not card("mms:eng").commercial
    assert card("kokoro:bf_emma").language == "en-GB"


def test_every_piper_voice_can_be_named() -> None:
    assert card("sv_SE-nst-medium").language == "sv-SE"
    assert card("mms:yor").source.endswith("mms-tts-yor")


@pytest.mark.parametrize(
    ("wrong", "near"),
    [("en_US-amy-medum", "en_US-amy-medium"), ("kokoro:af_hart", "kokoro:af_heart"), ("Joe", "joe")],
)
def test_the_nearest_name_is_suggested(wrong: str, near: str) -> None:
    with pytest.raises(UnknownNameError, match=near):
        card(wrong)


def test_importing_the_room_is_cheap() -> None:
    code = (
        "import sys, pipeline.speech as s; s.voices(); list(s.speak('Hello there.')); "
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2], timeout=120)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        (
            "en_US-amy-medium",
            r"en/en_US/amy/medium/en_US-amy-medium\.onnx from https://huggingface\.co/rhasspy/piper-voices",
        ),
        ("mms:deu", r"config\.json from https://huggingface\.co/facebook/mms-tts-deu"),
    ],
)
def test_without_a_network_the_sentence_says_which_file_and_where(
    name: str, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hubrepo.point_at(monkeypatch, tmp_path, offline=True)
    monkeypatch.setenv("STUDIO_MODELS", str(tmp_path / "by-hand"))
    with pytest.raises(CheckpointError, match=hint) as caught:
        load(name)
    assert str(tmp_path / "by-hand") in str(caught.value)


def test_a_file_in_the_cache_needs_no_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hubrepo.point_at(monkeypatch, tmp_path, offline=True)
    folder = tmp_path / "models--some--voice"
    (folder / "snapshots" / "abc").mkdir(parents=True)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("abc")
    (folder / "snapshots" / "abc" / "config.json").write_text("{}")
    assert fetch("some/voice", "config.json", card("en_US-amy-medium")).read_text() == "{}"


@pytest.mark.skipif("kokoro" in sys.modules, reason="the package is here")
def test_kokoro_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.speech.voices.kokoro.find_spec", lambda name: None)
    with pytest.raises(CheckpointError, match="pip install kokoro"):
        load("kokoro:af_heart")


def test_a_piper_voice_from_files(tmp_path: Path) -> None:
    voice = PiperVoice(card("en_US-tiny-low"), *write_voice(tmp_path))
    line = normalize("Hello big world.")
    said = voice.say(line, pace=1.0, seed=0)
    assert said.rate == RATE
    assert said.phones[-1].end == pytest.approx(len(said.samples) / RATE)
    labels = [phone.label for phone in said.phones if phone.label]
    assert labels == ["h", "ə", "l", "o", "ʊ", "b", "ɪ", "ɡ", "w", "ɜː", "l", "d"]
    assert all(round(phone.end * RATE) % (2 * HOP) == 0 for phone in said.phones[1:-1])
    assert len(said.words) == 3


def test_a_seed_rules_the_noise_inside_the_graph(tmp_path: Path) -> None:
    voice = PiperVoice(card("en_US-tiny-low"), *write_voice(tmp_path))
    line = normalize("Hello.")
    one, same, other = (voice.say(line, pace=1.0, seed=seed).samples for seed in (1, 1, 2))
    assert one.tobytes() == same.tobytes()
    assert 0 < np.abs(one - other).max() < 0.1


def test_the_graph_is_opened_in_memory_only(tmp_path: Path) -> None:
    model, _ = write_voice(tmp_path)
    before = model.read_bytes()
    opened = open_graph(model)
    assert opened.durations == "frames"
    assert len(opened.noises) == 1
    assert model.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\x3a\xff\xff\xff\x7fcut off"])
def test_a_damaged_voice_file_is_told(tmp_path: Path, content: bytes) -> None:
    model, config = write_voice(tmp_path)
    model.write_bytes(content)
    with pytest.raises(CheckpointError, match="damaged"):
        PiperVoice(card("en_US-tiny-low"), model, config)


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


def test_a_vits_voice_from_files(vits_folder: Path) -> None:
    from pipeline.speech.voices.mms import VitsVoice

    voice = VitsVoice(card("mms:eng"), vits_folder)
    line = normalize("Hello 3 worlds, my friend.")
    said = voice.say(line, pace=1.0, seed=3)
    assert said.phones is None
    assert len(said.words) == len(line)
    assert all(a <= b for a, b in said.words)
    assert said.words[-1][1] <= len(said.samples) / said.rate + 0.01
    assert said.samples.tobytes() == voice.say(line, pace=1.0, seed=3).samples.tobytes()
    slow = voice.say(line, pace=0.5, seed=3)
    assert len(slow.samples) > 1.3 * len(said.samples)


def test_a_damaged_vits_folder_is_told(tmp_path: Path) -> None:
    from pipeline.speech.voices.mms import VitsVoice

    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(CheckpointError, match="damaged"):
        VitsVoice(card("mms:eng"), tmp_path)


def test_loudness_agrees_with_another_implementation() -> None:
    import pyloudnorm

    random = np.random.default_rng(0)
    sound = random.normal(0, 0.1, 48_000 * 5) * np.repeat([1, 0.01, 0.5, 1, 0.001], 48_000)
    reference = pyloudnorm.Meter(48_000).integrated_loudness(sound)
    assert levels(sound.astype(np.float32)).loudness() == pytest.approx(reference, abs=0.15)
