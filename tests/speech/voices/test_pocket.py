"""Pocket TTS: published names into transformers' classes, voices, pace, and an older transformers."""

import importlib.util
import wave
from pathlib import Path

import numpy as np
import pocketvoice
import pytest

from pipeline import engines
from pipeline.errors import CheckpointError, StudioError
from pipeline.speech.text.normalize import normalize
from pipeline.speech.voices import pocket
from pipeline.speech.voices.pocket.voice import Networks, PocketVoice, heard
from pipeline.speech.voices.pocket.weights import load_networks, load_prefix

PHRASE = normalize("Hello there; my *friend*!")


@pytest.fixture(scope="module")
def networks(tmp_path_factory: pytest.TempPathFactory) -> Networks:
    return Networks(*pocketvoice.write(tmp_path_factory.mktemp("pocket")))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    noise = np.random.default_rng(0).normal(0, 3000, 48_000).astype("<i2")
    with wave.open(str(tmp_path / "me.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes(noise.tobytes())
    return tmp_path / "me.wav"


def test_a_voice_is_seeded_and_keeps_its_pace(networks: Networks, recording: Path) -> None:
    voice = PocketVoice(engines.voice("pocket:en"), networks, heard(networks, recording))
    said = voice.say(PHRASE, pace=1.0, seed=3)
    assert said.rate == 24_000 and said.words is None and said.phones is None
    assert np.isfinite(said.samples).all() and len(said.samples) >= 1920
    again, other = (voice.say(PHRASE, pace=1.0, seed=seed).samples for seed in (3, 4))
    assert again.tobytes() == said.samples.tobytes()
    assert other.tobytes() != said.samples.tobytes()
    fast = voice.say(PHRASE, pace=2.0, seed=3).samples
    assert len(fast) == pytest.approx(len(said.samples) / 2, abs=600)


def test_a_published_voice_is_what_the_network_keeps_of_its_recording(
    networks: Networks, recording: Path, tmp_path: Path
) -> None:
    """The store of every layer, written as the package that published it does, reads back as it was."""
    kept = heard(networks, recording)
    read = load_prefix(pocketvoice.write_voice(kept, tmp_path / "voice.safetensors"), networks.speaker.config)
    for mine, published in zip(kept.layers, read.layers, strict=True):
        assert np.array_equal(mine.keys.cpu().numpy(), published.keys.numpy())
        assert np.array_equal(mine.values.cpu().numpy(), published.values.numpy())


def test_what_is_no_such_network_is_refused(networks: Networks, recording: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "model.safetensors"
    damaged.write_bytes(b"nothing")
    with pytest.raises(CheckpointError, match="damaged"):
        load_networks(damaged)
    with pytest.raises(CheckpointError, match="damaged"):
        Networks(pocketvoice.write(tmp_path)[0], damaged)
    other = pocketvoice.write_voice(heard(networks, recording), tmp_path / "voice.safetensors", layers=1)
    with pytest.raises(CheckpointError, match="not a voice of this"):
        load_prefix(other, networks.speaker.config)


def test_an_older_transformers_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(pocket, "find_spec", lambda name: None if name.endswith("pocket_tts") else real(name))
    with pytest.raises(CheckpointError, match=r"needs transformers 5\.24 or newer") as caught:
        pocket.load(engines.voice("pocket:de_juergen"))
    assert caught.value.parameter == "voice"


def test_a_voice_that_imitates_asks_for_its_recording() -> None:
    with pytest.raises(StudioError, match="give one as voice_from"):
        pocket.load(engines.voice("pocket:fr"))
    assert engines.voice("pocket:fr").imitates and not engines.voice("pocket:fr_estelle").imitates
    assert engines.voice("pocket:de_alba").language == "de"
