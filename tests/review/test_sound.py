"""The recording's review, on a spoken sentence with known defects, and on sounds that are no speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sounds import write_wav

from pipeline.errors import AudioError
from pipeline.findings import Finding
from pipeline.review import review_recording, review_sound
from pipeline.speech import speak
from pipeline.types import RATE, Phone, Speech, join

TEXT = "The morning train was late again, so we walked along the river and talked about the summer."


@pytest.fixture(scope="module")
def speech() -> Speech:
    return join(speak(TEXT))


def judged(samples: np.ndarray, rate: int = RATE, phones: tuple[Phone, ...] = ()) -> dict[str, Finding]:
    return {finding.topic: finding for finding in review_sound(samples, rate, phones=phones)}


def test_a_clean_voice_is_good_in_everything(speech: Speech) -> None:
    findings = judged(speech.samples, phones=speech.phones)
    assert {topic: finding.verdict for topic, finding in findings.items()} == dict.fromkeys(
        ("voice", "level", "clipping", "noise", "pauses", "pace"), "good"
    )


def test_quiet_and_silent(speech: Speech) -> None:
    assert judged(speech.samples * 0.02)["level"].verdict == "poor"
    (finding,) = review_sound(np.zeros(RATE, np.float32))
    assert finding.verdict == "poor" and "silent" in finding.sentence


def test_clipping(speech: Speech) -> None:
    peak = np.abs(speech.samples).max()
    assert judged(np.clip(speech.samples * 4 / peak, -1, 1))["clipping"].verdict == "poor"


def test_noise_grows_worse(speech: Speech) -> None:
    hiss = np.random.default_rng(0).normal(0, 1, len(speech.samples)).astype(np.float32)
    ratios = [judged(speech.samples + hiss * level)["noise"] for level in (0.0, 0.004, 0.05)]
    assert ratios[0].value > ratios[1].value > ratios[2].value
    assert ratios[2].verdict == "poor"


def test_pauses(speech: Speech) -> None:
    half = len(speech.samples) // 2
    gap = np.zeros(6 * RATE, np.float32)
    findings = judged(np.concatenate([speech.samples[:half], gap, speech.samples[half:]]))
    assert findings["pauses"].verdict == "poor" and 5 < findings["pauses"].value < 7


def test_pace_follows_the_phones(speech: Speech) -> None:
    hurried = tuple(Phone(phone.label, phone.start / 2, phone.end / 2) for phone in speech.phones)
    finding = judged(speech.samples, phones=hurried)["pace"]
    assert finding.verdict == "fair" and "fast" in finding.sentence


def test_any_rate_will_do(speech: Speech) -> None:
    assert judged(speech.samples[::3], RATE // 3)["level"].verdict == "good"


def seconds(count: float) -> np.ndarray:
    return np.arange(round(count * RATE)) / RATE


def sine(level: float, hertz: float = 220.0) -> np.ndarray:
    """Eight seconds of a tone with a peak of `level` dBFS."""
    return (10 ** (level / 20) * np.sin(2 * np.pi * hertz * seconds(8))).astype(np.float32)


def no_speech() -> dict[str, np.ndarray]:
    time, rng = seconds(8), np.random.default_rng(0)
    return {
        "tone": sine(-10),
        "high tone": sine(-3, 3000),
        "beeps": sine(-10, 440) * (time % 1 < 0.5),
        "trembling tone": sine(-10, 440) * (0.5 + 0.5 * np.sin(2 * np.pi * 4 * time)),
        "sweep": 0.3 * np.sin(2 * np.pi * (100 * time + 150 * time**2)),
        "hum": 0.1 * sum(np.sin(2 * np.pi * 50 * k * time) / k for k in range(1, 8)),
        "noise": rng.normal(0, 0.1, len(time)),
    }


@pytest.mark.parametrize("name", list(no_speech()))
def test_what_is_no_speech_is_said_to_be_none(name: str) -> None:
    findings = judged(no_speech()[name].astype(np.float32))
    assert findings["voice"].verdict == "poor" and "No speech was found" in findings["voice"].sentence
    assert set(findings) == {"voice", "level"}  # nothing about noise or clipping, which a clean tone has not


def test_speech_in_noise_is_still_speech(speech: Speech) -> None:
    power = float((speech.samples**2).mean())
    hiss = np.random.default_rng(0).normal(0, np.sqrt(power / 10), len(speech.samples))
    findings = judged((speech.samples + hiss).astype(np.float32))
    assert findings["voice"].verdict == "good" and findings["noise"].verdict == "poor"


@pytest.mark.parametrize("length", [0.05, 0.3, 1.0])
def test_short_recordings_are_judged_too(speech: Speech, length: float) -> None:
    start = RATE // 2
    findings = judged(speech.samples[start : start + round(length * RATE)])
    assert findings["voice"].verdict == "good"


def test_a_file_is_judged_as_its_samples_are(speech: Speech, tmp_path: Path) -> None:
    found = review_recording(write_wav(tmp_path / "talk.wav", speech.samples, RATE))
    expected = judged(speech.samples)
    assert {finding.topic: finding.verdict for finding in found} == {
        topic: finding.verdict for topic, finding in expected.items()
    }
    with pytest.raises(AudioError, match="no recording at"):
        review_recording(tmp_path / "missing.wav")
