"""What the motion networks are given: features that do not depend on rate, level or parts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.motion import lip_network
from pipeline.motion.articulation import PHONETIC_FEATURES
from pipeline.motion.audio_features import BANDS, STEPS, SpeakerNormalizer, log_mel
from pipeline.motion.window import speech_windows
from pipeline.types import RATE, Phone, Speech


def chirp(rate: int, seconds: float = 2.0) -> np.ndarray:
    at = np.arange(int(rate * seconds)) / rate
    loud = 0.3 * (0.2 + np.sin(2 * np.pi * 3 * at) ** 2)
    return (loud * np.sin(2 * np.pi * (200 * at + 700 * at**2))).astype(np.float32)


def test_spectra_are_the_same_at_any_rate() -> None:
    low, high = log_mel(chirp(16_000), 16_000), log_mel(chirp(48_000), 48_000)
    assert low.shape == high.shape == (2 * STEPS + 1, 40)
    loud = np.s_[5:-5]
    audible = high[loud] > high[loud].max() - 6
    assert np.abs(low[loud] - high[loud])[audible].max() < 0.1


def test_level_does_not_matter() -> None:
    spectra = [log_mel(gain * chirp(48_000), 48_000) for gain in (1.0, 0.1)]
    one, other = (SpeakerNormalizer().updated(spectrum).normalize(spectrum) for spectrum in spectra)
    assert np.abs(one - other).max() < 0.2


def test_silence_is_not_speaking() -> None:
    spectra = log_mel(np.concatenate([chirp(48_000), np.zeros(48_000, np.float32)]), 48_000)
    speaking = SpeakerNormalizer().updated(spectra).speaking(spectra)
    assert speaking[40:160].min() > 0.9
    assert speaking[-60:].max() < 0.05
    assert SpeakerNormalizer().updated(spectra[-60:]).speaking(spectra[-60:]).max() == 0


def test_the_network_looks_a_quarter_of_a_second_ahead_at_most() -> None:
    net = lip_network.load()
    spectra = np.random.default_rng(0).normal(size=(400, BANDS + PHONETIC_FEATURES)).astype(np.float32)
    later = spectra.copy()
    later[200 + STEPS // 4 :] += 1
    one, other = net(spectra), net(later)
    assert np.array_equal(one[:101], other[:101])
    assert not np.allclose(one[130:], other[130:])
    assert net.after / lip_network.RATE <= 0.25


def test_features_of_parts_are_those_of_the_whole() -> None:
    sound = np.tile(chirp(48_000), 2)
    whole, end = speech_windows([Speech(sound)], 25)
    *first, third, last = speech_windows([Speech(part) for part in np.split(sound, 4)], 25)
    assert [one.start for one in (*first, third, last)] == pytest.approx([0, 0.2, 1.2, 2.2, 3.2])
    assert [one.last for one in (*first, third, last)] == [False] * 4 + [True]
    for ours, theirs in ((third, whole), (last, end)):
        level = ours.at_frames(ours.loudness)
        assert np.allclose(level, theirs.at_frames(theirs.loudness)[-len(level) :], atol=0.2)


def test_a_window_has_the_phones_of_its_context() -> None:
    sounds = tuple(Phone("a", k / 10, (k + 1) / 10) for k in range(20))
    part = Speech(np.zeros(2 * RATE, np.float32), sounds)
    windows = list(speech_windows([part, part], 25))
    for one in windows:
        begins = sorted(phone.start + one.start for phone in one.phones)
        assert np.allclose(np.diff(begins), 0.1)
        assert begins[0] <= max(one.start - 0.9, 0.01)
        assert begins[-1] >= min(one.start + one.count / 25 + 0.15, 3.89)


def test_the_network_is_small() -> None:
    assert lip_network.PATH.stat().st_size < 3_000_000


def test_phones_that_were_only_recognised_are_not_exact_though_the_words_are_known() -> None:
    known = Speech(chirp(48_000), (Phone("b", 0.5, 0.6),), text="bee")
    windows = [next(iter(speech_windows([replace(known, recognised=heard)], 25))) for heard in (False, True)]
    assert [one.exact for one in windows] == [True, False]
