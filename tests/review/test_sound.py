"""The recording's review, on a spoken sentence spoilt in known ways."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.review import review_sound
from pipeline.speech import speak
from pipeline.types import RATE, Finding, Phone, Speech, join

TEXT = "The morning train was late again, so we walked along the river and talked about the summer."


@pytest.fixture(scope="module")
def speech() -> Speech:
    return join(speak(TEXT))


def judged(samples: np.ndarray, rate: int = RATE, phones: tuple[Phone, ...] = ()) -> dict[str, Finding]:
    return {finding.topic: finding for finding in review_sound(samples, rate, phones=phones)}


def test_a_clean_voice_is_good_in_everything(speech: Speech) -> None:
    findings = judged(speech.samples, phones=speech.phones)
    assert {topic: finding.verdict for topic, finding in findings.items()} == dict.fromkeys(
        ("level", "clipping", "noise", "pauses", "pace"), "good"
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
