"""What Whisper hears, in numpy: its own spectrogram and states, and no crash without its file."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline import hub
from pipeline.motion import lip_network, lip_readout, sound_encoder
from pipeline.motion.lips import LipMotion
from pipeline.motion.sound_encoder import RATE, SIZE, STATES, SoundEncoder
from pipeline.speech import speak
from pipeline.speech.recognition import whisper as recogniser
from pipeline.types import BLENDSHAPES, join


@pytest.fixture(scope="module")
def encoder() -> SoundEncoder:
    return sound_encoder.load()


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    import soxr

    speech = join(speak("Maybe we should move the map, Mum."))
    return soxr.resample(speech.samples, speech.rate, RATE)


def test_the_spectrogram_is_whispers(sound: np.ndarray) -> None:
    from faster_whisper.feature_extractor import FeatureExtractor

    theirs = FeatureExtractor()(sound, padding=0).T
    ours = sound_encoder.spectrogram(sound)
    assert np.abs(ours[: len(theirs)] - theirs)[:-2].max() < 1e-3


def test_the_states_are_those_of_the_published_network(
    sound: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With all six layers and the last norm, CTranslate2's own encoder gives the same of the same file."""
    monkeypatch.setattr(sound_encoder, "LAYERS", 6)
    monkeypatch.setattr(sound_encoder, "_BLOCK", 1500)
    stored = sound_encoder.read_variables(hub.fetch("recognizer"), prefix="encoder/")
    whole = np.pad(sound, (0, 30 * RATE - len(sound)))
    hidden = SoundEncoder(stored)(whole[:-1])
    hidden = (hidden - hidden.mean(1, keepdims=True)) / hidden.std(1, keepdims=True)
    ours = hidden * stored["layer_norm/gamma"] + stored["layer_norm/beta"]
    theirs = np.array(recogniser._model()[1].encode(sound_encoder.spectrogram(whole)[:3000].T))[0]
    spoken = slice(10, len(sound) // 320)
    assert np.corrcoef(ours[spoken].ravel(), theirs[spoken].ravel())[0, 1] > 0.99


def test_long_sound_is_heard_in_blocks_as_in_one(
    encoder: SoundEncoder, sound: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = encoder(sound)
    assert whole.shape == (len(sound) // 320 + 1, SIZE)
    monkeypatch.setattr(sound_encoder, "_BLOCK", STATES)
    blocks = encoder(sound)
    assert blocks.shape == whole.shape
    fits = [np.corrcoef(a, b)[0, 1] for a, b in zip(whole, blocks, strict=True)]
    assert np.median(fits) > 0.97


@pytest.mark.parametrize("count", [0, 1, 250, 1600])
def test_hardly_any_sound_is_heard_too(encoder: SoundEncoder, count: int) -> None:
    found = encoder(np.zeros(count, np.float32))
    assert found.shape == (count // 320 + 1, SIZE)
    assert np.isfinite(found).all()


def test_the_readout_is_small_and_used_where_the_encoder_is() -> None:
    assert lip_readout.PATH.stat().st_size < 200_000
    rest = np.zeros(len(BLENDSHAPES), np.float32)
    assert isinstance(LipMotion(rest)._predictor, lip_readout.Readout)


def test_without_the_recogniser_the_network_moves_the_lips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound_encoder.carriers, "installed", lambda checkpoint: False)
    monkeypatch.setattr(sound_encoder.hub, "find", lambda key: None)
    rest = np.zeros(len(BLENDSHAPES), np.float32)
    assert isinstance(LipMotion(rest)._predictor, lip_network.Network)
