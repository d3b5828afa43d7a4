"""Hearing a voice before choosing it."""

from __future__ import annotations

import wave
from pathlib import Path

from pipeline.service import voice_samples


def test_embedded_voice_is_heard_at_once_and_made_only_once(tmp_path: Path) -> None:
    assert voice_samples.needs_download("joe") == 0
    made = voice_samples.sample("joe", tmp_path)
    with wave.open(str(made)) as sound:
        assert 0.8 < sound.getnframes() / sound.getframerate() < 6
    when = made.stat().st_mtime_ns
    assert voice_samples.sample("joe", tmp_path) == made and made.stat().st_mtime_ns == when


def test_a_voice_of_the_hub_says_what_it_downloads() -> None:
    assert voice_samples.needs_download("de_DE-thorsten-medium") > 50_000_000
